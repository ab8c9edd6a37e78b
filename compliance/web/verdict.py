"""The one verdict on the pharmacist's screen: may the product leave now, yes or no, and what is still to be done.

The verdict never says more than the gate did. A "no" whose every reason the pharmacy itself can mend now is shown as
"not yet": the same refusal, told apart from one that somebody else must lift.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import Enum

from compliance.domain.decision import Decision, Outcome
from compliance.domain.facts import Handover, Step


class Word(Enum):
    """What the verdict says, in words that are read alone."""

    DISPENSE = "Dispense"
    REFER = "Dispense, and refer"
    UNGATED = "No gate here"
    NOT_YET = "Do not dispense yet"
    NO = "Do not dispense"
    DONE = "Already dispensed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The verdict with the decision that it rests on, and what the pharmacist does next."""

    word: Word
    decision: Decision | None
    step: Step | None
    handovers: tuple[Handover, ...] = ()

    @property
    def look(self) -> str:
        """The name of the verdict's look; the words and the icon say the same without colour."""
        return _LOOKS[self.word]

    @property
    def goes_ahead(self) -> bool:
        """Whether the product may leave now."""
        return self.word in _GOING_AHEAD

    @property
    def to_do(self) -> str:
        """What the pharmacist does next on a "not yet", by the place it is done at; "" where nothing is theirs."""
        codes = self.decision.codes if self.decision else ()
        if self.word is not Word.NOT_YET:
            return ""
        if self.step is Step.CONFIRM:
            return "confirm"
        expired = {"CONFIRMATION_EXPIRED", "NOT_SHIPPED_THE_SAME_DAY"}.intersection(codes)
        return "cancel" if expired else "counsel"

    @property
    def fingerprint(self) -> str:
        """Changes exactly when the page would say something else, so that an open page can tell."""
        said = self.decision
        parts = [self.word.value, str(self.step)]
        parts += [handover.value for handover in self.handovers]
        if said is not None:
            parts += [
                said.outcome.value,
                *said.codes,
                *[f.requirement for f in said.advised],
                str(said.valid_until),
                said.policy_sha256,
            ]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]


def judge(decision: Decision | None, by_handover: dict[Handover, Decision]) -> Verdict:
    """The verdict for a prescription whose next step was decided; no next step means that it was dispensed.

    How the product leaves is chosen on the page. So at the last step each way is asked by itself, and the verdict
    is yes if at least one of them is allowed.
    """
    if decision is None:
        return Verdict(word=Word.DONE, decision=None, step=None)
    step = decision.request.step
    if step is Step.DISPENSE:
        allowed = tuple(handover for handover, asked in by_handover.items() if asked.is_allowed)
        if allowed:
            chosen = by_handover[allowed[0]]
            return Verdict(word=_GOING[chosen.outcome], decision=chosen, step=step, handovers=allowed)
        fewest = min(by_handover.values(), key=lambda asked: len(asked.blocking), default=decision)
        return Verdict(word=_refusal(fewest), decision=fewest, step=step)
    if step is Step.CONFIRM and decision.is_allowed:
        return Verdict(word=Word.NOT_YET, decision=decision, step=step)
    return Verdict(word=Word.NO if step is not Step.CONFIRM else _refusal(decision), decision=decision, step=step)


def _refusal(decision: Decision) -> Word:
    blocking = [finding.code for finding in decision.blocking]
    return Word.NOT_YET if blocking and _OWN.issuperset(blocking) else Word.NO


_LOOKS = {
    Word.DISPENSE: "yes", Word.REFER: "refer", Word.UNGATED: "ungated", Word.NOT_YET: "wait", Word.NO: "no",
    Word.DONE: "done",
}  # fmt: skip
_GOING_AHEAD = frozenset({Word.DISPENSE, Word.REFER, Word.UNGATED})
_GOING = {Outcome.ALLOW: Word.DISPENSE, Outcome.REFER: Word.REFER, Outcome.NOT_GATED: Word.UNGATED}

_OWN = frozenset({
    "PHARMACY_COUNSELLING_MISSING", "MATERIAL_MISSING", "CONFIRMATION_MISSING", "CONFIRMATION_VOIDED",
    "CONFIRMATION_EXPIRED", "HANDOVER_UNKNOWN", "NOT_SHIPPED_THE_SAME_DAY",
})  # fmt: skip
"""What the pharmacy that holds the product can mend by itself, now. Everything else is somebody else's to lift."""
