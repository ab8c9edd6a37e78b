"""One patient's course as the people around them record it: each method is one thing somebody does.

Everything goes through the services, with the checks that pages meet; a refusal is counted, never avoided.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from compliance.demo.fhir import FhirPatient
from compliance.demo.programme import PROGRAMME, Programme
from compliance.domain.facts import Handover, ReviewOutcome
from compliance.domain.span import months_after
from compliance.domain.wire import write_instant
from compliance.services import authorizing, dispensing, facts, holds, patients, prescriptions
from compliance.services.actor import Actor
from compliance.services.outcomes import Outcome

Story = Iterator[datetime]
"""A course of events: it names the next moment, and goes on once the clock has come to it."""

_REGIMEN = {"quantity": 21, "units_per_day": 1, "days_on": 21, "cycle_days": 28, "refills": 0}
_FIRST_TOPICS = ["benefits_and_risks", "boxed_warning", "survey_duty"]
_EACH_TIME = ["contraception", "emergency_contraception"]
_AT_THE_PHARMACY = [
    "benefits_and_risks", "no_sharing", "no_blood_donation", "intact_capsules", "dose_and_administration",
    "read_materials", "comply_with_programme",
]  # fmt: skip
_ADULT_MONTHS = 18 * 12
_TO_PHARMACY = timedelta(hours=2)
_AT_COUNTER = timedelta(minutes=20)


@dataclass(kw_only=True)
class Case:
    """A patient, the people who look after them, and the time (`since`, `until`) that their story takes."""

    programme: Programme
    said: FhirPatient
    prescriber: Actor
    colleague: Actor
    pharmacist: Actor
    number: int
    since: datetime
    until: datetime
    id: str = ""
    category: str = ""
    tests: int = 0
    is_regular: bool = True
    handover: Handover = Handover.IN_PERSON

    @property
    def now(self) -> datetime:
        """What the clock shows."""
        return self.programme.clock.now()

    def category_today(self) -> str:
        """The risk category by sex, age and stated evidence; what is not stated counts as the strictest."""
        turns_adult = months_after(self.said.birth_date, _ADULT_MONTHS, when_absent="later")
        age_group = "adult" if self.now.date() >= turns_adult else "child"
        if self.said.sex == "male":
            return f"{age_group}_male"
        return f"{age_group}_fnrp" if self._has_evidence(age_group) else f"{age_group}_frp"

    def _has_evidence(self, age_group: str) -> bool:
        if self.said.basis == "natural_menopause":
            last = self.said.last_menses_on
            return (
                age_group == "adult"
                and last is not None
                and months_after(last, 24, when_absent="later") <= self.now.date()
            )
        return self.said.basis == "hysterectomy"

    @property
    def can_become_pregnant(self) -> bool:
        """Whether the requirements for females of reproductive potential apply."""
        return self.category.endswith("_frp")

    def say(self, who: Actor, about: str, fact: str, /, **members: Any) -> facts.Recorded:
        """Record a fact."""
        return facts.record_fact(self.programme.app, who, about, {"fact": fact, **members})

    def register(self) -> None:
        """Register the patient and record what does not belong to one prescription."""
        self.id = patients.register_patient(
            self.programme.app, self.prescriber, family_name=self.said.family_name,
            given_name=self.said.given_name, birth_date=self.said.birth_date,
            external_ids=self.said.identifiers,
        ).id  # fmt: skip
        self.enrol()
        if not self.category.endswith("_fnrp"):
            self.contraception(["male_condom"] if self.said.sex == "male" else ["combined_pill", "male_condom"])
        if self.can_become_pregnant:
            self.say(self.prescriber, self.id, "cycle", regularity="regular" if self.is_regular else "irregular")
        self.say(self.prescriber, self.id, "counselling", by="prescriber", topics=_FIRST_TOPICS, programme=PROGRAMME)

    def enrol(self) -> None:
        """Sign the agreement for the category of today; a guardian signs for a minor."""
        self.category = self.category_today()
        is_child = self.category.startswith("child")
        self.say(
            self.prescriber, self.id, "enrolment", category=self.category, patient_signed=not is_child,
            birth_date=self.said.birth_date.isoformat(), guardian_signed=is_child, prescriber_signed=True,
            prescriber=self.prescriber.id, programme=PROGRAMME,
        )  # fmt: skip
        if self.category.endswith("_fnrp"):
            last = self.said.last_menses_on
            stated = {"last_menses_on": last.isoformat()} if last else {}
            self.say(self.prescriber, self.id, "risk_evidence", basis=self.said.basis, **stated)

    def contraception(self, methods: list[str], since: date | None = None) -> None:
        """State all methods in use."""
        begun = (since or (self.now - timedelta(days=60)).date()).isoformat()
        in_use = [{"method": method, "since": begun} for method in methods]
        self.say(self.prescriber, self.id, "contraception", methods=in_use)

    def survey(self) -> None:
        """Enter the patient's survey."""
        self.say(self.prescriber, self.id, "survey", whose="patient", programme=PROGRAMME)

    def counsel(self, *topics: str) -> None:
        """Hold a conversation that belongs to no prescription."""
        self.say(self.prescriber, self.id, "counselling", by="prescriber", topics=list(topics), programme=PROGRAMME)

    def test(self, result: str = "negative", about: str = "") -> facts.Recorded:
        """Record a serum test from the laboratory, collected two hours ago."""
        self.tests += 1
        self.programme.tally[f"test {result}"] += 1
        return self.say(
            self.prescriber, about or self.id, "pregnancy_test", result=result, reporter="laboratory",
            at=write_instant(self.now - timedelta(hours=2)),
            resulted_at=write_instant(self.now - timedelta(hours=1)),
            sensitivity_miu_ml=25, test_kind="serum", place="laboratory",
            specimen=f"S-{self.number:03}-{self.tests:03}",
        )  # fmt: skip

    def prescribe(self, channel: str = "electronic") -> str:
        """Issue a prescription with the conversation and the survey that go with it."""
        plain = {"product": "lenalidomide", "category": self.category, "channel": channel, **_REGIMEN}
        issued = prescriptions.prescribe(self.programme.app, self.prescriber, self.id, plain)
        if not self.category.endswith("_fnrp"):
            self.say(
                self.prescriber,
                self.id,
                "counselling",
                by="prescriber",
                topics=_EACH_TIME,
                prescription=issued.id,
            )
        self.say(self.prescriber, self.id, "survey", whose="prescriber", prescription=issued.id)
        return issued.id

    def authorize(self, prescription: str) -> str:
        """Ask for an authorization; its number, or "" if it was refused."""
        return self._counted("authorize", authorizing.authorize(self.programme.app, self.prescriber, prescription))

    def counsel_at_pharmacy(self, number: str, who: Actor | None = None) -> None:
        """Do all that a pharmacist does before handing over."""
        by = who or self.pharmacist
        prescription = dispensing.look_up(self.programme.app, by, number).prescription.prescription.id
        self.say(by, number, "counselling", by="pharmacist", topics=_AT_THE_PHARMACY, prescription=prescription)
        for item in ("counselling_checklist", "medication_guide"):
            self.say(by, number, "material", item=item, prescription=prescription)

    def confirm(self, number: str, who: Actor | None = None) -> str:
        """Ask for leave to dispense."""
        return self._counted("confirm", dispensing.confirm(self.programme.app, who or self.pharmacist, number))

    def dispense(self, number: str, who: Actor | None = None) -> str:
        """Hand over or ship; the id of the dispense, or "" if it was refused."""
        outcome = dispensing.dispense(self.programme.app, who or self.pharmacist, number, self.handover)
        self._counted("dispense", outcome)
        return outcome.fact

    def reverse(self, dispense: str, reason: str) -> None:
        """Undo a dispense."""
        dispensing.reverse(self.programme.app, self.pharmacist, dispense, reason)
        self.programme.tally["reversal"] += 1

    def return_to_stock(self, name: str, reason: str) -> None:
        """Take product back."""
        dispensing.return_to_stock(self.programme.app, self.pharmacist, name, reason)
        self.programme.tally["return to stock"] += 1

    def review(self, who: Actor, of: str, outcome: ReviewOutcome, reason: str) -> None:
        """Give one clinician's conclusion about a hold."""
        holds.review_hold(self.programme.app, who, self.id, of, outcome, reason)
        self.programme.tally[f"review {outcome.value}"] += 1

    def username(self, who: Actor) -> str:
        """The name with which somebody signs in."""
        return next(name for name, actor in self.programme.people.items() if actor == who)

    def show(self, what: str, why: str) -> None:
        """Put something on the list of what visitors should look at."""
        self.programme.shown.append((what, why))

    def _counted(self, step: str, outcome: Outcome) -> str:
        self.programme.tally[f"{step} {'allowed' if outcome.number else 'denied'}"] += 1
        for code in outcome.decision.codes:
            self.programme.tally[code] += 1
        return outcome.number
