"""For each requirement kind with a span or an age: where its windows open and close, told by the words of the rule.

A window is a civil day or a distance from the moment it begins; `clocks` turns it into an instant by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from compliance.domain import facts as f
from compliance.domain.decision import Request
from compliance.domain.requirements.base import Requirement
from compliance.domain.span import Days, Elapsed, Instant, Months, Span
from tests import builders as b
from tests.edges.clocks import TICK, first_moment, local_day, months_on

Story = tuple[list[f.Fact], Request]


@dataclass(frozen=True)
class Edge:
    """One side of a window: before it the requirement is met, or becomes so at it."""

    name: str
    at: datetime
    is_end: bool
    tell: Callable[[Instant], Story]


def end_of(span: Span, start: datetime, zone: ZoneInfo) -> datetime:
    """The exclusive end of a span, from the words of the policy."""
    if isinstance(span, Elapsed):
        return start + span.duration + (TICK if span.last_included else timedelta())
    day = local_day(start, zone)
    if isinstance(span, Months):
        last = months_on(day, span.count, waiting=False)
    else:
        last = day + timedelta(days=span.count if span.start_day == 0 else span.count - 1)
    return first_moment(last + timedelta(days=1) if span.last_included else last, zone)


class Windows:
    """The edges of one rule's windows that begin at one moment in one zone. Long because each kind has its own."""

    def __init__(self, rule: Any, start: datetime, zone: ZoneInfo) -> None:
        self.rule, self.start, self.zone = rule, Instant(start), zone
        self.day = local_day(start, zone)

    def edges(self) -> Iterator[Edge]:
        """All of them; none for a kind without a window."""
        yield from getattr(self, self.rule.kind, lambda: ())()

    def midnight(self, days: int) -> datetime:
        return first_moment(self.day + timedelta(days=days), self.zone)

    def ending(self, name: str, at: datetime, *facts: f.Fact, **asked: Any) -> Edge:
        """Facts that stand from the beginning; at the edge they no longer do."""
        request = b.request(**{"step": f.Step.DISPENSE} | asked)
        return Edge(name, at, True, lambda _: (list(facts), request))

    def opening(self, name: str, at: datetime, *facts: f.Fact, **asked: Any) -> Edge:
        return Edge(name, at, False, self.ending(name, at, *facts, **asked).tell)

    def with_late(self, name: str, at: datetime, *, is_end: bool, late: Callable[[Instant], list[f.Fact]]) -> Edge:
        """A story whose last facts happen at the very moment asked about."""
        return Edge(name, at, is_end, lambda moment: (late(moment), b.request(f.Step.AUTHORIZE)))

    def rx(self, at: datetime) -> f.Prescription:
        return b.prescription(at=Instant(at))

    def negative(self, at: datetime, **more: Any) -> f.PregnancyTest:
        return b.negative_test(at=Instant(at), id=f"t{at.isoformat()}".replace("+", "p"), **more)

    def dispensed(self, at: datetime, name: str = "d1") -> f.Dispense:
        return b.dispense(at=Instant(at), id=name)

    # -- who takes part

    def certified(self) -> Iterator[Edge]:
        if self.rule.who is f.CertifiedRole.PHARMACY:
            held = b.certification(self.rule.who, b.PHARMACY, at=self.start, expires_on=self.day)
            yield self.ending("expires", self.midnight(1), held)

    def registered(self) -> Iterator[Edge]:
        if self.rule.who is f.CertifiedRole.PHARMACY:
            held = b.certification(self.rule.who, b.PHARMACY, at=self.start, expires_on=date(2150, 1, 1))
            yield self.ending("lapses", end_of(self.rule.lasts, self.start, self.zone), held)

    def _born(self, years: int) -> date:
        return months_on(self.day, -12 * years, waiting=False)

    def _birthday(self, years: int) -> datetime:
        return first_moment(months_on(self._born(years), 12 * years, waiting=True), self.zone)

    def enrolled(self) -> Iterator[Edge]:
        before = self.start - timedelta(days=20)
        child = b.enrolment(f.Category.CHILD_MALE, at=Instant(before), birth_date=self._born(self.rule.adult_age))
        yield self.ending("grows up", self._birthday(self.rule.adult_age), child, self.rx(before))

    def independent_reviews(self) -> Iterator[Edge]:
        age = self.rule.under_age
        young = b.enrolment(at=Instant(self.start - timedelta(days=20)), birth_date=self._born(age))
        yield self.opening("of age", self._birthday(age), young)

    def risk_evidence(self) -> Iterator[Edge]:
        if self.rule.menopause_months is None:
            return
        shown = b.evidence(f.CategoryBasis.NATURAL_MENOPAUSE, at=self.start, last_menses_on=self.day)
        old = b.enrolment(at=self.start, birth_date=date(1920, 1, 1))
        waited = first_moment(months_on(self.day, self.rule.menopause_months, waiting=True), self.zone)
        yield self.opening("menopause", waited, shown, old)

    risk_evidence_by_age = risk_evidence

    # -- tests

    def test_days_before(self) -> Iterator[Edge]:
        def late(at: Instant) -> list[f.Fact]:
            return [self.negative(self.start), self.rx(at)]

        yield self.with_late("oldest", self.midnight(self.rule.oldest + 1), is_end=True, late=late)
        if self.rule.youngest:
            yield self.with_late("youngest", self.midnight(self.rule.youngest), is_end=False, late=late)

    def test_hours_before(self) -> Iterator[Edge]:
        end = end_of(self.rule.within, self.start, self.zone)
        yield self.with_late("hours", end, is_end=True, late=lambda at: [self.negative(self.start), self.rx(at)])

    def test_schedule(self) -> Iterator[Edge]:
        first = self.dispensed(self.start)
        if self.rule.weekly_every <= self.rule.weekly_for:
            yield self.ending("weekly", self.midnight(self.rule.weekly_every + 1), first)
        long_ago = self.dispensed(self.start - timedelta(days=400), "d0")
        known = [long_ago, first, self.negative(self.start)]
        irregular = self.midnight(self.rule.then_every_if_irregular + 1)
        yield self.ending("irregular", irregular, *known)
        regular = b.cycle(at=self.start)
        yield self.ending("regular", self.midnight(self.rule.then_every + 1), *known, regular)

    def test_interval(self) -> Iterator[Edge]:
        yield self.ending("interval", self.midnight(self.rule.every + 1), self.dispensed(self.start))

    def tests_apart(self) -> Iterator[Edge]:
        def late(at: Instant) -> list[f.Fact]:
            return [self.negative(self.start), self.negative(at), self.rx(at)]

        yield self.with_late("apart", self.midnight(self.rule.at_least), is_end=False, late=late)

    def test_in_period(self) -> Iterator[Edge]:
        def late(at: Instant) -> list[f.Fact]:
            return [b.cycle(at=self.start), b.report(f.ReportKind.PERIOD_STARTED, at=self.start), self.negative(at)]

        yield self.with_late("period", self.midnight(self.rule.first_days), is_end=True, late=late)

    def missed_first_window(self) -> Iterator[Edge]:
        def late(at: Instant) -> list[f.Fact]:
            return [self.negative(self.start), b.authorization(at=self.start), self.negative(at)]

        yield self.with_late("wait", self.midnight(self.rule.wait), is_end=False, late=late)

    def test_before_lead_in(self) -> Iterator[Edge]:
        def late(at: Instant) -> list[f.Fact]:
            return [self.negative(self.start), self.rx(at)]

        yield self.with_late("early test", self.midnight(self.rule.at_least), is_end=False, late=late)

    # -- contraception, counselling, forms, laboratory

    def contraception(self) -> Iterator[Edge]:
        if not self.rule.lead_in:
            return
        needed = max(self.rule.of_them_highly_effective, 0)
        words = sorted(self.rule.highly_effective, key=str)[:needed]
        rest = sorted((self.rule.additional | self.rule.highly_effective) - set(words), key=str)
        words += rest[: self.rule.methods - len(words)]
        stated = b.contraception(*[b.in_use(word, self.day) for word in words], at=self.start)
        yield self.opening("lead-in", self.midnight(self.rule.lead_in), stated)

    contraception_or_urgent_start = contraception

    def patient_survey(self) -> Iterator[Edge]:
        done = b.survey(f.Whose.PATIENT, at=self.start)
        yield self.ending("survey", end_of(self.rule.every, self.start, self.zone), done)

    def acknowledged(self) -> Iterator[Edge]:
        signed = f.Acknowledgement(
            id="signed", at=self.start, recorded_at=self.start, actor="x", form=self.rule.form, patient_signed=True,
            prescriber_signed=True,
        )  # fmt: skip
        yield self.ending("form", end_of(self.rule.every, self.start, self.zone), signed)

    def _lab(self) -> f.LabResult:
        return f.LabResult(id="lab", at=self.start, recorded_at=self.start, actor="x", panel=self.rule.panel)

    def lab_known(self) -> Iterator[Edge]:
        end = self.midnight(self.rule.within + 1)
        yield self.with_late("known", end, is_end=True, late=lambda at: [self._lab(), self.rx(at)])

    def lab_schedule(self) -> Iterator[Edge]:
        if self.rule.often_every <= self.rule.often_for:
            yield self.ending(
                "often", self.midnight(self.rule.often_every + 1), self._lab(), self.dispensed(self.start)
            )
        long_ago = self.dispensed(self.start - timedelta(days=1000))
        yield self.ending("later", self.midnight(self.rule.then_every + 1), self._lab(), long_ago)

    # -- supply and numbers

    def supply_left(self) -> Iterator[Edge]:
        yield self.opening("supply", self.midnight(28 - self.rule.at_most), self.dispensed(self.start))

    def authorization_life(self) -> Iterator[Edge]:
        known = [
            self.negative(self.start),
            self.rx(self.start),
            b.authorization(at=self.start),
            b.enrolment(at=self.start),
        ]
        end = end_of(self.rule.lasts, self.start, self.zone)
        yield self.ending("authorization", end, *known, step=f.Step.CONFIRM)

    def confirmation_life(self) -> Iterator[Edge]:
        known = [b.authorization(at=self.start), b.confirmation(at=self.start)]
        yield self.ending("confirmation", end_of(self.rule.lasts, self.start, self.zone), *known)

    def same_day_shipping(self) -> Iterator[Edge]:
        known = [b.authorization(at=self.start), b.confirmation(at=self.start)]
        yield self.ending("shipping", self.midnight(1), *known, handover=f.Handover.SHIPPED)


def parameters(rule: Requirement) -> str:
    """What tells two rules of one kind apart, whatever they are called and whoever is asked."""
    said = {name: getattr(rule, name) for name in rule.__dataclass_fields__}
    for name in ("id", "text", "source", "confidence", "when", "if_unmet", "products", "channels"):
        said.pop(name, None)
    return rule.kind + repr(sorted((name, repr(value)) for name, value in said.items()))


__all__ = ["Days", "Edge", "Windows", "end_of", "parameters"]
