"""Who acts. Every service takes an actor, and every log entry names one."""

from dataclasses import dataclass
from typing import Literal

from compliance.domain.access import Role, Verb, may
from compliance.services.errors import NotPermitted

Via = Literal["session", "api_key", "operator"]


@dataclass(frozen=True, slots=True)
class Actor:
    """A person at a site in a role, and by what means they were recognised."""

    id: str
    name: str
    role: Role
    site: str
    site_kind: str
    zone: str
    via: Via
    session: str = ""


def operator() -> Actor:
    """Whoever has a shell on the machine: an administrator, named as such in the log."""
    return Actor("operator", "Operator", Role.ADMINISTRATOR, "none", "office", "UTC", "operator")


def permit(actor: Actor, verb: Verb) -> None:
    """Refuse what the actor's role may not do."""
    if not may(actor.role, verb):
        raise NotPermitted("NOT_PERMITTED", f"a {actor.role.value} may not {verb.value.replace('_', ' ')}")
