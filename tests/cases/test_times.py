"""Distances keep the time of day across changes of clocks, and never guess where these skip or repeat."""

# ruff: noqa: E501 - tables read best with one row a line

from datetime import UTC, date, datetime

import pytest

from compliance.cases.times import Teller
from compliance.domain.errors import DomainError
from compliance.domain.span import instant, zone


def teller(at: str, where: str = "America/New_York") -> Teller:
    return Teller(instant(datetime.fromisoformat(at)), zone(where))


@pytest.mark.parametrize(
    ("at", "told", "moment"),
    [
        ("2024-03-04T10:00:00-05:00", "-P12D", "2024-02-21T15:00:00+00:00"),
        ("2024-03-04T10:00:00-05:00", "-P0D", "2024-03-04T15:00:00+00:00"),
        ("2024-03-04T10:00:00-05:00", "+P1D", "2024-03-05T15:00:00+00:00"),
        ("2024-03-04T10:00:00-05:00", "-P3M", "2023-12-04T15:00:00+00:00"),
        ("2024-03-04T10:00:00-05:00", "-P2Y", "2022-03-04T15:00:00+00:00"),
        ("2024-03-04T10:00:00-05:00", "-PT1H", "2024-03-04T14:00:00+00:00"),
        ("2024-03-04T10:00:00-05:00", "-PT24H30M", "2024-03-03T14:30:00+00:00"),
        ("2024-03-04T10:00:00-05:00", "+PT1S", "2024-03-04T15:00:01+00:00"),
        ("2024-03-04T10:00:00-05:00", "2024-02-21", "2024-02-21T05:00:00+00:00"),
        ("2024-03-04T10:00:00-05:00", "2024-02-21T10:00:00+01:00", "2024-02-21T09:00:00+00:00"),
        # the clocks went forward on 10 March 2024 and back on 3 November 2024
        ("2024-03-11T10:00:00-04:00", "-P1D", "2024-03-10T14:00:00+00:00"),
        ("2024-03-11T10:00:00-04:00", "-P2D", "2024-03-09T15:00:00+00:00"),
        ("2024-03-11T10:00:00-04:00", "-PT48H", "2024-03-09T14:00:00+00:00"),
        ("2024-11-04T10:00:00-05:00", "-P2D", "2024-11-02T14:00:00+00:00"),
        # the day is the zone's, not the offset's
        ("2024-03-05T03:00:00+00:00", "-P1D", "2024-03-04T03:00:00+00:00"),
        ("2024-11-03T01:30:00-04:00", "-P0D", "2024-11-03T05:30:00+00:00"),
    ],
)
def test_a_time_is_read_as_people_mean_it(at: str, told: str, moment: str) -> None:
    assert teller(at).time(told, "at").moment == datetime.fromisoformat(moment)


@pytest.mark.parametrize(
    ("at", "told", "code", "said"),
    [
        ("2024-03-11T02:30:00-04:00", "-P1D", "TIME_SKIPPED",
         "facts.x.at: the clocks skip 2024-03-10 02:30:00; write the time with its offset (given: -P1D)"),
        ("2024-11-04T01:30:00-05:00", "-P1D", "TIME_TWICE",
         "facts.x.at: the clocks show 2024-11-03 01:30:00 twice; write the time with its offset (given: -P1D)"),
        ("2024-03-31T10:00:00-04:00", "-P1M", "DATE_ABSENT",
         "facts.x.at: that month has no day 31; write the date (given: -P1M)"),
        ("2024-02-29T10:00:00-05:00", "-P1Y", "DATE_ABSENT",
         "facts.x.at: that month has no day 29; write the date (given: -P1Y)"),
        ("2024-03-04T10:00:00-05:00", "-PT99999H99999M", "TIME_UNREADABLE", ""),
        ("2024-03-04T10:00:00-05:00", "-P200Y", "TIME_IMPLAUSIBLE", "facts.x.at: a time must lie between 1900 and 2200"),
        ("2024-03-04T10:00:00-05:00", "-P12", "TIME_UNREADABLE", "facts.x.at: write 2026-03-07T14:30:00-05:00"),
        ("2024-03-04T10:00:00-05:00", "-P1.5D", "TIME_UNREADABLE", "facts.x.at: write 2026-03-07T14:30:00-05:00"),
        ("2024-03-04T10:00:00-05:00", "P1D", "TIME_UNREADABLE", "facts.x.at: write a time as"),
        ("2024-03-04T10:00:00-05:00", "-P\u0661D", "TIME_UNREADABLE", "facts.x.at: write"),
        ("2024-03-04T10:00:00-05:00", "2024-02-30", "DATE_UNREADABLE", "facts.x.at: write a date as 2026-03-07"),
        ("2024-03-04T10:00:00-05:00", "1824-02-28", "DATE_IMPLAUSIBLE", "facts.x.at: a date must lie between"),
    ],
)  # fmt: skip
def test_a_time_that_nobody_can_mean_is_refused(at: str, told: str, code: str, said: str) -> None:
    if not said:  # the longest distance that can be written is short enough to be read
        assert teller(at).time(told, "facts.x.at").moment < datetime(2024, 1, 1, tzinfo=UTC)
        return
    with pytest.raises(DomainError) as refused:
        teller(at).time(told, "facts.x.at")
    assert str(refused.value).startswith(said)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("told", "day"),
    [
        ("-P28D", date(2024, 2, 5)),
        ("+P30D", date(2024, 4, 3)),
        ("-P24M", date(2022, 3, 4)),
        ("-P40Y", date(1984, 3, 4)),
        ("2024-02-29", date(2024, 2, 29)),
        (date(2024, 2, 29), date(2024, 2, 29)),
    ],
)
def test_a_date_is_read_as_people_mean_it(told: object, day: date) -> None:
    assert teller("2024-03-05T03:00:00+00:00").day(told, "since") == day


def test_a_day_that_a_zone_skipped_starts_with_the_next_moment() -> None:
    # Samoa went from 29 to 31 December 2011
    assert teller("2011-12-31T10:00:00+14:00", "Pacific/Apia").time("2011-12-30", "at").moment == datetime(
        2011, 12, 30, 10, tzinfo=UTC
    )
