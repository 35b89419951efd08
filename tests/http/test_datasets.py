import json

import pytest
from tests.exporting import DATASETS, Exporting, fill
from tests.served import problem_of, served_from

PATH = "/v1/datasets"
WAY = {"name": "way", "kind": "choice", "options": ["card", "cash"]}
PLACE = {"name": "place", "kind": "text", "options": []}
FIGURES = {
    "name": "takings",
    "about": "",
    "stream": None,
    "grain": "day",
    "columns": ["time", "way", "sales", "amount"],
    "personal": [],
    "metrics": ["sales", "amount"],
    "filters": ["way", "place"],
    "takes": [WAY, PLACE],
    "from": None,
    "purged_to": None,
    "needs": ["export", "read"],
}


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    """A server with a worker over three days of sales."""
    house = fill(Exporting(tmp_path_factory.mktemp("shop")))
    with served_from(house, worker=True, export_rows=7, export_days=9) as served:
        yield served
    house.close()


def offered(client):
    return {one["name"]: one for one in client.get(PATH).json()["datasets"]}


def test_datasets_are_listed_with_their_columns_and_filters_and_how_much_may_be_had(shop):
    found = shop.get(PATH).json()
    assert [one["name"] for one in found["datasets"]] == sorted(one.name for one in DATASETS)
    assert (found["most_rows"], found["most_days"], found["formats"]) == (7, 9, ["csv", "json", "xlsx", "parquet"])
    assert offered(shop.client)["takings"] == FIGURES
    assert offered(shop.client)["all_sales"] == {
        "name": "all_sales",
        "about": "Every sale.",
        "stream": "sales",
        "grain": None,
        "columns": ["at", "id", "buyer", "way", "place", "invoice", "note", "amount"],
        "personal": ["buyer", "invoice", "note"],
        "metrics": [],
        "filters": ["way", "place", "buyer"],
        "takes": [WAY, PLACE, {"name": "buyer", "kind": "subject", "options": []}],
        "from": None,
        "purged_to": None,
        "needs": ["export", "read", "small_groups"],
    }


def test_whoever_may_not_see_people_is_offered_no_column_of_theirs_and_no_filter_by_them(shop):
    found = offered(shop.role("seer"))["all_sales"]
    assert (found["columns"], found["filters"]) == (["at", "id", "way", "place", "amount"], ["way", "place"])
    assert found["personal"] == ["buyer", "invoice", "note"]


def test_whoever_sees_no_small_groups_is_offered_figures_only_and_who_may_not_export_nothing(shop):
    assert offered(shop.role("analyst")).keys() == {"takings", "buyers"}
    for role in ("viewer", "collector"):
        problem_of(shop.role(role).get(PATH), 403, "NOT_PERMITTED")
    problem_of(shop.nobody.get(PATH), 401, "CREDENTIAL_MISSING")


@pytest.mark.parametrize("role", ["owner", "seer", "analyst"])
def test_what_is_offered_is_what_an_export_has(shop, role):
    client = shop.role(role)
    for name, offer in offered(client).items():
        asked = {"dataset": name, "format": "json", "from": "2026-02-01", "to": "2026-02-03"}
        made = client.post("/v1/exports", json=asked).json()
        while made["state"] == "preparing":
            made = client.get(f"/v1/exports/{made['id']}").json()
        columns = json.loads(shop.nobody.get(made["download_url"]).content)["columns"]
        assert [one for one in columns if not one.endswith(":error")] == offer["columns"], name


def test_a_dataset_of_records_says_up_to_which_day_they_are_deleted(tmp_path):
    house = fill(Exporting(tmp_path)).at("2026-03-05T12:00:00Z")
    house.roll()
    house.purge()
    with served_from(house) as served:
        found = offered(served.client)
        assert (found["all_sales"]["purged_to"], found["takings"]["purged_to"]) == ("2026-02-02", None)
        asked = {"dataset": "all_sales", "from": "2026-02-02", "to": "2026-02-03"}
        problem_of(served.client.post("/v1/exports", json=asked), 404, "RECORDS_PURGED")
    house.close()
