"""The pilot programme's sites and people, entered by the services that an operator would use."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date

from compliance.clock import FixedClock
from compliance.domain.access import Role
from compliance.domain.facts import CertifiedRole
from compliance.services import accounts, certifying
from compliance.services.actor import Actor
from compliance.services.app import App

PASSWORD = "demonstration only"  # noqa: S105 - printed for visitors; the programme holds invented people alone
PROGRAMME = "us/lenalidomide-rems"
SITES = (
    ("elm", "Elm Street Oncology Clinic", "clinic", "America/New_York"),
    ("lake", "Lakeside Haematology Clinic", "clinic", "America/Chicago"),
    ("harbor", "Harbor Specialty Pharmacy", "pharmacy", "America/New_York"),
    ("mesa", "Mesa Specialty Pharmacy", "pharmacy", "America/Denver"),
    ("office", "Programme Office", "office", "America/New_York"),
)
PEOPLE = (
    ("amin", "Leila Amin", Role.PRESCRIBER, "elm"),
    ("baker", "Thomas Baker", Role.PRESCRIBER, "elm"),
    ("castillo", "Inés Castillo", Role.PRESCRIBER, "lake"),
    ("dietrich", "Jonas Dietrich", Role.PRESCRIBER, "lake"),
    ("evans", "Morgan Evans", Role.PHARMACIST, "harbor"),
    ("fujita", "Aiko Fujita", Role.PHARMACIST, "mesa"),
    ("gomez", "Rafael Gómez", Role.PHARMACIST, "mesa"),
    ("hall", "Ruth Hall", Role.AUDITOR, "office"),
    ("ivanov", "Nadia Ivanov", Role.ADMINISTRATOR, "office"),
)


@dataclass(kw_only=True)
class Programme:
    """The running pilot: who takes part, the clock that all go by, and what came of each request."""

    app: App
    clock: FixedClock
    end: date
    people: dict[str, Actor] = field(default_factory=dict)
    tally: Counter[str] = field(default_factory=Counter)
    shown: list[tuple[str, str]] = field(default_factory=list)
    """What visitors should look at: an authorization number or a name, and why."""

    def certify(self, username: str) -> None:
        """Certify a prescriber or pharmacist until well after the demonstration."""
        person = self.people[username]
        role = CertifiedRole(person.role.value)
        certifying.certify(self.app, self.people["ivanov"], person.id, role, self.certified_until, PROGRAMME)

    def revoke(self, username: str, reason: str) -> None:
        """Withdraw a person's certification."""
        person = self.people[username]
        role = CertifiedRole(person.role.value)
        certifying.revoke(self.app, self.people["ivanov"], person.id, role, reason, PROGRAMME)

    @property
    def certified_until(self) -> date:
        """A day well after the demonstration."""
        return self.end.replace(year=self.end.year + 1, day=1)


def open_pilot(app: App, clock: FixedClock, end: date) -> Programme:
    """Enter the sites and people, sign everybody in once, and certify who needs it."""
    operator = accounts.operator()
    sites = {key: accounts.add_site(app, operator, name=name, kind=kind, zone=zone) for key, name, kind, zone in SITES}
    programme = Programme(app=app, clock=clock, end=end)
    for username, name, role, site in PEOPLE:
        accounts.add_user(
            app, operator, username=username, name=name, role=role, site=sites[site].id, password=PASSWORD
        )
        programme.people[username] = accounts.sign_in(app, username, PASSWORD).actor
    for username, _, role, _ in PEOPLE:
        if role in (Role.PRESCRIBER, Role.PHARMACIST):
            programme.certify(username)
    for place in sites.values():
        if place.kind == "pharmacy":
            certifying.certify(
                app, programme.people["ivanov"], place.id, CertifiedRole.PHARMACY, programme.certified_until, PROGRAMME
            )
    return programme
