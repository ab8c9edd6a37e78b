"""Fills a fresh database with the pilot programme and says where to look; refuses every other database."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from compliance import clock as clocks
from compliance.clock import FixedClock
from compliance.demo.case import Case, Story
from compliance.demo.fhir import FhirPatient, Unread, read_folder
from compliance.demo.programme import PASSWORD, PEOPLE, SITES, Programme, open_pilot
from compliance.demo.schedule import run_until
from compliance.demo.stories import PLOTS, pregnant, steady
from compliance.domain.errors import DomainError
from compliance.services import accounts, logs
from compliance.services.app import App, open_app
from compliance.services.errors import Conflict, Invalid
from compliance.services.setup import initialise
from compliance.settings import Settings

DATA = Path(__file__).resolve().parent / "data"
_YEAR = timedelta(days=364)
_TEAMS = (("amin", "baker", "evans"), ("castillo", "dietrich", "fujita"))
_APART = 5
_WITHIN = 240


class DemonstrationRefused(Conflict):
    """The database is somebody's own: nothing invented is put beside it."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """What came of it: the outcomes by kind, the files that were not taken, and what to look at."""

    patients: int
    tally: Counter[str]
    unread: tuple[Unread, ...]
    shown: tuple[tuple[str, str], ...]


def run(settings: Settings, fhir: Path | None = None, *, progress: bool = True, end: datetime | None = None) -> Loaded:
    """Load the pilot programme, up to now unless another end is given."""
    until = (end or clocks.now()).replace(microsecond=0)
    clock = FixedClock(until - _YEAR - timedelta(days=1))
    taken, unread = _patients(fhir or DATA)
    refused: list[Unread] = []
    app = _open_fresh(settings, clock)
    try:
        programme = open_pilot(app, clock, until.date())
        stories = list(_cast(programme, taken, until, refused))
        with _bar(clock.now(), until, is_shown=progress) as told:
            run_until(until, clock, stories, told)
    finally:
        app.close()
    count = len(taken) - len(refused)
    loaded = Loaded(count, programme.tally, (*unread, *refused), tuple(programme.shown))
    _tell(loaded, settings.bind)
    return loaded


def _patients(folder: Path) -> tuple[list[FhirPatient], list[Unread]]:
    """The patients of a folder; if there is none, that is said before a database is begun."""
    taken, unread = read_folder(folder)
    if not taken:
        first = f"; {unread[0].name}: {unread[0].reason}" if unread else ""
        says = f"no patient can be taken from the {len(unread)} JSON files in this folder{first}"
        raise DomainError("PATIENTS_MISSING", says, field=str(folder))
    return taken, unread


def _open_fresh(settings: Settings, clock: FixedClock) -> App:
    initialise(settings, clock)
    app = open_app(settings, clock)
    is_empty = not accounts.list_sites(app, accounts.operator()) and logs.log_size(app, accounts.operator()) == 1
    begun = datetime.fromisoformat(logs.list_entries(app, accounts.operator(), 0, 1)[0].at)
    if is_empty and begun <= clock.now():
        return app
    app.close()
    if not is_empty:
        raise DemonstrationRefused(
            "DATABASE_IN_USE",
            "the demonstration needs a database of its own: set KELSEY_VAR or KELSEY_DATABASE_URL",
        )
    if not settings.uses_sqlite:
        raise DemonstrationRefused(
            "LOG_HAS_BEGUN",
            "the log began today, and the demonstration begins a year ago: run it before `kelsey init`",
        )
    _begin_again(settings)
    return _open_fresh(settings, clock)


def _begin_again(settings: Settings) -> None:
    """Take away an embedded database that holds nothing but the first entry of its log; the keys stay."""
    path = Path(settings.database_url.removeprefix("sqlite:///"))
    for name in (path.name, f"{path.name}-wal", f"{path.name}-shm"):
        path.with_name(name).unlink(missing_ok=True)


def _cast(programme: Programme, patients: list[FhirPatient], end: datetime, refused: list[Unread]) -> Iterator[Story]:
    """Give each patient a team and a story; the first of each group get those in which something happens."""
    people = programme.people
    given: Counter[str] = Counter()
    for number, said in enumerate(patients):
        prescriber, colleague, pharmacist = _TEAMS[number % len(_TEAMS)]
        start = end - _YEAR + timedelta(days=(number * _APART) % _WITHIN)
        case = Case(
            programme=programme, said=said, prescriber=people[prescriber], colleague=people[colleague],
            pharmacist=people[pharmacist], number=number, since=start.replace(hour=15, minute=0, second=0),
            until=end,
        )  # fmt: skip
        if said.birth_date > case.since.date():
            refused.append(Unread(said.source, f"not born yet on {case.since:%d %b %Y}, when the story begins"))
            continue
        group = _group(case)
        plots = PLOTS[group]
        plot = plots[given[group]] if given[group] < len(plots) else steady
        given[group] += not said.is_pregnant
        yield _registered(case, (pregnant if said.is_pregnant else plot)(case), refused)


def _registered(case: Case, story: Story, refused: list[Unread]) -> Story:
    """The story, unless the register refuses the patient: that stops nobody else."""
    try:
        yield from story
    except (Conflict, Invalid, DomainError) as error:
        if case.id:
            raise
        refused.append(Unread(case.said.source, str(error)))


def _group(case: Case) -> str:
    category = case.category_today()
    if not category.startswith("adult"):
        return "other"
    return {"adult_frp": "frp", "adult_male": "male"}.get(category) or (
        "menopause" if case.said.basis == "natural_menopause" else "other"
    )


@contextmanager
def _bar(start: datetime, end: datetime, *, is_shown: bool) -> Iterator[Callable[[datetime], None]]:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f}%"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), disable=not is_shown) as bars:
        task = bars.add_task("A year of the pilot programme", total=(end - start).total_seconds())
        yield lambda at: bars.update(
            task, completed=(at - start).total_seconds(), description=f"The pilot programme, {at:%d %b %Y}"
        )


def _tell(loaded: Loaded, bind: str) -> None:
    """Say where to sign in, with which names, and what to look at."""
    console = Console(soft_wrap=True, highlight=False, markup=False)
    console.print(f"The pilot programme: {loaded.patients} patients, a year of supplies, all invented.")
    for unread in loaded.unread:
        console.print(f"  not taken: {unread.name}: {unread.reason}")
    console.print(f"\nStart the pages with `kelsey serve` and sign in at http://{bind}/")
    console.print(f"with the password: {PASSWORD}")
    sites = {key: name for key, name, _, _ in SITES}
    for username, name, role, site in PEOPLE:
        console.print(f"  {username:<9} {role.value:<14} {name}, {sites[site]}")
    console.print("\nAuthorization numbers to look up as a pharmacist:")
    for number, why in loaded.shown:
        console.print(f"  {number}  {why}")
