"""Every policy of the catalogue, and an invented one with all new kinds: a slice in which both gates must agree."""

from __future__ import annotations

import itertools
import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as budget

from tests.oracle.bridge import both, smallest
from tests.oracle.histories import histories
from tests.oracle.naive import KINDS
from tests.oracle.plants import finds, plants
from tests.oracle.programme import Programme, files, load
from tests.oracle.settings import STEPS, Setting, edge_settings, settings
from tests.oracle.space import BRANCHES, Walk
from tests.oracle.test_histories import Case
from tests.oracle.test_histories import budget as untidy
from tests.oracle.world import rules_of

INVENTED = Path(__file__).parent / "every-new-kind.toml"
STATES, HISTORIES = 40, 6
of_every_policy = pytest.mark.parametrize(
    "programme", [load(file) for file in (*files(), INVENTED)], ids=lambda programme: programme.name
)


def some_settings(programme: Programme) -> list[Setting]:
    """A setting for each category, at a step and a moment that change from one to the next, and one edge."""
    by_name = {(s.category, s.step, s.anchor): s for s in settings(programme) if s.rx_known}
    anchors = list(programme.anchors)
    categories = list(dict.fromkeys(s.category for s in settings(programme)))
    shift = sum(map(ord, programme.name))
    found = []
    for n, category in enumerate(categories):
        anchor = anchors[(shift + n) % len(anchors)] if category != "unenrolled" else anchors[0]
        found.append(by_name[category, STEPS[(shift + n) % 3], anchor])
    edges = edge_settings(programme)
    return [*found, edges[shift % len(edges)]]


@of_every_policy
def test_both_gates_agree_on_a_slice_of_every_policy(programme: Programme) -> None:
    outcomes = set()
    for setting in some_settings(programme):
        walk = Walk(setting)
        for branch in BRANCHES:
            choices = [{"history": walk.branches[branch][0]}, *walk.a_slice(branch, 6)]
            some = choices[:1] + random.Random(str(setting)).sample(choices[1:], min(STATES, len(choices) - 1))
            outcomes |= {walk.ask(choice)[0].outcome for choice in some}
        assert walk.tally.mismatches == []
    assert outcomes & {"allow", "not_gated"}


@of_every_policy
def test_both_gates_agree_on_the_status_of_every_policy(programme: Programme) -> None:
    plain = programme.plain
    setting = Setting("adult_frp", "authorize", "a plain afternoon", rx_known=True, programme=programme)
    walk = Walk(setting, plain, plain)
    answer = walk.ask({"history": walk.branches["first"][0]})[0]
    assert walk.tally.mismatches == []
    assert (answer.outcome != "refuse") == (plain["status"] == "active"), answer.codes


@of_every_policy
def test_a_number_that_is_one_step_off_is_found_in_every_policy(programme: Programme) -> None:
    found = plants(programme)
    some = random.Random(programme.name).sample(found, min(2, len(found)))
    assert [str(plant) for plant in some if not finds(programme, plant)] == []
    assert some or not [r for r in rules_of(programme.plain) if r["kind"] in ("days_supply", "not_held")]


@of_every_policy
def test_both_gates_agree_on_random_histories_of_every_policy(programme: Programme) -> None:
    policy = programme.active

    @budget(untidy, max_examples=HISTORIES, derandomize=True)
    @given(histories(programme))
    def agree(case: Case) -> None:
        found = both(*case, engine_reads=policy, oracle_reads=policy)
        assert found == [], (smallest(*case, policy), *case[1:])

    agree()


def test_every_kind_is_compared_in_some_policy() -> None:
    used = {r["kind"] for file in (*files(), INVENTED) for r in rules_of(load(file).plain)}
    assert used == set(KINDS)


def test_a_layer_closes_the_gate_of_a_programme_and_both_gates_say_so() -> None:
    layers = [load(file) for file in files() if load(file).is_layer]
    for programme, step in itertools.product(layers, STEPS):
        walk = Walk(Setting("adult_male", step, "a plain afternoon", rx_known=True, programme=programme))
        asked = [n for n, s in enumerate(walk.axes.get("reactions", [])) if s.facts]
        codes = {walk.ask({"history": 0, "reactions": n})[0].codes for n in asked}
        assert walk.tally.mismatches == []
        assert ("NEVER_AGAIN",) in codes or not asked
    assert layers
