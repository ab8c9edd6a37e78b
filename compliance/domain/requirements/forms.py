"""What is signed, declared or reviewed on paper: forms of a prescription, of a year, and of a second prescriber."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from compliance.domain.decision import Finding
from compliance.domain.facts import Acknowledgement, Declaration, Form, Handover, IndependentReview, Statement
from compliance.domain.requirements.base import Question, Requirement, last_where
from compliance.domain.span import Span, months_after


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared(Requirement):
    """The prescriber's declaration on this prescription is complete and does not contradict itself.

    Source: international.md 1, 2.2. Of `exactly_one_of` exactly one is ticked; an empty list asks for none.
    """

    kind: ClassVar[str] = "declared"
    statements: frozenset[Statement]
    exactly_one_of: frozenset[Statement]

    def check(self, q: Question) -> Finding:
        """Unmet codes: DECLARATION_MISSING, DECLARATION_INCOMPLETE, DECLARATION_CONTRADICTS."""
        made = last_where(q.view.all(Declaration), lambda d: d.prescription == q.request.prescription)
        if made is None:
            return self.needs("DECLARATION_MISSING", q.at)
        ticked = self.exactly_one_of & made.statements
        if not self.statements <= made.statements or (self.exactly_one_of and not ticked):
            return self.needs("DECLARATION_INCOMPLETE", q.at, made)
        if len(ticked) > 1:
            return self.needs("DECLARATION_CONTRADICTS", q.at, made)
        return self.met(made)


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledged(Requirement):
    """A form that both have signed, no older than its interval (international.md 6, 8)."""

    kind: ClassVar[str] = "acknowledged"
    form: Form
    every: Span

    def check(self, q: Question) -> Finding:
        """Unmet codes: ACKNOWLEDGEMENT_MISSING, ACKNOWLEDGEMENT_UNSIGNED, ACKNOWLEDGEMENT_OVERDUE."""
        newest = last_where(q.view.all(Acknowledgement), lambda a: a.form is self.form)
        if newest is None:
            return self.needs("ACKNOWLEDGEMENT_MISSING", q.at)
        if not (newest.patient_signed and newest.prescriber_signed):
            return self.needs("ACKNOWLEDGEMENT_UNSIGNED", q.at, newest)
        ends_at = self.every.end(newest.at, q.zone)
        if q.at >= ends_at:
            return self.needs("ACKNOWLEDGEMENT_OVERDUE", q.at, newest)
        return self.met(newest, until=ends_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed(Requirement):
    """A form that both have signed once, before the prescription (international.md 1, 2.3)."""

    kind: ClassVar[str] = "signed"
    form: Form

    def check(self, q: Question) -> Finding:
        """Unmet codes: ACKNOWLEDGEMENT_MISSING, ACKNOWLEDGEMENT_UNSIGNED."""
        rx = q.prescription
        newest = last_where(q.view.all(Acknowledgement), lambda a: a.form is self.form)
        if newest is None or rx is None or newest.at > rx.at:
            return self.needs("ACKNOWLEDGEMENT_MISSING", q.at)
        if not (newest.patient_signed and newest.prescriber_signed):
            return self.needs("ACKNOWLEDGEMENT_UNSIGNED", q.at, newest)
        return self.met(newest)


@dataclass(frozen=True, slots=True, kw_only=True)
class IndependentReviews(Requirement):
    """Enough different prescribers agree, of a patient younger than an age (international.md 6, 7).

    `under_age` is in years, by the birth date of the enrolment; of each reviewer the newest view counts.
    """

    kind: ClassVar[str] = "independent_reviews"
    reviewers: int
    under_age: int

    def check(self, q: Question) -> Finding:
        """Unmet codes: REVIEW_MISSING, REVIEW_AGAINST."""
        agreement = q.view.enrolment
        if agreement is not None:
            of_age_at = q.zone.start_of(months_after(agreement.birth_date, self.under_age * 12, when_absent="later"))
            if q.at >= of_age_at:
                return self.met(agreement)
        views = {r.reviewer: r for r in q.view.all(IndependentReview)}
        against = [r for r in views.values() if not r.supports]
        if against:
            return self.needs("REVIEW_AGAINST", q.at, *against)
        if len(views) < self.reviewers:
            return self.needs("REVIEW_MISSING", q.at, *views.values())
        return self.met(*views.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedOver(Requirement):
    """The product leaves the pharmacy in a way that the programme accepts (international.md 2.2)."""

    kind: ClassVar[str] = "handed_over"
    accepted: frozenset[Handover]

    def check(self, q: Question) -> Finding:
        """Unmet codes: HANDOVER_UNKNOWN, HANDOVER_NOT_ACCEPTED."""
        if q.request.handover is None:
            return self.needs("HANDOVER_UNKNOWN", q.at)
        return self.met() if q.request.handover in self.accepted else self.needs("HANDOVER_NOT_ACCEPTED", q.at)
