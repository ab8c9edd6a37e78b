"""So that every test of the ledger can have a small real log with a real key."""

import io
import zipfile
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path

from compliance.ledger import bundle, entry, merkle
from compliance.ledger.checkpoint import Checkpoint, sign_checkpoint
from compliance.ledger.note import Signer

ORIGIN = "gate.example/log/1"
SIGNER = Signer(ORIGIN, bytes(range(32)))
STRANGER = Signer(ORIGIN, bytes(range(1, 33)))


def time_of(idx: int) -> str:
    seconds = idx % 86400
    return f"2026-03-01T{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}.{idx % 1000:03d}Z"


def pending(idx: int, **changes: object) -> bytes:
    members: dict[str, object] = {
        "log": ORIGIN,
        "entry_type": "dispense.decision",
        "txn": f"tx{idx}",
        "actor": "u_7f3a",
        "site": "ph_000123",
        "outcome": "denied",
        "reasons": ["TEST_MISSING", "SURVEY_DUE"],
        "policy": {"id": "us/lenalidomide", "ver": "2026-01-01", "sha256": "ab" * 32},
        "refs": {"authorization": "AAAA-BBBB", "supply": 28, "voided": ["a1", "a2"]},
        "sd": [entry.commitment(bytes([n]) * 32, "test.result", "negative") for n in range(2)],
    }
    return entry.pending_body(**(members | changes))  # type: ignore[arg-type]


def leaf(idx: int) -> bytes:
    return entry.seal(pending(idx), idx, time_of(idx))


@lru_cache(maxsize=8)
def leaves(size: int) -> tuple[bytes, ...]:
    return tuple(leaf(idx) for idx in range(size))


def checkpoint_of(entries: Iterable[bytes], origin: str = ORIGIN) -> Checkpoint:
    hashes = [merkle.leaf_hash(item) for item in entries]
    return Checkpoint(origin, len(hashes), merkle.root_of(hashes))


def note_of(entries: Iterable[bytes], signer: Signer = SIGNER, origin: str = ORIGIN) -> str:
    return sign_checkpoint(checkpoint_of(entries, origin), signer)


@lru_cache(maxsize=8)
def bundle_of(size: int) -> bytes:
    return bundle_from(leaves(size))


def bundle_from(entries: Sequence[bytes], signer: Signer = SIGNER) -> bytes:
    out = io.BytesIO()
    note = note_of(entries, signer)
    bundle.write_bundle(out, checkpoint_note=note, verifier=signer.verifier, entries=iter(entries))
    return out.getvalue()


def members_of(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def zip_of(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in members.items():
            archive.writestr(zipfile.ZipInfo(name), data)
    return out.getvalue()


def write(path: Path, data: bytes) -> str:
    path.write_bytes(data)
    return str(path)
