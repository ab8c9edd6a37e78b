"""Decisions to plain data and back, so that an answer can be given a second time exactly as it was."""

from datetime import datetime
from typing import Any

from compliance.domain.decision import Decision, Finding, Opens, Request
from compliance.domain.facts import Category, Handover, Step
from compliance.domain.span import Instant
from compliance.domain.wire import write_instant


def write_decision(made: Decision) -> dict[str, Any]:
    """The plain form of a decision, every finding included."""
    asked = made.request
    return {
        "step": asked.step.value,
        "prescription": asked.prescription,
        "pharmacy": asked.pharmacy,
        "pharmacist": asked.pharmacist,
        "handover": asked.handover.value if asked.handover else None,
        "at": write_instant(made.at),
        "policy": [made.policy_id, made.policy_version, made.policy_sha256],
        "category": made.category.value if made.category else None,
        "ends_at": write_moment(made.authorization_ends_at),
        "findings": [_write(found) for found in made.findings],
        "advice": [_write(found) for found in made.advice],
        "is_gated": made.is_gated,
        "layers": list(made.layers),
    }


def _write(found: Finding) -> list[Any]:
    return [
        found.requirement, found.is_met, found.code, list(found.evidence), write_moment(found.until),
        write_moment(found.opens_at), found.opens.value, found.refers,
    ]  # fmt: skip


def _read(plain: list[Any]) -> Finding:
    """A finding as it was written; answers kept by older versions said nothing of referring."""
    name, is_met, code, rests_on, until, opens, how, *refers = plain
    return Finding(
        name, is_met, code, tuple(rests_on), read_moment(until), read_moment(opens), Opens(how), *map(bool, refers)
    )


def read_decision(plain: dict[str, Any]) -> Decision:
    """A decision as it was written."""
    policy_id, version, sha256 = plain["policy"]
    return Decision(
        request=Request(
            step=Step(plain["step"]), prescription=plain["prescription"], pharmacy=plain["pharmacy"],
            pharmacist=plain["pharmacist"],
            handover=Handover(plain["handover"]) if plain["handover"] else None,
        ),
        at=Instant(datetime.fromisoformat(plain["at"])), policy_id=policy_id, policy_version=version,
        policy_sha256=sha256, category=Category(plain["category"]) if plain["category"] else None,
        authorization_ends_at=read_moment(plain["ends_at"]),
        findings=tuple(_read(found) for found in plain["findings"]),
        advice=tuple(_read(found) for found in plain.get("advice", ())), is_gated=plain.get("is_gated", True),
        layers=tuple(plain.get("layers", ())),
    )  # fmt: skip


def write_moment(moment: Instant | None) -> str:
    """A moment as text, "" where there is none."""
    return "" if moment is None else write_instant(moment)


def read_moment(text: str | None) -> Instant | None:
    """A moment from text, None where there is none."""
    return Instant(datetime.fromisoformat(text)) if text else None
