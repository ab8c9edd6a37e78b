"""Who could be supplied today, and what is due for everybody else: the question a clinic's day begins with.

A line is a preview, as a page's is: nothing may rest on it, and each act decides afresh. That somebody asked
is logged once for the whole list. A list of everybody is worked out by several processes where that pays.
"""

import multiprocessing
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from compliance.domain.access import Role, Verb
from compliance.domain.decision import Decision, Finding, Opens, Outcome, Request, Weight
from compliance.domain.facts import Category, Confirmation, Fact, Handover, Prescription, Step
from compliance.domain.gate import decide
from compliance.domain.policy import Policy
from compliance.domain.record import Record
from compliance.domain.span import TICK, Instant
from compliance.services.actor import Actor, permit
from compliance.services.acts import guarded, moment
from compliance.services.app import App
from compliance.services.reading import log_list
from compliance.storage import facts
from compliance.storage import worklist as rows
from compliance.storage.database import Database

UNREADABLE = "RECORD_UNREADABLE"
_RUN = 2_000
"""Patients in one piece of work for a process: enough to make starting it cheap, few enough to share out evenly."""


class Due(NamedTuple):
    """What is unmet for a patient, how much it weighs, and the earliest moment at which it could be met."""

    requirement: str
    code: str
    weight: Weight
    opens: Opens
    earliest_at: Instant | None


class Line(NamedTuple):
    """One enrolled patient: what the gate says of the newest prescription ("" where there is none)."""

    patient: str
    prescription: str
    category: Category | None
    outcome: Outcome
    due: tuple[Due, ...]
    earliest_at: Instant | None
    valid_until: Instant | None


@dataclass(frozen=True, slots=True)
class Asking:
    """One question about many patients: under which policy, at what moment, and for whom."""

    policy: Policy
    step: Step
    at: Instant
    is_now: bool
    pharmacy: str
    pharmacist: str
    certified: dict[str, list[Fact]]
    weights: dict[str, Weight]
    _kept: dict[Due, Due] = field(default_factory=dict)
    """Most dues are alike; sharing them saves room, and time on the way between processes."""

    def lines(self, histories: Iterable[tuple[str, list[Fact] | None]]) -> Iterator[Line]:
        """The line of every patient who is enrolled, and of everyone whose record cannot be read."""
        for patient, history in histories:
            if history is None:
                due = Due("record", UNREADABLE, Weight.REFUSE, Opens.NOT_HERE, None)
                yield Line(patient, "", None, Outcome.REFUSE, (due,), None, None)
                continue
            line = self._line(patient, history)
            if line is not None:
                yield line

    def _line(self, patient: str, history: list[Fact]) -> Line | None:
        at = self._moment(history)
        prescriptions = self._prescriptions(history, at)
        if prescriptions is None:
            return None
        newest = max(prescriptions, key=lambda rx: (rx.at, rx.id), default=None)
        made = self._decision(history, newest, at)
        if made.category is None:
            return None
        due = tuple([self._due(finding) for finding in made.unmet + made.advised])
        name = newest.id if newest else ""
        return Line(patient, name, made.category, made.outcome, due, made.earliest_at, made.valid_until)

    def _moment(self, history: list[Fact]) -> Instant:
        """The moment asked about; if that is now, then as for an act: later than anything known of the patient."""
        newest = max([fact.recorded_at for fact in history])
        return Instant(newest + TICK) if self.is_now and newest >= self.at else self.at

    def _prescriptions(self, history: list[Fact], at: Instant) -> list[Prescription] | None:
        """Those of the programme that count; None for a patient who has only those of other programmes."""
        seen = [f for f in history if f.at <= at and f.recorded_at <= at]
        corrected = {f.corrects for f in seen if f.corrects}
        found = [f for f in seen if isinstance(f, Prescription) and f.id not in corrected]
        own = [rx for rx in found if rx.product in self.policy.products]
        return own if own or not found else None

    def _decision(self, history: list[Fact], rx: Prescription | None, at: Instant) -> Decision:
        pharmacy, pharmacist = self.pharmacy, self.pharmacist
        if rx is not None and not pharmacy:
            # Asked for whoever confirmed the supply: they are the ones who would hand it over.
            held = [f for f in history if isinstance(f, Confirmation) and f.prescription == rx.id]
            last = max(held, key=lambda c: (c.at, c.recorded_at, c.id), default=None)
            pharmacy, pharmacist = (last.pharmacy, last.actor) if last else ("", "")
        taking_part = {rx.prescriber, pharmacy, pharmacist} if rx else {pharmacy, pharmacist}
        known = [*history, *[fact for name in taking_part for fact in self.certified.get(name, ())]]
        request = Request(
            step=self.step, prescription=rx.id if rx else "", pharmacy=pharmacy, pharmacist=pharmacist,
            handover=Handover.IN_PERSON if self.step is Step.DISPENSE else None,
        )  # fmt: skip
        return decide(self.policy, Record(known), request, at)

    def _due(self, finding: Finding) -> Due:
        name, _, code, _, _, opens_at, opens, _ = finding
        due = Due(name, code, self.weights.get(name, Weight.REFUSE), opens, opens_at)
        return self._kept.setdefault(due, due)


