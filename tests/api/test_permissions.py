"""Who may do what over the API: each operation for each role and each state of a key."""

from collections.abc import Iterator
from itertools import product
from typing import TYPE_CHECKING, Any

import pytest
from werkzeug.test import TestResponse

from compliance.api.operations import OPERATIONS, PREFIX, Operation
from compliance.domain.access import VERBS, Role, Verb
from compliance.services import accounts
from compliance.services.actor import Actor
from tests.api.caller import Site, site
from tests.api.conforming import conforms
from tests.api.samples import body_schemas, good
from tests.services.world import OPERATOR, PASSWORD, PROGRAMME

if TYPE_CHECKING:
    from tests.fixtures.databases import SqliteFactory

VERB_OF = {
    "register_patient": Verb.REGISTER_PATIENT,
    "get_patient_facts": Verb.READ_PATIENT,
    "record_fact": Verb.RECORD_FACT,
    "correct_fact": Verb.CORRECT_FACT,
    "prescribe": Verb.PRESCRIBE,
    "review_hold": Verb.REVIEW_HOLD,
    "ask_for_a_decision": Verb.ASK,
    "authorize": Verb.AUTHORIZE,
    "look_up": Verb.LOOK_UP,
    "confirm": Verb.CONFIRM,
    "dispense": Verb.DISPENSE,
    "reverse": Verb.REVERSE,
    "return_to_stock": Verb.RETURN_TO_STOCK,
    "get_receipt": Verb.READ_RECEIPT,
    "list_policies": None,
}
"""The verb behind each operation; the policies are public to everybody with a key."""

NO_KEYS = ["", "Bearer", "Bearer ", "Bearer kelsey_" + "A" * 43, "Basic a2Vsc2V5Og==", "Bearer x y", "Bearer \u00e4"]


