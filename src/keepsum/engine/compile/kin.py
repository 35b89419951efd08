"""The statements about child rows: those that belong to rows about to be purged, through one table or several."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlglot import exp

from keepsum.engine.clocks import Dialect
from keepsum.engine.compile.mapped import Marks, Statement, locking, named
from keepsum.model.attached import Attached, Child

Line = tuple[Child, ...]  # from a child of the stream's table down to the one whose rows are meant
Keys = Sequence[Any]  # of the stream's rows, as the database gave them


def lines(attached: Attached) -> tuple[Line, ...]:
    """Give all children in the order in which their rows are deleted: what belongs to a child goes before it."""
    return tuple(line for child in attached.children for line in _lines((child,)))


def _lines(line: Line) -> Iterator[Line]:
    for child in line[-1].children:
        yield from _lines((*line, child))
    yield line


def tables(attached: Attached) -> frozenset[str]:
    """Give the tables whose rows go with a purged row, the stream's own among them."""
    return frozenset((attached.table, *(line[-1].table for line in lines(attached))))


def kin(
    attached: Attached, line: Line, dialect: Dialect, keys: Keys, *, column: str | None = None, lock: bool = False
) -> Statement:
    """The child rows at the end of a line that belong to rows with these keys, in no order: all columns, or one.

    With `lock` nobody changes them until we end; whoever changes one already makes it fail at once.
    """
    parameter = Marks()
    wanted = exp.Star() if column is None else exp.column(column)
    query = exp.select(wanted).from_(named(line[-1].table)).where(_belongs(attached, line, keys, parameter))
    return parameter.statement(locking(query, dialect) if lock else query, dialect)


def above(attached: Attached, line: Line, dialect: Dialect, keys: Keys) -> Statement | None:
    """What the child rows at the end of a line point to, of rows with these keys; none where it is the keys."""
    *upper, child = line
    ours, _ = child.on
    if upper:
        return kin(attached, tuple(upper), dialect, keys, column=ours)
    if ours == attached.key:
        return None
    parameter = Marks()
    mine = exp.column(attached.key).isin(*map(parameter, keys))
    return parameter.statement(exp.select(exp.column(ours)).from_(named(attached.table)).where(mine), dialect)


def _belongs(attached: Attached, line: Line, keys: Keys, parameter: Marks) -> exp.Condition:
    *before, (ours, theirs) = (child.on for child in line)
    column = exp.column(theirs)
    if not before:
        if ours == attached.key:
            return column.isin(*map(parameter, keys))
        mine = exp.column(attached.key).isin(*map(parameter, keys))
        return column.isin(query=exp.select(exp.column(ours)).from_(named(attached.table)).where(mine))
    upper = line[:-1]
    condition = _belongs(attached, upper, keys, parameter)
    return column.isin(query=exp.select(exp.column(ours)).from_(named(upper[-1].table)).where(condition))
