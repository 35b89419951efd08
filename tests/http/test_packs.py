import datetime as dt
import json

import pytest
from structlog.testing import capture_logs
from tests.served import PACK, problem_of, served_from
from tests.systems import House, declare
from tests.wallet import ADMIN, FIGURES, PLAIN, WALLET, entry

from keepsum.cli.worker import make_worker
from keepsum.model.access import machine
from keepsum.pipeline import workspaces
from keepsum.pipeline.workspaces import Terms, Wanted

OVERVIEW = f"{ADMIN}/tokens/overview"
JANUARY = {"from": "2026-01-01", "to": "2026-01-31"}


@pytest.fixture(scope="module")
def wallet(tmp_path_factory):
    """A server whose one workspace has the wallet, a pack with plain errors, and the web shop."""
    house = House(tmp_path_factory.mktemp("wallet"), WALLET)
    for pack in (PLAIN, PACK):
        declare(house.folder, pack)
    house.open()
    with served_from(house) as served:
        sent = [
            entry("1", amount=300, paid="12.50"),
            entry("2", user="bob", amount=200, feature="gift"),
            entry("3", "debit", amount=120),
            entry("4", "debit", amount=30, at="2026-01-30T10:00:00Z", feature="gift"),
        ]
        assert served.send(sent, stream="entries").json()["accepted"] == 4
        yield served
    house.close()


def nested_of(response, status, code):
    """The message of an error in the wallet's shape, after looking at its form."""
    assert response.headers["content-type"] == "application/json"
    document = response.json()
    assert (response.status_code, document["error"]["code"]) == (status, code), response.text
    assert set(document) == {"error"}
    assert set(document["error"]) == {"code", "message"}
    assert response.headers["x-request-id"]
    return document["error"]["message"]


def test_a_route_answers_in_the_shape_that_its_pack_gives(wallet):
    response = wallet.get(OVERVIEW, **JANUARY)
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/json"
    assert response.text == '{"credited":500,"debited":150,"net":350,"income":12.50,"active_users":2}'
    only = wallet.get(OVERVIEW, feature="gift", **JANUARY).json()
    assert (only["credited"], only["debited"]) == (200, 30)


def test_a_route_may_ask_at_a_grain_and_by_a_dimension(wallet):
    weeks = wallet.get(f"{ADMIN}/tokens/trend", granularity="daily", **{"from": "2026-01-29", "to": "2026-01-31"})
    assert [(one["date"], one["net"]) for one in weeks.json()["series"]] == [
        ("2026-01-29", None),
        ("2026-01-30", -30),
        ("2026-01-31", 380),
    ]
    features = wallet.get(f"{ADMIN}/tokens/by-feature", limit=1, **JANUARY).json()["items"]
    assert [(one["feature"], one["credited"]) for one in features] == [("chat", 300), ("(other)", 200)]


def test_a_plain_path_comes_before_one_with_a_parameter(wallet):
    assert wallet.get(f"{ADMIN}/exports/latest").json() == {"export_id": None}
    nested_of(wallet.get(f"{ADMIN}/exports/earliest"), 404, "not_found")


def test_a_post_takes_its_parameters_from_the_body(wallet):
    response = wallet.client.post(f"{ADMIN}/exports", json={"dataset": "users", "raw": True})
    assert response.json() == {"dataset": "users", "raw": True, "on": "2026-02-01", "at_most": 100_000}
    assert wallet.client.post(f"{ADMIN}/exports", json={"dataset": "users", "raw": None}).json()["raw"] is False


def test_a_pack_is_told_its_settings(tmp_path, monkeypatch):
    monkeypatch.setenv("KEEPSUM_WALLET_EXPORT_ROWS", "7")
    house = House(tmp_path, WALLET)
    with served_from(house) as served:
        assert served.client.post(f"{ADMIN}/exports", json={"dataset": "users"}).json()["at_most"] == 7
    house.close()


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({}, "from"),
        ({"to": "2026-01-31"}, "from"),
        ({**JANUARY, "from": "1 January"}, "from"),
        ({**JANUARY, "from": "2026-02-30"}, "from"),
        ({**JANUARY, "from": "20260101"}, "from"),
        ({**JANUARY, "feature": ""}, "feature"),
        ({**JANUARY, "feature": "x" * 41}, "feature"),
        ({**JANUARY, "feature": "a\x07"}, "feature"),
        ({**JANUARY, "colour": "red"}, "colour"),
        ({**JANUARY, "feature": ["a", "b"]}, "feature"),
    ],
)
def test_a_parameter_that_is_wrong_is_told_by_name_in_the_packs_shape(wallet, given, named):
    message = nested_of(wallet.get(OVERVIEW, **given), 400, "validation_error")
    assert repr(named) in message
    assert "1 January" not in message


