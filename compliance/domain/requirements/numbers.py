"""Authorizations and confirmations: used once, alive for their time, and never beyond what they rest on."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import ClassVar

from compliance.domain.decision import Finding
from compliance.domain.facts import Authorization, Handover, Step
from compliance.domain.requirements.base import Question, Requirement, newest_known
from compliance.domain.span import LATEST, Elapsed, Instant, Span

ENDLESS = LATEST
"""The end of what has none; no fact can lie there."""


class CountedFrom(Enum):
    """What the life of an authorization is counted from."""

    PREGNANCY_TEST = "pregnancy_test"
    ISSUE = "issue"
    PRESCRIPTION = "prescription"


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizationRule(Requirement):
    """What kinds share that ask for a live authorization, however long it lives."""

    def ends_at(self, q: Question, issued_at: Instant) -> Instant | None:
        """The exclusive end of an authorization issued then; None when it has nothing to be counted from."""
        raise NotImplementedError

    def check(self, q: Question) -> Finding:
        """Unmet codes: ALREADY_AUTHORIZED, AUTHORIZATION_WOULD_BE_OVER; later those of what is held."""
        if q.request.step is Step.AUTHORIZE:
            return self._check_birth(q)
        held = q.view.authorizations.get(q.request.prescription)
        if held is None:
            voided = q.view.voided_authorizations.get(q.request.prescription)
            if voided is not None:
                return self.needs("AUTHORIZATION_VOIDED", q.at, voided)
            return self.needs("AUTHORIZATION_MISSING", q.at)
        return self._check_held(q, held)

    def _check_birth(self, q: Question) -> Finding:
        held = q.view.authorizations.get(q.request.prescription)
        held_until = self.ends_at(q, held.at) if held is not None else None
        if held is not None and held_until is not None and q.at < held_until:
            next_until = self.ends_at(q, held_until)
            waits = next_until is not None and held_until < next_until
            return (self.waits if waits else self.needs)("ALREADY_AUTHORIZED", held_until if waits else q.at, held)
        ends_at = self.ends_at(q, q.at)
        if ends_at is None or q.at >= ends_at:
            return self.needs("AUTHORIZATION_WOULD_BE_OVER", q.at)
        return self._met_at_birth(q, ends_at)

    def _met_at_birth(self, q: Question, ends_at: Instant) -> Finding:  # noqa: ARG002 - for kinds with an end
        """Met; where the end does not move with the moment of issue, only until that end."""
        return self.met()

    def _check_held(self, q: Question, held: Authorization) -> Finding:
        if held.category is not q.category:
            return self.needs("AUTHORIZATION_CATEGORY_MISMATCH", q.at, held)
        ends_at = self.ends_at(q, held.at)
        if ends_at is None or q.at >= ends_at:
            return self.needs("AUTHORIZATION_EXPIRED", q.at, held)
        return self.met(held, until=None if ends_at == ENDLESS else ends_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizationLife(AuthorizationRule):
    """A live authorization covers the prescription; when one is asked for, it would not be over at birth.

    Source: us.md 2.7.
    """

    kind: ClassVar[str] = "authorization_life"
    lasts: Span
    counted_from: CountedFrom

    def ends_at(self, q: Question, issued_at: Instant) -> Instant | None:
        """The exclusive end of an authorization issued then; None when it has nothing to be counted from."""
        if self.counted_from is CountedFrom.ISSUE:
            return self.lasts.end(issued_at, q.zone)
        if self.counted_from is CountedFrom.PRESCRIPTION:
            return None if q.prescription is None else self.lasts.end(q.prescription.at, q.zone)
        test = newest_known(q, issued_at)
        return None if test is None else self.lasts.end(test.at, q.zone)

    def _met_at_birth(self, q: Question, ends_at: Instant) -> Finding:
        if self.counted_from is CountedFrom.ISSUE:
            return self.met()
        rests_on = q.prescription if self.counted_from is CountedFrom.PRESCRIPTION else q.negatives[-1]
        return self.met(*[rests_on] if rests_on is not None else [], until=ends_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizationHeld(AuthorizationRule):
    """A live authorization covers the prescription, which the programme gives no end of its own (us.md 5.1)."""

    kind: ClassVar[str] = "authorization_held"

    def ends_at(self, q: Question, issued_at: Instant) -> Instant | None:  # noqa: ARG002 - same shape as with an end
        """No end: a moment beyond all others."""
        return ENDLESS


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmationLife(Requirement):
    """A confirmation of this pharmacy, not cancelled and within its hours (us.md 2.7)."""

    kind: ClassVar[str] = "confirmation_life"
    lasts: Elapsed

    def check(self, q: Question) -> Finding:
        """Unmet codes: CONFIRMATION_MISSING, _VOIDED, _ELSEWHERE, _EXPIRED; before that ALREADY_CONFIRMED."""
        if q.request.step is Step.CONFIRM:
            return self._check_birth(q)
        held = q.view.confirmations.get(q.request.prescription)
        if held is None:
            voided = q.view.voided_confirmations.get(q.request.prescription)
            return (
                self.needs("CONFIRMATION_MISSING", q.at)
                if voided is None
                else self.needs("CONFIRMATION_VOIDED", q.at, voided)
            )
        authorization = q.view.authorizations.get(q.request.prescription)
        if authorization is None or held.authorization != authorization.id:
            return self.needs("CONFIRMATION_VOIDED", q.at, held)
        if held.pharmacy != q.request.pharmacy:
            return self.needs("CONFIRMATION_ELSEWHERE", q.at, held)
        ends_at = self.lasts.end(held.at, q.zone)
        if q.at >= ends_at:
            return self.needs("CONFIRMATION_EXPIRED", q.at, held)
        return self.met(held, until=ends_at)

    def _check_birth(self, q: Question) -> Finding:
        authorization = q.view.authorizations.get(q.request.prescription)
        if authorization is None:
            return self.met()
        held = q.view.confirmations_under.get(authorization.id)
        ends_at = self.lasts.end(held.at, q.zone) if held is not None else q.at
        return self.waits("ALREADY_CONFIRMED", ends_at, held) if held and q.at < ends_at else self.met()


@dataclass(frozen=True, slots=True, kw_only=True)
class SameDayShipping(Requirement):
    """A shipped product leaves on the day of its confirmation; one handed over has the confirmation's life.

    Source: us.md 2.7.
    """

    kind: ClassVar[str] = "same_day_shipping"

    def check(self, q: Question) -> Finding:
        """Unmet codes: HANDOVER_UNKNOWN, NOT_SHIPPED_THE_SAME_DAY."""
        if q.request.handover is Handover.IN_PERSON:
            return self.met()
        if q.request.handover is not Handover.SHIPPED:
            return self.needs("HANDOVER_UNKNOWN", q.at)
        held = q.view.confirmations.get(q.request.prescription)
        if held is None:
            return self.needs("CONFIRMATION_MISSING", q.at)
        ends_at = q.zone.end_of(q.zone.date_of(held.at))
        if q.at >= ends_at:
            return self.needs("NOT_SHIPPED_THE_SAME_DAY", q.at, held)
        return self.met(held, until=ends_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class NotYetDispensed(Requirement):
    """One prescription is one dispense: without refills a new supply needs a new prescription (us.md 2.8)."""

    kind: ClassVar[str] = "not_yet_dispensed"

    def check(self, q: Question) -> Finding:
        """Unmet code: ALREADY_DISPENSED."""
        dispensed = q.view.dispensed.get(q.request.prescription)
        return self.met() if dispensed is None else self.needs("ALREADY_DISPENSED", q.at, dispensed)
