"""What a version says beside its requirements: names, transition, tests after the first supply, layers, no gate."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from compliance.domain import facts as f
from compliance.domain.decision import Finding, Opens, Outcome
from compliance.domain.errors import DomainError
from compliance.domain.facts import Category, Step
from compliance.domain.gate import decide
from compliance.domain.policy import NO_TEST_COUNTS, Policy, Transition
from compliance.domain.record import Record
from compliance.domain.span import TICK, Instant
from tests import builders as b
from tests.domain.expect import met, needs, utc
from tests.domain.kinds import found_by, policy_of, table

FORM = table("prescription_form", "form")
REGIMEN = table("regimen", "usual", days_on=21, cycle_days=28)
BLOOD = table("lab_known", "blood", panel="blood_count", within="P30D")
LATEST = table("latest_test_negative", "latest")
MALE = Category.ADULT_MALE


def refused(**members: Any) -> DomainError:
    with pytest.raises(DomainError) as error:
        policy_of(FORM, **members)
    return error.value


# -- members -------------------------------------------------------------------------------------------------------


def test_a_policy_that_says_none_of_it_has_one_gate_for_all_one_standard_and_no_layers() -> None:
    policy = policy_of(FORM)
    assert (policy.ungated, policy.transition, policy.category_names) == (frozenset(), Transition.BY_MOMENT, {})
    assert policy.tests_after_first is policy.tests
    assert (policy.layer_over, policy.layers, policy.laid_over) == (frozenset(), (), frozenset())
    assert all(policy.is_gated(category) for category in (*Category, None))


def test_categories_bear_the_programmes_own_names_where_it_has_them() -> None:
    policy = policy_of(FORM, category_names={"adult_frp": "can get pregnant"})
    assert policy.name_of(Category.ADULT_FRP) == "can get pregnant"
    assert policy.name_of(Category.CHILD_MALE) == "child male"


@pytest.mark.parametrize(
    ("members", "code", "field"),
    [
        ({"category_names": {"pilot": "x"}}, "UNKNOWN_WORD", "category_names"),
        ({"category_names": {"adult_frp": " "}}, "TEXT_MISSING", "category_names.adult_frp"),
        ({"no_gate": {}}, "TEXT_MISSING", "no_gate.source"),
        ({"pregnancy_test_after_first": {}}, "TEXT_MISSING", "pregnancy_test_after_first.source"),
    ],
)
def test_a_new_member_that_is_wrong_is_refused_by_name(members: dict[str, Any], code: str, field: str) -> None:
    error = refused(**members)
    assert (error.code, error.field) == (code, field)


NO_GATE = {"categories": ["adult_male"], "text": "x", "source": "rems#1", "confidence": "primary"}


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"categories": ["child_male"]}, "UNKNOWN_WORD", "no_gate.categories"),
        ({"categories": ["pilot"]}, "UNKNOWN_WORD", "no_gate.categories"),
        ({"categories": []}, "LIST_MISSING", "no_gate.categories"),
        ({"text": ""}, "TEXT_MISSING", "no_gate.text"),
        ({"source": "nowhere"}, "SOURCE_UNKNOWN", "no_gate.source"),
        ({"open": True}, "UNKNOWN_MEMBER", "no_gate.open"),
    ],
)
def test_no_gate_names_categories_of_the_policy_and_its_source(change: dict[str, Any], code: str, field: str) -> None:
    known = {"categories": ["adult_frp", "adult_male"]}
    assert policy_of(FORM, no_gate=NO_GATE, **known).ungated == frozenset({MALE})
    error = refused(no_gate=NO_GATE | change, **known)
    assert (error.code, error.field) == (code, field)


@pytest.mark.parametrize("weight", ["block", "", True, None, ["refer"]])
def test_an_unknown_weight_is_refused(weight: object) -> None:
    with pytest.raises(DomainError) as error:
        policy_of(FORM | {"if_unmet": weight})
    assert (error.value.code, error.value.field) == ("UNKNOWN_WORD", "requirement.0.if_unmet")


@pytest.mark.parametrize(
    ("kind", "members", "name"),
    [
        ("declared", {"statements": [], "exactly_one_of": []}, "statements"),
        ("independent_reviews", {"reviewers": 0, "under_age": 55}, "reviewers"),
        ("test_in_period", {"first_days": 0}, "first_days"),
    ],
)
def test_a_kind_that_would_ask_nothing_is_refused(kind: str, members: dict[str, Any], name: str) -> None:
    with pytest.raises(DomainError) as error:
        policy_of(table(kind, **members))
    assert (error.value.code, error.value.field) == ("ASKS_NOTHING", f"requirement.0.{name}")


def test_a_pregnancy_stops_supply_unless_holding_only_refers() -> None:
    held = table("not_held", "held", reviewers=2)
    assert policy_of(held).stops_on_pregnancy is True
    assert policy_of(held | {"if_unmet": "refuse"}).stops_on_pregnancy is True
    assert policy_of(held | {"if_unmet": "refer"}).stops_on_pregnancy is False
    assert policy_of(FORM).stops_on_pregnancy is True  # where nothing is said, supply stops


# -- which tests count ---------------------------------------------------------------------------------------------


def test_without_a_standard_no_test_counts() -> None:
    head = {name: value for name, value in b.plain_policy().items() if name not in {"pregnancy_test", "example"}}
    policy = replace(policy_of(LATEST), tests=NO_TEST_COUNTS, tests_after_first=NO_TEST_COUNTS)
    assert "pregnancy_test" not in head
    assert found_by(policy, [b.negative_test(sensitivity_miu_ml=0)]) == needs("latest", "TEST_MISSING")


def test_after_the_first_supply_another_standard_may_hold() -> None:
    later = b.plain_policy()["pregnancy_test"] | {"kinds": ["serum"], "least_sensitive": 30}
    policy = policy_of(LATEST, pregnancy_test_after_first=later)
    coarse = b.negative_test(id="coarse", sensitivity_miu_ml=40)
    assert found_by(policy, [coarse]) == met("latest", "coarse")
    supplied = b.dispense(id="first", prescription="rx-1", days_ago=20)
    assert found_by(policy, [coarse, supplied]) == needs("latest", "TEST_MISSING")
    stopped = b.treatment(f.TreatmentStatus.STOPPED, days_ago=10)
    assert found_by(policy, [coarse, supplied, stopped]) == met("latest", "coarse")


# -- transition ----------------------------------------------------------------------------------------------------

FROM, UNTIL = date(2026, 6, 1), date(2026, 6, 14)
STARTS_AT, ENDS_AT = utc(2026, 6, 1), utc(2026, 6, 15)
OVER = Finding("policy", False, "POLICY_NOT_IN_FORCE")


def ended(transition: str, until: date | None = UNTIL) -> Policy:
    more = {} if until is None else {"in_force_until": until}
    return policy_of(FORM, transition=transition, in_force_from=FROM, **more)


def about(policy: Policy, issued_at: Instant | None, at: Instant = b.NOW) -> Finding:
    facts = [] if issued_at is None else [b.prescription(at=issued_at)]
    return decide(policy, Record(facts), b.request(), at).findings[0]


@pytest.mark.parametrize("issued_at", [STARTS_AT, Instant(ENDS_AT - TICK)])
def test_a_prescription_issued_in_its_time_is_finished_under_the_version_that_says_so(issued_at: Instant) -> None:
    assert about(ended("by_prescription"), issued_at) == met("policy")
    assert about(ended("by_prescription"), issued_at, issued_at) == met("policy")
    assert about(ended("by_moment"), issued_at) == OVER


@pytest.mark.parametrize("issued_at", [Instant(STARTS_AT - TICK), ENDS_AT, None])
def test_any_other_prescription_is_not(issued_at: Instant | None) -> None:
    assert about(ended("by_prescription"), issued_at) == OVER
    assert ended("by_prescription").finishes(None) is False


def test_one_issued_before_the_version_is_decided_by_it_only_while_it_is_in_force() -> None:
    old = Instant(STARTS_AT - TICK)
    assert about(ended("by_prescription"), old, Instant(ENDS_AT - TICK)) == met("policy", until=ENDS_AT)
    early = about(ended("by_prescription"), old, old)
    assert early == Finding("policy", False, "POLICY_NOT_IN_FORCE", (), None, STARTS_AT, Opens.BY_WAITING)


def test_a_version_without_an_end_covers_whatever_is_issued_from_its_first_moment_on() -> None:
    policy = ended("by_prescription", None)
    assert policy.covers(STARTS_AT)
    assert policy.covers(Instant(b.NOW))
    assert not policy.covers(Instant(STARTS_AT - TICK))
    assert not ended("by_moment", None).covers(STARTS_AT)


# -- layers --------------------------------------------------------------------------------------------------------

PROGRAMME = "us/lenalidomide-rems"
MAN = [b.enrolment(MALE), b.prescription(MALE)]


def layer(*tables: dict[str, Any], **members: Any) -> Policy:
    return policy_of(*tables, **{"id": "layers/safety", "version": "2026-01-01", "layer_over": [PROGRAMME]} | members)


def test_a_layer_adds_its_requirements_after_the_programmes_own_and_is_named() -> None:
    whole = policy_of(FORM).under(layer(BLOOD, REGIMEN | {"if_unmet": "advise"}))
    assert [one.id for one in whole.requirements] == ["form", "blood", "usual"]
    assert whole.layers == (f"layers/safety@2026-01-01 {'0' * 64}",)
    assert whole.laid_over == {"blood", "usual"}
    decision = decide(whole, Record(MAN), b.request(), b.NOW)
    assert decision.layers == whole.layers
    assert (decision.policy_id, decision.outcome) == (PROGRAMME, Outcome.REFUSE)
    assert decision.codes == ("LAB_MISSING",)
    assert [one.requirement for one in decision.advice] == ["usual"]


def test_two_layers_lie_one_over_the_other() -> None:
    whole = policy_of(FORM).under(layer(BLOOD)).under(layer(REGIMEN, id="layers/more"))
    assert [one.partition("@")[0] for one in whole.layers] == ["layers/safety", "layers/more"]
    assert whole.laid_over == {"blood", "usual"}


def test_a_layer_for_another_programme_or_with_an_id_of_the_programmes_is_refused() -> None:
    with pytest.raises(DomainError) as error:
        policy_of(FORM).under(layer(BLOOD, layer_over=["us/other"]))
    assert (error.value.code, error.value.field, error.value.value) == ("LAYER_MISPLACED", PROGRAMME, "layers/safety")
    with pytest.raises(DomainError) as error:
        policy_of(FORM).under(policy_of(BLOOD))
    assert error.value.code == "LAYER_MISPLACED"
    with pytest.raises(DomainError) as error:
        policy_of(FORM).under(layer(BLOOD, FORM))
    assert (error.value.code, error.value.field, error.value.value) == ("ID_TWICE", "layers/safety", "form")


@pytest.mark.parametrize("weight", ["refuse", "refer", "advise"])
def test_a_layer_does_not_fill_a_programme_that_asks_nothing_here(weight: str) -> None:
    elsewhere = policy_of(FORM | {"when": {"steps": ["authorize"]}})
    whole = elsewhere.under(layer(REGIMEN | {"if_unmet": weight}))
    decision = decide(whole, Record(MAN), b.request(), b.NOW)
    assert decision.outcome is Outcome.REFUSE
    assert decision.codes == ("POLICY_EMPTY",)
    assert decide(whole, Record(MAN), b.request(Step.AUTHORIZE), b.NOW).outcome is Outcome.ALLOW
