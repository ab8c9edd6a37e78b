"""The quick look at a changed policy says what the slow look says: every example asked, the whole file read anew."""

from pathlib import Path

import pytest

from compliance.cases.reading import Case
from compliance.cases.running import run_case
from compliance.domain.errors import DomainError
from compliance.domain.policy import Policy, read_policy
from compliance.paths import POLICIES
from compliance.policies.catalogue import load_policy
from compliance.policies.check import check_file, contradictions, loose_numbers
from compliance.policies.examples import read_examples
from compliance.policies.variations import Variation, variations
from compliance.policies.witnesses import Witnesses
from tests.policies.copies import NAME, SMALL, planted
from tests.policies.test_check import CONTRACEPTION, FAULTS

LENALIDOMIDE = POLICIES / "us/lenalidomide-rems/2023-03-24.toml"


def _is_noticed_slowly(variation: Variation, examples: tuple[Case, ...]) -> bool:
    try:
        varied = read_policy(variation.raw, "")
    except DomainError:
        return True
    return any(run_case(case, varied).mismatches for case in examples)


def _slow_complaints(policy: Policy, examples: tuple[Case, ...]) -> list[str]:
    """Which changes no example notices, found without any memory; both of the small policy's categories ask alike."""
    found = []
    for variation in variations(policy.raw):
        if variation.where != "strictest_category" and not _is_noticed_slowly(variation, examples):
            if any(contradictions(read_policy(variation.raw, ""))):
                continue
            found.append(f"{variation.where}: {variation.change}: no example notices")
    return found


@pytest.mark.parametrize("name", ["nothing", *FAULTS])
def test_the_quick_look_complains_of_exactly_what_the_slow_one_does(name: str, tmp_path: Path) -> None:
    policy = load_policy(planted(tmp_path, *FAULTS[name][0]) if name in FAULTS else SMALL / NAME)
    examples = read_examples(policy)
    tried, complaints = loose_numbers(policy, examples)
    assert [complaint.message for complaint in complaints] == _slow_complaints(policy, examples)
    assert tried == len(list(variations(policy.raw)))


def test_a_policy_that_contradicts_itself_gets_the_same_complaints_both_ways(tmp_path: Path) -> None:
    policy = load_policy(planted(tmp_path, ("\n[example.base]", CONTRACEPTION)))
    examples = read_examples(policy)
    assert [c.message for c in loose_numbers(policy, examples)[1]] == _slow_complaints(policy, examples)


def test_a_yes_at_once_is_a_yes_of_the_whole_decision_too() -> None:
    policy = load_policy(LENALIDOMIDE)
    examples = read_examples(policy)
    witnesses = Witnesses(policy, examples)
    some = list(variations(policy.raw))[::12]
    at_once = [variation for variation in some if witnesses.notice_at_once(variation)]
    assert [v for v in at_once if not _is_noticed_slowly(v, examples)] == []
    assert len(at_once) >= len(some) * 3 // 4  # or it would save nothing


def test_a_change_beside_the_requirements_is_left_to_the_whole_decision() -> None:
    policy = load_policy(LENALIDOMIDE)
    witnesses = Witnesses(policy, read_examples(policy))
    beside = [variation for variation in variations(policy.raw) if variation.path[0] != "requirement"]
    assert {variation.path[0] for variation in beside} >= {"status", "time_zone", "pregnancy_test", "flexibility"}
    assert not any(witnesses.notice_at_once(variation) for variation in beside)


def test_a_number_of_the_large_policy_that_is_not_nailed_is_found(tmp_path: Path) -> None:
    text = LENALIDOMIDE.read_text(encoding="utf-8")
    example = '[example.twenty-nine-capsules-every-day]\nlike = "male-first"\nfacts.rx.quantity = 29\n'
    assert text.count(example) == 1
    path = tmp_path / "us/lenalidomide-rems" / LENALIDOMIDE.name
    path.parent.mkdir(parents=True)
    path.write_text(text.replace(example, example.replace("29", "35")), encoding="utf-8")
    (tmp_path / "released.sha256").write_text("", encoding="ascii")
    complaints = [c.message for c in check_file(path).complaints if c.code == "NOT_NAILED"]
    assert [message for message in complaints if message.startswith("days-supply")] == [
        "days-supply.at_most: 28 to 29: no example notices"
    ]


def test_a_variation_changes_nothing_in_the_original() -> None:
    policy = load_policy(SMALL / NAME)
    before = repr(policy.raw)
    assert all(variation.raw != policy.raw for variation in variations(policy.raw))
    assert repr(policy.raw) == before
