"""`kelsey policies check`: proves the policy files."""

from __future__ import annotations

import argparse
import os
import signal
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from rich.progress import Progress
from rich.text import Text

from compliance import paths
from compliance.cli.speaking import Failure, console, is_for_people
from compliance.policies.catalogue import policy_files
from compliance.policies.check import RELEASED, Checked, Complaint, check_file, missing_released


def check(options: argparse.Namespace) -> int:
    """Prove one policy file, or all of them and that no released one is gone."""
    path: Path = options.path or paths.POLICIES
    files = [path.resolve()] if path.is_file() else policy_files(path.resolve())
    if not files:
        raise Failure(f"{path}: there is no policy file here; give one, or the folder of all countries", 2)
    out, wrong = console(), 0
    with Progress(console=out, transient=True, disable=not is_for_people()) as progress:
        for found in progress.track(_checked(files), total=len(files), description="policies"):
            wrong += len(found.complaints)
            name = "/".join(found.path.parts[-3:])
            _print_complaints(name, found.complaints)
            out.print(
                f"{name}: {found.requirements} requirements, {found.examples} examples,"
                f" {found.variations} changes tried, {len(found.complaints)} complaints",
                soft_wrap=True,
            )
    if path.is_dir():
        lost = tuple(c for c in missing_released(path.resolve()) if c.code == "RELEASED_FILE_MISSING")
        _print_complaints(RELEASED, lost)
        wrong += len(lost)
    out.print(f"{len(files)} policies: {'all proven' if not wrong else f'{wrong} complaints'}")
    return 1 if wrong else 0


def _checked(files: list[Path]) -> Iterator[Checked]:
    """Prove each file, in the order given; several at once, for each keeps one core busy for seconds."""
    cores = min(len(files), os.cpu_count() or 1)
    if cores == 1:
        yield from map(check_file, files)
        return
    with ProcessPoolExecutor(cores, get_context("spawn"), signal.signal, (signal.SIGINT, signal.SIG_IGN)) as pool:
        yield from pool.map(check_file, files)  # who stops the command stops it here, in one line


def _print_complaints(name: str, complaints: tuple[Complaint, ...]) -> None:
    for complaint in complaints:
        console().print(Text(f"{name}: {complaint.code}: {complaint.message}"), soft_wrap=True)