def worklist(
    app: App, actor: Actor, programme: str, at: Instant | None = None, *,
    step: Step = Step.DISPENSE, site: str = "", processes: int = 1,
) -> Iterator[Line]:  # fmt: skip
    """Every enrolled patient of a programme whom the actor may see, in the order of ids.

    Clinicians are shown the patients of their own site, whatever they ask for; oversight those of one site, or all.
    """
    permit(actor, Verb.LIST_DUE)
    is_clinician = actor.role in (Role.PRESCRIBER, Role.PHARMACIST)
    own = actor.site if is_clinician else site
    asked_at = at or moment(app)
    with guarded():
        policy = app.policies.get(programme, asked_at)
        log_list(app, actor, programme, own)
        with app.db.read() as uow:
            certified = _by_subject(facts.certifications(uow))
            runs = rows.cuts(uow, _RUN) if processes > 1 else []
    is_pharmacist = actor.role is Role.PHARMACIST
    asking = Asking(
        policy=policy, step=step, at=asked_at, is_now=at is None, certified=certified,
        pharmacy=actor.site if is_pharmacist else "", pharmacist=actor.id if is_pharmacist else "",
        weights={requirement.id: requirement.if_unmet for requirement in policy.requirements},
    )  # fmt: skip
    return _shared(app, asking, own, runs, processes) if runs else _alone(app, asking, own)


def _by_subject(stated: Iterable[Fact]) -> dict[str, list[Fact]]:
    found: dict[str, list[Fact]] = {}
    for fact in stated:
        found.setdefault(getattr(fact, "subject", ""), []).append(fact)
    return found


def _alone(app: App, asking: Asking, site: str) -> Iterator[Line]:
    with guarded(), app.db.read() as uow:
        yield from asking.lines(rows.histories(uow, site=site))


def _shared(app: App, asking: Asking, site: str, runs: list[str], processes: int) -> Iterator[Line]:
    """Runs of patients shared out to processes of their own, each with a connection of its own."""
    pieces = [(site, after, upto) for after, upto in zip(["", *runs], runs, strict=False)]
    context = multiprocessing.get_context("spawn")
    with guarded(), context.Pool(processes, _begin, (app.settings.database_url, asking)) as pool:
        for piece in pool.imap(_piece, pieces):
            yield from piece


_process: list[tuple[Database, Asking]] = []
"""What a process of a list works with; empty everywhere else."""


def _begin(url: str, asking: Asking) -> None:
    _process.append((Database(url), asking))


def _piece(piece: tuple[str, str, str]) -> list[Line]:
    db, asking = _process[-1]
    site, after, upto = piece
    with db.read() as uow:
        return list(asking.lines(rows.histories(uow, site=site, after=after, upto=upto)))
