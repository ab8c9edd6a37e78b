"""From registration to the dispense, with a receipt for every step."""

from datetime import timedelta

import pytest

from compliance.domain.facts import Handover, Step
from compliance.ledger.merkle import leaf_hash
from compliance.ledger.note import Verifier
from compliance.ledger.proof import number_from_leaf, verify_receipt
from compliance.services import authorizing, deciding, dispensing, logs, patients, prescriptions
from compliance.services.errors import Conflict, Invalid, NotFound, NotPermitted
from compliance.storage import log_rows
from tests.services.world import REGIMEN, World


@pytest.mark.parametrize("category", ["adult_frp", "adult_male"])
def test_a_patient_in_order_is_supplied(world: World, category: str) -> None:
    number, confirmed = world.confirmed(category)
    supplied = dispensing.dispense(world.app, world.pharmacist, number, Handover.IN_PERSON)
    assert (confirmed.is_allowed, supplied.is_allowed, supplied.decision.codes) == (True, True, ())
    types = [entry["type"] for entry in world.entries()]
    assert types[0] == "log.genesis"
    assert [t for t in types if t.endswith("decision")] == [
        "authorization.decision", "confirmation.decision", "dispense.decision",
    ]  # fmt: skip


def test_every_number_is_that_of_its_entry_and_its_receipt_verifies(world: World) -> None:
    prescription = world.prescribed()
    outcome = world.authorized(prescription)
    with world.app.db.read() as uow:
        leaf = next(
            row.leaf
            for row in log_rows.page(uow, 0, 1000)
            if prescription.encode() in row.leaf and b"allowed" in row.leaf
        )
    assert outcome.number == number_from_leaf(leaf_hash(leaf))
    verified = verify_receipt(outcome.receipt, leaf, Verifier.from_vkey(logs.log_vkey(world.app)))
    assert verified.size == verified.index + 1
    assert logs.get_receipt(world.app, world.prescriber, outcome.number) != ""


def test_a_refusal_names_every_reason_has_no_number_and_is_logged(world: World) -> None:
    own = world.enrolled("adult_frp")
    plain = {
        "product": "lenalidomide",
        "category": "adult_male",
        "channel": "electronic",
        **REGIMEN,
        "refills": 2,
    }
    issued = prescriptions.prescribe(world.app, world.prescriber, own, plain)
    refused = authorizing.authorize(world.app, world.prescriber, issued.id)
    reasons = ("CATEGORY_MISMATCH", "COUNSELLING_MISSING", "PRESCRIBER_SURVEY_MISSING", "REFILLS_NOT_ALLOWED")
    assert (refused.decision.codes, refused.number, refused.fact, refused.is_allowed) == (
        reasons,
        "",
        "",
        False,
    )
    entry = world.newest()
    assert (entry["type"], entry["outcome"], tuple(entry["reasons"])) == (
        "authorization.decision",
        "denied",
        reasons,
    )


def test_an_authorization_is_given_once(world: World) -> None:
    prescription = world.prescribed()
    first, second = world.authorized(prescription), world.authorized(prescription)
    assert (first.is_allowed, second.is_allowed) == (True, False)
    assert second.decision.codes == ("ALREADY_AUTHORIZED",)


def test_an_expired_authorization_gives_way_to_a_new_one(world: World) -> None:
    prescription = world.prescribed()
    first = world.authorized(prescription)
    world.clock.advance(timedelta(days=31))
    second = world.authorized(prescription)
    assert (second.is_allowed, second.number != first.number) == (True, True)
    stale = dispensing.confirm(world.app, world.pharmacist, first.number)
    assert stale.decision.codes == ("AUTHORIZATION_EXPIRED",)
    assert dispensing.confirm(world.app, world.pharmacist, second.number).is_allowed


def test_each_step_decides_afresh(world: World) -> None:
    number, _ = world.confirmed()
    world.clock.advance(timedelta(hours=25))
    late = dispensing.dispense(world.app, world.pharmacist, number, Handover.IN_PERSON)
    assert late.decision.codes == ("CONFIRMATION_EXPIRED",)
    assert dispensing.confirm(world.app, world.pharmacist, number).is_allowed
    assert dispensing.dispense(world.app, world.pharmacist, number, Handover.IN_PERSON).is_allowed


def test_a_confirmation_serves_the_pharmacy_that_obtained_it(world: World) -> None:
    number, _ = world.confirmed()
    elsewhere = dispensing.dispense(world.app, world.other_pharmacist, number, Handover.IN_PERSON)
    assert elsewhere.decision.codes == ("CONFIRMATION_ELSEWHERE",)


