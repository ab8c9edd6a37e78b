"""A request sent again over HTTP gets its first answer; a key is never used for two things."""

import threading
from typing import Any

import pytest

from compliance.api.operations import OPERATIONS, PREFIX, Key, Operation
from tests.api.caller import Caller, Site
from tests.api.conforming import conforms
from tests.api.samples import body_schemas, good
from tests.services.world import PROGRAMME

SURVEY = {"fact": "survey", "whose": "patient", "programme": PROGRAMME}

REPLAYED = "Idempotency-Replayed"


def acts(api: Site) -> list[tuple[str, Caller, str, Any]]:
    """Every operation under a key once, in an order in which each is done, with the body that does it."""
    world = api.world
    clinic, colleague, pharmacy = (api.of(who) for who in (world.prescriber, world.colleague, world.pharmacist))
    patient = world.enrolled()
    survey = world.say(world.prescriber, patient, "survey", whose="patient").fact.id
    rx = world.prescribed(patient=patient)
    _, dispensed = world.dispensed()
    confirmed, _ = world.confirmed()
    waiting = world.authorized().number
    named = {"family_name": "Okoye", "given_name": "Ben", "birth_date": "1980-01-02"}
    prescription = good(body_schemas(of("prescribe"))[0]) | {"product": "lenalidomide"}
    del prescription["at"]
    held_patient = world.enrolled()
    of_hold = world.say(world.prescriber, held_patient, "report", what="pregnancy").fact.id
    return [
        ("register_patient", clinic, "/patients", named),
        ("record_fact", clinic, f"/patients/{patient}/facts", SURVEY),
        ("correct_fact", clinic, f"/patients/{patient}/facts/{survey}/correction",
         {"replacement": None, "reason": "Another patient."}),
        ("prescribe", clinic, f"/patients/{patient}/prescriptions", prescription),
        ("review_hold", colleague, f"/patients/{held_patient}/hold-reviews",
         {"of": of_hold, "outcome": "lift", "reason": "Excluded."}),
        ("ask_for_a_decision", clinic, f"/prescriptions/{rx}/decision", {"step": "authorize"}),
        ("authorize", clinic, f"/prescriptions/{rx}/authorization", {}),
        ("confirm", pharmacy, f"/authorizations/{waiting}/confirmation", {}),
        ("dispense", pharmacy, f"/authorizations/{confirmed}/dispense", {"handover": "in_person"}),
        ("reverse", pharmacy, f"/dispenses/{dispensed.fact}/reversal", {"reason": "Never collected."}),
        ("return_to_stock", pharmacy, f"/returns-to-stock/{waiting}", {"reason": "Not collected."}),
    ]  # fmt: skip


def of(name: str) -> Operation:
    return next(operation for operation in OPERATIONS if operation.name == name)


def changed(operation: Operation, body: dict[str, Any]) -> dict[str, Any] | None:
    """Another good body for the same operation; None where there is only one."""
    others: dict[str, dict[str, Any]] = {
        "record_fact": {"whose": "prescriber"},
        "prescribe": {"refills": 2},
        "ask_for_a_decision": {"step": "confirm"},
        "dispense": {"handover": "shipped"},
        "register_patient": {"given_name": "Bea"},
    }
    other = others.get(operation.name, {"reason": "Another reason."} if "reason" in body else None)
    return None if other is None else body | other


def test_every_act_sent_again_is_answered_again_and_done_once(api: Site) -> None:
    tried = acts(api)
    assert [name for name, *_ in tried] == [o.name for o in OPERATIONS if o.key is not Key.NONE]
    for name, caller, path, body in tried:
        operation = of(name)
        first = caller.post(path, body, once=f"key-{name}")
        assert first.status_code == operation.status, first.text
        conforms(first, "POST", operation.template.removeprefix(PREFIX))
        rows = api.rows()
        again = caller.post(path, body, once=f"key-{name}")
        assert again.status_code == first.status_code
        assert (first.headers.get(REPLAYED), again.headers.get(REPLAYED)) == (None, "true")
        assert proven(again.get_json()) == proven(first.get_json())
        assert api.rows() == rows
        other = changed(operation, body)
        if other is not None:
            clash = caller.post(path, other, once=f"key-{name}")
            problem = conforms(clash, "POST", operation.template.removeprefix(PREFIX))
            assert (clash.status_code, problem["code"]) == (409, "IDEMPOTENCY_KEY_REUSED")
            assert [fault["pointer"] for fault in problem["errors"]] == ["Idempotency-Key"]
            assert api.rows() == rows


