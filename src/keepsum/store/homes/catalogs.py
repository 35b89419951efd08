"""What an attached database says of its foreign keys, triggers and tables, in the one form of three catalogs."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from keepsum.model.reach import Reference, Rule, Schema, Trigger
from keepsum.store.homes.attached import Dialect, Reading, Row

RULES: dict[str, Rule] = {
    "CASCADE": "cascade",
    "SET NULL": "set null",
    "SET DEFAULT": "set default",
    "c": "cascade",
    "n": "set null",
    "d": "set default",
}

# (table, key, column, parent, column of the parent or null, rule), the columns of a key one after the other.
_REFERENCES = {
    "sqlite": """
        SELECT m.name, f.id, f."from", p.name, f."to", f.on_delete FROM sqlite_master m
        JOIN pragma_foreign_key_list(m.name) f JOIN sqlite_master p ON lower(p.name) = lower(f."table")
        WHERE m.type = 'table' AND p.type = 'table' ORDER BY 1, 2, f.seq
    """,
    "postgres": """
        WITH named AS (
            SELECT c.oid, CASE WHEN pg_table_is_visible(r.oid) THEN r.relname ELSE n.nspname || '.' || r.relname END
            AS name FROM pg_class c JOIN pg_class r ON r.oid = coalesce(pg_partition_root(c.oid), c.oid)
            JOIN pg_namespace n ON n.oid = r.relnamespace
        )
        SELECT child.name, con.oid, mine.attname, parent.name, theirs.attname, con.confdeltype
        FROM pg_constraint con JOIN named child ON child.oid = con.conrelid
        JOIN named parent ON parent.oid = con.confrelid
        CROSS JOIN unnest(con.conkey, con.confkey) WITH ORDINALITY AS pair (mine, theirs, place)
        JOIN pg_attribute mine ON mine.attrelid = con.conrelid AND mine.attnum = pair.mine
        JOIN pg_attribute theirs ON theirs.attrelid = con.confrelid AND theirs.attnum = pair.theirs
        WHERE con.contype = 'f' ORDER BY 1, 2, pair.place
    """,
    "mysql": """
        SELECT IF(k.TABLE_SCHEMA = DATABASE(), k.TABLE_NAME, CONCAT(k.TABLE_SCHEMA, '.', k.TABLE_NAME)),
        k.CONSTRAINT_NAME, k.COLUMN_NAME,
        IF(k.REFERENCED_TABLE_SCHEMA = DATABASE(), k.REFERENCED_TABLE_NAME,
           CONCAT(k.REFERENCED_TABLE_SCHEMA, '.', k.REFERENCED_TABLE_NAME)),
        k.REFERENCED_COLUMN_NAME, r.DELETE_RULE
        FROM information_schema.KEY_COLUMN_USAGE k JOIN information_schema.REFERENTIAL_CONSTRAINTS r
        ON r.CONSTRAINT_SCHEMA = k.CONSTRAINT_SCHEMA AND r.CONSTRAINT_NAME = k.CONSTRAINT_NAME
        AND r.TABLE_NAME = k.TABLE_NAME
        WHERE k.REFERENCED_TABLE_NAME IS NOT NULL ORDER BY 1, 2, k.ORDINAL_POSITION
    """,
}
# (table, trigger, the text that made it, where the catalog does not say that it is about deletes).
_TRIGGERS = {
    "sqlite": "SELECT tbl_name, name, sql FROM sqlite_master WHERE type = 'trigger' ORDER BY 1, 2",
    "postgres": """
        SELECT CASE WHEN pg_table_is_visible(r.oid) THEN r.relname ELSE n.nspname || '.' || r.relname END,
        found.name, NULL FROM (
            SELECT tgrelid, tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D' AND tgtype & 8 <> 0
            UNION ALL SELECT ev_class, rulename FROM pg_rewrite WHERE ev_type = '4'
        ) AS found (oid, name) JOIN pg_class r ON r.oid = coalesce(pg_partition_root(found.oid), found.oid)
        JOIN pg_namespace n ON n.oid = r.relnamespace ORDER BY 1, 2
    """,
    "mysql": """
        SELECT IF(EVENT_OBJECT_SCHEMA = DATABASE(), EVENT_OBJECT_TABLE,
                  CONCAT(EVENT_OBJECT_SCHEMA, '.', EVENT_OBJECT_TABLE)), TRIGGER_NAME, NULL
        FROM information_schema.TRIGGERS WHERE EVENT_MANIPULATION = 'DELETE' ORDER BY 1, 2
    """,
}
_TABLES = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'table' AND upper(sql) NOT LIKE 'CREATE VIRTUAL%'",
    "postgres": """
        SELECT CASE WHEN pg_table_is_visible(c.oid) THEN c.relname ELSE n.nspname || '.' || c.relname END
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p')
    """,
    "mysql": """
        SELECT IF(t.TABLE_SCHEMA = DATABASE(), t.TABLE_NAME, CONCAT(t.TABLE_SCHEMA, '.', t.TABLE_NAME))
        FROM information_schema.TABLES t JOIN information_schema.ENGINES e ON e.ENGINE = t.ENGINE
        WHERE t.TABLE_TYPE = 'BASE TABLE' AND e.TRANSACTIONS = 'YES'
    """,
}
# TRICKY: MySQL lists no trigger of a table to a role that lacks TRIGGER there: that none is seen means nothing then.
_SEEN = """
    SELECT IF(t.TABLE_SCHEMA = DATABASE(), t.TABLE_NAME, CONCAT(t.TABLE_SCHEMA, '.', t.TABLE_NAME))
    FROM information_schema.TABLES t WHERE EXISTS (
        SELECT 1 FROM information_schema.USER_PRIVILEGES WHERE PRIVILEGE_TYPE = 'TRIGGER' AND GRANTEE = {me}
    ) OR EXISTS (
        SELECT 1 FROM information_schema.SCHEMA_PRIVILEGES p
        WHERE p.PRIVILEGE_TYPE = 'TRIGGER' AND p.GRANTEE = {me} AND t.TABLE_SCHEMA LIKE p.TABLE_SCHEMA
    ) OR EXISTS (
        SELECT 1 FROM information_schema.TABLE_PRIVILEGES p WHERE p.PRIVILEGE_TYPE = 'TRIGGER' AND p.GRANTEE = {me}
        AND p.TABLE_SCHEMA = t.TABLE_SCHEMA AND p.TABLE_NAME = t.TABLE_NAME
    )
