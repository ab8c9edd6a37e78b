"""So that no tampered bundle passes, each is found for the right reason, and the harness itself can fail."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compliance.ledger import verify
from tests.ledger import zoo
from tests.ledger.logs import SIGNER, bundle_of, leaves, members_of, note_of, write, zip_of

ANIMALS = [*zoo.outsiders(), *zoo.insiders()]
SMALL = members_of(bundle_of(2))
ENTRIES, TILE = "tile/entries/000.p/2", "tile/0/000.p/2"


def judge(folder: Path, data: bytes, previous: str | None = None) -> verify.Report:
    return verify.verify_bundle(write(folder / "tampered.zip", data), SIGNER.vkey, previous)


def failing(report: verify.Report) -> frozenset[str]:
    return frozenset(name for name, verdict in report.verdicts.items() if verdict == "FAIL")


def ids(animals: list[zoo.Animal]) -> list[str]:
    return [animal.name for animal in animals]


@pytest.mark.parametrize("animal", ANIMALS, ids=ids(ANIMALS))
def test_every_tampered_bundle_is_found_for_its_reason_and_at_its_place(tmp_path: Path, animal: zoo.Animal) -> None:
    report = judge(tmp_path, animal.data, animal.previous)
    assert not report.ok
    assert (failing(report), report.first_bad_index) == (animal.failing, animal.index)


def test_the_bundle_they_were_made_from_is_good(tmp_path: Path) -> None:
    report = judge(tmp_path, bundle_of(zoo.SIZE), zoo.OLD_NOTE)
    assert (report.ok, report.findings, report.remarks) == (True, [], [])
    assert judge(tmp_path, zip_of(members_of(bundle_of(zoo.SIZE)))).ok


def test_the_zoo_would_notice_a_verifier_that_does_not_hash_the_entries(tmp_path: Path) -> None:
    def lenient(animal: zoo.Animal) -> "tuple[frozenset[str], int | None]":
        report = judge(tmp_path, animal.data, animal.previous)
        return failing(report) - {"INTACT"}, report.first_bad_index

    assert zoo.escaped(ANIMALS, lenient) == [item.name for item in ANIMALS if "INTACT" in item.failing]


def test_the_zoo_would_notice_a_verifier_that_passes_everything() -> None:
    assert zoo.escaped(ANIMALS, lambda _: (frozenset(), None)) == ids(ANIMALS)


def test_the_zoo_holds_animals_of_every_verdict() -> None:
    assert len(set(ids(ANIMALS))) == len(ANIMALS) - 1  # one is played by outsiders and insiders alike
    assert frozenset().union(*(animal.failing for animal in ANIMALS)) == set(verify.VERDICTS)


def changed(name: str, at: int, bit: int) -> bytes:
    data = bytearray(SMALL[name])
    data[at] ^= 1 << bit
    return zip_of(SMALL | {name: bytes(data)})


def entry_at(position: int) -> int:
    """Tell which entry of the small bundle a byte belongs to, its length included."""
    for index, leaf in enumerate(leaves(2)):
        position -= 2 + len(leaf)
        if position < 0:
            return index
    raise AssertionError


def test_every_byte_of_every_entry_counts(tmp_path: Path) -> None:
    missed = []
    for at in range(len(SMALL[ENTRIES])):
        report = judge(tmp_path, changed(ENTRIES, at, at % 8))
        if "INTACT" not in failing(report) or report.first_bad_index != entry_at(at):
            missed.append(at)
    assert missed == []


def test_every_byte_of_every_hash_counts(tmp_path: Path) -> None:
    missed = []
    for at in range(64):
        report = judge(tmp_path, changed(TILE, at, at % 8))
        if failing(report) != {"INTACT"} or report.first_bad_index != at // 32:
            missed.append(at)
    assert missed == []


@pytest.mark.parametrize("name", ["checkpoint", "log.vkey"])
def test_every_byte_of_checkpoint_and_key_counts(tmp_path: Path, name: str) -> None:
    missed = [
        at for at in range(len(SMALL[name])) if "AUTHENTIC" not in failing(judge(tmp_path, changed(name, at, at % 8)))
    ]
    assert missed == []


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_a_byte_changed_in_any_way_is_noticed(data: st.DataObject, tmp_path_factory: pytest.TempPathFactory) -> None:
    name = data.draw(st.sampled_from(sorted(set(SMALL) - {"README.txt", "verify.py"})))
    content = bytearray(SMALL[name])
    at = data.draw(st.integers(0, len(content) - 1))
    content[at] ^= data.draw(st.integers(1, 255))
    assert not judge(tmp_path_factory.getbasetemp(), zip_of(SMALL | {name: bytes(content)})).ok


@pytest.mark.parametrize("at", range(0, len(SMALL["verify.py"]), 997))
def test_a_changed_program_in_the_bundle_is_remarked_upon(tmp_path: Path, at: int) -> None:
    report = judge(tmp_path, changed("verify.py", at, 0))
    assert report.remarks == ["verify.py in the bundle differs from this program: do not run it"]


def test_what_no_signature_covers_is_named_with_its_digest(tmp_path: Path) -> None:
    good = judge(tmp_path, zip_of(SMALL)).unsigned
    bad = judge(tmp_path, changed("README.txt", 0, 0)).unsigned
    assert sorted(good) == ["README.txt", "verify.py"]
    assert (bad["README.txt"] == good["README.txt"], bad["verify.py"] == good["verify.py"]) == (False, True)


def test_a_bundle_without_text_and_program_is_still_proved(tmp_path: Path) -> None:
    bare = {name: data for name, data in SMALL.items() if name not in {"README.txt", "verify.py"}}
    report = judge(tmp_path, zip_of(bare), note_of(leaves(1)))
    assert (report.ok, report.unsigned, report.remarks) == (True, {}, [])
