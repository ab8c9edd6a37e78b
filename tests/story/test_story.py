"""One supply from the first form to the verified log, by everybody who takes part, in a real browser.

Long because it is one story: each part stands on the one before.
"""

from __future__ import annotations

import re
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import pytest

import compliance.ledger.verify
from compliance.storage import states
from tests.services import world as worlds
from tests.story.people import Person, Stage

pytestmark = pytest.mark.browser

TEST = "Pregnancy test"
FIRST_ANSWER = [
    "TEST_NOT_IN_WINDOW", "TEST_NOT_IN_WINDOW", "TEST_MISSING", "CONTRACEPTION_MISSING", "COUNSELLING_MISSING",
    "COUNSELLING_MISSING", "PRESCRIBER_SURVEY_MISSING", "AUTHORIZATION_WOULD_BE_OVER", "PATIENT_SURVEY_MISSING",
]  # fmt: skip


def record_test(doctor: Person, specimen: str, result: str = "Negative", *, hours_ago: float = 1) -> None:
    """Record a pregnancy test, as a laboratory reports it."""
    doctor.follow(TEST)
    doctor.choose("Result", result)
    doctor.fill("Specimen number", specimen)
    doctor.time("When was the specimen collected?", doctor.stage.now() - timedelta(hours=hours_ago))
    doctor.choose("When was the result known?", "Now")
    doctor.fill("The test detects from", "25")
    doctor.choose("Specimen", "Serum (blood)")
    doctor.choose("Where was it done?", "Laboratory")
    doctor.choose("Who vouches for the result?", "The laboratory")
    doctor.press("Record")


def register(doctor: Person) -> str:
    """Register and enrol a patient; an empty form says what is missing first."""
    doctor.press("Register a patient")
    doctor.press("Register")
    assert "There is a problem" in doctor.text
    assert "Enter the family name" in doctor.text
    doctor.fill("Family name", "Okonkwo-Featherstonehaugh")
    doctor.fill("Given name", "Adaeze")
    doctor.date("Date of birth", date(1990, 3, 12))
    doctor.fill("Medical record number", "MRN-4711")
    doctor.press("Register")
    doctor.press("Complete the agreement")
    doctor.select("For which programme?", "Lenalidomide REMS (US)")
    doctor.choose("Risk category", "Adult female of reproductive potential")
    doctor.tick("The patient has signed the agreement")
    doctor.tick("I, the prescriber, have signed the agreement")
    doctor.choose("When was it signed?", "Now")
    doctor.press("Record")
    return doctor.path


def prescribe(doctor: Person) -> None:
    """Issue a prescription for one cycle."""
    doctor.press("Prescribe")
    doctor.select("Medicine", "lenalidomide (Lenalidomide REMS)")
    doctor.choose("Risk category, as it stands on the prescription", "Adult female of reproductive potential")
    doctor.choose("How it reaches the pharmacy", "Electronic")
    for label, value in (
        ("Number of capsules", "21"), ("Capsules on a day of taking", "1"), ("Days of taking in each cycle", "21"),
        ("Days in a cycle", "28"), ("Refills", "0"),
    ):  # fmt: skip
        doctor.fill(label, value)
    doctor.press("Issue the prescription")


def record_contraception(doctor: Person) -> None:
    """Record two methods that begin today."""
    doctor.follow("Contraception")
    today = doctor.stage.now().date()
    doctor.select("First method", "Combined pill")
    doctor.date("First method: in use since", today)
    doctor.select("Second method", "Male condom")
    doctor.date("Second method: in use since", today)
    doctor.choose("When was this stated?", "Now")
    doctor.press("Record")


def counsel(doctor: Person, prescription: str, *topics: str) -> None:
    """Record counselling by the prescriber."""
    doctor.follow("Prescriber's counselling")
    doctor.choose("Which topics did you cover?", *topics)
    group = doctor.page.get_by_role("group", name="For which prescription?", exact=True)
    group.get_by_label(re.compile(prescription)).first.check()
    if prescription == "For none":
        doctor.select("For which programme?", "Lenalidomide REMS (US)")
    doctor.choose("When did you talk?", "Now")
    doctor.press("Record")


