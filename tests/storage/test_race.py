"""A short slice of the races; the whole is `python -m tests.storage.race --rounds 1000`."""

from pathlib import Path

from tests.storage.race import planted_fault, race

ROUNDS = 6


def test_eight_sessions_at_once_never_do_anything_twice(database_url: str, tmp_path: Path) -> None:
    counts = race(database_url, tmp_path, ROUNDS)
    assert counts.rounds == ROUNDS
    assert (counts.double_authorizations, counts.double_confirmations, counts.double_dispenses) == (0, 0, 0)
    assert (counts.live_after_positive, counts.numbers_twice, dict(counts.unexpected_errors)) == (0, 0, {})


def test_the_race_catches_a_planted_fault(database_url: str, tmp_path: Path) -> None:
    with planted_fault(database_url):
        counts = race(database_url, tmp_path, 2)
    assert counts.double_authorizations > 0
    assert counts.live_after_positive > 0
