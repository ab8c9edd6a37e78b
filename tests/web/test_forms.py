"""Every form of every page: its token, its labels, and nothing in it chosen beforehand."""

import re
from datetime import timedelta

import pytest

from tests.web.filling import FORMS, desk
from tests.web.visiting import FormFound, House, Page, Visitor

CHOSEN = re.compile(r"<(?:input|option)(?![^>]*value=\"\")[^>]*\s(?:checked|selected)[\s>]")


@pytest.fixture(scope="module")
def pages(shared_house: House) -> dict[str, str]:
    """The text of each page that holds a form, as the people for whom it is there see it."""
    world = shared_house.world
    number, _ = world.confirmed("adult_frp")
    done, _ = world.dispensed()
    live = world.prescribed()
    world.authorized(live)
    void = f"/patients/{world.patient_of(live)}/prescriptions/{live}/void"
    own = desk(shared_house)
    world.test(own.patient, timedelta(minutes=5), "positive")
    own_page = own.visitor.get(f"/patients/{own.patient}").text
    hold = re.findall(r"/patients/[^/\"]+/holds/(?!new)[^\"]+", own_page)[0]
    fact = re.findall(r"/patients/[^/\"]+/facts/[^\"]+/retract", own_page)[0]
    administrator = shared_house.visitor("administrator")
    person = re.findall(r"/administration/users/u_[0-9a-f]+", administrator.get("/administration/users").text)[0]
    revoke = re.findall(
        r"/administration/certif[^\"]+/revoke", administrator.get("/administration/certifications").text
    )
    wanted: list[tuple[Visitor, list[str]]] = [
        (shared_house.visitor(), ["/sign-in"]),
        (own.visitor, [*(own.path(form) for form in FORMS), hold, fact, void, "/report"]),
        (shared_house.visitor("pharmacist"), [
            "/pharmacy", f"/pharmacy/{number}", f"/pharmacy/{number}/confirm", f"/pharmacy/{number}/counsel",
            f"/pharmacy/{number}/cancel", f"/pharmacy/{done}/return", f"/pharmacy/{done}/reverse",
        ]),
        (shared_house.visitor("auditor"), ["/log"]),
        (administrator, [
            "/administration/users/new", person, "/administration/sites/new", "/administration/certifications/new",
            revoke[0],
        ]),
    ]  # fmt: skip
    return {path: _text(visitor, path) for visitor, paths in wanted for path in paths}


def _text(visitor: Visitor, path: str) -> str:
    response = visitor.get(path)
    assert response.status_code == 200, path
    return response.text


def posted(text: str) -> list[FormFound]:
    return [form for form in Page(text).forms if form.method == "post"]


def test_every_form_carries_its_token(pages: dict[str, str]) -> None:
    for path, text in pages.items():
        forms = posted(text)
        assert forms, path
        for form in forms:
            tokens = [one.value for one in form.inputs if one.name == "csrf_token"]
            assert [len(token) > 40 for token in tokens] == [True], f"{path} {form.action}"


def test_every_control_has_a_label_and_an_id_of_its_own(pages: dict[str, str]) -> None:
    for path, text in pages.items():
        page = Page(text)
        assert len(page.ids) == len(set(page.ids)), path
        bare = [
            one.name for form in page.forms for one in form.inputs
            if one.kind not in {"hidden", "button", "submit"} and not one.label
        ]  # fmt: skip
        assert bare == [], path


def test_nothing_is_chosen_beforehand(pages: dict[str, str]) -> None:
    for path, text in pages.items():
        assert CHOSEN.findall(text) == [], path


def test_every_group_of_choices_has_a_legend(pages: dict[str, str]) -> None:
    for path, text in pages.items():
        for fieldset in text.split("<fieldset")[1:]:
            assert "<legend" in fieldset.partition("</fieldset>")[0], path
        assert text.count('type="radio"') == 0 or "<fieldset" in text, path


def test_every_route_that_shows_and_takes_a_form_is_among_these_pages(
    shared_house: House, pages: dict[str, str]
) -> None:
    adapter = shared_house.flask.url_map.bind("localhost")
    seen = {adapter.match(path)[0] for path in pages}
    both = {
        rule.endpoint for rule in shared_house.flask.url_map.iter_rules() if {"GET", "POST"} <= (rule.methods or set())
    }
    assert both - seen == set()
