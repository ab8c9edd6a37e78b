"""What asking for an authorization, a confirmation or a dispense comes to."""

from dataclasses import dataclass, replace
from typing import Any

from compliance.domain.decision import Decision
from compliance.domain.span import Instant
from compliance.ledger.merkle import leaf_hash
from compliance.ledger.proof import number_from_leaf
from compliance.services.acts import Codec, Done
from compliance.services.decisions import read_decision, read_moment, write_decision, write_moment


@dataclass(frozen=True, slots=True)
class Outcome:
    """A decision and what was made of it. A number is there only if it was allowed and proven."""

    decision: Decision
    number: str = ""
    receipt: str = ""
    ends_at: Instant | None = None
    fact: str = ""
    replayed: bool = False
    txn: str = ""

    @property
    def is_allowed(self) -> bool:
        """Whether the step was allowed."""
        return bool(self.fact) and self.decision.is_allowed


def _write(outcome: Outcome) -> Any:
    return {
        "decision": write_decision(outcome.decision),
        "ends_at": write_moment(outcome.ends_at),
        "fact": outcome.fact,
    }


def _read(plain: Any) -> Outcome:
    return Outcome(read_decision(plain["decision"]), ends_at=read_moment(plain["ends_at"]), fact=plain["fact"])


OUTCOME: Codec[Outcome] = Codec(_write, _read)


def released(done: Done[Outcome]) -> Outcome:
    """Put number and receipt into an outcome, now that the entry's receipt has been verified."""
    made = done.answer
    number = number_from_leaf(leaf_hash(done.entry.leaf)) if made.fact else ""
    return replace(made, number=number, receipt=done.entry.receipt, replayed=done.is_replayed, txn=done.txn)
