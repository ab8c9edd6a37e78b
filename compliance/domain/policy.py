"""A policy: one programme's rules as they stood from one day on, read from plain data without defaults.

`read_policy` turns the parsed file into a `Policy` or says which member is wrong. The file's SHA-256 names it
for ever.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from enum import Enum
from typing import Any

from compliance.domain import tables
from compliance.domain.errors import DomainError
from compliance.domain.facts import Category, Channel, Reporter, TestKind, TestPlace
from compliance.domain.plain import read_date
from compliance.domain.requirements import Flexibility, Requirement, TestStandard
from compliance.domain.requirements.base import ChannelStandard
from compliance.domain.requirements.reading import read_requirement
from compliance.domain.span import Zone, zone
from compliance.domain.tables import CONFIDENCES, Table
from compliance.domain.version import Policy, Source, Status, Transition

__all__ = ["CONFIDENCES", "Policy", "Source", "Status", "Transition", "read_policy"]


NO_TEST_COUNTS = TestStandard(
    least_sensitive=0, kinds=frozenset(), reporters=frozenset(), places=frozenset(), relaxed_places={}
)
"""The standard of a programme that asks for no pregnancy test, should a requirement look for one after all."""

_TOP = frozenset({
    "id", "version", "title", "jurisdiction", "status", "in_force_from", "in_force_until", "time_zone",
    "products", "categories", "strictest_category", "sources", "pregnancy_test", "prescription",
    "flexibility", "requirement", "example", "pregnancy_test_after_first", "no_gate", "transition",
    "category_names", "layer_over",
})  # fmt: skip


def read_policy(raw: Mapping[str, Any], sha256: str) -> Policy:
    """Read one policy from its parsed file. Raises DomainError naming the member that is wrong."""
    tables.only(raw, _TOP, "")
    where = _zone(tables.text(raw, "time_zone"))
    sources = {name: _source(name, table) for name, table in _named(raw, "sources").items()}
    flexibilities = {
        name: _flexibility(name, table, where, sources) for name, table in _named(raw, "flexibility").items()
    }
    products = frozenset(tables.texts(raw, "products"))
    channels = _channels(_named(raw, "prescription"), flexibilities, sources)
    since, until = _in_force(raw)
    categories, strictest = _categories(raw)
    tests = _tests(raw, "pregnancy_test", flexibilities, sources) if "pregnancy_test" in raw else NO_TEST_COUNTS
    return Policy(
        id=tables.text(raw, "id"), version=tables.text(raw, "version"), title=tables.text(raw, "title"),
        jurisdiction=tables.text(raw, "jurisdiction"),
        status=tables.as_word(raw.get("status"), Status, "status"),
        in_force_from=since, in_force_until=until, zone=where, products=products,
        categories=categories, strictest=strictest,
        tests=tests,
        tests_after_first=_tests(raw, later, flexibilities, sources) if (later := "pregnancy_test_after_first") in raw
        else tests,
        flexibilities=tuple(flexibilities.values()), sources=sources,
        requirements=_requirements(raw, {"products": products, "channels": channels}, sources),
        sha256=sha256, raw=raw, ungated=_ungated(raw, categories, sources),
        transition=tables.as_word(raw.get("transition", "by_moment"), Transition, "transition"),
        category_names=_category_names(raw),
        layer_over=frozenset(tables.texts(raw, "layer_over")) if "layer_over" in raw else frozenset(),
    )  # fmt: skip


def _named(raw: Table, name: str) -> Table:
    return tables.as_table(raw.get(name), name)


def _zone(key: str) -> Zone:
    try:
        return zone(key)
    except DomainError as error:
        raise error.under("time_zone") from error


def _in_force(raw: Table) -> tuple[dt.date, dt.date | None]:
    since = read_date(raw.get("in_force_from"), "in_force_from")
    until = read_date(raw["in_force_until"], "in_force_until") if "in_force_until" in raw else None
    if until is not None and until < since:
        raise DomainError("NUMBERS_CONTRADICT", "it ends before it begins", field="in_force_until", value=until)
    return since, until


def _categories(raw: Table) -> tuple[tuple[Category, ...], Category]:
    words = tables.texts(raw, "categories")
    categories = tuple(tables.as_word(word, Category, "categories") for word in words)
    strictest = tables.as_word(raw.get("strictest_category"), Category, "strictest_category")
    if strictest not in categories:
        field = "strictest_category"
        raise DomainError("UNKNOWN_WORD", "name one of the policy's categories", field=field, value=strictest.value)
    return categories, strictest


def _ungated(raw: Table, categories: tuple[Category, ...], sources: Mapping[str, Source]) -> frozenset[Category]:
    if "no_gate" not in raw:
        return frozenset()
    table = _named(raw, "no_gate")
    tables.only(table, {"categories", "text", "source", "confidence"}, "no_gate")
    tables.cited(table, sources, "no_gate")
    tables.text(table, "text", "no_gate")
    found = tables.words_in(table, "categories", Category, "no_gate")
    if not found <= set(categories):
        raise DomainError("UNKNOWN_WORD", "name categories of the policy", field="no_gate.categories")
    return found


def _category_names(raw: Table) -> dict[Category, str]:
    names = tables.as_table(raw.get("category_names", {}), "category_names")
    return {
        tables.as_word(word, Category, "category_names"): tables.text(names, word, "category_names") for word in names
    }


def _requirements(raw: Table, shared: Mapping[str, Any], sources: Mapping[str, Source]) -> tuple[Requirement, ...]:
    found = tuple(
        read_requirement(table, f"requirement.{at}", shared, sources)
        for at, table in enumerate(tables.tables(raw, "requirement"))
    )
    ids = [requirement.id for requirement in found]
    twice = sorted({name for name in ids if ids.count(name) > 1})
    if twice:
        raise DomainError("ID_TWICE", "each requirement needs its own id", field="requirement", value=twice[0])
    return found


def _source(name: str, value: object) -> Source:
    field = f"sources.{name}"
    table = tables.as_table(value, field)
    tables.only(table, {"title", "publisher", "date", "checked", "url"}, field)
    return Source(
        name, tables.text(table, "title", field), tables.text(table, "publisher", field),
        read_date(table.get("date"), f"{field}.date"), read_date(table.get("checked"), f"{field}.checked"),
        tables.text(table, "url", field),
    )  # fmt: skip


def _flexibility(name: str, value: object, where: Zone, sources: Mapping[str, Source]) -> Flexibility:
    field = f"flexibility.{name}"
    table = tables.as_table(value, field)
    known = {"switched_on", "in_force_from", "in_force_until", "text", "source", "confidence"}
    tables.only(table, known, field)
    tables.cited(table, sources, field)
    tables.text(table, "text", field)
    until = table.get("in_force_until")
    return Flexibility(
        id=name, switched_on=tables.as_truth(table.get("switched_on"), f"{field}.switched_on"),
        since=where.start_of(read_date(table.get("in_force_from"), f"{field}.in_force_from")),
        until=None if until is None else where.end_of(read_date(until, f"{field}.in_force_until")),
    )  # fmt: skip


def _relaxed(
    table: Table, name: str, words: type[Enum], known: Mapping[str, Flexibility], field: str
) -> dict[Any, Flexibility]:
    out = {}
    outer = f"{field}.{name}"
    for word, flexibility in tables.as_table(table.get(name), outer).items():
        if not isinstance(flexibility, str) or flexibility not in known:
            raise DomainError("FLEXIBILITY_UNKNOWN", "name an entry of [flexibility]", field=outer, value=flexibility)
        out[tables.as_word(word, words, outer)] = known[flexibility]
    return out


def _tests(raw: Table, field: str, known: Mapping[str, Flexibility], sources: Mapping[str, Source]) -> TestStandard:
    table = _named(raw, field)
    own = {"least_sensitive", "kinds", "reporters", "places", "places_by_flexibility"}
    tables.only(table, own | {"text", "source", "confidence"}, field)
    tables.cited(table, sources, field)
    tables.text(table, "text", field)
    return TestStandard(
        least_sensitive=tables.as_count(table.get("least_sensitive"), f"{field}.least_sensitive"),
        kinds=tables.words_in(table, "kinds", TestKind, field),
        reporters=tables.words_in(table, "reporters", Reporter, field),
        places=tables.words_in(table, "places", TestPlace, field),
        relaxed_places=_relaxed(table, "places_by_flexibility", TestPlace, known, field),
    )


def _channels(table: Table, known: Mapping[str, Flexibility], sources: Mapping[str, Source]) -> ChannelStandard:
    field = "prescription"
    tables.only(table, {"channels", "channels_by_flexibility", "text", "source", "confidence"}, field)
    tables.cited(table, sources, field)
    tables.text(table, "text", field)
    return ChannelStandard(
        channels=tables.words_in(table, "channels", Channel, field),
        relaxed=_relaxed(table, "channels_by_flexibility", Channel, known, field),
    )
