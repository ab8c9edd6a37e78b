"""How people and sites may be called: one spelling for each username, nothing invisible in a name."""

import re
import unicodedata

from compliance.domain.access import Role
from compliance.domain.wire import read_text
from compliance.services.errors import Invalid

_USERNAME = re.compile(r"[a-z0-9][a-z0-9._@+-]{1,63}")
_MOST_NAME = 100
_MOST_TYPED = 200


def folded_username(username: str) -> str:
    """One spelling for each username, whatever the keyboard."""
    return unicodedata.normalize("NFKC", username[:_MOST_TYPED]).casefold().strip()


def read_role(role: Role | str) -> Role:
    """Read a role by its word."""
    known = {one.value: one for one in Role}
    found = role if isinstance(role, Role) else known.get(role)
    if found is None:
        raise Invalid("UNKNOWN_WORD", f"give one of {', '.join(known)}", "role", str(role)[:40])
    return found


def read_username(username: str) -> str:
    """Read a username in its one spelling."""
    name = folded_username(username)
    if not _USERNAME.fullmatch(name):
        raise Invalid("USERNAME_UNUSABLE", "use 2 to 64 letters, digits and ._@+-", "username")
    return name


def read_name(text: str) -> str:
    """Read what a person or site is called."""
    name = " ".join(read_text(text, "name").split())
    if not name or len(name) > _MOST_NAME:
        raise Invalid("NAME_MISSING", f"give a name of 1 to {_MOST_NAME} characters", "name")
    return name
