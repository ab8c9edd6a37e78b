"""At a window's edge a microsecond decides; a second, a minute and a day on either side agree with it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import pytest

from compliance.domain.decision import Weight
from compliance.domain.gate import decide
from compliance.domain.policy import Policy, Status
from compliance.domain.record import Record
from compliance.domain.requirements import Requirement, When
from compliance.domain.span import Instant, Zone
from compliance.domain.span import zone as zone_of
from compliance.policies import load_catalogue
from tests import builders as b
from tests.edges.clocks import TICK, ZONES, anchors, changes_of_clocks, first_moment
from tests.edges.windows import Edge, Windows, parameters

ALWAYS = When(steps=frozenset(), categories=frozenset(), first=None)
DISTANCES = (TICK, timedelta(seconds=1), timedelta(minutes=1), timedelta(days=1))
WINDOWED = frozenset(name for name in vars(Windows) if not name.startswith("_"))


@cache
def rules() -> tuple[Requirement, ...]:
    """Every distinct rule with a window, of every programme."""
    found = {}
    for policy in load_catalogue().all():
        for rule in policy.requirements:
            if rule.kind in WINDOWED:
                found[parameters(rule)] = replace(rule, id="rule", when=ALWAYS, if_unmet=Weight.REFUSE)
    return tuple(found[key] for key in sorted(found))


def alone(rule: Requirement, where: Zone) -> Policy:
    return replace(
        b.policy(), status=Status.ACTIVE, zone=where, requirements=(rule,), in_force_from=date(1901, 1, 1),
        in_force_until=None,
    )  # fmt: skip


def is_met(policy: Policy, edge: Edge, at: datetime) -> bool:
    facts, request = edge.tell(Instant(at))
    return decide(policy, Record(facts), request, Instant(at)).is_allowed


def wrong_at(policy: Policy, edge: Edge, start: datetime) -> list[str]:
    """Where the gate does not say what the edge says. Before the window begins nothing is asked."""
    moments = [(edge.at, False)]
    moments += [(edge.at + distance, False) for distance in DISTANCES]
    moments += [(edge.at - distance, True) for distance in DISTANCES if edge.at - distance > start]
    return [
        f"{edge.name} {policy.zone.key} begun {start.isoformat()}: at {at.isoformat()}"
        for at, is_before in moments
        if is_met(policy, edge, at) is not (is_before is edge.is_end)
    ]


@pytest.mark.parametrize("key", ZONES)
def test_every_window_opens_and_closes_at_its_very_microsecond(key: str) -> None:
    zone, where = ZoneInfo(key), zone_of(key)
    looked, wrong = 0, []
    for at, start in enumerate(anchors(zone)):
        for rule in rules()[at % 3 :: 3] if at > 3 else rules():
            policy = alone(rule, where)
            for edge in Windows(rule, start, zone).edges():
                looked += 1
                wrong += wrong_at(policy, edge, start)
    assert wrong[:5] == []
    assert looked > 4 * len(rules()) / 3


@pytest.mark.parametrize("key", ZONES)
def test_a_policy_begins_and_ends_at_midnight_of_its_own_zone(key: str) -> None:
    zone, where = ZoneInfo(key), zone_of(key)
    rule = next(rule for rule in b.policy().requirements if rule.kind == "prescription_form")
    for start in anchors(zone):
        day = start.astimezone(zone).date()
        policy = replace(alone(replace(rule, when=ALWAYS), where), in_force_from=day, in_force_until=day)
        begins, ends = first_moment(day, zone), first_moment(day + timedelta(days=1), zone)
        rx = b.prescription(at=Instant(datetime(2001, 1, 1, tzinfo=zone)))
        asked = [
            decide(policy, Record([rx]), b.request(), Instant(at)).is_allowed
            for at in (begins - TICK, begins, ends - TICK, ends)
        ]
        assert asked == [False, True, True, False], (key, day)


def test_the_clocks_change_in_enough_of_the_zones() -> None:
    assert len(set(ZONES)) == 40
    changing = {key: len(list(changes_of_clocks(ZoneInfo(key)))) for key in ZONES}
    assert sum(count >= 40 for count in changing.values()) >= 20
    assert sum(changing.values()) > 900


def test_a_day_of_24_hours_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def end_of(self: Zone, day: date) -> Instant:
        return Instant(self.start_of(day) + timedelta(hours=24))

    monkeypatch.setattr(Zone, "end_of", end_of)
    zone, where = ZoneInfo("Europe/Berlin"), zone_of("Europe/Berlin")
    shipping = next(rule for rule in rules() if rule.kind == "same_day_shipping")
    change = first_moment(date(2026, 3, 29), zone) + timedelta(hours=1)
    (edge,) = Windows(shipping, change, zone).edges()
    assert wrong_at(alone(shipping, where), edge, change) != []


def test_an_edge_moved_by_a_microsecond_is_found() -> None:
    zone, where = ZoneInfo("America/New_York"), zone_of("America/New_York")
    life = next(rule for rule in rules() if rule.kind == "confirmation_life")
    start = datetime(2026, 6, 15, 16, tzinfo=zone)
    (edge,) = Windows(life, start, zone).edges()
    assert wrong_at(alone(life, where), edge, start) == []
    assert len(wrong_at(alone(life, where), replace(edge, at=edge.at + TICK), start)) == 1
    assert len(wrong_at(alone(life, where), replace(edge, at=edge.at - TICK), start)) == 1
