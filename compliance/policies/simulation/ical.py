"""Writes a simulated year as an iCalendar file (RFC 5545), so that it can be read beside anybody's own diary.

Days are DATE values, instants are UTC; the time stamp is the calendar's own first moment, because no clock is read.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from compliance.domain.span import Instant, Zone
from compliance.policies.simulation.calendar import Calendar, Lane, Mark, Window

_FOLD = 75
"""Octets on a line, its break not counted (RFC 5545, 3.1)."""
_PRODUCT = "-//Kelsey//policies simulate//EN"
_ESCAPES = {"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n"}


class _Told(NamedTuple):
    """What one entry says; `name` keeps its UID apart from those of the others."""

    name: str
    summary: str
    about: str
    lane: Lane


def escaped(text: str) -> str:
    """A TEXT value (RFC 5545, 3.3.11); control characters, which no TEXT may hold, become spaces."""
    plain = (c if c.isprintable() or c == "\n" else " " for c in text.replace("\r\n", "\n"))
    return "".join(_ESCAPES.get(c, c) for c in plain)


def folded(line: str) -> str:
    """One content line in pieces of at most 75 octets, no character cut in two, each piece ended by CRLF."""
    pieces, size = [""], 0
    for character in line:
        octets = len(character.encode())
        if size + octets > _FOLD:
            pieces.append(" ")
            size = 1
        pieces[-1] += character
        size += octets
    return "".join(f"{piece}\r\n" for piece in pieces)


def ical(calendar: Calendar) -> str:
    """The whole file."""
    lines = [
        "BEGIN:VCALENDAR", "VERSION:2.0", f"PRODID:{_PRODUCT}", "CALSCALE:GREGORIAN",
        f"NAME:{escaped(calendar.title)}", f"X-WR-CALNAME:{escaped(calendar.title)}",
    ]  # fmt: skip
    if calendar.notes:
        lines.append(f"DESCRIPTION:{escaped(' '.join(calendar.notes))}")
    for event in (*_events(calendar), *_windows(calendar)):
        lines += event
    return "".join(folded(line) for line in (*lines, "END:VCALENDAR"))


def _events(calendar: Calendar) -> Iterator[list[str]]:
    for number, event in enumerate(calendar.events):
        summary = f"Due: {event.says}" if event.mark is Mark.DUE else event.says
        told = _Told(f"event-{number}", summary, _about(event.requirement, event.text), event.lane)
        yield _entry(calendar, told, _day("DTSTART", calendar.zone.date_of(event.at)))


def _windows(calendar: Calendar) -> Iterator[list[str]]:
    for number, window in enumerate(calendar.windows):
        told = _Told(f"window-{number}", window.says, _about(window.requirement, window.text), window.lane)
        yield _entry(calendar, told, _span(window, calendar.zone))


def _about(requirement: str, text: str) -> str:
    return f"{text} ({requirement})" if requirement else ""


def _span(window: Window, where: Zone) -> str:
    """From the day a window opens on; to the exclusive day of its end, or both as instants where one is."""
    ends_on = where.date_of(window.closes_at)
    if window.closes_at == where.start_of(ends_on):
        return f"{_day('DTSTART', where.date_of(window.opens_at))}\n{_day('DTEND', ends_on)}"
    return f"DTSTART:{_instant(window.opens_at)}\nDTEND:{_instant(window.closes_at)}"


def _entry(calendar: Calendar, told: _Told, span: str) -> list[str]:
    policy = calendar.policy
    whose = f"{policy.id} {policy.version} {policy.sha256} {calendar.category.value} {calendar.since.isoformat()}"
    lines = [
        "BEGIN:VEVENT", f"UID:{uuid.uuid5(uuid.NAMESPACE_URL, f'{whose} {told.name} {told.summary}')}",
        f"DTSTAMP:{_instant(calendar.since)}", *span.split("\n"), f"SUMMARY:{escaped(told.summary)}",
    ]  # fmt: skip
    if told.about:
        lines.append(f"DESCRIPTION:{escaped(told.about)}")
    return [*lines, f"CATEGORIES:{escaped(told.lane.value)}", "TRANSP:TRANSPARENT", "END:VEVENT"]


def _instant(moment: Instant) -> str:
    return f"{moment:%Y%m%dT%H%M%SZ}"


def _day(name: str, day: date) -> str:
    return f"{name};VALUE=DATE:{day:%Y%m%d}"
