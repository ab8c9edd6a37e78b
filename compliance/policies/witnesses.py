"""The examples of a policy as witnesses of a change to it, so that hundreds of changes are tried in a moment.

Where one requirement changes, all others are asked what they were asked before: they answer from memory, and
only those examples are looked at in which the changed one is newly asked, no longer asked, or answers otherwise.
This quick look cannot hide a loose number: only its yes is believed, and after a no the whole policy is read anew
and put to every example.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields, replace
from typing import cast

from compliance.cases.reading import Case
from compliance.cases.running import mismatches
from compliance.domain.decision import Finding
from compliance.domain.errors import DomainError
from compliance.domain.gate import decide
from compliance.domain.policy import Policy, read_policy
from compliance.domain.record import Record, View
from compliance.domain.requirements import Question, Requirement
from compliance.domain.span import Instant
from compliance.domain.visible import Scope
from compliance.policies.variations import Variation


class _Witness(Record):
    """One example, its record, and what each requirement of the unchanged policy was asked and answered."""

    __slots__ = ("answers", "case", "question", "view")

    def __init__(self, case: Case, scope: Scope) -> None:
        super().__init__(case.facts)
        self.case = case
        self.view = super().as_of(case.at, scope)
        self.question: Question | None = None
        self.answers: dict[str, Finding] = {}

    def as_of(self, at: Instant, scope: Scope | None = None) -> View:
        """The view at the example's moment, made once: every change to the policy asks for the same one."""
        return self.view if at == self.case.at else super().as_of(at, scope)

    def notices(self, policy: Policy) -> bool:
        """Whether the expectation fails under a policy."""
        decision = decide(policy, self, self.case.request, self.case.at)
        return next(mismatches(self.case, decision), None) is not None

    def is_concerned(self, name: str, alone: Policy) -> bool:
        """Whether a requirement, changed to the only one of a policy, is asked or answers otherwise than before."""
        if self.question is None:
            return True
        asked = alone.selected(self.question.request.step, self.question.category, self.question.is_first)
        if bool(asked) is not (name in self.answers):
            return True
        try:
            return any(requirement.check(self.question) != self.answers[name] for requirement in asked)
        except Exception:  # noqa: BLE001 - what breaks answers otherwise; the gate will say how
            return True


class Witnesses:
    """The examples of one policy; the one that noticed the last change is asked first about the next."""

    def __init__(self, policy: Policy, examples: Iterable[Case]) -> None:
        self._all = [_Witness(case, policy.scope) for case in examples]
        by_view = {id(witness.view): witness for witness in self._all}
        self._remembering = replace(policy, requirements=tuple(_twin(r, by_view) for r in policy.requirements))
        for witness in self._all:
            witness.notices(self._remembering)

    def notice(self, varied: Policy) -> bool:
        """Whether some example's expectation fails under a changed policy."""
        found = next((witness for witness in self._all if witness.notices(varied)), None)
        return self._heard(found)

    def notice_at_once(self, variation: Variation) -> bool:
        """Whether some example notices a change to one requirement; a no means only: look at it as a whole."""
        if variation.path[0] != "requirement":
            return False
        at, tables = int(variation.path[1]), variation.raw["requirement"]
        others = self._remembering.requirements
        kept = [] if len(tables) < len(others) else [tables[at]]
        try:
            changed = read_policy({**variation.raw, "requirement": kept}, "").requirements
        except DomainError:
            return False
        alone = replace(self._remembering, requirements=changed)
        varied = replace(self._remembering, requirements=(*others[:at], *changed, *others[at + 1 :]))
        name, weighs_otherwise = others[at].id, variation.path[2:] == ("if_unmet",)
        heard = (w for w in self._all if weighs_otherwise or w.is_concerned(name, alone))
        found = next((witness for witness in heard if witness.notices(varied)), None)
        return self._heard(found)

    def _heard(self, witness: _Witness | None) -> bool:
        if witness is None:
            return False
        self._all.remove(witness)
        self._all.insert(0, witness)
        return True


def _twin(requirement: Requirement, witnesses: dict[int, _Witness]) -> Requirement:
    """The same requirement, which answers each example once: what the others say makes no difference to it."""
    kind = type(requirement)

    def check(_: Requirement, q: Question) -> Finding:
        witness = witnesses[id(q.view)]
        if requirement.id not in witness.answers:
            witness.question = q
            witness.answers[requirement.id] = requirement.check(q)
        return witness.answers[requirement.id]

    twin = type(kind.__name__, (kind,), {"__slots__": (), "check": check})
    return cast("Requirement", twin(**{f.name: getattr(requirement, f.name) for f in fields(requirement)}))
