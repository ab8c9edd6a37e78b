"""One setting as a piece of work, in a module of its own: a spawned process cannot import from a `__main__`."""

from __future__ import annotations

import base64
import copy
import hashlib
import json
import time
import zlib
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import suppress
from multiprocessing import get_context
from pathlib import Path
from typing import Any, NamedTuple

from tests.oracle.bridge import POLICY_FILE, plain_policy
from tests.oracle.space import Walk, settings, size_of_product
from tests.oracle.world import Plain, days_in

ROOT = Path(__file__).resolve().parents[2]
NAMES = {str(setting): setting for setting in settings()}


class Work(NamedTuple):
    """What a process needs to know to walk one setting."""

    name: str
    block: int
    samples: int
    is_planted: bool


def planted() -> Plain:
    """The policy with a fault: every authorization lasts one day too long."""
    policy = copy.deepcopy(plain_policy())
    for requirement in policy["requirement"]:
        if requirement["kind"] == "authorization_life":
            requirement["lasts"]["span"] = f"P{days_in(requirement['lasts']['span']) + 1}D"
    return policy


def fingerprint(*size: int) -> str:
    """What a kept result depends on: the domain, the policy, the oracle, and the size of the walk."""
    files = [*(ROOT / "compliance/domain").rglob("*.py"), *Path(__file__).parent.glob("*.py"), POLICY_FILE]
    parts = [hashlib.sha256(f.read_bytes()).hexdigest() for f in sorted(files) if not f.name.startswith("test_")]
    return hashlib.sha256(json.dumps([*parts, *size]).encode()).hexdigest()


def walk(work: Work) -> dict[str, Any]:
    """Walk one setting, and say what was compared in a form that a file can keep."""
    started = time.process_time()
    made = Walk(NAMES[work.name], gate=planted() if work.is_planted else None)
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


def results(todo: list[Work], cores: int) -> Iterator[dict[str, Any]]:
    """Results as they come; one core walks here, more walk in processes, and one that dies ends the run."""
    if cores == 1:
        yield from map(walk, todo)
        return
    with ProcessPoolExecutor(cores, mp_context=get_context("spawn")) as pool:
        for done in as_completed([pool.submit(walk, work) for work in todo]):
            yield done.result()


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
