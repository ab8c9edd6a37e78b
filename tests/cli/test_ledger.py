"""`kelsey log` verifies an export as a stranger would, and prints entries in the bytes that were signed."""

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from compliance.services import logs
from compliance.services.actor import operator
from compliance.services.app import open_app
from compliance.settings import Settings
from tests.cli.conftest import Kelsey

WITHOUT_DATABASE = """
import sys
sys.modules["sqlalchemy"] = sys.modules["alembic"] = sys.modules["flask"] = None
from compliance.cli import main
sys.exit(main(sys.argv[1:]))
"""


@pytest.fixture
def exported(kelsey: Kelsey, tmp_path: Path) -> tuple[Path, str]:
    """An export of a young log, and the log's public key."""
    kelsey("init")
    for name in ("Main Street", "High Street"):
        kelsey("sites", "add", name, "--kind", "pharmacy", "--zone", "America/New_York")
    app = open_app(Settings.from_environment())
    try:
        made = logs.export_log(app, operator(), tmp_path / "export.zip")
    finally:
        app.close()
    return made.path, made.vkey


def test_a_whole_export_verifies_with_the_key(kelsey: Kelsey, exported: tuple[Path, str]) -> None:
    path, key = exported
    said = kelsey("log", "verify", path, "--key", key)
    assert (said.code, said.out.splitlines()[:5]) == (
        0,
        [
            "log 'localhost/kelsey', 4 entries",
            "AUTHENTIC    PASS",
            "INTACT       PASS",
            "CONTIGUOUS   PASS",
            "WELL_FORMED  PASS",
        ],
    )


def test_without_a_key_this_machines_own_log_is_meant(kelsey: Kelsey, exported: tuple[Path, str]) -> None:
    said = kelsey("log", "verify", exported[0], "--json")
    assert (said.code, json.loads(said.out)["ok"]) == (0, True)


def test_an_export_is_compared_with_the_checkpoint_of_the_last(
    kelsey: Kelsey, exported: tuple[Path, str], tmp_path: Path
) -> None:
    with zipfile.ZipFile(exported[0]) as archive:
        (tmp_path / "last").write_bytes(archive.read("checkpoint"))
    said = kelsey("log", "verify", exported[0], "--key", exported[1], "--previous", tmp_path / "last")
    assert (said.code, "APPEND_ONLY  PASS" in said.out.splitlines()) == (0, True)


def test_a_changed_entry_exits_with_1(kelsey: Kelsey, exported: tuple[Path, str], tmp_path: Path) -> None:
    forged = tmp_path / "forged.zip"
    with zipfile.ZipFile(exported[0]) as old, zipfile.ZipFile(forged, "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name).replace(b"pharmacy", b"pharmacx"))
    said = kelsey("log", "verify", forged, "--key", exported[1])
    assert (said.code, "INTACT       FAIL" in said.out.splitlines()) == (1, True)


def test_verifying_needs_no_database(exported: tuple[Path, str]) -> None:
    arguments = ["log", "verify", str(exported[0]), "--key", exported[1]]
    done = subprocess.run([sys.executable, "-c", WITHOUT_DATABASE, *arguments], check=False, capture_output=True)
    assert (done.returncode, done.stderr) == (0, b"")


def test_the_entries_of_an_export_and_of_the_database_are_the_same_bytes(
    kelsey: Kelsey, exported: tuple[Path, str]
) -> None:
    of_export, of_database = kelsey("log", "show", exported[0]), kelsey("log", "show", "--database")
    assert of_export.out == of_database.out
    assert [json.loads(line)["idx"] for line in of_export.out.splitlines()] == [0, 1, 2, 3]
    assert json.loads(of_export.out.splitlines()[0])["type"] == "log.genesis"


@pytest.mark.parametrize(("start", "limit", "shown"), [(1, 2, [1, 2]), (3, 100, [3]), (4, 1, [])])
def test_a_part_of_the_log_is_shown(
    start: int, limit: int, shown: list[int], kelsey: Kelsey, exported: tuple[Path, str]
) -> None:
    for source in (exported[0], "--database"):
        said = kelsey("log", "show", source, "--start", start, "--limit", limit)
        assert [json.loads(line)["idx"] for line in said.out.splitlines()] == shown


def test_what_an_export_says_cannot_command_the_terminal(kelsey: Kelsey, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "odd.zip", "w") as archive:
        archive.writestr("tile/entries/000.p/1", b"\x00\x05\x1b[2J\xff")
    said = kelsey("log", "show", tmp_path / "odd.zip")
    assert (said.code, said.out) == (0, "\\x1b[2J\\\\xff\n")


def test_an_export_that_cannot_be_read_exits_with_2(kelsey: Kelsey, tmp_path: Path) -> None:
    (tmp_path / "text.zip").write_text("no zip", encoding="ascii")
    with zipfile.ZipFile(tmp_path / "empty.zip", "w") as archive:
        archive.writestr("checkpoint", b"")
    with zipfile.ZipFile(tmp_path / "cut.zip", "w") as archive:
        archive.writestr("tile/entries/000.p/1", b"\x00\x09abc")
    with zipfile.ZipFile(tmp_path / "huge.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("tile/entries/000", b"\x00" * (256 * (2 + 0xFFFF) + 1))
    says = {
        "missing.zip": "No such file",
        "text.zip": "not a zip file",
        "empty.zip": "there are no entries in it",
        "cut.zip": "the entries are cut short",
        "huge.zip": "tile/entries/000 is too large",
    }
    for name, part in says.items():
        said = kelsey("log", "show", tmp_path / name)
        assert (said.code, said.out, said.err.count("\n"), part in said.err) == (2, "", 1, True), said.err


BOUNDS = "--start is 0 or more and --limit 1 or more, and neither more than 1000000000000000"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["verify", "export.zip"], "--key: give the log's public key, as you got it from the operator"),
        (["show", "export.zip", "--start", "-1"], BOUNDS),
        (["show", "export.zip", "--limit", "0"], BOUNDS),
        (["show", "export.zip", "--start", "99999999999999999999"], BOUNDS),
        (["show", "--database", "--limit", "99999999999999999999"], BOUNDS),
    ],
)
def test_a_command_that_cannot_be_carried_out_says_why(arguments: list[str], says: str, kelsey: Kelsey) -> None:
    said = kelsey("log", *arguments)
    assert (said.code, said.out, said.err) == (2, "", f"kelsey: {says}\n")


def test_an_export_that_the_verifier_cannot_read_exits_with_2(
    kelsey: Kelsey, exported: tuple[Path, str], tmp_path: Path
) -> None:
    (tmp_path / "text.zip").write_text("no zip", encoding="ascii")
    said = kelsey("log", "verify", tmp_path / "text.zip", "--key", exported[1])
    assert (said.code, said.out.startswith("unreadable: ")) == (2, True)
