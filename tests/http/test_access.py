"""What each role gets through the real door: which routes, which names, which numbers."""

import pytest
from tests.consulting import PACK
from tests.served import problem_of, served_from
from tests.systems import House

ROLES = ("owner", "admin", "manager", "viewer", "monitor", "reader", "client", "collector")
QUESTION = {"metrics": ["calls"], "from": "2026-02-01", "to": "2026-02-01"}
ORDER = {"id": "o-1", "at": "2026-02-02T09:00:00Z", "client": "c1", "reader": "ann", "service": "tarot", "worth": 1}


@pytest.fixture(scope="module")
def doors(tmp_path_factory):
    """By role, what somebody with a token of that role says to a server; thirty calls are sealed."""
    house = House(tmp_path_factory.mktemp("doors"), PACK).at("2026-02-02T12:00:00Z")
    calls = ({"id": f"{n}", "at": "2026-02-01T10:00:00Z", "client": f"c{n}", "outcome": "answered"} for n in range(30))
    house.collect(*calls, stream="calls")
    house.roll()
    with served_from(house) as served:
        yield Doors(served)
    house.close()


class Doors:
    def __init__(self, served):
        self.served = served
        self.of = {role: served.role(role) for role in ROLES}

    def ask(self, role, method, path, **more):
        return self.of[role].request(method, path, **more)


ROUTES = {
    "days": ("GET", "/v1/days", {}),
    "a day": ("GET", "/v1/days/calls/2026-02-01", {}),
    "the ledger": ("GET", "/v1/ledger", {}),
    "its head": ("GET", "/v1/ledger/head", {}),
    "jobs": ("GET", "/v1/jobs", {}),
    "a job that starts": ("POST", "/v1/jobs", {"json": {"job": "move"}}),
    "a day that is checked": ("POST", "/v1/days/calls/2026-02-01/verify", {}),
    "a stream": ("GET", "/v1/streams/calls", {}),
    "what goes": ("GET", "/v1/purge", {}),
    "compliance": ("GET", "/v1/compliance", {}),
    "schedules": ("GET", "/v1/schedules", {}),
    "workers": ("GET", "/v1/workers", {}),
    "settings": ("GET", "/v1/settings", {}),
    "roles": ("GET", "/v1/roles", {}),
    "own metrics": ("GET", "/v1/metrics/custom", {}),
    "a formula": ("POST", "/v1/metrics/check", {"json": {"formula": "calls"}}),
    "values": ("GET", "/v1/dimensions/outcome/values", {"params": {"metric": "calls"}}),
    "an answer as a file": ("POST", "/v1/query/file", {"json": {"query": QUESTION}}),
    "metrics": ("GET", "/v1/metrics", {}),
    "a question": ("POST", "/v1/query", {"json": QUESTION}),
    "a question in the address": ("GET", "/v1/query", {"params": {**QUESTION, "metrics": "calls"}}),
    "dashboards": ("GET", "/v1/dashboards", {}),
    "records": ("POST", "/v1/streams/orders/records", {"json": ORDER}),
}
OPERATING = (
    "days", "a day", "the ledger", "its head", "jobs", "a job that starts", "a day that is checked", "a stream",
    "what goes", "compliance", "schedules", "workers", "settings",
)  # fmt: skip
ASKING = ("a question", "a question in the address", "values")
READING = ("metrics", "dashboards", "roles", "own metrics")
ALLOWED = {
    "owner": {*ROUTES},
    "admin": {*ROUTES},
    "manager": {*READING, *ASKING, "a formula", "an answer as a file"},
    "viewer": {*READING, *ASKING},
    "monitor": {*READING, *ASKING},
    "reader": {*READING},  # calls are not shown to readers
    "client": set[str](),
    "collector": {"records"},
}


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("name", ROUTES)
def test_each_route_is_for_some_roles(doors, role, name):
    method, path, more = ROUTES[name]
    response = doors.ask(role, method, path, **more)
    if name in ALLOWED[role]:
        assert response.status_code in (200, 202), response.text
    else:
        problem_of(response, 403, "NOT_PERMITTED")


