"""What the API gives out can be proven by anybody with the log's public key, and with nothing of ours."""

import json
from typing import Any

import pytest

from compliance.ledger.errors import LedgerError
from compliance.ledger.merkle import leaf_hash
from compliance.ledger.note import Verifier
from compliance.ledger.proof import number_from_leaf, verify_receipt
from compliance.services import logs
from tests.api.caller import Caller, Site
from tests.api.conforming import conforms


def fetched(caller: Caller, name: str) -> dict[str, Any]:
    response = caller.get(f"/receipts/{name}")
    body: dict[str, Any] = conforms(response, "GET", "/receipts/{number}")
    assert (response.status_code, body["of"]) == (200, name)
    return body


def entry_of(api: Site, proof: dict[str, Any]) -> dict[str, Any]:
    """The entry that a receipt proves, under the key that the log is known by."""
    assert proof["verification_key"] == logs.log_vkey(api.world.app)
    verified = verify_receipt(proof["receipt"], proof["entry"].encode(), Verifier.from_vkey(proof["verification_key"]))
    assert verified.index < verified.size
    entry: dict[str, Any] = json.loads(proof["entry"])
    return entry


def test_the_receipt_of_an_authorization_proves_its_number(api_on_both: Site) -> None:
    api = api_on_both
    clinic = api.of(api.world.prescriber)
    rx = api.world.prescribed()
    allowed = clinic.post(f"/prescriptions/{rx}/authorization", {}).get_json()
    assert allowed["allowed"]
    for name in (allowed["number"], allowed["number"].lower().replace("-", ""), allowed["transaction"]):
        proof = fetched(clinic, name)
        entry = entry_of(api, proof)
        assert (entry["type"], entry["outcome"], entry["txn"]) == (
            "authorization.decision", "allowed", allowed["transaction"],
        )  # fmt: skip
        assert number_from_leaf(leaf_hash(proof["entry"].encode())) == allowed["number"]
    verify_receipt(allowed["receipt"], proof["entry"].encode(), Verifier.from_vkey(proof["verification_key"]))


def test_a_receipt_proves_no_other_entry_and_under_no_other_key(api: Site) -> None:
    clinic = api.of(api.world.prescriber)
    one, two = (fetched(clinic, api.world.authorized().number) for _ in range(2))
    verifier = Verifier.from_vkey(one["verification_key"])
    for receipt, entry in (
        (one["receipt"], two["entry"]),
        (one["receipt"], one["entry"].replace("allowed", "denied")),
        (one["receipt"].replace("index ", "index 1"), one["entry"]),
    ):
        with pytest.raises(LedgerError):
            verify_receipt(receipt, entry.encode(), verifier)


def test_a_refusal_is_a_value_with_all_reasons_and_a_receipt_of_its_own(api: Site) -> None:
    clinic = api.of(api.world.prescriber)
    patient = api.world.patient()
    regimen = {"quantity": 21, "units_per_day": 1, "days_on": 21, "cycle_days": 28, "refills": 2}
    body = {"product": "lenalidomide", "category": "adult_frp", "channel": "electronic", **regimen}
    rx = clinic.post(f"/patients/{patient}/prescriptions", body).get_json()["id"]
    response = clinic.post(f"/prescriptions/{rx}/authorization", {})
    refused = conforms(response, "POST", "/prescriptions/{prescription}/authorization")
    assert response.status_code == 200
    assert (refused["allowed"], refused["number"], refused["fact"], refused["ends_at"]) == (False, "", "", None)
    unmet = [finding for finding in refused["decision"]["findings"] if not finding["is_met"]]
    assert [finding["code"] for finding in unmet] == refused["decision"]["codes"]
    assert len(unmet) > 5
    assert {"ENROLMENT_MISSING", "REFILLS_TOO_MANY"} & set(refused["decision"]["codes"])
    for finding in unmet:
        assert finding["sentence"]
        assert finding["next_step"]
        assert finding["mender"]
        assert finding["source"]
        assert (finding["opens_at"] is None) == (finding["opens"] not in {"by_a_new_fact", "by_waiting"})
    entry = entry_of(api, fetched(clinic, refused["transaction"]))
    assert (entry["outcome"], entry["reasons"]) == ("denied", refused["decision"]["codes"])


def test_asking_for_a_decision_is_logged_and_proven_and_does_nothing(api: Site) -> None:
    clinic = api.of(api.world.prescriber)
    rx = api.world.prescribed()
    before = api.rows()
    response = clinic.post(f"/prescriptions/{rx}/decision", {"step": "dispense", "handover": "in_person"})
    asked = conforms(response, "POST", "/prescriptions/{prescription}/decision")
    assert (asked["allowed"], asked["decision"]["step"]) == (False, "dispense")
    proof = fetched(clinic, asked["transaction"])
    entry = entry_of(api, proof)
    assert (entry["type"], entry["outcome"], entry["reasons"]) == (
        "decision.asked", "denied", asked["decision"]["codes"],
    )  # fmt: skip
    verify_receipt(asked["receipt"], proof["entry"].encode(), Verifier.from_vkey(proof["verification_key"]))
    after = api.rows()
    grown = {name for name, count in after.items() if count != before[name]}
    assert {"fact", "authorization", "confirmation", "dispense"}.isdisjoint(grown)
    assert after["log_leaf"] == before["log_leaf"] + 1


def test_a_reversal_is_logged_and_a_second_one_is_refused(api: Site) -> None:
    number, dispensed = api.world.dispensed()
    pharmacy = api.of(api.world.pharmacist)
    path = f"/dispenses/{dispensed.fact}/reversal"
    assert pharmacy.post(path, {"reason": "Never collected."}).status_code == 201
    newest = api.world.newest()
    assert (newest["type"], newest["refs"]) == ("dispense.reversed", {"dispense": dispensed.fact})
    assert entry_of(api, fetched(pharmacy, newest["txn"])) == newest
    before = api.rows()
    again = pharmacy.post(path, {"reason": "Never collected."})
    body = conforms(again, "POST", "/dispenses/{dispense}/reversal")
    assert (again.status_code, body["code"]) == (409, "ALREADY_REVERSED")
    assert api.rows() == before
    assert pharmacy.get(f"/authorizations/{number}").get_json()["prescription"]["state"] == "authorized"


def test_an_absent_or_foreign_number_has_no_receipt(api: Site) -> None:
    number = api.world.authorized().number
    stranger, auditor = api.of(api.world.other_prescriber), api.of(api.world.auditor)
    before = api.rows()
    answers = [stranger.get(f"/receipts/{name}") for name in (number, "2222-2222-2222-2", "t_" + "0" * 32, "1; --")]
    assert [conforms(one, "GET", "/receipts/{number}")["code"] for one in answers] == ["NOT_FOUND"] * 4
    assert {one.data for one in answers} == {answers[0].data}
    assert api.rows() == before
    assert entry_of(api, fetched(auditor, number))["type"] == "authorization.decision"
