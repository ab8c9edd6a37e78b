"""The pharmacist's forms. No topic is ticked and no way of leaving is chosen beforehand."""

from __future__ import annotations

from typing import Any

from compliance.domain.facts import Counsellor, Handover, Item
from compliance.services.looking_up import PrescriptionView
from compliance.web.fields import LongText, OneOf, SomeOf, Text, Tick
from compliance.web.forms import Form
from compliance.web.records.base import topics_for
from compliance.web.verdict import Verdict
from compliance.web.words import choices


class ConfirmForm(Form):
    """The last look at who the patient is before the product is set aside."""

    is_same = Tick(
        "The name and the date of birth are those of the patient, checked against a document",
        missing="Check the name and the date of birth, then tick the box",
    )  # fmt: skip


class CounselForm(Form):
    """What the pharmacist talked about, and what goes with the product."""

    topics = SomeOf("Which topics did you cover?", missing="Tick the topics that you covered")
    given = SomeOf(
        "What is done?", [], missing="Tick what is done",
        hints={
            "counselling_checklist": "The checklist of the programme is filled in and signed.",
            "medication_guide": "The Medication Guide goes with the product.",
        },
    )  # fmt: skip

    def __init__(self, view: PrescriptionView) -> None:
        super().__init__()
        self.topics.offer(topics_for(view.prescription.prescription.category, Counsellor.PHARMACIST))
        self.given.offer(choices(Item))

    def facts(self, prescription: str) -> list[dict[str, Any]]:
        """The facts that the form becomes, in order."""
        about = {"prescription": prescription}
        talk = {"fact": "counselling", "by": Counsellor.PHARMACIST.value, "topics": self.topics.data, **about}
        return [talk, *({"fact": "material", "item": item, **about} for item in self.given.data)]


class DispenseForm(Form):
    """How the product leaves; only the ways that the gate allows now are offered."""

    handover = OneOf("How does it leave the pharmacy?", missing="Choose how it leaves the pharmacy")

    def __init__(self, verdict: Verdict) -> None:
        super().__init__()
        self.handover.offer(choices(Handover, verdict.handovers) if verdict.handovers else [])
        if len(verdict.handovers) < len(Handover):
            self.handover.description = "Only the ways that are allowed now are offered."


class WhyForm(Form):
    """Why something is undone."""

    reason = LongText("Why?", missing="Say why")


class LookUpForm(Form):
    """An authorization number, typed or scanned."""

    number = Text(
        "Authorization number", missing="Enter the authorization number", most=40,
        description="12 letters and figures and a check character, such as 7KQP-3MXD-9T2A-R. Dashes are optional.",
        look={"width": 20, "classes": "k-number-input", "autocomplete": "off"},
    )  # fmt: skip