def test_what_is_not_permitted_is_refused_before_it_is_read(doors):
    problem_of(doors.ask("viewer", "POST", "/v1/jobs", content=b"{"), 403, "NOT_PERMITTED")
    problem_of(doors.ask("viewer", "GET", "/v1/days/nothing/never"), 403, "NOT_PERMITTED")
    problem_of(doors.ask("client", "POST", "/v1/query", content=b"{"), 403, "NOT_PERMITTED")
    problem_of(doors.ask("viewer", "POST", "/v1/streams/nothing/records", content=b"{"), 403, "NOT_PERMITTED")


@pytest.mark.parametrize(
    ("role", "metrics", "streams"),
    [
        ("monitor", ["calls", "texts"], ["calls", "content"]),
        ("collector", None, ["calls", "content", "orders", "payments"]),
        ("client", None, []),
    ],
)
def test_lists_name_what_is_shown_and_nothing_else(doors, role, metrics, streams):
    if metrics is not None:
        listed = doors.ask(role, "GET", "/v1/metrics").json()["metrics"]
        assert [metric["name"] for metric in listed] == metrics
    listed = doors.ask(role, "GET", "/v1/streams").json()["streams"]
    assert [stream["name"] for stream in listed] == streams


def test_how_days_stand_is_for_those_who_operate(doors):
    def standing(role):
        return {s["name"]: s["standing"] for s in doors.ask(role, "GET", "/v1/streams").json()["streams"]}["calls"]

    assert standing("admin")["records"] == 30
    assert standing("manager") is None
    assert "30" not in doors.ask("manager", "GET", "/v1/streams").text.replace('"days":60', "")


def test_small_groups_are_for_those_who_may_see_them(doors):
    def guarded(role, **more):
        return doors.ask(role, "POST", "/v1/query", json=QUESTION | more).json()["labels"]["guarded"]

    assert (guarded("admin"), guarded("manager"), guarded("monitor")) == (False, True, True)
    assert guarded("manager", guarded=False) is True
    assert guarded("admin", guarded=True) is True


def test_a_token_for_some_streams_gets_to_no_others(doors):
    only = doors.served.role("admin", streams=("orders",))
    problem_of(only.post("/v1/query", json=QUESTION), 403, "NOT_PERMITTED")
    problem_of(only.post("/v1/streams/calls/records", json=ORDER), 403, "NOT_PERMITTED")
    assert only.post("/v1/streams/orders/records", json=ORDER).status_code == 200
    assert [stream["name"] for stream in only.get("/v1/streams").json()["streams"]] == ["orders"]


def test_a_token_for_some_streams_gets_to_nothing_that_is_about_the_whole_workspace(doors):
    only = doors.served.role("owner", streams=("orders",))
    for name in OPERATING:
        method, path, more = ROUTES[name]
        problem_of(only.request(method, path, **more), 403, "NOT_PERMITTED")
    for method, path in (
        ("GET", "/v1/tokens"), ("POST", "/v1/tokens"), ("GET", "/v1/audit"), ("GET", "/v1/people"), ("GET", "/metrics"),
        ("PATCH", "/v1/workspaces/default"), ("DELETE", "/v1/workspaces/default?confirm=default"),
    ):  # fmt: skip
        problem_of(only.request(method, path), 403, "NOT_PERMITTED")
    assert only.get("/v1/streams").json()["streams"][0]["standing"] is None


def test_explain_says_which_role_let_a_question_in(doors):
    asked = doors.ask("monitor", "POST", "/v1/query", json=QUESTION | {"explain": True}).json()["explain"]
    assert asked["access"] == [
        {
            "metric": "calls", "stream": "calls", "reason": "GRANTED_WHOLE", "role": "monitor",
            "grant": "rollup:called", "from": None, "guarded": True,
        }
    ]  # fmt: skip


def test_names_that_are_not_shown_stand_in_no_error(doors):
    response = doors.ask("monitor", "POST", "/v1/query", json=QUESTION | {"metrics": ["x"]})
    missing = problem_of(response, 404, "UNKNOWN_METRIC")
    assert missing["detail"].endswith("known: calls, texts.")
