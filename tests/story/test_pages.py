"""Every page, as its people see it in a real browser: accessible, and nothing sticks out, wide and narrow."""

import re
from datetime import timedelta

import pytest

from compliance.domain.facts import CertifiedRole
from compliance.services import certifying
from tests.services import world as worlds
from tests.story.people import Stage
from tests.web.filling import FORMS, Desk

pytestmark = pytest.mark.browser

SHEET = "/policies/us/lenalidomide-rems/2023-03-24"


@pytest.mark.parametrize("stage", [True], indirect=True, ids=["with scripts"])
def test_the_prescriber_s_pages_are_accessible(stage: Stage) -> None:
    world = stage.house.world
    own = world.enrolled("adult_frp")
    doctor = stage.person("prescriber")
    held = world.enrolled("adult_frp")
    world.test(held, timedelta(minutes=5), "positive")
    for path in ("/patients", f"/patients/{own}", f"/patients/{held}", f"/patients/{own}/record/agreement", "/report"):
        doctor.open(path)
    doctor.open(f"/patients/{held}")
    doctor.press("Review this hold")
    doctor.open(f"/patients/{own}")
    doctor.page.locator("a[href$='/retract']").first.click()
    doctor.look()
    assert doctor.complaints == []


@pytest.mark.parametrize("stage", [True], indirect=True, ids=["with scripts"])
@pytest.mark.parametrize("forms", [list(FORMS)[:6], list(FORMS)[6:]], ids=["first half", "second half"])
def test_a_prescriber_s_forms_are_accessible_with_every_error_shown(stage: Stage, forms: list[str]) -> None:
    desk = Desk(stage.house, stage.house.visitor(), stage.house.world.enrolled("adult_frp"))
    doctor = stage.person("prescriber")
    for form in forms:
        doctor.page.goto(stage.address + desk.path(form))
        doctor.page.locator("main form[method=post] button[type=submit]").last.click()
        doctor.look()
        assert doctor.page.locator(".nhsuk-error-summary").count() == 1, form
    assert doctor.complaints == []


@pytest.mark.parametrize("stage", [True], indirect=True, ids=["with scripts"])
def test_the_pharmacist_s_pages_are_accessible(stage: Stage) -> None:
    world = stage.house.world
    number, _ = world.confirmed("adult_frp")
    done, _ = world.dispensed()
    blocked, _ = world.confirmed("adult_frp")
    world.say(world.prescriber, world.patient_of(rx_of(stage)), "report", what="missed_menses")
    pharmacist = stage.person("pharmacist")
    for path in ("", f"/{number}", f"/{number}/confirm", f"/{number}/counsel", f"/{number}/cancel", f"/{done}/reverse"):
        pharmacist.open(f"/pharmacy{path}")
    pharmacist.open(f"/pharmacy/{done}")
    assert pharmacist.verdict == "already dispensed"
    site = world.pharmacist.site
    certifying.revoke(world.app, worlds.OPERATOR, site, CertifiedRole.PHARMACY, "Closed", worlds.PROGRAMME)
    pharmacist.open(f"/pharmacy/{blocked}")
    assert pharmacist.verdict == "do not dispense"
    assert pharmacist.codes == ["EVALUATION_PENDING", "CERTIFICATION_REVOKED"]
    assert pharmacist.complaints == []


def rx_of(stage: Stage) -> str:
    """The prescription that was confirmed last."""
    refs = next(one["refs"] for one in reversed(stage.house.world.entries()) if one["type"].startswith("confirm"))
    return str(refs["prescription"])


@pytest.mark.parametrize("stage", [True], indirect=True, ids=["with scripts"])
@pytest.mark.parametrize(
    ("username", "paths"),
    [
        ("auditor", ["/log", "/log/0", "/log/verify", "/administration/certifications", "/policies", SHEET]),
        (
            "administrator",
            [
                "/administration/users", "/administration/users/new", "/administration/sites",
                "/administration/sites/new", "/administration/certifications", "/administration/certifications/new",
            ],
        ),
    ],
    ids=["auditor", "administrator"],
)  # fmt: skip
def test_the_office_s_pages_are_accessible(stage: Stage, username: str, paths: list[str]) -> None:
    person = stage.person(username)
    for path in paths:
        person.open(path)
    if username == "administrator":
        for path, link in (("users", "Auditor"), ("certifications", "Withdraw Prescriber")):
            person.open(f"/administration/{path}")
            person.follow(link)
    assert person.complaints == []


@pytest.mark.parametrize("stage", [True], indirect=True, ids=["with scripts"])
def test_pages_that_say_no_are_accessible_and_lead_on(stage: Stage) -> None:
    doctor = stage.person("prescriber")
    for path, title in (("/patients/p_none", "There is nothing here"), ("/log", "You may not do this")):
        doctor.open(path)
        assert title in doctor.text
        doctor.follow("Go to the start page")
        assert doctor.path == "/patients"
    doctor.page.context.clear_cookies(name="kelsey-form")
    doctor.open("/patients/register")
    doctor.page.context.clear_cookies(name="kelsey-form")
    doctor.press("Register")
    assert "This form was not opened in your present session." in doctor.text
    assert [text for text in doctor.complaints if not re.search("status of 40[34]", text)] == []
