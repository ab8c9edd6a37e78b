"""Runs the oracle over the whole abstract state space of a policy, or of all: `python -m tests.oracle`.

Each setting is one piece of work; with `--resume` what is done is kept in a file and a later run goes on from there.
Ends with 0 if both gates agreed everywhere (and, with `--plants`, every planted fault was found), with 1 if not.
"""

from __future__ import annotations

import argparse
import itertools
import multiprocessing
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from tests.oracle.plants import plants
from tests.oracle.programme import LENALIDOMIDE, files, load, named
from tests.oracle.telling import Results, row, summary, table
from tests.oracle.work import Work, fingerprint, keep, kept, names_of, results


def options_of(arguments: Sequence[str] | None) -> argparse.Namespace:
    """What was asked for on the command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.oracle", description=__doc__)
    parser.add_argument("--cores", type=int, default=multiprocessing.cpu_count())
    parser.add_argument(
        "--programme", action="append", default=[], help="ID, ID@VERSION or a policy file; may be repeated"
    )
    parser.add_argument("--all", action="store_true", help="every policy file, and a table at the end")
    parser.add_argument("--resume", type=Path, help="keep results in this file and go on from it")
    parser.add_argument("--limit", type=int, help="walk only so many of the settings of each policy, spread evenly")
    parser.add_argument("--only", default="", help="walk only the settings whose name has this text")
    parser.add_argument("--block", type=int, default=28, help="half-states a side for each frame (28: 784 states)")
    parser.add_argument("--samples", type=int, default=2, help="states of each frame put to both gates directly")
    parser.add_argument(
        "--plant", action="store_true", help="let the gate's authorizations last a day longer: ends with 1"
    )
    parser.add_argument(
        "--plants", action="store_true", help="plant a fault of one step in each number in turn; all must be found"
    )
    return parser.parse_args(arguments)


def asked_files(options: argparse.Namespace) -> list[Path]:
    """The policy files that were asked for; the released lenalidomide policy if none was."""
    if options.all:
        return files()
    return [file for text in options.programme for file in named(text)] or ([] if options.programme else [LENALIDOMIDE])


def work_of(options: argparse.Namespace, file: Path) -> list[Work]:
    """The settings of a policy that were asked for, or its numbers."""
    if options.plants:
        faults = plants(load(file))
        return [Work(f"plant {fault}", options.block, options.samples, True, file, fault) for fault in faults]
    names = [name for name in names_of(file) if options.only in name]
    if options.limit:
        names = names[:: max(1, len(names) // options.limit)][: options.limit]
    return [Work(name, options.block, options.samples, options.plant, file) for name in names]


def main(arguments: Sequence[str] | None = None) -> int:
    """Walk, show how far it is, and end with the totals and the smallest mismatches."""
    options, console, started = options_of(arguments), Console(), time.perf_counter()
    asked = asked_files(options)
    marks = {file: fingerprint(options.block, options.samples, options.plant, file=file) for file in asked}
    done: dict[Path, Results] = {file: kept(options.resume, marks[file]) for file in asked}
    wanted = {file: work_of(options, file) for file in asked}
    left = {file: [work for work in wanted[file] if work.name not in done[file]] for file in asked}
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console) as progress:
        # One setting of each policy after the other, so that a run that is cut short has seen them all.
        turns = itertools.zip_longest(*left.values())
        total, todo = sum(map(len, wanted.values())), [work for turn in turns for work in turn if work is not None]
        bar = progress.add_task("settings", total=total, completed=total - len(todo))
        for work, result in results(todo, options.cores):
            done[work.file][work.name] = result
            if options.resume:
                keep(options.resume, marks[work.file], {"programme": load(work.file).name, **result})
            progress.update(bar, advance=1, description=load(work.file).name)
    found = {file: [done[file][w.name] for w in wanted[file] if w.name in done[file]] for file in asked}
    if len(asked) == 1 and not options.plants:
        return summary(console, found[asked[0]], time.perf_counter() - started)
    return table(console, [row(file, found[file]) for file in asked], time.perf_counter() - started)


if __name__ == "__main__":
    sys.exit(main())
