"""The statements that make, look at and fill a published table, in the style of each database's driver."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlglot import exp

Dialect = Literal["sqlite", "postgres", "mysql"]
Type = Literal["date", "integer", "decimal", "text", "json"]

MARKS = "keepsum_published"  # how far each table is published, kept beside them so that one transaction writes both
ROWS = 200  # of one INSERT
_TYPES = {"date": "DATE", "integer": "BIGINT", "text": "TEXT", "json": "JSON"}


@dataclass(frozen=True, kw_only=True)
class Statement:
    """A statement in its driver's style, and the values of its parameters in order."""

    sql: str
    parameters: tuple[Any, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ColumnShape:
    """A column of a published table; a decimal has so many decimals."""

    name: str
    type: Type
    scale: int = 0


def columns(table: str, dialect: Dialect) -> Statement:
    """The names of the columns that a table of the database's own schema has; none if there is no such table."""
    mark = exp.Placeholder()
    if dialect == "sqlite":
        listed = exp.Anonymous(this="pragma_table_info", expressions=[mark])
        return _statement(exp.select(exp.column("name")).from_(listed), dialect, table)
    here = exp.Anonymous(this="current_schema" if dialect == "postgres" else "database")
    query = (
        exp.select(exp.column("column_name"))
        .from_(exp.to_table("information_schema.columns"))
        .where(exp.column("table_schema").eq(here), exp.column("table_name").eq(mark))
    )
    return _statement(query, dialect, table)


def made(table: str, shapes: Sequence[ColumnShape], key: Sequence[str], dialect: Dialect) -> Statement:
    """Make a table unless it is there; the columns of `key`, if any, tell its rows apart."""
    listed: list[exp.Expr] = [_definition(shape, dialect, required=shape.name in key) for shape in shapes]
    if key:
        listed.append(exp.PrimaryKey(expressions=[exp.to_identifier(name) for name in key]))
    schema = exp.Schema(this=exp.to_table(table), expressions=listed)
    return _statement(exp.Create(this=schema, kind="TABLE", exists=True), dialect)


def marks_made(dialect: Dialect) -> Statement:
    """Make the table of marks unless it is there."""
    named = [("name", "VARCHAR(64)"), ("definition", "VARCHAR(64)"), ("entry", "BIGINT")]
    listed: list[exp.Expr] = [_column(name, exp.DataType.build(kind), required=True) for name, kind in named]
    listed.append(exp.PrimaryKey(expressions=[exp.to_identifier("name")]))
    schema = exp.Schema(this=exp.to_table(MARKS), expressions=listed)
    return _statement(exp.Create(this=schema, kind="TABLE", exists=True), dialect)


def marked(table: str, dialect: Dialect, *, lock: bool = False) -> Statement:
    """The mark of a table: the definition it was published under, and the last ledger entry that it shows."""
    query = (
        exp.select(exp.column("definition"), exp.column("entry"))
        .from_(exp.to_table(MARKS))
        .where(exp.column("name").eq(exp.Placeholder()))
    )
    return _statement(query.lock() if lock and dialect != "sqlite" else query, dialect, table)


def mark_added(table: str, definition: str, entry: int, dialect: Dialect) -> Statement:
    """Note the first mark of a table."""
    return inserted(MARKS, ("name", "definition", "entry"), [(table, definition, entry)], dialect)


def mark_moved(table: str, definition: str, entry: int, dialect: Dialect) -> Statement:
    """Note how far a table is published now."""
    moved = exp.update(
        MARKS,
        {"definition": exp.Placeholder(), "entry": exp.Placeholder()},
        where=exp.column("name").eq(exp.Placeholder()),
    )
    return _statement(moved, dialect, definition, entry, table)


def periods(table: str, key: Sequence[str], dialect: Dialect) -> Statement:
    """The periods that a table has rows of."""
    return _statement(exp.select(*(exp.column(name) for name in key)).distinct().from_(exp.to_table(table)), dialect)


def emptied(table: str, dialect: Dialect) -> Statement:
    """Delete every row."""
    return _statement(exp.Delete(this=exp.to_table(table)), dialect)


def removed(table: str, key: Sequence[str], values: Sequence[Any], dialect: Dialect) -> Statement:
    """Delete the rows of one period."""
    tests = [exp.column(name).eq(exp.Placeholder()) for name in key]
    return _statement(exp.Delete(this=exp.to_table(table), where=exp.Where(this=exp.and_(*tests))), dialect, *values)


def inserted(table: str, names: Sequence[str], rows: Sequence[Sequence[Any]], dialect: Dialect) -> Statement:
    """Insert at most `ROWS` rows."""
    schema = exp.Schema(this=exp.to_table(table), expressions=[exp.to_identifier(name) for name in names])
    marks = exp.Values(expressions=[exp.Tuple(expressions=[exp.Placeholder() for _ in names]) for _ in rows])
    return _statement(exp.Insert(this=schema, expression=marks), dialect, *(value for row in rows for value in row))


def insertions(
    table: str, names: Sequence[str], rows: Sequence[Sequence[Any]], dialect: Dialect
) -> Iterable[Statement]:
    """Insert any number of rows."""
    for start in range(0, len(rows), ROWS):
        yield inserted(table, names, rows[start : start + ROWS], dialect)


def _definition(shape: ColumnShape, dialect: Dialect, *, required: bool) -> exp.ColumnDef:
    if shape.type == "json" and dialect == "sqlite":
        kind = "TEXT"
    else:
        kind = f"DECIMAL(38, {shape.scale})" if shape.type == "decimal" else _TYPES[shape.type]
    return _column(shape.name, exp.DataType.build(kind), required=required)


def _column(name: str, kind: exp.DataType, *, required: bool) -> exp.ColumnDef:
    constraints = [exp.ColumnConstraint(kind=exp.NotNullColumnConstraint())] if required else []
    return exp.ColumnDef(this=exp.to_identifier(name), kind=kind, constraints=constraints)


def _statement(tree: exp.Expr, dialect: Dialect, *values: Any) -> Statement:
    # No name and no constant of these statements has a mark or a percent sign in it.
    sql = tree.sql(dialect=dialect, identify=True)
    return Statement(sql=sql.replace("?", "%s") if dialect == "mysql" else sql, parameters=values)
