"""The closed words that facts are written in, so that no free text ever reaches a decision."""

from __future__ import annotations

from enum import Enum


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
    """Methods of contraception, accepted or not: which ones count, and how much, is the policy's to say."""

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
