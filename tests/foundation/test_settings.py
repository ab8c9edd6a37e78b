"""Settings are read once, checked at the start, and keep secrets out of messages."""

from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest

from compliance.settings import Settings, SettingsError


def test_nothing_said_gives_an_embedded_database_and_safe_cookies() -> None:
    settings = Settings.from_environment({})
    assert settings == Settings()
    assert settings.database_url == "sqlite:///var/kelsey.db"
    assert settings.log_key_file == Path("var/log.key")
    assert settings.secure_cookies is True
    assert settings.argon2_cost == "standard"
    assert settings.uses_sqlite is True


def test_one_variable_moves_the_database_and_the_keys() -> None:
    settings = Settings.from_environment({"KELSEY_VAR": "/srv/kelsey"})
    assert settings.database_url == "sqlite:////srv/kelsey/kelsey.db"
    assert settings.secret_key_file == Path("/srv/kelsey/secret.key")
    assert settings.data_key_file == Path("/srv/kelsey/data.key")


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_a_postgresql_address_always_names_its_driver(scheme: str) -> None:
    settings = Settings.from_environment({"KELSEY_DATABASE_URL": f"{scheme}://kelsey@db/kelsey"})
    assert settings.database_url == "postgresql+psycopg://kelsey@db/kelsey"
    assert settings.uses_sqlite is False


def test_every_value_is_read_in_its_own_type() -> None:
    settings = Settings.from_environment(
        {
            "KELSEY_SECURE_COOKIES": "false",
            "KELSEY_TRUSTED_HOSTS": "a.example.org, b.example.org",
            "KELSEY_TRUSTED_PROXIES": "1",
            "KELSEY_SESSION_MINUTES": "240",
            "KELSEY_ARGON2_COST": "fast",
            "KELSEY_BIND": "[::1]:8443",
            "KELSEY_LOG_ORIGIN": "register.example.org/kelsey",
            "KELSEY_LOG_KEY_FILE": "/keys/log.key",
            "KELSEY_REQUIRE_SHARED": "1",
            "HOME": "/nowhere",
        }
    )
    assert settings == Settings(
        secure_cookies=False,
        trusted_hosts=("a.example.org", "b.example.org"),
        trusted_proxies=1,
        session_minutes=240,
        argon2_cost="fast",
        bind="[::1]:8443",
        log_origin="register.example.org/kelsey",
        log_key_file=Path("/keys/log.key"),
    )


@pytest.mark.parametrize(
    ("variable", "value", "message"),
    [
        ("SECURE_COOKIES", "yes", "KELSEY_SECURE_COOKIES is 'yes'; write 1 or 0"),
        ("SECURE_COOKIES", " ", "KELSEY_SECURE_COOKIES is empty; unset it or give it a value"),
        ("ARGON2_COST", "cheap", "KELSEY_ARGON2_COST is 'cheap'; write standard or fast"),
        ("TRUSTED_PROXIES", "-1", "KELSEY_TRUSTED_PROXIES is '-1'; write a whole number from 0 to 9"),
        ("SESSION_MINUTES", "241", "KELSEY_SESSION_MINUTES is '241'; write a whole number from 1 to 240"),
        (
            "THREADS",
            "\N{SUPERSCRIPT TWO}",
            "KELSEY_THREADS is '\N{SUPERSCRIPT TWO}'; write a whole number from 1 to 256",
        ),
        ("BIND", "8000", "KELSEY_BIND is '8000'; write host:port, such as 127.0.0.1:8000"),
        (
            "BIND",
            "localhost:65536",
            "KELSEY_BIND is 'localhost:65536'; write host:port, such as 127.0.0.1:8000",
        ),
        (
            "LOG_ORIGIN",
            "my log",
            "KELSEY_LOG_ORIGIN is 'my log'; write a name such as register.example.org/kelsey",
        ),
    ],
)
def test_a_wrong_value_is_quoted_with_what_to_write(variable: str, value: str, message: str) -> None:
    with pytest.raises(SettingsError) as refused:
        Settings.from_environment({f"KELSEY_{variable}": value})
    assert str(refused.value) == message
    assert refused.value.code == "settings-invalid"


@pytest.mark.parametrize("url", ["mysql://u:secret@h/d", "secret", "sqlite://"])
def test_a_wrong_database_address_is_not_quoted_because_it_may_hold_a_password(url: str) -> None:
    with pytest.raises(SettingsError) as refused:
        Settings.from_environment({"KELSEY_DATABASE_URL": url})
    assert str(refused.value) == (
        "KELSEY_DATABASE_URL must look like sqlite:///path/kelsey.db or postgresql://user@host/database"
    )


def test_the_password_of_the_database_is_not_shown() -> None:
    assert "hunter2" not in repr(Settings(database_url="postgresql+psycopg://kelsey:hunter2@db/kelsey", var=Path("v")))


def test_a_misspelt_setting_is_refused() -> None:
    with pytest.raises(SettingsError, match=r"^KELSEY_SECURE_COOKIE is not a setting; there are KELSEY_ARGON2_COST, "):
        Settings.from_environment({"KELSEY_SECURE_COOKIE": "1"})


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        Settings().secure_cookies = False  # type: ignore[misc]


def test_the_environment_of_the_process_is_read_when_none_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KELSEY_THREADS", "3")
    assert Settings.from_environment().threads == 3
