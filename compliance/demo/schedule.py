"""Runs many courses of events side by side on one clock, each when its next moment comes."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime

from compliance.clock import FixedClock


def run_until(
    end: datetime, clock: FixedClock, stories: Iterable[Iterator[datetime]], told: Callable[[datetime], None]
) -> None:
    """Go from moment to moment until the end; what would happen later does not happen."""
    waiting: list[tuple[datetime, int, Iterator[datetime]]] = []
    for place, story in enumerate(stories):
        _wait(waiting, story, place)
    while waiting and waiting[0][0] <= end:
        at, place, story = heapq.heappop(waiting)
        clock.move_to(max(at, clock.now()))
        told(clock.now())
        _wait(waiting, story, place)
    clock.move_to(end)
    told(end)


def _wait(waiting: list[tuple[datetime, int, Iterator[datetime]]], story: Iterator[datetime], place: int) -> None:
    at = next(story, None)
    if at is not None:
        heapq.heappush(waiting, (at, place, story))
