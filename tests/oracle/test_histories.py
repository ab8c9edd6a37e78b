"""Random untidy histories, on which both gates must give the same whole answer."""

from __future__ import annotations

import os
from collections import Counter
from datetime import datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, find, given, settings
from hypothesis.errors import NoSuchExample

from tests.oracle.bridge import (
    both,
    changed,
    differences,
    engine_answer,
    engine_policy,
    facts_of,
    plain_policy,
    request_of,
    smallest,
)
from tests.oracle.histories import histories
from tests.oracle.naive import answer
from tests.oracle.world import Plain

EXAMPLES = int(os.environ.get("KELSEY_ORACLE_EXAMPLES", "300"))
SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
Case = tuple[list[Plain], Plain, datetime]
budget = settings(max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=SLOW,
                  phases=[Phase.generate])  # fmt: skip


@budget
@given(histories())
def test_both_gates_give_the_same_whole_answer_on_random_histories(case: Case) -> None:
    plain, request, now = case
    found = both(plain, request, now)
    assert found == [], (smallest(plain, request, now), request, now)


def test_random_histories_reach_every_kind_of_answer() -> None:
    seen: Counter[str] = Counter()

    @settings(budget, max_examples=400, derandomize=True)
    @given(histories())
    def look(case: Case) -> None:
        found = answer(plain_policy(), *case)
        seen.update({*found.codes, "allowed" if found.is_allowed else "blocked"})

    look()
    rare = {"POLICY_EMPTY", "POLICY_NOT_ACTIVE", "POLICY_NOT_IN_FORCE", "DAYS_SUPPLY_UNKNOWN", "REQUIREMENT_BROKE"}
    assert len(set(seen) - rare) >= 38
    assert {"allowed", "TEST_MISSED", "EVALUATION_PENDING", "HELD_POSITIVE_TEST", "SUPPLY_LEFT"} <= set(seen)


FAULTS: list[tuple[str, tuple[str | int, ...], Any]] = [
    ("supply-left", ("at_most",), 8),
    ("test-schedule", ("weekly_every",), "P8D"),
    ("monthly-survey", ("every", "span"), "P2M"),
    ("authorization-frp", ("lasts", "span"), "P8D"),
    ("confirmation", ("lasts", "span"), "PT25H"),
    ("enrolled", ("lapses_after_months",), "P11M"),
]


@pytest.mark.parametrize(("requirement", "member", "to"), FAULTS, ids=str)
def test_histories_find_a_number_that_is_off_by_one(requirement: str, member: tuple[str | int, ...], to: Any) -> None:
    faulty = engine_policy(changed("requirement", requirement, *member, to=to))

    def differs(case: Case) -> bool:
        plain, request, now = case
        theirs = engine_answer(faulty, facts_of(plain), request_of(request), now)
        return bool(differences(theirs, answer(plain_policy(), plain, request, now)))

    try:
        find(histories(), differs, settings=settings(budget, max_examples=3000, derandomize=True))
    except NoSuchExample:
        pytest.fail(f"no history notices {requirement} {member} = {to}")
