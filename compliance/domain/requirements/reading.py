"""From a table of a policy file to a requirement: every parameter read by its type, none defaulted."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import fields
from enum import Enum
from functools import cache
from typing import Any, get_type_hints

from compliance.domain import tables
from compliance.domain.decision import Weight
from compliance.domain.errors import DomainError
from compliance.domain.facts import Category, Step
from compliance.domain.requirements import KINDS
from compliance.domain.requirements.base import Requirement, When
from compliance.domain.span import Elapsed, read_days, read_months, read_span
from compliance.domain.tables import Table

_IDENT = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_COMMON = frozenset({"id", "kind", "text", "source", "confidence", "when", "if_unmet"})
_DAY_COUNTS = frozenset({
    "youngest", "oldest", "weekly_for", "weekly_every", "then_every", "then_every_if_irregular", "lead_in",
    "urgent_lead_in", "wait", "or_abstinent_for", "often_for", "often_every",
})  # fmt: skip
_DAYS_OF_KINDS = frozenset(
    {
        ("tests_apart", "at_least"),
        ("test_before_lead_in", "at_least"),
        ("test_interval", "every"),
        ("lab_known", "within"),
    }
)
"""Members that count days in these kinds, and something else in others."""
_MONTH_COUNTS = frozenset({"menopause_months", "lapses_after_months"})


def read_requirement(table: Table, field: str, shared: Mapping[str, Any], sources: Collection[str]) -> Requirement:
    """Read one requirement; `shared` holds what the policy says once for all of them.

    Raises DomainError naming the member that is wrong.
    """
    kind = table.get("kind")
    cls = KINDS.get(kind) if isinstance(kind, str) else None
    if cls is None:
        known = ", ".join(KINDS)
        raise DomainError("UNKNOWN_KIND", f"kind is one of {known}", field=f"{field}.kind", value=kind)
    name = tables.text(table, "id", field)
    if not _IDENT.fullmatch(name):
        raise DomainError("NOT_AN_ID", "write lower-case words joined by hyphens", field=f"{field}.id", value=name)
    source, confidence = tables.cited(table, sources, field)
    requirement = cls(
        id=name, text=tables.text(table, "text", field), source=source, confidence=confidence,
        when=_when(table.get("when", {}), f"{field}.when"), if_unmet=_weight(table, field),
        **_parameters(cls, table, field, shared),
    )  # fmt: skip
    _check_asks(requirement, field)
    _check_order(requirement, field)
    return requirement


@cache
def _hints(kind: str) -> dict[str, Any]:
    """Worked out once for each kind: a catalogue of many policies asks thousands of times."""
    return get_type_hints(KINDS[kind])


def _parameters(cls: type[Requirement], table: Table, field: str, shared: Mapping[str, Any]) -> dict[str, Any]:
    hints = _hints(cls.kind)
    names = [f.name for f in fields(cls) if f.name not in _COMMON]
    own = [name for name in names if name not in shared]
    tables.only(table, _COMMON | set(own), field)
    values = {name: shared[name] for name in names if name in shared}
    for name in own:
        if name not in table:
            raise DomainError("MEMBER_MISSING", f"{cls.kind} needs it", field=f"{field}.{name}")
        is_days = name in _DAY_COUNTS or (cls.kind, name) in _DAYS_OF_KINDS
        values[name] = (
            read_days(table[name], f"{field}.{name}") if is_days else _parameter(name, hints[name], table, field)
        )
    return values


def _parameter(name: str, hint: Any, table: Table, outer: str) -> Any:
    value, field = table[name], f"{outer}.{name}"
    if name in _MONTH_COUNTS:
        return None if value == "none" and "None" in str(hint) else read_months(value, field)
    if hint is int:
        return tables.as_count(value, field)
    if hint is bool:
        return tables.as_truth(value, field)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return tables.as_word(value, hint, field)
    if hint == frozenset[str]:
        return frozenset(tables.texts(table, name, outer))
    if str(hint).startswith("frozenset"):
        return frozenset() if value == [] else tables.words_in(table, name, hint.__args__[0], outer)
    span = read_span(value, field)
    if hint is Elapsed and not isinstance(span, Elapsed):
        raise DomainError("SPAN_UNREADABLE", "give elapsed hours such as PT24H", field=field, value=value)
    return span


def _weight(table: Table, field: str) -> Weight:
    return tables.as_word(table["if_unmet"], Weight, f"{field}.if_unmet") if "if_unmet" in table else Weight.REFUSE


def _when(value: object, field: str) -> When:
    table = tables.as_table(value, field)
    tables.only(table, {"steps", "categories", "first"}, field)
    return When(
        steps=tables.words_in(table, "steps", Step, field) if "steps" in table else frozenset(),
        categories=tables.words_in(table, "categories", Category, field) if "categories" in table else frozenset(),
        first=tables.as_truth(table["first"], f"{field}.first") if "first" in table else None,
    )


def _check_asks(requirement: Requirement, field: str) -> None:
    """Refuse none where some are needed, because that is met by a patient of whom nothing is known."""
    for name in ("reviewers", "methods", "topics", "statements", "first_days"):
        value = getattr(requirement, name, None)
        if value in (0, frozenset()):
            raise DomainError("ASKS_NOTHING", "ask for at least one", field=f"{field}.{name}", value=value)


def _check_order(requirement: Requirement, field: str) -> None:
    """Refuse pairs of numbers that contradict each other, because no fact could ever meet them."""
    pairs = ("youngest", "oldest"), ("of_them_highly_effective", "methods"), ("often_every", "often_for")
    for least, most in pairs:
        low, high = getattr(requirement, least, 0), getattr(requirement, most, 0)
        if low > high:
            raise DomainError("NUMBERS_CONTRADICT", f"{least} is at most {most}", field=f"{field}.{least}", value=low)
