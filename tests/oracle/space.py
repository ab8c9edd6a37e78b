"""Walks the abstract state space of the policy through both gates, and says honestly what was compared how.

A setting is a category (or no enrolment) x step x moment x prescription known or not. In a setting every axis of
`axes_care.AXES` takes each of its classes; the product of all axes has about 10^20 states a setting, so:

1. *Direct, by requirement.* `DEPENDS` claims which axes a requirement's finding depends on. For every requirement of
   every setting the whole product over its axes is built from real facts and put to both gates (all other axes stand
   at class 0), which read the policy with only the requirements that depend on these axes; verdict, codes, moments
   and findings are compared, and both findings are kept in a table.
2. *Direct, at random.* States drawn from the full product (every axis at random) are put to both gates; the complete
   answers are compared, and each gate's answer is compared with what its own tables compose for that state: that
   is the check of the claim that findings depend neither on other axes nor on the other requirements.
3. *Composed.* For every setting x history x tests, a block of distinct states of the full product (the product of two
   drawn sets of half-states) is assembled from the tables of each gate: verdict, ordered reason codes, earliest end and
   latest opening are compared combination by combination.

`direct` counts gate evaluations of 1 and 2; `composed` counts the combinations of 3, which rest on 1 and on the check
in 2. An axis that no asked requirement depends on is left at class 0 in 3, so that it multiplies nothing.
"""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from compliance.domain.decision import Request
from compliance.domain.facts import Fact
from compliance.domain.policy import Policy
from tests.oracle.axes import ANCHORS, CATEGORIES, STEPS, Setting, State
from tests.oracle.axes_care import AXES
from tests.oracle.bridge import differences, engine_answer, engine_policy, facts_of, plain_policy, request_of
from tests.oracle.naive import Answer, Found, answer
from tests.oracle.world import Plain

DEPENDS: dict[str, tuple[str, ...]] = {
    "prescription": ("prescription",),
    "category-on-prescription": ("prescription",),
    "enrolled": ("history", "enrolment"),
    "adult-cannot-become-pregnant": ("evidence", "menses"),
    "child-cannot-become-pregnant": ("evidence", "menses"),
    "prescriber-certified": ("prescriber",),
    "pharmacy-certified": ("pharmacy",),
    "pharmacist-certified": ("pharmacist",),
    "not-held": ("tests", "holds"),
    "first-test": ("tests",),
    "second-test": ("tests",),
    "latest-test-negative": ("tests", "holds"),
    "test-schedule": ("history", "tests", "cycle", "missed talk"),
    "menses-evaluated": ("tests", "menses"),
    "contraception-lead-in": ("contraception",),
    "contraception": ("contraception",),
    "condom": ("contraception",),
    "first-counselling": ("history", "first talk"),
    "contraception-counselling": ("contraception talk",),
    "pharmacist-counselling": ("pharmacist talk",),
    "counselling-checklist": ("checklist",),
    "medication-guide": ("guide",),
    "prescriber-survey": ("prescriber survey",),
    "monthly-survey": ("patient survey",),
    "half-yearly-survey": ("patient survey",),
    "male-survey": ("patient survey",),
    "days-supply": ("prescription",),
    "no-refills": ("prescription",),
    "not-yet-dispensed": ("history",),
    "supply-left": ("history",),
    "authorization-frp": ("tests", "authorization"),
    "authorization-others": ("authorization",),
    "confirmation": ("authorization", "confirmation"),
    "same-day-shipping": ("confirmation", "handover"),
}
"""Which axes each requirement's finding is claimed to depend on, within a setting."""

FRAME = ("history", "tests")
NOTHING, NEVER = 0, 1 << 62
Choice = dict[str, int]


class Half(NamedTuple):
    """Findings added up: codes by position, and the first end and last opening, for the gate and for the oracle."""

    gate: int
    gate_until: int
    gate_opens: int
    oracle: int
    oracle_until: int
    oracle_opens: int


