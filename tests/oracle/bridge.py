"""Puts one question to both gates and shows where they differ, so that every harness here compares the same things."""

from __future__ import annotations

import copy
import tomllib
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from compliance.domain.decision import Decision, Request
from compliance.domain.facts import Fact, Handover, Step
from compliance.domain.gate import decide
from compliance.domain.policy import Policy, read_policy
from compliance.domain.record import Record
from compliance.domain.span import Instant
from compliance.domain.wire import read_fact
from tests.oracle.naive import Answer, Found, answer
from tests.oracle.world import Plain

POLICY_FILE = Path(__file__).resolve().parents[2] / "policies/us/lenalidomide-rems/2023-03-24.toml"


@cache
def plain_policy() -> Plain:
    """The policy as the file has it: what the naive gate reads."""
    return tomllib.loads(POLICY_FILE.read_text(encoding="utf-8"))


def changed(*path: str | int, to: Any) -> Plain:
    """A copy of the policy with one member changed: a planted fault for one of the two sides."""
    copied = copy.deepcopy(plain_policy())
    at: Any = copied
    for step in path[:-1]:
        at = next(r for r in at if r["id"] == step) if isinstance(at, list) else at[step]
    assert at[path[-1]] != to
    at[path[-1]] = to
    return copied


def engine_policy(plain: Plain) -> Policy:
    """The policy as the real gate reads it."""
    return read_policy(plain, "0" * 64)


def facts_of(plain: Sequence[Plain]) -> list[Fact]:
    """The facts as the real gate reads them."""
    return [read_fact(one) for one in plain]


def request_of(plain: Plain) -> Request:
    """The request as the real gate reads it."""
    handover = plain.get("handover")
    return Request(
        step=Step(plain["step"]),
        prescription=plain["prescription"],
        pharmacy=plain.get("pharmacy", ""),
        pharmacist=plain.get("pharmacist", ""),
        handover=None if handover is None else Handover(handover),
    )


def shaped(decision: Decision) -> Answer:
    """The real gate's decision in the naive gate's shape."""
    return Answer(
        decision.is_allowed,
        decision.codes,
        tuple(Found(f.requirement, "MET" if f.is_met else f.code, f.until, f.opens_at) for f in decision.findings),
        decision.valid_until,
        decision.earliest_at,
    )


def engine_answer(policy: Policy, facts: Sequence[Fact], request: Request, at: datetime) -> Answer:
    """Ask the real gate."""
    return shaped(decide(policy, Record(facts), request, Instant(at)))


def differences(engine: Answer, naive: Answer) -> list[str]:
    """Each difference as one line, so that the smallest example reads at a glance."""
    if engine == naive:
        return []
    theirs, ours = {f.requirement: f for f in engine.findings}, {f.requirement: f for f in naive.findings}
    found = [
        f"{name}: gate {_says(theirs.get(name))}; oracle {_says(ours.get(name))}"
        for name in dict.fromkeys([*theirs, *ours])
        if theirs.get(name) != ours.get(name)
    ]
    found += [
        f"{member}: gate {getattr(engine, member)}; oracle {getattr(naive, member)}"
        for member in ("is_allowed", "codes", "valid_until", "earliest_at")
        if getattr(engine, member) != getattr(naive, member)
    ]
    return found or ["the order of the findings"]


def _says(found: Found | None) -> str:
    if found is None:
        return "not asked"
    return f"{found.code} until {found.until} opens {found.opens_at}"


def both(
    plain: Sequence[Plain],
    request: Plain,
    at: datetime,
    *,
    engine_reads: Plain | None = None,
    oracle_reads: Plain | None = None,
) -> list[str]:
    """Ask both gates and say how they differ; each side may be given a policy of its own."""
    theirs = engine_answer(engine_policy(engine_reads or plain_policy()), facts_of(plain), request_of(request), at)
    return differences(theirs, answer(oracle_reads or plain_policy(), list(plain), request, at))


def smallest(plain: Sequence[Plain], request: Plain, at: datetime) -> list[Plain]:
    """Take facts away for as long as the gates still differ in the same requirements."""
    wanted = {line.split(":")[0] for line in both(plain, request, at)}
    kept = list(plain)
    for one in list(kept):
        fewer = [f for f in kept if f is not one]
        if wanted == {line.split(":")[0] for line in both(fewer, request, at)}:
            kept = fewer
    return kept
