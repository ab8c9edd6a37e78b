"""The pharmacist's screen: one word, two identifiers, every reason with its source, and only ways that are allowed."""

import html
import re
from datetime import timedelta
from typing import Any

import pytest

from compliance.domain.facts import CertifiedRole
from compliance.services import certifying
from tests.services import world as worlds
from tests.web.test_refusals import ASAP, PRESCRIBER, plain, reasons
from tests.web.visiting import House, Page

WHO = "Okoye, Ann, born 17 May 1990"


def verdict(text: str) -> tuple[str, str, str]:
    """The word, the look, and the line that says who the patient is."""
    box = text.partition('<section class="k-verdict')[2].partition("</section>")[0]
    look = re.findall(r"k-verdict--(\w+)", "k-verdict" + box)[0]
    word = plain(re.findall(r'id="verdict-word">([^<]+)<', box)[0])
    who = plain(re.findall(r'<p class="k-verdict__who">(.*?)</p>', box, re.DOTALL)[0]).replace(" ,", ",")
    assert '<svg class="k-icon' in box
    return word, look, who


def test_an_allowed_supply_says_dispense_and_asks_only_how_it_leaves(house: House) -> None:
    number, _ = house.world.confirmed("adult_frp")
    text = house.visitor("pharmacist").get(f"/pharmacy/{number}").text
    assert verdict(text) == ("Dispense", "yes", WHO)
    assert reasons(text) == []
    assert "Every requirement is met, until Tue 6 Jan 2026, 10:00 Eastern" in plain(text).replace(" ,", ",")
    form = next(one for one in Page(text).forms if one.action.endswith("/dispense"))
    assert [(one.value, one.is_chosen) for one in form.inputs if one.name == "handover"] == [
        ("in_person", False), ("shipped", False),
    ]  # fmt: skip


def test_a_blocked_supply_lists_every_reason_by_who_can_mend_it(house: House) -> None:
    world = house.world
    number = world.authorized(world.prescribed("adult_frp")).number
    own = world.patient_of(world.newest()["refs"]["prescription"])
    day = (world.clock.now() - timedelta(days=40)).date().isoformat()
    world.say(world.prescriber, own, "contraception", methods=[{"method": "male_condom", "since": day}])
    world.say(world.prescriber, own, "report", what="missed_menses")
    certifying.revoke(
        world.app, worlds.OPERATOR, world.pharmacist.site, CertifiedRole.PHARMACY, "Closed", worlds.PROGRAMME
    )
    text = house.visitor("pharmacist").get(f"/pharmacy/{number}").text
    assert verdict(text) == ("Do not dispense", "no", WHO)
    assert reasons(text) == [
        (
            PRESCRIBER, "A missed period or abnormal bleeding has not been evaluated.",
            "Test and counsel the patient; supply stops meanwhile.", ASAP,
        ),
        (
            PRESCRIBER, "Fewer accepted methods of contraception are in use than required.",
            "Add an accepted method and record it.", "Mon 2 Feb 2026, 00:00 Eastern",
        ),
        (
            "The programme's administrator can mend this", "The certification has been revoked.",
            "Only a new certification can restore it.", ASAP,
        ),
    ]  # fmt: skip
    assert "Call Prescriber. Read out the authorization number and these reasons." in text
    assert text.partition("<details")[0].count("Source: ") == len(reasons(text))
    assert "/dispense" not in text
    assert "/confirm" not in text
    assert not re.search(r"override|overrule|by force|anyway", text, re.IGNORECASE)


def test_a_positive_test_turns_the_open_page_and_the_server_refuses_too(house: House) -> None:
    world = house.world
    number, _ = world.confirmed("adult_frp")
    pharmacist = house.visitor("pharmacist")
    before = pharmacist.get(f"/pharmacy/{number}").text
    asked = pharmacist.get(f"/pharmacy/{number}/verdict.json").get_json()
    assert f'data-fingerprint="{asked["fingerprint"]}"' in before
    form = next(one for one in Page(before).forms if one.action.endswith("/dispense"))
    data = {one.name: one.value for one in form.inputs if one.kind == "hidden"} | {"handover": "in_person"}

    reporter = house.visitor("auditor")
    assert reporter.send("/report", named=number, what="test").status_code == 303

    assert pharmacist.get(f"/pharmacy/{number}/verdict.json").get_json() != asked
    assert pharmacist.client.post(form.action, data=data).status_code == 303
    text = pharmacist.get(f"/pharmacy/{number}").text
    assert "Stop. Refused. Every reason stands below; the refusal is in the log." in plain(text)
    assert verdict(text) == ("Do not dispense", "no", WHO)
    assert [(who, said) for who, said, _, _ in reasons(text)] == [
        ("Two clinicians must resolve this together", "A pregnancy has been reported."),
        (PRESCRIBER, "The authorization was voided."),
    ]
    assert world.newest()["outcome"] == "denied"