@pytest.mark.parametrize("limit", ["0", "101", "1.0", "-1", "many", "", "1e1", "9" * 30])
def test_a_whole_number_is_held_to_its_bounds(wallet, limit):
    response = wallet.get(f"{ADMIN}/tokens/by-feature", limit=limit, **JANUARY)
    assert "of at least 1 and of at most 100" in nested_of(response, 400, "validation_error")


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"{", 400, "validation_error"),
        (b"[]", 400, "validation_error"),
        (b'{"dataset": "all"}', 400, "validation_error"),
        (b'{"dataset": ["users"]}', 400, "validation_error"),
        (b'{"dataset": "users", "raw": 1}', 400, "validation_error"),
        (b'{"dataset": "users", "sort": "up"}', 400, "validation_error"),
        (b'{"dataset": "users", "pad": "' + b"x" * (1 << 20) + b'"}', 413, "body_too_large"),
    ],
)
def test_a_body_that_is_wrong_is_told_in_the_packs_shape(wallet, body, status, code):
    headers = {"content-type": "application/json"}
    nested_of(wallet.client.post(f"{ADMIN}/exports", content=body, headers=headers), status, code)


def test_a_body_that_is_no_json_is_told_in_the_packs_shape(wallet):
    nested_of(wallet.client.post(f"{ADMIN}/exports", data={"dataset": "users"}), 415, "unknown_content_type")
    nested_of(wallet.client.post(f"{ADMIN}/exports?raw=true", json={"dataset": "users"}), 400, "validation_error")


def test_what_a_pack_says_of_an_error_by_its_code_counts_before_its_kind(wallet):
    response = wallet.get(OVERVIEW, **{"from": "2024-01-01", "to": "2026-01-31"})
    assert nested_of(response, 422, "business_rule_violation") == "Date range cannot exceed 365 days"


def test_an_error_that_a_pack_says_nothing_of_keeps_its_status(wallet):
    nested_of(wallet.role("viewer").get(OVERVIEW, params=JANUARY), 403, "not_permitted")


def test_a_route_shows_no_more_than_its_caller_may_see(wallet):
    active = "/api/v1/users/active"
    assert wallet.role("admin").get(active, params=JANUARY).status_code == 200
    refused = wallet.role("spending").get(active, params=JANUARY)
    assert "'credited'" in nested_of(refused, 403, "not_permitted")


@pytest.mark.parametrize("role", ["admin", "viewer", "spending", "collector"])
def test_a_route_is_no_other_door_than_a_question(wallet, role):
    client = wallet.role(role)
    for metric in FIGURES:
        question = {"metrics": [metric], "from": "2026-01-29", "to": "2026-01-31", "grain": "day"}
        asked, routed = client.post("/v1/query", json=question), client.get(f"/plain/ask/{metric}")
        assert routed.status_code == asked.status_code
        if asked.status_code == 200:
            assert routed.json() == asked.json()["rows"]
        else:
            assert routed.json()["code"] == asked.json()["code"] == "NOT_PERMITTED"


def test_a_route_shows_callers_who_must_not_see_small_groups_what_is_published_only(wallet):
    shown = wallet.role("viewer").get("/api/v1/users/active", params=JANUARY).json()
    assert (shown["credited"], shown["active_users"]) == (0, 0)  # nothing is published of days that are not sealed


def test_what_breaks_in_a_pack_is_told_to_nobody_but_the_log_and_there_without_values(wallet):
    with capture_logs() as lines:
        message = nested_of(wallet.get(f"{ADMIN}/broken", text="secret"), 500, "internal")
        nested_of(wallet.get(f"{ADMIN}/strange"), 500, "internal")
    assert "secret" not in message
    assert "secret" not in str(lines)
    broke = [(line["route"], line["error"]) for line in lines if line["event"] == "request broke"]
    assert broke == [(f"{ADMIN}/broken", "KeyError"), (f"{ADMIN}/strange", "TypeError")]


def test_the_log_names_a_route_as_it_was_declared_and_its_error_by_code(wallet):
    with capture_logs() as lines:
        wallet.get(f"{ADMIN}/exports/MARKER")
    (line,) = lines
    assert (line["route"], line["status"], line["code"]) == (f"{ADMIN}/exports/{{export_id}}", 404, "UNKNOWN_EXPORT")
    assert "MARKER" not in str(line)


def test_a_pack_that_says_nothing_of_errors_tells_them_as_problems(wallet):
    assert wallet.get("/plain/ping/3").json() == {"pong": 3, "today": "2026-02-01"}
    problem_of(wallet.get("/plain/ping/10"), 400, "BAD_PARAMETER")
    problem_of(wallet.get("/plain/refuse"), 400, "NOT_ON_SUNDAYS")
    problem_of(wallet.get("/plain/ping"), 404, "UNKNOWN_PATH")
    problem_of(wallet.get("/plain/ping/3/4"), 404, "UNKNOWN_PATH")
    problem_of(wallet.get("/plain/ping/3/"), 404, "UNKNOWN_PATH")


