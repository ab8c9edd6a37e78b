"""Writes what happens on a walk into its calendar: events, windows and notes, each told once."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from compliance.domain.decision import REASONS, Decision, Request, Weight
from compliance.domain.facts import Fact, Prescription, Step
from compliance.domain.policy import Policy, Status
from compliance.domain.requirements import Requirement
from compliance.domain.requirements.numbers import ConfirmationLife
from compliance.domain.requirements.testing import TestSchedule
from compliance.domain.span import Instant
from compliance.policies.simulation.asking import Unmet
from compliance.policies.simulation.calendar import Calendar, Event, Lane, Mark, Window, said_moment
from compliance.policies.simulation.patient import Patient, caps, days_supplied, handover, prescription, treated_days
from compliance.policies.simulation.wording import said

_WEIGHS = {Weight.REFUSE: "", Weight.REFER: " (else referred)", Weight.ADVISE: " (advised)"}


def sentence(one: Unmet) -> str:
    """What is unmet, in the words that everybody reads, and the policy's own line."""
    line = f"{one.requirement.id}: {one.requirement.text}" if one.requirement is not None else one.finding.requirement
    return f"{REASONS[one.finding.code].sentence} ({line})"


def premises(policy: Policy, patient: Patient, at: Instant) -> list[str]:
    """What a reader must know that no event says."""
    notes = []
    if policy.status is Status.DRAFT:
        notes.append("DRAFT: the gate refuses everything under this policy; the calendar shows what it would ask.")
    if not policy.is_gated(patient.category):
        notes.append("NOT GATED: this programme refuses these patients nothing; the calendar shows what it advises.")
    notes += [f"With the layer {layer.partition(' ')[0]}." for layer in policy.layers]
    days = treated_days(prescription(policy, patient, 1, at))
    most = caps(policy, patient.category)
    source = f"the policy allows {days_supplied(policy, patient.category)}" if most else "assumed: no most is named"
    leaves = handover(policy).value.replace("_", " ")
    notes.append(f"Each prescription is for {days} days ({source}), one unit a day; product leaves {leaves}.")
    asked = (r for s in Step for r in policy.selected(s, patient.category, is_first=False))
    if any(isinstance(r, TestSchedule) for r in asked):
        stated = patient.cycles.value if patient.cycles is not None else "not stated, which counts as irregular"
        notes.append(f"Menstrual cycles: {stated}.")
    return notes


@dataclass
class Teller:
    """The hand that writes; it never asks the gate."""

    calendar: Calendar
    told: set[tuple[str, Instant]] = field(default_factory=set)

    def event(
        self, at: Instant, lane: Lane, mark: Mark, says: str, *, requirement: Requirement | None = None,
        until: Instant | None = None,
    ) -> None:  # fmt: skip
        """Something happens now."""
        name, text = (requirement.id, requirement.text) if requirement is not None else ("", "")
        weighs = _WEIGHS[requirement.if_unmet] if requirement is not None else ""
        self.calendar.events.append(
            Event(at=at, lane=lane, mark=mark, says=says + weighs, requirement=name, text=text, until=until)
        )

    def fact(self, fact: Fact, lane: Lane, mark: Mark, requirement: Requirement | None = None) -> None:
        """A fact enters the record."""
        self.calendar.facts.append(fact)
        self.event(fact.at, lane, mark, said(fact), requirement=requirement)

    def note(self, text: str) -> None:
        """Something that belongs to no day; said once."""
        if text not in self.calendar.notes:
            self.calendar.notes.append(text)

    def step(self, decision: Decision, rx: Prescription, number: int) -> None:
        """The gate has allowed a step, or has no gate here."""
        at, step = decision.at, decision.request.step
        allowed = "allowed" if decision.is_gated else "not gated"
        if step is Step.AUTHORIZE:
            until = decision.authorization_ends_at
            self.event(at, Lane.AUTHORIZATION, Mark.STEP, f"Authorization {number} {allowed}", until=until)
            self._good(Lane.AUTHORIZATION, decision, until, f"Authorization {number}")
        elif step is Step.CONFIRM:
            self.event(at, Lane.SUPPLY, Mark.STEP, f"Confirmation {number} {allowed}")
        else:
            until = self._leave_ends_at(decision)
            says = f"Supply {number} dispensed: {treated_days(rx)} days"
            self.event(at, Lane.SUPPLY, Mark.SUPPLY, says, until=until)
            self._good(Lane.SUPPLY, decision, until, f"Leave to dispense {number}")

    def _leave_ends_at(self, decision: Decision) -> Instant | None:
        """How long the leave to dispense would have lasted, where the programme gives a confirmation a life."""
        lives = {line.id for line in self.calendar.policy.requirements if isinstance(line, ConfirmationLife)}
        ends = [finding.until for finding in decision.findings if finding.until is not None]
        return min(ends, default=None) if lives & {finding.requirement for finding in decision.findings} else None

    def _good(self, lane: Lane, decision: Decision, until: Instant | None, says: str) -> None:
        if until is not None:
            self.calendar.windows.append(
                Window(
                    lane=lane, opens_at=decision.at, closes_at=until, says=says, requirement="",
                    request=decision.request,
                )
            )  # fmt: skip

    def valid(self, at: Instant, lane: Lane, requirement: Requirement, until: Instant, asked: Request) -> None:
        """What has to be kept up is good until a moment; the event that it rests on says so too."""
        if (requirement.id, until) in self.told:
            return
        self.told.add((requirement.id, until))
        self.calendar.windows.append(
            Window(
                lane=lane, opens_at=at, closes_at=until, says=f"Good: {requirement.id}", requirement=requirement.id,
                request=asked, text=requirement.text,
            )
        )  # fmt: skip
        events = self.calendar.events
        here = [place for place, event in enumerate(events) if event.lane is lane and event.at == at]
        own = [place for place in here if events[place].requirement == requirement.id]
        if here:
            place = (own or here)[-1]
            events[place] = replace(events[place], until=until)

    def wait(self, at: Instant, lane: Lane, one: Unmet, opens_at: Instant) -> None:
        """The gate refuses until a moment that it names."""
        name = one.finding.requirement
        if (name, opens_at) in self.told:
            return
        self.told.add((name, opens_at))
        if opens_at >= self.calendar.until:
            opens = said_moment(opens_at, self.calendar.zone)
            self.note(f"Waits beyond this calendar: {sentence(one)} Opens {opens}.")
        self.calendar.windows.append(
            Window(
                lane=lane, opens_at=at, closes_at=opens_at, says=f"Wait: {REASONS[one.finding.code].sentence}",
                requirement=name, request=one.request, finding=one.finding,
                text=one.requirement.text if one.requirement is not None else "",
            )
        )  # fmt: skip
