"""Every small change to a policy that some example must notice: numbers, words, switches, filters.

A number that could be changed unnoticed is a number that nobody has proven.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from enum import Enum
from typing import Any, NamedTuple, get_type_hints

from compliance.domain.decision import Weight
from compliance.domain.facts import Category, Channel, Reporter, Step, TestKind, TestPlace
from compliance.domain.policy import Status, Transition
from compliance.domain.requirements import KINDS

_SPAN = re.compile(r"(PT?)(\d+)([DMH])")
_FLIPS = {"included": "excluded", "excluded": "included", "day 0": "day 1", "day 1": "day 0"}
_PROSE = frozenset({"id", "kind", "text", "source", "confidence", "when", "if_unmet"})
_SHARED_WORDS: dict[str, type[Enum]] = {
    "kinds": TestKind, "reporters": Reporter, "places": TestPlace, "channels": Channel,
}  # fmt: skip
_ZONES = ("America/New_York", "Europe/London", "Europe/Berlin", "Asia/Tokyo", "UTC")
"""Clocks that a policy could be read by unnoticed if no example stood near the end of a day."""
_ABSENT = object()


class Variation(NamedTuple):
    """One changed copy of a policy's raw data, and what was changed; what was not is shared with the original."""

    where: str
    change: str
    path: tuple[str | int, ...]
    raw: dict[str, Any]


class _Edit(NamedTuple):
    path: tuple[str | int, ...]
    value: Any
    change: str


def variations(raw: Mapping[str, Any]) -> Iterator[Variation]:
    """All changed copies, one change each, without the examples.

    Of a flexibility that is switched off only the switch is turned: its dates decide nothing until a new version
    switches it on.
    """
    bare = {name: value for name, value in raw.items() if name != "example"}
    for edit in _edits(bare):
        yield Variation(_named(bare, edit.path), edit.change, edit.path, _put(bare, edit.path, edit.value))


def _put(original: Any, path: tuple[str | int, ...], value: Any) -> Any:
    """A copy with one value changed; only what leads to it is copied."""
    changed, step = copy.copy(original), path[0]
    if len(path) > 1:
        changed[step] = _put(original[step], path[1:], value)
    elif value is _ABSENT:
        del changed[step]
    else:
        changed[step] = value
    return changed


def _named(raw: Mapping[str, Any], path: tuple[str | int, ...]) -> str:
    if path[0] == "requirement":
        path = (raw["requirement"][path[1]]["id"], *path[2:])
    return ".".join(str(step) for step in path)


def _edits(raw: Mapping[str, Any]) -> Iterator[_Edit]:
    yield from _words_instead(("status",), raw["status"], Status)
    yield from _words_instead(("strictest_category",), raw["strictest_category"], Category)
    others = (zone for zone in _ZONES if zone != raw["time_zone"])
    yield from (_Edit(("time_zone",), zone, f"{raw['time_zone']} to {zone}") for zone in others)
    yield from _values(("in_force_from",), raw["in_force_from"], None)
    if "in_force_until" in raw:
        yield from _values(("in_force_until",), raw["in_force_until"], None)
        yield from _words_instead(("transition",), raw.get("transition", Transition.BY_MOMENT.value), Transition)
    for name, table in raw.get("flexibility", {}).items():
        for member in sorted(set(table) - _PROSE if table["switched_on"] else {"switched_on"}):
            yield from _values(("flexibility", name, member), table[member], None)
    if "no_gate" in raw:
        yield _Edit(("no_gate",), _ABSENT, "left out")
        yield from _values(("no_gate", "categories"), raw["no_gate"]["categories"], Category)
    for section in (name for name in ("pregnancy_test", "pregnancy_test_after_first", "prescription") if name in raw):
        for member in sorted(set(raw[section]) - _PROSE):
            value = raw[section][member]
            if member in _RELAXED:
                value = {word: by for word, by in value.items() if raw["flexibility"][by]["switched_on"]}
            yield from _values((section, member), value, _SHARED_WORDS.get(member))
    for at, table in enumerate(raw.get("requirement", [])):
        yield from _requirement(("requirement", at), table)


def _requirement(path: tuple[str | int, ...], table: Mapping[str, Any]) -> Iterator[_Edit]:
    yield _Edit(path, _ABSENT, "left out")
    yield from _words_instead((*path, "if_unmet"), table.get("if_unmet", Weight.REFUSE.value), Weight)
    hints = get_type_hints(KINDS[table["kind"]])
    for member in sorted(set(table) - _PROSE):
        hint = hints[member]
        words = hint.__args__[0] if str(hint).startswith("frozenset") else hint
        vocabulary = words if isinstance(words, type) and issubclass(words, Enum) else None
        yield from _values((*path, member), table[member], vocabulary)
    if "when" in table:
        yield _Edit((*path, "when"), _ABSENT, "asked always")
        for member, value in sorted(table["when"].items()):
            here = (*path, "when", member)
            yield _Edit(here, _ABSENT, "filter dropped")
            yield from _values(here, value, {"steps": Step, "categories": Category}.get(member))


def _values(path: tuple[str | int, ...], value: Any, vocabulary: type[Enum] | None) -> Iterator[_Edit]:
    """The neighbours of one value, whatever its type."""
    if isinstance(value, bool):
        yield _Edit(path, not value, f"{value} to {not value}".lower())
    elif isinstance(value, int):
        yield from (_Edit(path, n, f"{value} to {n}") for n in (value - 1, value + 1) if n >= 0)
    elif isinstance(value, date):
        days = (value - timedelta(days=1), value + timedelta(days=1))
        yield from (_Edit(path, day, f"{value} to {day}") for day in days)
    elif isinstance(value, list):
        yield from _lists(path, value, vocabulary)
    elif isinstance(value, dict):
        for member in sorted(value):
            if vocabulary is None and path[-1] in _RELAXED:
                yield _Edit((*path, member), _ABSENT, "left out")
            else:
                yield from _values((*path, member), value[member], None)
    elif isinstance(value, str):
        yield from _texts(path, value, vocabulary)


_RELAXED = frozenset({"places_by_flexibility", "channels_by_flexibility"})


def _texts(path: tuple[str | int, ...], value: str, vocabulary: type[Enum] | None) -> Iterator[_Edit]:
    span = _SPAN.fullmatch(value)
    if span:
        for count in (int(span[2]) - 1, int(span[2]) + 1):
            if count >= 0:
                changed = f"{span[1]}{count}{span[3]}"
                yield _Edit(path, changed, f"{value} to {changed}")
    elif value in _FLIPS:
        yield _Edit(path, _FLIPS[value], f"{value} to {_FLIPS[value]}")
    elif vocabulary is not None:
        yield from _words_instead(path, value, vocabulary)


def _words_instead(path: tuple[str | int, ...], value: str, vocabulary: type[Enum]) -> Iterator[_Edit]:
    yield from (_Edit(path, word.value, f"{value} to {word.value}") for word in vocabulary if word.value != value)


def _lists(path: tuple[str | int, ...], value: list[Any], vocabulary: type[Enum] | None) -> Iterator[_Edit]:
    if len(value) > 1:
        yield from (_Edit(path, [w for w in value if w != word], f"without {word}") for word in value)
    if vocabulary is not None:
        more = (word.value for word in vocabulary if word.value not in value)
        yield from (_Edit(path, [*value, word], f"with {word}") for word in more)
