"""What did not happen is undone by a new fact, and what was used up stays used up."""

from datetime import date, timedelta

import pytest

from compliance.domain.facts import CertifiedRole, Handover
from compliance.services import authorizing, certifying, dispensing, facts, patients
from compliance.services.errors import Conflict, Invalid, NotFound, NotPermitted
from tests.services.world import OPERATOR, PROGRAMME, World


def test_a_reversed_dispense_needs_a_new_confirmation(world: World) -> None:
    number, supplied = world.dispensed()
    dispensing.reverse(world.app, world.pharmacist, supplied.fact, "never collected")
    again = dispensing.dispense(world.app, world.pharmacist, number, Handover.IN_PERSON)
    assert again.decision.codes == ("CONFIRMATION_VOIDED",)
    assert dispensing.confirm(world.app, world.pharmacist, number).is_allowed
    assert dispensing.dispense(world.app, world.pharmacist, number, Handover.IN_PERSON).is_allowed
    with pytest.raises(Conflict, match="reversed already"):
        dispensing.reverse(world.app, world.pharmacist, supplied.fact, "again")


def test_product_set_aside_goes_back_and_its_confirmation_ends(world: World) -> None:
    number, _ = world.confirmed()
    dispensing.return_to_stock(world.app, world.pharmacist, number, "patient did not come")
    refused = dispensing.dispense(world.app, world.pharmacist, number, Handover.IN_PERSON)
    assert refused.decision.codes == ("CONFIRMATION_VOIDED",)
    with pytest.raises(NotFound):
        dispensing.return_to_stock(world.app, world.pharmacist, number, "again")


def test_unused_product_of_a_dispense_is_returned_once(world: World) -> None:
    _, supplied = world.dispensed()
    dispensing.return_to_stock(world.app, world.pharmacist, supplied.number, "treatment stopped")
    with pytest.raises(Conflict, match="returned already"):
        dispensing.return_to_stock(world.app, world.pharmacist, supplied.fact, "again")


def test_only_the_pharmacy_that_dispensed_undoes_it(world: World) -> None:
    number, supplied = world.dispensed()
    with pytest.raises(NotFound):
        dispensing.reverse(world.app, world.other_pharmacist, supplied.fact, "not ours")
    with pytest.raises(NotFound):
        dispensing.return_to_stock(world.app, world.other_pharmacist, number, "not ours")


def test_nothing_is_undone_without_a_reason(world: World) -> None:
    _, supplied = world.dispensed()
    with pytest.raises(Invalid) as refusal:
        dispensing.reverse(world.app, world.pharmacist, supplied.fact, "  ")
    assert refusal.value.code == "REASON_MISSING"


def test_a_correction_is_a_new_fact_and_the_old_one_stays(world: World) -> None:
    own = world.enrolled()
    said = world.say(world.prescriber, own, "cycle", regularity="regular").fact
    corrected = facts.correct_fact(
        world.app, world.prescriber, own, said.id, {"fact": "cycle", "regularity": "irregular"}, "misheard"
    )
    assert world.newest()["refs"] == {"fact": corrected.fact.id, "corrects": said.id}
    shown = {view.plain["id"]: view.is_current for view in patients.get_patient(world.app, world.prescriber, own).facts}
    assert (shown[said.id], shown[corrected.fact.id]) == (False, True)
    with pytest.raises(Invalid) as refusal:
        facts.correct_fact(world.app, world.prescriber, own, corrected.fact.id, {"fact": "report"}, "no")
    assert refusal.value.code == "KIND_CHANGED"


def test_facts_of_a_patient_have_one_order_even_within_one_instant(world: World) -> None:
    own = world.patient()
    for regularity in ("regular", "irregular", "none"):
        world.say(world.prescriber, own, "cycle", regularity=regularity)
    shown = patients.get_patient(world.app, world.prescriber, own).facts
    assert [view.plain["regularity"] for view in shown] == ["none", "irregular", "regular"]
    assert len({view.plain["recorded_at"] for view in shown}) == 3


def test_what_the_programme_sets_is_not_taken_from_outside(world: World) -> None:
    own = world.patient()
    for name in ("id", "recorded_at", "actor", "corrects"):
        with pytest.raises(Invalid) as refusal:
            world.say(world.prescriber, own, "cycle", regularity="regular", **{name: "x"})
        assert (refusal.value.code, refusal.value.field) == ("SET_HERE", f"fact.{name}")
    with pytest.raises(Invalid) as refusal:
        world.say(world.prescriber, own, "cycle", regularity="regular", at=timedelta(seconds=-1))
    assert refusal.value.code == "RECORDED_BEFORE_IT_HAPPENED"


