"""Walks the abstract state space of a policy through both gates, and says honestly what was compared how.

A setting is a category (or no enrolment) x step x moment x prescription known or not. In a setting every axis of
`axes.axes_of` takes each of its classes. If their product is small, all of it is put to both gates (1). It is not small
for the great programmes (about 10^20 states a setting), so there:

1. *Direct, by requirement.* `axes.reads` claims which axes a requirement's finding depends on. For every requirement of
   every setting the whole product over its axes is built from real facts and put to both gates (all other axes stand
   at class 0), which read the policy with only the requirements that depend on these axes; outcome, codes, moments,
   findings and advice are compared, and both findings are kept in a table.
2. *Direct, at random.* States drawn from the full product (every axis at random) are put to both gates; the complete
   answers are compared, and each gate's answer is compared with what its own tables compose for that state: that
   is the check of the claim that findings depend neither on other axes nor on the other requirements.
3. *Composed.* For every setting x history x tests, a block of distinct states of the full product (the product of two
   drawn sets of half-states) is assembled from the tables of each gate: verdict, ordered reason codes, earliest end and
   latest opening are compared combination by combination.

`direct` counts gate evaluations of 1 (and of whole spaces); `sampled` those of 2, and of the short walks at the
policy's own beginning and end, and under its true status, if that is not active; `composed` counts the combinations
of 3, which rest on 1 and on the check in 2. An axis that no asked requirement depends on is left at class 0, so that
it multiplies nothing.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any

from compliance.domain.decision import Request
from compliance.domain.facts import Fact
from compliance.domain.policy import Policy
from tests.oracle.axes import PARTS, axes_of, reads
from tests.oracle.bridge import differences, engine_answer, engine_policy, facts_of, request_of
from tests.oracle.composition import Composition
from tests.oracle.naive import Answer, Found, answer, weight
from tests.oracle.settings import Setting, State
from tests.oracle.tally import Choice, Half, Mismatch, Tally, joined
from tests.oracle.world import Plain, rules_of

BRANCHES = ("first", "later")
NOTHING, NEVER = 0, 1 << 62


def with_only(plain: Plain, names: tuple[str, ...]) -> Plain:
    """A policy with only some of its requirements."""
    made = {**plain, "requirement": [r for r in plain.get("requirement", []) if r["id"] in names]}
    return {**made, "laid_over": with_only(plain["laid_over"], names)} if "laid_over" in plain else made


def applying(setting: Setting, branch: str) -> list[Plain]:
    """The requirements asked in a setting, read from the file's `when`."""
    first = branch == "first"
    rules = rules_of(setting.programme.plain)
    return [r for r in rules if setting.asks(r) and r.get("when", {}).get("first", first) == first]


