"""Keeps accounts: sites, people with one role each, their passwords, sessions and keys."""

from dataclasses import dataclass
from typing import Any

from compliance.domain.access import Role, Verb
from compliance.domain.span import zone as zone_named
from compliance.domain.wire import write_instant
from compliance.services.actor import Actor, operator, permit
from compliance.services.acts import COUNT, Act, Codec, guarded, new_id, perform
from compliance.services.app import App
from compliance.services.errors import Conflict, Invalid, no_such
from compliance.services.naming import read_name, read_role, read_username
from compliance.services.passwords import hash_password
from compliance.services.sessions import (
    SignedIn,
    actor_of_api_key,
    actor_of_session,
    new_key,
    sign_in,
    sign_out,
)
from compliance.storage import people
from compliance.storage.people import PersonRow

__all__ = [
    "SignedIn",
    "Site",
    "User",
    "actor_of_api_key",
    "actor_of_session",
    "add_site",
    "add_user",
    "deactivate_user",
    "issue_api_key",
    "list_sites",
    "list_users",
    "operator",
    "revoke_api_keys",
    "revoke_sessions",
    "set_password",
    "sign_in",
    "sign_out",
]

_KINDS = ("clinic", "pharmacy", "office")
_PLACES = {Role.PRESCRIBER: "clinic", Role.PHARMACIST: "pharmacy"}


@dataclass(frozen=True, slots=True)
class Site:
    """A clinic, a pharmacy or an office."""

    id: str
    name: str
    kind: str
    zone: str


@dataclass(frozen=True, slots=True)
class User:
    """A person who can sign in, with one role at one site."""

    id: str
    username: str
    name: str
    role: Role
    site: str
    is_active: bool


_SITE: Codec[Site] = Codec(lambda s: [s.id, s.name, s.kind, s.zone], lambda plain: Site(*plain))
_USER: Codec[User] = Codec(
    lambda u: [u.id, u.username, u.name, u.role.value, u.site, u.is_active],
    lambda p: User(p[0], p[1], p[2], Role(p[3]), p[4], p[5]),
)


def add_site(app: App, actor: Actor, *, name: str, kind: str, zone: str, key: str = "") -> Site:
    """Add a clinic, a pharmacy or an office."""

    def unit(act: Act) -> Site:
        if kind not in _KINDS:
            raise Invalid("UNKNOWN_WORD", f"give one of {', '.join(_KINDS)}", "kind", kind[:40])
        site = Site(new_id("site"), read_name(name), kind, zone_named(zone).key)
        people.insert_site(
            act.uow, id=site.id, name=site.name, kind=kind, zone=site.zone, created_at=write_instant(act.now)
        )
        act.log("config.changed", refs={"site": site.id, "kind": kind})
        return site

    return perform(app, actor, Verb.MANAGE_ACCOUNTS, unit, _SITE, key=key, given=["site", name, kind, zone]).answer


def add_user(
    app: App,
    actor: Actor,
    *,
    username: str,
    name: str,
    role: Role | str,
    site: str,
    password: str,
    key: str = "",
) -> User:
    """Add a person. Prescribers belong to a clinic and pharmacists to a pharmacy."""
    permit(actor, Verb.MANAGE_ACCOUNTS)
    stored = hash_password(app, password)  # outside the transaction: it takes long on purpose

    def unit(act: Act) -> User:
        user = User(new_id("u"), read_username(username), read_name(name), read_role(role), site, is_active=True)
        place = people.site_of(act.uow, site)
        if place is None:
            raise no_such("site")
        if place.kind != _PLACES.get(user.role, place.kind):
            raise Invalid(
                "ROLE_NOT_AT_SITE",
                f"a {user.role.value} belongs to a {_PLACES[user.role]}",
                "site",
                place.kind,
            )
        people.insert_person(
            act.uow, id=user.id, username=user.username, name=user.name, role=user.role.value, site=site,
            password_hash=stored, is_active=1, created_at=write_instant(act.now),
        )  # fmt: skip
        act.log("user.added", refs={"user": user.id, "role": user.role.value, "site": site})
        return user

    given = ["user", username, name, str(role), site, app.vault.mark(password)]
    return perform(app, actor, Verb.MANAGE_ACCOUNTS, unit, _USER, key=key, given=given).answer


