"""Prints a simulated year at the terminal: one row for each day and kind of duty, openings in their place."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from rich.console import Console
from rich.table import Table
from rich.text import Text

from compliance.policies.simulation.calendar import Calendar, Lane, Mark, said_day, said_end, said_moment

_STYLES = {Mark.DUE: "yellow", Mark.SUPPLY: "bold green", Mark.STOP: "bold red"}


class Row(NamedTuple):
    """What one day holds for one kind of duty; without a mark, something opens."""

    day: date
    lane: Lane
    mark: Mark | None
    says: str
    window: str


def rows(calendar: Calendar) -> list[Row]:
    """All rows in order: by day, what opens first, then in the order of the lanes."""
    found = [*_openings(calendar), *_events(calendar)]
    order = list(Lane)
    return sorted(found, key=lambda row: (row.day, row.mark is not None, order.index(row.lane)))


def _events(calendar: Calendar) -> Iterator[Row]:
    where = calendar.zone
    for event in calendar.events:
        window = said_end(event.until, where) if event.until is not None else ""
        yield Row(where.date_of(event.at), event.lane, event.mark, event.says, window)


def _openings(calendar: Calendar) -> Iterator[Row]:
    """When the gate stops refusing, on the day on which it does."""
    where = calendar.zone
    for window in calendar.windows:
        if window.is_wait and window.closes_at < calendar.until:
            opens = f"opens {said_moment(window.closes_at, where)}"
            says = f"Open from now: {window.text or window.requirement}"
            yield Row(where.date_of(window.closes_at), window.lane, None, says, opens)


def print_calendar(calendar: Calendar, out: Console) -> None:
    """Print the whole calendar: title, notes, rows, and what stands in the way."""
    out.print(Text(calendar.title, style="bold"), soft_wrap=True)
    for note in calendar.notes:
        out.print(Text(note), soft_wrap=True)
    table = Table()
    for heading in ("day", "kind of duty", "what", "window"):
        table.add_column(heading, overflow="fold", no_wrap=heading == "day")
    last: Row | None = None
    for row in rows(calendar):
        is_same = last is not None and row.day == last.day
        if last is not None and not is_same:
            table.add_section()
        style = "cyan" if row.mark is None else _STYLES.get(row.mark, "")
        says = f"due: {row.says}" if row.mark is Mark.DUE else row.says
        lane = "" if last is not None and is_same and row.lane is last.lane else row.lane.value
        table.add_row("" if is_same else said_day(row.day), Text(lane), Text(says, style=style), Text(row.window))
        last = row
    out.print(table)
    for line in closing(calendar):
        out.print(Text(line, style="bold"), soft_wrap=True)


def closing(calendar: Calendar) -> list[str]:
    """How the year went, in one or two lines."""
    lines = [f"{len(calendar.supplies)} supplies, {len(calendar.events)} entries"]
    if calendar.obstacle:
        lines.append(f"Stands in the way: {calendar.obstacle}; the simulation ends here")
    return lines
