"""No file names a package server, a path of somebody's machine, or work put off."""

import re

import pytest

from tests.house.sources import project_files, read

FORBIDDEN = {
    "package server": re.compile(r"https?://[^\s\"'/]*(?:registry|pypi|npmjs|pythonhosted)", re.IGNORECASE),
    "machine path": re.compile(r"(?<![\w.<{])/(?:work|root|home/\w+|Users/\w+)/"),
    "work put off": re.compile(r"\b(?:TODO|FIXME|XXX)\b"),
    "pinned address": re.compile(r"\"resolved\": "),
}
HERE = "tests/house/test_words.py"


def finds(text: str) -> list[str]:
    """Each forbidden thing in the text, as `line: what`."""
    return [
        f"{number}: {what}"
        for number, line in enumerate(text.splitlines(), 1)
        for what, pattern in FORBIDDEN.items()
        if pattern.search(line)
    ]


def test_no_file_holds_forbidden_words() -> None:
    found: dict[str, list[str]] = {}
    for path in project_files():
        try:
            text = read(path)
        except UnicodeDecodeError:
            continue
        if str(path) != HERE and finds(text):
            found[str(path)] = finds(text)
    assert found == {}


@pytest.mark.parametrize(
    ("planted", "found"),
    [
        ("get https://registry.example.org/kit.tgz", ["1: package server"]),
        ("--index https://mirror.pypi.example/simple", ["1: package server"]),
        ("open('/root/keys')", ["1: machine path"]),
        ("# TODO: check", ["1: work put off"]),
        ('"resolved": "kit.tgz"', ["1: pinned address"]),
        ("see https://www.ema.europa.eu/en/homepage and network/root/", []),
    ],
)
def test_a_planted_word_is_found(planted: str, found: list[str]) -> None:
    assert finds(planted) == found
