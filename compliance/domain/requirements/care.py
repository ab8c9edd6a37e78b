"""Contraception, counselling, written material and surveys."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import ClassVar

from compliance.domain.decision import Finding
from compliance.domain.facts import Contraception, Counselling, Counsellor, Item, Method, TestKind, Topic
from compliance.domain.requirements.base import Question, Requirement
from compliance.domain.span import Span


@dataclass(frozen=True, slots=True, kw_only=True)
class ContraceptionInUse(Requirement):
    """Enough accepted methods at once, or abstinence, each in effect for the lead-in (us.md 2.4).

    `methods` is how many are needed at once, `of_them_highly_effective` how many of these must be in that
    tier, `lead_in` calendar days each must already have been in effect (0: must be in effect today).
    """

    kind: ClassVar[str] = "contraception"
    methods: int
    of_them_highly_effective: int
    highly_effective: frozenset[Method]
    additional: frozenset[Method]
    abstinence_counts: bool
    lead_in: int

    def check(self, q: Question) -> Finding:
        """Unmet codes: CONTRACEPTION_MISSING, and _TOO_FEW, _NOT_HIGHLY_EFFECTIVE, _LEAD_IN."""
        stated = q.view.contraception
        lead_in = timedelta(days=self.lead_in)
        begun_today_counts_at = max(q.at, q.zone.start_of(q.today + timedelta(days=self.shortest_lead_in())))
        if stated is None:
            return self.needs("CONTRACEPTION_MISSING", begun_today_counts_at)
        counts_from = self._in_effect_from(stated)
        if isinstance(counts_from, str):
            return self.needs(counts_from, begun_today_counts_at, stated)
        if q.today < counts_from + lead_in:
            return self.waits("CONTRACEPTION_LEAD_IN", q.zone.start_of(counts_from + lead_in), stated)
        return self.met(stated)

    def shortest_lead_in(self) -> int:
        """How many days what is begun today must be in effect at the least."""
        return self.lead_in

    def _in_effect_from(self, stated: Contraception) -> date | str:
        """The first civil day on which enough methods were in effect at once, or the code of what lacks."""
        starts: list[date] = []
        if self.abstinence_counts and stated.abstinent_since is not None:
            starts.append(stated.abstinent_since)
        high = _starts(stated, self.highly_effective)
        rest = _starts(stated, self.additional - self.highly_effective)
        needed = self.of_them_highly_effective
        others = sorted(high[needed:] + rest)
        if len(high) >= needed and len(high) + len(rest) >= self.methods:
            starts.append(max(high[:needed] + others[: self.methods - needed]))
        if starts:
            return min(starts)
        return "CONTRACEPTION_TOO_FEW" if len(high) + len(rest) < self.methods else "CONTRACEPTION_NOT_HIGHLY_EFFECTIVE"


@dataclass(frozen=True, slots=True, kw_only=True)
class ContraceptionOrUrgentStart(ContraceptionInUse):
    """The ordinary lead-in, or an urgent start: a shorter one with a barrier method, between two serum negatives.

    Source: international.md 2.5. `urgent_lead_in` is in calendar days, for the methods, for one of `urgent_also`
    and for the distance of the two tests.
    """

    kind: ClassVar[str] = "contraception_or_urgent_start"
    urgent_lead_in: int
    urgent_also: frozenset[Method]

    def check(self, q: Question) -> Finding:
        """Unmet codes: those of contraception in use."""
        found = ContraceptionInUse.check(self, q)
        stated = q.view.contraception
        if found.code != "CONTRACEPTION_LEAD_IN" or stated is None:
            return found
        wait = timedelta(days=self.urgent_lead_in)
        also = _starts(stated, self.urgent_also)
        counts_from = self._in_effect_from(stated)
        if isinstance(counts_from, str) or not also or q.today < max(counts_from, also[0]) + wait:
            return found
        serum = [t for t in q.negatives if t.test_kind is TestKind.SERUM]
        days = [q.zone.date_of(t.at) for t in serum]
        if not serum or days[-1] - days[0] < wait or days[-1] < max(counts_from, also[0]) + wait:
            return found
        return self.met(stated, serum[0], serum[-1])

    def shortest_lead_in(self) -> int:
        """That of an urgent start, if it is the shorter one."""
        return min(self.lead_in, self.urgent_lead_in)


def _starts(stated: Contraception, accepted: frozenset[Method]) -> list[date]:
    """Since when each accepted method is in use; of two dates for one method the later, the safer one."""
    starts: dict[Method, date] = {}
    for used in stated.methods:
        if used.method in accepted:
            starts[used.method] = max(used.since, starts.get(used.method, used.since))
    return sorted(starts.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Counselled(Requirement):
    """All the topics were covered, for this prescription or once before the first of a course (us.md 2.5)."""

    kind: ClassVar[str] = "counselling"
    by: Counsellor
    topics: frozenset[Topic]
    each_prescription: bool

    def check(self, q: Question) -> Finding:
        """Unmet codes: COUNSELLING_MISSING, PHARMACY_COUNSELLING_MISSING."""
        held = [c for c in self._conversations(q) if c.by is self.by]
        covered = frozenset(topic for c in held for topic in c.topics)
        if self.topics <= covered:
            return self.met(*[c for c in held if c.topics & self.topics])
        pharmacy = self.by is Counsellor.PHARMACIST
        return self.needs("PHARMACY_COUNSELLING_MISSING" if pharmacy else "COUNSELLING_MISSING", q.at, *held)

    def _conversations(self, q: Question) -> Sequence[Counselling]:
        if self.each_prescription:
            return q.view.counselling_for(q.request.prescription)
        rx = q.prescription
        return [] if rx is None else [c for c in q.view.counselling_in_course if c.at <= rx.at]


@dataclass(frozen=True, slots=True, kw_only=True)
class MaterialGiven(Requirement):
    """A document that goes with every dispense was given or completed for this prescription.

    Source: us.md 2.5, 2.8.
    """

    kind: ClassVar[str] = "material"
    item: Item

    def check(self, q: Question) -> Finding:
        """Unmet code: MATERIAL_MISSING."""
        given = q.view.materials.get((q.request.prescription, self.item))
        return self.met(given) if given is not None else self.needs("MATERIAL_MISSING", q.at)


@dataclass(frozen=True, slots=True, kw_only=True)
class PrescriberSurvey(Requirement):
    """The prescriber's survey for this very prescription (us.md 2.6)."""

    kind: ClassVar[str] = "prescriber_survey"

    def check(self, q: Question) -> Finding:
        """Unmet code: PRESCRIBER_SURVEY_MISSING."""
        done = q.view.prescriber_surveys.get(q.request.prescription)
        return self.met(done) if done is not None else self.needs("PRESCRIBER_SURVEY_MISSING", q.at)


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientSurvey(Requirement):
    """The patient's own survey, no older than its interval (us.md 2.6)."""

    kind: ClassVar[str] = "patient_survey"
    every: Span

    def check(self, q: Question) -> Finding:
        """Unmet codes: PATIENT_SURVEY_MISSING, PATIENT_SURVEY_OVERDUE."""
        done = q.view.patient_survey
        if done is None:
            return self.needs("PATIENT_SURVEY_MISSING", q.at)
        ends_at = self.every.end(done.at, q.zone)
        if q.at >= ends_at:
            return self.needs("PATIENT_SURVEY_OVERDUE", q.at, done)
        return self.met(done, until=ends_at)
