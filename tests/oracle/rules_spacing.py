"""The naive gate on how tests stand to each other, to a period, and to a wait.

Written from `policies/README.md` alone.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from tests.oracle.spans import days_in
from tests.oracle.world import Plain, Says, World, met, newest


def tests_apart(rule: Plain, world: World) -> Says:
    """The newest negative before the prescription has another far enough before it."""
    wait = timedelta(days=days_in(rule["at_least"]))
    oldest = min((world.day(t["at"]) for t in world.negatives), default=world.today)
    opens = max(world.now, world.start(oldest + wait))
    if world.prescription is None or not world.negatives:
        return "TEST_MISSING", opens
    issued = world.prescription["at"]
    last = newest([t for t in world.negatives if t["at"] <= issued and t["resulted_at"] <= issued])
    if last is None:
        return "SECOND_TEST_TOO_SOON", opens
    days = [world.day(t["at"]) for t in world.negatives if t["id"] != last["id"]]
    return met() if [day for day in days if day + wait <= world.day(last["at"])] else ("SECOND_TEST_TOO_SOON", opens)


def test_in_period(rule: Plain, world: World) -> Says:
    """With a regular cycle the newest negative falls in the first days of a period."""
    cycle = newest(world.of("cycle"))
    if cycle is None:
        return "CYCLE_UNKNOWN", world.now
    last = newest(world.negatives)
    if last is None:
        return "TEST_MISSING", world.now
    if cycle["regularity"] != "regular":
        return met()
    tested_on = world.day(last["at"])
    begun = [f for f in world.of("report") if f["what"] == "period_started" and world.day(f["at"]) <= tested_on]
    period = newest(begun)
    if period is None:
        return "TEST_NOT_IN_PERIOD", world.now
    day_of_period = (tested_on - world.day(period["at"])).days + 1
    return met() if day_of_period <= rule["first_days"] else ("TEST_NOT_IN_PERIOD", world.now)


def missed_first_window(rule: Plain, world: World) -> Says:
    """After a window that passed unused, the next test waits."""
    last = newest(world.negatives)
    if last is None:
        return "TEST_MISSING", world.now
    wait = timedelta(days=days_in(rule["wait"]))
    windows = []
    for leave in world.in_course("authorization"):
        known = [t for t in world.negatives if t["at"] <= leave["at"] and t["recorded_at"] <= leave["at"]]
        test = newest(known)
        if test is not None:
            windows.append((test, world.span_end(rule["window"], test["at"])))

    def counts_from(moment: datetime) -> date | None:
        """From which day a test would count, after the newest window that is over at the moment."""
        missed = newest([test for test, ends in windows if moment >= ends])
        return None if missed is None else world.day(missed["at"]) + wait

    last_day, opens = world.day(last["at"]), world.now
    if (day := counts_from(opens)) is not None and last_day < day:
        while day is not None and (later := max(opens, world.start(day))) > opens:
            opens, day = later, counts_from(later)
        return "WINDOW_MISSED", opens
    ends = [ends for test, ends in windows if ends > world.now and last_day < world.day(test["at"]) + wait]
    return met(min(ends) if ends else None)


def test_before_lead_in(rule: Plain, world: World) -> Says:
    """A negative before the wait, or abstinence all through it."""
    wait, abstained = timedelta(days=days_in(rule["at_least"])), timedelta(days=days_in(rule["or_abstinent_for"]))
    issued_on = world.day(world.prescription["at"]) if world.prescription is not None else None
    days = [world.day(t["at"]) for t in world.negatives]
    statement = newest(world.of("contraception"))
    since = statement.get("abstinent_since") if statement else None
    if issued_on is not None and (
        [day for day in days if day + wait <= issued_on] or (since is not None and since + abstained <= issued_on)
    ):
        return met()
    by_test = (min(days) if days else world.today) + wait
    by_abstinence = (since if since is not None else world.today) + abstained
    return "TEST_NOT_IN_WINDOW", max(world.now, world.start(min(by_test, by_abstinence)))
