"""Prints a simulated year at the terminal: one row for each day and kind of duty, openings in their place."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from rich.console import Console
from rich.table import Table
from rich.text import Text

from compliance.policies.simulation.calendar import Calendar, Lane, Mark, said_day, said_end, said_moment
from compliance.domain.span import Instant

_STYLES = {Mark.DUE: "yellow", Mark.SUPPLY: "bold green", Mark.STOP: "bold red"}


class Row(NamedTuple):
    """What one day holds for one kind of duty."""

    day: date
    lane: Lane
    mark: Mark | None
    says: str
    window: str


def rows(calendar: Calendar) -> list[Row]:
    """All rows in order: by day, then in the order in which things are done."""
    found = [*_events(calendar), *_openings(calendar)]
    order = list(Lane)
    return sorted(found, key=lambda row: (row.day, order.index(row.lane)))


def _events(calendar: Calendar) -> Iterator[Row]:
    where = calendar.zone
    for event in calendar.events:
        ends = [w for w in calendar.windows if not w.is_wait and (w.opens_at, w.lane) == (event.at, event.lane)]
        mine = [
            said_end(w.closes_at, where)
            for w in ends
            if (w.requirement and w.requirement == event.requirement) or (not w.requirement and _is_of(event.says, w.says))
        ]
        yield Row(where.date_of(event.at), event.lane, event.mark, event.says, ", ".join(dict.fromkeys(mine)))


def _is_of(event: str, window: str) -> bool:
    """Whether a window belongs to the step that an event tells: the authorization's, and the confirmation's."""
    return event.startswith(f"{window} ") or event.replace("Confirmation", "Leave to dispense").startswith(f"{window} ")


def _openings(calendar: Calendar) -> Iterator[Row]:
    """When the gate stops refusing, on the day on which it does."""
    where = calendar.zone
    for window in calendar.windows:
        if window.is_wait and window.closes_at < calendar.until:
            says = f"Opens: {window.requirement}"
            yield Row(where.date_of(window.closes_at), window.lane, None, says, f"from {said_moment(window.closes_at, where)}")


def print_calendar(calendar: Calendar, out: Console) -> None:
    """Print the whole calendar: title, notes, rows, and what stands in the way."""
    out.print(Text(calendar.title, style="bold"), soft_wrap=True)
    for note in calendar.notes:
        out.print(Text(note), soft_wrap=True)
    table = Table()
    for heading in ("day", "kind of duty", "what", "window"):
        table.add_column(heading, overflow="fold", no_wrap=heading == "day")
    last: date | None = None
    for row in rows(calendar):
        if last is not None and row.day != last:
            table.add_section()
        style = _STYLES.get(row.mark, "") if row.mark is not None else "cyan"
        says = f"due: {row.says}" if row.mark is Mark.DUE else row.says
        day = said_day(row.day) if row.day != last else ""
        table.add_row(Text(day), Text(row.lane.value), Text(says, style=style), Text(row.window))
        last = row.day
    out.print(table)
    for line in closing(calendar):
        out.print(Text(line, style="bold"), soft_wrap=True)


def closing(calendar: Calendar) -> list[str]:
    """How the year went, in one or two lines."""
    lines = [f"{len(calendar.supplies)} supplies, {len(calendar.events)} entries"]
    if calendar.obstacle:
        lines.append(f"Stands in the way: {calendar.obstacle}; the simulation ends here")
    return lines


def days_of(calendar: Calendar, moment: Instant) -> float:
    """How far into the calendar a moment lies, from 0 to 1; what lies outside is at its edge."""
    whole = (calendar.until - calendar.since).total_seconds()
    return min(1.0, max(0.0, (moment - calendar.since).total_seconds() / whole))
