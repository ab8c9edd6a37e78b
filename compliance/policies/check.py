"""Proves policy files: they can be read, their examples hold, each requirement blocks, each number is nailed.

What cannot be proven is a complaint; a policy with complaints must not be released.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

from compliance import strict_toml
from compliance.cases.reading import Case
from compliance.cases.running import mismatches
from compliance.domain.decision import Weight
from compliance.domain.errors import DomainError
from compliance.domain.facts import CategoryBasis, Method, Reaction, Statement, Step
from compliance.domain.gate import decide
from compliance.domain.policy import Policy, Status, read_policy
from compliance.domain.record import Record
from compliance.domain.requirements.base import Requirement
from compliance.domain.requirements.care import ContraceptionInUse
from compliance.domain.requirements.forms import Declared
from compliance.domain.requirements.monitoring import NoRechallenge
from compliance.domain.requirements.people import Evidence
from compliance.policies.catalogue import load_policy
from compliance.policies.examples import read_examples
from compliance.policies.variations import Variation, variations
from compliance.policies.witnesses import Witnesses

RELEASED = "released.sha256"

_HOURS_COMPARED = 2 * 366 * 24
"""Two years: every change of clocks comes round once a year."""


class Complaint(NamedTuple):
    """One thing about a policy file that is wrong or not proven."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Checked:
    """What the proofs found about one file, and how much they looked at."""

    path: Path
    requirements: int
    examples: int
    variations: int
    complaints: tuple[Complaint, ...]


def check_file(path: Path) -> Checked:
    """Prove one policy file."""
    try:
        written = load_policy(path)
        policy = as_if_active(written)
        examples = read_examples(policy, path)
    except DomainError as error:
        return Checked(path, 0, 0, 0, (Complaint(error.code, str(error)),))
    complaints = [*contradictions(policy), *released(written, path), *wrong_examples(policy, examples)]
    complaints += silent_requirements(policy, examples)
    tried, loose = loose_numbers(policy, examples)
    complaints += loose
    return Checked(path, len(policy.requirements), len(examples), tried, tuple(complaints))


def as_if_active(policy: Policy) -> Policy:
    """A draft as it will be once nothing but its status changes: its examples say what its rules would allow."""
    if policy.status is not Status.DRAFT:
        return policy
    active = Status.ACTIVE
    return replace(policy, status=active, raw={**policy.raw, "status": active.value})


def contradictions(policy: Policy) -> Iterator[Complaint]:
    """What a requirement says must fit together, or it is never met, or counts one method as two."""
    for requirement in policy.requirements:
        twice = sorted(word.value for word in _in_two_lists(requirement))
        if twice:
            yield Complaint("WORD_IN_TWO_LISTS", f"{requirement.id}: {', '.join(twice)} stands in two lists")
        if isinstance(requirement, Evidence):
            accepts = CategoryBasis.NATURAL_MENOPAUSE in requirement.accepted
            if accepts is (requirement.menopause_months is None):
                message = f"{requirement.id}: menopause_months is a number where natural_menopause is accepted"
                yield Complaint("MENOPAUSE_UNCLEAR", message)


def _in_two_lists(requirement: Requirement) -> frozenset[Method] | frozenset[Reaction] | frozenset[Statement]:
    """Words that one list takes one way and another list another way."""
    if isinstance(requirement, ContraceptionInUse):
        return requirement.highly_effective & requirement.additional
    if isinstance(requirement, Declared):
        return requirement.statements & requirement.exactly_one_of
    return requirement.reactions & requirement.graded if isinstance(requirement, NoRechallenge) else frozenset()


def released(policy: Policy, path: Path) -> Iterator[Complaint]:
    """A released file never changes: its digest stands in the list beside the countries, and still fits."""
    root, name = path.parents[2], "/".join(path.parts[-3:])
    try:
        listed = released_digests(root / RELEASED)
    except DomainError as error:
        yield Complaint(error.code, str(error))
        return
    if name not in listed:
        if policy.status is not Status.DRAFT:
            yield Complaint("NOT_RELEASED", f"{name} is not in {RELEASED}, and only a draft may be missing there")
    elif listed[name] != policy.sha256:
        yield Complaint("RELEASED_FILE_CHANGED", f"{name} is not the file that was released; make a new version")


