"""The closed vocabulary of facts, immutable and dated twice: whatever the gate knows, it knows from these.

Every fact has `at` (when it was true) and `recorded_at` (when it was learned). A correction is a new fact
that names the one it replaces in `corrects`; nothing is ever changed or deleted. Fields have no clinical
defaults.
"""

from __future__ import annotations

from compliance.domain.facts.base import (
    Fact,
)
from compliance.domain.facts.patient import (
    Contraception,
    Counselling,
    Cycle,
    Enrolment,
    Hold,
    HoldReview,
    Material,
    MethodInUse,
    PregnancyTest,
    Report,
    Retraction,
    RiskEvidence,
    Survey,
)
from compliance.domain.facts.supply import (
    Authorization,
    AuthorizationVoid,
    Certification,
    Confirmation,
    ConfirmationVoid,
    Dispense,
    Prescription,
    ReturnToStock,
    Reversal,
    Revocation,
    TreatmentChange,
    days_of_treatment,
)
from compliance.domain.facts.words import (
    Category,
    CategoryBasis,
    CertifiedRole,
    Channel,
    Counsellor,
    CycleRegularity,
    Handover,
    Item,
    Method,
    Precision,
    Reporter,
    ReportKind,
    ReviewOutcome,
    Step,
    TestKind,
    TestPlace,
    TestResult,
    Topic,
    TreatmentStatus,
    Whose,
)

__all__ = [
    "FACTS",
    "Authorization",
    "AuthorizationVoid",
    "Category",
    "CategoryBasis",
    "Certification",
    "CertifiedRole",
    "Channel",
    "Confirmation",
    "ConfirmationVoid",
    "Contraception",
    "Counselling",
    "Counsellor",
    "Cycle",
    "CycleRegularity",
    "Dispense",
    "Enrolment",
    "Fact",
    "Handover",
    "Hold",
    "HoldReview",
    "Item",
    "Material",
    "Method",
    "MethodInUse",
    "Precision",
    "PregnancyTest",
    "Prescription",
    "Report",
    "ReportKind",
    "Reporter",
    "Retraction",
    "ReturnToStock",
    "Reversal",
    "ReviewOutcome",
    "Revocation",
    "RiskEvidence",
    "Step",
    "Survey",
    "TestKind",
    "TestPlace",
    "TestResult",
    "Topic",
    "TreatmentChange",
    "TreatmentStatus",
    "Whose",
    "days_of_treatment",
]

FACTS: dict[str, type[Fact]] = {
    cls.kind: cls
    for cls in (
        Enrolment, RiskEvidence, Cycle, PregnancyTest, Contraception, Counselling, Material, Survey,
        Prescription, Authorization, AuthorizationVoid, Confirmation, ConfirmationVoid, Dispense, Reversal,
        ReturnToStock, TreatmentChange, Report, Hold, HoldReview, Retraction, Certification, Revocation,
    )
}  # fmt: skip
"""Every kind of fact by its wire name; closed."""
