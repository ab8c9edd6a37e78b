"""Clinical safety beside pregnancy: laboratory results, reactions, what was considered, and the regimen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

from compliance.domain.decision import Finding
from compliance.domain.facts import AdverseReaction, Assessment, Concern, LabResult, Panel, Reaction
from compliance.domain.requirements.base import Question, Requirement, last_where


def newest_result(q: Question, panel: Panel) -> LabResult | None:
    """The newest result of one panel."""
    return last_where(q.view.all(LabResult), lambda r: r.panel is panel)


@dataclass(frozen=True, slots=True, kw_only=True)
class LabKnown(Requirement):
    """A result is known before the medicine is started (clinical-safety.md SD-17, SD-33, SD-41).

    `within` is how many calendar days before the prescription the specimen may have been taken.
    """

    kind: ClassVar[str] = "lab_known"
    panel: Panel
    within: int

    def check(self, q: Question) -> Finding:
        """Unmet codes: PRESCRIPTION_MISSING, LAB_MISSING, LAB_TOO_OLD."""
        rx, found = q.prescription, newest_result(q, self.panel)
        if rx is None:
            return self.needs("PRESCRIPTION_MISSING", q.at)
        if found is None:
            return self.needs("LAB_MISSING", q.at)
        if q.zone.date_of(found.at) < q.zone.date_of(rx.at) - timedelta(days=self.within):
            return self.needs("LAB_TOO_OLD", q.at, found)
        return self.met(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class LabSchedule(Requirement):
    """Results keep to their schedule: often at first, then less often (clinical-safety.md SD-18, SD-19).

    All numbers are calendar days: `often_every` while the course is younger than `often_for`, then `then_every`.
    """

    kind: ClassVar[str] = "lab_schedule"
    panel: Panel
    often_for: int
    often_every: int
    then_every: int

    def check(self, q: Question) -> Finding:
        """Unmet codes: LAB_MISSING, LAB_OVERDUE."""
        found = newest_result(q, self.panel)
        if found is None:
            return self.needs("LAB_MISSING", q.at)
        taken = q.zone.date_of(found.at)
        first = q.zone.date_of(q.view.course[0].at) if q.view.course else q.today
        is_young = taken + timedelta(days=self.often_every) <= first + timedelta(days=self.often_for)
        due = taken + timedelta(days=self.often_every if is_young else self.then_every)
        if q.today > due:
            return self.needs("LAB_OVERDUE", q.at, found)
        return self.met(found, until=q.zone.end_of(due))


@dataclass(frozen=True, slots=True, kw_only=True)
class LabAtLeast(Requirement):
    """The newest number of a panel is not below a threshold (clinical-safety.md SD-09 to SD-12).

    `at_least` is in the panel's own unit.
    """

    kind: ClassVar[str] = "lab_at_least"
    panel: Panel
    at_least: int

    def check(self, q: Question) -> Finding:
        """Unmet codes: LAB_MISSING, LAB_BELOW."""
        found = newest_result(q, self.panel)
        if found is None or found.value is None:
            return self.needs("LAB_MISSING", q.at)
        return self.met(found) if found.value >= self.at_least else self.needs("LAB_BELOW", q.at, found)


@dataclass(frozen=True, slots=True, kw_only=True)
class NoRechallenge(Requirement):
    """The history of reactions was taken, and holds none after which the medicine is never given again.

    Source: clinical-safety.md SD-29, SD-31. `reactions` bar at any grade, `graded` from `from_grade` (1 to 5) or
    when nobody graded them; only reactions to one of `to_products` count.
    """

    kind: ClassVar[str] = "no_rechallenge"
    reactions: frozenset[Reaction]
    graded: frozenset[Reaction]
    from_grade: int
    to_products: frozenset[str]

    def check(self, q: Question) -> Finding:
        """Unmet codes: REACTION_HISTORY_MISSING, NEVER_AGAIN."""
        barring = [r for r in q.view.all(AdverseReaction) if self._bars(r)]
        if barring:
            return Finding(self.id, False, "NEVER_AGAIN", tuple([r.id for r in barring]))
        taken = last_where(q.view.all(Assessment), lambda a: a.concern is Concern.REACTION_HISTORY)
        return self.met(taken) if taken is not None else self.needs("REACTION_HISTORY_MISSING", q.at)

    def _bars(self, reaction: AdverseReaction) -> bool:
        if reaction.product not in self.to_products:
            return False
        if reaction.reaction in self.reactions:
            return True
        return reaction.reaction in self.graded and (reaction.grade is None or reaction.grade >= self.from_grade)


@dataclass(frozen=True, slots=True, kw_only=True)
class Considered(Requirement):
    """The prescriber has considered a concern in this course of treatment (clinical-safety.md SD-26, SD-49)."""

    kind: ClassVar[str] = "considered"
    concern: Concern

    def check(self, q: Question) -> Finding:
        """Unmet code: ASSESSMENT_MISSING."""
        stop = q.view.stopped_at
        found = last_where(q.view.all(Assessment), lambda a: a.concern is self.concern)
        if found is None or (stop is not None and found.at <= stop):
            return self.needs("ASSESSMENT_MISSING", q.at)
        return self.met(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class Regimen(Requirement):
    """The prescription follows the usual cycle (clinical-safety.md SD-53).

    `days_on` of `cycle_days` calendar days.
    """

    kind: ClassVar[str] = "regimen"
    days_on: int
    cycle_days: int

    def check(self, q: Question) -> Finding:
        """Unmet codes: PRESCRIPTION_MISSING, REGIMEN_UNUSUAL."""
        rx = q.prescription
        if rx is None:
            return self.needs("PRESCRIPTION_MISSING", q.at)
        usual = (rx.days_on, rx.cycle_days) == (self.days_on, self.cycle_days)
        return self.met(rx) if usual else self.needs("REGIMEN_UNUSUAL", q.at, rx)
