"""A case gets every finding with its reason; the exit code is the decision's, and scripts may rely on it."""

import json
import os
import pty
import sys
from pathlib import Path

import pytest

from compliance.domain.decision import REASONS
from compliance.paths import POLICIES
from compliance.policies import load_policy
from tests.cases.stories import HEAD, RX, written
from tests.cli.conftest import Kelsey

CASES = Path(__file__).parents[1] / "cases" / "us-lenalidomide"
POLICY = POLICIES / "us" / "lenalidomide-rems" / "2023-03-24.toml"


def test_an_allowed_case_exits_with_0_and_says_until_when(kelsey: Kelsey) -> None:
    said = kelsey("decide", CASES / "frp-first-authorization.toml")
    lines = said.out.splitlines()
    assert (said.code, said.err) == (0, "")
    assert lines[0].startswith("ALLOWED: authorize rx at 2024-03-04 10:00 EST (category adult_frp; us/lenalidomide")
    assert lines[-2:] == [
        "allowed until 2024-03-12 00:00 EDT",
        "an authorization given now would end 2024-03-12 00:00 EDT",
    ]


def test_a_blocked_case_exits_with_1_and_says_why_who_what_and_when(kelsey: Kelsey) -> None:
    said = kelsey("decide", CASES / "frp-first-test-15-days-before.toml")
    lines = said.out.splitlines()
    at = lines.index(
        "UNMET  first-test: Before the first prescription: a negative pregnancy test 10 to 14 days before it."
    )
    assert said.code == 1
    assert lines[0].startswith("BLOCKED: authorize rx at ")
    assert lines[at + 1 : at + 5] == [
        f"       TEST_NOT_IN_WINDOW: {REASONS['TEST_NOT_IN_WINDOW'].sentence}",
        "       prescriber: Test in the window, then issue a new prescription.",
        "       could be met from 2024-03-14 00:00 EDT, by a new fact",
        "       source label#8.3 (primary): Revlimid prescribing information, section 8",
    ]
    assert lines[-2] == "could be allowed from 2024-03-14 00:00 EDT"
    assert sum(line.startswith(("met ", "UNMET ")) for line in lines) == 19


def test_an_answer_that_is_not_the_expected_one_is_said_but_does_not_change_the_exit(
    kelsey: Kelsey, tmp_path: Path
) -> None:
    said = kelsey("decide", written(tmp_path, HEAD + 'unmet = ["enrolled"]\n' + RX))
    assert said.code == 1
    assert said.out.splitlines()[-1].startswith("NOT AS EXPECTED: unmet: expected enrolled; got category-on-")


def test_json_holds_every_finding_for_programs(kelsey: Kelsey) -> None:
    said = kelsey("decide", CASES / "frp-positive-then-negative.toml", "--json")
    answer = json.loads(said.out)
    held = next(f for f in answer["findings"] if not f["met"])
    assert said.code == 1
    assert (answer["allowed"], answer["codes"], answer["mismatches"]) == (False, ["HELD_POSITIVE_TEST"], [])
    assert answer["policy"]["sha256"] == load_policy(POLICY).sha256
    assert (answer["earliest_at"], answer["valid_until"]) == ("2024-03-04T15:00:00.000000Z", None)
    assert held == {
        "requirement": "not-held",
        "met": False,
        "refers": False,
        "code": "HELD_POSITIVE_TEST",
        "reason": REASONS["HELD_POSITIVE_TEST"].sentence,
        "mender": "two_clinicians",
        "next_step": REASONS["HELD_POSITIVE_TEST"].next_step,
        "evidence": ["positive"],
        "until": None,
        "opens": "by_a_new_fact",
        "opens_at": "2024-03-04T15:00:00.000000Z",
        "text": next(r.text for r in load_policy(POLICY).requirements if r.id == "not-held"),
        "source": "house#two-clinicians",
        "source_title": "Safety rule of this system where the programme is silent; see policies/README.md",
        "confidence": "house",
    }


def test_under_a_policy_that_is_not_in_force_nothing_is_allowed(kelsey: Kelsey, tmp_path: Path) -> None:
    said = kelsey("decide", written(tmp_path, HEAD.replace("2024", "2022") + RX))
    assert said.code == 1
    assert "UNMET  policy: The policy is active and in force." in said.out.splitlines()


def test_an_unreadable_case_exits_with_2_and_names_field_and_value(kelsey: Kelsey, tmp_path: Path) -> None:
    path = written(tmp_path, HEAD + RX.replace("refills = 0", "refills = 1.5"))
    said = kelsey("decide", path)
    assert (said.code, said.out) == (2, "")
    assert said.err == f"kelsey: {path}: facts.rx.refills: write a whole number (given: 1.5)\n"


