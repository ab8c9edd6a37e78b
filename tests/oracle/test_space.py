"""A slice of the abstract state space, in which both gates must agree and every planted fault must show."""

from __future__ import annotations

from typing import Any

import pytest

from tests.oracle import axes, rules_numbers
from tests.oracle.bridge import changed, differences
from tests.oracle.composition import Composition
from tests.oracle.naive import KINDS, Answer
from tests.oracle.programme import load
from tests.oracle.settings import CATEGORIES, STEPS, Setting, settings
from tests.oracle.space import BRANCHES, Walk, applying
from tests.oracle.spans import SMALLEST
from tests.oracle.world import Plain

ANCHORS = load().anchors
DRAWS = 12


def a_moment(category: str, step: str) -> str:
    """A moment for each category and step, so that the slice meets them all."""
    return list(ANCHORS)[(CATEGORIES.index(category) + STEPS.index(step)) % len(ANCHORS)]


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("category", CATEGORIES)
def test_both_gates_agree_on_a_slice_of_the_space(category: str, step: str) -> None:
    walk = Walk(Setting(category, step, a_moment(category, step), rx_known=True))
    states = [(branch, choice) for branch in BRANCHES for choice in walk.a_slice(branch, DRAWS)]
    answers = [walk.ask(choice)[0] for _, choice in states]
    assert walk.tally.mismatches == []
    assert len(states) > 500
    assert {a.is_allowed for a in answers} == ({False} if category == "unenrolled" else {True, False})


@pytest.mark.parametrize("category", ["adult_frp", "child_fnrp"])
def test_both_gates_agree_when_there_is_no_prescription(category: str) -> None:
    walk = Walk(Setting(category, "dispense", a_moment(category, "dispense"), rx_known=False))
    answers = [walk.ask(choice)[0] for branch in BRANCHES for choice in walk.a_slice(branch, DRAWS)]
    assert walk.tally.mismatches == []
    assert {a.is_allowed for a in answers} == {False}


@pytest.mark.parametrize("setting", [s for s in settings() if s.rx_known], ids=str)
def test_class_zero_meets_everything_in_every_setting(setting: Setting) -> None:
    walk = Walk(setting)
    for branch in BRANCHES:
        gate, oracle = walk.ask({"history": walk.branches[branch][0]})
        unenrolled = ("CATEGORY_MISMATCH", "ENROLMENT_MISSING")
        late = ("AUTHORIZATION_CATEGORY_MISMATCH",) if setting.step != "authorize" else ()
        assert oracle.codes == (() if setting.category != "unenrolled" else (*unenrolled, *late))
        assert gate == oracle


def test_every_kind_says_what_it_depends_on() -> None:
    by_their_members = {"certified", "registered", "counselling", "material", "considered", "no_rechallenge"}
    by_their_members |= {"acknowledged", "signed", "lab_known", "lab_schedule", "lab_at_least"}
    assert set(axes.READS) | by_their_members == set(KINDS)
    assert not set(axes.READS) & by_their_members


FAULTS: list[tuple[str, tuple[str | int, ...], Any]] = [
    ("enrolled", ("adult_age",), 19),
    ("enrolled", ("adult_age",), 17),
    ("enrolled", ("lapses_after_months",), "P13M"),
    ("enrolled", ("lapses_after_months",), "P11M"),
    ("adult-cannot-become-pregnant", ("menopause_months",), "P23M"),
    ("adult-cannot-become-pregnant", ("menopause_months",), "P25M"),
    ("not-held", ("reviewers",), 1),
    ("not-held", ("reviewers",), 3),
    ("first-test", ("youngest",), "P9D"),
    ("first-test", ("youngest",), "P11D"),
    ("first-test", ("oldest",), "P13D"),
    ("first-test", ("oldest",), "P15D"),
    ("second-test", ("within", "span"), "PT25H"),
    ("second-test", ("within", "span"), "PT23H"),
    ("second-test", ("within", "last_moment"), "excluded"),
    ("test-schedule", ("weekly_for",), "P27D"),
    ("test-schedule", ("weekly_for",), "P29D"),
    ("test-schedule", ("weekly_every",), "P8D"),
    ("test-schedule", ("weekly_every",), "P6D"),
    ("test-schedule", ("then_every",), "P27D"),
    ("test-schedule", ("then_every",), "P29D"),
    ("test-schedule", ("then_every_if_irregular",), "P13D"),
    ("test-schedule", ("then_every_if_irregular",), "P15D"),
    ("contraception-lead-in", ("methods",), 1),
    ("contraception-lead-in", ("of_them_highly_effective",), 0),
    ("contraception-lead-in", ("lead_in",), "P27D"),
    ("contraception-lead-in", ("lead_in",), "P29D"),
    ("contraception", ("lead_in",), "P1D"),
    ("condom", ("methods",), 2),
    ("monthly-survey", ("every", "span"), "P2M"),
    ("monthly-survey", ("every", "last_day"), "excluded"),
    ("half-yearly-survey", ("every", "span"), "P5M"),
    ("half-yearly-survey", ("every", "span"), "P7M"),
    ("days-supply", ("at_most",), 27),
    ("days-supply", ("at_most",), 29),
    ("no-refills", ("at_most",), 1),
    ("supply-left", ("at_most",), 6),
    ("supply-left", ("at_most",), 8),
    ("authorization-frp", ("lasts", "span"), "P8D"),
    ("authorization-frp", ("lasts", "span"), "P6D"),
    ("authorization-frp", ("lasts", "start_day"), "day 1"),
    ("authorization-frp", ("counted_from",), "issue"),
    ("authorization-others", ("lasts", "span"), "P29D"),
    ("authorization-others", ("lasts", "last_day"), "excluded"),
    ("confirmation", ("lasts", "span"), "PT25H"),
    ("confirmation", ("lasts", "last_moment"), "excluded"),
]


