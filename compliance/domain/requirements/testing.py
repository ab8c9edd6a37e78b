"""Pregnancy tests: in a window before prescribing, newest one negative, on schedule, evaluated."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from datetime import date, timedelta
from typing import ClassVar

from compliance.domain.decision import Finding
from compliance.domain.facts import (
    Counselling,
    CycleRegularity,
    Precision,
    PregnancyTest,
    Topic,
)
from compliance.domain.requirements.base import Question, Requirement, last_where
from compliance.domain.span import Elapsed, Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class TestDaysBefore(Requirement):
    """An accepted negative collected so many civil days before prescribing (us.md 2.3, first test).

    `youngest` and `oldest` are distances in calendar days; both ends count.
    """

    kind: ClassVar[str] = "test_days_before"
    youngest: int
    oldest: int

    def check(self, q: Question) -> Finding:
        """Unmet code: TEST_NOT_IN_WINDOW."""
        rx = q.prescription
        if rx is not None:
            day = q.zone.date_of(rx.at)
            first = bisect_left(q.negative_days, day - timedelta(days=self.oldest))
            last = bisect_right(q.negative_days, day - timedelta(days=self.youngest))
            good = last_where(q.negatives[first:last], lambda t: t.resulted_at <= rx.at)
            if good is not None:
                return self.met(good)
        return self.needs("TEST_NOT_IN_WINDOW", self._opens_at(q))

    def _opens_at(self, q: Question) -> Instant:
        """When a new prescription could rest on a test there already is, or else on one taken now."""
        days = q.negative_days
        usable = bisect_left(days, q.today - timedelta(days=self.oldest))
        day = days[usable] if usable < len(days) else q.today
        return max(q.at, q.zone.start_of(day + timedelta(days=self.youngest)))


@dataclass(frozen=True, slots=True, kw_only=True)
class TestHoursBefore(Requirement):
    """An accepted negative collected, and resulted, within some elapsed hours before prescribing.

    Source: us.md 2.3, second test.
    """

    kind: ClassVar[str] = "test_hours_before"
    within: Elapsed

    def check(self, q: Question) -> Finding:
        """Unmet code: TEST_NOT_IN_WINDOW."""
        rx = q.prescription
        if rx is not None:
            good = last_where(q.negatives, lambda t: t.at <= t.resulted_at <= rx.at < self.within.end(t.at, q.zone))
            if good is not None:
                return self.met(good)
        return self.needs("TEST_NOT_IN_WINDOW", q.at)


@dataclass(frozen=True, slots=True, kw_only=True)
class LatestTestNegative(Requirement):
    """The newest pregnancy test that says anything is a valid negative: indeterminate is not negative.

    Source: us.md 2.3.
    """

    kind: ClassVar[str] = "latest_test_negative"

    def check(self, q: Question) -> Finding:
        """Unmet codes: TEST_MISSING, LATEST_TEST_NOT_NEGATIVE."""
        if not q.negatives:
            return self.needs("TEST_MISSING", q.at)
        good = q.negatives[-1]
        doubtful = q.view.newest_not_negative
        if doubtful is not None and doubtful.at >= good.at:
            return self.needs("LATEST_TEST_NOT_NEGATIVE", q.at, doubtful)
        return self.met(good)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptSchedule(Requirement):
    """What kinds share that ask whether tests kept to a schedule since the last supply.

    A test missed in the supply period being renewed is mended by a late negative test *and* the prescriber's
    counselling on the miss, on the day of that test or later.
    """

    def due(self, q: Question, previous: date, first: date) -> date:
        """The last day for the test after the one of `previous`, in a course begun on `first`."""
        raise NotImplementedError

    def check(self, q: Question) -> Finding:
        """Unmet codes: TEST_OVERDUE, TEST_MISSED."""
        if not q.view.course:
            return self.needs("TEST_OVERDUE", q.at)
        late, due, newest = self._walk(q)
        if q.today > due:
            return self.needs("TEST_OVERDUE", q.at, *newest)
        if late is not None:
            counselled = _counselled(q, Topic.MISSED_TEST, q.zone.start_of(late))
            if counselled is None:
                return self.needs("TEST_MISSED", q.at, *newest)
            return self.met(*newest, counselled, until=q.zone.end_of(due))
        return self.met(*newest, until=q.zone.end_of(due))

    def _walk(self, q: Question) -> tuple[date | None, date, tuple[PregnancyTest, ...]]:
        """The day of the newest late test since the last supply, the next due day, and the newest test."""
        course = q.view.course
        first, last = q.zone.date_of(course[0].at), q.zone.date_of(course[-1].at)
        days = q.negative_days
        before = bisect_right(days, last)
        previous = days[before - 1] if before and last > first else first
        late = None
        for day in days[bisect_right(days, previous) :]:
            if day > previous:
                late = day if day > self.due(q, previous, first) else late
                previous = day
        return late, self.due(q, previous, first), q.negatives[-1:]


@dataclass(frozen=True, slots=True, kw_only=True)
class TestSchedule(KeptSchedule):
    """Tests kept to their schedule since the last supply: weekly at first, then by cycle (us.md 2.3).

    All four numbers are calendar days. While the next weekly test would still fall within `weekly_for` of
    the first supply it is due `weekly_every` after the one before; later `then_every`, or
    `then_every_if_irregular`.
    """

    kind: ClassVar[str] = "test_schedule"
    weekly_for: int
    weekly_every: int
    then_every: int
    then_every_if_irregular: int

    def due(self, q: Question, previous: date, first: date) -> date:
        """Weekly at first, then by how regular the cycle is."""
        weekly = previous + timedelta(days=self.weekly_every)
        if weekly <= first + timedelta(days=self.weekly_for):
            return weekly
        cycle = q.view.cycle
        is_regular = cycle is not None and cycle.regularity is not CycleRegularity.IRREGULAR
        return previous + timedelta(days=self.then_every if is_regular else self.then_every_if_irregular)


@dataclass(frozen=True, slots=True, kw_only=True)
class MensesEvaluated(Requirement):
    """A missed period or abnormal bleeding has since been answered by a negative test and counselling.

    Source: us.md 2.3.
    """

    kind: ClassVar[str] = "menses_evaluated"

    def check(self, q: Question) -> Finding:
        """Unmet code: EVALUATION_PENDING."""
        report = q.view.to_evaluate
        if report is None:
            return self.met()
        is_exact = report.precision is Precision.INSTANT
        after = report.at if is_exact else q.zone.end_of(q.zone.date_of(report.at))
        test = q.negatives[-1] if q.negatives and q.negatives[-1].at >= after else None
        counselled = _counselled(q, Topic.MENSES_EVALUATION, after)
        if test is None or counselled is None:
            return self.needs("EVALUATION_PENDING", max(q.at, after), report)
        return self.met(report, test, counselled)


def _counselled(q: Question, topic: Topic, since: Instant) -> Counselling | None:
    held = q.view.counselled_on.get(topic)
    return held if held is not None and held.at >= since else None
