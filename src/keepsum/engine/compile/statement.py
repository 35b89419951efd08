"""What every statement is made of: an expression tree, the values beside it, and the text of one dialect."""

from collections.abc import Callable
from dataclasses import dataclass

from sqlglot import exp

from keepsum.model.rollup import Filter, Value

DUCKDB = "duckdb"


@dataclass(frozen=True)
class Statement:
    """A statement and the values of its parameters, `$1` first."""

    sql: str
    parameters: tuple[Value, ...]


class Parameters:
    """The values of one statement: each becomes a numbered parameter, equal ones the same."""

    def __init__(self) -> None:
        self._numbers: dict[tuple[type, Value], int] = {}

    def __call__(self, value: Value) -> exp.Parameter:
        """The parameter that stands for a value."""
        # TRICKY: True equals 1, but is another value to a database.
        number = self._numbers.setdefault((type(value), value), len(self._numbers) + 1)
        return exp.Parameter(this=exp.Literal.number(number))

    def statement(self, tree: exp.Query, dialect: str) -> Statement:
        """The tree as a text of the dialect, every name quoted, together with the values."""
        return Statement(tree.sql(dialect=dialect, identify=True), tuple(value for _, value in self._numbers))


def allowed(where: Filter, value_of: Callable[[str, Value], exp.Parameter]) -> exp.Condition | None:
    """The condition that keeps the records a filter allows; none where it allows all.

    `value_of(field, value)` is the parameter to compare `f_<field>` of `records` with; None in a filter allows null.
    """
    conditions = [_one_of(name, values, value_of) for name, values in where]
    return exp.and_(*conditions) if conditions else None


def _one_of(name: str, values: tuple[Value, ...], value_of: Callable[[str, Value], exp.Parameter]) -> exp.Condition:
    column = exp.column(f"f_{name}", table="records")
    listed = [value_of(name, value) for value in values if value is not None]
    conditions: list[exp.Condition] = [column.isin(*listed)] if listed else []
    if None in values:
        conditions.append(column.is_(exp.null()))
    return exp.or_(*conditions) if conditions else exp.false()
