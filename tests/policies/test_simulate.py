"""A simulated year is driven by the gate: what it says was allowed is allowed, and what opens opens then."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from compliance.domain.facts import Authorization, Category, Confirmation, Dispense, Fact, Prescription, Step
from compliance.domain.gate import decide
from compliance.domain.policy import Status
from compliance.domain.record import Record
from compliance.domain.requirements import KINDS
from compliance.domain.span import Instant
from compliance.policies.simulation import MENDS, Calendar, Mend
from compliance.policies.simulation.asking import chain, request
from compliance.policies.simulation.calendar import Lane, Mark
from compliance.policies.simulation.mending import Need, nothing
from tests import builders as b
from tests.policies.years import MONDAY, lived, small, specimen_days, supply_days, year

A_DAY = timedelta(days=1)
STEPS: dict[type[Fact], Step] = {
    Authorization: Step.AUTHORIZE,
    Confirmation: Step.CONFIRM,
    Dispense: Step.DISPENSE,
}
CATEGORIES = list(Category)


def refused(calendar: Calendar) -> list[str]:
    """What the gate, asked again about the finished record, would not have allowed."""
    found = []
    for place, fact in enumerate(calendar.facts):
        step = STEPS.get(type(fact))
        if step is not None:
            known = [f for at, f in enumerate(calendar.facts) if at < place or f.at > fact.at]
            asked = request(calendar.policy, step, fact.prescription)  # type: ignore[attr-defined]
            if not decide(calendar.policy, Record(known), asked, fact.at).is_allowed:
                found.append(fact.id)
    return found


def codes_at(calendar: Calendar, number: int, requirement: str, at: Instant) -> list[str]:
    """What the gate says of one requirement if supply `number` were asked for at a moment before it was."""
    place = next(i for i, f in enumerate(calendar.facts) if f.id == f"rx-{number}")
    rx = calendar.facts[place]
    assert isinstance(rx, Prescription)
    moved = replace(rx, at=at, recorded_at=at)
    asked = chain(calendar.policy, calendar.facts[:place], moved, number, at)
    return [f.code for made in asked for f in made.findings if f.requirement == requirement and not f.is_met]


@pytest.mark.parametrize("category", CATEGORIES)
def test_whatever_the_calendar_says_was_done_the_gate_allows_on_the_finished_record(category: Category) -> None:
    calendar = year(category)
    steps = [f for f in calendar.facts if type(f) in STEPS]
    assert (refused(calendar), calendar.obstacle, len(steps)) == ([], "", 3 * len(calendar.supplies))
    assert [d.is_allowed for d in calendar.decisions] == [True] * len(steps)


@pytest.mark.parametrize("category", CATEGORIES)
def test_each_opening_does_what_it_says_and_a_day_less_is_refused(category: Category) -> None:
    calendar = year(category)
    supplied = {f.prescription for f in calendar.facts if isinstance(f, Dispense)}
    waits = [w for w in calendar.windows if w.is_wait and w.request.prescription in supplied]
    assert len(waits) >= len(supplied) - 1
    for wait in waits:
        assert wait.finding is not None
        number = int(wait.request.prescription.partition("-")[2])
        assert codes_at(calendar, number, wait.requirement, wait.closes_at) == []
        before = Instant(wait.closes_at - A_DAY)
        assert wait.finding.code in codes_at(calendar, number, wait.requirement, before)
        assert before < wait.closes_at <= next(f.at for f in calendar.facts if f.id == f"rx-{number}")


@pytest.mark.parametrize("category", CATEGORIES)
def test_each_good_window_ends_when_the_gate_says(category: Category) -> None:
    calendar = year(category)
    good = [w for w in calendar.windows if not w.is_wait and not w.requirement]
    ends = {(d.request.step, d.request.prescription): d for d in calendar.decisions}
    for window in good:
        made = ends[window.request.step, window.request.prescription]
        is_first = window.request.step is Step.AUTHORIZE
        assert window.closes_at == (made.authorization_ends_at if is_first else made.valid_until)
        assert window.opens_at == made.at < window.closes_at
    assert len(good) == 2 * len(calendar.supplies)


def test_a_year_of_a_woman_who_can_become_pregnant() -> None:
    calendar = year(Category.ADULT_FRP)
    assert supply_days(calendar) == [28, 49, 77, 105]
    assert specimen_days(calendar) == [18, 28, 35, 42, 49, 56, 77, 105]
    assert [e.says for e in calendar.events if e.mark is Mark.DUE and e.lane is Lane.SURVEYS] == [
        "Patient survey completed"
    ] * 3


def test_cycles_that_are_not_stated_are_tested_every_two_weeks() -> None:
    calendar = lived(b.policy(), 100)
    assert specimen_days(calendar) == [18, 28, 35, 42, 49, 56, 70, 84, 98]
    assert "Menstrual cycles: not stated, which counts as irregular." in calendar.notes


def test_a_man_is_supplied_on_the_first_day_and_when_seven_days_are_left() -> None:
    calendar = year(Category.ADULT_MALE)
    assert (supply_days(calendar), specimen_days(calendar)) == ([0, 21, 49, 77, 105], [])


def test_every_kind_of_requirement_stands_in_the_table() -> None:
    assert set(MENDS) == set(KINDS)


@pytest.mark.parametrize(
    ("kind", "obstacle"),
    [
        ("patient_survey", "The patient has not completed a survey. (monthly-survey: "),
        ("test_days_before", "No accepted negative pregnancy test falls in this window before the prescription. ("),
        ("contraception", "No statement on contraception is on record. (contraception-lead-in: "),
    ],
)
def test_an_entry_that_supplies_nothing_ends_the_calendar_instead_of_a_yes(kind: str, obstacle: str) -> None:
    for mends in (MENDS | {kind: Mend(Lane.SURVEYS, nothing)}, {k: v for k, v in MENDS.items() if k != kind}):
        calendar = lived(b.policy(), 60, mends=mends)
        assert (calendar.obstacle.startswith(obstacle), calendar.supplies, calendar.decisions) == (True, [], [])
        assert (calendar.events[-1].mark, calendar.events[-1].at) == (Mark.STOP, calendar.events[0].at)
        assert calendar.events[-1].says == f"Stands in the way: {calendar.obstacle}"


def test_an_entry_that_supplies_the_wrong_fact_ends_the_calendar() -> None:
    wrong = Mend(Lane.SURVEYS, MENDS["prescriber_survey"].make)
    calendar = lived(b.policy(), 60, mends=MENDS | {"patient_survey": wrong})
    assert calendar.obstacle.startswith("The patient has not completed a survey. (monthly-survey: ")
    assert calendar.supplies == []


def test_an_entry_whose_fact_never_ripens_ends_the_calendar_when_the_opening_breaks_its_word() -> None:
    def none_in_use(requirement: object, need: Need) -> list[Fact]:
        [stated] = MENDS["contraception"].make(requirement, need)
        return [replace(stated, methods=())]  # type: ignore[call-arg]

    calendar = lived(b.policy(), 90, mends=MENDS | {"contraception": Mend(Lane.CONTRACEPTION, none_in_use)})
    assert calendar.obstacle.startswith("No statement on contraception is on record. (contraception-lead-in: ")
    assert (calendar.supplies, calendar.events[-1].at.date().isoformat()) == ([], "2026-02-10")


def test_a_renewal_that_supplies_nothing_ends_the_calendar_on_the_day_it_is_due() -> None:
    def once(requirement: object, need: Need) -> Sequence[Fact]:
        return () if need.code == "MET" else MENDS["patient_survey"].make(requirement, need)

    mends = MENDS | {"patient_survey": Mend(Lane.SURVEYS, once, keeps_up=True)}
    calendar = lived(b.policy(), 120, category=Category.CHILD_FNRP, mends=mends)
    assert calendar.obstacle.endswith("(monthly-survey)")
    assert (supply_days(calendar), calendar.events[-1].at.date().isoformat()) == ([0, 21], "2026-02-05")


def test_a_draft_is_simulated_under_a_banner_as_if_it_were_active() -> None:
    draft = lived(replace(b.policy(), status=Status.DRAFT), 60)
    active = lived(b.policy(), 60)
    banner = "DRAFT: the gate refuses everything under this policy; the calendar shows what it would ask."
    assert draft.notes == [banner, *active.notes]
    assert (draft.events, draft.obstacle) == (active.events, "")
    assert {d.codes for d in draft.decisions} == {("POLICY_NOT_ACTIVE",)}


def test_a_retired_version_stands_in_its_own_way() -> None:
    retired = lived(replace(b.policy(), status=Status.RETIRED), 60)
    assert (retired.obstacle, retired.supplies) == ("The policy is a draft or has been retired. (policy)", [])


def test_the_calendar_ends_with_the_version() -> None:
    where = b.policy().zone
    ended = lived(replace(b.policy(), in_force_until=MONDAY + timedelta(days=29)), 100)
    assert (ended.until, supply_days(ended)) == (where.start_of(MONDAY + timedelta(days=30)), [28])
    assert ended.notes[-2] == "Ends early: this version is no longer in force from Wed 4 Feb 2026."
    assert ended.notes[-1].startswith("Waits beyond this calendar: Too many days of the last supply are left.")
    assert ended.notes[-1].endswith(" Opens Mon 23 Feb 2026.")
    followed = lived(b.policy(), 100, until=where.start_of(MONDAY + timedelta(days=30)))
    assert followed.events == ended.events


def test_before_its_time_in_force_a_policy_is_waited_for() -> None:
    calendar = lived(replace(small(), in_force_from=MONDAY + timedelta(days=3)), 20)
    assert supply_days(calendar) == [3]
    assert [(w.requirement, w.is_wait) for w in calendar.windows] == [("policy", True)]


def test_without_a_rule_on_supply_left_the_patient_comes_back_when_it_is_used_up() -> None:
    assert supply_days(lived(small(), 100)) == [0, 28, 56, 84]


def test_without_a_most_the_days_of_a_prescription_are_said_to_be_assumed() -> None:
    calendar = lived(small(without=("days",)), 100)
    assert supply_days(calendar) == [0, 30, 60, 90]
    assert "assumed: no most is named" in calendar.notes[0]


def test_the_same_question_gets_the_same_calendar() -> None:
    assert lived(small(), 60) == lived(small(), 60)
