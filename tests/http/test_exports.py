import json

import pytest
from tests.exporting import Exporting, fill
from tests.served import problem_of, served_from

from keepsum.model.audit import Kind
from keepsum.pipeline import audit
from keepsum.pipeline.audit import Wanted
from keepsum.store import jobs

PATH = "/v1/exports"
ASKED = {"dataset": "all_sales", "format": "csv", "from": "2026-02-01", "to": "2026-02-03"}


@pytest.fixture
def shop(tmp_path):
    """A server with a worker over three days of sales."""
    house = fill(Exporting(tmp_path))
    with served_from(house, worker=True) as served:
        yield served
    house.close()


@pytest.fixture
def idle(tmp_path):
    """The same, without a worker."""
    house = fill(Exporting(tmp_path))
    with served_from(house) as served:
        yield served
    house.close()


def made(served, client=None, **changed):
    response = (client or served.client).post(PATH, json=ASKED | changed)
    assert response.status_code == 201, response.text
    return response.json()


def ready(served, client=None, **changed):
    """An export that is ready, however busy the machine is."""
    export = made(served, client, **changed)
    while export["state"] == "preparing":
        export = (client or served.client).get(f"{PATH}/{export['id']}").json()
    assert export["state"] == "ready", export
    return export


def test_a_small_export_is_ready_when_it_is_asked_for_and_its_link_needs_no_credential(shop):
    export = ready(shop, filters={"way": "card"})
    assert (export["rows"], export["estimated_rows"], export["filters"]) == (6, 6, {"way": ["card"]})
    assert (export["from"], export["to"], export["error"]) == ("2026-02-01", "2026-02-03", None)
    assert (export["completed_at"], export["expires_at"]) == ("2026-02-04T12:00:00Z", "2026-02-05T12:00:00Z")
    file = shop.nobody.get(export["download_url"])
    assert file.status_code == 200
    assert file.headers["content-type"] == "text/csv; charset=utf-8"
    assert file.headers["content-disposition"] == f'attachment; filename="all_sales-{export["id"]}.csv"'
    assert file.headers["cache-control"] == "private, no-store"
    assert len(file.content) == export["bytes"] == int(file.headers["content-length"])
    assert file.text.splitlines()[1] == '"2026-02-01T10:00:00Z","1-0","b0","card","york",,,10'


def test_without_a_worker_an_export_stays_in_preparation(idle):
    export = made(idle)
    assert (export["state"], export["download_url"], export["rows"]) == ("preparing", None, None)
    assert idle.get(f"{PATH}/{export['id']}").json() == export
    assert [one["id"] for one in idle.get(PATH).json()["exports"]] == [export["id"]]


def test_an_export_that_cannot_be_made_says_why(shop):
    shop.house.move()
    shop.house.lose_files()
    export = made(shop)
    while export["state"] == "preparing":
        export = shop.get(f"{PATH}/{export['id']}").json()
    assert (export["state"], export["error"].partition(":")[0]) == ("failed", "EXPORT_DAMAGED")


def test_what_cannot_be_asked_for_is_refused_by_name(idle):
    def refused(**changed):
        return idle.client.post(PATH, json={name: v for name, v in (ASKED | changed).items() if v is not None})

    problem_of(refused(dataset="nothing"), 404, "UNKNOWN_DATASET")
    problem_of(refused(format="pdf"), 400, "UNKNOWN_FORMAT")
    problem_of(refused(to=None), 400, "MISSING_PARAMETER")
    problem_of(refused(to="yesterday"), 400, "BAD_DATE")
    problem_of(refused(**{"from": "2026-02-04"}), 400, "RANGE_REVERSED")
    problem_of(refused(**{"from": "2024-01-01"}), 400, "RANGE_TOO_LONG")
    problem_of(refused(filters={"amount": 3}), 400, "UNKNOWN_FILTER")
    problem_of(refused(filters={"way": ["barter"]}), 400, "BAD_FILTER")
    problem_of(refused(filters={"way": {"x": 1}}), 400, "BAD_PARAMETER")
    problem_of(refused(columns=["id"]), 400, "UNKNOWN_PARAMETER")
    problem_of(idle.get(f"{PATH}/01KGM8C3G0YK292R83R8ZWSM1S"), 404, "UNKNOWN_EXPORT")
    assert idle.get(PATH).json() == {"exports": []}