def test_a_patient_who_cannot_become_pregnant_is_asked_nothing_about_it(house: House) -> None:
    number, _ = house.world.confirmed("adult_male")
    text = house.visitor("pharmacist").get(f"/pharmacy/{number}").text
    main = text.partition("<main")[2].partition("</main>")[0]
    assert not re.search("pregnan", re.sub(r"<details.*?</details>", "", main, flags=re.DOTALL), re.IGNORECASE)


def test_the_whole_way_of_the_pharmacist_without_scripts(house: House) -> None:
    world = house.world
    number = world.authorized(world.prescribed("adult_frp")).number
    visitor = house.visitor("pharmacist")
    assert visitor.send("/pharmacy", number=number.lower().replace("-", " ")).status_code == 303
    assert verdict(visitor.follow().text)[0] == "Do not dispense yet"
    assert visitor.send(f"/pharmacy/{number}/confirm").status_code == 400
    assert visitor.send(f"/pharmacy/{number}/confirm", is_same="y").status_code == 303
    assert verdict(visitor.follow().text)[0] == "Do not dispense yet"
    given: dict[str, Any] = {"topics": worlds.PHARMACIST_TOPICS, "given": ["medication_guide", "counselling_checklist"]}
    assert visitor.send(f"/pharmacy/{number}/counsel", **given).status_code == 303
    assert verdict(visitor.follow().text)[0] == "Dispense"
    assert visitor.send(f"/pharmacy/{number}", to="/dispense", handover="in_person").status_code == 303
    text = visitor.follow().text
    assert verdict(text) == ("Already dispensed", "done", WHO)
    assert "Done. The dispense is logged. The product may leave now." in plain(text)
    assert visitor.send(f"/pharmacy/{number}/reverse", reason="It never left the shelf").status_code == 303
    assert verdict(visitor.follow().text)[0] != "Already dispensed"


@pytest.mark.parametrize(
    ("path", "changes", "said"),
    [
        ("", {"number": ""}, "Enter the authorization number"),
        ("", {"number": "x" * 41}, "Authorization number: use 40 characters at most"),
        ("", {"number": "\x00"}, "is mistyped: its check character does not fit"),
        ("/{}", {"handover": ""}, "Choose how it leaves the pharmacy"),
        ("/{}", {"handover": "by_drone"}, "How does it leave the pharmacy? “by_drone” is none of the choices"),
        ("/{}/confirm", {}, "Check the name and the date of birth, then tick the box"),
        ("/{}/counsel", {"topics": ["weather"], "given": ["medication_guide"]}, "“weather” is none of the choices"),
        ("/{}/counsel", {"topics": ["no_sharing"]}, "Tick what is done"),
        ("/{}/cancel", {"reason": ""}, "Say why"),
        ("/{}/cancel", {"reason": "x" * 501}, "Why? use 500 characters at most"),
        ("/{}/cancel", {"reason": "be\x07cause"}, "Why? "),
    ],
)  # fmt: skip
def test_a_pharmacist_s_slip_is_named_and_stores_nothing(
    confirmed: tuple[House, str], path: str, changes: dict[str, Any], said: str
) -> None:
    house, number = confirmed
    visitor = house.visitor("pharmacist")
    visitor.get(f"/pharmacy/{number}")
    before = kept(house)
    answer = visitor.send("/pharmacy" + path.format(number), to="/dispense" if "handover" in changes else "", **changes)
    assert answer.status_code == 400
    assert said in html.unescape(answer.text.partition("nhsuk-error-summary")[2].partition("</ul>")[0])
    assert kept(house) == before


@pytest.fixture(scope="module")
def confirmed(shared_house: House) -> tuple[House, str]:
    """A supply that may leave, to be looked at."""
    return shared_house, shared_house.world.confirmed("adult_frp")[0]


def kept(house: House) -> int:
    """How much is in the log, without what was only read."""
    return sum(one["type"] != "record.read" for one in house.world.entries())


def test_an_unknown_number_is_told_from_a_mistyped_one(house: House) -> None:
    visitor = house.visitor("pharmacist")
    for number, said in (
        ("7KQP-3MXD-9T2A-4", "“7KQP-3MXD-9T2A-4” is mistyped: its check character does not fit."),
        ("7kqp 3mxd 9t2a r", "There is no authorization 7KQP-3MXD-9T2A-R. Ask the prescriber for the number"),
    ):
        answer = visitor.send("/pharmacy", number=number)
        assert answer.status_code == 400
        assert said in html.unescape(answer.text)
    assert visitor.get("/pharmacy/7KQP-3MXD-9T2A-R").status_code == 404
    assert visitor.get("/pharmacy/nonsense").status_code == 404
