"""What happens to patients in a year: ordinary courses, and each way in which the gate says no.

A story names moments and says what is done at each. It decides nothing: what is allowed is for the gate.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from datetime import UTC, datetime, time, timedelta
from itertools import count

from compliance.demo.case import Case, Story
from compliance.domain.facts import Handover, ReviewOutcome
from compliance.domain.span import months_after

Supply = Generator[datetime, None, str]
"""A visit for a supply; it comes to the authorization number, or "" if that was refused."""

WEEK = timedelta(days=7)
CYCLE = 4 * WEEK
_BETWEEN_TESTS = timedelta(days=12)
_TO_PHARMACY = timedelta(hours=2)
_AT_COUNTER = timedelta(minutes=20)
_AN_HOUR = timedelta(hours=1)
_A_DAY = timedelta(days=1)


def on_day(end: datetime, days_before: int) -> datetime:
    """Mid-morning in the Americas, so many days before the end: no change of clocks moves it to another date."""
    return datetime.combine(end.date() - timedelta(days=days_before), time(15, 0), UTC)


def visit(case: Case, at: datetime, *, is_surveyed: bool = True, is_tested: bool = True) -> Supply:
    """See the prescriber: survey, test, prescription, authorization."""
    yield at
    if case.category_today().partition("_")[0] != case.category.partition("_")[0]:
        case.enrol()
    if is_surveyed:
        case.survey()
    if is_tested and case.can_become_pregnant:
        case.test()
    return case.authorize(case.prescribe())


def supply(case: Case, at: datetime, *, is_surveyed: bool = True) -> Generator[datetime, None, str]:
    """A visit and, if it was authorized, the way to the pharmacy; comes to the dispense, or "" if refused."""
    number = yield from visit(case, at, is_surveyed=is_surveyed)
    if not number:
        return ""
    yield at + _TO_PHARMACY
    case.counsel_at_pharmacy(number)
    if not case.confirm(number):
        return ""
    yield at + _TO_PHARMACY + _AT_COUNTER
    return case.dispense(number)


def begin(case: Case, at: datetime) -> Generator[datetime, None, datetime]:
    """Register and enrol; comes to the moment of the first visit for a supply."""
    yield at
    case.register()
    case.survey()
    if not case.can_become_pregnant:
        return at + _AN_HOUR
    case.test()
    return at + _BETWEEN_TESTS


def started(case: Case, at: datetime) -> Generator[datetime, None, datetime]:
    """Begin and take the first supply; comes to its moment."""
    first = yield from begin(case, at)
    yield from supply(case, first)
    yield from weekly_tests(case, first)
    return first


def weekly_tests(case: Case, first: datetime) -> Story:
    """The tests of the first four weeks; the fourth belongs to the next visit."""
    for week in (1, 2, 3):
        if case.can_become_pregnant:
            yield first + week * WEEK
            case.test()


def cycle(case: Case, at: datetime) -> Generator[datetime, None, str]:
    """One more supply, with the test between two visits that irregular cycles ask for."""
    dispensed = yield from supply(case, at)
    if case.can_become_pregnant and not case.is_regular:
        yield at + 2 * WEEK
        case.test()
    return dispensed


def onwards(case: Case, newest: datetime) -> Story:
    """A supply every four weeks for as long as the clock runs."""
    for nth in count(1):
        yield from cycle(case, newest + nth * CYCLE)


def steady(case: Case, at: datetime, end: datetime) -> Story:
    """Nothing but the ordinary."""
    first = yield from started(case, at)
    yield from onwards(case, first)


def paused(case: Case, at: datetime, end: datetime) -> Story:
    """Treatment is interrupted: no supply while too much is left, and on again once it is nearly used up."""
    first = yield from started(case, at)
    yield from supply(case, first + CYCLE)
    newest = first + 2 * CYCLE
    yield from supply(case, newest)
    yield newest + 10 * _A_DAY
    case.say(case.prescriber, case.id, "treatment_change", status="interrupted")
    yield from supply(case, newest + CYCLE)
    yield newest + 38 * _A_DAY
    case.say(case.prescriber, case.id, "treatment_change", status="resumed")
    yield from onwards(case, newest + CYCLE)


def missed_window(case: Case, at: datetime, end: datetime) -> Story:
    """The first test is too old when the prescription is issued; the second try keeps to the window."""
    yield from begin(case, at)
    tried = at + 20 * _A_DAY
    yield from visit(case, tried)
    first = tried + _BETWEEN_TESTS
    yield from supply(case, first)
    yield from weekly_tests(case, first)
    yield from onwards(case, first)


def false_alarm(case: Case, at: datetime, end: datetime) -> Story:
    """A positive test between confirmation and handover: all is void until two clinicians have resolved it."""
    first = yield from started(case, at)
    yield from supply(case, first + CYCLE)
    alarm = first + 2 * CYCLE
    number = yield from visit(case, alarm)
    yield alarm + _TO_PHARMACY
    case.counsel_at_pharmacy(number)
    case.confirm(number)
    yield alarm + _TO_PHARMACY + _AT_COUNTER
    cause = case.test("positive", about=number).fact.id
    case.dispense(number)
    yield alarm + 2 * _A_DAY
    why = "Two quantitative serum tests 48 hours apart below the limit; ultrasound without finding."
    case.review(case.prescriber, cause, ReviewOutcome.LIFT, why)
    case.test()
    case.authorize(case.prescribe())
    yield alarm + 3 * _A_DAY
    case.review(
        case.colleague, cause, ReviewOutcome.LIFT, "Seen by obstetrics; I agree that it was a false positive."
    )
    yield from supply(case, alarm + WEEK)
    yield from onwards(case, alarm + WEEK)


def late_survey(case: Case, at: datetime, end: datetime) -> Story:
    """A visit with a survey of more than a month ago, and a second one the next day with a new survey."""
    first = yield from started(case, at)
    yield from supply(case, first + CYCLE)
    newest = first + 2 * CYCLE
    yield from supply(case, newest)
    yield newest + CYCLE
    case.test()
    late = newest + CYCLE + 5 * _A_DAY
    yield from supply(case, late, is_surveyed=False)
    yield from supply(case, late + _A_DAY)
    yield from onwards(case, late + _A_DAY)


def missed_test(case: Case, at: datetime, end: datetime) -> Story:
    """With irregular cycles a test is due every two weeks; one is left out, and the prescriber takes it up."""
    case.is_regular = False
    first = yield from started(case, at)
    yield from cycle(case, first + CYCLE)
    yield from supply(case, first + 2 * CYCLE)
    late = first + 3 * CYCLE
    yield from supply(case, late)
    yield late + _A_DAY
    case.counsel("missed_test")
    yield from cycle(case, late + _A_DAY)
    yield from onwards(case, late + _A_DAY)


def bleeding(case: Case, at: datetime, end: datetime) -> Story:
    """Bleeding contradicts menopause until it has been looked into and the evidence is stated anew."""
    first = yield from started(case, at)
    for nth in (1, 2, 3):
        yield from supply(case, first + nth * CYCLE)
    newest = first + 4 * CYCLE
    yield newest - 3 * _A_DAY
    case.say(case.prescriber, case.id, "report", what="abnormal_bleeding")
    yield from supply(case, newest)
    yield newest + 4 * _A_DAY
    last = case.said.last_menses_on
    stated = {"last_menses_on": last.isoformat()} if last else {}
    case.say(case.prescriber, case.id, "risk_evidence", basis=case.said.basis, **stated)
    yield from supply(case, newest + WEEK)
    yield from onwards(case, newest + WEEK)


def reversed_supply(case: Case, at: datetime, end: datetime) -> Story:
    """A parcel comes back: the dispense is reversed, and the same authorization serves again."""
    case.handover = Handover.SHIPPED
    first = yield from started(case, at)
    newest = first + CYCLE
    number = yield from visit(case, newest)
    yield newest + _TO_PHARMACY
    case.counsel_at_pharmacy(number)
    case.confirm(number)
    dispensed = case.dispense(number)
    yield newest + 2 * _A_DAY
    case.reverse(dispensed, "The carrier returned the parcel unopened.")
    case.confirm(number)
    case.dispense(number)
    yield from onwards(case, newest + 2 * _A_DAY)


def returned_and_revoked(case: Case, at: datetime, end: datetime) -> Story:
    """Product set aside goes back to stock; later a pharmacist's certification is withdrawn for a day."""
    first = yield from started(case, at)
    number = yield from visit(case, first + CYCLE)
    yield first + CYCLE + _TO_PHARMACY
    case.counsel_at_pharmacy(number)
    case.confirm(number)
    case.return_to_stock(number, "The patient did not come; the capsules went back unopened.")
    yield first + CYCLE + _A_DAY
    yield from supply(case, first + CYCLE + 2 * _A_DAY)
    newest = first + 2 * CYCLE + 2 * _A_DAY
    locum = case.programme.people["gomez"]
    number = yield from visit(case, newest)
    yield newest + _TO_PHARMACY
    case.programme.revoke("gomez", "The yearly training was not completed.")
    case.programme.tally["revocation"] += 1
    case.counsel_at_pharmacy(number, locum)
    case.confirm(number, locum)
    yield newest + _A_DAY
    case.programme.certify("gomez")
    case.confirm(number, locum)
    case.dispense(number, locum)
    yield from onwards(case, newest + _A_DAY)


