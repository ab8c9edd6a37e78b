"""Every reason code that the gate can give is explained, and no explanation is left without its code."""

import ast
import re
from pathlib import Path

import pytest

from compliance.domain.decision import Mender
from compliance.domain.reasons import REASONS

DOMAIN = Path(__file__).resolve().parents[2] / "compliance/domain"
NO_KINDS = {"reading.py", "__init__.py"}
CODE = re.compile(r"[A-Z]{3,}(_[A-Z]+)*")


def given_in(source: str) -> set[str]:
    """The codes that a module may give: every text of their shape in it, outside docstrings."""
    return {
        node.value
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and CODE.fullmatch(node.value)
    }


def _sources() -> list[Path]:
    return [DOMAIN / "gate.py", *(path for path in (DOMAIN / "requirements").glob("*.py") if path.name not in NO_KINDS)]


def test_the_codes_given_are_the_codes_explained() -> None:
    given = set[str]().union(*(given_in(path.read_text(encoding="utf-8")) for path in _sources()))
    assert given == set(REASONS)
    assert len(_sources()) >= 6


def test_every_kind_of_requirement_says_in_its_check_which_codes_it_gives() -> None:
    silent = []
    for path in _sources():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef) and node.name == "check" and path.name != "base.py":
                text = ast.get_docstring(node) or ""
                silent += [] if text.startswith(("Unmet code: ", "Unmet codes: ")) else [path.name]
    assert silent == []


@pytest.mark.parametrize("code", sorted(REASONS))
def test_a_reason_says_what_is_wrong_who_can_mend_it_and_how(code: str) -> None:
    reason = REASONS[code]
    assert reason.sentence.endswith(".")
    assert reason.sentence[0].isupper()
    if code == "MET":
        assert (reason.mender, reason.next_step) == (Mender.NOBODY, "")
    else:
        assert (reason.mender is Mender.NOBODY) is (code == "NEVER_AGAIN")
        assert reason.next_step.endswith(".")


def test_only_two_clinicians_mend_what_holds_a_patient() -> None:
    assert {code for code, reason in REASONS.items() if reason.mender is Mender.TWO_CLINICIANS} == {
        "HELD", "HELD_POSITIVE_TEST", "HELD_PREGNANCY_REPORT",
    }  # fmt: skip


def test_no_two_codes_say_the_same() -> None:
    sentences = [reason.sentence for reason in REASONS.values()]
    assert len(set(sentences)) == len(sentences)


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("return self.needs('TEST_MISSING', q.at)", {"TEST_MISSING"}),
        ("code = 'HELD' if x else 'HELD_AGAIN'", {"HELD", "HELD_AGAIN"}),
        ('def f():\n    """Unmet code: NOT_GIVEN."""', set()),
        ("x = 'lower_case'", set()),
    ],
)
def test_a_planted_code_is_found(source: str, found: set[str]) -> None:
    assert given_in(source) == found
