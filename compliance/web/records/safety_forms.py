"""One form for each further kind of fact that programmes ask for: forms signed, reviews, laboratory, reactions."""

from __future__ import annotations

from typing import Any, ClassVar

from compliance.domain.facts import Concern, Form, Panel, Reaction, Statement
from compliance.web.fields import Listed, Number, OneOf, SomeOf, Tick
from compliance.web.records.base import FactForm, for_prescription, for_programme, prescriptions_of, programmes, when
from compliance.web.request import actor, programme
from compliance.web.time_fields import When
from compliance.web.words import choices


class DeclarationForm(FactForm):
    """What the prescriber ticks on the form of one prescription; nothing is ticked beforehand."""

    fact = "declaration"
    title = "Declaration on a prescription"
    names: ClassVar[dict[str, str]] = {"at": "declared_at"}

    statements = SomeOf("What do you declare?", choices(Statement), missing="Tick what you declare")
    prescription = OneOf("For which prescription?", missing="Choose the prescription")
    declared_at = When("When did you declare it?", missing="Choose when you declared it")

    def offer(self) -> None:
        """Offer the open prescriptions; a declaration for none in particular is refused where facts are read."""
        self.prescription.offer(prescriptions_of(self.view))

    def said(self) -> dict[str, Any]:
        """The declaration."""
        chosen = for_prescription(self.prescription.data)
        return {"statements": self.statements.data, **chosen, **when(self.declared_at.moment)}


class AcknowledgementForm(FactForm):
    """A form that patient and prescriber sign together, once or every year."""

    fact = "acknowledgement"
    title = "Signed form"
    intro = ("The form is signed on paper first. Record here what was signed.",)
    names: ClassVar[dict[str, str]] = {"at": "signed_at", "form": "which"}

    which = OneOf("Which form?", choices(Form), missing="Choose the form")
    programme = Listed("For which programme?", missing="Choose the programme")
    patient_signed = Tick("The patient, or who is responsible for the patient, has signed")
    prescriber_signed = Tick("The prescriber has signed")
    signed_at = When("When was it signed?", missing="Choose when it was signed")

    def offer(self) -> None:
        """Offer the programmes: a form is signed for one."""
        self.programme.offer(programmes())

    def said(self) -> dict[str, Any]:
        """What was signed, and by whom."""
        return {
            "form": self.which.data, **for_programme(self.programme.data), "patient_signed": self.patient_signed.data,
            "prescriber_signed": self.prescriber_signed.data, **when(self.signed_at.moment),
        }  # fmt: skip


class ReviewForm(FactForm):
    """The view that the signed-in prescriber or specialist has of the treatment; nobody records one for another."""

    fact = "independent_review"
    title = "Independent review"
    intro = ("The view is your own. Each reviewer counts once, with the newest view.",)
    names: ClassVar[dict[str, str]] = {"at": "reviewed_at", "supports": "conclusion"}

    conclusion = OneOf(
        "The reviewer", [("yes", "supports the treatment"), ("no", "does not support the treatment")],
        missing="Choose what the reviewer concluded",
    )  # fmt: skip
    reviewed_at = When("When?", missing="Choose when it was reviewed")

    def said(self) -> dict[str, Any]:
        """The reviewer's view."""
        supports = self.conclusion.data == "yes"
        return {"reviewer": actor().id, "supports": supports, **when(self.reviewed_at.moment)}


class LabForm(FactForm):
    """A laboratory result. What counts is when the specimen was taken."""

    fact = "lab_result"
    title = "Laboratory result"
    names: ClassVar[dict[str, str]] = {"at": "taken_at", "value": "number"}

    panel = OneOf("Which examination?", choices(Panel), missing="Choose the examination")
    number = Number("Value", missing="", description="Needed for creatinine clearance only.")
    taken_at = When("When was the specimen taken?", missing="Choose when the specimen was taken")

    def said(self) -> dict[str, Any]:
        """The result, with its number if it has one."""
        value = {"value": self.number.number} if self.number.data else {}
        return {"panel": self.panel.data, **value, **when(self.taken_at.moment)}


class ReactionForm(FactForm):
    """A reaction after which a medicine may be dangerous to give again."""

    fact = "adverse_reaction"
    title = "Reaction to a medicine"
    intro = ("After some reactions a medicine is never given again: the gate then refuses for good.",)
    names: ClassVar[dict[str, str]] = {"at": "happened_at"}

    reaction = OneOf("Which reaction?", choices(Reaction), missing="Choose the reaction")
    product = Listed("To which medicine?", missing="Choose the medicine")
    grade = OneOf(
        "How severe?", [("1", "Grade 1"), ("2", "Grade 2"), ("3", "Grade 3"), ("4", "Grade 4"), ("none", "Not graded")],
        missing="Choose how severe it was",
    )  # fmt: skip
    happened_at = When("When?", missing="Choose when it happened")

    def offer(self) -> None:
        """Offer the medicines of all programmes: one that is misspelt would bar nothing."""
        known = sorted({name for policy in programme().policies.all() for name in policy.products})
        self.product.offer([(name, name) for name in known])

    def said(self) -> dict[str, Any]:
        """The reaction."""
        grade = {} if self.grade.data == "none" else {"grade": int(self.grade.data)}
        return {"reaction": self.reaction.data, "product": self.product.data, **grade, **when(self.happened_at.moment)}


class AssessmentForm(FactForm):
    """That the prescriber has considered something, whatever the conclusion."""

    fact = "assessment"
    title = "Considered and on record"
    names: ClassVar[dict[str, str]] = {"at": "considered_at"}

    concern = OneOf("What did you consider?", choices(Concern), missing="Choose what you considered")
    considered_at = When("When?", missing="Choose when you considered it")

    def said(self) -> dict[str, Any]:
        """The concern."""
        return {"concern": self.concern.data, **when(self.considered_at.moment)}