BAD = {
    "empty": (b"", "programme: say which programme"),
    "binary": (bytes(range(256)), "save the file as UTF-8; line 2 is not"),
    "UTF-16": (HEAD.encode("utf-16"), "save the file as UTF-8; line 1 is not"),
    "no TOML": (b"at = ", "not TOML: Invalid value (at end of document)"),
    "a key twice": (HEAD.encode() + b"at = 1", "not TOML: Cannot overwrite a value (at end of document)"),
    "30 February": (
        HEAD.replace("03-04", "02-30").encode(),
        "not TOML: Invalid date or datetime (at line 3, column 6)",
    ),
    "no offset": (
        HEAD.replace("-05:00", "").encode(),
        "at: a time needs an offset from UTC (given: 2024-03-04T10:00:00)",
    ),
    "a time that the clocks skip": (
        (HEAD.replace("03-04T10:00:00-05", "03-11T02:30:00-04") + RX.replace("-PT1H", "-P1D")).encode(),
        "facts.rx.at: the clocks skip 2024-03-10 02:30:00; write the time with its offset (given: -P1D)",
    ),
    "an unknown member": (HEAD.encode() + RX.encode() + b"x = 1", "facts.rx.x: prescription has no such member"),
    "no number": (HEAD.encode() + b"allowed = nan", "allowed: write a number (given: nan)"),
    "no end": (HEAD.encode() + b"allowed = inf", "allowed: write a number (given: inf)"),
    "a huge number": (
        (HEAD + RX.replace("refills = 0", "refills = 99999999999")).encode(),
        "facts.rx.refills: give a whole number from 0 to 100000 (given: 99999999999)",
    ),
    "thousands of digits": (
        HEAD.encode() + b"allowed = " + b"9" * 5000,
        "line 5 holds a number of thousands of digits",
    ),
    "deeply nested": (HEAD.encode() + b"x = " + b"[" * 5000, "nested far too deeply"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_whatever_cannot_be_read_exits_with_2_and_one_line(name: str, kelsey: Kelsey, tmp_path: Path) -> None:
    data, says = BAD[name]
    path = tmp_path / "case.toml"
    path.write_bytes(data)
    said = kelsey("decide", path)
    assert (said.code, said.out, said.err) == (2, "", f"kelsey: {path}: {says}\n")
    folder = kelsey("cases", "run", tmp_path)
    assert (folder.code, folder.out.splitlines()) == (
        2,
        [f"unreadable: {path}: {says}", "1 cases: 0 as expected, 0 not as expected, 1 unreadable"],
    )


@pytest.mark.parametrize(("name", "reason"), [("nothing.toml", "No such file or directory"), (".", "Is a directory")])
def test_a_case_that_is_no_file_exits_with_2(name: str, reason: str, kelsey: Kelsey, tmp_path: Path) -> None:
    said = kelsey("decide", tmp_path / name)
    assert (said.code, said.out, said.err) == (2, "", f"kelsey: {tmp_path / name}: cannot be read: {reason}\n")


def test_control_characters_of_a_case_do_not_reach_the_terminal(kelsey: Kelsey, tmp_path: Path) -> None:
    said = kelsey("decide", written(tmp_path, HEAD + '"\\u001b[2J" = 1\n'))
    assert said.code == 2
    assert "\x1b" not in said.err


def test_people_at_a_terminal_get_a_table(var: Path) -> None:
    leader, follower = pty.openpty()
    case = str(CASES / "frp-first-test-15-days-before.toml")
    pid = os.fork()
    if pid == 0:  # the child has the terminal for its output
        os.dup2(follower, 1)
        os.environ["TERM"] = "xterm"
        os.execv(sys.executable, [sys.executable, "-m", "compliance.cli", "decide", case])
    os.close(follower)
    shown = b""
    try:
        while data := os.read(leader, 65536):
            shown += data
    except OSError:
        pass  # the other end of a terminal closes with an error
    os.close(leader)
    _, status = os.waitpid(pid, 0)
    assert os.waitstatus_to_exitcode(status) == 1
    text = shown.decode()
    assert [part for part in ("BLOCKED", "│", "UNMET", "TEST_NOT_IN_WINDOW") if part not in text] == []


def test_all_committed_cases_are_as_expected(kelsey: Kelsey) -> None:
    said = kelsey("cases", "run", CASES)
    count = len(list(CASES.glob("*.toml")))
    assert (said.code, said.out) == (
        0, f"{count} cases: {count} as expected, 0 not as expected, 0 unreadable\n",
    )  # fmt: skip


def test_a_case_that_is_not_as_expected_is_reported_with_both_answers(kelsey: Kelsey, tmp_path: Path) -> None:
    written(tmp_path, HEAD + "allowed = false\n" + RX, "right")
    (tmp_path / "deeper").mkdir()
    path = written(tmp_path / "deeper", HEAD + 'codes = ["HELD"]\n' + RX, "wrong")
    said = kelsey("cases", "run", tmp_path)
    assert said.code == 1
    assert said.out.splitlines()[0].startswith(f"{path}: NOT AS EXPECTED: codes: expected HELD; got CATEGORY")
    assert said.out.splitlines()[1] == "2 cases: 1 as expected, 1 not as expected, 0 unreadable"


@pytest.mark.parametrize("text", [HEAD + RX, "nonsense", HEAD + 'earliest_at = "none"\n' + RX])
def test_a_case_that_is_unreadable_or_expects_nothing_exits_with_2(text: str, kelsey: Kelsey, tmp_path: Path) -> None:
    path = written(tmp_path, text)
    said = kelsey("cases", "run", tmp_path)
    assert said.code == 2
    assert said.out.splitlines()[0].startswith(f"unreadable: {path}: ")
    assert said.out.splitlines()[1] == "1 cases: 0 as expected, 0 not as expected, 1 unreadable"


@pytest.mark.parametrize(
    ("folder", "says"), [("empty", "there is no case file here"), ("missing", "there is no such folder")]
)
def test_a_folder_without_cases_proves_nothing(folder: str, says: str, kelsey: Kelsey, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    said = kelsey("cases", "run", tmp_path / folder)
    assert (said.code, said.err) == (2, f"kelsey: {tmp_path / folder}: {says}\n")
