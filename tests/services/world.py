"""A small programme in which everything is in order, so that each test changes the one thing it is about."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from compliance.clock import FixedClock
from compliance.domain.access import Role
from compliance.domain.facts import CertifiedRole, Handover
from compliance.services import (
    accounts,
    authorizing,
    certifying,
    dispensing,
    facts,
    patients,
    prescriptions,
    setup,
)
from compliance.services.actor import Actor
from compliance.services.app import App, open_app
from compliance.services.outcomes import Outcome
from compliance.settings import Settings

START = datetime(2026, 1, 5, 15, 0, tzinfo=UTC)
PASSWORD = "a long enough password"
OPERATOR = accounts.operator()
PHARMACIST_TOPICS = [
    "benefits_and_risks",
    "no_sharing",
    "no_blood_donation",
    "intact_capsules",
    "dose_and_administration",
    "read_materials",
    "comply_with_programme",
]
PROGRAMME = "us/lenalidomide-rems"
REGIMEN = {"quantity": 21, "units_per_day": 1, "days_on": 21, "cycle_days": 28, "refills": 0}


@dataclass
class World:
    """One clinic with two prescribers, two pharmacies, an auditor, and the clock that all go by."""

    app: App
    clock: FixedClock
    prescriber: Actor
    colleague: Actor
    pharmacist: Actor
    other_pharmacist: Actor
    other_prescriber: Actor
    auditor: Actor

    def say(self, who: Actor, about: str, fact: str, /, **members: Any) -> facts.Recorded:
        """Record a fact; times are given as they are or as a distance before now."""
        plain = {name: self.moment(value) for name, value in members.items()}
        if fact in {"enrolment", "counselling", "survey", "acknowledgement"} and "prescription" not in plain:
            plain.setdefault("programme", PROGRAMME)
        return facts.record_fact(self.app, who, about, {"fact": fact, **plain})

    def moment(self, value: Any) -> Any:
        """A distance before now as a time; everything else as it is."""
        return (self.clock.now() - value).isoformat() if isinstance(value, timedelta) else value

    def test(self, patient: str, before: timedelta, result: str = "negative", **more: Any) -> facts.Recorded:
        """Record a pregnancy test whose specimen was collected so long ago."""
        members: dict[str, Any] = {
            "at": before, "result": result, "resulted_at": before, "sensitivity_miu_ml": 25,
            "test_kind": "serum",
            "place": "laboratory", "reporter": "prescriber", "specimen": f"S{before.total_seconds():.0f}",
        }  # fmt: skip
        return self.say(self.prescriber, patient, "pregnancy_test", **(members | more))

    def patient(self, by: Actor | None = None) -> str:
        """Register a patient."""
        return patients.register_patient(
            self.app,
            by or self.prescriber,
            family_name="Okoye",
            given_name="Ann",
            birth_date=date(1990, 5, 17),
        ).id

    def enrolled(self, category: str = "adult_male") -> str:
        """Register a patient and record everything that does not belong to one prescription."""
        own = self.patient()
        day = (self.clock.now() - timedelta(days=40)).date().isoformat()
        self.say(
            self.prescriber, own, "enrolment", category=category, birth_date="1990-05-17",
            patient_signed=True,
            guardian_signed=False, prescriber_signed=True, prescriber=self.prescriber.id,
        )  # fmt: skip
        methods = [{"method": "male_condom", "since": day}]
        if category == "adult_frp":
            methods.append({"method": "combined_pill", "since": day})
            self.test(own, timedelta(days=12))
            self.test(own, timedelta(hours=3))
        self.say(self.prescriber, own, "contraception", methods=methods)
        self.say(self.prescriber, own, "survey", whose="patient")
        topics = ["benefits_and_risks", "boxed_warning", "survey_duty"]
        self.say(self.prescriber, own, "counselling", by="prescriber", topics=topics)
        return own

    def prescribed(self, category: str = "adult_male", patient: str = "") -> str:
        """Issue a prescription that meets every requirement."""
        own = patient or self.enrolled(category)
        plain = {"product": "lenalidomide", "category": category, "channel": "electronic", **REGIMEN}
        issued = prescriptions.prescribe(self.app, self.prescriber, own, plain)
        topics = ["contraception", "emergency_contraception"]
        self.say(self.prescriber, own, "counselling", by="prescriber", topics=topics, prescription=issued.id)
        self.say(self.prescriber, own, "survey", whose="prescriber", prescription=issued.id)
        return issued.id

    def counselled(self, by: Actor, number: str, prescription: str) -> None:
        """Do all that a pharmacist does before handing over."""
        self.say(by, number, "counselling", by="pharmacist", topics=PHARMACIST_TOPICS, prescription=prescription)
        for item in ("counselling_checklist", "medication_guide"):
            self.say(by, number, "material", item=item, prescription=prescription)

    def authorized(self, prescription: str = "") -> Outcome:
        """Have a prescription authorized."""
        return authorizing.authorize(self.app, self.prescriber, prescription or self.prescribed())

    def confirmed(self, category: str = "adult_male") -> tuple[str, Outcome]:
        """Bring a prescription to where it may be dispensed: its authorization number and confirmation."""
        prescription = self.prescribed(category)
        number = self.authorized(prescription).number
        self.counselled(self.pharmacist, number, prescription)
        return number, dispensing.confirm(self.app, self.pharmacist, number)

    def dispensed(self, category: str = "adult_male") -> tuple[str, Outcome]:
        """Bring a prescription to its end: the authorization number and the dispense."""
        number, _ = self.confirmed(category)
        return number, dispensing.dispense(self.app, self.pharmacist, number, Handover.IN_PERSON)

    def patient_of(self, prescription: str) -> str:
        """The patient of a prescription."""
        from compliance.storage import facts as rows

        with self.app.db.read() as uow:
            found = rows.patient_of(uow, prescription, "prescription")
        assert found is not None
        return found

    def entries(self) -> list[Mapping[str, Any]]:
        """All entries of the log, read strictly."""
        from compliance.ledger.entry import parse_leaf
        from compliance.storage import log_rows

        self.app.log.settle_all()
        with self.app.db.read() as uow:
            return [parse_leaf(row.leaf) for row in log_rows.page(uow, 0, 10_000)]

    def newest(self) -> Mapping[str, Any]:
        """The newest entry of the log."""
        return self.entries()[-1]


def reopened(world: World, url: str, var: Path) -> World:
    """The same people in a copy of the database, with a clock of their own."""
    for name in ("log", "data", "secret"):
        shutil.copyfile(world.app.settings.var / f"{name}.key", var / f"{name}.key")
    clock = FixedClock(world.clock.now())
    return replace(world, app=open_app(settings_for(url, var), clock, world.app.policies), clock=clock)


def settings_for(url: str, var: Path) -> Settings:
    """Settings of a programme of one's own."""
    return Settings(var=var, database_url=url, argon2_cost="fast")


