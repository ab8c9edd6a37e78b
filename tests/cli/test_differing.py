"""`kelsey policies diff` prints what differs, gives it to programs, and saves examples that the gate can be asked."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Kelsey
from tests.policies.copies import NAME, SMALL, planted


def test_a_changed_number_is_printed_with_its_example_and_exits_with_1(kelsey: Kelsey, tmp_path: Path) -> None:
    said = kelsey("policies", "diff", SMALL / NAME, planted(tmp_path, ("at_most = 28", "at_most = 30")))
    parts = [
        "days.at_most",
        "newly allowed",
        "refuse -> allow",
        "DAYS_SUPPLY_EXCEEDED",
        "quantity = 29",
        "0 newly denied",
    ]
    assert (said.code, [part for part in parts if part not in said.out]) == (1, [])


def test_the_same_file_twice_exits_with_0(kelsey: Kelsey) -> None:
    said = kelsey("policies", "diff", SMALL / NAME, SMALL / NAME)
    assert said.code == 0
    assert said.out.splitlines()[-1].startswith(
        "0 newly allowed, 0 newly denied, 0 allowed otherwise; 28 states walked"
    )


def test_programs_get_changes_groups_and_examples(kelsey: Kelsey, tmp_path: Path) -> None:
    new = planted(tmp_path, ("at_most = 28", "at_most = 30"))
    said = kelsey("policies", "diff", SMALL / NAME, new, "--json")
    (found,) = json.loads(said.out)
    assert [(change["where"], change["old"], change["new"]) for change in found["changes"]] == [
        ("days.at_most", "28", "30")
    ]
    (group,) = found["groups"]
    assert group.pop("states") > 10
    assert "quantity = 29" in group.pop("example")
    assert group == {
        "direction": "newly allowed", "outcomes": ["refuse", "allow"], "category": None, "step": "authorize",
        "supply": "first", "gone": ["DAYS_SUPPLY_EXCEEDED"], "come": [],
    }  # fmt: skip
    assert (said.code, found["strays"], found["differing"]) == (1, 0, {"old": ["days"], "new": ["days"]})


def test_each_example_is_saved_and_versions_can_be_named(kelsey: Kelsey, tmp_path: Path) -> None:
    released = "us/lenalidomide-rems@2023-03-24"
    same = kelsey("policies", "diff", released, released, "--save", tmp_path / "none")
    assert (same.code, list((tmp_path / "none").iterdir())) == (0, [])
    kelsey(
        "policies", "diff", SMALL / NAME, planted(tmp_path, ("at_most = 28", "at_most = 30")), "--save", tmp_path / "s"
    )
    (saved,) = (tmp_path / "s").iterdir()
    assert saved.name == "xx-small-2024-01-01-to-2024-01-01-001.toml"
    assert "allowed = true" in saved.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["us/lenalidomide-rems@2020-01-01", "x"], "us/lenalidomide-rems@2020-01-01: there is no such version"),
        (["xx/nothing@2020-01-01", "x"], "programme: give one of: "),
        (["us/lenalidomide-rems"], "there is no second version to compare with; give two files"),
        (["a", "b", "c"], "give two policies, or one programme, or nothing for every programme"),
    ],
)  # fmt: skip
def test_what_cannot_be_compared_is_said_in_one_line(arguments: list[str], says: str, kelsey: Kelsey) -> None:
    said = kelsey("policies", "diff", *arguments)
    assert (said.code, said.out) == (2, "")
    assert said.err.startswith(f"kelsey: {says}")
