"""Recognises people: by password once, then by a session that can be ended, or by a key for machines.

Sessions live on the server. A token is 256 random bits; only its hash is stored.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta

from compliance.domain.access import Role
from compliance.domain.span import Instant
from compliance.domain.wire import write_instant
from compliance.services.actor import Actor
from compliance.services.acts import Act, guarded, moment, new_id
from compliance.services.app import App
from compliance.services.decisions import read_moment
from compliance.services.errors import NotPermitted
from compliance.services.naming import folded_username
from compliance.services.passwords import is_right
from compliance.storage import people
from compliance.storage.database import Uow
from compliance.storage.people import Lockout, PersonRow

_TOKEN_BYTES = 32
_MOST_TOKEN = 200
_FREE_FAILURES = 4
_FIRST_WAIT = timedelta(seconds=30)
_LONGEST_WAIT = timedelta(minutes=15)
_FORGET_AFTER = timedelta(days=1)
_SEEN_EVERY = timedelta(seconds=60)
KEY_PREFIX = "kelsey_"


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A new session: the token for the browser, and who it stands for."""

    token: str
    actor: Actor


def sign_in(app: App, username: str, password: str) -> SignedIn:
    """Open a session. What is refused looks and takes the same for names that exist and names that do not."""
    name = folded_username(username)
    name_hash = hashlib.sha256(name.encode("utf-8", "replace")).digest()
    with guarded():
        with app.db.read() as uow:
            person = people.by_username(uow, name) if name.isascii() and name.isprintable() else None
            state = people.lockout_of(uow, name_hash)
        _check_open(state, moment(app))
        right = is_right(app, person.password_hash if person else None, password)
        if person is None or not right or not person.is_active:
            app.db.run(lambda uow: _failed(app, uow, person, name_hash))
            raise NotPermitted("SIGN_IN_FAILED", "username and password do not fit; try again")
        token = secrets.token_urlsafe(_TOKEN_BYTES)
        actor = app.db.run(lambda uow: _opened(app, uow, person, token, name_hash))
    return SignedIn(token, actor)


def actor_of_session(app: App, token: str) -> Actor | None:
    """Who a token stands for; None once the session is over. Read with every request."""
    if not token or len(token) > _MOST_TOKEN:
        return None
    with guarded():
        with app.db.read() as uow:
            row = people.session_by_token(uow, _hash(token))
        if row is None:
            return None
        now = moment(app)
        seen = read_moment(row.seen_at) or now
        if write_instant(now) >= row.ends_at or now >= seen + timedelta(minutes=app.settings.session_minutes):
            return None
        if now >= seen + _SEEN_EVERY:
            app.db.run(lambda uow: people.see_session(uow, row.session, write_instant(now)))
    return Actor(row.id, row.name, Role(row.role), row.site, row.site_kind, row.zone, "session", row.session)


def actor_of_api_key(app: App, text: str) -> Actor | None:
    """Who a key stands for; None for one that was revoked or never issued."""
    if not text.startswith(KEY_PREFIX) or len(text) > _MOST_TOKEN:
        return None
    with guarded(), app.db.read() as uow:
        row = people.person_by_api_key(uow, _hash(text))
    if row is None:
        return None
    key, person, name, role, site, kind, zone = row
    return Actor(person, name, Role(role), site, kind, zone, "api_key", key)


def sign_out(app: App, actor: Actor) -> None:
    """End the session the actor came by."""
    with guarded():
        app.db.run(lambda uow: _signed_out(app, uow, actor))


def new_key() -> tuple[str, bytes]:
    """A key for machines, and the hash under which it is stored."""
    text = KEY_PREFIX + secrets.token_urlsafe(_TOKEN_BYTES)
    return text, _hash(text)


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()


def _check_open(state: Lockout | None, now: Instant) -> None:
    if state is not None and write_instant(now) < state.locked_until:
        raise NotPermitted("SIGN_IN_LOCKED", "too many failed attempts; wait a little and try again")


def _opened(app: App, uow: Uow, person: PersonRow, token: str, name_hash: bytes) -> Actor:
    people.hold_name(uow, name_hash)
    now = moment(app)
    app.log.check_clock(uow, now)
    _check_open(people.lockout_of(uow, name_hash), now)  # other guesses may have failed meanwhile
    own = new_id("s")
    actor = Actor(person.id, person.name, Role(person.role), person.site, person.site_kind, person.zone, "session", own)
    ends_at = Instant(now + timedelta(hours=app.settings.session_hours))
    people.insert_session(
        uow, token_hash=_hash(token), id=own, person=person.id, created_at=write_instant(now),
        seen_at=write_instant(now), ends_at=write_instant(ends_at), revoked_at=None,
    )  # fmt: skip
    people.clear_lockout(uow, name_hash, write_instant(now - _FORGET_AFTER))
    Act(app, actor, uow, new_id("t"), now).log("auth.success")
    return actor


def _failed(app: App, uow: Uow, person: PersonRow | None, name_hash: bytes) -> None:
    people.hold_name(uow, name_hash)
    now = moment(app)
    app.log.check_clock(uow, now)
    before = people.lockout_of(uow, name_hash)
    failures = (before.failures if before else 0) + 1
    over = failures - _FREE_FAILURES
    wait = min(_FIRST_WAIT * 2 ** min(over - 1, 10), _LONGEST_WAIT) if over > 0 else timedelta(0)
    people.set_lockout(uow, name_hash, Lockout(failures, write_instant(now), write_instant(now + wait)))
    who = Actor(person.id, "", Role.AUDITOR, person.site, "", "", "session") if person else _NOBODY
    Act(app, who, uow, new_id("t"), now).log("auth.lockout" if wait else "auth.failure", outcome="denied")


def _signed_out(app: App, uow: Uow, actor: Actor) -> None:
    now = moment(app)
    people.revoke_session(uow, actor.session, write_instant(now))
    Act(app, actor, uow, new_id("t"), now).log("auth.signout")


_NOBODY = Actor("unknown", "", Role.AUDITOR, "none", "", "", "session")
