"""What people read for the closed vocabularies of the domain; each word has one label, used on every page."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum

from compliance.domain import facts
from compliance.domain.decision import Mender

LABELS: dict[type[Enum], dict[str, str]] = {
    facts.Category: {
        "adult_frp": "Adult female of reproductive potential",
        "adult_fnrp": "Adult female not of reproductive potential",
        "adult_male": "Adult male",
        "child_frp": "Female child of reproductive potential",
        "child_fnrp": "Female child not of reproductive potential",
        "child_male": "Male child",
    },
    facts.Step: {"authorize": "Authorize", "confirm": "Confirm", "dispense": "Dispense"},
    facts.TestResult: {
        "negative": "Negative",
        "positive": "Positive",
        "indeterminate": "Indeterminate",
        "invalid": "Invalid (the test did not work)",
    },
    facts.TestKind: {"serum": "Serum (blood)", "urine": "Urine"},
    facts.TestPlace: {"laboratory": "Laboratory", "clinic": "Clinic", "home": "Home"},
    facts.Reporter: {
        "prescriber": "The prescriber",
        "laboratory": "The laboratory",
        "pharmacist": "The pharmacist",
        "patient": "The patient alone",
    },
    facts.CategoryBasis: {
        "hysterectomy": "Hysterectomy",
        "bilateral_oophorectomy": "Both ovaries removed",
        "natural_menopause": "Natural menopause",
        "no_menarche": "Menses have not begun",
        "chemotherapy_amenorrhoea": "No menses after chemotherapy",
        "tubal_ligation": "Tubal ligation",
        "infertility": "Infertility",
        "other": "Something else",
    },
    facts.CycleRegularity: {"regular": "Regular", "irregular": "Irregular", "none": "No menses at all"},
    facts.Method: {
        "iud_copper": "Copper IUD",
        "iud_levonorgestrel": "Levonorgestrel IUD",
        "iud_progesterone": "Progesterone IUD",
        "hormonal_implant": "Hormonal implant",
        "hormonal_injection": "Hormonal injection",
        "combined_pill": "Combined pill",
        "progestogen_only_pill": "Progestogen-only pill",
        "hormonal_patch": "Hormonal patch",
        "vaginal_ring": "Vaginal ring",
        "tubal_ligation": "Tubal ligation",
        "partner_vasectomy": "Partner's vasectomy",
        "own_vasectomy": "Own vasectomy",
        "male_condom": "Male condom",
        "female_condom": "Female condom",
        "diaphragm": "Diaphragm",
        "cervical_cap": "Cervical cap",
        "cervical_shield": "Cervical shield",
        "spermicide": "Spermicide",
        "fertility_awareness": "Fertility awareness",
        "withdrawal": "Withdrawal",
        "breastfeeding": "Breastfeeding",
    },
    facts.Topic: {
        "benefits_and_risks": "Benefits and risks",
        "boxed_warning": "The boxed warning",
        "survey_duty": "The duty to answer surveys",
        "contraception": "Contraception",
        "emergency_contraception": "Emergency contraception",
        "no_sharing": "Never share the medicine",
        "no_blood_donation": "No blood donation",
        "no_sperm_donation": "No sperm donation",
        "intact_capsules": "Never open or break the capsules",
        "dose_and_administration": "Dose and how to take it",
        "read_materials": "Read the written materials",
        "comply_with_programme": "Keep to the programme",
        "missed_test": "A missed pregnancy test",
        "menses_evaluation": "A missed period or abnormal bleeding",
    },
    facts.Counsellor: {"prescriber": "Prescriber", "pharmacist": "Pharmacist"},
    facts.Item: {"medication_guide": "Medication Guide", "counselling_checklist": "Counselling checklist"},
    facts.Whose: {"prescriber": "Prescriber's survey", "patient": "Patient's survey"},
    facts.Channel: {"written": "Written", "electronic": "Electronic", "fax": "Fax", "telephone": "Telephone"},
    facts.Handover: {"in_person": "Handed over in person", "shipped": "Shipped"},
    facts.TreatmentStatus: {
        "interrupted": "Interrupted, to be resumed",
        "resumed": "Resumed",
        "stopped": "Stopped for good",
    },
    facts.ReportKind: {
        "missed_menses": "A missed period",
        "abnormal_bleeding": "Abnormal bleeding",
        "first_menses": "First menses",
        "menses_resumed": "Menses came back",
        "pregnancy": "A pregnancy",
        "partner_pregnancy": "A partner's pregnancy",
    },
    facts.ReviewOutcome: {"lift": "Lift the hold", "keep": "Keep the hold"},
    facts.CertifiedRole: {"prescriber": "Prescriber", "pharmacy": "Pharmacy", "pharmacist": "Pharmacist"},
    Mender: {
        "prescriber": "The prescriber can mend this",
        "patient": "The patient can mend this",
        "pharmacy": "The pharmacy can mend this",
        "administrator": "The programme's administrator can mend this",
        "two_clinicians": "Two clinicians must resolve this together",
        "nobody": "Nobody can mend this",
    },
}

KINDS = {
    "enrolment": "Agreement",
    "risk_evidence": "Evidence for the category",
    "cycle": "Cycle",
    "pregnancy_test": "Pregnancy test",
    "contraception": "Contraception",
    "counselling": "Counselling",
    "material": "Written material",
    "survey": "Survey",
    "prescription": "Prescription",
    "authorization": "Authorization",
    "authorization_void": "Authorization voided",
    "confirmation": "Confirmation",
    "confirmation_void": "Confirmation cancelled",
    "dispense": "Dispense",
    "reversal": "Dispense reversed",
    "return_to_stock": "Returned to stock",
    "treatment_change": "Treatment",
    "report": "Report",
    "hold": "Hold",
    "hold_review": "Review of a hold",
    "retraction": "Retraction",
    "certification": "Certification",
    "revocation": "Certification revoked",
}
"""What a kind of fact is called in the history of a patient."""


def label(word: Enum) -> str:
    """The label of one word."""
    return LABELS[type(word)][word.value]


def about(name: str, problem: str) -> str:
    """What is wrong with a field, led by its name; a question needs no colon after it."""
    return f"{name} {problem}" if name.endswith("?") else f"{name}: {problem}"


def choices(kind: type[Enum], only: Iterable[Enum] = ()) -> list[tuple[str, str]]:
    """The choices of a vocabulary for a form, all or some."""
    wanted = [word.value for word in only] or [word.value for word in kind]
    return [(value, LABELS[kind][value]) for value in wanted]


STATES = {
    "issued": ("No live authorization", "grey"),
    "authorized": ("Authorized", "blue"),
    "confirmed": ("Confirmed", "purple"),
    "dispensed": ("Dispensed", "green"),
}
"""What the state of a prescription is called, and the colour of its tag (never the colour alone)."""

ROLES = {
    "prescriber": "Prescriber",
    "pharmacist": "Pharmacist",
    "auditor": "Auditor",
    "administrator": "Administrator",
}

CONFIDENCE = {
    "primary": "",
    "secondary": "Read in a secondary source, not confirmed in the regulator's text.",
    "unconfirmed": "Not confirmed in the regulator's text; the programme's owner has to rule on it.",
    "house": "A safety rule of this system.",
}
"""What to say about how sure a rule is."""

MAY_BE_PREGNANT = frozenset({facts.Category.ADULT_FRP, facts.Category.CHILD_FRP})
"""Who is asked about pregnancy; an unknown category counts as one of these."""


def asks_about_pregnancy(category: facts.Category | None) -> bool:
    """Whether pages about this patient show pregnancy questions: never to those who cannot become pregnant."""
    return category is None or category in MAY_BE_PREGNANT
