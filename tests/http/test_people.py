import pytest
from tests.accounts import PASSWORD
from tests.served import problem_of
from tests.tenants import create

ANN, BOB = "ann@example.org", "bob@example.org"


def people(served):
    return {one["email"]: one for one in served.get("/v1/people").json()["people"]}


def test_who_is_invited_comes_in_by_a_link_that_works_once(served):
    response = served.client.post("/v1/people", json={"email": ANN, "roles": ["analyst"]})
    assert response.status_code == 201
    made = response.json()
    assert (made["mailed"], made["until"]) == (False, "2026-02-08T12:00:00Z")
    assert made["link"].startswith(f"{served.address}/app/link#")
    link = made["link"].replace(f"{served.address}/app/link#", "/v1/links/")
    assert served.nobody.get(link).json() == {"kind": "invitation", "roles": ["analyst"], "until": made["until"]}
    given = {"name": "Ann", "password": PASSWORD}
    used = served.nobody.post(link, json=given)
    assert used.json()["kind"] == "invitation"
    assert "keepsum_device" in used.headers["set-cookie"]
    for response in (served.nobody.get(link), served.nobody.post(link, json=given)):
        problem_of(response, 404, "LINK_INVALID")
    assert people(served)[ANN] | {"id": ""} == {
        "id": "", "email": ANN, "name": "Ann", "roles": ["analyst"], "actor": None, "team": None,
        "since": "2026-02-01T12:00:00Z", "disabled_at": None,
    }  # fmt: skip


def test_a_link_that_cannot_be_used_so_stays_good(served):
    link = served.invited(ANN)
    for given, code in (({"password": "short"}, "BAD_NAME"), ({"password": "short", "name": "Ann"}, "BAD_PASSWORD")):
        problem_of(served.nobody.post(f"/v1/links/{link}", json=given), 400, code)
    problem_of(served.nobody.post(f"/v1/links/{link}", json={"password": 1}), 400, "BAD_PARAMETER")
    assert served.nobody.get(f"/v1/links/{link}").status_code == 200


def test_people_are_given_roles_shut_out_and_taken_out(served):
    browser = served.person(ANN, "viewer")
    path = f"/v1/people/{people(served)[ANN]['id']}"
    changed = {"roles": ["manager"], "actor": "s-7", "team": "north"}
    assert served.client.put(f"{path}/roles", json=changed).json() == {"sessions": 0, "tokens": []}
    assert people(served)[ANN].items() >= changed.items()
    assert served.client.post(f"{path}/disable").json() == {"sessions": 1, "tokens": []}
    assert people(served)[ANN]["disabled_at"] == "2026-02-01T12:00:00Z"
    refused = browser.post("/v1/session", json={"email": ANN, "password": PASSWORD})
    problem_of(refused, 403, "SIGN_IN_FAILED")
    assert served.client.post(f"{path}/enable").status_code == 204
    served.signed_in(browser)
    assert served.client.delete(path).json() == {"sessions": 1, "tokens": []}
    assert people(served) == {}


def test_a_new_password_by_a_link_from_an_owner(served):
    served.person(ANN)
    made = served.client.post(f"/v1/people/{people(served)[ANN]['id']}/password").json()
    assert made["until"] == "2026-02-01T13:00:00Z"
    better = "four words are better still"
    link = made["link"].replace(f"{served.address}/app/link#", "/v1/links/")
    assert served.nobody.post(link, json={"password": better}).json()["kind"] == "reset"
    assert served.nobody.post("/v1/session", json={"email": ANN, "password": better}).status_code == 200


def test_who_may_not_know_people_learns_nothing_of_them(shared):
    for role in ("viewer", "analyst", "manager", "admin", "collector"):
        client = shared.role(role)
        for response in (
            client.get("/v1/people"),
            client.post("/v1/people", json={"email": ANN, "roles": ["viewer"]}),
            client.delete("/v1/people/nobody"),
        ):
            problem_of(response, 403, "NOT_PERMITTED")


def test_somebody_of_another_workspace_is_as_unknown_as_nobody(served):
    other = served.role("owner", workspace=create(served.install, "other"))
    served.person(ANN)
    person = people(served)[ANN]["id"]
    roles = {"roles": ["viewer"]}
    answers = [
        [
            (response.status_code, response.json()["code"], response.json()["detail"])
            for response in (
                other.put(f"/v1/people/{who}/roles", json=roles),
                other.post(f"/v1/people/{who}/disable"),
                other.post(f"/v1/people/{who}/enable"),
                other.post(f"/v1/people/{who}/password"),
                other.delete(f"/v1/people/{who}"),
            )
        ]
        for who in (person, "01NOBODY")
    ]
    assert answers[0] == answers[1]
    assert {status for status, _, _ in answers[0]} == {404}
    assert people(served)[ANN]["roles"] == ["owner"]


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"email": "nobody", "roles": ["viewer"]}, 400, "BAD_EMAIL"),
        ({"email": ANN, "roles": []}, 400, "NO_ROLES"),
        ({"email": ANN, "roles": ["king"]}, 404, "UNKNOWN_ROLE"),
        ({"email": ANN}, 400, "MISSING_PARAMETER"),
        ({"email": ANN, "roles": "viewer"}, 400, "BAD_PARAMETER"),
    ],
)
def test_an_invitation_that_cannot_be_is_refused(shared, body, status, code):
    response = shared.client.post("/v1/people", json=body)
    problem_of(response, status, code)
    assert "nobody" not in response.text


def test_a_forgotten_password_needs_mail(shared):
    problem_of(shared.nobody.post("/v1/links", json={"email": ANN}), 409, "NO_MAIL")


def test_a_link_that_never_was_is_not_told_from_one_that_is_over(served):
    over = served.invited(ANN)
    served.house.at("2026-02-09T12:00")
    details = {
        problem_of(served.nobody.get(f"/v1/links/{text}"), 404, "LINK_INVALID")["detail"]
        for text in (over, "x", "x" * 43, "x" * 5_000)
    }
    assert len(details) == 1
