"""Asks the gate what a story asks, and says exactly where the answer differs from the expected one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from compliance.cases.reading import Case
from compliance.domain.decision import Decision
from compliance.domain.gate import decide
from compliance.domain.policy import Policy
from compliance.domain.record import Record


class Mismatch(NamedTuple):
    """One way in which the answer is not the expected one."""

    what: str
    expected: str
    got: str


@dataclass(frozen=True, slots=True)
class Ran:
    """A story, the gate's answer and how they differ."""

    case: Case
    decision: Decision
    mismatches: tuple[Mismatch, ...]


def run_case(case: Case, policy: Policy) -> Ran:
    """Decide the case under a policy and compare."""
    decision = decide(policy, Record(case.facts), case.request, case.at)
    return Ran(case, decision, tuple(mismatches(case, decision)))


def mismatches(case: Case, decision: Decision) -> Iterator[Mismatch]:
    """Each way in which a decision is not what the case says; what it does not say may be anything."""
    expected = case.expected
    if expected.allowed is not None and expected.allowed is not decision.is_allowed:
        yield Mismatch("allowed", _said(expected.allowed), _said(decision.is_allowed))
    unmet = tuple(finding.requirement for finding in decision.unmet)
    if expected.unmet is not None and expected.unmet != unmet:
        yield Mismatch("unmet", ", ".join(expected.unmet) or "nothing", ", ".join(unmet) or "nothing")
    if expected.codes is not None and expected.codes != decision.codes:
        yield Mismatch("codes", ", ".join(expected.codes) or "nothing", ", ".join(decision.codes) or "nothing")
    if expected.outcome is not None and expected.outcome is not decision.outcome:
        yield Mismatch("outcome", expected.outcome.value, decision.outcome.value)
    advised = tuple(finding.requirement for finding in decision.advised)
    if expected.advice is not None and expected.advice != advised:
        yield Mismatch("advice", ", ".join(expected.advice) or "nothing", ", ".join(advised) or "nothing")
    for name, moment in expected.times.items():
        got = getattr(decision, name)
        if moment != got:
            yield Mismatch(
                name,
                "none" if moment is None else moment.isoformat(),
                "none" if got is None else got.isoformat(),
            )


def _said(is_allowed: bool) -> str:  # noqa: FBT001 - a word for a yes or no
    return "allowed" if is_allowed else "blocked"