def waiting(case: Case, at: datetime, end: datetime) -> Story:
    """Left as it stands today: authorized yesterday, and nobody has come to the pharmacy yet."""
    yield from started(case, on_day(end, 28))
    number = yield from visit(case, on_day(end, 1))
    case.show(number, f"authorized: any pharmacist may look it up, counsel, confirm and dispense")


def ready(case: Case, at: datetime, end: datetime) -> Story:
    """Left as it stands today: confirmed an hour ago and ready to hand over."""
    yield from started(case, on_day(end, 27) - _BETWEEN_TESTS)
    number = yield from visit(case, end - 5 * _AN_HOUR)
    yield end - _AN_HOUR
    case.counsel_at_pharmacy(number)
    case.confirm(number)
    case.show(number, f"confirmed and ready to dispense for 23 hours (as {case.username(case.pharmacist)})")


def blocked(case: Case, at: datetime, end: datetime) -> Story:
    """Left as it stands today: authorized some days ago, and three things have changed since."""
    surveyed = months_after(end.date() - 2 * _A_DAY, -1, when_absent="earlier")
    lapses = months_after(surveyed, 1, when_absent="earlier")
    first = on_day(end, (end.date() - surveyed).days)
    yield from started(case, first - _BETWEEN_TESTS)
    yield first + CYCLE - _A_DAY
    case.test()
    number = yield from visit(case, on_day(end, max(3, (end.date() - lapses).days)), is_surveyed=False)
    yield on_day(end, 1)
    case.say(case.prescriber, case.id, "report", what="missed_menses")
    case.contraception(["male_condom"])
    yield end - _AN_HOUR
    case.counsel_at_pharmacy(number)
    case.confirm(number)
    case.show(number, "authorized, and blocked for several reasons")


