"""Registrations that last so long, and evidence whose weight depends on age."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from compliance.domain.decision import Finding
from compliance.domain.facts import Fact
from compliance.domain.requirements.base import Question
from compliance.domain.requirements.people import Certified, Evidence
from compliance.domain.span import Span, earliest, months_after


@dataclass(frozen=True, slots=True, kw_only=True)
class Registered(Certified):
    """A certification that also ends so long after it was given, whatever end it states (international.md 1)."""

    kind: ClassVar[str] = "registered"
    lasts: Span

    def check(self, q: Question) -> Finding:
        """Unmet codes: those of a certification, and REGISTRATION_LAPSED."""
        found = Certified.check(self, q)
        held = q.view.certifications.get((self.who, self._subject(q)))
        if not found.is_met or held is None:
            return found
        lapses_at = self.lasts.end(held.at, q.zone)
        if q.at >= lapses_at:
            return self.needs("REGISTRATION_LAPSED", q.at, held)
        return self.met(held, until=earliest(found.until, lapses_at))


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceByAge(Evidence):
    """Evidence where menopause also needs an age: 50 years and a year without menses, say (international.md 1).

    `menopause_age` is in years, by the birth date of the enrolment.
    """

    kind: ClassVar[str] = "risk_evidence_by_age"
    menopause_age: int

    def menopause(self, q: Question, evidence: Fact, last_menses_on: date | None) -> Finding:
        """Whether menopause has lasted long enough, at an age at which it counts."""
        found = Evidence.menopause(self, q, evidence, last_menses_on)
        agreement = q.view.enrolment
        if not found.is_met and found.code != "MENOPAUSE_TOO_RECENT":
            return found
        if agreement is None:
            return self.needs("EVIDENCE_MISSING", q.at, evidence)
        of_age_on = months_after(agreement.birth_date, self.menopause_age * 12, when_absent="later")
        of_age_at = q.zone.start_of(of_age_on)
        if q.at < of_age_at:
            return self.waits("MENOPAUSE_TOO_YOUNG", max(of_age_at, found.opens_at or of_age_at), evidence, agreement)
        return found if not found.is_met else self.met(evidence, agreement)
