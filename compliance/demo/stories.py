"""What happens to patients in a year: ordinary courses, and each way in which the gate says no.

A story names moments and says what is done at each. It decides nothing: what is allowed is for the gate.
"""

from __future__ import annotations

from collections.abc import Callable

from compliance.demo.case import Case, Story
from compliance.demo.visits import (
    A_DAY,
    AN_HOUR,
    AT_COUNTER,
    BETWEEN_TESTS,
    CYCLE,
    TO_PHARMACY,
    WEEK,
    begin,
    cycle,
    on_day,
    onwards,
    started,
    supply,
    visit,
    weekly_tests,
)
from compliance.domain.facts import Handover, ReviewOutcome
from compliance.domain.span import months_after


def steady(case: Case) -> Story:
    """Nothing but the ordinary."""
    first = yield from started(case, case.since)
    yield from onwards(case, first)


def paused(case: Case) -> Story:
    """Treatment is interrupted: no supply while too much is left, and on again once it is nearly used up."""
    first = yield from started(case, case.since)
    yield from supply(case, first + CYCLE)
    newest = first + 2 * CYCLE
    yield from supply(case, newest)
    yield newest + 10 * A_DAY
    case.say(case.prescriber, case.id, "treatment_change", status="interrupted")
    yield from supply(case, newest + CYCLE)
    yield newest + 38 * A_DAY
    case.say(case.prescriber, case.id, "treatment_change", status="resumed")
    yield from onwards(case, newest + CYCLE)


def missed_window(case: Case) -> Story:
    """The first test is too old when the prescription is issued; the second try keeps to the window."""
    yield from begin(case, case.since)
    tried = case.since + 20 * A_DAY
    yield from visit(case, tried)
    first = tried + BETWEEN_TESTS
    yield from supply(case, first)
    yield from weekly_tests(case, first)
    yield from onwards(case, first)


def false_alarm(case: Case) -> Story:
    """A positive test between confirmation and handover: all is void until two clinicians resolve it."""
    first = yield from started(case, case.since)
    yield from supply(case, first + CYCLE)
    alarm = first + 2 * CYCLE
    number = yield from visit(case, alarm)
    yield alarm + TO_PHARMACY
    case.counsel_at_pharmacy(number)
    case.confirm(number)
    yield alarm + TO_PHARMACY + AT_COUNTER
    cause = case.test("positive", about=number).fact.id
    case.dispense(number)
    yield alarm + 2 * A_DAY
    why = "Two quantitative serum tests 48 hours apart below the limit; ultrasound without finding."
    case.review(case.prescriber, cause, ReviewOutcome.LIFT, why)
    case.test()
    case.authorize(case.prescribe())
    yield alarm + 3 * A_DAY
    case.review(case.colleague, cause, ReviewOutcome.LIFT, "Seen by obstetrics; I agree that it was a false positive.")
    yield from supply(case, alarm + WEEK)
    yield from onwards(case, alarm + WEEK)


def late_survey(case: Case) -> Story:
    """A visit with a survey of more than a month ago, and a second one the next day with a new survey."""
    first = yield from started(case, case.since)
    yield from supply(case, first + CYCLE)
    newest = first + 2 * CYCLE
    yield from supply(case, newest)
    yield newest + CYCLE
    case.test()
    late = newest + CYCLE + 5 * A_DAY
    yield from supply(case, late, is_surveyed=False)
    yield from supply(case, late + A_DAY)
    yield from onwards(case, late + A_DAY)


def missed_test(case: Case) -> Story:
    """With irregular cycles a test is due every two weeks; one is left out, and taken up."""
    case.is_regular = False
    first = yield from started(case, case.since)
    yield from cycle(case, first + CYCLE)
    yield from supply(case, first + 2 * CYCLE)
    late = first + 3 * CYCLE
    yield from supply(case, late)
    yield late + A_DAY
    case.counsel("missed_test")
    yield from cycle(case, late + A_DAY)
    yield from onwards(case, late + A_DAY)


def bleeding(case: Case) -> Story:
    """Bleeding contradicts menopause until it has been looked into and the evidence is stated anew."""
    first = yield from started(case, case.since)
    for nth in (1, 2, 3):
        yield from supply(case, first + nth * CYCLE)
    newest = first + 4 * CYCLE
    yield newest - 3 * A_DAY
    case.say(case.prescriber, case.id, "report", what="abnormal_bleeding")
    yield from supply(case, newest)
    yield newest + 4 * A_DAY
    last = case.said.last_menses_on
    stated = {"last_menses_on": last.isoformat()} if last else {}
    case.say(case.prescriber, case.id, "risk_evidence", basis=case.said.basis, **stated)
    yield from supply(case, newest + WEEK)
    yield from onwards(case, newest + WEEK)


