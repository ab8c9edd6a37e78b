"""What goes wrong behind the door comes out as a problem that tells nothing of the inside."""

from typing import Any

import pytest

from compliance.services import patients
from compliance.storage.errors import StorageUnavailable
from tests.api.caller import PREFIX, Site
from tests.services.world import PROGRAMME

SURVEY = {"fact": "survey", "whose": "patient", "programme": PROGRAMME}

NAMED = {"family_name": "Okoye", "given_name": "Ben", "birth_date": "1980-01-02"}


def test_a_fault_of_ours_says_nothing_of_the_inside(api: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(*_: Any, **__: Any) -> None:
        raise RuntimeError("secret: the patient is called Ann")

    monkeypatch.setattr(patients, "register_patient", breaks)
    response = api.of(api.world.prescriber).post("/patients", NAMED)
    assert (response.status_code, response.content_type) == (500, "application/problem+json")
    assert response.get_json() == {
        "type": "about:blank",
        "title": "Internal Server Error",
        "status": 500,
        "code": "BROKEN",
        "detail": "a fault of ours; nothing was released on this answer",
        "errors": [],
    }


@pytest.mark.parametrize("place", ["the key", "the idempotency key"])
def test_a_database_that_is_away_is_said_to_be_away(api: Site, monkeypatch: pytest.MonkeyPatch, place: str) -> None:
    from compliance.storage import idempotency, people

    def away(*_: Any) -> None:
        raise StorageUnavailable("the disk is full")

    caller = api.of(api.world.prescriber)
    headers = caller.headers()
    before = api.rows()
    owner, name = (people, "person_by_api_key") if place == "the key" else (idempotency, "find")
    monkeypatch.setattr(owner, name, away)
    response = api.flask.test_client().post(f"{PREFIX}/patients", json=NAMED, headers=headers)
    assert (response.status_code, response.get_json()["code"]) == (503, "STORAGE_UNAVAILABLE")
    assert (response.headers["Retry-After"], "disk" in response.text) == ("30", False)
    assert api.rows() == before


@pytest.mark.parametrize(
    ("body", "pointer", "code"),
    [
        ({**SURVEY, "at": "2026-01-05T15:00:01Z"}, "/at", "RECORDED_BEFORE_IT_HAPPENED"),
        ({**SURVEY, "at": "2199-12-31T00:00:00Z"}, "/at", "RECORDED_BEFORE_IT_HAPPENED"),
        ({**SURVEY, "prescription": "rx_0"}, "/prescription", "PRESCRIPTION_UNKNOWN"),
        ({"fact": "contraception", "methods": [{"method": "male_condom", "since": "2025-01-01"}] * 2},
         "/methods", "METHOD_TWICE"),
    ],
)  # fmt: skip
def test_a_fact_that_cannot_be_is_refused_and_named(api: Site, body: dict[str, Any], pointer: str, code: str) -> None:
    patient = api.world.enrolled()
    caller = api.of(api.world.prescriber)
    before = api.rows()
    response = caller.post(f"/patients/{patient}/facts", body)
    assert response.status_code == 422
    assert [(fault["pointer"], fault["code"]) for fault in response.get_json()["errors"]] == [(pointer, code)]
    assert api.rows() == before


def test_a_correction_is_pointed_to_inside_its_own_body(api: Site) -> None:
    patient = api.world.enrolled()
    wrong = api.world.say(api.world.prescriber, patient, "survey", whose="patient").fact.id
    caller = api.of(api.world.prescriber)
    path = f"/patients/{patient}/facts/{wrong}/correction"
    before = api.rows()
    for replacement, pointer, code in (
        ({"fact": "cycle", "regularity": "regular"}, "/replacement/fact", "KIND_CHANGED"),
        ({**SURVEY, "at": "2027-01-01T00:00:00Z"}, "/replacement/at",
         "RECORDED_BEFORE_IT_HAPPENED"),
        ({**SURVEY, "prescription": "rx_0"}, "/replacement/prescription",
         "PRESCRIPTION_UNKNOWN"),
    ):  # fmt: skip
        response = caller.post(path, {"replacement": replacement, "reason": "Wrong."})
        assert response.status_code == 422, response.text
        assert [(f["pointer"], f["code"]) for f in response.get_json()["errors"]] == [(pointer, code)]
    assert api.rows() == before


@pytest.mark.parametrize(
    ("change", "pointer", "code"),
    [
        ({"product": "aspirin"}, "/product", "PRODUCT_NOT_COVERED"),
        ({"quantity": 0}, "/quantity", "REGIMEN_IMPOSSIBLE"),
        ({"cycle_days": 20}, "/quantity", "REGIMEN_IMPOSSIBLE"),
        ({"at": "2026-06-01T00:00:00Z"}, "/at", "RECORDED_BEFORE_IT_HAPPENED"),
    ],
)
def test_a_prescription_that_cannot_be_is_refused(api: Site, change: dict[str, Any], pointer: str, code: str) -> None:
    body = {"product": "lenalidomide", "category": "adult_male", "channel": "electronic", "quantity": 21,
            "units_per_day": 1, "days_on": 21, "cycle_days": 28, "refills": 0}  # fmt: skip
    patient = api.world.enrolled()
    caller = api.of(api.world.prescriber)
    before = api.rows()
    response = caller.post(f"/patients/{patient}/prescriptions", body | change)
    assert response.status_code == 422
    assert [(fault["pointer"], fault["code"]) for fault in response.get_json()["errors"]] == [(pointer, code)]
    assert api.rows() == before


def test_a_patient_born_tomorrow_or_registered_twice_is_refused(api: Site) -> None:
    caller = api.of(api.world.prescriber)
    known = NAMED | {"external_ids": [{"system": "mrn", "value": "1"}]}
    assert caller.post("/patients", known).status_code == 201
    before = api.rows()
    future = caller.post("/patients", NAMED | {"birth_date": "2026-01-06"})
    assert (future.status_code, future.get_json()["errors"][0]["pointer"]) == (422, "/birth_date")
    twice = caller.post("/patients", known)
    assert (twice.status_code, twice.get_json()["code"]) == (409, "ALREADY_REGISTERED")
    assert api.rows() == before


def test_names_are_kept_composed_and_look_alikes_stay_two_people(api: Site) -> None:
    caller = api.of(api.world.prescriber)
    given = ["Rene\u0301e", "Ann", "\u0410nn", "\uff21\uff2e\uff2e", "  Ann   Marie "]
    made = [caller.post("/patients", NAMED | {"given_name": name}).get_json() for name in given]
    assert [one["given_name"] for one in made] == ["Ren\u00e9e", "Ann", "\u0410nn", "\uff21\uff2e\uff2e", "Ann Marie"]
    assert len({one["id"] for one in made}) == 5


def test_the_longest_names_in_the_widest_letters_are_stored(api_on_both: Site) -> None:
    caller = api_on_both.of(api_on_both.world.prescriber)
    wide = "\U0001f469" * 100
    ids = [{"system": wide, "value": f"{wide[:99]}{number}"} for number in range(8)]
    body = {"family_name": wide, "given_name": wide, "birth_date": "1900-01-01", "external_ids": ids}
    response = caller.post("/patients", body)
    assert (response.status_code, response.get_json()["external_ids"]) == (201, ids)


def test_unreadable_news_of_a_pregnancy_is_taken_from_everybody(api: Site) -> None:
    for who in (api.world.prescriber, api.world.pharmacist, api.world.auditor):
        rx = api.world.prescribed()
        body = {"fact": "pregnancy_test", "result": "positive", "at": "2026-02-30", "a\u0000\u200b": [1, {"b": None}]}
        response = api.of(who).post(f"/patients/{rx}/facts", body)
        told = response.get_json()
        assert (response.status_code, told["held"], told["fact"]["fact"]) == (201, True, "report")
        assert told["fact"]["reason"].startswith("pregnancy_test told without readable details: ")
