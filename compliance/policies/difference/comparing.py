"""Walks the states of two policies, and groups those that they answer otherwise."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations, islice

from compliance.cases.reading import Case
from compliance.domain.policy import Policy
from compliance.policies.difference.asking import Answer, Asked, Pair, ageless, alike
from compliance.policies.difference.boundaries import boundaries
from compliance.policies.difference.edits import edits
from compliance.policies.difference.grouping import Found, Group, Groups, is_first
from compliance.policies.difference.stories import Edit, Story, pool_of, story_of
from compliance.policies.examples import read_examples

PAIRS = 2_000
"""The most pairs of edits tried of one base story; more are left out, and counted."""
SAMPLES = 2_000
_SEED = 20_261_127
_MOST_EDITS = 4


@dataclass(frozen=True, slots=True)
class Difference:
    """All that two policies answer differently in the states looked at, and how many these were.

    `differing` are the requirements, of the old and of the new policy, that can answer otherwise. `left_out` are
    pairs of edits beyond the limit. `strays` are whole decisions of the sample in which another requirement did
    answer otherwise: there must be none, or the space does not factor.
    """

    groups: dict[Group, Found]
    differing: tuple[tuple[str, ...], tuple[str, ...]]
    states: int
    sampled: int
    left_out: int
    strays: int


def compare(old: Policy, new: Policy, *, samples: int = SAMPLES, bases: int | None = None) -> Difference:
    """Compare two policies as if both were active and in force at every moment.

    `bases` walks only from so many stories, for a quick look.
    """
    return _Comparison(old, new).run(samples, bases)


@dataclass(frozen=True, slots=True)
class _World:
    base: Asked
    edits: tuple[Edit, ...]


class _Comparison:
    """One comparison under way: what is asked, how often it was, and what was found."""

    def __init__(self, old: Policy, new: Policy) -> None:
        self.cases = [(policy, case) for policy in (old, new) for case in _in_force(read_examples(policy))]
        self.alike = alike(old, new, [case for _, case in self.cases])
        self.numbers = boundaries((old, new))
        self.whole = Pair(ageless(old), ageless(new))
        names = [frozenset(r.id for r in policy.requirements) for policy in (old, new)]
        self.differing = names[0] - set(self.alike), names[1] - set(self.alike.values())
        self.part = self.whole.having_only(self.differing)
        self.rest = self.whole.having_only((frozenset(self.alike), frozenset(self.alike.values())))
        self.groups = Groups(self.whole)
        self.states = self.sampled = self.left_out = self.strays = 0

    def run(self, samples: int, bases: int | None) -> Difference:
        """Examples, single edits, pairs that touch the same differing requirement, and a random sample of all."""
        for policy, case in self.cases:
            self._meet(story_of(case, policy.zone))
        pool = pool_of(case for _, case in self.cases)
        worlds = [_World(base, tuple(edits(base.story, self.numbers, pool))) for base in islice(self._bases(), bases)]
        for world in worlds:
            if not world.base.answers:
                continue  # nothing that can differ is asked of these patients at this step
            singles = [(e, asked) for e in world.edits if (asked := self._meet(e.on(world.base.story))) is not None]
            for one, two in self._pairs(world.base, singles):
                edited = one.on(world.base.story)
                self._meet(two.on(edited) if edited else None)
        self._sample(worlds, samples)
        old, new = (tuple(sorted(names)) for names in self.differing)
        return Difference(self.groups.found(), (old, new), self.states, self.sampled, self.left_out, self.strays)

    def _meet(self, story: Story | None) -> Asked | None:
        """Ask what can differ; only where that comes out otherwise ask the whole policies, and keep the answer."""
        if story is None:
            return None
        self.states += 1
        asked = self.part.ask(story)
        if asked.outcomes[0] is not asked.outcomes[1]:
            self.groups.take(self.whole.ask(story))
        return asked

    def _bases(self) -> Iterator[Asked]:
        """The first allowed example of each category, step, first or later supply, and pair of outcomes."""
        taken = set()
        for policy, case in self.cases:
            if case.expected.allowed:
                story = story_of(case, policy.zone)
                asked = self.whole.ask(story)
                key = asked.before.category, case.request.step, is_first(story), asked.outcomes
                if key not in taken:
                    taken.add(key)
                    yield self.part.ask(story)

    def _pairs(self, base: Asked, singles: Iterable[tuple[Edit, Asked]]) -> Iterator[tuple[Edit, Edit]]:
        """Pairs of edits of different axes that touch the same differing requirement, two for each answer."""
        kept: dict[tuple[str, frozenset[Answer]], list[Edit]] = {}
        undisturbed = self.rest.ask(base.story).outcomes
        for edit, asked in singles:
            touched = asked.answers - base.answers
            if touched and self.rest.ask(asked.story).outcomes == undisturbed:
                first = kept.setdefault((edit.axis, touched), [edit])
                first[1:] = [edit] if first[0] is not edit else []
        found = 0
        for (one, touched), (two, touching) in combinations(kept, 2):
            if one != two and {t[:2] for t in touched} & {t[:2] for t in touching}:
                for pair in ((a, b) for a in kept[one, touched] for b in kept[two, touching]):
                    found += 1
                    if found <= PAIRS:
                        yield pair
        self.left_out += max(0, found - PAIRS)

    def _sample(self, worlds: list[_World], samples: int) -> None:
        """Whole decisions about states with several edits of any axes, whatever these touch."""
        chance = random.Random(_SEED)  # noqa: S311 - a sample that is the same every time, not a secret
        for _ in range(samples if worlds else 0):
            world = chance.choice(worlds)
            story: Story | None = world.base.story
            for edit in chance.sample(world.edits, k=min(len(world.edits), chance.randint(2, _MOST_EDITS))):
                story = edit.on(story) if story else None
            if story is not None:
                self.sampled += 1
                asked = self.whole.ask(story)
                self.groups.take(asked)
                self.strays += self._is_stray(asked)

    def _is_stray(self, asked: Asked) -> bool:
        before, after = ({f.requirement: f for f in decision.findings} for decision in asked[1:])
        pairs = [(before.get(was), after.get(now)) for was, now in self.alike.items()]
        return any((b and (b.is_met, b.code)) != (a and (a.is_met, a.code)) for b, a in pairs)


def _in_force(cases: Iterable[Case]) -> Iterator[Case]:
    """The examples but for those about the time in force, which is not compared."""
    return (case for case in cases if "policy" not in (case.expected.unmet or ()))
