"""Turns a decision into what a page shows: every finding with its rule, its reason, who can mend it, and when.

Nothing is decided here. A finding of a requirement that the policy at hand does not know is still shown, by its code.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from compliance.domain.decision import REASONS, Decision, Finding, Mender, Opens
from compliance.domain.facts import Step
from compliance.domain.policy import Policy, Source
from compliance.web.times import spell_both
from compliance.web.words import CONFIDENCE, LABELS

_ORDER = (
    Mender.TWO_CLINICIANS,
    Mender.PRESCRIBER,
    Mender.PATIENT,
    Mender.PHARMACY,
    Mender.ADMINISTRATOR,
    Mender.NOBODY,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One finding, ready to be read."""

    requirement: str
    is_met: bool
    refers: bool
    code: str
    rule: str
    sentence: str
    next_step: str
    mender: Mender
    when: str
    source: Source | None
    caution: str


@dataclass(frozen=True, slots=True)
class Group:
    """The findings that one kind of person can mend."""

    mender: Mender
    title: str
    lines: tuple[Line, ...]


def explain(decision: Decision, policy: Policy, site_zone: str) -> tuple[Line, ...]:
    """Every finding that decides, in the policy's order."""
    return tuple(_line(finding, decision, policy, site_zone) for finding in decision.findings)


def advice(decision: Decision, policy: Policy, site_zone: str) -> tuple[Line, ...]:
    """What should be seen to and stops nothing, in the policy's order."""
    return tuple(_line(finding, decision, policy, site_zone) for finding in decision.advised)


def groups(lines: Iterable[Line]) -> tuple[Group, ...]:
    """What stands against a step, by who can mend it; what two clinicians must resolve comes first."""
    unmet = [line for line in lines if not line.is_met and not line.refers]
    found = [(who, tuple(line for line in unmet if line.mender is who)) for who in _ORDER]
    return tuple(Group(who, LABELS[Mender][who.value], mine) for who, mine in found if mine)


def earliest(decision: Decision, policy: Policy, site_zone: str) -> str:
    """When nothing would stand against the step any more, at the earliest; "" when it cannot be said."""
    if decision.earliest_at is None:
        return ""
    if decision.earliest_at <= decision.at:
        return "as soon as everything below is done"
    return spell_both(decision.earliest_at, policy.zone.key, site_zone, is_end=False)


def good_until(decision: Decision, policy: Policy, site_zone: str) -> str:
    """Until when a yes stands if nothing else happens; "" for a no and for a yes without an end."""
    if decision.valid_until is None:
        return ""
    return spell_both(decision.valid_until, policy.zone.key, site_zone, is_end=True)


def _line(finding: Finding, decision: Decision, policy: Policy, site_zone: str) -> Line:
    requirement = next((r for r in policy.requirements if r.id == finding.requirement), None)
    reason = REASONS[finding.code]
    return Line(
        requirement=finding.requirement, is_met=finding.is_met, refers=finding.refers, code=finding.code,
        rule=requirement.text if requirement else _RULES[finding.requirement == "policy"],
        sentence=reason.sentence, next_step=_next_step(finding, decision), mender=reason.mender,
        when=_when(finding, decision, policy, site_zone),
        source=policy.sources.get(requirement.source.partition("#")[0]) if requirement else None,
        caution=CONFIDENCE.get(requirement.confidence, "") if requirement else "",
    )  # fmt: skip


_RULES = {True: "A version of the programme's policy is in force.", False: "A requirement of the policy."}


def _next_step(finding: Finding, decision: Decision) -> str:
    is_own = finding.code == "CONFIRMATION_MISSING" and decision.request.step is Step.DISPENSE
    return "Confirm the supply first." if is_own else REASONS[finding.code].next_step


def _when(finding: Finding, decision: Decision, policy: Policy, site_zone: str) -> str:
    programme = policy.zone.key
    if finding.is_met:
        return "" if finding.until is None else spell_both(finding.until, programme, site_zone, is_end=True)
    if finding.opens_at is None or finding.opens is Opens.NOT_HERE:
        return "cannot be said; waiting does not help"
    if finding.opens is Opens.BY_WAITING:
        return "by waiting, " + spell_both(finding.opens_at, programme, site_zone, is_end=False)
    if finding.opens_at <= decision.at:
        return "as soon as it is done and recorded"
    return spell_both(finding.opens_at, programme, site_zone, is_end=False)
