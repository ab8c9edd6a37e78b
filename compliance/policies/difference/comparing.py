"""Asks the real gate about every state under both policies, and groups the states whose answers differ."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import Enum
from itertools import combinations
from typing import NamedTuple

from compliance.cases.reading import Case
from compliance.domain.decision import Decision
from compliance.domain.facts import Category, Step
from compliance.domain.gate import decide
from compliance.domain.policy import Policy, Status
from compliance.domain.record import Record
from compliance.domain.requirements import Requirement
from compliance.domain.span import EARLIEST
from compliance.policies.difference.boundaries import Boundaries, boundaries
from compliance.policies.difference.stories import Edit, Story, edits, story_of
from compliance.policies.examples import read_examples

PAIRS = 3_000
"""The most pairs of edits tried of one base story; more are left out, and counted."""
SAMPLES = 2_000
_SEED = 20_261_127
_MOST_EDITS = 4

Codes = tuple[str, ...]
Answers = dict[str, tuple[bool, str]]


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
    """How many states changed in this way, and the smallest of them with both answers."""

    count: int
    example: Story
    before: Decision
    after: Decision


@dataclass(frozen=True, slots=True)
class Difference:
    """All that two policies answer differently in the states looked at, and how many these were.

    `left_out` are pairs of edits beyond the limit; `strays` are random states in which a requirement that was
    taken to answer alike did not: there must be none, or the space does not factor.
    """

    groups: dict[Group, Found]
    states: int
    sampled: int
    left_out: int
    strays: int
    differing: tuple[tuple[str, ...], tuple[str, ...]]


def compare(old: Policy, new: Policy, *, samples: int = SAMPLES) -> Difference:
    """Compare two policies as if both were active and in force at every moment."""
    return _Comparison(old, new).run(samples)


def _ageless(policy: Policy) -> Policy:
    return replace(
        policy, status=Status.ACTIVE, in_force_from=EARLIEST.date() + dt.timedelta(days=1), in_force_until=None
    )


def _bare(requirement: Requirement) -> Requirement:
    return replace(requirement, id="", text="", source="", confidence="")


def twins(old: Policy, new: Policy) -> dict[str, str]:
    """The requirements that ask the same in both policies, by their ids in the old and in the new one."""
    left = [(_bare(requirement), requirement.id) for requirement in new.requirements]
    found: dict[str, str] = {}
    for requirement in old.requirements:
        at = next((at for at, (bare, _) in enumerate(left) if bare == _bare(requirement)), None)
        if at is not None:
            found[requirement.id] = left.pop(at)[1]
    return found


class _Asked(NamedTuple):
    story: Story
    before: Decision
    after: Decision

    @property
    def answers(self) -> tuple[Answers, Answers]:
        return _answers(self.before), _answers(self.after)


def _answers(decision: Decision) -> Answers:
    return {f.requirement: (f.is_met, f.code) for f in decision.findings}


class _World(NamedTuple):
    base: _Asked
    edits: tuple[Edit, ...]


class _Comparison:
    """One comparison under way: what has been seen, and what was found."""

    def __init__(self, old: Policy, new: Policy) -> None:
        self.old, self.new = _ageless(old), _ageless(new)
        self.twins = twins(old, new)
        self.differing = (
            {r.id for r in old.requirements} - set(self.twins), {r.id for r in new.requirements} - set(self.twins.values()),
        )  # fmt: skip
        self.numbers: Boundaries = boundaries((old, new))
        self.cases = [(policy, case) for policy in (old, new) for case in _in_force(read_examples(policy))]
        self.seen: set[int] = set()
        self.sampled = self.left_out = self.strays = 0
        self.counts: dict[Group, int] = {}
        self.smallest: dict[Group, _Asked] = {}

    def run(self, samples: int) -> Difference:
        """Examples, single edits, pairs that touch the same differing requirement, and a random sample of the rest."""
        for policy, case in self.cases:
            self._meet(story_of(case, policy.zone))
        others = [case for _, case in self.cases]
        worlds = [_World(base, tuple(edits(base.story, self.numbers, others))) for base in self._bases()]
        singles = [[(e, a) for e in world.edits if (a := self._meet(e.on(world.base.story)))] for world in worlds]
        for world, tried in zip(worlds, singles, strict=True):
            for one, two in self._pairs(world.base, tried):
                edited = one.on(world.base.story)
                self._meet(two.on(edited) if edited else None)
        self._sample(worlds, samples)
        groups = {group: self._found(group) for group in sorted(self.counts, key=_order)}
        old, new = (tuple(sorted(names)) for names in self.differing)
        return Difference(groups, len(self.seen), self.sampled, self.left_out, self.strays, (old, new))

    def _ask(self, story: Story) -> _Asked:
        record = Record(story.facts.values())
        return _Asked(
            story, decide(self.old, record, story.request, story.at), decide(self.new, record, story.request, story.at)
        )

    def _meet(self, story: Story | None) -> _Asked | None:
        """Ask about a state not met before, note who answers otherwise, and count it if the decision differs."""
        if story is None:
            return None
        mark = hash((story.at, story.request, frozenset(story.facts.values())))
        if mark in self.seen:
            return None
        self.seen.add(mark)
        asked = self._ask(story)
        before, after = asked.answers
        for old, new in self.twins.items():
            if before.get(old) != after.get(new):
                self.strays += old not in self.differing[0] and bool(self.sampled)
                self.differing[0].add(old)
                self.differing[1].add(new)
        group = group_of(asked.story, asked.before, asked.after)
        if group is not None:
            self.counts[group] = self.counts.get(group, 0) + 1
            held = self.smallest.get(group)
            if held is None or _size(asked.story) < _size(held.story):
                self.smallest[group] = asked
        return asked

    def _bases(self) -> Iterator[_Asked]:
        """Of each policy the first allowed example of each category, step and first or later supply."""
        taken = set()
        for policy, case in self.cases:
            if case.expected.allowed:
                asked = self._ask(story_of(case, policy.zone))
                key = policy.version, asked.before.category, case.request.step, is_first(asked.story)
                if key not in taken:
                    taken.add(key)
                    yield asked

    def _pairs(self, base: _Asked, tried: Iterable[tuple[Edit, _Asked]]) -> Iterator[tuple[Edit, Edit]]:
        """Pairs of edits of different axes that touch the same differing requirement, two for each answer."""
        kept: dict[tuple[str, frozenset[tuple[int, str, object]]], list[Edit]] = {}
        for edit, asked in tried:
            touched = self._touched(base, asked)
            if touched:
                alike = kept.setdefault((edit.axis, touched), [])
                alike[1:] = [edit] if alike else []
                alike[:1] = alike[:1] or [edit]
        found = 0
        for (one, touched), (two, touching) in combinations(kept, 2):
            if one != two and {t[:2] for t in touched} & {t[:2] for t in touching}:
                for pair in ((a, b) for a in kept[one, touched] for b in kept[two, touching]):
                    found += 1
                    if found <= PAIRS:
                        yield pair
        self.left_out += max(0, found - PAIRS)

    def _touched(self, base: _Asked, asked: _Asked) -> frozenset[tuple[int, str, object]]:
        """The differing requirements that answer otherwise than in the base story, if nothing else stands unmet."""
        touched = set()
        for side, (was, now) in enumerate(zip(base.answers, asked.answers, strict=True)):
            differing = self.differing[side]
            if any(not met and name not in differing for name, (met, _) in now.items()):
                return frozenset()
            touched |= {(side, name, now.get(name)) for name in differing if now.get(name) != was.get(name)}
        return frozenset(touched)

    def _sample(self, worlds: list[_World], samples: int) -> None:
        chance = random.Random(_SEED)  # noqa: S311 - a sample that is the same every time, not a secret
        for _ in range(samples if worlds else 0):
            world = chance.choice(worlds)
            story: Story | None = world.base.story
            for edit in chance.sample(world.edits, k=min(len(world.edits), chance.randint(2, _MOST_EDITS))):
                story = edit.on(story) if story else None
            self.sampled += 1
            self._meet(story)

    def _found(self, group: Group) -> Found:
        """The smallest example, made smaller still: every fact without which the answers stay the same is left out."""
        asked = self.smallest[group]
        for name in list(asked.story.facts):
            fewer = self._ask(asked.story.without(name))
            if group_of(*fewer) == group:
                asked = fewer
        return Found(self.counts[group], *asked)


def _in_force(cases: Iterable[Case]) -> Iterator[Case]:
    """The examples but for those about the time in force, which is not compared."""
    return (case for case in cases if "policy" not in (case.expected.unmet or ()))


def is_first(story: Story) -> bool:
    """Whether the story is about a first supply, as the gate sees it."""
    return not Record(story.facts.values()).as_of(story.at).course


def group_of(story: Story, before: Decision, after: Decision) -> Group | None:
    """How a state changed; None if the answers have the same outcome."""
    if before.outcome is after.outcome:
        return None
    direction = Direction.OTHERWISE
    if before.is_allowed is not after.is_allowed:
        direction = Direction.NEWLY_ALLOWED if after.is_allowed else Direction.NEWLY_DENIED
    gone, come = (
        tuple(code for code in this.codes if code not in that.codes)
        for this, that in ((before, after), (after, before))
    )
    outcomes = before.outcome.value, after.outcome.value
    return Group(direction, outcomes, before.category, story.request.step, is_first(story), gone, come)


def _size(story: Story) -> tuple[int, int, float, tuple[str, ...]]:
    ages = sum((story.at - fact.at).total_seconds() for fact in story.facts.values())
    return len(story.facts), len(story.edits), ages, story.edits


def _order(group: Group) -> tuple[object, ...]:
    who = "" if group.category is None else group.category.value
    words = list(Step)
    return (
        list(Direction).index(group.direction),
        group.gone,
        group.come,
        who,
        words.index(group.step),
        not group.is_first,
    )
