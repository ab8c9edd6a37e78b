"""Imports point down only, and the ground floor stands on the standard library."""

import ast
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.sources import ROOT, imports, python_files, read

PACKAGES = ("web", "api", "services", "storage", "domain", "ledger")
MODULES = ("cli", "policies", "clock", "settings", "paths", "assets")


def lint(folder: Path) -> "subprocess.CompletedProcess[str]":
    """Check the contracts of the project in a folder."""
    command = [sys.executable, str(ROOT / "tests" / "house" / "contracts.py")]
    environment = {**os.environ, "PYTHONPATH": str(folder)}
    return subprocess.run(command, cwd=folder, env=environment, check=False, capture_output=True, text=True)


@pytest.fixture
def skeleton(tmp_path: Path) -> Path:
    """The project's packages, empty, under the project's contracts: what breaks there was planted."""
    for package in ("", *PACKAGES):
        (tmp_path / "compliance" / package).mkdir(exist_ok=True)
        (tmp_path / "compliance" / package / "__init__.py").touch()
    for module in MODULES:
        (tmp_path / "compliance" / f"{module}.py").touch()
    shutil.copyfile(ROOT / "pyproject.toml", tmp_path / "pyproject.toml")
    return tmp_path


def test_the_contracts_hold() -> None:
    done = lint(ROOT)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_contracts_hold_on_an_empty_skeleton(skeleton: Path) -> None:
    done = lint(skeleton)
    assert (done.returncode, "0 broken" in done.stdout) == (0, True), done.stdout + done.stderr


@pytest.mark.parametrize(
    ("module", "line", "contract"),
    [
        ("domain/__init__.py", "import compliance.ledger", "Imports point down only"),
        ("domain/__init__.py", "import compliance.services", "Imports point down only"),
        ("storage/__init__.py", "import compliance.services", "Imports point down only"),
        ("services/__init__.py", "import compliance.web", "Imports point down only"),
        ("web/__init__.py", "import compliance.api", "Imports point down only"),
        ("domain/__init__.py", "import compliance.clock", "The ground floor knows no time"),
        ("domain/__init__.py", "import pydantic", "The domain stands on the standard library"),
        ("domain/__init__.py", "import cryptography", "The domain stands on the standard library"),
        ("ledger/__init__.py", "import flask", "The ledger stands on the standard library"),
        ("services/__init__.py", "import sqlalchemy", "SQLAlchemy lives in storage"),
        ("web/__init__.py", "from sqlalchemy import orm", "SQLAlchemy lives in storage"),
    ],
)
def test_a_planted_import_breaks_its_contract(skeleton: Path, module: str, line: str, contract: str) -> None:
    (skeleton / "compliance" / module).write_text(line + "\n", encoding="utf-8")
    done = lint(skeleton)
    broken = [text for text in done.stdout.splitlines() if text.endswith("BROKEN")]
    assert done.returncode == 1
    assert [contract in text for text in broken] == [True], done.stdout


def strangers(source: str, allowed: frozenset[str]) -> set[str]:
    """The packages that a source imports and that are neither allowed nor in the standard library."""
    tree = ast.parse(source)
    return {name.partition(".")[0] for name in imports(tree).values()} - sys.stdlib_module_names - allowed


@pytest.mark.parametrize(
    ("package", "allowed"),
    [("domain", frozenset({"compliance"})), ("ledger", frozenset({"compliance", "cryptography"}))],
)
def test_the_ground_floor_imports_no_stranger(package: str, allowed: frozenset[str]) -> None:
    files = [path for path in python_files("compliance") if path.parts[1] == package]
    assert {str(path): strangers(read(path), allowed) for path in files if strangers(read(path), allowed)} == {}
    assert len(files) > 3


def test_a_planted_stranger_is_found() -> None:
    assert strangers("import json\nfrom attrs import define", frozenset({"compliance"})) == {"attrs"}
