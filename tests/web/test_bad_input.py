"""Whatever is typed wrongly comes back with its name and its value, and nothing of it is stored."""

from typing import Any

import pytest

from compliance.services import patients
from tests.web.filling import FORMS, Desk, desk, problems
from tests.web.visiting import House

COLLECTED = "When was the specimen collected?"
LONG = "x" * 501
DAY = {"day": "30", "month": "2", "year": "2025"}


def at(field: str, *parts: str, choice: str = "") -> dict[str, str]:
    """A moment typed into a field, after its choice of "earlier" where it has one."""
    names = ("day", "month", "year", "hour", "minute", "which")
    given = {f"{field}__{name}": value for name, value in zip(names, parts, strict=False)}
    return given | ({f"{field}__choice": choice} if choice else {})


CASES: list[tuple[str, dict[str, Any], list[str]]] = [
    ("register", {"family_name": ""}, ["Enter the family name"]),
    ("register", {"family_name": "y" * 101}, ["Family name: use 100 characters at most"]),
    ("register", at("birth_date", "30", "2", "1990"), ["Date of birth: “30 February 1990” is not in the calendar"]),
    ("register", at("birth_date", "", "", ""), ["Enter the date of birth"]),
    ("register", at("birth_date", "1", "1", "90"), ["Date of birth: “1 January 90” needs a year of four figures"]),
    ("register", at("birth_date", "6", "1", "2026"), ["Date of birth: check the birth date (given: 2026-01-06)"]),
    ("agreement", {"category": ""}, ["Choose the risk category"]),
    ("agreement", {"category": "child_frp"}, ["Risk category: “child_frp” is none of the choices"]),
    ("agreement", {"signed_at__choice": ""}, ["Choose when it was signed"]),
    ("agreement", {"signed_at__choice": "later"}, ["Choose when it was signed"]),
    (
        "agreement", at("signed_at", "6", "1", "2026", "9", "00", choice="earlier"),
        ["When was it signed? “Tue 6 Jan 2026, 09:00 Eastern” is in the future"],
    ),
    ("evidence", {"basis": "faith"}, ["Evidence: “faith” is none of the choices"]),
    ("evidence", at("last_menses", *DAY.values()), ["Last menses: “30 February 2025” is not in the calendar"]),
    ("pregnancy-test", {"result": ""}, ["Choose the result"]),
    ("pregnancy-test", {"result": "fine"}, ["Result: “fine” is none of the choices"]),
    ("pregnancy-test", {"sensitivity": "25.5"}, ["The test detects from: “25.5” is not a whole number in figures"]),
    ("pregnancy-test", {"sensitivity": "²5"}, ["The test detects from: “²5” is not a whole number in figures"]),
    (
        "pregnancy-test", at("collected_at", "9", "3", "2025", "2", "30"),
        [f"{COLLECTED} “Sun 9 Mar 2025, 02:30 Eastern” did not exist: the clocks went forward over it. Check the time"],
    ),
    (
        "pregnancy-test", at("collected_at", "2", "11", "2025", "1", "30"),
        [f"{COLLECTED} “Sun 2 Nov 2025, 01:30 Eastern” came twice that night: say which of the two"],
    ),
    (
        "pregnancy-test", at("collected_at", "5", "1", "2026", "10", "01"),
        ["When was the specimen collected? “Mon 5 Jan 2026, 10:01 Eastern” is in the future"],
    ),
    (
        "pregnancy-test", at("collected_at", "4", "13", "2026", "9", "30"),
        ["When was the specimen collected? “4 13 2026” is not in the calendar"],
    ),
    (
        "contraception", {"method_1": "", "said_at__choice": "now"},
        ["First method: choose the method for this date"],
    ),
    (
        "contraception", at("since_1", "", "", ""),
        ["First method: give the date since when it is in use"],
    ),
    ("contraception", {"method_1": "prayer"}, ["First method: “prayer” is none of the choices"]),
    ("cycle", {"regularity": ""}, ["Choose how regular the cycle is"]),
    ("counselling", {"topics": []}, ["Tick the topics that you covered"]),
    ("counselling", {"topics": ["weather"]}, ["Which topics did you cover? “weather” is none of the choices"]),
    ("counselling", {"prescription": "rx_other"}, ["For which prescription? “rx_other” is none of the choices"]),
    ("survey", {"whose": "nobody"}, ["Whose survey was completed? “nobody” is none of the choices"]),
    ("report", {"what": ""}, ["Choose what is reported"]),
    (
        "report", at("happened_at", "6", "1", "2026"),
        ["When did it happen? “Tue 6 Jan 2026, 00:00 Eastern” is in the future"],
    ),
    ("treatment", {"change": "forgotten"}, ["Treatment is: “forgotten” is none of the choices"]),
    ("prescribe", {"product": "aspirin"}, ["Medicine: “aspirin” is none of the choices"]),
    ("prescribe", {"quantity": "-1"}, ["Number of capsules: “-1” is not a whole number in figures"]),
    ("prescribe", {"quantity": "9" * 7}, ["Number of capsules: use 6 characters at most"]),
    ("prescribe", {"refills": ""}, ["Enter the number of refills; 0 for none"]),
    ("hold", {"reason": " \n "}, ["Say why"]),
    ("hold", {"reason": LONG}, ["Why? use 500 characters at most"]),
]  # fmt: skip
CONTROLS = [
    ("register", "family_name", "An\x00n"), ("register", "given_name", "An\u200bn"), ("register", "mrn", "M\u202e1"),
    ("pregnancy-test", "specimen", "S\x001"), ("pregnancy-test", "specimen", "S 77/ü"),
    ("hold", "reason", "be\x07cause"),
]  # fmt: skip


