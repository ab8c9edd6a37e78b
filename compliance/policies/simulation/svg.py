"""Draws a simulated year as a timeline that also reads in print, in black and white, and on a telephone.

One lane for each kind of duty; windows are bars, what is done on a day is a mark whose shape says what it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from textwrap import wrap
from typing import NamedTuple
from xml.sax.saxutils import escape, quoteattr

from compliance.domain.span import Instant, months_after
from compliance.policies.simulation.calendar import (
    Calendar,
    Event,
    Lane,
    Mark,
    Window,
    said_day,
    said_end,
)

_WIDTH, _EDGE, _INSET = 1200, 30, 10
_LINE, _NOTE = 38, 20
_LANE_HEAD, _MARKS, _BAR, _GAP, _DATES = 36, 26, 12, 12, 18
_LABEL = 52
"""How far two dates must stand apart, else the second is left out."""
_RANK = [Mark.DUTY, Mark.DUE, Mark.STEP, Mark.SUPPLY, Mark.STOP]
_SHAPES = {
    Mark.DUTY: '<circle r="5" class="done"/>',
    Mark.DUE: '<path d="M-7-6h14L0 7z" class="due"/>',
    Mark.STEP: '<path d="M0-7 7 0 0 7-7 0z" class="step"/>',
    Mark.SUPPLY: '<path d="M-7-7h14v14h-14z" class="supply"/>',
    Mark.STOP: '<path d="M-7-7 7 7M-7 7 7-7" class="stop"/>',
}
_STYLE = """
text{font-family:system-ui,"Segoe UI",Roboto,"Liberation Sans",Arial,sans-serif;fill:#1b1b1b}
.h1{font-size:24px;font-weight:700}.h2{font-size:18px}.note,.date{font-size:13px}.lane{font-size:16px;font-weight:600}
.month,.key{font-size:14px}.date{text-anchor:middle}.grid{stroke:#c3c9d0;stroke-width:1}.band{fill:#f3f5f7}
.good{fill:#a9cdec;stroke:#1c5a91;stroke-width:1}.wait{fill:url(#hatch);stroke:#5c5c5c;stroke-width:1}
.done{fill:#fff;stroke:#1b1b1b;stroke-width:2}.due{fill:#b35c00;stroke:#5e3000}.step{fill:#fff;stroke:#1c5a91;stroke-width:2}
.supply{fill:#0b6b3a;stroke:#04341b}.stop{fill:none;stroke:#b00020;stroke-width:4}
@media (max-width:700px){.h1{font-size:36px}.h2,.lane,.month{font-size:32px}.key{font-size:27px}
.note,.date,.year{display:none}}
@media print{.band{fill:none}}
"""


class _Bar(NamedTuple):
    """One window, the row of its lane in which it stands, and up to when it is drawn."""

    window: Window
    row: int
    ends_at: Instant


def svg(calendar: Calendar) -> str:
    """The whole picture as text."""
    notes = [line for note in _notes(calendar) for line in wrap(note, 165)]
    top = _EDGE + 2 * _LINE + len(notes) * _NOTE + _LINE
    bars = {lane: _bars([w for w in calendar.windows if w.lane is lane]) for lane in calendar.lanes}
    bands, body, y = [], [], top
    for number, lane in enumerate(calendar.lanes):
        height = _height(lane, bars[lane])
        bands += [f'<path d="M{_EDGE} {y}h{_WIDTH - 2 * _EDGE}v{height}H{_EDGE}z" class="band"/>'][number % 2 :]
        body.append(_lane(calendar, lane, bars[lane], y))
        y += height
    parts = [_head(calendar, notes), *bands, *_months(calendar, top, y), *body, _legend(y + 44)]
    total = y + 44 + 2 * _LINE
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {total}" width="{_WIDTH}" height="{total}"'
        ' role="img" aria-labelledby="title desc" style="max-width:100%;height:auto">\n'
        f'<title id="title">{escape(calendar.title)}</title>\n<desc id="desc">{escape(_description(calendar))}</desc>\n'
        f"<style>{_STYLE}</style>\n"
        '<defs><pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
        '<path d="M0 0h6v6H0z" fill="#fff"/><path d="M0 0v6" stroke="#5c5c5c" stroke-width="2"/></pattern></defs>\n'
        f'<path d="M0 0h{_WIDTH}v{total}H0z" fill="#fff"/>\n' + "\n".join(parts) + "\n</svg>\n"
    )


def _notes(calendar: Calendar) -> list[str]:
    return [*calendar.notes, *([f"Stands in the way: {calendar.obstacle}"] if calendar.obstacle else [])]


def _description(calendar: Calendar) -> str:
    """What the picture says, for those who do not see it."""
    where = calendar.zone
    supplies = ", ".join(said_day(where.date_of(event.at)) for event in calendar.supplies) or "none"
    due = [said_day(where.date_of(e.at)) + f" ({e.says})" for e in calendar.events if e.mark is Mark.DUE]
    opens = [
        f"{said_day(where.date_of(w.closes_at))} ({w.requirement})" for w in calendar.windows if w.is_wait
    ]  # fmt: skip
    return " ".join([
        f"A timeline with a lane for each of: {', '.join(lane.value for lane in calendar.lanes)}.",
        f"Supplies dispensed: {supplies}.", f"Due: {', '.join(due) or 'nothing'}.",
        f"The gate opens: {', '.join(opens) or 'at once'}.", *_notes(calendar),
    ])  # fmt: skip


def _x(calendar: Calendar, moment: Instant) -> float:
    whole = (calendar.until - calendar.since).total_seconds()
    share = min(1.0, max(0.0, (moment - calendar.since).total_seconds() / whole))
    return round(_EDGE + _INSET + share * (_WIDTH - 2 * (_EDGE + _INSET)), 1)


def _head(calendar: Calendar, notes: list[str]) -> str:
    first, _, rest = calendar.title.partition(": ")
    lines = [_text(_EDGE, _EDGE + 14, "h1", first), _text(_EDGE, _EDGE + 14 + _LINE, "h2", rest)]
    start = _EDGE + 2 * _LINE + 4
    return "\n".join(lines + [_text(_EDGE, start + at * _NOTE, "note", note) for at, note in enumerate(notes)])


def _text(x: float, y: float, style: str, says: str) -> str:
    return f'<text x="{x}" y="{y}" class="{style}">{escape(says)}</text>'


def _months(calendar: Calendar, top: float, bottom: float) -> Iterator[str]:
    """A line at the first of each month, named where there is room; telephones leave out the years."""
    day, free_from = calendar.zone.date_of(calendar.since), 0.0
    while (at := calendar.zone.start_of(day)) < calendar.until:
        x = _x(calendar, at)
        yield f'<path d="M{x} {top - 8}V{bottom}" class="grid"/>'
        if free_from <= x <= _WIDTH - _EDGE - _LABEL:
            has_year = not free_from or day.month == 1
            year = f'<tspan class="year"> {day.year}</tspan>' if has_year else ""
            yield f'<text x="{x + 4}" y="{top - 14}" class="month">{day:%b}{year}</text>'
            free_from = x + _LABEL * (1.5 if has_year else 1)
        day = months_after(date(day.year, day.month, 1), 1, when_absent="earlier")


def _bars(windows: list[Window]) -> list[_Bar]:
    """What is good above what is waited for, so that a row keeps its meaning."""
    good = _packed([w for w in windows if not w.is_wait])
    below = 1 + max((bar.row for bar in good), default=-1)
    return good + [bar._replace(row=bar.row + below) for bar in _packed([w for w in windows if w.is_wait])]


def _packed(windows: Iterable[Window]) -> list[_Bar]:
    """Each window in the first row that is free; what is renewed before its end is drawn up to its renewal."""
    found = sorted(windows, key=lambda w: (w.opens_at, w.closes_at))
    bars: list[_Bar] = []
    free_from: list[Instant] = []
    for place, window in enumerate(found):
        is_renewed = window.requirement and not window.is_wait
        renewed = [w.opens_at for w in found[place + 1 :] if is_renewed and w.requirement == window.requirement]
        ends_at = min([window.closes_at, *renewed])
        row = next((at for at, free in enumerate(free_from) if free <= window.opens_at), len(free_from))
        free_from[row : row + 1] = [ends_at]
        bars.append(_Bar(window, row, ends_at))
    return bars


def _height(lane: Lane, bars: list[_Bar]) -> int:
    rows = 1 + max((bar.row for bar in bars), default=-1)
    return _marks_at(lane) + _MARKS + rows * (_BAR + 4) + _GAP


def _marks_at(lane: Lane) -> int:
    """Where the marks of a lane begin: supplies have their dates above them."""
    return _LANE_HEAD + (_DATES if lane is Lane.SUPPLY else 0)


def _lane(calendar: Calendar, lane: Lane, bars: list[_Bar], top: int) -> str:
    marks_at = top + _marks_at(lane)
    parts = [f'<g role="group" aria-label={quoteattr(lane.value)}>']
    parts.append(_text(_EDGE + 6, top + 26, "lane", lane.value))
    parts += [_bar(calendar, bar, marks_at + _MARKS) for bar in bars if bar.window.opens_at < calendar.until]
    parts += _marks(calendar, [e for e in calendar.events if e.lane is lane], marks_at + _MARKS // 2)
    return "\n".join([*parts, "</g>"])


def _bar(calendar: Calendar, bar: _Bar, top: int) -> str:
    window, x = bar.window, _x(calendar, bar.window.opens_at)
    width = max(2.0, round(_x(calendar, bar.ends_at) - x, 1))
    says = f"{window.says} {said_end(window.closes_at, calendar.zone)}"
    style = "wait" if window.is_wait else "good"
    return (
        f'<rect x="{x}" y="{top + bar.row * (_BAR + 4)}" width="{width}" height="{_BAR}" class="{style}">'
        f"<title>{escape(says)}</title></rect>"
    )


def _marks(calendar: Calendar, events: list[Event], y: int) -> Iterator[str]:
    """One mark for each day, the weightiest of its events; dates beside supplies."""
    days: dict[date, list[Event]] = {}
    for event in events:
        days.setdefault(calendar.zone.date_of(event.at), []).append(event)
    last_x = -float(_WIDTH)
    for day, found in days.items():
        mark = max((event.mark for event in found), key=_RANK.index)
        x = _x(calendar, found[0].at)
        says = "; ".join([said_day(day), *(event.says for event in found)])
        yield f'<g transform="translate({x} {y})"><title>{escape(says)}</title>{_SHAPES[mark]}</g>'
        if mark in {Mark.SUPPLY, Mark.STOP} and x - last_x >= _LABEL:
            yield _text(min(max(x, _EDGE + 22), _WIDTH - _EDGE - 22), y - 13, "date", f"{day.day} {day:%b}")
            last_x = x


def _legend(top: int) -> str:
    """What shapes and bars mean."""
    bar = '<rect x="-12" y="-6" width="24" height="12" class="{}"/>'
    keys = [
        (_SHAPES[Mark.DUTY], "done that day"), (_SHAPES[Mark.DUE], "due that day"),
        (_SHAPES[Mark.STEP], "step allowed"), (_SHAPES[Mark.SUPPLY], "dispensed"),
        (bar.format("good"), "good until its end"), (bar.format("wait"), "the gate waits"),
        (_SHAPES[Mark.STOP], "stands in the way"),
    ]  # fmt: skip
    parts = []
    for at, (shape, says) in enumerate(keys):
        x, y = _EDGE + 14 + at % 4 * 285, top + at // 4 * _LINE
        parts.append(f'<g transform="translate({x} {y})">{shape}{_text(20, 5, "key", says)}</g>')
    return "\n".join(parts)
