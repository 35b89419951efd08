"""Outside identities at the real server: which workspace, role and actor their claims give them."""

import json

import pytest
from tests.issuing import AUDIENCE, ISSUER, claims, issuing
from tests.served import PACK, problem_of, served_from
from tests.systems import House
from tests.tenants import create

RULES = [
    {"claim": "role", "value": "staff", "workspace": "default", "role": "viewer"},
    {"claim": "groups", "value": "exporters", "workspace": "default", "role": "analyst"},
    {"claim": "org.id", "value": "o-2", "workspace": "other", "role": "admin"},
    {"claim": "role", "value": "lost", "workspace": "nowhere", "role": "owner"},
    {"claim": "role", "value": "odd", "workspace": "default", "role": "king"},
]


@pytest.fixture(scope="module")
def issuer():
    with issuing() as issuer:
        yield issuer.add("one").add("two", "RS256")


@pytest.fixture(scope="module")
def served(tmp_path_factory, issuer):
    house = House(tmp_path_factory.mktemp("identity"), PACK)
    settings = {"issuer": ISSUER, "audience": AUDIENCE, "keys_url": issuer.url, "rules": json.dumps(RULES)}
    with served_from(house, **{f"identity_{name}": value for name, value in settings.items()}) as served:
        create(served.install, "other")
        yield served
    house.close()


def who(served, text):
    response = served.caller(text).get("/v1/session")
    assert response.status_code == 200, response.text
    return response.json()


def refused(served, text):
    document = problem_of(served.caller(text).get("/v1/session"), 401, "CREDENTIAL_REFUSED")
    return document["detail"].removeprefix("The credential is refused: ")


@pytest.mark.parametrize("kid", ["one", "two"])
def test_claims_give_a_workspace_and_roles(served, issuer, kid):
    found = who(served, issuer.token(kid))
    assert (found["kind"], found["workspace"], found["roles"]) == ("identity", "default", ["viewer"])
    assert found["csrf"] is None
    assert served.caller(issuer.token(kid)).get("/v1/metrics").status_code == 200
    problem_of(served.caller(issuer.token(kid)).get("/v1/jobs"), 403, "NOT_PERMITTED")


def test_all_rules_that_fit_give_roles_in_the_workspace_of_the_first(served, issuer):
    both = issuer.token(groups=["exporters", "others"], org={"id": "o-2"})
    assert who(served, both)["roles"] == ["viewer", "analyst"]
    other = who(served, issuer.token(role=None, org={"id": "o-2"}))
    assert (other["workspace"] != "default", other["roles"]) == (True, ["admin"])


@pytest.mark.parametrize("changed", [{"role": "nobody"}, {"role": None}, {"role": "lost"}])
def test_who_no_rule_knows_gets_nowhere(served, issuer, changed):
    assert refused(served, issuer.token(**changed)) == "no rule of the settings gives this identity a role."


def test_a_role_that_the_workspace_does_not_have_lets_nobody_do_anything(served, issuer):
    caller = served.caller(issuer.token(role="odd"))
    assert caller.get("/v1/session").json()["permissions"] == []
    problem_of(caller.get("/v1/days"), 403, "NOT_PERMITTED")


def test_an_identity_is_known_by_an_id_that_does_not_say_who_it_is(served, issuer):
    first = who(served, issuer.token(sub="ann@example.org"))["id"]
    assert who(served, issuer.token("two", sub="ann@example.org"))["id"] == first
    assert who(served, issuer.token(sub="bob@example.org"))["id"] != first
    assert "ann" not in first


def test_an_identity_makes_no_token_that_would_outlive_its_roles(served, issuer):
    boss = served.caller(issuer.token(role=None, org={"id": "o-2"}))
    assert boss.get("/v1/tokens").status_code == 200
    problem_of(boss.post("/v1/tokens", json={"name": "shop", "role": "viewer"}), 403, "PERSON_NEEDED")
    assert boss.get("/v1/tokens").json()["tokens"] == []


def test_a_token_that_is_no_good_says_why(served, issuer):
    assert refused(served, issuer.token(exp=1)) == "it has expired."
    assert refused(served, issuer.token(aud="others")) == "it is for another audience."
    unsigned = issuer.token().rpartition(".")[0] + "."
    assert refused(served, unsigned) == "its signature is wrong."
    assert "user-7" not in refused(served, issuer.token(iss="https://evil.example"))


def test_a_token_stops_when_it_expires(served, issuer):
    text = issuer.token(exp=int(claims()["iat"]) - 28)  # two seconds left with thirty of leeway
    caller = served.caller(text)
    assert caller.get("/v1/metrics").status_code == 200
    while (response := caller.get("/v1/metrics")).status_code == 200:
        pass
    problem_of(response, 401, "CREDENTIAL_REFUSED")


def test_without_a_provider_no_such_token_is_looked_at(shared, issuer):
    assert "it was revoked, has ended, or never was" in refused(shared, issuer.token())
