import pytest
from tests.systems import ASKED_SHOP, House


@pytest.fixture
def house(tmp_path):
    """An open install with a small shop and its metrics, at noon of 2026-02-01, UTC."""
    made = House(tmp_path, ASKED_SHOP)
    yield made
    made.close()
