"""The solver's reading of the rules agrees with the gate on every story it finds, and proves what no trial can."""

from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import z3

from compliance.domain.facts import Category, Step
from compliance.domain.gate import decide
from compliance.domain.policy import Policy, read_policy
from compliance.domain.record import Record
from compliance.domain.span import months_after
from compliance.policies.catalogue import load_catalogue, load_policy
from compliance.policies.difference.asking import ageless
from tests.policies.copies import NAME, SMALL, planted
from tests.smt.__main__ import is_wrong, main
from tests.smt.proving import difference, encode, properties, solve, world_of
from tests.smt.timeline import Calendar
from tests.smt.world import Story, words

LENALIDOMIDE = load_catalogue().versions("us/lenalidomide-rems")[0]
SLICE = ("us/lenalidomide-rems", "us/ipledge-rems", "us/mycophenolate-rems")
"""A slice of the catalogue; `python -m tests.smt` proves all of it."""
POLICIES = [load_catalogue().versions(name)[-1] for name in SLICE if name in load_catalogue().programmes()]
PAIRS = [p for n in ("uk/valproate-ppp", "us/ambrisentan-rems") for p in pairwise(load_catalogue().versions(n))]


def named(policy: Policy) -> str:
    return f"{policy.id}-{policy.version}"


def varied(policy: Policy, requirement: str, **members: Any) -> Policy:
    """The policy with some members of a requirement changed."""
    tables = [{**t, **members} if t["id"] == requirement else t for t in policy.raw["requirement"]]
    return read_policy({**policy.raw, "requirement": tables}, "changed")


def unmet(policy: Policy, story: Story) -> tuple[str, ...]:
    """What the real gate finds unmet, on clocks without changes."""
    plain = ageless(read_policy({**policy.raw, "time_zone": "UTC"}, policy.sha256))
    return tuple(f.requirement for f in decide(plain, Record(story.facts), story.request, story.at).blocking)


@pytest.mark.parametrize("policy", POLICIES, ids=named)
def test_what_must_never_be_is_proven_of_every_policy_and_what_is_not_encoded_is_said(policy: Policy) -> None:
    answers = list(properties(policy))
    assert [answer for answer in answers if answer.question.startswith("never") and answer.found != "proven none"] == []
    encoded = encode(policy, world_of(policy))
    assert {a.question for a in answers if a.found == "not encoded"} == {
        f"requirement {e}" for e in encoded.not_encoded
    }


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: f"{named(pair[0])}-{pair[1].version}")
def test_neighbouring_versions_are_told_apart_and_every_witness_is_confirmed(pair: tuple[Policy, Policy]) -> None:
    answers = list(difference(*pair))
    assert [answer for answer in answers if is_wrong(answer) or answer.found == "unknown"] == []


@pytest.mark.parametrize(
    ("category", "step", "first"),
    [("adult_frp", "dispense", False), ("child_frp", "confirm", True), ("child_fnrp", "authorize", False)],
)
def test_a_patient_can_be_allowed_and_the_gate_agrees(category: str, step: str, first: bool) -> None:
    world = world_of(LENALIDOMIDE)
    claims = (world.category == words(Category).index(category), world.step == words(Step).index(step))
    found, story = solve(world, encode(LENALIDOMIDE, world).allowed, *claims, world.first == first)
    assert (found, unmet(LENALIDOMIDE, story) if story else None) == ("some", ())


@pytest.mark.parametrize("name", ["test-schedule"])
def test_a_requirement_alone_can_be_unmet_and_the_gate_finds_it_alone(name: str) -> None:
    world = world_of(LENALIDOMIDE)
    encoded = encode(LENALIDOMIDE, world)
    others = [rule for other, rule in encoded.rules.items() if other != name]
    found, story = solve(world, encoded.asked, *others, z3.Not(encoded.rules[name]))
    assert (found, unmet(LENALIDOMIDE, story) if story else None) == ("some", (name,))


LONGER: dict[str, tuple[str, dict[str, Any]]] = {
    "a first test a day older": ("first-test", {"oldest": "P15D"}),
    "a day's supply more": ("days-supply", {"at_most": 29}),
    "a survey a month older": ("half-yearly-survey", {"every": {"span": "P7M", "last_day": "included"}}),
}


