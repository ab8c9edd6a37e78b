"""What an unmet requirement does: it refuses, refers or advises; and where a programme has no gate at all."""

from dataclasses import fields, replace
from datetime import date
from typing import Any

import pytest

from compliance.domain import facts as f
from compliance.domain.decision import Decision, Finding, Outcome, Weight
from compliance.domain.facts import Category, Step
from compliance.domain.gate import decide
from compliance.domain.policy import Policy, Status
from compliance.domain.record import Record
from tests import builders as b
from tests.domain.expect import met, needs, utc, waits
from tests.domain.kinds import policy_of, table
from tests.domain.laws import Breaks

SOON, LATER = utc(2026, 6, 16), utc(2026, 6, 20)
REFERS = needs("r", "ACKNOWLEDGEMENT_OVERDUE")._replace(refers=True)
REFUSES = needs("n", "HELD")


def decision(*findings: Finding, advice: tuple[Finding, ...] = (), **more: Any) -> Decision:
    return Decision(
        request=b.request(), at=b.NOW, policy_id="p", policy_version="1", policy_sha256="0", category=None,
        findings=findings, advice=advice, **more,
    )  # fmt: skip


# -- the outcome of a decision -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("findings", "outcome"),
    [
        ((), Outcome.REFUSE),
        ((met("a"),), Outcome.ALLOW),
        ((met("a"), REFERS), Outcome.REFER),
        ((REFERS,), Outcome.REFER),
        ((REFERS, REFUSES), Outcome.REFUSE),
        ((REFUSES, met("a")), Outcome.REFUSE),
    ],
)
def test_refusing_outranks_referring_and_referring_outranks_a_plain_yes(
    findings: tuple[Finding, ...], outcome: Outcome
) -> None:
    found = decision(*findings)
    assert found.outcome is outcome
    assert found.is_allowed is (outcome is not Outcome.REFUSE)


@pytest.mark.parametrize(
    ("findings", "outcome"),
    [((), Outcome.REFUSE), ((met("a"),), Outcome.NOT_GATED), ((REFERS,), Outcome.REFER), ((REFUSES,), Outcome.REFUSE)],
)
def test_without_a_gate_only_a_plain_yes_changes_its_name(findings: tuple[Finding, ...], outcome: Outcome) -> None:
    assert decision(*findings, is_gated=False).outcome is outcome


def test_what_blocks_and_what_refers_stand_apart_and_together_in_the_order_of_the_policy() -> None:
    found = decision(REFERS, met("a"), REFUSES)
    assert found.unmet == (REFERS, REFUSES)
    assert found.codes == ("ACKNOWLEDGEMENT_OVERDUE", "HELD")
    assert (found.blocking, found.referred) == ((REFUSES,), (REFERS,))


def test_only_what_blocks_says_when_the_gate_opens() -> None:
    late = waits("r", "SUPPLY_LEFT", at=LATER)._replace(refers=True)
    never = Finding("x", False, "REQUIREMENT_BROKE", refers=True)
    assert decision(late, waits("n", "SUPPLY_LEFT", at=SOON)).earliest_at == SOON
    assert decision(never, waits("n", "SUPPLY_LEFT", at=SOON)).earliest_at == SOON
    assert decision(late, never).earliest_at is None


def test_a_referring_yes_lasts_as_long_as_what_is_met() -> None:
    assert decision(REFERS, met("a", until=LATER), met("b", until=SOON)).valid_until == SOON
    assert decision(REFERS, REFUSES, met("a", until=LATER)).valid_until is None


def test_advice_informs_and_decides_nothing() -> None:
    advice = (needs("x", "LAB_BELOW"), met("y", until=SOON))
    found = decision(met("a", until=LATER), advice=advice)
    assert (found.outcome, found.unmet, found.codes) == (Outcome.ALLOW, (), ())
    assert (found.advised, found.valid_until, found.earliest_at) == (advice[:1], LATER, None)
    assert decision(advice=advice).outcome is Outcome.REFUSE


# -- the gate ------------------------------------------------------------------------------------------------------

RX = b.prescription(Category.ADULT_MALE)
REGIMEN = table("regimen", "usual", days_on=21, cycle_days=28)
FORM = table("prescription_form", "form")
BLOOD = table("lab_known", "blood", panel="blood_count", within="P30D")
KNOWN = [b.enrolment(Category.ADULT_MALE), RX]


def asked(policy: Policy, facts: list[f.Fact], step: Step = Step.DISPENSE) -> Decision:
    return decide(policy, Record(facts), b.request(step), b.NOW)


@pytest.mark.parametrize(
    ("weight", "outcome", "unmet", "advised"),
    [
        ({}, Outcome.REFUSE, (needs("blood", "LAB_MISSING"),), ()),
        ({"if_unmet": "refuse"}, Outcome.REFUSE, (needs("blood", "LAB_MISSING"),), ()),
        ({"if_unmet": "refer"}, Outcome.REFER, (needs("blood", "LAB_MISSING")._replace(refers=True),), ()),
        ({"if_unmet": "advise"}, Outcome.ALLOW, (), (needs("blood", "LAB_MISSING"),)),
    ],
)
def test_a_requirement_does_what_its_policy_says_when_it_is_unmet(
    weight: dict[str, str], outcome: Outcome, unmet: tuple[Finding, ...], advised: tuple[Finding, ...]
) -> None:
    found = asked(policy_of(FORM, BLOOD | weight, REGIMEN), KNOWN)
    assert (found.outcome, found.unmet, found.advised) == (outcome, unmet, advised)


