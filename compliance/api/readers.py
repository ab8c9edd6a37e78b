"""Readers of body members that are not members of facts; they refuse in the ground floor's own words."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import Any

from compliance.domain.errors import DomainError
from compliance.domain.wire import read_text
from compliance.services.patients import MOST_IDENTIFIERS, MOST_NAME


def read_reason(value: object, field: str) -> str:
    """Read a text that may not be empty."""
    text = read_text(value, field)
    if not text.strip():
        raise DomainError("TEXT_MISSING", "a text is needed here", field=field, value=value)
    return text


def read_name(value: object, field: str) -> str:
    """Read what somebody or something is called."""
    text = read_reason(value, field)
    if len(text) > MOST_NAME:
        raise DomainError("NAME_TOO_LONG", f"give {MOST_NAME} characters at most", field=field, value=value)
    return text


def read_word(of: type[Enum]) -> Callable[[Any, str], Any]:
    """Make a reader for a closed list of words."""

    def read(value: object, field: str) -> Any:
        for word in of:
            if isinstance(value, str) and word.value == value:
                return word
        known = ", ".join(word.value for word in of)
        raise DomainError("UNKNOWN_WORD", f"give one of {known}", field=field, value=value)

    return read


def or_none(read: Callable[[Any, str], Any]) -> Callable[[Any, str], Any]:
    """Make a reader that takes null as well."""
    return lambda value, field: None if value is None else read(value, field)


def read_external_ids(value: object, field: str) -> tuple[tuple[str, str], ...]:
    """Read identifiers of other systems, each with the system that gave it."""
    if not isinstance(value, list) or len(value) > MOST_IDENTIFIERS:
        raise DomainError("NOT_A_LIST", f"give a list of {MOST_IDENTIFIERS} at most", field=field, value=value)
    return tuple(_external_id(one, f"{field}.{at}") for at, one in enumerate(value))


def _external_id(value: object, field: str) -> tuple[str, str]:
    if not isinstance(value, dict) or set(value) != {"system", "value"}:
        raise DomainError("IDENTIFIER_UNREADABLE", "give { system, value } for each", field=field, value=value)
    return read_name(value["system"], f"{field}.system"), read_name(value["value"], f"{field}.value")