@pytest.mark.parametrize("name", LONGER)
def test_one_number_changed_by_one_is_found_with_a_witness_and_nothing_is_denied(name: str) -> None:
    requirement, members = LONGER[name]
    allowed, denied = difference(LENALIDOMIDE, varied(LENALIDOMIDE, requirement, **members))
    assert (allowed.question, allowed.found) == (f"newly allowed by {requirement}", "some")
    before, after = allowed.witness.split(" -> ")
    assert (before.split()[0], after) == ("refuse", "allow")
    assert (denied.question, denied.found, denied.witness) == (f"newly denied by {requirement}", "proven none", "")


def test_an_overdue_weekly_test_never_decides_alone_because_the_authorization_is_over_too() -> None:
    """So a schedule that is laxer for the overdue alone would change nothing: only the missed test is newly allowed."""
    allowed, _ = difference(LENALIDOMIDE, varied(LENALIDOMIDE, "test-schedule", weekly_every="P8D"))
    assert allowed.witness == "refuse TEST_MISSED -> allow"


def test_the_same_policy_differs_in_nothing() -> None:
    assert [(a.question, a.found) for a in difference(LENALIDOMIDE, LENALIDOMIDE)] == [
        ("newly allowed", "proven none"), ("newly denied", "proven none"),
    ]  # fmt: skip


def test_a_finer_test_newly_denies_and_never_allows(tmp_path: Path) -> None:
    finer = load_policy(planted(tmp_path, ("least_sensitive = 50\n", "least_sensitive = 25\n")))
    answers = list(difference(load_policy(SMALL / NAME), finer))
    assert [(a.question, a.found, a.witness) for a in answers] == [
        ("newly allowed by tested", "proven none", ""),
        ("newly denied by tested", "some", "allow -> refuse TEST_MISSING"),
    ]


def test_a_policy_that_forgets_positive_tests_is_caught() -> None:
    (forgets, _) = properties(load_policy(SMALL / NAME))
    assert (forgets.question, forgets.found, forgets.witness) == (
        "never allowed with a positive test unresolved", "some", "allow",
    )  # fmt: skip
    assert is_wrong(forgets)


def test_a_policy_whose_authorizations_outlive_its_tests_is_caught() -> None:
    long = {"lasts": {"span": "P60D", "start_day": "day 0", "last_day": "included"}, "counted_from": "issue"}
    stale = list(properties(varied(LENALIDOMIDE, "authorization-frp", **long)))[-1]
    assert (stale.question, stale.found) == ("never dispensed with no accepted test of the last 28 days", "some")
    assert stale.witness == "allow"


def test_a_kind_that_is_not_encoded_is_said_and_cancels_out_where_it_stands_in_both() -> None:
    strange = {"id": "strange", "kind": "declared", "source": "rems#x", "confidence": "primary", "text": "?"}
    one, two = ({**strange, "statements": [word]} for word in ("a", "b"))
    raws = [{**LENALIDOMIDE.raw, "requirement": [*LENALIDOMIDE.raw["requirement"], table]} for table in (one, two)]
    policies = [Strange(raw) for raw in raws]
    same, other = ([(a.question, a.found) for a in difference(policies[0], p)] for p in policies)  # type: ignore[arg-type]
    assert same == [("newly allowed", "proven none"), ("newly denied", "proven none")]
    assert other == [("newly allowed by strange", "not encoded"), ("newly denied by strange", "not encoded")]


class Strange:
    """A policy as the encoder sees it, with a requirement that it does not know."""

    def __init__(self, raw: dict[str, Any]) -> None:
        self.id, self.version, self.raw, self.products = LENALIDOMIDE.id, "?", raw, LENALIDOMIDE.products


@pytest.mark.parametrize("months", [1, 6, 12, 216])
@pytest.mark.parametrize("day", [date(2024, 2, 29), date(2023, 1, 31), date(2024, 3, 1), date(2023, 12, 31)])
def test_months_are_counted_as_the_calendar_does(day: date, months: int) -> None:
    calendar, epoch = Calendar(), date(1970, 1, 1)
    start = z3.Int("start")
    ends = [calendar.months_after(start, months, later=later) for later in (False, True)]
    solver = z3.Solver()
    solver.add(*calendar.axioms, start == (day - epoch).days)
    assert solver.check() == z3.sat
    found = [epoch + timedelta(days=solver.model().eval(end).as_long()) for end in ends]
    assert found == [months_after(day, months, when_absent=word) for word in ("earlier", "later")]


def test_the_command_prints_a_table_and_fails_on_what_must_never_be(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(SMALL / NAME)]) == 1
    assert "1 answers should not be" in capsys.readouterr().out


def test_the_words_of_categories_are_numbered_as_they_stand() -> None:
    assert words(Category)[:3] == ["adult_frp", "adult_fnrp", "adult_male"]
