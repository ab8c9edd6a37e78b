"""Each proof of a policy file holds for what is committed, and catches the fault that is planted for it."""

import hashlib
from pathlib import Path

import pytest

from compliance.domain.decision import Outcome
from compliance.domain.errors import DomainError
from compliance.domain.gate import decide
from compliance.domain.policy import Status
from compliance.domain.record import Record
from compliance.paths import POLICIES
from compliance.policies.catalogue import load_policy, policy_files
from compliance.policies.check import check_file, missing_released, released_digests
from compliance.policies.examples import read_examples
from tests.policies.copies import NAME, SMALL, planted

DRAFTS = [path for path in policy_files(POLICIES) if load_policy(path).status is Status.DRAFT]


@pytest.mark.parametrize("path", policy_files(POLICIES), ids=lambda path: "/".join(path.parts[-3:]))
def test_a_committed_policy_is_proven(path: Path) -> None:
    found = check_file(path)
    assert found.complaints == ()
    assert (found.requirements > 3, found.examples > 30, found.variations > 60) == (True, True, True)


def test_every_released_file_is_still_there() -> None:
    assert list(missing_released(POLICIES)) == []
    files = {
        "/".join(path.parts[-3:]) for path in policy_files(POLICIES) if load_policy(path).status is not Status.DRAFT
    }
    assert set(released_digests(POLICIES / "released.sha256")) == files


def test_the_small_policy_is_proven() -> None:
    found = check_file(SMALL / NAME)
    assert (found.complaints, found.requirements, found.examples) == ((), 3, 15)


