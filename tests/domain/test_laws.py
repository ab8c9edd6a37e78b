"""The named laws of the gate, each on many random questions; every test says how often its law had something to say."""

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from compliance.domain.decision import Outcome, Weight
from compliance.domain.facts import Step
from compliance.domain.gate import decide
from compliance.domain.requirements import KINDS
from tests.domain import laws
from tests.domain.wide import wide_policies
from tests.domain.worlds import SLOW, Case, cases, lacking, nearly_ready, waiting

EXAMPLES = 200


def holds(law: laws.Law, drawn: st.SearchStrategy[Case], *, at_least: int, examples: int = EXAMPLES) -> None:
    """The law holds on all cases, and had something to say about enough of them."""
    said: Counter[bool] = Counter()

    @settings(max_examples=examples, deadline=None, suppress_health_check=SLOW)
    @given(drawn)
    def check(case: Case) -> None:
        found = law(decide, case)
        said[found is not None] += 1
        assert not found

    check()
    assert said[True] >= at_least


def _both() -> st.SearchStrategy[Case]:
    return st.one_of(waiting(), waiting(is_wide=True), nearly_ready(), nearly_ready(is_wide=True), lacking())


def _waiting() -> st.SearchStrategy[Case]:
    return st.one_of(waiting(), waiting(is_wide=True))


def test_the_questions_drawn_get_both_answers_at_every_step() -> None:
    seen: Counter[tuple[Step, bool]] = Counter()

    @settings(max_examples=400, deadline=None, suppress_health_check=SLOW, database=None, derandomize=True)
    @given(cases())
    def look(case: Case) -> None:
        seen[case.request.step, laws.ask(decide, case).is_allowed] += 1

    look()
    assert set(seen) == {(step, answer) for step in Step for answer in (True, False)}
    assert min(seen.values()) >= 20


def test_nothing_known_blocks() -> None:
    holds(laws.nothing_known_blocks, cases(), at_least=EXAMPLES)


def test_an_empty_policy_blocks() -> None:
    holds(laws.an_empty_policy_blocks, cases(), at_least=EXAMPLES // 2)


def test_allowed_only_when_every_refusing_finding_is_met() -> None:
    holds(laws.allowed_only_when_every_refusing_finding_is_met, cases(), at_least=EXAMPLES)


def test_the_order_of_facts_does_not_matter() -> None:
    holds(laws.the_order_of_facts_does_not_matter, cases(), at_least=EXAMPLES)


def test_one_more_requirement_never_opens_the_gate() -> None:
    holds(laws.one_more_requirement_never_opens, cases(), at_least=EXAMPLES)


def test_the_future_and_the_not_yet_recorded_do_not_count() -> None:
    holds(laws.what_is_to_come_does_not_count, cases(), at_least=EXAMPLES)


def test_a_yes_lasts_exactly_as_long_as_it_says() -> None:
    holds(laws.a_yes_lasts_exactly_as_long_as_it_says, cases(), at_least=EXAMPLES // 10)


def test_a_positive_test_blocks() -> None:
    holds(laws.a_positive_test_blocks, cases(), at_least=EXAMPLES)


def test_a_requirement_that_breaks_does_what_it_would_do_unmet() -> None:
    holds(laws.a_requirement_that_breaks_does_what_it_would_do_unmet, cases(), at_least=EXAMPLES // 2)


def test_the_same_arguments_give_the_same_answer() -> None:
    holds(laws.the_same_arguments_give_the_same_answer, cases(), at_least=EXAMPLES)


def test_outside_the_policys_time_in_force_everything_is_blocked() -> None:
    holds(laws.outside_its_time_in_force_a_policy_blocks, cases(), at_least=EXAMPLES)


def test_removing_a_good_fact_never_turns_a_no_into_a_yes() -> None:
    holds(laws.removing_a_good_fact_never_opens, st.one_of(cases(), lacking()), at_least=EXAMPLES // 10)


def test_a_finding_that_waits_is_met_at_its_moment_and_not_a_tick_before() -> None:
    holds(laws.waiting_mends_when_it_says, _both(), at_least=EXAMPLES // 10)


def test_where_only_time_is_lacking_the_gate_opens_at_the_earliest_moment() -> None:
    holds(laws.the_gate_opens_at_the_earliest_moment, _waiting(), at_least=EXAMPLES // 10)


def test_no_new_fact_mends_a_finding_before_its_earliest_moment() -> None:
    holds(laws.new_facts_mend_nothing_before_the_earliest_moment, _both(), at_least=1)


def test_new_facts_mend_a_finding_at_its_earliest_moment() -> None:
    holds(laws.new_facts_mend_at_the_earliest_moment, _both(), at_least=EXAMPLES // 10)


def test_a_layer_never_opens_the_gate() -> None:
    holds(laws.a_layer_never_opens, cases(), at_least=EXAMPLES)


def test_advice_never_changes_the_outcome() -> None:
    holds(laws.advice_never_changes_the_outcome, cases(), at_least=EXAMPLES)


def test_a_referral_never_refuses_and_never_disappears() -> None:
    holds(laws.a_referral_never_refuses_and_never_disappears, cases(), at_least=EXAMPLES)


def test_not_gated_only_for_listed_categories_and_only_in_force() -> None:
    holds(laws.not_gated_only_where_it_says_so_and_in_force, cases(), at_least=EXAMPLES)


def test_a_prescription_is_finished_under_the_version_it_was_issued_in() -> None:
    law = laws.a_prescription_is_finished_under_the_version_it_was_issued_in
    holds(law, cases(), at_least=EXAMPLES // 2)


def test_the_policies_drawn_use_every_kind_and_weight_and_all_outcomes_are_seen() -> None:
    seen: Counter[Outcome] = Counter()

    @settings(max_examples=400, deadline=None, suppress_health_check=SLOW, database=None, derandomize=True)
    @given(nearly_ready(is_wide=True))
    def look(case: Case) -> None:
        seen[laws.ask(decide, case).outcome] += 1

    look()
    assert {rule.kind for policy in wide_policies() for rule in policy.requirements} == set(KINDS)
    assert {rule.if_unmet for policy in wide_policies() for rule in policy.requirements} == set(Weight)
    assert min(seen[outcome] for outcome in Outcome) >= 5
