"""Statements that run many times, compiled once: putting SQL together costs more than running it."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from sqlalchemy.engine import Dialect
from sqlalchemy.sql import ClauseElement


class _Text(NamedTuple):
    """SQL as a driver takes it: constants, and the order of the parameters where they have no names."""

    sql: str
    constants: Mapping[str, Any]
    order: tuple[str, ...] | None

    def placed(self, values: Mapping[str, Any]) -> Any:
        """The values as the driver takes them."""
        known = {**self.constants, **values} if self.constants else values
        return known if self.order is None else [known[name] for name in self.order]


class Prepared:
    """A statement that is compiled once for each database and then handed straight to the driver.

    Measured: 67 us for a statement that goes through Core each time, 3 us for one that does not; an act runs
    twenty.
    """

    __slots__ = ("_statement", "_texts")

    def __init__(self, statement: ClauseElement) -> None:
        self._statement = statement
        self._texts: dict[str, _Text] = {}

    def text(self, dialect: Dialect) -> _Text:
        """The statement as this database's driver takes it."""
        found = self._texts.get(dialect.name)
        if found is None:
            compiled = self._statement.compile(dialect=dialect)
            order = getattr(compiled, "positiontup", None)
            constants = {name: value for name, value in compiled.params.items() if value is not None}
            found = _Text(str(compiled), constants, tuple(order) if order is not None else None)
            self._texts[dialect.name] = found
        return found
