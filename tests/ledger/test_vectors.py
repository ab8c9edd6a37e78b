"""So that the ledger agrees with logs, notes and proofs that others have made."""

import base64
import json
from collections.abc import Iterator
from hashlib import sha256
from itertools import combinations_with_replacement
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from compliance.ledger import canonical, merkle, verify
from compliance.ledger.checkpoint import Checkpoint, open_checkpoint
from compliance.ledger.errors import LedgerError
from compliance.ledger.note import Verifier, open_note
from tests.shared import shared


def load(*parts: str) -> Any:
    return json.loads(shared("vectors", *parts).read_text("utf-8"))


def hash_of(text: str | None) -> bytes:
    return base64.b64decode(text or "")


def accepted(check: Any, *arguments: object) -> bool:
    try:
        check(*arguments)
    except LedgerError:
        return False
    return True


def test_every_inclusion_case_of_transparency_dev_has_its_outcome() -> None:
    cases = load("rfc6962", "inclusion.json")
    wrong = [
        case["case"]
        for case in cases
        if case["wantErr"]
        is accepted(
            merkle.verify_inclusion,
            *(case["leafIdx"], case["treeSize"], hash_of(case["leafHash"])),
            *([hash_of(item) for item in case["proof"] or []], hash_of(case["root"])),
        )
    ]
    assert (len(cases), wrong) == (98, [])


def test_every_consistency_case_of_transparency_dev_has_its_outcome() -> None:
    cases = load("rfc6962", "consistency.json")
    wrong = [
        case["case"]
        for case in cases
        if case["wantErr"]
        is accepted(
            merkle.verify_consistency,
            *(case["size1"], case["size2"], hash_of(case["root1"]), hash_of(case["root2"])),
            [hash_of(item) for item in case["proof"] or []],
        )
    ]
    # The one difference: its two equal "roots" are words and no hashes of 32 bytes, which this ledger refuses first.
    assert (len(cases), wrong) == (98, ["consistency/additional/sizes-are-equal-one-and-proof-is-empty"])


def test_the_trees_of_the_certificate_transparency_reference_have_our_roots() -> None:
    trees = load("rfc6962", "trees.json")
    hashes = [merkle.leaf_hash(bytes.fromhex(item)) for item in trees["leaf_inputs_hex"]]
    assert trees["empty_root_hex"] == merkle.EMPTY_ROOT.hex()
    roots = [merkle.root_of(hashes[:size]).hex() for size in range(1, 9)]
    assert roots == trees["root_hashes_hex_by_size_from_1"]
    frontier = merkle.Frontier()
    nodes: dict[tuple[int, int], str] = {}
    for item in hashes:
        nodes |= {(level, index): node.hex() for level, index, node in frontier.append(item)}
    flat = [nodes[level, index] for level in range(4) for index in range(8 >> level)]
    assert flat == trees["node_hashes_hex_flat_levels_8_4_2_1"]


# --- the accumulated digests: all subtrees and all proofs up to 130 leaves ---

MOST = 130
HASHES = [merkle.leaf_hash(bytes([n])) for n in range(MOST)]


def valid_subtrees() -> Iterator[tuple[int, int]]:
    for end in range(MOST + 1):
        for start in range(end + 1):
            width = 1 << max(end - start - 1, 0).bit_length()
            if start in (0, end) or start % width == 0:
                yield start, end


def test_every_subtree_up_to_130_leaves_hashes_as_the_reference_says() -> None:
    rolling = sha256()
    for start, end in valid_subtrees():
        rolling.update(f"[{start}, {end}) {merkle.root_of(HASHES[start:end]).hex()}\n".encode())
    assert rolling.hexdigest() == load("accumulated.json")["subtree"]["hash"]


def test_every_inclusion_proof_up_to_130_leaves_is_the_one_of_the_reference() -> None:
    rolling = sha256()
    for start, end in valid_subtrees():
        nodes: dict[tuple[int, int], bytes] = {}
        frontier = merkle.Frontier()
        for item in HASHES[start:end]:
            nodes |= {(level, place): node for level, place, node in frontier.append(item)}
        for index in range(start, end):
            proof = merkle.inclusion_proof(index - start, end - start, lambda *key, known=nodes: known[key])
            line = "".join(f" {item.hex()}" for item in proof)
            rolling.update(f"{index} [{start}, {end}){line}\n".encode())
    assert rolling.hexdigest() == load("accumulated.json")["subtree"]["inclusion"]


# --- whole logs ---