FLEXIBILITY = """[flexibility.home]
switched_on = true
in_force_from = 2025-01-01
text = "Home tests count."
source = "leaflet#1"
confidence = "primary"
"""
FAULTS = {
    "a number that no example nails from above": (
        [('[example.day-29]\nlike = "base"\nfacts.rx.quantity = 29\nunmet = ["days"]',
          '[example.day-29]\nlike = "base"\nfacts.rx.quantity = 30\nunmet = ["days"]')],
        [("NOT_NAILED", "days.at_most: 28 to 29: no example notices")],
    ),
    "a number that no example nails from below": (
        [("sensitivity_miu_ml = 50,", "sensitivity_miu_ml = 49,")],
        [("NOT_NAILED", "pregnancy_test.least_sensitive: 50 to 49: no example notices")],
    ),
    "a word that could be added unnoticed": (
        [('[example.urine]\nlike = "base"\nfacts.test.test_kind = "urine"\nunmet = ["tested"]', "")],
        [("NOT_NAILED", "pregnancy_test.kinds: with urine: no example notices")],
    ),
    "a day in force that could be earlier": (
        [("at = 2023-12-31T23:59:59+01:00", "at = 2023-12-30T23:59:59+01:00")],
        [("NOT_NAILED", "time_zone: Europe/Berlin to Asia/Tokyo: no example notices"),
         ("NOT_NAILED", "in_force_from: 2024-01-01 to 2023-12-31: no example notices")],
    ),
    "a filter that could be wider": (
        [('[example.day-29-dispense]\nlike = "day-29-confirm"\nstep = "dispense"\nallowed = true', "")],
        [("NOT_NAILED", "days.when.steps: with dispense: no example notices")],
    ),
    "a filter that could be dropped": (
        [('[example.day-29-confirm]\nlike = "base"\nstep = "confirm"\nfacts.rx.quantity = 29\nallowed = true\n', ""),
         ('[example.day-29-dispense]\nlike = "day-29-confirm"\nstep = "dispense"\nallowed = true', "")],
        [("NOT_NAILED", "days.when: asked always: no example notices"),
         ("NOT_NAILED", "days.when.steps: filter dropped: no example notices"),
         ("NOT_NAILED", "days.when.steps: with confirm: no example notices"),
         ("NOT_NAILED", "days.when.steps: with dispense: no example notices")],
    ),
    "a word that could be left out unnoticed": (
        [('kinds = ["serum"]', 'kinds = ["serum", "urine"]'),
         ('[example.urine]\nlike = "base"\nfacts.test.test_kind = "urine"\nunmet = ["tested"]', "")],
        [("NOT_NAILED", "pregnancy_test.kinds: without urine: no example notices")],
    ),
    "a relaxation that no example uses": (
        [("[flexibility]\n", FLEXIBILITY),
         ("places_by_flexibility = {}", 'places_by_flexibility = { home = "home" }')],
        [("NOT_NAILED", "flexibility.home.in_force_from: 2025-01-01 to 2024-12-31: no example notices"),
         ("NOT_NAILED", "flexibility.home.in_force_from: 2025-01-01 to 2025-01-02: no example notices"),
         ("NOT_NAILED", "flexibility.home.switched_on: true to false: no example notices"),
         ("NOT_NAILED", "pregnancy_test.places_by_flexibility.home: left out: no example notices")],
    ),
    "a relaxation that is switched off, and could be switched on unnoticed": (
        [("[flexibility]\n", FLEXIBILITY.replace("true", "false")),
         ("places_by_flexibility = {}", 'places_by_flexibility = { home = "home" }')],
        [("NOT_NAILED", "flexibility.home.switched_on: false to true: no example notices")],
    ),
    "clocks that could be others'": (
        [("at = 2024-01-01T00:00:00+01:00", "at = 2024-01-01T01:00:00+01:00")],
        [("NOT_NAILED", "time_zone: Europe/Berlin to Europe/London: no example notices"),
         ("NOT_NAILED", "time_zone: Europe/Berlin to UTC: no example notices")],
    ),
    "an example that is wrong": (
        [('facts.test.place = "home"\nunmet = ["tested"]', 'facts.test.place = "home"\nunmet = ["days"]')],
        [("EXAMPLE_WRONG", "example at-home: unmet: expected days; got tested")],
    ),
    "a requirement that never blocks alone": (
        [('facts.rx.quantity = 29\nunmet = ["days"]',
          'facts.rx.quantity = 29\nfacts.rx.channel = "fax"\nunmet = ["prescription", "days"]')],
        [("NEVER_BLOCKS_ALONE", "no example is blocked by days alone"),
         ("NOT_NAILED", "days.if_unmet: refuse to refer: no example notices")],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FAULTS)
def test_a_planted_fault_is_caught(name: str, tmp_path: Path) -> None:
    faults, complaints = FAULTS[name]
    assert [tuple(c) for c in check_file(planted(tmp_path, *faults)).complaints] == complaints


def test_a_zone_that_keeps_the_same_time_needs_no_example(tmp_path: Path) -> None:
    path = planted(tmp_path, ('time_zone = "Europe/Berlin"', 'time_zone = "Europe/Brussels"'))
    assert check_file(path).complaints == ()


RETIRED = POLICIES / "us" / "ambrisentan-rems" / "2025-03-31.toml"
ONLY_WITNESS = """[example.prescriber-expired]
like = "male-authorize"
facts.dr.expires_on = "-P1D"
unmet = ["policy", "prescriber-certified"]
codes = ["POLICY_NOT_ACTIVE", "CERTIFICATION_EXPIRED"]
"""


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        (ONLY_WITNESS, "", ("NEVER_BLOCKS_ALONE", "no example is blocked by prescriber-certified alone")),
        ("sensitivity_miu_ml = 26", "sensitivity_miu_ml = 27",
         ("NOT_NAILED", "pregnancy_test.least_sensitive: 25 to 26: no example notices")),
    ],
    ids=["blocks beside the refusal of the version", "a number"],
)  # fmt: skip
def test_a_retired_version_is_proven_like_any_other(
    tmp_path: Path, old: str, new: str, complaint: tuple[str, str]
) -> None:
    text = RETIRED.read_text(encoding="utf-8")
    assert old in text
    path = tmp_path.joinpath(*RETIRED.parts[-3:])
    path.parent.mkdir(parents=True)
    path.write_text(text.replace(old, new), encoding="utf-8")
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    (tmp_path / "released.sha256").write_text(f"{digest}  {'/'.join(RETIRED.parts[-3:])}\n", encoding="ascii")
    assert [tuple(c) for c in check_file(path).complaints] == [complaint]