@pytest.fixture(scope="module")
def looking(shared_house: House) -> Desk:
    return desk(shared_house)


@pytest.mark.parametrize("form", FORMS)
def test_each_form_is_taken_as_it_stands(house: House, form: str) -> None:
    own = desk(house)
    before = own.stored()
    assert own.send(form) == []
    assert own.stored() > before


@pytest.mark.parametrize(("form", "changes", "expected"), CASES)
def test_bad_input_is_named_and_not_stored(
    looking: Desk, form: str, changes: dict[str, Any], expected: list[str]
) -> None:
    before = looking.stored()
    assert looking.send(form, **changes) == expected
    assert looking.stored() == before


@pytest.mark.parametrize(("form", "field", "value"), CONTROLS)
def test_characters_that_nobody_sees_are_refused(looking: Desk, form: str, field: str, value: str) -> None:
    before = looking.stored()
    said = looking.send(form, **{field: value})
    assert len(said) == 1
    assert said[0].partition(":")[0].partition("?")[0] in {
        "Family name", "Given name", "Medical record number", "Specimen number", "Why",
    }  # fmt: skip
    assert looking.stored() == before


@pytest.mark.parametrize("form", FORMS)
def test_an_empty_form_says_everything_that_is_missing_at_once(looking: Desk, form: str) -> None:
    before = looking.stored()
    response = looking.visitor.client.post(looking.path(form), data={"csrf_token": token(looking, form)})
    assert response.status_code == 400
    said = problems(response.text)
    assert len(said) == len(set(said))
    assert looking.stored() == before


def token(looking: Desk, form: str) -> str:
    page = looking.visitor.page(looking.path(form))
    return next(one.value for one in page.forms[-1].inputs if one.name == "csrf_token")


def test_the_hour_that_came_twice_is_taken_once_it_is_said_which(house: House) -> None:
    own = desk(house)
    twice = at("collected_at", "2", "11", "2025", "1", "30")
    assert len(own.send("pregnancy-test", **twice)) == 1
    assert 'id="collected_at-which"' in (own.visitor.last.text if own.visitor.last else "")
    form = FORMS["pregnancy-test"] | twice | at("collected_at", "2", "11", "2025", "1", "30", "second")
    data = {name.replace("__", "-"): value for name, value in form.items()}
    answer = own.visitor.client.post(
        own.path("pregnancy-test"), data={"csrf_token": token(own, "pregnancy-test"), **data}
    )
    assert answer.status_code == 303
    view = patients.get_patient(house.world.app, house.world.prescriber, own.patient)
    assert view.facts[0].plain["at"] == "2025-11-02T06:30:00.000000Z"


@pytest.mark.parametrize(
    "bad", [{"sensitivity": "many"}, at("collected_at", "30", "2", "2026"), {"specimen": "", "place": "moon"}]
)
def test_a_positive_test_is_taken_whatever_else_is_wrong_with_the_form(house: House, bad: dict[str, str]) -> None:
    own = desk(house)
    assert own.send("pregnancy-test", result="positive", **bad) == []
    said = own.visitor.follow().text
    assert "The patient is on hold: nothing may be supplied." in said
    assert "Not readable, so left out:" in said
    assert "On hold: nothing may be supplied" in said


def test_a_pregnancy_is_reported_even_with_an_impossible_date(house: House) -> None:
    own = desk(house)
    assert own.send("report", what="pregnancy", **at("happened_at", "30", "2", "2026")) == []
    assert "Not readable, so left out: When did it happen." in own.visitor.follow().text


@pytest.mark.parametrize("text", ["'; drop table patient; --", "x" * 5000, "%00", "Ａｎｎｅ"])
def test_no_search_breaks_the_list(looking: Desk, text: str) -> None:
    response = looking.visitor.client.get("/patients", query_string={"q": text})
    assert response.status_code == 200
    assert "No patient of this site matches." in response.text


def test_a_search_for_what_nobody_can_type_is_refused(looking: Desk) -> None:
    response = looking.visitor.client.get("/patients", query_string={"q": "\x00"})
    assert response.status_code == 400
    assert "The request could not be understood" in response.text
