"""Days of treatment in hand, so that a new supply follows only when the one before it is nearly used up.

Each supply starts when the one before it ends. Days on which treatment is interrupted or stopped use nothing up.
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


def days_in_hand(events: Iterable[Fact], where: Zone) -> Supply | None:
    """The supply after live dispenses, returns and changes of treatment, oldest first; None without a dispense."""
    supplied: dict[str, int] = {}
    days, is_running, is_stopped, since = 0, True, False, date.min
    for event in events:
        day = where.date_of(event.at)
        days = Supply(days, since, is_running).left_on(day)
        since = day
        if isinstance(event, Dispense):
            supplied[event.id] = event.days_supply
            days += event.days_supply
            is_running, is_stopped = is_running or is_stopped, False
        elif isinstance(event, ReturnToStock):
            days = max(0, days - supplied.get(event.of, 0))
        elif isinstance(event, TreatmentChange):
            is_running = event.status is TreatmentStatus.RESUMED
            is_stopped = event.status is TreatmentStatus.STOPPED or (is_stopped and not is_running)
    return Supply(days, since, is_running) if supplied else None
