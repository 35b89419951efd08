from dataclasses import replace

import pytest

from keepsum.store import attachments
from keepsum.store.attachments import Attachment

ORDERS = Attachment(stream="orders", dialect="mysql", database="shop", mapping="ab" * 32, attached_at=7)


@pytest.fixture
def connection(file):
    with file.write() as opened:
        attachments.add(opened, ORDERS)
        yield opened


def test_a_stream_knows_where_its_records_live(connection):
    assert attachments.of(connection, "orders") == ORDERS
    assert attachments.of(connection, "sales") is None


def test_attaching_a_stream_elsewhere_forgets_all_that_was_noted_before(connection):
    attachments.change(connection, "orders", first_day=3, purge_enabled_at=9, purge_enabled_by="ann")
    assert attachments.of(connection, "orders") == replace(
        ORDERS, first_day=3, purge_enabled_at=9, purge_enabled_by="ann"
    )
    attachments.add(connection, replace(ORDERS, database="other"))
    assert attachments.known(connection) == {"orders": replace(ORDERS, database="other")}


def test_a_stream_that_is_no_longer_attached_leaves_nothing(connection):
    attachments.add(connection, replace(ORDERS, stream="sales"))
    attachments.remove(connection, "orders")
    assert list(attachments.known(connection)) == ["sales"]
