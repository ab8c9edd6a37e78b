"""Time in two types that never mix, because day counts and elapsed hours differ whenever clocks change.

An `Instant` is an aware UTC datetime. A civil date is a `datetime.date` that only means something together
with a `Zone`. Spans are counted in calendar days or months (`Days`, `Months`) or in elapsed time
(`Elapsed`). Every end that this module returns is *exclusive*: the first instant that no longer belongs.
"""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import NewType
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from compliance.domain.errors import DomainError

Instant = NewType("Instant", datetime)

TICK = timedelta(microseconds=1)
"""The smallest step of an `Instant`: an included last moment ends one tick later."""

EARLIEST = Instant(datetime(1900, 1, 1, tzinfo=UTC))
LATEST = Instant(datetime(2200, 1, 1, tzinfo=UTC))


def instant(value: datetime, field: str = "") -> Instant:
    """Accept a datetime as an `Instant` only if it carries an offset and lies in a plausible century."""
    if value.utcoffset() is None:
        raise DomainError(
            "TIME_WITHOUT_OFFSET", "a time needs an offset from UTC", field=field, value=value.isoformat()
        )
    try:
        moment = value.astimezone(UTC)
    except OverflowError:
        moment = EARLIEST - TICK
    if not EARLIEST <= moment < LATEST:
        raise DomainError(
            "TIME_IMPLAUSIBLE", "a time must lie between 1900 and 2200", field=field, value=value.isoformat()
        )
    return Instant(moment)


def plus(moment: Instant, delta: timedelta) -> Instant:
    """Elapsed-time arithmetic, which is only ever done in UTC."""
    return Instant(moment + delta)


def earliest(*ends: Instant | None) -> Instant | None:
    """The earliest of several ends, where None is no end."""
    return min((end for end in ends if end is not None), default=None)


_DAYS_KEPT = 4096


class Zone:
    """A named time zone: the only bridge between instants and civil dates."""

    __slots__ = ("_days", "key", "tz")

    def __init__(self, key: str) -> None:
        try:
            self.tz = ZoneInfo(key)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise DomainError("ZONE_UNKNOWN", "name a zone of the IANA time zone database", value=key) from error
        self.key = key
        self._days: dict[date, Instant] = {}

    def date_of(self, moment: Instant) -> date:
        """The civil date that a clock in this zone shows at that moment."""
        return moment.astimezone(self.tz).date()

    def start_of(self, day: date) -> Instant:
        """The first instant of a civil day; where midnight is skipped, the first moment after the gap."""
        known = self._days.get(day)
        if known is None:
            known = Instant(datetime(day.year, day.month, day.day, tzinfo=self.tz).astimezone(UTC))
            if len(self._days) > _DAYS_KEPT:  # bounded: a long-running server meets only so many days at once
                self._days.clear()
            self._days[day] = known
        return known

    def end_of(self, day: date) -> Instant:
        """The exclusive end of a civil day: the first instant of the next one."""
        return self.start_of(day + timedelta(days=1))


@lru_cache(maxsize=512)
def zone(key: str) -> Zone:
    """One shared `Zone` per name, so that its cache of day starts is shared too."""
    return Zone(key)


def months_after(day: date, count: int, *, when_absent: str) -> date:
    """The same day number `count` months on, because "monthly" is neither 30 days nor four weeks.

    Where the month has no such day, `when_absent` picks the conservative end for the use: "earlier" (the
    month's last day, for things that expire) or "later" (the first of the next month, for waiting periods).
    """
    months = day.year * 12 + day.month - 1 + count
    year, month = divmod(months, 12)
    last = monthrange(year, month + 1)[1]
    if day.day <= last:
        return date(year, month + 1, day.day)
    end = date(year, month + 1, last)
    return end if when_absent == "earlier" else end + timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Days:
    """A count of calendar days.

    Says for itself whether the starting day is day 0 or day 1 and if the last belongs.
    """

    count: int
    start_day: int
    last_included: bool

    def last_day(self, start: date) -> date:
        """The last civil day that belongs to the span."""
        return start + timedelta(days=self.count - self.start_day - (0 if self.last_included else 1))

    def end(self, start: Instant, where: Zone) -> Instant:
        """The exclusive end of the span that starts at that moment."""
        return where.end_of(self.last_day(where.date_of(start)))


