"""What a decision says as a whole about its findings."""

from dataclasses import FrozenInstanceError
from typing import Any

import pytest

from compliance.domain.decision import Decision, Finding, Opens, Request
from compliance.domain.facts import Step
from tests import builders as b
from tests.domain.expect import met, needs, utc, waits

SOON, LATER = utc(2026, 6, 16), utc(2026, 6, 20)
NEVER = Finding("c", False, "REQUIREMENT_BROKE")


def decision(*findings: Finding) -> Decision:
    return Decision(
        request=b.request(), at=b.NOW, policy_id="p", policy_version="1", policy_sha256="0", category=None,
        findings=findings,
    )  # fmt: skip


def test_a_decision_without_findings_is_a_no() -> None:
    empty = decision()
    assert not empty.is_allowed
    assert (empty.codes, empty.unmet, empty.valid_until, empty.earliest_at) == ((), (), None, None)


def test_one_unmet_finding_among_many_is_a_no() -> None:
    found = decision(met("a", until=SOON), needs("b", "TEST_MISSING"), met("c"))
    assert not found.is_allowed
    assert found.codes == ("TEST_MISSING",)
    assert found.unmet == (needs("b", "TEST_MISSING"),)
    assert found.valid_until is None


def test_codes_keep_the_order_of_the_policy() -> None:
    found = decision(waits("b", "SUPPLY_LEFT", at=SOON), met("x"), needs("a", "HELD"), needs("d", "TEST_MISSING"))
    assert found.codes == ("SUPPLY_LEFT", "HELD", "TEST_MISSING")


@pytest.mark.parametrize(
    ("findings", "until"),
    [
        ((met("a"),), None),
        ((met("a"), met("b", until=LATER)), LATER),
        ((met("a", until=LATER), met("b", until=SOON), met("c")), SOON),
    ],
)
def test_a_yes_ends_with_the_first_of_what_it_rests_on(findings: tuple[Finding, ...], until: Any) -> None:
    assert decision(*findings).is_allowed
    assert decision(*findings).valid_until == until
    assert decision(*findings).earliest_at is None


@pytest.mark.parametrize(
    ("findings", "earliest"),
    [
        ((needs("a", "HELD"),), b.NOW),
        ((needs("a", "HELD"), waits("b", "SUPPLY_LEFT", at=LATER), waits("c", "SUPPLY_LEFT", at=SOON)), LATER),
        ((met("a", until=SOON), waits("b", "SUPPLY_LEFT", at=LATER)), LATER),
        ((waits("b", "SUPPLY_LEFT", at=LATER), NEVER), None),
        ((NEVER,), None),
    ],
)
def test_a_no_opens_with_the_last_of_what_blocks_or_never(findings: tuple[Finding, ...], earliest: Any) -> None:
    assert decision(*findings).earliest_at == earliest


def test_what_is_decided_cannot_be_changed() -> None:
    found = decision(NEVER)
    with pytest.raises(FrozenInstanceError):
        found.findings = ()  # type: ignore[misc]
    with pytest.raises(FrozenInstanceError):
        found.request.step = Step.CONFIRM  # type: ignore[misc]
    with pytest.raises(AttributeError):
        NEVER.is_met = True  # type: ignore[misc]


def test_a_finding_opens_nowhere_unless_it_says_how() -> None:
    assert Finding("c", False, "REQUIREMENT_BROKE", (), None, None, Opens.NOT_HERE) == NEVER


def test_a_request_knows_only_its_step_and_prescription_unless_told_more() -> None:
    asked = Request(step=Step.AUTHORIZE, prescription="rx")
    assert (asked.pharmacy, asked.pharmacist, asked.handover) == ("", "", None)
