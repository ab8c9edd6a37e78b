"""Pregnancy tests by their distance from each other, from a period, and from a window that was missed."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import date, timedelta
from typing import ClassVar

from compliance.domain.decision import Finding
from compliance.domain.facts import Authorization, CycleRegularity, PregnancyTest, ReportKind
from compliance.domain.requirements.base import Question, Requirement, last_where, newest_known
from compliance.domain.requirements.testing import KeptSchedule
from compliance.domain.span import Instant, Span


@dataclass(frozen=True, slots=True, kw_only=True)
class TestsApart(Requirement):
    """A screening negative stands at least so many calendar days before the newest one (us.md 5.4).

    `at_least` is the distance in calendar days; the newest must have resulted when the prescription was issued.
    """

    kind: ClassVar[str] = "tests_apart"
    at_least: int

    def check(self, q: Question) -> Finding:
        """Unmet codes: TEST_MISSING, SECOND_TEST_TOO_SOON."""
        rx = q.prescription
        opens_at = self._opens_at(q)
        if rx is None or not q.negatives:
            return self.needs("TEST_MISSING", opens_at)
        second = last_where(q.negatives, lambda t: t.at <= t.resulted_at <= rx.at)
        if second is not None:
            latest = q.zone.date_of(second.at) - timedelta(days=self.at_least)
            earlier = bisect_right(q.negative_days, latest)
            if earlier:
                return self.met(q.negatives[earlier - 1], second)
        return self.needs("SECOND_TEST_TOO_SOON", opens_at, q.negatives[-1])

    def _opens_at(self, q: Question) -> Instant:
        """When a new test could stand far enough from the earliest there is, or else from one taken now."""
        first = q.negative_days[0] if q.negative_days else q.today
        return max(q.at, q.zone.start_of(first + timedelta(days=self.at_least)))


@dataclass(frozen=True, slots=True, kw_only=True)
class TestInPeriod(Requirement):
    """With a regular cycle, the newest negative falls in the first days of a period (us.md 5.4).

    `first_days` counts the day on which the period started as day 1.
    """

    kind: ClassVar[str] = "test_in_period"
    first_days: int

    def check(self, q: Question) -> Finding:
        """Unmet codes: TEST_MISSING, CYCLE_UNKNOWN, TEST_NOT_IN_PERIOD."""
        cycle = q.view.cycle
        if cycle is None:
            return self.needs("CYCLE_UNKNOWN", q.at)
        if not q.negatives:
            return self.needs("TEST_MISSING", q.at)
        if cycle.regularity is not CycleRegularity.REGULAR:
            return self.met(cycle, q.negatives[-1])
        day = q.negative_days[-1]
        starts = [r for r in q.view.menses_reports if r.what is ReportKind.PERIOD_STARTED]
        started = last_where(starts, lambda r: q.zone.date_of(r.at) <= day)
        if started is None or day > q.zone.date_of(started.at) + timedelta(days=self.first_days - 1):
            return self.needs("TEST_NOT_IN_PERIOD", q.at, q.negatives[-1])
        return self.met(started, q.negatives[-1])


@dataclass(frozen=True, slots=True, kw_only=True)
class MissedFirstWindow(Requirement):
    """After a missed first window the next test waits: it must be so long after the one that opened it.

    Source: us.md 5.1. `window` is counted from the test under an authorization that led to no supply; `wait`
    is in calendar days from that test.
    """

    kind: ClassVar[str] = "missed_first_window"
    window: Span
    wait: int

    def check(self, q: Question) -> Finding:
        """Unmet codes: TEST_MISSING, WINDOW_MISSED."""
        if not q.negatives:
            return self.needs("TEST_MISSING", q.at)
        newest, opened = q.negatives[-1], self._opened(q)
        missed = last_where(opened, lambda t: self.window.end(t.at, q.zone) <= q.at)
        evidence = [newest] if missed is None or missed is newest else [missed, newest]
        if missed is not None and q.negative_days[-1] < self._counts_from(q, missed):
            return self.needs("WINDOW_MISSED", self._opens_at(q, opened), *evidence)
        ends = [self.window.end(t.at, q.zone) for t in opened if q.negative_days[-1] < self._counts_from(q, t)]
        return self.met(*evidence, until=min((end for end in ends if end > q.at), default=None))

    def _opened(self, q: Question) -> list[PregnancyTest]:
        """The tests of this course whose window was opened by an authorization, oldest first."""
        stop = q.view.stopped_at
        ours = (a for a in q.view.all(Authorization) if a.prescription not in q.view.foreign)
        given = [a.at for a in ours if stop is None or a.at > stop]
        found = [newest_known(q, at) for at in given]
        opened = {test.id for test in found if test is not None}
        return [test for test in q.negatives if test.id in opened]

    def _counts_from(self, q: Question, missed: PregnancyTest) -> date:
        return q.zone.date_of(missed.at) + timedelta(days=self.wait)

    def _opens_at(self, q: Question, opened: list[PregnancyTest]) -> Instant:
        """When a new test would be late enough: after every window that will be over by then."""
        opens_at = q.at
        for test in opened:
            if self.window.end(test.at, q.zone) <= opens_at:
                opens_at = max(opens_at, q.zone.start_of(self._counts_from(q, test)))
        return opens_at


@dataclass(frozen=True, slots=True, kw_only=True)
class TestInterval(KeptSchedule):
    """Since the last supply no two negatives were further apart than the programme allows (international.md 5.1).

    `every` is in calendar days; the day of the first supply counts as tested.
    """

    kind: ClassVar[str] = "test_interval"
    every: int

    def due(self, q: Question, previous: date, first: date) -> date:  # noqa: ARG002 - same shape as by cycle
        """The last day on which no more than the interval has passed."""
        return previous + timedelta(days=self.every)


@dataclass(frozen=True, slots=True, kw_only=True)
class TestBeforeLeadIn(Requirement):
    """A first negative before the weeks of contraception begin, unless abstinence makes it idle.

    Source: international.md 5.1. `at_least` is its distance from the prescription in calendar days;
    `or_abstinent_for` is how many calendar days without intercourse stand for it.
    """

    kind: ClassVar[str] = "test_before_lead_in"
    at_least: int
    or_abstinent_for: int

    def check(self, q: Question) -> Finding:
        """Unmet code: TEST_NOT_IN_WINDOW."""
        rx = q.prescription
        stated = q.view.contraception
        if rx is not None:
            day = q.zone.date_of(rx.at)
            early = bisect_right(q.negative_days, day - timedelta(days=self.at_least))
            if early:
                return self.met(q.negatives[early - 1])
            since = stated.abstinent_since if stated else None
            if stated and since and since <= day - timedelta(days=self.or_abstinent_for):
                return self.met(stated)
        return self.needs("TEST_NOT_IN_WINDOW", self._opens_at(q, stated.abstinent_since if stated else None))

    def _opens_at(self, q: Question, since: date | None) -> Instant:
        """When a new prescription could rest on the earliest test there is, or on the abstinence stated."""
        tested = (q.negative_days[0] if q.negative_days else q.today) + timedelta(days=self.at_least)
        abstinent = (since or q.today) + timedelta(days=self.or_abstinent_for)
        return max(q.at, q.zone.start_of(min(tested, abstinent)))
