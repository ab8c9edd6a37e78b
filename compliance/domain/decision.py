"""What the gate answers: every finding with its reason, its evidence, and until or from when it holds.

A refusal is a value like any other. Reason codes are stable: screens, logs and tests rely on them.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

from compliance.domain.facts import Category, Handover, Step
from compliance.domain.reasons import REASONS, Mender, Reason
from compliance.domain.span import Instant

__all__ = ["REASONS", "Decision", "Finding", "Mender", "Opens", "Reason", "Request"]


class Opens(Enum):
    """How an unmet requirement could come to be met."""

    BY_WAITING = "by_waiting"
    BY_A_NEW_FACT = "by_a_new_fact"
    NOT_HERE = "not_here"


class Finding(NamedTuple):
    """What the gate found about one requirement.

    `until` is the exclusive end of a met finding (None: no end in sight). `opens_at` is the earliest moment
    at which an unmet one could be met, by waiting alone or by a fact that becomes true from now on (None:
    not under this policy).
    """

    requirement: str
    is_met: bool
    code: str
    evidence: tuple[str, ...] = ()
    until: Instant | None = None
    opens_at: Instant | None = None
    opens: Opens = Opens.NOT_HERE


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What is asked of the gate: a step for one prescription, and who would carry it out ("": not known)."""

    step: Step
    prescription: str
    pharmacy: str = ""
    pharmacist: str = ""
    handover: Handover | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """A whole answer of the gate.

    `valid_until` is exclusive; `earliest_at` is when all unmet findings could be met.
    """

    request: Request
    at: Instant
    policy_id: str
    policy_version: str
    policy_sha256: str
    category: Category | None
    findings: tuple[Finding, ...]
    authorization_ends_at: Instant | None = None

    @property
    def is_allowed(self) -> bool:
        """Allowed only if there are findings and every one of them is met."""
        return bool(self.findings) and all(f.is_met for f in self.findings)

    @property
    def unmet(self) -> tuple[Finding, ...]:
        """The findings that block, in the policy's order."""
        return tuple(f for f in self.findings if not f.is_met)

    @property
    def codes(self) -> tuple[str, ...]:
        """The reason codes that block, in the policy's order."""
        return tuple(f.code for f in self.findings if not f.is_met)

    @property
    def valid_until(self) -> Instant | None:
        """The exclusive end of a yes: the earliest end of all it rests on. None when blocked or endless."""
        if not self.is_allowed:
            return None
        return min((f.until for f in self.findings if f.until is not None), default=None)

    @property
    def earliest_at(self) -> Instant | None:
        """The earliest moment at which nothing would block; None when allowed or when one cannot open."""
        opens = [f.opens_at for f in self.unmet]
        return None if not opens or None in opens else max(o for o in opens if o is not None)
