import pytest
from tests.served import problem_of
from tests.tenants import create

from keepsum.store.tokens import FORM


def test_a_token_is_made_shown_once_listed_and_revoked(served):
    response = served.client.post("/v1/tokens", json={"name": "shop", "role": "collector", "streams": ["orders"]})
    assert response.status_code == 201
    made = response.json()
    assert FORM.fullmatch(made["text"])
    assert made.items() >= {"name": "shop", "role": "collector", "streams": ["orders"]}.items()
    assert made["until"] == "2027-02-01T12:00:00Z"
    listed = served.get("/v1/tokens")
    assert made["text"] not in listed.text
    shown = next(token for token in listed.json()["tokens"] if token["name"] == "shop")
    assert shown == {name: value for name, value in made.items() if name != "text"}
    gone = served.client.delete(f"/v1/tokens/{made['id']}")
    assert [one["revoked_at"] for one in gone.json()["tokens"]] == ["2026-02-01T12:00:00Z"]
    assert served.client.delete(f"/v1/tokens/{made['id']}").json() == gone.json()


def test_nobody_makes_a_token_that_may_more_than_they(shared):
    admin = shared.role("admin")
    for role in ("viewer", "admin", "collector"):
        assert admin.post("/v1/tokens", json={"name": "x", "role": role}).status_code == 201
    problem_of(admin.post("/v1/tokens", json={"name": "x", "role": "owner"}), 403, "ROLE_TOO_WIDE")
    problem_of(shared.role("manager").get("/v1/tokens"), 403, "NOT_PERMITTED")


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"name": "x"}, 400, "MISSING_PARAMETER"),
        ({"name": "", "role": "viewer"}, 400, "BAD_NAME"),
        ({"name": "x", "role": "king"}, 404, "UNKNOWN_ROLE"),
        ({"name": "x", "role": "viewer", "streams": ["order"]}, 404, "UNKNOWN_STREAM"),
        ({"name": "x", "role": "viewer", "days": 0}, 400, "BAD_PARAMETER"),
        ({"name": "x", "role": "viewer", "days": 10**9}, 400, "BAD_PARAMETER"),
    ],
)
def test_a_token_that_cannot_be_is_refused(shared, body, status, code):
    problem_of(shared.client.post("/v1/tokens", json=body), status, code)


def test_a_token_of_another_workspace_is_as_unknown_as_none(served):
    other = served.role("owner", workspace=create(served.install, "other"))
    mine = served.get("/v1/tokens").json()["tokens"][0]["id"]
    theirs = problem_of(other.delete(f"/v1/tokens/{mine}"), 404, "UNKNOWN_TOKEN")["detail"]
    none = problem_of(other.delete("/v1/tokens/none"), 404, "UNKNOWN_TOKEN")["detail"]
    assert theirs.replace(mine, "none") == none
    assert [one["name"] for one in other.get("/v1/tokens").json()["tokens"]] == ["test"]
