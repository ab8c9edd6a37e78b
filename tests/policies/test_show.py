"""Clinicians see every requirement with its numbers, its source and how sure it is."""

from io import StringIO

from rich.console import Console

from compliance.policies import load_policy
from compliance.policies.show import applies, numbers, print_policy
from tests.policies.copies import NAME, SMALL


def test_numbers_and_filters_are_put_into_words() -> None:
    table = {
        "id": "x", "text": "y", "at_most": 28, "abstinence_counts": True, "additional": [],
        "lasts": {"span": "P7D", "last_day": "included"}, "topics": ["no_sharing", "survey_duty"],
    }  # fmt: skip
    assert numbers(table).splitlines() == [
        "at most: 28", "abstinence counts: yes", "additional: none",
        "lasts: span P7D, last day included", "topics: no sharing, survey duty",
    ]  # fmt: skip
    assert applies({}) == "always"
    assert applies({"first": False, "steps": ["confirm", "dispense"]}) == "confirm, dispense; later supplies"
    assert applies({"first": True}) == "first supply"


def test_the_table_holds_every_requirement_with_source_and_confidence() -> None:
    out = StringIO()
    policy = load_policy(SMALL / NAME)
    print_policy(policy, Console(file=out, width=200, markup=False))
    text = out.getvalue()
    shown = ["days", "No more than 28 days.", "at most: 28", "leaflet#3", "secondary", "least sensitive: 50"]
    assert [part for part in (*shown, policy.sha256, "https://example.org/leaflet") if part not in text] == []
    assert all(requirement.id in text for requirement in policy.requirements)
