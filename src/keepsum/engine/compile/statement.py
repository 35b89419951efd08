"""What every statement is made of: an expression tree, the values beside it, and the text of one dialect."""

from collections.abc import Callable
from dataclasses import dataclass

from sqlglot import exp

from keepsum.model.filter import Filter, Value

DUCKDB = "duckdb"


@dataclass(frozen=True)
class Statement:
    """A statement and the values of its parameters, `$1` first."""

    sql: str
    parameters: tuple[Value, ...]


@dataclass(frozen=True)
class Code:
    """A value that is known when the records are: the code of a field's text."""

    field: str
    text: str


@dataclass(frozen=True)
class Shape:
    """A statement before its records are known."""

    sql: str
    parameters: tuple[Value | Code, ...]


class Parameters:
    """The values of a statement in the making: each becomes a numbered parameter, equal ones the same."""

    def __init__(self) -> None:
        self._numbers: dict[tuple[type, Value | Code], int] = {}

    def __call__(self, value: Value | Code) -> exp.Parameter:
        """The parameter that stands for a value."""
        # TRICKY: True equals 1, but is another value to a database.
        number = self._numbers.setdefault((type(value), value), len(self._numbers) + 1)
        return exp.Parameter(this=exp.Literal.number(number))

    def shape(self, tree: exp.Query, dialect: str) -> Shape:
        """The tree as a text of the dialect, every name quoted, together with its values."""
        return Shape(tree.sql(dialect=dialect, identify=True), tuple(value for _, value in self._numbers))


def allowed(where: Filter, parameter: Callable[[Value | Code], exp.Parameter]) -> exp.Condition | None:
    """The condition on `records` that keeps what a filter allows; none where it allows all.

    Texts are compared by their codes, other values as they are; None in a filter allows null.
    """
    conditions = [_one_of(name, values, parameter) for name, values in where]
    return exp.and_(*conditions) if conditions else None


def _one_of(name: str, values: tuple[Value, ...], parameter: Callable[[Value | Code], exp.Parameter]) -> exp.Condition:
    column = exp.column(f"f_{name}", table="records")
    known = [parameter(Code(name, value) if isinstance(value, str) else value) for value in values if value is not None]
    conditions: list[exp.Condition] = [column.isin(*known)] if known else []
    if None in values:
        conditions.append(column.is_(exp.null()))
    return exp.or_(*conditions) if conditions else exp.false()
