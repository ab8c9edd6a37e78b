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
    """Days of treatment in hand at the start of `since`, and whether they are being taken.

    `off_since` is the first civil day without treatment, None while there is something in hand that is taken.
    """

    days: int
    since: date
    is_running: bool
    off_since: date | None

    def left_on(self, day: date) -> int:
        """Days of treatment left on a civil day at or after `since`."""
        return max(0, self.days - (day - self.since).days) if self.is_running else self.days

    def off_treatment_on(self) -> date:
        """The first civil day without treatment if nothing else happens."""
        return self.off_since or self.since + timedelta(days=self.days)

    def at(self, day: date) -> Supply:
        """The same supply seen on a later day; once used up it remembers the day on which that came about."""
        left = self.left_on(day)
        return Supply(left, day, self.is_running, self.off_since if left else self.off_treatment_on())

    def then(self, *, days: int, is_running: bool) -> Supply:
        """The supply after something has happened on its day: off since then, unless it was off before."""
        off_since = None if days and is_running else self.off_since or self.since
        return Supply(days, self.since, is_running, off_since)


def days_in_hand(events: Iterable[Fact], where: Zone) -> Supply | None:
    """The supply after live dispenses, returns and changes of treatment, oldest first.

    None where nothing was ever dispensed. Of several returns of one dispense the first counts.
    """
    supplied: dict[str, int] = {}
    returned: set[str] = set()
    supply, is_stopped = None, False
    for event in events:
        day = where.date_of(event.at)
        now = Supply(0, day, True, None) if supply is None else supply.at(day)
        if isinstance(event, Dispense):
            supplied[event.id] = event.days_supply
            supply = now.then(days=now.days + event.days_supply, is_running=now.is_running or is_stopped)
            is_stopped = False
        elif isinstance(event, ReturnToStock) and event.of in supplied and event.of not in returned:
            returned.add(event.of)
            supply = now.then(days=max(0, now.days - supplied[event.of]), is_running=now.is_running)
        elif isinstance(event, TreatmentChange) and supply is not None:  # what has not begun cannot be interrupted
            is_running = event.status is TreatmentStatus.RESUMED
            is_stopped = event.status is TreatmentStatus.STOPPED or (is_stopped and not is_running)
            supply = now.then(days=now.days, is_running=is_running)
    return supply
