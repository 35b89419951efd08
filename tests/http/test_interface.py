"""The interface as it is served: one page for every address, files that browsers keep, and what pages may do."""

import gzip
import re

import pytest
from structlog.testing import capture_logs
from tests.served import problem_of

from keepsum.http import interface

PAGE = (
    '<!doctype html><meta property="csp-nonce" nonce="__NONCE__"><script nonce="__NONCE__" src="/app/assets/a-1.js">'
    "</script>"
)


@pytest.fixture
def built(tmp_path, monkeypatch):
    """A build as small as can be: the page, a script, and what lies beside them that nobody may ask for."""
    folder = tmp_path / "ui"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text(PAGE)
    (folder / "mark.svg").write_text("<svg/>")
    (folder / "assets" / "a-1.js").write_text("hello()")
    (folder / "assets" / "a-1.js.gz").write_bytes(gzip.compress(b"hello()"))
    (folder / "assets" / "a-1.js.map").write_text("{}")
    (tmp_path / "secret.js").write_text("never")
    monkeypatch.setattr(interface, "BUILT", folder)


def test_the_root_leads_to_the_interface(shared):
    for path in ("/", "/app"):
        response = shared.nobody.get(path)
        assert (response.status_code, response.headers["location"]) == (307, "/app/")


@pytest.mark.parametrize("path", ["/app/", "/app/days/orders", "/app/dashboards/shop.overview", "/app/a/b/c.d/e"])
def test_every_address_of_the_interface_gives_the_page(shared, built, path):
    response = shared.nobody.get(path)
    assert response.status_code == 200
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert response.headers["cache-control"] == "no-store"
    assert 'src="/app/assets/a-1.js"' in response.text


def test_a_page_runs_our_scripts_only_and_styles_that_show_its_own_nonce(shared, built):
    nonces = set()
    for _ in range(2):
        response = shared.nobody.get("/app/")
        (nonce,) = set(re.findall(r'nonce="([^"]+)"', response.text))
        rules = dict(rule.split(" ", 1) for rule in response.headers["content-security-policy"].split("; "))
        assert rules["default-src"] == "'none'"
        assert rules["script-src"] == "'self'"
        assert rules["style-src"] == f"'self' 'nonce-{nonce}'"
        assert rules["frame-ancestors"] == "'none'"
        assert "unsafe" not in response.headers["content-security-policy"]
        nonces.add(nonce)
    assert len(nonces) == 2


def test_browsers_keep_a_file_whose_name_says_what_is_in_it(shared, built):
    response = shared.nobody.get("/app/assets/a-1.js")
    assert (response.text, response.headers["content-type"]) == ("hello()", "text/javascript; charset=utf-8")
    assert response.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert "immutable" not in shared.nobody.get("/app/mark.svg").headers["cache-control"]


def test_a_file_goes_out_packed_to_whoever_can_unpack_it(shared, built):
    packed = shared.nobody.get("/app/assets/a-1.js", headers={"accept-encoding": "gzip, br"})
    assert (packed.headers["content-encoding"], packed.text) == ("gzip", "hello()")
    plain = shared.nobody.get("/app/assets/a-1.js", headers={"accept-encoding": "identity"})
    assert ("content-encoding" in plain.headers, plain.text) == (False, "hello()")
    assert packed.headers["vary"] == plain.headers["vary"] == "accept-encoding"


def test_files_of_a_page_are_no_lines_of_the_log_unless_one_is_not_there(shared, built):
    with capture_logs() as lines:
        for path in ("/app/", "/app/assets/a-1.js", "/app/assets/gone-2.js"):
            shared.nobody.get(path)
    told = [(line["route"], line["status"]) for line in lines if line["log_level"] != "debug"]
    assert told == [("/app/{page:path}", 200), ("/app/assets/{name}", 404)]


@pytest.mark.parametrize(
    "path",
    [
        "/app/assets/gone-2.js",
        "/app/assets/a-1.js.map",
        "/app/assets/a-1.js.gz",
        "/app/assets/..%2f..%2fsecret.js",
        "/app/..%2fsecret.js",
        "/app/secret.js",
    ],
)
def test_what_the_build_did_not_mean_for_browsers_is_not_there(shared, built, path):
    response = shared.nobody.get(path)
    assert "never" not in response.text
    if response.headers["content-type"].startswith("text/html"):  # another address of the one page
        assert response.text.startswith("<!doctype html>")
        return
    problem_of(response, 404, "UNKNOWN_PATH")


def test_a_server_without_its_interface_says_how_to_get_it(shared, tmp_path, monkeypatch):
    monkeypatch.setattr(interface, "BUILT", tmp_path)
    response = shared.nobody.get("/app/")
    assert response.status_code == 404
    assert "make ui" in response.text
    assert "/docs" in response.text
