"""The gate: one pure function that says whether a step may happen now, and everything that stands against it.

Fail closed: what is missing, unknown, contradictory, in the future or broken is unmet, and an empty policy
blocks. There is no way to force, override or skip.
"""

from __future__ import annotations

from compliance.domain.decision import Decision, Finding, Opens, Request, Weight
from compliance.domain.facts import Category, Prescription
from compliance.domain.policy import Policy, Status
from compliance.domain.record import Record, View
from compliance.domain.requirements import Question, Requirement
from compliance.domain.requirements.numbers import ENDLESS, AuthorizationRule
from compliance.domain.span import Instant, earliest


def decide(policy: Policy, record: Record, request: Request, at: Instant) -> Decision:
    """Decide one step for one prescription at one moment, on the facts that were true and known by then.

    Never raises for anything in the facts: a requirement that breaks is an unmet finding.
    """
    view = record.as_of(at, policy.scope)
    agreement = view.enrolment
    category = agreement.category if agreement is not None else None
    question = _question(policy, view, request, at, category)
    deciding, advising = policy.asked(request.step, category, question.is_first)
    is_gated = policy.is_gated(category)
    has_requirements = not is_gated or any(rule.id not in policy.laid_over for rule in deciding)
    findings = _in_force(policy, at, question.prescription, has_requirements=has_requirements)
    findings += tuple([_check(requirement, question) for requirement in deciding])
    return Decision(
        request=request, at=at, policy_id=policy.id, policy_version=policy.version,
        policy_sha256=policy.sha256, category=category, findings=findings,
        authorization_ends_at=_authorization_end(deciding, question),
        advice=tuple([_check(requirement, question) for requirement in advising]),
        is_gated=is_gated, layers=policy.layers,
    )  # fmt: skip


def _question(policy: Policy, view: View, request: Request, at: Instant, category: Category | None) -> Question:
    is_first = not view.course
    tests = policy.tests if is_first else policy.tests_after_first
    return Question(
        view=view, request=request, at=at, today=policy.zone.date_of(at), zone=policy.zone,
        category=category, is_first=is_first,
        prescription=view.prescriptions.get(request.prescription), tests=tests,
        negatives=view.accepted_by(tests),
        negative_days=view.days_accepted_by(tests, policy.zone),
    )  # fmt: skip


def _check(requirement: Requirement, question: Question) -> Finding:
    refers = requirement.if_unmet is Weight.REFER
    try:
        found: object = requirement.check(question)
        if isinstance(found, Finding) and found.requirement == requirement.id:
            return found._replace(refers=True) if refers and not found.is_met else found
    except Exception:  # noqa: BLE001, S110 - whatever broke, the requirement is not met
        pass
    return Finding(requirement.id, False, "REQUIREMENT_BROKE", refers=refers)


def _in_force(
    policy: Policy, at: Instant, prescription: Prescription | None, *, has_requirements: bool
) -> tuple[Finding, ...]:
    if not has_requirements:
        return (Finding("policy", False, "POLICY_EMPTY"),)
    if policy.status is not Status.ACTIVE:
        return (Finding("policy", False, "POLICY_NOT_ACTIVE"),)
    if at < policy.starts_at:
        opens_at = policy.starts_at
        return (Finding("policy", False, "POLICY_NOT_IN_FORCE", (), None, opens_at, Opens.BY_WAITING),)
    if policy.finishes(prescription):
        return (Finding("policy", True, "MET"),)
    if policy.ends_at is not None and at >= policy.ends_at:
        return (Finding("policy", False, "POLICY_NOT_IN_FORCE"),)
    return (Finding("policy", True, "MET", (), policy.ends_at),)


def _authorization_end(requirements: tuple[Requirement, ...], question: Question) -> Instant | None:
    """When an authorization given now would end: the earliest of the lives that apply to this patient."""
    if question.category is None:
        return None
    lives = [r for r in requirements if isinstance(r, AuthorizationRule)]
    try:
        ends = [life.ends_at(question, question.at) for life in lives]
    except Exception:  # noqa: BLE001 - the broken requirement blocks already, and no end is promised
        return None
    return None if None in ends else earliest(*[end for end in ends if end != ENDLESS])
