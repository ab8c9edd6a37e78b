"""`kelsey policies simulate` prints a year, writes it as picture and diary, and exits with 1 if it cannot go on."""

from pathlib import Path

import pytest

from tests.cli.conftest import Kelsey

ASKED = ("policies", "simulate", "us/lenalidomide-rems", "--patient", "adult_male", "--days", "30")


def test_a_month_is_printed_and_written_as_picture_and_diary(kelsey: Kelsey, tmp_path: Path) -> None:
    picture, diary = tmp_path / "month.svg", tmp_path / "month.ics"
    said = kelsey(*ASKED, "--from", "2026-01-05", "--svg", picture, "--ics", diary)
    assert (said.code, said.err) == (0, "")
    title = "Lenalidomide REMS, version 2023-03-24: adult_male, Mon 5 Jan 2026 to Tue 3 Feb 2026"
    assert said.out.splitlines()[0] == title
    assert said.out.splitlines()[-1].startswith("2 supplies, ")
    assert f'<title id="title">{title}</title>' in picture.read_text(encoding="utf-8")
    assert diary.read_bytes().startswith(b"BEGIN:VCALENDAR\r\n")
    assert diary.read_bytes().endswith(b"END:VCALENDAR\r\n")


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("--from", "2023-03-23"), 1,
         "no version of us/lenalidomide-rems was in force on 2023-03-23; the first came on 2023-03-24"),
        (("--from", "soon"), 2, "--from: write a date as 2026-03-07 (given: soon)"),
        (("--from", "2026-01-05", "--days", "0"), 2, "--days is from 1 to 3660"),
        (("--from", "2026-01-05", "--days", "3661"), 2, "--days is from 1 to 3660"),
        (("--from", "2026-01-05", "--layer", "us/lenalidomide-rems"), 2,
         "layers: name a layer, not a programme (given: us/lenalidomide-rems)"),
    ],
)  # fmt: skip
def test_what_cannot_be_simulated_is_said_in_one_line(
    arguments: tuple[str, ...], code: int, says: str, kelsey: Kelsey
) -> None:
    said = kelsey(*ASKED, *arguments)
    assert (said.code, said.out, said.err) == (code, "", f"kelsey: {says}\n")


def test_a_file_that_cannot_be_written_is_said_in_one_line(kelsey: Kelsey, tmp_path: Path) -> None:
    said = kelsey(*ASKED, "--from", "2026-01-05", "--svg", tmp_path / "no" / "month.svg")
    assert (said.code, said.err.count("\n"), "No such file" in said.err) == (1, 1, True)
