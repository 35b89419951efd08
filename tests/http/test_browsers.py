import re

import pytest
from tests.served import PACK, order, problem_of, served_from
from tests.systems import House

from keepsum.http.browsers import ALWAYS

ORIGIN = "https://app.example.org"


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    """A server that a page of another origin may ask, and that people reach under a name."""
    house = House(tmp_path_factory.mktemp("origins"), PACK)
    with served_from(house, origins=ORIGIN, public_url="https://keepsum.example.org") as served:
        yield served
    house.close()


@pytest.fixture(scope="module")
def browser(shop):
    return shop.person("ann@example.org", "owner")


def changes(browser, **headers):
    """A request that changes something, with these headers in place of the browser's own."""
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    return browser.post("/v1/tokens", json={"name": "x", "role": "viewer"}, headers=headers)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"sec_fetch_site": "same-origin"},
        {"sec_fetch_site": "none"},
        {"origin": "https://keepsum.example.org"},
        {"sec_fetch_site": "same-origin", "origin": "https://keepsum.example.org"},
    ],
)
def test_our_own_page_changes_things(browser, headers):
    assert changes(browser, **headers).status_code == 201


def test_the_address_a_page_was_asked_at_is_our_own(shop, browser):
    assert changes(browser, origin=shop.address).status_code == 201
    problem_of(changes(browser, origin=shop.address.replace("http:", "https:")), 403, "CROSS_SITE")


@pytest.mark.parametrize(
    "headers",
    [
        {"sec_fetch_site": "cross-site"},
        {"sec_fetch_site": "same-site"},
        {"sec_fetch_site": "cross-site", "origin": "https://keepsum.example.org"},
        {"origin": "https://evil.example"},
        {"origin": "https://keepsum.example.org.evil.example"},
        {"origin": "null"},
        {"origin": ""},
        {"origin": ORIGIN},  # may ask with a token, not with what a browser sends by itself
    ],
)
def test_a_page_of_another_site_changes_nothing_with_the_cookie(browser, headers):
    problem_of(changes(browser, **headers), 403, "CROSS_SITE")


@pytest.mark.parametrize("csrf", ["", "x", "0" * 32])
def test_a_change_repeats_what_only_our_own_page_knows(browser, csrf):
    problem_of(changes(browser, x_csrf_token=csrf), 403, "CSRF_TOKEN_MISSING")


def test_one_sessions_token_is_no_good_for_another(shop, browser):
    other = shop.person("bob@example.org", "owner")
    assert other.headers["x-csrf-token"] != browser.headers["x-csrf-token"]
    problem_of(changes(other, x_csrf_token=browser.headers["x-csrf-token"]), 403, "CSRF_TOKEN_MISSING")


def test_looking_needs_no_such_thing(browser):
    assert browser.get("/v1/metrics", headers={"sec-fetch-site": "cross-site", "x-csrf-token": ""}).status_code == 200


def test_every_method_that_changes_something_and_every_route_is_asked(browser):
    site = {"sec-fetch-site": "cross-site"}
    for method, path in (
        ("DELETE", "/v1/session"), ("PATCH", "/v1/session"), ("PUT", "/v1/session/password"), ("POST", "/v1/jobs"),
        ("POST", "/v1/streams/orders/records"), ("POST", "/v1/query"), ("DELETE", "/v1/nothing"),
    ):  # fmt: skip
        problem_of(browser.request(method, path, headers=site), 403, "CROSS_SITE")


def test_a_token_may_be_sent_from_anywhere(shop):
    headers = {"origin": "https://evil.example", "sec-fetch-site": "cross-site"}
    assert changes(shop.client, **headers).status_code == 201
    sent = shop.client.post("/v1/streams/orders/records", json=order(), headers=headers)
    assert sent.status_code == 200


