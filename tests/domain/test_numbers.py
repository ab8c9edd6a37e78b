"""The kinds about numbers: how long an authorization and a confirmation live, and that each serves once."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from compliance.domain import facts as f
from compliance.domain.facts import Category, Handover, Step
from compliance.domain.span import TICK, Instant
from tests import builders as b
from tests.domain.expect import met, needs, utc, waits

FRP, FNRP, MALE = Category.ADULT_FRP, Category.ADULT_FNRP, Category.ADULT_MALE
AUTHORIZE, CONFIRM, DISPENSE = Step.AUTHORIZE, Step.CONFIRM, Step.DISPENSE
OF_FRP, OF_OTHERS = "authorization-frp", "authorization-others"
CONFIRMATION, SHIPPING, ONCE = "confirmation", "same-day-shipping", "not-yet-dispensed"

ISSUED_AT = b.ago(minutes=90)
"""When the authorization of the builders was given: half past ten in the morning in New York."""
WEEK_ENDS_AT = utc(2026, 6, 23)
"""The end of the seventh day after the test of 15 June."""
MONTH_ENDS_AT = utc(2026, 7, 16)
"""The end of the thirtieth day after an issue on 15 June."""
CONFIRMED_UNTIL = Instant(b.ago(hours=1) + timedelta(hours=24) + TICK)


def just_before(moment: Instant) -> Instant:
    return Instant(moment - TICK)


def just_after(moment: Instant) -> Instant:
    return Instant(moment + TICK)


def authorization_void(of: str = "an") -> f.AuthorizationVoid:
    return b.made(f.AuthorizationVoid, {"id": f"void-{of}", "authorization": of}, {})


def confirmation_void(of: str = "cn") -> f.ConfirmationVoid:
    return b.made(f.ConfirmationVoid, {"id": f"void-{of}", "confirmation": of}, {})


def returned(of: str) -> f.ReturnToStock:
    return b.made(f.ReturnToStock, {"id": f"returned-{of}", "of": of}, {})


def reversal(of: str) -> f.Reversal:
    return b.made(f.Reversal, {"id": f"reversal-{of}", "dispense": of}, {})


def authorized(category: Category = FRP) -> list[f.Fact]:
    """All that stands before `authorize`, and an authorization that was given already."""
    return [*b.ready(category, AUTHORIZE), b.authorization(category)]


# -- authorization_life, when one is asked for ---------------------------------------------------------------------


def test_an_authorization_of_a_woman_who_could_become_pregnant_would_last_seven_days_from_the_test() -> None:
    facts = b.ready(FRP, AUTHORIZE)
    living = met(OF_FRP, "test", until=WEEK_ENDS_AT)
    assert b.finding(facts, OF_FRP, AUTHORIZE) == living
    assert b.finding(facts, OF_FRP, AUTHORIZE, at=just_before(WEEK_ENDS_AT)) == living
    over = needs(OF_FRP, "AUTHORIZATION_WOULD_BE_OVER", at=WEEK_ENDS_AT)
    assert b.finding(facts, OF_FRP, AUTHORIZE, at=WEEK_ENDS_AT) == over
    assert b.decided(facts, AUTHORIZE).authorization_ends_at == WEEK_ENDS_AT


def test_without_an_accepted_negative_an_authorization_would_be_over() -> None:
    facts = b.without(b.ready(FRP, AUTHORIZE), "test", "test-before")
    assert b.finding(facts, OF_FRP, AUTHORIZE) == needs(OF_FRP, "AUTHORIZATION_WOULD_BE_OVER")


@pytest.mark.parametrize("category", [FNRP, MALE, Category.CHILD_FNRP, Category.CHILD_MALE])
def test_everyone_elses_authorization_would_last_thirty_days_from_its_issue(category: Category) -> None:
    decision = b.decided(b.ready(category, AUTHORIZE), AUTHORIZE)
    assert decision.findings[-1] == met(OF_OTHERS)
    assert decision.authorization_ends_at == MONTH_ENDS_AT


def test_a_live_authorization_of_everyone_else_is_waited_out() -> None:
    already = waits(OF_OTHERS, "ALREADY_AUTHORIZED", "an", at=MONTH_ENDS_AT)
    assert b.decided(authorized(MALE), AUTHORIZE).unmet == (already,)
    assert b.finding(authorized(MALE), OF_OTHERS, AUTHORIZE, at=just_before(MONTH_ENDS_AT)) == already
    assert b.finding(authorized(MALE), OF_OTHERS, AUTHORIZE, at=MONTH_ENDS_AT) == met(OF_OTHERS)


def test_where_a_new_authorization_would_be_over_too_waiting_does_not_help() -> None:
    assert b.decided(authorized(FRP), AUTHORIZE).unmet == (needs(OF_FRP, "ALREADY_AUTHORIZED", "an"),)
    late = just_before(WEEK_ENDS_AT)
    already = needs(OF_FRP, "ALREADY_AUTHORIZED", "an", at=late)
    assert b.finding(authorized(FRP), OF_FRP, AUTHORIZE, at=late) == already
    over = needs(OF_FRP, "AUTHORIZATION_WOULD_BE_OVER", at=WEEK_ENDS_AT)
    assert b.finding(authorized(FRP), OF_FRP, AUTHORIZE, at=WEEK_ENDS_AT) == over


def test_a_newer_test_lets_a_live_authorization_be_waited_out() -> None:
    tomorrow = utc(2026, 6, 16, 16)
    facts = [*authorized(FRP), b.negative_test(id="newer", at=tomorrow)]
    already = waits(OF_FRP, "ALREADY_AUTHORIZED", "an", at=WEEK_ENDS_AT)
    assert b.finding(facts, OF_FRP, AUTHORIZE, at=tomorrow) == already
    assert b.finding(facts, OF_FRP, AUTHORIZE, at=just_before(WEEK_ENDS_AT)) == already
    expected = met(OF_FRP, "newer", until=utc(2026, 6, 24))
    assert b.finding(facts, OF_FRP, AUTHORIZE, at=WEEK_ENDS_AT) == expected


def test_a_newer_test_of_the_same_day_would_not_outlive_the_authorization() -> None:
    facts = [*authorized(FRP), b.negative_test(id="newer", hours_ago=1)]
    assert b.finding(facts, OF_FRP, AUTHORIZE) == needs(OF_FRP, "ALREADY_AUTHORIZED", "an")


def test_an_authorization_given_without_any_test_to_rest_on_is_not_alive() -> None:
    given_at = b.ago(days=20)
    facts = [*b.ready(FRP, AUTHORIZE), b.authorization(FRP, at=given_at)]
    assert b.finding(facts, OF_FRP, AUTHORIZE) == met(OF_FRP, "test", until=WEEK_ENDS_AT)


@pytest.mark.parametrize("category", [FRP, MALE])
@pytest.mark.parametrize("ended", [authorization_void, lambda: returned("an")])
def test_a_voided_authorization_makes_room_for_a_new_one(category: Category, ended: Callable[[], f.Fact]) -> None:
    assert b.decided([*authorized(category), ended()], AUTHORIZE).codes == ()


def test_the_authorization_of_another_prescription_is_not_in_the_way() -> None:
    facts = b.changed(authorized(MALE), "an", prescription="rx-before")
    assert b.decided(facts, AUTHORIZE).codes == ()


# -- authorization_life, when one is held --------------------------------------------------------------------------


def test_a_held_authorization_lives_through_the_seventh_day_after_the_test() -> None:
    facts = b.ready(FRP)
    living = met(OF_FRP, "an", until=WEEK_ENDS_AT)
    assert b.finding(facts, OF_FRP) == living
    assert b.finding(facts, OF_FRP, at=just_before(WEEK_ENDS_AT)) == living
    assert b.finding(facts, OF_FRP, at=WEEK_ENDS_AT) == needs(OF_FRP, "AUTHORIZATION_EXPIRED", "an", at=WEEK_ENDS_AT)


def test_a_held_authorization_of_everyone_else_lives_through_the_thirtieth_day_after_its_issue() -> None:
    facts = b.ready(MALE, CONFIRM)
    living = met(OF_OTHERS, "an", until=MONTH_ENDS_AT)
    assert b.finding(facts, OF_OTHERS, CONFIRM) == living
    assert b.finding(facts, OF_OTHERS, CONFIRM, at=just_before(MONTH_ENDS_AT)) == living
    assert b.finding(facts, OF_OTHERS, CONFIRM, at=MONTH_ENDS_AT) == needs(
        OF_OTHERS, "AUTHORIZATION_EXPIRED", "an", at=MONTH_ENDS_AT
    )


def test_the_seven_days_are_counted_from_the_civil_day_of_the_collection() -> None:
    an_hour_to_midnight = utc(2026, 6, 9, 3)  # 8 June in New York, 9 June in UTC
    facts = b.changed(
        b.ready(FRP), "test", at=an_hour_to_midnight, resulted_at=an_hour_to_midnight, recorded_at=an_hour_to_midnight
    )
    assert b.finding(facts, OF_FRP) == met(OF_FRP, "an", until=utc(2026, 6, 16))


def test_the_seven_days_are_calendar_days_when_clocks_change() -> None:
    at = utc(2026, 10, 30, 16)
    facts: list[f.Fact] = [
        b.enrolment(FRP),
        b.negative_test(id="test", at=at),
        b.authorization(FRP, at=at),
    ]
    ends_at = utc(2026, 11, 7, 5)  # counted from summer time, ended in winter time
    assert b.finding(facts, OF_FRP, at=just_before(ends_at)) == met(OF_FRP, "an", until=ends_at)
    assert b.finding(facts, OF_FRP, at=ends_at).code == "AUTHORIZATION_EXPIRED"


@pytest.mark.parametrize(
    ("collected_at", "recorded_at", "until"),
    [
        (ISSUED_AT, ISSUED_AT, utc(2026, 6, 23)),
        (just_after(ISSUED_AT), just_after(ISSUED_AT), utc(2026, 6, 18)),
        (just_before(ISSUED_AT), just_after(ISSUED_AT), utc(2026, 6, 18)),
        (just_before(ISSUED_AT), ISSUED_AT, utc(2026, 6, 23)),
    ],
)
def test_only_a_test_collected_and_recorded_by_the_issue_gives_it_its_life(
    collected_at: Instant, recorded_at: Instant, until: Instant
) -> None:
    facts = [
        *b.without(b.ready(FRP), "test"),
        b.negative_test(id="five-days-old", days_ago=5),
        b.negative_test(id="newer", at=collected_at, resulted_at=collected_at, recorded_at=recorded_at),
    ]
    assert b.finding(facts, OF_FRP) == met(OF_FRP, "an", until=until)


def test_an_authorization_dies_with_the_test_it_rests_on() -> None:
    expired = needs(OF_FRP, "AUTHORIZATION_EXPIRED", "an")
    assert b.finding([*b.ready(FRP), b.retraction("test")], OF_FRP) == expired  # the older one is too old
    assert b.finding(b.without(b.ready(FRP), "test", "test-before"), OF_FRP) == expired


def test_an_authorization_given_for_another_category_does_not_count() -> None:
    facts = b.changed(b.ready(MALE), "an", category=FNRP)
    assert b.decided(facts).unmet == (needs(OF_OTHERS, "AUTHORIZATION_CATEGORY_MISMATCH", "an"),)
    nobody = b.without(b.ready(FRP), "agreement")
    assert b.finding(nobody, OF_FRP) == needs(OF_FRP, "AUTHORIZATION_CATEGORY_MISMATCH", "an")


@pytest.mark.parametrize("step", [CONFIRM, DISPENSE])
def test_without_an_authorization_nothing_is_confirmed_or_dispensed(step: Step) -> None:
    missing = needs(OF_OTHERS, "AUTHORIZATION_MISSING")
    assert b.finding(b.without(b.ready(MALE, step), "an"), OF_OTHERS, step) == missing
    other = b.changed(b.ready(MALE, step), "an", prescription="rx-before")
    assert b.finding(other, OF_OTHERS, step) == missing


@pytest.mark.parametrize("ended", [authorization_void, lambda: returned("an")])
def test_a_voided_authorization_is_told_from_a_missing_one(ended: Callable[[], f.Fact]) -> None:
    facts = [*b.ready(MALE, CONFIRM), ended()]
    assert b.decided(facts, CONFIRM).unmet == (needs(OF_OTHERS, "AUTHORIZATION_VOIDED", "an"),)


def test_of_several_authorizations_the_newest_unvoided_one_counts() -> None:
    newer = b.authorization(MALE, id="newer", number="A-2", minutes_ago=80)
    facts = [*b.ready(MALE, CONFIRM), newer]
    assert b.finding(facts, OF_OTHERS, CONFIRM) == met(OF_OTHERS, "newer", until=MONTH_ENDS_AT)
    without_newer = [*facts, authorization_void("newer")]
    assert b.finding(without_newer, OF_OTHERS, CONFIRM) == met(OF_OTHERS, "an", until=MONTH_ENDS_AT)
    without_both = [*without_newer, authorization_void("an")]
    assert b.finding(without_both, OF_OTHERS, CONFIRM) == needs(OF_OTHERS, "AUTHORIZATION_VOIDED", "newer")


# -- confirmation_life ---------------------------------------------------------------------------------------------


def test_a_confirmation_may_be_asked_for_while_none_is_alive() -> None:
    assert b.finding(b.ready(MALE, CONFIRM), CONFIRMATION, CONFIRM) == met(CONFIRMATION)


def test_without_an_authorization_it_is_the_authorization_that_is_missing_and_no_confirmation() -> None:
    facts = [*b.without(b.ready(MALE, CONFIRM), "an"), b.confirmation()]
    assert b.decided(facts, CONFIRM).codes == ("AUTHORIZATION_MISSING",)
    assert b.finding(facts, CONFIRMATION, CONFIRM) == met(CONFIRMATION)


def test_a_live_confirmation_is_waited_out_to_the_microsecond() -> None:
    facts = [*b.ready(MALE, CONFIRM), b.confirmation()]
    already = waits(CONFIRMATION, "ALREADY_CONFIRMED", "cn", at=CONFIRMED_UNTIL)
    assert b.decided(facts, CONFIRM).unmet == (already,)
    assert b.finding(facts, CONFIRMATION, CONFIRM, at=just_before(CONFIRMED_UNTIL)) == already
    assert b.finding(facts, CONFIRMATION, CONFIRM, at=CONFIRMED_UNTIL) == met(CONFIRMATION)


def test_a_live_confirmation_of_any_pharmacy_is_in_the_way() -> None:
    facts = [*b.ready(MALE, CONFIRM), b.confirmation(pharmacy="high-street")]
    assert b.decided(facts, CONFIRM).codes == ("ALREADY_CONFIRMED",)


def test_a_live_confirmation_under_this_authorization_is_in_the_way_whichever_prescription_it_names() -> None:
    facts = [*b.ready(MALE, CONFIRM), b.confirmation(prescription="rx-before")]
    assert b.decided(facts, CONFIRM).codes == ("ALREADY_CONFIRMED",)


def test_a_confirmation_under_an_earlier_authorization_is_not_in_the_way() -> None:
    facts = [*b.ready(MALE, CONFIRM), b.confirmation(authorization="an-before")]
    assert b.decided(facts, CONFIRM).codes == ()


@pytest.mark.parametrize("ended", [confirmation_void, lambda: returned("cn")])
def test_a_voided_confirmation_makes_room_for_a_new_one_and_serves_no_dispense(ended: Callable[[], f.Fact]) -> None:
    asked_again = [*b.ready(MALE, CONFIRM), b.confirmation(), ended()]
    assert b.finding(asked_again, CONFIRMATION, CONFIRM) == met(CONFIRMATION)
    unmet = (needs(CONFIRMATION, "CONFIRMATION_VOIDED", "cn"),)
    assert b.decided([*b.ready(MALE), ended()]).unmet == unmet


def test_a_confirmation_serves_for_24_hours_from_its_issue() -> None:
    living = met(CONFIRMATION, "cn", until=CONFIRMED_UNTIL)
    assert b.finding(b.ready(MALE), CONFIRMATION) == living
    assert b.finding(b.ready(MALE), CONFIRMATION, at=just_before(CONFIRMED_UNTIL)) == living
    assert b.finding(b.ready(MALE), CONFIRMATION, at=CONFIRMED_UNTIL) == needs(
        CONFIRMATION, "CONFIRMATION_EXPIRED", "cn", at=CONFIRMED_UNTIL
    )


def test_the_24_hours_are_elapsed_hours_when_clocks_change() -> None:
    at = utc(2026, 10, 31, 17)  # 13:00 in summer time; 24 hours later it is 12:00
    facts: list[f.Fact] = [b.authorization(MALE, at=at), b.confirmation(at=at)]
    last = utc(2026, 11, 1, 17)
    assert b.finding(facts, CONFIRMATION, at=last) == met(CONFIRMATION, "cn", until=just_after(last))
    assert b.finding(facts, CONFIRMATION, at=just_after(last)).code == "CONFIRMATION_EXPIRED"


def test_without_a_confirmation_nothing_is_dispensed() -> None:
    missing = (needs(CONFIRMATION, "CONFIRMATION_MISSING"),)
    assert b.decided(b.without(b.ready(MALE), "cn")).unmet == missing
    assert b.decided(b.changed(b.ready(MALE), "cn", prescription="rx-before")).unmet == missing


def test_a_confirmation_ends_with_its_authorization() -> None:
    assert b.finding([*b.ready(MALE), authorization_void()], CONFIRMATION) == needs(
        CONFIRMATION, "CONFIRMATION_VOIDED", "cn"
    )
    newer = b.authorization(MALE, id="newer", number="A-2", minutes_ago=80)
    assert b.decided([*b.ready(MALE), newer]).unmet == (needs(CONFIRMATION, "CONFIRMATION_VOIDED", "cn"),)


def test_a_confirmation_serves_the_pharmacy_that_obtained_it_and_no_other() -> None:
    facts = b.changed(b.ready(MALE), "cn", pharmacy="high-street")
    assert b.decided(facts).unmet == (needs(CONFIRMATION, "CONFIRMATION_ELSEWHERE", "cn"),)
    assert b.finding(b.ready(MALE), CONFIRMATION, pharmacy="") == needs(CONFIRMATION, "CONFIRMATION_ELSEWHERE", "cn")


def test_of_several_confirmations_the_newest_unvoided_one_counts() -> None:
    newer = b.confirmation(id="newer", number="C-2", hours_ago=0, minutes_ago=50)
    facts = [*b.ready(MALE), newer]
    until = Instant(b.ago(minutes=50) + timedelta(hours=24) + TICK)
    assert b.finding(facts, CONFIRMATION) == met(CONFIRMATION, "newer", until=until)
    without_newer = [*facts, confirmation_void("newer")]
    assert b.finding(without_newer, CONFIRMATION) == met(CONFIRMATION, "cn", until=CONFIRMED_UNTIL)
    without_both = [*without_newer, confirmation_void("cn")]
    assert b.finding(without_both, CONFIRMATION) == needs(CONFIRMATION, "CONFIRMATION_VOIDED", "newer")


# -- same_day_shipping ---------------------------------------------------------------------------------------------


def test_what_is_handed_over_is_not_bound_to_the_day_of_the_confirmation() -> None:
    facts = b.ready(FRP)
    assert b.finding(facts, SHIPPING) == met(SHIPPING)
    assert b.finding(facts, SHIPPING, at=utc(2026, 6, 16)) == met(SHIPPING)


def test_what_is_shipped_leaves_by_the_end_of_the_civil_day_of_the_confirmation() -> None:
    facts, midnight = b.ready(FRP), utc(2026, 6, 16)
    in_time = met(SHIPPING, "cn", until=midnight)
    assert b.finding(facts, SHIPPING, handover=Handover.SHIPPED) == in_time
    assert b.decided(facts, handover=Handover.SHIPPED).valid_until == midnight
    assert b.finding(facts, SHIPPING, at=just_before(midnight), handover=Handover.SHIPPED) == in_time
    late = needs(SHIPPING, "NOT_SHIPPED_THE_SAME_DAY", "cn", at=midnight)
    assert b.finding(facts, SHIPPING, at=midnight, handover=Handover.SHIPPED) == late


def test_an_unknown_way_of_handing_over_blocks() -> None:
    assert b.decided(b.ready(FRP), handover=None).unmet == (needs(SHIPPING, "HANDOVER_UNKNOWN"),)


def test_nothing_is_shipped_without_a_confirmation() -> None:
    facts = b.without(b.ready(FRP), "cn")
    assert b.decided(facts, handover=Handover.SHIPPED).unmet == (
        needs(CONFIRMATION, "CONFIRMATION_MISSING"),
        needs(SHIPPING, "CONFIRMATION_MISSING"),
    )


@pytest.mark.parametrize("category", [FNRP, MALE])
def test_the_day_of_shipping_is_asked_only_for_those_who_could_become_pregnant(category: Category) -> None:
    decision = b.decided(b.ready(category), handover=Handover.SHIPPED)
    assert SHIPPING not in [found.requirement for found in decision.findings]
    assert decision.valid_until == CONFIRMED_UNTIL


# -- not_yet_dispensed ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("step", list(Step))
def test_a_prescription_is_dispensed_once_and_asked_so_at_every_step(step: Step) -> None:
    facts = [*b.ready(MALE), b.dispense(id="sold", days_supply=1)]
    assert b.finding(b.ready(MALE), ONCE, step) == met(ONCE)
    assert b.finding(facts, ONCE, step) == needs(ONCE, "ALREADY_DISPENSED", "sold")


def test_the_dispense_of_another_prescription_is_not_in_the_way() -> None:
    facts = [*b.ready(MALE), b.dispense(id="sold", prescription="rx-before", days_supply=1)]
    assert b.finding(facts, ONCE) == met(ONCE)


def test_a_reversed_dispense_never_happened_and_a_returned_one_did() -> None:
    facts = [*b.ready(MALE), b.dispense(id="sold")]
    assert b.finding([*facts, reversal("sold")], ONCE) == met(ONCE)
    assert b.finding([*facts, returned("sold")], ONCE) == needs(ONCE, "ALREADY_DISPENSED", "sold")
    assert b.finding([*facts, reversal("another")], ONCE) == needs(ONCE, "ALREADY_DISPENSED", "sold")


def test_of_two_dispenses_of_a_prescription_the_one_not_reversed_still_blocks() -> None:
    facts = [*b.ready(MALE), b.dispense(id="sold"), b.dispense(id="again", minutes_ago=20)]
    assert b.finding([*facts, reversal("again")], ONCE) == needs(ONCE, "ALREADY_DISPENSED", "sold")
    assert b.finding(facts, ONCE) == needs(ONCE, "ALREADY_DISPENSED", "again")
