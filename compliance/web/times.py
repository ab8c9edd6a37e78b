"""Times as people write and read them: months spelled, zones named, and no guess when clocks change.

People enter civil time at their site; the programme thinks in instants. What a clock skipped or showed twice is
refused with the value, because a guess could open a window by an hour.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from compliance.domain.span import TICK, Instant

MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_ZONES = {
    "America/New_York": "Eastern",
    "America/Chicago": "Central",
    "America/Denver": "Mountain",
    "America/Phoenix": "Arizona time",
    "America/Los_Angeles": "Pacific",
    "America/Anchorage": "Alaska time",
    "Pacific/Honolulu": "Hawaii time",
    "Europe/London": "UK time",
    "Asia/Tokyo": "Japan time",
    "UTC": "UTC",
}
_YEARS = range(1900, 2200)
_HOURS, _MINUTES = range(24), range(60)
_DIGITS = 4


class NotATime(ValueError):
    """What was entered is no time at the site; `is_twofold` when the clock showed it twice that night."""

    def __init__(self, message: str, *, is_twofold: bool = False) -> None:
        super().__init__(message)
        self.is_twofold = is_twofold


def zone_name(key: str) -> str:
    """What people at a site call their time; the database's own name where there is no common one."""
    return _ZONES.get(key) or key.rpartition("/")[2].replace("_", " ") + " time"


def spell_day(day: date) -> str:
    """A date that cannot be read day-first by one person and month-first by another."""
    return f"{_DAYS[day.weekday()]} {day.day} {MONTHS[day.month - 1][:3]} {day.year}"


def spell_birth(day: date) -> str:
    """A birth date: the weekday would only distract from comparing it with a card."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def spell(moment: datetime, zone: str, *, seconds: bool = False) -> str:
    """A moment on the clock of a named zone; in the hour that a clock shows twice, which of the two."""
    local = moment.astimezone(ZoneInfo(zone))
    clock = f"{local:%H:%M:%S}" if seconds else f"{local:%H:%M}"
    twice = local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()
    which = f" ({local.tzname()})" if twice else ""
    return f"{spell_day(local.date())}, {clock} {zone_name(zone)}{which}"


def spell_end(end: datetime, zone: str) -> str:
    """The last moment before an exclusive end: what ends at midnight ends at 23:59 on the day it belongs to."""
    return spell(end - TICK, zone)


def spell_both(moment: datetime, programme: str, site: str, *, is_end: bool) -> str:
    """A deadline on the site's clock and, where the programme's clock differs, on that one too."""
    shown = moment - TICK if is_end else moment
    here, there = (shown.astimezone(ZoneInfo(key)) for key in (site, programme))
    if here.utcoffset() == there.utcoffset():
        return spell(shown, programme)
    other = spell(shown, programme)
    if here.date() == there.date():
        other = other.removeprefix(f"{spell_day(there.date())}, ")
    return f"{spell(shown, site)} ({other})"


def age_on(birth: date, today: date) -> int:
    """Full years; someone born on 29 February grows older on 1 March."""
    return today.year - birth.year - ((today.month, today.day) < (birth.month, birth.day))


def read_day(parts: Mapping[str, str]) -> date:
    """Read day, month and year as three numbers, naming what was given when they make no date."""
    given = f"{parts['day'] or '?'} {_month_word(parts['month'])} {parts['year'] or '?'}"
    day, month, year = (_number(parts[name]) for name in ("day", "month", "year"))
    if day is None or month is None or year is None:
        raise NotATime(f"“{given}” is not complete: give day, month and year in figures")
    if year not in _YEARS:
        raise NotATime(f"“{given}” needs a year of four figures")
    try:
        return date(year, month, day)
    except ValueError:
        raise NotATime(f"“{given}” is not in the calendar") from None


def read_local(parts: Mapping[str, str], zone: str) -> Instant:
    """Read a civil time at a site as an instant; times that a clock skipped or showed twice are refused.

    `parts["which"]` says which of two equal clock times is meant: "first" or "second".
    """
    day = read_day(parts)
    hour, minute = _number(parts["hour"]), _number(parts["minute"])
    if hour not in _HOURS or minute not in _MINUTES:
        given = f"{parts['hour'] or '?'}:{parts['minute'] or '?'}"
        raise NotATime(f"“{given}” is not a time from 00:00 to 23:59")
    local = datetime(day.year, day.month, day.day, hour or 0, minute or 0, tzinfo=ZoneInfo(zone))
    given = f"{spell_day(day)}, {local:%H:%M} {zone_name(zone)}"
    if local.astimezone(UTC).astimezone(local.tzinfo).replace(tzinfo=None) != local.replace(tzinfo=None):
        raise NotATime(f"“{given}” did not exist: the clocks went forward over it. Check the time")
    if local.utcoffset() != local.replace(fold=1).utcoffset():
        which = {"first": 0, "second": 1}.get(parts.get("which", ""))
        if which is None:
            raise NotATime(f"“{given}” came twice that night: say which of the two", is_twofold=True)
        local = local.replace(fold=which)
    return Instant(local.astimezone(UTC))


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _DIGITS else None


def _month_word(text: str) -> str:
    number = _number(text)
    return MONTHS[number - 1] if number is not None and number in range(1, 13) else text or "?"
