"""The kinds about pregnancy tests: which count, in which window, on which schedule, and after a missed period."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from compliance.domain import facts as f
from compliance.domain.decision import Finding
from compliance.domain.span import TICK, Instant
from tests import builders as b
from tests.domain.expect import met, needs, utc

AUTHORIZE = f.Step.AUTHORIZE
ISSUED_AT = b.ago(hours=2)
"""When the ready prescription is issued: ten in the morning in New York."""


def negative_on(day: date, *, hour: int = 12, **changes: Any) -> f.PregnancyTest:
    """A negative collected on a civil day in New York."""
    at = Instant(datetime(day.year, day.month, day.day, hour, tzinfo=b.policy().zone.tz).astimezone(UTC))
    return b.negative_test(at=at, **changes)


# -- what counts as negative ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "flaw",
    [
        {"result": f.TestResult.INVALID},
        {"result": f.TestResult.INDETERMINATE},
        {"sensitivity_miu_ml": None},
        {"sensitivity_miu_ml": 51},
        {"reporter": f.Reporter.PATIENT},
    ],
)
def test_a_flawed_test_is_not_in_the_window(flaw: dict[str, Any]) -> None:
    facts = b.changed(b.ready(step=AUTHORIZE), "test-before", **flaw)
    assert b.decided(facts, AUTHORIZE).codes == ("TEST_NOT_IN_WINDOW",)


@pytest.mark.parametrize(
    "good",
    [
        {"sensitivity_miu_ml": 50},
        {"sensitivity_miu_ml": 0},
        {"test_kind": f.TestKind.URINE},
        {"place": f.TestPlace.CLINIC},
        {"place": f.TestPlace.HOME},
        {"reporter": f.Reporter.PRESCRIBER},
        {"reporter": f.Reporter.PHARMACIST},
    ],
)
def test_a_test_that_is_good_enough_counts(good: dict[str, Any]) -> None:
    facts = b.changed(b.ready(step=AUTHORIZE), "test-before", **good)
    assert b.decided(facts, AUTHORIZE).codes == ()


def test_a_kind_of_test_that_the_policy_does_not_list_does_not_count() -> None:
    plain = b.plain_policy()
    plain["pregnancy_test"]["kinds"] = ["serum"]
    facts = b.changed(b.ready(step=AUTHORIZE), "test-before", test_kind=f.TestKind.URINE)
    assert b.decided_under(plain, facts, AUTHORIZE).codes == ("TEST_NOT_IN_WINDOW",)


def test_a_home_test_counts_only_while_its_flexibility_is_in_force_at_collection() -> None:
    plain = b.plain_policy()
    collected_on = date(2026, 6, 3)
    facts = b.changed(b.ready(step=AUTHORIZE), "test-before", place=f.TestPlace.HOME)
    flexibility = plain["flexibility"]["home-test"]
    flexibility["in_force_until"] = collected_on
    assert b.decided_under(plain, facts, AUTHORIZE).codes == ()
    flexibility["in_force_until"] = collected_on - timedelta(days=1)
    assert b.decided_under(plain, facts, AUTHORIZE).codes == ("TEST_NOT_IN_WINDOW",)
    plain["pregnancy_test"]["places_by_flexibility"] = {}
    assert b.decided_under(plain, facts, AUTHORIZE).codes == ("TEST_NOT_IN_WINDOW",)


def test_tests_that_share_a_specimen_contradict_each_other_and_count_for_nothing() -> None:
    facts = b.changed(b.ready(step=AUTHORIZE), "test", specimen="one")
    facts = b.changed(facts, "test-before", specimen="one")
    assert b.decided(facts, AUTHORIZE).codes == (
        "TEST_NOT_IN_WINDOW",
        "TEST_NOT_IN_WINDOW",
        "TEST_MISSING",
        "AUTHORIZATION_WOULD_BE_OVER",
    )


def test_a_corrected_test_does_not_share_its_specimen_with_the_correction() -> None:
    original = b.negative_test(id="wrong", hours_ago=5, specimen="one", sensitivity_miu_ml=None)
    facts = b.changed(b.ready(step=AUTHORIZE), "test", specimen="one", corrects="wrong")
    assert b.decided([*facts, original], AUTHORIZE).codes == ()


# -- test_days_before ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("distance", "is_met"), [(9, False), (10, True), (12, True), (14, True), (15, False)])
@pytest.mark.parametrize("hour", [0, 23])
def test_the_first_test_is_10_to_14_calendar_days_before_the_prescription(
    distance: int, hour: int, *, is_met: bool
) -> None:
    first = negative_on(date(2026, 6, 15) - timedelta(days=distance), hour=hour, id="first")
    facts = [*b.without(b.ready(step=AUTHORIZE), "test-before"), first]
    found = b.finding(facts, "first-test", AUTHORIZE)
    if is_met:
        assert found == met("first-test", "first")
        assert b.decided(facts, AUTHORIZE).codes == ()
    else:
        assert b.decided(facts, AUTHORIZE).codes == ("TEST_NOT_IN_WINDOW",)
        assert found.evidence == ()


def test_the_newest_test_in_the_window_is_the_evidence() -> None:
    older, newer = b.negative_test(id="older", days_ago=13), b.negative_test(id="newer", days_ago=11)
    assert b.finding([*b.ready(), older, newer], "first-test").evidence == ("newer",)


def test_the_first_test_must_have_resulted_by_the_time_of_the_prescription() -> None:
    facts = b.changed(b.ready(), "test-before", resulted_at=ISSUED_AT, recorded_at=ISSUED_AT)
    assert b.finding(facts, "first-test").is_met
    later = Instant(ISSUED_AT + TICK)
    facts = b.changed(b.ready(), "test-before", resulted_at=later, recorded_at=later)
    assert b.finding(facts, "first-test").code == "TEST_NOT_IN_WINDOW"


def test_without_any_test_the_first_test_opens_ten_days_from_today() -> None:
    facts = b.without(b.ready(step=AUTHORIZE), "test", "test-before")
    assert b.finding(facts, "first-test", AUTHORIZE) == needs("first-test", "TEST_NOT_IN_WINDOW", at=utc(2026, 6, 25))


@pytest.mark.parametrize(
    ("collected_on", "opens_at"),
    [
        (date(2026, 6, 15), utc(2026, 6, 25)),
        (date(2026, 6, 8), utc(2026, 6, 18)),
        (date(2026, 6, 5), b.NOW),
        (date(2026, 6, 1), b.NOW),
        (date(2026, 5, 31), utc(2026, 6, 25)),
    ],
)
def test_a_new_prescription_could_rest_on_the_oldest_test_still_young_enough(
    collected_on: date, opens_at: Instant
) -> None:
    facts = [*b.without(b.ready(step=AUTHORIZE), "test", "test-before", "rx"), negative_on(collected_on, hour=9)]
    assert b.finding(facts, "first-test", AUTHORIZE) == needs("first-test", "TEST_NOT_IN_WINDOW", at=opens_at)


def test_of_several_tests_the_oldest_usable_one_opens_first() -> None:
    tests = [negative_on(date(2026, 5, 31)), negative_on(date(2026, 6, 8)), negative_on(date(2026, 6, 10))]
    facts = [*b.without(b.ready(step=AUTHORIZE), "test", "test-before"), *tests]
    assert b.finding(facts, "first-test", AUTHORIZE).opens_at == utc(2026, 6, 18)


# -- test_hours_before ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "is_met"),
    [
        (timedelta(0), True),
        (TICK, True),
        (timedelta(hours=24), True),
        (timedelta(hours=24) + TICK, False),
        (-TICK, False),
    ],
)
def test_the_second_test_is_within_24_elapsed_hours_before_the_prescription(before: timedelta, *, is_met: bool) -> None:
    at = Instant(ISSUED_AT - before)
    facts = b.changed(b.ready(step=AUTHORIZE), "test", at=at, resulted_at=at, recorded_at=at)
    codes = () if is_met else ("TEST_NOT_IN_WINDOW",)
    assert b.decided(facts, AUTHORIZE).codes == codes
    expected = met("second-test", "test") if is_met else needs("second-test", "TEST_NOT_IN_WINDOW")
    assert b.finding(facts, "second-test", AUTHORIZE) == expected


def test_the_second_test_must_have_resulted_by_the_time_of_the_prescription() -> None:
    later = Instant(ISSUED_AT + TICK)
    facts = b.changed(b.ready(step=AUTHORIZE), "test", resulted_at=later, recorded_at=later)
    assert b.decided(facts, AUTHORIZE).codes == ("TEST_NOT_IN_WINDOW",)
    facts = b.changed(b.ready(step=AUTHORIZE), "test", resulted_at=ISSUED_AT, recorded_at=ISSUED_AT)
    assert b.decided(facts, AUTHORIZE).codes == ()


@pytest.mark.parametrize(
    ("issued_at", "elapsed_ok_since"),
    [
        (datetime(2026, 3, 8, 16, tzinfo=UTC), datetime(2026, 3, 7, 16, tzinfo=UTC)),  # noon, then 11 before
        (
            datetime(2026, 11, 1, 17, tzinfo=UTC),
            datetime(2026, 10, 31, 17, tzinfo=UTC),
        ),  # noon, then 13 before
    ],
)
def test_24_hours_are_elapsed_hours_on_the_days_when_clocks_change(
    issued_at: datetime, elapsed_ok_since: datetime
) -> None:
    rx = b.prescription(at=Instant(issued_at))
    for offset, code in ((timedelta(0), "MET"), (TICK, "TEST_NOT_IN_WINDOW")):
        facts = [rx, b.negative_test(at=Instant(elapsed_ok_since - offset))]
        assert b.finding(facts, "second-test", AUTHORIZE, at=Instant(issued_at)).code == code


# -- latest_test_negative ------------------------------------------------------------------------------------------


def test_the_newest_negative_is_the_evidence() -> None:
    assert b.finding(b.ready(), "latest-test-negative") == met("latest-test-negative", "test")


def test_no_accepted_negative_is_a_missing_test() -> None:
    facts = b.without(b.ready(), "test", "test-before")
    assert b.finding(facts, "latest-test-negative") == needs("latest-test-negative", "TEST_MISSING")


@pytest.mark.parametrize(
    ("minutes", "code"), [(-1, "MET"), (0, "LATEST_TEST_NOT_NEGATIVE"), (1, "LATEST_TEST_NOT_NEGATIVE")]
)
def test_an_unclear_test_at_or_after_the_newest_negative_blocks(minutes: int, code: str) -> None:
    at = Instant(b.ago(hours=4) + timedelta(minutes=minutes))
    unclear = b.negative_test(id="unclear", at=at, result=f.TestResult.INVALID, specimen="other")
    found = b.finding([*b.ready(), unclear], "latest-test-negative")
    name = "latest-test-negative"
    assert found == (met(name, "test") if code == "MET" else needs(name, code, "unclear"))


# -- test_schedule -------------------------------------------------------------------------------------------------

FIRST = date(2026, 1, 5)
"""A Monday: the first supply of the course in these tests."""


def course(*days: int, supplies: tuple[int, ...] = (0,), cycle: f.CycleRegularity | None = None) -> list[f.Fact]:
    """Supplies and negative tests so many days after the first supply, at noon in New York."""
    noon = [b.policy().zone.start_of(FIRST + timedelta(days=n)) + timedelta(hours=12) for n in supplies]
    found: list[f.Fact] = [
        b.dispense(id=f"d{n}", prescription=f"rx{n}", at=Instant(at)) for n, at in zip(supplies, noon, strict=True)
    ]
    found += [negative_on(FIRST + timedelta(days=n), id=f"t{n}") for n in days]
    return [*found, b.cycle(cycle, at=utc(2026, 1, 1))] if cycle else found


def schedule(facts: list[f.Fact], day: int) -> Finding:
    """What is found on the evening of a day, counted from the first supply."""
    at = b.policy().zone.start_of(FIRST + timedelta(days=day)) + timedelta(hours=23, minutes=59)
    return b.finding(facts, "test-schedule", AUTHORIZE, at=Instant(at))


def end_of(day: int) -> Instant:
    return b.policy().zone.end_of(FIRST + timedelta(days=day))


def test_the_first_weekly_test_is_due_seven_days_after_the_first_supply() -> None:
    facts = course(0)
    assert schedule(facts, 7) == met("test-schedule", "t0", until=end_of(7))
    at = Instant(end_of(8) - timedelta(minutes=1))
    assert schedule(facts, 8) == needs("test-schedule", "TEST_OVERDUE", "t0", at=at)


def test_the_due_day_ends_at_midnight_to_the_microsecond() -> None:
    facts = course(0)
    assert b.finding(facts, "test-schedule", AUTHORIZE, at=Instant(end_of(7) - TICK)).is_met
    assert b.finding(facts, "test-schedule", AUTHORIZE, at=end_of(7)).code == "TEST_OVERDUE"


def test_a_course_without_any_test_is_due_seven_days_after_the_first_supply() -> None:
    assert schedule(course(), 7) == met("test-schedule", until=end_of(7))
    assert schedule(course(), 8).code == "TEST_OVERDUE"


def test_each_test_sets_the_next_due_day() -> None:
    assert schedule(course(0, 5), 12) == met("test-schedule", "t5", until=end_of(12))
    assert schedule(course(0, 5), 13).code == "TEST_OVERDUE"
    assert schedule(course(0, 5, 10, 16), 23).until == end_of(23)


@pytest.mark.parametrize(
    ("cycle", "days"),
    [
        (f.CycleRegularity.REGULAR, 28),
        (f.CycleRegularity.NONE, 28),
        (f.CycleRegularity.IRREGULAR, 14),
        (None, 14),
    ],
)
def test_after_four_weeks_the_interval_follows_the_cycle(cycle: f.CycleRegularity | None, days: int) -> None:
    facts = course(0, 7, 14, 21, 28, supplies=(0, 28), cycle=cycle)
    assert schedule(facts, 28 + days) == met("test-schedule", "t28", until=end_of(28 + days))
    assert schedule(facts, 28 + days + 1).code == "TEST_OVERDUE"


def test_the_weekly_test_due_on_day_28_is_the_last_weekly_one() -> None:
    on_21 = course(0, 7, 14, 21, cycle=f.CycleRegularity.REGULAR)
    assert schedule(on_21, 28).until == end_of(28)
    on_22 = course(0, 7, 14, 21, 22, cycle=f.CycleRegularity.REGULAR)
    assert schedule(on_22, 30).until == end_of(50)


def test_the_newest_statement_on_the_cycle_counts() -> None:
    facts = course(0, 7, 14, 21, 28, supplies=(0, 28), cycle=f.CycleRegularity.REGULAR)
    later = b.cycle(f.CycleRegularity.IRREGULAR, id="later", at=utc(2026, 1, 20))
    assert schedule([*facts, later], 43).code == "TEST_OVERDUE"


def test_a_test_missed_since_the_last_supply_is_not_mended_by_a_late_test_alone() -> None:
    facts = course(0, 9)
    assert schedule(facts, 9) == needs(
        "test-schedule", "TEST_MISSED", "t9", at=Instant(end_of(9) - timedelta(minutes=1))
    )


def test_a_late_test_and_counselling_on_its_day_or_later_mend_it() -> None:
    day_of_the_late_test = end_of(8)
    for offset, is_met in ((timedelta(0), True), (-TICK, False)):
        talk = b.counselling({f.Topic.MISSED_TEST}, id="talk", at=Instant(day_of_the_late_test + offset))
        found = schedule([*course(0, 9), talk], 9)
        assert found.is_met is is_met
        assert found.evidence == (("t9", "talk") if is_met else ("t9",))
        assert found.until == (end_of(16) if is_met else None)


def test_a_talk_while_tests_are_still_being_missed_mends_nothing() -> None:
    talk = b.counselling({f.Topic.MISSED_TEST}, at=end_of(8))
    assert schedule([*course(0, 28), talk], 28).code == "TEST_MISSED"
    assert schedule([*course(0, 7, 28), talk], 28).code == "TEST_MISSED"


def test_the_pharmacists_counselling_on_a_missed_test_does_not_count() -> None:
    talk = b.counselling({f.Topic.MISSED_TEST}, at=end_of(8), by=f.Counsellor.PHARMACIST)
    assert schedule([*course(0, 9), talk], 9).code == "TEST_MISSED"


def test_counselling_must_follow_the_newest_of_several_missed_days() -> None:
    talk = b.counselling({f.Topic.MISSED_TEST}, at=end_of(8))
    assert schedule([*course(0, 9), talk], 9).is_met
    assert schedule([*course(0, 9, 18), talk], 18).code == "TEST_MISSED"


def test_gaps_before_the_last_supply_are_not_judged_again() -> None:
    facts = course(0, 9, 16, 23, 28, supplies=(0, 28), cycle=f.CycleRegularity.REGULAR)
    assert schedule(facts, 30) == met("test-schedule", "t28", until=end_of(56))


def test_with_several_supplies_and_no_test_by_the_last_one_the_count_starts_from_the_first() -> None:
    facts = course(35, supplies=(0, 28), cycle=f.CycleRegularity.REGULAR)
    assert schedule(facts, 35).code == "TEST_MISSED"
    assert schedule(course(supplies=(0, 28)), 29).code == "TEST_OVERDUE"


def test_tests_before_the_first_supply_do_not_set_the_schedule() -> None:
    assert schedule(course(-1), 7) == met("test-schedule", "t-1", until=end_of(7))


def test_two_tests_on_one_day_count_as_one() -> None:
    twice = [*course(0, 5), negative_on(FIRST + timedelta(days=5), hour=18, id="again")]
    assert schedule(twice, 12) == met("test-schedule", "again", until=end_of(12))


def test_the_schedule_is_asked_only_after_a_first_supply_of_the_course() -> None:
    stopped = b.treatment(f.TreatmentStatus.STOPPED, at=utc(2026, 1, 20))
    asked = [x.requirement for x in b.decided([*course(0), stopped], AUTHORIZE, at=utc(2026, 2, 1)).findings]
    assert "first-test" in asked  # nobody is enrolled, so the strictest category is taken
    assert "test-schedule" not in asked


def test_a_schedule_asked_before_any_supply_blocks() -> None:
    plain = b.plain_policy()
    b.rule(plain, "test-schedule")["when"] = {}
    decision = b.decided_under(plain, b.ready(step=AUTHORIZE), AUTHORIZE)
    assert decision.unmet == (needs("test-schedule", "TEST_OVERDUE"),)


# -- menses_evaluated ----------------------------------------------------------------------------------------------

MENSES = "menses-evaluated"
REPORTED_AT = b.ago(days=1)
"""When the report of these tests was made: noon of 14 June in New York."""
TO_EVALUATE = [f.ReportKind.MISSED_MENSES, f.ReportKind.ABNORMAL_BLEEDING]


def evaluated_at(moment: Instant, **changes: Any) -> f.Counselling:
    """The prescriber's conversation on what was reported."""
    return b.counselling({f.Topic.MENSES_EVALUATION}, id="talk", at=moment, **changes)


