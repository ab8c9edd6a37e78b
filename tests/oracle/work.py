"""One setting as a piece of work, in a module of its own: a spawned process cannot import from a `__main__`."""

from __future__ import annotations

import base64
import hashlib
import json
import time
import zlib
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import suppress
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from typing import Any, NamedTuple

from tests.oracle.plants import Plant, finds, plants
from tests.oracle.programme import LENALIDOMIDE, Programme, load
from tests.oracle.settings import Setting, edge_settings, settings
from tests.oracle.space import Walk, size_of_product
from tests.oracle.world import Plain

ROOT = Path(__file__).resolve().parents[2]


class Work(NamedTuple):
    """What a process needs to know to walk one setting of one policy, or to plant one fault in it."""

    name: str
    block: int
    samples: int
    is_planted: bool
    file: Path = LENALIDOMIDE
    plant: Plant | None = None


@cache
def names_of(file: Path) -> dict[str, Setting]:
    """The settings of a policy by their names, its own beginning and end among them."""
    programme = load(file)
    return {str(setting): setting for setting in (*settings(programme), *edge_settings(programme))}


NAMES = names_of(LENALIDOMIDE)


def planted(programme: Programme) -> Plain:
    """The policy with a fault: every authorization lasts one day too long, or else its first number is one too high."""
    ups = list({plant[:2]: plant for plant in reversed(plants(programme))}.values())[::-1]
    lives = {r["id"] for r in programme.rules("authorization_life")}
    plain = programme.active
    for plant in [plant for plant in ups if plant.requirement in lives] or ups[:1]:
        plain = plant.into(plain)
    return plain


def fingerprint(*size: int, file: Path = LENALIDOMIDE) -> str:
    """What a kept result depends on: the domain, the policy, the oracle, and the size of the walk."""
    files = [*(ROOT / "compliance/domain").rglob("*.py"), *Path(__file__).parent.glob("*.py"), *load(file).files]
    parts = [hashlib.sha256(f.read_bytes()).hexdigest() for f in sorted(files) if not f.name.startswith("test_")]
    return hashlib.sha256(json.dumps([*parts, *size]).encode()).hexdigest()


def walk(work: Work) -> dict[str, Any]:
    """Walk one setting, and say what was compared in a form that a file can keep."""
    started = time.process_time()
    if work.plant is not None:
        is_found = finds(load(work.file), work.plant)
        return {"setting": work.name, "found": is_found, "seconds": time.process_time() - started}
    made = Walk(names_of(work.file)[work.name], gate=planted(load(work.file)) if work.is_planted else None)
    size = size_of_product(made)
    tally = made.run(work.block, work.samples)
    pairs = b"".join(n.to_bytes(4, "big") for n in sorted(tally.pairs))
    return {
        "setting": work.name,
        "direct": tally.direct,
        "sampled": tally.sampled,
        "composed": tally.composed,
        "product": size,
        "mismatches": [list(m) for m in tally.mismatches],
        "pairs": base64.b64encode(zlib.compress(pairs)).decode(),
        "seconds": time.process_time() - started,
    }


def results(todo: list[Work], cores: int) -> Iterator[tuple[Work, dict[str, Any]]]:
    """Results as they come; one core walks here, more walk in processes, and one that dies ends the run."""
    if cores == 1:
        yield from ((work, walk(work)) for work in todo)
        return
    with ProcessPoolExecutor(cores, mp_context=get_context("spawn")) as pool:
        waiting = {pool.submit(walk, work): work for work in todo}
        for done in as_completed(waiting):
            yield waiting[done], done.result()


def kept(path: Path | None, mark: str) -> dict[str, dict[str, Any]]:
    """The results of an earlier run, if the same code made them; a line cut off by a kill counts for nothing."""
    found = {}
    for line in path.read_text(encoding="utf-8").splitlines() if path is not None and path.exists() else ():
        with suppress(json.JSONDecodeError):
            result = json.loads(line)
            if result["mark"] == mark:
                found[result["setting"]] = result
    return found


def keep(path: Path, mark: str, result: dict[str, Any]) -> None:
    """Add a result to the file, on a line of its own even after one that was cut off."""
    with path.open("a", encoding="utf-8") as file:
        file.write("\n" + json.dumps({**result, "mark": mark}) + "\n")


def seen_together(found: list[dict[str, Any]]) -> int:
    """How many pairs of classes of two axes stood together in some state of the full product."""
    pairs: set[bytes] = set()
    for one in found:
        raw = zlib.decompress(base64.b64decode(one["pairs"]))
        pairs.update(raw[n : n + 4] for n in range(0, len(raw), 4))
    return len(pairs)
