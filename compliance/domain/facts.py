"""The closed vocabulary of facts: immutable, dated twice, attributed. Whatever the gate knows, it knows from these.

Every fact has `at` (when it was true) and `recorded_at` (when it was learned). A correction is a new fact that names
the one it replaces in `corrects`; nothing is ever changed or deleted. Fields have no clinical defaults.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import ClassVar

from compliance.domain.span import Instant


class Category(Enum):
    """Risk categories of the programme; who may become pregnant decides which requirements apply."""

    ADULT_FRP = "adult_frp"
    ADULT_FNRP = "adult_fnrp"
    ADULT_MALE = "adult_male"
    CHILD_FRP = "child_frp"
    CHILD_FNRP = "child_fnrp"
    CHILD_MALE = "child_male"

    @property
    def is_adult(self) -> bool:
        """Whether this is one of the adult categories."""
        return self in _ADULT


_ADULT = frozenset({Category.ADULT_FRP, Category.ADULT_FNRP, Category.ADULT_MALE})


class Step(Enum):
    """The three moments at which the gate decides; each decides afresh."""

    AUTHORIZE = "authorize"
    CONFIRM = "confirm"
    DISPENSE = "dispense"


class Precision(Enum):
    """How exactly a time is known; a day is stored as its first instant, the conservative end for expiry."""

    INSTANT = "instant"
    DAY = "day"


class TestResult(Enum):
    """The result of a pregnancy test; only an explicit valid negative is negative."""

    NEGATIVE = "negative"
    POSITIVE = "positive"
    INDETERMINATE = "indeterminate"
    INVALID = "invalid"


class TestKind(Enum):
    """The specimen of a pregnancy test."""

    SERUM = "serum"
    URINE = "urine"


class TestPlace(Enum):
    """Where a pregnancy test was done."""

    LABORATORY = "laboratory"
    CLINIC = "clinic"
    HOME = "home"


class Reporter(Enum):
    """Who vouches for what was reported."""

    PRESCRIBER = "prescriber"
    LABORATORY = "laboratory"
    PHARMACIST = "pharmacist"
    PATIENT = "patient"


class CategoryBasis(Enum):
    """The evidence for having no reproductive potential."""

    HYSTERECTOMY = "hysterectomy"
    BILATERAL_OOPHORECTOMY = "bilateral_oophorectomy"
    NATURAL_MENOPAUSE = "natural_menopause"
    NO_MENARCHE = "no_menarche"
    CHEMOTHERAPY_AMENORRHOEA = "chemotherapy_amenorrhoea"
    TUBAL_LIGATION = "tubal_ligation"
    INFERTILITY = "infertility"
    OTHER = "other"


class CycleRegularity(Enum):
    """How regular the menstrual cycle is; whatever is not known regular or absent counts as irregular."""

    REGULAR = "regular"
    IRREGULAR = "irregular"
    NONE = "none"


class Method(Enum):
    """Methods of contraception, accepted or not: which ones count, and in which tier, is the policy's to say."""

    IUD_COPPER = "iud_copper"
    IUD_LEVONORGESTREL = "iud_levonorgestrel"
    IUD_PROGESTERONE = "iud_progesterone"
    HORMONAL_IMPLANT = "hormonal_implant"
    HORMONAL_INJECTION = "hormonal_injection"
    COMBINED_PILL = "combined_pill"
    PROGESTOGEN_ONLY_PILL = "progestogen_only_pill"
    HORMONAL_PATCH = "hormonal_patch"
    VAGINAL_RING = "vaginal_ring"
    TUBAL_LIGATION = "tubal_ligation"
    PARTNER_VASECTOMY = "partner_vasectomy"
    OWN_VASECTOMY = "own_vasectomy"
    MALE_CONDOM = "male_condom"
    FEMALE_CONDOM = "female_condom"
    DIAPHRAGM = "diaphragm"
    CERVICAL_CAP = "cervical_cap"
    CERVICAL_SHIELD = "cervical_shield"
    SPERMICIDE = "spermicide"
    FERTILITY_AWARENESS = "fertility_awareness"
    WITHDRAWAL = "withdrawal"
    BREASTFEEDING = "breastfeeding"


class Topic(Enum):
    """What a counselling conversation covered."""

    BENEFITS_AND_RISKS = "benefits_and_risks"
    BOXED_WARNING = "boxed_warning"
    SURVEY_DUTY = "survey_duty"
    CONTRACEPTION = "contraception"
    EMERGENCY_CONTRACEPTION = "emergency_contraception"
    NO_SHARING = "no_sharing"
    NO_BLOOD_DONATION = "no_blood_donation"
    NO_SPERM_DONATION = "no_sperm_donation"
    INTACT_CAPSULES = "intact_capsules"
    DOSE_AND_ADMINISTRATION = "dose_and_administration"
    READ_MATERIALS = "read_materials"
    COMPLY_WITH_PROGRAMME = "comply_with_programme"
    MISSED_TEST = "missed_test"
    MENSES_EVALUATION = "menses_evaluation"


