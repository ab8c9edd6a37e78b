"""What is installed is pinned by hash, is what was asked for, and names no server."""

import json
import re
import tomllib
from importlib.metadata import version

import pytest
from packaging.requirements import Requirement

from tests.house.sources import ROOT

PIN = re.compile(r"^([a-z0-9._-]+)(?:\[[a-z,]+\])?==([^ ;\\]+)", re.MULTILINE)


def pins(name: str) -> dict[str, str]:
    """The version of each package in a requirements file."""
    return dict(PIN.findall((ROOT / "requirements" / name).read_text(encoding="utf-8")))


def wanted(*kinds: str) -> list[Requirement]:
    """What pyproject.toml asks for."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    groups = [project["project"]["dependencies"], *(project["dependency-groups"][kind] for kind in kinds)]
    return [Requirement(line) for group in groups for line in group if isinstance(line, str)]


@pytest.mark.parametrize(("name", "kinds"), [("run.txt", ()), ("test.txt", ("test", "node"))])
def test_every_dependency_is_pinned_as_asked(name: str, kinds: tuple[str, ...]) -> None:
    pinned = pins(name)
    missing = [
        str(requirement)
        for requirement in wanted(*kinds)
        if requirement.name.lower() not in pinned
        or not requirement.specifier.contains(pinned[requirement.name.lower()])
    ]
    assert missing == []


def test_the_test_set_holds_the_run_set() -> None:
    assert pins("run.txt").items() <= pins("test.txt").items()


@pytest.mark.parametrize("name", ["run.txt", "test.txt", "node.txt"])
def test_every_pin_has_hashes_and_no_file_names_a_server(name: str) -> None:
    text = (ROOT / "requirements" / name).read_text(encoding="utf-8")
    blocks = re.split(r"\n(?=\S)", text.strip())
    assert [block.split()[0] for block in blocks if "--hash=sha256:" not in block] == []
    assert re.findall(r"https?:|--(?:extra-)?index|--find-links", text) == []


def test_npm_packages_are_pinned_by_hash_and_name_no_server() -> None:
    lock = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    packages = {name: package for name, package in lock.items() if name}
    assert [name for name, package in packages.items() if not package["integrity"].startswith("sha512-")] == []
    assert [name for name, package in packages.items() if "resolved" in package] == []
    assert packages["node_modules/nhsuk-frontend"]["version"] == "10.6.1"


def test_the_templates_of_the_page_kit_match_its_stylesheet() -> None:
    assert version("nhsuk-frontend-jinja").split(".")[:2] == ["0", "10"]
