"""Each law notices a gate that breaks it: faults are planted one at a time, and the law's own function must object."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from compliance.domain import facts as f
from compliance.domain import gate, visible
from compliance.domain.decision import Decision, Finding, Outcome, Request
from compliance.domain.gate import decide
from compliance.domain.policy import Policy
from compliance.domain.record import Record, View
from compliance.domain.requirements import KINDS, Question, Requirement
from compliance.domain.requirements.care import ContraceptionInUse, Counselled, PatientSurvey
from compliance.domain.requirements.forms import IndependentReviews
from compliance.domain.requirements.monitoring import NoRechallenge
from compliance.domain.requirements.spacing import MissedFirstWindow
from compliance.domain.requirements.supply import SupplyLeft
from compliance.domain.span import TICK, Instant
from tests import builders as b
from tests.domain import laws
from tests.domain.worlds import SLOW, Case, cases, lacking, waiting

DRAWN: dict[str, Callable[[], st.SearchStrategy[Case]]] = {
    "all": cases,
    "waiting": lambda: st.one_of(waiting(), waiting(is_wide=True)),
    "lacking": lacking,
}


@cache
def _sample(kind: str) -> tuple[Case, ...]:
    found: list[Case] = []

    @settings(max_examples=300 if kind == "lacking" else 1000, deadline=None, database=None,
              suppress_health_check=SLOW, phases=[Phase.generate], derandomize=True)  # fmt: skip
    @given(DRAWN[kind]())
    def collect(case: Case) -> None:
        found.append(case)

    collect()
    return tuple(found)


def notices(law: laws.Law, faulty: laws.Gate = decide, drawn: str = "all") -> bool:
    """Whether some case shows that the gate breaks the law."""
    return any(law(faulty, case) for case in _sample(drawn))


def yes_to(decision: Decision, *, but_for: Iterable[Finding] = ()) -> Decision:
    """The decision with all its findings met."""
    kept = tuple(but_for)
    found = (one if one in kept else Finding(one.requirement, True, "MET") for one in decision.findings)
    return replace(decision, findings=tuple(found))


@pytest.fixture
def plant(monkeypatch: pytest.MonkeyPatch) -> Callable[[Any, str, Any], None]:
    """Replaces a part of the gate for one test."""
    return monkeypatch.setattr


Plant = Callable[[Any, str, Any], None]


def test_a_gate_that_lets_the_unknown_pass_is_noticed() -> None:
    def faulty(policy: Policy, known: Record, request: Request, at: Instant) -> Decision:
        decision = decide(policy, known, request, at)
        return decision if known.facts else yes_to(decision)

    assert notices(laws.nothing_known_blocks, faulty)


def test_a_gate_that_lets_an_empty_policy_pass_is_noticed(plant: Plant) -> None:
    real = gate._in_force
    plant(gate, "_in_force", lambda *asked, has_requirements: real(*asked, has_requirements=True))
    assert notices(laws.an_empty_policy_blocks)


@dataclass(frozen=True, slots=True, kw_only=True)
class NearlyAllMet(Decision):
    """Looks at one unmet finding too few."""

    @property
    def is_allowed(self) -> bool:
        return sum(not one.is_met for one in self.findings) <= 1

    @property
    def outcome(self) -> Outcome:
        return Outcome.ALLOW if self.is_allowed else Outcome.REFUSE


def test_a_yes_with_an_unmet_finding_is_noticed() -> None:
    def faulty(policy: Policy, known: Record, request: Request, at: Instant) -> Decision:
        found = decide(policy, known, request, at)
        return NearlyAllMet(**{name: getattr(found, name) for name in Decision.__dataclass_fields__})

    assert notices(laws.allowed_only_when_every_refusing_finding_is_met, faulty)


def test_a_requirement_left_unasked_is_noticed() -> None:
    def faulty(policy: Policy, known: Record, request: Request, at: Instant) -> Decision:
        decision = decide(policy, known, request, at)
        return replace(decision, findings=tuple(one for one in decision.findings if one.requirement != "not-held"))

    assert notices(laws.allowed_only_when_every_refusing_finding_is_met, faulty)


def test_facts_taken_in_the_order_given_are_noticed(plant: Plant) -> None:
    plant(visible, "oldest_first", lambda fact: 0)
    assert notices(laws.the_order_of_facts_does_not_matter)


def test_a_gate_that_tires_of_long_policies_is_noticed() -> None:
    def faulty(policy: Policy, known: Record, request: Request, at: Instant) -> Decision:
        decision = decide(policy, known, request, at)
        return yes_to(decision) if len(policy.requirements) > len(b.policy().requirements) else decision

    assert notices(laws.one_more_requirement_never_opens, faulty)


def test_a_requirement_that_hides_others_is_noticed() -> None:
    def faulty(policy: Policy, known: Record, request: Request, at: Instant) -> Decision:
        decision = decide(policy, known, request, at)
        return replace(decision, findings=decision.findings[:-1])

    assert notices(laws.one_more_requirement_never_opens, faulty)


@pytest.mark.parametrize("time", ["at", "recorded_at"])
def test_a_gate_that_looks_at_one_time_only_is_noticed(plant: Plant, time: str) -> None:
    plant(Record, "as_of", lambda self, at, scope=None: View(
        (one for one in self.facts if getattr(one, time) <= at), scope))  # fmt: skip
    assert notices(laws.what_is_to_come_does_not_count)


def test_a_gate_that_leaves_out_the_present_moment_is_noticed(plant: Plant) -> None:
    plant(Record, "as_of", lambda self, at, scope=None: View(
        (one for one in self.facts if one.recorded_at < at), scope))  # fmt: skip
    assert notices(laws.a_positive_test_blocks)


def _endless_survey(self: PatientSurvey, q: Question) -> Finding:
    done = q.view.patient_survey
    if done is None or q.at >= self.every.end(done.at, q.zone):
        return self.needs("PATIENT_SURVEY_MISSING", q.at)
    return self.met(done)


def test_a_yes_that_ends_before_or_after_it_says_is_noticed(plant: Plant) -> None:
    plant(PatientSurvey, "check", _endless_survey)
    assert notices(laws.a_yes_lasts_exactly_as_long_as_it_says)


@pytest.mark.parametrize("by", [TICK, -TICK])
def test_an_end_that_is_a_tick_off_is_noticed(by: Any) -> None:
    def faulty(policy: Policy, known: Record, request: Request, at: Instant) -> Decision:
        decision = decide(policy, known, request, at)
        ends = (one._replace(until=one.until and Instant(one.until + by)) for one in decision.findings)
        return replace(decision, findings=tuple(ends))

    assert notices(laws.a_yes_lasts_exactly_as_long_as_it_says, faulty)


def _with_causes(causes: Callable[[visible.Visible], tuple[f.Fact, ...]]) -> Callable[..., None]:
    real = visible.Visible.__init__

    def begin(self: visible.Visible, seen: Iterable[f.Fact], scope: visible.Scope | None = None) -> None:
        real(self, seen, scope)
        self.causes = causes(self)

    return begin


def _uncorrected(self: visible.Visible) -> tuple[f.Fact, ...]:
    return tuple(cause for cause in self.causes if cause in self.all(type(cause)))


def _only_the_newest(self: visible.Visible) -> tuple[f.Fact, ...]:
    newest = self.newest(f.PregnancyTest)
    return (newest,) if newest is not None and newest.result is f.TestResult.POSITIVE else ()


def _only_of_laboratories(self: visible.Visible) -> tuple[f.Fact, ...]:
    return tuple(c for c in self.causes if isinstance(c, f.Hold) or getattr(c, "sensitivity_miu_ml", None) is not None)


@pytest.mark.parametrize("causes", [_uncorrected, _only_the_newest, _only_of_laboratories])
def test_a_positive_test_that_something_undoes_is_noticed(
    plant: Plant, causes: Callable[[visible.Visible], tuple[f.Fact, ...]]
) -> None:
    plant(visible.Visible, "__init__", _with_causes(causes))
    assert notices(laws.a_positive_test_blocks)


def test_a_gate_that_forgives_what_breaks_is_noticed(plant: Plant) -> None:
    real = gate._check

    def forgiving(rule: Requirement, question: Question) -> Finding:
        found = real(rule, question)
        return found._replace(is_met=True) if found.code == "REQUIREMENT_BROKE" else found

    plant(gate, "_check", forgiving)
    assert notices(laws.a_requirement_that_breaks_does_what_it_would_do_unmet)


def test_a_gate_that_remembers_is_noticed() -> None:
    times = count()

    def faulty(policy: Policy, known: Record, request: Request, at: Instant) -> Decision:
        decision = decide(policy, known, request, at)
        return yes_to(decision) if next(times) % 5 == 4 else decision

    assert notices(laws.the_same_arguments_give_the_same_answer, faulty)


def test_a_record_that_keeps_the_view_of_another_moment_is_noticed(plant: Plant) -> None:
    real = Record.as_of

    def kept(self: Record, at: Instant, scope: visible.Scope | None = None) -> View:
        if scope not in self._full_views:
            self._full_views[scope] = real(self, at, scope)
        return self._full_views[scope]

    plant(Record, "as_of", kept)
    assert notices(laws.the_same_arguments_give_the_same_answer)


def test_a_policy_that_outlives_its_time_is_noticed(plant: Plant) -> None:
    plant(gate, "_in_force", lambda *asked, has_requirements: (Finding("policy", True, "MET"),))
    assert notices(laws.outside_its_time_in_force_a_policy_blocks)


def test_a_policy_that_ends_a_tick_late_is_noticed(plant: Plant) -> None:
    real = gate._in_force
    plant(gate, "_in_force", lambda policy, at, rx, *, has_requirements: real(
        policy, Instant(at - TICK), rx, has_requirements=has_requirements))  # fmt: skip
    assert notices(laws.outside_its_time_in_force_a_policy_blocks)


def _no_bad_statement(self: ContraceptionInUse, q: Question) -> Finding:
    return self.met() if q.view.newest(f.Contraception) is None else self.needs("CONTRACEPTION_TOO_FEW", q.at)


def _no_bad_talk(self: Counselled, q: Question) -> Finding:
    held = [one for one in self._conversations(q) if one.by is self.by]
    return self.met() if all(self.topics <= one.topics for one in held) else self.needs("COUNSELLING_MISSING", q.at)


@pytest.mark.parametrize(
    ("kind", "check"),
    [(ContraceptionInUse, _no_bad_statement), (Counselled, _no_bad_talk)],
)
def test_a_requirement_phrased_as_no_bad_fact_exists_is_noticed(
    plant: Plant, kind: type[Requirement], check: Callable[..., Finding]
) -> None:
    plant(kind, "check", check)
    assert notices(laws.removing_a_good_fact_never_opens)


@pytest.mark.parametrize("by", [TICK, -TICK])
def test_a_wait_that_is_a_tick_off_is_noticed(plant: Plant, by: Any) -> None:
    real = Requirement.waits
    plant(Requirement, "waits", lambda self, code, at, *facts: real(self, code, Instant(at + by), *facts))
    assert notices(laws.waiting_mends_when_it_says, drawn="waiting")
    assert notices(laws.the_gate_opens_at_the_earliest_moment, drawn="waiting")


def test_an_earliest_moment_that_is_the_first_instead_of_the_last_is_noticed() -> None:
    def faulty(policy: Policy, known: Record, request: Request, at: Instant) -> Decision:
        found = decide(policy, known, request, at)
        return _FirstOpening(**{name: getattr(found, name) for name in Decision.__dataclass_fields__})

    assert notices(laws.the_gate_opens_at_the_earliest_moment, faulty, "waiting")


@dataclass(frozen=True, slots=True, kw_only=True)
class _FirstOpening(Decision):
    @property
    def earliest_at(self) -> Instant | None:
        return min((one.opens_at for one in self.unmet if one.opens_at is not None), default=None)


@pytest.mark.parametrize("kind", [KINDS["test_days_before"], ContraceptionInUse, SupplyLeft])
def test_an_earliest_moment_that_is_a_day_late_is_noticed(plant: Plant, kind: type[Requirement]) -> None:
    real = kind.check

    def late(self: Requirement, q: Question) -> Finding:
        found = real(self, q)
        return found._replace(opens_at=found.opens_at and q.zone.end_of(q.zone.date_of(found.opens_at)))

    plant(kind, "check", late)
    law = laws.new_facts_mend_nothing_before_the_earliest_moment
    assert notices(law) or notices(law, drawn="waiting")


# -- outcomes, weights, layers and versions ------------------------------------------------------------------------


def test_a_referral_that_is_taken_for_a_plain_yes_is_noticed() -> None:
    def faulty(policy: Policy, known: Record, request: Request, at: Instant) -> Decision:
        decision = decide(policy, known, request, at)
        return yes_to(decision, but_for=[one for one in decision.findings if not one.refers])

    assert notices(laws.a_referral_never_refuses_and_never_disappears, faulty)
    assert not notices(laws.nothing_known_blocks, faulty)


def test_a_referral_that_refuses_is_noticed(plant: Plant) -> None:
    real = gate._check
    plant(gate, "_check", lambda rule, question: real(rule, question)._replace(refers=False))
    assert notices(laws.a_referral_never_refuses_and_never_disappears)
    assert notices(laws.allowed_only_when_every_refusing_finding_is_met)


def test_advice_that_decides_is_noticed() -> None:
    def faulty(policy: Policy, known: Record, request: Request, at: Instant) -> Decision:
        decision = decide(policy, known, request, at)
        return replace(decision, findings=decision.findings + decision.advice)

    assert notices(laws.advice_never_changes_the_outcome, faulty)


def test_advice_that_is_kept_back_is_noticed() -> None:
    def faulty(policy: Policy, known: Record, request: Request, at: Instant) -> Decision:
        return replace(decide(policy, known, request, at), advice=())

    assert notices(laws.advice_never_changes_the_outcome, faulty)
    assert notices(laws.allowed_only_when_every_refusing_finding_is_met, faulty)


def test_a_layer_that_takes_requirements_away_is_noticed(plant: Plant) -> None:
    plant(Policy, "under", lambda self, layer: replace(layer, id=self.id, layers=(f"{layer.id}@{layer.version}",)))
    assert notices(laws.a_layer_never_opens)


def test_a_layer_that_fills_an_empty_policy_is_noticed(plant: Plant) -> None:
    real = Policy.under
    plant(Policy, "under", lambda self, layer: replace(real(self, layer), laid_over=frozenset()))
    assert notices(laws.a_layer_never_opens)
    assert not notices(laws.one_more_requirement_never_opens)


@pytest.mark.parametrize("is_gated", [lambda self, category: False, lambda self, category: not self.ungated])
def test_a_gate_that_is_missing_for_everybody_is_noticed(plant: Plant, is_gated: Callable[..., bool]) -> None:
    plant(Policy, "is_gated", is_gated)
    assert notices(laws.not_gated_only_where_it_says_so_and_in_force)


def test_a_gate_that_is_missing_out_of_force_is_noticed(plant: Plant) -> None:
    real = gate._in_force

    def faulty(policy: Policy, *asked: Any, has_requirements: bool) -> tuple[Finding, ...]:
        found = real(policy, *asked, has_requirements=has_requirements)
        return (Finding("policy", True, "MET"),) if policy.ungated and not policy.requirements else found

    plant(gate, "_in_force", faulty)
    assert notices(laws.not_gated_only_where_it_says_so_and_in_force)


@pytest.mark.parametrize(
    "finishes",
    [
        lambda self, rx: False,
        lambda self, rx: rx is not None,
        lambda self, rx: rx is not None and self.starts_at <= rx.at,
        lambda self, rx: rx is not None and (self.ends_at is None or rx.at < self.ends_at),
        lambda self, rx: True,
    ],
)
def test_a_version_that_finishes_the_wrong_prescriptions_is_noticed(
    plant: Plant, finishes: Callable[..., bool]
) -> None:
    plant(Policy, "finishes", finishes)
    assert notices(laws.a_prescription_is_finished_under_the_version_it_was_issued_in)


def test_a_broken_requirement_that_refuses_where_it_should_refer_is_noticed(plant: Plant) -> None:
    real = gate._check

    def strict(rule: Requirement, question: Question) -> Finding:
        found = real(rule, question)
        return found._replace(refers=False) if found.code == "REQUIREMENT_BROKE" else found

    plant(gate, "_check", strict)
    assert notices(laws.a_requirement_that_breaks_does_what_it_would_do_unmet)


@pytest.mark.parametrize("kind", ["tests_apart", "test_before_lead_in", "contraception_or_urgent_start"])
@pytest.mark.parametrize("days", [-1, 1])
def test_an_earliest_moment_of_a_newer_kind_that_is_a_day_off_is_noticed(plant: Plant, kind: str, days: int) -> None:
    _off_by(plant, KINDS[kind], days)
    late, early = laws.new_facts_mend_nothing_before_the_earliest_moment, laws.new_facts_mend_at_the_earliest_moment
    assert notices(late if days > 0 else early, drawn="lacking")


def _off_by(plant: Plant, kind: type[Requirement], days: int) -> None:
    real = kind.check

    def check(self: Requirement, q: Question) -> Finding:
        found = real(self, q)
        if found.opens_at is None or found.opens_at <= q.at:
            return found
        return found._replace(opens_at=q.zone.start_of(q.zone.date_of(found.opens_at) + timedelta(days=days)))

    plant(kind, "check", check)


def test_a_window_that_a_yes_outlives_is_noticed(plant: Plant) -> None:
    real = MissedFirstWindow.check
    plant(MissedFirstWindow, "check", lambda self, q: real(self, q)._replace(until=None))
    assert notices(laws.a_yes_lasts_exactly_as_long_as_it_says)


def _no_bad_view(self: IndependentReviews, q: Question) -> Finding:
    views = q.view.all(f.IndependentReview)
    return self.met() if len(views) in {0, self.reviewers} else self.needs("REVIEW_MISSING", q.at)


def _no_bad_history(self: NoRechallenge, q: Question) -> Finding:
    seen = [one.concern for one in q.view.all(f.Assessment)]
    return self.met() if seen in ([], [f.Concern.REACTION_HISTORY]) else self.needs("REACTION_HISTORY_MISSING", q.at)


@pytest.mark.parametrize(("kind", "check"), [(IndependentReviews, _no_bad_view), (NoRechallenge, _no_bad_history)])
def test_a_newer_kind_phrased_as_no_bad_fact_exists_is_noticed(
    plant: Plant, kind: type[Requirement], check: Callable[..., Finding]
) -> None:
    plant(kind, "check", check)
    assert notices(laws.removing_a_good_fact_never_opens, drawn="lacking")


def test_every_law_stands_here_with_a_gate_that_breaks_it() -> None:
    source = Path(__file__).read_text(encoding="utf-8")
    assert [one.__name__ for one in laws.LAWS if f"laws.{one.__name__}" not in source] == []
