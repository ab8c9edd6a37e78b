"""Who may take part: the prescription itself, the agreement, the risk category, certifications, and holds."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from compliance.domain.decision import Finding
from compliance.domain.facts import (
    CategoryBasis,
    CertifiedRole,
    Enrolment,
    Fact,
    PregnancyTest,
    Report,
    ReviewOutcome,
)
from compliance.domain.record import View
from compliance.domain.requirements.base import ChannelStandard, Question, Requirement
from compliance.domain.span import Instant, earliest, months_after


@dataclass(frozen=True, slots=True, kw_only=True)
class PrescriptionForm(Requirement):
    """The prescription exists, is for a product of the programme and came by an accepted channel.

    Source: us.md 2.2, 2.8.
    """

    kind: ClassVar[str] = "prescription_form"
    products: frozenset[str]
    channels: ChannelStandard

    def check(self, q: Question) -> Finding:
        """Unmet codes: PRESCRIPTION_MISSING, PRODUCT_NOT_COVERED, CHANNEL_NOT_ACCEPTED."""
        rx = q.prescription
        if rx is None:
            return self.needs("PRESCRIPTION_MISSING", q.at)
        if rx.product not in self.products:
            return self.needs("PRODUCT_NOT_COVERED", q.at, rx)
        if not self.channels.accepts(rx):
            return self.needs("CHANNEL_NOT_ACCEPTED", q.at, rx)
        return self.met(rx)


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryOnPrescription(Requirement):
    """The category on the prescription is the enrolled one, so that no step runs on an old category.

    Source: us.md 2.1, 2.7.
    """

    kind: ClassVar[str] = "category_on_prescription"

    def check(self, q: Question) -> Finding:
        """Unmet codes: PRESCRIPTION_MISSING, CATEGORY_MISMATCH."""
        if q.prescription is None:
            return self.needs("PRESCRIPTION_MISSING", q.at)
        if q.category is None or q.prescription.category is not q.category:
            return self.needs("CATEGORY_MISMATCH", q.at, q.prescription)
        return self.met(q.prescription)


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolled(Requirement):
    """A signed agreement for the patient's age group stood before the prescription (us.md 2.1, 2.2).

    `adult_age` is in years; `lapses_after_months` off the medicine ask for a new agreement.
    """

    kind: ClassVar[str] = "enrolled"
    adult_age: int
    lapses_after_months: int

    def check(self, q: Question) -> Finding:
        """Unmet codes: ENROLMENT_MISSING and its kin, AGREEMENT_UNSIGNED, AGE_GROUP_MISMATCH."""
        agreement = q.view.enrolment
        if agreement is None:
            return self.needs("ENROLMENT_MISSING", q.at)
        adult_from = q.zone.start_of(months_after(agreement.birth_date, self.adult_age * 12, when_absent="later"))
        if not self._is_signed(agreement):
            return self.needs("AGREEMENT_UNSIGNED", q.at, agreement)
        if agreement.category.is_adult is not (q.at >= adult_from):
            return self.needs("AGE_GROUP_MISMATCH", q.at, agreement)
        lapses_at = self._lapses_at(q, agreement)
        if lapses_at is not None and q.at >= lapses_at:
            return self.needs("ENROLMENT_LAPSED", q.at, agreement)
        if q.prescription is None or agreement.at > q.prescription.at:
            return self.needs("ENROLMENT_AFTER_PRESCRIPTION", q.at, agreement)
        grows_up_at = None if agreement.category.is_adult else adult_from
        return self.met(agreement, until=earliest(grows_up_at, lapses_at))

    @staticmethod
    def _is_signed(agreement: Enrolment) -> bool:
        signed = agreement.patient_signed if agreement.category.is_adult else agreement.guardian_signed
        return signed and agreement.prescriber_signed

    def _lapses_at(self, q: Question, agreement: Enrolment) -> Instant | None:
        off = q.view.off_treatment_on(q.zone)
        if off is None or agreement.at >= q.zone.start_of(off):
            return None
        return q.zone.start_of(months_after(off, self.lapses_after_months, when_absent="earlier"))


_CYCLIC = frozenset(
    {
        CategoryBasis.NATURAL_MENOPAUSE,
        CategoryBasis.NO_MENARCHE,
        CategoryBasis.HORMONAL_MENOPAUSE,
        CategoryBasis.OVARIAN_FAILURE,
    }
)
"""Evidence that menses contradict."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence(Requirement):
    """Accepted, uncontradicted evidence stands behind a category without reproductive potential (us.md 2.1).

    `menopause_months` is None where the policy does not accept menopause.
    """

    kind: ClassVar[str] = "risk_evidence"
    accepted: frozenset[CategoryBasis]
    menopause_months: int | None

    def check(self, q: Question) -> Finding:
        """Unmet codes: EVIDENCE_MISSING, MENOPAUSE_TOO_RECENT, CATEGORY_CONTRADICTED."""
        evidence = q.view.evidence
        if evidence is None:
            return self.needs("EVIDENCE_MISSING", q.at)
        if evidence.basis not in self.accepted:
            return self.needs("EVIDENCE_MISSING", q.at, evidence)
        if evidence.basis in _CYCLIC:
            reports = q.view.menses_reports
            against = reports[bisect_left(reports, evidence.at, key=lambda report: report.at) :]
            if against:
                return self.needs("CATEGORY_CONTRADICTED", q.at, evidence, *against)
        if evidence.basis is CategoryBasis.NATURAL_MENOPAUSE:
            return self.menopause(q, evidence, evidence.last_menses_on)
        return self.met(evidence)

    def menopause(self, q: Question, evidence: Fact, last_menses_on: date | None) -> Finding:
        """Whether menopause has lasted long enough."""
        if last_menses_on is None or self.menopause_months is None:
            return self.needs("EVIDENCE_MISSING", q.at, evidence)
        counts_from = q.zone.start_of(months_after(last_menses_on, self.menopause_months, when_absent="later"))
        if q.at < counts_from:
            return self.waits("MENOPAUSE_TOO_RECENT", counts_from, evidence)
        return self.met(evidence)


