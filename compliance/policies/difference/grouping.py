"""Puts states that change alike together, and keeps the smallest of each kind for people to look at."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

from compliance.domain.decision import Decision
from compliance.domain.facts import Category, Step
from compliance.domain.record import Record
from compliance.policies.difference.asking import Asked, Pair
from compliance.policies.difference.stories import Story

Codes = tuple[str, ...]


class Direction(Enum):
    """What a new version does to a state."""

    NEWLY_ALLOWED = "newly allowed"
    NEWLY_DENIED = "newly denied"
    OTHERWISE = "allowed otherwise"


class Group(NamedTuple):
    """States that change alike: who, at which step, for a first supply or a later one, and by which codes."""

    direction: Direction
    outcomes: tuple[str, str]
    category: Category | None
    step: Step
    is_first: bool
    gone: Codes
    come: Codes


@dataclass(frozen=True, slots=True)
class Found:
    """How many different states changed in this way, and the smallest of them with both answers."""

    count: int
    example: Story
    before: Decision
    after: Decision


class Groups:
    """What has been found so far; each state counts once, however it came about."""

    def __init__(self, pair: Pair) -> None:
        self._pair = pair
        self._seen: dict[Group, set[int]] = {}
        self._smallest: dict[Group, Asked] = {}

    def take(self, asked: Asked) -> None:
        """Keep a state if its outcomes differ."""
        group = group_of(asked)
        if group is None:
            return
        story = asked.story
        self._seen.setdefault(group, set()).add(hash((story.at, story.request, frozenset(story.facts.values()))))
        held = self._smallest.get(group)
        if held is None or _size(story) < _size(held.story):
            self._smallest[group] = asked

    def found(self) -> dict[Group, Found]:
        """All groups in order, each with its smallest state, from which every fact that changes nothing is left out."""
        return {group: Found(len(self._seen[group]), *self._smaller(group)) for group in sorted(self._seen, key=_order)}

    def _smaller(self, group: Group) -> Asked:
        asked = self._smallest[group]
        for name in list(asked.story.facts):
            fewer = self._pair.ask(asked.story.without(name))
            if group_of(fewer) == group:
                asked = fewer
        return asked


def is_first(story: Story) -> bool:
    """Whether the story is about a first supply, as the gate sees it."""
    return not Record(story.facts.values()).as_of(story.at).course


def group_of(asked: Asked) -> Group | None:
    """How a state changed; None if both answers have the same outcome."""
    story, before, after = asked
    if before.outcome is after.outcome:
        return None
    direction = Direction.OTHERWISE
    if before.is_allowed is not after.is_allowed:
        direction = Direction.NEWLY_ALLOWED if after.is_allowed else Direction.NEWLY_DENIED
    gone = tuple(code for code in before.codes if code not in after.codes)
    come = tuple(code for code in after.codes if code not in before.codes)
    outcomes = before.outcome.value, after.outcome.value
    return Group(direction, outcomes, before.category, story.request.step, is_first(story), gone, come)


def _size(story: Story) -> tuple[int, int, float, tuple[str, ...]]:
    ages = sum((story.at - fact.at).total_seconds() for fact in story.facts.values())
    return len(story.facts), len(story.edits), ages, story.edits


def _order(group: Group) -> tuple[object, ...]:
    who = "" if group.category is None else group.category.value
    at = list(Direction).index(group.direction), group.gone, group.come
    return *at, who, list(Step).index(group.step), not group.is_first
