"""The sheet for clinicians says everything that the file says, needs nothing but itself, and cannot be misread."""

import re
from datetime import datetime
from html import unescape
from pathlib import Path

import pytest

from compliance.domain.errors import DomainError
from compliance.domain.span import Instant, instant
from compliance.paths import POLICIES
from compliance.policies import Catalogue, load_policy
from compliance.policies.catalogue import policy_files
from compliance.policies.sheet import Sheet, render, sheet, sheet_of, standing
from tests.policies.copies import NAME, SMALL, planted

COMMITTED = pytest.mark.parametrize("path", policy_files(POLICIES), ids=lambda path: "/".join(path.parts[-3:]))
NO_GATE = """[no_gate]
categories = ["adult_male"]
text = "Men have no gate."
source = "leaflet#5"
confidence = "secondary"

[prescription]
"""
NAMES = """[category_names]
adult_frp = "Women who can"
adult_male = "Men"

[sources.leaflet]"""
FLEXIBILITY = """[flexibility.home]
switched_on = true
in_force_from = 2025-01-01
in_force_until = 2025-06-30
text = "Home tests count."
source = "leaflet#6"
confidence = "unconfirmed"
"""

EDUCATION = "EDUCATION ONLY, NOT GATED: this programme has no gate, and nothing on this sheet refuses a supply"


