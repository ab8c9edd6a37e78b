"""`kelsey policies show`: one version as a table at the terminal, or as a page for clinicians to print."""

from __future__ import annotations

import argparse
from pathlib import Path

from compliance import clock
from compliance.cli.speaking import Failure, console
from compliance.domain.policy import Policy
from compliance.domain.span import instant
from compliance.domain.wire import read_date
from compliance.policies import Catalogue, load_catalogue
from compliance.policies.sheet import render, sheet_of
from compliance.policies.show import print_policy


def show(options: argparse.Namespace) -> int:
    """Show one version, or write the pages of all."""
    catalogue = load_catalogue()
    if options.all:
        if options.programme or options.at or options.html is None:
            raise Failure("--all goes with --html DIR, and with nothing else", 2)
        return _write_all(catalogue, options.html)
    if not options.programme:
        raise Failure("name a programme, or give --html DIR --all", 2)
    policy = _wanted(catalogue, options.programme, options.at)
    if options.html is None:
        print_policy(policy, console())
    else:
        options.html.write_text(_page(catalogue, policy), encoding="utf-8")
    return 0


def _page(catalogue: Catalogue, policy: Policy) -> str:
    return render(sheet_of(catalogue, policy.id, policy.version))


def _write_all(catalogue: Catalogue, folder: Path) -> int:
    """Write every version where its policy file would stand."""
    policies = catalogue.everything()
    for policy in policies:
        path = folder / policy.id / f"{policy.version}.html"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(_page(catalogue, policy), encoding="utf-8")
    console().print(f"{len(policies)} pages written", soft_wrap=True)
    return 0


def _wanted(catalogue: Catalogue, named: str, at: str | None) -> Policy:
    """The version that is named, or the one in force on a day; today, unless said."""
    programme, _, version = named.partition("@")
    if version:
        if at is not None:
            raise Failure("give a version or a day, not both", 2)
        return sheet_of(catalogue, programme, version).policy
    versions = catalogue.versions(programme)
    if at is None:
        return catalogue.get(programme, instant(clock.now()))
    day = read_date(at, "--at")
    policy = catalogue.get(programme, versions[0].zone.start_of(day))
    if day < policy.in_force_from:
        raise Failure(f"no version of {policy.id} was in force on {day}; the first came on {policy.in_force_from}")
    return policy
