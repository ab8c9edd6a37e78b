"""A policy: one programme's rules as they stood from one day on, read from plain data with nothing left to default.

`read_policy` turns the parsed file into a `Policy` or says which member is wrong. The file's SHA-256 names it for ever.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from enum import Enum
from functools import cached_property
from typing import Any, get_type_hints

from compliance.domain.errors import DomainError
from compliance.domain.facts import Category, Channel, Reporter, Step, TestKind, TestPlace
from compliance.domain.requirements import KINDS, Flexibility, Requirement, TestStandard, When
from compliance.domain.requirements.base import ChannelStandard
from compliance.domain.span import Elapsed, Instant, Zone, read_days, read_months, read_span, zone
from compliance.domain.wire import read_date


class Status(Enum):
    """Whether a policy may allow anything: the gate refuses under drafts and retired versions."""

    ACTIVE = "active"
    DRAFT = "draft"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True)
class Source:
    """A document that a number rests on; `checked` is when somebody last compared it with the original."""

    id: str
    title: str
    publisher: str
    date: date
    checked: date
    url: str


@dataclass(frozen=True, kw_only=True)
class Policy:
    """One version of one programme's rules."""

    id: str
    version: str
    title: str
    jurisdiction: str
    status: Status
    in_force_from: date
    in_force_until: date | None
    zone: Zone
    products: frozenset[str]
    categories: tuple[Category, ...]
    strictest: Category
    tests: TestStandard
    flexibilities: tuple[Flexibility, ...]
    sources: dict[str, Source]
    requirements: tuple[Requirement, ...]
    sha256: str
    raw: Mapping[str, Any]

    @cached_property
    def starts_at(self) -> Instant:
        """The first instant in force."""
        return self.zone.start_of(self.in_force_from)

    @cached_property
    def ends_at(self) -> Instant | None:
        """The exclusive end of the time in force; None while no successor is known."""
        return None if self.in_force_until is None else self.zone.end_of(self.in_force_until)

    @cached_property
    def _selected(self) -> dict[tuple[Step, Category, bool], tuple[Requirement, ...]]:
        return {}

    def selected(self, step: Step, category: Category | None, is_first: bool) -> tuple[Requirement, ...]:
        """The requirements asked in a situation, in the file's order; an unknown category is taken as the strictest."""
        key = step, category or self.strictest, is_first
        found = self._selected.get(key)
        if found is None:
            found = tuple(r for r in self.requirements if r.when.applies(*key))
            self._selected[key] = found
        return found


_IDENT = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_TOP = frozenset({
    "id", "version", "title", "jurisdiction", "status", "in_force_from", "in_force_until", "time_zone", "products",
    "categories", "strictest_category", "sources", "pregnancy_test", "prescription", "flexibility", "requirement", "example",
})  # fmt: skip
_COMMON = frozenset({"id", "kind", "text", "source", "confidence", "when"})
CONFIDENCES = ("primary", "secondary", "unconfirmed", "house")
"""How sure a number is: seen in the regulator's text, in a source that read it, nowhere yet, or our own safety rule."""


def read_policy(raw: Mapping[str, Any], sha256: str) -> Policy:
    """Read one policy from its parsed file. Raises DomainError naming the member that is wrong."""
    _only(raw, _TOP, "")
    where = zone(_text(raw, "time_zone"))
    sources = {name: _source(name, table) for name, table in _table(raw, "sources").items()}
    flexibilities = {
        name: _flexibility(name, table, where, sources) for name, table in _table(raw, "flexibility").items()
    }
    products = frozenset(_texts(raw, "products"))
    shared = {
        "products": products,
        "channels": _channels(_table(raw, "prescription"), flexibilities, sources),
    }
    requirements = tuple(
        _requirement(table, f"requirement.{at}", shared, sources)
        for at, table in enumerate(_list(raw, "requirement"))
    )
    ids = [r.id for r in requirements]
    if len(set(ids)) != len(ids):
        raise DomainError("ID_TWICE", "each requirement needs its own id", field="requirement", value=ids)
    until = raw.get("in_force_until")
    return Policy(
        id=_text(raw, "id"), version=_text(raw, "version"), title=_text(raw, "title"),
        jurisdiction=_text(raw, "jurisdiction"), status=_word(raw, "status", Status),
        in_force_from=read_date(raw.get("in_force_from"), "in_force_from"),
        in_force_until=None if until is None else read_date(until, "in_force_until"),
        zone=where, products=products, categories=tuple(Category(w) for w in _texts(raw, "categories")),
        strictest=_word(raw, "strictest_category", Category),
        tests=_tests(_table(raw, "pregnancy_test"), flexibilities, sources),
        flexibilities=tuple(flexibilities.values()), sources=sources, requirements=requirements, sha256=sha256, raw=raw,
    )  # fmt: skip


