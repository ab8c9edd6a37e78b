"""Every kind of requirement is simulated from its own parameters; what only refers or advises stops nothing."""

from pathlib import Path
from typing import Any

import pytest

from compliance.domain.facts import (
    Acknowledgement,
    Assessment,
    Certification,
    Cycle,
    Declaration,
    Dispense,
    Handover,
    IndependentReview,
    LabResult,
    Prescription,
    Report,
    RiskEvidence,
    Statement,
)
from compliance.domain.requirements import KINDS
from compliance.policies.simulation import Calendar
from compliance.policies.simulation.calendar import Mark
from tests import builders as b
from tests.policies.test_simulate import refused
from tests.policies.years import REGULAR, days_of, lived, small, specimen_days, supply_days

FOUR_WEEKS = {"span": "P28D", "start_day": "day 0", "last_day": "included"}
BLOOD = {"panel": "blood_count"}
METHODS = {
    "methods": 2, "of_them_highly_effective": 1, "highly_effective": ["iud_copper"],
    "additional": ["male_condom"], "abstinence_counts": True, "lead_in": "P28D",
}  # fmt: skip


def asked(kind: str, **parameters: Any) -> dict[str, Any]:
    return {"kind": kind} | parameters


def ordinary(calendar: Calendar, *first_supplies: int) -> bool:
    """Whether nothing stood in the way, the gate says the same again, and the first supplies are on these days."""
    given = supply_days(calendar)[: len(first_supplies)]
    assert (calendar.obstacle, refused(calendar), given) == ("", [], list(first_supplies))
    return True


@pytest.mark.parametrize(
    ("requirement", "first"),
    [
        (asked("tests_apart", at_least="P19D"), 19),
        (asked("test_before_lead_in", at_least="P28D", or_abstinent_for="P28D"), 28),
        (asked("contraception_or_urgent_start", urgent_lead_in="P7D", urgent_also=["male_condom"], **METHODS), 28),
        (asked("contraception", **METHODS), 28),
        (asked("test_days_before", youngest="P10D", oldest="P14D"), 10),
        (asked("missed_first_window", window=FOUR_WEEKS, wait="P19D"), 0),
        (asked("authorization_held"), 0),
        (asked("authorization_life", lasts=FOUR_WEEKS, counted_from="prescription"), 0),
        (asked("handed_over", accepted=["in_person"], when={"steps": ["dispense"]}), 0),
    ],
    ids=lambda value: value["kind"] if isinstance(value, dict) else "",
)
def test_the_first_supply_comes_as_early_as_the_kind_allows(requirement: dict[str, Any], first: int) -> None:
    calendar = lived(small({"when": {"first": True}} | requirement), 60)
    assert ordinary(calendar, first, first + 28)


def test_a_clock_that_a_test_starts_runs_while_contraception_is_waited_for() -> None:
    calendar = lived(small(asked("tests_apart", at_least="P19D"), asked("contraception", **METHODS)), 60)
    assert ordinary(calendar, 28)
    assert specimen_days(calendar)[:2] == [9, 28]


def test_tests_keep_to_an_interval_between_supplies() -> None:
    calendar = lived(small(asked("test_interval", every="P10D", when={"first": False})), 60)
    assert ordinary(calendar, 0, 28, 56)
    assert specimen_days(calendar) == [0, 10, 20, 30, 40, 50]


@pytest.mark.parametrize(
    ("requirement", "kind", "days"),
    [
        (asked("acknowledged", form="care_agreement", every=FOUR_WEEKS), Acknowledgement, [0, 28, 56]),
        (asked("signed", form="training"), Acknowledgement, [0]),
        (asked("registered", who="prescriber", lasts=FOUR_WEEKS), Certification, [0, 28, 56]),
        (asked("certified", who="prescriber"), Certification, [0]),
        (asked("lab_schedule", often_for="P21D", often_every="P7D", then_every="P28D", **BLOOD), LabResult,
         [0, 7, 14, 21, 49]),
        (asked("lab_known", within="P14D", when={"first": True}, **BLOOD), LabResult, [0]),
        (asked("lab_at_least", at_least=60, panel="creatinine_clearance"), LabResult, [0]),
        (asked("considered", concern="tumour_lysis"), Assessment, [0]),
        (asked("no_rechallenge", reactions=["dress"], graded=["rash"], from_grade=4, to_products=["smallomide"]),
         Assessment, [0]),
        (asked("independent_reviews", reviewers=2, under_age=55), IndependentReview, [0, 0]),
        (asked("declared", statements=["counselled"], exactly_one_of=["in_label", "off_label"]), Declaration,
         [0, 28, 56]),
        (asked("risk_evidence_by_age", accepted=["natural_menopause", "congenital"], menopause_months="P12M",
               menopause_age=50), RiskEvidence, [0]),
    ],
    ids=lambda value: value["kind"] if isinstance(value, dict) else "",
)  # fmt: skip
def test_a_fact_is_supplied_once_or_renewed_on_its_last_day(
    requirement: dict[str, Any], kind: Any, days: list[int]
) -> None:
    calendar = lived(small(requirement), 60)
    assert ordinary(calendar, 0, 28, 56)
    assert days_of(calendar, kind) == days


