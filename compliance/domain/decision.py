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

__all__ = ["REASONS", "Decision", "Finding", "Mender", "Opens", "Outcome", "Reason", "Request", "Weight"]


class Weight(Enum):
    """What an unmet requirement does: a programme whose medicine must not be stopped abruptly refers instead."""

    REFUSE = "refuse"
    REFER = "refer"
    ADVISE = "advise"


class Outcome(Enum):
    """What a decision comes to: go ahead, do not, go ahead and refer the patient, or nothing to decide here."""

    ALLOW = "allow"
    REFUSE = "refuse"
    REFER = "refer"
    NOT_GATED = "not_gated"


class Opens(Enum):
    """How an unmet requirement could come to be met."""

    BY_WAITING = "by_waiting"
    BY_A_NEW_FACT = "by_a_new_fact"
    NOT_HERE = "not_here"


class Finding(NamedTuple):
    """What the gate found about one requirement.

    `until` is the exclusive end of a met finding (None: no end in sight). `opens_at` is the earliest moment
    at which an unmet one could be met, by waiting alone or by a fact that becomes true from now on (None:
    not under this policy). One that `refers` stops nothing: supply goes on and somebody must see to it.
    """

    requirement: str
    is_met: bool
    code: str
    evidence: tuple[str, ...] = ()
    until: Instant | None = None
    opens_at: Instant | None = None
    opens: Opens = Opens.NOT_HERE
    refers: bool = False


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

    `findings` decide; `advice` only informs. `valid_until` is exclusive; `earliest_at` is when nothing would
    block. `layers` name what a site added to the programme's rules, each as `id@version sha256`.
    """

    request: Request
    at: Instant
    policy_id: str
    policy_version: str
    policy_sha256: str
    category: Category | None
    findings: tuple[Finding, ...]
    authorization_ends_at: Instant | None = None
    advice: tuple[Finding, ...] = ()
    is_gated: bool = True
    layers: tuple[str, ...] = ()

    @property
    def outcome(self) -> Outcome:
        """Refused unless there are findings and every one that does not merely refer is met."""
        if not self.findings or any(not f.is_met and not f.refers for f in self.findings):
            return Outcome.REFUSE
        if any(not f.is_met for f in self.findings):
            return Outcome.REFER
        return Outcome.ALLOW if self.is_gated else Outcome.NOT_GATED

    @property
    def is_allowed(self) -> bool:
        """Whether the step may go ahead; where the outcome is to refer, it may, and somebody must act."""
        return self.outcome is not Outcome.REFUSE

    @property
    def unmet(self) -> tuple[Finding, ...]:
        """The findings that block or refer, in the policy's order."""
        return tuple(f for f in self.findings if not f.is_met)

    @property
    def blocking(self) -> tuple[Finding, ...]:
        """The findings that block, in the policy's order."""
        return tuple(f for f in self.findings if not f.is_met and not f.refers)

    @property
    def referred(self) -> tuple[Finding, ...]:
        """The findings that do not stop supply but must be seen to, in the policy's order."""
        return tuple(f for f in self.findings if not f.is_met and f.refers)

    @property
    def advised(self) -> tuple[Finding, ...]:
        """What should be seen to and stops nothing, in the policy's order."""
        return tuple(f for f in self.advice if not f.is_met)

    @property
    def codes(self) -> tuple[str, ...]:
        """The reason codes that block or refer, in the policy's order."""
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
        opens = [f.opens_at for f in self.blocking]
        return None if not opens or None in opens else max(o for o in opens if o is not None)
