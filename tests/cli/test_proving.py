"""`kelsey policies` proves files with an exit code, and prints the version in force on a day."""

import hashlib
from pathlib import Path

import pytest

from compliance.policies import load_catalogue
from tests.cli.conftest import Kelsey
from tests.policies.copies import NAME, SMALL, planted


@pytest.mark.parametrize("path", [SMALL, SMALL / NAME])
def test_a_proven_policy_exits_with_0(path: Path, kelsey: Kelsey) -> None:
    said = kelsey("policies", "check", path)
    assert (said.code, said.out.splitlines()) == (
        0,
        [f"{NAME}: 3 requirements, 15 examples, 39 changes tried, 0 complaints", "1 policies: all proven"],
    )


def test_a_policy_with_a_fault_exits_with_1_and_names_it(kelsey: Kelsey, tmp_path: Path) -> None:
    planted(tmp_path, ("quantity = 29", "quantity = 30"))
    said = kelsey("policies", "check", tmp_path)
    assert said.code == 1
    assert said.out.splitlines()[0] == f"{NAME}: NOT_NAILED: days.at_most: 28 to 29: no example notices"
    assert said.out.splitlines()[-1] == "1 policies: 1 complaints"


def test_several_policies_are_proven_side_by_side_and_named_in_their_order(kelsey: Kelsey, tmp_path: Path) -> None:
    planted(tmp_path / "copy", ("quantity = 29", "quantity = 30"))
    text = (tmp_path / "copy" / NAME).read_text(encoding="utf-8")
    listed = []
    for programme in ("bb/small", "aa/small", "cc/small"):
        path = tmp_path / "all" / programme / Path(NAME).name
        path.parent.mkdir(parents=True)
        path.write_text(text.replace("xx/small", programme), encoding="utf-8")
        listed.append(f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {programme}/{path.name}\n")
    (tmp_path / "all" / "released.sha256").write_text("".join(listed), encoding="ascii")
    said = kelsey("policies", "check", tmp_path / "all")
    lines = []
    for name in ("aa/small/2024-01-01.toml", "bb/small/2024-01-01.toml", "cc/small/2024-01-01.toml"):
        lines.append(f"{name}: NOT_NAILED: days.at_most: 28 to 29: no example notices")
        lines.append(f"{name}: 3 requirements, 15 examples, 39 changes tried, 1 complaints")
    assert (said.code, said.out.splitlines()) == (1, [*lines, "3 policies: 3 complaints"])


def test_a_lost_released_file_exits_with_1(kelsey: Kelsey, tmp_path: Path) -> None:
    planted(tmp_path)
    with (tmp_path / "released.sha256").open("a", encoding="ascii") as listed:
        listed.write(f"{'0' * 64}  xx/small/2023-01-01.toml\n")
    said = kelsey("policies", "check", tmp_path)
    line = "released.sha256: RELEASED_FILE_MISSING: xx/small/2023-01-01.toml was released and is gone"
    assert (said.code, said.out.splitlines()[1]) == (1, line)


def test_nothing_to_check_exits_with_2(kelsey: Kelsey, tmp_path: Path) -> None:
    said = kelsey("policies", "check", tmp_path)
    assert (said.code, said.err) == (
        2,
        f"kelsey: {tmp_path}: there is no policy file here; give one, or the folder of all countries\n",
    )


def test_a_policy_is_shown_with_numbers_sources_and_confidence(kelsey: Kelsey) -> None:
    said = kelsey("policies", "show", "us/lenalidomide-rems", "--at", "2024-03-04")
    shown = [
        "Lenalidomide REMS",
        "adult-cannot-become-pregnant",
        "no later than: 10 days before",
        "label#8.3",
        "unconfirmed",
        "home-test",
    ]
    assert said.code == 0
    assert [part for part in shown if part not in said.out] == []


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["us/lenalidomide"], 2, "programme: give one of: ALL PROGRAMMES (given: us/lenalidomide)"),
        (["us/lenalidomide-rems", "--at", "soon"], 2, "--at: write a date as 2026-03-07 (given: soon)"),
        (["us/lenalidomide-rems", "--at", "2024-2-3"], 2, "--at: write a date as 2026-03-07 (given: 2024-2-3)"),
        (["us/lenalidomide-rems", "--at", "20240203"], 2, "--at: write a date as 2026-03-07 (given: 20240203)"),
        (["us/lenalidomide-rems", "--at", "2026-02-30"], 2, "--at: write a date as 2026-03-07 (given: 2026-02-30)"),
        (
            ["us/lenalidomide-rems", "--at", "0001-01-01"], 2,
            "--at: a date must lie between 1900 and 2200 (given: 0001-01-01)",
        ),
        (
            ["us/lenalidomide-rems", "--at", "2023-03-23"], 1,
            "no version of us/lenalidomide-rems was in force on 2023-03-23; the first came on 2023-03-24",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_shown_is_said_in_one_line(arguments: list[str], code: int, says: str, kelsey: Kelsey) -> None:
    said = kelsey("policies", "show", *arguments)
    says = says.replace("ALL PROGRAMMES", ", ".join(load_catalogue().programmes()))
    assert (said.code, said.out, said.err) == (code, "", f"kelsey: {says}\n")


def test_without_a_day_the_version_in_force_now_is_shown(kelsey: Kelsey) -> None:
    assert kelsey("policies", "show", "us/lenalidomide-rems").out.startswith("Lenalidomide REMS")
