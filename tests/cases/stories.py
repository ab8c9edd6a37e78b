"""Case files of a few lines, for tests of the format."""

from functools import cache
from pathlib import Path

from compliance.cases import Case, load_case
from compliance.policies import Catalogue, load_catalogue

HEAD = """
programme = "us/lenalidomide-rems"
at = 2024-03-04T10:00:00-05:00
step = "authorize"
"""
RX = """
[facts.rx]
fact = "prescription"
at = "-PT1H"
product = "lenalidomide"
category = "adult_male"
prescriber = "dr-lee"
channel = "written"
quantity = 21
units_per_day = 1
days_on = 21
cycle_days = 28
refills = 0
"""
TEST = """
[facts.test]
fact = "pregnancy_test"
at = "-P12D"
result = "negative"
test_kind = "serum"
place = "laboratory"
reporter = "laboratory"
"""


@cache
def catalogue() -> Catalogue:
    """The committed policies, read once."""
    return load_catalogue()


def written(folder: Path, text: str, name: str = "case") -> Path:
    """A case file with this text."""
    path = folder / f"{name}.toml"
    path.write_text(text, encoding="utf-8")
    return path


def told(folder: Path, text: str) -> Case:
    """The case in a file with this text."""
    return load_case(written(folder, text), catalogue())[0]
