"""What happens on the way to a supply, from prescription to product returned, and who may take part in it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from compliance.domain.facts.base import Fact
from compliance.domain.facts.words import Category, CertifiedRole, Channel, Handover, TreatmentStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Prescription(Fact):
    """A prescription.

    `at` is when it was issued, `id` names it; the regimen turns capsules into days of treatment.
    """

    kind: ClassVar[str] = "prescription"
    product: str
    category: Category
    prescriber: str
    channel: Channel
    quantity: int
    units_per_day: int
    days_on: int
    cycle_days: int
    refills: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Authorization(Fact):
    """Leave to prescribe: one per prescription. `at` is when it was issued, `number` is its public number."""

    kind: ClassVar[str] = "authorization"
    number: str
    prescription: str
    category: Category


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizationVoid(Fact):
    """The end of an authorization before its time."""

    kind: ClassVar[str] = "authorization_void"
    authorization: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmation(Fact):
    """A pharmacy's leave to dispense now."""

    kind: ClassVar[str] = "confirmation"
    number: str
    authorization: str
    prescription: str
    pharmacy: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmationVoid(Fact):
    """The end of a confirmation before its time."""

    kind: ClassVar[str] = "confirmation_void"
    confirmation: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispense(Fact):
    """Product handed over or shipped; `days_supply` is in days of treatment, not capsules."""

    kind: ClassVar[str] = "dispense"
    prescription: str
    confirmation: str
    pharmacy: str
    handover: Handover
    days_supply: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Reversal(Fact):
    """A dispense undone because the product never reached the patient."""

    kind: ClassVar[str] = "reversal"
    dispense: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnToStock(Fact):
    """Product back.

    Unused product of a dispense, or product set aside under a confirmation that was not used.
    """

    kind: ClassVar[str] = "return_to_stock"
    of: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TreatmentChange(Fact):
    """Treatment interrupted, resumed or stopped."""

    kind: ClassVar[str] = "treatment_change"
    status: TreatmentStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Certification(Fact):
    """A prescriber, pharmacy or pharmacist certified for the programme through the end of `expires_on`."""

    kind: ClassVar[str] = "certification"
    subject: str
    role: CertifiedRole
    expires_on: date
    programme: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Revocation(Fact):
    """A certification withdrawn."""

    kind: ClassVar[str] = "revocation"
    subject: str
    role: CertifiedRole
    programme: str = ""


def days_of_treatment(quantity: int, units_per_day: int, days_on: int, cycle_days: int) -> int | None:
    """How many days of treatment a quantity lasts: 21 capsules of a 21-of-28-days regimen last 28, not 21.

    A last, incomplete cycle counts the days on which a dose is taken. None when the regimen makes no sense.
    """
    if min(quantity, units_per_day, days_on) < 1 or cycle_days < days_on:
        return None
    doses = -(-quantity // units_per_day)
    cycles, rest = divmod(doses, days_on)
    return cycles * cycle_days + rest
