"""Looking at an application's database before a stream is declared; nothing is written anywhere."""

from keepsum.engine.propose import Proposal, propose
from keepsum.engine.reach import reach
from keepsum.store.homes import catalogs, tables
from keepsum.store.homes.attached import AttachedDatabase


def tables_of(url: str) -> tuple[str, ...]:
    """Give the tables and views of a database; raises `BAD_DATABASE_URL`, `DRIVER_MISSING` and `DATABASE_*`."""
    return tables.table_names(AttachedDatabase(url).url)


def look(url: str, name: str) -> Proposal:
    """Give what a table could be declared as; raises also `UNKNOWN_TABLE`."""
    database = AttachedDatabase(url)
    table = tables.read_table(database.url, name)
    with database.snapshot() as reading:
        schema = catalogs.schema(reading, database.dialect)
    # A table that is found without its schema is known without it.
    known = table.full_name if table.full_name in schema.tables else table.name
    pointing = {column for one in schema.references if one.table == known for column in one.columns}
    return propose(table, reach(schema, {known}), database.dialect, pointing=pointing)
