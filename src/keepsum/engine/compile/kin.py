"""The statements about child rows: those that belong to rows about to be purged, through one table or several."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlglot import exp

from keepsum.engine.clocks import Dialect
from keepsum.engine.compile.mapped import Marks, Statement
from keepsum.model.attached import Attached, Child

Line = tuple[Child, ...]  # from a child of the stream's table down to the one whose rows are meant


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


def kin(attached: Attached, line: Line, dialect: Dialect, keys: Sequence[Any], *, lock: bool) -> Statement:
    """All columns of the child rows at the end of a line that belong to rows with these keys, in no order."""
    parameter = Marks()
    query = exp.select("*").from_(exp.to_table(line[-1].table)).where(_belongs(attached, line, keys, parameter))
    if lock and dialect != "sqlite":
        query = query.lock(update=True, copy=False)
    return parameter.statement(query, dialect)


def kin_deleted(attached: Attached, line: Line, dialect: Dialect, keys: Sequence[Any]) -> Statement:
    """What deletes those child rows."""
    parameter = Marks()
    query = exp.delete(exp.to_table(line[-1].table)).where(_belongs(attached, line, keys, parameter))
    return parameter.statement(query, dialect)


def _belongs(attached: Attached, line: Line, keys: Sequence[Any], parameter: Marks) -> exp.Condition:
    *before, (ours, theirs) = (child.on for child in line)
    column = exp.column(theirs)
    if not before:
        if ours == attached.key:
            return column.isin(*map(parameter, keys))
        mine = exp.column(attached.key).isin(*map(parameter, keys))
        return column.isin(query=exp.select(exp.column(ours)).from_(exp.to_table(attached.table)).where(mine))
    upper = line[:-1]
    condition = _belongs(attached, upper, keys, parameter)
    return column.isin(query=exp.select(exp.column(ours)).from_(exp.to_table(upper[-1].table)).where(condition))
