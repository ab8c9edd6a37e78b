"""A policy file as the oracle takes it: read plainly, taken as active, and laid over a programme if it is a layer."""

from __future__ import annotations

import copy
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache, cached_property
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

from tests.oracle.spans import ONE_DAY, SMALLEST, civil_day, first_instant
from tests.oracle.world import Plain, rules_of

POLICIES = Path(__file__).resolve().parents[2] / "policies"
LENALIDOMIDE = POLICIES / "us/lenalidomide-rems/2023-03-24.toml"
YEAR = 2026
"""The year of the moments, if the policy is in force then; otherwise the nearest year in which it is."""


class Anchor(NamedTuple):
    """The moment asked about, and when the prescription was issued."""

    now: datetime
    rx_at: datetime


@dataclass(frozen=True, eq=False)
class Programme:
    """One version of one programme, as the file has it."""

    file: Path
    plain: Plain
    files: tuple[Path, ...]

    @property
    def name(self) -> str:
        """The programme and its version; of a layer, also what it lies over here."""
        own = self.plain.get("laid_over", self.plain)
        return f"{own['id']}@{own['version']}" + (f" over {self.plain['id']}" if self.is_layer else "")

    @property
    def is_layer(self) -> bool:
        """Whether the file is laid over another."""
        return len(self.files) > 1

    @property
    def zone(self) -> str:
        """The programme's time zone."""
        zone: str = self.plain["time_zone"]
        return zone

    @cached_property
    def starts(self) -> datetime:
        """The first instant in force."""
        return first_instant(self.zone, self.plain["in_force_from"])

    @cached_property
    def ends(self) -> datetime | None:
        """The exclusive end of the time in force."""
        until = self.plain.get("in_force_until")
        return None if until is None else first_instant(self.zone, until + ONE_DAY)

    @cached_property
    def active(self) -> Plain:
        """The policy with its status taken as active, so that a draft's rules are compared and not only its status."""
        return {**self.plain, "status": "active"}

    def rules(self, *kinds: str) -> list[Plain]:
        """All requirements of these kinds."""
        return [r for r in rules_of(self.plain) if r["kind"] in kinds]

    @cached_property
    def anchors(self) -> dict[str, Anchor]:
        """The moments on which everything hangs, in years in which the policy is in force."""
        found = {}
        moments_of = _moments(self.zone)
        if self.ends is not None:
            # A version that was in force for a few weeks may have met none of these days.
            moments_of["a plain afternoon"].append(self.starts + (self.ends - self.starts) / 2)
        for name, moments in moments_of.items():
            usable = [m for m in moments if self.starts < m and (self.ends is None or m < self.ends)]
            if usable or name == "a plain afternoon":
                now = min(usable or moments, key=lambda m: (abs(m.year - YEAR), m))
                found[name] = Anchor(now, now - timedelta(hours=3))
        plain = found["a plain afternoon"].now
        for age in sorted(self._prescription_ages(plain)):
            found[f"a prescription of {age} before"] = Anchor(plain, plain - age)
        return found

    def _prescription_ages(self, now: datetime) -> set[timedelta]:
        """How old a prescription can be just in time and just too late, where an authorization hangs on its issue."""
        spans = [r["lasts"] for r in self.rules("authorization_life") if r["counted_from"] == "prescription"]
        return {now - start for span in spans for start in starts_around(self.zone, now, span, is_short=True)}

    @cached_property
    def edges(self) -> dict[str, Anchor]:
        """The moments at which the policy itself comes into force and ends, and prescriptions issued then."""
        hours, found = timedelta(hours=3), {}
        for word, moment in (("beginning", self.starts), ("end", self.ends)):
            if moment is not None:
                for when, at in (("just before its", moment - SMALLEST), ("at its", moment)):
                    found[f"asked {when} {word}"] = Anchor(at, at - hours)
                    found[f"prescribed {when} {word}"] = Anchor(at + hours, at)
        return found


def _moments(zone: str) -> dict[str, list[datetime]]:
    """Each moment in many years: a plain day, both changes of clocks (where there are any), around the leap day."""
    years = range(YEAR - 20, YEAR + 20)

    def at(day: date, hour: int, minute: int = 0) -> datetime:
        return datetime.combine(day, time(hour, minute), ZoneInfo(zone)).astimezone(UTC)

    forward = {y: _change(zone, y, 1) or date(y, 3, 8) for y in years}
    back = {y: _change(zone, y, -1) or date(y, 11, 1) for y in years}
    return {
        "a plain afternoon": [at(date(y, 7, 15), 14, 30) for y in years],
        "clocks go forward": [at(forward[y], 14, 30) for y in years],
        "first instant after the long day": [at(back[y] + ONE_DAY, 0) for y in years],
        "first instant of 1 March": [at(date(y, 3, 1), 0) for y in years],
        "leap day": [at(date(y, 2, 29), 12) for y in years if y % 4 == 0],
    }


@cache
def _change(zone: str, year: int, sign: int) -> date | None:
    """The day of the year on which clocks go forward (1) or back (-1)."""
    day = date(year, 1, 1)
    while day.year == year:
        length = first_instant(zone, day + ONE_DAY) - first_instant(zone, day)
        if (ONE_DAY - length) * sign > timedelta(0):
            return day
        day += ONE_DAY
    return None


def starts_around(zone: str, now: datetime, span: Plain, *, is_short: bool = False) -> list[datetime]:
    """Moments from which the span is just not over, and just over, at now; with both edges of each civil day."""
    text, count = span["span"], int("".join(c for c in span["span"] if c.isdigit()))
    if text.startswith("PT"):
        return [now - timedelta(hours=count) + n * SMALLEST for n in (-1, 0, 1)]
    today = civil_day(zone, now)
    if text.endswith("D"):
        days = [today - n * ONE_DAY for n in range(max(0, count - 2), count + 2)]
    else:
        month = today.year * 12 + today.month - 1 - count
        same = date(month // 12, month % 12 + 1, 1) + (today.day - 1) * ONE_DAY
        days = [same + n * ONE_DAY for n in range(-3, 4)]
    if is_short:
        return [min(now, first_instant(zone, day) + timedelta(hours=9)) for day in days]
    found = {first_instant(zone, day) + n * SMALLEST for day in days for n in (-1, 0)}
    return sorted(moment for moment in found if moment <= now)


@cache
def load(file: Path = LENALIDOMIDE) -> Programme:
    """Read a policy file; a layer is laid over the newest version of the first programme that it names."""
    plain = tomllib.loads(file.read_text(encoding="utf-8"))
    if "layer_over" not in plain:
        return Programme(file, plain, (file,))
    under = max((POLICIES / plain["layer_over"][0]).glob("*.toml"))
    base = copy.deepcopy(load(under).plain)
    return Programme(file, {**base, "laid_over": plain}, (file, under))


def files() -> list[Path]:
    """Every policy file of the project."""
    return sorted(POLICIES.glob("*/*/*.toml"))


def named(text: str) -> Iterator[Path]:
    """The files of a programme (ID or ID@VERSION), or the file of that path."""
    if Path(text).is_file():
        yield Path(text).resolve()
        return
    name, _, version = text.partition("@")
    yield from sorted((POLICIES / name).glob(f"{version or '*'}.toml"))