class Mismatch(NamedTuple):
    """A state in which something differs, smallest first."""

    facts: int
    setting: str
    choice: str
    lines: tuple[str, ...]


@dataclass
class Tally:
    """What was compared, so that totals can be added up over settings and runs."""

    direct: int = 0
    sampled: int = 0
    composed: int = 0
    mismatches: list[Mismatch] = field(default_factory=list)
    pairs: set[int] = field(default_factory=set)

    def found(self, mismatch: Mismatch) -> None:
        """Keep the smallest few."""
        self.mismatches = sorted([*self.mismatches, mismatch])[:5]


def settings() -> list[Setting]:
    """Every setting, in a fixed order."""
    made = []
    for category, step in itertools.product(CATEGORIES, STEPS):
        # Without enrolment the strictest category's requirements are asked: one moment tells as much as five.
        anchors = list(ANCHORS)[: 1 if category == "unenrolled" else None]
        made += [Setting(category, step, anchor, rx_known=True) for anchor in anchors]
        made.append(Setting(category, step, next(iter(ANCHORS)), rx_known=False))
    return made


def applying(policy: Plain, setting: Setting, branch: str) -> list[str]:
    """The requirements asked in a setting, read from the file's `when`."""
    asked = []
    for requirement in policy["requirement"]:
        when = requirement.get("when", {})
        if (
            setting.step in when.get("steps", STEPS)
            and setting.strict in when.get("categories", CATEGORIES)
            and when.get("first", branch == "first") == (branch == "first")
        ):
            asked.append(requirement["id"])
    return asked


