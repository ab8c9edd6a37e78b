"""What all axes hang on: who asks for what step at which moment; and the makers of plain facts."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from tests.oracle.programme import Anchor, Programme, load, starts_around
from tests.oracle.spans import ONE_DAY, days_in, first_instant
from tests.oracle.world import Plain

DAY = ONE_DAY
HOUR = timedelta(hours=1)
OTHER = "zz/another-programme"
STEPS = ("authorize", "confirm", "dispense")
CATEGORIES = ("adult_frp", "adult_fnrp", "adult_male", "child_frp", "child_fnrp", "child_male", "unenrolled")


@dataclass(frozen=True)
class Setting:
    """What all axes hang on: category, step, moment, and whether the prescription is known."""

    category: str
    step: str
    anchor: str
    rx_known: bool
    programme: Programme = field(default_factory=load, repr=False, compare=False)

    @property
    def is_edge(self) -> bool:
        """Whether it asks about the policy's own beginning or end."""
        return self.anchor in self.programme.edges

    @cached_property
    def moment(self) -> Anchor:
        """The moment asked about, with that of the prescription."""
        return (self.programme.edges if self.is_edge else self.programme.anchors)[self.anchor]

    @property
    def now(self) -> datetime:
        """The moment asked about."""
        return self.moment.now

    @cached_property
    def today(self) -> date:
        """The civil day of now."""
        return self.day(self.now)

    @property
    def rx_at(self) -> datetime:
        """When the prescription was issued."""
        return self.moment.rx_at

    @property
    def test_at(self) -> datetime:
        """When the newest good test was collected."""
        return self.rx_at - HOUR

    @property
    def strict(self) -> str:
        """The category whose requirements are asked."""
        strictest: str = self.programme.plain["strictest_category"]
        return strictest if self.category == "unenrolled" else self.category

    @property
    def other(self) -> str:
        """Another category."""
        return "adult_male" if self.strict != "adult_male" else "adult_frp"

    @property
    def off(self) -> date:
        """The day off treatment from which an agreement lapses today."""
        months = [int(r["lapses_after_months"][1:-1]) for r in self.rules("enrolled")]
        return self.months_ago(min(months, default=12))

    def months_ago(self, months: int) -> date:
        """The same day so many months ago, or the last of that month."""
        month = self.today.year * 12 + self.today.month - 1 - months
        first = date(month // 12, month % 12 + 1, 1)
        same = first + (self.today.day - 1) * DAY
        return same if same.month == first.month else same - same.day * DAY

    def start(self, day: date) -> datetime:
        """The first instant of a civil day."""
        return first_instant(self.programme.zone, day)

    def day(self, moment: datetime) -> date:
        """The civil day of a moment."""
        return moment.astimezone(ZoneInfo(self.programme.zone)).date()

    def ago(self, days: int) -> datetime:
        """The morning so many days ago, or now."""
        return min(self.now, self.start(self.today - days * DAY) + 9 * HOUR)

    def starts_around(self, span: Plain) -> list[datetime]:
        """Moments from which a span is just not over, and just over, now."""
        return starts_around(self.programme.zone, self.now, span)

    def rules(self, *kinds: str) -> list[Plain]:
        """The requirements of these kinds that are asked here, of a first supply or a later one."""
        return [r for r in self.programme.rules(*kinds) if self.asks(r)]

    def asks(self, requirement: Plain) -> bool:
        """Whether the requirement is asked here at all."""
        when = requirement.get("when", {})
        return self.step in when.get("steps", STEPS) and self.strict in when.get("categories", CATEGORIES)

    def days(self, kinds: str | tuple[str, ...], *members: str) -> list[int]:
        """The numbers of days that these members of these kinds ask for here."""
        rules = self.rules(*([kinds] if isinstance(kinds, str) else kinds))
        return sorted({days_in(r[member]) for r in rules for member in members if member in r})


@dataclass(frozen=True)
class State:
    """One class of one axis: its name, the facts it brings, what it changes in the request, and its birthday."""

    name: str
    facts: tuple[Plain, ...] = ()
    request: tuple[tuple[str, Any], ...] = ()
    aspect: str = ""
    """What those requirements see of it that look at a part of it alone."""


def settings(programme: Programme | None = None) -> list[Setting]:
    """Every setting, in a fixed order."""
    asked = programme or load()
    made = []
    for category, step in itertools.product([*asked.plain["categories"], "unenrolled"], STEPS):
        # Without enrolment the strictest category's requirements are asked: one moment tells as much as five.
        anchors = list(asked.anchors)[: 1 if category == "unenrolled" else None]
        made += [Setting(category, step, anchor, rx_known=True, programme=asked) for anchor in anchors]
        made.append(Setting(category, step, next(iter(asked.anchors)), rx_known=False, programme=asked))
    return made


def edge_settings(programme: Programme) -> list[Setting]:
    """The policy's own beginning and end, for some categories."""
    made = []
    for step, anchor in itertools.product(STEPS, programme.edges):
        for category in (programme.plain["strictest_category"], "adult_male"):
            made += [Setting(category, step, anchor, rx_known=True, programme=programme)]
        made.append(Setting("adult_fnrp", step, anchor, rx_known=False, programme=programme))
    return made


def distinct(states: Iterable[State]) -> list[State]:
    """The states without those that say the same as one before."""
    found: dict[str, State] = {}
    for state in states:
        found.setdefault(repr((state.facts, state.request)), state)
    return list(found.values())


def fact(kind: str, name: str, at: datetime, **members: Any) -> Plain:
    """Make a plain fact, recorded when it was true unless said otherwise."""
    return {"fact": kind, "id": name, "at": at, "recorded_at": at, "actor": "clerk", **members}


def good_test(plain: Plain) -> Plain:
    """What a test is like that counts before and after the first supply."""
    nothing: Plain = {"kinds": [], "reporters": [], "places": [], "least_sensitive": 25}
    first: Plain = plain.get("pregnancy_test", nothing)
    later: Plain = plain.get("pregnancy_test_after_first", first)

    def one(member: str, *liked: str) -> str:
        both = [word for word in first[member] if word in later[member]] or first[member]
        return next((word for word in [*liked, *both] if word in both), liked[0])

    return {
        "result": "negative",
        "sensitivity_miu_ml": min(25, first["least_sensitive"], later["least_sensitive"]),
        "test_kind": one("kinds", "serum"),
        "place": one("places", "laboratory"),
        "reporter": one("reporters", "laboratory"),
    }


def a_test(s: Setting, name: str, at: datetime, **members: Any) -> Plain:
    """A pregnancy test, good unless said otherwise, known as soon as it resulted."""
    made = {"specimen": f"sp-{name}", "resulted_at": at, **good_test(s.programme.plain), **members}
    made.setdefault("recorded_at", made["resulted_at"])
    return fact("pregnancy_test", name, at, **made)


def talk(name: str, at: datetime, topics: list[str], by: str = "prescriber", rx: str = "") -> Plain:
    """A counselling conversation."""
    return fact("counselling", name, at, by=by, topics=topics, prescription=rx)


def foreign(s: Setting) -> Plain:
    """A prescription for a product of another programme."""
    numbers = {"quantity": 1, "units_per_day": 1, "days_on": 1, "cycle_days": 1, "refills": 0}
    return fact("prescription", "rx-8", s.ago(60), product="aspirin", category=s.strict, prescriber="dr-1",
                channel="written", **numbers)  # fmt: skip
