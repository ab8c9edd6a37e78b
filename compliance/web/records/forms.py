"""One form for each kind of fact a prescriber records. Nothing clinical is filled in beforehand.

Long because the forms are one table: whoever looks for a kind of fact finds it here.
"""

from __future__ import annotations

from typing import Any, ClassVar

from compliance.domain.facts import (
    Category,
    CategoryBasis,
    Counsellor,
    CycleRegularity,
    Method,
    Reporter,
    ReportKind,
    TestKind,
    TestPlace,
    TestResult,
    TreatmentStatus,
    Whose,
)  # fmt: skip
from compliance.domain.span import zone
from compliance.domain.wire import write_instant
from compliance.web.fields import Listed, Number, OneOf, SomeOf, Text, Tick
from compliance.web.records.base import (
    FactForm,
    for_prescription,
    for_programme,
    prescriptions_of,
    programmes,
    topics_for,
    when,
)
from compliance.web.request import actor, now, site_zone
from compliance.web.time_fields import Day, LocalTime, When
from compliance.web.times import age_on
from compliance.web.words import asks_about_pregnancy, choices

_ADULT = (Category.ADULT_FRP, Category.ADULT_FNRP, Category.ADULT_MALE)
_CHILD = (Category.CHILD_FRP, Category.CHILD_FNRP, Category.CHILD_MALE)
_FULL_AGE = 18
_ROWS = 4


class AgreementForm(FactForm):
    """The patient-physician agreement; the age decides which categories there are and whose signature counts."""

    fact = "enrolment"
    title = "Agreement and risk category"
    intro = ("The agreement is signed on paper first. Record here what was signed.",)
    names: ClassVar[dict[str, str]] = {"at": "signed_at"}

    programme = Listed("For which programme?", missing="Choose the programme")
    category = OneOf(
        "Risk category", missing="Choose the risk category",
        hints={
            "adult_frp": "Has begun menses and has not gone through menopause, nor lost the uterus or both ovaries.",
            "child_frp": "Menses have begun.",
            "adult_fnrp": "Needs evidence: hysterectomy, both ovaries removed, or menopause for 24 months.",
            "child_fnrp": "Needs evidence: menses have not begun, or the uterus or both ovaries were removed.",
        },
    )  # fmt: skip
    patient_signed = Tick("The patient has signed the agreement")
    guardian_signed = Tick("A parent or guardian has signed the agreement")
    prescriber_signed = Tick("I, the prescriber, have signed the agreement")
    signed_at = When("When was it signed?", missing="Choose when it was signed")

    def offer(self) -> None:
        """Offer an adult the adult categories; ask for a guardian's signature only for a child."""
        self.programme.offer(programmes())
        today = zone(site_zone()).date_of(now())
        is_adult = age_on(self.view.summary.birth_date, today) >= _FULL_AGE
        self.category.offer(choices(Category, _ADULT if is_adult else _CHILD))
        if is_adult:
            del self.guardian_signed

    def said(self) -> dict[str, Any]:
        """The agreement; the birth date is the patient's, the prescriber is whoever records it."""
        return {
            "category": self.category.data, "birth_date": self.view.summary.birth_date.isoformat(),
            "patient_signed": self.patient_signed.data, "prescriber_signed": self.prescriber_signed.data,
            "guardian_signed": "guardian_signed" in self and self.guardian_signed.data,
            "prescriber": actor().id, **for_programme(self.programme.data), **when(self.signed_at.moment),
        }  # fmt: skip


class EvidenceForm(FactForm):
    """Why a patient cannot become pregnant."""

    fact = "risk_evidence"
    title = "Evidence for the risk category"
    names: ClassVar[dict[str, str]] = {"last_menses_on": "last_menses", "at": "seen_at"}

    basis = OneOf("Evidence", choices(CategoryBasis), missing="Choose the evidence")
    last_menses = Day("Last menses", description="Needed for menopause only.")
    seen_at = When("When was this established?", missing="Choose when it was established")

    def said(self) -> dict[str, Any]:
        """The evidence, with the last menses if they were given."""
        last = {"last_menses_on": self.last_menses.day.isoformat()} if self.last_menses.data else {}
        return {"basis": self.basis.data, **last, **when(self.seen_at.moment)}


