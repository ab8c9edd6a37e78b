"""So that a log entry can say only what everybody may read for ever: the leaf format `gate-entry/1`.

A leaf is a canonical JSON object whose members are a closed set of codes and opaque tokens. Personal data
enters only as salted commitments (`sd`); whoever holds salt and value can prove them, nobody else can guess.
"""

import base64
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from functools import lru_cache
from hashlib import sha256
from typing import Any

from compliance.ledger import canonical
from compliance.ledger.errors import LedgerError

VERSION = 1
SALT_BYTES = 32
TYPES = frozenset(
    {
        *("log.genesis", "log.key", "log.exported", "config.changed", "clock.status", "record.read"),
        *("patient.registered", "fact.recorded", "fact.corrected", "prescription.issued", "decision.asked"),
        *("authorization.decision", "authorization.voided", "confirmation.decision", "confirmation.voided"),
        *("dispense.decision", "dispense.reversed", "stock.returned", "hold.placed", "hold.reviewed"),
        *("certification.recorded", "certification.revoked", "apikey.issued", "apikey.revoked"),
        *("auth.success", "auth.failure", "auth.lockout", "auth.signout", "user.added", "user.changed"),
    }
)

# What `seal` adds at most: two member names, sixteen digits, one time.
_SEAL_ROOM = 64
_REF_INT_LIMIT = 10**15
_MAX_ITEMS = 256

_TOKEN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,127}")
_ORIGIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:/-]{0,127}")
_OUTCOME = re.compile(r"[a-z][a-z0-9_]{0,31}")
_REASON = re.compile(r"[A-Z0-9_]{1,64}")
_HEX_DIGEST = re.compile(r"[0-9a-f]{64}")
_REF_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")
_PATH = re.compile(r"[a-z][a-z0-9_.]{0,127}")
# The last character of 32 bytes in base64url carries four bits, so only sixteen letters can stand there.
_COMMITMENT = re.compile(r"[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]")
_TIME = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]\.[0-9]{3}Z")


def commitment(salt: bytes, path: str, value: object) -> str:
    """Bind a value that must not be shown: only its salt and the value itself reopen it."""
    if len(salt) != SALT_BYTES:
        raise _refusal(f"a salt has {SALT_BYTES} bytes, not {len(salt)}")
    if not _PATH.fullmatch(path):
        raise _refusal(f"the path {path!r:.80} does not match {_PATH.pattern}")
    digest = sha256(b"kelsey/sd/1\x00" + salt + canonical.encode([path, value])).digest()
    return base64.urlsafe_b64encode(digest).decode("ascii").rstrip("=")


def pending_body(
    *,
    log: str,
    entry_type: str,
    txn: str,
    actor: str,
    site: str,
    outcome: str | None = None,
    reasons: Iterable[str] = (),
    policy: Mapping[str, str] | None = None,
    refs: Mapping[str, object] | None = None,
    sd: Iterable[str] = (),
) -> bytes:
    """Write everything of an entry but its place and time, which only the sequencer knows.

    `reasons` keep their order; `sd` is sorted, so that its order tells nothing.
    """
    body: dict[str, object] = {"v": VERSION, "log": log, "type": entry_type, "txn": txn, "actor": actor}
    body |= {"site": site, "sd": sorted(sd)}
    if outcome is not None:
        body["outcome"] = outcome
    if codes := list(reasons):
        body["reasons"] = codes
    if policy is not None:
        body["policy"] = dict(policy)
    if refs:
        body["refs"] = dict(refs)
    _check_members(body, _PENDING)
    data = canonical.encode(body)
    if len(data) > canonical.MAX_BYTES - _SEAL_ROOM:
        raise _refusal(f"the entry takes {len(data)} bytes; the limit is {canonical.MAX_BYTES - _SEAL_ROOM}")
    return data


