"""One reading of facts for every door: case files, JSON, storage and exports share these names and refusals.

The plain form is a dict of strings, integers, booleans and lists. Reading is strict: unknown and missing
members, wrong types, unknown words and impossible dates are refused with the path of the field and the value.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields
from datetime import date
from enum import Enum
from functools import cache
from typing import Any, NamedTuple, get_type_hints

from compliance.domain import plain as p
from compliance.domain.errors import DomainError
from compliance.domain.facts import (
    FACTS,
    AdverseReaction,
    Category,
    Contraception,
    Enrolment,
    Fact,
    PregnancyTest,
    Prescription,
)
from compliance.domain.plain import read_date, read_instant, read_text, read_token, write_instant
from compliance.domain.span import Instant

__all__ = [
    "Field",
    "check_fact",
    "members",
    "read_category",
    "read_date",
    "read_fact",
    "read_instant",
    "read_text",
    "read_token",
    "write_fact",
    "write_instant",
]

GRADES = range(1, 6)
"""The grades of an adverse reaction, from mild to fatal."""
_FREE_TEXT = frozenset({"reason"})
_MAY_BE_EMPTY = frozenset({"corrects", "prescription", "cause"})

read_category = p.word_reader(Category)


class Field(NamedTuple):
    """How one member of a fact is read and written."""

    name: str
    required: bool
    default: Any
    read: Callable[[Any, str], Any]
    write: Callable[[Any], Any]


def _same(value: Any) -> Any:
    return value


def _write_methods(methods: Any) -> list[dict[str, str]]:
    return [{"method": m.method.value, "since": m.since.isoformat()} for m in methods]


def _write_date(value: date | None) -> str | None:
    return None if value is None else value.isoformat()


_PLAIN: dict[str, tuple[Callable[[Any, str], Any], Callable[[Any], Any]]] = {
    "<class 'bool'>": (p.read_bool, _same),
    "<class 'int'>": (p.read_count, _same),
    "int | None": (p.or_none(p.read_count), _same),
    "<class 'datetime.date'>": (read_date, _write_date),
    "datetime.date | None": (p.or_none(read_date), _write_date),
}


def _codec(name: str, hint: Any) -> tuple[Callable[[Any, str], Any], Callable[[Any], Any]]:
    text = str(hint)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return p.word_reader(hint), lambda word: word.value
    if text in _PLAIN:
        return _PLAIN[text]
    if name == "programme":
        return p.read_programme, _same
    if hint is str:
        return (read_text if name in _FREE_TEXT else p.or_empty if name in _MAY_BE_EMPTY else read_token), _same
    if "MethodInUse" in text:
        return p.list_reader(p.read_method, tuple), _write_methods
    if text.startswith("frozenset"):
        read_words = p.list_reader(p.word_reader(hint.__args__[0]), frozenset)
        return read_words, lambda words: sorted(w.value for w in words)
    if hint is Instant:
        return read_instant, write_instant
    raise TypeError(f"{name}: no reading for {hint}")


@cache
def _members(kind: str) -> tuple[Field, ...]:
    cls = FACTS[kind]
    hints = get_type_hints(cls)
    out = []
    for f in fields(cls):
        read, write = _codec(f.name, hints[f.name])
        required = f.default is MISSING
        if f.name == "prescription" and required:
            read = read_token
        out.append(Field(f.name, required, None if required else f.default, read, write))
    return tuple(out)


def members(cls: type[Fact]) -> tuple[Field, ...]:
    """The members of a kind of fact, in order: the single source of the schema, the reader and the writer."""
    return _members(cls.kind)


def read_fact(plain: object, field: str = "fact") -> Fact:
    """Read one fact from its plain form, or say exactly what is wrong with it.

    Raises DomainError. Times inside a fact are checked against each other here, because no door may skip it.
    """
    if not isinstance(plain, Mapping):
        raise DomainError("FACT_UNREADABLE", "give a fact as named members", field=field, value=plain)
    kind = plain.get("fact")
    cls = FACTS.get(kind) if isinstance(kind, str) else None
    if cls is None:
        raise DomainError("UNKNOWN_FACT", f"fact is one of {', '.join(FACTS)}", field=f"{field}.fact", value=kind)
    known = members(cls)
    unknown = sorted(str(name) for name in set(plain) - {"fact"} - {f.name for f in known})
    if unknown:
        raise DomainError("UNKNOWN_MEMBER", f"{kind} has no such member", field=f"{field}.{unknown[0][:40]}")
    values = {}
    for f in known:
        if f.name in plain:
            values[f.name] = f.read(plain[f.name], f"{field}.{f.name}")
        elif f.required:
            raise DomainError("MEMBER_MISSING", f"{kind} needs it", field=f"{field}.{f.name}")
    fact = cls(**values)
    check_fact(fact, field)
    return fact


def check_fact(fact: Fact, field: str = "fact") -> None:
    """Refuse facts that contradict themselves: learned before they happened, resulted too early, ..."""

    def refuse(code: str, message: str, member: str, value: object = None) -> None:
        raise DomainError(code, message, field=f"{field}.{member}", value=value)

    if fact.recorded_at < fact.at:
        message = "a fact cannot be recorded before it is true; check the dates"
        refuse("RECORDED_BEFORE_IT_HAPPENED", message, "at", write_instant(fact.at))
    if fact.corrects == fact.id:
        refuse(
            "CORRECTS_ITSELF",
            "a correction is a new fact; name the one it replaces",
            "corrects",
            fact.corrects,
        )
    if fact.kind == "retraction" and not fact.corrects:
        refuse("MEMBER_MISSING", "a retraction names the fact it retracts", "corrects")
    if isinstance(fact, PregnancyTest) and not fact.at <= fact.resulted_at <= fact.recorded_at:
        message = "a result comes after collection and before recording"
        refuse("RESULT_OUT_OF_ORDER", message, "resulted_at", write_instant(fact.resulted_at))
    if isinstance(fact, Enrolment) and fact.birth_date > fact.recorded_at.date():
        refuse("BORN_IN_THE_FUTURE", "check the birth date", "birth_date", fact.birth_date.isoformat())
    if isinstance(fact, Prescription) and not _is_possible(fact):
        message = "quantity, units a day and days on are at least 1, and the cycle has no fewer days than days on"
        refuse("REGIMEN_IMPOSSIBLE", message, "quantity", fact.quantity)
    if isinstance(fact, AdverseReaction) and fact.grade is not None and fact.grade not in GRADES:
        refuse("GRADE_IMPOSSIBLE", "a grade is 1 to 5; leave it out if nobody graded", "grade", fact.grade)
    if isinstance(fact, Contraception) and len({m.method for m in fact.methods}) != len(fact.methods):
        refuse("METHOD_TWICE", "state each method once, with one date", "methods")


def _is_possible(rx: Prescription) -> bool:
    return min(rx.quantity, rx.units_per_day, rx.days_on) >= 1 and rx.cycle_days >= rx.days_on


def write_fact(fact: Fact) -> dict[str, Any]:
    """The plain form of a fact; members at their default are left out: equal facts have equal text."""
    plain: dict[str, Any] = {"fact": fact.kind}
    for f in members(type(fact)):
        value = getattr(fact, f.name)
        if f.required or value != f.default:
            plain[f.name] = f.write(value)
    return plain
