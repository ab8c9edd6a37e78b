"""Runs the oracle over the whole abstract state space: `python -m tests.oracle`.

Each setting is one piece of work; with `--resume` what is done is kept in a file and a later run goes on from there.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import multiprocessing
import sys
import time
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from tests.oracle.bridge import POLICY_FILE
from tests.oracle.space import Mismatch, Walk, settings, size_of_product

ROOT = Path(__file__).resolve().parents[2]
NAMES = {str(setting): setting for setting in settings()}


def fingerprint(block: int, samples: int) -> str:
    """What a kept result depends on: the domain, the policy, the oracle, and the size of the walk."""
    files = [*(ROOT / "compliance/domain").rglob("*.py"), *Path(__file__).parent.glob("*.py"), POLICY_FILE]
    parts = [hashlib.sha256(f.read_bytes()).hexdigest() for f in sorted(files) if "test_" not in f.name]
    return hashlib.sha256(json.dumps([*parts, block, samples]).encode()).hexdigest()


def walk(work: tuple[str, int, int]) -> dict[str, Any]:
    """Walk one setting in a process of its own."""
    name, block, samples = work
    started = time.perf_counter()
    made = Walk(NAMES[name])
    size = size_of_product(made)
    tally = made.run(block, samples)
    pairs = b"".join(n.to_bytes(4, "big") for n in sorted(tally.pairs))
    return {
        "setting": name, "direct": tally.direct, "sampled": tally.sampled, "composed": tally.composed,
        "product": size, "mismatches": [list(m) for m in tally.mismatches],
        "pairs": base64.b64encode(zlib.compress(pairs)).decode(), "seconds": time.perf_counter() - started,
    }  # fmt: skip


def kept(path: Path | None, mark: str) -> dict[str, dict[str, Any]]:
    """The results of an earlier run, if they were made by the same code."""
    if path is None or not path.exists():
        return {}
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return {line["setting"]: line for line in lines if line["mark"] == mark}


def results(todo: list[tuple[str, int, int]], cores: int) -> Iterator[dict[str, Any]]:
    """Results as they come, from as many processes as asked for."""
    with multiprocessing.get_context("spawn").Pool(cores) as pool:
        yield from pool.imap_unordered(walk, todo)


def main() -> int:
    """Walk, show how far it is, and end with the totals and the smallest mismatches."""
    parser = argparse.ArgumentParser(prog="python -m tests.oracle", description=__doc__)
    parser.add_argument("--cores", type=int, default=multiprocessing.cpu_count())
    parser.add_argument("--resume", type=Path, help="keep results in this file and go on from it")
    parser.add_argument("--limit", type=int, help="walk only so many of the settings, spread evenly")
    parser.add_argument("--block", type=int, default=32, help="half-states a side for each frame (32: 1024 states)")
    parser.add_argument("--samples", type=int, default=3, help="states of each frame put to both gates directly")
    options = parser.parse_args()
    names = list(NAMES)
    if options.limit:
        names = names[:: max(1, len(names) // options.limit)][: options.limit]
    mark = fingerprint(options.block, options.samples)
    done = kept(options.resume, mark)
    todo = [(name, options.block, options.samples) for name in names if name not in done]
    console = Console()
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    started = time.perf_counter()
    with Progress(*columns, console=console) as progress:
        bar = progress.add_task("settings", total=len(names), completed=len(names) - len(todo))
        for result in results(todo, options.cores) if todo else ():
            done[result["setting"]] = result
            if options.resume:
                with options.resume.open("a", encoding="utf-8") as file:
                    file.write(json.dumps({**result, "mark": mark}) + "\n")
            progress.update(bar, advance=1)
    return summary(console, [done[name] for name in names if name in done], time.perf_counter() - started)


def summary(console: Console, found: list[dict[str, Any]], wall: float) -> int:
    """Print the totals, never adding the three ways of comparing into one number."""
    direct, sampled, composed = (sum(one[key] for one in found) for key in ("direct", "sampled", "composed"))
    seconds = sum(one["seconds"] for one in found)
    pairs: set[int] = set()
    for one in found:
        raw = zlib.decompress(base64.b64decode(one["pairs"]))
        pairs |= {int.from_bytes(raw[n : n + 4], "big") for n in range(0, len(raw), 4)}
    mismatches = sorted(Mismatch(m[0], m[1], m[2], tuple(m[3])) for one in found for m in one["mismatches"])
    console.print(f"settings walked                     {len(found)}")
    console.print(f"direct, whole product of each rule  {direct:,}")
    console.print(f"direct, drawn from the full product {sampled:,}")
    console.print(f"composed, checked by the above      {composed:,}")
    console.print(f"pairs of classes seen together      {len(pairs):,}")
    console.print(f"full product of all axes            {sum(one['product'] for one in found):.2e}")
    console.print(f"wall {wall:,.0f} s, processes {seconds:,.0f} s")
    console.print(f"direct a process second {(direct + sampled) / max(seconds, 1e-9):,.0f}")
    console.print(f"all states a process second {(direct + sampled + composed) / max(seconds, 1e-9):,.0f}")
    console.print(f"settings with mismatches            {sum(bool(one['mismatches']) for one in found)}")
    for mismatch in mismatches[:3]:
        console.print(mismatch.setting, mismatch.choice, *mismatch.lines, sep="\n  ", markup=False)
    return 1 if mismatches or not found else 0


if __name__ == "__main__":
    sys.exit(main())
