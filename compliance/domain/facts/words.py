"""The closed words that facts are written in, so that no free text ever reaches a decision.

Long because it is the whole vocabulary, in which each word is looked up in one place.
"""

from __future__ import annotations

from enum import Enum


class Word(Enum):
    """A closed word; each is one object, so it can be hashed as one: the gate looks words up all the time."""

    __hash__ = object.__hash__


class Category(Word):
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


class Step(Word):
    """The three moments at which the gate decides; each decides afresh."""

    AUTHORIZE = "authorize"
    CONFIRM = "confirm"
    DISPENSE = "dispense"


class Precision(Word):
    """How exactly a time is known; a day is stored as its first instant, the conservative end for expiry."""

    INSTANT = "instant"
    DAY = "day"


class TestResult(Word):
    """The result of a pregnancy test; only an explicit valid negative is negative."""

    NEGATIVE = "negative"
    POSITIVE = "positive"
    INDETERMINATE = "indeterminate"
    INVALID = "invalid"


class TestKind(Word):
    """The specimen of a pregnancy test."""

    SERUM = "serum"
    URINE = "urine"


class TestPlace(Word):
    """Where a pregnancy test was done."""

    LABORATORY = "laboratory"
    CLINIC = "clinic"
    HOME = "home"


class Reporter(Word):
    """Who vouches for what was reported."""

    PRESCRIBER = "prescriber"
    LABORATORY = "laboratory"
    PHARMACIST = "pharmacist"
    PATIENT = "patient"


class CategoryBasis(Word):
    """The evidence for having no reproductive potential."""

    HYSTERECTOMY = "hysterectomy"
    BILATERAL_OOPHORECTOMY = "bilateral_oophorectomy"
    NATURAL_MENOPAUSE = "natural_menopause"
    NO_MENARCHE = "no_menarche"
    CHEMOTHERAPY_AMENORRHOEA = "chemotherapy_amenorrhoea"
    TUBAL_LIGATION = "tubal_ligation"
    INFERTILITY = "infertility"
    OVARIAN_FAILURE = "ovarian_failure"
    HORMONAL_MENOPAUSE = "hormonal_menopause"
    CONGENITAL = "congenital"
    OTHER = "other"


class CycleRegularity(Word):
    """How regular the menstrual cycle is; whatever is not known regular or absent counts as irregular."""

    REGULAR = "regular"
    IRREGULAR = "irregular"
    NONE = "none"


class Method(Word):
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
    VAGINAL_SPONGE = "vaginal_sponge"
    DESOGESTREL_PILL = "desogestrel_pill"
    SPERMICIDE = "spermicide"
    FERTILITY_AWARENESS = "fertility_awareness"
    WITHDRAWAL = "withdrawal"
    BREASTFEEDING = "breastfeeding"


class Topic(Word):
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
    CONDOM_USE = "condom_use"
    NO_ALCOHOL = "no_alcohol"
    NO_BREASTFEEDING = "no_breastfeeding"
    ANNUAL_REVIEW = "annual_review"
    DO_NOT_STOP_ALONE = "do_not_stop_alone"
    MENTAL_HEALTH = "mental_health"
    RETURN_UNUSED = "return_unused"
    LEFTOVER_COUNT = "leftover_count"
    SECOND_CANCERS = "second_cancers"
    SIGNS_OF_INFECTION = "signs_of_infection"


class Counsellor(Word):
    """Who counselled."""

    PRESCRIBER = "prescriber"
    PHARMACIST = "pharmacist"


class Item(Word):
    """Written material that goes with a dispense."""

    MEDICATION_GUIDE = "medication_guide"
    COUNSELLING_CHECKLIST = "counselling_checklist"
    RISK_BROCHURE = "risk_brochure"
    PATIENT_CARD = "patient_card"
    PATIENT_BOOKLET = "patient_booklet"
    PACKAGE_LEAFLET = "package_leaflet"
    ORIGINAL_PACK = "original_pack"
    AUTHORISATION_FORM = "authorisation_form"
    LEFTOVER_DECLARATION = "leftover_declaration"


class Whose(Word):
    """Whose survey it is: a prescriber's answers never stand for the patient's."""

    PRESCRIBER = "prescriber"
    PATIENT = "patient"


