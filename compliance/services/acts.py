"""The shape that every act has: one transaction, one log entry, and no answer before the log proves it.

`perform` runs a unit of work under the caller's idempotency key. The entry is committed with what it records;
then it is given its place, its receipt is verified with the log's public key, and only then comes the answer.
"""

import hashlib
import json
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC
from typing import Any, Generic, TypeVar

from compliance.domain.access import Verb
from compliance.domain.decision import Decision
from compliance.domain.errors import DomainError
from compliance.domain.span import Instant
from compliance.domain.wire import write_instant
from compliance.ledger import canonical
from compliance.ledger.entry import SALT_BYTES, commitment, pending_body
from compliance.ledger.errors import LedgerError
from compliance.ledger.proof import verify_receipt
from compliance.services.actor import Actor, permit
from compliance.services.app import App
from compliance.services.errors import Conflict, Invalid, NotFound, Unavailable, invalid
from compliance.storage import idempotency, log_rows
from compliance.storage.database import Uow
from compliance.storage.errors import (
    Clash,
    ClockDistrusted,
    LogBroken,
    RecordUnreadable,
    StorageUnavailable,
    Unstorable,
)
from compliance.storage.log import Sequenced
from compliance.storage.patients import PatientRow

A = TypeVar("A")

_MOST_KEY = 128
_BROKEN_RULES = {
    "one_live_authorization": (
        "ALREADY_AUTHORIZED",
        "the prescription has a live authorization; void it first",
    ),
    "one_live_confirmation": ("ALREADY_CONFIRMED", "the authorization has a live confirmation"),
    "one_live_dispense": ("ALREADY_DISPENSED", "the prescription has been dispensed"),
    "one_live_dispense_per_confirmation": ("ALREADY_DISPENSED", "the confirmation has been used"),
    "one_person_per_username": ("USERNAME_TAKEN", "choose another username"),
    "one_patient_per_identifier": (
        "ALREADY_REGISTERED",
        "a patient with this identifier is registered at the site",
    ),
}


@dataclass(frozen=True, slots=True)
class Codec(Generic[A]):
    """How the answer of a verb is kept for those who ask again with the same key."""

    write: Callable[[A], Any]
    read: Callable[[Any], A]


TEXT: Codec[str] = Codec(lambda answer: answer, str)
COUNT: Codec[int] = Codec(lambda answer: answer, int)


@dataclass(frozen=True, slots=True)
class Done(Generic[A]):
    """An act that was done, and the entry that proves it."""

    answer: A
    entry: Sequenced
    txn: str
    is_replayed: bool


@dataclass(slots=True)
class Act:
    """One act while it is being done."""

    app: App
    actor: Actor
    uow: Uow
    txn: str
    now: Instant
    is_logged: bool = field(default=False)

    def log(
        self,
        entry_type: str,
        *,
        outcome: str | None = None,
        reasons: Iterable[str] = (),
        decision: Decision | None = None,
        refs: Mapping[str, object] | None = None,
        patient: PatientRow | None = None,
        hidden: Mapping[str, object] | None = None,
        releases: str = "",
    ) -> None:
        """Write the act's entry. What is about a person goes into `hidden`: only commitments show."""
        sealed = {path: (secrets.token_bytes(SALT_BYTES), value) for path, value in (hidden or {}).items()}
        if patient is not None:
            sealed["patient"] = (secrets.token_bytes(SALT_BYTES), patient.id)
        policy = None if decision is None else _policy(decision)
        body = pending_body(
            log=self.app.log.origin, entry_type=entry_type, txn=self.txn, actor=self.actor.id,
            site=self.actor.site,
            outcome=outcome, reasons=reasons, policy=policy, refs=refs,
            sd=[commitment(salt, path, value) for path, (salt, value) in sealed.items()],
        )  # fmt: skip
        self.app.log.append(self.uow, self.txn, body, releases=releases)
        if patient is not None:
            self._disclose(patient, sealed)
        self.is_logged = True

    def _disclose(self, patient: PatientRow, sealed: Mapping[str, tuple[bytes, object]]) -> None:
        if patient.wrapped_key is None:
            return  # forgotten: the entry stands, and what it hides stays hidden
        plain = canonical.encode(
            [{"path": p, "salt": salt.hex(), "value": value} for p, (salt, value) in sealed.items()]
        )
        log_rows.insert_disclosure(
            self.uow,
            self.txn,
            patient.id,
            self.app.vault.seal(patient.wrapped_key, patient.id, self.txn, plain),
        )


