"""The walk through a simulated year: ask the gate, supply what it misses when it says, wait when it says so.

Every supply is prescription, authorize, confirm, dispense. The walk knows no rule: what is due and when it may
happen comes from the gate's findings, and the facts that mend them from the table in `mending`. Long because it is
one loop over one state.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from compliance.domain.decision import Decision, Opens
from compliance.domain.facts import Category, CycleRegularity, Fact, Prescription
from compliance.domain.policy import Policy
from compliance.domain.record import Record
from compliance.domain.requirements import Requirement
from compliance.domain.span import EARLIEST, LATEST, TICK, Instant, earliest, plus
from compliance.policies.simulation.asking import MADE, Unmet, blocking, chain, informing
from compliance.policies.simulation.calendar import Calendar, Lane, Mark, said_day
from compliance.policies.simulation.mending import MENDS, Mend, Need
from compliance.policies.simulation.patient import Patient, birth_date, given, prescription
from compliance.policies.simulation.telling import Teller, premises, sentence
from compliance.policies.simulation.wording import said

_OPENS_DOORS = timedelta(hours=9)
"""Visits are in the morning: the hour is fiction, the day is the gate's."""
_ROUNDS, _ROUNDS_A_DAY = 500, 10
"""More rounds than any calendar needs: a policy that is never at rest must end the walk, not hang it."""


class _Stopped(Exception):
    """Something stands in the way that no entry of the table mends."""


def simulate(
    policy: Policy, category: Category, since: date, days: int, *, until: Instant | None = None,
    cycles: CycleRegularity | None = None, mends: Mapping[str, Mend] = MENDS,
) -> Calendar:  # fmt: skip
    """One patient's calendar from a day on, for so many days or until the policy is no longer in force.

    `until` is when a later version takes over, if one does. The calendar's `obstacle` says what ended it early.
    """
    where = policy.zone
    planned = where.start_of(since + timedelta(days=days))
    end = earliest(planned, policy.ends_at, until) or planned
    patient = Patient(
        category=category, cycles=cycles, born_on=birth_date(policy, category, since),
        certified_through=where.date_of(planned),
    )  # fmt: skip
    calendar = Calendar(policy=policy, category=category, since=where.start_of(since), until=end)
    calendar.notes += premises(policy, patient, calendar.since)
    if end < planned:
        calendar.notes.append(f"Ends early: this version is no longer in force from {said_day(where.date_of(end))}.")
    _Walk(calendar, patient, mends).run()
    return calendar