class CycleForm(FactForm):
    """How regular the cycle is: it decides how often tests are due."""

    fact = "cycle"
    title = "Menstrual cycle"
    names: ClassVar[dict[str, str]] = {"at": "said_at"}

    regularity = OneOf("The cycle is", choices(CycleRegularity), missing="Choose how regular the cycle is")
    said_at = When("When was this stated?", missing="Choose when it was stated")

    def said(self) -> dict[str, Any]:
        """The regularity."""
        return {"regularity": self.regularity.data, **when(self.said_at.moment)}


class TestForm(FactForm):
    """A pregnancy test. What counts is when the specimen was collected, not when the result came."""

    fact = "pregnancy_test"
    title = "Pregnancy test"
    intro = ("A positive result holds the patient at once and voids every live authorization and confirmation.",)
    names: ClassVar[dict[str, str]] = {
        "at": "collected_at",
        "resulted_at": "result_at",
        "sensitivity_miu_ml": "sensitivity",
    }

    result = OneOf("Result", choices(TestResult), missing="Choose the result")
    specimen = Text(
        "Specimen number", missing="Enter the specimen number", most=64, look={"width": 20},
        description="From the laboratory's report or the label. Letters, figures and _ . : - only.",
    )  # fmt: skip
    collected_at = LocalTime(
        "When was the specimen collected?", missing="Enter when the specimen was collected", only_day=True,
        description="If only the day is known, leave the time empty: the start of that day is taken.",
    )  # fmt: skip
    result_at = When("When was the result known?", missing="Choose when the result was known")
    sensitivity = Number(
        "The test detects from", missing="Enter the sensitivity of the test", unit="mIU/mL",
        description="From the package or the laboratory.",
    )  # fmt: skip
    test_kind = OneOf("Specimen", choices(TestKind), missing="Choose the specimen")
    place = OneOf("Where was it done?", choices(TestPlace), missing="Choose where it was done")
    reporter = OneOf("Who vouches for the result?", choices(Reporter), missing="Choose who vouches for the result")

    def is_news(self) -> bool:
        """A positive result is taken whatever else is wrong."""
        return bool(self.result.data == TestResult.POSITIVE.value)

    def said(self) -> dict[str, Any]:
        """The test, dated by its specimen; of a positive one, as much as could be read."""
        found = {name: self[name].data for name in ("result", "specimen", "test_kind", "place", "reporter")}
        found["sensitivity_miu_ml"] = self.sensitivity.number if self.sensitivity.data else None
        found["resulted_at"] = write_instant(self.result_at.moment.at) if self.result_at.data else None
        times = when(self.collected_at.moment) if self.collected_at.data else {}
        return {name: value for name, value in found.items() if value} | times


class ContraceptionForm(FactForm):
    """Everything in use, each with its start; it replaces the statement before."""

    fact = "contraception"
    title = "Contraception"
    intro = ("State everything in use now: this replaces the statement before. Leave unused lines empty.",)
    names: ClassVar[dict[str, str]] = {"at": "said_at", "methods": "method_1", "abstinent_since": "abstinent"}

    method_1 = Listed("First method", choices(Method))
    since_1 = Day("First method: in use since")
    method_2 = Listed("Second method", choices(Method))
    since_2 = Day("Second method: in use since")
    method_3 = Listed("Third method", choices(Method))
    since_3 = Day("Third method: in use since")
    method_4 = Listed("Fourth method", choices(Method))
    since_4 = Day("Fourth method: in use since")
    abstinent = Day("Abstinent since", description="Only if the patient is abstinent.")
    said_at = When("When was this stated?", missing="Choose when it was stated")

    def validate(self, extra_validators: Any = None) -> bool:
        """Refuse half a line: a method without its start, or a start without its method."""
        good = bool(super().validate(extra_validators))
        for row in range(1, _ROWS + 1):
            method, since = self[f"method_{row}"], self[f"since_{row}"]
            if method.data and since.data is None and not since.errors:
                since.errors = [f"{method.label.text}: give the date since when it is in use"]
            if since.data is not None and not method.data:
                method.errors = [f"{method.label.text}: choose the method for this date"]
            good = good and not since.errors and not method.errors
        return good

    def said(self) -> dict[str, Any]:
        """All methods in use, and abstinence."""
        rows = [(self[f"method_{row}"].data, self[f"since_{row}"].data) for row in range(1, _ROWS + 1)]
        methods = [{"method": method, "since": since.isoformat()} for method, since in rows if method]
        abstinent = {"abstinent_since": self.abstinent.day.isoformat()} if self.abstinent.data else {}
        return {"methods": methods, **abstinent, **when(self.said_at.moment)}


