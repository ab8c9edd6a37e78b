"""Runs the oracle over the whole abstract state space: `python -m tests.oracle`.

Each setting is one piece of work; with `--resume` what is done is kept in a file and a later run goes on from there.
Ends with 0 if both gates agreed everywhere, with 1 if they did not.
"""

from __future__ import annotations

import argparse
import multiprocessing
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from tests.oracle.space import Mismatch
from tests.oracle.work import NAMES, Work, fingerprint, keep, kept, results, seen_together


def options_of(arguments: Sequence[str] | None) -> argparse.Namespace:
    """What was asked for on the command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.oracle", description=__doc__)
    parser.add_argument("--cores", type=int, default=multiprocessing.cpu_count())
    parser.add_argument("--resume", type=Path, help="keep results in this file and go on from it")
    parser.add_argument("--limit", type=int, help="walk only so many of the settings, spread evenly")
    parser.add_argument("--only", default="", help="walk only the settings whose name has this text")
    parser.add_argument("--block", type=int, default=28, help="half-states a side for each frame (28: 784 states)")
    parser.add_argument("--samples", type=int, default=2, help="states of each frame put to both gates directly")
    parser.add_argument(
        "--plant", action="store_true", help="let the gate's authorizations last a day longer: ends with 1"
    )
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    """Walk, show how far it is, and end with the totals and the smallest mismatches."""
    options = options_of(arguments)
    names = [name for name in NAMES if options.only in name]
    if options.limit:
        names = names[:: max(1, len(names) // options.limit)][: options.limit]
    mark = fingerprint(options.block, options.samples, options.plant)
    done = kept(options.resume, mark)
    todo = [Work(name, options.block, options.samples, options.plant) for name in names if name not in done]
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    console, started = Console(), time.perf_counter()
    with Progress(*columns, console=console) as progress:
        bar = progress.add_task("settings", total=len(names), completed=len(names) - len(todo))
        for result in results(todo, options.cores):
            done[result["setting"]] = result
            if options.resume:
                keep(options.resume, mark, result)
            progress.update(bar, advance=1)
    return summary(console, [done[name] for name in names if name in done], time.perf_counter() - started)


def summary(console: Console, found: list[dict[str, Any]], wall: float) -> int:
    """Print the totals, never adding the three ways of comparing into one number."""
    direct, sampled, composed = (sum(one[key] for one in found) for key in ("direct", "sampled", "composed"))
    seconds = max(sum(one["seconds"] for one in found), 1e-9)
    mismatches = sorted(Mismatch(m[0], m[1], m[2], tuple(m[3])) for one in found for m in one["mismatches"])
    console.print(f"settings walked                     {len(found)}")
    console.print(f"direct, whole product of each rule  {direct:,}")
    console.print(f"direct, drawn from the full product {sampled:,}")
    console.print(f"composed, checked by the above      {composed:,}")
    console.print(f"pairs of classes seen together      {seen_together(found):,}")
    console.print(f"full product of all axes            {sum(one['product'] for one in found):.2e}")
    console.print(f"wall {wall:,.0f} s, processes {seconds:,.0f} s")
    console.print(f"direct a process second {(direct + sampled) / seconds:,.0f}")
    console.print(f"all states a process second {(direct + sampled + composed) / seconds:,.0f}")
    console.print(f"settings with mismatches            {sum(bool(one['mismatches']) for one in found)}")
    for mismatch in mismatches[:3]:
        console.print(mismatch.setting, mismatch.choice, *mismatch.lines, sep="\n  ", markup=False)
    return 1 if mismatches or not found else 0


if __name__ == "__main__":
    sys.exit(main())
