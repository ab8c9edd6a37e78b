"""Two versions are told apart by what the real gate decides, and by nothing else; each has its smallest story."""

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest

from compliance import strict_toml
from compliance.cases.reading import read_case
from compliance.domain.decision import Outcome
from compliance.domain.facts import Category, Prescription, Step
from compliance.domain.gate import decide
from compliance.domain.policy import Policy, read_policy
from compliance.domain.record import Record
from compliance.policies.catalogue import load_catalogue, load_policy
from compliance.policies.difference import Difference, Direction, compare
from compliance.policies.difference.asking import ageless
from compliance.policies.difference.telling import case_of
from tests.policies.copies import NAME, SMALL, planted

Varied = Callable[..., Policy]
ALLOWED, DENIED = Direction.NEWLY_ALLOWED, Direction.NEWLY_DENIED
EXCEEDED = ("DAYS_SUPPLY_EXCEEDED",)


@pytest.fixture
def varied(tmp_path: Path) -> Varied:
    """The small policy with some words replaced."""

    def make(*faults: tuple[str, str]) -> Policy:
        return load_policy(planted(tmp_path / str(len(list(tmp_path.iterdir()))), *faults))

    return make


def small() -> Policy:
    return load_policy(SMALL / NAME)


def found(difference: Difference) -> list[tuple[Direction, tuple[str, str], str, tuple[str, ...], tuple[str, ...]]]:
    """What changed, and how; the small policy enrols nobody, so the category is always unknown."""
    assert {(group.category, group.is_first) for group in difference.groups} <= {(None, True)}
    assert difference.strays == 0
    return [(g.direction, g.outcomes, g.step.value, g.gone, g.come) for g in difference.groups]


def test_a_larger_number_newly_allows_and_the_example_is_the_first_day_beyond_the_old_one(varied: Varied) -> None:
    difference = compare(small(), varied(("at_most = 28", "at_most = 30")))
    assert found(difference) == [(ALLOWED, ("refuse", "allow"), "authorize", EXCEEDED, ())]
    assert difference.differing == (("days",), ("days",))
    (one,) = difference.groups.values()
    (rx,) = (fact for fact in one.example.facts.values() if isinstance(fact, Prescription))
    assert (rx.quantity, sorted(one.example.facts), one.before.codes, one.after.codes) == (
        29,
        ["rx", "test"],
        EXCEEDED,
        (),
    )
    assert one.count > 10


def test_a_smaller_number_newly_denies_what_the_larger_allowed(varied: Varied) -> None:
    larger = varied(("at_most = 28", "at_most = 30"))
    there, back = compare(small(), larger), compare(larger, small())
    assert found(back) == [(DENIED, ("allow", "refuse"), "authorize", (), EXCEEDED)]
    assert [one.count for one in back.groups.values()] == [one.count for one in there.groups.values()]


def test_a_number_changed_by_one_step_is_noticed_in_both_directions(varied: Varied) -> None:
    for more, direction in (("29", ALLOWED), ("27", DENIED)):
        difference = compare(small(), varied(("at_most = 28", f"at_most = {more}")))
        assert [group.direction for group in difference.groups] == [direction]


def test_the_same_policy_differs_in_nothing() -> None:
    difference = compare(small(), small())
    assert (found(difference), difference.differing) == ([], ((), ()))
    assert difference.sampled > 1000


def test_names_words_sources_dates_and_order_make_no_difference(varied: Varied) -> None:
    other = varied(
        ('id = "days"', 'id = "supply"'), ("No more than 28 days.", "28 days at most."), ("leaflet#3", "leaflet#2"),
        ('unmet = ["days"]', 'unmet = ["supply"]'), ("in_force_from = 2024-01-01", "in_force_from = 2024-01-01\n"),
    )  # fmt: skip
    assert found(compare(small(), other)) == []


def test_a_finer_test_newly_denies_at_every_step(varied: Varied) -> None:
    finer = compare(small(), varied(("least_sensitive = 50\n", "least_sensitive = 25\n")))
    denied = [(DENIED, ("allow", "refuse"), step.value, (), ("TEST_MISSING",)) for step in Step]
    assert found(finer) == denied
    assert finer.differing == (("tested",), ("tested",))


ADDED = """[[requirement]]
id = "refills"
kind = "refills"
at_most = 0
text = "No refills."
source = "leaflet#3"
confidence = "secondary"

[example.base]"""


