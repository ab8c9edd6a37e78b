"""Reads the text of stored facts several times faster than JSON and the strict reader, for scans of everybody.

Only the shape that `write_fact` gives a text is recognised here, member by member in one regular expression;
whatever looks otherwise goes to the strict reader, which accepts or refuses it. Values other than ids and
times are read by the strict reader too, once for each text, and remembered.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

from compliance.domain.errors import DomainError
from compliance.domain.facts import FACTS, Fact
from compliance.domain.plain import or_empty, read_instant, read_token
from compliance.domain.wire import Field, check_fact, members, read_fact
from compliance.storage.errors import RecordUnreadable

_ID = r"[A-Za-z0-9][A-Za-z0-9_.:\-]{0,63}"
_TIME = r"(?:19|20|21)[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z"
_OTHER = r'"[^"\\]*"|[0-9]+|true|false|null|\[[^\[\]\\]*\]'
_READS_ID = (read_token, or_empty)
_KEPT = 20_000
_HEAD = '{"fact":"'
_READ_WHOLE = frozenset({"corrects", "reason"})
"""A correction is rare: it is left to the strict reader."""


class _Known(dict[str | None, Any]):
    """What a member's text means: read strictly when first met; what was left out stands in it already."""

    def __init__(self, field: Field) -> None:
        super().__init__({} if field.required else {None: field.default})
        self._field = field

    def __missing__(self, text: str) -> Any:
        value = self._field.read(json.loads(text), self._field.name)
        if len(self) > _KEPT:  # bounded: birth dates and starts of methods are many
            self.clear()
            if not self._field.required:
                self[None] = self._field.default
        self[text] = value
        return value


class _Reader:
    """Reads the facts of one kind."""

    __slots__ = ("_cls", "_match", "_parts", "_unsaid")

    def __init__(self, cls: type[Fact]) -> None:
        said = [field for field in members(cls) if field.name not in _READ_WHOLE]
        self._cls = cls
        self._match = re.compile(f'{{"fact":"{cls.kind}"{"".join(map(_pattern, said))}}}').fullmatch
        # Facts are frozen; their slots are filled one by one here as their own constructor does it, in half the time.
        self._parts = tuple((getattr(cls, field.name).__set__, _read_of(field)) for field in said)
        self._unsaid = tuple(
            (getattr(cls, field.name).__set__, field.default) for field in members(cls) if field.name in _READ_WHOLE
        )

    def read(self, text: str) -> Fact | None:
        """The fact, or None where the text has another shape."""
        match = self._match(text)
        if match is None:
            return None
        fact = object.__new__(self._cls)
        for (put, read), found in zip(self._parts, match.groups()):  # noqa: B905 - as many as the pattern has
            put(fact, read(found))
        for put, unsaid in self._unsaid:
            put(fact, unsaid)
        check_fact(fact)
        return fact


def _pattern(field: Field) -> str:
    if field.read is read_instant:
        value = f'"({_TIME})"'
    elif field.read in _READS_ID:
        value = f'"({_ID})"'
    else:
        value = f"({_OTHER})"
    text = f',"{field.name}":{value}'
    return text if field.required else f"(?:{text})?"


def _read_of(field: Field) -> Callable[[Any], Any]:
    if field.read is read_instant:
        return datetime.fromisoformat
    if field.read in _READS_ID:
        return str if field.required else lambda found: field.default if found is None else found
    return _Known(field).__getitem__


_READERS = {kind: _Reader(cls) for kind, cls in FACTS.items()}


def read_stored(text: str) -> Fact:
    """Read one stored fact. Raises RecordUnreadable."""
    try:
        reader = _READERS.get(text[len(_HEAD) : text.find('"', len(_HEAD))])
        fact = None if reader is None else reader.read(text)
        return read_fact(json.loads(text)) if fact is None else fact
    except (DomainError, ValueError, RecursionError) as error:
        raise RecordUnreadable("a stored fact cannot be read") from error
