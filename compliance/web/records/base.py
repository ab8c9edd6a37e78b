"""What the forms of all kinds of fact share: the patient they are about, and the fact in its plain form."""

from __future__ import annotations

from typing import Any, ClassVar

from compliance.domain.facts import Category, Counsellor, Topic
from compliance.domain.requirements.care import Counselled
from compliance.domain.wire import write_instant
from compliance.services.patients import PatientView
from compliance.web.forms import Form, leave_out
from compliance.web.request import programme
from compliance.web.time_fields import Moment
from compliance.web.times import spell_day
from compliance.web.words import LABELS, asks_about_pregnancy

_ONLY_IF_ASKED = (Topic.MISSED_TEST, Topic.MENSES_EVALUATION)

NONE_IN_PARTICULAR = "none"


class FactForm(Form):
    """A form that becomes one fact. `names` says which member an input is called otherwise."""

    fact: ClassVar[str] = ""
    title: ClassVar[str] = ""
    intro: ClassVar[tuple[str, ...]] = ()
    names: ClassVar[dict[str, str]] = {}

    def __init__(self, view: PatientView) -> None:
        super().__init__()
        self.view = view
        self.left_out: list[str] = []
        self.offer()

    def offer(self) -> None:
        """Fill in the choices that depend on the patient."""

    def is_news(self) -> bool:
        """Whether this tells of a pregnancy, which outranks everything and is never sent back for a detail."""
        return False

    def validate(self, extra_validators: Any = None) -> bool:
        """Find out whether it can be taken; of news, what cannot be read is left out, and named."""
        good = bool(super().validate(extra_validators))
        if good or not self.is_news():
            return good
        self.left_out = leave_out(self)
        return True

    def plain(self) -> dict[str, Any]:
        """The fact in its plain form; only to be asked of a form that was found good."""
        return {"fact": self.fact, **self.said()}

    def said(self) -> dict[str, Any]:
        """The members that this kind adds."""
        raise NotImplementedError


def when(moment: Moment) -> dict[str, Any]:
    """The time members of a fact; "now" is left to the programme, which knows what it learned just before."""
    if moment.is_now:
        return {}
    return {"at": write_instant(moment.at), "precision": moment.precision.value}


def prescriptions_of(view: PatientView) -> list[tuple[str, str]]:
    """The prescriptions of a patient that a fact may be for, and none in particular."""
    found = [
        (
            state.prescription.id,
            f"{state.prescription.product}, issued {spell_day(state.prescription.at.date())}",
        )
        for state in view.prescriptions
        if state.state != "dispensed"
    ]
    return [*found, (NONE_IN_PARTICULAR, "For none in particular")]


def for_prescription(chosen: str) -> dict[str, Any]:
    """The member that names a prescription, if one was chosen."""
    return {} if chosen in {"", NONE_IN_PARTICULAR} else {"prescription": chosen}


def topics_for(category: Category | None, by: Counsellor) -> list[tuple[str, str]]:
    """The topics that some policy asks this professional to cover with this patient, and what evaluations need."""
    wanted: set[Topic] = set()
    for policy in programme().policies.all():
        for rule in policy.requirements:
            if isinstance(rule, Counselled) and rule.by is by and _concerns(rule, category):
                wanted |= rule.topics
    if by is Counsellor.PRESCRIBER and asks_about_pregnancy(category):
        wanted.update(_ONLY_IF_ASKED)
    return [(topic.value, LABELS[Topic][topic.value]) for topic in Topic if topic in wanted]


def _concerns(rule: Counselled, category: Category | None) -> bool:
    return category is None or not rule.when.categories or category in rule.when.categories


def programmes() -> list[tuple[str, str]]:
    """The programmes a fact may be for, by title."""
    app = programme()
    found = [(name, app.policies.versions(name)[-1]) for name in app.policies.programmes()]
    return sorted(((name, f"{policy.title} ({policy.jurisdiction})") for name, policy in found), key=lambda one: one[1])


def for_programme(chosen: str) -> dict[str, Any]:
    """The member that names a programme, if one was chosen."""
    return {"programme": chosen} if chosen else {}
