"""The whole main job over HTTP, on both engines: from registering a patient to taking the product back."""

from typing import Any

from werkzeug.test import TestResponse

from compliance.domain.wire import write_instant
from tests.api.caller import Caller, Site
from tests.api.conforming import conforms, template_of
from tests.services.world import PHARMACIST_TOPICS, PROGRAMME, REGIMEN

RX = {"product": "lenalidomide", "category": "adult_male", "channel": "electronic", **REGIMEN}
ENROLMENT: dict[str, Any] = {
    "category": "adult_male", "birth_date": "1958-02-26", "patient_signed": True,
    "guardian_signed": False, "prescriber_signed": True, "programme": PROGRAMME,
}  # fmt: skip


def done(response: TestResponse, path: str, status: int) -> Any:
    body = conforms(response, response.request.method, template_of(path))
    assert response.status_code == status, response.text
    return body


def say(caller: Caller, patient: str, fact: str, **members: Any) -> Any:
    path = f"/patients/{patient}/facts"
    return done(caller.post(path, {"fact": fact, **members}), path, 201)


def act(caller: Caller, path: str, body: Any = None) -> Any:
    return done(caller.post(path, body or {}), path, 200)


def prepared(api: Site) -> tuple[str, str]:
    """Register a man by the API and issue a prescription that meets every requirement."""
    clinic = api.of(api.world.prescriber)
    named = {"family_name": "Kowalski", "given_name": "James", "birth_date": "1958-02-26"}
    patient = done(clinic.post("/patients", named), "/patients", 201)["id"]
    say(clinic, patient, "enrolment", **ENROLMENT, prescriber=api.world.prescriber.id)
    say(clinic, patient, "contraception", methods=[{"method": "male_condom", "since": "2025-06-01"}])
    topics = ["benefits_and_risks", "boxed_warning", "survey_duty"]
    say(clinic, patient, "counselling", by="prescriber", topics=topics, programme=PROGRAMME)
    path = f"/patients/{patient}/prescriptions"
    rx = done(clinic.post(path, RX), path, 201)["id"]
    topics = ["contraception", "emergency_contraception"]
    say(clinic, patient, "counselling", by="prescriber", topics=topics, prescription=rx)
    return patient, rx


def test_a_supply_goes_its_whole_way_over_http(api_on_both: Site) -> None:
    api = api_on_both
    clinic, pharmacy = api.of(api.world.prescriber), api.of(api.world.pharmacist)
    patient, rx = prepared(api)

    refused = act(clinic, f"/prescriptions/{rx}/authorization")
    assert (refused["allowed"], refused["number"], refused["fact"], refused["ends_at"]) == (False, "", "", None)
    assert refused["decision"]["codes"] == ["PRESCRIBER_SURVEY_MISSING"]
    missing = next(f for f in refused["decision"]["findings"] if not f["is_met"])
    assert missing == {
        "requirement": "prescriber-survey",
        "text": "The prescriber's survey is complete for this prescription.",
        "is_met": False,
        "refers": False,
        "code": "PRESCRIBER_SURVEY_MISSING",
        "sentence": "The prescriber's survey for this prescription is missing.",
        "mender": "prescriber",
        "next_step": "Complete the prescriber survey.",
        "evidence": [],
        "until": None,
        "opens": "by_a_new_fact",
        "opens_at": refused["decision"]["at"],
        "source": "family#survey",
        "confidence": "primary",
    }

    say(clinic, patient, "survey", whose="prescriber", prescription=rx)
    path = f"/prescriptions/{rx}/decision"
    asked = done(clinic.post(path, {"step": "authorize"}), path, 200)
    assert (asked["allowed"], asked["decision"]["codes"]) == (True, [])
    allowed = act(clinic, f"/prescriptions/{rx}/authorization")
    assert (allowed["allowed"], allowed["decision"]["valid_until"]) == (
        True,
        asked["decision"]["valid_until"],
    )
    number = allowed["number"]

    seen = done(pharmacy.get(f"/authorizations/{number}"), f"/authorizations/{number}", 200)
    assert seen["patient"]["birth_date"] == "1958-02-26"
    assert (seen["prescription"]["state"], seen["prescription"]["next_step"]) == ("authorized", "confirm")
    assert (seen["prescriber_name"], seen["decision"]["allowed"]) == ("Prescriber", True)
    confirmed = act(pharmacy, f"/authorizations/{number}/confirmation")
    assert confirmed["allowed"]

    early = act(pharmacy, f"/authorizations/{number}/dispense", {"handover": "in_person"})
    assert early["decision"]["codes"] == [
        "PHARMACY_COUNSELLING_MISSING",
        "MATERIAL_MISSING",
        "MATERIAL_MISSING",
    ]
    say(pharmacy, number, "counselling", by="pharmacist", topics=PHARMACIST_TOPICS, prescription=rx)
    for item in ("counselling_checklist", "medication_guide"):
        say(pharmacy, number, "material", item=item, prescription=rx)
    dispensed = act(pharmacy, f"/authorizations/{number}/dispense", {"handover": "in_person"})
    assert dispensed["allowed"]

    receipt = done(pharmacy.get(f"/receipts/{dispensed['number']}"), f"/receipts/{dispensed['number']}", 200)
    assert receipt["receipt"].startswith(dispensed["receipt"].partition("\n")[0])
    path = f"/dispenses/{dispensed['fact']}/reversal"
    undone = done(pharmacy.post(path, {"reason": "Never collected."}), path, 201)
    assert (undone["fact"], undone["dispense"]) == ("reversal", dispensed["fact"])
    assert act(pharmacy, f"/authorizations/{number}/confirmation")["allowed"]
    path = f"/returns-to-stock/{number}"
    back = done(pharmacy.post(path, {"reason": "Not collected again."}), path, 201)
    assert back["fact"] == "return_to_stock"

    path = f"/patients/{patient}/facts"
    known = done(clinic.get(path), path, 200)
    assert known["category"] == "adult_male"
    assert [one["fact"]["fact"] for one in known["facts"]][:3] == [
        "return_to_stock", "confirmation", "confirmation_void",
    ]  # fmt: skip
    assert known["prescriptions"][0]["prescription"]["id"] == rx


