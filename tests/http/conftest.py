import pytest
from tests.served import PACK, served_from
from tests.systems import House


@pytest.fixture(scope="session")
def shared(tmp_path_factory):
    """One server for all tests that only add to it: each with keys and, where it counts, days of its own."""
    house = House(tmp_path_factory.mktemp("shared"), PACK)
    with served_from(house) as served:
        yield served
    house.close()


@pytest.fixture
def served(tmp_path):
    """A server of its own, with nothing in it."""
    house = House(tmp_path, PACK)
    with served_from(house) as served:
        yield served
    house.close()


@pytest.fixture
def working(tmp_path):
    """A server of its own with a worker inside."""
    house = House(tmp_path, PACK)
    with served_from(house, worker=True) as served:
        yield served
    house.close()


@pytest.fixture(scope="module")
def asking(tmp_path_factory):
    """A server of a whole module, which fills it once and then only asks."""
    house = House(tmp_path_factory.mktemp("asking"), PACK)
    with served_from(house) as served:
        yield served
    house.close()


@pytest.fixture(scope="module")
def opened(tmp_path_factory):
    """A server whose figures anybody may read."""
    house = House(tmp_path_factory.mktemp("opened"), PACK)
    with served_from(house, open_metrics=True) as served:
        yield served
    house.close()
