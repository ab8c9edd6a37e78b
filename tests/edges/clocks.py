"""Zones, moments and civil arithmetic of its own, so that no edge is computed by the code that it judges."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

ZONES = (
    "America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles", "America/Anchorage",
    "America/Halifax", "America/St_Johns", "America/Sao_Paulo", "America/Santiago", "America/Asuncion",
    "America/Havana", "America/Phoenix", "America/Toronto", "America/Nuuk", "Atlantic/Azores", "Europe/London",
    "Europe/Dublin", "Europe/Lisbon", "Europe/Paris", "Europe/Berlin", "Europe/Zurich", "Europe/Helsinki",
    "Europe/Athens", "Europe/Istanbul", "Africa/Cairo", "Africa/Casablanca", "Asia/Beirut", "Asia/Jerusalem",
    "Asia/Tehran", "Asia/Kathmandu", "Asia/Kolkata", "Asia/Tokyo", "Australia/Sydney", "Australia/Adelaide",
    "Australia/Lord_Howe", "Pacific/Auckland", "Pacific/Chatham", "Pacific/Apia", "Pacific/Honolulu", "UTC",
)  # fmt: skip

TICK = timedelta(microseconds=1)
FIRST, LAST = 2020, 2040


def local_day(moment: datetime, zone: ZoneInfo) -> date:
    """The civil day that a clock shows."""
    return moment.astimezone(zone).date()


def first_moment(day: date, zone: ZoneInfo) -> datetime:
    """The first moment of a civil day, found by halving: no arithmetic on wall clocks at all."""
    low = datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(hours=30)
    high = low + timedelta(hours=60)
    while high - low > TICK:
        middle = low + (high - low) // 2
        if local_day(middle, zone) < day:
            low = middle
        else:
            high = middle
    return high


def months_on(day: date, count: int, *, waiting: bool) -> date:
    """So many months on; where the month has no such day, the safer neighbour: later to wait, earlier to expire."""
    year, month = day.year + (day.month - 1 + count) // 12, (day.month - 1 + count) % 12 + 1
    last = monthrange(year, month)[1]
    if day.day <= last:
        return date(year, month, day.day)
    return date(year, month, last) + timedelta(days=1 if waiting else 0)


def changes_of_clocks(zone: ZoneInfo) -> Iterator[datetime]:
    """The moments at which the offset changes, to the second."""
    moment, end = datetime(FIRST, 1, 1, tzinfo=UTC), datetime(LAST + 1, 1, 1, tzinfo=UTC)
    step = timedelta(days=7)
    while moment < end:
        low, high = moment, moment + step
        if low.astimezone(zone).utcoffset() != high.astimezone(zone).utcoffset():
            before = low.astimezone(zone).utcoffset()
            while high - low > timedelta(seconds=1):
                middle = low + timedelta(seconds=(high - low).total_seconds() // 2)
                low, high = (middle, high) if middle.astimezone(zone).utcoffset() == before else (low, middle)
            yield high
        moment += step


def anchors(zone: ZoneInfo) -> list[datetime]:
    """Where windows begin: on, and some days before, every change of clocks; on leap days; on a plain noon."""
    found = [change - timedelta(days=at % 31, seconds=1) for at, change in enumerate(changes_of_clocks(zone))]
    for year in range(FIRST, LAST + 1, 4):
        leap = first_moment(date(year, 2, 29), zone)
        found += [leap + timedelta(hours=12), first_moment(date(year, 3, 1), zone) - TICK]
    return [*found, datetime(2026, 6, 15, 16, tzinfo=UTC)]