def test_an_added_requirement_newly_denies_and_a_removed_one_newly_allows(varied: Varied) -> None:
    more = varied(("[example.base]", ADDED))
    for old, new, direction in ((small(), more, DENIED), (more, small(), ALLOWED)):
        groups = compare(old, new).groups
        assert [(g.direction, g.step, (*g.gone, *g.come)) for g in groups] == [
            (direction, step, ("REFILLS_NOT_ALLOWED",)) for step in Step
        ]


def test_a_wider_filter_newly_denies_at_the_added_step(varied: Varied) -> None:
    wider = varied(('steps = ["authorize"]', 'steps = ["authorize", "confirm"]'))
    assert found(compare(small(), wider)) == [(DENIED, ("allow", "refuse"), "confirm", (), EXCEEDED)]


def test_a_requirement_that_now_refers_changes_the_outcome_and_keeps_its_code(varied: Varied) -> None:
    milder = varied(('kind = "days_supply"', 'kind = "days_supply"\nif_unmet = "refer"'))
    assert found(compare(small(), milder)) == [(ALLOWED, ("refuse", "refer"), "authorize", (), ())]
    stricter = varied(('kind = "days_supply"', 'kind = "days_supply"\nif_unmet = "advise"'))
    assert found(compare(milder, stricter)) == [(Direction.OTHERWISE, ("refer", "allow"), "authorize", EXCEEDED, ())]


def test_two_changed_requirements_are_told_apart_and_shown_together(varied: Varied) -> None:
    both = varied(("at_most = 28", "at_most = 30"), ('channels = ["written"]', 'channels = ["written", "fax"]'))
    found_codes = [group.gone for group in compare(small(), both).groups if group.step is Step.AUTHORIZE]
    assert found_codes[:3] == [("CHANNEL_NOT_ACCEPTED",), ("CHANNEL_NOT_ACCEPTED", *EXCEEDED), EXCEEDED]


def test_other_clocks_may_change_every_answer(varied: Varied) -> None:
    elsewhere = compare(small(), varied(('"Europe/Berlin"', '"Asia/Tokyo"')))
    assert elsewhere.differing[0] == ("days", "prescription", "tested")


def replays(difference: Difference, old: Policy, new: Policy) -> None:
    """Each example gets the outcome it stands for, and is still the same story when written down and read back."""
    for group, one in difference.groups.items():
        record, story = Record(one.example.facts.values()), one.example
        answers = [decide(ageless(policy), record, story.request, story.at) for policy in (old, new)]
        assert tuple(answer.outcome.value for answer in answers) == group.outcomes
        assert answers[0].category is group.category
        raw = strict_toml.parse(case_of(one, old, new).encode(), "example")
        case = read_case(raw, new if new.starts_at <= story.at else old, "example")
        assert (set(case.facts), case.request, case.at) == (set(story.facts.values()), story.request, story.at)
        assert case.expected.outcome in (None, *(Outcome(word) for word in group.outcomes))


def test_every_example_replays(varied: Varied) -> None:
    new = varied(
        ("at_most = 28", "at_most = 30"),
        ("least_sensitive = 50\n", "least_sensitive = 25\n"),
        ("[example.base]", ADDED),
    )
    difference = compare(small(), new)
    assert {group.direction for group in difference.groups} == {ALLOWED, DENIED}
    replays(difference, small(), new)


NEIGHBOURS = [
    pair for programme in load_catalogue().programmes() for pair in pairwise(load_catalogue().versions(programme))
]


@pytest.mark.parametrize("pair", NEIGHBOURS, ids=lambda pair: f"{pair[0].id}-{pair[0].version}-{pair[1].version}")
def test_neighbouring_versions_differ_only_where_they_are_taken_to_and_their_examples_replay(
    pair: tuple[Policy, Policy],
) -> None:
    difference = compare(*pair, samples=200, bases=1)  # `kelsey policies diff` walks from all
    assert (difference.strays, difference.states > 10) == (0, True)
    replays(difference, *pair)


def test_a_weekly_interval_longer_by_a_day_is_found_in_the_whole_programme() -> None:
    """A test eight days old is no longer overdue, yet nothing follows: the authorization's seven days are over too."""
    old = load_catalogue().versions("us/lenalidomide-rems")[0]
    tables = [{**t, "weekly_every": "P8D"} if t["id"] == "test-schedule" else t for t in old.raw["requirement"]]
    difference = compare(old, read_policy({**old.raw, "requirement": tables}, "changed"), samples=200)
    assert difference.strays == 0
    assert {(group.direction, group.gone, group.come) for group in difference.groups} == {
        (ALLOWED, ("TEST_MISSED",), ())
    }
    assert {group.category for group in difference.groups} == {Category.ADULT_FRP, Category.CHILD_FRP}
