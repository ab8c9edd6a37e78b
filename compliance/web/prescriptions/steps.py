"""What a prescriber sees of each open prescription: the gate's answer to its next step, ready to be read."""

from __future__ import annotations

from dataclasses import dataclass, replace

from compliance.domain.decision import Decision, Mender
from compliance.domain.facts import CertifiedRole, Step
from compliance.domain.policy import Policy
from compliance.domain.requirements.people import Certified
from compliance.services.patients import PatientView
from compliance.web.explain import Group, Line, advice, earliest, explain, good_until, groups
from compliance.web.request import programme, site_zone


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """A decision as a page shows it."""

    decision: Decision
    policy: Policy
    lines: tuple[Line, ...]
    groups: tuple[Group, ...]
    referrals: tuple[Line, ...]
    advice: tuple[Line, ...]
    earliest: str
    good_until: str


def explained(decision: Decision) -> Explained:
    """Read a decision out, under the very policy that it was made by."""
    policy = programme().policies.exactly(decision.policy_id, decision.policy_version, decision.at)
    lines = explain(decision, policy, site_zone())
    return Explained(
        decision=decision, policy=policy, lines=lines, groups=groups(lines),
        referrals=tuple(line for line in lines if line.refers), advice=advice(decision, policy, site_zone()),
        earliest=earliest(decision, policy, site_zone()), good_until=good_until(decision, policy, site_zone()),
    )  # fmt: skip


def open_steps(view: PatientView) -> dict[str, Explained]:
    """The next step of each open prescription, by prescription."""
    return {step.prescription: _for_prescriber(explained(step.decision)) for step in view.next_steps}


def _for_prescriber(whole: Explained) -> Explained:
    """Leave out what only the pharmacy can answer: which pharmacy it will be is not known on this page."""
    if whole.decision.request.step is Step.AUTHORIZE:
        return whole
    theirs = {
        r.id for r in whole.policy.requirements if isinstance(r, Certified) and r.who is not CertifiedRole.PRESCRIBER
    }
    lines = tuple(one for one in whole.lines if one.requirement not in theirs and one.mender is not Mender.PHARMACY)
    return replace(whole, lines=lines, groups=groups(lines))
