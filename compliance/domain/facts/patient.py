"""What is known of the patient, from agreement and risk to tests, counselling, surveys and holds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from compliance.domain.facts.base import Fact
from compliance.domain.facts.words import (
    Category,
    CategoryBasis,
    Concern,
    Counsellor,
    CycleRegularity,
    Form,
    Item,
    Method,
    Panel,
    Reaction,
    Reporter,
    ReportKind,
    ReviewOutcome,
    Statement,
    TestKind,
    TestPlace,
    TestResult,
    Topic,
    Whose,
)
from compliance.domain.span import Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolment(Fact):
    """The signed patient-physician agreement of one programme for one risk category."""

    kind: ClassVar[str] = "enrolment"
    category: Category
    birth_date: date
    patient_signed: bool
    guardian_signed: bool
    prescriber_signed: bool
    prescriber: str
    programme: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskEvidence(Fact):
    """Why a patient is held to have no reproductive potential."""

    kind: ClassVar[str] = "risk_evidence"
    basis: CategoryBasis
    last_menses_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cycle(Fact):
    """How regular the menstrual cycle is."""

    kind: ClassVar[str] = "cycle"
    regularity: CycleRegularity


@dataclass(frozen=True, slots=True, kw_only=True)
class PregnancyTest(Fact):
    """A pregnancy test.

    `at` is when the *specimen was collected*; sensitivity in mIU/mL (None: not stated).
    """

    kind: ClassVar[str] = "pregnancy_test"
    result: TestResult
    resulted_at: Instant
    sensitivity_miu_ml: int | None
    test_kind: TestKind
    place: TestPlace
    reporter: Reporter
    specimen: str


@dataclass(frozen=True, slots=True)
class MethodInUse:
    """One method and the civil date since when it has been in effect."""

    method: Method
    since: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Contraception(Fact):
    """A statement of all methods in use, each with its start, or of abstinence.

    It replaces the statement before.
    """

    kind: ClassVar[str] = "contraception"
    methods: tuple[MethodInUse, ...]
    abstinent_since: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Counselling(Fact):
    """A counselling conversation: who held it, about what, for which prescription ("" if not for one)."""

    kind: ClassVar[str] = "counselling"
    by: Counsellor
    topics: frozenset[Topic]
    prescription: str = ""
    programme: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Material(Fact):
    """A piece of written material given with, or completed for, a prescription."""

    kind: ClassVar[str] = "material"
    item: Item
    prescription: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey(Fact):
    """A completed survey; a prescriber's belongs to one prescription."""

    kind: ClassVar[str] = "survey"
    whose: Whose
    prescription: str = ""
    programme: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report(Fact):
    """Missed menses, abnormal bleeding, first or returning menses, or a pregnancy."""

    kind: ClassVar[str] = "report"
    what: ReportKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold(Fact):
    """A hold placed on the patient by a person, or by the system because of another fact (`cause`)."""

    kind: ClassVar[str] = "hold"
    cause: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldReview(Fact):
    """One clinician's conclusion about what holds the patient.

    `of` names the test, report or hold reviewed.
    """

    kind: ClassVar[str] = "hold_review"
    of: str
    outcome: ReviewOutcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Retraction(Fact):
    """A fact entered in error, with nothing to put in its place (`corrects` names it)."""

    kind: ClassVar[str] = "retraction"


@dataclass(frozen=True, slots=True, kw_only=True)
class Declaration(Fact):
    """What the prescriber declared on the form of one prescription."""

    kind: ClassVar[str] = "declaration"
    prescription: str
    statements: frozenset[Statement]


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledgement(Fact):
    """A form that patient (or who is responsible) and prescriber have signed, and may have to sign anew."""

    kind: ClassVar[str] = "acknowledgement"
    form: Form
    patient_signed: bool
    prescriber_signed: bool
    programme: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class IndependentReview(Fact):
    """One prescriber's or specialist's own view of whether this patient should have this medicine."""

    kind: ClassVar[str] = "independent_review"
    reviewer: str
    supports: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LabResult(Fact):
    """A laboratory result. `at` is when the specimen was taken.

    `value` is a whole number in the panel's own unit (creatinine clearance: ml/min; None: known, not a number).
    """

    kind: ClassVar[str] = "lab_result"
    panel: Panel
    value: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AdverseReaction(Fact):
    """A reaction to a medicine; `grade` is 1 to 5 (None: not graded)."""

    kind: ClassVar[str] = "adverse_reaction"
    reaction: Reaction
    product: str
    grade: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment(Fact):
    """A concern that the prescriber has considered."""

    kind: ClassVar[str] = "assessment"
    concern: Concern


@dataclass(frozen=True, slots=True, kw_only=True)
class Referral(Fact):
    """A task that the gate raised while supply goes on: which requirement somebody must see to."""

    kind: ClassVar[str] = "referral"
    prescription: str
    requirement: str
