import pytest
from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families
from tests.served import PACK, key, order, problem_of
from tests.systems import House
from tests.tenants import create

from keepsum.engine import access
from keepsum.http import prometheus
from keepsum.http.counts import Counts
from keepsum.model.access import ROLES


def figures(served, accept=None):
    """What is measured, by name and labels."""
    response = served.client.get("/metrics", headers={"accept": accept} if accept else {})
    assert response.status_code == 200, response.text
    assert response.headers["cache-control"] == "no-store"
    found = {}
    for family in text_string_to_metric_families(response.text):
        for sample in family.samples:
            found[sample.name, frozenset(sample.labels.items())] = sample.value
    return found


def of(found, name, /, **labels):
    """The one figure of this name whose labels are these and perhaps others; None when there is none."""
    wanted = frozenset(labels.items())
    return next((value for (n, given), value in found.items() if n == f"keepsum_{name}" and wanted <= given), None)


def test_requests_are_counted_by_route_and_how_they_ended(served):
    served.get("/v1/streams")
    served.get("/v1/streams")
    problem_of(served.get("/v1/days?stream=MARKER"), 404, "UNKNOWN_STREAM")
    served.send(order())
    found = figures(served)
    assert of(found, "requests_total", method="GET", route="/v1/streams", status="200") == 2
    assert of(found, "requests_total", method="GET", route="/v1/days", status="404") == 1
    route = "/v1/streams/{stream}/records"
    assert of(found, "requests_total", method="POST", route=route, status="200") == 1
    assert of(found, "request_seconds_count", method="GET", route="/v1/streams") == 2
    assert of(found, "request_seconds_bucket", method="GET", route="/v1/streams", le="+Inf") == 2
    assert 0 < (of(found, "request_seconds_sum", method="POST", route=route) or 0) < 60
    assert "MARKER" not in str(found)


def test_records_are_counted_by_what_became_of_them(served):
    twice = order(id=key())
    served.send([twice, order()])
    served.send([twice, order(way="tea")])
    found = figures(served)
    outcomes = {name: of(found, "records_total", outcome=name) for name in ("accepted", "duplicate", "rejected")}
    assert outcomes == {"accepted": 2, "duplicate": 1, "rejected": 1}


def test_what_waits_for_a_worker_is_counted(served):
    found = figures(served)
    assert (of(found, "jobs", state="queued"), of(found, "oldest_queued_job_seconds")) == (0, 0)
    served.client.post("/v1/jobs", json={"job": "verify"})
    served.house.at("2026-02-01T12:01")
    found = figures(served)
    assert (of(found, "jobs", state="queued"), of(found, "oldest_queued_job_seconds")) == (1, 60)
    assert of(found, "jobs", state="running") == 0


def test_how_late_seals_and_purges_are_is_told_in_seconds(served):
    served.send([order(at="2026-01-30T10:00:00Z"), order()])
    found = figures(served)
    assert of(found, "living_records", stream="orders") == 2
    assert of(found, "seal_lag_seconds", stream="orders") == 36 * 3_600
    served.house.roll()
    assert of(figures(served), "seal_lag_seconds", stream="orders") == 0
    served.house.at("2026-03-02T02:00")
    assert of(figures(served), "purge_lag_seconds", stream="orders") == 2 * 3_600
    served.house.purge()
    found = figures(served)
    assert (of(found, "purge_lag_seconds", stream="orders"), of(found, "living_records", stream="orders")) == (0, 1)
    assert of(found, "purge_lag_seconds", stream="visits") == 0


def test_days_that_wait_for_a_person_are_counted(served):
    served.send(order())
    house = served.house.at("2026-02-02T12:00")
    house.move()
    house.lose_files()
    house.roll()
    assert of(figures(served), "held_days", stream="orders") == 1


def test_a_workspace_whose_file_cannot_be_read_is_down(served):
    assert of(figures(served), "workspace_up", name="default") == 1
    with served.house.workspace.file.write() as connection:
        connection.exec_driver_sql("ALTER TABLE stream_days RENAME TO elsewhere")
    assert of(figures(served), "workspace_up", name="default") == 0
    assert of(figures(served), "held_days", stream="orders") is None


@pytest.fixture
def two(tmp_path):
    """An install with two workspaces in which something was counted, what was counted, and the second one's id."""
    house = House(tmp_path, PACK)
    other, counts = create(house.install, "other"), Counts()
    for whose in ("default", other, ""):
        counts.request(whose, "GET", "/v1/days", 200, 0.1)
        counts.batch(whose, 1, 0, 0)
    yield house.install, counts, other
    house.close()


def test_a_caller_sees_the_figures_of_one_workspace(two):
    install, counts, other = two
    caller = access.caller("token", "t-1", other, ("admin",), ROLES)
    text = generate_latest(prometheus.figures(install, counts, caller)).decode()
    seen = {line.split('workspace="')[1].split('"')[0] for line in text.splitlines() if 'workspace="' in line}
    assert seen == {other}
    assert 'stream="visits"' in text
    assert "process_" not in text


def test_where_figures_are_open_they_are_of_all_workspaces_and_the_process(two):
    install, counts, other = two
    text = generate_latest(prometheus.figures(install, counts, None)).decode()
    for whose in ("default", other):
        assert f'keepsum_records_total{{outcome="accepted",workspace="{whose}"}} 1.0' in text
        assert f'keepsum_held_days{{stream="orders",workspace="{whose}"}} 0.0' in text
    assert 'route="/v1/days",status="200",workspace=""' in text
    assert "process_resident_memory_bytes" in text


def test_figures_need_a_token_of_somebody_who_administers_unless_a_setting_opens_them(shared, opened):
    problem_of(shared.nobody.get("/metrics"), 401, "CREDENTIAL_MISSING")
    problem_of(shared.role("manager").get("/metrics"), 403, "NOT_PERMITTED")
    assert shared.role("admin").get("/metrics").status_code == 200
    assert "process_resident_memory_bytes" not in shared.get("/metrics").text
    assert "process_resident_memory_bytes" in opened.nobody.get("/metrics").text


def test_figures_come_as_open_metrics_for_those_who_accept_it(shared):
    response = shared.client.get("/metrics", headers={"accept": "application/openmetrics-text; version=1.0.0"})
    assert response.headers["content-type"].startswith("application/openmetrics-text")
    assert response.text.endswith("# EOF\n")
    assert shared.get("/metrics").headers["content-type"].startswith("text/plain; version=")


def test_figures_take_no_parameters(shared):
    problem_of(shared.get("/metrics?name=up"), 400, "UNKNOWN_PARAMETER")
