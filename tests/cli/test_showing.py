"""`kelsey policies show` writes the pages that clinicians print: one version, or all of them."""

from pathlib import Path

import pytest

from compliance.paths import POLICIES
from compliance.policies.catalogue import policy_files
from tests.cli.conftest import Kelsey

NAMED = "us/lenalidomide-rems@2023-03-24"


def test_a_version_is_shown_by_its_name(kelsey: Kelsey) -> None:
    said = kelsey("policies", "show", NAMED)
    assert (said.code, said.err) == (0, "")
    assert said.out.startswith("Lenalidomide REMS (us/lenalidomide-rems), in force from 2023-03-24")


@pytest.mark.parametrize("named", [[NAMED], ["us/lenalidomide-rems", "--at", "2024-03-04"]])
def test_a_version_is_written_as_a_page(named: list[str], kelsey: Kelsey, tmp_path: Path) -> None:
    said = kelsey("policies", "show", *named, "--html", tmp_path / "sheet.html")
    assert (said.code, said.out, said.err) == (0, "", "")
    page = (tmp_path / "sheet.html").read_text(encoding="utf-8")
    assert page.startswith("<!DOCTYPE html>")
    assert "<title>Lenalidomide REMS, version 2023-03-24</title>" in page


def test_all_versions_are_written_where_their_files_would_stand(kelsey: Kelsey, tmp_path: Path) -> None:
    said = kelsey("policies", "show", "--html", tmp_path / "sheets", "--all")
    files = [path.relative_to(POLICIES).with_suffix(".html") for path in policy_files(POLICIES)]
    assert (said.code, said.out) == (0, f"{len(files)} pages written\n")
    written = (tmp_path / "sheets").rglob("*.html")
    assert sorted(path.relative_to(tmp_path / "sheets") for path in written) == sorted(files)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ([], "name a programme, or give --html DIR --all"),
        (["--all"], "--all goes with --html DIR, and with nothing else"),
        (["--all", "--html", "DIR", "us/lenalidomide-rems"], "--all goes with --html DIR, and with nothing else"),
        (["--all", "--html", "DIR", "--at", "2024-03-04"], "--all goes with --html DIR, and with nothing else"),
        ([NAMED, "--at", "2024-03-04"], "give a version or a day, not both"),
        (
            ["us/lenalidomide-rems@2023-03-25"],
            "version: give one of: 2023-03-24 (given: 2023-03-25)",
        ),
    ],
)
def test_what_cannot_be_shown_exits_with_2(arguments: list[str], says: str, kelsey: Kelsey, tmp_path: Path) -> None:
    given = [str(tmp_path) if argument == "DIR" else argument for argument in arguments]
    said = kelsey("policies", "show", *given)
    assert (said.code, said.out, said.err) == (2, "", f"kelsey: {says}\n")
    assert list(tmp_path.glob("*.html")) == []
