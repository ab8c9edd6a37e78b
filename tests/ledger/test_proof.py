"""So that a receipt proves one entry and a number can be read over the telephone."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.ledger import merkle, proof
from compliance.ledger.errors import LedgerError
from tests.ledger.logs import SIGNER, STRANGER, checkpoint_of, leaves, note_of

SIZE = 11
ENTRIES = leaves(SIZE)
NOTE = note_of(ENTRIES)


def receipt_for(index: int, note: str = NOTE) -> str:
    nodes: dict[tuple[int, int], bytes] = {}
    frontier = merkle.Frontier()
    for item in ENTRIES:
        for level, place, node in frontier.append(merkle.leaf_hash(item)):
            nodes[level, place] = node
    path = merkle.inclusion_proof(index, SIZE, lambda level, place: nodes[level, place])
    return proof.make_receipt(index, path, note)


def code_of(call: object, *arguments: object) -> str:
    with pytest.raises(LedgerError) as caught:
        call(*arguments)  # type: ignore[operator]
    return caught.value.code


@pytest.mark.parametrize("index", range(SIZE))
def test_every_entry_gets_a_receipt_that_holds(index: int) -> None:
    verified = proof.verify_receipt(receipt_for(index), ENTRIES[index], SIGNER.verifier)
    assert verified == proof.VerifiedReceipt(index, SIZE, checkpoint_of(ENTRIES).root)


def test_a_receipt_proves_no_other_entry_and_no_other_place() -> None:
    receipt = receipt_for(3)
    assert code_of(proof.verify_receipt, receipt, ENTRIES[4], SIGNER.verifier) == "bad_proof"
    moved = receipt.replace("index 3\n", "index 2\n")
    assert code_of(proof.verify_receipt, moved, ENTRIES[3], SIGNER.verifier) == "bad_proof"


def test_a_receipt_under_another_key_is_refused() -> None:
    receipt = receipt_for(3, note_of(ENTRIES, STRANGER))
    assert code_of(proof.verify_receipt, receipt, ENTRIES[3], SIGNER.verifier) == "unsigned_note"


@given(st.data())
def test_any_changed_character_of_a_receipt_is_noticed(data: st.DataObject) -> None:
    receipt = receipt_for(3)
    at = data.draw(st.integers(0, len(receipt) - 1))
    other = data.draw(st.characters(codec="utf-8", exclude_characters=receipt[at]))
    changed = receipt[:at] + other + receipt[at + 1 :]
    with pytest.raises(LedgerError):
        proof.verify_receipt(changed, ENTRIES[3], SIGNER.verifier)


def test_the_receipt_is_written_as_c2sp_tlog_proof_says() -> None:
    note = note_of(ENTRIES[:1])
    receipt = proof.make_receipt(0, [], note)
    assert receipt == f"c2sp.org/tlog-proof@v1\nindex 0\n\n{note}"
    assert proof.parse_receipt(receipt) == proof.Receipt(0, (), note)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "c2sp.org/tlog-proof@v1\n\nnote",
        "c2sp.org/tlog-proof@v2\nindex 0\n\nnote",
        "c2sp.org/tlog-proof@v1\nindex 00\n\nnote",
        "c2sp.org/tlog-proof@v1\nindex -1\n\nnote",
        "c2sp.org/tlog-proof@v1\nindex 1" + "0" * 18 + "\n\nnote",
        "c2sp.org/tlog-proof@v1\nextra AAAA\nindex 0\n\nnote",
        "c2sp.org/tlog-proof@v1\nindex 0\nAAAA\n\nnote",
        "c2sp.org/tlog-proof@v1\nindex 0\n" + ("A" * 43 + "=\n") * 64 + "\nnote",
        "c2sp.org/tlog-proof@v1\nindex 0\n",
        "x" * (256 * 1024 + 1),
    ],
)
def test_what_is_not_a_receipt_is_refused(text: str) -> None:
    assert code_of(proof.parse_receipt, text) == "bad_receipt"


def test_a_receipt_that_could_not_be_read_is_not_written() -> None:
    assert code_of(proof.make_receipt, -1, [], NOTE) == "bad_receipt"
    assert code_of(proof.make_receipt, 0, [b"short"], NOTE) == "bad_receipt"


# --- numbers ---


@given(st.binary(min_size=32, max_size=32))
def test_a_number_reads_back_however_it_is_typed(leaf_hash: bytes) -> None:
    number = proof.number_from_leaf(leaf_hash)
    assert [len(group) for group in number.split("-")] == [4, 4, 4, 1]
    assert not set(number) & set("0O1ILU")
    for typed in (number, number.lower(), number.replace("-", ""), f" {number.replace('-', ' ')} \n"):
        assert proof.normalise_number(typed) == number


def test_a_number_is_a_function_of_the_leaf() -> None:
    first = proof.number_from_leaf(merkle.leaf_hash(b"first"))
    assert first == proof.number_from_leaf(merkle.leaf_hash(b"first"))
    numbers = {proof.number_from_leaf(merkle.leaf_hash(bytes([n]))) for n in range(256)}
    assert len(numbers) == 256


def test_a_leaf_whose_check_has_no_character_still_gets_a_number() -> None:
    # One hash in 31 must be hashed on; were that forgotten, the alphabet would be left.
    awkward = [n for n in range(200) if needs_another_hash(merkle.leaf_hash(bytes([n])))]
    assert 1 <= len(awkward) <= 20
    for n in awkward:
        number = proof.number_from_leaf(merkle.leaf_hash(bytes([n])))
        assert proof.normalise_number(number) == number


def needs_another_hash(leaf_hash: bytes) -> bool:
    return proof._check_digit(proof._digits(int.from_bytes(leaf_hash, "big") % 30**12)) == 30


NUMBERS = [proof.number_from_leaf(merkle.leaf_hash(bytes([n]))).replace("-", "") for n in range(40)]


@pytest.mark.parametrize("number", NUMBERS)
def test_every_single_substitution_and_every_exchange_is_caught(number: str) -> None:
    accepted = []
    for at, other in itertools.product(range(13), proof.ALPHABET):
        changed = number[:at] + other + number[at + 1 :]
        if changed != number and is_number(changed):
            accepted.append(changed)
    for one, two in itertools.combinations(range(13), 2):
        letters = list(number)
        letters[one], letters[two] = letters[two], letters[one]
        changed = "".join(letters)
        if changed != number and is_number(changed):
            accepted.append(changed)
    assert accepted == []


def test_the_substitution_harness_would_see_an_accepted_error() -> None:
    assert is_number(NUMBERS[0])
    assert sum(is_number(NUMBERS[0][:11] + "".join(pair)) for pair in itertools.product(proof.ALPHABET, repeat=2)) > 1


def is_number(text: str) -> bool:
    try:
        proof.normalise_number(text)
    except LedgerError:
        return False
    return True


@pytest.mark.parametrize(
    "text",
    [
        "",
        "-",
        "2222",
        NUMBERS[0] + "2",
        NUMBERS[0][:-1],
        NUMBERS[0][:-1] + "0",
        NUMBERS[0] + " " * 60,
        "ſ" * 13,
    ],
)
def test_what_is_not_a_number_is_refused_with_advice(text: str) -> None:
    with pytest.raises(LedgerError) as caught:
        proof.normalise_number(text)
    assert caught.value.code == "bad_number"
    assert "read it again from the label" in caught.value.message


def test_a_number_needs_a_whole_leaf_hash() -> None:
    assert code_of(proof.number_from_leaf, b"short") == "bad_number"
