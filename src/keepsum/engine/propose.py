"""A first draft of a mapping, from what a table says of itself: text to look at, never to take as it is."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from keepsum.engine.reach import Reach
from keepsum.model.table import Kind, Table, TableColumn

TIMES = ("occurred_at", "created_at", "created", "placed_at", "paid_at", "timestamp", "time", "date", "day", "at")
CHANGES = ("updated_at", "modified_at", "changed_at", "updated", "modified", "last_modified")
PEOPLE = ("user_id", "customer_id", "buyer_id", "account_id", "member_id", "person_id", "client_id")
PERSONAL = ("mail", "name", "phone", "address", "street", "city", "zip", "postcode", "birth", "iban", "comment", "note")
SECRET = ("password", "secret", "token", "hash")
DIALECTS = ("sqlite", "postgres", "mysql")

_TIMED: tuple[Kind, ...] = ("instant", "naive", "date")


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """A declaration as Python text, what is unsafe about the table, and the rights that the role needs as SQL."""

    text: str
    unsafe: tuple[str, ...]
    rights: str


@dataclass(frozen=True, kw_only=True)
class _Roles:
    """Which column is what; none where nothing looks like it."""

    key: str | None
    time: TableColumn | None
    changed: TableColumn | None
    subject: TableColumn | None

    @property
    def names(self) -> set[str]:
        """The columns that are no fields."""
        found = (self.time, self.changed, self.subject)
        return {column.name for column in found if column} | ({self.key} if self.key else set())


def propose(table: Table, reach: Reach, dialect: str) -> Proposal:
    """Give what a stream on a table could be declared as."""
    roles = _roles(table, dialect)
    return Proposal(
        text="\n".join(_declaration(table, roles, dialect)) + "\n",
        unsafe=tuple(_unsafe(table, roles, reach)),
        rights="\n".join(_rights(table, roles, dialect)) + "\n",
    )


def _roles(table: Table, dialect: str) -> _Roles:
    plausible = [c for c in table.columns if _may_be_time(c, dialect)]
    return _Roles(
        key=table.unique[0] if table.unique else None,
        time=_named(plausible, TIMES) or next((c for c in plausible if c.kind in _TIMED), None),
        changed=_named(plausible, CHANGES),
        subject=_named(table.columns, PEOPLE),
    )


def _may_be_time(column: TableColumn, dialect: str) -> bool:
    """Whether a column may hold times: where the database has no type for them, texts and numbers do."""
    said = (*TIMES, *CHANGES)
    return column.kind in _TIMED or (column.name in said and (column.kind == "integer" or dialect == "sqlite"))


def _named(columns: Sequence[TableColumn], names: Sequence[str]) -> TableColumn | None:
    known = {column.name.lower(): column for column in columns}
    return next((known[name] for name in names if name in known), None)


def _declaration(table: Table, roles: _Roles, dialect: str) -> Iterator[str]:
    time = roles.time.name if roles.time else "???"
    name = table.name.lower()
    fields = [line for column in table.columns if column.name not in roles.names for line in _field(column)]
    amounts = [line for column in table.columns if column.name not in roles.names for line in _amount(column)]
    is_of_dates = roles.time is not None and roles.time.kind == "date"
    yield f"{name.upper()} = Stream("
    yield f'    "{name}",'
    yield f'    time="{time}",'
    if is_of_dates:
        yield '    time_kind="date",'
    yield f'    key="{roles.key or "???"}",'
    if roles.subject:
        yield f'    subject="{roles.subject.name}",'
    yield "    keep=days(90),  # how long rows may live"
    yield from ("    fields=(", *fields, "    ),")
    yield from ("    attached=Attached(", f'        "{table.name}",', '        url="DATABASE_URL",')
    yield f"        time={_clock(roles.time, dialect)}"
    yield f'        key="{roles.key or "???"}",'
    if roles.changed:
        yield f"        changed={_clock(roles.changed, dialect)}"
    if roles.subject:
        yield f'        subject="{roles.subject.name}",'
    if amounts:
        yield from ("        columns={", *amounts, "        },")
    yield from ("    ),", ")")


def _clock(column: TableColumn | None, dialect: str) -> str:
    """A clock with the comma behind it, and what else it could be."""
    if column is None:
        return "???,"
    name = f'"{column.name}"'
    match column.kind:
        case "instant":
            return f"Zoned({name}),"
        case "date":
            return f"LocalDate({name}),"
        case "integer":
            return f'Epoch({name}, unit="s"),  # or "ms", "us"'
        case _ if dialect == "sqlite":
            return f"Utc({name}),  # or Zoned({name}) where texts end in an offset"
        case _:
            return f'Utc({name}),  # or Local({name}, zone="Europe/Berlin") where it is the time of a place'


def _field(column: TableColumn) -> Iterator[str]:
    name, is_required = f'"{column.name}"', "" if column.null else ", required=True"
    lowered = column.name.lower()
    if any(part in lowered for part in SECRET):
        yield f"        # {column.name} is left out: it looks like a secret"
        return
    match column.kind:
        case "choice":
            options = ", ".join(f'"{option}"' for option in column.options)
            yield f"        Choice({name}, ({options}{',' * (len(column.options) == 1)}){is_required}),"
        case "boolean":
            yield f"        Boolean({name}{is_required}),"
        case "text":
            yield f"        {_text(lowered, name)}"
        case "integer" if lowered.endswith("_id"):
            yield f"        # {column.name} is left out: what points to another row is rarely a figure"
        case "integer":
            yield f"        Integer({name}{is_required}),"
        case "decimal" | "float":
            yield f"        Decimal({name}, scale={2 if column.scale is None else column.scale}{is_required}),"
            yield "        # of money: Money(..., unit=...), with its currency"
        case _:
            yield f"        # {column.name} is left out: nothing is known to do with {column.type}"


def _text(lowered: str, name: str) -> str:
    if any(part in lowered for part in PERSONAL):
        return f"Text({name}, sensitivity=PERSONAL),"
    return f"Text({name}),  # personal unless it says most=, or is a Choice"


def _amount(column: TableColumn) -> Iterator[str]:
    if column.kind in ("decimal", "float") or (column.kind == "integer" and not column.name.lower().endswith("_id")):
        yield f'            "{column.name}": Amount("{column.name}", stored="{column.kind}"),'


def _unsafe(table: Table, roles: _Roles, reach: Reach) -> Iterator[str]:
    if table.is_view:
        yield "It is a view: rows can be summed up, but nothing can be deleted through it safely."
    if roles.key is None:
        yield "No single column tells its rows apart: without one nothing can be proven, or deleted by key."
    if roles.time is None:
        yield "No column looks like a time: say which one says when a row happened."
    elif roles.time.name not in table.indexed:
        yield f"No index begins with {roles.time.name!r}: every day that is read searches the whole table."
    yield from _unsafe_times(roles)
    for column in table.columns:
        if column.kind == "float":
            yield f"{column.name!r} is a binary float: it is rounded row by row, so say in which unit."
    yield from _unsafe_deletes(reach)


def _unsafe_times(roles: _Roles) -> Iterator[str]:
    for column in (roles.time, roles.changed):
        if column is not None and column.kind in ("naive", "text"):
            yield f"{column.name!r} has no zone: say whether it is meant in UTC, or in which zone."
        if column is not None and column.null:
            yield f"{column.name!r} may be null: a row without a time is of no day."
    if roles.changed is None:
        yield "No column says when a row last changed: sealed days are counted again each night, and asked for live."
        yield "If rows are only ever added, give their own time as changed=: then sealed days need not be asked for."


def _unsafe_deletes(reach: Reach) -> Iterator[str]:
    for name in reach.unproven:
        yield f"Deleting a row deletes or changes rows of {name!r}, too: declare it as a child before a purge."
    for trigger in reach.triggers:
        yield f"The trigger {trigger.name!r} runs when rows are deleted: a purge refuses to set it off."
    for name in reach.unsafe:
        yield f"Deletes in {name!r} cannot be taken back: a purge refuses them."
    for one in reach.holding:
        yield f"Rows of {one.table!r} keep rows from being deleted that they point to."


def _rights(table: Table, roles: _Roles, dialect: str) -> Iterator[str]:
    """Give the least that a role needs: to read, and, only for a purge, to delete."""
    columns = ", ".join(column.name for column in table.columns)
    key = roles.key or "the_key"
    if dialect == "postgres":
        schema = table.schema or "public"
        yield "CREATE ROLE keepsum LOGIN PASSWORD '...';"
        yield f"GRANT USAGE ON SCHEMA {schema} TO keepsum;"
        yield f"GRANT SELECT ({columns}) ON {schema}.{table.name} TO keepsum;"
        yield "-- only when rows are to be purged; reading rows under lock needs the right to update one column:"
        yield f"GRANT DELETE, UPDATE ({key}) ON {schema}.{table.name} TO keepsum;"
    elif dialect == "mysql":
        yield "CREATE USER keepsum IDENTIFIED BY '...';"
        yield f"GRANT SELECT ({columns}) ON {table.name} TO keepsum;"
        yield "-- only when rows are to be purged; without TRIGGER nobody can see whether there are triggers:"
        yield f"GRANT DELETE, TRIGGER ON {table.name} TO keepsum;"
    else:
        yield "-- SQLite has no roles: let the user that Keepsum runs as read the file and its folder,"
        yield "-- and write both only when rows are to be purged."
