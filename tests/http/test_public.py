"""That nobody gets further than the public list without a credential, over every route there is."""

import re

import pytest
from fastapi.routing import APIRoute
from starlette.routing import Route
from tests.served import problem_of

from keepsum.http.app import make_app
from keepsum.http.public import PUBLIC, is_public
from keepsum.http.records import PATH


def routes(app):
    """Every (method, path) that a server answers, the routes of included routers too."""
    waiting = list(app.routes)
    while waiting:
        route = waiting.pop()
        if isinstance(route, (APIRoute, Route)):
            yield from ((method, route.path) for method in route.methods or ())
        else:
            inner = getattr(route, "original_router", None)
            waiting += inner.routes if inner else []


def asked(path):
    """A path with something in place of each name."""
    return re.sub(r"\{[^}]*\}", "7", path)


@pytest.fixture(scope="module")
def declared(shared):
    found = set(routes(make_app(shared.house.install)))
    assert len(found) > 30
    return found


def test_every_route_that_is_not_on_the_list_wants_a_credential(shared, declared):
    assert ("POST", PATH) in declared
    for method, path in sorted(declared - PUBLIC):
        if method == "HEAD" and ("GET", path) in PUBLIC:
            continue
        response = shared.nobody.request(method, asked(path), content=b"{", headers={"content-type": "text/odd"})
        if method != "HEAD":
            problem_of(response, 401, "CREDENTIAL_MISSING")
        assert response.status_code == 401, (method, path)
        assert response.headers["www-authenticate"] == 'Bearer realm="keepsum"'


def test_every_route_on_the_list_exists_and_wants_none(shared, declared):
    assert declared >= PUBLIC
    for method, path in sorted(PUBLIC):
        response = shared.nobody.request(method, asked(path))
        assert response.status_code != 401, (method, path)
        assert response.status_code < 500, (method, path)


def test_what_nobody_declared_is_not_told_from_what_is_there(shared):
    for method in ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"):
        for path in ("/nothing", "/v1", "/v1/days/", "/docs/", "/docs/files", "/docs/files/", "/v1/links/"):
            assert shared.nobody.request(method, path).status_code == 401, (method, path)


@pytest.mark.parametrize(
    "path",
    [
        "/v1/links/a/b",
        "/v1/links/%2e%2e%2fdays",
        "/docs/files/../../v1/days",
        "/docs/files/{name}",
        "/v1/links/{link}/",
    ],
)
def test_a_path_that_only_looks_public_is_not(path):
    assert not is_public("GET", path.replace("%2e", ".").replace("%2f", "/"))


def test_a_credential_that_is_not_good_does_not_shut_what_is_public(shared):
    for headers in ({"authorization": "Bearer nonsense"}, {"cookie": "keepsum_session=nonsense"}):
        assert shared.nobody.get("/health/live", headers=headers).status_code == 200


def test_figures_are_open_only_where_a_setting_says_so(shared, opened):
    problem_of(shared.nobody.get("/metrics"), 401, "CREDENTIAL_MISSING")
    problem_of(shared.role("viewer").get("/metrics"), 403, "NOT_PERMITTED")
    assert shared.get("/metrics").status_code == 200
    assert opened.nobody.get("/metrics").status_code == 200
    problem_of(opened.nobody.get("/v1/days"), 401, "CREDENTIAL_MISSING")