def test_a_fact_names_a_prescription_of_its_own_patient(world: World) -> None:
    own, other = world.patient(), world.prescribed()
    with pytest.raises(Invalid) as refusal:
        world.say(world.prescriber, own, "survey", whose="prescriber", prescription=other)
    assert refusal.value.code == "PRESCRIPTION_UNKNOWN"


def test_an_authorization_of_another_site_looks_like_none(world: World) -> None:
    number = world.authorized().number
    said = []
    for name in (number, "2222-2222-2222-2"):
        with pytest.raises(NotFound) as refusal:
            authorizing.void_authorization(world.app, world.other_prescriber, name, "not mine")
        said.append(str(refusal.value))
    assert said[0] == said[1]


def test_a_returned_confirmation_gives_way_to_a_new_one(world: World) -> None:
    number, _ = world.confirmed()
    dispensing.return_to_stock(world.app, world.pharmacist, number, "patient did not come")
    assert dispensing.confirm(world.app, world.other_pharmacist, number).is_allowed
    assert dispensing.dispense(world.app, world.other_pharmacist, number, Handover.IN_PERSON).is_allowed


def test_a_reversed_dispense_takes_no_product_back(world: World) -> None:
    _, supplied = world.dispensed()
    dispensing.reverse(world.app, world.pharmacist, supplied.fact, "never collected")
    with pytest.raises(Conflict, match="reversed already"):
        dispensing.return_to_stock(world.app, world.pharmacist, supplied.fact, "again")


def test_a_confirmation_ends_with_the_authorization_it_stands_on(world: World) -> None:
    number = world.authorized().number
    world.clock.advance(timedelta(days=29, hours=20))
    confirmed = dispensing.confirm(world.app, world.pharmacist, number)
    assert confirmed.ends_at is not None
    assert confirmed.ends_at < world.clock.now() + timedelta(hours=24)


def test_a_fact_nobody_stated_and_one_of_another_profession_are_not_corrected(world: World) -> None:
    prescription = world.prescribed()
    number, own = world.authorized(prescription).number, world.patient_of(prescription)
    with pytest.raises(NotFound):
        facts.correct_fact(world.app, world.prescriber, own, "f_none", None, "why")
    cycle = world.say(world.prescriber, own, "cycle", regularity="regular").fact
    with pytest.raises(NotPermitted):
        facts.correct_fact(world.app, world.pharmacist, number, cycle.id, None, "why")


def test_a_later_certification_outlives_a_revocation_of_the_same_instant(world: World) -> None:
    number, _ = world.confirmed()
    who = world.pharmacist.id
    revoked = certifying.revoke(world.app, OPERATOR, who, CertifiedRole.PHARMACIST, "training lapsed", PROGRAMME)
    again = certifying.certify(world.app, OPERATOR, who, CertifiedRole.PHARMACIST, date(2027, 1, 1), PROGRAMME)
    assert again.recorded_at > revoked.recorded_at
    assert world.newest()["refs"] == {
        "fact": again.id, "subject": who, "role": "pharmacist", "expires_on": "2027-01-01",
        "programme": "us:lenalidomide-rems",
    }  # fmt: skip
    assert dispensing.dispense(world.app, world.pharmacist, number, Handover.IN_PERSON).is_allowed


def test_a_certification_counts_to_the_end_of_its_last_day(world: World) -> None:
    certifying.certify(world.app, OPERATOR, world.prescriber.id, CertifiedRole.PRESCRIBER, date(2026, 1, 6), PROGRAMME)
    number = world.authorized().number
    world.clock.advance(timedelta(days=3))
    assert dispensing.confirm(world.app, world.pharmacist, number).decision.codes == ("CERTIFICATION_EXPIRED",)
    with pytest.raises(Invalid) as refusal:
        certifying.certify(
            world.app, OPERATOR, world.prescriber.id, CertifiedRole.PRESCRIBER, date(2026, 1, 7), PROGRAMME
        )
    assert refusal.value.code == "ALREADY_EXPIRED"
    states = {(v.name, v.state) for v in certifying.list_certifications(world.app, OPERATOR)}
    assert ("Prescriber", "expired") in states
