"""What a record shows: the facts that count, by kind and by what requirements look for.

Everything is indexed once, so that answering a requirement does not grow with the history.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple, TypeVar, cast

from compliance.domain.facts import (
    Certification,
    CertifiedRole,
    Contraception,
    Counselling,
    Counsellor,
    Cycle,
    Enrolment,
    Fact,
    Hold,
    HoldReview,
    Item,
    Material,
    PregnancyTest,
    Report,
    ReportKind,
    Revocation,
    RiskEvidence,
    Survey,
    TestResult,
    Topic,
    Whose,
)
from compliance.domain.once import once
from compliance.domain.span import Instant

F = TypeVar("F", bound=Fact)

_OF_PREGNANCY = frozenset({ReportKind.PREGNANCY, ReportKind.PARTNER_PREGNANCY})
_TO_EVALUATE = frozenset({ReportKind.MISSED_MENSES, ReportKind.ABNORMAL_BLEEDING})


def oldest_first(fact: Fact) -> tuple[Instant, Instant, str]:
    """The one order of facts: by when they were true, then by when they were learned, then by id."""
    return fact.at, fact.recorded_at, fact.id


class Scope(NamedTuple):
    """Whose facts count: those of one programme, and supplies of its own products."""

    programme: str
    products: frozenset[str]


class Visible:
    """The facts visible at one moment, without what has been corrected, by kind and in order of `at`.

    With a scope, what was agreed, certified or answered for another programme does not show; tests, reports,
    holds and contraception are about the patient and always do.
    """

    def __init__(self, visible: Iterable[Fact], scope: Scope | None = None) -> None:
        self.scope = scope
        facts = sorted(visible, key=oldest_first)
        if scope is not None:
            ours = ("", scope.programme)
            facts = [fact for fact in facts if getattr(fact, "programme", "") in ours]
        replaced = {fact.corrects for fact in facts if fact.corrects}
        kinds: dict[type[Fact], list[Fact]] = {}
        for fact in facts:
            kinds.setdefault(type(fact), []).append(fact)
        self._kinds = {
            kind: tuple([fact for fact in found if fact.id not in replaced]) for kind, found in kinds.items()
        }
        telling = [fact for kind in (PregnancyTest, Report, Hold) for fact in kinds.get(kind, ())]
        telling.sort(key=oldest_first)
        medical = {fact.id for fact in telling if _says_pregnant(fact)}
        self.causes = tuple(f for f in telling if f.id in medical or (isinstance(f, Hold) and f.cause not in medical))
        """What holds the patient, corrected or not: a correction alone never lifts a hold."""

    def all(self, kind: type[F]) -> tuple[F, ...]:
        """All visible facts of a kind, oldest first."""
        return cast("tuple[F, ...]", self._kinds.get(kind, ()))

    def newest(self, kind: type[F]) -> F | None:
        """The newest visible fact of a kind."""
        found = self._kinds.get(kind)
        return cast("F", found[-1]) if found else None

    @once
    def enrolment(self) -> Enrolment | None:
        """The newest agreement: it names the risk category."""
        return self.newest(Enrolment)

    @once
    def evidence(self) -> RiskEvidence | None:
        """The newest evidence for the category."""
        return self.newest(RiskEvidence)

    @once
    def cycle(self) -> Cycle | None:
        """The newest statement on cycle regularity."""
        return self.newest(Cycle)

    @once
    def contraception(self) -> Contraception | None:
        """The newest statement of methods in use."""
        return self.newest(Contraception)

    @once
    def menses_reports(self) -> tuple[Report, ...]:
        """Reports about menses and bleeding, oldest first; pregnancies are among the causes of holds."""
        return tuple(r for r in self.all(Report) if r.what not in _OF_PREGNANCY)

    @once
    def to_evaluate(self) -> Report | None:
        """The newest report that calls for an evaluation."""
        return next((r for r in reversed(self.menses_reports) if r.what in _TO_EVALUATE), None)

    @once
    def _counselling_by_prescription(self) -> dict[str, list[Counselling]]:
        found: dict[str, list[Counselling]] = {}
        for held in self.all(Counselling):
            found.setdefault(held.prescription, []).append(held)
        found.pop("", None)  # a conversation about no prescription stands for none
        return found

    def counselling_for(self, prescription: str) -> tuple[Counselling, ...]:
        """The conversations held for one prescription."""
        return tuple(self._counselling_by_prescription.get(prescription, ()))

    @once
    def counselled_on(self) -> dict[Topic, Counselling]:
        """The prescriber's newest conversation on each topic."""
        held = (c for c in self.all(Counselling) if c.by is Counsellor.PRESCRIBER)
        return {topic: c for c in held for topic in c.topics}

    @once
    def materials(self) -> dict[tuple[str, Item], Material]:
        """The newest piece of each written material for each prescription."""
        return {(m.prescription, m.item): m for m in self.all(Material)}

    @once
    def prescriber_surveys(self) -> dict[str, Survey]:
        """The prescriber's newest survey for each prescription."""
        done = (s for s in self.all(Survey) if s.whose is Whose.PRESCRIBER)
        return {s.prescription: s for s in done if s.prescription}

    @once
    def patient_survey(self) -> Survey | None:
        """The patient's newest survey."""
        return next((s for s in reversed(self.all(Survey)) if s.whose is Whose.PATIENT), None)

    @once
    def reviews(self) -> dict[str, dict[str, HoldReview]]:
        """For each thing that holds the patient, the newest conclusion of each reviewer."""
        found: dict[str, dict[str, HoldReview]] = {}
        for review in self.all(HoldReview):
            found.setdefault(review.of, {})[review.actor] = review
        return found

    @once
    def certifications(self) -> dict[tuple[CertifiedRole, str], Certification]:
        """The newest certification of each person and site."""
        return {(c.role, c.subject): c for c in self.all(Certification)}

    @once
    def revocations(self) -> dict[tuple[CertifiedRole, str], Revocation]:
        """The newest revocation of each person and site."""
        return {(r.role, r.subject): r for r in self.all(Revocation)}


def _says_pregnant(fact: Fact) -> bool:
    if isinstance(fact, PregnancyTest):
        return fact.result is TestResult.POSITIVE
    return isinstance(fact, Report) and fact.what is ReportKind.PREGNANCY
