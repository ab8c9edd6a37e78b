"""What people read for the words of the domain, and the choices that forms offer."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum

from compliance.domain import facts
from compliance.web.labels import KINDS, LABELS

__all__ = [
    "CONFIDENCE", "KINDS", "LABELS", "MAY_BE_PREGNANT", "ROLES", "STATES", "about", "asks_about_pregnancy", "choices",
    "label",
]  # fmt: skip


def label(word: Enum) -> str:
    """The label of one word."""
    return LABELS[type(word)][word.value]


def about(name: str, problem: str) -> str:
    """What is wrong with a field, led by its name; a question needs no colon after it."""
    return f"{name} {problem}" if name.endswith("?") else f"{name}: {problem}"


def choices(kind: type[Enum], only: Iterable[Enum] = ()) -> list[tuple[str, str]]:
    """The choices of a vocabulary for a form, all or some."""
    wanted = [word.value for word in only] or [word.value for word in kind]
    return [(value, LABELS[kind][value]) for value in wanted]


STATES = {
    "issued": ("No live authorization", "grey"),
    "authorized": ("Authorized", "blue"),
    "confirmed": ("Confirmed", "purple"),
    "dispensed": ("Dispensed", "green"),
}
"""What the state of a prescription is called, and the colour of its tag (never the colour alone)."""

ROLES = {
    "prescriber": "Prescriber",
    "pharmacist": "Pharmacist",
    "auditor": "Auditor",
    "administrator": "Administrator",
}

CONFIDENCE = {
    "primary": "",
    "secondary": "Read in a secondary source, not confirmed in the regulator's text.",
    "unconfirmed": "Not confirmed in the regulator's text; the programme's owner has to rule on it.",
    "house": "A safety rule of this system.",
}
"""What to say about how sure a rule is."""

MAY_BE_PREGNANT = frozenset({facts.Category.ADULT_FRP, facts.Category.CHILD_FRP})
"""Who is asked about pregnancy; an unknown category counts as one of these."""


def asks_about_pregnancy(category: facts.Category | None) -> bool:
    """Whether pages about this patient show pregnancy questions: never to those who cannot become pregnant."""
    return category is None or category in MAY_BE_PREGNANT
