"""The closed set of requirement kinds that a policy may use. A new kind is code, a law and an ADR."""

from __future__ import annotations

from compliance.domain.requirements.base import Flexibility, Question, Requirement, TestStandard, When
from compliance.domain.requirements.care import (
    ContraceptionInUse,
    ContraceptionOrUrgentStart,
    Counselled,
    MaterialGiven,
    PatientSurvey,
    PrescriberSurvey,
)
from compliance.domain.requirements.forms import (
    Acknowledged,
    Declared,
    HandedOver,
    IndependentReviews,
    Signed,
)
from compliance.domain.requirements.monitoring import (
    Considered,
    LabAtLeast,
    LabKnown,
    LabSchedule,
    NoRechallenge,
    Regimen,
)
from compliance.domain.requirements.numbers import (
    AuthorizationHeld,
    AuthorizationLife,
    ConfirmationLife,
    NotYetDispensed,
    SameDayShipping,
)
from compliance.domain.requirements.people import (
    CategoryOnPrescription,
    Certified,
    Enrolled,
    Evidence,
    NotHeld,
    PrescriptionForm,
)
from compliance.domain.requirements.registration import EvidenceByAge, Registered
from compliance.domain.requirements.spacing import (
    MissedFirstWindow,
    TestBeforeLeadIn,
    TestInPeriod,
    TestInterval,
    TestsApart,
)
from compliance.domain.requirements.supply import DaysSupply, Refills, SupplyLeft
from compliance.domain.requirements.testing import (
    LatestTestNegative,
    MensesEvaluated,
    TestDaysBefore,
    TestHoursBefore,
    TestSchedule,
)

__all__ = ["KINDS", "Flexibility", "Question", "Requirement", "TestStandard", "When"]

KINDS: dict[str, type[Requirement]] = {
    cls.kind: cls
    for cls in (
        PrescriptionForm, CategoryOnPrescription, Enrolled, Evidence, Certified, NotHeld, TestDaysBefore,
        TestHoursBefore, LatestTestNegative, TestSchedule, MensesEvaluated, ContraceptionInUse, Counselled,
        MaterialGiven, PrescriberSurvey, PatientSurvey, DaysSupply, Refills, SupplyLeft, AuthorizationLife,
        ConfirmationLife, SameDayShipping, NotYetDispensed, AuthorizationHeld, Registered, EvidenceByAge, TestsApart,
        TestInPeriod, MissedFirstWindow, TestInterval, TestBeforeLeadIn, ContraceptionOrUrgentStart, Declared,
        Acknowledged, Signed, IndependentReviews, HandedOver, LabKnown, LabSchedule, LabAtLeast, NoRechallenge,
        Considered, Regimen,
    )
}  # fmt: skip
