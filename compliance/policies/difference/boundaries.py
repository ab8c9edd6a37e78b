"""Every number of two policies and its neighbours, because rules can only differ where one of them changes its mind."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from compliance.domain.policy import Policy
from compliance.domain.span import TICK, Instant, Zone, months_after

_SPAN = re.compile(r"P(T?)([0-9]{1,5})([DMH])")
_UNSAID = frozenset({"example", "sources", "text", "title"})
_MOST_DAYS = 400
_MOST_YEARS = 100
"""A count above these is none of days, or of years, so it is not tried as one."""


@dataclass(frozen=True, slots=True)
class Boundaries:
    """The numbers of either policy by unit; of days and counts also one less and one more.

    Around months, years and hours the classes are a day, or the smallest step of time, to either side.
    """

    days: tuple[int, ...]
    months: tuple[int, ...]
    hours: tuple[int, ...]
    counts: tuple[int, ...]
    years: tuple[int, ...]

    def moments(self, anchor: Instant, where: Zone) -> Iterator[Instant]:
        """The moments before an anchor at which a span of either policy begins, belongs or ends."""
        for days in self.days:
            yield days_before(anchor, days, where)
        for hours in self.hours:
            exact = anchor - timedelta(hours=hours)
            yield from (Instant(exact - TICK), Instant(exact), Instant(exact + TICK))
        for months in self.months:
            on_the_day = (
                where.date_of(anchor) - months_after(where.date_of(anchor), -months, when_absent="earlier")
            ).days
            yield from (days_before(anchor, on_the_day + more, where) for more in (-1, 0, 1))
        midnight = where.start_of(where.date_of(anchor))
        yield from (midnight, Instant(midnight - TICK))

    def dates(self, today: date) -> Iterator[date]:
        """The civil dates before and after today on which a span, or an age in years, begins or ends."""
        for days in self.days:
            yield from (today - timedelta(days=days), today + timedelta(days=days))
        for months in (*self.months, *(12 * years for years in self.years)):
            day = months_after(today, -months, when_absent="earlier")
            yield from (day + timedelta(days=more) for more in (-1, 0, 1))


def days_before(anchor: Instant, days: int, where: Zone) -> Instant:
    """The same time on the clocks so many days before."""
    here = anchor.astimezone(where.tz)
    there = datetime.combine(here.date() - timedelta(days=days), here.time(), where.tz)
    return Instant(there.astimezone(anchor.tzinfo))


def boundaries(policies: Iterable[Policy]) -> Boundaries:
    """The classes that the numbers of some policies make."""
    found: dict[str, set[int]] = {"D": set(), "M": set(), "H": set(), "": set()}
    for policy in policies:
        for value in _leaves(policy.raw):
            if isinstance(value, int):
                found[""].add(value)
            elif span := _SPAN.fullmatch(value):
                found[span[3]].add(int(span[2]))
    days = {n for n in found[""] if n <= _MOST_DAYS} | found["D"]
    return Boundaries(
        days=_around(days), months=tuple(sorted(found["M"])), hours=tuple(sorted(found["H"])),
        counts=_around(found[""] | found["D"]), years=tuple(sorted(n for n in found[""] if n <= _MOST_YEARS)),
    )  # fmt: skip


def _around(numbers: Iterable[int]) -> tuple[int, ...]:
    return tuple(sorted({near for n in numbers for near in (n - 1, n, n + 1) if near >= 0}))


def _leaves(value: Any, name: str = "") -> Iterator[int | str]:
    if isinstance(value, Mapping):
        for member, inner in value.items():
            if member not in _UNSAID:
                yield from _leaves(inner, member)
    elif isinstance(value, list):
        for inner in value:
            yield from _leaves(inner, name)
    elif isinstance(value, str) or (isinstance(value, int) and not isinstance(value, bool)):
        yield value
