import httpx2
import pytest
from tests.accounts import PASSWORD
from tests.served import problem_of
from tests.tenants import create

from keepsum.http.docs import VERSION

ANN = "ann@example.org"


def enter(client, email=ANN, password=PASSWORD, **more):
    return client.post("/v1/session", json={"email": email, "password": password, **more})


def cookies(response):
    """The cookies that a response sets, by name: each as its value and its attributes."""
    found = {}
    for line in response.headers.get_list("set-cookie"):
        pair, *attributes = (part.strip() for part in line.split(";"))
        name, _, value = pair.partition("=")
        found[name] = (value, {attribute.lower() for attribute in attributes})
    return found


def test_signing_in_gives_a_session_that_shows_who_asks(served):
    browser = served.person(ANN, "analyst")
    shown = browser.get("/v1/session").json()
    assert (shown["kind"], shown["workspace"], shown["roles"]) == ("person", "default", ["analyst"])
    assert shown["permissions"] == ["compose", "export", "read"]
    assert shown["csrf"] == browser.headers["x-csrf-token"]
    assert browser.get("/v1/metrics").status_code == 200


def test_a_page_learns_at_once_what_it_needs_to_begin(served):
    shown = served.person(ANN, "viewer", headers={"user-agent": "a page"}).get("/v1/session").json()
    assert (shown["name"], shown["email"]) == ("Somebody", ANN)
    assert (shown["zone"], shown["week_start"], shown["k"], shown["packs"]) == ("UTC", "monday", 10, ["web"])
    assert [(one["name"], one["current"]) for one in shown["workspaces"]] == [("default", True)]
    assert shown["now"] == "2026-02-01T12:00:00Z"
    assert shown["version"] == VERSION


def test_whose_address_it_is_is_told_to_nobody_else(served):
    served.person(ANN, "viewer")
    other = served.person("bob@example.org", "owner")
    assert ANN not in other.get("/v1/session").text
    assert other.get("/v1/session").json()["email"] == "bob@example.org"


def test_a_token_shows_who_asks_without_a_session(shared):
    shown = shared.get("/v1/session").json()
    assert (shown["kind"], shown["csrf"]) == ("token", None)
    assert (shown["name"], shown["email"]) == (None, None)
    assert [one["id"] for one in shown["workspaces"]] == ["default"]
    for response in (
        shared.client.delete("/v1/session"),
        shared.client.delete("/v1/session/all"),
        shared.client.patch("/v1/session", json={"workspace": "default"}),
        shared.client.put("/v1/session/password", json={"email": ANN, "old": "x", "new": "y"}),
    ):
        problem_of(response, 400, "NO_SESSION")


def test_the_cookies_are_for_this_server_alone_and_for_no_script(served):
    served.person(ANN)
    set_ = cookies(enter(served.caller()))
    assert set(set_) == {"keepsum_session", "keepsum_device"}
    for _, attributes in set_.values():
        assert {"httponly", "samesite=lax", "path=/"} <= attributes
        assert not any(attribute.startswith("domain") for attribute in attributes)
        assert "secure" not in attributes  # not encrypted, and so only on this machine
    assert "max-age=2592000" in set_["keepsum_session"][1]


def test_a_wrong_password_and_an_unknown_address_are_answered_the_same(served):
    served.person(ANN)
    wrong = problem_of(enter(served.caller(), password="not the password"), 403, "SIGN_IN_FAILED")
    unknown = problem_of(enter(served.caller(), email="bob@example.org"), 403, "SIGN_IN_FAILED")
    assert wrong | {"request_id": ""} == unknown | {"request_id": ""}
    assert ANN not in str(wrong)


def test_too_many_attempts_are_told_when_to_try_again(served):
    served.person(ANN)
    for _ in range(5):
        enter(served.caller(), password="not the password")
    refused = enter(served.caller())
    problem_of(refused, 429, "TOO_MANY_ATTEMPTS")
    assert 0 < int(refused.headers["retry-after"]) <= 900


def test_signing_out_ends_the_session_at_once_and_drops_the_cookie(served):
    browser = served.person(ANN)
    kept = browser.cookies["keepsum_session"]
    response = browser.delete("/v1/session")
    assert response.status_code == 204
    assert cookies(response)["keepsum_session"][0] == '""' or cookies(response)["keepsum_session"][0] == ""
    assert "max-age=0" in cookies(response)["keepsum_session"][1]
    shown = {"cookie": f"keepsum_session={kept}"}
    problem_of(served.nobody.get("/v1/session", headers=shown), 401, "CREDENTIAL_REFUSED")


