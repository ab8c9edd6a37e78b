"""The naive gate on how tests stand to each other, to a period, and to a wait.

Written from `policies/README.md` alone.
"""

from __future__ import annotations

from datetime import timedelta

from tests.oracle.spans import days_in
from tests.oracle.world import Plain, Says, World, met, newest


def tests_apart(rule: Plain, world: World) -> Says:
    """The newest negative before the prescription has another far enough before it."""
    wait = timedelta(days=days_in(rule["at_least"]))
    if world.prescription is None:
        return "TEST_MISSING", world.now
    issued = world.prescription["at"]
    last = newest([t for t in world.negatives if t["at"] <= issued and t["resulted_at"] <= issued])
    if last is None:
        return "TEST_MISSING", world.now
    days = [world.day(t["at"]) for t in world.negatives if t["id"] != last["id"]]
    if [day for day in days if day + wait <= world.day(last["at"])]:
        return met()
    oldest = min(world.day(t["at"]) for t in world.negatives)
    return "SECOND_TEST_TOO_SOON", max(world.now, world.start(oldest + wait))


def test_in_period(rule: Plain, world: World) -> Says:
    """With a regular cycle the newest negative falls in the first days of a period."""
    cycle = newest(world.of("cycle"))
    if cycle is None:
        return "CYCLE_UNKNOWN", world.now
    if cycle["regularity"] != "regular":
        return met()
    last = newest(world.negatives)
    if last is None:
        return "TEST_MISSING", world.now
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
    missed, ends = [], []
    for leave in world.in_course("authorization"):
        known = [t for t in world.negatives if t["at"] <= leave["at"] and t["recorded_at"] <= leave["at"]]
        test = newest(known)
        if test is None or test["id"] == last["id"]:
            continue
        window_ends = world.span_end(rule["window"], test["at"])
        if world.now >= window_ends:
            missed.append(test)
        elif world.day(test["at"]) + wait > world.day(last["at"]):
            ends.append(window_ends)
    test = newest(missed)
    if test is not None and world.day(test["at"]) + wait > world.day(last["at"]):
        return "WINDOW_MISSED", max(world.now, world.start(world.day(test["at"]) + wait))
    return met(min(ends) if ends else None)


def test_before_lead_in(rule: Plain, world: World) -> Says:
    """A negative before the wait, or abstinence all through it."""
    wait, abstained = timedelta(days=days_in(rule["at_least"])), timedelta(days=days_in(rule["or_abstinent_for"]))
    if world.prescription is None:
        return "TEST_NOT_IN_WINDOW", world.now
    issued_on = world.day(world.prescription["at"])
    days = [world.day(t["at"]) for t in world.negatives]
    statement = newest(world.of("contraception"))
    since = statement.get("abstinent_since") if statement else None
    if [day for day in days if day + wait <= issued_on] or (since is not None and since + abstained <= issued_on):
        return met()
    by_test = (min(days) if days else world.today) + wait
    by_abstinence = (since if since is not None else world.today) + abstained
    return "TEST_NOT_IN_WINDOW", max(world.now, world.start(min(by_test, by_abstinence)))