def held(case: Case, at: datetime, end: datetime) -> Story:
    """Left as it stands today: a positive test yesterday, and one of two reviews."""
    yield from started(case, on_day(end, 29) - _BETWEEN_TESTS)
    number = yield from visit(case, on_day(end, 2))
    yield on_day(end, 1)
    cause = case.test("positive").fact.id
    yield end - 2 * _AN_HOUR
    case.review(case.prescriber, cause, ReviewOutcome.LIFT, "Quantitative serum test below the limit.")
    case.show(
        number, f"voided by a positive test; {case.username(case.colleague)} has still to review the hold"
    )


def pregnant(case: Case, at: datetime, end: datetime) -> Story:
    """The bundle says that a pregnancy stands: it is reported at once, and nothing is authorized."""
    yield from begin(case, at)
    case.say(case.prescriber, case.id, "report", what="pregnancy")
    case.programme.tally["pregnancy reported"] += 1
    yield at + _AN_HOUR
    case.authorize(case.prescribe())


Plot = Callable[[Case, datetime, datetime], Story]
PLOTS: dict[str, tuple[Plot, ...]] = {
    "frp": (paused, missed_window, false_alarm, late_survey, missed_test, ready, blocked, held),
    "male": (waiting, reversed_supply, returned_and_revoked),
    "menopause": (bleeding,),
    "other": (),
}
"""The stories for each group of patients, in the order in which they are handed out; the rest are steady."""