class CounsellingForm(FactForm):
    """What the prescriber talked about with the patient."""

    fact = "counselling"
    title = "Prescriber's counselling"
    names: ClassVar[dict[str, str]] = {"at": "held_at"}

    topics = SomeOf("Which topics did you cover?", missing="Tick the topics that you covered")
    prescription = OneOf("For which prescription?", missing="Choose the prescription")
    programme = Listed("For which programme?", description="Needed where it is for no prescription in particular.")
    held_at = When("When did you talk?", missing="Choose when you talked")

    def offer(self) -> None:
        """Offer the topics that the programmes ask for with this patient."""
        self.programme.offer(programmes())
        self.topics.offer(topics_for(self.view.category, Counsellor.PRESCRIBER))
        self.prescription.offer(prescriptions_of(self.view))

    def said(self) -> dict[str, Any]:
        """The conversation."""
        chosen = for_prescription(self.prescription.data)
        return {
            "by": Counsellor.PRESCRIBER.value,
            "topics": self.topics.data,
            **chosen,
            **for_programme("" if chosen else self.programme.data),
            **when(self.held_at.moment),
        }


class SurveyForm(FactForm):
    """A survey that was completed; the prescriber's belongs to one prescription."""

    fact = "survey"
    title = "Survey"
    names: ClassVar[dict[str, str]] = {"at": "done_at"}

    whose = OneOf("Whose survey was completed?", choices(Whose), missing="Choose whose survey it is")
    prescription = OneOf(
        "For which prescription?", missing="Choose the prescription",
        description="The prescriber's survey belongs to one prescription; the patient's to none.",
    )  # fmt: skip
    programme = Listed("For which programme?", description="Needed where it is for no prescription in particular.")
    done_at = When("When was it completed?", missing="Choose when it was completed")

    def offer(self) -> None:
        """Offer the open prescriptions."""
        self.programme.offer(programmes())
        self.prescription.offer(prescriptions_of(self.view))

    def said(self) -> dict[str, Any]:
        """The survey."""
        chosen = for_prescription(self.prescription.data)
        return {
            "whose": self.whose.data,
            **chosen,
            **for_programme("" if chosen else self.programme.data),
            **when(self.done_at.moment),
        }


class ReportForm(FactForm):
    """News that can change what is safe; what may be reported depends on the category."""

    fact = "report"
    title = "Report"
    names: ClassVar[dict[str, str]] = {"at": "happened_at"}

    what = OneOf("What is reported?", missing="Choose what is reported")
    happened_at = LocalTime(
        "When did it happen?", missing="Enter when it happened", only_day=True,
        description="If only the day is known, leave the time empty.",
    )  # fmt: skip

    def offer(self) -> None:
        """Ask nobody about a pregnancy of their own who cannot become pregnant."""
        self.what.offer(choices(ReportKind, _reports(self.view.category)))

    def is_news(self) -> bool:
        """A pregnancy is taken whatever is wrong with its date."""
        return bool(self.what.data == ReportKind.PREGNANCY.value)

    def said(self) -> dict[str, Any]:
        """The report; without a date it counts from now."""
        return {"what": self.what.data, **(when(self.happened_at.moment) if self.happened_at.data else {})}


def _reports(category: Category | None) -> list[ReportKind]:
    if category in {Category.ADULT_MALE, Category.CHILD_MALE}:
        return [ReportKind.PARTNER_PREGNANCY]
    menses: list[ReportKind] = [
        kind for kind in ReportKind if kind not in {ReportKind.PREGNANCY, ReportKind.PARTNER_PREGNANCY}
    ]
    return [ReportKind.PREGNANCY, *menses] if asks_about_pregnancy(category) else menses


class TreatmentForm(FactForm):
    """Whether the medicine is being taken."""

    fact = "treatment_change"
    title = "Treatment interrupted, resumed or stopped"
    names: ClassVar[dict[str, str]] = {"at": "changed_at", "status": "change"}

    change = OneOf("Treatment is", choices(TreatmentStatus), missing="Choose what happened to the treatment")
    changed_at = When("Since when?", missing="Choose since when")

    def said(self) -> dict[str, Any]:
        """The change."""
        return {"status": self.change.data, **when(self.changed_at.moment)}
