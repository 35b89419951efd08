import pytest
from tests.consulting import PACK
from tests.served import problem_of, served_from
from tests.systems import House


@pytest.fixture(scope="module")
def consulting(tmp_path_factory):
    house = House(tmp_path_factory.mktemp("roles"), PACK)
    with served_from(house) as served:
        yield served
    house.close()


def roles(client):
    return {one["name"]: one for one in client.get("/v1/roles").json()["roles"]}


def test_roles_are_listed_with_what_they_may_do_and_see(consulting):
    found = roles(consulting.client)
    assert list(found)[:3] == ["viewer", "analyst", "manager"]
    assert found["reader"] == {
        "name": "reader", "about": "Sees his own performance.", "includes": [], "permissions": ["read"],
        "grants": [{"on": "rollup:fulfilment", "reach": "last 30 days", "level": "own"}],
    }  # fmt: skip
    assert found["superadmin"]["includes"] == ["owner"]


def test_who_does_not_run_the_workspace_learns_names_only(consulting):
    found = roles(consulting.role("monitor"))["reader"]
    assert found == {"name": "reader", "about": "Sees his own performance."} | dict.fromkeys(
        ("includes", "permissions", "grants")
    )
    problem_of(consulting.role("client").get("/v1/roles"), 403, "NOT_PERMITTED")
