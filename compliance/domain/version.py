"""One version of one programme's rules, as the gate asks them: which requirements, of whom, and when in force."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import Enum
from functools import cached_property
from typing import Any

from compliance.domain.decision import Weight
from compliance.domain.errors import DomainError
from compliance.domain.facts import Category, Prescription, Step
from compliance.domain.requirements import Flexibility, Requirement, TestStandard
from compliance.domain.requirements.people import NotHeld
from compliance.domain.span import Instant, Zone
from compliance.domain.visible import Scope


class Status(Enum):
    """Whether a policy may allow anything: the gate refuses under drafts and retired versions."""

    ACTIVE = "active"
    DRAFT = "draft"
    RETIRED = "retired"


class Transition(Enum):
    """Which prescriptions a version that has ended still covers."""

    BY_MOMENT = "by_moment"
    BY_PRESCRIPTION = "by_prescription"


@dataclass(frozen=True, slots=True)
class Source:
    """A document that a number rests on; `checked` is when somebody last compared it with the original."""

    id: str
    title: str
    publisher: str
    date: dt.date
    checked: dt.date
    url: str


@dataclass(frozen=True, kw_only=True)
class Policy:
    """One version of one programme's rules."""

    id: str
    version: str
    title: str
    jurisdiction: str
    status: Status
    in_force_from: dt.date
    in_force_until: dt.date | None
    zone: Zone
    products: frozenset[str]
    categories: tuple[Category, ...]
    strictest: Category
    tests: TestStandard
    tests_after_first: TestStandard
    """What counts once a first supply has been dispensed; the same where the programme makes no difference."""
    flexibilities: tuple[Flexibility, ...]
    sources: dict[str, Source]
    requirements: tuple[Requirement, ...]
    sha256: str
    raw: Mapping[str, Any]
    ungated: frozenset[Category]
    """Categories for which the programme has no gate."""
    transition: Transition
    category_names: Mapping[Category, str]
    """The programme's own names for its categories, where it has them."""
    layer_over: frozenset[str]
    """The programmes that this set of rules can be laid over; empty for a programme's own policy."""
    layers: tuple[str, ...] = ()
    """What has been laid over, each as `id@version sha256`."""
    laid_over: frozenset[str] = frozenset()
    """The ids of the requirements that came with layers."""

    @cached_property
    def starts_at(self) -> Instant:
        """The first instant in force."""
        return self.zone.start_of(self.in_force_from)

    @cached_property
    def ends_at(self) -> Instant | None:
        """The exclusive end of the time in force; None while no successor is known."""
        return None if self.in_force_until is None else self.zone.end_of(self.in_force_until)

    @cached_property
    def scope(self) -> Scope:
        """Whose facts count under this policy."""
        return Scope(self.id, self.products)

    def is_gated(self, category: Category | None) -> bool:
        """Whether the programme has a gate for a patient; of an unknown category, what the strictest has."""
        return self._taken(category) not in self.ungated

    def covers(self, prescribed_at: Instant) -> bool:
        """Whether a prescription issued at that moment is finished under this version, even after its last day."""
        if self.transition is not Transition.BY_PRESCRIPTION:
            return False
        return self.starts_at <= prescribed_at and (self.ends_at is None or prescribed_at < self.ends_at)

    def finishes(self, prescription: Prescription | None) -> bool:
        """Whether this prescription is finished under this version."""
        return prescription is not None and self.covers(prescription.at)

    @cached_property
    def stops_on_pregnancy(self) -> bool:
        """Whether a pregnancy ends supply: always, unless the programme itself says that it only refers or advises."""
        weights = {r.if_unmet for r in self.requirements if isinstance(r, NotHeld)}
        return not weights or Weight.REFUSE in weights

    def name_of(self, category: Category) -> str:
        """What the programme calls a category."""
        return self.category_names.get(category, category.value.replace("_", " "))

    def _taken(self, category: Category | None) -> Category:
        return category if category in self.categories else self.strictest

    @cached_property
    def _asked(self) -> dict[tuple[Step, Category | None, bool], tuple[tuple[Requirement, ...], ...]]:
        return {}

    def asked(
        self,
        step: Step,
        category: Category | None,
        is_first: bool,  # noqa: FBT001 - a lookup key of three parts
    ) -> tuple[tuple[Requirement, ...], ...]:
        """The requirements asked in a situation, in the file's order: those that decide, those that advise.

        A category that is unknown, or that the policy does not know, is taken as the strictest.
        """
        key = step, category, is_first
        found = self._asked.get(key)
        if found is None:
            taken = self._taken(category)
            applying = [r for r in self.requirements if r.when.applies(step, taken, is_first=is_first)]
            deciding = tuple(r for r in applying if r.if_unmet is not Weight.ADVISE)
            found = deciding, tuple(r for r in applying if r.if_unmet is Weight.ADVISE)
            self._asked[key] = found
        return found

    def selected(
        self,
        step: Step,
        category: Category | None,
        is_first: bool,  # noqa: FBT001 - a lookup key of three parts
    ) -> tuple[Requirement, ...]:
        """All requirements asked in a situation, whatever their weight."""
        deciding, advising = self.asked(step, category, is_first)
        return deciding + advising

    def under(self, layer: Policy) -> Policy:
        """This policy with a layer over it: more requirements, none taken away, so the gate can only close.

        Raises DomainError where the layer is not made for this programme or names a requirement twice.
        """
        if self.id not in layer.layer_over:
            raise DomainError("LAYER_MISPLACED", "not made for this programme", field=self.id, value=layer.id)
        twice = {r.id for r in self.requirements} & {r.id for r in layer.requirements}
        if twice:
            raise DomainError("ID_TWICE", "each requirement needs its own id", field=layer.id, value=min(twice))
        return replace(
            self, requirements=self.requirements + layer.requirements,
            layers=(*self.layers, f"{layer.id}@{layer.version} {layer.sha256}"),
            laid_over=self.laid_over | {r.id for r in layer.requirements},
        )  # fmt: skip
