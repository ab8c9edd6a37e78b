"""Patients are found by their own site, whatever the spelling, and never identified by a name."""

from datetime import date

import pytest

from compliance.services import patients
from compliance.services.errors import Conflict, Invalid, NotPermitted
from tests.services.world import World


def register(world: World, family: str, given: str, **more: object) -> patients.PatientSummary:
    return patients.register_patient(
        world.app,
        world.prescriber,
        family_name=family,
        given_name=given,
        birth_date=date(1990, 5, 17),
        **more,  # type: ignore[arg-type]
    )


def test_people_find_patients_as_they_type_them(world: World) -> None:
    jose = register(world, "Muñoz Ibáñez", "José", external_ids=[("mrn", "A-77"), ("nhs", "943 476 5919")])
    register(world, "Okoye", "Ann")
    for text in ("munoz", "JOSÉ muñ", "ibanez jose", "A-77", "943 476 5919", jose.id):
        assert [found.id for found in patients.find_patients(world.app, world.prescriber, text)] == [jose.id], text
    assert len(patients.find_patients(world.app, world.prescriber, "1990-05-17")) == 2
    assert len(patients.find_patients(world.app, world.prescriber, "")) == 2
    assert patients.find_patients(world.app, world.prescriber, "%") == []
    assert patients.find_patients(world.app, world.other_prescriber, "munoz") == []
    assert jose.external_ids == (("mrn", "A-77"), ("nhs", "943 476 5919"))


def test_two_patients_of_one_name_are_two_patients(world: World) -> None:
    assert register(world, "Okoye", "Ann").id != register(world, "Okoye", "Ann").id


def test_an_identifier_names_one_patient_of_a_site(world: World) -> None:
    register(world, "Okoye", "Ann", external_ids=[("mrn", "1")])
    with pytest.raises(Conflict) as refusal:
        register(world, "Other", "Ben", external_ids=[("mrn", "1")])
    assert refusal.value.code == "ALREADY_REGISTERED"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"family_name": "A\u200bnn"}, "CONTROL_CHARACTER"),
        ({"given_name": "   "}, "NAME_MISSING"),
        ({"given_name": "x" * 101}, "NAME_MISSING"),
        ({"birth_date": date(2026, 1, 6)}, "BORN_IN_THE_FUTURE"),
        ({"birth_date": date(1800, 1, 6)}, "DATE_IMPLAUSIBLE"),
        ({"external_ids": [("mrn", str(n)) for n in range(9)]}, "TOO_MANY"),
    ],
)
def test_a_registration_in_disorder_is_refused(sqlite_world: World, change: dict[str, object], code: str) -> None:
    form: dict[str, object] = {
        "family_name": "Okoye",
        "given_name": "Ann",
        "birth_date": date(1990, 5, 17),
        **change,
    }
    with pytest.raises(Invalid) as refusal:
        patients.register_patient(sqlite_world.app, sqlite_world.prescriber, **form)  # type: ignore[arg-type]
    assert refusal.value.code == code


def test_a_retried_registration_registers_one_patient(world: World) -> None:
    first, second = (register(world, "Okoye", "Ann", key="r-1") for _ in range(2))
    assert first == second
    assert len(patients.find_patients(world.app, world.prescriber, "okoye")) == 1


def test_names_are_stored_composed(sqlite_world: World) -> None:
    assert register(sqlite_world, "Mun\u0303oz", "  Jo  se ").family_name == "Mu\u00f1oz"


def test_pharmacists_and_auditors_do_not_browse_patients(sqlite_world: World) -> None:
    own = sqlite_world.patient()
    for who in (sqlite_world.pharmacist, sqlite_world.auditor):
        with pytest.raises(NotPermitted):
            patients.find_patients(sqlite_world.app, who, "okoye")
        with pytest.raises(NotPermitted):
            patients.get_patient(sqlite_world.app, who, own)


def test_looking_at_a_patient_is_logged_once_a_quarter_of_an_hour(sqlite_world: World) -> None:
    from datetime import timedelta

    world, own = sqlite_world, sqlite_world.patient()

    def reads() -> int:
        return len([entry for entry in world.entries() if entry["type"] == "record.read"])

    for _ in range(3):
        patients.get_patient(world.app, world.prescriber, own)
    assert reads() == 1
    patients.get_patient(world.app, world.colleague, own)
    world.clock.advance(timedelta(minutes=15))
    patients.get_patient(world.app, world.prescriber, own)
    assert reads() == 3
