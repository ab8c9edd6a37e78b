"""Reads times and dates as people tell them: absolute, a bare day, or so long before the moment asked about.

Calendar distances keep the wall-clock time in the policy's zone; where the clocks skip or repeat that time
the writer must say which moment is meant, because guessing an hour could decide a case.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from compliance.domain.errors import DomainError
from compliance.domain.span import Instant, Zone, instant, months_after
from compliance.domain.wire import read_date, read_instant

_SIGN_FORM = r"[+-]P"
_CALENDAR_FORM = r"([+-])P([0-9]{1,5})([DMY])"
_ELAPSED_FORM = r"([+-])PT(?=[0-9])(?:([0-9]{1,5})H)?(?:([0-9]{1,5})M)?(?:([0-9]{1,5})S)?"
_DAY_FORM = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_SIGNED = re.compile(_SIGN_FORM)
_CALENDAR = re.compile(_CALENDAR_FORM)
_ELAPSED = re.compile(_ELAPSED_FORM)
_DAY = re.compile(_DAY_FORM)

DATE_PATTERN = f"^(?:{_CALENDAR_FORM}|{_DAY_FORM})$"
TIME_PATTERN = f"^(?:{_CALENDAR_FORM}|{_ELAPSED_FORM}|{_DAY_FORM}(?:[T ].+)?)$"

_HOW_TIME = "write 2026-03-07T14:30:00-05:00, 2026-03-07, or a distance from `at` such as -P12D or -PT1H"
_HOW_DATE = "write 2026-03-07, or a distance from the day of `at` such as -P28D, +P30D or -P40Y"


class Told(NamedTuple):
    """A moment as told, and whether only its day was."""

    moment: Instant
    is_day: bool


@dataclass(frozen=True, slots=True)
class Teller:
    """The moment that distances count from, and the zone whose calendar they use."""

    at: Instant
    zone: Zone

    def time(self, value: object, field: str) -> Told:
        """Read a time in any of its forms; a bare day is its first instant, the safer end for expiry."""
        if isinstance(value, date) and not isinstance(value, datetime):
            return Told(self.zone.start_of(read_date(value, field)), is_day=True)
        if not isinstance(value, str):
            return Told(read_instant(value, field), is_day=False)
        if _DAY.fullmatch(value):
            return Told(self.zone.start_of(read_date(value, field)), is_day=True)
        elapsed = _ELAPSED.fullmatch(value)
        if elapsed:
            return Told(self._elapsed(elapsed, value, field), is_day=False)
        calendar = _CALENDAR.fullmatch(value)
        if calendar:
            return Told(self._same_clock_time(calendar, value, field), is_day=False)
        if _SIGNED.match(value):
            raise DomainError("TIME_UNREADABLE", _HOW_TIME, field=field, value=value)
        return Told(read_instant(value, field), is_day=False)

    def day(self, value: object, field: str) -> date:
        """Read a civil date, absolute or relative to the day of `at` in the policy's zone."""
        calendar = _CALENDAR.fullmatch(value) if isinstance(value, str) else None
        if calendar:
            return read_date(_shifted(self.zone.date_of(self.at), calendar, value, field), field)
        if isinstance(value, str) and _SIGNED.match(value):
            raise DomainError("DATE_UNREADABLE", _HOW_DATE, field=field, value=value)
        return read_date(value, field)

    def _elapsed(self, found: re.Match[str], value: str, field: str) -> Instant:
        hours, minutes, seconds = (int(part or 0) for part in found.groups()[1:])
        span = timedelta(hours=hours, minutes=minutes, seconds=seconds)
        return _plausible(lambda: self.at - span if found[1] == "-" else self.at + span, value, field)

    def _same_clock_time(self, found: re.Match[str], value: str, field: str) -> Instant:
        here = self.at.astimezone(self.zone.tz)
        day = _shifted(here.date(), found, value, field)
        if day == here.date():
            return self.at
        first = datetime.combine(day, here.time(), self.zone.tz)
        moment = _plausible(lambda: first.astimezone(UTC), value, field)
        shown = first.replace(tzinfo=None).isoformat(sep=" ")
        if moment.astimezone(self.zone.tz).replace(tzinfo=None) != first.replace(tzinfo=None):
            raise DomainError("TIME_SKIPPED", f"the clocks skip {shown}; write the time with its offset",
                              field=field, value=value)  # fmt: skip
        if first.replace(fold=1).utcoffset() != first.utcoffset():
            raise DomainError("TIME_TWICE", f"the clocks show {shown} twice; write the time with its offset",
                              field=field, value=value)  # fmt: skip
        return moment


def _plausible(make: Callable[[], datetime], value: str, field: str) -> Instant:
    try:
        return instant(make(), field)
    except (OverflowError, DomainError) as error:
        said = "a time must lie between 1900 and 2200"
        raise DomainError("TIME_IMPLAUSIBLE", said, field=field, value=value) from error


def _shifted(start: date, found: re.Match[str], value: object, field: str) -> date:
    """The civil date so many days, months or years away; a day that the month does not have is an error."""
    sign = -1 if found[1] == "-" else 1
    count = sign * int(found[2])
    try:
        if found[3] == "D":
            return start + timedelta(days=count)
        day = months_after(start, count if found[3] == "M" else count * 12, when_absent="earlier")
    except (OverflowError, ValueError) as error:
        raise DomainError(
            "DATE_IMPLAUSIBLE", "a date must lie between 1900 and 2200", field=field, value=value
        ) from error
    if day.day != start.day:
        raise DomainError("DATE_ABSENT", f"that month has no day {start.day}; write the date", field=field, value=value)
    return day