def entries_of(folder: Path, size: int) -> list[bytes]:
    entries: list[bytes] = []
    for number in range(0, size, 256):
        width = min(256, size - number)
        data = (folder / verify.tile_name("entries", number // 256, width)).read_bytes()
        part, whole = verify._split_entries(data, width)
        assert whole
        entries += part
    return entries


def test_every_checkpoint_of_the_tessera_log_opens_and_every_pair_is_consistent() -> None:
    folder = shared("vectors", "tessera-log")
    verifier = Verifier.from_vkey((folder / "log.vkey").read_text().strip())
    entries = entries_of(folder, 15)
    assert [item.decode() for item in entries] == load("tessera-log", "entries.json")
    frontier, roots = merkle.Frontier(), [merkle.EMPTY_ROOT]
    nodes: dict[tuple[int, int], bytes] = {}
    for item in entries:
        nodes |= {(level, place): node for level, place, node in frontier.append(merkle.leaf_hash(item))}
        roots.append(frontier.root())
    for size in range(16):
        note = (folder / f"checkpoint.{size}").read_text("utf-8")
        assert open_checkpoint(note, verifier) == Checkpoint(verifier.name, size, roots[size])
        assert verify.open_checkpoint(note, verifier.vkey).root == roots[size]
    pairs = list(combinations_with_replacement(range(1, 16), 2))
    for old, new in pairs:
        proof = merkle.consistency_proof(old, new, lambda *key: nodes[key])
        merkle.verify_consistency(old, new, roots[old], roots[new], proof)
    assert len(pairs) == 120


def test_the_selfmade_log_has_its_signed_roots_and_its_shipped_proof_holds() -> None:
    folder = shared("vectors", "selfmade-log")
    verifier = Verifier.from_vkey((folder / "log.vkey").read_text().strip())
    new = open_checkpoint((folder / "checkpoint").read_text("utf-8"), verifier)
    old = open_checkpoint((folder / "checkpoint.old").read_text("utf-8"), verifier)
    hashes = [merkle.leaf_hash(item) for item in entries_of(folder, 300)]
    assert (new.size, new.root) == (300, merkle.root_of(hashes))
    assert (old.size, old.root) == (200, merkle.root_of(hashes[:200]))
    proof = [base64.b64decode(line) for line in (folder / "consistency").read_text().split()]
    merkle.verify_consistency(200, 300, old.root, new.root, proof)
    assert b"".join(hashes[:256]) == (folder / "tile/0/000").read_bytes()
    assert verify.open_checkpoint((folder / "checkpoint").read_text("utf-8"), verifier.vkey).size == 300


# --- notes and keys ---


def test_every_note_of_c2sp_and_go_has_its_outcome() -> None:
    cases = load("signed-note", "notes.json")
    wrong = [
        case["name"]
        for case in cases
        if case["ok"] is not accepted(open_note, case["note"], map(Verifier.from_vkey, case["vkeys"]))
    ]
    assert (len(cases), wrong) == (6, [])


def test_of_other_peoples_keys_only_the_plain_ed25519_one_is_spoken() -> None:
    cases = load("signed-note", "cosigner-vkeys.json")
    spoken = [case["name"] for case in cases if accepted(Verifier.from_vkey, case["vkey"])]
    assert (len(cases), spoken) == (8, ["works: convert from algEd25519"])


# --- canonical JSON ---


def test_jcs_inputs_inside_the_profile_give_the_jcs_bytes_and_the_others_are_refused() -> None:
    outcome: dict[str, bool | None] = {}
    for name in ("arrays", "french", "structures", "unicode", "values", "weird"):
        value = load("jcs", "input", f"{name}.json")
        expected = shared("vectors", "jcs", "output", f"{name}.json").read_bytes().rstrip(b"\n")
        try:
            outcome[name] = canonical.encode(value) == expected
        except LedgerError:
            outcome[name] = None
    # Each of these holds a float, a null, a key that is not ASCII or a string that is not in NFC.
    assert outcome == dict.fromkeys(("arrays", "french", "structures", "unicode", "values", "weird"))


def test_jcs_strings_are_spelled_as_jcs_spells_them() -> None:
    kept = {}
    for name in ("french", "unicode", "values", "weird"):
        expected = shared("vectors", "jcs", "output", f"{name}.json").read_text("utf-8")
        for text in texts_in(load("jcs", "input", f"{name}.json")):
            if accepted(canonical.encode, text):
                kept[text] = canonical.encode(text).decode()
                assert kept[text] in expected
    assert len(kept) >= 8


def texts_in(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, (list, dict)):
        for item in value.values() if isinstance(value, dict) else value:
            yield from texts_in(item)


# --- Ed25519 edge cases ---


def test_the_verifier_is_stricter_than_openssl_on_every_ed25519_edge_case() -> None:
    cases = load("ed25519", "ed25519vectors.json")
    ours: set[int] = set()
    openssl: set[int] = set()
    never: set[int] = set()
    for case in cases:
        key, signature = bytes.fromhex(case["key"]), bytes.fromhex(case["sig"])
        message = case["msg"].encode()
        if verify.ed25519_verify(key, message, signature):
            ours.add(case["number"])
        try:
            Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
            openssl.add(case["number"])
        except InvalidSignature:
            pass
        if {"low_order_A", "non_canonical_A", "non_canonical_R", "low_order_residue"} & set(case["flags"] or ()):
            never.add(case["number"])
    assert len(cases) == 914
    assert ours < openssl
    assert ours & never == set()
    print(f"accepted of 914: ours {len(ours)}, OpenSSL {len(openssl)}")


@pytest.mark.parametrize("part", ["tessera-log", "selfmade-log"])
def test_another_logs_key_opens_nothing(part: str) -> None:
    note = shared("vectors", part, "checkpoint").read_text("utf-8")
    other = "selfmade-log" if part == "tessera-log" else "tessera-log"
    key = shared("vectors", other, "log.vkey").read_text().strip()
    assert not accepted(open_checkpoint, note, Verifier.from_vkey(key))
