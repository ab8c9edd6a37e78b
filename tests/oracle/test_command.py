"""The command that walks the whole space: it can fail, it goes on from where it was, and its processes start."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.oracle.__main__ import main

MALE = "category='child_male', step='authorize', anchor='a plain afternoon', rx_known=False"
SMALL = ["--only", MALE, "--block", "2", "--samples", "1"]


def shown(capsys: pytest.CaptureFixture[str], label: str) -> int:
    """A number of the summary."""
    found = re.search(rf"{label} +([\d,]+)", capsys.readouterr().out)
    assert found is not None
    return int(found[1].replace(",", ""))


def test_a_planted_day_ends_with_1_and_shows_the_smallest_mismatch_first(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*SMALL, "--cores", "1", "--plant"]) == 1
    said = " ".join(capsys.readouterr().out.split())
    assert "settings with mismatches 1 " in said
    first = said.split("settings with mismatches 1 ")[1].split("Setting(")[1]
    assert "rx_known=False) {'authorization': '28 days ago'} authorization-others: gate" in first
    assert "authorization-others: gate ALREADY_AUTHORIZED" in first


def test_a_later_run_goes_on_from_the_file_even_if_its_last_line_was_cut_off(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "kept.jsonl"
    assert main([*SMALL, "--cores", "2", "--resume", str(file)]) == 0
    direct = shown(capsys, "direct, whole product of each rule")
    assert direct > 10_000
    (line,) = file.read_text(encoding="utf-8").split("\n")[1:-1]
    marked = {**json.loads(line), "direct": direct + 1}
    file.write_text(f'{json.dumps(marked)}\n{{"setting": "cut', encoding="utf-8")
    assert main([*SMALL, "--cores", "1", "--resume", str(file)]) == 0
    assert shown(capsys, "direct, whole product of each rule") == direct + 1


def test_nothing_walked_is_not_success() -> None:
    assert main(["--only", "no such setting", "--cores", "1"]) == 1
