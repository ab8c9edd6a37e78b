"""Asks the real gate under two policies, first of what can differ alone, so that a hundred thousand states are cheap.

A requirement is a pure function of the question. One that stands in both policies, and is asked the same question,
answers alike; so where the requirements that can differ come to the same outcome in both policies, the whole
policies do too, and need not be asked. A sample of whole decisions checks it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import NamedTuple

from compliance.cases.reading import Case
from compliance.domain.decision import Decision, Outcome
from compliance.domain.gate import decide
from compliance.domain.policy import NO_TEST_COUNTS, Policy, Status
from compliance.domain.record import Record
from compliance.domain.requirements import Requirement
from compliance.domain.span import EARLIEST
from compliance.policies.difference.stories import Story

Answer = tuple[int, str, bool, str]
"""Which policy (0 old, 1 new), which requirement, whether met, and the code."""


class Asked(NamedTuple):
    """One state, and what both policies answer."""

    story: Story
    before: Decision
    after: Decision

    @property
    def outcomes(self) -> tuple[Outcome, Outcome]:
        """Both outcomes; where nothing at all is asked, nothing is refused."""
        return _outcome(self.before), _outcome(self.after)

    @property
    def answers(self) -> frozenset[Answer]:
        """Every finding of both, but for the one about the policy itself."""
        sides = ((0, self.before), (1, self.after))
        found = [(side, f) for side, decision in sides for f in decision.findings if f.requirement != "policy"]
        return frozenset((side, f.requirement, f.is_met, f.code) for side, f in found)


def _outcome(part: Decision) -> Outcome:
    return Outcome.ALLOW if part.codes == ("POLICY_EMPTY",) else part.outcome


@dataclass(frozen=True, slots=True)
class Pair:
    """Two policies as if both were active and in force at every moment."""

    old: Policy
    new: Policy

    def ask(self, story: Story) -> Asked:
        """Both answers about one state."""
        record = Record(story.facts.values())
        before = decide(self.old, record, story.request, story.at)
        return Asked(story, before, decide(self.new, record, story.request, story.at))

    def having_only(self, names: tuple[frozenset[str], frozenset[str]]) -> Pair:
        """The same policies with some requirements only."""
        return Pair(*(_only(policy, kept) for policy, kept in zip((self.old, self.new), names, strict=True)))


def _only(policy: Policy, names: frozenset[str]) -> Policy:
    return replace(policy, requirements=tuple(r for r in policy.requirements if r.id in names))


def ageless(policy: Policy) -> Policy:
    """A policy as if it were active and had always been in force."""
    since = EARLIEST.date() + dt.timedelta(days=1)
    return replace(policy, status=Status.ACTIVE, in_force_from=since, in_force_until=None)


def _bare(requirement: Requirement) -> Requirement:
    return replace(requirement, id="", text="", source="", confidence="")


def twins(old: Policy, new: Policy) -> dict[str, str]:
    """The requirements that are the same in both policies, by their ids in the old and in the new one."""
    left = [(_bare(requirement), requirement.id) for requirement in new.requirements]
    found: dict[str, str] = {}
    for requirement in old.requirements:
        at = next((at for at, (bare, _) in enumerate(left) if bare == _bare(requirement)), None)
        if at is not None:
            found[requirement.id] = left.pop(at)[1]
    return found


def alike(old: Policy, new: Policy, cases: Iterable[Case]) -> dict[str, str]:
    """The twins that are also asked the same question: same clocks, same categories, same tests if they read any."""
    found = twins(old, new)
    if old.zone.key != new.zone.key or (set(old.categories), old.strictest) != (set(new.categories), new.strictest):
        return {}
    if (old.tests, old.tests_after_first) != (new.tests, new.tests_after_first):
        readers = [_readers_of_tests(policy, list(cases)) for policy in (old, new)]
        found = {was: now for was, now in found.items() if was not in readers[0] and now not in readers[1]}
    return found


def _readers_of_tests(policy: Policy, cases: Iterable[Case]) -> frozenset[str]:
    """The requirements that answer otherwise, in some example, once no test counts."""
    deaf = replace(policy, tests=NO_TEST_COUNTS, tests_after_first=NO_TEST_COUNTS)
    found: set[str] = set()
    for case in cases:
        record = Record(case.facts)
        one, two = (decide(p, record, case.request, case.at).findings for p in (policy, deaf))
        found |= {f.requirement for f, g in zip(one, two, strict=True) if (f.is_met, f.code) != (g.is_met, g.code)}
    return frozenset(found)
