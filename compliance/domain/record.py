"""What is known about one patient, and the part of it that could be known at a given moment.

A `Record` holds facts; `as_of(at)` gives the `View` of those both true and learned by then, without what
has been corrected. A view adds what follows from the facts: accepted tests, live numbers, the course of
treatment, supply left.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Protocol

from compliance.domain.facts import (
    Authorization,
    AuthorizationVoid,
    Confirmation,
    ConfirmationVoid,
    Counselling,
    Dispense,
    Fact,
    PregnancyTest,
    Prescription,
    ReturnToStock,
    Reversal,
    TestResult,
    TreatmentChange,
    TreatmentStatus,
)
from compliance.domain.once import once
from compliance.domain.span import Instant, Zone
from compliance.domain.supply import Supply, days_in_hand
from compliance.domain.visible import Scope, Visible, oldest_first


class TestStandard(Protocol):
    """Says which tests count; the policy brings it."""

    def accepts(self, test: PregnancyTest, view: View) -> bool:
        """Whether a test counts as a valid negative."""
        ...


class View(Visible):
    """What follows from the visible facts; nothing here depends on the moment of the question."""

    def __init__(self, visible: Iterable[Fact], scope: Scope | None = None) -> None:
        super().__init__(visible, scope)
        self._supplies: dict[str, Supply | None] = {}
        self._accepted: dict[int, tuple[TestStandard, tuple[PregnancyTest, ...]]] = {}
        self._days: dict[tuple[int, str], tuple[date, ...]] = {}

    @once
    def tests(self) -> tuple[PregnancyTest, ...]:
        """Pregnancy tests by time of collection."""
        return self.all(PregnancyTest)

    @once
    def newest_not_negative(self) -> PregnancyTest | None:
        """The newest test that says anything but negative: indeterminate is not negative."""
        return next((t for t in reversed(self.tests) if t.result is not TestResult.NEGATIVE), None)

    @once
    def shared_specimens(self) -> frozenset[str]:
        """Specimens that more than one test claims: such tests contradict each other and count for none."""
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

    def days_accepted_by(self, standard: TestStandard, where: Zone) -> tuple[date, ...]:
        """The civil days on which the accepted negatives were collected, in the same order as they."""
        key = id(standard), where.key
        days = self._days.get(key)
        if days is None:
            days = tuple(where.date_of(test.at) for test in self.accepted_by(standard))
            self._days[key] = days
        return days

    @once
    def prescriptions(self) -> dict[str, Prescription]:
        """Prescriptions by id."""
        return {fact.id: fact for fact in self.all(Prescription)}

    @once
    def foreign(self) -> frozenset[str]:
        """Ids of prescriptions for products of other programmes: a course of one medicine is no course of another."""
        if self.scope is None:
            return frozenset()
        return frozenset(rx.id for rx in self.all(Prescription) if rx.product not in self.scope.products)

    @once
    def voided(self) -> frozenset[str]:
        """Ids of authorizations and confirmations that were voided, or whose product went back to stock."""
        return frozenset(
            [v.authorization for v in self.all(AuthorizationVoid)]
            + [v.confirmation for v in self.all(ConfirmationVoid)]
            + [r.of for r in self.all(ReturnToStock)]
        )

    @once
    def authorizations(self) -> dict[str, Authorization]:
        """The newest unvoided authorization of each prescription."""
        return {a.prescription: a for a in self.all(Authorization) if a.id not in self.voided}

    @once
    def voided_authorizations(self) -> dict[str, Authorization]:
        """The newest voided authorization of each prescription: to tell "voided" from "never given"."""
        return {a.prescription: a for a in self.all(Authorization) if a.id in self.voided}

    @once
    def confirmations(self) -> dict[str, Confirmation]:
        """The newest unvoided confirmation of each prescription."""
        return {c.prescription: c for c in self.all(Confirmation) if c.id not in self.voided}

    @once
    def confirmations_under(self) -> dict[str, Confirmation]:
        """The newest unvoided confirmation under each authorization, whichever prescription it names."""
        return {c.authorization: c for c in self.all(Confirmation) if c.id not in self.voided}

    @once
    def voided_confirmations(self) -> dict[str, Confirmation]:
        """The newest voided confirmation of each prescription."""
        return {c.prescription: c for c in self.all(Confirmation) if c.id in self.voided}

    @once
    def dispenses(self) -> tuple[Dispense, ...]:
        """Dispenses of the programme's products that were not reversed, oldest first."""
        reversed_ids = {r.dispense for r in self.all(Reversal)}
        return tuple(d for d in self.all(Dispense) if d.id not in reversed_ids and d.prescription not in self.foreign)

    @once
    def dispensed(self) -> dict[str, Dispense]:
        """The live dispense of each prescription, whatever it is for."""
        reversed_ids = {r.dispense for r in self.all(Reversal)}
        return {d.prescription: d for d in self.all(Dispense) if d.id not in reversed_ids}

    @once
    def stopped_at(self) -> Instant | None:
        """When treatment was last stopped: what came before belongs to an earlier course."""
        stops = [c.at for c in self.all(TreatmentChange) if c.status is TreatmentStatus.STOPPED]
        return stops[-1] if stops else None

    @once
    def course(self) -> tuple[Dispense, ...]:
        """The live dispenses of the present course of treatment; empty before its first."""
        stop = self.stopped_at
        return self.dispenses if stop is None else tuple(d for d in self.dispenses if d.at > stop)

    @once
    def counselling_in_course(self) -> tuple[Counselling, ...]:
        """The conversations held since treatment was last stopped, but for those on other programmes' medicines."""
        stop = self.stopped_at
        held = (c for c in self.all(Counselling) if c.prescription not in self.foreign)
        return tuple(c for c in held if stop is None or c.at > stop)

    def supply(self, where: Zone) -> Supply | None:
        """The days of treatment in hand after the newest event; None when nothing was ever dispensed."""
        if where.key not in self._supplies:
            events = [*self.dispenses, *self.all(ReturnToStock), *self.all(TreatmentChange)]
            self._supplies[where.key] = days_in_hand(sorted(events, key=oldest_first), where)
        return self._supplies[where.key]

    def off_treatment_on(self, where: Zone) -> date | None:
        """The first civil day without treatment after the newest supply; None when never treated."""
        supply = self.supply(where)
        return None if supply is None else supply.off_treatment_on()


class Record:
    """All facts held about one patient, and about the people and sites that serve them."""

    __slots__ = ("_facts", "_full_views", "_settled_at")

    def __init__(self, facts: Iterable[Fact]) -> None:
        self._facts = tuple(facts)
        moments = [f.at for f in self._facts] + [f.recorded_at for f in self._facts]
        self._settled_at = max(moments, default=None)
        self._full_views: dict[Scope | None, View] = {}

    def as_of(self, at: Instant, scope: Scope | None = None) -> View:
        """The view at a moment: a fact shows only if it was both true and learned by then.

        With a scope it is the view of one programme.
        """
        if self._settled_at is None or at >= self._settled_at:
            view = self._full_views.get(scope)
            if view is None:
                view = self._full_views[scope] = View(self._facts, scope)
            return view
        return View((f for f in self._facts if f.at <= at and f.recorded_at <= at), scope)

    @property
    def facts(self) -> tuple[Fact, ...]:
        """Every fact, as given."""
        return self._facts