def test_signing_out_everywhere_ends_all_sessions_of_the_person_and_of_nobody_else(served):
    first = served.person(ANN)
    second = served.signed_in(served.caller())
    other = served.person("bob@example.org")
    assert second.delete("/v1/session/all").json() == {"sessions": 2}
    problem_of(second.get("/v1/session"), 401, "CREDENTIAL_MISSING")  # its cookie is gone
    assert other.get("/v1/session").status_code == 200
    while (response := first.get("/v1/session")).status_code == 200:
        pass
    problem_of(response, 401, "CREDENTIAL_REFUSED")


def test_a_new_password_ends_all_sessions_and_lets_in_from_then_on(served):
    browser = served.person(ANN)
    better = "four words are better still"
    wrong = {"email": ANN, "old": "not the password", "new": better}
    problem_of(browser.put("/v1/session/password", json=wrong), 403, "SIGN_IN_FAILED")
    problem_of(browser.put("/v1/session/password", json=wrong | {"old": PASSWORD, "new": "short"}), 400, "BAD_PASSWORD")
    assert browser.put("/v1/session/password", json=wrong | {"old": PASSWORD}).status_code == 204
    problem_of(browser.get("/v1/session"), 401, "CREDENTIAL_MISSING")
    problem_of(enter(served.caller()), 403, "SIGN_IN_FAILED")
    assert enter(served.caller(), password=better).status_code == 200


def test_a_session_goes_on_in_another_workspace_of_the_person_and_in_no_other(served):
    other, closed = create(served.install, "other"), create(served.install, "closed")
    browser = served.person(ANN, "viewer")
    manager = served.role("owner", workspace=other)
    link = manager.post("/v1/people", json={"email": ANN, "roles": ["owner"]}).json()["link"].rpartition("#")[2]
    assert served.caller().post(f"/v1/links/{link}", json={"password": PASSWORD}).status_code == 200
    listed = browser.get("/v1/workspaces").json()["workspaces"]
    assert [(one["name"], one["current"]) for one in listed] == [("default", True), ("other", False)]
    moved = browser.patch("/v1/session", json={"workspace": other}).json()
    assert (moved["workspace"], moved["roles"]) == (other, ["owner"])
    assert [(one["name"], one["current"]) for one in moved["workspaces"]] == [("default", False), ("other", True)]
    assert browser.get("/v1/session").json()["workspace"] == other
    for unknown in (closed, "nothing"):
        document = problem_of(browser.patch("/v1/session", json={"workspace": unknown}), 404, "UNKNOWN_WORKSPACE")
        assert document["detail"] == f"There is no workspace {unknown!r}."


def test_who_is_in_already_may_sign_in_again_without_what_a_page_has_read(served):
    browser = served.person(ANN)
    del browser.headers["x-csrf-token"]
    assert enter(browser).status_code == 200


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"email": ANN}, "MISSING_PARAMETER"),
        ({"email": ANN, "password": 1}, "BAD_PARAMETER"),
        ({"email": ANN, "password": "x", "admin": True}, "UNKNOWN_PARAMETER"),
        ({"email": ANN, "password": "MARKER" * 500}, "BAD_PARAMETER"),
    ],
)
def test_what_is_no_attempt_is_refused_without_its_values(shared, body, code):
    response = shared.nobody.post("/v1/session", json=body)
    assert ANN not in response.text
    assert "MARKER" not in response.text
    problem_of(response, 400, code)


def test_a_page_of_another_site_signs_nobody_in(shared):
    # It could let somebody work, unknowing, in an account of its own.
    for headers in ({"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}, {"origin": "null"}):
        problem_of(shared.nobody.post("/v1/session", json={}, headers=headers), 403, "CROSS_SITE")
    form = {"content-type": "text/plain"}
    problem_of(shared.nobody.post("/v1/session", content=b"{}", headers=form), 415, "UNKNOWN_CONTENT_TYPE")


def test_a_device_that_signed_in_before_is_not_shut_out_by_others(served):
    known = served.person(ANN)
    for _ in range(6):
        enter(served.caller(), password="not the password")
    problem_of(enter(served.caller()), 429, "TOO_MANY_ATTEMPTS")
    assert isinstance(known, httpx2.Client)
    assert enter(known).status_code == 200  # it has the device's cookie