def build(url: str, var: Path, clock: FixedClock | None = None) -> World:
    """Prepare a programme in which everybody is certified."""
    clock = clock or FixedClock(START)
    settings = settings_for(url, var)
    setup.initialise(settings, clock)
    app = open_app(settings, clock)
    clinic = accounts.add_site(app, OPERATOR, name="Elm Clinic", kind="clinic", zone="America/New_York")
    far = accounts.add_site(app, OPERATOR, name="Far Clinic", kind="clinic", zone="America/New_York")
    pharmacy = accounts.add_site(app, OPERATOR, name="Oak Pharmacy", kind="pharmacy", zone="America/New_York")
    other = accounts.add_site(app, OPERATOR, name="Ash Pharmacy", kind="pharmacy", zone="America/New_York")
    office = accounts.add_site(app, OPERATOR, name="Office", kind="office", zone="UTC")
    people = [
        ("prescriber", Role.PRESCRIBER, clinic),
        ("colleague", Role.PRESCRIBER, clinic),
        ("pharmacist", Role.PHARMACIST, pharmacy),
        ("other_pharmacist", Role.PHARMACIST, other),
        ("other_prescriber", Role.PRESCRIBER, far),
        ("auditor", Role.AUDITOR, office),
    ]
    made = {name: _person(app, name, role, site) for name, role, site in people}
    until = clock.now().date() + timedelta(days=365)
    for name, role, _ in people:
        if role is not Role.AUDITOR:
            certifying.certify(app, OPERATOR, made[name].id, CertifiedRole(role.value), until, PROGRAMME)
    for site in (pharmacy, other):
        certifying.certify(app, OPERATOR, site.id, CertifiedRole.PHARMACY, until, PROGRAMME)
    return World(app, clock, **made)


def _person(app: App, username: str, role: Role, site: accounts.Site) -> Actor:
    user = accounts.add_user(
        app, OPERATOR, username=username, name=username.title(), role=role, site=site.id, password=PASSWORD
    )
    return Actor(user.id, user.name, role, site.id, site.kind, site.zone, "session", f"s_{user.id}")
