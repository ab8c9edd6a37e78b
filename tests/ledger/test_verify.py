"""So that the stand-alone verifier stands alone, says what it means and believes nothing unsigned."""

import ast
import io
import json
import runpy
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from compliance.ledger import verify
from compliance.ledger.errors import LedgerError
from compliance.ledger.merkle import EMPTY_ROOT
from compliance.ledger.note import open_note, sign_note
from tests.ledger.logs import (
    ORIGIN,
    SIGNER,
    STRANGER,
    bundle_from,
    bundle_of,
    checkpoint_of,
    leaves,
    members_of,
    note_of,
    write,
    zip_of,
)

SOURCE = Path(verify.__file__)


@pytest.fixture
def good(tmp_path: Path) -> str:
    return write(tmp_path / "good.zip", bundle_of(300))


# --- the program ---


def test_it_is_python_3_9_and_imports_the_standard_library_alone() -> None:
    tree = ast.parse(SOURCE.read_text("utf-8"), feature_version=(3, 9))
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    imported |= {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert imported == {
        *("__future__", "argparse", "base64", "binascii", "collections.abc", "dataclasses", "datetime"),
        *("hashlib", "json", "pathlib", "re", "sys", "typing", "zipfile"),
    }


def test_the_copy_in_the_bundle_runs_without_this_project(tmp_path: Path, good: str) -> None:
    program = write(tmp_path / "verify.py", members_of(bundle_of(300))["verify.py"])
    done = subprocess.run(
        [sys.executable, "-I", "-S", program, good, "--key", SIGNER.vkey],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[:6] == [
        "log 'gate.example/log/1', 300 entries",
        "AUTHENTIC    PASS",
        "INTACT       PASS",
        "CONTIGUOUS   PASS",
        "WELL_FORMED  PASS",
        "APPEND_ONLY  NOT_CHECKED",
    ]


def test_run_as_a_program_it_ends_with_its_exit_code(good: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["verify.py", good, "--key", SIGNER.vkey])
    with pytest.raises(SystemExit) as caught:
        runpy.run_path(str(SOURCE), run_name="__main__")
    assert caught.value.code == 0


def test_json_gives_every_verdict_and_what_no_signature_covers(
    tmp_path: Path, good: str, capsys: pytest.CaptureFixture[str]
) -> None:
    previous = write(tmp_path / "old", note_of(leaves(200)).encode())
    assert verify.main([good, "--key", SIGNER.vkey, "--previous", previous, "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    unsigned = said.pop("unsigned")
    assert sorted(unsigned) == ["README.txt", "verify.py"]
    assert said == {
        "ok": True,
        "verdicts": dict.fromkeys(verify.VERDICTS, "PASS"),
        "first_bad_index": None,
        "findings": [],
        "counts": dict.fromkeys(verify.VERDICTS, 0),
        "origin": ORIGIN,
        "size": 300,
        "root": note_of(leaves(300)).splitlines()[2],
        "remarks": [],
        "fork_evidence": None,
    }


def test_findings_name_the_entry_and_end_with_exit_code_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    members = members_of(bundle_of(3))
    members["tile/entries/000.p/3"] = members["tile/entries/000.p/3"].replace(b'"tx1"', b'"tx9"')
    members["verify.py"] += b"#"
    bad = write(tmp_path / "bad.zip", zip_of(members))
    assert verify.main([bad, "--key", SIGNER.vkey]) == 1
    said = capsys.readouterr().out.splitlines()
    assert said[:9] == [
        "log 'gate.example/log/1', 3 entries",
        "AUTHENTIC    PASS",
        "INTACT       FAIL",
        "CONTIGUOUS   PASS",
        "WELL_FORMED  PASS",
        "APPEND_ONLY  NOT_CHECKED",
        "finding: INTACT at index 1: the entry does not have the hash in its tile",
        "finding: INTACT: the entries do not hash to the root in the checkpoint",
        "remark: verify.py in the bundle differs from this program: do not run it",
    ]
    assert said[9].startswith("not covered by any signature: README.txt (SHA-256 ")


def test_a_fork_prints_both_signed_notes(tmp_path: Path, good: str, capsys: pytest.CaptureFixture[str]) -> None:
    other = note_of([*leaves(299), b"other"])
    previous = write(tmp_path / "old", other.encode())
    assert verify.main([good, "--key", SIGNER.vkey, "--previous", previous]) == 1
    said = capsys.readouterr().out
    assert "finding: APPEND_ONLY: two logs of size 300 are signed: this is a fork" in said
    assert said.endswith(f"cannot both be true:\n{other}\n{note_of(leaves(300))}\n")


@pytest.mark.parametrize("as_json", [False, True])
def test_what_cannot_be_read_ends_with_exit_code_2(
    tmp_path: Path, as_json: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = write(tmp_path / "bad.zip", b"PK nothing")
    assert verify.main([bad, "--key", SIGNER.vkey, *(["--json"] if as_json else [])]) == 2
    said = capsys.readouterr().out
    if as_json:
        assert json.loads(said) == {
            "ok": False,
            "unreadable": "this is not a zip file that can be read (File is not a zip file)",
        }
    else:
        assert said == "unreadable: this is not a zip file that can be read (File is not a zip file)\n"


def test_without_a_checkpoint_nothing_but_that_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bare = write(tmp_path / "bare.zip", zip_of({"log.vkey": f"{SIGNER.vkey}\n".encode()}))
    assert verify.main([bare, "--key", SIGNER.vkey]) == 1
    assert capsys.readouterr().out.splitlines() == [
        "AUTHENTIC    FAIL",
        "INTACT       NOT_CHECKED",
        "CONTIGUOUS   NOT_CHECKED",
        "WELL_FORMED  NOT_CHECKED",
        "APPEND_ONLY  NOT_CHECKED",
        "finding: AUTHENTIC: there is no checkpoint, so nothing here is signed",
    ]


def test_a_missing_file_a_bad_key_and_a_bad_previous_end_with_exit_code_2(tmp_path: Path, good: str) -> None:
    missing = str(tmp_path / "missing")
    latin = write(tmp_path / "latin", b"\xff")
    assert verify.main([missing, "--key", SIGNER.vkey]) == 2
    assert verify.main([good, "--key", "nonsense"]) == 2
    assert verify.main([good, "--key", SIGNER.vkey, "--previous", missing]) == 2
    assert verify.main([good, "--key", SIGNER.vkey, "--previous", latin]) == 2


def test_a_report_counts_everything_and_lists_a_hundred() -> None:
    report = verify.Report()
    for index in range(150, 0, -1):
        report.fail(verify.INTACT, "x", index)
    assert (len(report.findings), report.counts[verify.INTACT]) == (100, 150)
    assert report.ok is False


def test_a_report_nobody_filled_is_not_ok() -> None:
    assert verify.Report().ok is False


# --- the previous checkpoint ---


@pytest.mark.parametrize("old", [0, 1, 255, 256, 257, 299, 300])
def test_every_earlier_state_of_the_log_is_recognised(good: str, old: int) -> None:
    report = verify.verify_bundle(good, SIGNER.vkey, note_of(leaves(old)))
    assert (report.ok, report.verdicts["APPEND_ONLY"]) == (True, "PASS")


def test_a_rewritten_history_is_found_and_both_notes_are_kept(good: str) -> None:
    other = note_of([b"other", *leaves(200)[1:]])
    report = verify.verify_bundle(good, SIGNER.vkey, other)
    assert report.fork_evidence == f"{other}\n{note_of(leaves(300))}"
    assert [vars(item) for item in report.findings] == [
        {
            "verdict": "APPEND_ONLY",
            "index": None,
            "message": "the first 200 entries are not those of the previous checkpoint",
        }
    ]


def test_a_log_that_shrank_is_found(good: str) -> None:
    report = verify.verify_bundle(good, SIGNER.vkey, note_of([*leaves(300), b"newest"]))
    assert [(item.index, item.message) for item in report.findings] == [
        (300, "the log had 301 entries and now has 300")
    ]


def test_a_previous_checkpoint_by_another_key_proves_nothing(good: str) -> None:
    report = verify.verify_bundle(good, SIGNER.vkey, note_of(leaves(200), STRANGER))
    assert report.verdicts["APPEND_ONLY"] == "FAIL"
    assert report.findings[0].message.startswith("the previous checkpoint cannot be used: ")
    assert verify.verify_bundle(good, SIGNER.vkey, "").ok is False


@pytest.mark.parametrize("lost", ["tile/entries/000", "checkpoint"])
def test_without_the_signed_entries_append_only_cannot_be_established(tmp_path: Path, lost: str) -> None:
    members = members_of(bundle_of(300))
    del members[lost]
    path = write(tmp_path / "b.zip", zip_of(members))
    assert verify.verify_bundle(path, SIGNER.vkey, note_of(leaves(200))).verdicts["APPEND_ONLY"] == "FAIL"


# --- signatures ---


@settings(max_examples=20)
@given(st.binary(min_size=32, max_size=32), st.binary(max_size=100), st.integers(0, 511))
def test_ed25519_accepts_what_others_sign_and_nothing_else(seed: bytes, message: bytes, bit: int) -> None:
    private = Ed25519PrivateKey.from_private_bytes(seed)
    key, signature = private.public_key().public_bytes_raw(), private.sign(message)
    assert verify.ed25519_verify(key, message, signature)
    damaged = bytearray(signature)
    damaged[bit // 8] ^= 1 << bit % 8
    assert not verify.ed25519_verify(key, message, bytes(damaged))
    assert not verify.ed25519_verify(key, message + b"x", signature)


def test_ed25519_agrees_with_the_first_example_of_rfc_8032() -> None:
    key = bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")
    signature = bytes.fromhex(
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46b"
        "d25bf5f0595bbe24655141438e7a100b"
    )
    assert verify.ed25519_verify(key, b"", signature)


_IDENTITY = (1).to_bytes(32, "little")


@pytest.mark.parametrize(
    ("key", "signature"),
    [
        (_IDENTITY, _IDENTITY + bytes(32)),  # a small-order key signs everything
        ((2**255 - 18).to_bytes(32, "little"), _IDENTITY + bytes(32)),  # the same, spelled above the prime
        ((1 | 1 << 255).to_bytes(32, "little"), _IDENTITY + bytes(32)),  # minus zero
        ((2).to_bytes(32, "little"), _IDENTITY + bytes(32)),  # no point of the curve
        (bytes(31), bytes(64)),
        (bytes(32), bytes(63)),
    ],
)
def test_ed25519_refuses_keys_that_prove_nothing(key: bytes, signature: bytes) -> None:
    assert not verify.ed25519_verify(key, b"message", signature)


def test_ed25519_refuses_a_second_spelling_of_a_good_signature() -> None:
    private = Ed25519PrivateKey.from_private_bytes(bytes(32))
    key, signature = private.public_key().public_bytes_raw(), private.sign(b"m")
    second = int.from_bytes(signature[32:], "little") + 2**252 + 27742317777372353535851937790883648493
    assert verify.ed25519_verify(key, b"m", signature)
    assert not verify.ed25519_verify(key, b"m", signature[:32] + second.to_bytes(32, "little"))


@given(st.data())
def test_the_verifier_and_the_ledger_agree_about_every_damaged_note(data: st.DataObject) -> None:
    note = note_of(leaves(3))
    at = data.draw(st.integers(0, len(note)))
    put = data.draw(st.text(st.sampled_from(" \n\t\r—+=Ag0\x00é"), max_size=3))
    damaged = note[:at] + put + note[at + data.draw(st.integers(0, 3)) :]
    try:
        believed = open_note(damaged, [SIGNER.verifier]).text == checkpoint_of(leaves(3)).to_text()
    except LedgerError:
        believed = False
    try:
        verify.open_checkpoint(damaged, SIGNER.vkey)
        verified = True
    except verify.Refused:
        verified = False
    assert verified is believed


def sign_text(text: str) -> str:
    return sign_note(text, SIGNER)


ROOT = "A" * 43 + "="


@pytest.mark.parametrize(
    ("note", "message"),
    [
        (
            sign_text(f"{ORIGIN}\n3\n{ROOT}\nmore\n"),
            "a checkpoint has exactly three lines: origin, size, root",
        ),
        (sign_text(f"{ORIGIN}\n03\n{ROOT}\n"), "a checkpoint has exactly three lines: origin, size, root"),
        (sign_text(f"{ORIGIN}\n0\n{ROOT}\n"), "the root cannot be that of a log of size 0"),
        (sign_text(f"{ORIGIN}\n3\nAAAA\n"), "the root cannot be that of a log of size 3"),
        (
            sign_text(f"{ORIGIN}\n3\n{ROOT[:-2]}B=\n"),
            f"'{ROOT[:-2]}B=' is not base64 as an encoder writes it",
        ),
        (
            sign_text(f"other\n3\n{ROOT}\n"),
            "the key of gate.example/log/1 has signed for another log, 'other'",
        ),
        ("x\n\n", "the checkpoint is not a note: text, blank line, signature lines"),
        ("x\n\n— a !\n", "'!' is not base64"),
        ("x\n\n— a AAAA\n", "'— a AAAA' is not a signature line"),
        ("x\n\n-- a AAAAAAA=\n", "'-- a AAAAAAA=' is not a signature line"),
        ("x\n\n— a AAAAAAA=\n", "the checkpoint is not signed by gate.example/log/1"),
        ("x\n\n" + "— a AAAAAAA=\n" * 65, "the checkpoint is not a note: text, blank line, signature lines"),
    ],
)
def test_a_checkpoint_is_refused_with_its_reason(note: str, message: str) -> None:
    with pytest.raises(verify.Refused) as caught:
        verify.open_checkpoint(note, SIGNER.vkey)
    assert str(caught.value) == message


def test_the_empty_root_belongs_to_the_empty_log_alone() -> None:
    assert verify.parse_checkpoint(checkpoint_of([]).to_text()).root == EMPTY_ROOT
    with pytest.raises(verify.Refused):
        verify.parse_checkpoint(checkpoint_of([]).to_text().replace("\n0\n", "\n1\n"))


@pytest.mark.parametrize(
    "vkey",
    [
        "name",
        SIGNER.vkey.replace("gate", "gat e"),
        SIGNER.vkey.replace("gate", "gato"),
        SIGNER.vkey[:-4],
        "+" + SIGNER.vkey.split("+", 1)[1],
        "a+00000000+BAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    ],
)
def test_a_key_that_is_none_is_refused(vkey: str) -> None:
    with pytest.raises(verify.Refused):
        verify.parse_vkey(vkey)


# --- words for entries that are not well formed ---


@pytest.mark.parametrize(
    ("leaf", "words"),
    [
        (b"\xff", "it is not JSON"),
        (b"[" * 16000, "it is not JSON"),
        (b"[1]", "it is not an object"),
        (b"{}", "its version None is unknown"),
        (b'{"v":2}', "its version 2 is unknown"),
        (b'{"v":1,"type":"gate.override"}', "its type 'gate.override' is unknown"),
        (leaves(1)[0][:-1] + b',"x":1}', "the member 'x' is unknown or missing"),
        (leaves(1)[0].replace(b'"idx":0,', b""), "the member 'idx' is unknown or missing"),
        (leaves(1)[0] + b" ", "it is not spelled canonically"),
        (leaves(1)[0].replace(b"u_7f3a", b"Jane Doe"), "a member does not have the form it must have"),
    ],
)
def test_an_entry_that_is_not_well_formed_is_explained(leaf: bytes, words: str) -> None:
    assert verify.read_leaf(leaf) is None
    assert verify.explain(leaf) == words


# --- the zip ---


@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_a_damaged_zip_is_refused_or_reads_the_same(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    raw = bytearray(bundle_from(leaves(1)))
    start = raw.index(b"tile/entries/000.p/1") - 200 if data.draw(st.booleans()) else 0
    at = data.draw(st.integers(start, len(raw) - 1))
    raw[at] ^= data.draw(st.integers(1, 255))
    path = write(tmp_path_factory.getbasetemp() / "damaged.zip", bytes(raw))
    try:
        report = verify.verify_bundle(path, SIGNER.vkey)
    except verify.Unreadable:
        return
    if report.ok and not report.remarks:
        assert members_of(bytes(raw)) == members_of(bundle_from(leaves(1)))


def test_a_member_whose_checksum_is_wrong_cannot_be_read(tmp_path: Path) -> None:
    raw = bundle_of(3).replace(b'"tx1"', b'"tx9"')
    with pytest.raises(verify.Unreadable, match="Bad CRC-32"):
        verify.verify_bundle(write(tmp_path / "b.zip", raw), SIGNER.vkey)


def unreadable(tmp_path: Path, out: io.BytesIO) -> str:
    with pytest.raises(verify.Unreadable) as caught:
        verify.verify_bundle(write(tmp_path / "b.zip", out.getvalue()), SIGNER.vkey)
    return str(caught.value)


@pytest.mark.parametrize(
    "name",
    [
        *(
            "../checkpoint",
            "/etc/passwd",
            "tile/../checkpoint",
            "tile/",
            "tile/0/",
            "C:\\x",
            "checkpoint\x00.txt",
        ),
        *("tile/0/0", "tile/0/x000", "tile/64/000", "tile/00/000", "tile/0/000.p/0", "tile/0/000.p/256"),
        *("tile/0/000.p/01", "tile/entries/٠٠٠", "Checkpoint", "evil.exe", "tile/0/000\n", ""),
    ],
)
def test_a_name_that_has_no_place_in_a_bundle_is_refused(tmp_path: Path, name: str) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        info = zipfile.ZipInfo("x")
        info.filename = name
        archive.writestr(info, b"")
    assert unreadable(tmp_path, out).endswith("has no place in a bundle")


def test_a_member_that_is_there_twice_is_refused(tmp_path: Path) -> None:
    out = io.BytesIO(bundle_of(3))
    with zipfile.ZipFile(out, "a") as archive, pytest.warns(UserWarning, match="Duplicate name"):
        archive.writestr("checkpoint", b"x")
    assert unreadable(tmp_path, out) == "'checkpoint' is there twice"


def test_compressed_members_are_refused_so_that_nothing_can_swell(tmp_path: Path) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("checkpoint", b"0" * 100000)
    assert unreadable(tmp_path, out) == "'checkpoint' is compressed; a bundle stores its members as they are"


def test_members_beyond_their_bounds_are_refused(tmp_path: Path) -> None:
    out = io.BytesIO(zip_of({"tile/0/000": b"x" * 8193}))
    assert unreadable(tmp_path, out) == "'tile/0/000' is larger than the 8192 bytes it may have"


def test_an_encrypted_member_cannot_be_read(tmp_path: Path) -> None:
    raw = bytearray(zip_of({"checkpoint": b"x"}))
    raw[6] |= 1
    raw[raw.index(b"PK\x01\x02") + 8] |= 1
    assert "cannot be read" in unreadable(tmp_path, io.BytesIO(bytes(raw)))