def reported(*more: f.Fact, what: f.ReportKind = f.ReportKind.MISSED_MENSES, **changes: Any) -> list[f.Fact]:
    """All that is needed to dispense, but for a report a day ago: the newest negative is four hours old."""
    return [*b.ready(), b.report(what, **changes), *more]


def test_nothing_reported_needs_no_evaluation() -> None:
    assert b.finding(b.ready(), MENSES) == met(MENSES)


@pytest.mark.parametrize("what", TO_EVALUATE)
def test_a_report_stops_the_supply_until_a_negative_test_and_counselling_answer_it(what: f.ReportKind) -> None:
    talk = evaluated_at(b.ago(hours=1))
    assert b.decided(reported(what=what)).unmet == (needs(MENSES, "EVALUATION_PENDING", "report"),)
    assert b.finding(reported(talk, what=what), MENSES) == met(MENSES, "report", "test", "talk")
    assert b.decided(reported(talk, what=what)).codes == ()
    untested = b.finding(b.without(reported(talk, what=what), "test"), MENSES)
    assert untested == needs(MENSES, "EVALUATION_PENDING", "report")  # the test of twelve days ago is older
    no_test_at_all = b.without(reported(talk, what=what), "test", "test-before")
    assert b.finding(no_test_at_all, MENSES) == needs(MENSES, "EVALUATION_PENDING", "report")


