"""Sites, people, and the two ways by which they are recognised: a session and a key."""

from typing import Any, NamedTuple

from sqlalchemy import BigInteger, bindparam, cast, delete, func, select, update

from compliance.storage.database import Prepared, Uow
from compliance.storage.tables import api_key, lockout, person, session, site


class PersonRow(NamedTuple):
    """A person with the site they belong to."""

    id: str
    username: str
    name: str
    role: str
    site: str
    is_active: int
    password_hash: str
    site_kind: str
    zone: str


class SessionRow(NamedTuple):
    """A session with everything needed to know who acts; read with every request, so in one query."""

    session: str
    seen_at: str
    ends_at: str
    id: str
    name: str
    role: str
    site: str
    site_kind: str
    zone: str


class SiteRow(NamedTuple):
    """A clinic, a pharmacy or an office."""

    id: str
    name: str
    kind: str
    zone: str


class Lockout(NamedTuple):
    """How often a name has failed to sign in, and until when it may not try."""

    failures: int
    failed_at: str
    locked_until: str


_PEOPLE = select(
    person.c.id,
    person.c.username,
    person.c.name,
    person.c.role,
    person.c.site,
    person.c.is_active,
    person.c.password_hash,
    site.c.kind,
    site.c.zone,
).select_from(person.join(site, site.c.id == person.c.site))
_BY_USERNAME = _PEOPLE.where(person.c.username == bindparam("wanted"))
_BY_ID = _PEOPLE.where(person.c.id == bindparam("wanted"))
_WHO = (person.c.id, person.c.name, person.c.role, person.c.site, site.c.kind, site.c.zone)
_BY_TOKEN = Prepared(
    select(session.c.id, session.c.seen_at, session.c.ends_at, *_WHO)
    .select_from(session.join(person, person.c.id == session.c.person).join(site, site.c.id == person.c.site))
    .where(session.c.token_hash == bindparam("wanted"), session.c.revoked_at.is_(None), person.c.is_active == 1)
)
_BY_KEY = Prepared(
    select(api_key.c.id, *_WHO)
    .select_from(api_key.join(person, person.c.id == api_key.c.person).join(site, site.c.id == person.c.site))
    .where(api_key.c.key_hash == bindparam("wanted"), api_key.c.revoked_at.is_(None), person.c.is_active == 1)
)
_SITES = select(site.c.id, site.c.name, site.c.kind, site.c.zone).order_by(site.c.name, site.c.id)
_LOCKOUT = select(lockout.c.failures, lockout.c.failed_at, lockout.c.locked_until).where(
    lockout.c.name_hash == bindparam("wanted")
)
_HOLD_NAME = select(func.pg_advisory_xact_lock(cast(bindparam("name"), BigInteger)))


def insert_site(uow: Uow, **row: Any) -> None:
    """Store a site."""
    uow.execute(site.insert(), row)


def insert_person(uow: Uow, **row: Any) -> None:
    """Store a person; the database refuses a username twice."""
    uow.execute(person.insert(), row)


def change_person(uow: Uow, person_id: str, **values: Any) -> None:
    """Change what may change about a person."""
    uow.execute(update(person).where(person.c.id == person_id).values(**values))


def sites(uow: Uow) -> list[SiteRow]:
    """All sites by name."""
    return [SiteRow(*row) for row in uow.execute(_SITES)]


def site_of(uow: Uow, site_id: str) -> SiteRow | None:
    """One site."""
    row = uow.execute(_SITES.where(site.c.id == site_id)).first()
    return None if row is None else SiteRow(*row)


def everybody(uow: Uow) -> list[PersonRow]:
    """All people by username."""
    return [PersonRow(*row) for row in uow.execute(_PEOPLE.order_by(person.c.username))]


def names(uow: Uow, ids: set[str]) -> dict[str, str]:
    """What people and sites are called."""
    found: dict[str, str] = {}
    for table in (person, site):
        found |= {row[0]: row[1] for row in uow.execute(select(table.c.id, table.c.name).where(table.c.id.in_(ids)))}
    return found


def by_username(uow: Uow, username: str) -> PersonRow | None:
    """The person who signs in under a name."""
    row = uow.execute(_BY_USERNAME, {"wanted": username}).first()
    return None if row is None else PersonRow(*row)


def by_id(uow: Uow, person_id: str) -> PersonRow | None:
    """One person."""
    row = uow.execute(_BY_ID, {"wanted": person_id}).first()
    return None if row is None else PersonRow(*row)


def insert_session(uow: Uow, **row: Any) -> None:
    """Store a session under the hash of its token."""
    uow.execute(session.insert(), row)


def session_by_token(uow: Uow, token_hash: bytes) -> SessionRow | None:
    """The session of a token that was not revoked, of a person who is active."""
    row = uow.row(_BY_TOKEN, {"wanted": token_hash})
    return None if row is None else SessionRow(*row)


def see_session(uow: Uow, session_id: str, seen_at: str) -> None:
    """Note that a session is in use."""
    uow.execute(update(session).where(session.c.id == session_id).values(seen_at=seen_at))


def revoke_session(uow: Uow, session_id: str, at: str) -> None:
    """End one session."""
    uow.execute(update(session).where(session.c.id == session_id, session.c.revoked_at.is_(None)).values(revoked_at=at))


def revoke_sessions(uow: Uow, person_id: str, at: str) -> int:
    """End every session of a person."""
    live = update(session).where(session.c.person == person_id, session.c.revoked_at.is_(None))
    return int(uow.execute(live.values(revoked_at=at)).rowcount)


def insert_api_key(uow: Uow, **row: Any) -> None:
    """Store a key under its hash."""
    uow.execute(api_key.insert(), row)


def revoke_api_keys(uow: Uow, person_id: str, at: str) -> int:
    """End every key of a person."""
    live = update(api_key).where(api_key.c.person == person_id, api_key.c.revoked_at.is_(None))
    return int(uow.execute(live.values(revoked_at=at)).rowcount)


def person_by_api_key(uow: Uow, key_hash: bytes) -> tuple[str, ...] | None:
    """Key id, then id, name, role, site, site kind and zone of the person a key belongs to."""
    return uow.row(_BY_KEY, {"wanted": key_hash})


def hold_name(uow: Uow, name_hash: bytes) -> None:
    """Let attempts at one name wait for each other: side by side they would count as one."""
    if uow.connection.dialect.name == "postgresql":  # on SQLite there is one writer at a time
        uow.execute(_HOLD_NAME, {"name": int.from_bytes(name_hash[:8], "big", signed=True)})


def lockout_of(uow: Uow, name_hash: bytes) -> Lockout | None:
    """How a name has fared at signing in, whether or not anybody bears it."""
    row = uow.execute(_LOCKOUT, {"wanted": name_hash}).first()
    return None if row is None else Lockout(*row)


def set_lockout(uow: Uow, name_hash: bytes, state: Lockout) -> None:
    """Keep how a name has fared."""
    uow.execute(delete(lockout).where(lockout.c.name_hash == name_hash))
    uow.execute(lockout.insert(), {"name_hash": name_hash, **state._asdict()})


def clear_lockout(uow: Uow, name_hash: bytes, older_than: str) -> None:
    """Forget the failures of a name that has signed in, and of names nobody has tried for long."""
    uow.execute(delete(lockout).where((lockout.c.name_hash == name_hash) | (lockout.c.failed_at < older_than)))