def test_what_opens_only_after_the_calendar_is_said_to() -> None:
    rule = asked("risk_evidence_by_age", accepted=["natural_menopause"], menopause_months="P12M", menopause_age=50)
    calendar = lived(small(rule), 60)
    assert (calendar.supplies, calendar.obstacle) == ([], "")
    assert calendar.notes[-1] == (
        "Waits beyond this calendar: The patient is too young for this evidence of menopause. (rule-1: A rule.)"
        " Opens Fri 5 Jan 2046."
    )


def test_a_period_starts_before_the_test_that_must_fall_in_it() -> None:
    for cycles in (None, REGULAR):
        calendar = lived(small(asked("test_in_period", first_days=5)), 40, cycles=cycles)
        assert ordinary(calendar, 0, 28)
        assert (days_of(calendar, Cycle), days_of(calendar, Report)) == ([0], [0])


def test_of_statements_that_exclude_each_other_one_is_ticked() -> None:
    rule = asked("declared", statements=["counselled", "in_label"], exactly_one_of=["in_label", "off_label"])
    calendar = lived(small(rule), 10)
    declared = [f.statements for f in calendar.facts if isinstance(f, Declaration)]
    assert declared == [frozenset({Statement.COUNSELLED, Statement.IN_LABEL})]


def test_the_prescription_follows_the_usual_cycle_and_the_way_out_of_the_pharmacy_is_an_accepted_one() -> None:
    way_out = asked("handed_over", accepted=["shipped"], when={"steps": ["dispense"]})
    calendar = lived(small(asked("regimen", days_on=21, cycle_days=28), way_out), 40)
    assert ordinary(calendar, 0, 28)
    [first, *_] = [f for f in calendar.facts if isinstance(f, Prescription)]
    [given, *_] = [f for f in calendar.facts if isinstance(f, Dispense)]
    assert (first.quantity, first.days_on, first.cycle_days) == (21, 21, 28)
    assert (given.handover, given.days_supply) == (Handover.SHIPPED, 28)


def test_advice_is_followed_where_it_can_be_and_else_noted_and_stops_nothing() -> None:
    lab = asked("lab_schedule", often_for="P7D", often_every="P7D", then_every="P28D", if_unmet="advise", **BLOOD)
    product = asked("refills", at_most=0, if_unmet="advise")
    cycle = asked("regimen", days_on=21, cycle_days=28, if_unmet="advise")
    other = asked("regimen", days_on=7, cycle_days=28, if_unmet="advise")
    calendar = lived(small(lab, product, cycle, other), 60)
    assert ordinary(calendar, 0, 28, 56)
    assert [e.says for e in calendar.events if e.requirement == "rule-1"] == ["Laboratory: blood count (advised)"] * 3
    noted = "Advice that remains: The prescription does not follow the usual cycle. (rule-4: A rule.)"
    assert calendar.notes[-1] == noted


def test_what_is_referred_is_seen_to_where_it_can_be_and_supply_goes_on_where_it_cannot() -> None:
    form = asked("acknowledged", form="risk_awareness", every=FOUR_WEEKS, if_unmet="refer")
    calendar = lived(small(form), 40)
    assert ordinary(calendar, 0, 28)
    assert [e.says for e in calendar.events if e.requirement == "rule-1"] == [
        "Risk awareness form signed (else referred)"
    ] * 2
    too_few = lived(small(asked("regimen", days_on=7, cycle_days=28), asked("regimen", days_on=21, cycle_days=28,
                                                                             if_unmet="refer")), 40)  # fmt: skip
    assert supply_days(too_few) == [0, 28]
    says = "Supply goes on and somebody must act: The prescription does not follow the usual cycle. (rule-2: A rule.)"
    assert too_few.notes[-1] == says


def test_where_the_programme_has_no_gate_the_calendar_says_so() -> None:
    no_gate = {"categories": ["adult_frp"], "text": "Education only.", "source": "leaflet#9", "confidence": "primary"}
    calendar = lived(small(no_gate=no_gate), 10)
    assert calendar.notes[0].startswith("NOT GATED: ")
    steps = [e.says for e in calendar.events if e.mark is Mark.STEP]
    assert steps == ["Authorization 1 not gated", "Confirmation 1 not gated"]


def test_every_kind_that_this_file_leaves_out_stands_in_the_released_policy() -> None:
    here = Path(__file__).read_text(encoding="utf-8")
    released = {requirement.kind for requirement in b.policy().requirements}
    assert [kind for kind in KINDS if f'"{kind}"' not in here and kind not in released] == []
