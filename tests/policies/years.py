"""Simulated years for tests: each is walked once, because a walk asks the gate some thousand times."""

import tomllib
from collections.abc import Mapping
from datetime import date, timedelta
from functools import cache
from typing import Any

from compliance.domain.facts import Category, CycleRegularity, Dispense, Fact, PregnancyTest
from compliance.domain.policy import Policy, read_policy
from compliance.policies.simulation import Calendar, simulate
from tests import builders as b
from tests.policies.copies import NAME, SMALL

MONDAY = date(2026, 1, 5)
REGULAR = CycleRegularity.REGULAR


@cache
def year(category: Category, days: int = 120) -> Calendar:
    """A calendar under the released policy; regular cycles."""
    return simulate(b.policy(), category, MONDAY, days, cycles=REGULAR)


def small(*requirements: Mapping[str, Any], without: tuple[str, ...] = (), **changes: Any) -> Policy:
    """The small policy with more requirements and other changes; each requirement says only what it needs."""
    raw = tomllib.loads((SMALL / NAME).read_text(encoding="utf-8"))
    common = {"text": "A rule.", "source": "leaflet#9", "confidence": "primary"}
    kept = [table for table in raw["requirement"] if table["id"] not in without]
    added = [{"id": f"rule-{number}"} | common | dict(table) for number, table in enumerate(requirements, 1)]
    return read_policy(raw | {"requirement": kept + added} | changes, "0" * 64)


def lived(policy: Policy, days: int = 100, category: Category = Category.ADULT_FRP, **given: Any) -> Calendar:
    """A simulated time under a policy."""
    return simulate(policy, category, MONDAY, days, **given)


def days_of(calendar: Calendar, kind: type[Fact]) -> list[int]:
    """On which days of the calendar facts of a kind stand; its first day is 0."""
    zone = calendar.zone
    return [(zone.date_of(fact.at) - MONDAY) // timedelta(days=1) for fact in calendar.facts if type(fact) is kind]


def supply_days(calendar: Calendar) -> list[int]:
    """On which days of the calendar product was dispensed."""
    return days_of(calendar, Dispense)


def specimen_days(calendar: Calendar) -> list[int]:
    """On which days of the calendar specimens were taken."""
    return days_of(calendar, PregnancyTest)