def seal(pending: bytes, idx: int, t: str) -> bytes:
    """Give a pending entry its place and time, by splicing: this runs once for every entry of the log.

    The cut points are unambiguous in bytes that `pending_body` wrote: no quote can stand inside a token,
    nothing but the actor precedes `log`, and nothing but tokens follows the last `txn`.
    """
    head, log, rest = pending.partition(b',"log":"')
    middle, txn, tail = rest.rpartition(b',"txn":"')
    if not (log and txn) or b',"idx":' in head:
        raise _refusal("the bytes are not a pending entry")
    if not 0 <= idx < canonical.INT_LIMIT:
        raise _refusal(f"{idx} is not an index")
    _check_time(t)
    return b'%b,"idx":%d%b%b,"t":"%b"%b%b' % (head, idx, log, middle, t.encode("ascii"), txn, tail)


def parse_pending(data: bytes) -> dict[str, Any]:
    """Read a pending entry back, refusing what `pending_body` would not have written."""
    body = canonical.decode(data)
    _check_members(body, _PENDING)
    return body


def parse_leaf(data: bytes) -> dict[str, Any]:
    """Read a sealed entry, refusing every unknown version, type and member."""
    body = canonical.decode(data)
    _check_members(body, _SEALED)
    return body


def _check_members(body: Mapping[str, object], members: Mapping[str, Callable[[Any], bool]]) -> None:
    for name in members.keys() - _OPTIONAL:
        if name not in body:
            raise _refusal(f"the member {name!r} is missing")
    for name, value in body.items():
        check = members.get(name)
        if check is None:
            raise _refusal(f"the member {name!r:.80} is unknown")
        if not check(value):
            raise _refusal(f"the member {name!r} does not have the form it must have")


def _matches(pattern: re.Pattern[str]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, str) and pattern.fullmatch(value) is not None


_is_token = _matches(_TOKEN)
_is_reason = _matches(_REASON)
_is_commitment = _matches(_COMMITMENT)


def _is_version(value: object) -> bool:
    return type(value) is int and value == VERSION


def _is_type(value: object) -> bool:
    return isinstance(value, str) and value in TYPES


def _is_index(value: object) -> bool:
    return type(value) is int and 0 <= value < canonical.INT_LIMIT


def _is_reasons(value: object) -> bool:
    return isinstance(value, list) and 0 < len(value) <= _MAX_ITEMS and all(map(_is_reason, value))


def _is_policy(value: object) -> bool:
    return (
        isinstance(value, dict)
        and value.keys() == {"id", "ver", "sha256"}
        and _matches(_ORIGIN)(value["id"])
        and _is_token(value["ver"])
        and _matches(_HEX_DIGEST)(value["sha256"])
    )


def _is_refs(value: object) -> bool:
    return (
        isinstance(value, dict)
        and 0 < len(value) <= _MAX_ITEMS
        and all(_REF_NAME.fullmatch(name) and _is_ref(item) for name, item in value.items())
    )


def _is_ref(value: object) -> bool:
    if type(value) is int:
        return -_REF_INT_LIMIT < value < _REF_INT_LIMIT
    if isinstance(value, list):
        return 0 < len(value) <= _MAX_ITEMS and all(map(_is_token, value))
    return _is_token(value)


def _is_sd(value: object) -> bool:
    # Sorted and without repetition, so that neither order nor number of equal values tells anything.
    return isinstance(value, list) and all(map(_is_commitment, value)) and value == sorted(set(value))


def _is_time(value: object) -> bool:
    match = _TIME.fullmatch(value) if isinstance(value, str) else None
    return match is not None and _is_date(match[1])


def _check_time(t: str) -> None:
    if not _is_time(t):
        raise _refusal(f"{t!r:.40} is not a time of the form YYYY-MM-DDThh:mm:ss.mmmZ")


@lru_cache(maxsize=64)
def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


_PENDING: Mapping[str, Callable[[Any], bool]] = {
    "v": _is_version,
    "log": _matches(_ORIGIN),
    "type": _is_type,
    "txn": _is_token,
    "actor": _is_token,
    "site": _is_token,
    "outcome": _matches(_OUTCOME),
    "reasons": _is_reasons,
    "policy": _is_policy,
    "refs": _is_refs,
    "sd": _is_sd,
}
_SEALED: Mapping[str, Callable[[Any], bool]] = {**_PENDING, "idx": _is_index, "t": _is_time}
_OPTIONAL = frozenset({"outcome", "reasons", "policy", "refs"})


def _refusal(message: str) -> LedgerError:
    return LedgerError("bad_entry", message)