@dataclass(frozen=True, slots=True, kw_only=True)
class Certified(Requirement):
    """The prescriber, pharmacy or pharmacist is certified, today, and not revoked (us.md 2.2)."""

    kind: ClassVar[str] = "certified"
    who: CertifiedRole

    def check(self, q: Question) -> Finding:
        """Unmet codes: CERTIFICATION_MISSING, CERTIFICATION_REVOKED, CERTIFICATION_EXPIRED."""
        key = self.who, self._subject(q)
        held = q.view.certifications.get(key)
        if held is None:
            return self.needs("CERTIFICATION_MISSING", q.at)
        revoked = q.view.revocations.get(key)
        if revoked is not None and revoked.at >= held.at:
            return self.needs("CERTIFICATION_REVOKED", q.at, held, revoked)
        ends_at = q.zone.end_of(held.expires_on)
        if q.at >= ends_at:
            return self.needs("CERTIFICATION_EXPIRED", q.at, held)
        return self.met(held, until=ends_at)

    def _subject(self, q: Question) -> str:
        if self.who is CertifiedRole.PRESCRIBER:
            return q.prescription.prescriber if q.prescription else ""
        return q.request.pharmacy if self.who is CertifiedRole.PHARMACY else q.request.pharmacist


@dataclass(frozen=True, slots=True, kw_only=True)
class NotHeld(Requirement):
    """Every positive test, pregnancy report and hold has been resolved by enough different clinicians.

    A later negative test, a correction or a retraction alone lifts nothing (safety.md, invariant 2).
    """

    kind: ClassVar[str] = "not_held"
    reviewers: int

    def check(self, q: Question) -> Finding:
        """Unmet codes: HELD_POSITIVE_TEST, HELD_PREGNANCY_REPORT, HELD."""
        still_open = open_causes(q.view, self.reviewers)
        if still_open:
            return self.needs(_held_code(still_open), q.at, *still_open)
        return self.met(*q.view.causes)


def open_causes(view: View, reviewers: int) -> list[Fact]:
    """What holds the patient: not lifted by so many different people yet, or kept by one of them."""
    return [cause for cause in view.causes if not _is_resolved(view, cause, reviewers)]


def _is_resolved(view: View, cause: Fact, reviewers: int) -> bool:
    reviews = [r for r in view.reviews.get(cause.id, {}).values() if r.at >= cause.at]
    if any(r.outcome is not ReviewOutcome.LIFT for r in reviews):
        return False
    return len(reviews) >= reviewers


def _held_code(causes: list[Fact]) -> str:
    if any(isinstance(cause, PregnancyTest) for cause in causes):
        return "HELD_POSITIVE_TEST"
    return "HELD_PREGNANCY_REPORT" if any(isinstance(c, Report) for c in causes) else "HELD"
