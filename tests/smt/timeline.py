"""Days, instants and months as linear arithmetic over unbounded integers.

An instant is a day (since 1970) and the microseconds of that day; every day has 24 hours, as in UTC: changes of clocks
are for other tests. Months are exact: years are counted from March, so that the leap day is the last of its year.
"""

import re
from dataclasses import dataclass
from typing import Any

import z3

DAY = 86_400_000_000
HOUR = 3_600_000_000
_STARTS = (0, 31, 61, 92, 122, 153, 184, 214, 245, 275, 306, 337)
_LENGTHS = (31, 30, 31, 30, 31, 31, 30, 31, 30, 31, 31)
_EPOCH = 719_468
_SPAN = re.compile(r"P(T?)([0-9]+)([DMH])")


@dataclass(frozen=True)
class At:
    """One moment."""

    day: Any
    us: Any

    @property
    def total(self) -> Any:
        return self.day * DAY + self.us


class Calendar:
    """Makes moments, and keeps what must hold of them."""

    def __init__(self) -> None:
        self.axioms: list[Any] = []
        self._civil: dict[str, tuple[Any, Any, Any]] = {}

    def at(self, name: str) -> At:
        made = At(z3.Int(f"{name}.day"), z3.Int(f"{name}.us"))
        self.axioms += [made.us >= 0, made.us < DAY]
        return made

    def months_after(self, day: Any, count: int, *, later: bool) -> Any:
        """The same day number so many months on; where there is none, the month's last day or the day after it."""
        year, month, dom = self._civil_of(day)
        years, months = divmod(count, 12)
        over = month + months >= 12
        year2, month2 = year + years + z3.If(over, 1, 0), z3.If(over, month + months - 12, month + months)
        last = _length(year2, month2)
        start = _start(year2, month2)
        return start + z3.If(dom <= last, dom - 1, last if later else last - 1)

    def _civil_of(self, day: Any) -> tuple[Any, Any, Any]:
        name = f"civil {day}"
        if name not in self._civil:
            year, month, dom = (z3.Int(f"{name}.{part}") for part in "ymd")
            self._civil[name] = year, month, dom
            self.axioms += [month >= 0, month < 12, dom >= 1, dom <= _length(year, month)]
            self.axioms.append(_start(year, month) + dom - 1 == day)
        return self._civil[name]


def _start(year: Any, month: Any) -> Any:
    days = 365 * year + year / 4 - year / 100 + year / 400
    return days + _choose(month, _STARTS) - _EPOCH


def _length(year: Any, month: Any) -> Any:
    civil = year + 1
    leap = z3.And(civil % 4 == 0, z3.Or(civil % 100 != 0, civil % 400 == 0))
    return z3.If(month == 11, z3.If(leap, 29, 28), _choose(month, _LENGTHS))


def _choose(month: Any, values: tuple[int, ...]) -> Any:
    found: Any = z3.IntVal(values[-1])
    for at, value in enumerate(values[:-1]):
        found = z3.If(month == at, value, found)
    return found


def count(text: str) -> tuple[int, str]:
    """A span such as P28D, P1M or PT24H as a number and its unit."""
    found = _SPAN.fullmatch(text)
    if found is None:
        raise ValueError(text)
    return int(found[2]), found[3]


def end_of(span: dict[str, str], start: At, calendar: Calendar) -> Any:
    """The first instant after a span, in all microseconds."""
    number, unit = count(span["span"])
    if unit == "H":
        return start.total + number * HOUR + (span["last_moment"] == "included")
    more = 1 if span["last_day"] == "included" else 0
    if unit == "M":
        return (calendar.months_after(start.day, number, later=False) + more) * DAY
    return (start.day + number - (span["start_day"] == "day 1") + more) * DAY
