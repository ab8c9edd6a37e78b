"""What two files say differently is listed with the sources of both, and what only reads differently is not."""

from pathlib import Path

import pytest

from compliance.policies.catalogue import load_policy
from compliance.policies.difference import Change, changes
from tests.policies.copies import NAME, SMALL, planted

ADDED = """[[requirement]]
id = "refills"
kind = "refills"
at_most = 0
when = { steps = ["authorize"] }
text = "No refills."
source = "leaflet#4"
confidence = "secondary"

[example.base]"""
DAYS = """[[requirement]]
id = "days"
kind = "days_supply"
at_most = 28
when = { steps = ["authorize"] }
text = "No more than 28 days."
source = "leaflet#3"
confidence = "secondary"

"""
CHANGED = {
    "a number": (
        ("at_most = 28", "at_most = 30"),
        [Change("changed", "days.at_most", "28", "30", "leaflet#3", "leaflet#3")],
    ),
    "a filter": (
        ('when = { steps = ["authorize"] }', 'when = { steps = ["authorize", "confirm"], first = true }'),
        [
            Change("changed", "days.when.steps", "authorize", "authorize, confirm", "leaflet#3", "leaflet#3"),
            Change("added", "days.when.first", "", "true", "leaflet#3", "leaflet#3"),
        ],
    ),
    "a requirement that is added": (
        ("[example.base]", ADDED),
        [Change("added", "refills", "", "refills; at_most 0; when steps authorize", "", "leaflet#4")],
    ),
    "a requirement that is removed": (
        (DAYS, ""),
        [Change("removed", "days", "days_supply; at_most 28; when steps authorize", "", "leaflet#3", "")],
    ),
    "a standard of tests": (
        ('kinds = ["serum"]', 'kinds = ["serum", "urine"]'),
        [Change("changed", "pregnancy_test.kinds", "serum", "serum, urine", "leaflet#1", "leaflet#1")],
    ),
    "a weight": (
        ("at_most = 28", 'at_most = 28\nif_unmet = "refer"'),
        [Change("added", "days.if_unmet", "", "refer", "leaflet#3", "leaflet#3")],
    ),
    "the clocks": (
        ('"Europe/Berlin"', '"Asia/Tokyo"'),
        [Change("changed", "time_zone", "Europe/Berlin", "Asia/Tokyo", "", "")],
    ),
    "wording and another source": (("No more than 28 days.", "28 days at most."), []),
    "a name": (('id = "days"', 'id = "supply"'), []),
}


@pytest.mark.parametrize("name", CHANGED)
def test_a_change_is_listed_with_its_sources(name: str, tmp_path: Path) -> None:
    fault, expected = CHANGED[name]
    faults = [fault]
    if name in ("a name", "a requirement that is removed"):
        text = (SMALL / NAME).read_text(encoding="utf-8")
        faults = [(text[text.index("[example.base]") :], ""), fault]
    assert list(changes(load_policy(SMALL / NAME), load_policy(planted(tmp_path, *faults)))) == expected
