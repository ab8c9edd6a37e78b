"""Strict readers for the plain values that facts and policies are written in, shared by every door."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import UTC, date, datetime
from enum import Enum
from typing import Any, TypeVar

from compliance.domain.errors import DomainError
from compliance.domain.facts import Method, MethodInUse
from compliance.domain.span import EARLIEST, LATEST, Instant, instant
from compliance.domain.tables import as_count, as_truth

T = TypeVar("T")
W = TypeVar("W", bound=Enum)
Read = Callable[[Any, str], T]

_MAX_TEXT = 500
_MAX_LIST = 64
_TOKEN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:\-]{0,63}")
_PROGRAMME = re.compile(r"[a-z]{2,10}/[a-z0-9][a-z0-9\-]{0,60}")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIME = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ]([01][0-9]|2[0-3]):[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?"
    r"(Z|[+-][0-9]{2}:[0-9]{2})?"
)
_NOT_FOR_TEXT = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})

read_bool = as_truth
read_count = as_count


def read_instant(value: object, field: str) -> Instant:
    """Read an RFC 3339 time with an offset (string, or an aware datetime from TOML)."""
    if isinstance(value, datetime):
        return instant(value, field)
    if isinstance(value, str) and _TIME.fullmatch(value):
        try:
            return instant(datetime.fromisoformat(value), field)
        except DomainError:
            raise
        except ValueError:  # a day or an hour that no clock shows
            pass
    raise DomainError("TIME_UNREADABLE", "write a time as 2026-03-07T14:30:00-05:00", field=field, value=value)


def write_instant(moment: datetime) -> str:
    """UTC with microseconds, so that equal instants have equal text."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


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
        raise DomainError("DATE_IMPLAUSIBLE", "a date must lie between 1900 and 2200", field=field, value=value)
    return found


def read_token(value: object, field: str) -> str:
    """Read an opaque id; "" is not an id."""
    if isinstance(value, str) and _TOKEN.fullmatch(value):
        return value
    raise DomainError("NOT_AN_ID", "give an id of letters, digits and _.:- (64 at most)", field=field, value=value)


def read_text(value: object, field: str) -> str:
    """Read a short free text; control and invisible characters are refused."""
    text = unicodedata.normalize("NFC", value) if isinstance(value, str) and len(value) <= _MAX_TEXT else None
    if text is None or len(text) > _MAX_TEXT:  # composing can also lengthen a text
        raise DomainError("NOT_A_TEXT", f"give a text of {_MAX_TEXT} characters at most", field=field, value=value)
    if any(unicodedata.category(c) in _NOT_FOR_TEXT for c in text):
        raise DomainError("CONTROL_CHARACTER", "remove control or invisible characters", field=field, value=value)
    return text


def or_empty(value: object, field: str) -> str:
    """Read an id that may be left empty."""
    return "" if value == "" else read_token(value, field)


def read_programme(value: object, field: str) -> str:
    """Read the id of a programme, or "" for none in particular."""
    if value == "" or (isinstance(value, str) and _PROGRAMME.fullmatch(value)):
        return str(value)
    raise DomainError("NOT_A_PROGRAMME", "name it as us/lenalidomide-rems", field=field, value=value)


def word_reader(words: type[W]) -> Read[W]:
    """A reader for one closed list of words."""
    known = {word.value: word for word in words}

    def read(value: object, field: str) -> W:
        if isinstance(value, str) and value in known:
            return known[value]
        raise DomainError("UNKNOWN_WORD", f"give one of {', '.join(known)}", field=field, value=value)

    return read


_read_method_word = word_reader(Method)


def read_method(value: object, field: str) -> MethodInUse:
    """Read one method of contraception and the day since which it is in use."""
    if not isinstance(value, dict) or set(value) != {"method", "since"}:
        raise DomainError("METHOD_UNREADABLE", "give { method, since } for each method", field=field, value=value)
    method = _read_method_word(value["method"], f"{field}.method")
    return MethodInUse(method, read_date(value["since"], f"{field}.since"))


def list_reader(read_one: Read[Any], made: Callable[[list[Any]], T]) -> Read[T]:
    """A reader for a short list."""

    def read(value: object, field: str) -> T:
        if not isinstance(value, list) or len(value) > _MAX_LIST:
            raise DomainError("NOT_A_LIST", f"give a list of {_MAX_LIST} at most", field=field, value=value)
        return made([read_one(one, f"{field}.{at}") for at, one in enumerate(value)])

    return read


def or_none(read: Read[T]) -> Read[T | None]:
    """A reader for what may be unknown."""
    return lambda value, field: None if value is None else read(value, field)
