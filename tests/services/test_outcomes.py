"""Supply that goes on with a referral, programmes without a gate, versions that finish what they began, layers."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from compliance.domain.decision import Outcome
from compliance.domain.facts import Handover, Referral
from compliance.domain.policy import read_policy
from compliance.policies.catalogue import Catalogue, load_catalogue
from compliance.services import dispensing, facts
from compliance.services.errors import Invalid, NotPermitted
from compliance.services.records import load
from tests import builders as b
from tests.services.world import PROGRAMME, World

Change = Callable[[dict[str, Any]], None]


def under(world: World, *changes: Change, layers: tuple[str, ...] = ()) -> World:
    """The same programme, whose rules were changed from its beginning on."""
    raw = b.plain_policy()
    raw.pop("example")
    for change in changes:
        change(raw)
    return replace(world, app=replace(world.app, policies=Catalogue([read_policy(raw, "0" * 64)], layers)))


def referring(*names: str) -> Change:
    def change(raw: dict[str, Any]) -> None:
        for name in names:
            b.rule(raw, name)["if_unmet"] = "refer"

    return change


def advising(name: str) -> Change:
    def change(raw: dict[str, Any]) -> None:
        b.rule(raw, name)["if_unmet"] = "advise"

    return change


def ungated(raw: dict[str, Any]) -> None:
    raw["no_gate"] = {
        "categories": ["adult_male"], "text": "No gate.", "source": "rems", "confidence": "primary",
    }  # fmt: skip
    raw["requirement"] = [
        table | {"if_unmet": "advise"} for table in raw["requirement"] if "life" not in table["kind"]
    ] + [table for table in raw["requirement"] if "life" in table["kind"]]


def referrals(world: World, patient: str) -> list[tuple[str, str]]:
    with world.app.db.read() as uow:
        return [(f.requirement, f.reason) for f in load(uow, patient).facts if isinstance(f, Referral)]


def without_survey(world: World) -> str:
    """A man's prescription to which the prescriber's survey is lacking."""
    from compliance.services import prescriptions
    from tests.services.world import REGIMEN

    own = world.enrolled()
    plain = {"product": "lenalidomide", "category": "adult_male", "channel": "electronic", **REGIMEN}
    issued = prescriptions.prescribe(world.app, world.prescriber, own, plain)
    topics = ["contraception", "emergency_contraception"]
    world.say(world.prescriber, own, "counselling", by="prescriber", topics=topics, prescription=issued.id)
    return issued.id


def test_an_unmet_requirement_that_refers_lets_supply_go_on_and_raises_one_task(world: World) -> None:
    told = under(world, referring("prescriber-survey"))
    rx = without_survey(told)
    given = told.authorized(rx)
    assert (given.decision.outcome, given.is_allowed, bool(given.number)) == (Outcome.REFER, True, True)
    assert given.decision.codes == ("PRESCRIBER_SURVEY_MISSING",)
    patient = told.patient_of(rx)
    assert referrals(told, patient) == [("prescriber-survey", "PRESCRIBER_SURVEY_MISSING")]
    entry = told.newest()
    assert (entry["outcome"], entry["reasons"]) == ("referred", ["PRESCRIBER_SURVEY_MISSING"])
    assert len(entry["sd"]) == 4  # the fact, the referral, what was seen, and the patient


def test_the_same_task_is_raised_once_for_a_prescription(sqlite_world: World) -> None:
    told = under(sqlite_world, referring("prescriber-survey", "medication-guide", "counselling-checklist"))
    number, _ = told.confirmed()
    looked = dispensing.look_up(told.app, told.pharmacist, number)
    prescription = looked.prescription.prescription.id
    for item in ("counselling_checklist", "medication_guide"):
        found = [
            f for f in _facts(told, told.patient_of(prescription)) if f.kind == "material" and f.item.value == item
        ]
        for fact in found:
            facts.correct_fact(told.app, told.pharmacist, number, fact.id, None, "entered in error")
    done = dispensing.dispense(told.app, told.pharmacist, number, Handover.IN_PERSON)
    assert done.decision.outcome in {Outcome.ALLOW, Outcome.REFER}
    raised = [name for name, _ in referrals(told, told.patient_of(prescription))]
    assert len(raised) == len(set(raised)) == len(done.decision.referred)


def _facts(world: World, patient: str) -> list[Any]:
    with world.app.db.read() as uow:
        return list(load(uow, patient).facts)


def test_without_the_weight_the_same_prescription_is_refused_and_nothing_is_raised(sqlite_world: World) -> None:
    told = under(sqlite_world)
    rx = without_survey(told)
    given = told.authorized(rx)
    assert (given.decision.outcome, given.number) == (Outcome.REFUSE, "")
    assert referrals(told, told.patient_of(rx)) == []
    assert told.newest()["outcome"] == "denied"


def test_advice_is_heard_and_changes_nothing(sqlite_world: World) -> None:
    told = under(sqlite_world, advising("prescriber-survey"))
    given = told.authorized(without_survey(told))
    assert (given.decision.outcome, given.decision.codes) == (Outcome.ALLOW, ())
    assert [finding.code for finding in given.decision.advised] == ["PRESCRIBER_SURVEY_MISSING"]
    again = told.newest()
    assert (again["outcome"], again.get("reasons")) == ("allowed", None)


def test_where_the_programme_has_no_gate_the_supply_is_logged_and_not_gated(sqlite_world: World) -> None:
    told = under(sqlite_world, ungated)
    given = told.authorized(without_survey(told))
    assert (given.decision.outcome, bool(given.number)) == (Outcome.NOT_GATED, True)
    assert told.newest()["outcome"] == "not_gated"


@pytest.mark.parametrize(("changes", "voided"), [((), 1), ((referring("not-held"),), 0)])
def test_a_positive_test_voids_where_the_programme_stops_and_refers_where_stopping_harms(
    sqlite_world: World, changes: tuple[Change, ...], voided: int
) -> None:
    told = under(sqlite_world, *changes)
    rx = told.prescribed("adult_frp")
    assert told.authorized(rx).is_allowed
    news = told.test(told.patient_of(rx), timedelta(minutes=1), "positive")
    assert (news.held, len(news.voided)) == (True, voided)


def test_a_version_that_has_ended_finishes_the_prescriptions_it_saw(sqlite_world: World) -> None:
    def ends(raw: dict[str, Any]) -> None:
        raw |= {"in_force_until": date(2026, 1, 5), "transition": "by_prescription"}

    told = under(sqlite_world, ends)
    rx = told.prescribed()
    told.clock.advance(timedelta(days=1))
    given = told.authorized(rx)
    assert given.is_allowed, given.decision.codes
    late = told.authorized(told.prescribed())
    assert late.decision.codes[0] == "POLICY_NOT_IN_FORCE"


def test_an_agreement_without_a_programme_is_not_taken(sqlite_world: World) -> None:
    own = sqlite_world.patient()
    for programme, code in (("", "PROGRAMME_MISSING"), ("us/unheard-of", "PROGRAMME_UNKNOWN")):
        with pytest.raises(Invalid) as refused:
            sqlite_world.say(sqlite_world.prescriber, own, "survey", whose="patient", programme=programme)
        assert (refused.value.code, refused.value.field) == (code, "fact.programme")


def test_a_supply_of_another_medicine_leaves_a_first_supply_the_first(sqlite_world: World) -> None:
    world = sqlite_world
    _, done = world.dispensed("adult_frp")
    policy = load_catalogue().get(PROGRAMME, done.decision.at)
    other = replace(policy, products=frozenset({"another"}))
    patient = world.patient_of(done.decision.request.prescription)
    with world.app.db.read() as uow:
        record = load(uow, patient)
    at = world.clock.now() + timedelta(hours=1)
    assert len(record.as_of(at, policy.scope).course) == 1  # type: ignore[arg-type]
    assert record.as_of(at, other.scope).course == ()  # type: ignore[arg-type]


def test_nobody_records_the_view_of_another_reviewer(sqlite_world: World) -> None:
    world = sqlite_world
    own = world.enrolled()
    mine = world.say(world.prescriber, own, "independent_review", reviewer=world.prescriber.id, supports=True)
    assert mine.fact.kind == "independent_review"
    with pytest.raises(NotPermitted) as refused:
        world.say(world.prescriber, own, "independent_review", reviewer=world.colleague.id, supports=True)
    assert refused.value.code == "NOT_THE_REVIEWER"


def test_a_reaction_to_a_misspelt_medicine_is_not_taken(sqlite_world: World) -> None:
    own = sqlite_world.enrolled()
    with pytest.raises(Invalid) as refused:
        sqlite_world.say(sqlite_world.prescriber, own, "adverse_reaction", reaction="dress", product="Lenalidomide")
    assert (refused.value.code, refused.value.field) == ("PRODUCT_UNKNOWN", "fact.product")
    assert (
        sqlite_world.say(
            sqlite_world.prescriber, own, "adverse_reaction", reaction="dress", product="lenalidomide"
        ).fact.kind
        == "adverse_reaction"
    )
