"""A story that is written down in the case format is the same story when it is read back."""

import pytest

from compliance import strict_toml
from compliance.cases.reading import read_case
from compliance.domain.gate import decide
from compliance.domain.policy import Policy
from compliance.domain.record import Record
from compliance.policies import load_catalogue
from compliance.policies.difference import Found
from compliance.policies.difference.stories import story_of
from compliance.policies.difference.telling import case_of
from compliance.policies.examples import read_examples


@pytest.mark.parametrize("policy", load_catalogue().all(), ids=lambda policy: f"{policy.id}-{policy.version}")
def test_every_example_of_a_policy_is_the_same_story_when_written_down(policy: Policy) -> None:
    told = 0
    for case in read_examples(policy):
        decision = decide(policy, Record(case.facts), case.request, case.at)
        text = case_of(Found(1, story_of(case, policy.zone), decision, decision), policy, policy)
        again = read_case(strict_toml.parse(text.encode(), case.name), policy, case.name)
        assert (again.at, again.request, again.facts) == (case.at, case.request, case.facts), case.name
        assert (again.expected.allowed, again.expected.codes) == (decision.is_allowed, decision.codes), case.name
        told += 1
    assert told > 0