class Walk:
    """One setting's axes with their facts read once, and both gates to ask."""

    def __init__(self, setting: Setting, gate: Plain | None = None, oracle: Plain | None = None) -> None:
        self.setting, active = setting, setting.programme.active
        self.plain_policies = gate or active, oracle or active
        self.policies: dict[tuple[str, ...], tuple[Policy, Plain]] = {}
        rules = rules_of(setting.programme.plain)
        self.depends = {r["id"]: reads(r, setting.programme.plain) for r in rules if setting.asks(r)}
        self.axes: dict[str, list[State]] = axes_of(setting)
        self.read: dict[tuple[str, int], list[Fact]] = {}
        self.requests: dict[tuple[tuple[str, Any], ...], Request] = {}
        self.choices: dict[tuple[str, str], list[int]] = {}
        self.codes: dict[str, int] = {"MET": 0}
        self.places = {r["id"]: 8 * n for n, r in enumerate(rules)}
        self.weights = {r["id"]: weight(r) for r in rules}
        names = [h.name for h in self.axes["history"]]
        self.branches = {b: [n for n, h in enumerate(names) if h.startswith(b)] for b in BRANCHES}
        self.tally = Tally()

    @cached_property
    def alike(self) -> dict[str, list[int]]:
        """For each part of an axis that some requirements look at alone: the first class with the same part."""
        found = {}
        for part, axis in PARTS.items():
            firsts: dict[str, int] = {}
            found[part] = [firsts.setdefault(state.aspect, n) for n, state in enumerate(self.axes[axis])]
        return found

    def key(self, choice: Choice, depends: Sequence[str]) -> tuple[int, ...]:
        """The classes on which a finding depends, in a state."""
        return tuple(
            [self.alike[name][choice.get(PARTS[name], 0)] if name in PARTS else choice.get(name, 0) for name in depends]
        )

    def plain(self, choice: Choice) -> tuple[list[Plain], Plain]:
        """The facts and the request of a state, as they stand on the wire."""
        states = [states[choice.get(name, 0)] for name, states in self.axes.items()]
        changes = dict(change for state in states for change in state.request)
        base = {"step": self.setting.step, "prescription": "rx-1", "pharmacy": "ph-1", "pharmacist": "pp-1"}
        return [f for state in states for f in state.facts], {**base, **changes}

    def reading(self, only: tuple[str, ...]) -> tuple[Policy, Plain]:
        """What each gate reads: the policy, whole or with only some of its requirements."""
        if only not in self.policies:
            gate, oracle = (with_only(p, only) if only else p for p in self.plain_policies)
            self.policies[only] = engine_policy(gate), oracle
        return self.policies[only]

    def facts(self, axis: str, number: int) -> list[Fact]:
        """The facts of a class, as the real gate reads them."""
        if (axis, number) not in self.read:
            self.read[axis, number] = facts_of(self.axes[axis][number].facts)
        return self.read[axis, number]

    def ask(self, choice: Choice, only: tuple[str, ...] = ()) -> tuple[Answer, Answer]:
        """Put a state to both gates and compare their answers, complete unless only some requirements are asked."""
        plain, request = self.plain(choice)
        key = tuple(request.items())
        if key not in self.requests:
            self.requests[key] = request_of(request)
        facts = [f for name in self.axes for f in self.facts(name, choice.get(name, 0))]
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

    def applying(self, branch: str) -> list[Plain]:
        """The requirements asked in a branch."""
        return applying(self.setting, branch)

    def classes(self, name: str, branch: str) -> list[int]:
        """The classes of an axis in a branch; where only holding matters, only tests that hold differ."""
        if (name, branch) not in self.choices:
            found = list(range(len(self.axes[PARTS.get(name, name)])))
            if name == "history":
                found = self.branches[branch]
            elif name in PARTS:
                found = sorted(set(self.alike[name]))
            elif name == "tests":
                kinds = {r["kind"] for r in applying(self.setting, branch) if "tests" in self.depends[r["id"]]}
                if kinds <= {"not_held"}:
                    found = [n for n, s in enumerate(self.axes[name]) if n == 0 or "positive" in s.name]
            self.choices[name, branch] = found
        return self.choices[name, branch]

    def product(self, axes: Sequence[str], branch: str) -> Iterator[Choice]:
        """Every state over some axes, the others at class 0."""
        base = {"history": self.branches[branch][0]}
        for combination in itertools.product(*(self.classes(name, branch) for name in axes)):
            yield {**base, **{PARTS.get(name, name): n for name, n in zip(axes, combination, strict=True)}}

    def a_slice(self, branch: str, draws: int, requirement: str = "") -> Iterator[Choice]:
        """A short walk: every class of every axis alone, then states drawn from each group and from the product."""
        composition = Composition(self, branch)
        groups = [g for g in composition.groups() if not requirement or set(self.depends[requirement]) <= set(g)]
        draw = random.Random(f"{self.setting} {branch} {requirement}")
        for axis in dict.fromkeys(a for group in groups for a in group):
            yield from self.product([axis], branch)
        for axes in [*groups, tuple(composition.axes)]:
            yield from (self.drawn(axes, branch, draw) for _ in range(draws))

    def drawn(self, axes: Sequence[str], branch: str, draw: random.Random) -> Choice:
        """A state over some axes at random."""
        chosen = {PARTS.get(a, a): draw.choice(self.classes(a, branch)) for a in axes}
        return {"history": self.branches[branch][0], **chosen}

    def worth(self, found: Found) -> tuple[int, int, int]:
        """A finding as three numbers that add up: its code at its place, its end, its opening, by its weight."""
        code = self.codes.setdefault(found.code, len(self.codes)) << self.places[found.requirement]
        says = self.weights[found.requirement]
        if says == "advise" or (says == "refer" and found.code != "MET"):
            return code, NEVER, NOTHING
        until = NEVER if found.until is None else _micros(found.until)
        if found.code == "MET":
            return code, until, NOTHING
        return code, NEVER, NEVER if found.opens_at is None else _micros(found.opens_at)

    def whole(self, gate: Answer, oracle: Answer) -> Half:
        """Two complete answers as numbers."""
        theirs, ours = (
            [self.worth(f) for f in (*one.findings, *one.advice) if f.requirement != "policy"] for one in (gate, oracle)
        )
        return joined(
            [Half(*w, NOTHING, NEVER, NOTHING) for w in theirs] + [Half(NOTHING, NEVER, NOTHING, *w) for w in ours]
        )

    def run(self, block: int = 28, samples: int = 2, whole: int = 3000) -> Tally:
        """Walk both branches of the setting; what the policy's own beginning, end or status decides, in short."""
        for branch in BRANCHES:
            if self.setting.is_edge:
                self.look(self, branch)
                continue
            Composition(self, branch).run(block, samples, whole)
            plain = self.setting.programme.plain
            if plain["status"] != "active":
                self.look(Walk(self.setting, plain, plain), branch)
        return self.tally

    def look(self, walk: Walk, branch: str, draws: int = 2) -> None:
        """A short walk, counted here."""
        for choice in walk.a_slice(branch, draws):
            walk.ask(choice)
            self.tally.sampled += 1
        if walk is not self:
            for mismatch in walk.tally.mismatches:
                self.tally.found(mismatch)


def _micros(moment: datetime) -> int:
    return int(moment.timestamp()) * 1_000_000 + moment.microsecond


def size_of_product(walk: Walk) -> int:
    """How many states the full product of a setting has."""
    return sum(Composition(walk, branch).size() for branch in BRANCHES)