class Walk:
    """One setting's axes with their facts read once, and both gates to ask."""

    def __init__(self, setting: Setting, gate: Plain | None = None, oracle: Plain | None = None) -> None:
        self.setting = setting
        self.plain_policies = gate or plain_policy(), oracle or plain_policy()
        self.policies: dict[tuple[str, ...], tuple[Policy, Plain]] = {}
        self.axes: dict[str, list[State]] = {name: states(setting) for name, states in AXES.items()}
        self.read: dict[str, list[tuple[Fact, ...]]] = {
            name: [tuple(facts_of(state.facts)) for state in states] for name, states in self.axes.items()
        }
        self.requests: dict[tuple[tuple[str, Any], ...], Request] = {}
        self.choices: dict[tuple[str, str], list[int]] = {}
        self.codes: dict[str, int] = {"MET": 0}
        self.places = {r["id"]: 6 * n for n, r in enumerate(plain_policy()["requirement"])}
        names = [h.name for h in self.axes["history"]]
        self.branches = {b: [n for n, h in enumerate(names) if h.startswith(b)] for b in ("first", "later")}
        self.tally = Tally()

    def plain(self, choice: Choice) -> tuple[list[Plain], Plain]:
        """The facts and the request of a state, as they stand on the wire."""
        states = [states[choice.get(name, 0)] for name, states in self.axes.items()]
        changes = dict(change for state in states for change in state.request)
        base = {"step": self.setting.step, "prescription": "rx-1", "pharmacy": "ph-1", "pharmacist": "pp-1"}
        return [f for state in states for f in state.facts], {**base, **changes}

    def reading(self, only: tuple[str, ...]) -> tuple[Policy, Plain]:
        """What each gate reads: the policy, whole or with only some of its requirements."""
        if only not in self.policies:
            gate, oracle = (
                {**p, "requirement": [r for r in p["requirement"] if not only or r["id"] in only]}
                for p in self.plain_policies
            )
            self.policies[only] = engine_policy(gate), oracle
        return self.policies[only]

    def ask(self, choice: Choice, only: tuple[str, ...] = ()) -> tuple[Answer, Answer]:
        """Put a state to both gates and compare their answers, complete unless only some requirements are asked."""
        plain, request = self.plain(choice)
        key = tuple(request.items())
        if key not in self.requests:
            self.requests[key] = request_of(request)
        facts = [f for name, states in self.read.items() for f in states[choice.get(name, 0)]]
        gate_reads, oracle_reads = self.reading(only)
        theirs = engine_answer(gate_reads, facts, self.requests[key], self.setting.now)
        ours = answer(oracle_reads, plain, request, self.setting.now)
        if theirs != ours:
            self.report(choice, differences(theirs, ours))
        return theirs, ours

    def report(self, choice: Choice, lines: Sequence[str]) -> None:
        """Keep a difference by the number of axes that are off class 0, so that the smallest comes first."""
        off = {name: self.axes[name][n].name for name, n in choice.items() if n}
        self.tally.found(Mismatch(len(off), str(self.setting), str(off), tuple(lines)))

    def classes(self, name: str, branch: str) -> list[int]:
        """The classes of an axis in a branch; where only holding matters, only tests that hold differ."""
        if (name, branch) not in self.choices:
            found = list(range(len(self.axes[name])))
            if name == "history":
                found = self.branches[branch]
            elif name == "tests" and not self.setting.strict.endswith("_frp"):
                found = [n for n, s in enumerate(self.axes[name]) if n == 0 or "positive" in s.name]
            self.choices[name, branch] = found
        return self.choices[name, branch]

    def product(self, axes: Sequence[str], branch: str) -> Iterator[Choice]:
        """Every state over some axes, the others at class 0."""
        base = {"history": self.branches[branch][0]}
        for combination in itertools.product(*(self.classes(name, branch) for name in axes)):
            yield {**base, **dict(zip(axes, combination, strict=True))}

    def a_slice(self, branch: str, draws: int, requirement: str = "") -> Iterator[Choice]:
        """A short walk: every class of every axis alone, then states drawn from each group and from the product."""
        composition = Composition(self, branch)
        groups = [g for g in composition.groups() if not requirement or set(DEPENDS[requirement]) <= set(g)]
        draw = random.Random(f"{self.setting} {branch} {requirement}")
        for axis in dict.fromkeys(a for group in groups for a in group):
            yield from self.product([axis], branch)
        for axes in [*groups, tuple(composition.axes)]:
            for _ in range(draws):
                chosen = {a: draw.choice(self.classes(a, branch)) for a in axes}
                yield {"history": self.branches[branch][0], **chosen}

    def worth(self, found: Found) -> tuple[int, int, int]:
        """A finding as three numbers that add up: its code at its place, its end, its opening."""
        code = self.codes.setdefault(found.code, len(self.codes)) << self.places[found.requirement]
        until = NEVER if found.until is None else _micros(found.until)
        if found.code == "MET":
            return code, until, 0
        return code, NEVER, NEVER if found.opens_at is None else _micros(found.opens_at)

    def whole(self, gate: Answer, oracle: Answer) -> Half:
        """Two complete answers as numbers."""
        theirs, ours = ([self.worth(f) for f in one.findings if f.requirement != "policy"] for one in (gate, oracle))
        return joined(
            [Half(*w, NOTHING, NEVER, NOTHING) for w in theirs] + [Half(NOTHING, NEVER, NOTHING, *w) for w in ours]
        )

    def run(self, block: int = 28, samples: int = 2) -> Tally:
        """Walk both branches of the setting."""
        for branch in ("first", "later"):
            Composition(self, branch).run(block, samples)
        return self.tally


def _micros(moment: datetime) -> int:
    return int(moment.timestamp()) * 1_000_000 + moment.microsecond