@pytest.fixture(scope="module")
def shared(sqlite_factory: "SqliteFactory", tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One programme for everything that is refused."""
    with sqlite_factory.fresh() as url, site(url, tmp_path_factory.mktemp("shared")) as found:
        for role in Role:
            found.of(actor(found, role))
        yield found


def actor(api: Site, role: Role) -> Actor:
    if role is Role.ADMINISTRATOR:
        known = {user.username: user for user in accounts.list_users(api.world.app, OPERATOR)}
        user = known.get("admin") or accounts.add_user(
            api.world.app, OPERATOR, username="admin", name="Admin", role=role, site=api.world.auditor.site,
            password=PASSWORD,
        )  # fmt: skip
        return Actor(user.id, user.name, role, user.site, "office", "UTC", "api_key")
    who: Actor = getattr(api.world, role.value)
    return who


def request(api: Site, operation: Operation, headers: dict[str, str], name: str = "p_0") -> TestResponse:
    path = operation.template
    for parameter in operation.parameters:
        path = path.replace(f"{{{parameter}}}", name)
    body = good(body_schemas(operation)[0]) if operation.form else None
    sent = {"Idempotency-Key": "k"} | headers
    return api.flask.test_client().open(path, method=operation.method, json=body, headers=sent)


def answer(response: TestResponse, operation: Operation) -> tuple[int, str]:
    body = conforms(response, operation.method, operation.template.removeprefix(PREFIX))
    return response.status_code, body.get("code", "")


def test_every_operation_has_its_verb() -> None:
    assert {operation.name for operation in OPERATIONS} == set(VERB_OF)


@pytest.mark.parametrize(
    ("operation", "role"), list(product(OPERATIONS, Role)), ids=lambda value: getattr(value, "name", "")
)
def test_a_role_may_do_its_own_jobs_and_no_other(shared: Site, operation: Operation, role: Role) -> None:
    before = shared.rows()
    headers = dict(shared.of(actor(shared, role)).headers())
    verb = VERB_OF[operation.name]
    response = request(shared, operation, headers)
    if verb is not None and role not in VERBS[verb]:
        assert answer(response, operation) == (403, "NOT_PERMITTED")
        assert verb.value.replace("_", " ") in response.get_json()["detail"]
    elif operation.parameters:
        assert answer(response, operation) == (404, "NOT_FOUND")
    else:
        assert answer(response, operation) == (operation.status, "")
        return
    assert shared.rows() == before


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_nothing_is_done_without_a_key(shared: Site, operation: Operation) -> None:
    before = shared.rows()
    for given in NO_KEYS:
        response = request(shared, operation, {"Authorization": given} if given else {})
        assert answer(response, operation) == (401, "KEY_UNKNOWN"), given
        assert response.headers["WWW-Authenticate"] == 'Bearer realm="kelsey"'
    assert shared.rows() == before


@pytest.mark.parametrize("ending", [accounts.revoke_api_keys, accounts.deactivate_user])
def test_nothing_is_done_with_a_key_that_has_ended(api: Site, ending: Any) -> None:
    who = api.world.prescriber
    headers = dict(api.of(who).headers())
    policies = next(operation for operation in OPERATIONS if operation.name == "list_policies")
    assert answer(request(api, policies, headers), policies) == (200, "")
    ending(api.world.app, OPERATOR, who.id)
    before = api.rows()
    for operation in OPERATIONS:
        assert answer(request(api, operation, headers), operation) == (401, "KEY_UNKNOWN")
    assert api.rows() == before


def test_a_session_of_the_pages_opens_nothing_here(shared: Site) -> None:
    signed = accounts.sign_in(shared.world.app, "prescriber", PASSWORD)
    before = shared.rows()
    client = shared.flask.test_client()
    for name in ("kelsey", "session", "__Host-kelsey"):
        client.set_cookie(name, signed.token)
    for headers in ({}, {"Authorization": f"Bearer {signed.token}"}):
        response = client.post(f"{PREFIX}/patients", json={}, headers=headers)
        assert (response.status_code, response.get_json()["code"]) == (401, "KEY_UNKNOWN")
    assert shared.rows() == before


def test_another_sites_patient_looks_like_one_that_does_not_exist(api: Site) -> None:
    patient = api.world.enrolled()
    prescription = api.world.prescribed(patient=patient)
    fact = api.world.say(api.world.prescriber, patient, "survey", whose="patient").fact.id
    stranger = api.of(api.world.other_prescriber)
    survey = {"fact": "survey", "whose": "patient", "programme": PROGRAMME}
    asks: list[tuple[str, str, Any]] = [
        ("GET", "/patients/{}/facts", None),
        ("POST", "/patients/{}/facts", survey),
        ("POST", "/patients/{}/facts", {"fact": "pregnancy_test", "result": "positive"}),
        ("POST", f"/patients/{{}}/facts/{fact}/correction", {"replacement": None, "reason": "Not mine."}),
        ("POST", "/patients/{}/prescriptions", good(body_schemas(named("prescribe"))[0])),
        ("POST", "/patients/{}/hold-reviews", {"of": fact, "outcome": "lift", "reason": "Not mine."}),
    ]
    before = api.rows()
    for method, path, body in asks:
        foreign, absent = (
            stranger.client.open(PREFIX + path.format(name), method=method, json=body, headers=stranger.headers())
            for name in (patient, "p_" + "0" * 32)
        )
        assert (foreign.status_code, foreign.data) == (absent.status_code, absent.data)
        assert (foreign.status_code, foreign.get_json()["code"]) == (404, "NOT_FOUND")
    for path, body in (("authorization", {}), ("decision", {"step": "authorize"})):
        foreign, absent = (
            stranger.post(f"/prescriptions/{name}/{path}", body) for name in (prescription, "rx_" + "0" * 32)
        )
        assert (foreign.status_code, foreign.data) == (404, absent.data)
    assert api.rows() == before


def test_another_pharmacys_dispense_looks_like_one_that_does_not_exist(api: Site) -> None:
    number, dispensed = api.world.dispensed()
    stranger = api.of(api.world.other_pharmacist)
    before = api.rows()
    for path in ("/dispenses/{}/reversal", "/returns-to-stock/{}"):
        for name in (dispensed.fact, dispensed.number):
            foreign, absent = (
                stranger.post(path.format(one), {"reason": "Not mine."}) for one in (name, "d_" + "0" * 32)
            )
            assert (foreign.status_code, foreign.data) == (404, absent.data)
    assert api.rows() == before
    for name in (dispensed.number, number):
        assert stranger.get(f"/receipts/{name}").data == stranger.get("/receipts/t_0").data


def test_nobody_speaks_for_another_profession(shared: Site) -> None:
    patient = shared.world.enrolled()
    rx = shared.world.prescribed(patient=patient)
    pharmacy, clinic = shared.of(shared.world.pharmacist), shared.of(shared.world.prescriber)
    before = shared.rows()
    for caller, body in (
        (pharmacy, {"fact": "cycle", "regularity": "regular"}),
        (pharmacy, {"fact": "survey", "whose": "prescriber"}),
        (pharmacy, {"fact": "counselling", "by": "prescriber", "topics": []}),
        (clinic, {"fact": "counselling", "by": "pharmacist", "topics": []}),
        (clinic, {"fact": "material", "item": "medication_guide", "prescription": rx}),
    ):
        response = caller.post(f"/patients/{rx}/facts", body)
        assert answer(response, named("record_fact")) == (403, "NOT_PERMITTED")
    assert shared.rows() == before


def test_only_the_prescriber_of_a_prescription_has_it_authorized(shared: Site) -> None:
    rx = shared.world.prescribed()
    colleague = shared.of(shared.world.colleague)
    before = shared.rows()
    response = colleague.post(f"/prescriptions/{rx}/authorization", {})
    assert answer(response, named("authorize")) == (403, "NOT_THE_PRESCRIBER")
    assert shared.rows() == before


def named(name: str) -> Operation:
    return next(operation for operation in OPERATIONS if operation.name == name)
