"""The clinical-safety layer adds to the lenalidomide programmes, blocks what it should, and opens nothing."""

import copy
import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache

import pytest

from compliance.cases.reading import Case
from compliance.domain.decision import Decision, Outcome, Weight
from compliance.domain.errors import DomainError
from compliance.domain.facts import AdverseReaction, Assessment, Fact, LabResult, Panel, Reaction
from compliance.domain.gate import decide
from compliance.domain.policy import Policy, Status, read_policy
from compliance.domain.record import Record
from compliance.domain.requirements.monitoring import NoRechallenge
from compliance.paths import POLICIES
from compliance.policies import Catalogue, load_catalogue
from compliance.policies.check import Complaint, contradictions
from compliance.policies.examples import read_examples
from compliance.settings import Settings
from tests.shared import shared

LAYER = "layers/lenalidomide-safety"
REMS = "us/lenalidomide-rems"
README = POLICIES / "README.md"
ROW = re.compile(r"^\| (SD-\d\d) \|[^|]+\| ([^|]+) \|$", re.MULTILINE)
BLOCKING = (
    "lenalidomide-prescription", "hepatitis-b-status", "blood-count-baseline", "never-again-after-reaction",
    "no-severe-rash-on-thalidomide",
)  # fmt: skip


@cache
def catalogue() -> Catalogue:
    return load_catalogue()


@cache
def adopted() -> Catalogue:
    return catalogue().adopting([LAYER])


def layer() -> Policy:
    (found,) = catalogue().versions(LAYER)
    return found


def programmes() -> list[Policy]:
    """Every version of every programme that the layer names; of drafts, what they would say if they were active."""
    named = [policy for policy in catalogue().all() if policy.id in layer().layer_over]
    return [replace(policy, status=Status.ACTIVE) for policy in named]


@cache
def examples(programme: str, version: str) -> tuple[Case, ...]:
    (policy,) = (p for p in catalogue().versions(programme) if p.version == version)
    return read_examples(policy, POLICIES / programme / f"{version}.toml")


def example(policy: Policy, name: str) -> Case:
    return next(case for case in examples(policy.id, policy.version) if case.name == name)


def monitoring(case: Case, *left_out: str) -> Iterator[Fact]:
    """The laboratory results and assessments of the layer's own base example, as of another case's moment."""
    base = example(layer(), "woman-first")
    for fact in base.facts:
        if isinstance(fact, LabResult | Assessment) and fact.id not in left_out:
            at = case.at - (base.at - fact.at)
            yield replace(fact, id=f"layer-{fact.id}", at=at, recorded_at=at)


def decided(case: Case, policy: Policy, *more: Fact) -> Decision:
    return decide(policy, Record([*case.facts, *more]), case.request, case.at)


def whole(policy: Policy) -> Policy:
    return policy.under(layer())


def first_supply() -> tuple[Case, Policy]:
    """A first authorization that the programme alone allows, and the programme with the layer over it."""
    case = example(catalogue().versions(REMS)[0], "frp-first")
    return case, adopted().get(REMS, case.at)


# -- adopting -----------------------------------------------------------------------------------------------------


def test_a_site_adopts_the_layer_by_a_setting() -> None:
    settings = Settings.from_environment({"KELSEY_LAYERS": LAYER})
    assert settings.layers == (LAYER,)
    case, policy = first_supply()
    assert load_catalogue(layers=settings.layers).get(REMS, case.at).layers == policy.layers


def test_the_adopted_layer_is_named_with_its_digest_in_every_decision() -> None:
    case, policy = first_supply()
    assert policy.layers == (f"{LAYER}@{layer().version} {layer().sha256}",)
    assert decided(case, policy).layers == policy.layers


def test_a_programme_that_the_layer_does_not_name_stays_as_it_is() -> None:
    case, _ = first_supply()
    others = [p.id for p in catalogue().all() if p.id not in layer().layer_over]
    assert "us/thalomid-rems" in others
    assert {adopted().get(other, case.at).layers for other in others} == {()}
    assert adopted().get("us/thalomid-rems", case.at) == catalogue().get("us/thalomid-rems", case.at)


