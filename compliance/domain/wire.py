"""One reading of facts for every door: case files, JSON, storage and exports share these names, types and refusals.

The plain form is a dict of strings, integers, booleans and lists. Reading is strict: unknown and missing members,
wrong types, unknown words and impossible dates are refused with the path of the field and the value.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields
from datetime import UTC, date, datetime
from enum import Enum
from functools import cache
from typing import Any, NamedTuple, get_type_hints

from compliance.domain.errors import DomainError
from compliance.domain.facts import FACTS, Category, Fact, MethodInUse, Prescription
from compliance.domain.span import EARLIEST, LATEST, Instant, instant

_TOKEN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:\-]{0,63}")
_MAX_TEXT = 500
_MAX_LIST = 64
_MAX_COUNT = 100_000
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_FREE_TEXT = frozenset({"reason"})
_ENVELOPE = frozenset({"id", "at", "recorded_at", "actor", "precision", "corrects", "reason"})


class Field(NamedTuple):
    """How one member of a fact is read and written."""

    name: str
    required: bool
    default: Any
    read: Callable[[Any, str], Any]
    write: Callable[[Any], Any]


def read_instant(value: object, field: str) -> Instant:
    """Read an RFC 3339 time with an offset (string, or an aware datetime from TOML)."""
    if isinstance(value, datetime):
        return instant(value, field)
    if isinstance(value, str) and len(value) <= 40:
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            pass
        else:
            if "T" in value or " " in value:
                return instant(moment, field)
    raise DomainError(
        "TIME_UNREADABLE", "write a time as 2026-03-07T14:30:00-05:00", field=field, value=value
    )


def read_date(value: object, field: str) -> date:
    """Read a civil date."""
    found: date | None = None
    if isinstance(value, date) and not isinstance(value, datetime):
        found = value
    elif isinstance(value, str) and _DATE.fullmatch(value):
        try:
            found = date.fromisoformat(value)
        except ValueError:
            found = None
    if found is None:
        raise DomainError("DATE_UNREADABLE", "write a date as 2026-03-07", field=field, value=value)
    if not EARLIEST.date() <= found < LATEST.date():
        raise DomainError(
            "DATE_IMPLAUSIBLE", "a date must lie between 1900 and 2200", field=field, value=value
        )
    return found


def write_instant(moment: datetime) -> str:
    """UTC with microseconds, so that equal instants have equal text."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _read_bool(value: object, field: str) -> bool:
    if isinstance(value, bool):
        return value
    raise DomainError("NOT_TRUE_OR_FALSE", "say true or false", field=field, value=value)


def _read_count(value: object, field: str) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _MAX_COUNT:
        return value
    raise DomainError("NOT_A_COUNT", f"give a whole number from 0 to {_MAX_COUNT}", field=field, value=value)


def read_token(value: object, field: str) -> str:
    """Read an opaque id; "" is not an id."""
    if isinstance(value, str) and _TOKEN.fullmatch(value):
        return value
    raise DomainError(
        "NOT_AN_ID", "give an id of letters, digits and _.:- (64 at most)", field=field, value=value
    )


def read_text(value: object, field: str) -> str:
    """Read a short free text; control and invisible characters are refused."""
    if not isinstance(value, str) or len(value) > _MAX_TEXT:
        raise DomainError(
            "NOT_A_TEXT", f"give a text of {_MAX_TEXT} characters at most", field=field, value=value
        )
    text = unicodedata.normalize("NFC", value)
    if any(unicodedata.category(c) in ("Cc", "Cf", "Cs", "Co", "Cn") for c in text):
        raise DomainError(
            "CONTROL_CHARACTER", "remove control or invisible characters", field=field, value=value
        )
    return text


def _read_word(words: type[Enum]) -> Callable[[Any, str], Enum]:
    known = {word.value: word for word in words}

    def read(value: object, field: str) -> Enum:
        if isinstance(value, str) and value in known:
            return known[value]
        raise DomainError("UNKNOWN_WORD", f"give one of {', '.join(known)}", field=field, value=value)

    return read


def _read_method(value: object, field: str) -> MethodInUse:
    from compliance.domain.facts import Method  # noqa: PLC0415 - only this reader needs it

    if not isinstance(value, dict) or set(value) != {"method", "since"}:
        raise DomainError(
            "METHOD_UNREADABLE", "give { method, since } for each method", field=field, value=value
        )
    method = _read_word(Method)(value["method"], f"{field}.method")
    assert isinstance(method, Method)
    return MethodInUse(method, read_date(value["since"], f"{field}.since"))


def _read_list(
    read_one: Callable[[Any, str], Any], made: Callable[[list[Any]], Any]
) -> Callable[[Any, str], Any]:
    def read(value: object, field: str) -> Any:
        if not isinstance(value, list) or len(value) > _MAX_LIST:
            raise DomainError("NOT_A_LIST", f"give a list of {_MAX_LIST} at most", field=field, value=value)
        return made([read_one(one, f"{field}.{at}") for at, one in enumerate(value)])

    return read


