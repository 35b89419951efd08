import ast

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


def test_an_unknown_table_is_named(database):
    with pytest.raises(NotFound, match=r"UNKNOWN_TABLE.*'orders'"):
        look(database.url, "orders")


def test_a_server_that_does_not_answer_is_named_without_its_password():
    nowhere = Database("mysql", "mysql://keepsum:hunter2@127.0.0.1:1/shop")
    with pytest.raises(Unavailable, match="DATABASE_UNREACHABLE") as refused:
        tables_of(nowhere.url)
    assert "hunter2" not in str(refused.value)