def released_digests(path: Path) -> dict[str, str]:
    """The released files and their digests, in the form that `sha256sum` writes."""
    try:
        text = strict_toml.read_bytes(path).decode("ascii")
        pairs = [line.split("  ", 1) for line in text.splitlines()]
        return {name: digest for digest, name in pairs}
    except ValueError as error:
        if isinstance(error, DomainError):
            raise
        raise DomainError("RELEASED_UNREADABLE", "write lines as sha256sum does", field=str(path)) from error


def missing_released(root: Path) -> Iterator[Complaint]:
    """A released file must stay: decisions made under it could not be computed again."""
    for name, digest in released_digests(root / RELEASED).items():
        path = root / name
        if not path.is_file():
            yield Complaint("RELEASED_FILE_MISSING", f"{name} was released and is gone")
        elif hashlib.sha256(path.read_bytes()).hexdigest() != digest:
            yield Complaint("RELEASED_FILE_CHANGED", f"{name} is not the file that was released")


def wrong_examples(policy: Policy, examples: Iterable[Case]) -> Iterator[Complaint]:
    """Each example must get exactly the answer it expects, and there must be one."""
    count = 0
    for case in examples:
        count += 1
        for found in mismatches(case, decide(policy, Record(case.facts), case.request, case.at)):
            message = f"example {case.name}: {found.what}: expected {found.expected}; got {found.got}"
            yield Complaint("EXAMPLE_WRONG", message)
    if not count:
        yield Complaint("NO_EXAMPLES", "a policy without examples proves nothing")


def silent_requirements(policy: Policy, examples: Iterable[Case]) -> Iterator[Complaint]:
    """Each requirement must be shown to block, refer or advise alone, or nobody knows that it does."""
    told = list(examples)
    beside = () if policy.status is Status.ACTIVE else ("policy",)  # an inactive version says so in every answer
    alone = {case.expected.unmet and case.expected.unmet[len(beside) :] for case in told}
    advised = {case.expected.advice for case in told}
    for requirement in policy.requirements:
        if requirement.if_unmet is Weight.ADVISE:
            if (requirement.id,) not in advised:
                yield Complaint("NEVER_ADVISES_ALONE", f"no example is advised by {requirement.id} alone")
        elif (requirement.id,) not in alone:
            yield Complaint("NEVER_BLOCKS_ALONE", f"no example is blocked by {requirement.id} alone")


def loose_numbers(policy: Policy, examples: Iterable[Case]) -> tuple[int, list[Complaint]]:
    """Change everything by one step; each change that no example notices is a number nobody has proven."""
    witnesses = Witnesses(policy, examples)
    tried, loose = 0, []
    for variation in variations(policy.raw):
        tried += 1
        if _is_masked(policy, variation) or witnesses.notice_at_once(variation):
            continue
        try:
            varied = read_policy(variation.raw, "")
        except DomainError:
            continue  # a change that makes the file unreadable is noticed by everybody
        if not any(contradictions(varied)) and not witnesses.notice(varied) and _differs(policy, varied):
            message = f"{variation.where}: {variation.change}: no example notices"
            loose.append(Complaint("NOT_NAILED", message))
    return tried, loose


def _is_masked(policy: Policy, variation: Variation) -> bool:
    """Whether an inactive version answers all the same: it refuses whatever its days and how much a rule weighs."""
    if policy.status is Status.ACTIVE:
        return False
    member = variation.path[0]
    weighs = variation.path[-1] == "if_unmet" and Weight.ADVISE.value not in variation.change
    stays_inactive = member == "status" and variation.raw["status"] != Status.ACTIVE.value
    return weighs or stays_inactive or member in {"in_force_from", "in_force_until", "transition", "no_gate"}


def _differs(policy: Policy, varied: Policy) -> bool:
    """Whether the gate asks anything else: two categories may be bound by the same rules, two zones keep one time."""
    if policy.zone is not varied.zone:
        return not _keep_one_time(policy, varied)
    if policy.strictest is varied.strictest:
        return True
    return any(
        [r.id for r in policy.selected(step, None, is_first=first)]
        != [r.id for r in varied.selected(step, None, is_first=first)]
        for step in Step
        for first in (True, False)
    )


def _keep_one_time(policy: Policy, varied: Policy) -> bool:
    """Whether two zones show the same time since the policy came into force, as those of Brussels and Berlin do."""
    hours = [policy.starts_at + timedelta(hours=n) for n in range(_HOURS_COMPARED)]
    return all(at.astimezone(policy.zone.tz).utcoffset() == at.astimezone(varied.zone.tz).utcoffset() for at in hours)
