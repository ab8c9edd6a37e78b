"""Keys that are missing, of another log, or no keys at all open nothing."""

import pytest

from compliance.ledger.note import Signer
from compliance.services import keys
from compliance.services.app import open_app
from compliance.services.errors import Unavailable
from compliance.storage.errors import RecordUnreadable
from compliance.storage.sealing import Vault
from tests.services.world import World


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("log.key", "no key at all", "KEY_UNREADABLE"),
        ("log.key", Signer.generate("example.org/another").to_text(), "KEY_OF_ANOTHER_LOG"),
        ("log.key", "schlüssel", "KEY_MISSING"),
        ("data.key", "zz", "KEY_UNREADABLE"),
        ("data.key", "00" * 31, "KEY_UNREADABLE"),
    ],
    ids=["no key", "another log's", "not ASCII", "not hexadecimal", "too short"],
)
def test_a_programme_does_not_open_with_a_key_that_is_not_its_own(
    sqlite_world: World, name: str, content: str, code: str
) -> None:
    (sqlite_world.app.settings.var / name).write_text(content, encoding="utf-8")
    with pytest.raises(Unavailable) as refusal:
        open_app(sqlite_world.app.settings, sqlite_world.clock)
    assert refusal.value.code == code


def test_key_files_are_made_once_and_for_their_account_alone(sqlite_world: World) -> None:
    settings = sqlite_world.app.settings
    before = settings.log_key_file.read_text()
    settings.data_key_file.unlink()
    keys.make_missing(settings)
    assert settings.log_key_file.read_text() == before
    assert settings.data_key_file.stat().st_mode & 0o777 == 0o600
    assert sorted(path.name for path in settings.var.glob("*.key*")) == ["data.key", "log.key", "secret.key"]


def test_what_was_sealed_opens_for_its_patient_its_entry_and_its_key_alone() -> None:
    vault = Vault(bytes(32))
    wrapped = vault.new_key("p_1")
    sealed = vault.seal(wrapped, "p_1", "t_1", b"hidden")
    assert vault.open(wrapped, "p_1", "t_1", sealed) == b"hidden"
    for other, patient, txn in ((vault, "p_2", "t_1"), (vault, "p_1", "t_2"), (Vault(bytes([1]) * 32), "p_1", "t_1")):
        with pytest.raises(RecordUnreadable):
            other.open(wrapped, patient, txn, sealed)
