import importlib.util
import io
import re
import shutil
import subprocess

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory
from sqlalchemy import create_mock_engine

from keepsum.model.errors import Unavailable
from keepsum.store import migrate
from keepsum.store.database import Database, fetch

CHAINS = pytest.mark.parametrize("chain", sorted(migrate.CHAINS))
POSTGRES = ["psql", "-h", "127.0.0.1", "-U", "postgres", "-qAtX", "-v", "ON_ERROR_STOP=1"]


def made(path, chain):
    database = Database(path)
    with database.write() as connection:
        migrate.upgrade(connection, chain)
    return database


def tables(database):
    """Every table and index as SQLite keeps it, without the order of what a table is made of.

    A column that was added later stands behind another on its line.
    """
    with database.read() as connection:
        found = fetch(connection, "SELECT name, sql FROM sqlite_master WHERE name <> 'migrations' AND sql IS NOT NULL")
    parts = re.compile(r", (?![^(\n]*\))|\n")
    return {name: sorted(filter(None, (part.strip(" \t,") for part in parts.split(sql)))) for name, sql in found}


@CHAINS
def test_migrations_lead_to_exactly_the_tables_that_are_declared(tmp_path, chain):
    migrated, declared = made(tmp_path / "migrated.db", chain), Database(tmp_path / "declared.db")
    with declared.write() as connection:
        migrate.CHAINS[chain].create_all(connection)
    assert tables(migrated) == tables(declared)
    with migrated.read() as connection:
        context = MigrationContext.configure(connection, opts={"version_table": "migrations", "compare_type": True})
        assert compare_metadata(context, migrate.CHAINS[chain]) == []
    for database in (migrated, declared):
        database.close()


@CHAINS
def test_a_file_knows_its_revision_and_is_upgraded_once(tmp_path, chain):
    database = Database(tmp_path / "file.db")
    with database.write() as connection:
        assert migrate.current(connection) is None
        migrate.upgrade(connection, chain)
        assert migrate.current(connection) == migrate.newest(chain)
        migrate.upgrade(connection, chain)
    database.close()


@CHAINS
def test_the_last_revision_is_the_one_that_alembic_finds(chain):
    assert ScriptDirectory.from_config(migrate.configuration(chain)).get_current_head() == migrate.newest(chain)


@CHAINS
def test_an_upgrade_that_fails_leaves_nothing(tmp_path, chain):
    database = Database(tmp_path / "file.db")

    def fail():
        with database.write() as connection:
            migrate.upgrade(connection, chain)
            connection.exec_driver_sql("INSERT INTO no_such_table VALUES (1)")

    with pytest.raises(Unavailable):
        fail()
    with database.write() as connection:
        assert migrate.current(connection) is None
        assert fetch(connection, "SELECT name FROM sqlite_master") == []
    database.close()


def migrated_on_postgres(chain):
    """The statements of a chain's migrations, as they would run there."""
    text = io.StringIO()
    context = MigrationContext.configure(
        dialect_name="postgresql", opts={"as_sql": True, "output_buffer": text, "transactional_ddl": True}
    )
    script = ScriptDirectory.from_config(migrate.configuration(chain))
    with Operations.context(context):
        for revision in reversed(list(script.walk_revisions())):
            spec = importlib.util.spec_from_file_location(revision.revision, revision.path)
            assert spec
            assert spec.loader
            module = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(module)
            module.upgrade()
    return text.getvalue()


def declared_on_postgres(chain):
    """The statements that make the declared tables there."""
    text = []

    def note(statement, *_arguments, **_named):
        text.append(f"{statement.compile(dialect=engine.dialect)};")

    engine = create_mock_engine("postgresql://", note)
    migrate.CHAINS[chain].create_all(engine, checkfirst=False)
    return "\n".join(text)


# What a schema consists of, without its name.
LOOK = """
SELECT table_name, column_name, data_type, is_nullable, column_default IS NULL FROM information_schema.columns
WHERE table_schema = '{0}' ORDER BY 1, 2;
SELECT replace(indexdef, '{0}.', '') FROM pg_indexes WHERE schemaname = '{0}' ORDER BY 1;
SELECT contype, pg_get_constraintdef(oid) FROM pg_constraint
WHERE connamespace = '{0}'::regnamespace AND contype <> 'n' ORDER BY 1, 2;
"""


@CHAINS
def test_migrations_lead_to_the_declared_tables_on_postgresql_too(chain):
    if (
        shutil.which("psql") is None
        or subprocess.run([*POSTGRES, "-c", ""], check=False, capture_output=True).returncode
    ):
        pytest.skip("no PostgreSQL answers here")
    parts = {"migrated_here": migrated_on_postgres(chain), "declared_here": declared_on_postgres(chain)}
    looked = []
    for schema, statements in parts.items():
        text = f"BEGIN; CREATE SCHEMA {schema}; SET LOCAL search_path = {schema};\n{statements}\n{LOOK.format(schema)}"
        done = subprocess.run(POSTGRES, input=text + "ROLLBACK;", capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, "")
        looked.append(done.stdout)
    assert looked[0] == looked[1]
    assert all(f"{table}|" in looked[0] for table in migrate.CHAINS[chain].tables)