@pytest.mark.parametrize("what", [kind for kind in f.ReportKind if kind not in TO_EVALUATE])
def test_no_other_report_calls_for_an_evaluation(what: f.ReportKind) -> None:
    assert b.finding(reported(what=what), MENSES) == met(MENSES)


@pytest.mark.parametrize(("offset", "is_met"), [(timedelta(0), True), (-TICK, False)])
def test_the_counselling_is_at_or_after_the_report(offset: timedelta, *, is_met: bool) -> None:
    found = b.finding(reported(evaluated_at(Instant(REPORTED_AT + offset))), MENSES)
    answered, pending = met(MENSES, "report", "test", "talk"), needs(MENSES, "EVALUATION_PENDING", "report")
    assert found == (answered if is_met else pending)


@pytest.mark.parametrize(("offset", "is_met"), [(timedelta(0), True), (-TICK, False)])
def test_the_negative_test_is_collected_at_or_after_the_report(offset: timedelta, *, is_met: bool) -> None:
    at = Instant(REPORTED_AT + offset)
    facts = b.changed(reported(evaluated_at(b.ago(hours=1))), "test", at=at, resulted_at=at, recorded_at=at)
    answered, pending = met(MENSES, "report", "test", "talk"), needs(MENSES, "EVALUATION_PENDING", "report")
    assert b.finding(facts, MENSES) == (answered if is_met else pending)


