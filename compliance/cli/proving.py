"""`kelsey policies`: proves the policy files, and prints one as a table for clinicians."""

from __future__ import annotations

import argparse
from pathlib import Path

from rich.progress import Progress
from rich.text import Text

from compliance import clock, paths
from compliance.cli.speaking import Failure, console, is_for_people
from compliance.domain.span import instant
from compliance.domain.wire import read_date
from compliance.policies import load_catalogue
from compliance.policies.catalogue import policy_files
from compliance.policies.check import RELEASED, Complaint, check_file, missing_released
from compliance.policies.show import print_policy


def check(options: argparse.Namespace) -> int:
    """Prove one policy file, or all of them and that no released one is gone."""
    path: Path = options.path or paths.POLICIES
    files = [path.resolve()] if path.is_file() else policy_files(path.resolve())
    if not files:
        raise Failure(f"{path}: there is no policy file here; give one, or the folder of all countries", 2)
    out, wrong = console(), 0
    with Progress(console=out, transient=True, disable=not is_for_people()) as progress:
        for file in progress.track(files, description="policies"):
            found = check_file(file)
            wrong += len(found.complaints)
            _print_complaints("/".join(file.parts[-3:]), found.complaints)
            out.print(
                f"{'/'.join(file.parts[-3:])}: {found.requirements} requirements, {found.examples} examples,"
                f" {found.variations} changes tried, {len(found.complaints)} complaints",
                soft_wrap=True,
            )
    if path.is_dir():
        lost = tuple(c for c in missing_released(path.resolve()) if c.code == "RELEASED_FILE_MISSING")
        _print_complaints(RELEASED, lost)
        wrong += len(lost)
    out.print(f"{len(files)} policies: {'all proven' if not wrong else f'{wrong} complaints'}")
    return 1 if wrong else 0


def _print_complaints(name: str, complaints: tuple[Complaint, ...]) -> None:
    for complaint in complaints:
        console().print(Text(f"{name}: {complaint.code}: {complaint.message}"), soft_wrap=True)


def show(options: argparse.Namespace) -> int:
    """Print the version in force on a day."""
    catalogue = load_catalogue()
    versions = catalogue.versions(options.programme)
    policy = catalogue.get(options.programme, instant(clock.now()))
    if options.at is not None:
        day = read_date(options.at, "--at")
        policy = catalogue.get(options.programme, versions[0].zone.start_of(day))
        if day < policy.in_force_from:
            raise Failure(f"no version of {policy.id} was in force on {day}; the first came on {policy.in_force_from}")
    print_policy(policy, console())
    return 0