class Channel(Word):
    """How a prescription reached the pharmacy."""

    WRITTEN = "written"
    ELECTRONIC = "electronic"
    FAX = "fax"
    TELEPHONE = "telephone"


class Handover(Word):
    """How the product leaves the pharmacy."""

    IN_PERSON = "in_person"
    SHIPPED = "shipped"


class TreatmentStatus(Word):
    """A change in whether the medicine is being taken."""

    INTERRUPTED = "interrupted"
    RESUMED = "resumed"
    STOPPED = "stopped"


class ReportKind(Word):
    """What was reported about menses or pregnancy."""

    MISSED_MENSES = "missed_menses"
    ABNORMAL_BLEEDING = "abnormal_bleeding"
    FIRST_MENSES = "first_menses"
    MENSES_RESUMED = "menses_resumed"
    PERIOD_STARTED = "period_started"
    PREGNANCY = "pregnancy"
    PARTNER_PREGNANCY = "partner_pregnancy"


class ReviewOutcome(Word):
    """What one reviewer of a hold concluded."""

    LIFT = "lift"
    KEEP = "keep"


class CertifiedRole(Word):
    """Who or what a certification is for."""

    PRESCRIBER = "prescriber"
    PHARMACY = "pharmacy"
    PHARMACIST = "pharmacist"


class Statement(Word):
    """What a prescriber declares for one prescription, on its form."""

    SAFETY_MEASURES_FOLLOWED = "safety_measures_followed"
    MATERIALS_HANDED_OVER = "materials_handed_over"
    EXPERT_KNOWLEDGE = "expert_knowledge"
    IN_LABEL = "in_label"
    OFF_LABEL = "off_label"
    COUNSELLED = "counselled"
    CONTRACEPTION_CONFIRMED = "contraception_confirmed"
    NEGATIVE_TEST_CONFIRMED = "negative_test_confirmed"
    MONITORING_CONFIRMED = "monitoring_confirmed"
    MENTAL_HEALTH_ASSESSED = "mental_health_assessed"
    NO_ALTERNATIVE = "no_alternative"


class Form(Word):
    """A form that patient and prescriber sign together, beyond the agreement of the enrolment."""

    RISK_AWARENESS = "risk_awareness"
    ANNUAL_RISK_ACKNOWLEDGEMENT = "annual_risk_acknowledgement"
    CARE_AGREEMENT = "care_agreement"
    TRAINING = "training"


class Panel(Word):
    """A laboratory examination that a safety rule looks at."""

    BLOOD_COUNT = "blood_count"
    HEPATITIS_B = "hepatitis_b"
    LIVER = "liver"
    THYROID = "thyroid"
    CREATININE_CLEARANCE = "creatinine_clearance"


class Reaction(Word):
    """A reaction to a medicine after which it may be dangerous to give it again."""

    STEVENS_JOHNSON = "stevens_johnson"
    TOXIC_EPIDERMAL_NECROLYSIS = "toxic_epidermal_necrolysis"
    DRESS = "dress"
    ANGIOEDEMA = "angioedema"
    HYPERSENSITIVITY = "hypersensitivity"
    EXFOLIATIVE_RASH = "exfoliative_rash"
    MACULOPAPULAR_RASH = "maculopapular_rash"
    RASH = "rash"
    NEUTROPENIA = "neutropenia"
    THROMBOCYTOPENIA = "thrombocytopenia"


class Concern(Word):
    """What a prescriber has considered and put on record, whatever the conclusion."""

    REACTION_HISTORY = "reaction_history"
    THROMBOSIS_PROPHYLAXIS = "thrombosis_prophylaxis"
    HEPATITIS_B_SPECIALIST = "hepatitis_b_specialist"
    TUMOUR_LYSIS = "tumour_lysis"
    SECOND_CANCERS = "second_cancers"
    BREASTFEEDING = "breastfeeding"
    RENAL_DOSE = "renal_dose"
    OLDER_PATIENT = "older_patient"
    THYROID_DISEASE = "thyroid_disease"
    LIVER_RISK = "liver_risk"
    COMBINATION_REGIMEN = "combination_regimen"
    PREGNANCY_TESTING = "pregnancy_testing"
    CONTRACEPTION = "contraception"
