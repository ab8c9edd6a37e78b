"""The naive gate on pregnancy tests: windows, schedules, and what menses ask for.

Written from `policies/README.md` alone.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from tests.oracle.spans import days_in, hours_in
from tests.oracle.world import Plain, Says, World, met, newest


def test_days_before(rule: Plain, world: World) -> Says:
    """A negative so many days before the day of the prescription."""
    youngest, oldest = days_in(rule["youngest"]), days_in(rule["oldest"])
    if world.prescription is not None:
        issued = world.prescription["at"]
        for test in world.negatives:
            gap = (world.day(issued) - world.day(test["at"])).days
            if youngest <= gap <= oldest and test["resulted_at"] <= issued:
                return met()
    usable = [world.day(t["at"]) for t in world.negatives if (world.today - world.day(t["at"])).days <= oldest]
    first = min(usable) if usable else world.today
    return "TEST_NOT_IN_WINDOW", max(world.now, world.start(first + timedelta(days=youngest)))


def test_hours_before(rule: Plain, world: World) -> Says:
    """A negative within so many hours before the prescription."""
    within = hours_in(rule["within"]["span"])
    if world.prescription is not None:
        issued = world.prescription["at"]
        for test in world.negatives:
            gap = issued - test["at"]
            last = gap <= within if rule["within"]["last_moment"] == "included" else gap < within
            if timedelta(0) <= gap and last and test["resulted_at"] <= issued:
                return met()
    return "TEST_NOT_IN_WINDOW", world.now


def latest_test_negative(_: Plain, world: World) -> Says:
    """The newest accepted negative has no other result at or after it."""
    last = newest(world.negatives)
    if last is None:
        return "TEST_MISSING", world.now
    other = [f for f in world.of("pregnancy_test") if f["result"] != "negative" and f["at"] >= last["at"]]
    return ("LATEST_TEST_NOT_NEGATIVE", world.now) if other else met()


def test_schedule(rule: Plain, world: World) -> Says:
    """Often at first, then as the cycle asks."""
    cycle = newest(world.of("cycle"))
    is_regular = cycle is not None and cycle["regularity"] in ("regular", "none")
    later = days_in(rule["then_every" if is_regular else "then_every_if_irregular"])
    often_until = min(world.day(d["at"]) for d in world.course) + timedelta(days=days_in(rule["weekly_for"]))

    def due_after(day: date) -> date:
        weekly = day + timedelta(days=days_in(rule["weekly_every"]))
        return weekly if weekly <= often_until else day + timedelta(days=later)

    return walked(due_after, world)


def test_interval(rule: Plain, world: World) -> Says:
    """Always the same number of days from test to test."""
    return walked(lambda day: day + timedelta(days=days_in(rule["every"])), world)


def walked(due_after: Callable[[date], date], world: World) -> Says:
    """Walk from one test to the next due day."""
    first = min(world.day(d["at"]) for d in world.course)
    last = max(world.day(d["at"]) for d in world.course)
    days = sorted({world.day(t["at"]) for t in world.negatives})
    before = [d for d in days if d <= last]
    at = first if first == last or not before else before[-1]
    late_tests = []
    for day in [d for d in days if d > at]:
        if day > due_after(at):
            late_tests.append(day)
        at = day
    if world.today > due_after(at):
        return "TEST_OVERDUE", world.now
    talks = [f for f in world.of("counselling") if f["by"] == "prescriber" and "missed_test" in f["topics"]]
    if late_tests and not [f for f in talks if world.day(f["at"]) >= max(late_tests)]:
        return "TEST_MISSED", world.now
    return met(world.end(due_after(at)))


def menses_evaluated(_: Plain, world: World) -> Says:
    """A missed period or bleeding was followed by a negative and a conversation."""
    report = newest([f for f in world.of("report") if f["what"] in ("missed_menses", "abnormal_bleeding")])
    if report is None:
        return met()
    by_day = report.get("precision", "instant") == "day"
    since = world.end(world.day(report["at"])) if by_day else report["at"]
    tests = [t for t in world.negatives if t["at"] >= since]
    talks = [
        f
        for f in world.of("counselling")
        if f["by"] == "prescriber" and "menses_evaluation" in f["topics"] and f["at"] >= since
    ]
    return met() if tests and talks else ("EVALUATION_PENDING", max(world.now, since))
