"""Bundles are read strictly where the programme relies on them, and no file stops the others."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from compliance.demo.fhir import FhirPatient, Unread, Unusable, read_folder, read_patients
from compliance.demo.loading import DATA
from compliance.strict_json import JsonError
from tests.shared import shared

BIRTH_SEX = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-birthsex"
SNOMED = "http://snomed.info/sct"


def patient(**changed: Any) -> dict[str, Any]:
    plain = {
        "resourceType": "Patient",
        "name": [{"use": "official", "family": "Okafor", "given": ["Amara", "C."]}],
        "gender": "female",
        "birthDate": "1988-03-14",
    }
    return {name: value for name, value in (plain | changed).items() if value is not None}


def bundle(*resources: dict[str, Any]) -> bytes:
    entries = [{"resource": resource} for resource in resources]
    return json.dumps({"resourceType": "Bundle", "type": "collection", "entry": entries}).encode()


def read(*resources: dict[str, Any]) -> FhirPatient:
    (found,) = read_patients("one.json", bundle(*resources))
    assert isinstance(found, FhirPatient), found
    return found


def coded(kind: str, code: str, **members: Any) -> dict[str, Any]:
    return {"resourceType": kind, "code": {"coding": [{"system": SNOMED, "code": code}]}, **members}


CONFIRMED = {"coding": [{"code": "confirmed"}]}


def test_a_patient_is_taken_with_what_the_programme_needs_and_nothing_else() -> None:
    mr = {"type": {"coding": [{"code": "MR"}]}, "system": "urn:oid:2.999", "value": "MRN-1"}
    ss = {"type": {"coding": [{"code": "SS"}]}, "system": "urn:oid:2.998", "value": "999-64-5474"}
    said = patient(identifier=[ss, mr], multipleBirthBoolean=False, weight=1.5, unheardOf={"a": [1]})
    assert read(said) == FhirPatient(
        source="one.json", family_name="Okafor", given_name="Amara C.", birth_date=date(1988, 3, 14),
        sex="female", identifiers=(("urn:oid:2.999", "MRN-1"),),
    )  # fmt: skip


def test_a_bare_patient_is_taken_as_well() -> None:
    (found,) = read_patients("one.json", json.dumps(patient()).encode())
    assert found == read(patient())


@pytest.mark.parametrize(
    ("gender", "at_birth", "sex"),
    [
        ("male", "M", "male"),
        ("male", None, "male"),
        ("male", "F", "female"),
        ("male", "UNK", "female"),
        ("female", "M", "female"),
        ("other", None, "female"),
        ("unknown", None, "female"),
        (None, None, "female"),
    ],
)
def test_only_an_uncontradicted_male_is_male(gender: str | None, at_birth: str | None, sex: str) -> None:
    stated = [{"url": BIRTH_SEX, "valueCode": at_birth}] if at_birth else None
    assert read(patient(gender=gender, extension=stated)).sex == sex


@pytest.mark.parametrize(
    ("statement", "basis", "last_menses_on"),
    [
        (coded("Procedure", "236886002", status="completed"), "hysterectomy", None),
        (coded("Procedure", "236886002", status="in-progress"), "", None),
        (coded("Procedure", "287664005", status="completed"), "", None),
        (
            coded("Condition", "289903006", verificationStatus=CONFIRMED, onsetDateTime="2008-05-02"),
            "natural_menopause",
            date(2008, 5, 2),
        ),
        (coded("Condition", "289903006", verificationStatus=CONFIRMED), "", None),
        (coded("Condition", "289903006", onsetDateTime="2008-05-02"), "", None),
        (coded("Condition", "289903006", verificationStatus=CONFIRMED, onsetDateTime="2008"), "", None),
        (coded("Procedure", "236886002", status="completed", subject={"reference": "Patient/p2"}), "", None),
        (
            coded("Procedure", "236886002", status="completed", subject={"reference": "Patient/p1"}),
            "hysterectomy",
            None,
        ),
    ],
)
def test_only_final_statements_are_evidence(statement: dict[str, Any], basis: str, last_menses_on: date | None) -> None:
    said = read(patient(id="p1"), statement)
    assert (said.basis, said.last_menses_on) == (basis, last_menses_on)


def test_a_pregnancy_without_an_end_stands() -> None:
    assert read(patient(), coded("Condition", "72892002")).is_pregnant
    assert read(patient(), coded("Condition", "72892002", subject={"reference": "elsewhere"})).is_pregnant
    assert not read(patient(), coded("Condition", "72892002", abatementDateTime="2020-01-01")).is_pregnant


@pytest.mark.parametrize(
    ("resources", "reason"),
    [
        ([patient(name=[{"text": "Amara"}])], "Patient.name has no family and given name"),
        ([patient(name=None)], "Patient.name has no family and given name"),
        ([patient(gender="femal")], "Patient.gender is none of male, female, other, unknown"),
        ([patient(deceasedDateTime="2020-01-01")], "the patient has died"),
        ([patient(deceasedBoolean=True)], "the patient has died"),
    ],
)
def test_a_patient_who_cannot_be_taken_is_refused_with_the_reason(resources: list[dict[str, Any]], reason: str) -> None:
    assert read_patients("one.json", bundle(*resources)) == [Unread("one.json", reason)]


@pytest.mark.parametrize("birth", ["1988-03", "1988", "1988-02-30", "14.03.1988", "1988-03-14T00:00:00Z"])
def test_a_birth_date_is_whole_or_refused(birth: str) -> None:
    reason = f"Patient.birthDate: write a date as 2026-03-07 (given: {birth})"
    assert read_patients("one.json", bundle(patient(birthDate=birth))) == [Unread("one.json", reason)]


def test_a_birth_date_that_is_missing_is_refused() -> None:
    reason = "Patient.birthDate: write a date as 2026-03-07"
    assert read_patients("one.json", bundle(patient(birthDate=None))) == [Unread("one.json", reason)]


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ({"resourceType": "Bundle", "entry": []}, "holds no Patient resource"),
        ({"resourceType": "Bundle"}, "holds no Patient resource"),
        ({"resourceType": "Bundle", "entry": {}}, "is neither a Bundle nor a Patient"),
        ({"resourceType": "Observation"}, "is neither a Bundle nor a Patient"),
        ({"resourceType": ["Patient"]}, "is neither a Bundle nor a Patient"),
        ([patient()], "is not a FHIR resource"),
    ],
)
def test_a_document_that_is_no_bundle_of_patients_is_refused(document: Any, reason: str) -> None:
    with pytest.raises(Unusable) as caught:
        read_patients("one.json", json.dumps(document).encode())
    assert str(caught.value) == reason


def test_of_several_patients_in_one_bundle_each_is_taken_or_refused_alone() -> None:
    others = [patient(id="p1"), patient(id="p2", birthDate="1961-02-30"), patient(id="p3", gender="male")]
    first, second, third = read_patients("all.json", bundle(*others))
    assert isinstance(first, FhirPatient)
    assert isinstance(third, FhirPatient)
    assert (first.source, first.sex, third.source, third.sex) == (
        "all.json, patient 1", "female", "all.json, patient 3", "male",
    )  # fmt: skip
    refusal = "Patient.birthDate: write a date as 2026-03-07 (given: 1961-02-30)"
    assert second == Unread("all.json, patient 2", refusal)


@pytest.mark.parametrize(
    ("subject", "bases"),
    [
        ({"reference": "Patient/p2"}, ["", "hysterectomy"]),
        ({"reference": "urn:uuid:2"}, ["", "hysterectomy"]),
        ({"reference": "Patient/p9"}, ["", ""]),
        ({"reference": 7}, ["", ""]),
        ("Patient/p2", ["", ""]),
        (None, ["", ""]),
    ],
)
def test_of_several_patients_only_the_one_who_is_named_is_exempted(subject: Any, bases: list[str]) -> None:
    statement = coded("Procedure", "236886002", status="completed", subject=subject)
    entries = [
        {"fullUrl": "urn:uuid:1", "resource": patient(id="p1")},
        {"fullUrl": "urn:uuid:2", "resource": patient(id="p2")},
        {"resource": statement},
    ]
    data = json.dumps({"resourceType": "Bundle", "entry": entries}).encode()
    assert [one.basis for one in read_patients("x", data) if isinstance(one, FhirPatient)] == bases


def test_a_name_that_stands_twice_is_refused() -> None:
    with pytest.raises(JsonError) as caught:
        read_patients("x", b'{"resourceType": "Patient", "gender": "male", "gender": "female"}')
    assert (caught.value.code, caught.value.pointer) == ("JSON_NAME_TWICE", "/gender")


def test_files_that_cannot_be_used_are_named_and_do_not_stop_the_others(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(b"{")
    (tmp_path / "b.json").write_bytes(bundle(patient()))
    (tmp_path / "c.json").write_bytes(bundle(patient(deceasedBoolean=True)))
    (tmp_path / "d.json").mkdir()
    (tmp_path / "e.txt").write_bytes(b"not looked at")
    taken, unread = read_folder(tmp_path)
    assert [one.source for one in taken] == ["b.json"]
    assert unread == [
        Unread(
            "a.json",
            "the document: not JSON at line 1 column 2: Expecting property name enclosed in double quotes",
        ),
        Unread("c.json", "the patient has died"),
        Unread("d.json", "cannot be read: Is a directory"),
    ]


def test_the_committed_set_is_taken_but_for_the_one_who_died() -> None:
    taken, unread = read_folder(DATA)
    assert len(taken) == 15
    assert unread == [Unread("16-obrien.json", "the patient has died")]


def test_the_shared_set_is_taken_whole() -> None:
    taken, unread = read_folder(shared("data", "synthea-patients"))
    assert (len(taken), unread) == (46, [])
    assert sum(one.is_pregnant for one in taken) == 5
    assert {len(one.identifiers) for one in taken} == {1}
