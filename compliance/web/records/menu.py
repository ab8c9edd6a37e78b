"""Which facts are asked for, by risk category: nobody is asked about pregnancies they cannot have."""

from __future__ import annotations

from compliance.domain.facts import Category
from compliance.web.records import forms, safety_forms
from compliance.web.records.base import FactForm

FORMS: dict[str, type[FactForm]] = {
    "agreement": forms.AgreementForm,
    "evidence": forms.EvidenceForm,
    "pregnancy-test": forms.TestForm,
    "contraception": forms.ContraceptionForm,
    "cycle": forms.CycleForm,
    "counselling": forms.CounsellingForm,
    "survey": forms.SurveyForm,
    "report": forms.ReportForm,
    "treatment": forms.TreatmentForm,
    "declaration": safety_forms.DeclarationForm,
    "signed-form": safety_forms.AcknowledgementForm,
    "review": safety_forms.ReviewForm,
    "laboratory": safety_forms.LabForm,
    "reaction": safety_forms.ReactionForm,
    "considered": safety_forms.AssessmentForm,
}
"""Every form by its place in the address."""

_SHARED = (
    "counselling", "survey", "report", "treatment", "declaration", "signed-form", "review", "laboratory", "reaction",
    "considered",
)  # fmt: skip
_BY_CATEGORY = {
    Category.ADULT_FRP: ("pregnancy-test", "contraception", "cycle"),
    Category.CHILD_FRP: ("pregnancy-test", "contraception", "cycle"),
    Category.ADULT_FNRP: ("evidence",),
    Category.CHILD_FNRP: ("evidence",),
    Category.ADULT_MALE: ("contraception",),
    Category.CHILD_MALE: ("contraception",),
}


def menu(category: Category | None) -> list[tuple[str, str]]:
    """The forms for a patient of this category, with their titles; everything while the category is unknown."""
    places = ("agreement", *_BY_CATEGORY[category], *_SHARED) if category else tuple(FORMS)
    return [(place, FORMS[place].title) for place in places]