def test_a_prescription_is_dispensed_once(world: World) -> None:
    number, _ = world.dispensed()
    again = dispensing.dispense(world.app, world.pharmacist, number, Handover.IN_PERSON)
    assert "ALREADY_DISPENSED" in again.decision.codes
    assert again.number == ""


def test_only_the_prescriber_has_a_prescription_authorized(world: World) -> None:
    prescription = world.prescribed()
    with pytest.raises(NotPermitted, match="only the prescriber") as refusal:
        authorizing.authorize(world.app, world.colleague, prescription)
    assert refusal.value.code == "NOT_THE_PRESCRIBER"
    with pytest.raises(NotPermitted):
        authorizing.authorize(world.app, world.pharmacist, prescription)


def test_a_voided_authorization_takes_its_confirmation_with_it(world: World) -> None:
    number, confirmed = world.confirmed()
    voided = authorizing.void_authorization(world.app, world.prescriber, number, "dose changed")
    assert voided.numbers == (number, confirmed.number)
    refused = dispensing.dispense(world.app, world.pharmacist, number, Handover.IN_PERSON)
    assert refused.decision.codes == ("AUTHORIZATION_VOIDED", "CONFIRMATION_VOIDED")
    with pytest.raises(Conflict, match="ended or was used"):
        authorizing.void_authorization(world.app, world.prescriber, number, "again")


def test_another_site_learns_nothing_of_a_patient(world: World) -> None:
    own = world.patient()
    for name in (own, "p_nobody"):
        with pytest.raises(NotFound) as refusal:
            patients.get_patient(world.app, world.other_prescriber, name)
        assert str(refusal.value) == "there is no such patient; check the number or id"


def test_looking_up_a_number_shows_two_identifiers_and_the_verdict(world: World) -> None:
    prescription = world.prescribed()
    number = world.authorized(prescription).number
    shown = dispensing.look_up(world.app, world.pharmacist, f" {number.lower().replace('-', ' ')} ")
    assert (shown.patient.family_name, shown.patient.birth_date.isoformat()) == ("Okoye", "1990-05-17")
    assert (shown.prescription.state, shown.prescription.next_step) == ("authorized", Step.CONFIRM)
    assert shown.decision is not None
    assert (shown.decision.is_allowed, shown.prescriber_name) == (True, "Prescriber")
    assert world.newest()["type"] == "record.read"


def test_a_number_nobody_gave_is_not_found(world: World) -> None:
    for number in ("2222-2222-2222-2", "not a number", ""):
        with pytest.raises(NotFound):
            dispensing.confirm(world.app, world.pharmacist, number)


def test_asking_is_logged_and_previewing_is_not(world: World) -> None:
    prescription = world.prescribed()
    before = len(world.entries())
    assert deciding.preview(world.app, world.prescriber, Step.AUTHORIZE, prescription).is_allowed
    assert len(world.entries()) == before
    asked = deciding.ask(world.app, world.prescriber, Step.CONFIRM, prescription)
    assert asked.decision.codes == ("CERTIFICATION_MISSING", "CERTIFICATION_MISSING", "AUTHORIZATION_MISSING")
    assert world.newest()["type"] == "decision.asked"


def test_a_product_of_no_programme_is_not_prescribed(world: World) -> None:
    own = world.patient()
    with pytest.raises(Invalid) as refusal:
        prescriptions.prescribe(
            world.app, world.prescriber, own,
            {"product": "aspirin", "category": "adult_male", "channel": "electronic", **REGIMEN},
        )  # fmt: skip
    assert refusal.value.code == "PRODUCT_NOT_COVERED"
    with pytest.raises(Invalid) as refusal:
        prescriptions.prescribe(world.app, world.prescriber, own, {"prescriber": "u_other"})
    assert refusal.value.code == "SET_HERE"


def test_the_page_of_a_patient_shows_how_far_each_prescription_has_come(world: World) -> None:
    number, supplied = world.dispensed()
    own = dispensing.look_up(world.app, world.pharmacist, number).patient.id
    world.prescribed(patient=own)
    shown = patients.get_patient(world.app, world.prescriber, own)
    assert [state.state for state in shown.prescriptions] == ["issued", "dispensed"]
    assert shown.prescriptions[1].dispense_number == supplied.number
    assert [(step.step, step.decision.is_allowed) for step in shown.next_steps] == [(Step.AUTHORIZE, True)]
    assert [view.who for view in shown.facts if view.plain["fact"] == "dispense"] == ["Pharmacist"]
