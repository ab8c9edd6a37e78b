"""The kinds about the distance of tests: from each other, from a period, from a missed window, and from the lead-in."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from compliance.domain import facts as f
from compliance.domain.facts import CycleRegularity, ReportKind, Step, Topic, TreatmentStatus
from compliance.domain.span import TICK, Instant
from tests import builders as b
from tests.domain.expect import met, needs, utc
from tests.domain.kinds import NAME, found_by, policy_of, table

AUTHORIZE = Step.AUTHORIZE
TODAY, DAY = date(2026, 6, 15), timedelta(days=1)
RX = b.prescription()
"""Issued two hours ago: ten in the morning in New York."""


def on(day: date, hour: int = 12) -> Instant:
    """An hour of a civil day in New York."""
    return Instant(datetime(day.year, day.month, day.day, hour, tzinfo=b.policy().zone.tz).astimezone(UTC))


def negative_on(day: date, name: str, hour: int = 12, **changes: Any) -> f.PregnancyTest:
    return b.negative_test(at=on(day, hour), id=name, **changes)


def back(days: int) -> date:
    return TODAY - timedelta(days=days)


def start(day: date) -> Instant:
    return b.policy().zone.start_of(day)


# -- tests_apart ---------------------------------------------------------------------------------------------------

APART = policy_of(table("tests_apart", at_least="P30D"))


@pytest.mark.parametrize(("hour", "other"), [(0, 9), (23, 0), (12, 9)])
def test_two_negatives_are_apart_by_calendar_days_and_not_by_hours(hour: int, other: int) -> None:
    newest = negative_on(TODAY, "newest", other)
    assert found_by(APART, [RX, newest, negative_on(back(30), "first", hour)]) == met(NAME, "first", "newest")
    near = negative_on(back(29), "first", hour)
    assert found_by(APART, [RX, newest, near]) == needs(NAME, "SECOND_TEST_TOO_SOON", "newest", at=start(TODAY + DAY))


def test_of_several_earlier_negatives_the_newest_that_is_far_enough_is_named() -> None:
    facts = [
        RX,
        negative_on(back(50), "a"),
        negative_on(back(31), "b"),
        negative_on(back(10), "c"),
        negative_on(TODAY, "d", 9),
    ]
    assert found_by(APART, facts) == met(NAME, "b", "d")


def test_a_negative_that_was_collected_or_resulted_after_the_prescription_is_not_the_second() -> None:
    first = negative_on(back(29), "first")
    collected = b.negative_test(id="late", hours_ago=1)
    resulted = b.negative_test(id="late", hours_ago=4, resulted_at=b.ago(hours=1), recorded_at=b.ago(hours=1))
    on_time = b.negative_test(id="late", hours_ago=4, resulted_at=RX.at, recorded_at=b.ago(hours=1))
    for late in (collected, resulted):
        found = found_by(APART, [RX, first, late])
        assert found == needs(NAME, "SECOND_TEST_TOO_SOON", "late", at=start(TODAY + DAY))
    earlier = negative_on(back(30), "earlier")
    assert found_by(APART, [RX, earlier, on_time]) == met(NAME, "earlier", "late")
    none_yet = needs(NAME, "SECOND_TEST_TOO_SOON", "late", at=start(TODAY + timedelta(days=30)))
    assert found_by(APART, [RX, collected]) == none_yet
    alone = found_by(APART, [RX, earlier, collected])
    assert alone == needs(NAME, "SECOND_TEST_TOO_SOON", "late")


def test_without_a_prescription_or_a_negative_the_second_test_is_missing() -> None:
    assert found_by(APART, [RX]) == needs(NAME, "TEST_MISSING", at=start(TODAY + timedelta(days=30)))
    assert found_by(APART, [negative_on(back(20), "first")]) == needs(
        NAME, "TEST_MISSING", at=start(TODAY + timedelta(days=10))
    )
    assert found_by(APART, [negative_on(back(40), "first")]) == needs(NAME, "TEST_MISSING")


def test_the_second_test_opens_on_the_day_that_is_named_and_not_on_the_day_before() -> None:
    first = negative_on(back(20), "first")
    found = found_by(APART, [RX, first])
    opens_at = start(TODAY + timedelta(days=10))
    assert found == needs(NAME, "SECOND_TEST_TOO_SOON", "first", at=opens_at)
    for at, is_met in ((opens_at, True), (Instant(opens_at - TICK), False)):
        facts = [first, b.negative_test(id="second", at=at), b.prescription(id="next", at=at)]
        assert found_by(APART, facts, at=at, prescription="next").is_met is is_met


# -- test_in_period ------------------------------------------------------------------------------------------------

PERIOD = policy_of(table("test_in_period", first_days=5))


def period(day: date, name: str = "period", hour: int = 18) -> f.Report:
    return b.report(ReportKind.PERIOD_STARTED, id=name, at=on(day, hour))


@pytest.mark.parametrize(("distance", "is_met"), [(0, True), (1, True), (4, True), (5, False)])
@pytest.mark.parametrize("hour", [0, 23])
def test_the_day_of_the_period_is_day_1_and_the_first_5_days_count(distance: int, hour: int, *, is_met: bool) -> None:
    facts = [b.cycle(), negative_on(back(2), "test", hour), period(back(2 + distance))]
    found = found_by(PERIOD, facts)
    assert found == (met(NAME, "period", "test") if is_met else needs(NAME, "TEST_NOT_IN_PERIOD", "test"))


def test_a_period_that_started_after_the_test_does_not_count_and_the_newest_before_it_does() -> None:
    test = negative_on(back(2), "test")
    assert found_by(PERIOD, [b.cycle(), test, period(back(1))]) == needs(NAME, "TEST_NOT_IN_PERIOD", "test")
    several = [period(back(30), "old"), period(back(4), "newest"), period(back(1), "next")]
    assert found_by(PERIOD, [b.cycle(), test, *several]) == met(NAME, "newest", "test")


def test_another_report_is_no_period() -> None:
    facts = [b.cycle(), negative_on(back(1), "test"), b.report(ReportKind.ABNORMAL_BLEEDING, days_ago=2)]
    assert found_by(PERIOD, facts) == needs(NAME, "TEST_NOT_IN_PERIOD", "test")
    assert found_by(PERIOD, facts[:2]) == needs(NAME, "TEST_NOT_IN_PERIOD", "test")


def test_the_newest_negative_is_the_one_that_must_be_in_the_period() -> None:
    facts = [b.cycle(), period(back(20)), negative_on(back(19), "in"), negative_on(back(1), "out")]
    assert found_by(PERIOD, facts) == needs(NAME, "TEST_NOT_IN_PERIOD", "out")


@pytest.mark.parametrize("regularity", [CycleRegularity.IRREGULAR, CycleRegularity.NONE])
def test_without_a_regular_cycle_any_negative_will_do_but_there_must_be_one(regularity: CycleRegularity) -> None:
    cycle = b.cycle(regularity)
    assert found_by(PERIOD, [cycle, negative_on(back(9), "test")]) == met(NAME, "cycle", "test")
    assert found_by(PERIOD, [cycle]) == needs(NAME, "TEST_MISSING")


def test_an_unknown_cycle_comes_before_a_missing_test() -> None:
    assert found_by(PERIOD, []) == needs(NAME, "CYCLE_UNKNOWN")
    assert found_by(PERIOD, [negative_on(back(1), "test"), period(back(1))]) == needs(NAME, "CYCLE_UNKNOWN")


# -- missed_first_window -------------------------------------------------------------------------------------------

SPAN = {"span": "P7D", "start_day": "day 1", "last_day": "included"}
MISSED = policy_of(table("missed_first_window", window=SPAN, wait="P19D"))
FIRST_DAY = date(2026, 6, 1)
OVER_AT = utc(2026, 6, 8)
"""The end of the seventh day, the day of the specimen being day 1."""
COUNTS_AT = utc(2026, 6, 20)
"""The start of the nineteenth day after the test."""


def opened(day: date = FIRST_DAY, name: str = "") -> list[f.Fact]:
    """A test and, an hour later, the authorization that rests on it."""
    authorization = b.authorization(id=f"an{name}", prescription=f"rx{name}", at=on(day, 13))
    return [negative_on(day, f"test{name}"), authorization]


def test_without_a_negative_no_window_can_be_judged() -> None:
    assert found_by(MISSED, [RX], AUTHORIZE) == needs(NAME, "TEST_MISSING")


def test_a_test_under_no_authorization_opens_no_window() -> None:
    assert found_by(MISSED, [negative_on(FIRST_DAY, "test")], AUTHORIZE) == met(NAME, "test")
    before = b.authorization(at=on(FIRST_DAY, 11))
    assert found_by(MISSED, [negative_on(FIRST_DAY, "test"), before], AUTHORIZE) == met(NAME, "test")


def test_a_test_that_was_not_yet_recorded_at_the_authorization_opened_no_window() -> None:
    late = negative_on(FIRST_DAY, "late", recorded_at=on(FIRST_DAY, 14))
    assert found_by(MISSED, [late, b.authorization(at=on(FIRST_DAY, 13))], AUTHORIZE) == met(NAME, "late")
    assert found_by(MISSED, [late, b.authorization(at=on(FIRST_DAY, 14))], AUTHORIZE).code == "WINDOW_MISSED"


def test_a_window_is_missed_at_the_end_of_its_seventh_day() -> None:
    facts = opened()
    open_still = met(NAME, "test", until=OVER_AT)
    assert found_by(MISSED, facts, AUTHORIZE, at=Instant(OVER_AT - TICK)) == open_still
    assert found_by(MISSED, facts, AUTHORIZE, at=on(FIRST_DAY, 13)) == open_still
    assert found_by(MISSED, facts, AUTHORIZE, at=OVER_AT) == needs(NAME, "WINDOW_MISSED", "test", at=COUNTS_AT)


@pytest.mark.parametrize(("distance", "is_met"), [(7, False), (18, False), (19, True), (25, True)])
def test_after_a_missed_window_a_new_test_counts_from_19_calendar_days_on(distance: int, *, is_met: bool) -> None:
    at = on(FIRST_DAY + timedelta(days=distance), 9)
    found = found_by(MISSED, [*opened(), b.negative_test(id="new", at=at)], AUTHORIZE, at=at)
    if is_met:
        assert found == met(NAME, "test", "new")
    else:
        assert found == needs(NAME, "WINDOW_MISSED", "test", "new", at=COUNTS_AT)


def test_a_second_test_while_the_window_is_open_ends_nothing_until_the_window_is_over() -> None:
    facts = [*opened(), negative_on(FIRST_DAY + 2 * DAY, "second")]
    at = on(FIRST_DAY + 3 * DAY)
    assert found_by(MISSED, facts, AUTHORIZE, at=at) == met(NAME, "second", until=OVER_AT)
    assert found_by(MISSED, facts, AUTHORIZE, at=OVER_AT) == needs(
        NAME, "WINDOW_MISSED", "test", "second", at=COUNTS_AT
    )


def test_of_two_missed_windows_the_newest_sets_the_wait() -> None:
    again = FIRST_DAY + timedelta(days=10)
    facts = [*opened(), *opened(again, "-2")]
    over_at, counts_at = start(again + timedelta(days=7)), start(again + timedelta(days=19))
    assert found_by(MISSED, facts, AUTHORIZE, at=Instant(over_at - TICK)) == needs(
        NAME, "WINDOW_MISSED", "test", "test-2", at=counts_at
    )
    assert found_by(MISSED, facts, AUTHORIZE, at=over_at) == needs(NAME, "WINDOW_MISSED", "test-2", at=counts_at)


def test_a_window_that_is_still_open_when_the_wait_ends_does_not_prolong_it() -> None:
    facts = [*opened(), *opened(FIRST_DAY + timedelta(days=14), "-2")]
    found = found_by(MISSED, facts, AUTHORIZE, at=on(FIRST_DAY + timedelta(days=15)))
    assert found == needs(NAME, "WINDOW_MISSED", "test", "test-2", at=COUNTS_AT)


def test_a_stop_of_treatment_forgets_the_windows_before_it() -> None:
    stop = b.treatment(TreatmentStatus.STOPPED, at=on(FIRST_DAY, 13))
    assert found_by(MISSED, [*opened(), stop], AUTHORIZE) == met(NAME, "test")
    before = b.treatment(TreatmentStatus.STOPPED, at=Instant(on(FIRST_DAY, 13) - TICK))
    assert found_by(MISSED, [*opened(), before], AUTHORIZE).code == "WINDOW_MISSED"


def test_an_authorization_that_rests_on_no_test_opens_no_window() -> None:
    facts = [b.authorization(at=on(FIRST_DAY, 9)), negative_on(TODAY, "test", 9)]
    assert found_by(MISSED, facts, AUTHORIZE) == met(NAME, "test")


# -- test_interval -------------------------------------------------------------------------------------------------

INTERVAL = policy_of(table("test_interval", every="P28D"))


def supplied(day: date) -> f.Dispense:
    return b.dispense(id=f"dispense-{day}", prescription=f"rx-{day}", at=on(day, 12))


def test_before_a_first_supply_the_interval_is_not_asked_and_unmet_if_it_is() -> None:
    assert found_by(INTERVAL, [RX]) == needs(NAME, "TEST_OVERDUE")


def test_the_day_of_the_first_supply_counts_as_tested_and_the_due_day_is_in_time() -> None:
    first = supplied(FIRST_DAY)
    due_ends_at = utc(2026, 6, 30)
    assert found_by(INTERVAL, [first]) == met(NAME, until=due_ends_at)
    assert found_by(INTERVAL, [first], at=Instant(due_ends_at - TICK)) == met(NAME, until=due_ends_at)
    assert found_by(INTERVAL, [first], at=due_ends_at) == needs(NAME, "TEST_OVERDUE", at=due_ends_at)


def test_each_negative_moves_the_due_day() -> None:
    facts = [supplied(FIRST_DAY), negative_on(date(2026, 6, 10), "test")]
    assert found_by(INTERVAL, facts) == met(NAME, "test", until=utc(2026, 7, 9))
    assert found_by(INTERVAL, facts, at=utc(2026, 7, 9)) == needs(NAME, "TEST_OVERDUE", "test", at=utc(2026, 7, 9))


def test_a_gap_in_the_supply_period_is_mended_by_a_late_test_and_a_talk_about_it() -> None:
    late = negative_on(date(2026, 6, 30), "late")
    at = on(date(2026, 7, 1))
    facts = [supplied(FIRST_DAY), late]
    assert found_by(INTERVAL, facts, at=at) == needs(NAME, "TEST_MISSED", "late", at=at)
    talk = b.counselling({Topic.MISSED_TEST}, id="talk", prescription="", at=on(date(2026, 6, 30), 0))
    assert found_by(INTERVAL, [*facts, talk], at=at) == met(NAME, "late", "talk", until=utc(2026, 7, 29))
    early = b.counselling({Topic.MISSED_TEST}, id="talk", prescription="", at=on(date(2026, 6, 29), 23))
    assert found_by(INTERVAL, [*facts, early], at=at).code == "TEST_MISSED"
    in_time = negative_on(date(2026, 6, 29), "late")
    assert found_by(INTERVAL, [facts[0], in_time], at=at) == met(NAME, "late", until=utc(2026, 7, 28))


# -- test_before_lead_in -------------------------------------------------------------------------------------------

BEFORE = policy_of(table("test_before_lead_in", at_least="P28D", or_abstinent_for="P30D"))
LACKS = "TEST_NOT_IN_WINDOW"


@pytest.mark.parametrize("hour", [0, 23])
def test_the_test_before_the_lead_in_is_28_calendar_days_before_the_prescription(hour: int) -> None:
    assert found_by(BEFORE, [RX, negative_on(back(28), "test", hour)]) == met(NAME, "test")
    near = [RX, negative_on(back(27), "test", hour)]
    assert found_by(BEFORE, near) == needs(NAME, LACKS, at=start(TODAY + DAY))


def test_of_several_early_tests_the_newest_early_one_is_named() -> None:
    facts = [RX, negative_on(back(90), "a"), negative_on(back(29), "b"), negative_on(back(2), "c")]
    assert found_by(BEFORE, facts) == met(NAME, "b")


def abstinent(days: int) -> f.Contraception:
    return b.contraception(b.in_use(f.Method.MALE_CONDOM), abstinent_since=back(days))


def test_abstinence_of_30_days_by_the_prescription_stands_for_the_test() -> None:
    assert found_by(BEFORE, [RX, abstinent(30)]) == met(NAME, "contraception")
    assert found_by(BEFORE, [RX, abstinent(29)]) == needs(NAME, LACKS, at=start(TODAY + DAY))
    assert found_by(BEFORE, [RX, b.contraception()]) == needs(NAME, LACKS, at=start(TODAY + timedelta(days=28)))


@pytest.mark.parametrize(
    ("facts", "days"),
    [
        ([], 28),
        ([negative_on(back(10), "test")], 18),
        ([negative_on(back(40), "test")], None),
        ([abstinent(10)], 20),
        ([abstinent(1)], 28),
        ([abstinent(10), negative_on(back(15), "test")], 13),
        ([abstinent(40)], None),
    ],
)
def test_without_a_prescription_the_first_of_test_and_abstinence_opens(facts: list[f.Fact], days: int | None) -> None:
    at = b.NOW if days is None else start(TODAY + timedelta(days=days))
    assert found_by(BEFORE, facts) == needs(NAME, LACKS, at=at)
    if days is not None:
        for moment, is_met in ((at, True), (Instant(at - TICK), False)):
            then = [*facts, b.negative_test(id="now", days_ago=0), b.prescription(id="next", at=moment)]
            assert found_by(BEFORE, then, at=moment, prescription="next").is_met is is_met


def test_a_prescription_that_came_too_early_is_mended_by_a_new_one_at_once() -> None:
    old = b.prescription(days_ago=20, hours_ago=0)
    assert found_by(BEFORE, [old, negative_on(back(28), "test")]) == needs(NAME, LACKS)


def test_the_spans_are_read_as_days() -> None:
    rule = BEFORE.requirements[0]
    assert (getattr(rule, "at_least", None), getattr(rule, "or_abstinent_for", None)) == (28, 30)