def reversed_supply(case: Case) -> Story:
    """A parcel comes back: the dispense is reversed, and the same authorization serves again."""
    case.handover = Handover.SHIPPED
    first = yield from started(case, case.since)
    newest = first + CYCLE
    number = yield from visit(case, newest)
    yield newest + TO_PHARMACY
    case.counsel_at_pharmacy(number)
    case.confirm(number)
    dispensed = case.dispense(number)
    yield newest + 2 * A_DAY
    case.reverse(dispensed, "The carrier returned the parcel unopened.")
    case.confirm(number)
    case.dispense(number)
    yield from onwards(case, newest + 2 * A_DAY)


def returned_and_revoked(case: Case) -> Story:
    """Product set aside goes back to stock; later a pharmacist's certification is withdrawn for a day."""
    first = yield from started(case, case.since)
    number = yield from visit(case, first + CYCLE)
    yield first + CYCLE + TO_PHARMACY
    case.counsel_at_pharmacy(number)
    case.confirm(number)
    case.return_to_stock(number, "The patient did not come; the capsules went back unopened.")
    yield first + CYCLE + A_DAY
    yield from supply(case, first + CYCLE + 2 * A_DAY)
    newest = first + 2 * CYCLE + 2 * A_DAY
    locum = case.programme.people["gomez"]
    number = yield from visit(case, newest)
    yield newest + TO_PHARMACY
    case.programme.revoke("gomez", "The yearly training was not completed.")
    case.programme.tally["revocation"] += 1
    case.counsel_at_pharmacy(number, locum)
    case.confirm(number, locum)
    yield newest + A_DAY
    case.programme.certify("gomez")
    case.confirm(number, locum)
    case.dispense(number, locum)
    yield from onwards(case, newest + A_DAY)


def waiting(case: Case) -> Story:
    """Left as it stands today: authorized yesterday, and nobody has come to the pharmacy yet."""
    yield from started(case, on_day(case, 28))
    number = yield from visit(case, on_day(case, 1))
    case.show(number, "authorized: any pharmacist may look it up, counsel, confirm and dispense")


def ready(case: Case) -> Story:
    """Left as it stands today: confirmed an hour ago and ready to hand over."""
    yield from started(case, on_day(case, 27) - BETWEEN_TESTS)
    number = yield from visit(case, case.until - 5 * AN_HOUR)
    yield case.until - AN_HOUR
    case.counsel_at_pharmacy(number)
    case.confirm(number)
    case.show(number, f"confirmed and ready to dispense for 23 hours (as {case.username(case.pharmacist)})")


def blocked(case: Case) -> Story:
    """Left as it stands today: authorized some days ago, and three things have changed since."""
    today = case.until.date()
    surveyed = months_after(today - 2 * A_DAY, -1, when_absent="earlier")
    lapses = months_after(surveyed, 1, when_absent="earlier")
    first = on_day(case, (today - surveyed).days)
    yield from started(case, first - BETWEEN_TESTS)
    yield first + CYCLE - A_DAY
    case.test()
    number = yield from visit(case, on_day(case, max(3, (today - lapses).days)), is_surveyed=False)
    yield on_day(case, 1)
    case.say(case.prescriber, case.id, "report", what="missed_menses")
    case.contraception(["male_condom"])
    yield case.until - AN_HOUR
    case.counsel_at_pharmacy(number)
    case.confirm(number)
    case.show(number, "authorized, and blocked for several reasons")


def held(case: Case) -> Story:
    """Left as it stands today: a positive test yesterday, and one of two reviews."""
    yield from started(case, on_day(case, 29) - BETWEEN_TESTS)
    number = yield from visit(case, on_day(case, 2))
    yield on_day(case, 1)
    cause = case.test("positive").fact.id
    yield case.until - 2 * AN_HOUR
    case.review(case.prescriber, cause, ReviewOutcome.LIFT, "Quantitative serum test below the limit.")
    case.show(number, f"voided by a positive test; {case.username(case.colleague)} has still to review the hold")


def pregnant(case: Case) -> Story:
    """The bundle says that a pregnancy stands: it is reported at once, and nothing is authorized."""
    yield from begin(case, case.since)
    case.say(case.prescriber, case.id, "report", what="pregnancy")
    case.programme.tally["pregnancy reported"] += 1
    yield case.since + AN_HOUR
    case.authorize(case.prescribe())


Plot = Callable[[Case], Story]
PLOTS: dict[str, tuple[Plot, ...]] = {
    "frp": (paused, missed_window, false_alarm, late_survey, missed_test, ready, blocked, held),
    "male": (waiting, reversed_supply, returned_and_revoked),
    "menopause": (bleeding,),
    "other": (),
}
"""The stories for each group of patients, in the order in which they are handed out; the rest are steady."""