def test_before_its_first_day_the_layer_adds_nothing() -> None:
    assert adopted().get(REMS, layer().starts_at).layers != ()
    earlier = layer().starts_at - (layer().starts_at - catalogue().versions(REMS)[0].starts_at) / 2
    assert adopted().get(REMS, earlier).layers == ()


def test_the_layer_is_no_programme_and_a_programme_is_no_layer() -> None:
    assert LAYER not in catalogue().programmes()
    with pytest.raises(DomainError) as error:
        catalogue().adopting([REMS])
    assert (error.value.code, error.value.value) == ("NOT_A_LAYER", REMS)


def is_lenalidomide(product: str) -> bool:
    return product.startswith("lenalidomide")


def test_every_programme_of_lenalidomide_alone_is_named_and_no_other() -> None:
    alone = {p.id for p in catalogue().all() if all(map(is_lenalidomide, p.products))}
    assert layer().layer_over == alone
    assert layer().products == frozenset(product for p in programmes() for product in p.products)


# -- what it blocks, and what it only says ------------------------------------------------------------------------


def test_five_requirements_block_and_all_others_advise() -> None:
    assert tuple(r.id for r in layer().requirements if r.if_unmet is Weight.REFUSE) == BLOCKING
    assert {r.if_unmet for r in layer().requirements} == {Weight.REFUSE, Weight.ADVISE}


def test_a_first_supply_that_the_programme_allows_is_refused_until_the_layer_is_met_too() -> None:
    case, policy = first_supply()
    assert decided(case, catalogue().get(REMS, case.at)).outcome is Outcome.ALLOW
    bare = decided(case, policy)
    assert [finding.requirement for finding in bare.unmet] == list(BLOCKING[1:])
    assert bare.codes == ("LAB_MISSING", "LAB_MISSING", "REACTION_HISTORY_MISSING", "REACTION_HISTORY_MISSING")
    mended = decided(case, policy, *monitoring(case))
    assert (mended.outcome, mended.codes) == (Outcome.ALLOW, ())


@pytest.mark.parametrize(
    ("left_out", "unmet"),
    [
        ("hbv", ("hepatitis-b-status",)),
        ("blood", ("blood-count-baseline",)),
        ("history", ("never-again-after-reaction", "no-severe-rash-on-thalidomide")),
    ],
)
def test_each_thing_that_must_be_known_before_the_first_capsule_blocks(left_out: str, unmet: tuple[str, ...]) -> None:
    case, policy = first_supply()
    decision = decided(case, policy, *monitoring(case, left_out))
    assert tuple(finding.requirement for finding in decision.unmet) == unmet


@pytest.mark.parametrize("product", ["lenalidomide", "revlimid", "thalidomide"])
def test_after_a_severe_reaction_nothing_opens_the_gate_again(product: str) -> None:
    case, policy = first_supply()
    reaction = AdverseReaction(
        id="reaction", at=case.at, recorded_at=case.at, actor="dr-lee", reaction=Reaction.STEVENS_JOHNSON,
        product=product, grade=4,
    )  # fmt: skip
    decision = decided(case, policy, *monitoring(case), reaction)
    by = "no-severe-rash-on-thalidomide" if product == "thalidomide" else "never-again-after-reaction"
    assert [(f.requirement, f.code, f.opens_at) for f in decision.unmet] == [(by, "NEVER_AGAIN", None)]
    assert decision.earliest_at is None


@pytest.mark.parametrize(
    ("rule", "starts"),
    [("never-again-after-reaction", ("lenalidomide",)), ("no-severe-rash-on-thalidomide", ("thalidomide", "thalomid"))],
)
def test_a_reaction_counts_under_every_word_that_any_programme_has_for_the_medicine(
    rule: str, starts: tuple[str, ...]
) -> None:
    words = {word for p in catalogue().all() for word in p.products if word.startswith(starts)}
    bars = next(r for r in layer().requirements if r.id == rule)
    assert isinstance(bars, NoRechallenge)
    assert words - bars.to_products == set()
    assert len(words) > 2


