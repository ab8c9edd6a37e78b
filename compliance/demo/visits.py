"""The ordinary visits that every story is made of: the first weeks, a supply, and one cycle after another."""

from __future__ import annotations

from collections.abc import Generator
from datetime import UTC, datetime, time, timedelta
from itertools import count

from compliance.demo.case import Case, Story

Supply = Generator[datetime, None, str]
"""A course of events that comes to a number or an id, or to "" if the gate refused."""

WEEK = timedelta(days=7)
CYCLE = 4 * WEEK
BETWEEN_TESTS = timedelta(days=12)
TO_PHARMACY = timedelta(hours=2)
AT_COUNTER = timedelta(minutes=20)
AN_HOUR = timedelta(hours=1)
A_DAY = timedelta(days=1)


def on_day(case: Case, days_before: int) -> datetime:
    """Mid-morning in the Americas, so many days before the end: no change of clocks moves its date."""
    return datetime.combine(case.until.date() - timedelta(days=days_before), time(15, 0), UTC)


def visit(case: Case, at: datetime, *, is_surveyed: bool = True) -> Supply:
    """See the prescriber: survey, test, prescription; comes to the authorization number."""
    yield at
    if case.category_today().partition("_")[0] != case.category.partition("_")[0]:
        case.enrol()
    if is_surveyed:
        case.survey()
    if case.can_become_pregnant:
        case.test()
    return case.authorize(case.prescribe())


def supply(case: Case, at: datetime, *, is_surveyed: bool = True) -> Supply:
    """A visit and, if it was authorized, the way to the pharmacy; comes to the dispense, or "" if refused."""
    number = yield from visit(case, at, is_surveyed=is_surveyed)
    if not number:
        return ""
    yield at + TO_PHARMACY
    case.counsel_at_pharmacy(number)
    if not case.confirm(number):
        return ""
    yield at + TO_PHARMACY + AT_COUNTER
    return case.dispense(number)


def begin(case: Case, at: datetime) -> Generator[datetime, None, datetime]:
    """Register and enrol; comes to the moment of the first visit for a supply."""
    yield at
    case.register()
    case.survey()
    if not case.can_become_pregnant:
        return at + AN_HOUR
    case.test()
    return at + BETWEEN_TESTS


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


def cycle(case: Case, at: datetime) -> Supply:
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