def test_a_packs_route_is_not_there_in_a_workspace_that_lacks_the_pack(wallet):
    wanted = Wanted(name="plainly", packs=("plain",), zone="UTC", terms=Terms(week_start=0, k=10))
    made = workspaces.create(wallet.install, wanted, machine(""))
    client = wallet.role("owner", workspace=made.id)
    assert client.get("/plain/ping/1").status_code == 200
    absent, unknown = (client.get(path) for path in (OVERVIEW, "/api/nothing"))
    first, second = (problem_of(one, 404, "UNKNOWN_PATH") for one in (absent, unknown))
    assert first | {"request_id": ""} == second | {"request_id": ""}
    assert (absent.headers.keys(), "allow" in absent.headers) == (unknown.headers.keys(), False)
    for method in ("OPTIONS", "POST"):
        problem_of(client.request(method, OVERVIEW), 404, "UNKNOWN_PATH")


def test_a_packs_route_is_looked_for_when_somebody_may_come_in_only(wallet):
    for path in (OVERVIEW, "/api/nothing"):
        response = wallet.client.get(path, headers={"authorization": "Bearer nothing"})
        problem_of(response, 401, "CREDENTIAL_REFUSED")


def test_methods_of_a_packs_route_are_told(wallet):
    response = wallet.client.post(OVERVIEW, json={})
    nested_of(response, 405, "method_not_allowed")
    assert response.headers["allow"] == "GET, HEAD, OPTIONS"
    nested_of(wallet.get(f"{ADMIN}/exports"), 405, "method_not_allowed")
    options = wallet.client.request("OPTIONS", f"{ADMIN}/exports/latest")
    assert (options.status_code, options.content) == (204, b"")
    assert options.headers["allow"] == "GET, HEAD, OPTIONS"
    head = wallet.client.head(OVERVIEW, params=JANUARY)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == str(len(wallet.get(OVERVIEW, **JANUARY).content))


def test_the_routes_of_a_workspaces_packs_are_described_to_its_callers_only(wallet):
    public = wallet.get("/openapi.json").json()
    own = wallet.get("/v1/openapi.json").json()
    assert set(own["paths"]) - set(public["paths"]) == {route.path for pack in (WALLET, PLAIN) for route in pack.routes}
    overview = own["paths"][OVERVIEW]["get"]
    assert [(one["name"], one["required"]) for one in overview["parameters"]] == [
        ("from", True),
        ("to", True),
        ("feature", False),
    ]
    assert set(overview["responses"]["422"]["content"]) == {"application/json"}
    assert set(overview["responses"]["400"]["content"]) == {"application/json", "application/problem+json"}
    assert wallet.client.get("/v1/openapi.json", headers={"authorization": "Bearer none"}).status_code == 401


def test_numbers_of_a_route_have_all_their_decimals(wallet):
    found = json.loads(wallet.get(OVERVIEW, **JANUARY).text, parse_float=str)
    assert found["income"] == "12.50"


def test_today_is_the_workspaces_date(tmp_path):
    house = House(tmp_path, PLAIN, zone="Pacific/Kiritimati", now="2026-02-01T11:00:00Z")
    with served_from(house) as served:
        assert served.get("/plain/ping/0").json()["today"] == str(dt.date(2026, 2, 2))
    house.close()


def test_a_route_makes_exports_and_shows_them_in_the_shape_that_its_pack_gives(wallet):
    asked = {"dataset": "transactions", "filters": {"from": "2026-01-30", "to": "2026-01-31", "direction": "debit"}}
    response = wallet.client.post(f"{ADMIN}/files", json=asked)
    assert response.status_code == 201
    export = response.json()
    assert (export["status"], export["type"], export["estimated_rows"]) == ("preparing", "csv", 4)
    worker = make_worker(wallet.install)
    while worker.step():
        pass
    shown = wallet.get(f"{ADMIN}/exports/{export['export_id']}").json()
    assert (shown["status"], shown["actual_rows"], shown["filters"]) == ("ready", 2, {"direction": ["debit"]})
    assert len(wallet.nobody.get(shown["download_url"]).text.splitlines()) == 3
    assert wallet.get(f"{ADMIN}/files").json() == {"exports": [export["export_id"]]}


def test_what_an_export_is_refused_for_is_told_in_the_packs_shape(wallet):
    nested_of(wallet.get(f"{ADMIN}/exports/none"), 404, "not_found")
    days = {"from": "2026-01-30", "to": "2026-01-31"}
    for wrong in ({**days, "email": "x"}, {**days, "to": "2026-01-29"}):
        sent = {"dataset": "transactions", "filters": wrong}
        nested_of(wallet.client.post(f"{ADMIN}/files", json=sent), 400, "validation_error")
    sent = {"dataset": "transactions", "filters": "none"}
    assert "an object of JSON" in nested_of(wallet.client.post(f"{ADMIN}/files", json=sent), 400, "validation_error")
