"""Every number that no primary document confirms stands in the README, with the reading chosen and the reason."""

import re
import tomllib
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from compliance.paths import POLICIES
from compliance.policies.catalogue import policy_files

README = POLICIES / "README.md"
HEADING = "## Numbers not confirmed in a primary document\n"
FILES = policy_files(POLICIES)


class Row(NamedTuple):
    """One line of the table: what it is about, and how sure that is."""

    policy: str
    ids: tuple[str, ...]
    confidence: str
    reading: str


def rows() -> list[Row]:
    found, policy = [], ""
    table = README.read_text(encoding="utf-8").split(HEADING)[-1].splitlines()
    for line in (line for line in table if line.startswith("| ") and not line.startswith("| policy")):
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        assert len(cells) == 5, line
        policy = cells[0] or policy
        found.append(Row(policy, tuple(re.findall(r"`([^`]+)`", cells[1])), cells[3], cells[4]))
    return found


def stated(path: Path) -> dict[str, str]:
    """The confidence that a policy file states for each of its parts."""
    raw: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    parts = {table["id"]: table for table in raw["requirement"]} | raw["flexibility"]
    sections = ("pregnancy_test", "pregnancy_test_after_first", "prescription")
    parts |= {name: raw[name] for name in sections if name in raw}
    return {name: table["confidence"] for name, table in parts.items()}


@pytest.mark.parametrize("path", FILES, ids=lambda path: "/".join(path.parts[-3:]))
def test_whatever_is_not_primary_stands_in_the_readme_with_its_confidence(path: Path) -> None:
    policy = "/".join(path.parts[-3:-1])
    listed = {(one, row.confidence.split()[0]) for row in rows() if row.policy == policy for one in row.ids}
    unsure = {(name, confidence) for name, confidence in stated(path).items() if confidence != "primary"}
    assert len(unsure) > 3
    assert unsure - listed == set()


def test_the_readme_names_nothing_that_no_policy_has() -> None:
    known = {("/".join(path.parts[-3:-1]), name) for path in FILES for name in (*stated(path), "in_force_from")}
    assert {(row.policy, one) for row in rows() for one in row.ids} - known == set()


def test_every_line_says_what_it_is_about_how_sure_it_is_and_why() -> None:
    assert len(rows()) > 20
    assert [row for row in rows() if not row.ids or len(row.reading) < 20] == []
    assert {row.confidence.split()[0].rstrip(";") for row in rows()} == {"primary", "secondary", "unconfirmed", "house"}
