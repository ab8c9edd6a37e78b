"""A short slice of the races; the whole is `python -m tests.storage.race --rounds 1000`."""

from pathlib import Path

from tests.storage.race import race
from tests.storage.race_check import planted

ROUNDS = 6


def planted_rounds(database_url: str) -> int:
    """Enough that a machine with other work to do still lets two sessions meet."""
    return 3 if database_url.startswith("postgresql") else 10


def test_eight_sessions_at_once_never_do_anything_twice(database_url: str, tmp_path: Path) -> None:
    counts = race(database_url, tmp_path, ROUNDS)
    assert (counts.rounds, counts.harm()) == (ROUNDS, {})
    assert [counts.answers[f"{name}: done"] for name in ("authorize", "dispense", "positive")] == [
        ROUNDS, ROUNDS, 2 * ROUNDS,
    ]  # fmt: skip
    assert counts.answers["confirm here: done"] + counts.answers["confirm there: done"] == ROUNDS


def test_the_race_catches_a_patient_who_is_not_held(database_url: str, tmp_path: Path) -> None:
    counts = race(database_url, tmp_path, planted_rounds(database_url), planted=lambda app: planted(app, "lock"))
    assert counts.live_after_positive > 0


def test_the_race_catches_that_nothing_keeps_order(database_url: str, tmp_path: Path) -> None:
    counts = race(database_url, tmp_path, planted_rounds(database_url), planted=lambda app: planted(app, "both"))
    assert counts.double_authorizations > 0
    assert counts.double_confirmations > 0
    assert counts.double_dispenses > 0
    assert counts.live_after_positive > 0


def test_the_race_catches_that_the_unique_rules_are_gone(database_url: str, tmp_path: Path) -> None:
    counts = race(database_url, tmp_path, 1, planted=lambda app: planted(app, "rules"))
    assert counts.harm() == {"guards_missing": 1}
