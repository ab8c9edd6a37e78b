"""Numbers, spans and filters are read as a clinician would say them."""

import re
from datetime import date
from pathlib import Path

import pytest

from compliance import strict_toml
from compliance.domain.facts import Category
from compliance.paths import POLICIES
from compliance.policies import words
from compliance.policies.catalogue import policy_files


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("P28D", "28 days"), ("P1D", "1 day"), ("P0D", "0 days"), ("P1M", "1 month"), ("PT24H", "24 hours"),
        (True, "yes"), (False, "no"), (28, "28"), ([], "none"), ({}, "none"), (date(2023, 3, 4), "4 March 2023"),
        (["no_sharing", "iud_copper"], "no sharing, copper IUD"), ("PDF", "PDF"), ("laboratory", "laboratory"),
        ({"span": "P7D", "start_day": "day 1", "last_day": "included"},
         "7 days, the first counts as day 1, last day included"),
        ({"span": "P1M", "last_day": "excluded"}, "1 month, last day excluded"),
        ({"span": "PT24H", "last_moment": "included"}, "24 hours, last moment included"),
    ],
)  # fmt: skip
def test_a_value_is_put_into_words(given: object, said: str) -> None:
    assert words.value(given) == said


def test_numbers_say_what_they_count_and_what_is_not_asked_is_left_out() -> None:
    table = {
        "id": "x", "kind": "days_supply", "text": "y", "source": "s", "confidence": "house", "if_unmet": "refer",
        "when": {}, "at_most": 28, "lead_in": "P28D", "menopause_months": "none", "least_sensitive": 25,
        "places_by_flexibility": {"home": "home-test"},
    }  # fmt: skip
    assert list(words.numbers(table)) == [
        ("at most", "28 days of treatment"), ("in use for at least", "28 days"), ("least sensitive", "25 mIU/mL"),
        ("places under a relaxation", "home"),
    ]  # fmt: skip
    assert list(words.numbers({"kind": "refills", "at_most": 0})) == [("at most", "0")]
    test = {"kind": "test_days_before", "youngest": "P10D", "oldest": "P14D"}
    assert list(words.numbers(test)) == [("no later than", "10 days before"), ("no earlier than", "14 days before")]


def test_filters_are_put_into_words() -> None:
    assert words.applies({}) == "always"
    assert words.applies({"first": False, "steps": ["confirm", "dispense"]}) == "confirm, dispense; later supplies"
    assert words.applies({"first": True}) == "first supply"
    assert words.applies({"categories": ["child_frp", "adult_frp", "adult_male"]}) == (
        "female of reproductive potential (adult or child); male (adult)"
    )


def test_every_category_has_words() -> None:
    assert [words.categories([category]) for category in Category] == [
        "female of reproductive potential (adult)", "female not of reproductive potential (adult)", "male (adult)",
        "female of reproductive potential (child)", "female not of reproductive potential (child)", "male (child)",
    ]  # fmt: skip


@pytest.mark.parametrize("path", policy_files(POLICIES), ids=lambda path: "/".join(path.parts[-3:]))
def test_no_number_of_a_committed_policy_is_shown_as_it_is_written_in_the_file(path: Path) -> None:
    raw = strict_toml.parse(strict_toml.read_bytes(path), str(path))
    tables = [*raw["requirement"], *[raw[name] for name in ("pregnancy_test", "prescription") if name in raw]]
    said = [part for table in tables for pair in words.numbers(table) for part in pair]
    assert [text for text in said if re.search(r"P[0-9]|PT[0-9]|_|[{}\[\]]", text)] == []
    assert len(said) > 0
