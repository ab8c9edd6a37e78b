"""Asks one requirement of any kind alone, under a policy that has nothing else, so that each kind is seen by itself."""

from collections.abc import Iterable
from typing import Any

from compliance.domain import facts as f
from compliance.domain.decision import Finding
from compliance.domain.gate import decide
from compliance.domain.policy import Policy, read_policy
from compliance.domain.record import Record
from compliance.domain.span import Instant
from tests import builders as b

NAME = "asked"
WEEK = {"span": "P7D", "start_day": "day 0", "last_day": "included"}
YEAR = {"span": "P12M", "last_day": "included"}


def table(kind: str, name: str = NAME, **members: Any) -> dict[str, Any]:
    """A requirement as a policy file has it."""
    return {"id": name, "kind": kind, "text": "x", "source": "rems#1", "confidence": "house"} | members


def policy_of(*tables: dict[str, Any], **members: Any) -> Policy:
    """The released policy's head with other requirements."""
    plain = {name: value for name, value in b.plain_policy().items() if name != "example"}
    return read_policy(plain | {"requirement": list(tables)} | members, "0" * 64)


def found_by(
    policy: Policy, facts: Iterable[f.Fact], step: f.Step = f.Step.DISPENSE, *, at: Instant = b.NOW, **request: Any
) -> Finding:
    """What the gate finds about the policy's only requirement."""
    decision = decide(policy, Record(facts), b.request(step, **request), at)
    [found] = (*decision.findings[1:], *decision.advice)
    return found
