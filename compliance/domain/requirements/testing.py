"""Pregnancy tests: in a window before the prescription, newest one negative, on schedule, and after a missed period."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import ClassVar

from compliance.domain.decision import Finding
from compliance.domain.facts import (
    Counselling,
    Counsellor,
    CycleRegularity,
    PregnancyTest,
    ReportKind,
    TestResult,
    Topic,
)
from compliance.domain.requirements.base import Question, Requirement, last_where
from compliance.domain.span import Elapsed, Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class TestDaysBefore(Requirement):
    """An accepted negative whose specimen was collected so many civil days before prescribing (us.md 2.3, first test).

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
            newest, oldest = day - timedelta(days=self.youngest), day - timedelta(days=self.oldest)
            good = last_where(
                q.negatives, lambda t: oldest <= q.zone.date_of(t.at) <= newest and t.resulted_at <= rx.at
            )
            if good is not None:
                return self.met(good)
        return self.needs("TEST_NOT_IN_WINDOW", self._opens_at(q))

    def _opens_at(self, q: Question) -> Instant:
        """When a new prescription could rest on a test there already is, or else on one taken now."""
        days = [q.zone.date_of(t.at) for t in q.negatives]
        usable = [d for d in days if q.today <= d + timedelta(days=self.oldest)] or [q.today]
        return max(q.at, q.zone.start_of(min(usable) + timedelta(days=self.youngest)))


@dataclass(frozen=True, slots=True, kw_only=True)
class TestHoursBefore(Requirement):
    """An accepted negative collected, and resulted, within some elapsed hours before prescribing (us.md 2.3, second test)."""

    kind: ClassVar[str] = "test_hours_before"
    within: Elapsed

    def check(self, q: Question) -> Finding:
        """Unmet code: TEST_NOT_IN_WINDOW."""
        rx = q.prescription
        if rx is not None:
            good = last_where(
                q.negatives, lambda t: t.at <= t.resulted_at <= rx.at < self.within.end(t.at, q.zone)
            )
            if good is not None:
                return self.met(good)
        return self.needs("TEST_NOT_IN_WINDOW", q.at)


@dataclass(frozen=True, slots=True, kw_only=True)
class LatestTestNegative(Requirement):
    """The newest pregnancy test that says anything is a valid negative: indeterminate is not negative (us.md 2.3)."""

    kind: ClassVar[str] = "latest_test_negative"

    def check(self, q: Question) -> Finding:
        """Unmet codes: TEST_MISSING, LATEST_TEST_NOT_NEGATIVE."""
        if not q.negatives:
            return self.needs("TEST_MISSING", q.at)
        good = q.negatives[-1]
        doubtful = last_where(q.view.tests, lambda t: t.result is not TestResult.NEGATIVE)
        if doubtful is not None and doubtful.at >= good.at:
            return self.needs("LATEST_TEST_NOT_NEGATIVE", q.at, doubtful)
        return self.met(good)


@dataclass(frozen=True, slots=True, kw_only=True)
class TestSchedule(Requirement):
    """Tests kept to their schedule since the last supply: weekly at first, then by cycle regularity (us.md 2.3).

    All four numbers are calendar days. While the next weekly test would still fall within `weekly_for` of the first
    supply it is due `weekly_every` after the one before; later `then_every`, or `then_every_if_irregular`. A test missed
    in the supply period being renewed is mended by a later negative test *and* the prescriber's counselling on it.
    """

    kind: ClassVar[str] = "test_schedule"
    weekly_for: int
    weekly_every: int
    then_every: int
    then_every_if_irregular: int

    def check(self, q: Question) -> Finding:
        """Unmet codes: TEST_OVERDUE, TEST_MISSED."""
        if not q.view.course:
            return self.needs("TEST_OVERDUE", q.at)
        missed, due, newest = self._walk(q)
        if q.today > due:
            return self.needs("TEST_OVERDUE", q.at, *newest)
        if missed is not None:
            counselled = _counselled(q, Topic.MISSED_TEST, q.zone.end_of(missed))
            if counselled is None:
                return self.needs("TEST_MISSED", q.at, *newest)
            return self.met(*newest, counselled, until=q.zone.end_of(due))
        return self.met(*newest, until=q.zone.end_of(due))

    def _walk(self, q: Question) -> tuple[date | None, date, tuple[PregnancyTest, ...]]:
        """The newest missed due day since the last supply, the next due day, and the newest test."""
        course = q.view.course
        first, last = q.zone.date_of(course[0].at), q.zone.date_of(course[-1].at)
        days = [q.zone.date_of(t.at) for t in q.negatives]
        before = [d for d in days if d <= last]
        previous = before[-1] if before and last > first else first
        missed = None
        for day in days:
            if day > previous:
                due = self._due(q, previous, first)
                missed = due if day > due else missed
                previous = day
        return missed, self._due(q, previous, first), q.negatives[-1:]

    def _due(self, q: Question, previous: date, first: date) -> date:
        weekly = previous + timedelta(days=self.weekly_every)
        if weekly <= first + timedelta(days=self.weekly_for):
            return weekly
        cycle = q.view.cycle
        is_regular = cycle is not None and cycle.regularity is not CycleRegularity.IRREGULAR
        return previous + timedelta(days=self.then_every if is_regular else self.then_every_if_irregular)


_TO_EVALUATE = frozenset({ReportKind.MISSED_MENSES, ReportKind.ABNORMAL_BLEEDING})


@dataclass(frozen=True, slots=True, kw_only=True)
class MensesEvaluated(Requirement):
    """A missed period or abnormal bleeding has since been answered by a negative test and counselling (us.md 2.3)."""

    kind: ClassVar[str] = "menses_evaluated"

    def check(self, q: Question) -> Finding:
        """Unmet code: EVALUATION_PENDING."""
        report = last_where(q.view.reports, lambda r: r.what in _TO_EVALUATE)
        if report is None:
            return self.met()
        after = report.at if report.precision.value == "instant" else q.zone.end_of(q.zone.date_of(report.at))
        test = last_where(q.negatives, lambda t: t.at >= after)
        counselled = _counselled(q, Topic.MENSES_EVALUATION, after)
        if test is None or counselled is None:
            return self.needs("EVALUATION_PENDING", max(q.at, after), report)
        return self.met(report, test, counselled)


def _counselled(q: Question, topic: Topic, since: Instant) -> Counselling | None:
    return last_where(
        q.view.counselling, lambda c: c.by is Counsellor.PRESCRIBER and topic in c.topics and c.at >= since
    )
