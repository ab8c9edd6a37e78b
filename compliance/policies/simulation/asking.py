"""Asks the gate what would stand in the way of a whole supply at a moment: authorize, confirm and dispense at once.

The prescription, authorization and confirmation are drafts here: they enter the record only once the gate has
allowed each step.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from compliance.domain.decision import Decision, Finding, Request
from compliance.domain.facts import Authorization, Confirmation, Dispense, Fact, Prescription, Step
from compliance.domain.gate import decide
from compliance.domain.policy import Policy, Status
from compliance.domain.record import Record
from compliance.domain.requirements import Requirement
from compliance.domain.span import Instant
from compliance.policies.simulation.patient import PHARMACIST, PHARMACY, PRESCRIBER, handover, treated_days


@dataclass(frozen=True, slots=True)
class Unmet:
    """One unmet finding, the request it answers, and the line of the policy it is about (None: the policy)."""

    request: Request
    requirement: Requirement | None
    finding: Finding


def is_banner(policy: Policy, finding: Finding) -> bool:
    """Whether a finding only says that the policy is a draft: told at the top, and left out of the walk."""
    return policy.status is Status.DRAFT and finding.code == "POLICY_NOT_ACTIVE"


def blocking(policy: Policy, asked: Iterable[Decision]) -> list[Unmet]:
    """What blocks, but for the draft's own banner."""
    return [
        one
        for decision in asked
        for one in _of(policy, decision, decision.blocking)
        if not is_banner(policy, one.finding)
    ]


def informing(policy: Policy, asked: Iterable[Decision]) -> list[Unmet]:
    """What only refers or advises: a compliant patient sees to it where that is possible."""
    return [
        one for decision in asked for one in _of(policy, decision, (*decision.referred, *decision.advised))
    ]  # fmt: skip


def _of(policy: Policy, decision: Decision, findings: Iterable[Finding]) -> list[Unmet]:
    lines = {requirement.id: requirement for requirement in policy.requirements}
    return [Unmet(decision.request, lines.get(finding.requirement), finding) for finding in findings]


def request(policy: Policy, step: Step, prescription: str) -> Request:
    """What is asked at a step, by the simulated pharmacy."""
    leaves = handover(policy) if step is Step.DISPENSE else None
    return Request(step=step, prescription=prescription, pharmacy=PHARMACY, pharmacist=PHARMACIST, handover=leaves)


def authorized(policy: Policy, rx: Prescription, number: int, at: Instant) -> Authorization:  # noqa: ARG001
    """The authorization that the first step gives."""
    return Authorization(
        id=f"authorization-{number}", at=at, recorded_at=at, actor=PRESCRIBER, number=f"A-{number}",
        prescription=rx.id, category=rx.category,
    )  # fmt: skip


def confirmed(policy: Policy, rx: Prescription, number: int, at: Instant) -> Confirmation:  # noqa: ARG001
    """The confirmation that the second step gives."""
    return Confirmation(
        id=f"confirmation-{number}", at=at, recorded_at=at, actor=PHARMACIST, number=f"C-{number}",
        authorization=f"authorization-{number}", prescription=rx.id, pharmacy=PHARMACY,
    )  # fmt: skip


def dispensed(policy: Policy, rx: Prescription, number: int, at: Instant) -> Dispense:
    """The supply that the third step allows; the whole prescription."""
    return Dispense(
        id=f"dispense-{number}", at=at, recorded_at=at, actor=PHARMACIST, prescription=rx.id,
        confirmation=f"confirmation-{number}", pharmacy=PHARMACY, handover=handover(policy),
        days_supply=treated_days(rx),
    )  # fmt: skip


Made = Callable[[Policy, Prescription, int, Instant], Fact]
MADE: dict[Step, Made] = {Step.AUTHORIZE: authorized, Step.CONFIRM: confirmed, Step.DISPENSE: dispensed}
"""What each step adds to the record once it is allowed, in the order of the steps."""


def chain(policy: Policy, facts: Iterable[Fact], rx: Prescription, number: int, at: Instant) -> Iterator[Decision]:
    """The gate's three answers if everything were done now, each on the facts that would stand by then."""
    known = [*facts, rx]
    for step, made in MADE.items():
        yield decide(policy, Record(known), request(policy, step, rx.id), at)
        known = [*known, made(policy, rx, number, at)]
