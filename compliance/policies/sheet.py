"""One page for each policy version, so that clinicians can hold the rules that bind them against their sources."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from compliance import paths
from compliance.domain.decision import Weight
from compliance.domain.errors import DomainError
from compliance.domain.facts import Category, Step
from compliance.domain.policy import Policy, Source, Status
from compliance.domain.requirements import When
from compliance.domain.requirements.people import NotHeld
from compliance.domain.span import Instant
from compliance.policies import words
from compliance.policies.catalogue import Catalogue

OUTCOMES = {Weight.REFUSE: "Refuse", Weight.REFER: "Hold and refer", Weight.ADVISE: "Advise"}
"""What the gate does about an unmet requirement."""

_SECTIONS = {
    "pregnancy_test": "Pregnancy tests that count",
    "pregnancy_test_after_first": "Pregnancy tests that count after the first supply",
    "prescription": "Prescriptions that count",
}
_EVERYBODY = frozenset[Category]()


@dataclass(frozen=True, slots=True)
class Cited:
    """Where a number comes from and how sure it is: the number of a document on the sheet, and the place in it."""

    document: int
    place: str
    confidence: str


@dataclass(frozen=True, slots=True)
class Row:
    """One rule: what it says, its numbers, at which steps it is asked and of which supplies."""

    text: str
    numbers: tuple[tuple[str, str], ...]
    steps: tuple[Step, ...]
    supply: str
    outcome: str
    cited: Cited


@dataclass(frozen=True, slots=True)
class Group:
    """The rules that bind the same patients."""

    title: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A policy version as a clinician reads it."""

    policy: Policy
    successor: Policy | None
    """The next version of the programme, if any is known."""
    in_force: str
    banners: tuple[tuple[str, str], ...]
    """What must be known before anything else, each by its weight (`stop` or `note`) and its words."""
    people: tuple[tuple[str, str], ...]
    groups: tuple[Group, ...]
    relaxations: tuple[Row, ...]
    documents: tuple[Source, ...]

    steps = tuple(Step)
    spelled = staticmethod(words.spelled)


def sheet(policy: Policy, successor: Policy | None = None) -> Sheet:
    """Lay out one version."""
    return Sheet(
        policy, successor, _in_force(policy, successor), tuple(_banners(policy)), tuple(_people(policy)),
        tuple(_groups(policy)), tuple(_relaxations(policy)), tuple(policy.sources.values()),
    )  # fmt: skip


def sheet_of(catalogue: Catalogue, programme: str, version: str) -> Sheet:
    """Lay out one version by its name. Raises DomainError for one that there is not."""
    versions = catalogue.versions(programme)
    for policy, successor in zip(versions, (*versions[1:], None), strict=True):
        if policy.version == version:
            return sheet(policy, successor)
    known = ", ".join(policy.version for policy in versions)
    raise DomainError("VERSION_UNKNOWN", f"give one of: {known}", field="version", value=version)


def standing(found: Sheet, at: Instant) -> str:
    """Whether a version binds anybody at a moment, in a word or two."""
    policy, successor = found.policy, found.successor
    if policy.status is not Status.ACTIVE:
        return f"{policy.status.value.capitalize()}: the gate refuses"
    if at < policy.starts_at:
        return "Not yet in force"
    has_ended = policy.ends_at is not None and at >= policy.ends_at
    is_followed = successor is not None and at >= successor.starts_at
    return "No longer in force" if has_ended or is_followed else "In force"


def render(found: Sheet) -> str:
    """The sheet as one file that needs nothing else: no script, no font and no style from anywhere."""
    return _environment().get_template("policies/sheet.html").render(sheet=found)


@cache
def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(paths.require(paths.TEMPLATES)), undefined=StrictUndefined, autoescape=True,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    style = (paths.require(paths.STATIC) / "sheet.css").read_text(encoding="utf-8")
    made.globals["style"] = Markup(style)  # noqa: S704 - our own file
    return made


def _in_force(policy: Policy, successor: Policy | None) -> str:
    if policy.in_force_until is None and successor is not None:
        since = words.spelled(policy.in_force_from)
        return f"from {since} until the version of {words.spelled(successor.in_force_from)}"
    return words.between(policy.in_force_from, policy.in_force_until)