""".format(me="""CONCAT('''', REPLACE(CURRENT_USER(), '@', '''@'''), '''')""")

# (column, type) of one table; SQLite has types of values only.
_TYPES = {
    "postgres": """
        SELECT a.attname, b.typname FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
        JOIN pg_type b ON b.oid = CASE WHEN t.typtype = 'd' THEN t.typbasetype ELSE t.oid END
        WHERE a.attrelid = to_regclass(%s) AND a.attnum > 0 AND NOT a.attisdropped
    """,
    "mysql": """
        SELECT COLUMN_NAME, DATA_TYPE FROM information_schema.COLUMNS
        WHERE TABLE_SCHEMA = COALESCE(%s, DATABASE()) AND TABLE_NAME = %s
    """,
}

_NAME = r"""("(""|[^"])*"|`(``|[^`])*`|'(''|[^'])*'|\[[^\]]*\]|[\w$]+)"""
_OTHER_EVENT = re.compile(
    rf"create\s+trigger\s+(if\s+not\s+exists\s+)?({_NAME}\s*\.\s*)?{_NAME}\s+((before|after|instead\s+of)\s+)?"
    rf"(insert|update)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class _Question:
    """A statement about a catalog."""

    sql: str
    parameters: tuple[str | None, ...] = ()


def schema(reading: Reading, dialect: Dialect) -> Schema:
    """Give what a database says of itself; tables of other schemas are named with theirs. Raises `DATABASE_*`."""

    def ask(sql: str) -> Iterator[Row]:
        return (row for rows in reading.stream(_Question(sql)) for row in rows)

    tables = frozenset(name for (name,) in ask(_TABLES[dialect]))
    return Schema(
        tables=tables,
        references=tuple(_references(ask(_REFERENCES[dialect]))),
        triggers=tuple(Trigger(table=t, name=n) for t, n, text in ask(_TRIGGERS[dialect]) if _is_about_deletes(text)),
        hidden=tables - {name for (name,) in ask(_SEEN)} if dialect == "mysql" else frozenset[str](),
    )


def column_types(reading: Reading, dialect: Dialect, tables: Iterable[str]) -> dict[tuple[str, str], str]:
    """Give the types of the columns of tables, in small letters; none that cannot be seen, and none of SQLite."""
    found: dict[tuple[str, str], str] = {}
    for table in tables if dialect in _TYPES else ():
        schema, _, name = table.rpartition(".")
        parts = (_quoted(schema, name),) if dialect == "postgres" else (schema or None, name)
        for rows in reading.stream(_Question(_TYPES[dialect], parts)):
            found |= {(table, column): type_.lower() for column, type_ in rows}
    return found


def _quoted(schema: str, name: str) -> str:
    return ".".join('"' + part.replace('"', '""') + '"' for part in (schema, name) if part)


def _references(rows: Iterable[Sequence[Any]]) -> Iterator[Reference]:
    for (table, _), columns in groupby(rows, key=lambda row: (row[0], row[1])):
        listed = list(columns)
        rule = listed[0][5]
        yield Reference(
            table=table,
            columns=tuple(row[2] for row in listed),
            parent=listed[0][3],
            # SQLite leaves the columns out where the reference is to the parent's primary key.
            parent_columns=tuple(row[4] for row in listed if row[4] is not None),
            rule=RULES.get(rule.decode() if isinstance(rule, bytes) else rule, "restrict"),
        )


def _is_about_deletes(text: str | None) -> bool:
    """Say whether a trigger runs on deletes; where its text does not clearly say otherwise, it does."""
    return text is None or _OTHER_EVENT.match(text.strip()) is None
