"""What a walk compared and where it found a difference, in a shape that adds up over settings and runs."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

Choice = dict[str, int]


class Half(NamedTuple):
    """Findings added up: codes by position, and the first end and last opening, for the gate and for the oracle."""

    gate: int
    gate_until: int
    gate_opens: int
    oracle: int
    oracle_until: int
    oracle_opens: int


class Mismatch(NamedTuple):
    """A state in which something differs, smallest first."""

    facts: int
    setting: str
    choice: str
    lines: tuple[str, ...]


@dataclass
class Tally:
    """What was compared, so that totals can be added up over settings and runs."""

    direct: int = 0
    sampled: int = 0
    composed: int = 0
    mismatches: list[Mismatch] = field(default_factory=list)
    pairs: set[int] = field(default_factory=set)

    def found(self, mismatch: Mismatch) -> None:
        """Keep the smallest few."""
        self.mismatches = sorted([*self.mismatches, mismatch])[:5]


def joined(parts: Sequence[Half]) -> Half:
    """Add findings up: all codes, the first end, the last opening."""
    g, gu, go, o, ou, oo = zip(*parts, strict=True)
    return Half(sum(g), min(gu), max(go), sum(o), min(ou), max(oo))


def pair_numbers(classes: Sequence[int]) -> Iterator[int]:
    """A number for every pair of classes of two axes in a state."""
    places = [n * 512 + c for n, c in enumerate(classes)]
    return (a * 16384 + b for a, b in itertools.combinations(places, 2))