def test_the_pharmacists_counselling_and_that_on_another_topic_answer_nothing() -> None:
    pending = needs(MENSES, "EVALUATION_PENDING", "report")
    by_pharmacist = evaluated_at(b.ago(hours=1), by=f.Counsellor.PHARMACIST)
    assert b.finding(reported(by_pharmacist), MENSES) == pending
    elsewhere = b.counselling({f.Topic.MISSED_TEST}, id="talk", hours_ago=1)
    assert b.finding(reported(elsewhere), MENSES) == pending


def test_the_newest_report_must_be_answered() -> None:
    talk = evaluated_at(b.ago(hours=2))
    again = b.report(f.ReportKind.ABNORMAL_BLEEDING, id="again", hours_ago=1, days_ago=0)
    assert b.finding(reported(talk, again), MENSES) == needs(MENSES, "EVALUATION_PENDING", "again")
    test = b.negative_test(id="after", minutes_ago=50)
    second_talk = b.counselling({f.Topic.MENSES_EVALUATION}, id="second", minutes_ago=50, hours_ago=0)
    assert b.finding(reported(talk, again, test, second_talk), MENSES) == met(MENSES, "again", "after", "second")


def test_a_report_of_which_only_the_day_is_known_is_answered_after_that_day() -> None:
    midnight = utc(2026, 6, 15)
    first_instant = utc(2026, 6, 14)
    on_a_day: dict[str, Any] = {"at": first_instant, "precision": f.Precision.DAY}
    pending = needs(MENSES, "EVALUATION_PENDING", "report")
    answered = met(MENSES, "report", "test", "talk")
    assert b.finding(reported(evaluated_at(midnight), **on_a_day), MENSES) == answered
    assert b.finding(reported(evaluated_at(Instant(midnight - TICK)), **on_a_day), MENSES) == pending
    for at, expected in ((midnight, answered), (Instant(midnight - TICK), pending)):
        facts = reported(evaluated_at(b.ago(hours=1)), **on_a_day)
        facts = b.changed(facts, "test", at=at, resulted_at=at, recorded_at=at)
        assert b.finding(facts, MENSES) == expected


def test_a_report_of_today_of_which_only_the_day_is_known_opens_tomorrow() -> None:
    today: dict[str, Any] = {"at": utc(2026, 6, 15), "precision": f.Precision.DAY}
    facts = reported(evaluated_at(b.ago(hours=1)), **today)
    assert b.decided(facts).unmet == (needs(MENSES, "EVALUATION_PENDING", "report", at=utc(2026, 6, 16)),)
