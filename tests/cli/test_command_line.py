"""The command line itself: help with exit codes, one line for every error, quiet ends."""

import os
import subprocess
import sys
from argparse import ArgumentParser
from pathlib import Path

import pytest

from compliance.cli import main
from compliance.cli.parser import parser
from tests.cli.conftest import Kelsey

COMMANDS = [
    [], ["init"], ["serve"], ["demo"], ["users", "add"], ["users", "list"], ["sites", "add"],
    ["sites", "list"], ["decide"], ["cases", "run"], ["policies", "check"], ["policies", "show"],
    ["policies", "simulate"], ["policies", "diff"],
    ["worklist"], ["log", "verify"], ["log", "show"],
]  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_explains_itself_and_its_exit_codes(command: list[str], kelsey: Kelsey) -> None:
    said = kelsey(*command, "--help")
    assert (said.code, said.err) == (0, "")
    assert "exit codes: 0" in said.out


@pytest.mark.parametrize(
    "arguments",
    [[], ["dispense"], ["decide"], ["cases"], ["users"], ["log", "show"],
     ["log", "show", "x.zip", "--database"],
     ["serve", "--workers", "many"], ["users", "add", "roe", "--name", "x", "--role", "boss", "--site", "y"]],
    ids=" ".join,
)  # fmt: skip
def test_a_wrong_command_line_exits_with_2(arguments: list[str], kelsey: Kelsey) -> None:
    said = kelsey(*arguments)
    assert (said.code, said.out, "usage: kelsey" in said.err) == (2, "", True)


def test_every_command_names_a_function_that_is_there() -> None:
    from importlib import import_module

    runs = {
        action.get_default("run")
        for group in _choices(parser()).values()
        for action in (group, *_choices(group).values())
        if action.get_default("run")
    }
    assert len(runs) == len(COMMANDS) - 1
    for run in runs:
        module, _, name = run.partition(":")
        assert callable(getattr(import_module(f"compliance.cli.{module}"), name))


def _choices(command: ArgumentParser) -> dict[str, ArgumentParser]:
    groups = command._subparsers
    return dict(groups._group_actions[0].choices or {}) if groups is not None else {}


def test_an_interrupted_command_says_so(kelsey: Kelsey, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr("compliance.cli.deciding.decide", interrupted)
    said = kelsey("decide", "case.toml")
    assert (said.code, said.err) == (1, "kelsey: stopped\n")


def test_a_folder_that_cannot_be_written_is_named(kelsey: Kelsey, tmp_path: Path, var: Path) -> None:
    var.write_text("a file where a folder is wanted", encoding="ascii")
    said = kelsey("init")
    assert (said.code, said.err.count("\n"), str(var) in said.err) == (1, 1, True)


def test_a_reader_that_has_seen_enough_ends_the_command_quietly(tmp_path: Path) -> None:
    command = f"{sys.executable} -m compliance.cli policies show us/lenalidomide-rems | head -n 1"
    done = subprocess.run(["bash", "-c", command], check=True, capture_output=True, text=True, env=dict(os.environ))
    assert (done.stdout.startswith("Lenalidomide REMS"), done.stderr) == (True, "")


def test_main_takes_the_command_line_of_the_process(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], var: Path
) -> None:
    monkeypatch.setattr(sys, "argv", ["kelsey", "decide", str(var / "case.toml")])
    assert main() == 2
    assert capsys.readouterr().err.endswith("case.toml: cannot be read: No such file or directory\n")