def set_password(app: App, actor: Actor, user_id: str, password: str, *, key: str = "") -> User:
    """Give a person a new password and end their sessions."""
    permit(actor, Verb.MANAGE_ACCOUNTS)
    given = ["password", user_id, app.vault.mark(password)]
    return _change(app, actor, given, key, password_hash=hash_password(app, password))


def deactivate_user(app: App, actor: Actor, user_id: str, *, key: str = "") -> User:
    """Shut a person out: no sign-in, no session, no key. What they did stays theirs."""
    return _change(app, actor, ["deactivated", user_id], key, is_active=0)


def revoke_sessions(app: App, actor: Actor, user_id: str, *, key: str = "") -> int:
    """End every session of a person; say how many."""

    def unit(act: Act) -> int:
        _person(act, user_id)
        ended = people.revoke_sessions(act.uow, user_id, write_instant(act.now))
        act.log("user.changed", refs={"user": user_id, "change": "sessions_revoked", "ended": ended})
        return ended

    return perform(app, actor, Verb.MANAGE_ACCOUNTS, unit, COUNT, key=key, given=["sessions", user_id]).answer


def issue_api_key(app: App, actor: Actor, user_id: str) -> str:
    """Make a key with which a machine acts for a person. Shown once and not stored."""
    text, digest = new_key()

    def unit(act: Act) -> int:
        if not _person(act, user_id).is_active:
            raise Conflict("DEACTIVATED", "the person has been deactivated")
        own = new_id("ak")
        people.insert_api_key(
            act.uow,
            key_hash=digest,
            id=own,
            person=user_id,
            created_at=write_instant(act.now),
            revoked_at=None,
        )
        act.log("apikey.issued", refs={"user": user_id, "key": own})
        return 1

    perform(app, actor, Verb.MANAGE_ACCOUNTS, unit, COUNT, key="", given=["key", user_id])
    return text


def revoke_api_keys(app: App, actor: Actor, user_id: str, *, key: str = "") -> int:
    """End every key of a person; say how many."""

    def unit(act: Act) -> int:
        _person(act, user_id)
        ended = people.revoke_api_keys(act.uow, user_id, write_instant(act.now))
        act.log("apikey.revoked", refs={"user": user_id, "ended": ended})
        return ended

    return perform(app, actor, Verb.MANAGE_ACCOUNTS, unit, COUNT, key=key, given=["keys", user_id]).answer


def list_users(app: App, actor: Actor) -> list[User]:
    """Everybody who has an account."""
    permit(actor, Verb.MANAGE_ACCOUNTS)
    with guarded(), app.db.read() as uow:
        return [_user(row) for row in people.everybody(uow)]


def list_sites(app: App, actor: Actor) -> list[Site]:
    """All sites."""
    permit(actor, Verb.MANAGE_ACCOUNTS)
    with guarded(), app.db.read() as uow:
        return [Site(*row) for row in people.sites(uow)]


def _change(app: App, actor: Actor, given: list[str], key: str, **values: Any) -> User:
    what, user_id = given[:2]

    def unit(act: Act) -> User:
        _person(act, user_id)
        people.change_person(act.uow, user_id, **values)
        people.revoke_sessions(act.uow, user_id, write_instant(act.now))
        if not values.get("is_active", 1):
            people.revoke_api_keys(act.uow, user_id, write_instant(act.now))
        act.log("user.changed", refs={"user": user_id, "change": what})
        return _user(_person(act, user_id))

    return perform(app, actor, Verb.MANAGE_ACCOUNTS, unit, _USER, key=key, given=given).answer


def _person(act: Act, user_id: str) -> PersonRow:
    row = people.by_id(act.uow, user_id)
    if row is None:
        raise no_such("user")
    return row


def _user(row: PersonRow) -> User:
    return User(row.id, row.username, row.name, Role(row.role), row.site, bool(row.is_active))
