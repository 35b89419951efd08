"""What a page names of itself, so that a browser asks for all of it at once: its own files, and what it asks here."""

import json
import os
import re

import pytest

from keepsum.http import interface

FIRST = {
    "lists": {"files": {"en": ["assets/list-1.js"], "de": ["assets/list-1.js"]}, "asked": ["/v1/session"]},
    "lists/{id}": {
        "files": {
            "en": ["assets/one-1.js", "assets/one-1.css", "assets/words-en.js"],
            "de": ["assets/one-1.js", "assets/one-1.css", "assets/words-de.js"],
        },
        "asked": ["/v1/session", "/v1/lists/{id}"],
    },
}
COOKIE = {"cookie": "keepsum_session=of-somebody"}


@pytest.fixture
def built(tmp_path, monkeypatch):
    (tmp_path / "index.html").write_text("<!doctype html><head><title>Keepsum</title></head><body></body>")
    (tmp_path / "first.json").write_text(json.dumps(FIRST))
    monkeypatch.setattr(interface, "BUILT", tmp_path)
    return tmp_path


def linked(shared, path, **headers):
    """The links of a page as (relation, address), in order."""
    text = shared.nobody.get(path, headers=headers).text
    return re.findall(r'<link rel="([^"]+)"[^>]* href="([^"]+)">', text)


def test_a_page_names_its_files_and_what_it_asks_of_whoever_is_signed_in(shared, built):
    assert linked(shared, "/app/lists/of.mine-1", **COOKIE) == [
        ("preload", "/v1/session"),
        ("preload", "/v1/lists/of.mine-1"),
        ("modulepreload", "/app/assets/one-1.js"),
        ("stylesheet", "/app/assets/one-1.css"),
        ("modulepreload", "/app/assets/words-en.js"),
    ]


def test_a_browser_without_a_session_asks_for_files_only(shared, built):
    assert [relation for relation, _ in linked(shared, "/app/lists/of.mine")] == [
        "modulepreload", "stylesheet", "modulepreload",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        ("de-AT,de;q=0.9,en;q=0.8", "words-de"),
        ("fr-FR,fr;q=0.9,de;q=0.5", "words-de"),
        ("en-GB", "words-en"),
        ("fr", "words-en"),
        ("", "words-en"),
    ],
)
def test_the_words_are_those_of_the_language_that_the_page_will_speak(shared, built, wanted, words):
    (found,) = [
        address for _, address in linked(shared, "/app/lists/a", **{"accept-language": wanted}) if "words" in address
    ]
    assert words in found


@pytest.mark.parametrize(
    "path",
    [
        "/app/",
        "/app/others",
        "/app/lists/a/b",
        "/app/lists/%22%3E%3Cscript%3Ex%3C%2Fscript%3E",
        "/app/lists/%22onload=%22x",
        "/app/lists/a%0Ab",
        "/app/lists/%C3%A9",
        "/app/lists/..%2fothers",
    ],
)
def test_an_address_that_is_no_such_page_names_nothing_and_stands_nowhere_in_it(shared, built, path):
    assert linked(shared, path, **COOKIE) == []
    assert "script" not in shared.nobody.get(path, headers=COOKIE).text


def test_a_slash_at_the_end_makes_no_other_page(shared, built):
    assert linked(shared, "/app/lists/", **COOKIE) == linked(shared, "/app/lists", **COOKIE) != []


def test_another_build_is_read_without_a_new_start(shared, built):
    before = linked(shared, "/app/lists")
    again = FIRST | {"lists": {"files": {"en": ["assets/list-2.js"], "de": ["assets/list-2.js"]}, "asked": []}}
    written = built / "first.json"
    written.write_text(json.dumps(again))
    os.utime(written, (0, 0))  # clocks of files may be too coarse to tell one moment from the next
    assert before == [("modulepreload", "/app/assets/list-1.js")]
    assert linked(shared, "/app/lists") == [("modulepreload", "/app/assets/list-2.js")]


def test_a_build_that_says_nothing_of_beginnings_is_served_as_it_is(shared, built):
    (built / "first.json").unlink()
    assert linked(shared, "/app/lists", **COOKIE) == []
