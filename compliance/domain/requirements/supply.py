"""How much may be supplied, and how often."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

from compliance.domain.decision import Finding
from compliance.domain.facts import days_of_treatment
from compliance.domain.requirements.base import Question, Requirement


@dataclass(frozen=True, slots=True, kw_only=True)
class DaysSupply(Requirement):
    """No more than so many *days of treatment* on a prescription: 21 capsules of a 21/28 regimen are 28.

    Source: us.md 2.8.
    """

    kind: ClassVar[str] = "days_supply"
    at_most: int

    def check(self, q: Question) -> Finding:
        """Unmet codes: DAYS_SUPPLY_UNKNOWN, DAYS_SUPPLY_EXCEEDED."""
        rx = q.prescription
        days = days_of_treatment(rx.quantity, rx.units_per_day, rx.days_on, rx.cycle_days) if rx else None
        if rx is None or days is None:
            return self.needs("DAYS_SUPPLY_UNKNOWN", q.at)
        return self.met(rx) if days <= self.at_most else self.needs("DAYS_SUPPLY_EXCEEDED", q.at, rx)


@dataclass(frozen=True, slots=True, kw_only=True)
class Refills(Requirement):
    """No more refills than the programme allows (us.md 2.8)."""

    kind: ClassVar[str] = "refills"
    at_most: int

    def check(self, q: Question) -> Finding:
        """Unmet codes: PRESCRIPTION_MISSING, REFILLS_NOT_ALLOWED."""
        rx = q.prescription
        if rx is None:
            return self.needs("PRESCRIPTION_MISSING", q.at)
        return self.met(rx) if rx.refills <= self.at_most else self.needs("REFILLS_NOT_ALLOWED", q.at, rx)


@dataclass(frozen=True, slots=True, kw_only=True)
class SupplyLeft(Requirement):
    """The next supply only when few enough days of treatment are left (us.md 2.8)."""

    kind: ClassVar[str] = "supply_left"
    at_most: int

    def check(self, q: Question) -> Finding:
        """Unmet code: SUPPLY_LEFT."""
        supply = q.view.supply(q.zone)
        left = 0 if supply is None else supply.left_on(q.today)
        if supply is None or left <= self.at_most:
            return self.met(*q.view.dispenses[-1:])
        opens_at = q.zone.start_of(q.today + timedelta(days=left - self.at_most))
        unmet = self.waits if supply.is_running else self.needs
        return unmet("SUPPLY_LEFT", opens_at, q.view.dispenses[-1])