def test_advice_stops_nothing_however_much_of_it_there_is() -> None:
    case, policy = first_supply()
    known = [
        fact for fact in monitoring(case)
        if (isinstance(fact, LabResult) and fact.panel in (Panel.HEPATITIS_B, Panel.BLOOD_COUNT))
        or fact.id == "layer-history"
    ]  # fmt: skip
    decision = decided(case, policy, *known)
    assert (decision.outcome, decision.codes) == (Outcome.ALLOW, ())
    assert len(decision.advised) == 13
    assert {finding.requirement for finding in decision.advised} <= policy.laid_over


def test_a_reaction_that_bars_at_any_grade_and_from_a_grade_on_is_a_contradiction() -> None:
    raw = copy.deepcopy(dict(layer().raw))
    rule = next(table for table in raw["requirement"] if table["id"] == "milder-rash")
    rule["graded"].append(rule["reactions"][0])
    message = "milder-rash: maculopapular_rash stands in two lists"
    assert list(contradictions(read_policy(raw, ""))) == [Complaint("WORD_IN_TWO_LISTS", message)]
    assert list(contradictions(layer())) == []


# -- what it never does -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("policy", programmes(), ids=lambda policy: f"{policy.id}@{policy.version}")
def test_the_layer_allows_nothing_that_the_programme_alone_refuses(policy: Policy) -> None:
    covered = whole(policy)
    tried = 0
    for case in examples(policy.id, policy.version):
        for more in ((), tuple(monitoring(case))):
            alone, under = decided(case, policy, *more), decided(case, covered, *more)
            assert under.findings[: len(alone.findings)] == alone.findings, case.name
            assert under.is_allowed <= alone.is_allowed, case.name
            if alone.outcome is not Outcome.ALLOW:
                assert under.outcome is not Outcome.ALLOW, case.name
            tried += 1
    assert tried > 100


@pytest.mark.parametrize("policy", programmes(), ids=lambda policy: f"{policy.id}@{policy.version}")
def test_with_its_facts_known_the_layer_refuses_nothing_that_the_programme_allows(policy: Policy) -> None:
    covered = whole(policy)
    allowed = [case for case in examples(policy.id, policy.version) if decided(case, policy).is_allowed]
    refused = [case.name for case in allowed if not decided(case, covered, *monitoring(case)).is_allowed]
    assert (refused, len(allowed) > 20) == ([], True)


# -- every statement of the source is accounted for ---------------------------------------------------------------


def fates() -> list[tuple[str, str]]:
    """The rows of the README's table: the statement, and what became of it."""
    return ROW.findall(README.read_text(encoding="utf-8"))


def test_all_63_statements_stand_in_the_readme_in_order() -> None:
    assert [row for row, _ in fates()] == [f"SD-{number:02}" for number in range(1, 64)]


def test_the_statements_are_those_of_the_source() -> None:
    text = shared("programmes", "clinical-safety.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| (SD-\d\d) \|", text, re.MULTILINE) == [row for row, _ in fates()]


def test_every_requirement_of_the_layer_comes_from_a_statement_and_weighs_as_the_readme_says() -> None:
    weight = {r.id: r.if_unmet for r in layer().requirements}
    named: set[str] = set()
    for row, fate in fates():
        word, _, rest = fate.partition(":")
        assert word in {"blocks", "advises", "programme", "text", "context"}, row
        ids = [one for one in re.findall(r"`([a-z0-9-]+)`", rest) if one in weight]
        named |= set(ids)
        if word in ("blocks", "advises"):
            assert weight[ids[0]] is (Weight.REFUSE if word == "blocks" else Weight.ADVISE), row
    assert set(weight) - named == {"lenalidomide-prescription"}
