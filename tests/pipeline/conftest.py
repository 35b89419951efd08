import pytest
from tests.systems import House


@pytest.fixture
def house(tmp_path):
    """An open install with a small shop, at noon of 2026-02-01, UTC."""
    made = House(tmp_path)
    yield made
    made.close()
