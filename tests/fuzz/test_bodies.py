"""Bodies that were bitten into: each is refused or kept, none breaks the server, and control counts what it said."""

import gzip
import json
import random

import pytest
import zstandard
from tests.served import PACK, order, served_from
from tests.systems import House

BATCHES = 60
WEIRD = (
    *(b'"', b"\\", b"{", b"}", b"[", b"]", b",", b":", b"\x00", b"\xff", b"\xed\xa0\x80", b"\xf0\x9f\x98\x80", b"\n"),
    *(b"1e999", b"-0", b"NaN", b"9" * 40, b"9" * 5_000, b"null", b"true", rb"\ud800", rb"\u0000", b"[[[[", b"1.5"),
)
FIELDS = ("id", "at", "buyer", "total", "units", "gift", "way", "place", "pin", "other", "")
VALUES = (
    None,
    True,
    "",
    "x",
    "x" * 300,
    -1,
    10**18,
    10**400,
    1.5,
    [],
    {},
    "1e9",
    "2026-01-31T10:00:00Z",
    "\U0001f600",
    "\x07",
)


@pytest.fixture
def served(tmp_path):
    house = House(tmp_path, PACK)
    with served_from(house) as served:
        yield served
    house.close()


def test_no_body_breaks_the_server(served, round_seed):
    chance = random.Random(round_seed)
    accepted = 0
    for _ in range(BATCHES):
        body, media, encoding = made(chance)
        response = served.send(body, media=media, encoding=encoding, **parameters(chance))
        assert response.status_code in {200, 400, 413, 415, 422}, (response.status_code, response.text, body)
        if response.status_code == 200:
            found = response.json()
            accepted += found["accepted"]
        else:
            assert response.json()["code"] != "INTERNAL"
    assert served.kept() == accepted


def parameters(chance):
    return {"atomic": "true"} if chance.random() < 0.2 else {}


def made(chance):
    """A body, its type and its packing, mostly with something wrong."""
    records = [changed(chance, order()) for _ in range(chance.randrange(6))]
    lines = chance.random() < 0.4
    body = b"\n".join(text(r) for r in records) if lines else text(records if chance.random() < 0.8 else order())
    for _ in range(chance.choice((0, 0, 1, 1, 2, 5))):
        body = bitten(chance, body)
    encoding = chance.choice((None, None, None, "gzip", "zstd"))
    if encoding:
        body = gzip.compress(body) if encoding == "gzip" else zstandard.ZstdCompressor().compress(body)
        body = bitten(chance, body) if chance.random() < 0.3 else body
    return body, "application/x-ndjson" if lines else "application/json", encoding


def text(value):
    return json.dumps(value, ensure_ascii=False).encode()


def changed(chance, record):
    if chance.random() < 0.5:
        record[chance.choice(FIELDS)] = chance.choice(VALUES)
    return record


def bitten(chance, body):
    """The body with a piece cut out, put in, or doubled."""
    begin = chance.randrange(len(body) + 1)
    end = min(len(body), begin + chance.choice((0, 1, 3, 20)))
    put = chance.choice((b"", chance.choice(WEIRD), body[begin:end] * 2, bytes([chance.randrange(256)])))
    return body[:begin] + put + body[end:]
