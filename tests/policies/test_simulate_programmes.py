"""Every programme can be lived through by a patient who does all it asks, and each yes is the gate's."""

from datetime import timedelta
from functools import cache
from pathlib import Path

import pytest

from compliance import paths
from compliance.domain.facts import Category
from compliance.domain.policy import Policy, Status
from compliance.policies.catalogue import load_policy, policy_files
from compliance.policies.simulation import simulate
from tests.policies.test_simulate import refused

FILES = policy_files(paths.POLICIES)
DAYS = 60


@cache
def loaded(path: Path) -> Policy:
    return load_policy(path)


def lived_through(policy: Policy) -> tuple[Policy, ...]:
    """What a patient meets: the programme's own rules, or for a layer each programme with the layer over it."""
    if not policy.layer_over:
        return (policy,)
    programmes = {other.id: other for other in map(loaded, FILES) if other.id in policy.layer_over}
    return tuple(other.under(policy) for other in programmes.values())


@pytest.mark.parametrize("path", FILES, ids=lambda path: "/".join(path.parts[-3:]))
def test_the_strictest_patients_and_men_are_supplied_whenever_the_gate_says(path: Path) -> None:
    for policy in lived_through(loaded(path)):
        for category in sorted({policy.strictest, Category.ADULT_MALE} & set(policy.categories), key=str):
            calendar = simulate(policy, category, policy.in_force_from, DAYS)
            retired = "The policy is a draft or has been retired. (policy)"
            assert (calendar.obstacle, refused(calendar) if policy.status is Status.ACTIVE else []) == (
                retired if policy.status is Status.RETIRED else "", [],
            )  # fmt: skip
            is_whole = calendar.until - calendar.since >= timedelta(days=DAYS - 1)
            assert bool(calendar.supplies) or not is_whole or policy.status is Status.RETIRED
