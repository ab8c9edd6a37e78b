"""Whole findings as tests expect them, so that no test looks at a code alone."""

from datetime import UTC, datetime

from compliance.domain.decision import Finding, Opens
from compliance.domain.span import Instant
from tests import builders as b


def met(requirement: str, *evidence: str, until: Instant | None = None) -> Finding:
    """A met finding."""
    return Finding(requirement, True, "MET", evidence, until)


def needs(requirement: str, code: str, *evidence: str, at: Instant = b.NOW) -> Finding:
    """An unmet finding that a new fact could mend."""
    return Finding(requirement, False, code, evidence, None, at, Opens.BY_A_NEW_FACT)


def waits(requirement: str, code: str, *evidence: str, at: Instant) -> Finding:
    """An unmet finding that time alone mends."""
    return Finding(requirement, False, code, evidence, None, at, Opens.BY_WAITING)


def utc(year: int, month: int, day: int, hour: int = 4, minute: int = 0) -> Instant:
    """Midnight in New York in summer, unless another hour is given."""
    return Instant(datetime(year, month, day, hour, minute, tzinfo=UTC))
