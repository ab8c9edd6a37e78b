"""What people see when something was not done, and that it tells strangers nothing."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from werkzeug.datastructures import Headers

from compliance.services import patients
from compliance.services.errors import Conflict, Invalid, ServiceError, Unavailable
from compliance.web.problems import status_of
from tests.web.routes import ROUTES
from tests.web.visiting import House


def plain(text: str) -> str:
    """A page without what changes from one drawing to the next."""
    text = re.sub(r'nonce="[^"]+"', "nonce", text)
    return re.sub(r'name="csrf_token" value="[^"]+"', "csrf", text)


def without_nonce(headers: Headers) -> list[tuple[str, str]]:
    return sorted((name, re.sub(r"'nonce-[^']+'", "nonce", value)) for name, value in headers)


def test_a_patient_of_another_site_looks_exactly_like_one_that_does_not_exist(house: House) -> None:
    theirs = house.world.patient(house.world.other_prescriber)
    visitor = house.visitor("prescriber")
    visitor.page("/patients")  # the first page hands out the cookie for form tokens
    absent = "p_" + "0" * 32
    for place in (
        "",
        "/record/cycle",
        "/prescriptions/new",
        "/prescriptions/rx_1",
        "/holds/new",
        "/holds/h_1",
    ):
        foreign, nobody = (visitor.get(f"/patients/{one}{place}") for one in (theirs, absent))
        assert (foreign.status_code, nobody.status_code) == (404, 404), place
        assert plain(foreign.text) == plain(nobody.text), place
        assert without_nonce(foreign.headers) == without_nonce(nobody.headers)
    assert theirs not in visitor.get(f"/patients/{theirs}").text
    assert house.visitor("other_prescriber").get(f"/patients/{theirs}").status_code == 200


FILLED_IN = {
    "reason": "because", "outcome": "lift", "regularity": "regular", "said_at-choice": "now", "key": "",
    "product": "lenalidomide", "category": "adult_male", "channel": "fax", "quantity": "21", "units_per_day": "1",
    "days_on": "21", "cycle_days": "28", "refills": "0",
}  # fmt: skip


@pytest.fixture(scope="module")
def theirs(shared_house: House) -> dict[str, str]:
    """A patient of another site, with everything that an address can name."""
    world = replace(shared_house.world, prescriber=shared_house.world.other_prescriber)
    prescription = world.prescribed("adult_frp")
    own = world.patient_of(prescription)
    fact = world.say(world.prescriber, own, "cycle", regularity="regular").fact.id
    cause = world.test(own, timedelta(minutes=5), "positive").fact.id
    return {"<patient>": own, "<prescription>": prescription, "<fact>": fact, "<cause>": cause, "<kind>": "cycle"}


@pytest.mark.parametrize("route", [route for route in ROUTES if "<patient>" in route])
def test_every_route_answers_for_a_patient_of_another_site_as_for_none(
    shared_house: House, theirs: dict[str, str], route: str
) -> None:
    nobody = {name: re.sub("[0-9a-f]{32}", "0" * 32, value) for name, value in theirs.items()}
    visitor = shared_house.visitor("prescriber")
    data = FILLED_IN | {"csrf_token": visitor.page("/patients/register").forms[-1].inputs[0].value}
    before = len(shared_house.world.entries())
    methods, path = route.split(" ", 1)
    for method in methods.split(","):
        answers = [
            visitor.client.open(fill(path, ids), method=method, data=data if method == "POST" else None)
            for ids in (theirs, nobody)
        ]
        assert [one.status_code for one in answers] == [404, 404], method
        assert plain(answers[0].text) == plain(answers[1].text), method
        assert without_nonce(answers[0].headers) == without_nonce(answers[1].headers), method
        assert not any(value in answers[0].text for value in theirs.values() if value != "cycle")
    assert len(shared_house.world.entries()) == before


def fill(path: str, ids: dict[str, str]) -> str:
    for name, value in ids.items():
        path = path.replace(name, value)
    return path


@pytest.mark.parametrize(
    ("error", "status", "title"),
    [
        (Conflict("TAKEN", "it was taken"), 409, "Something has happened meanwhile"),
        (Invalid("BAD", "write it so"), 400, "The request could not be understood"),
        (
            Unavailable("STORAGE_UNAVAILABLE", "the database cannot be reached"),
            503,
            "The programme cannot answer now",
        ),
    ],
)
def test_a_refusal_of_the_services_says_what_to_do(
    house: House, monkeypatch: pytest.MonkeyPatch, error: ServiceError, status: int, title: str
) -> None:
    visitor = house.visitor("prescriber")

    def refuse(*_: object) -> None:
        raise error

    monkeypatch.setattr(patients, "find_patients", refuse)
    response = visitor.get("/patients")
    assert (response.status_code, status_of(error)) == (status, status)
    assert title in response.text
    assert error.code in response.text
    assert ("Retry-After" in response.headers) == (status == 503)


def test_a_fault_shows_nothing_of_the_inside(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    visitor = house.visitor("prescriber")

    def break_down(*_: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(patients, "find_patients", break_down)
    response = visitor.get("/patients")
    assert response.status_code == 500
    assert "dispense nothing on this answer" in response.text
    assert "secret detail" not in response.text


def test_too_much_is_refused_before_it_is_read(house: House) -> None:
    visitor = house.visitor("prescriber")
    response = visitor.client.post("/patients/register", data={"family_name": "x" * 400_000})
    assert response.status_code == 413
    assert "That is too much" in response.text


def test_a_method_that_is_not_there_names_those_that_are(shared_house: House) -> None:
    visitor = shared_house.visitor("prescriber")
    response = visitor.client.put("/patients")
    assert response.status_code in {400, 405}


def test_a_role_without_the_right_is_told_so(shared_house: House) -> None:
    response = shared_house.visitor("pharmacist").get("/patients")
    assert response.status_code == 403
    assert "You may not do this" in response.text
