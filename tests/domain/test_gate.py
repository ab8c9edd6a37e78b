"""The gate's own part: which requirements it asks, what it says of the policy, and when an authorization would end."""

from collections import Counter
from dataclasses import fields, replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings

from compliance.domain import facts as f
from compliance.domain.decision import Finding, Opens
from compliance.domain.facts import Category, Step
from compliance.domain.gate import decide
from compliance.domain.policy import Policy, Status, read_policy
from compliance.domain.record import Record
from compliance.domain.requirements import Question
from compliance.domain.requirements.supply import Refills
from compliance.domain.span import TICK, Instant
from tests import builders as b
from tests.domain.expect import met, utc
from tests.domain.laws import BreaksInItsLife, ask
from tests.domain.worlds import SLOW, Case, cases

MIDNIGHT = utc(2026, 6, 16)


def under(facts: list[f.Fact], step: Step = Step.DISPENSE, at: Instant = b.NOW, **policy: Any) -> tuple[Finding, ...]:
    """The findings under a policy changed in some members."""
    return decide(replace(b.policy(), **policy), Record(facts), b.request(step), at).findings


# -- the policy itself ---------------------------------------------------------------------------------------------


def test_a_policy_in_force_is_the_first_finding_and_has_no_end_while_no_successor_is_known() -> None:
    assert b.decided(b.ready()).findings[0] == met("policy")


def test_a_yes_ends_with_the_last_day_of_its_policy() -> None:
    facts = b.ready(step=Step.AUTHORIZE)
    ends: dict[str, Any] = {"in_force_until": date(2026, 6, 15)}
    assert under(facts, Step.AUTHORIZE, **ends)[0] == met("policy", until=MIDNIGHT)
    decision = decide(replace(b.policy(), **ends), Record(facts), b.request(Step.AUTHORIZE), b.NOW)
    assert (decision.is_allowed, decision.valid_until) == (True, MIDNIGHT)


def test_a_policy_that_begins_tomorrow_is_waited_for() -> None:
    found = under(b.ready(), in_force_from=date(2026, 6, 16))
    assert found[0] == Finding("policy", False, "POLICY_NOT_IN_FORCE", (), None, MIDNIGHT, Opens.BY_WAITING)
    assert all(one.is_met for one in found[1:])


@pytest.mark.parametrize(
    ("at", "codes"),
    [
        (utc(2026, 6, 15), ()),
        (Instant(utc(2026, 6, 15) - TICK), ("POLICY_NOT_IN_FORCE",)),
        (Instant(utc(2026, 6, 18) - TICK), ()),
        (utc(2026, 6, 18), ("POLICY_NOT_IN_FORCE",)),
    ],
)
def test_a_policy_is_in_force_from_the_start_of_its_first_day_to_the_end_of_its_last(
    at: Instant, codes: tuple[str, ...]
) -> None:
    days: dict[str, Any] = {"in_force_from": date(2026, 6, 15), "in_force_until": date(2026, 6, 17)}
    found = under(b.ready(Category.ADULT_MALE), Step.AUTHORIZE, at, **days)
    assert tuple(one.code for one in found[:1] if not one.is_met) == codes


def test_a_policy_that_is_over_never_opens_again() -> None:
    found = under(b.ready(), in_force_until=date(2026, 6, 14))
    assert found[0] == Finding("policy", False, "POLICY_NOT_IN_FORCE")


@pytest.mark.parametrize("status", [Status.DRAFT, Status.RETIRED])
def test_a_draft_or_retired_policy_blocks_although_all_else_is_met(status: Status) -> None:
    found = under(b.ready(), status=status)
    assert found[0] == Finding("policy", False, "POLICY_NOT_ACTIVE")
    assert all(one.is_met for one in found[1:])


def test_a_draft_outside_its_time_is_first_of_all_a_draft() -> None:
    assert under(b.ready(), status=Status.DRAFT, in_force_from=date(2027, 1, 1))[0].code == "POLICY_NOT_ACTIVE"


def test_a_policy_without_requirements_blocks_whatever_its_status() -> None:
    for status in Status:
        assert under(b.ready(), requirements=(), status=status) == (Finding("policy", False, "POLICY_EMPTY"),)


