"""The people of a simulated year and what is taken as given about them: fiction, and told in the calendar's notes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import TypeVar

from compliance.domain.facts import (
    Category,
    Channel,
    Cycle,
    CycleRegularity,
    Enrolment,
    Fact,
    Handover,
    Prescription,
    Step,
    days_of_treatment,
)
from compliance.domain.policy import Policy
from compliance.domain.requirements.forms import HandedOver
from compliance.domain.requirements.monitoring import Regimen
from compliance.domain.requirements.people import Enrolled, PrescriptionForm
from compliance.domain.requirements.supply import DaysSupply
from compliance.domain.span import Instant, months_after

W = TypeVar("W", bound=Enum)

PRESCRIBER, PHARMACY, PHARMACIST, PATIENT = "prescriber", "pharmacy", "pharmacist", "patient"
_MONTHS = 12
_GROWN = 30
"""Years of age of the simulated adult; a child has half the years that the policy calls adult."""
_UNCAPPED = 30
"""Days on each prescription where the policy sets no most: said in the notes, because no rule stands behind it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Patient:
    """The simulated patient; certificates of the people around last through `certified_through`."""

    category: Category
    cycles: CycleRegularity | None
    born_on: date
    certified_through: date


def first_word(words: type[W], accepted: Iterable[W]) -> W:
    """The first accepted word in the vocabulary's own order, so that the same policy gives the same calendar."""
    known = set(accepted)
    return next(word for word in words if word in known)


def birth_date(policy: Policy, category: Category, day: date) -> date:
    """A birth date that stays in the category's age group, by the policy's own age where it names one."""
    ages = [r.adult_age for r in policy.requirements if isinstance(r, Enrolled)]
    age = _GROWN if category.is_adult else min(ages, default=_GROWN // 2) // 2
    return months_after(day, -age * _MONTHS, when_absent="earlier")


def agreement(patient: Patient, at: Instant, serial: int) -> Enrolment:
    """The signed agreement that puts the patient in the category: without it the gate takes the strictest."""
    return Enrolment(
        id=f"enrolment-{serial}", at=at, recorded_at=at, actor=PRESCRIBER, category=patient.category,
        birth_date=patient.born_on, patient_signed=True, guardian_signed=not patient.category.is_adult,
        prescriber_signed=True, prescriber=PRESCRIBER,
    )  # fmt: skip


def given(patient: Patient, at: Instant) -> list[Fact]:
    """What is known on the first day, before the gate is asked anything."""
    facts: list[Fact] = [agreement(patient, at, 0)]
    if patient.cycles is not None:
        facts.append(Cycle(id="cycle-0", at=at, recorded_at=at, actor=PRESCRIBER, regularity=patient.cycles))
    return facts


def caps(policy: Policy, category: Category) -> list[int]:
    """The most days on a prescription that the policy allows this patient at any step."""
    asked = {r.id: r for s in Step for first in (True, False) for r in policy.selected(s, category, first)}
    return [r.at_most for r in asked.values() if isinstance(r, DaysSupply)]


def days_supplied(policy: Policy, category: Category) -> int:
    """How many days each simulated prescription is for: as many as the policy allows."""
    return min(caps(policy, category), default=_UNCAPPED)


def handover(policy: Policy) -> Handover:
    """How product leaves the pharmacy: in person wherever the policy accepts that."""
    accepted = [r.accepted for r in policy.requirements if isinstance(r, HandedOver)]
    return first_word(Handover, frozenset(Handover).intersection(*accepted) or frozenset(Handover))


def prescription(policy: Policy, patient: Patient, number: int, at: Instant) -> Prescription:
    """The prescription for one supply: one unit a day in the usual cycle, no refills, by the first accepted channel."""
    forms = [r for r in policy.requirements if isinstance(r, PrescriptionForm)]
    channels = forms[0].channels.channels if forms else frozenset(Channel)
    days = days_supplied(policy, patient.category)
    usual = [(r.days_on, r.cycle_days) for r in policy.requirements if isinstance(r, Regimen)]
    days_on, cycle_days = usual[0] if usual else (days, days)
    quantity = days // cycle_days * days_on or min(days, days_on)
    return Prescription(
        id=f"rx-{number}", at=at, recorded_at=at, actor=PRESCRIBER, product=min(policy.products),
        category=patient.category, prescriber=PRESCRIBER, channel=first_word(Channel, channels),
        quantity=quantity, units_per_day=1, days_on=days_on, cycle_days=cycle_days, refills=0,
    )  # fmt: skip


def treated_days(rx: Prescription) -> int:
    """How many days a prescription lasts; none for a regimen that makes no sense, which the gate refuses anyway."""
    return days_of_treatment(rx.quantity, rx.units_per_day, rx.days_on, rx.cycle_days) or 0
