"""Signing in and out: what is saved before signing out is worth nothing after it."""

from dataclasses import replace
from datetime import timedelta

import pytest
from argon2 import PasswordHasher

from compliance.web import create_app
from compliance.web.account.views import _inside
from tests.services import world as worlds
from tests.web.visiting import House, Visitor


def test_a_cookie_saved_before_signing_out_is_refused_after_it(house: House) -> None:
    visitor = house.visitor("prescriber")
    saved = visitor.client.get_cookie("kelsey")
    assert saved is not None
    assert visitor.get("/patients").status_code == 200
    form = next(one for one in visitor.page("/patients").forms if one.action == "/sign-out")
    token = next(one.value for one in form.inputs if one.name == "csrf_token")
    assert visitor.client.post("/sign-out", data={"csrf_token": token}).status_code == 303
    assert visitor.client.get_cookie("kelsey") is None
    thief = house.visitor()
    thief.client.set_cookie("kelsey", saved.value)
    assert thief.get("/patients").status_code == 303


def test_the_session_is_in_our_cookie_alone(house: House) -> None:
    visitor = house.visitor("prescriber")
    visitor.client.delete_cookie("kelsey")
    assert visitor.get("/patients").status_code == 303


def test_a_flask_cookie_that_names_a_person_signs_nobody_in(house: House) -> None:
    visitor = house.visitor()
    with visitor.client.session_transaction() as stored:
        stored["_user_id"] = house.world.prescriber.id
        stored["_fresh"] = True
    assert visitor.get("/patients").status_code == 303


@pytest.mark.parametrize("forged", ["", "x", "A" * 43, "A" * 4000])
def test_a_forged_token_signs_nobody_in(shared_house: House, forged: str) -> None:
    visitor = shared_house.visitor()
    visitor.client.set_cookie("kelsey", forged)
    assert visitor.get("/patients").status_code == 303


def test_a_session_ends_when_nobody_has_used_it(house: House) -> None:
    visitor = house.visitor("prescriber")
    house.world.clock.advance(timedelta(minutes=14))
    assert visitor.get("/patients").status_code == 200
    house.world.clock.advance(timedelta(minutes=15))
    assert visitor.get("/patients").status_code == 303


def test_cookies_are_for_this_host_under_https_and_out_of_reach_of_scripts(house: House) -> None:
    app = replace(house.world.app, settings=replace(house.world.app.settings, secure_cookies=True))
    client = create_app(app=app).test_client()
    visitor = Visitor(create_app(app=app))
    visitor.client = client
    page = client.get("/sign-in", base_url="https://kelsey.example")
    token = page.text.partition('name="csrf_token" value="')[2].partition('"')[0]
    answer = client.post(
        "/sign-in", base_url="https://kelsey.example", headers={"Referer": "https://kelsey.example/sign-in"},
        data={"csrf_token": token, "username": "prescriber", "password": worlds.PASSWORD},
    )  # fmt: skip
    assert answer.status_code == 303
    set_by = {line.partition("=")[0]: line for line in answer.headers.getlist("Set-Cookie")}
    assert sorted(set_by) == ["__Host-kelsey", "__Host-kelsey-form"]
    ours = set_by["__Host-kelsey"]
    parts = {part.strip().partition("=")[0] for part in ours.split(";")[1:]}
    assert parts == {"Secure", "HttpOnly", "Path", "SameSite"}
    assert "SameSite=Lax" in ours
    assert "Path=/" in ours


def test_a_wrong_password_and_an_unknown_name_read_the_same(shared_house: House) -> None:
    visitor = shared_house.visitor()
    answers = []
    for name in ("auditor", "nobody-at-all"):
        response = visitor.send("/sign-in", username=name, password="not the password")
        assert response.status_code == 403
        answers.append(response.text.replace(f'value="{name}"', "").split("</form>")[0].split("<main")[1])
    cut = [text.partition('name="csrf_token"')[0] for text in answers]
    assert cut[0] == cut[1]
    assert "username and password do not fit" in cut[0]


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("/patients?q=x", "/patients?q=x"),
        ("", ""),
        ("https://evil.example/", ""),
        ("//evil.example/", ""),
        ("/\\evil.example", ""),
        ("/a\\b", ""),
        ("javascript:alert(1)", ""),
        ("patients", ""),
    ],
)
def test_nobody_is_led_to_another_server_after_signing_in(address: str, kept: str) -> None:
    assert _inside(address) == kept


def test_after_signing_in_one_is_where_one_wanted_to_be(house: House) -> None:
    visitor = house.visitor()
    led = visitor.get("/patients?q=Okoye").headers["Location"]
    answer = visitor.send(led, username="prescriber", password=worlds.PASSWORD)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/patients?q=Okoye")


@pytest.mark.parametrize(
    ("username", "home"),
    [
        ("prescriber", "/patients"),
        ("pharmacist", "/pharmacy"),
        ("auditor", "/log"),
        ("administrator", "/administration/users"),
    ],
)
def test_everybody_starts_on_the_page_they_work_on(shared_house: House, username: str, home: str) -> None:
    assert shared_house.visitor(username).get("/").headers["Location"] == home


@pytest.mark.parametrize("username", ["auditor", "nobody-at-all", "\x00", "x" * 64])
def test_a_sign_in_checks_exactly_one_password_hash_whoever_is_named(
    shared_house: House, monkeypatch: pytest.MonkeyPatch, username: str
) -> None:
    checked: list[str] = []
    verify = PasswordHasher.verify

    def count(hasher: PasswordHasher, stored: str | bytes, password: str | bytes) -> bool:
        checked.append(str(stored).split("$")[1])
        return verify(hasher, stored, password)

    monkeypatch.setattr(PasswordHasher, "verify", count)
    response = shared_house.visitor().send("/sign-in", username=username, password="not the password")
    assert response.status_code == 403
    assert checked == ["argon2id"]


def test_a_new_sign_in_does_not_take_over_the_old_session(house: House) -> None:
    first, second = house.visitor("prescriber"), house.visitor("prescriber")
    cookies = [one.client.get_cookie("kelsey") for one in (first, second)]
    assert cookies[0] is not None
    assert cookies[1] is not None
    assert cookies[0].value != cookies[1].value
    page = first.page("/patients")
    token = next(one.value for form in page.forms for one in form.inputs if one.name == "csrf_token")
    assert first.client.post("/sign-out", data={"csrf_token": token}).status_code == 303
    assert (first.get("/patients").status_code, second.get("/patients").status_code) == (303, 200)
