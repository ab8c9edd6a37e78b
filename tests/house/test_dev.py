"""The two commands of the README: their last line tells the truth, and nothing is done twice."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

import dev
from tests.house.sources import ROOT

PASSED = "=== 7 passed, 1 skipped in 0.52s ==="


@pytest.mark.parametrize(
    ("summary", "failed", "last"),
    [
        (PASSED, [], PASSED),
        (
            PASSED,
            ["ruff check"],
            "=== 7 passed, 1 skipped, 1 failed in 0.52s (failed checks: ruff check) ===",
        ),
        (
            "=== 2 failed, 7 passed in 3.1s ===",
            ["ruff check", "mypy --strict"],
            "=== 4 failed, 7 passed in 3.1s (failed checks: ruff check, mypy --strict) ===",
        ),
        ("", [], "=== 0 passed, 1 failed (pytest ended without a summary) ==="),
    ],
)
def test_the_last_line_counts_failed_checks_as_failures(summary: str, failed: list[str], last: str) -> None:
    assert dev.closing_line(summary, failed) == last


@pytest.mark.parametrize(
    ("line", "summary"),
    [
        ("7 passed, 1 skipped in 0.52s\n", PASSED),
        ("\x1b[32m==== 7 passed in 61.00s (0:01:01) ====\x1b[0m\n", "==== 7 passed in 61.00s (0:01:01) ===="),
        ("1 error in 0.10s\n", "=== 1 error in 0.10s ==="),
        ("it passed in time\n", ""),
    ],
)
def test_the_summary_of_pytest_is_recognized(line: str, summary: str) -> None:
    assert dev.as_summary(line) == summary


def test_a_step_is_done_again_only_when_its_inputs_change(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dev, "VENV", tmp_path)
    source, product = tmp_path / "source", tmp_path / "product"
    done: list[str] = []

    def act() -> None:
        done.append(source.read_text())
        product.touch()

    for content in ("one", "one", "two"):
        source.write_text(content)
        dev.once("step", [source], product, act)
    product.unlink()
    dev.once("step", [source], product, act)
    assert done == ["one", "two", "two"]


def test_a_failed_step_is_not_remembered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dev, "VENV", tmp_path)
    with pytest.raises(dev.Stop, match=r"^the step failed \(status 3\)"):
        dev.once(
            "step",
            [Path(dev.__file__)],
            tmp_path,
            lambda: dev.call([sys.executable, "-c", "exit(3)"], "the step"),
        )
    assert list(tmp_path.glob("stamps/*")) == []


def test_dev_needs_the_standard_library_alone() -> None:
    done = subprocess.run([sys.executable, "-I", "-S", ROOT / "dev.py"], check=False, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (2, "")
    assert re.findall(r"^    python3 dev\.py (\w+)", done.stdout, re.MULTILINE) == [
        "run",
        "test",
        "setup",
        "lock",
    ]


def test_the_continuous_check_calls_the_command_of_the_readme() -> None:
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert "export KELSEY_REQUIRE_SHARED=1\nexec python3 dev.py test\n" in script
    assert (ROOT / ".ci" / "run").stat().st_mode & 0o111 == 0o111
