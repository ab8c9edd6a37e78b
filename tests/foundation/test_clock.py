"""Time comes from one place, in UTC, and a set clock only goes forward."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from compliance import clock
from compliance.clock import FixedClock


def test_the_machines_clock_gives_utc_and_does_not_run_backwards() -> None:
    first, second = clock.now(), clock.SystemClock().now()
    assert first.tzinfo is UTC
    assert first <= second
    assert clock.monotonic() <= clock.SystemClock().monotonic()


def test_a_set_clock_stands_until_it_is_moved(clock: FixedClock) -> None:
    assert clock.now() == clock.now() == datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
    assert clock.monotonic() == 0.0
    assert clock.advance(timedelta(days=1)) == datetime(2026, 1, 6, 9, 0, tzinfo=UTC)
    assert clock.monotonic() == 86400.0


def test_a_set_clock_turns_every_zone_into_utc() -> None:
    at = datetime(2026, 1, 5, 9, 0, tzinfo=timezone(timedelta(hours=9)))
    assert FixedClock(at).now().isoformat() == "2026-01-05T00:00:00+00:00"


def test_a_set_clock_does_not_go_back(clock: FixedClock) -> None:
    with pytest.raises(ValueError, match=r"stands at 2026-01-05T09:00:00\+00:00 and cannot go back to 2026-01-04"):
        clock.move_to(datetime(2026, 1, 4, tzinfo=UTC))


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^2026-01-05T00:00:00 names no time zone"):
        FixedClock(datetime(2026, 1, 5))  # noqa: DTZ001 - the mistake under test
