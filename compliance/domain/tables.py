"""Strict reading of parsed policy tables, so that a misspelt or missing member is never defaulted."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from enum import Enum
from typing import Any, TypeVar

from compliance.domain.errors import DomainError

Table = Mapping[str, Any]
W = TypeVar("W", bound=Enum)

MAX_COUNT = 100_000
CONFIDENCES = ("primary", "secondary", "unconfirmed", "house")
"""How sure a number is: seen in the regulator's text, in a source that read it, nowhere yet, or ours."""


def path(field: str, name: str) -> str:
    """The dotted path of a member, for messages."""
    return f"{field}.{name}" if field else name


def only(table: Table, known: Collection[str], field: str) -> None:
    """Refuse members that nobody reads."""
    unknown = sorted(str(name) for name in set(table) - set(known))
    if unknown:
        raise DomainError("UNKNOWN_MEMBER", "no such member here", field=path(field, unknown[0]))


def as_table(value: object, field: str) -> Table:
    """Accept a table."""
    if not isinstance(value, dict):
        raise DomainError("TABLE_MISSING", "a table is needed here", field=field, value=value)
    return value


def tables(raw: Table, name: str) -> list[Table]:
    """Read a list of tables; none at all is an empty list, which the gate refuses."""
    value = raw.get(name, [])
    if not isinstance(value, list) or not all(isinstance(v, dict) for v in value):
        raise DomainError("LIST_MISSING", "a list of tables is needed here", field=name)
    return value


def text(table: Table, name: str, field: str = "") -> str:
    """Read a text that says something."""
    value = table.get(name)
    if not isinstance(value, str) or not value.strip():
        raise DomainError("TEXT_MISSING", "a text is needed here", field=path(field, name), value=value)
    return value


def texts(table: Table, name: str, field: str = "") -> list[str]:
    """Read a list of texts that is not empty and says nothing twice."""
    value = table.get(name)
    if not isinstance(value, list) or not value or not all(isinstance(v, str) for v in value):
        raise DomainError("LIST_MISSING", "a list of words is needed here", field=path(field, name), value=value)
    if len(set(value)) != len(value):
        raise DomainError("WORD_TWICE", "say each word once", field=path(field, name), value=value)
    return value


def as_word(value: object, words: type[W], field: str) -> W:
    """Accept one word of a closed list."""
    for word in words:
        if word.value == value:
            return word
    known = ", ".join(word.value for word in words)
    raise DomainError("UNKNOWN_WORD", f"give one of {known}", field=field, value=value)


def words_in(table: Table, name: str, words: type[W], field: str = "") -> frozenset[W]:
    """Read a list of words of a closed list."""
    return frozenset(as_word(word, words, path(field, name)) for word in texts(table, name, field))


def as_truth(value: object, field: str) -> bool:
    """Accept true or false and nothing that merely looks like it."""
    if not isinstance(value, bool):
        raise DomainError("NOT_TRUE_OR_FALSE", "say true or false", field=field, value=value)
    return value


def as_count(value: object, field: str) -> int:
    """Accept a whole number that could count something; true is not 1."""
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MAX_COUNT:
        raise DomainError("NOT_A_COUNT", f"give a whole number from 0 to {MAX_COUNT}", field=field, value=value)
    return value


def cited(table: Table, sources: Collection[str], field: str) -> tuple[str, str]:
    """The source and confidence of a table of numbers; a source that does not resolve is an error."""
    source = text(table, "source", field)
    if source.partition("#")[0] not in sources:
        raise DomainError("SOURCE_UNKNOWN", "name an entry of [sources]", field=path(field, "source"), value=source)
    confidence = text(table, "confidence", field)
    if confidence not in CONFIDENCES:
        known = ", ".join(CONFIDENCES)
        raise DomainError("UNKNOWN_WORD", f"give one of {known}", field=path(field, "confidence"), value=confidence)
    return source, confidence