def _only(table: Mapping[str, Any], known: frozenset[str] | set[str], field: str) -> None:
    unknown = sorted(set(table) - known)
    if unknown:
        raise DomainError("UNKNOWN_MEMBER", "no such member here", field=f"{field}.{unknown[0]}".lstrip("."))


def _table(raw: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = raw.get(name)
    if not isinstance(value, dict):
        raise DomainError("TABLE_MISSING", "a table is needed here", field=name, value=value)
    return value


def _list(raw: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    value = raw.get(name, [])
    if not isinstance(value, list) or not all(isinstance(v, dict) for v in value):
        raise DomainError("LIST_MISSING", "a list of tables is needed here", field=name)
    return value


def _text(raw: Mapping[str, Any], name: str, field: str = "") -> str:
    value = raw.get(name)
    if not isinstance(value, str) or not value.strip():
        raise DomainError(
            "TEXT_MISSING", "a text is needed here", field=f"{field}.{name}".lstrip("."), value=value
        )
    return value


def _texts(raw: Mapping[str, Any], name: str) -> list[str]:
    value = raw.get(name)
    if not isinstance(value, list) or not value or not all(isinstance(v, str) for v in value):
        raise DomainError("LIST_MISSING", "a list of words is needed here", field=name, value=value)
    return value


def _word(raw: Mapping[str, Any], name: str, words: type[Enum]) -> Any:
    try:
        return words(raw.get(name))
    except ValueError as error:
        known = ", ".join(w.value for w in words)
        raise DomainError("UNKNOWN_WORD", f"give one of {known}", field=name, value=raw.get(name)) from error


def _cited(table: Mapping[str, Any], sources: Mapping[str, Source], field: str) -> tuple[str, str]:
    """The source and confidence of a table of numbers; a source that does not resolve is an error."""
    source = _text(table, "source", field)
    if source.partition("#")[0] not in sources:
        raise DomainError(
            "SOURCE_UNKNOWN", "name an entry of [sources]", field=f"{field}.source", value=source
        )
    confidence = _text(table, "confidence", field)
    if confidence not in CONFIDENCES:
        raise DomainError(
            "UNKNOWN_WORD",
            f"give one of {', '.join(CONFIDENCES)}",
            field=f"{field}.confidence",
            value=confidence,
        )
    return source, confidence


def _source(name: str, table: Any) -> Source:
    field = f"sources.{name}"
    if not isinstance(table, dict):
        raise DomainError("TABLE_MISSING", "a table is needed here", field=field)
    _only(table, {"title", "publisher", "date", "checked", "url"}, field)
    return Source(
        name, _text(table, "title", field), _text(table, "publisher", field),
        read_date(table.get("date"), f"{field}.date"), read_date(table.get("checked"), f"{field}.checked"),
        _text(table, "url", field),
    )  # fmt: skip


def _flexibility(name: str, table: Any, where: Zone, sources: Mapping[str, Source]) -> Flexibility:
    field = f"flexibility.{name}"
    _only(table, {"switched_on", "in_force_from", "in_force_until", "text", "source", "confidence"}, field)
    _cited(table, sources, field)
    until = table.get("in_force_until")
    if not isinstance(table.get("switched_on"), bool):
        raise DomainError("NOT_TRUE_OR_FALSE", "say true or false", field=f"{field}.switched_on")
    return Flexibility(
        id=name, switched_on=table["switched_on"],
        since=where.start_of(read_date(table.get("in_force_from"), f"{field}.in_force_from")),
        until=None if until is None else where.end_of(read_date(until, f"{field}.in_force_until")),
    )  # fmt: skip


def _relaxed(
    table: Mapping[str, Any], name: str, words: type[Enum], known: Mapping[str, Flexibility]
) -> dict[Any, Flexibility]:
    out = {}
    for word, flexibility in _table(table, name).items():
        if flexibility not in known:
            raise DomainError(
                "FLEXIBILITY_UNKNOWN", "name an entry of [flexibility]", field=name, value=flexibility
            )
        out[_word({name: word}, name, words)] = known[flexibility]
    return out


def _words(table: Mapping[str, Any], name: str, words: type[Enum]) -> frozenset[Any]:
    return frozenset(_word({name: word}, name, words) for word in _texts(table, name))


def _tests(
    table: Mapping[str, Any], known: Mapping[str, Flexibility], sources: Mapping[str, Source]
) -> TestStandard:
    _only(
        table,
        {
            "least_sensitive",
            "kinds",
            "reporters",
            "places",
            "places_by_flexibility",
            "text",
            "source",
            "confidence",
        },
        "pregnancy_test",
    )
    _cited(table, sources, "pregnancy_test")
    return TestStandard(
        least_sensitive=_count(table.get("least_sensitive"), "pregnancy_test.least_sensitive"),
        kinds=_words(table, "kinds", TestKind), reporters=_words(table, "reporters", Reporter),
        places=_words(table, "places", TestPlace),
        relaxed_places=_relaxed(table, "places_by_flexibility", TestPlace, known),
    )  # fmt: skip


def _channels(
    table: Mapping[str, Any], known: Mapping[str, Flexibility], sources: Mapping[str, Source]
) -> ChannelStandard:
    _only(table, {"channels", "channels_by_flexibility", "text", "source", "confidence"}, "prescription")
    _cited(table, sources, "prescription")
    return ChannelStandard(
        channels=_words(table, "channels", Channel),
        relaxed=_relaxed(table, "channels_by_flexibility", Channel, known),
    )


def _count(value: object, field: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= 100_000:
        raise DomainError("NOT_A_COUNT", "give a whole number from 0 to 100000", field=field, value=value)
    return value


def _when(value: object, field: str) -> When:
    table = value if isinstance(value, dict) else {}
    _only(table, {"steps", "categories", "first"}, field)
    first = table.get("first")
    if first is not None and not isinstance(first, bool):
        raise DomainError("NOT_TRUE_OR_FALSE", "say true or false", field=f"{field}.first", value=first)
    return When(
        steps=_words(table, "steps", Step) if "steps" in table else frozenset(),
        categories=_words(table, "categories", Category) if "categories" in table else frozenset(),
        first=first,
    )


def _requirement(
    table: Mapping[str, Any], field: str, shared: Mapping[str, Any], sources: Mapping[str, Source]
) -> Requirement:
    cls = KINDS.get(str(table.get("kind")))
    if cls is None:
        raise DomainError(
            "UNKNOWN_KIND",
            f"kind is one of {', '.join(KINDS)}",
            field=f"{field}.kind",
            value=table.get("kind"),
        )
    name = _text(table, "id", field)
    if not _IDENT.fullmatch(name):
        raise DomainError(
            "NOT_AN_ID", "an id is lower-case words joined by hyphens", field=f"{field}.id", value=name
        )
    hints = get_type_hints(cls)
    own = [f.name for f in fields(cls) if f.name not in _COMMON and f.name not in shared]
    _only(table, _COMMON | set(own), field)
    values: dict[str, Any] = {f.name: shared[f.name] for f in fields(cls) if f.name in shared}
    for member in own:
        if member not in table:
            raise DomainError("MEMBER_MISSING", f"{cls.kind} needs it", field=f"{field}.{member}")
        values[member] = _parameter(member, hints[member], table, f"{field}.{member}")
    source, confidence = _cited(table, sources, field)
    return cls(
        id=name, text=_text(table, "text", field), source=source, confidence=confidence,
        when=_when(table.get("when", {}), f"{field}.when"), **values,
    )  # fmt: skip


_DAY_COUNTS = frozenset(
    {"youngest", "oldest", "weekly_for", "weekly_every", "then_every", "then_every_if_irregular", "lead_in"}
)
_MONTH_COUNTS = frozenset({"menopause_months", "lapses_after_months"})


def _parameter(name: str, hint: Any, table: Mapping[str, Any], field: str) -> Any:
    value = table[name]
    if name in _DAY_COUNTS:
        return read_days(value, field)
    if name in _MONTH_COUNTS:
        return None if value == "none" and "None" in str(hint) else read_months(value, field)
    if hint is int:
        return _count(value, field)
    if hint is bool:
        if not isinstance(value, bool):
            raise DomainError("NOT_TRUE_OR_FALSE", "say true or false", field=field, value=value)
        return value
    if isinstance(hint, type) and issubclass(hint, Enum):
        return _word({field: value}, field, hint)
    if str(hint).startswith("frozenset"):
        words = hint.__args__[0]
        return _words({field: value}, field, words) if value != [] else frozenset()
    span = read_span(value, field)
    if hint is Elapsed and not isinstance(span, Elapsed):
        raise DomainError("SPAN_UNREADABLE", "give elapsed hours such as PT24H", field=field, value=value)
    return span