def test_roles_decide_who_exports(shop):
    for role in ("viewer", "collector"):
        client = shop.role(role)
        problem_of(client.post(PATH, json=ASKED), 403, "NOT_PERMITTED")
        problem_of(client.get(PATH), 403, "NOT_PERMITTED")
    analyst = shop.role("analyst")
    problem_of(analyst.post(PATH, json=ASKED), 403, "NOT_PERMITTED")
    figures = ready(shop, analyst, dataset="takings", format="json")
    assert json.loads(shop.nobody.get(figures["download_url"]).content)["labels"]["guarded"] is True


def test_an_export_is_nobodys_but_who_asked_for_it(shop):
    seer, analyst = shop.role("seer"), shop.role("analyst")
    export = ready(shop, seer)
    assert "buyer" not in export["columns"]
    problem_of(analyst.get(f"{PATH}/{export['id']}"), 404, "UNKNOWN_EXPORT")
    problem_of(analyst.delete(f"{PATH}/{export['id']}"), 404, "UNKNOWN_EXPORT")
    assert analyst.get(PATH).json()["exports"] == []
    assert shop.get(f"{PATH}/{export['id']}").json()["download_url"] is None
    assert shop.get(f"{PATH}/{export['id']}").json()["state"] == "ready"


@pytest.mark.parametrize("token", ["", "0" * 32, "é", None])
def test_a_link_without_its_signature_opens_nothing(shop, token):
    export = ready(shop)
    path = f"{PATH}/{export['id']}/file"
    problem_of(shop.nobody.get(path, params=None if token is None else {"token": token}), 404, "LINK_INVALID")
    problem_of(shop.get(path, **({} if token is None else {"token": token})), 404, "LINK_INVALID")


def test_a_link_ends_with_its_export_and_after_a_day(shop):
    first, second = ready(shop), ready(shop)
    assert shop.client.delete(f"{PATH}/{first['id']}").status_code == 204
    problem_of(shop.nobody.get(first["download_url"]), 404, "LINK_INVALID")
    assert shop.nobody.get(second["download_url"]).status_code == 200
    shop.house.clock.now += 86_400_000_000
    problem_of(shop.nobody.get(second["download_url"]), 404, "LINK_INVALID")
    assert shop.get(f"{PATH}/{second['id']}").json()["state"] == "expired"


def test_a_link_ends_when_whoever_asked_may_no_longer_have_the_file(shop):
    token = shop.client.post("/v1/tokens", json={"name": "exports", "role": "admin"}).json()
    export = ready(shop, shop.caller(token["text"]))
    assert shop.nobody.get(export["download_url"]).status_code == 200
    assert shop.client.delete(f"/v1/tokens/{token['id']}").status_code in (200, 204)
    problem_of(shop.nobody.get(export["download_url"]), 403, "NOT_PERMITTED")


def test_only_the_head_of_a_file_can_be_asked_for(shop):
    export = ready(shop)
    head = shop.nobody.head(export["download_url"])
    assert (head.status_code, head.content, head.headers["content-length"]) == (200, b"", str(export["bytes"]))


def test_the_audit_log_says_from_where_a_file_was_fetched(shop):
    export = ready(shop)
    shop.nobody.get(export["download_url"])
    shop.client.get(export["download_url"])
    found = audit.page(shop.install.control, Wanted(kind=Kind.EXPORT_FETCHED))
    assert [one.caller is None for one in found] == [False, True]
    assert {one.origin and one.origin.network for one in found} == {"127.0.0.0/24"}
    assert {one.workspace for one in found} == {"default"}


def test_nobody_starts_the_job_of_an_export_by_its_name(idle):
    problem_of(idle.client.post("/v1/jobs", json={"job": "export"}), 404, "UNKNOWN_JOB_KIND")
    made(idle)
    (row,) = jobs.listing(idle.install.control, "default")
    shown = idle.get(f"/v1/jobs/{row.number}").json()
    assert (shown["job"], shown["cause"]) == ("export", "export")
