"""The README tells the truth: the commands that it names exist, and so do the files."""

import importlib.util
import re
import subprocess
import sys

import pytest

from tests.house.sources import ROOT, project_files

README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMAND = re.compile(r"(?:^|`|bin/)kelsey ([a-z]+(?: [a-z]+(?![a-z./]))*)", re.MULTILINE)
MODULE = re.compile(r"python3? -m (tests[a-z_.]*[a-z])")
DEV = re.compile(r"python3 dev\.py(?: ([a-z]+))?")
LINK = re.compile(r"\]\((?!https?:|#|mailto:)([^)#\s]+)")
TOP = {
    ".ci", ".gitignore", "README.md", "compliance", "dev.py", "migrations", "package-lock.json",
    "package.json", "policies", "pyproject.toml", "requirements", "static", "templates", "tests", "wsgi.py",
}  # fmt: skip


def test_the_two_commands_are_in_the_readme_and_exist() -> None:
    named = set(DEV.findall(README))
    assert {"run", "test"} <= named <= {"run", "test", "setup", "lock"}


@pytest.mark.parametrize("words", sorted(set(COMMAND.findall(README))))
def test_every_kelsey_command_in_the_readme_exists(words: str) -> None:
    command = [sys.executable, "-m", "compliance.cli", *words.split(), "--help"]
    done = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_every_module_in_the_readme_exists() -> None:
    assert [name for name in MODULE.findall(README) if importlib.util.find_spec(name) is None] == []


def test_every_file_that_the_readme_links_to_exists() -> None:
    assert [link for link in LINK.findall(README) if not (ROOT / link).exists()] == []


def test_the_root_holds_few_files() -> None:
    assert {path.parts[0] for path in project_files()} - TOP == set()