def perform(
    app: App, actor: Actor, verb: Verb, unit: Callable[[Act], A], codec: Codec[A], *, key: str, given: object
) -> Done[A]:
    """Do one act, or give the answer it was given before under the same key."""
    permit(actor, verb)
    asked = hashlib.sha256(json.dumps([verb.value, given], sort_keys=True, default=str).encode()).digest()
    _check_key(key)

    def once(uow: Uow) -> tuple[A, str, bool]:
        return _once(app, actor, uow, unit, codec, key=key, asked=asked)

    with guarded():
        if verb is not Verb.REPORT_PREGNANCY and not app.db.has_room():
            raise StorageUnavailable("the room that is left is for news of a pregnancy")
        try:
            answer, txn, is_replayed = app.db.run(once)
        except (Clash, Conflict, NotFound):
            # The same request may have arrived twice at once, and the other one has just been answered.
            if not is_answered(app, actor, key):
                raise
            answer, txn, is_replayed = app.db.run(once)
        return Done(answer, prove(app, txn), txn, is_replayed)


def prove(app: App, txn: str) -> Sequenced:
    """Give a committed entry its place and verify its receipt, as anybody outside would."""
    entry = app.log.settle(txn)
    verify_receipt(entry.receipt, entry.leaf, app.log.verifier)
    return entry


def new_id(prefix: str) -> str:
    """An opaque id that nobody can guess."""
    return f"{prefix}_{secrets.token_hex(16)}"


def moment(app: App) -> Instant:
    """The moment at which an act is done."""
    return Instant(app.clock.now().astimezone(UTC))


@contextmanager
def guarded() -> Iterator[None]:
    """Turn whatever the floors below refuse into an error that doors understand."""
    try:
        yield
    except DomainError as error:
        raise invalid(error) from error
    except Unstorable as error:
        raise Invalid("UNREADABLE", "a text or number here is none that can be kept; type it again") from error
    except Clash as clash:
        code, message = _BROKEN_RULES.get(clash.rule, ("CONTRADICTED", "ask again: something happened meanwhile"))
        raise Conflict(code, message) from clash
    except StorageUnavailable as error:
        raise Unavailable(
            "STORAGE_UNAVAILABLE", "the database cannot be used now; try again with the same key"
        ) from error
    except ClockDistrusted as error:
        raise Unavailable("CLOCK_DISTRUSTED", f"nothing is released until the clock is right: {error}") from error
    except RecordUnreadable as error:
        raise Unavailable("RECORD_UNREADABLE", "a stored record cannot be read, so nothing is decided on it") from error
    except (LogBroken, LedgerError) as error:
        raise Unavailable("LOG_REFUSED", "the log does not take or prove the entry, so nothing is released") from error


def _once(
    app: App, actor: Actor, uow: Uow, unit: Callable[[Act], A], codec: Codec[A], *, key: str, asked: bytes
) -> tuple[A, str, bool]:
    now = moment(app)
    app.log.check_clock(uow, now)
    kept = idempotency.find(uow, actor.id, key) if key else None
    if kept is not None:
        if kept.input_hash != asked:
            raise Conflict("IDEMPOTENCY_KEY_REUSED", "this key was used for something else; use a new one", "key")
        return codec.read(json.loads(kept.answer)), kept.txn, True
    act = Act(app, actor, uow, new_id("t"), now)
    answer = unit(act)
    if not act.is_logged:
        raise Unavailable("NOT_LOGGED", "the act has no entry in the log, so it was not done")
    if key:
        idempotency.keep(
            uow, actor=actor.id, key=key, input_hash=asked, txn=act.txn,
            answer=json.dumps(codec.write(answer), ensure_ascii=False), created_at=write_instant(now),
        )  # fmt: skip
    return answer, act.txn, False


def is_answered(app: App, actor: Actor, key: str) -> bool:
    """Whether this key has an answer already; a notice for the sender, on which no act rests."""
    if not key:
        return False
    with app.db.read() as uow:
        return idempotency.find(uow, actor.id, key) is not None


def _policy(decision: Decision) -> dict[str, str]:
    return {"id": decision.policy_id, "ver": decision.policy_version, "sha256": decision.policy_sha256}


def _check_key(key: str) -> None:
    if len(key) > _MOST_KEY or not key.isascii() or not (key.isprintable() or not key):
        raise Invalid("KEY_UNREADABLE", f"give a key of {_MOST_KEY} visible ASCII characters at most", "key")