class Counsellor(Enum):
    """Who counselled."""

    PRESCRIBER = "prescriber"
    PHARMACIST = "pharmacist"


class Item(Enum):
    """Written material that goes with a dispense."""

    MEDICATION_GUIDE = "medication_guide"
    COUNSELLING_CHECKLIST = "counselling_checklist"


class Whose(Enum):
    """Whose survey it is: a prescriber's answers never stand for the patient's."""

    PRESCRIBER = "prescriber"
    PATIENT = "patient"


class Channel(Enum):
    """How a prescription reached the pharmacy."""

    WRITTEN = "written"
    ELECTRONIC = "electronic"
    FAX = "fax"
    TELEPHONE = "telephone"


class Handover(Enum):
    """How the product leaves the pharmacy."""

    IN_PERSON = "in_person"
    SHIPPED = "shipped"


class TreatmentStatus(Enum):
    """A change in whether the medicine is being taken."""

    INTERRUPTED = "interrupted"
    RESUMED = "resumed"
    STOPPED = "stopped"


class ReportKind(Enum):
    """What was reported about menses or pregnancy."""

    MISSED_MENSES = "missed_menses"
    ABNORMAL_BLEEDING = "abnormal_bleeding"
    FIRST_MENSES = "first_menses"
    MENSES_RESUMED = "menses_resumed"
    PREGNANCY = "pregnancy"
    PARTNER_PREGNANCY = "partner_pregnancy"


class ReviewOutcome(Enum):
    """What one reviewer of a hold concluded."""

    LIFT = "lift"
    KEEP = "keep"


class CertifiedRole(Enum):
    """Who or what a certification is for."""

    PRESCRIBER = "prescriber"
    PHARMACY = "pharmacy"
    PHARMACIST = "pharmacist"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """What all facts share: an id, the two times, who said so, and what it corrects."""

    kind: ClassVar[str] = ""

    id: str
    at: Instant
    recorded_at: Instant
    actor: str
    precision: Precision = Precision.INSTANT
    corrects: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolment(Fact):
    """The signed patient-physician agreement for one risk category."""

    kind: ClassVar[str] = "enrolment"
    category: Category
    birth_date: date
    patient_signed: bool
    guardian_signed: bool
    prescriber_signed: bool
    prescriber: str


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
    """A pregnancy test. `at` is when the *specimen was collected*; sensitivity in mIU/mL (None: not stated)."""

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
    """A statement of all methods in use, each with its start, or of abstinence; it replaces the statement before."""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Prescription(Fact):
    """A prescription. `at` is when it was issued, `id` names it; the regimen turns capsules into days of treatment."""

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
    """Product back: unused product of a dispense, or product set aside under a confirmation that was not used."""

    kind: ClassVar[str] = "return_to_stock"
    of: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TreatmentChange(Fact):
    """Treatment interrupted, resumed or stopped."""

    kind: ClassVar[str] = "treatment_change"
    status: TreatmentStatus


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
    """One clinician's conclusion about what holds the patient; `of` names the test, report or hold reviewed."""

    kind: ClassVar[str] = "hold_review"
    of: str
    outcome: ReviewOutcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Retraction(Fact):
    """A fact entered in error, with nothing to put in its place (`corrects` names it)."""

    kind: ClassVar[str] = "retraction"


@dataclass(frozen=True, slots=True, kw_only=True)
class Certification(Fact):
    """A prescriber, pharmacy or pharmacist certified for the programme through the end of `expires_on`."""

    kind: ClassVar[str] = "certification"
    subject: str
    role: CertifiedRole
    expires_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Revocation(Fact):
    """A certification withdrawn."""

    kind: ClassVar[str] = "revocation"
    subject: str
    role: CertifiedRole


FACTS: dict[str, type[Fact]] = {
    cls.kind: cls
    for cls in (
        Enrolment, RiskEvidence, Cycle, PregnancyTest, Contraception, Counselling, Material, Survey, Prescription,
        Authorization, AuthorizationVoid, Confirmation, ConfirmationVoid, Dispense, Reversal, ReturnToStock,
        TreatmentChange, Report, Hold, HoldReview, Retraction, Certification, Revocation,
    )
}  # fmt: skip
"""Every kind of fact by its wire name; closed."""


def days_of_treatment(quantity: int, units_per_day: int, days_on: int, cycle_days: int) -> int | None:
    """How many days of treatment a quantity lasts: 21 capsules of a 21-of-28-days regimen are 28 days, not 21.

    A last, incomplete cycle counts the days on which a dose is taken. None when the regimen makes no sense.
    """
    if min(quantity, units_per_day, days_on) < 1 or cycle_days < days_on:
        return None
    doses = -(-quantity // units_per_day)
    cycles, rest = divmod(doses, days_on)
    return cycles * cycle_days + rest
