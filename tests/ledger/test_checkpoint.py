"""So that three lines say exactly one thing about one log."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.ledger.checkpoint import Checkpoint, open_checkpoint, sign_checkpoint
from compliance.ledger.errors import LedgerError
from compliance.ledger.merkle import EMPTY_ROOT
from compliance.ledger.note import Signer, sign_note
from tests.ledger.logs import ORIGIN, SIGNER, STRANGER

ROOT = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="


def code_of(call: object, *arguments: object) -> str:
    with pytest.raises(LedgerError) as caught:
        call(*arguments)  # type: ignore[operator]
    return caught.value.code


@given(st.integers(1, 10**18 - 1), st.binary(min_size=32, max_size=32).filter(lambda root: root != EMPTY_ROOT))
def test_a_checkpoint_survives_the_round_trip(size: int, root: bytes) -> None:
    state = Checkpoint(ORIGIN, size, root)
    assert Checkpoint.from_text(state.to_text()) == state
    assert open_checkpoint(sign_checkpoint(state, SIGNER), SIGNER.verifier) == state


def test_the_text_is_three_lines_and_no_more() -> None:
    assert Checkpoint(ORIGIN, 7, bytes(32)).to_text() == f"{ORIGIN}\n7\n{ROOT}\n"


def test_the_empty_log_has_the_empty_root_and_no_other_does() -> None:
    assert Checkpoint(ORIGIN, 0, EMPTY_ROOT).size == 0
    assert code_of(Checkpoint, ORIGIN, 0, bytes(32)) == "bad_checkpoint"
    assert code_of(Checkpoint, ORIGIN, 1, EMPTY_ROOT) == "bad_checkpoint"


@pytest.mark.parametrize(
    "text",
    [
        "",
        f"{ORIGIN}\n7\n{ROOT}",
        f"{ORIGIN}\n7\n{ROOT}\nextension\n",
        f"{ORIGIN}\n7\n{ROOT}\n\n",
        f"\n7\n{ROOT}\n",
        f"a b\n7\n{ROOT}\n",
        f"a+b\n7\n{ROOT}\n",
        f"{ORIGIN}\n07\n{ROOT}\n",
        f"{ORIGIN}\n-7\n{ROOT}\n",
        f"{ORIGIN}\n٧\n{ROOT}\n",
        f"{ORIGIN}\n{10**18}\n{ROOT}\n",
        f"{ORIGIN}\n7\nAAAA\n",
    ],
)
def test_any_other_spelling_is_refused(text: str) -> None:
    assert code_of(Checkpoint.from_text, text) == "bad_checkpoint"


def test_a_root_in_loose_base64_is_refused() -> None:
    assert code_of(Checkpoint.from_text, f"{ORIGIN}\n7\n{ROOT[:-2]}B=\n") == "bad_base64"


def test_a_negative_size_is_refused() -> None:
    assert code_of(Checkpoint, ORIGIN, -1, bytes(32)) == "bad_checkpoint"


def test_another_key_of_the_same_name_is_not_the_logs_key() -> None:
    note = sign_checkpoint(Checkpoint(ORIGIN, 7, bytes(32)), STRANGER)
    assert code_of(open_checkpoint, note, SIGNER.verifier) == "unsigned_note"


def test_a_key_cannot_sign_for_another_log() -> None:
    other = Signer("other.example", bytes(range(32)))
    note = sign_note(Checkpoint(ORIGIN, 7, bytes(32)).to_text(), other)
    assert code_of(open_checkpoint, note, other.verifier) == "bad_checkpoint"
