"""Puts one question to both gates and shows where they differ, so that every harness here compares the same things."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from compliance.domain.decision import Decision, Finding, Request
from compliance.domain.facts import Fact, Handover, Step
from compliance.domain.gate import decide
from compliance.domain.policy import Policy, read_policy
from compliance.domain.record import Record
from compliance.domain.span import Instant
from compliance.domain.wire import read_fact
from tests.oracle.naive import Answer, Found, answer
from tests.oracle.programme import load
from tests.oracle.world import Plain


def plain_policy() -> Plain:
    """The released lenalidomide policy as the file has it: what the naive gate reads."""
    return load().plain


def changed(*path: str | int, to: Any, plain: Plain | None = None) -> Plain:
    """A copy of the policy with one member changed: a planted fault for one of the two sides."""
    copied = copy.deepcopy(plain or plain_policy())
    at: Any = copied
    for step in path[:-1]:
        at = next(r for r in at if r["id"] == step) if isinstance(at, list) else at[step]
    assert at[path[-1]] != to
    at[path[-1]] = to
    return copied


def engine_policy(plain: Plain) -> Policy:
    """The policy as the real gate reads it."""
    own = {name: value for name, value in plain.items() if name != "laid_over"}
    policy = read_policy(own, "0" * 64)
    return policy.under(read_policy(plain["laid_over"], "1" * 64)) if "laid_over" in plain else policy


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
        tuple(map(_found, decision.findings)),
        decision.valid_until,
        decision.earliest_at,
        decision.outcome.value,
        tuple(map(_found, decision.advice)),
    )


def _found(finding: Finding) -> Found:
    code = "MET" if finding.is_met else finding.code
    return Found(finding.requirement, code, finding.until, finding.opens_at, finding.refers)


def engine_answer(policy: Policy, facts: Sequence[Fact], request: Request, at: datetime) -> Answer:
    """Ask the real gate."""
    return shaped(decide(policy, Record(facts), request, Instant(at)))


def differences(engine: Answer, naive: Answer) -> list[str]:
    """Each difference as one line, so that the smallest example reads at a glance."""
    if engine == naive:
        return []
    theirs, ours = ({f.requirement: f for f in (*one.findings, *one.advice)} for one in (engine, naive))
    found = [
        f"{name}: gate {_says(theirs.get(name))}; oracle {_says(ours.get(name))}"
        for name in dict.fromkeys([*theirs, *ours])
        if theirs.get(name) != ours.get(name)
    ]
    found += [
        f"{member}: gate {getattr(engine, member)}; oracle {getattr(naive, member)}"
        for member in ("outcome", "is_allowed", "codes", "valid_until", "earliest_at")
        if getattr(engine, member) != getattr(naive, member)
    ]
    return found or ["the order of the findings"]


def _says(found: Found | None) -> str:
    if found is None:
        return "not asked"
    return f"{found.code} until {found.until} opens {found.opens_at}" + (" refers" if found.refers else "")


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


def smallest(plain: Sequence[Plain], request: Plain, at: datetime, policy: Plain | None = None) -> list[Plain]:
    """Take facts away for as long as the gates still differ in the same requirements."""

    def where(facts: Sequence[Plain]) -> set[str]:
        return {line.split(":")[0] for line in both(facts, request, at, engine_reads=policy, oracle_reads=policy)}

    wanted, kept = where(plain), list(plain)
    for one in list(kept):
        fewer = [f for f in kept if f is not one]
        if wanted == where(fewer):
            kept = fewer
    return kept