def test_a_policy_that_asks_nothing_at_a_step_blocks_that_step() -> None:
    rules = tuple(r for r in b.policy().requirements if r.when.steps == frozenset({Step.DISPENSE}))
    assert len(rules) == 4
    found = under(b.ready(step=Step.CONFIRM), Step.CONFIRM, requirements=rules)
    assert found == (Finding("policy", False, "POLICY_EMPTY"),)


# -- what is asked -------------------------------------------------------------------------------------------------


def test_the_decision_names_its_policy_request_moment_and_category() -> None:
    decision = b.decided(b.ready(Category.CHILD_MALE))
    policy = b.policy()
    assert decision.request == b.request()
    assert decision.at == b.NOW
    assert (decision.policy_id, decision.policy_version) == ("us/lenalidomide-rems", "2023-03-24")
    assert decision.policy_sha256 == policy.sha256
    assert decision.category is Category.CHILD_MALE


def test_an_unknown_patient_is_asked_what_the_strictest_category_is_asked() -> None:
    unknown = [one.requirement for one in b.decided([], Step.DISPENSE).findings]
    strictest = [one.requirement for one in b.decided([b.enrolment(Category.ADULT_FRP)], Step.DISPENSE).findings]
    male = [one.requirement for one in b.decided([b.enrolment(Category.ADULT_MALE)], Step.DISPENSE).findings]
    assert unknown == strictest != male


def test_a_category_that_the_policy_does_not_know_is_taken_as_the_strictest() -> None:
    policy = replace(b.policy(), categories=(Category.ADULT_FRP, Category.ADULT_FNRP))
    decision = decide(policy, Record(b.ready(Category.ADULT_MALE)), b.request(), b.NOW)
    assert decision.category is Category.ADULT_MALE
    assert decision.codes == (
        "TEST_NOT_IN_WINDOW",
        "TEST_NOT_IN_WINDOW",
        "TEST_MISSING",
        "AUTHORIZATION_EXPIRED",
    )


def test_a_later_supply_is_asked_other_things_than_the_first() -> None:
    first = {one.requirement for one in b.decided(b.ready()).findings}
    later = {one.requirement for one in b.decided(b.ready(cycles=1)).findings}
    assert first - later == {"first-test", "second-test", "contraception-lead-in", "first-counselling"}
    assert later - first == {"test-schedule", "contraception"}


def test_the_selection_is_kept_for_each_situation_apart() -> None:
    policy = replace(b.policy())
    asked = {
        (step, category, first): policy.selected(step, category, is_first=first)
        for step in Step
        for category in (*Category, None)
        for first in (True, False)
    }
    again = {key: policy.selected(key[0], key[1], is_first=key[2]) for key in asked}
    assert again == asked
    assert asked[Step.CONFIRM, None, True] == asked[Step.CONFIRM, Category.ADULT_FRP, True]
    assert asked[Step.CONFIRM, None, False] != asked[Step.CONFIRM, None, True] != asked[Step.DISPENSE, None, True]


# -- when an authorization would end ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("category", "end"),
    [
        (Category.ADULT_FRP, utc(2026, 6, 23)),
        (Category.ADULT_MALE, utc(2026, 7, 16)),
        (Category.CHILD_FRP, utc(2026, 6, 23)),
    ],
)
def test_an_authorization_would_end_with_its_life(category: Category, end: Instant) -> None:
    assert b.decided(b.ready(category, Step.AUTHORIZE), Step.AUTHORIZE).authorization_ends_at == end


def test_no_end_is_promised_to_an_unknown_category_or_without_a_test_to_count_from() -> None:
    assert b.decided([], Step.AUTHORIZE).authorization_ends_at is None
    assert b.decided([b.enrolment()], Step.AUTHORIZE).authorization_ends_at is None


def _two_lives(first: str, second: str) -> Policy:
    plain = b.plain_policy()
    male = b.rule(plain, "authorization-others")
    male["lasts"]["span"] = first
    plain["requirement"].append(male | {"id": "other-life", "lasts": male["lasts"] | {"span": second}})
    return read_policy(plain, "0" * 64)


