"""What came of a simulated year: events, windows and what stood in the way, for every way of showing it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import Enum

from compliance.domain.decision import Decision, Finding, Request
from compliance.domain.facts import Category, Fact
from compliance.domain.policy import Policy
from compliance.domain.span import TICK, Instant, Zone


class Lane(Enum):
    """The kinds of duty that a calendar keeps apart, in the order in which they are shown."""

    AGREEMENT = "Agreement and certificates"
    TESTS = "Pregnancy tests"
    MONITORING = "Laboratory and reviews"
    CONTRACEPTION = "Contraception"
    COUNSELLING = "Counselling and material"
    SURVEYS = "Surveys"
    AUTHORIZATION = "Prescription and authorization"
    SUPPLY = "Confirmation and supply"


class Mark(Enum):
    """How an event is to be read."""

    DUTY = "done"
    DUE = "due"
    STEP = "allowed"
    SUPPLY = "dispensed"
    STOP = "stands in the way"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something done on a day; `requirement` and `text` say for which line of the policy.

    `until` is the exclusive end of what it is good for; None where that is not said.
    """

    at: Instant
    lane: Lane
    mark: Mark
    says: str
    requirement: str = ""
    text: str = ""
    until: Instant | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A time that opens and closes (`closes_at` is exclusive).

    With a `finding` the gate refuses until `closes_at`, and `request` is what it was asked; without one, something
    is good until then.
    """

    lane: Lane
    opens_at: Instant
    closes_at: Instant
    says: str
    requirement: str
    request: Request
    text: str = ""
    finding: Finding | None = None

    @property
    def is_wait(self) -> bool:
        """Whether it is a time of waiting rather than one in which something is good."""
        return self.finding is not None


@dataclass(kw_only=True)
class Calendar:
    """A patient's simulated time under one version of a policy; `until` is exclusive."""

    policy: Policy
    category: Category
    since: Instant
    until: Instant
    notes: list[str] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    windows: list[Window] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)
    obstacle: str = ""
    """What stands in the way, in one sentence; "" when nothing does."""

    @property
    def zone(self) -> Zone:
        """The clocks that the policy counts by."""
        return self.policy.zone

    @property
    def supplies(self) -> list[Event]:
        """The events at which product was handed over."""
        return [event for event in self.events if event.mark is Mark.SUPPLY]

    @property
    def lanes(self) -> list[Lane]:
        """The lanes in which something stands, in order."""
        used = {event.lane for event in self.events} | {window.lane for window in self.windows}
        return [lane for lane in Lane if lane in used]

    @property
    def title(self) -> str:
        """Whose calendar it is, under which rules, and for which days."""
        first, last = self.zone.date_of(self.since), self.zone.date_of(Instant(self.until - TICK))
        own = self.policy.category_names.get(self.category)
        whose = f"{own} ({self.category.value})" if own is not None else self.category.value
        return f"{self.policy.title}, version {self.policy.version}: {whose}, {said_day(first)} to {said_day(last)}"


def said_day(day: date) -> str:
    """A day that cannot be misread in any country: the month is spelled."""
    return f"{day:%a} {day.day} {day:%b %Y}"


def said_end(end: Instant, where: Zone) -> str:
    """An exclusive end in words: the last day that belongs where a day ends, else the moment."""
    day = where.date_of(end)
    if end == where.start_of(day):
        return f"through {said_day(day - timedelta(days=1))}"
    return f"until {said_moment(end, where)}"


def said_moment(moment: Instant, where: Zone) -> str:
    """A moment in words on the clocks of a zone: the day alone at its very start."""
    day = where.date_of(moment)
    if moment == where.start_of(day):
        return said_day(day)
    return f"{said_day(day)}, {moment.astimezone(where.tz):%H:%M %Z}"