def _banners(policy: Policy) -> Iterator[tuple[str, str]]:
    if policy.status is Status.DRAFT:
        yield "stop", "DRAFT: the gate refuses to authorize under this file"
    if policy.status is Status.RETIRED:
        yield "stop", "RETIRED: the gate refuses to authorize under this file"
    if policy.layer_over:
        yield "note", f"A LAYER that a site can lay over {', '.join(sorted(policy.layer_over))}; it only adds rules"
    refuses = any(r.if_unmet is Weight.REFUSE for r in policy.requirements)
    if policy.ungated >= set(policy.categories) and not refuses:
        yield (
            "note",
            "EDUCATION ONLY, NOT GATED: this programme has no gate, and nothing on this sheet refuses a supply",
        )
    elif policy.ungated:
        yield "note", f"NOT GATED for: {_named(policy, policy.ungated)}"
    if any(isinstance(r, NotHeld) and r.if_unmet is Weight.REFER for r in policy.requirements):
        yield "note", "IN A PREGNANCY a specialist decides: stopping abruptly may harm more than going on"


def _people(policy: Policy) -> Iterator[tuple[str, str]]:
    """The programme's categories by its own names, and the six words of this system that stand behind each."""
    names: dict[str, list[Category]] = {}
    for category in policy.categories:
        own = policy.category_names.get(category) or words.sort_of(category)
        names.setdefault(own, []).append(category)
    for name, found in names.items():
        means = words.categories(found)
        notes = [means.removeprefix(f"{name} (").removesuffix(")") if means.startswith(f"{name} (") else means]
        if policy.strictest in found:
            notes.append("an unknown category is taken as this one")
        if set(found) <= policy.ungated:
            notes.append("no gate")
        yield name, "; ".join(notes)


def _named(policy: Policy, wanted: frozenset[Category]) -> str:
    """Who is meant, by the programme's own names where it has any."""
    if not wanted or wanted >= set(policy.categories):
        return "Every patient"
    found = [policy.category_names.get(category) for category in policy.categories if category in wanted]
    if None in found:
        said = words.categories(wanted)
        return said[0].upper() + said[1:]
    return "; ".join(dict.fromkeys(name for name in found if name is not None))


def _groups(policy: Policy) -> Iterator[Group]:
    who: dict[str, list[Row]] = {_named(policy, _EVERYBODY): []}
    for requirement, table in zip(policy.requirements, policy.raw.get("requirement", ()), strict=True):
        outcome = OUTCOMES[requirement.if_unmet]
        row = _row(policy, table, outcome, requirement.when)
        who.setdefault(_named(policy, requirement.when.categories), []).append(row)
    for title, rows in who.items():
        if rows:
            yield Group(title, tuple(rows))
    for name, title in _SECTIONS.items():
        if name in policy.raw:
            yield Group(title, (_row(policy, policy.raw[name], "Does not count"),))
    if "no_gate" in policy.raw:
        said = (("patients", _named(policy, policy.ungated)),)
        yield Group("No gate", (replace(_row(policy, policy.raw["no_gate"], "–"), numbers=said),))


def _relaxations(policy: Policy) -> Iterator[Row]:
    for table in policy.raw.get("flexibility", {}).values():
        dates = words.between(table["in_force_from"], table.get("in_force_until"))
        said = ("in force", dates), ("switched on", words.value(table["switched_on"]))
        yield replace(_row(policy, table, ""), numbers=said)


def _row(policy: Policy, table: Mapping[str, Any], outcome: str, when: When | None = None) -> Row:
    document, _, place = table["source"].partition("#")
    cited = Cited(list(policy.sources).index(document) + 1, place.replace("-", " "), table["confidence"])
    asked = tuple(step for step in Step if when is None or not when.steps or step in when.steps)
    return Row(
        table["text"], tuple(words.numbers(table)), asked,
        words.supply(is_first=None if when is None else when.first), outcome, cited,
    )  # fmt: skip
