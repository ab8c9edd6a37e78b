"""Who is recognised, for how long, and what a failed attempt tells an outsider: nothing."""

import hashlib
from datetime import timedelta

import pytest

from compliance.domain.access import Role
from compliance.services import accounts, passwords, sessions
from compliance.services.app import App
from compliance.services.errors import Conflict, Invalid, NotFound, NotPermitted, Unavailable
from compliance.storage import people
from tests.services.test_every_verb import at_once
from tests.services.world import OPERATOR, PASSWORD, World


def refused(world: World, username: str, password: str) -> str:
    with pytest.raises(NotPermitted) as refusal:
        accounts.sign_in(world.app, username, password)
    return f"{refusal.value.code} {refusal.value}"


def test_a_session_says_who_acts(world: World) -> None:
    signed_in = accounts.sign_in(world.app, " Prescriber ", PASSWORD)
    actor = accounts.actor_of_session(world.app, signed_in.token)
    assert actor == signed_in.actor
    assert actor is not None
    assert (actor.id, actor.role, actor.via, actor.site) == (
        world.prescriber.id, Role.PRESCRIBER, "session", world.prescriber.site,
    )  # fmt: skip
    assert world.newest()["type"] == "auth.success"
    assert accounts.actor_of_session(world.app, signed_in.token + "x") is None
    assert accounts.actor_of_session(world.app, "") is None


def test_signing_out_ends_the_session_on_the_server(world: World) -> None:
    signed_in = accounts.sign_in(world.app, "auditor", PASSWORD)
    accounts.sign_out(world.app, signed_in.actor)
    assert accounts.actor_of_session(world.app, signed_in.token) is None


def test_a_session_ends_when_nobody_uses_it_and_in_any_case_after_its_hours(world: World) -> None:
    token = accounts.sign_in(world.app, "auditor", PASSWORD).token
    for _ in range(71):
        world.clock.advance(timedelta(minutes=10))
        assert accounts.actor_of_session(world.app, token) is not None
    world.clock.advance(timedelta(minutes=10))
    assert accounts.actor_of_session(world.app, token) is None
    idle = accounts.sign_in(world.app, "auditor", PASSWORD).token
    world.clock.advance(timedelta(minutes=15))
    assert accounts.actor_of_session(world.app, idle) is None


def test_revoked_sessions_deactivated_people_and_new_passwords_shut_out(world: World) -> None:
    first = accounts.sign_in(world.app, "auditor", PASSWORD).token
    assert accounts.revoke_sessions(world.app, OPERATOR, world.auditor.id) == 1
    assert accounts.actor_of_session(world.app, first) is None
    second = accounts.sign_in(world.app, "auditor", PASSWORD).token
    accounts.set_password(world.app, OPERATOR, world.auditor.id, "a quite different one")
    assert accounts.actor_of_session(world.app, second) is None
    third = accounts.sign_in(world.app, "auditor", "a quite different one").token
    assert not accounts.deactivate_user(world.app, OPERATOR, world.auditor.id).is_active
    assert accounts.actor_of_session(world.app, third) is None
    assert refused(world, "auditor", "a quite different one").startswith("SIGN_IN_FAILED")


def test_a_refused_sign_in_does_not_say_whether_the_name_exists(sqlite_world: World) -> None:
    known = [refused(sqlite_world, "auditor", "wrong password") for _ in range(7)]
    unknown = [refused(sqlite_world, "nobody", "wrong password") for _ in range(7)]
    assert known == unknown
    assert [line.split()[0] for line in known] == ["SIGN_IN_FAILED"] * 5 + ["SIGN_IN_LOCKED"] * 2


def test_a_locked_name_waits_longer_each_time_and_opens_again(sqlite_world: World) -> None:
    world = sqlite_world
    for _ in range(5):
        refused(world, "auditor", "wrong password")
    assert refused(world, "auditor", PASSWORD).startswith("SIGN_IN_LOCKED")
    world.clock.advance(timedelta(seconds=30))
    assert refused(world, "auditor", "wrong password").startswith("SIGN_IN_FAILED")
    world.clock.advance(timedelta(seconds=30))
    assert refused(world, "auditor", PASSWORD).startswith("SIGN_IN_LOCKED")
    world.clock.advance(timedelta(seconds=30))
    assert accounts.sign_in(world.app, "auditor", PASSWORD).token
    assert [e["type"] for e in world.entries()[-7:]] == ["auth.failure"] * 4 + ["auth.lockout"] * 2 + ["auth.success"]


def test_a_key_acts_for_a_person_until_it_is_revoked(world: World) -> None:
    text = accounts.issue_api_key(world.app, OPERATOR, world.prescriber.id)
    actor = accounts.actor_of_api_key(world.app, text)
    assert actor is not None
    assert (actor.id, actor.via) == (world.prescriber.id, "api_key")
    assert accounts.revoke_api_keys(world.app, OPERATOR, world.prescriber.id) == 1
    assert accounts.actor_of_api_key(world.app, text) is None
    assert accounts.actor_of_api_key(world.app, "kelsey_made_up") is None