def survey(doctor: Person, whose: str, prescription: str) -> None:
    """Record a survey."""
    doctor.follow("Survey")
    doctor.choose("Whose survey was completed?", whose)
    group = doctor.page.get_by_role("group", name="For which prescription?", exact=True)
    group.get_by_label(re.compile(prescription)).first.check()
    if prescription == "For none":
        doctor.select("For which programme?", "Lenalidomide REMS (US)")
    doctor.choose("When was it completed?", "Now")
    doctor.press("Record")


def authorized(doctor: Person, patient: str) -> str:
    """Wait out the lead-in, bring everything in order, and come by an authorization number."""
    doctor.stage.later(days=16)
    sign_in_again(doctor, "prescriber", patient)
    record_test(doctor, "LAB-1")
    doctor.stage.later(days=12, minutes=30)
    sign_in_again(doctor, "prescriber", patient)
    record_test(doctor, "LAB-2")
    counsel(doctor, "For none", "Benefits and risks", "The boxed warning", "The duty to answer surveys")
    prescribe(doctor)
    doctor.open(patient)
    newest = "lenalidomide"
    counsel(doctor, newest, "Contraception", "Emergency contraception")
    survey(doctor, "Patient's survey", "For none")
    survey(doctor, "Prescriber's survey", newest)
    doctor.page.locator("section.k-todo h3 a").first.click()
    doctor.look()
    assert doctor.codes == []
    assert "Every requirement is met" in doctor.text
    doctor.press("Ask for the authorization")
    number: str = doctor.page.locator(".k-number__big").inner_text()
    assert re.fullmatch(r"[2-9A-HJ-KM-NP-Z]{4}(-[2-9A-HJ-KM-NP-Z]{4}){2}-[2-9A-HJ-KM-NP-Z]", number)
    return number


def sign_in_again(person: Person, username: str, path: str) -> None:
    """After days a session is over: the next page is the door, and behind it the page that was wanted."""
    person.open(path)
    assert person.path == "/sign-in"
    person.fill("Username", username)
    person.page.locator("#password").fill(worlds.PASSWORD)
    person.press("Sign in")
    assert person.path == path


def dispense(pharmacist: Person, number: str) -> None:
    """Look up, confirm, counsel, dispense; the verdict says at each step whether the product may leave."""
    pharmacist.fill("Authorization number", number.replace("-", " ").lower())
    pharmacist.press("Look up")
    assert pharmacist.verdict == "do not dispense yet"
    assert "born 12 March 1990" in pharmacist.text
    pharmacist.press("Confirm for Adaeze Okonkwo-Featherstonehaugh")
    pharmacist.press("Confirm")
    assert "Check the name and the date of birth, then tick the box" in pharmacist.text
    pharmacist.tick("The name and the date of birth are those of the patient, checked against a document")
    pharmacist.press("Confirm")
    assert pharmacist.verdict == "do not dispense yet"
    assert pharmacist.codes == ["PHARMACY_COUNSELLING_MISSING", "MATERIAL_MISSING", "MATERIAL_MISSING"]
    pharmacist.press("Counsel Adaeze Okonkwo-Featherstonehaugh")
    group = pharmacist.page.get_by_role("group", name="Which topics did you cover?", exact=True)
    assert group.locator("input:checked").count() == 0
    for box in group.get_by_role("checkbox").all():
        box.check()
    pharmacist.choose("What is done?", "Medication Guide", "Counselling checklist")
    pharmacist.press("Record")
    assert pharmacist.verdict == "dispense"
    pharmacist.press("Dispense to Adaeze Okonkwo-Featherstonehaugh")
    assert "Choose how it leaves the pharmacy" in pharmacist.text
    pharmacist.choose("How does it leave the pharmacy?", "Handed over in person")
    pharmacist.press("Dispense to Adaeze Okonkwo-Featherstonehaugh")
    assert pharmacist.verdict == "already dispensed"