def plain(html: str) -> str:
    """The text of a page, as it is read."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]*>", " ", html.partition("</head>")[2])))


def at(text: str) -> Instant:
    return instant(datetime.fromisoformat(text), "at")


def small(folder: Path, *faults: tuple[str, str]) -> Sheet:
    return sheet(load_policy(planted(folder, *faults)))


@COMMITTED
def test_every_number_of_a_committed_policy_stands_with_its_document_and_confidence(path: Path) -> None:
    policy = load_policy(path)
    found = sheet(policy)
    text = plain(render(found))
    rows = [row for group in found.groups for row in group.rows]
    cited = list(policy.raw["requirement"])
    cited += [policy.raw[n] for n in ("pregnancy_test", "pregnancy_test_after_first", "prescription", "no_gate")
              if n in policy.raw]  # fmt: skip
    documents = list(policy.sources)
    said = sorted((row.text, documents[row.cited.document - 1], row.cited.confidence) for row in rows)
    assert said == sorted((t["text"], t["source"].partition("#")[0], t["confidence"]) for t in cited)
    for row in (*rows, *found.relaxations):
        assert f"{row.cited.confidence} [{row.cited.document}]" in text
        assert [f"{name} {number}" for name, number in row.numbers if f"{name} {number}" not in text] == []
    for source in policy.sources.values():
        assert all(part in text for part in (source.title, source.publisher, source.url))
    assert policy.sha256 in text


@COMMITTED
def test_the_page_needs_nothing_but_itself(path: Path) -> None:
    page = render(sheet(load_policy(path)))
    assert re.findall(r"<script|<link|<img|@import|url\(|\sstyle=|\son[a-z]+=", page) == []
    assert page.startswith('<!DOCTYPE html>\n<html lang="en">')
    anchors = set(re.findall(r'href="#([^"]+)"', page))
    assert anchors <= set(re.findall(r'id="([^"]+)"', page))
    assert "size: A4" in page


def test_an_active_policy_has_no_banner_and_says_from_when_it_holds() -> None:
    found = sheet(load_policy(SMALL / NAME))
    assert (found.banners, found.in_force) == ((), "from 1 January 2024, until further notice")


@pytest.mark.parametrize(
    ("faults", "banners"),
    [
        ([('"active"', '"draft"')], [("stop", "DRAFT: the gate refuses to authorize under this file")]),
        ([('"active"', '"retired"')], [("stop", "RETIRED: the gate refuses to authorize under this file")]),
        ([("[prescription]\n", NO_GATE)], [("note", "NOT GATED for: Male (adult)")]),
        (
            [("[prescription]\n", NO_GATE.replace('"adult_male"', '"adult_male", "adult_frp"'))],
            [("note", "NOT GATED for: Every patient")],
        ),
        (
            [
                ("[prescription]\n", NO_GATE.replace('"adult_male"', '"adult_male", "adult_frp"')),
                ("[[requirement]]\n", '[[requirement]]\nif_unmet = "advise"\n'),
            ],
            [("note", EDUCATION)],
        ),
        (
            [('kind = "latest_test_negative"', 'kind = "not_held"\nreviewers = 2\nif_unmet = "refer"')],
            [("note", "IN A PREGNANCY a specialist decides: stopping abruptly may harm more than going on")],
        ),
        (
            [("[sources.leaflet]", 'layer_over = ["us/b", "us/a"]\n\n[sources.leaflet]')],
            [("note", "A LAYER that a site can lay over us/a, us/b; it only adds rules")],
        ),
    ],
    ids=["draft", "retired", "some without gate", "all without gate", "education", "consult", "layer"],
)  # fmt: skip
def test_what_must_be_known_first_stands_in_a_banner(
    faults: list[tuple[str, str]], banners: list[tuple[str, str]], tmp_path: Path
) -> None:
    found = small(tmp_path, *faults)
    assert list(found.banners) == banners
    assert all(f"<strong>{text}</strong>" in render(found) for _, text in banners)


def test_the_programmes_own_names_come_first_and_the_words_behind_them_after() -> None:
    assert sheet(load_policy(SMALL / NAME)).people == (
        ("male", "adult"), ("female of reproductive potential", "adult; an unknown category is taken as this one"),
    )  # fmt: skip


def test_a_programme_that_names_its_categories_is_shown_by_its_names(tmp_path: Path) -> None:
    only_men = ('when = { steps = ["authorize"] }', 'when = { steps = ["authorize"], categories = ["adult_male"] }')
    found = small(tmp_path, ("[sources.leaflet]", NAMES), ("[prescription]\n", NO_GATE), only_men)
    assert found.people == (
        ("Men", "male (adult); no gate"),
        ("Women who can", "female of reproductive potential (adult); an unknown category is taken as this one"),
    )
    assert [group.title for group in found.groups] == [
        "Every patient", "Men", "Pregnancy tests that count", "Prescriptions that count", "No gate",
    ]  # fmt: skip
    assert found.banners == (("note", "NOT GATED for: Men"),)
    (no_gate,) = found.groups[-1].rows
    assert (no_gate.text, no_gate.numbers, no_gate.outcome) == ("Men have no gate.", (("patients", "Men"),), "–")


def test_a_rule_says_at_which_steps_of_which_supplies_and_what_happens_if_it_is_unmet(tmp_path: Path) -> None:
    when = ('when = { steps = ["authorize"] }', 'if_unmet = "refer"\nwhen = { steps = ["authorize"], first = true }')
    found = small(tmp_path, when)
    rows = {row.text: row for group in found.groups for row in group.rows}
    days = rows["No more than 28 days."]
    assert ([step.value for step in days.steps], days.supply, days.outcome) == (
        ["authorize"], "first supply", "Hold and refer",
    )  # fmt: skip
    newest = rows["The newest test is negative."]
    assert ([step.value for step in newest.steps], newest.supply, newest.outcome) == (
        ["authorize", "confirm", "dispense"], "", "Refuse",
    )  # fmt: skip
    text = plain(render(found))
    assert "First supply: No more than 28 days. at most 28 days of treatment asked – not asked – not asked" in text


def test_a_relaxation_stands_with_its_dates(tmp_path: Path) -> None:
    found = small(tmp_path, ("[flexibility]\n", FLEXIBILITY))
    assert [(row.text, row.numbers, row.cited.confidence) for row in found.relaxations] == [
        (
            "Home tests count.",
            (("in force", "from 1 January 2025 to 30 June 2025"), ("switched on", "yes")), "unconfirmed",
        ),
    ]  # fmt: skip
    assert "Relaxations that the programme has announced" not in render(sheet(load_policy(SMALL / NAME)))


def test_what_a_file_says_is_text_and_never_markup(tmp_path: Path) -> None:
    page = render(small(tmp_path, ("No more than 28 days.", "No more than <b>28</b> days & nights.")))
    assert "No more than &lt;b&gt;28&lt;/b&gt; days &amp; nights." in page


def two_versions(folder: Path) -> Catalogue:
    """The small policy and a version that follows it."""
    later = [
        ('version = "2024-01-01"', 'version = "2025-01-01"'),
        ("in_force_from = 2024-01-01", "in_force_from = 2025-01-01"),
    ]
    first = load_policy(SMALL / NAME)
    path = planted(folder, *later)
    return Catalogue([load_policy(path.rename(path.with_name("2025-01-01.toml"))), first])


def test_a_version_is_found_by_its_name_and_knows_what_follows_it(tmp_path: Path) -> None:
    catalogue = two_versions(tmp_path)
    found = sheet_of(catalogue, "xx/small", "2024-01-01")
    assert found.in_force == "from 1 January 2024 until the version of 1 January 2025"
    assert sheet_of(catalogue, "xx/small", "2025-01-01").in_force == "from 1 January 2025, until further notice"
    with pytest.raises(DomainError, match=r"version: give one of: 2024-01-01, 2025-01-01 \(given: 2026-01-01\)"):
        sheet_of(catalogue, "xx/small", "2026-01-01")


@pytest.mark.parametrize(
    ("moment", "stands"),
    [
        ("2023-12-31T23:59:59.999999+01:00", "Not yet in force"), ("2024-01-01T00:00:00+01:00", "In force"),
        ("2024-12-31T23:59:59.999999+01:00", "In force"), ("2025-01-01T00:00:00+01:00", "No longer in force"),
    ],
)  # fmt: skip
def test_whether_a_version_stands_is_said_to_the_microsecond(moment: str, stands: str, tmp_path: Path) -> None:
    assert standing(sheet_of(two_versions(tmp_path), "xx/small", "2024-01-01"), at(moment)) == stands


def test_a_version_with_a_last_day_stands_to_its_end(tmp_path: Path) -> None:
    found = small(tmp_path, ("in_force_from = 2024-01-01", "in_force_from = 2024-01-01\nin_force_until = 2024-02-29"))
    assert found.in_force == "from 1 January 2024 to 29 February 2024"
    assert standing(found, at("2024-02-29T23:59:59.999999+01:00")) == "In force"
    assert standing(found, at("2024-03-01T00:00:00+01:00")) == "No longer in force"


@pytest.mark.parametrize("status", ["draft", "retired"])
def test_a_version_under_which_nothing_is_authorized_never_stands(status: str, tmp_path: Path) -> None:
    found = small(tmp_path, ('"active"', f'"{status}"'))
    assert standing(found, at("2024-06-01T00:00:00+02:00")) == f"{status.capitalize()}: the gate refuses"
