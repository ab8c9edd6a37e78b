"""News of a pregnancy outranks everything: taken from anybody, in any form, it stops everything at once."""

from datetime import date, timedelta

import pytest

from compliance.domain.access import Role
from compliance.domain.facts import CertifiedRole, Handover, Report, ReviewOutcome
from compliance.services import authorizing, certifying, dispensing, facts, holds, patients
from compliance.services.errors import Conflict, Invalid, NotFound, NotPermitted
from compliance.storage import states
from tests.services.world import OPERATOR, PROGRAMME, World

POSITIVE = {"fact": "pregnancy_test", "result": "positive"}


def live(world: World, patient: str) -> int:
    with world.app.db.read() as uow:
        authorizations, confirmations = states.live_of_patient(uow, patient)
    return len(authorizations) + len(confirmations)


def test_a_positive_test_voids_everything_live_at_all_sites_in_one_entry(world: World) -> None:
    number, confirmed = world.confirmed("adult_frp")
    own = dispensing.look_up(world.app, world.pharmacist, number).patient.id
    second = world.prescribed("adult_frp", own)
    other = world.authorized(second)
    assert live(world, own) == 3
    before = len(world.entries())
    recorded = world.test(own, timedelta(minutes=5), "positive")
    assert recorded.held
    assert sorted(recorded.voided) == sorted([number, other.number, confirmed.number])
    assert live(world, own) == 0
    entry = world.newest()
    assert (entry["type"], entry["outcome"], len(world.entries()) - before) == ("fact.recorded", "held", 1)
    kinds = [view.plain["fact"] for view in patients.get_patient(world.app, world.prescriber, own).facts[:5]]
    assert sorted(kinds) == sorted(
        ["pregnancy_test", "hold", "authorization_void", "authorization_void", "confirmation_void"]
    )


def test_after_a_positive_test_no_step_is_allowed(world: World) -> None:
    number, _ = world.confirmed("adult_frp")
    own = dispensing.look_up(world.app, world.pharmacist, number).patient.id
    world.test(own, timedelta(minutes=5), "positive")
    refused = dispensing.dispense(world.app, world.pharmacist, number, Handover.IN_PERSON)
    assert "HELD_POSITIVE_TEST" in refused.decision.codes
    assert "AUTHORIZATION_VOIDED" in refused.decision.codes
    world.test(own, timedelta(minutes=1), "negative", specimen="S-later")
    again = world.authorized(world.prescribed("adult_frp", own))
    assert "HELD_POSITIVE_TEST" in again.decision.codes


@pytest.mark.parametrize("who", ["pharmacist", "other_pharmacist", "other_prescriber", "auditor"])
def test_anybody_who_can_name_the_patient_may_bring_the_news(sqlite_world: World, who: str) -> None:
    world = sqlite_world
    number = world.authorized(world.prescribed("adult_frp")).number
    recorded = facts.record_fact(world.app, getattr(world, who), number, {"fact": "report", "what": "pregnancy"})
    assert (recorded.held, recorded.voided) == (True, (number,))


def test_the_news_is_taken_from_somebody_whose_certification_was_revoked(world: World) -> None:
    number = world.authorized(world.prescribed("adult_frp")).number
    certifying.revoke(world.app, OPERATOR, world.pharmacist.id, CertifiedRole.PHARMACIST, "training lapsed", PROGRAMME)
    assert facts.record_fact(world.app, world.pharmacist, number, POSITIVE).voided == (number,)


@pytest.mark.parametrize(
    "told",
    [
        POSITIVE,
        {**POSITIVE, "at": "tomorrow", "specimen": ""},
        {**POSITIVE, "at": "2031-01-01T00:00:00Z", "colour": "blue"},
        {"fact": "report", "what": "pregnancy", "at": "2031-01-01T00:00:00Z"},
        {**POSITIVE, "id": "mine", "actor": "somebody"},
    ],
)
def test_unreadable_details_never_turn_the_news_away(sqlite_world: World, told: dict[str, object]) -> None:
    world = sqlite_world
    number = world.authorized(world.prescribed("adult_frp")).number
    recorded = facts.record_fact(world.app, world.prescriber, number, told)
    assert (recorded.held, recorded.voided) == (True, (number,))
    assert isinstance(recorded.fact, Report)
    assert recorded.fact.actor == world.prescriber.id
    assert "told without readable details" in recorded.fact.reason


def test_the_news_about_a_patient_nobody_knows_is_not_found(sqlite_world: World) -> None:
    own = sqlite_world.patient()
    for name in (own, "p_nobody", "2222-2222-2222-2"):
        with pytest.raises(NotFound):
            facts.record_fact(sqlite_world.app, sqlite_world.auditor, name, POSITIVE)


