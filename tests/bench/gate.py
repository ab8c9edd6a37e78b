"""How fast the gate decides over three years of history: warm (record loaded) and cold (view built anew)."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from compliance.domain.decision import Decision, Request
from compliance.domain.facts import Fact, Step
from compliance.domain.gate import decide
from compliance.domain.policy import Policy
from compliance.domain.record import Record
from tests.builders import NOW, policy, ready, request

CYCLES = 40
"""Forty rounds of 28 days: a little over three years, tested as the programme asks."""

ROUNDS = 40


@dataclass(frozen=True, slots=True)
class Speed:
    """One measured row; the best round counts, because noise only ever slows down."""

    step: Step
    how: str
    microseconds: float

    def line(self) -> str:
        """The row as people read it."""
        rate = 1_000_000 / self.microseconds
        return f"{self.step.value:<10} {self.how:<5} {self.microseconds:9.1f} µs  {rate:10,.0f} decisions/s"


def _best(act: Callable[[], object], repeats: int) -> float:
    best = float("inf")
    for _ in range(ROUNDS):
        start = time.perf_counter()
        for _ in range(repeats):
            act()
        best = min(best, (time.perf_counter() - start) / repeats)
    return best * 1_000_000


def _cold(rules: Policy, facts: list[Fact], asked: Request) -> Decision:
    return decide(rules, Record(facts), asked, NOW)


def measure(*, cycles: int = CYCLES, warm_repeats: int = 200, cold_repeats: int = 10) -> list[Speed]:
    """Time each step warm and cold; raises if the gate does not allow what is timed."""
    found = []
    rules = policy()
    for step in Step:
        facts = ready(step=step, cycles=cycles)
        record, asked = Record(facts), request(step)
        first = decide(rules, record, asked, NOW)
        if not first.is_allowed:
            raise RuntimeError(f"the record to be timed is refused: {first.codes}")
        gc.collect()
        warm = _best(partial(decide, rules, record, asked, NOW), warm_repeats)
        cold = _best(partial(_cold, rules, facts, asked), cold_repeats)
        found += [Speed(step, "warm", warm), Speed(step, "cold", cold)]
    return found


def yardstick() -> float:
    """Microseconds for a fixed piece of work, to tell a slow gate from a busy core."""
    numbers = range(100)
    return _best(lambda: sum(numbers), 2_000)


def main() -> None:
    """Print the table."""
    print(f"yardstick: {yardstick():.2f} µs (about 0.6 on a quiet core)")
    print(f"gate: {len(ready(cycles=CYCLES))} facts, {CYCLES} earlier rounds, one core")
    for speed in measure():
        print(speed.line())