def test_every_response_tells_browsers_to_be_careful(shop):
    for response in (
        shop.get("/v1/metrics"),
        shop.get("/nothing"),
        shop.nobody.get("/v1/metrics"),
        shop.nobody.get("/health/live"),
        shop.nobody.get("/health/live", headers={"host": "evil.example"}),
        shop.client.post("/v1/streams/orders/records", json=order(), headers={"sec-fetch-site": "cross-site"}),
        shop.client.post("/v1/streams/orders/records", json=order(), headers={"origin": "https://evil.example"}),
    ):
        for name, value in ALWAYS:
            assert response.headers[name.decode()] == value.decode(), response.request.url
        assert "strict-transport-security" not in response.headers
        assert "server" not in response.headers


def test_a_batch_that_no_browser_sent_is_answered_briefly(shop):
    for response in (shop.send(order()), shop.send(b"{")):
        told = {name for name in response.headers if name not in {"date", "content-type", "content-length"}}
        assert told == {"x-request-id"}


def test_a_batch_of_a_page_is_answered_as_pages_are_also_behind_one_that_was_not(shop):
    path, site = "/v1/streams/orders/records", {"sec-fetch-site": "cross-site", "origin": ORIGIN}
    for _ in range(2):
        assert "access-control-allow-origin" not in shop.client.post(path, json=order()).headers
        told = shop.client.post(path, json=order(), headers=site).headers
        assert (told["access-control-allow-origin"], told["x-frame-options"]) == (ORIGIN, "DENY")
    other = {"authorization": "Bearer no"}
    problem_of(shop.client.post(path, json=order(), headers=other), 401, "CREDENTIAL_REFUSED")
    problem_of(shop.client.post(path, json=order(), headers={"host": "evil.example"}), 421, "HOST_NOT_SERVED")


def test_the_page_of_the_docs_runs_its_own_scripts_only(shop):
    page = shop.nobody.get("/docs")
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert re.search(r"script-src 'self' 'sha256-[A-Za-z0-9+/]{43}='", policy)
    assert "unsafe-inline" not in policy.partition("script-src")[2].partition(";")[0]
    assert len(re.findall("<script>", page.text)) == 1
    assert page.headers.get_list("content-security-policy") == [policy]


def test_a_page_of_a_listed_origin_may_read_what_it_asks_with_a_token(shop):
    for response in (
        shop.client.get("/v1/metrics", headers={"origin": ORIGIN}),
        shop.nobody.get("/v1/days", headers={"origin": ORIGIN}),
    ):
        assert response.headers["access-control-allow-origin"] == ORIGIN
        assert "access-control-allow-credentials" not in response.headers
        assert response.headers["vary"] == "Origin"
        assert "x-request-id" in response.headers["access-control-expose-headers"]


@pytest.mark.parametrize("origin", ["https://evil.example", "http://app.example.org", "null", ORIGIN + ".evil.example"])
def test_a_page_of_any_other_origin_may_not(shop, origin):
    response = shop.client.get("/v1/metrics", headers={"origin": origin})
    assert "access-control-allow-origin" not in response.headers
    assert response.headers["vary"] == "Origin"


def preflight(client, path="/v1/query", origin=ORIGIN):
    return client.options(path, headers={"origin": origin, "access-control-request-method": "POST"})


def test_a_browser_that_asks_first_is_told_what_it_may_send(shop):
    for path in ("/v1/query", "/v1/streams/orders/records", "/v1/nothing"):
        told = preflight(shop.nobody, path)
        assert (told.status_code, told.content) == (204, b"")
        assert told.headers["access-control-allow-origin"] == ORIGIN
        assert "authorization" in told.headers["access-control-allow-headers"]
        assert "POST" in told.headers["access-control-allow-methods"]


def test_nobody_else_learns_anything_by_asking_first(shop, shared):
    problem_of(preflight(shop.nobody, origin="https://evil.example"), 401, "CREDENTIAL_MISSING")
    problem_of(preflight(shared.nobody), 401, "CREDENTIAL_MISSING")
    problem_of(shop.nobody.options("/v1/query", headers={"origin": ORIGIN}), 401, "CREDENTIAL_MISSING")