@dataclass(frozen=True, slots=True)
class Months:
    """A count of calendar months from a civil date; see `months_after` for month ends."""

    count: int
    last_included: bool

    def last_day(self, start: date) -> date:
        """The last civil day that belongs to the span."""
        day = months_after(start, self.count, when_absent="earlier")
        return day if self.last_included else day - timedelta(days=1)

    def end(self, start: Instant, where: Zone) -> Instant:
        """The exclusive end of the span that starts at that moment."""
        return where.end_of(self.last_day(where.date_of(start)))


@dataclass(frozen=True, slots=True)
class Elapsed:
    """A count of elapsed hours, indifferent to what clocks on the wall do."""

    duration: timedelta
    last_included: bool

    def end(self, start: Instant, where: Zone) -> Instant:  # noqa: ARG002 - same shape as the calendar spans
        """The exclusive end of the span that starts at that moment."""
        return Instant(start + self.duration + (TICK if self.last_included else timedelta(0)))


Span = Days | Months | Elapsed

_ISO = re.compile(r"P(?:([0-9]{1,4})D|([0-9]{1,3})M|T([0-9]{1,4})H)")
_START_DAY = {"day 0": 0, "day 1": 1}
_END = {"included": True, "excluded": False}


def read_days(text: object, field: str) -> int:
    """Read `P28D` as 28: for waiting periods and distances, which have no end of their own."""
    found = _ISO.fullmatch(text) if isinstance(text, str) else None
    if found is None or found[1] is None:
        raise DomainError("SPAN_UNREADABLE", "write a number of days as P28D", field=field, value=text)
    return int(found[1])


def read_months(text: object, field: str) -> int:
    """Read `P24M` as 24."""
    found = _ISO.fullmatch(text) if isinstance(text, str) else None
    if found is None or found[2] is None:
        raise DomainError("SPAN_UNREADABLE", "write a number of months as P24M", field=field, value=text)
    return int(found[2])


def _word(value: object) -> str:
    return value if isinstance(value, str) else ""


def read_span(value: object, field: str) -> Span:
    """Read a span table.

    `{span, start_day, last_day}` for days, `{span, last_day}` months, `{span, last_moment}` hours.
    """
    if not isinstance(value, dict):
        raise DomainError("SPAN_UNREADABLE", 'write a span as { span = "P7D", ... }', field=field, value=value)
    found = _ISO.fullmatch(_word(value.get("span")))
    if found is None:
        raise DomainError(
            "SPAN_UNREADABLE", "span must be like P7D, P1M or PT24H", field=field, value=value.get("span")
        )
    days, months, hours = found.groups()
    members = {"span", "last_moment"} if hours else {"span", "last_day"} | ({"start_day"} if days else set())
    if set(value) != members:
        raise DomainError("SPAN_UNREADABLE", f"needs exactly {sorted(members)}", field=field, value=sorted(value))
    included = _END.get(_word(value["last_moment" if hours else "last_day"]))
    if included is None:
        raise DomainError("SPAN_UNREADABLE", "say included or excluded", field=field, value=value)
    if hours:
        return Elapsed(timedelta(hours=int(hours)), included)
    if months:
        return Months(int(months), included)
    start_day = _START_DAY.get(_word(value["start_day"]))
    if start_day is None:
        raise DomainError("SPAN_UNREADABLE", 'start_day is "day 0" or "day 1"', field=field, value=value["start_day"])
    return Days(int(days), start_day, included)
