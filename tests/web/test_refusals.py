"""A prescriber who is refused reads every reason at once, in words, with who can mend it and when."""

import html
import re
from datetime import timedelta

from compliance.services import patients, prescriptions
from tests.services import world as worlds
from tests.web.visiting import House, Visitor


def reasons(text: str) -> list[tuple[str, str, str, str]]:
    """Each reason on a page: who can mend it, what is wrong, the next step, the earliest time."""
    found = []
    for group in text.split('<section class="k-group">')[1:]:
        inside = group.partition("</section>")[0]
        who = plain(inside.partition("</h3>")[0])
        for item in inside.split('<li class="k-finding">')[1:]:
            parts = [plain(part) for part in re.findall(r"<p[^>]*>(.*?)</p>", item, re.DOTALL)]
            said = {name: text for part in parts[1:] for name, _, text in [part.partition(": ")]}
            found.append((who, parts[0], said["Next"], said["Earliest"]))
    return found


def plain(markup: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", markup)).split())


def prescribe_for(house: House, patient: str) -> str:
    world = house.world
    issued = {"product": "lenalidomide", "category": "adult_frp", "channel": "electronic", **worlds.REGIMEN}
    return prescriptions.prescribe(world.app, world.prescriber, patient, issued).id


def newly_enrolled(house: House) -> str:
    world = house.world
    own = world.patient()
    world.say(
        world.prescriber, own, "enrolment", category="adult_frp", birth_date="1990-05-17", patient_signed=True,
        guardian_signed=False, prescriber_signed=True, prescriber=world.prescriber.id,
    )  # fmt: skip
    return own


ASAP = "as soon as it is done and recorded"
PRESCRIBER, PATIENT = "The prescriber can mend this", "The patient can mend this"
NO_TEST = "No accepted negative pregnancy test falls in this window before the prescription."
TEST_THEN = "Test in the window, then issue a new prescription."
ORDER = "Order a pregnancy test and record the result."
COUNSEL = ("Required counselling is not on record.", "Counsel the patient and record the topics covered.")
NOTHING_DONE = [
    (PRESCRIBER, NO_TEST, TEST_THEN, "Thu 15 Jan 2026, 00:00 Eastern"),
    (PRESCRIBER, NO_TEST, TEST_THEN, ASAP),
    (PRESCRIBER, "There is no accepted negative pregnancy test.", ORDER, ASAP),
    (
        PRESCRIBER, "No statement on contraception is on record.", "Record the methods in use, or abstinence.",
        "Mon 2 Feb 2026, 00:00 Eastern",
    ),
    (PRESCRIBER, *COUNSEL, ASAP),
    (PRESCRIBER, *COUNSEL, ASAP),
    (
        PRESCRIBER, "The prescriber's survey for this prescription is missing.", "Complete the prescriber survey.",
        ASAP,
    ),
    (PRESCRIBER, "The newest accepted negative test is too old for an authorization.", ORDER, ASAP),
    (PATIENT, "The patient has not completed a survey.", "Complete the patient survey.", ASAP),
]  # fmt: skip


def test_a_refused_authorization_lists_every_reason_and_is_in_the_log(house: House) -> None:
    own = newly_enrolled(house)
    prescription = prescribe_for(house, own)
    visitor = house.visitor("prescriber")
    place = f"/patients/{own}/prescriptions/{prescription}"
    assert visitor.send(place, to="/authorize").status_code == 303
    text = visitor.follow().text
    assert "Stop. Not authorized. Every reason stands below; the refusal is in the log." in plain(text)
    assert reasons(text) == NOTHING_DONE
    codes = re.findall(r'<span class="k-code">([A-Z_]+)</span>', text.partition("<details")[0])
    entry = house.world.newest()
    assert (entry["type"], entry["outcome"]) == ("authorization.decision", "denied")
    assert sorted(entry["reasons"]) == sorted(codes)
    assert len(codes) == len(NOTHING_DONE)


def test_a_mended_reason_goes_and_the_number_comes(house: House) -> None:
    prescription = house.world.prescribed("adult_frp")
    own = house.world.patient_of(prescription)
    visitor = house.visitor("prescriber")
    place = f"/patients/{own}/prescriptions/{prescription}"
    page = visitor.get(place).text
    assert reasons(page) == []
    assert "Every requirement is met" in page
    assert visitor.send(place, to="/authorize").status_code == 303
    text = visitor.follow().text
    number = re.findall(r'<p class="k-number__big">([^<]+)</p>', text)
    assert [len(one) for one in number] == [16]
    assert visitor.send(f"{place}/void", reason="The dose was wrong").status_code == 303
    assert "The authorization is void." in visitor.follow().text


def test_an_authorization_is_voided_only_with_a_reason(house: House) -> None:
    prescription = house.world.prescribed()
    house.world.authorized(prescription)
    own = house.world.patient_of(prescription)
    visitor = house.visitor("prescriber")
    visitor.get(f"/patients/{own}")
    before = len(house.world.entries())
    answer = visitor.send(f"/patients/{own}/prescriptions/{prescription}/void", reason="  ")
    assert answer.status_code == 400
    assert "Say why it is voided" in answer.text
    assert len(house.world.entries()) == before


def test_a_patient_on_hold_is_released_by_two_clinicians_and_not_by_one_twice(house: House) -> None:
    own = house.world.enrolled("adult_frp")
    house.world.test(own, timedelta(minutes=5), "positive")
    first, second = house.visitor("prescriber"), house.visitor("colleague")
    review = re.findall(r"/patients/[^/\"]+/holds/(?!new)[^\"]+", first.get(f"/patients/{own}").text)[0]
    for visitor, said in (
        (first, "The hold stands until two clinicians lift it."),
        (first, "The hold stands until two clinicians lift it."),
        (second, "Two clinicians have lifted this hold."),
    ):
        assert conclude(visitor, review) == 303
        assert said in visitor.follow().text
    assert second.get(review).status_code == 404


def conclude(visitor: Visitor, review: str) -> int:
    return visitor.send(review, outcome="lift", reason="Two serum tests were negative").status_code


def test_a_report_of_a_patient_nobody_knows_is_told_and_stores_nothing(house: House) -> None:
    visitor = house.visitor("auditor")
    before = len(house.world.entries())
    for named, said in (
        ("", "Enter a number that names the patient"),
        ("no-such-number", "“no-such-number” names no patient that you can report on. Check the number"),
        ("\x00", "names no patient"),
    ):
        answer = visitor.send("/report", named=named, what="test")
        assert answer.status_code == 400
        assert said in html.unescape(answer.text)
    assert len(house.world.entries()) == before


def test_a_prescriber_of_another_site_reports_by_the_authorization_number(house: House) -> None:
    number = house.world.authorized().number
    visitor = house.visitor("other_prescriber")
    assert visitor.send("/report", named=number, what="pregnancy", known_at__day="31").status_code == 303
    visitor.follow()
    said = plain(visitor.get("/patients").text)
    assert "Reported. The patient is on hold: nothing may be supplied. 1 live number was voided." in said
    assert (
        "Not readable, so left out: When was the test taken, or the pregnancy found. Tell the prescriber now." in said
    )
    assert patients.find_patients(house.world.app, house.world.other_prescriber, "") == []