def test_correcting_a_negative_to_a_positive_stops_everything_too(world: World) -> None:
    prescription = world.prescribed("adult_frp")
    own, number = world.patient_of(prescription), world.authorized(prescription).number
    seen = patients.get_patient(world.app, world.prescriber, own).facts
    wrong = next(view.plain for view in seen if view.plain["fact"] == "pregnancy_test")
    right = {n: v for n, v in wrong.items() if n not in ("id", "recorded_at", "actor")} | {"result": "positive"}
    corrected = facts.correct_fact(world.app, world.prescriber, own, wrong["id"], right, "misread")
    assert (corrected.held, corrected.voided, corrected.fact.corrects) == (True, (number,), wrong["id"])


def test_retracting_a_positive_test_lifts_nothing(world: World) -> None:
    prescription = world.prescribed("adult_frp")
    own = world.patient_of(prescription)
    positive = world.test(own, timedelta(minutes=5), "positive").fact
    facts.correct_fact(world.app, world.prescriber, own, positive.id, None, "wrong patient")
    assert "HELD_POSITIVE_TEST" in world.authorized(prescription).decision.codes
    with pytest.raises(Conflict, match="corrected already"):
        facts.correct_fact(world.app, world.prescriber, own, positive.id, None, "again")


def test_two_clinicians_lift_a_hold_and_one_does_not(world: World) -> None:
    prescription = world.prescribed("adult_male")
    own = world.patient_of(prescription)
    report = world.say(world.prescriber, own, "report", what="pregnancy").fact
    for reviewer, is_allowed in (
        (world.prescriber, False),
        (world.prescriber, False),
        (world.colleague, True),
    ):
        holds.review_hold(world.app, reviewer, own, report.id, ReviewOutcome.LIFT, "another patient's letter")
        world.clock.advance(timedelta(minutes=1))
        assert world.authorized(prescription).is_allowed is is_allowed
    shown = patients.get_patient(world.app, world.prescriber, own)
    assert shown.causes == ()


def test_a_pharmacist_may_hold_and_may_not_review(world: World) -> None:
    number = world.authorized(world.prescribed()).number
    placed = holds.place_hold(world.app, world.pharmacist, number, "called by the partner")
    refused = dispensing.confirm(world.app, world.pharmacist, number)
    assert refused.decision.codes == ("HELD",)
    with pytest.raises(NotPermitted):
        holds.review_hold(world.app, world.pharmacist, number, placed.id, ReviewOutcome.LIFT, "settled")
    with pytest.raises(NotFound):
        holds.review_hold(world.app, world.prescriber, number, "f_other", ReviewOutcome.LIFT, "settled")


def test_a_dispense_reversed_after_the_news_gives_no_authorization_back(world: World) -> None:
    number, supplied = world.dispensed("adult_frp")
    own = dispensing.look_up(world.app, world.pharmacist, number).patient.id
    world.test(own, timedelta(minutes=1), "positive")
    dispensing.reverse(world.app, world.pharmacist, supplied.fact, "not collected")
    assert live(world, own) == 0


def test_a_revoked_certification_counts_at_once(world: World) -> None:
    number, _ = world.confirmed()
    certifying.revoke(
        world.app, OPERATOR, world.prescriber.id, CertifiedRole.PRESCRIBER, "programme rules broken", PROGRAMME
    )
    refused = dispensing.dispense(world.app, world.pharmacist, number, Handover.IN_PERSON)
    assert refused.decision.codes == ("CERTIFICATION_REVOKED",)
    world.clock.advance(timedelta(seconds=1))
    certifying.certify(world.app, OPERATOR, world.prescriber.id, CertifiedRole.PRESCRIBER, date(2027, 1, 1), PROGRAMME)
    assert dispensing.dispense(world.app, world.pharmacist, number, Handover.IN_PERSON).is_allowed


def test_only_the_right_people_are_certified(sqlite_world: World) -> None:
    world, until = sqlite_world, date(2027, 1, 1)
    for subject, role in (
        (world.prescriber.id, CertifiedRole.PHARMACIST),
        (world.prescriber.site, CertifiedRole.PHARMACY),
        ("u_nobody", CertifiedRole.PRESCRIBER),
    ):
        with pytest.raises(NotFound):
            certifying.certify(world.app, OPERATOR, subject, role, until, PROGRAMME)
    with pytest.raises(Conflict, match="no certification"):
        certifying.revoke(world.app, OPERATOR, _auditable(world), CertifiedRole.PRESCRIBER, "never had one", PROGRAMME)
    with pytest.raises(NotPermitted):
        certifying.certify(world.app, world.prescriber, world.prescriber.id, CertifiedRole.PRESCRIBER, until, PROGRAMME)
    standing = {
        (view.name, view.role.value): view.state for view in certifying.list_certifications(world.app, OPERATOR)
    }
    assert standing[("Oak Pharmacy", "pharmacy")] == "certified"