def test_news_of_a_pregnancy_stops_everything_from_any_key(api_on_both: Site) -> None:
    api = api_on_both
    number, _ = api.world.confirmed()
    pharmacy = api.of(api.world.pharmacist)
    told = say(pharmacy, number, "pregnancy_test", result="positive", whatever={"else": ["it", 1]})
    assert told["held"] is True
    assert len(told["voided"]) == 2
    blocked = act(pharmacy, f"/authorizations/{number}/dispense", {"handover": "in_person"})
    assert "HELD_PREGNANCY_REPORT" in blocked["decision"]["codes"]

    rx = blocked["decision"]["prescription"]
    patient = api.world.patient_of(rx)
    clinic = api.of(api.world.prescriber)
    cause = done(clinic.get(f"/patients/{patient}/facts"), f"/patients/{patient}/facts", 200)["held_by"][0]
    path = f"/patients/{patient}/hold-reviews"
    for who in (api.world.prescriber, api.world.colleague):
        review = {"of": cause, "outcome": "lift", "reason": "Seen and excluded."}
        assert done(api.of(who).post(path, review), path, 201)["of"] == cause
    assert done(clinic.get(f"/patients/{patient}/facts"), f"/patients/{patient}/facts", 200)["held_by"] == []


def test_a_fact_entered_in_error_is_replaced_or_withdrawn(api: Site) -> None:
    clinic = api.of(api.world.prescriber)
    patient = api.world.patient()
    wrong = say(clinic, patient, "survey", whose="patient", programme=PROGRAMME)["fact"]["id"]
    path = f"/patients/{patient}/facts/{wrong}/correction"
    then = write_instant(api.world.clock.now())
    right = done(
        clinic.post(
            path,
            {
                "replacement": {"fact": "survey", "whose": "patient", "programme": PROGRAMME, "at": then},
                "reason": "Another day.",
            },
        ),
        path,
        201,
    )["fact"]
    assert (right["corrects"], right["reason"]) == (wrong, "Another day.")
    path = f"/patients/{patient}/facts/{right['id']}/correction"
    gone = done(clinic.post(path, {"replacement": None, "reason": "Another patient."}), path, 201)["fact"]
    assert (gone["fact"], gone["corrects"]) == ("retraction", right["id"])
    known = done(clinic.get(f"/patients/{patient}/facts"), f"/patients/{patient}/facts", 200)["facts"]
    assert [(one["fact"]["fact"], one["is_current"]) for one in known] == [
        ("retraction", True), ("survey", False), ("survey", False),
    ]  # fmt: skip


def test_the_policies_are_listed_with_their_requirements(api: Site) -> None:
    listed = done(api.of(api.world.auditor).get("/policies"), "/policies", 200)["policies"]
    assert [(one["id"], one["version"], one["sha256"]) for one in listed] == [
        (one.id, one.version, one.sha256) for one in api.world.app.policies.all()
    ]
    assert all(one["requirements"] for one in listed)