DRAFTED = ('status = "active"', 'status = "draft"')


@pytest.mark.parametrize(
    ("faults", "complaints"),
    [
        ((), []),
        (FAULTS["a number that no example nails from below"][0],
         [("NOT_NAILED", "pregnancy_test.least_sensitive: 50 to 49: no example notices")]),
        ([('[example.day-29]\nlike = "base"\nfacts.rx.quantity = 29\nunmet = ["days"]',
           '[example.day-29]\nlike = "base"\nfacts.rx.quantity = 29\nunmet = ["policy", "days"]')],
         [("EXAMPLE_WRONG", "example day-29: unmet: expected policy, days; got days"),
          ("NEVER_BLOCKS_ALONE", "no example is blocked by days alone")]),
    ],
    ids=["as it stands", "a number", "an example that expects the draft's own refusal"],
)  # fmt: skip
def test_a_draft_is_proven_as_if_it_were_active_and_needs_no_release(
    tmp_path: Path, faults: list[tuple[str, str]], complaints: list[tuple[str, str]]
) -> None:
    path = planted(tmp_path, DRAFTED, *faults)
    (tmp_path / "released.sha256").write_text("", encoding="ascii")
    found = check_file(path)
    assert ([tuple(c) for c in found.complaints], found.examples) == (complaints, 15)


DRAFTS = [path for path in policy_files(POLICIES) if load_policy(path).status is Status.DRAFT]


def test_there_are_drafts_to_be_refused() -> None:
    assert ["/".join(path.parts[-3:]) for path in DRAFTS] == [
        "au/i-access/2026-11-23.toml",
        "ca/revaid/2026-11-23.toml",
    ]


@pytest.mark.parametrize("path", DRAFTS, ids=lambda path: "/".join(path.parts[-3:]))
def test_the_gate_refuses_under_a_draft_whatever_its_examples_say(path: Path) -> None:
    draft = load_policy(path)
    asked = [(case, decide(draft, Record(case.facts), case.request, case.at)) for case in read_examples(draft, path)]
    assert {decision.codes[0] for _, decision in asked} == {"POLICY_NOT_ACTIVE"}
    fine = [(case.name, decision) for case, decision in asked if case.expected.unmet == ()]
    assert len(fine) > 30
    assert {(decision.outcome, decision.codes) for _, decision in fine} == {(Outcome.REFUSE, ("POLICY_NOT_ACTIVE",))}


def test_a_source_that_does_not_resolve_is_caught(tmp_path: Path) -> None:
    path = planted(tmp_path, ('source = "leaflet#3"', 'source = "brochure#3"'))
    message = f"{path}: requirement.2.source: name an entry of [sources] (given: brochure#3)"
    assert [tuple(c) for c in check_file(path).complaints] == [("SOURCE_UNKNOWN", message)]


def test_two_requirements_of_one_id_are_caught(tmp_path: Path) -> None:
    path = planted(tmp_path, ('id = "days"', 'id = "tested"'))
    assert [c.code for c in check_file(path).complaints] == ["ID_TWICE"]


def test_a_changed_released_file_is_caught(tmp_path: Path) -> None:
    path = planted(tmp_path, ("Written prescriptions.", "Prescriptions in writing."), released=False)
    message = f"{NAME} is not the file that was released; make a new version"
    assert [tuple(c) for c in check_file(path).complaints] == [("RELEASED_FILE_CHANGED", message)]
    assert [c.code for c in missing_released(tmp_path)] == ["RELEASED_FILE_CHANGED"]


def test_a_lost_released_file_is_caught(tmp_path: Path) -> None:
    planted(tmp_path).unlink()
    message = f"{NAME} was released and is gone"
    assert [tuple(c) for c in missing_released(tmp_path)] == [("RELEASED_FILE_MISSING", message)]


def test_an_active_file_that_was_never_released_is_caught(tmp_path: Path) -> None:
    path = planted(tmp_path)
    (tmp_path / "released.sha256").write_text("", encoding="ascii")
    message = f"{NAME} is not in released.sha256, and only a draft may be missing there"
    assert [tuple(c) for c in check_file(path).complaints] == [("NOT_RELEASED", message)]


