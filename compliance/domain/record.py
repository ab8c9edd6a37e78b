"""What is known about one patient, and the part of it that could be known at a given moment.

A `Record` holds facts; `as_of(at)` gives the `View` of those both true and learned by then, without what has been
corrected. Views derive what several requirements ask (live dispenses, the course of treatment, supply left) once.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Protocol, TypeVar, cast

from compliance.domain.facts import (
    Authorization,
    AuthorizationVoid,
    Certification,
    CertifiedRole,
    Confirmation,
    ConfirmationVoid,
    Contraception,
    Counselling,
    Cycle,
    Dispense,
    Enrolment,
    Fact,
    Hold,
    HoldReview,
    Material,
    PregnancyTest,
    Prescription,
    Report,
    ReportKind,
    ReturnToStock,
    Reversal,
    Revocation,
    RiskEvidence,
    Survey,
    TestResult,
    TreatmentChange,
    TreatmentStatus,
)
from compliance.domain.span import Instant, Zone

F = TypeVar("F", bound=Fact)


def _order(fact: Fact) -> tuple[Instant, Instant, str]:
    return fact.at, fact.recorded_at, fact.id


class TestStandard(Protocol):
    """Says which tests count; the policy brings it."""

    def accepts(self, test: PregnancyTest, view: View) -> bool:
        """Whether a test counts as a valid negative."""
        ...


@dataclass(frozen=True, slots=True)
class Supply:
    """Days of treatment in hand at the start of `since`, and whether they are being taken."""

    days: int
    since: date
    is_running: bool

    def left_on(self, day: date) -> int:
        """Days of treatment left on a civil day at or after `since`."""
        return max(0, self.days - (day - self.since).days) if self.is_running else self.days


class View:
    """The facts visible at one moment, by kind and in order of `at`; what it derives does not depend on the moment."""

    def __init__(self, visible: Iterable[Fact]) -> None:
        facts = sorted(visible, key=_order)
        replaced = {fact.corrects for fact in facts if fact.corrects}
        kinds: dict[type[Fact], list[Fact]] = {}
        for fact in facts:
            if fact.id not in replaced:
                kinds.setdefault(type(fact), []).append(fact)
        self._kinds = {kind: tuple(found) for kind, found in kinds.items()}
        medical = {fact.id for fact in facts if _says_pregnant(fact)}
        self.causes = tuple(f for f in facts if f.id in medical or (isinstance(f, Hold) and f.cause not in medical))
        """What holds the patient, corrected or not: a correction alone never lifts a hold."""
        self._supplies: dict[str, Supply | None] = {}
        self._accepted: dict[int, tuple[TestStandard, tuple[PregnancyTest, ...]]] = {}

    def all(self, kind: type[F]) -> tuple[F, ...]:
        """All visible facts of a kind, oldest first."""
        return cast("tuple[F, ...]", self._kinds.get(kind, ()))

    def newest(self, kind: type[F]) -> F | None:
        """The newest visible fact of a kind."""
        found = self._kinds.get(kind)
        return cast("F", found[-1]) if found else None

    @cached_property
    def enrolment(self) -> Enrolment | None:
        """The newest agreement: it names the risk category."""
        return self.newest(Enrolment)

    @cached_property
    def evidence(self) -> RiskEvidence | None:
        """The newest evidence for the category."""
        return self.newest(RiskEvidence)

    @cached_property
    def cycle(self) -> Cycle | None:
        """The newest statement on cycle regularity."""
        return self.newest(Cycle)

    @cached_property
    def contraception(self) -> Contraception | None:
        """The newest statement of methods in use."""
        return self.newest(Contraception)

    @cached_property
    def tests(self) -> tuple[PregnancyTest, ...]:
        """Pregnancy tests by time of collection."""
        return self.all(PregnancyTest)

    @cached_property
    def shared_specimens(self) -> frozenset[str]:
        """Specimens that more than one test claims: such tests contradict each other and count for nothing."""
        seen: set[str] = set()
        twice: set[str] = set()
        for test in self.tests:
            (twice if test.specimen in seen else seen).add(test.specimen)
        return frozenset(twice)

    def accepted_by(self, standard: TestStandard) -> tuple[PregnancyTest, ...]:
        """The tests that count as negative under a policy's standard, oldest first."""
        known = self._accepted.get(id(standard))
        if known is None:
            known = standard, tuple(test for test in self.tests if standard.accepts(test, self))
            self._accepted[id(standard)] = known  # the standard is kept too, so that its id stays its own
        return known[1]

    @cached_property
    def prescriptions(self) -> dict[str, Prescription]:
        """Prescriptions by id."""
        return {fact.id: fact for fact in self.all(Prescription)}

    @cached_property
    def voided(self) -> frozenset[str]:
        """Ids of authorizations and confirmations that were voided, or whose product went back to stock."""
        return frozenset(
            [v.authorization for v in self.all(AuthorizationVoid)]
            + [v.confirmation for v in self.all(ConfirmationVoid)]
            + [r.of for r in self.all(ReturnToStock)]
        )

    @cached_property
    def authorizations(self) -> dict[str, Authorization]:
        """The newest unvoided authorization of each prescription."""
        return {a.prescription: a for a in self.all(Authorization) if a.id not in self.voided}

    @cached_property
    def voided_authorizations(self) -> dict[str, Authorization]:
        """The newest voided authorization of each prescription: to tell "voided" from "never given"."""
        return {a.prescription: a for a in self.all(Authorization) if a.id in self.voided}

    @cached_property
    def confirmations(self) -> dict[str, Confirmation]:
        """The newest unvoided confirmation of each prescription."""
        return {c.prescription: c for c in self.all(Confirmation) if c.id not in self.voided}

    @cached_property
    def voided_confirmations(self) -> dict[str, Confirmation]:
        """The newest voided confirmation of each prescription."""
        return {c.prescription: c for c in self.all(Confirmation) if c.id in self.voided}

    @cached_property
    def dispenses(self) -> tuple[Dispense, ...]:
        """Dispenses that were not reversed, oldest first."""
        reversed_ids = {r.dispense for r in self.all(Reversal)}
        return tuple(d for d in self.all(Dispense) if d.id not in reversed_ids)

    @cached_property
    def dispensed(self) -> dict[str, Dispense]:
        """The live dispense of each prescription."""
        return {d.prescription: d for d in self.dispenses}

    @cached_property
    def stopped_at(self) -> Instant | None:
        """When treatment was last stopped: what came before belongs to an earlier course."""
        stops = [c.at for c in self.all(TreatmentChange) if c.status is TreatmentStatus.STOPPED]
        return stops[-1] if stops else None

    @cached_property
    def course(self) -> tuple[Dispense, ...]:
        """The live dispenses of the present course of treatment; empty before its first."""
        stop = self.stopped_at
        return self.dispenses if stop is None else tuple(d for d in self.dispenses if d.at > stop)

    @cached_property
    def reports(self) -> tuple[Report, ...]:
        """Reports about menses and pregnancy."""
        return self.all(Report)

    @cached_property
    def counselling(self) -> tuple[Counselling, ...]:
        """Counselling conversations."""
        return self.all(Counselling)

    @cached_property
    def surveys(self) -> tuple[Survey, ...]:
        """Completed surveys."""
        return self.all(Survey)

    @cached_property
    def materials(self) -> tuple[Material, ...]:
        """Written material given or completed."""
        return self.all(Material)

    @cached_property
    def reviews(self) -> dict[str, dict[str, HoldReview]]:
        """For each thing that holds the patient, the newest conclusion of each reviewer."""
        found: dict[str, dict[str, HoldReview]] = {}
        for review in self.all(HoldReview):
            found.setdefault(review.of, {})[review.actor] = review
        return found

    @cached_property
    def certifications(self) -> dict[tuple[CertifiedRole, str], Certification]:
        """The newest certification of each person and site."""
        return {(c.role, c.subject): c for c in self.all(Certification)}

    @cached_property
    def revocations(self) -> dict[tuple[CertifiedRole, str], Revocation]:
        """The newest revocation of each person and site."""
        return {(r.role, r.subject): r for r in self.all(Revocation)}

    def supply(self, where: Zone) -> Supply | None:
        """The days of treatment in hand after the newest event; None when nothing was ever dispensed.

        Each supply starts when the one before it ends. Days of interruption do not use it up.
        """
        if where.key not in self._supplies:
            self._supplies[where.key] = self._supply(where) if self.dispenses else None
        return self._supplies[where.key]

    def _supply(self, where: Zone) -> Supply:
        days, running, stopped, since = 0, True, False, where.date_of(self.dispenses[0].at)
        for event in self._supply_events:
            day = where.date_of(event.at)
            days = Supply(days, since, running).left_on(day)
            since = day
            if isinstance(event, Dispense):
                days += event.days_supply
                running, stopped = running or stopped, False
            elif isinstance(event, ReturnToStock):
                days -= min(days, self._days_of(event.of))
            elif isinstance(event, TreatmentChange):
                running = event.status is TreatmentStatus.RESUMED
                stopped = event.status is TreatmentStatus.STOPPED
        return Supply(days, since, running)

    @cached_property
    def _supply_events(self) -> tuple[Fact, ...]:
        start = self.dispenses[0].at
        events = [*self.dispenses, *self.all(ReturnToStock), *self.all(TreatmentChange)]
        return tuple(sorted((e for e in events if e.at >= start), key=_order))

    def _days_of(self, dispense: str) -> int:
        return next((d.days_supply for d in self.dispenses if d.id == dispense), 0)

    def off_treatment_on(self, where: Zone) -> date | None:
        """The first civil day without treatment after the newest supply; None when never treated."""
        supply = self.supply(where)
        if supply is None:
            return None
        if supply.is_running:
            return supply.since + timedelta(days=supply.days)
        off = [c.at for c in self.all(TreatmentChange) if c.status is not TreatmentStatus.RESUMED]
        return where.date_of(off[-1])


def _says_pregnant(fact: Fact) -> bool:
    if isinstance(fact, PregnancyTest):
        return fact.result is TestResult.POSITIVE
    return isinstance(fact, Report) and fact.what is ReportKind.PREGNANCY


class Record:
    """All facts held about one patient, and about the people and sites that serve them."""

    __slots__ = ("_facts", "_full_view", "_settled_at")

    def __init__(self, facts: Iterable[Fact]) -> None:
        self._facts = tuple(facts)
        self._settled_at = max((max(f.at, f.recorded_at) for f in self._facts), default=None)
        self._full_view: View | None = None

    def as_of(self, at: Instant) -> View:
        """The view at a moment: a fact shows only if it was both true and learned by then."""
        if self._settled_at is None or at >= self._settled_at:
            if self._full_view is None:
                self._full_view = View(self._facts)
            return self._full_view
        return View(f for f in self._facts if f.at <= at and f.recorded_at <= at)

    @property
    def facts(self) -> tuple[Fact, ...]:
        """Every fact, as given."""
        return self._facts