def test_no_token_no_key_and_no_password_is_stored(sqlite_world: World) -> None:
    world = sqlite_world
    secrets = [accounts.sign_in(world.app, "auditor", PASSWORD).token, PASSWORD]
    secrets.append(accounts.issue_api_key(world.app, OPERATOR, world.auditor.id))
    with world.app.db.engine.connect() as connection:
        stored = "".join(connection.connection.dbapi_connection.iterdump())  # type: ignore[union-attr]
    for secret in secrets:
        assert secret not in stored
        assert secret.encode().hex() not in stored.lower()
    assert "Elm Clinic" in stored


def test_accounts_are_for_administrators(sqlite_world: World) -> None:
    world = sqlite_world
    with pytest.raises(NotPermitted):
        accounts.list_users(world.app, world.prescriber)
    with pytest.raises(NotPermitted):
        accounts.add_site(world.app, world.auditor, name="Mine", kind="clinic", zone="UTC")
    assert [user.username for user in accounts.list_users(world.app, OPERATOR)] == sorted(
        ["prescriber", "colleague", "pharmacist", "other_pharmacist", "other_prescriber", "auditor"]
    )
    assert [site.name for site in accounts.list_sites(world.app, OPERATOR)][:2] == [
        "Ash Pharmacy",
        "Elm Clinic",
    ]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"username": "x"}, "USERNAME_UNUSABLE"),
        ({"name": "A\u200bnn"}, "CONTROL_CHARACTER"),
        ({"role": "owner"}, "UNKNOWN_WORD"),
        ({"role": "pharmacist"}, "ROLE_NOT_AT_SITE"),
        ({"password": "short"}, "PASSWORD_UNUSABLE"),
    ],
)
def test_an_account_in_disorder_is_refused(sqlite_world: World, change: dict[str, str], code: str) -> None:
    world = sqlite_world
    form = {"username": "newone", "name": "New One", "role": "prescriber", "password": PASSWORD, **change}
    with pytest.raises(Invalid) as refusal:
        accounts.add_user(world.app, OPERATOR, site=world.prescriber.site, **form)
    assert refusal.value.code == code


def test_a_username_is_taken_once_however_it_is_spelled(world: World) -> None:
    with pytest.raises(Conflict) as refusal:
        accounts.add_user(
            world.app, OPERATOR, username="AUDITOR", name="Other", role=Role.AUDITOR, site=world.auditor.site,
            password=PASSWORD,
        )  # fmt: skip
    assert refusal.value.code == "USERNAME_TAKEN"


def test_guesses_made_side_by_side_are_counted_one_by_one(world: World) -> None:
    codes = at_once(8, lambda: refused(world, "auditor", "wrong password").split()[0])
    assert set(codes) <= {"SIGN_IN_FAILED", "SIGN_IN_LOCKED"}
    with world.app.db.read() as uow:
        state = people.lockout_of(uow, hashlib.sha256(b"auditor").digest())
    assert state is not None
    assert state.failures == codes.count("SIGN_IN_FAILED") >= 5
    assert refused(world, "auditor", PASSWORD).startswith("SIGN_IN_LOCKED")


def test_the_right_password_opens_nothing_once_other_guesses_have_locked_the_name(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def meanwhile(app: App, stored: str | None, password: str) -> bool:
        monkeypatch.setattr(sessions, "is_right", passwords.is_right)
        for _ in range(5):
            refused(world, "auditor", "wrong password")
        return passwords.is_right(app, stored, password)

    monkeypatch.setattr(sessions, "is_right", meanwhile)
    assert refused(world, "auditor", PASSWORD).startswith("SIGN_IN_LOCKED")


def test_a_key_does_not_stand_for_two_passwords(world: World) -> None:
    accounts.set_password(world.app, OPERATOR, world.auditor.id, "the first new one", key="k")
    accounts.set_password(world.app, OPERATOR, world.auditor.id, "the first new one", key="k")
    with pytest.raises(Conflict) as refusal:
        accounts.set_password(world.app, OPERATOR, world.auditor.id, "the second new one", key="k")
    assert refusal.value.code == "IDEMPOTENCY_KEY_REUSED"
    assert accounts.sign_in(world.app, "auditor", "the first new one").actor.id == world.auditor.id


def test_nobody_unknown_or_deactivated_is_given_a_key(world: World) -> None:
    with pytest.raises(NotFound):
        accounts.issue_api_key(world.app, OPERATOR, "u_nobody")
    accounts.deactivate_user(world.app, OPERATOR, world.auditor.id)
    with pytest.raises(Conflict) as refusal:
        accounts.issue_api_key(world.app, OPERATOR, world.auditor.id)
    assert refusal.value.code == "DEACTIVATED"


def test_too_many_sign_ins_at_once_are_turned_away(sqlite_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "_WAIT_SECONDS", 0.01)
    with sqlite_world.app.passwords, sqlite_world.app.passwords, pytest.raises(Unavailable) as refusal:
        accounts.sign_in(sqlite_world.app, "auditor", PASSWORD)
    assert refusal.value.code == "SIGN_IN_BUSY"
