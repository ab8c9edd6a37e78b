"""Days of treatment in hand, so that a new supply follows only when the one before it is nearly used up.

Each supply starts when the one before it ends. Days on which treatment is interrupted or stopped use up
nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from compliance.domain.facts import Dispense, Fact, ReturnToStock, TreatmentChange, TreatmentStatus
from compliance.domain.span import Zone


@dataclass(frozen=True, slots=True)
class Supply:
    """Days of treatment in hand at the start of `since`, and whether they are being taken."""

    days: int
    since: date
    is_running: bool

    def left_on(self, day: date) -> int:
        """Days of treatment left on a civil day at or after `since`."""
        return max(0, self.days - (day - self.since).days) if self.is_running else self.days

    def used_up_on(self) -> date:
        """The first civil day without treatment if nothing else happens: asked only while treatment runs."""
        return self.since + timedelta(days=self.days)

    def at(self, day: date) -> Supply:
        """The same supply seen on a later day; once used up it remembers the day on which that came about."""
        left = self.left_on(day)
        if left:
            return Supply(left, day, self.is_running)
        return Supply(0, self.used_up_on(), self.is_running)


def days_in_hand(events: Iterable[Fact], where: Zone) -> Supply | None:
    """The supply after live dispenses, returns and changes of treatment, oldest first.

    None where nothing was ever dispensed.
    """
    supplied: dict[str, int] = {}
    supply, is_stopped = Supply(0, date.min, True), False
    for event in events:
        day = where.date_of(event.at)
        now = supply.at(day)
        if isinstance(event, Dispense):
            supplied[event.id] = event.days_supply
            supply = Supply(now.days + event.days_supply, day, now.is_running or is_stopped)
            is_stopped = False
        elif isinstance(event, ReturnToStock) and event.of in supplied and now.days:
            supply = Supply(max(0, now.days - supplied[event.of]), day, now.is_running)
        elif isinstance(event, TreatmentChange) and supplied:  # what has not begun cannot be interrupted
            is_running = event.status is TreatmentStatus.RESUMED
            is_stopped = event.status is TreatmentStatus.STOPPED or (is_stopped and not is_running)
            supply = Supply(now.days, now.since, is_running)
    return supply if supplied else None
