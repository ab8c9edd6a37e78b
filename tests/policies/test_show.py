"""Clinicians see every requirement with its numbers, its source and how sure it is."""

from io import StringIO

from rich.console import Console

from compliance.policies import load_policy
from compliance.policies.show import print_policy
from tests.policies.copies import NAME, SMALL


def test_the_table_holds_every_requirement_with_source_and_confidence() -> None:
    out = StringIO()
    policy = load_policy(SMALL / NAME)
    print_policy(policy, Console(file=out, width=200, markup=False))
    text = out.getvalue()
    shown = ["days", "No more than 28 days.", "at most: 28 days of treatment", "leaflet#3", "secondary"]
    shown += ["least sensitive: 50 mIU/mL", "refuse"]
    assert [part for part in (*shown, policy.sha256, "https://example.org/leaflet") if part not in text] == []
    assert all(requirement.id in text for requirement in policy.requirements)
