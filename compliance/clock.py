"""The only reader of the time, so that every decision can be computed again for any moment.

Everything else takes an instant as an argument. Doors read `now()` once per request and pass it down.
"""

import time
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """What a caller needs of a clock, so that the demonstration and the tests can walk through a year."""

    def now(self) -> datetime:
        """Say which moment it is, in UTC."""
        ...

    def monotonic(self) -> float:
        """Give seconds that never run backwards, for measuring how long something took."""
        ...


class SystemClock:
    """The machine's clock, for everything that happens in earnest."""

    def now(self) -> datetime:
        """Say which moment it is, in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Give seconds that never run backwards."""
        return time.monotonic()


class FixedClock:
    """A clock that stands until it is moved, because a demonstrated year must not take a year."""

    def __init__(self, at: datetime) -> None:
        self._at = _utc(at)
        self._start = self._at

    def now(self) -> datetime:
        """Say the moment at which the clock was set."""
        return self._at

    def monotonic(self) -> float:
        """Give the seconds by which the clock has been moved forward."""
        return (self._at - self._start).total_seconds()

    def advance(self, by: timedelta) -> datetime:
        """Move forward, and say the new moment."""
        return self.move_to(self._at + by)

    def move_to(self, at: datetime) -> datetime:
        """Move to a later moment; a clock that ran backwards would hide mistakes in the order of facts."""
        moment = _utc(at)
        if moment < self._at:
            raise ValueError(f"the clock stands at {self._at.isoformat()} and cannot go back to {moment.isoformat()}")
        self._at = moment
        return moment


SYSTEM = SystemClock()


def now() -> datetime:
    """Say which moment it is, in UTC, for code that acts in earnest."""
    return SYSTEM.now()


def monotonic() -> float:
    """Give seconds that never run backwards, for measuring how long something took."""
    return SYSTEM.monotonic()


def _utc(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise ValueError(f"{at.isoformat()} names no time zone; give an instant such as 2026-01-05T09:00:00+00:00")
    return at.astimezone(UTC)
