"""The naive gate on supply, authorizations, confirmations and the way to the patient.

Written from `policies/README.md` alone.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from tests.oracle.world import Plain, Says, World, met, newest


def days_supply(rule: Plain, world: World) -> Says:
    """Count the days of treatment one by one."""
    prescription = world.prescription
    if prescription is None:
        return "DAYS_SUPPLY_UNKNOWN", world.now
    units, days_on = prescription["units_per_day"], prescription["days_on"]
    if min(prescription["quantity"], units, days_on) < 1 or prescription["cycle_days"] < days_on:
        return "DAYS_SUPPLY_UNKNOWN", world.now
    capsules, taken, days = prescription["quantity"], 0, 0
    while capsules > 0:
        capsules, taken, days = capsules - units, taken + 1, days + 1
        if taken == days_on:
            taken, days = 0, days + prescription["cycle_days"] - days_on
    return met() if days <= rule["at_most"] else ("DAYS_SUPPLY_EXCEEDED", world.now)


def refills(rule: Plain, world: World) -> Says:
    """No more refills than allowed."""
    if world.prescription is None:
        return "PRESCRIPTION_MISSING", world.now
    return met() if world.prescription["refills"] <= rule["at_most"] else ("REFILLS_NOT_ALLOWED", world.now)


def not_yet_dispensed(_: Plain, world: World) -> Says:
    """No live dispense of this prescription."""
    done = [d for d in world.live_dispenses() if d["prescription"] == world.request["prescription"]]
    return ("ALREADY_DISPENSED", world.now) if done else met()


def supply_left(rule: Plain, world: World) -> Says:
    """Few enough days in hand."""
    left, _, _ = world.supply
    if not world.dispenses or left <= rule["at_most"]:
        return met()
    return "SUPPLY_LEFT", world.start(world.today + timedelta(days=left - rule["at_most"]))


def authorization_end(rule: Plain, issued: datetime, world: World) -> datetime | None:
    """When an authorization of that issue is over; none if it never lived."""
    counted_from = issued
    if rule["counted_from"] == "prescription":
        if world.prescription is None:
            return None
        counted_from = world.prescription["at"]
    elif rule["counted_from"] == "pregnancy_test":
        known = [t for t in world.negatives if t["at"] <= issued and t["recorded_at"] <= issued]
        test = newest(known)
        if test is None:
            return None
        counted_from = test["at"]
    return world.span_end(rule["lasts"], counted_from)


def authorization_life(rule: Plain, world: World) -> Says:
    """Leave to prescribe: not given twice, and alive when it is used."""
    if world.request["step"] == "authorize":
        all_of_them = world.for_prescription("authorization")
        ends = [authorization_end(rule, a["at"], world) for a in all_of_them if not world.voided(a)]
        alive = [end for end in ends if end is not None and world.now < end]
        would_end = authorization_end(rule, world.now, world)
        if alive:
            waiting_helps = rule["counted_from"] == "issue" or (would_end or world.now) > max(alive)
            return "ALREADY_AUTHORIZED", max(alive) if waiting_helps else world.now
        if would_end is None or world.now >= would_end:
            return "AUTHORIZATION_WOULD_BE_OVER", world.now
        return met(would_end if rule["counted_from"] != "issue" else None)
    authorization, says = present(world)
    if authorization is None:
        return says
    end = authorization_end(rule, authorization["at"], world)
    return ("AUTHORIZATION_EXPIRED", world.now) if end is None or world.now >= end else met(end)


def authorization_held(_: Plain, world: World) -> Says:
    """Leave to prescribe that has no end of its own: not given twice, and there when it is used."""
    if world.request["step"] == "authorize":
        alive = [a for a in world.for_prescription("authorization") if not world.voided(a)]
        return ("ALREADY_AUTHORIZED", world.now) if alive else met()
    return present(world)[1]


def present(world: World) -> tuple[Plain | None, Says]:
    """The authorization that is used at the later steps, if it is there and for the enrolled category."""
    authorization = world.unvoided("authorization")
    if authorization is None:
        code = "AUTHORIZATION_VOIDED" if world.for_prescription("authorization") else "AUTHORIZATION_MISSING"
        return None, (code, world.now)
    if authorization["category"] != world.category:
        return None, ("AUTHORIZATION_CATEGORY_MISMATCH", world.now)
    return authorization, met()


def confirmation_end(rule: Plain, confirmation: Plain, world: World) -> datetime:
    """The exclusive end of a confirmation."""
    return world.span_end(rule["lasts"], confirmation["at"])


def confirmation_life(rule: Plain, world: World) -> Says:
    """Leave to dispense: not given twice, and alive, here and under the present authorization when it is used."""
    authorization = world.unvoided("authorization")
    present = authorization["id"] if authorization else None
    if world.request["step"] == "confirm":
        ends = [
            confirmation_end(rule, c, world)
            for c in world.of("confirmation")
            if c["authorization"] == present and not world.voided(c)
        ]
        alive = [end for end in ends if world.now < end]
        return ("ALREADY_CONFIRMED", max(alive)) if alive else met()
    confirmation = world.unvoided("confirmation")
    if confirmation is None:
        any_of_them = world.for_prescription("confirmation")
        return ("CONFIRMATION_VOIDED" if any_of_them else "CONFIRMATION_MISSING"), world.now
    if confirmation["authorization"] != present:
        return "CONFIRMATION_VOIDED", world.now
    if confirmation["pharmacy"] != world.request.get("pharmacy", ""):
        return "CONFIRMATION_ELSEWHERE", world.now
    end = confirmation_end(rule, confirmation, world)
    return ("CONFIRMATION_EXPIRED", world.now) if world.now >= end else met(end)


def same_day_shipping(_: Plain, world: World) -> Says:
    """In person, or shipped on the day of the confirmation."""
    handover = world.request.get("handover")
    if handover is None:
        return "HANDOVER_UNKNOWN", world.now
    if handover == "in_person":
        return met()
    confirmation = world.unvoided("confirmation")
    if confirmation is None:
        return "CONFIRMATION_MISSING", world.now
    same_day = world.day(confirmation["at"]) == world.today
    return met(world.end(world.today)) if same_day else ("NOT_SHIPPED_THE_SAME_DAY", world.now)
