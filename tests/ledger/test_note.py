"""So that a note is believed for its signature and for nothing else."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.ledger.errors import LedgerError
from compliance.ledger.note import Note, Signer, Verifier, decode_base64, open_note, sign_note

PETER = Signer("peter.example", bytes(32))
ENOCH = Signer("enoch.example", b"\x01" * 32)
TEXT = "one\n\ntwo\n"


def code_of(call: object, *arguments: object) -> str:
    with pytest.raises(LedgerError) as caught:
        call(*arguments)  # type: ignore[operator]
    return caught.value.code


def test_a_note_opens_with_the_key_that_signed_it() -> None:
    assert open_note(sign_note(TEXT, PETER), [PETER.verifier]) == Note(TEXT, ("peter.example",))


def test_signatures_of_unknown_keys_are_carried_and_ignored() -> None:
    note = sign_note(TEXT, ENOCH, PETER)
    assert open_note(note, [PETER.verifier]).signed_by == ("peter.example",)
    assert open_note(note, [PETER.verifier, ENOCH.verifier]).signed_by == ("enoch.example", "peter.example")


def test_the_same_key_counts_once() -> None:
    assert open_note(sign_note(TEXT, PETER, PETER), [PETER.verifier]).signed_by == ("peter.example",)


def test_a_note_nobody_known_has_signed_is_refused() -> None:
    assert code_of(open_note, sign_note(TEXT, ENOCH), [PETER.verifier]) == "unsigned_note"
    assert code_of(open_note, sign_note(TEXT, PETER), []) == "unsigned_note"


def test_a_known_key_that_fails_rejects_the_note_even_beside_a_good_one() -> None:
    note = sign_note(TEXT, PETER, ENOCH)
    stolen = sign_note("other\n", ENOCH).splitlines()[-1]
    forged = note.replace(note.splitlines()[-1], stolen)
    assert open_note(forged, [PETER.verifier]).text == TEXT
    assert code_of(open_note, forged, [PETER.verifier, ENOCH.verifier]) == "bad_signature"


def test_a_key_of_the_same_name_or_the_same_id_is_another_key() -> None:
    namesake = Signer("peter.example", b"\x02" * 32)
    assert open_note(sign_note(TEXT, namesake, PETER), [PETER.verifier]).signed_by == ("peter.example",)
    renamed = sign_note(TEXT, PETER).replace("— peter.example", "— pedro.example")
    assert code_of(open_note, renamed, [PETER.verifier]) == "unsigned_note"


def test_sixteen_signatures_and_more_are_accepted_up_to_a_bound() -> None:
    signers = [Signer(f"s{n}.example", bytes([n]) * 32) for n in range(65)]
    assert open_note(sign_note(TEXT, *signers[:64]), [signers[63].verifier]).signed_by == ("s63.example",)
    assert code_of(open_note, sign_note(TEXT, *signers), [signers[0].verifier]) == "bad_note"


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]) | st.just("\n"), max_size=50))
def test_any_text_survives_the_round_trip(text: str) -> None:
    text += "\n"
    assert open_note(sign_note(text, PETER), [PETER.verifier]).text == text


@given(st.data())
def test_any_changed_character_of_a_note_is_noticed(data: st.DataObject) -> None:
    note = sign_note(TEXT, PETER)
    at = data.draw(st.integers(0, len(note) - 1))
    other = data.draw(st.characters(exclude_characters=note[at]))
    changed = note[:at] + other + note[at + 1 :]
    with pytest.raises(LedgerError):
        open_note(changed, [PETER.verifier])


@pytest.mark.parametrize(
    "note",
    [
        "",
        "\n\n",
        "text\n",
        "text\n\n",
        "text\n\n— peter.example AAAAAAA=",
        "text\n\nx peter.example AAAAAAA=\n",
        "text\n\n—peter.example AAAAAAA=\n",
        "text\n\n— AAAAAAA=\n",
        "text\n\n—  AAAAAAA=\n",
        "text\n\n— peter+example AAAAAAA=\n",
        "text\n\n— peter\u00a0example AAAAAAA=\n",
        "text\n\n— peter.example AAAAAA==\n",
        "text\r\n\n— peter.example AAAAAAA=\n",
        "te\x00xt\n\n— peter.example AAAAAAA=\n",
        "te\ud800xt\n\n— peter.example AAAAAAA=\n",
        "x" * (256 * 1024) + "\n\n— peter.example AAAAAAA=\n",
    ],
)
def test_what_is_not_a_note_is_refused(note: str) -> None:
    assert code_of(open_note, note, [PETER.verifier]) == "bad_note"


@pytest.mark.parametrize("encoded", ["AAAAAAB=", "AAAA AAA=", "AAAAAAA", "AAAAAAA=\t", "AAAA-A_=", "é", ""])
def test_base64_has_one_spelling(encoded: str) -> None:
    if encoded:
        assert code_of(decode_base64, encoded) == "bad_base64"
    else:
        assert decode_base64(encoded) == b""


def test_a_text_that_could_not_be_opened_again_is_not_signed() -> None:
    assert code_of(sign_note, "no newline", PETER) == "bad_note"
    assert code_of(sign_note, "tab\t\n", PETER) == "bad_note"
    assert code_of(sign_note, TEXT) == "bad_note"


def test_a_private_key_survives_the_round_trip_and_never_shows_itself() -> None:
    text = PETER.to_text()
    again = Signer.from_text(text)
    assert (again.vkey, again.to_text()) == (PETER.vkey, text)
    assert text.startswith("PRIVATE+KEY+peter.example+")
    assert text.split("+", 4)[4] not in repr(PETER)
    assert repr(PETER) == f"<Signer {PETER.vkey}>"


def test_generated_keys_are_all_different() -> None:
    assert len({Signer.generate("a.example").vkey for _ in range(5)}) == 5


def test_a_damaged_private_key_is_refused_without_being_quoted() -> None:
    text = PETER.to_text()
    for bad in (text[12:], text[:-8], text.replace("peter", "pedro"), text + "x", "PRIVATE+KEY+"):
        with pytest.raises(LedgerError) as caught:
            Signer.from_text(bad)
        assert caught.value.code == "bad_key"
        assert caught.value.message in {
            "a private key begins with PRIVATE+KEY+",
            "the private key cannot be read",
            "the key id does not belong to the private key",
        }
    assert code_of(Signer, "a.example", b"short") == "bad_key"


def test_a_verifier_key_must_spell_itself() -> None:
    vkey = PETER.vkey
    assert Verifier.from_vkey(vkey).vkey == vkey
    name, key_id, key = vkey.split("+", 2)
    raw = base64.b64decode(key)
    for bad in (
        f"pedro.example+{key_id}+{key}",
        f"{name}+00000000+{key}",
        f"{name}+{key_id.upper()}x+{key}",
        f"{name}+{key_id}+" + base64.b64encode(b"\x04" + raw[1:]).decode(),
        f"{name}+{key_id}+" + base64.b64encode(raw[:-1]).decode(),
        f"+{key_id}+{key}",
        name,
    ):
        assert code_of(Verifier.from_vkey, bad) == "bad_key"
    assert code_of(Verifier.from_vkey, vkey + "\n") == "bad_base64"


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\nb", "a\u2003b", "a\x01"])
def test_a_key_name_that_could_be_misread_is_refused(name: str) -> None:
    assert code_of(Signer, name, bytes(32)) == "bad_key"