@pytest.mark.parametrize(
    ("listed", "code"),
    [(None, "FILE_UNREADABLE"), ("abc", "RELEASED_UNREADABLE"), ("é", "RELEASED_UNREADABLE")],
)
def test_an_unreadable_list_of_released_files_is_caught(listed: str | None, code: str, tmp_path: Path) -> None:
    path = planted(tmp_path)
    (tmp_path / "released.sha256").unlink()
    if listed is not None:
        (tmp_path / "released.sha256").write_text(listed, encoding="utf-8")
    assert [c.code for c in check_file(path).complaints] == [code]


def test_a_policy_without_examples_is_not_proven(tmp_path: Path) -> None:
    text = (SMALL / NAME).read_text(encoding="utf-8")
    path = planted(tmp_path, (text[text.index("[example.base]") :], ""))
    codes = [c.code for c in check_file(path).complaints]
    assert codes[:4] == ["NO_EXAMPLES", "NEVER_BLOCKS_ALONE", "NEVER_BLOCKS_ALONE", "NEVER_BLOCKS_ALONE"]
    assert set(codes[4:]) == {"NOT_NAILED"}


CONTRACEPTION = """
[[requirement]]
id = "methods"
kind = "contraception"
methods = 2
of_them_highly_effective = 1
highly_effective = ["combined_pill", "male_condom"]
additional = ["male_condom"]
abstinence_counts = false
lead_in = "P0D"
text = "Two methods."
source = "leaflet#4"
confidence = "primary"

[[requirement]]
id = "declared"
kind = "declared"
statements = ["counselled"]
exactly_one_of = ["counselled", "in_label"]
text = "Counselled."
source = "leaflet#4"
confidence = "primary"

[[requirement]]
id = "evidence"
kind = "risk_evidence"
accepted = ["natural_menopause"]
menopause_months = "none"
text = "Menopause."
source = "leaflet#4"
confidence = "primary"

[example.base]"""


def test_a_requirement_that_contradicts_itself_is_caught(tmp_path: Path) -> None:
    path = planted(tmp_path, ("\n[example.base]", CONTRACEPTION))
    assert [tuple(c) for c in check_file(path).complaints][:3] == [
        ("WORD_IN_TWO_LISTS", "methods: male_condom stands in two lists"),
        ("WORD_IN_TWO_LISTS", "declared: counselled stands in two lists"),
        ("MENOPAUSE_UNCLEAR", "evidence: menopause_months is a number where natural_menopause is accepted"),
    ]


BAD_EXAMPLES = {
    'like = "base"\nunmet = ["tested"]\nprogramme = "xx/small"': "programme: an example belongs to its own",
    'like = "bass"\nallowed = true': "like: name an example of this file (given: bass)",
    'like = "base"': "unmet: say allowed = true, or list what is unmet",
    'like = "base"\nallowed = false': "unmet: say allowed = true, or list what is unmet",
    'like = "base"\nunmet = ["teste"]': "unmet: name a requirement of the policy (given: teste)",
    'like = "planted"\nallowed = true': "like: a story cannot be like itself",
}


@pytest.mark.parametrize("example", BAD_EXAMPLES)
def test_an_example_that_cannot_be_read_is_caught(example: str, tmp_path: Path) -> None:
    path = planted(tmp_path, ("[example.base]", f"[example.planted]\n{example}\n\n[example.base]"))
    (complaint,) = check_file(path).complaints
    assert complaint.message.startswith(f"example.planted.{BAD_EXAMPLES[example]}")


def test_a_policy_in_the_wrong_folder_is_refused(tmp_path: Path) -> None:
    path = planted(tmp_path, ('id = "xx/small"', 'id = "yy/small"'))
    assert [c.code for c in check_file(path).complaints] == ["ID_MISMATCH"]


def test_a_file_that_is_not_named_by_a_day_is_refused(tmp_path: Path) -> None:
    path = planted(tmp_path)
    path.rename(path.with_name("newest.toml"))
    with pytest.raises(DomainError, match="name it by a day"):
        policy_files(tmp_path)
