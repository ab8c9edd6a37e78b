"""What all kinds of requirement share: the question they are asked, and the three shapes of answer.

A requirement is phrased as "a good fact exists". Missing, unknown, contradictory and future facts leave it
unmet.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import ClassVar, TypeVar

from compliance.domain.decision import Finding, Opens, Request, Weight
from compliance.domain.facts import (
    Category,
    Channel,
    Fact,
    PregnancyTest,
    Prescription,
    Reporter,
    Step,
    TestKind,
    TestPlace,
    TestResult,
)
from compliance.domain.record import View
from compliance.domain.span import Instant, Zone


@dataclass(frozen=True, slots=True, kw_only=True)
class Flexibility:
    """A dated, switchable relaxation that the programme itself has announced."""

    id: str
    switched_on: bool
    since: Instant
    until: Instant | None

    def applies_at(self, at: Instant) -> bool:
        """Whether the relaxation is on at that moment."""
        return self.switched_on and self.since <= at and (self.until is None or at < self.until)


@dataclass(frozen=True, slots=True, kw_only=True)
class TestStandard:
    """Which negative pregnancy tests count at all.

    `least_sensitive` is in mIU/mL: a coarser test counts for nothing.
    """

    least_sensitive: int
    kinds: frozenset[TestKind]
    reporters: frozenset[Reporter]
    places: frozenset[TestPlace]
    relaxed_places: dict[TestPlace, Flexibility]

    def accepts(self, test: PregnancyTest, view: View) -> bool:
        """Whether this is a valid negative that counts, judged by where, how and by whom it was done."""
        sensitivity = test.sensitivity_miu_ml
        if test.result is not TestResult.NEGATIVE or sensitivity is None or sensitivity > self.least_sensitive:
            return False
        if test.test_kind not in self.kinds or test.reporter not in self.reporters:
            return False
        if test.specimen in view.shared_specimens:
            return False
        if test.place in self.places:
            return True
        relaxed = self.relaxed_places.get(test.place)
        return relaxed is not None and relaxed.applies_at(test.at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Everything a requirement may look at. Time is part of the question; nothing is read from outside."""

    view: View
    request: Request
    at: Instant
    today: date
    zone: Zone
    category: Category | None
    is_first: bool
    prescription: Prescription | None
    tests: TestStandard
    negatives: tuple[PregnancyTest, ...]
    """Accepted negatives, oldest first."""
    negative_days: tuple[date, ...]
    """The civil days of their collection, in the same order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class When:
    """Filters by closed lists only; an empty list means always."""

    steps: frozenset[Step]
    categories: frozenset[Category]
    first: bool | None

    def applies(self, step: Step, category: Category, *, is_first: bool) -> bool:
        """Whether the requirement is asked at this step, of this category, for a first or a later supply."""
        if self.steps and step not in self.steps:
            return False
        if self.categories and category not in self.categories:
            return False
        return self.first is None or self.first is is_first


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """One line of a policy.

    Kinds are a closed set of subclasses; each carries its own parameters, none defaulted.
    """

    kind: ClassVar[str] = ""

    id: str
    text: str
    source: str
    confidence: str
    when: When
    if_unmet: Weight = Weight.REFUSE
    """Refusing is what an unmet requirement does unless the programme says otherwise."""

    def check(self, q: Question) -> Finding:
        """Answer the question for this requirement; an exception here counts as unmet."""
        raise NotImplementedError

    def met(self, *evidence: Fact, until: Instant | None = None) -> Finding:
        """A met finding, resting on evidence, until an exclusive end."""
        return Finding(self.id, True, "MET", tuple([f.id for f in evidence]), until)

    def needs(self, code: str, at: Instant, *evidence: Fact) -> Finding:
        """An unmet finding that a fact becoming true at or after `at` could mend."""
        return Finding(self.id, False, code, tuple([f.id for f in evidence]), None, at, Opens.BY_A_NEW_FACT)

    def waits(self, code: str, at: Instant, *evidence: Fact) -> Finding:
        """An unmet finding that becomes met at exactly `at` if nothing else happens."""
        return Finding(self.id, False, code, tuple([f.id for f in evidence]), None, at, Opens.BY_WAITING)


T = TypeVar("T")


def last_where(items: Sequence[T], holds: Callable[[T], bool]) -> T | None:
    """The last item for which something holds; looks from the end, where the answer nearly always is."""
    return next((item for item in reversed(items) if holds(item)), None)


def newest_known(q: Question, at: Instant) -> PregnancyTest | None:
    """The newest accepted negative that was collected and recorded by a moment: what an authorization then rests on."""
    return last_where(q.negatives, lambda t: t.at <= at and t.recorded_at <= at)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelStandard:
    """By which channels a prescription may arrive."""

    channels: frozenset[Channel]
    relaxed: dict[Channel, Flexibility]

    def accepts(self, prescription: Prescription) -> bool:
        """Whether this prescription arrived by an accepted channel when it was issued."""
        if prescription.channel in self.channels:
            return True
        relaxed = self.relaxed.get(prescription.channel)
        return relaxed is not None and relaxed.applies_at(prescription.at)