class Composition:
    """The tables of one branch of a setting, and the states assembled from them."""

    def __init__(self, walk: Walk, branch: str) -> None:
        self.walk, self.branch = walk, branch
        self.asked = applying(plain_policy(), walk.setting, branch)
        self.tables: dict[str, dict[tuple[int, ...], Half]] = {name: {} for name in self.asked}
        used = {axis for name in self.asked for axis in DEPENDS[name]} | set(FRAME)
        self.axes = [name for name in AXES if name in used]
        self.clusters = self.connect()
        self.kept: list[dict[tuple[int, ...], Half]] = [{} for _ in self.clusters]

    def connect(self) -> list[tuple[list[str], list[str]]]:
        """Requirements and axes that hang together once history and tests are fixed."""
        clusters: list[tuple[set[str], list[str]]] = []
        for name in self.asked:
            axes = set(DEPENDS[name]) - set(FRAME)
            near = [c for c in clusters if c[0] & axes]
            clusters = [c for c in clusters if not c[0] & axes]
            names = [n for c in near for n in c[1]]
            clusters.append((axes.union(*(c[0] for c in near)), [*names, name]))
        return [([a for a in AXES if a in axes], names) for axes, names in clusters]

    def groups(self) -> list[tuple[str, ...]]:
        """The largest sets of axes that some requirement depends on."""
        sets = {tuple(a for a in AXES if a in DEPENDS[name]) for name in self.asked}
        return sorted(s for s in sets if not any(set(s) < set(other) for other in sets))

    def tabulate(self) -> None:
        """Put the whole product of every group to both gates and keep each requirement's findings."""
        for axes in self.groups():
            mine = tuple(name for name in self.asked if set(DEPENDS[name]) <= set(axes))
            for choice in self.walk.product(axes, self.branch):
                gate, oracle = self.walk.ask(choice, mine)
                self.walk.tally.direct += 1
                ours = {f.requirement: f for f in oracle.findings}
                theirs = {f.requirement: f for f in gate.findings}
                for name in mine:
                    if name in theirs and name in ours:
                        key = tuple(choice.get(a, 0) for a in DEPENDS[name])
                        half = Half(*self.walk.worth(theirs[name]), *self.walk.worth(ours[name]))
                        if self.tables[name].setdefault(key, half) != half:
                            self.walk.report(choice, [f"{name} depends on more than {DEPENDS[name]}"])

    def cluster(self, number: int, choice: Choice) -> Half:
        """What one cluster's requirements find in a state of the present frame, added up from the tables."""
        axes, names = self.clusters[number]
        key = tuple([choice.get(a, 0) for a in axes])
        found = self.kept[number].get(key)
        if found is None:
            parts = [self.tables[name][tuple([choice.get(a, 0) for a in DEPENDS[name]])] for name in names]
            found = self.kept[number][key] = joined(parts)
        return found

    def run(self, block: int, samples: int) -> None:
        """Tabulate, then compose."""
        self.tabulate()
        self.compose(block, samples)

    def compose(self, block: int, samples: int) -> None:
        """Assemble a block of states for every history and tests, and check some directly."""
        middle = len(self.clusters) // 2
        sides = (range(middle), range(middle, len(self.clusters)))
        for frame in self.walk.product(FRAME, self.branch):
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
            self.walk.report(choice, ["a finding depends on an axis that DEPENDS does not name"])
        self.walk.tally.pairs.update(pair_numbers([choice.get(a, 0) for a in AXES]))


def joined(parts: Sequence[Half]) -> Half:
    """Add findings up: all codes, the first end, the last opening."""
    g, gu, go, o, ou, oo = zip(*parts, strict=True)
    return Half(sum(g), min(gu), max(go), sum(o), min(ou), max(oo))


def pair_numbers(classes: Sequence[int]) -> Iterator[int]:
    """A number for every pair of classes of two axes in a state."""
    places = [n * 512 + c for n, c in enumerate(classes)]
    return (a * 16384 + b for a, b in itertools.combinations(places, 2))


def size_of_product(walk: Walk) -> int:
    """How many states the full product of a setting has, over the axes that some asked requirement depends on."""
    total = 0
    for branch in ("first", "later"):
        composition = Composition(walk, branch)
        total += math.prod(len(walk.classes(axis, branch)) for axis in composition.axes)
    return total