def first_difference(requirement: str, gate: Plain | None = None, oracle: Plain | None = None) -> list[str]:
    """Walk the requirement's part of the slice until the gates differ, and say in what."""
    for setting in [s for s in settings() if s.rx_known and s.category != "unenrolled"]:
        for branch in BRANCHES:
            if requirement not in [r["id"] for r in applying(setting, branch)] or setting.step == "confirm":
                continue
            walk = Walk(setting, gate, oracle)
            for choice in walk.a_slice(branch, 2000, requirement):
                walk.ask(choice)
                if walk.tally.mismatches:
                    return [line.split(":")[0] for line in walk.tally.mismatches[0].lines]
            return []
    return []


@pytest.mark.parametrize(("requirement", "member", "to"), FAULTS, ids=str)
def test_a_number_that_is_off_by_one_in_the_gate_is_found(
    requirement: str, member: tuple[str | int, ...], to: Any
) -> None:
    found = first_difference(requirement, gate=changed("requirement", requirement, *member, to=to))
    assert found[0] == requirement


@pytest.mark.parametrize(("requirement", "member", "to"), FAULTS[::5], ids=str)
def test_a_number_that_is_off_by_one_in_the_oracle_is_found(
    requirement: str, member: tuple[str | int, ...], to: Any
) -> None:
    found = first_difference(requirement, oracle=changed("requirement", requirement, *member, to=to))
    assert found[0] == requirement


@pytest.mark.parametrize("to", [49, 51])
def test_a_sensitivity_that_is_off_by_one_is_found(to: int) -> None:
    found = first_difference("first-test", gate=changed("pregnancy_test", "least_sensitive", to=to))
    assert found[0] == "second-test"


def test_a_flexibility_that_is_off_is_found() -> None:
    switched = changed("flexibility", "telephone-prescription", "switched_on", to=False)
    assert first_difference("prescription", gate=switched)[0] == "prescription"


def test_a_microsecond_in_the_oracle_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    exact = rules_numbers.confirmation_end
    monkeypatch.setattr(rules_numbers, "confirmation_end", lambda *of: exact(*of) - SMALLEST)
    assert first_difference("confirmation")[0] == "confirmation"


MALE = Setting("child_male", "authorize", "a plain afternoon", rx_known=True)


def test_composed_answers_are_the_direct_ones() -> None:
    walk = Walk(MALE)
    Composition(walk, "first").run(block=4, samples=2, whole=0)
    frames = len(walk.branches["first"]) * len(walk.classes("tests", "first"))
    assert walk.tally.mismatches == []
    assert walk.tally.sampled == 2 * frames
    assert 9 * frames < walk.tally.composed <= 16 * frames


def test_a_dependency_that_is_not_named_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(axes.READS, "enrolled", ("enrolment",))
    walk = Walk(MALE)
    Composition(walk, "later").run(block=2, samples=2, whole=0)
    lines = {line for m in walk.tally.mismatches for line in m.lines}
    assert lines == {"a finding depends on an axis that is not named"}


def test_a_difference_in_one_table_shows_in_composed_answers() -> None:
    walk = Walk(MALE, gate=changed("requirement", "no-refills", "at_most", to=1))
    composition = Composition(walk, "first")
    composition.tabulate()
    walk.tally.mismatches.clear()
    composition.compose(block=4, samples=0)
    assert {m.lines for m in walk.tally.mismatches} == {("composed answers differ",)}


def test_equal_answers_have_no_difference() -> None:
    same = Answer(True, (), (), None, None)
    assert differences(same, same) == []
