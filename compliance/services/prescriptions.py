"""Issues prescriptions; whether one may be dispensed is for the gate to say."""

from collections.abc import Mapping
from typing import Any

from compliance.domain.access import Verb
from compliance.domain.facts import Prescription
from compliance.domain.wire import read_fact, write_fact, write_instant
from compliance.services.actor import Actor
from compliance.services.acts import Act, Codec, new_id, perform
from compliance.services.app import App
from compliance.services.errors import Invalid
from compliance.services.records import canonical_form, hold_own

_SET_HERE = frozenset({"id", "recorded_at", "actor", "corrects", "prescriber"})


def _read(plain: Any) -> Prescription:
    fact = read_fact(plain, "prescription")
    if not isinstance(fact, Prescription):
        raise Invalid("UNKNOWN_FACT", "this is not a prescription", "fact", fact.kind)
    return fact


_PRESCRIPTION: Codec[Prescription] = Codec(write_fact, _read)


def prescribe(app: App, actor: Actor, patient_id: str, plain: Mapping[str, Any], *, key: str = "") -> Prescription:
    """Issue a prescription to a patient of the own site; the prescriber is whoever issues it."""
    given = sorted(_SET_HERE & set(plain))
    if given:
        raise Invalid("SET_HERE", "this is set by the programme; leave it out", f"prescription.{given[0]}")

    def unit(act: Act) -> Prescription:
        held = hold_own(act, patient_id)
        at = held.tick()
        stamp = {
            "id": new_id("rx"),
            "recorded_at": write_instant(at),
            "actor": actor.id,
            "prescriber": actor.id,
        }
        fact = _read({"fact": Prescription.kind, "at": write_instant(at), **plain, **stamp})
        app.policies.for_product(fact.product, at)  # refuses a product that no programme covers
        held.learn(fact)
        act.log(
            "prescription.issued", refs={"prescription": fact.id}, patient=held.row,
            hidden={"fact": canonical_form(fact)},
        )  # fmt: skip
        return fact

    return perform(app, actor, Verb.PRESCRIBE, unit, _PRESCRIPTION, key=key, given=[patient_id, dict(plain)]).answer
