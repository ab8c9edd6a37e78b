"""The abstract state space, part five: what was dispensed, returned, interrupted and stopped."""

from __future__ import annotations

from datetime import datetime

from tests.oracle.axes_tests import SCHEDULE_DAYS, SCHEDULES
from tests.oracle.settings import DAY, HOUR, Setting, State, distinct, fact, foreign
from tests.oracle.spans import SMALLEST
from tests.oracle.world import Plain


def full(s: Setting) -> int:
    """The days of a whole supply."""
    return min((r["at_most"] for r in s.rules("days_supply")), default=28)


def spare(s: Setting) -> int:
    """The days that may be left when the next supply is given; any few where no rule says."""
    return min((r["at_most"] for r in s.rules("supply_left")), default=min(7, full(s) - 1))


def sold(s: Setting, name: str, at: datetime, rx: str = "rx-0", days: int = 0) -> Plain:
    """A dispense, of a whole supply unless said otherwise."""
    return fact(
        "dispense",
        name,
        at,
        prescription=rx,
        confirmation="cn-0",
        pharmacy="ph-1",
        handover="shipped",
        days_supply=days or full(s),
    )


def turn(status: str, at: datetime) -> Plain:
    """A change of treatment."""
    return fact("treatment_change", f"tc-{status}-{at.timestamp()}", at, status=status)


def back(of: str, at: datetime) -> Plain:
    """A return to stock."""
    return fact("return_to_stock", f"back-{of}", at, of=of)


def undone(of: str, at: datetime) -> Plain:
    """A reversal."""
    return fact("reversal", f"undone-{of}", at, dispense=of)


def days_off(s: Setting) -> list[datetime]:
    """The mornings of the days off treatment around the one from which the agreement lapses today."""
    return [s.start(s.off + n * DAY) + 9 * HOUR for n in (-1, 0, 1)]


def before_a_supply(s: Setting) -> list[State]:
    """Nothing dispensed yet in this course."""
    ago = s.ago
    return [
        State("first: never treated"),
        State("first: reversed", (sold(s, "d1", ago(10)), undone("d1", ago(9)))),
        State("first: stopped with some left", (sold(s, "d1", ago(40)), turn("stopped", ago(15)))),
        State("first: stopped with most left", (sold(s, "d1", ago(40)), turn("stopped", ago(39)))),
        State("first: dispensed with the stop", (sold(s, "d1", ago(15)), turn("stopped", ago(15)))),
        State("first: another programme's supply", (foreign(s), sold(s, "d8", ago(3), "rx-8"))),
        State("first: stopped now", (sold(s, "d1", ago(20)), turn("stopped", s.now))),
        State(
            "first: stopped with most left, returned",
            (sold(s, "d1", ago(40)), turn("stopped", ago(39)), back("d1", ago(38))),
        ),
        *(State(f"first: stopped {at}", (sold(s, "d1", at - 20 * DAY), turn("stopped", at))) for at in days_off(s)),
    ]


def starts(s: Setting) -> list[int]:
    """How many days ago the first supply can have been, around every day that a rule counts from it."""
    whole, used = full(s), full(s) - spare(s)
    found = [used, used - 1, used + 1, whole - 1, whole, whole + 1]
    often = s.days("test_schedule", "weekly_for")
    weekly = s.days("test_schedule", "weekly_every")
    found += [n + k * w + by for n in often for w in weekly for k in (0, 1, 2) for by in (-1, 0, 1)]
    found += [n + by for n in s.days(SCHEDULES, *SCHEDULE_DAYS) for by in (-1, 0, 1)]
    found += [n + by for n in s.days("lab_schedule", "often_for", "often_every") for by in (-1, 0, 1)]
    return [n for n in dict.fromkeys(found) if n > 0]


def after_a_supply(s: Setting) -> list[State]:
    """A course in which something was dispensed."""
    ago, whole, left = s.ago, full(s), spare(s)
    used = whole - left

    def several(*days: int) -> tuple[Plain, ...]:
        return tuple(sold(s, f"d{n}", ago(day)) for n, day in enumerate(days))

    chains = [(whole + used, used), (2 * used, used), (2 * whole + used, whole + used, whole), (whole, used)]
    return distinct(
        [
            *(State(f"later: {n} days ago", several(n)) for n in starts(s)),
            *(State(f"later: {chain} days ago", several(*chain)) for chain in chains),
            State("later: and another programme's supply", (*several(used), foreign(s), sold(s, "d8", ago(3), "rx-8"))),
            State("later: returned", (sold(s, "d1", ago(10)), back("d1", ago(5)))),
            State("later: one of two returned", (sold(s, "d1", ago(30)), sold(s, "d2", ago(10)), back("d2", ago(5)))),
            State("later: interrupted", (sold(s, "d1", ago(15)), turn("interrupted", ago(5)))),
            State("later: interrupted in time", (sold(s, "d1", ago(used + 19)), turn("interrupted", ago(19)))),
            State("later: interrupted a day before", (sold(s, "d1", ago(used + 19)), turn("interrupted", ago(20)))),
            State("later: resumed", (sold(s, "d1", ago(30)), turn("interrupted", ago(25)), turn("resumed", ago(9)))),
            State(
                "later: dispensed while interrupted",
                (sold(s, "d1", ago(30)), turn("interrupted", ago(25)), sold(s, "d2", ago(9))),
            ),
            State("later: this prescription", (sold(s, "d1", ago(used + 1)), sold(s, "d2", s.now, "rx-1", 1))),
            State(
                "later: this prescription, reversed",
                (sold(s, "d1", ago(used + 1)), sold(s, "d2", ago(1), "rx-1"), undone("d2", ago(0))),
            ),
            State(
                "later: after a stop",
                (sold(s, "d1", ago(60)), turn("stopped", ago(50)), sold(s, "d2", ago(21), days=left + 1)),
            ),
            State(
                "later: just after a stop",
                (sold(s, "d1", ago(60)), turn("stopped", ago(15)), sold(s, "d2", ago(15) + SMALLEST, days=14)),
            ),
            State("later: short supply", (sold(s, "d1", ago(used)), sold(s, "d2", ago(3), days=max(1, left)))),
            State("later: today", (sold(s, "d1", ago(whole)), sold(s, "d2", s.now))),
            *(State(f"later: ran out {at}", (sold(s, "d1", at - whole * DAY),)) for at in days_off(s)),
            *(
                State(f"later: interrupted {at}", (sold(s, "d1", at - 5 * DAY), turn("interrupted", at)))
                for at in days_off(s)
            ),
        ]
    )


def histories(s: Setting) -> list[State]:
    """Every history; those with an open course follow those without."""
    return [*before_a_supply(s), *after_a_supply(s)]