def positive(stage: Stage, pharmacist: Person, reporter: Person, number: str) -> None:
    """A verdict that stands open turns when somebody else reports a positive test; with scripts, by itself."""
    pharmacist.open(f"/pharmacy/{number}")
    assert pharmacist.verdict == "dispense"
    reporter.follow("Report a pregnancy or a positive test")
    reporter.fill("Which patient?", number)
    reporter.choose("What is reported?", "A positive pregnancy test")
    reporter.press("Report it now")
    assert "The patient is on hold" in reporter.text
    if stage.has_scripts:
        pharmacist.page.locator(".k-verdict--no").wait_for(timeout=9000)
    else:
        pharmacist.choose("How does it leave the pharmacy?", "Shipped")
        pharmacist.press("Dispense to Ann Okoye")
        assert "Refused." in pharmacist.text
    pharmacist.look()
    assert pharmacist.verdict == "do not dispense"
    assert "HELD_PREGNANCY_REPORT" in pharmacist.codes


def resolve(stage: Stage, doctor: Person, patient: str) -> None:
    """Two clinicians lift the hold; one alone, even twice, does not."""
    for _ in range(2):
        conclude(doctor, patient)
        assert "The hold stands until two clinicians lift it" in doctor.text
    colleague = stage.person("colleague")
    conclude(colleague, patient)
    assert "Two clinicians have lifted this hold" in colleague.text
    assert colleague.page.locator(".k-hold").count() == 0
    assert colleague.complaints == []


def conclude(doctor: Person, patient: str) -> None:
    """State one conclusion."""
    doctor.open(patient)
    doctor.press("Review this hold")
    doctor.choose("Your conclusion", "Lift the hold")
    doctor.fill("On what does it rest?", "Obstetric opinion of today: not pregnant; two serum tests negative.")
    doctor.press("Record my conclusion")


def verify(stage: Stage, auditor: Person) -> None:
    """The auditor takes the log home, where the stand-alone verifier accepts it and refuses a changed copy."""
    auditor.follow("How to verify the download")
    auditor.follow("‹ Log")
    key = stage.house.world.app.log.vkey
    with auditor.page.expect_download() as waiting:
        auditor._one("Download the whole log").click()
    file = stage.folder / "log.zip"
    waiting.value.save_as(file)
    done = run_verifier(file, key)
    assert done.returncode == 0, done.stdout + done.stderr
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)
    assert run_verifier(file, key).returncode != 0
    auditor.open("/log")
    auditor.page.locator("td a").first.click()
    auditor.look()
    assert "log.exported" in auditor.text


def patient_of_number(stage: Stage, number: str) -> str:
    """The patient for whom an authorization number was given."""
    with stage.house.world.app.db.read() as uow:
        row = states.authorization_by_number(uow, number)
    assert row is not None
    return row.patient


def run_verifier(file: Path, key: str) -> subprocess.CompletedProcess[str]:
    """Run the verifier as an auditor does: one file, alone."""
    command = [sys.executable, "-I", str(compliance.ledger.verify.__file__), str(file), "--key", key]
    return subprocess.run(command, check=False, capture_output=True, text=True)


@pytest.mark.timeout(300)
def test_the_story_of_a_supply(stage: Stage) -> None:
    doctor = stage.person("prescriber")
    patient = register(doctor)
    record_contraception(doctor)
    doctor.open(patient)
    prescribe(doctor)
    assert doctor.codes == [
        code if code != "CONTRACEPTION_MISSING" else "CONTRACEPTION_LEAD_IN" for code in FIRST_ANSWER
    ]
    assert "Mon 2 Feb 2026, 00:00 Eastern" in doctor.text
    doctor.press("Ask for the authorization")
    assert "Not authorized" in doctor.text
    number = authorized(doctor, patient)

    pharmacist = stage.person("pharmacist")
    dispense(pharmacist, number)
    doctor.open(patient)
    assert "Dispensed" in doctor.text

    world = stage.house.world
    second, _ = world.confirmed("adult_frp")
    positive(stage, pharmacist, stage.person("auditor"), second)
    held = patient_of_number(stage, second)
    resolve(stage, doctor, f"/patients/{held}")

    auditor = stage.person("auditor")
    verify(stage, auditor)
    for person in (doctor, pharmacist, auditor):
        assert person.complaints == []