def test_of_two_lives_the_shorter_ends_the_authorization() -> None:
    record = Record(b.ready(Category.ADULT_MALE, Step.AUTHORIZE))
    for spans in (("P30D", "P10D"), ("P10D", "P30D")):
        decision = decide(_two_lives(*spans), record, b.request(Step.AUTHORIZE), b.NOW)
        assert decision.authorization_ends_at == utc(2026, 6, 26)


def test_a_life_that_has_nothing_to_be_counted_from_leaves_no_end() -> None:
    plain = b.plain_policy()
    others = b.rule(plain, "authorization-others")
    plain["requirement"].append(others | {"id": "from-test", "counted_from": "pregnancy_test"})
    facts = b.ready(Category.ADULT_MALE, Step.AUTHORIZE)
    assert b.decided_under(plain, facts, Step.AUTHORIZE).authorization_ends_at is None


def test_a_life_that_breaks_leaves_no_end_and_blocks() -> None:
    rules = [
        BreaksInItsLife(**{one.name: getattr(r, one.name) for one in fields(r)})
        if r.id == "authorization-others"
        else r
        for r in b.policy().requirements
    ]
    policy = replace(b.policy(), requirements=tuple(rules))
    facts = [*b.ready(Category.ADULT_MALE, Step.AUTHORIZE)]
    decision = decide(policy, Record(facts), b.request(Step.AUTHORIZE), b.NOW)
    assert decision.codes == ("REQUIREMENT_BROKE",)
    assert decision.authorization_ends_at is None
    assert decision.earliest_at is None


def test_an_authorization_given_now_ends_when_it_was_promised_to() -> None:
    kept: Counter[bool] = Counter()

    @settings(max_examples=200, deadline=None, suppress_health_check=SLOW)
    @given(cases())
    def check(case: Case) -> None:
        case = replace(case.settled(), request=replace(case.request, step=Step.AUTHORIZE))
        yes = ask(decide, case)
        kept[yes.is_allowed] += 1
        if yes.is_allowed and yes.category is not None:
            given_now = b.authorization(yes.category, id="given", prescription=case.request.prescription, at=case.at)
            later = replace(case, request=replace(case.request, step=Step.CONFIRM))
            found = ask(decide, later, facts=(*case.seen, given_now))
            lives = [one for one in found.findings if one.requirement.startswith("authorization-")]
            ends = [one.until for one in lives if one.until is not None]
            assert {one.code for one in lives} == {"MET"}
            assert min(ends) == yes.authorization_ends_at

    check()
    assert kept[True] >= 20


def test_nothing_in_the_facts_makes_the_gate_raise() -> None:
    facts = b.ready(Category.ADULT_MALE, cycles=1)
    facts += [
        b.dispense(id=f"huge-{n}", prescription="rx-8", days_ago=2, minutes_ago=n, days_supply=100_000)
        for n in range(40)
    ]
    assert "REQUIREMENT_BROKE" in b.decided(facts).codes
    odd = [
        *facts,
        b.enrolment(id="odd", days_ago=0, birth_date=date(1900, 1, 1)),
        b.hold(cause="hold"),
        b.retraction("nothing"),
    ]
    assert not b.decided(odd, at=Instant(b.NOW + timedelta(days=40_000))).is_allowed


class AnswersForAnother(Refills):
    """Gives the answer of another requirement: a copy gone wrong."""

    def check(self, q: Question) -> Finding:
        return replace_requirement(super().check(q), "days-supply")


class SaysNothing(Refills):
    """Forgets to return."""

    def check(self, q: Question) -> Finding:
        return None  # type: ignore[return-value]


def replace_requirement(found: Finding, name: str) -> Finding:
    return found._replace(requirement=name)


@pytest.mark.parametrize("cls", [AnswersForAnother, SaysNothing])
def test_what_is_not_an_answer_to_this_requirement_blocks(cls: type[Refills]) -> None:
    rules = [
        cls(**{one.name: getattr(r, one.name) for one in fields(r)}) if r.id == "no-refills" else r
        for r in b.policy().requirements
    ]
    policy = replace(b.policy(), requirements=tuple(rules))
    decision = decide(policy, Record(b.ready()), b.request(Step.DISPENSE), b.NOW)
    assert [(one.requirement, one.code) for one in decision.unmet] == [("no-refills", "REQUIREMENT_BROKE")]
