"""So that the same log always makes the same bundle, and never one of entries nobody signed."""

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from compliance.ledger import bundle, entry, merkle, verify
from compliance.ledger.errors import LedgerError
from tests.ledger.logs import (
    SIGNER,
    STRANGER,
    bundle_from,
    bundle_of,
    leaf,
    leaves,
    members_of,
    note_of,
    write,
)


def test_the_layout_is_that_of_c2sp_tiles() -> None:
    members = members_of(bundle_of(300))
    assert list(members) == [
        "README.txt",
        "verify.py",
        "log.vkey",
        "checkpoint",
        "tile/entries/000",
        "tile/0/000",
        "tile/entries/001.p/44",
        "tile/0/001.p/44",
        "tile/1/000.p/1",
    ]
    hashes = [merkle.leaf_hash(item) for item in leaves(300)]
    assert members["tile/0/000"] == b"".join(hashes[:256])
    assert members["tile/0/001.p/44"] == b"".join(hashes[256:])
    assert members["tile/1/000.p/1"] == merkle.root_of(hashes[:256])
    assert members["tile/entries/001.p/44"] == b"".join(
        len(item).to_bytes(2, "big") + item for item in leaves(300)[256:]
    )
    assert members["log.vkey"].decode() == SIGNER.vkey + "\n"
    assert members["checkpoint"].decode() == note_of(leaves(300))
    assert members["verify.py"] == Path(verify.__file__).read_bytes()


def test_a_full_tile_has_a_parent_of_width_one_and_no_partial_beside_it() -> None:
    assert list(members_of(bundle_of(256)))[4:] == ["tile/entries/000", "tile/0/000", "tile/1/000.p/1"]


def test_an_empty_log_makes_a_bundle_without_tiles(tmp_path: Path) -> None:
    assert list(members_of(bundle_of(0))) == ["README.txt", "verify.py", "log.vkey", "checkpoint"]
    assert verify.verify_bundle(write(tmp_path / "b.zip", bundle_of(0)), SIGNER.vkey).ok


def test_the_same_log_gives_the_same_bytes() -> None:
    assert bundle_from(leaves(3)) == bundle_from(leaves(3))
    with zipfile.ZipFile(io.BytesIO(bundle_of(3))) as archive:
        kinds = {(info.date_time, info.create_system, info.compress_type) for info in archive.infolist()}
    assert kinds == {((1980, 1, 1, 0, 0, 0), 3, zipfile.ZIP_STORED)}


@pytest.mark.parametrize(
    ("number", "path"),
    [
        (0, "tile/0/000"),
        (999, "tile/0/999"),
        (1000, "tile/0/x001/000"),
        (1234067, "tile/0/x001/x234/067"),
        (12345678901, "tile/0/x012/x345/x678/901"),
    ],
)
def test_tile_paths_are_spelled_in_groups_of_three(number: int, path: str) -> None:
    assert bundle.tile_path("0", number) == verify.tile_name("0", number) == path
    assert bundle.tile_path("0", number, 7) == verify.tile_name("0", number, 7) == path + ".p/7"


@pytest.mark.parametrize("given", [2, 4])
def test_a_bundle_of_other_entries_than_those_signed_is_refused(given: int) -> None:
    with pytest.raises(LedgerError) as caught:
        bundle.write_bundle(
            io.BytesIO(),
            checkpoint_note=note_of(leaves(3)),
            verifier=SIGNER.verifier,
            entries=leaves(given),
        )
    assert caught.value.message == f"the {given} entries given are not the 3 that were signed"
    assert caught.value.code == "bad_bundle"


def test_a_bundle_under_an_unsigned_checkpoint_is_refused_before_anything_is_written() -> None:
    out = io.BytesIO()
    with pytest.raises(LedgerError) as caught:
        bundle.write_bundle(
            out, checkpoint_note=note_of(leaves(3), STRANGER), verifier=SIGNER.verifier, entries=leaves(3)
        )
    assert (caught.value.code, out.getvalue()) == ("unsigned_note", b"")


def test_an_entry_too_long_for_its_length_prefix_is_refused() -> None:
    with pytest.raises(LedgerError) as caught:
        bundle_from([b"x" * 65536])
    assert caught.value.message == "entry 0 is longer than 65535 bytes"


def test_a_log_of_seventy_thousand_entries_gets_three_levels_of_tiles(tmp_path: Path) -> None:
    body = entry.pending_body(log=SIGNER.name, entry_type="record.read", txn="tx", actor="u_1", site="none")
    head, tail = body.split(b'"tx"')
    entries = [entry.seal(b'%b"tx%d"%b' % (head, idx, tail), idx, "2026-03-01T00:00:00.000Z") for idx in range(70000)]
    path = write(tmp_path / "b.zip", bundle_from(entries))
    names = zipfile.ZipFile(path).namelist()
    assert [sum(name.startswith(f"tile/{level}/") for name in names) for level in (0, 1, 2, 3)] == [
        274,
        2,
        1,
        0,
    ]
    assert names[-4:] == ["tile/entries/273.p/112", "tile/0/273.p/112", "tile/1/001.p/17", "tile/2/000.p/1"]
    report = verify.verify_bundle(path, SIGNER.vkey, note_of(entries[:69999]))
    assert report.findings == []
    assert set(report.verdicts.values()) == {"PASS"}


def test_entries_are_taken_one_at_a_time() -> None:
    # Were the iterable gathered first, the writer would not fail at the entry that is too long.
    taken = []

    def stream() -> Iterator[bytes]:
        for idx in range(600):
            taken.append(idx)
            yield leaf(idx) if idx != 300 else b"x" * 65536

    with pytest.raises(LedgerError):
        bundle.write_bundle(
            io.BytesIO(),
            checkpoint_note=note_of(leaves(3)),
            verifier=SIGNER.verifier,
            entries=stream(),
        )
    assert taken[-1] == 300
