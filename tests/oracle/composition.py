"""The tables of one branch of a setting, and the states assembled from them, where the whole space is too great."""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Collection
from typing import TYPE_CHECKING

from tests.oracle.axes import PARTS
from tests.oracle.tally import Choice, Half, joined, pair_numbers

if TYPE_CHECKING:
    from tests.oracle.space import Walk

FRAME = ("history", "tests")


class Composition:
    """The tables of one branch of a setting, and the states assembled from them."""

    def __init__(self, walk: Walk, branch: str) -> None:
        self.walk, self.branch = walk, branch
        self.asked = [r["id"] for r in walk.applying(branch)]
        self.depends = {name: walk.depends[name] for name in self.asked}
        self.tables: dict[str, dict[tuple[int, ...], Half]] = {name: {} for name in self.asked}
        used = {PARTS.get(axis, axis) for name in self.asked for axis in self.depends[name]}
        self.axes = [name for name in walk.axes if name in used]
        self.frame = [name for name in FRAME if name in used]
        self.dispensed = {n for n, s in enumerate(walk.axes["history"]) if "this prescription" in s.name}
        self.foreign = {n for n, s in enumerate(walk.axes["prescription"]) if s.aspect == "foreign"}
        self.clusters = self.connect()
        self.kept: list[dict[tuple[int, ...], Half]] = [{} for _ in self.clusters]

    def connect(self) -> list[tuple[list[str], list[str]]]:
        """Requirements and axes that hang together once history and tests are fixed."""
        clusters: list[tuple[set[str], list[str]]] = []
        for name in self.asked:
            axes = {PARTS.get(a, a) for a in self.depends[name]} - set(FRAME)
            near = [c for c in clusters if c[0] & axes]
            clusters = [c for c in clusters if not c[0] & axes]
            names = [n for c in near for n in c[1]]
            clusters.append((axes.union(*(c[0] for c in near)), [*names, name]))
        return [([a for a in self.walk.axes if a in axes], names) for axes, names in clusters]

    def groups(self, without: Collection[str] = ()) -> list[tuple[str, ...]]:
        """The largest sets of axes that some requirement depends on."""
        order = [*self.walk.axes, *PARTS]
        sets = {tuple(a for a in order if a in self.depends[name]) for name in self.asked if name not in without}
        return sorted(s for s in sets if not any(set(s) < set(other) for other in sets))

    def size(self) -> int:
        """How many states the full product has, over the axes that some asked requirement depends on."""
        return math.prod(len(self.walk.classes(axis, self.branch)) for axis in self.axes)

    def tabulate(self, *, laid_over: bool = False) -> None:
        """Put the whole product of every group (or those of a layer) to both gates and keep the findings."""
        own = {r["id"] for r in self.walk.setting.programme.plain.get("requirement", [])} if laid_over else set()
        for axes in self.groups(own):
            mine = tuple(name for name in self.asked if set(self.depends[name]) <= set(axes) and name not in own)
            for choice in self.walk.product(axes, self.branch):
                gate, oracle = self.walk.ask(choice, mine)
                self.walk.tally.direct += 1
                ours = {f.requirement: f for f in (*oracle.findings, *oracle.advice)}
                theirs = {f.requirement: f for f in (*gate.findings, *gate.advice)}
                for name in mine:
                    if name in theirs and name in ours:
                        key = self.walk.key(choice, self.depends[name])
                        half = Half(*self.walk.worth(theirs[name]), *self.walk.worth(ours[name]))
                        if self.tables[name].setdefault(key, half) != half:
                            self.walk.report(choice, [f"{name} depends on more than {self.depends[name]}"])

    def cluster(self, number: int, choice: Choice) -> Half:
        """What one cluster's requirements find in a state of the present frame, added up from the tables."""
        axes, names = self.clusters[number]
        key = tuple([choice.get(a, 0) for a in axes])
        found = self.kept[number].get(key)
        if found is None:
            parts = [self.tables[name][self.walk.key(choice, self.depends[name])] for name in names]
            found = self.kept[number][key] = joined(parts)
        return found

    def run(self, block: int, samples: int, whole: int) -> None:
        """Ask about everything if that is not too much; otherwise tabulate, then compose."""
        if self.walk.setting.programme.is_layer:
            self.tabulate(laid_over=True)
            self.walk.look(self.walk, self.branch, 40)
            return
        if self.size() <= whole:
            for choice in self.walk.product(self.axes, self.branch):
                self.walk.ask(choice)
                self.walk.tally.direct += 1
                self.walk.tally.pairs.update(pair_numbers([choice.get(a, 0) for a in self.walk.axes]))
            return
        self.tabulate()
        self.compose(block, samples)
        self.dispensed_as_foreign(40)

    def dispensed_as_foreign(self, draws: int) -> None:
        """Ask about states in which this prescription was dispensed and is another programme's."""
        here = [n for n in self.walk.classes("history", self.branch) if n in self.dispensed]
        if here and self.foreign:
            draw = random.Random(f"{self.walk.setting} {self.branch} foreign")
            for _ in range(draws):
                choice = self.walk.drawn(self.axes, self.branch, draw)
                self.walk.ask({**choice, "history": draw.choice(here), "prescription": draw.choice([*self.foreign])})
                self.walk.tally.sampled += 1

    def compose(self, block: int, samples: int) -> None:
        """Assemble a block of states for every history and tests, and check some directly."""
        middle = len(self.clusters) // 2
        sides = (range(middle), range(middle, len(self.clusters)))
        for frame in self.walk.product(self.frame, self.branch):
            self.kept = [{} for _ in self.clusters]
            draw = random.Random(f"{self.walk.setting} {frame}")
            states = [[self.drawn(side, draw, frame) for _ in range(block)] for side in sides]
            distinct = [list({tuple(c.values()): c for c in side}.values()) for side in states]
            lefts, rights = distinct
            self.compare(self.halves(sides[0], lefts), self.halves(sides[1], rights), lefts, rights)
            for left, right in itertools.islice(zip(lefts, rights, strict=False), samples):
                self.check({**left, **right})

    def halves(self, side: range, choices: list[Choice]) -> list[Half]:
        """What the requirements of one side find in each of its half-states."""
        return [joined([self.cluster(n, c) for n in side]) for c in choices]

    def drawn(self, side: range, draw: random.Random, frame: Choice) -> Choice:
        """Half a state: the axes of some clusters at random, in a frame."""
        axes = [a for n in side for a in self.clusters[n][0]]
        classes = [(a, self.walk.classes(a, self.branch)) for a in axes]
        if frame.get("history", 0) in self.dispensed:
            # What was dispensed on a prescription for another programme's product is of no course of this one, so
            # that here a history would depend on the prescription: these states are asked about directly instead.
            classes = [(a, [n for n in found if a != "prescription" or n not in self.foreign]) for a, found in classes]
        return {**frame, **{a: found[int(draw.random() * len(found))] for a, found in classes}}

    def compare(self, left: list[Half], right: list[Half], lefts: list[Choice], rights: list[Choice]) -> None:
        """Compare verdict, codes, end and opening of every combination of two halves."""
        self.walk.tally.composed += len(left) * len(right)
        for (g, gu, go, o, ou, oo), choice in zip(left, lefts, strict=True):
            # No calls and no slices in here: this runs once for each of more than 10^8 states.
            gate = [(g + g2, gu if gu < u2 else u2, go if go > o2 else o2) for g2, u2, o2, _, _, _ in right]  # noqa: FURB136
            oracle = [(o + g2, ou if ou < u2 else u2, oo if oo > o2 else o2) for _, _, _, g2, u2, o2 in right]  # noqa: FURB136
            if gate != oracle:
                for n in [n for n in range(len(right)) if gate[n] != oracle[n]]:
                    self.walk.report({**choice, **rights[n]}, ["composed answers differ"])

    def check(self, choice: Choice) -> None:
        """Put a state of the full product to both gates, and hold each against its own tables."""
        gate, oracle = self.walk.ask(choice)
        self.walk.tally.sampled += 1
        composed = joined([self.cluster(n, choice) for n in range(len(self.clusters))])
        if composed != self.walk.whole(gate, oracle):
            self.walk.report(choice, ["a finding depends on an axis that is not named"])
        self.walk.tally.pairs.update(pair_numbers([choice.get(a, 0) for a in self.walk.axes]))
