"""The kinds about safety beside pregnancy: laboratory results, reactions, what was considered, and the regimen."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from compliance.domain import facts as f
from compliance.domain.decision import Finding
from compliance.domain.errors import DomainError
from compliance.domain.facts import Concern, Panel, Reaction, TreatmentStatus
from compliance.domain.span import TICK, Instant
from tests import builders as b
from tests.domain.expect import met, needs, utc
from tests.domain.kinds import NAME, found_by, policy_of, table

RX = b.prescription()
TODAY = date(2026, 6, 15)


def taken(day: date, *, hour: int = 8, panel: Panel = Panel.BLOOD_COUNT, **changes: Any) -> f.LabResult:
    """A result of a specimen taken on a civil day in New York."""
    at = Instant(datetime(day.year, day.month, day.day, hour, tzinfo=b.policy().zone.tz).astimezone(UTC))
    return b.lab_result(panel, **{"id": f"lab-{day}", "at": at} | changes)


def back(days: int) -> date:
    return TODAY - timedelta(days=days)


# -- lab_known -----------------------------------------------------------------------------------------------------

KNOWN = policy_of(table("lab_known", panel="blood_count", within="P14D"))


@pytest.mark.parametrize(("distance", "is_met"), [(0, True), (13, True), (14, True), (15, False)])
@pytest.mark.parametrize("hour", [0, 9])
def test_a_result_is_known_if_taken_in_the_14_calendar_days_before_the_prescription(
    distance: int, hour: int, *, is_met: bool
) -> None:
    lab = taken(back(distance), hour=hour, id="lab")
    expected = met(NAME, "lab") if is_met else needs(NAME, "LAB_TOO_OLD", "lab")
    assert found_by(KNOWN, [RX, lab]) == expected


def test_the_newest_result_of_the_panel_counts() -> None:
    other = taken(back(1), panel=Panel.LIVER)
    assert found_by(KNOWN, [RX, taken(back(20)), taken(back(10), id="new"), other]) == met(NAME, "new")
    assert found_by(KNOWN, [RX, other]) == needs(NAME, "LAB_MISSING")
    assert found_by(KNOWN, [RX]) == needs(NAME, "LAB_MISSING")


def test_without_a_prescription_no_result_can_be_recent_enough() -> None:
    assert found_by(KNOWN, [taken(back(1))]) == needs(NAME, "PRESCRIPTION_MISSING")


# -- lab_schedule --------------------------------------------------------------------------------------------------

SCHEDULE = policy_of(table("lab_schedule", panel="blood_count", often_for="P56D", often_every="P7D", then_every="P28D"))
FIRST = date(2026, 4, 20)
"""The day of the first supply; the fifty-sixth day after it is Monday 15 June."""


def supplied() -> f.Dispense:
    at = Instant(datetime(2026, 4, 20, 12, tzinfo=b.policy().zone.tz).astimezone(UTC))
    return b.dispense(id="first", prescription="rx-1", at=at)


def test_before_a_first_supply_a_result_lasts_a_week() -> None:
    lab = taken(back(3), id="lab")
    due_ends_at = utc(2026, 6, 20)
    for at in (b.NOW, Instant(due_ends_at - TICK)):
        assert found_by(SCHEDULE, [lab], at=at) == met(NAME, "lab", until=due_ends_at)
    assert found_by(SCHEDULE, [lab], at=due_ends_at) == needs(NAME, "LAB_OVERDUE", "lab", at=due_ends_at)


def test_without_a_result_of_the_panel_it_is_missing() -> None:
    assert found_by(SCHEDULE, [supplied()]) == needs(NAME, "LAB_MISSING")
    assert found_by(SCHEDULE, [taken(back(1), panel=Panel.THYROID)]) == needs(NAME, "LAB_MISSING")


@pytest.mark.parametrize(
    ("distance", "due_ends_at"),
    [
        (48, utc(2026, 6, 15)),  # the next one would fall on day 55: due a week after
        (49, utc(2026, 6, 16)),  # on day 56, the last of the weekly ones
        (50, utc(2026, 7, 8)),  # on day 57: four weeks after
        (-3, utc(2026, 4, 25)),  # taken before the first supply
    ],
)
def test_results_are_due_weekly_for_eight_weeks_and_then_every_four(distance: int, due_ends_at: Instant) -> None:
    facts = [supplied(), taken(FIRST + timedelta(days=distance), id="lab")]
    just_before = Instant(due_ends_at - TICK)
    assert found_by(SCHEDULE, facts, at=just_before) == met(NAME, "lab", until=due_ends_at)
    assert found_by(SCHEDULE, facts, at=due_ends_at) == needs(NAME, "LAB_OVERDUE", "lab", at=due_ends_at)


def test_a_weekly_phase_shorter_than_its_own_step_is_refused() -> None:
    rule = table("lab_schedule", panel="liver", often_for="P6D", often_every="P7D", then_every="P28D")
    with pytest.raises(DomainError) as error:
        policy_of(rule)
    assert (error.value.code, error.value.field) == ("NUMBERS_CONTRADICT", "requirement.0.often_every")
    assert policy_of(rule | {"often_for": "P7D"}).requirements


# -- lab_at_least --------------------------------------------------------------------------------------------------

ENOUGH = policy_of(table("lab_at_least", panel="creatinine_clearance", at_least=60))


def clearance(value: int | None, days_ago: int = 5) -> f.LabResult:
    return b.lab_result(Panel.CREATININE_CLEARANCE, id=f"lab-{value}", days_ago=days_ago, value=value)


@pytest.mark.parametrize(("value", "is_met"), [(60, True), (61, True), (59, False), (0, False)])
def test_a_value_at_the_threshold_is_enough(value: int, *, is_met: bool) -> None:
    expected = met(NAME, f"lab-{value}") if is_met else needs(NAME, "LAB_BELOW", f"lab-{value}")
    assert found_by(ENOUGH, [clearance(value)]) == expected


def test_the_newest_result_must_be_a_number() -> None:
    assert found_by(ENOUGH, []) == needs(NAME, "LAB_MISSING")
    assert found_by(ENOUGH, [clearance(90), clearance(None, days_ago=1)]) == needs(NAME, "LAB_MISSING")
    assert found_by(ENOUGH, [clearance(90), clearance(30, days_ago=1)]) == needs(NAME, "LAB_BELOW", "lab-30")
    assert found_by(ENOUGH, [b.lab_result(Panel.LIVER, value=90)]) == needs(NAME, "LAB_MISSING")


# -- no_rechallenge ------------------------------------------------------------------------------------------------

NEVER = policy_of(
    table(
        "no_rechallenge", reactions=["dress", "angioedema"], graded=["rash"], from_grade=4,
        to_products=["lenalidomide", "thalidomide"],
    )
)  # fmt: skip
ASKED = b.assessment()


def barred(*evidence: str) -> Finding:
    return Finding(NAME, False, "NEVER_AGAIN", evidence)


def test_a_history_without_a_barring_reaction_is_met_by_having_been_taken() -> None:
    assert found_by(NEVER, [ASKED]) == met(NAME, "considered-reaction_history")
    assert found_by(NEVER, []) == needs(NAME, "REACTION_HISTORY_MISSING")
    other = b.assessment(Concern.SECOND_CANCERS)
    assert found_by(NEVER, [other]) == needs(NAME, "REACTION_HISTORY_MISSING")
    again = b.assessment(id="again", days_ago=1)
    assert found_by(NEVER, [ASKED, again]) == met(NAME, "again")


@pytest.mark.parametrize("grade", [None, 1, 5])
def test_some_reactions_bar_for_ever_at_any_grade_and_nothing_mends_that(grade: int | None) -> None:
    facts = [ASKED, b.adverse_reaction(Reaction.DRESS, grade=grade)]
    assert found_by(NEVER, facts) == barred("reaction-dress")


@pytest.mark.parametrize(("grade", "bars"), [(1, False), (3, False), (4, True), (5, True), (None, True)])
def test_others_bar_from_a_grade_on_or_when_nobody_graded_them(grade: int | None, *, bars: bool) -> None:
    found = found_by(NEVER, [ASKED, b.adverse_reaction(Reaction.RASH, grade=grade)])
    assert found == (barred("reaction-rash") if bars else met(NAME, "considered-reaction_history"))


def test_a_reaction_to_another_product_or_of_another_kind_does_not_bar() -> None:
    other = b.adverse_reaction(Reaction.DRESS, product="aspirin")
    mild = b.adverse_reaction(Reaction.NEUTROPENIA, grade=5)
    assert found_by(NEVER, [ASKED, other, mild]) == met(NAME, "considered-reaction_history")
    of_kin = b.adverse_reaction(Reaction.DRESS, product="thalidomide")
    assert found_by(NEVER, [ASKED, of_kin]) == barred("reaction-dress")


def test_all_barring_reactions_are_named_before_a_missing_history() -> None:
    facts = [b.adverse_reaction(Reaction.RASH, days_ago=9), b.adverse_reaction(Reaction.ANGIOEDEMA, days_ago=8)]
    assert found_by(NEVER, facts) == barred("reaction-rash", "reaction-angioedema")


def test_a_reaction_entered_in_error_is_retracted() -> None:
    facts = [ASKED, b.adverse_reaction(Reaction.DRESS), b.retraction("reaction-dress")]
    assert found_by(NEVER, facts) == met(NAME, "considered-reaction_history")


# -- considered ----------------------------------------------------------------------------------------------------

CONSIDERED = policy_of(table("considered", concern="thrombosis_prophylaxis"))
CLOTS = b.assessment(Concern.THROMBOSIS_PROPHYLAXIS, id="clots")


def test_a_concern_considered_once_in_the_course_is_met() -> None:
    assert found_by(CONSIDERED, [CLOTS]) == met(NAME, "clots")
    assert found_by(CONSIDERED, [ASKED]) == needs(NAME, "ASSESSMENT_MISSING")


def test_a_stop_of_treatment_asks_for_it_anew() -> None:
    stopped = b.treatment(TreatmentStatus.STOPPED, at=CLOTS.at)
    assert found_by(CONSIDERED, [CLOTS, stopped]) == needs(NAME, "ASSESSMENT_MISSING")
    before = b.treatment(TreatmentStatus.STOPPED, at=Instant(CLOTS.at - TICK))
    assert found_by(CONSIDERED, [CLOTS, before]) == met(NAME, "clots")
    paused = b.treatment(TreatmentStatus.INTERRUPTED)
    assert found_by(CONSIDERED, [CLOTS, paused]) == met(NAME, "clots")


# -- regimen -------------------------------------------------------------------------------------------------------

REGIMEN = policy_of(table("regimen", days_on=21, cycle_days=28))


def test_the_usual_cycle_is_met_and_any_other_is_not() -> None:
    assert found_by(REGIMEN, [RX]) == met(NAME, "rx")
    changes: tuple[dict[str, Any], ...] = ({"days_on": 20}, {"cycle_days": 29}, {"days_on": 28})
    for change in changes:
        assert found_by(REGIMEN, [b.prescription(**change)]) == needs(NAME, "REGIMEN_UNUSUAL", "rx")
    assert found_by(REGIMEN, []) == needs(NAME, "PRESCRIPTION_MISSING")
