"""A first draft of a mapping, from what a table says of itself: text to look at, never to take as it is."""

import json
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from keepsum.engine.lint.names import LONGEST_NAME, NAME, RESERVED
from keepsum.engine.reach import Reach
from keepsum.model.table import Kind, Table, TableColumn

TIMES = ("occurred_at", "created_at", "created", "placed_at", "paid_at", "timestamp", "time", "date", "day", "at")
CHANGES = ("updated_at", "modified_at", "changed_at", "updated", "modified", "last_modified")
PEOPLE = ("user_id", "customer_id", "buyer_id", "account_id", "member_id", "person_id", "client_id")
PERSONAL = ("mail", "name", "phone", "address", "street", "city", "zip", "postcode", "birth", "iban", "comment", "note")
SECRET = ("password", "secret", "token", "hash")
DIALECTS = ("sqlite", "postgres", "mysql")

UNKNOWN = "???"
_TIMED: tuple[Kind, ...] = ("instant", "naive", "date")
_FIELDS: tuple[Kind, ...] = ("text", "choice", "boolean", "integer", "decimal", "float")


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


def propose(table: Table, reach: Reach, dialect: str, *, pointing: Collection[str] = ()) -> Proposal:
    """Give what a stream on a table could be declared as; the columns of its foreign keys are `pointing`."""
    roles = _roles(table, dialect)
    return Proposal(
        text="\n".join(_declaration(table, roles, dialect)) + "\n",
        unsafe=tuple(_unsafe(table, roles, reach)),
        rights="\n".join(_rights(table, roles, dialect, pointing)) + "\n",
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
    is_said = _spelled(column.name).removeprefix("its_") in said
    return column.kind in _TIMED or (is_said and (column.kind == "integer" or dialect == "sqlite"))


def _named(columns: Sequence[TableColumn], names: Sequence[str]) -> TableColumn | None:
    known = {_spelled(column.name).removeprefix("its_"): column for column in columns}
    return next((known[name] for name in names if name in known), None)


def _declaration(table: Table, roles: _Roles, dialect: str) -> Iterator[str]:
    others = [column for column in table.columns if column.name not in roles.names]
    subject = roles.subject and roles.subject.name
    yield from (f"{_spelled(table.name).upper()} = Stream(", f"    {_quoted(_spelled(table.name))},")
    yield f"    time={_quoted(_spelled(roles.time.name)) if roles.time else UNKNOWN},"
    if roles.time is not None and roles.time.kind == "date":
        yield '    time_kind="date",'
    yield f"    key={_quoted(_spelled(roles.key)) if roles.key else UNKNOWN},"
    if subject:
        yield f"    subject={_quoted(_spelled(subject))},"
    yield "    keep=days(90),  # how long rows may live"
    yield from ("    fields=(", *(line for column in others for line in _field(column)), "    ),")
    yield from ("    attached=Attached(", f"        {_quoted(table.full_name)},", '        url="DATABASE_URL",')
    yield f"        time={_clock(roles.time, dialect)}"
    yield f"        key={_quoted(roles.key) if roles.key else UNKNOWN},"
    if roles.changed:
        yield f"        changed={_clock(roles.changed, dialect)}"
    if subject:
        yield f"        subject={_quoted(subject)},"
    mapped = [line for column in others for line in _mapped(column)]
    if mapped:
        yield from ("        columns={", *mapped, "        },")
    yield from ("    ),", ")")


def _spelled(name: str) -> str:
    """A name of the database as one that may be declared: `createdAt` is `created_at`, `day` is `its_day`."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
    plain = re.sub(r"[^a-z0-9]+", "_", words).strip("_")
    return (plain if NAME.match(plain) and plain not in RESERVED else f"its_{plain}")[:LONGEST_NAME]


def _quoted(text: str) -> str:
    """A text as Python has it."""
    return json.dumps(text, ensure_ascii=False)


def _clock(column: TableColumn | None, dialect: str) -> str:
    """A clock with the comma behind it, and what else it could be."""
    if column is None:
        return f"{UNKNOWN},"
    name = _quoted(column.name)
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
    name, is_required = _quoted(_spelled(column.name)), "" if column.null else ", required=True"
    why = _left_out(column)
    if why is not None:
        yield f"        # {column.name} is left out: {why}"
        return
    match column.kind:
        case "choice":
            options = ", ".join(map(_quoted, column.options))
            yield f"        Choice({name}, ({options}{',' * (len(column.options) == 1)}){is_required}),"
        case "boolean":
            yield f"        Boolean({name}{is_required}),"
        case "text":
            yield f"        {_text(column.name.lower(), name)}"
        case "integer":
            yield f"        Integer({name}{is_required}),"
        case _:
            yield f"        Decimal({name}, scale={2 if column.scale is None else column.scale}{is_required}),"
            yield "        # of money: Money(..., unit=...), with its currency"


def _left_out(column: TableColumn) -> str | None:
    """Why no field is proposed for a column."""
    lowered = _spelled(column.name)
    if any(part in lowered for part in SECRET):
        return "it looks like a secret"
    if column.kind == "integer" and lowered.endswith("_id"):
        return "what points to another row is rarely a figure"
    if column.kind not in _FIELDS:
        return f"nothing is known to do with {column.type}"
    return None


def _text(lowered: str, name: str) -> str:
    if any(part in lowered for part in PERSONAL):
        return f"Text({name}, sensitivity=PERSONAL),"
    return f"Text({name}),  # personal unless it says most=, or is a Choice"


def _mapped(column: TableColumn) -> Iterator[str]:
    """The line that says what a field is made of, where its name and kind do not."""
    name = _quoted(_spelled(column.name))
    if _left_out(column) is not None:
        return
    if column.kind in ("integer", "decimal", "float"):
        yield f'            {name}: Amount({_quoted(column.name)}, stored="{column.kind}"),'
    elif _spelled(column.name) != column.name:
        yield f"            {name}: {_quoted(column.name)},"


def _unsafe(table: Table, roles: _Roles, reach: Reach) -> Iterator[str]:
    if table.is_view:
        yield "It is a view: rows can be summed up, but nothing can be deleted through it safely."
    if table.is_exclusive:
        yield "Its file has no write-ahead log: commits wait while a day is read. PRAGMA journal_mode=WAL ends that."
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


def _rights(table: Table, roles: _Roles, dialect: str, pointing: Collection[str]) -> Iterator[str]:
    """Give the least that a role needs: to read what is mapped, and, only for a purge, to delete."""
    mark = "`" if dialect == "mysql" else '"'
    # A foreign key is no field, but lookups and children go by it.
    needed = {*roles.names, *pointing}
    read = [column.name for column in table.columns if column.name in needed or _left_out(column) is None]
    columns = ", ".join(_marked(name, mark) for name in read)
    key = _marked(roles.key or "the_key", mark)
    if dialect == "postgres":
        schema = _marked(table.schema or "public", mark)
        named = f"{schema}.{_marked(table.name, mark)}"
        yield "CREATE ROLE keepsum LOGIN PASSWORD '...';"
        yield f"GRANT USAGE ON SCHEMA {schema} TO keepsum;"
        yield f"GRANT SELECT ({columns}) ON {named} TO keepsum;"
        yield "-- only when rows are to be purged; reading rows under lock needs the right to update one column:"
        yield f"GRANT DELETE, UPDATE ({key}) ON {named} TO keepsum;"
    elif dialect == "mysql":
        named = ".".join(_marked(name, mark) for name in (table.schema, table.name) if name)
        yield "CREATE USER keepsum IDENTIFIED BY '...';"
        yield f"GRANT SELECT ({columns}) ON {named} TO keepsum;"
        yield "-- only when rows are to be purged; without TRIGGER nobody can see whether there are triggers:"
        yield f"GRANT DELETE, TRIGGER ON {named} TO keepsum;"
    else:
        yield "-- SQLite has no roles: let the user that Keepsum runs as read the file and its folder,"
        yield "-- and write both only when rows are to be purged."


def _marked(name: str, mark: str) -> str:
    """A name as the database reads it whatever letters and words it is made of."""
    return mark + name.replace(mark, mark * 2) + mark