def proven(body: dict[str, Any]) -> dict[str, Any]:
    """An answer without the checkpoint in its receipt, which is the newest and not the first."""
    return body | {"receipt": body["receipt"].splitlines()[:2]} if "receipt" in body else body


def test_a_key_used_for_another_operation_is_refused(api: Site) -> None:
    clinic = api.of(api.world.prescriber)
    rx = api.world.prescribed()
    assert clinic.post(f"/prescriptions/{rx}/decision", {"step": "authorize"}, once="k").status_code == 200
    rows = api.rows()
    response = clinic.post(f"/prescriptions/{rx}/authorization", {}, once="k")
    assert (response.status_code, response.get_json()["code"]) == (409, "IDEMPOTENCY_KEY_REUSED")
    assert api.rows() == rows


def test_keys_of_two_people_do_not_meet(api: Site) -> None:
    named = {"family_name": "Okoye", "given_name": "Ben", "birth_date": "1980-01-02"}
    mine, theirs = (
        api.of(who).post("/patients", named, once="k").get_json()["id"]
        for who in (api.world.prescriber, api.world.colleague)
    )
    assert mine != theirs


@pytest.mark.parametrize("operation", [o for o in OPERATIONS if o.key is Key.REQUIRED], ids=lambda o: o.name)
def test_an_act_that_needs_a_key_is_refused_without_one(api: Site, operation: Operation) -> None:
    headers = {"Authorization": api.of(api.world.prescriber).headers()["Authorization"]}
    path = operation.template.replace("{", "").replace("}", "")
    before = api.rows()
    response = api.flask.test_client().post(path, json=good(body_schemas(operation)[0]), headers=headers)
    body = conforms(response, "POST", operation.template.removeprefix(PREFIX))
    assert (response.status_code, body["code"]) == (400, "IDEMPOTENCY_KEY_MISSING")
    assert [fault["pointer"] for fault in body["errors"]] == ["Idempotency-Key"]
    assert api.rows() == before


def test_without_a_key_where_none_is_needed_each_request_is_a_new_act(api: Site) -> None:
    headers = {"Authorization": api.of(api.world.prescriber).headers()["Authorization"]}
    named = {"family_name": "Okoye", "given_name": "Ben", "birth_date": "1980-01-02"}
    client = api.flask.test_client()
    made = [client.post(f"{PREFIX}/patients", json=named, headers=headers).get_json()["id"] for _ in range(2)]
    assert made[0] != made[1]


def test_a_refusal_is_answered_again_although_it_would_now_be_allowed(api: Site) -> None:
    number = api.world.authorized().number
    pharmacy = api.of(api.world.pharmacist)
    path = f"/authorizations/{number}/dispense"
    first = pharmacy.post(path, {"handover": "in_person"}, once="d").get_json()
    assert (first["allowed"], first["number"]) == (False, "")
    assert "CONFIRMATION_MISSING" in first["decision"]["codes"]
    assert pharmacy.post(f"/authorizations/{number}/confirmation", {}).get_json()["allowed"]
    again = pharmacy.post(path, {"handover": "in_person"}, once="d").get_json()
    assert proven(again) == proven(first)


def test_the_same_request_sent_eight_times_at_once_is_done_once(api_on_both: Site) -> None:
    api = api_on_both
    rx = api.world.prescribed()
    caller = api.of(api.world.prescriber)
    barrier = threading.Barrier(8)
    answers: list[tuple[int, Any]] = []

    def send() -> None:
        client = api.flask.test_client()
        headers = caller.headers("the-same")
        barrier.wait()
        response = client.post(f"{PREFIX}/prescriptions/{rx}/authorization", json={}, headers=headers)
        answers.append((response.status_code, response.get_json()))

    threads = [threading.Thread(target=send) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [status for status, _ in answers] == [200] * 8
    assert {body["allowed"] for _, body in answers} == {True}
    assert len({(body["number"], body["fact"], body["transaction"]) for _, body in answers}) == 1
    assert api.rows()["authorization"] == 1


def test_news_of_a_pregnancy_is_taken_even_with_a_key_that_cannot_be_read(api_on_both: Site) -> None:
    api = api_on_both
    patient = api.world.enrolled("adult_frp")
    caller = api.of(api.world.prescriber)
    answer = caller.post(f"/patients/{patient}/facts", {"fact": "report", "what": "pregnancy"}, once="x" * 200)
    assert (answer.status_code, answer.get_json()["held"]) == (201, True)
    other = caller.post(f"/patients/{patient}/facts", SURVEY, once="x" * 200)
    assert (other.status_code, other.get_json()["code"]) == (400, "IDEMPOTENCY_KEY_UNREADABLE")
