"""`kelsey policies diff`: what one version of a policy newly allows and newly denies against another."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

from rich.table import Table
from rich.text import Text

from compliance.cli.speaking import Failure, console
from compliance.domain.policy import Policy
from compliance.policies import load_catalogue, load_policy
from compliance.policies.difference import Change, Difference, Direction, Found, Group, changes, compare
from compliance.policies.difference.telling import case_of


def diff(options: argparse.Namespace) -> int:
    """Compare two policies, or every pair of neighbouring versions; exits with 1 if any decision differs."""
    pairs = list(_pairs(options.policies))
    if not pairs:
        raise Failure("there is no second version to compare with; give two files, or PROGRAMME@VERSION twice", 2)
    compared = [(old, new, tuple(changes(old, new)), compare(old, new)) for old, new in pairs]
    if options.json:
        print(json.dumps([as_plain(*one) for one in compared], indent=2))
    for old, new, said, found in compared:
        if not options.json:
            _print(old, new, said, found)
        if options.save is not None:
            _save(options.save, old, new, found)
    return 1 if any(found.groups for *_, found in compared) else 0


_TWO = 2


def _pairs(named: list[str]) -> Iterator[tuple[Policy, Policy]]:
    if len(named) > _TWO:
        raise Failure("give two policies, or one programme, or nothing for every programme", 2)
    if len(named) == _TWO:
        yield _named(named[0]), _named(named[1])
        return
    catalogue = load_catalogue()
    for programme in named or catalogue.programmes():
        yield from pairwise(catalogue.versions(programme))


def _named(name: str) -> Policy:
    """A policy by its file, or as PROGRAMME@VERSION."""
    programme, _, version = name.partition("@")
    if not version:
        return load_policy(Path(name).resolve())
    found = {policy.version: policy for policy in load_catalogue().versions(programme)}
    if version not in found:
        raise Failure(f"{name}: there is no such version; there are {', '.join(found)}", 2)
    return found[version]


def _print(old: Policy, new: Policy, said: tuple[Change, ...], found: Difference) -> None:
    out = console()
    out.print(f"{_title(old)} -> {_title(new)}", soft_wrap=True)
    if said:
        out.print(_changes(said))
    if found.groups:
        out.print(_groups(found))
    for number, (group, one) in enumerate(_one_each(found), 1):
        out.print(Text(f"\n# -- smallest example {number}: {_words(group)}"), soft_wrap=True)
        out.print(Text(case_of(one, old, new)), soft_wrap=True)
    out.print(_summary(found), soft_wrap=True)
    if found.strays:
        out.print(f"{found.strays} random states differ in a requirement taken to be alike: do not trust this table")


def _title(policy: Policy) -> str:
    return f"{policy.id}@{policy.version}"


def _changes(said: tuple[Change, ...]) -> Table:
    table = Table("", "where", "was", "is", "sources", title="What the files say", title_justify="left")
    for change in said:
        sources = dict.fromkeys(source for source in (change.old_source, change.new_source) if source)
        table.add_row(*map(Text, (change.what, change.where, change.old, change.new, ", ".join(sources))))
    return table


def _groups(found: Difference) -> Table:
    table = Table("", "outcome", "category", "step", "supply", "no longer", "now", "states",
                  title="What the gate decides", title_justify="left")  # fmt: skip
    for group, one in found.groups.items():
        plain = _group(group)
        table.add_row(*map(Text, (
            plain["direction"], " -> ".join(group.outcomes), plain["category"] or "unknown", plain["step"],
            plain["supply"], ", ".join(group.gone), ", ".join(group.come), str(one.count),
        )))  # fmt: skip
    return table


def _one_each(found: Difference) -> Iterator[tuple[Group, Found]]:
    """Of each change of codes the smallest example, whichever category and step it is about."""
    kinds: dict[tuple[Any, ...], list[tuple[Group, Found]]] = {}
    for group, one in found.groups.items():
        kinds.setdefault((group.direction, group.outcomes, group.gone, group.come), []).append((group, one))
    for alike in kinds.values():
        yield min(alike, key=lambda pair: len(pair[1].example.facts))


def _words(group: Group) -> str:
    codes = ", ".join([*(f"no longer {code}" for code in group.gone), *(f"now {code}" for code in group.come)])
    return f"{group.direction.value} ({' -> '.join(group.outcomes)}): {codes}"


def _summary(found: Difference) -> str:
    counts = {d: sum(one.count for group, one in found.groups.items() if group.direction is d) for d in Direction}
    said = ", ".join(f"{count} {direction.value}" for direction, count in counts.items())
    left = f", {found.left_out} pairs of edits left out" if found.left_out else ""
    return f"{said}; {found.states} states walked and {found.sampled} drawn at random{left}"


def as_plain(old: Policy, new: Policy, said: tuple[Change, ...], found: Difference) -> dict[str, Any]:
    """The whole comparison as plain data, for programs."""
    return {
        "old": {"id": old.id, "version": old.version, "sha256": old.sha256},
        "new": {"id": new.id, "version": new.version, "sha256": new.sha256},
        "changes": [change._asdict() for change in said],
        "differing": {"old": list(found.differing[0]), "new": list(found.differing[1])},
        "states": found.states,
        "sampled": found.sampled,
        "left_out": found.left_out,
        "strays": found.strays,
        "groups": [
            _group(group) | {"states": one.count, "example": case_of(one, old, new)}
            for group, one in found.groups.items()
        ],
    }


def _group(group: Group) -> dict[str, Any]:
    return {
        "direction": group.direction.value,
        "outcomes": list(group.outcomes),
        "category": None if group.category is None else group.category.value,
        "step": group.step.value,
        "supply": "first" if group.is_first else "later",
        "gone": list(group.gone),
        "come": list(group.come),
    }


def _save(folder: Path, old: Policy, new: Policy, found: Difference) -> None:
    """Each group's example as a case file."""
    folder.mkdir(parents=True, exist_ok=True)
    name = f"{new.id.replace('/', '-')}-{old.version}-to-{new.version}"
    for number, one in enumerate(found.groups.values(), 1):
        (folder / f"{name}-{number:03}.toml").write_text(case_of(one, old, new), encoding="utf-8")
