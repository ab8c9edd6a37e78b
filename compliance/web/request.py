"""What every page needs of the request it answers: who asks, the moment it is, and the programme's services."""

from __future__ import annotations

from typing import cast

from flask import current_app, g

from compliance.domain.span import Instant
from compliance.services.actor import Actor
from compliance.services.app import App


def programme() -> App:
    """The services behind the pages."""
    return cast(App, current_app.extensions["kelsey"])


def actor() -> Actor:
    """The signed-in person; the guard has put them here before any view runs."""
    return cast(Actor, g.actor)


def site_zone() -> str:
    """The zone of the clock on the wall where the signed-in person works."""
    return actor().zone


def now() -> Instant:
    """The moment of this request, read once, so that a page does not contradict itself."""
    if "now" not in g:
        g.now = programme().clock.now()
    return cast(Instant, g.now)
