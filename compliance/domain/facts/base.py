"""What all facts share, so that each can be dated twice, attributed and corrected."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from compliance.domain.facts.words import Precision
from compliance.domain.span import Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """What all facts share: an id, the two times, who said so, and what it corrects.

    Some kinds also have a `programme`: an agreement, a certification or a survey of one programme stands for no
    other ("" where a story is about a single programme).
    """

    kind: ClassVar[str] = ""

    id: str
    at: Instant
    recorded_at: Instant
    actor: str
    precision: Precision = Precision.INSTANT
    corrects: str = ""
    reason: str = ""