def _optional(read: Callable[[Any, str], Any]) -> Callable[[Any, str], Any]:
    return lambda value, field: None if value is None else read(value, field)


def _or_empty(value: object, field: str) -> str:
    return "" if value == "" else read_token(value, field)


def _codec(name: str, hint: Any) -> tuple[Callable[[Any, str], Any], Callable[[Any], Any]]:
    same: Callable[[Any], Any] = lambda value: value  # noqa: E731 - the identity, named once
    text = str(hint)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return _read_word(hint), lambda value: value.value
    if hint is bool:
        return _read_bool, same
    if hint is int:
        return _read_count, same
    if text == "int | None":
        return _optional(_read_count), same
    if hint is str:
        return (read_text if name in _FREE_TEXT else _or_empty if name in _MAY_BE_EMPTY else read_token), same
    if "MethodInUse" in text:
        return _read_list(_read_method, tuple), lambda ms: [
            {"method": m.method.value, "since": m.since.isoformat()} for m in ms
        ]
    if text.startswith("frozenset"):
        return _read_list(_read_word(hint.__args__[0]), frozenset), lambda words: sorted(
            w.value for w in words
        )
    if hint is date:
        return read_date, lambda value: value.isoformat()
    if text == "datetime.date | None":
        return _optional(read_date), lambda value: value.isoformat() if value else None
    assert hint is Instant, f"{name}: no reading for {hint}"
    return read_instant, write_instant


_MAY_BE_EMPTY = frozenset({"corrects", "prescription", "cause"})


@cache
def members(cls: type[Fact]) -> tuple[Field, ...]:
    """The members of a kind of fact, in order: the single source of the schema, the reader and the writer."""
    hints = get_type_hints(cls)
    out = []
    for f in fields(cls):
        read, write = _codec(f.name, hints[f.name])
        required = f.default is MISSING
        if f.name == "prescription" and required:
            read = read_token
        out.append(Field(f.name, required, None if required else f.default, read, write))
    return tuple(out)


def read_fact(plain: Mapping[str, Any], field: str = "fact") -> Fact:
    """Read one fact from its plain form, or say exactly what is wrong with it.

    Raises DomainError. Times inside a fact are checked against each other here, because no door may skip it.
    """
    kind = plain.get("fact")
    cls = FACTS.get(kind) if isinstance(kind, str) else None
    if cls is None:
        raise DomainError(
            "UNKNOWN_FACT", f"fact is one of {', '.join(FACTS)}", field=f"{field}.fact", value=kind
        )
    known = members(cls)
    unknown = sorted(set(plain) - {"fact"} - {f.name for f in known})
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
    """Refuse facts that contradict themselves: learned before they happened, resulted before collected, and so on."""
    if fact.recorded_at < fact.at:
        raise DomainError("RECORDED_BEFORE_IT_HAPPENED", "a fact cannot be recorded before it is true; check the dates",
                          field=f"{field}.at", value=write_instant(fact.at))  # fmt: skip
    resulted = getattr(fact, "resulted_at", None)
    if resulted is not None and not fact.at <= resulted <= fact.recorded_at:
        raise DomainError("RESULT_OUT_OF_ORDER", "a result comes after collection and before recording",
                          field=f"{field}.resulted_at", value=write_instant(resulted))  # fmt: skip
    birth = getattr(fact, "birth_date", None)
    if birth is not None and birth > fact.recorded_at.date():
        raise DomainError(
            "BORN_IN_THE_FUTURE", "check the birth date", field=f"{field}.birth_date", value=birth.isoformat()
        )
    if fact.kind == "retraction" and not fact.corrects:
        raise DomainError(
            "MEMBER_MISSING", "a retraction names the fact it retracts", field=f"{field}.corrects"
        )
    if isinstance(fact, Prescription) and (
        min(fact.quantity, fact.units_per_day, fact.days_on) < 1 or fact.cycle_days < fact.days_on
    ):
        raise DomainError("REGIMEN_IMPOSSIBLE", "quantity, units a day and days on are at least 1, and no more days on than the cycle has",
                          field=f"{field}.quantity", value=fact.quantity)  # fmt: skip


def write_fact(fact: Fact) -> dict[str, Any]:
    """The plain form of a fact; members at their default are left out, so that equal facts have equal text."""
    plain: dict[str, Any] = {"fact": fact.kind}
    for f in members(type(fact)):
        value = getattr(fact, f.name)
        if f.required or value != f.default:
            plain[f.name] = f.write(value)
    return plain


def read_category(value: object, field: str) -> Category:
    """Read a risk category by its wire name."""
    word = _read_word(Category)(value, field)
    assert isinstance(word, Category)
    return word