@dataclass
class _Walk:
    """The state of one walk; `at` only ever moves forward."""

    calendar: Calendar
    patient: Patient
    mends: Mapping[str, Mend]
    at: Instant = field(init=False)
    teller: Teller = field(init=False)
    number: int = 1
    serial: int = 0
    pace: Instant | None = None
    promised: dict[tuple[str, str], tuple[Instant, Instant]] = field(default_factory=dict)
    """For what was mended for the coming supply: when, and from when on the gate said it could be met."""
    waited: dict[tuple[str, str], Instant] = field(default_factory=dict)
    """For what is only waited for in the coming supply: when the gate said that it opens."""
    probed: dict[tuple[str, str, Instant], Instant] = field(default_factory=dict)
    """What a question on trial came to: asked once for each moment, because it costs three decisions."""
    renewed: set[tuple[str, Instant]] = field(default_factory=set)
    left: set[tuple[str, str, int]] = field(default_factory=set)
    """Advice of the coming supply that was seen to, or cannot be."""

    def run(self) -> None:
        """Walk to the end of the calendar, or to what stands in the way."""
        self.at, self.teller = self._visit(self.calendar.since), Teller(self.calendar)
        for fact in given(self.patient, self.at):
            self.teller.fact(fact, Lane.AGREEMENT, Mark.DUTY)
        try:
            days = (self.calendar.until - self.calendar.since).days
            for _ in range(_ROUNDS + _ROUNDS_A_DAY * days):
                if self.at >= self.calendar.until:
                    return
                self._round()
            raise _Stopped("the simulation does not come to rest")
        except _Stopped as stopped:
            self.calendar.obstacle = str(stopped)
            self.teller.event(self.at, Lane.SUPPLY, Mark.STOP, f"Stands in the way: {stopped}")

    def _round(self) -> None:
        """Ask once, and do one thing about the answer: renew, mend, supply, or move on in time."""
        asked = self._ask(self.at)
        unmet = blocking(self.calendar.policy, asked)
        for one in unmet:
            self._look_for_a_way(one)
        for requirement, until in self._kept_up(asked):
            lane = self.mends[requirement.kind].lane
            self.teller.valid(self.at, lane, requirement, until, asked[0].request)
        if self._renew(asked, self.at):
            return
        ripe = [(one, self._ripens_at(one)) for one in unmet]
        ready_at = max([self.at, self.pace or self.at, *[ripens_at for _, ripens_at in ripe]])
        if self._mend_one(ripe, ready_at):
            return
        if not unmet and ready_at <= self.at:
            if not self._follow_advice(asked):
                self._supply()
            return
        following = self._following(ripe, ready_at)
        if not self._renew(asked, following):
            self.at = following

    def _look_for_a_way(self, one: Unmet) -> None:
        """Stop where there is none: it cannot open here, no fact is known to mend it, or it did not open when told."""
        finding = one.finding
        needs_a_fact = finding.opens is Opens.BY_A_NEW_FACT
        if finding.opens_at is None or (needs_a_fact and not self._facts(one.requirement, finding.code)):
            raise _Stopped(sentence(one))
        told = self.waited.get((finding.requirement, finding.code))
        if told is not None and told <= self.at < finding.opens_at:
            raise _Stopped(sentence(one))

    def _ask(self, at: Instant, *more: Fact) -> list[Decision]:
        return list(chain(self.calendar.policy, [*self.calendar.facts, *more], self._draft(at), self.number, at))

    def _draft(self, at: Instant) -> Prescription:
        return prescription(self.calendar.policy, self.patient, self.number, at)

    def _day(self, moment: Instant) -> date:
        return self.calendar.zone.date_of(moment)

    def _visit(self, opens_at: Instant) -> Instant:
        """The first moment from then on at which somebody is there."""
        return max(opens_at, plus(self.calendar.zone.start_of(self._day(opens_at)), _OPENS_DOORS))

    # -- mending ------------------------------------------------------------------------------------------------------

    def _facts(self, requirement: Requirement | None, code: str) -> Sequence[Fact]:
        """The facts that the table has for a requirement, true from now on; none if it has none."""
        mend = self.mends.get(requirement.kind) if requirement is not None else None
        need = Need(
            code=code, policy=self.calendar.policy, patient=self.patient, prescription=self._draft(self.at),
            at=self.at, view=Record(self.calendar.facts).as_of(self.at), serial=self.serial + 1,
        )  # fmt: skip
        return mend.make(requirement, need) if mend is not None else ()

    def _apply(self, requirement: Requirement | None, code: str, mark: Mark, otherwise: str) -> None:
        facts = self._facts(requirement, code)
        if requirement is None or not facts:
            raise _Stopped(otherwise)
        self.serial += 1
        for fact in facts:
            self.teller.fact(fact, self.mends[requirement.kind].lane, mark, requirement)

    def _mend_one(self, ripe: list[tuple[Unmet, Instant]], ready_at: Instant) -> bool:
        """Mend the first finding whose time has come: it takes the longest of all, or nothing else takes longer."""
        for one, ripens_at in ripe:
            if one.finding.opens is not Opens.BY_A_NEW_FACT or self._day(ripens_at) != self._day(ready_at):
                continue
            opens_at = one.finding.opens_at or ripens_at
            if self._is_promised(one, opens_at) or (opens_at > self.at and not self._helps_ahead(one, opens_at)):
                continue
            self._apply(one.requirement, one.finding.code, Mark.DUTY, sentence(one))
            self.promised[one.finding.requirement, one.finding.code] = self.at, opens_at
            return True
        return False

    def _is_promised(self, one: Unmet, opens_at: Instant) -> bool:
        """Whether it was mended and only has to be waited for; a mend that did not help stands in the way."""
        mended_at, promised_at = self.promised.get((one.finding.requirement, one.finding.code), (None, opens_at))
        if mended_at == self.at and opens_at <= self.at:
            raise _Stopped(sentence(one))
        return mended_at is not None and self.at < opens_at <= promised_at

    def _ripens_at(self, one: Unmet) -> Instant:
        """When it could be met at the earliest: as the gate says, or says once the fact that starts a clock stands."""
        opens_at = one.finding.opens_at or self.at
        if opens_at > self.at or one.finding.opens is not Opens.BY_A_NEW_FACT:
            return opens_at
        key = one.finding.requirement, one.finding.code, self.at
        if key not in self.probed:
            asked = self._ask(self.at, *self._facts(one.requirement, one.finding.code))
            later = [u.finding.opens_at for u in self._same(one, asked) if u.finding.opens_at is not None]
            self.probed[key] = max([self.at, *later])
        return self.probed[key]

    def _helps_ahead(self, one: Unmet, opens_at: Instant) -> bool:
        """Whether a fact supplied now brings it nearer by then: met, a matter of waiting alone, or met sooner."""
        facts, then = self._facts(one.requirement, one.finding.code), self._visit(opens_at)
        with_it = self._same(one, self._ask(then, *facts))
        if not facts or all(other.finding.opens is Opens.BY_WAITING for other in with_it):
            return bool(facts)
        return _sooner(then, with_it) < _sooner(then, self._same(one, self._ask(then)))

    def _same(self, one: Unmet, asked: list[Decision]) -> list[Unmet]:
        unmet = blocking(self.calendar.policy, asked)
        return [other for other in unmet if other.finding.requirement == one.finding.requirement]

    def _follow_advice(self, asked: list[Decision]) -> bool:
        """See to one thing that is advised, or must be referred otherwise; what cannot be seen to is noted."""
        for one in informing(self.calendar.policy, asked):
            key = one.finding.requirement, one.finding.code, self.number
            facts = self._facts(one.requirement, one.finding.code)
            is_open = one.finding.opens_at is not None and one.finding.opens_at <= self.at
            if key not in self.left and facts and is_open:
                self.left.add(key)
                self._apply(one.requirement, one.finding.code, Mark.DUTY, sentence(one))
                return True
            said_so = "Supply goes on and somebody must act" if one.finding.refers else "Advice that remains"
            self.teller.note(f"{said_so}: {sentence(one)}")
        return False

    # -- moving on in time --------------------------------------------------------------------------------------------

    def _following(self, ripe: list[tuple[Unmet, Instant]], ready_at: Instant) -> Instant:
        """The next moment at which something is to be done about what is unmet."""
        moments = [self._visit(ready_at)]
        for one, ripens_at in ripe:
            if ripens_at <= self.at:
                continue
            opens_at = one.finding.opens_at or ripens_at
            takes = self._day(ripens_at) - self._day(self.at)
            starts = opens_at <= self.at or self._helps_ahead(one, opens_at)
            if one.finding.opens is Opens.BY_A_NEW_FACT and starts and not self._is_promised(one, opens_at):
                moments.append(self._visit(self.calendar.zone.start_of(self._day(ready_at) - takes)))
            elif opens_at > self.at:
                self._wait_for(one, opens_at)
        if min(moments) <= self.at:
            raise _Stopped(sentence(ripe[0][0]) if ripe else "the simulation does not come to rest")
        return min(moments)

    def _wait_for(self, one: Unmet, opens_at: Instant) -> None:
        key = one.finding.requirement, one.finding.code
        if key not in self.promised:
            self.waited.setdefault(key, opens_at)
        mend = self.mends.get(one.requirement.kind) if one.requirement is not None else None
        self.teller.wait(self.at, mend.lane if mend is not None else Lane.SUPPLY, one, opens_at)

    def _renew(self, asked: list[Decision], before: Instant) -> bool:
        """Go to the first day, up to that of a moment, on which something lapses, and renew it there."""
        lapsing = [
            (self._last_visit(until), requirement, until)
            for requirement, until in self._kept_up(asked)
            if (requirement.id, until) not in self.renewed
        ]
        if not lapsing:
            return False
        due_at, requirement, until = min(lapsing, key=lambda found: found[0])
        if self._day(due_at) > self._day(before) or due_at >= self.calendar.until:
            return False
        self.at = due_at
        self.renewed.add((requirement.id, until))
        self._apply(requirement, "MET", Mark.DUE, f"{requirement.text} ({requirement.id})")
        return True

    def _last_visit(self, until: Instant) -> Instant:
        """The visit on the last day of something; before its end where it ends before the doors open."""
        last = self._visit(self.calendar.zone.start_of(self._day(Instant(until - TICK))))
        return max(self.at, min(last, Instant(until - TICK)))

    def _kept_up(self, asked: list[Decision]) -> list[tuple[Requirement, Instant]]:
        """What is met only until some moment and is renewed by a compliant patient, whenever a supply is due."""
        lines = {r.id: r for r in self.calendar.policy.requirements}
        ends: dict[str, Instant] = {}
        for finding in (f for decision in asked for f in (*decision.findings, *decision.advice)):
            line = lines.get(finding.requirement)
            mend = self.mends.get(line.kind) if line is not None else None
            if finding.is_met and finding.until is not None and mend is not None and mend.keeps_up:
                ends[finding.requirement] = min(finding.until, ends.get(finding.requirement, finding.until))
        return [(lines[name], until) for name, until in ends.items()]

    # -- the steps ----------------------------------------------------------------------------------------------------

    def _supply(self) -> None:
        """Prescribe, authorize, confirm and dispense, each allowed by the gate on the record as it then stands."""
        calendar, rx = self.calendar, self._draft(self.at)
        known = calendar.facts[:]
        calendar.facts.append(rx)
        self.teller.event(self.at, Lane.AUTHORIZATION, Mark.DUTY, said(rx))
        for decision in chain(calendar.policy, known, rx, self.number, self.at):
            unmet = blocking(calendar.policy, [decision])
            if unmet or not decision.findings:
                raise _Stopped(sentence(unmet[0]) if unmet else "the gate gave no answer")
            calendar.decisions.append(decision)
            calendar.facts.append(MADE[decision.request.step](calendar.policy, rx, self.number, self.at))
            self.teller.step(decision, rx, self.number)
        self.number += 1
        self.promised.clear()
        self.waited.clear()
        self._set_pace()

    def _set_pace(self) -> None:
        """Where the gate would allow the next supply at once, the patient still comes back only when it is needed."""
        unmet = blocking(self.calendar.policy, self._ask(self.at))
        waits = any(one.finding.opens is Opens.BY_WAITING for one in unmet)
        off = Record(self.calendar.facts).as_of(self.at).off_treatment_on(self.calendar.zone)
        self.pace = None if waits or off is None else self.calendar.zone.start_of(off)


def _sooner(then: Instant, unmet: list[Unmet]) -> Instant:
    """When all of it could be met, counted from a moment on; never, if the gate does not say when."""
    return max((max(then, one.finding.opens_at or LATEST) for one in unmet), default=EARLIEST)
