"""A command line with a data folder of its own, so that no test meets the settings of the machine."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from compliance.cli import main


@dataclass(frozen=True)
class Said:
    """What a command printed, and its exit code."""

    code: int
    out: str
    err: str


Kelsey = Callable[..., Said]


@pytest.fixture
def var(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The data folder; nothing else is set."""
    for name in [name for name in os.environ if name.startswith("KELSEY_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("KELSEY_VAR", str(tmp_path / "var"))
    monkeypatch.setenv("KELSEY_ARGON2_COST", "fast")
    monkeypatch.setenv("COLUMNS", "200")
    return tmp_path / "var"


@pytest.fixture
def kelsey(var: Path, capsys: pytest.CaptureFixture[str]) -> Kelsey:
    """Runs a command and gives what it said, also where argparse ends it."""

    def run(*arguments: object) -> Said:
        capsys.readouterr()
        try:
            code = main([str(argument) for argument in arguments])
        except SystemExit as end:
            code = int(end.code or 0)
        captured = capsys.readouterr()
        return Said(code, captured.out, captured.err)

    return run
