"""Plants a fault of one step in each number of a policy, so that the harness shows for each that it would be found."""

from __future__ import annotations

import copy
import math
import random
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from compliance.domain.errors import DomainError
from tests.oracle.axes_tests import STANDARDS
from tests.oracle.bridge import engine_policy
from tests.oracle.programme import Programme
from tests.oracle.settings import Setting, settings
from tests.oracle.space import BRANCHES, Walk, applying
from tests.oracle.world import Plain, rules_of

ALL, DRAWS = 1500, 600
_SPAN = re.compile(r"(PT?)(\d+)([DMHY])")


class Plant(NamedTuple):
    """One number that is one step off: in a requirement, or in what tests count ("" for the requirement)."""

    requirement: str
    path: tuple[str, ...]
    to: Any

    def into(self, plain: Plain) -> Plain:
        """A copy of the policy with the fault."""
        planted = copy.deepcopy(plain)
        rules = {r["id"]: r for r in rules_of(planted)}
        at: Any = rules[self.requirement] if self.requirement else planted
        for member in self.path[:-1]:
            at = at[member]
        at[self.path[-1]] = self.to
        return planted

    def __str__(self) -> str:
        """Where the fault is and what it says."""
        return " ".join([*(part for part in (self.requirement, *self.path) if part), "=", str(self.to)])


def plants(programme: Programme) -> list[Plant]:
    """Every number of the policy, one step up and one step down, if the policy can be written so."""
    found = []
    for rule in rules_of(programme.plain):
        found += [Plant(rule["id"], path, to) for path, to in stepped(rule)]
    for name in (name for name in STANDARDS if name in programme.plain):
        found += [Plant("", (name, *path), to) for path, to in stepped(programme.plain[name])]
    return [plant for plant in found if is_writable(plant.into(programme.active))]


def stepped(table: Plain) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Each number below a table, one step up and one step down."""
    for member, value in table.items():
        if isinstance(value, dict):
            yield from (((member, *path), to) for path, to in stepped(value))
        elif isinstance(value, int) and not isinstance(value, bool):
            yield from (((member,), value + by) for by in (1, -1))
        elif isinstance(value, str) and (found := _SPAN.fullmatch(value)) and member != "text":
            yield from (((member,), f"{found[1]}{int(found[2]) + by}{found[3]}") for by in (1, -1))


def is_writable(plain: Plain) -> bool:
    """Whether the reader takes the policy: a number may be at its least already."""
    try:
        engine_policy(plain)
    except DomainError:
        return False
    return True


def finds(programme: Programme, plant: Plant) -> bool:
    """Walk the states that the requirement can tell apart until the planted gate differs from the oracle."""
    rules = {r["id"]: r for r in rules_of(programme.plain)}
    planted = plant.into(programme.active)
    for setting in places(programme, rules.get(plant.requirement, {})):
        walk = Walk(setting, gate=planted)
        for branch in BRANCHES:
            asked = [r["id"] for r in applying(setting, branch)]
            looked = [plant.requirement] if plant.requirement else [r for r in asked if "tests" in walk.depends[r]]
            for name in [name for name in looked[:6] if name in asked]:
                for choice in states(walk, branch, name):
                    walk.ask(choice, (name,))
                    if walk.tally.mismatches:
                        return True
    return False


def places(programme: Programme, rule: Plain) -> Iterator[Setting]:
    """Settings in which a requirement is asked: at each moment and step, of one category that it names."""
    wanted = rule.get("when", {}).get("categories", [programme.plain["strictest_category"]])
    all_of_them = [s for s in settings(programme) if s.rx_known and s.category in wanted and (not rule or s.asks(rule))]
    return iter(sorted(all_of_them, key=lambda s: list(programme.anchors).index(s.anchor)))


def states(walk: Walk, branch: str, name: str) -> Iterator[dict[str, int]]:
    """Each class of each axis that the requirement reads alone, then all states over them, or many drawn."""
    axes = walk.depends[name]
    for axis in axes:
        yield from walk.product([axis], branch)
    if math.prod(len(walk.classes(axis, branch)) for axis in axes) <= ALL:
        yield from walk.product(axes, branch)
        return
    draw = random.Random(f"{walk.setting} {branch} {name}")
    yield from (walk.drawn(axes, branch, draw) for _ in range(DRAWS))