def _auditable(world: World) -> str:
    from compliance.services import accounts

    return accounts.add_user(
        world.app, OPERATOR, username="new", name="New", role=Role.PRESCRIBER, site=world.prescriber.site,
        password="another long password",
    ).id  # fmt: skip


def test_a_role_states_only_what_is_its_to_state(sqlite_world: World) -> None:
    world = sqlite_world
    prescription = world.prescribed()
    own, number = world.patient_of(prescription), world.authorized(prescription).number
    for who, name, fact, members in (
        (world.pharmacist, number, "cycle", {"regularity": "regular"}),
        (world.pharmacist, number, "counselling", {"by": "prescriber", "topics": ["contraception"]}),
        (world.pharmacist, number, "survey", {"whose": "prescriber", "prescription": prescription}),
        (world.prescriber, own, "counselling", {"by": "pharmacist", "topics": ["contraception"]}),
        (world.prescriber, own, "material", {"item": "medication_guide", "prescription": prescription}),
        (
            world.prescriber,
            own,
            "authorization",
            {"number": "x", "prescription": prescription, "category": "adult_male"},
        ),
        (world.prescriber, own, "hold", {}),
        (world.auditor, number, "cycle", {"regularity": "regular"}),
    ):
        with pytest.raises(NotPermitted):
            world.say(who, name, fact, **members)
    with pytest.raises(NotPermitted):
        authorizing.authorize(world.app, world.auditor, prescription)


def test_confirmations_of_two_pharmacies_end_together(world: World) -> None:
    number, here = world.confirmed("adult_frp")
    own = dispensing.look_up(world.app, world.pharmacist, number).patient.id
    other = world.authorized(world.prescribed("adult_frp", own)).number
    there = dispensing.confirm(world.app, world.other_pharmacist, other)
    assert there.is_allowed
    recorded = facts.record_fact(world.app, OPERATOR, number, POSITIVE)
    assert sorted(recorded.voided) == sorted([number, other, here.number, there.number])
    for who, name in ((world.pharmacist, number), (world.other_pharmacist, other)):
        refused = dispensing.dispense(world.app, who, name, Handover.IN_PERSON)
        assert not refused.is_allowed
        assert refused.number == ""


def test_one_clinician_who_keeps_a_hold_outweighs_two_who_would_lift_it(world: World) -> None:
    prescription = world.prescribed("adult_male")
    own = world.patient_of(prescription)
    report = world.say(world.prescriber, own, "report", what="pregnancy").fact
    for reviewer, outcome in (
        (world.prescriber, ReviewOutcome.LIFT),
        (world.colleague, ReviewOutcome.LIFT),
        (world.other_prescriber, ReviewOutcome.KEEP),
    ):
        holds.review_hold(world.app, reviewer, prescription, report.id, outcome, "as discussed")
    assert world.authorized(prescription).decision.codes == ("HELD_PREGNANCY_REPORT",)
    shown = patients.get_patient(world.app, world.prescriber, own)
    assert [cause.plain["id"] for cause in shown.causes] == [report.id]


def test_a_lifted_hold_does_not_answer_for_the_next_positive_test(world: World) -> None:
    prescription = world.prescribed("adult_frp")
    own = world.patient_of(prescription)
    first = world.test(own, timedelta(minutes=5), "positive").fact
    for reviewer in (world.prescriber, world.colleague):
        holds.review_hold(world.app, reviewer, own, first.id, ReviewOutcome.LIFT, "another patient's specimen")
    world.test(own, timedelta(minutes=2), "positive", specimen="S-second")
    assert "HELD_POSITIVE_TEST" in world.authorized(prescription).decision.codes


@pytest.mark.parametrize("key", ["used", "no\nkey", "x" * 200])
def test_news_of_a_pregnancy_is_taken_whatever_its_key(sqlite_world: World, key: str) -> None:
    world = sqlite_world
    own = world.enrolled("adult_frp")
    facts.record_fact(
        world.app, world.prescriber, own, {"fact": "survey", "whose": "patient", "programme": PROGRAMME}, key="used"
    )
    told = {"fact": "report", "what": "pregnancy"}
    assert facts.record_fact(world.app, world.prescriber, own, told, key=key).held
    with pytest.raises((Conflict, Invalid)):
        facts.record_fact(world.app, world.prescriber, own, {"fact": "survey", "whose": "prescriber"}, key=key)
