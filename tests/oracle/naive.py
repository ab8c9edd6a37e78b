"""A second gate, as plain as can be, so that the real one has an independent judge.

Written from the words of `policies/README.md` and the numbers of the policy file, never from the gate's code: plain
dicts as they stand on the wire (times already read), lists, one function a requirement kind, no shortcuts.
`answer` says for any step: the outcome, the ordered reason codes, each finding and each piece of advice with its end
or opening, and the decision's end and earliest moment.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from tests.oracle import rules_care as care
from tests.oracle import rules_forms as forms
from tests.oracle import rules_monitoring as monitoring
from tests.oracle import rules_numbers as numbers
from tests.oracle import rules_people as people
from tests.oracle import rules_spacing as spacing
from tests.oracle import rules_tests as tests
from tests.oracle.world import Plain, Says, World, rules_of


class Found(NamedTuple):
    """One requirement's finding; "MET" is a code like any other. One that refers stops nothing."""

    requirement: str
    code: str
    until: datetime | None
    opens_at: datetime | None
    refers: bool = False


class Answer(NamedTuple):
    """The whole answer, in the shape in which the two gates are compared."""

    is_allowed: bool
    codes: tuple[str, ...]
    findings: tuple[Found, ...]
    valid_until: datetime | None
    earliest_at: datetime | None
    outcome: str = "allow"
    advice: tuple[Found, ...] = ()


def answer(policy: Plain, facts: list[Plain], request: Plain, now: datetime) -> Answer:
    """Ask every requirement that applies, in the file's order; what only advises stands apart."""
    world = World(policy, facts, request, now)
    asked = [r for r in rules_of(policy) if applies(r.get("when", {}), world)]
    own = {r["id"] for r in policy.get("requirement", [])}
    deciding = [found(r, world) for r in asked if weight(r) != "advise"]
    advice = [found(r, world) for r in asked if weight(r) == "advise"]
    category = world.category or policy["strictest_category"]
    is_gated = category not in policy.get("no_gate", {}).get("categories", [])
    findings = [
        *policy_itself(policy, world, is_empty=is_gated and not [f for f in deciding if f.requirement in own]),
        *deciding,
    ]
    return conclude(findings, advice, is_gated=is_gated)


def weight(requirement: Plain) -> str:
    """What the requirement does if it is unmet."""
    says: str = requirement.get("if_unmet", "refuse")
    return says


def found(requirement: Plain, world: World) -> Found:
    """Ask one requirement."""
    code, moment = KINDS[requirement["kind"]](requirement, world)
    if code == "MET":
        return Found(requirement["id"], code, moment, None)
    return Found(requirement["id"], code, None, moment, refers=weight(requirement) == "refer")


def conclude(findings: list[Found], advice: list[Found], *, is_gated: bool) -> Answer:
    """Put the findings together: a yes ends with its first end, a no opens with the last of what refuses."""
    unmet = [f for f in findings if f.code != "MET"]
    refusing = [f for f in unmet if not f.refers]
    allowed = bool(findings) and not refusing
    outcome = "refuse" if not allowed else "refer" if unmet else "allow" if is_gated else "not_gated"
    ends = [f.until for f in findings if f.until is not None]
    opens = [f.opens_at for f in refusing if f.opens_at is not None]
    return Answer(
        allowed,
        tuple(f.code for f in unmet),
        tuple(findings),
        min(ends) if allowed and ends else None,
        max(opens) if refusing and len(opens) == len(refusing) else None,
        outcome,
        tuple(advice),
    )


def policy_itself(policy: Plain, world: World, *, is_empty: bool) -> list[Found]:
    """One finding about the policy, where the policy itself stands in the way or comes to an end."""
    starts = world.start(policy["in_force_from"])
    until = policy.get("in_force_until")
    ends = None if until is None else world.end(until)
    if is_empty:
        return [Found("policy", "POLICY_EMPTY", None, None)]
    if policy["status"] != "active":
        return [Found("policy", "POLICY_NOT_ACTIVE", None, None)]
    if world.now < starts:
        return [Found("policy", "POLICY_NOT_IN_FORCE", None, starts)]
    if policy.get("transition") == "by_prescription" and world.prescription is not None:
        issued = world.prescription["at"]
        if starts <= issued and (ends is None or issued < ends):
            return [Found("policy", "MET", None, None)]
    if ends is not None and world.now >= ends:
        return [Found("policy", "POLICY_NOT_IN_FORCE", None, None)]
    return [Found("policy", "MET", ends, None)]


def applies(when: Plain, world: World) -> bool:
    """Whether the requirement is asked at this step, of this category, for this supply."""
    category = world.category or world.policy["strictest_category"]
    return (
        world.request["step"] in when.get("steps", [world.request["step"]])
        and category in when.get("categories", [category])
        and (not world.course) == when.get("first", not world.course)
    )


KINDS: dict[str, Callable[[Plain, World], Says]] = {
    "prescription_form": people.prescription_form,
    "category_on_prescription": people.category_on_prescription,
    "enrolled": people.enrolled,
    "risk_evidence": people.risk_evidence,
    "risk_evidence_by_age": people.risk_evidence_by_age,
    "certified": people.certified,
    "registered": people.registered,
    "not_held": people.not_held,
    "test_days_before": tests.test_days_before,
    "test_hours_before": tests.test_hours_before,
    "latest_test_negative": tests.latest_test_negative,
    "test_schedule": tests.test_schedule,
    "test_interval": tests.test_interval,
    "menses_evaluated": tests.menses_evaluated,
    "tests_apart": spacing.tests_apart,
    "test_in_period": spacing.test_in_period,
    "missed_first_window": spacing.missed_first_window,
    "test_before_lead_in": spacing.test_before_lead_in,
    "contraception": care.contraception,
    "contraception_or_urgent_start": care.contraception_or_urgent_start,
    "counselling": care.counselling,
    "material": care.material,
    "prescriber_survey": care.prescriber_survey,
    "patient_survey": care.patient_survey,
    "declared": forms.declared,
    "acknowledged": forms.acknowledged,
    "signed": forms.signed,
    "independent_reviews": forms.independent_reviews,
    "handed_over": forms.handed_over,
    "lab_known": monitoring.lab_known,
    "lab_schedule": monitoring.lab_schedule,
    "lab_at_least": monitoring.lab_at_least,
    "no_rechallenge": monitoring.no_rechallenge,
    "considered": monitoring.considered,
    "regimen": monitoring.regimen,
    "days_supply": numbers.days_supply,
    "refills": numbers.refills,
    "not_yet_dispensed": numbers.not_yet_dispensed,
    "supply_left": numbers.supply_left,
    "authorization_life": numbers.authorization_life,
    "authorization_held": numbers.authorization_held,
    "confirmation_life": numbers.confirmation_life,
    "same_day_shipping": numbers.same_day_shipping,
}
"""One rule for each kind that a policy file can name."""
