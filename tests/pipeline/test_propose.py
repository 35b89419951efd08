import ast
import os

import pytest
from tests.databases import Database
from tests.ordering import lay_table

from keepsum.model.errors import NotFound, Unavailable
from keepsum.pipeline.propose import look, tables_of

ITEMS = """
    CREATE TABLE items (
        id BIGINT PRIMARY KEY, order_id BIGINT NOT NULL, FOREIGN KEY (order_id) REFERENCES orders (id) ON DELETE CASCADE
    )
"""


def test_a_table_is_proposed_as_its_database_describes_it(database):
    lay_table(database)
    database.execute(ITEMS)
    assert set(tables_of(database.url)) >= {"items", "orders"}
    found = look(database.url, "orders")
    ast.parse(found.text)
    assert 'time=Utc("created_at")' in found.text
    assert 'changed=Utc("updated_at")' in found.text
    assert 'subject="user_id",' in found.text
    assert '"total": Amount("total", stored="float"),' in found.text
    assert '"items": Amount("items", stored="integer"),' in found.text
    assert any("rows of 'items'" in one for one in found.unsafe)
    assert not any("No index" in one for one in found.unsafe)


def test_the_role_may_read_the_foreign_keys_that_the_database_declares(served):
    lay_table(served)
    served.execute(ITEMS)
    granted = next(line for line in look(served.url, "items").rights.splitlines() if "SELECT" in line)
    assert "order_id" in granted


def test_an_unknown_table_is_named(database):
    with pytest.raises(NotFound, match=r"UNKNOWN_TABLE.*'orders'"):
        look(database.url, "orders")


def test_a_server_that_does_not_answer_is_named_without_its_password():
    nowhere = Database("mysql", "mysql://keepsum:hunter2@127.0.0.1:1/shop")
    with pytest.raises(Unavailable, match="DATABASE_UNREACHABLE") as refused:
        tables_of(nowhere.url)
    assert "hunter2" not in str(refused.value)


def test_a_table_of_another_schema_is_named_with_it_and_the_rights_can_be_given(served):
    schema, role, is_postgres = f"other_{os.getpid()}", f"role_{os.getpid()}", served.dialect == "postgres"
    q = '"' if is_postgres else "`"
    columns = f"id BIGINT PRIMARY KEY, {q}group{q} varchar(20), created_at timestamp NOT NULL, secret_word varchar(9)"
    served.execute(f"CREATE SCHEMA {schema}", f"CREATE TABLE {schema}.{q}order{q} ({columns})")
    try:
        found = look(served.url, f"{schema}.order")
        assert f'"{schema}.order",' in found.text
        assert not any("cannot be taken back" in one for one in found.unsafe)
        assert "secret_word" not in found.rights
        given = [line for line in found.rights.splitlines() if not line.startswith("--")]
        served.execute(*(line.replace(" keepsum", f" {role}").replace("...", "Secret-word-1") for line in given))
    finally:
        served.execute(
            f"DROP SCHEMA {schema}{' CASCADE' if is_postgres else ''}",
            *([f"DROP OWNED BY {role}", f"DROP ROLE {role}"] if is_postgres else [f"DROP USER {role}"]),
        )


def test_a_file_without_a_write_ahead_log_is_said_to_keep_others_from_committing(database):
    lay_table(database)
    is_file = database.dialect == "sqlite"
    assert any("write-ahead log" in one for one in look(database.url, "orders").unsafe) == is_file
    if is_file:
        database.execute("PRAGMA journal_mode = WAL")
        assert not any("write-ahead log" in one for one in look(database.url, "orders").unsafe)
