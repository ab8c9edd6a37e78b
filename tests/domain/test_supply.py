"""The kinds about supply, and the days of treatment in hand that they count."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import pytest

from compliance.domain import facts as f
from compliance.domain.decision import Finding
from compliance.domain.facts import Category, Step, TreatmentStatus, days_of_treatment
from compliance.domain.record import Record
from compliance.domain.span import TICK, Instant
from compliance.domain.supply import Supply, days_in_hand
from tests import builders as b
from tests.domain.expect import met, needs, utc, waits

MALE = Category.ADULT_MALE
CONFIRM = Step.CONFIRM
DAYS, REFILLS, LEFT = "days-supply", "no-refills", "supply-left"
INTERRUPTED, RESUMED, STOPPED = TreatmentStatus.INTERRUPTED, TreatmentStatus.RESUMED, TreatmentStatus.STOPPED
ZONE = b.policy().zone

# -- days_supply ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("quantity", "units_per_day", "days_on", "cycle_days", "days"),
    [
        (21, 1, 21, 28, 28),
        (20, 1, 21, 28, 20),
        (22, 1, 21, 28, 29),
        (42, 1, 21, 28, 56),
        (42, 2, 21, 28, 28),
        (41, 2, 21, 28, 28),  # the last day's dose is short of a capsule and is a day all the same
        (40, 2, 21, 28, 20),
        (43, 2, 21, 28, 29),
        (28, 1, 28, 28, 28),
        (29, 1, 28, 28, 29),
        (1, 1, 1, 1, 1),
        (1, 1, 21, 28, 1),
        (1, 2, 21, 28, 1),
        (0, 1, 21, 28, None),
        (-1, 1, 21, 28, None),
        (21, 0, 21, 28, None),
        (21, 1, 0, 28, None),
        (21, 1, 21, 20, None),
        (21, 1, 21, 21, 21),
    ],
)
def test_capsules_are_counted_in_days_of_treatment(
    quantity: int, units_per_day: int, days_on: int, cycle_days: int, days: int | None
) -> None:
    assert days_of_treatment(quantity, units_per_day, days_on, cycle_days) == days


def test_21_capsules_of_a_21_of_28_days_regimen_are_28_days_and_the_22nd_is_one_too_many() -> None:
    assert b.finding(b.ready(), DAYS) == met(DAYS, "rx")
    one_more = b.changed(b.ready(), "rx", quantity=22)
    assert b.decided(one_more).unmet == (needs(DAYS, "DAYS_SUPPLY_EXCEEDED", "rx"),)


def test_28_capsules_taken_every_day_are_28_days_and_the_29th_is_one_too_many() -> None:
    every_day = b.changed(b.ready(), "rx", quantity=28, days_on=28)
    assert b.decided(every_day).codes == ()
    one_more = b.changed(every_day, "rx", quantity=29)
    assert b.decided(one_more).unmet == (needs(DAYS, "DAYS_SUPPLY_EXCEEDED", "rx"),)


@pytest.mark.parametrize("nonsense", [{"quantity": 0}, {"units_per_day": 0}, {"days_on": 0}, {"cycle_days": 20}])
def test_a_regimen_that_makes_no_sense_has_no_known_length(nonsense: dict[str, Any]) -> None:
    assert b.decided(b.changed(b.ready(), "rx", **nonsense)).unmet == (needs(DAYS, "DAYS_SUPPLY_UNKNOWN"),)


def test_without_a_prescription_neither_its_days_nor_its_refills_are_known() -> None:
    facts = b.without(b.ready(), "rx")
    assert b.finding(facts, DAYS) == needs(DAYS, "DAYS_SUPPLY_UNKNOWN")
    assert b.finding(facts, REFILLS) == needs(REFILLS, "PRESCRIPTION_MISSING")


# -- refills -------------------------------------------------------------------------------------------------------


def test_no_refill_is_allowed() -> None:
    assert b.finding(b.ready(), REFILLS) == met(REFILLS, "rx")
    assert b.decided(b.changed(b.ready(), "rx", refills=1)).unmet == (needs(REFILLS, "REFILLS_NOT_ALLOWED", "rx"),)


def test_a_policy_may_allow_refills_up_to_a_number() -> None:
    plain = b.plain_policy()
    b.rule(plain, REFILLS)["at_most"] = 2
    assert b.decided_under(plain, b.changed(b.ready(), "rx", refills=2)).codes == ()
    assert b.decided_under(plain, b.changed(b.ready(), "rx", refills=3)).codes == ("REFILLS_NOT_ALLOWED",)


# -- supply_left ---------------------------------------------------------------------------------------------------

TODAY = date(2026, 6, 15)


def noon(day: date) -> Instant:
    return Instant(ZONE.start_of(day) + timedelta(hours=12))


def supplied(days_ago: int, days: int = 28, name: str = "sold") -> f.Dispense:
    """A dispense at noon so many days ago."""
    at = noon(TODAY - timedelta(days=days_ago))
    return b.dispense(id=name, prescription=f"rx-{name}", at=at, days_supply=days)


def turned(status: TreatmentStatus, days_ago: int) -> f.TreatmentChange:
    """A change of treatment in the afternoon so many days ago."""
    at = Instant(noon(TODAY - timedelta(days=days_ago)) + timedelta(hours=1))
    return b.treatment(status, at=at, id=f"{status.value}-{days_ago}")


def returned(of: str, days_ago: int) -> f.ReturnToStock:
    """A return in the evening so many days ago."""
    at = Instant(noon(TODAY - timedelta(days=days_ago)) + timedelta(hours=6))
    return b.made(f.ReturnToStock, {"id": f"returned-{of}", "of": of, "at": at}, {})


def left(*events: f.Fact, at: Instant = b.NOW) -> Finding:
    """What is found about the supply left, with nothing else known."""
    return b.finding(events, LEFT, CONFIRM, at=at)


def test_who_was_never_supplied_has_nothing_left() -> None:
    assert left() == met(LEFT)


def test_seven_days_left_are_few_enough_and_eight_wait_for_tomorrow() -> None:
    tomorrow = utc(2026, 6, 16)
    assert left(supplied(21)) == met(LEFT, "sold")
    waiting = waits(LEFT, "SUPPLY_LEFT", "sold", at=tomorrow)
    assert left(supplied(20)) == waiting
    assert left(supplied(20), at=Instant(tomorrow - TICK)) == waiting
    assert left(supplied(20), at=tomorrow) == met(LEFT, "sold")


def test_the_supply_is_asked_for_at_confirmation_and_dispense_and_blocks_there_alone() -> None:
    facts = [*b.ready(MALE), b.dispense(id="sold", prescription="rx-before", at=noon(date(2026, 5, 26)))]
    waiting = (waits(LEFT, "SUPPLY_LEFT", "sold", at=utc(2026, 6, 16)),)
    for step in (CONFIRM, Step.DISPENSE):
        assert [found for found in b.decided(facts, step).findings if found.requirement == LEFT] == list(waiting)
    assert b.decided(facts).unmet == waiting
    assert LEFT not in [found.requirement for found in b.decided(facts, Step.AUTHORIZE).findings]


def test_the_day_of_a_dispense_is_its_civil_day_in_the_policys_zone() -> None:
    late = Instant(utc(2026, 5, 26) - TICK)  # the last moment of 25 May in New York
    assert left(b.dispense(id="sold", at=late)) == met(LEFT, "sold")
    assert left(b.dispense(id="sold", at=Instant(late + TICK))).code == "SUPPLY_LEFT"


def test_the_day_of_a_dispense_still_has_all_of_its_days() -> None:
    assert left(supplied(0, 7)) == met(LEFT, "sold")
    assert left(supplied(0, 8)) == waits(LEFT, "SUPPLY_LEFT", "sold", at=utc(2026, 6, 16))
    assert left(supplied(0)) == waits(LEFT, "SUPPLY_LEFT", "sold", at=utc(2026, 7, 6))


def test_days_are_calendar_days_when_clocks_change() -> None:
    sold = b.dispense(id="sold", at=utc(2026, 2, 20, 17))
    opens_at = utc(2026, 3, 13, 4)  # 21 days later, in summer time
    assert left(sold, at=Instant(opens_at - TICK)) == waits(LEFT, "SUPPLY_LEFT", "sold", at=opens_at)
    assert left(sold, at=opens_at) == met(LEFT, "sold")


def test_a_supply_begun_early_adds_to_the_one_before_and_the_newest_dispense_is_the_evidence() -> None:
    two = [supplied(28, name="one"), supplied(7, name="two")]  # 7 left and 28 more, 7 days ago: 28 today
    assert left(*two) == waits(LEFT, "SUPPLY_LEFT", "two", at=utc(2026, 7, 6))


def test_days_without_any_supply_are_not_owed_later() -> None:
    assert left(supplied(100, name="one"), supplied(21, name="two")) == met(LEFT, "two")
    assert left(supplied(100, name="one"), supplied(20, name="two")).opens_at == utc(2026, 6, 16)


def test_while_treatment_is_interrupted_nothing_is_used_up() -> None:
    events = [supplied(21), turned(INTERRUPTED, 10)]  # 17 days were left
    resuming_now = needs(LEFT, "SUPPLY_LEFT", "sold", at=utc(2026, 6, 25))
    assert left(*events) == resuming_now
    later = utc(2026, 7, 15, 16)
    assert left(*events, at=later) == needs(LEFT, "SUPPLY_LEFT", "sold", at=utc(2026, 7, 25))


def test_after_resuming_the_rest_is_used_up_from_that_day_on() -> None:
    events = [supplied(21), turned(INTERRUPTED, 10), turned(RESUMED, 9)]  # 17 days on 6 June
    assert left(*events) == waits(LEFT, "SUPPLY_LEFT", "sold", at=utc(2026, 6, 16))
    assert left(*events, at=utc(2026, 6, 16)) == met(LEFT, "sold")


@pytest.mark.parametrize("status", [INTERRUPTED, STOPPED])
def test_what_was_few_enough_when_treatment_paused_stays_few_enough(status: TreatmentStatus) -> None:
    assert left(supplied(30), turned(status, 9)) == met(LEFT, "sold")
    assert left(supplied(30), turned(status, 10)).code == "SUPPLY_LEFT"


def test_a_supply_during_an_interruption_waits_until_treatment_is_resumed() -> None:
    events = [supplied(40, name="one"), turned(INTERRUPTED, 15), supplied(10, name="two")]  # 3 left and 28 more
    assert left(*events) == needs(LEFT, "SUPPLY_LEFT", "two", at=utc(2026, 7, 9))
    assert left(*events, turned(RESUMED, 10)) == waits(LEFT, "SUPPLY_LEFT", "two", at=utc(2026, 6, 29))


def test_the_first_supply_after_a_stop_starts_treatment_again() -> None:
    events = [supplied(40, name="one"), turned(STOPPED, 15), supplied(10, name="two")]
    assert left(*events) == waits(LEFT, "SUPPLY_LEFT", "two", at=utc(2026, 6, 29))


def test_a_stop_may_follow_an_interruption_and_an_interruption_a_stop() -> None:
    one, two = supplied(40, name="one"), supplied(10, name="two")
    stopped_last = [one, turned(INTERRUPTED, 16), turned(STOPPED, 15), two]
    assert left(*stopped_last) == waits(LEFT, "SUPPLY_LEFT", "two", at=utc(2026, 6, 30))
    interrupted_last = [one, turned(STOPPED, 16), turned(INTERRUPTED, 15), two]
    assert left(*interrupted_last) == waits(LEFT, "SUPPLY_LEFT", "two", at=utc(2026, 6, 30))


def test_a_reversed_dispense_leaves_nothing_in_hand() -> None:
    undone = b.made(f.Reversal, {"id": "undone", "dispense": "sold"}, {})
    assert left(supplied(3), undone) == met(LEFT)
    assert left(supplied(21, name="before"), supplied(3), undone) == met(LEFT, "before")


def test_product_back_in_stock_is_no_longer_in_hand() -> None:
    assert left(supplied(10), returned("sold", 5)) == met(LEFT, "sold")
    assert left(supplied(10), returned("another", 5)) == waits(LEFT, "SUPPLY_LEFT", "sold", at=utc(2026, 6, 26))


# -- the days themselves -------------------------------------------------------------------------------------------


def days(*events: f.Fact) -> Supply | None:
    return days_in_hand(events, ZONE)


def day(days_ago: int) -> date:
    return TODAY - timedelta(days=days_ago)


def test_nothing_is_in_hand_before_the_first_dispense_whatever_else_happened() -> None:
    assert days() is None
    assert days(turned(STOPPED, 9), returned("sold", 8), turned(INTERRUPTED, 7)) is None


@pytest.mark.parametrize("status", list(TreatmentStatus))
def test_changes_before_the_first_dispense_do_not_count(status: TreatmentStatus) -> None:
    assert days(turned(status, 9), supplied(5)) == Supply(28, day(5), is_running=True, off_since=None)


@pytest.mark.parametrize(
    ("events", "supply"),
    [
        ([supplied(5)], Supply(28, day(5), is_running=True, off_since=None)),
        ([supplied(26, name="one"), supplied(5)], Supply(35, day(5), is_running=True, off_since=None)),
        ([supplied(33, name="one"), supplied(5)], Supply(28, day(5), is_running=True, off_since=None)),
        ([supplied(32, name="one"), supplied(5)], Supply(29, day(5), is_running=True, off_since=None)),
        ([supplied(90, name="one"), supplied(5)], Supply(28, day(5), is_running=True, off_since=None)),
        ([supplied(5), turned(INTERRUPTED, 5)], Supply(28, day(5), is_running=False, off_since=day(5))),
        ([supplied(5), turned(INTERRUPTED, 4)], Supply(27, day(4), is_running=False, off_since=day(4))),
        ([supplied(5), turned(STOPPED, 3)], Supply(26, day(3), is_running=False, off_since=day(3))),
        ([supplied(9), turned(STOPPED, 8), turned(RESUMED, 3)], Supply(27, day(3), is_running=True, off_since=None)),
        ([supplied(9), turned(RESUMED, 3)], Supply(22, day(3), is_running=True, off_since=None)),
        (
            [supplied(9), turned(STOPPED, 8), supplied(2, name="two")],
            Supply(55, day(2), is_running=True, off_since=None),
        ),
        (
            [supplied(9), turned(INTERRUPTED, 8), supplied(2, name="two")],
            Supply(55, day(2), is_running=False, off_since=day(8)),
        ),
        (
            [supplied(9), turned(STOPPED, 8), turned(RESUMED, 7), turned(INTERRUPTED, 6), supplied(2, name="two")],
            Supply(54, day(2), is_running=False, off_since=day(6)),
        ),
        (
            [supplied(9), turned(STOPPED, 8), supplied(7, name="two"), turned(INTERRUPTED, 6), supplied(2, name="z")],
            Supply(27 + 28 - 1 + 28, day(2), is_running=False, off_since=day(6)),
        ),
        ([supplied(5), returned("sold", 5)], Supply(0, day(5), is_running=True, off_since=day(5))),
        ([supplied(9), returned("sold", 5)], Supply(0, day(5), is_running=True, off_since=day(5))),
        ([supplied(9), turned(STOPPED, 8), returned("sold", 5)], Supply(0, day(5), is_running=False, off_since=day(8))),
        (
            [supplied(26, name="one"), supplied(5), returned("sold", 3)],
            Supply(5, day(3), is_running=True, off_since=None),
        ),
        (
            [supplied(26, name="one"), supplied(5), returned("one", 3)],
            Supply(5, day(3), is_running=True, off_since=None),
        ),
        ([supplied(5), returned("other", 3)], Supply(28, day(5), is_running=True, off_since=None)),
        ([returned("sold", 6), supplied(5)], Supply(28, day(5), is_running=True, off_since=None)),
    ],
)
def test_days_in_hand_after_the_newest_event(events: Sequence[f.Fact], supply: Supply) -> None:
    assert days(*events) == supply


def test_product_returned_after_it_was_used_up_changes_nothing() -> None:
    used_up = Supply(0, day(12), is_running=True, off_since=day(12))
    assert days(supplied(40), returned("sold", 12)) == used_up  # the 28th day is over
    assert days(supplied(40), returned("sold", 13)) == Supply(0, day(13), is_running=True, off_since=day(13))


def test_a_dispense_can_be_returned_only_once_however_often_it_is_told() -> None:
    one, two = supplied(26, name="one"), supplied(5, name="two")
    once = Supply(5, day(3), is_running=True, off_since=None)
    assert days(one, two, returned("two", 3)) == once
    assert days(one, two, returned("two", 3), returned("two", 2)) == once


@pytest.mark.parametrize("status", list(TreatmentStatus))
def test_a_supply_used_up_remembers_its_last_day_when_treatment_changes_later(status: TreatmentStatus) -> None:
    assert days(supplied(40), turned(status, 3)) == Supply(0, day(3), is_running=status is RESUMED, off_since=day(12))


def test_the_first_day_without_treatment_follows_the_days_in_hand() -> None:
    supply = Supply(28, day(28), is_running=True, off_since=None)
    assert supply.off_treatment_on() == TODAY
    assert [supply.left_on(day(n)) for n in (28, 27, 1, 0, -1)] == [28, 27, 1, 0, 0]
    paused = Supply(28, day(28), is_running=False, off_since=day(28))
    assert paused.off_treatment_on() == day(28)
    assert [paused.left_on(day(n)) for n in (28, 0, -100)] == [28, 28, 28]


def test_a_supply_seen_later_is_the_same_supply() -> None:
    supply = Supply(28, day(28), is_running=True, off_since=None)
    assert supply.at(day(28)) == supply
    assert supply.at(day(1)) == Supply(1, day(1), is_running=True, off_since=None)
    assert supply.at(day(0)) == Supply(0, day(0), is_running=True, off_since=day(0))
    assert supply.at(day(-9)) == Supply(0, day(-9), is_running=True, off_since=day(0))
    paused = Supply(3, day(9), is_running=False, off_since=day(9))
    assert paused.at(day(1)) == Supply(3, day(1), is_running=False, off_since=day(9))
    empty = Supply(0, day(9), is_running=False, off_since=day(19))
    assert empty.at(day(1)) == Supply(0, day(1), is_running=False, off_since=day(19))


# -- the supply of a whole record ----------------------------------------------------------------------------------


def in_hand(*events: f.Fact) -> Supply | None:
    return Record(events).as_of(b.NOW).supply(ZONE)


def test_events_of_one_moment_are_taken_in_the_order_in_which_they_were_learned() -> None:
    at = noon(day(5))
    sold = b.dispense(id="sold", at=at)
    stopped_after = b.treatment(STOPPED, id="stop", at=at, recorded_at=Instant(at + TICK))
    assert in_hand(stopped_after, sold) == Supply(28, day(5), is_running=False, off_since=day(5))
    assert in_hand(b.treatment(STOPPED, id="a-stop", at=at), sold) == Supply(
        28, day(5), is_running=True, off_since=None
    )


def test_a_reversed_dispense_is_out_of_the_count_and_its_return_with_it() -> None:
    undone = b.made(f.Reversal, {"id": "undone", "dispense": "two"}, {})
    one, two = supplied(26, name="one"), supplied(5, name="two")
    assert in_hand(one, two, undone, returned("two", 3)) == Supply(28, day(26), is_running=True, off_since=None)
    assert in_hand(undone, two) is None


def test_a_retracted_return_is_as_if_it_had_never_been() -> None:
    back = returned("sold", 3)
    assert in_hand(supplied(5), back) == Supply(0, day(3), is_running=True, off_since=day(3))
    assert in_hand(supplied(5), back, b.retraction(back.id)) == Supply(28, day(5), is_running=True, off_since=None)