@pytest.mark.parametrize("weight", ["refuse", "refer", "advise"])
def test_a_met_requirement_answers_the_same_whatever_its_weight(weight: str) -> None:
    found = asked(policy_of(FORM, REGIMEN | {"if_unmet": weight}), KNOWN)
    assert found.outcome is Outcome.ALLOW
    assert (*found.findings, *found.advice) == (met("policy"), met("form", "rx"), met("usual", "rx"))


def test_a_policy_that_only_advises_at_a_step_is_empty_there() -> None:
    found = asked(policy_of(REGIMEN | {"if_unmet": "advise"}), KNOWN)
    assert found.findings == (Finding("policy", False, "POLICY_EMPTY"),)
    assert found.advice == (met("usual", "rx"),)


@pytest.mark.parametrize("weight", list(Weight))
def test_what_cannot_be_checked_does_what_it_would_do_unmet(weight: Weight) -> None:
    whole = policy_of(FORM, REGIMEN)
    rule = whole.requirements[1]
    common = {one.name: getattr(rule, one.name) for one in fields(rule) if one.name not in {"days_on", "cycle_days"}}
    broken = Breaks(**common | {"if_unmet": weight}, error=KeyError("x"))
    found = asked(replace(whole, requirements=(whole.requirements[0], broken)), KNOWN)
    lost = Finding("usual", False, "REQUIREMENT_BROKE", refers=weight is Weight.REFER)
    outcomes = {Weight.REFUSE: Outcome.REFUSE, Weight.REFER: Outcome.REFER, Weight.ADVISE: Outcome.ALLOW}
    assert found.outcome is outcomes[weight]
    assert (*found.unmet, *found.advised) == (lost,)


def test_the_finding_about_the_policy_itself_always_refuses() -> None:
    draft = policy_of(FORM | {"if_unmet": "refer"}, status="draft")
    found = asked(draft, KNOWN)
    assert (found.outcome, found.codes) == (Outcome.REFUSE, ("POLICY_NOT_ACTIVE",))


def test_an_authorization_ends_with_a_life_that_refers_but_not_with_one_that_advises() -> None:
    week = {"span": "P7D", "start_day": "day 0", "last_day": "included"}
    life = table("authorization_life", "life", lasts=week, counted_from="issue")
    ends = {"refer": utc(2026, 6, 23), "advise": None}
    for weight, end in ends.items():
        policy = policy_of(FORM, life | {"if_unmet": weight})
        assert asked(policy, KNOWN, Step.AUTHORIZE).authorization_ends_at == end


# -- no gate -------------------------------------------------------------------------------------------------------

NO_GATE = {"categories": ["adult_male", "child_male"], "text": "x", "source": "rems#1", "confidence": "primary"}
FOR_WOMEN = FORM | {"when": {"categories": ["adult_frp", "child_frp"]}}


def test_a_category_without_a_gate_needs_no_requirements() -> None:
    policy = policy_of(FOR_WOMEN, no_gate=NO_GATE)
    man, woman = (asked(policy, [b.enrolment(category)]) for category in (Category.ADULT_MALE, Category.ADULT_FRP))
    assert (man.outcome, man.is_gated, man.findings) == (Outcome.NOT_GATED, False, (met("policy"),))
    assert (woman.outcome, woman.codes) == (Outcome.REFUSE, ("PRESCRIPTION_MISSING",))


def test_a_category_without_a_gate_is_still_asked_what_stands_there_for_it() -> None:
    policy = policy_of(FORM, BLOOD | {"if_unmet": "refer"}, no_gate=NO_GATE)
    found = asked(policy, KNOWN)
    assert (found.outcome, found.codes) == (Outcome.REFER, ("LAB_MISSING",))
    assert asked(policy, [KNOWN[0]]).outcome is Outcome.REFUSE
    assert asked(policy, [*KNOWN, b.lab_result()]).outcome is Outcome.NOT_GATED


def test_an_unknown_category_has_a_gate_where_the_strictest_has() -> None:
    assert asked(policy_of(FOR_WOMEN, no_gate=NO_GATE), []).outcome is Outcome.REFUSE
    males = policy_of(FOR_WOMEN, no_gate=NO_GATE, strictest_category="adult_male")
    assert asked(males, []).outcome is Outcome.NOT_GATED
    few = policy_of(FOR_WOMEN, no_gate=NO_GATE, categories=["adult_frp", "adult_male", "child_male"])
    assert asked(few, [b.enrolment(Category.ADULT_FNRP)]).outcome is Outcome.REFUSE


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"status": Status.DRAFT}, "POLICY_NOT_ACTIVE"),
        ({"status": Status.RETIRED}, "POLICY_NOT_ACTIVE"),
        ({"in_force_from": date(2026, 6, 16)}, "POLICY_NOT_IN_FORCE"),
        ({"in_force_until": date(2026, 6, 14)}, "POLICY_NOT_IN_FORCE"),
    ],
)
def test_a_programme_that_is_not_in_force_gates_whom_it_would_not_gate(change: dict[str, Any], code: str) -> None:
    policy = replace(policy_of(FOR_WOMEN, no_gate=NO_GATE), **change)
    found = asked(policy, [b.enrolment(Category.ADULT_MALE)])
    assert (found.outcome, found.codes) == (Outcome.REFUSE, (code,))
