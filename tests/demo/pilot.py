"""A pilot programme of one's own, so that a test plays only the stories it is about."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path

from compliance.clock import FixedClock
from compliance.demo.case import Case
from compliance.demo.fhir import FhirPatient
from compliance.demo.programme import Programme, open_pilot
from compliance.services import setup
from compliance.services.app import open_app
from compliance.settings import Settings

WOMAN = FhirPatient(
    source="woman.json", family_name="Okafor", given_name="Amara", birth_date=date(1990, 3, 14), sex="female",
    identifiers=(),
)  # fmt: skip
MAN = FhirPatient(
    source="man.json", family_name="Kowalski", given_name="James", birth_date=date(1958, 2, 26), sex="male",
    identifiers=(),
)  # fmt: skip


@contextmanager
def pilot(url: str, var: Path, end: datetime, days: int = 60) -> Iterator[Programme]:
    """Open a pilot programme so many days before the end."""
    settings = Settings(var=var, database_url=url, argon2_cost="fast")
    clock = FixedClock(end - timedelta(days=days))
    setup.initialise(settings, clock)
    app = open_app(settings, clock)
    try:
        yield open_pilot(app, clock, end.date())
    finally:
        app.close()


def case_of(programme: Programme, said: FhirPatient, until: datetime, number: int = 0) -> Case:
    """A patient of the first clinic."""
    people = programme.people
    return Case(
        programme=programme, said=said, prescriber=people["amin"], colleague=people["baker"],
        pharmacist=people["evans"], number=number, since=programme.clock.now(), until=until,
    )  # fmt: skip
