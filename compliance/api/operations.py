"""One description of an operation makes its route, its checks and its entry in the specification."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from compliance.api.forms import FactForm, Form
from compliance.services.actor import Actor
from compliance.services.app import App

PREFIX = "/api/v1"
_PARAMETER = re.compile(r"<(\w+)>")


class Key(Enum):
    """Whether an operation takes an Idempotency-Key."""

    NONE = "none"
    OPTIONAL = "optional"
    REQUIRED = "required"


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A request that has passed all checks of form: who asks, what the path names, what the body says."""

    app: App
    actor: Actor
    path: Mapping[str, str]
    body: Mapping[str, Any]
    key: str = ""


Handler = Callable[[Call], Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One thing the API does."""

    method: str
    rule: str
    handler: Handler
    answer: str
    form: Form | FactForm | None
    status: int
    key: Key

    @property
    def name(self) -> str:
        """The operation's id."""
        return self.handler.__name__

    @property
    def summary(self) -> str:
        """One line for people: the first of the handler's docstring."""
        return (self.handler.__doc__ or "").strip().partition("\n")[0]

    @property
    def parameters(self) -> list[str]:
        """The names in the path."""
        return _PARAMETER.findall(self.rule)

    @property
    def template(self) -> str:
        """The path as OpenAPI writes it."""
        return PREFIX + _PARAMETER.sub(r"{\1}", self.rule)


OPERATIONS: list[Operation] = []
"""Everything the API does, in the order of the specification."""


def operation(
    method: str,
    rule: str,
    answer: str,
    *,
    form: Form | FactForm | None = None,
    status: int = 200,
    key: Key = Key.NONE,
) -> Callable[[Handler], Handler]:
    """Enter a handler in the list of operations."""

    def enter(handler: Handler) -> Handler:
        OPERATIONS.append(
            Operation(method=method, rule=rule, handler=handler, answer=answer, form=form, status=status, key=key)
        )
        return handler

    return enter
