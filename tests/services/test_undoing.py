"""What did not happen is undone by a new fact, and what was used up stays used up."""

from datetime import timedelta

import pytest

from compliance.domain.facts import Handover
from compliance.services import dispensing, facts, patients
from compliance.services.errors import Conflict, Invalid, NotFound
from tests.services.world import World


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
