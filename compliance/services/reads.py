"""Remembers whose record an actor has just read, so that one look at a patient is one entry of the log."""

from datetime import datetime, timedelta
from threading import Lock

_SPAN = timedelta(minutes=15)
_MOST = 10_000


class Reads:
    """The reads logged lately by this process; forgetting one only means logging it again."""

    def __init__(self) -> None:
        self._at: dict[tuple[str, str, str], datetime] = {}
        self._lock = Lock()

    def is_new(self, who: tuple[str, str, str], now: datetime) -> bool:
        """Whether this read must be logged."""
        with self._lock:
            last = self._at.get(who)
            return last is None or not last <= now < last + _SPAN

    def logged(self, who: tuple[str, str, str], now: datetime) -> None:
        """Remember that it was."""
        with self._lock:
            if len(self._at) >= _MOST:
                self._at.clear()
            self._at[who] = now
