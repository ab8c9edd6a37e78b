"""Spans and calendars as the policy's words have them, so that the naive gate counts days by itself.

Written from `policies/README.md` alone. Nothing here comes from the package that it judges.
"""

from __future__ import annotations

import calendar
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

ONE_DAY = timedelta(days=1)
SMALLEST = timedelta(microseconds=1)


def days_in(text: str) -> int:
    """Read `P28D`, so that the oracle takes the policy's number from the file and not from the code."""
    assert text.startswith("P")
    assert text.endswith("D")
    return int(text[1:-1])


def months_in(text: str) -> int:
    """Read `P12M`."""
    assert text.startswith("P")
    assert text.endswith("M")
    return int(text[1:-1])


def hours_in(text: str) -> timedelta:
    """Read `PT24H`."""
    assert text.startswith("PT")
    assert text.endswith("H")
    return timedelta(hours=int(text[2:-1]))


@lru_cache(maxsize=20_000)
def add_months(day: date, months: int, *, waiting: bool) -> date:
    """Give the same day number, or the safer end where the month has none: later for waiting, earlier for expiry."""
    year, month = day.year, day.month
    for _ in range(months):
        month += 1
        if month > 12:
            year, month = year + 1, 1
    last = calendar.monthrange(year, month)[1]
    if day.day <= last:
        return date(year, month, day.day)
    return date(year, month, last) + ONE_DAY if waiting else date(year, month, last)


@lru_cache(maxsize=20_000)
def civil_day(zone: str, moment: datetime) -> date:
    """What the calendar in the zone says at that moment."""
    return moment.astimezone(ZoneInfo(zone)).date()


@lru_cache(maxsize=20_000)
def first_instant(zone: str, day: date) -> datetime:
    """Midnight in the zone, in UTC."""
    return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone)).astimezone(UTC)


def span_end(zone: str, span: dict[str, Any], start: datetime) -> datetime:
    """The exclusive end of a span: calendar days or months end with their last civil day, hours are elapsed."""
    text = span["span"]
    if text.startswith("PT"):
        end = start + hours_in(text)
        return end + SMALLEST if span["last_moment"] == "included" else end
    day = civil_day(zone, start)
    if text.endswith("M"):
        last = add_months(day, months_in(text), waiting=False)
    else:
        last = day + timedelta(days=days_in(text) - (1 if span["start_day"] == "day 1" else 0))
    return first_instant(zone, last + ONE_DAY if span["last_day"] == "included" else last)
