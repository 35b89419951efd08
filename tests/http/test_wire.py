import asyncio
import contextlib
import socket
import time

import pytest

from keepsum.http import wire
from keepsum.http.wire import Joining


class Written(asyncio.Transport):
    """A transport that remembers what was written in which piece."""

    def __init__(self):
        super().__init__()
        self.pieces = []

    def write(self, data):
        self.pieces.append(data)

    def close(self):
        self.pieces.append("closed")

    def is_closing(self):
        return "closed" in self.pieces


def in_a_loop(step):
    async def run():
        written = Written()
        await step(Joining(written, asyncio.get_running_loop()), written)
        return written.pieces

    return asyncio.run(run())


def test_what_is_written_in_one_turn_goes_out_in_one_piece():
    async def step(transport, _written):
        transport.write(b"head ")
        transport.write(b"body")
        await asyncio.sleep(0)
        transport.write(b"next")
        await asyncio.sleep(0)

    assert in_a_loop(step) == [b"head body", b"next"]


def test_what_is_held_goes_out_before_the_end():
    async def step(transport, _written):
        transport.write(b"last")
        transport.close()
        assert transport.is_closing()
        await asyncio.sleep(0)

    assert in_a_loop(step) == [b"last", "closed"]


def answer_to(shared, pieces, *, every=0.0):
    """What a server says to bytes on a connection of their own, before it closes that."""
    host, _, port = shared.address.removeprefix("http://").rpartition(":")
    with socket.create_connection((host, int(port)), timeout=30) as connection:
        with contextlib.suppress(ConnectionError):
            for piece in pieces:
                connection.sendall(piece)
                time.sleep(every)
        said = b""
        with contextlib.suppress(ConnectionError):
            while piece := connection.recv(65_536):
                said += piece
    return said


def test_a_head_that_does_not_end_is_not_collected_for_ever(shared):
    for begin in (b"GET /", b"GET / HTTP/1.1\r\nhost: localhost\r\nx: ", b"GET / HTTP/1.1\r\n" + b"a: b\r\n" * 5_000):
        said = answer_to(shared, [begin, *[b"x" * 65_536] * 64])
        assert said[:12] in {b"", b"HTTP/1.1 400"}  # the rest of what was sent may have reset the connection
    assert shared.get("/health/live").status_code == 200


def test_a_long_body_is_no_long_head_and_the_next_request_begins_anew(shared):
    token = shared.client.headers["authorization"].encode()
    body = b"[" + b" " * 60_000 + b"]"
    one = (
        b"POST /v1/streams/orders/records HTTP/1.1\r\nhost: localhost\r\nauthorization: " + token +
        b"\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(body) + body
    )  # fmt: skip
    end = one.replace(b"\r\n\r\n", b"\r\nconnection: close\r\n\r\n", 1)
    assert answer_to(shared, [one, one, one, end]).count(b"HTTP/1.1 200") == 4


SIGN_IN = b"POST /v1/session HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n"


@pytest.mark.parametrize(
    "begin",
    [b"", b"GET /", b"GET / HTTP/1.1\r\nhost: localhost\r\nx: ", SIGN_IN + b"content-length: 1000\r\n\r\n"],
    ids=["nothing", "path", "header", "body"],
)
def test_a_request_that_comes_too_slowly_is_not_waited_for(shared, monkeypatch, begin):
    monkeypatch.setattr(wire, "PATIENCE", 0.2)
    monkeypatch.setattr(wire, "SLOWEST", 1_000_000)
    assert answer_to(shared, [begin]) == b""
    if begin:
        assert answer_to(shared, [begin, *[b"x"] * 10], every=0.05) == b""
    assert shared.get("/health/live").status_code == 200


def test_a_request_behind_another_is_not_waited_for_either(shared, monkeypatch):
    monkeypatch.setattr(wire, "PATIENCE", 0.2)
    whole = b"GET /health/live HTTP/1.1\r\nhost: localhost\r\n\r\n"
    for pieces in ([whole, b"GET /health"], [whole + b"GET /health"], [whole + SIGN_IN]):
        assert answer_to(shared, pieces, every=0.05).count(b"HTTP/1.1 200") == 1


def test_a_request_that_keeps_coming_is_waited_for(shared, monkeypatch):
    monkeypatch.setattr(wire, "PATIENCE", 0.2)
    monkeypatch.setattr(wire, "SLOWEST", 100)
    head = SIGN_IN + b"connection: close\r\ncontent-length: 1000\r\n\r\n"
    said = answer_to(shared, [head, *[b"x" * 100] * 10], every=0.05)
    assert said.startswith(b"HTTP/1.1 400")
    assert b"MALFORMED_JSON" in said


def test_a_request_that_waits_for_the_one_before_it_may_take_longer(shared, monkeypatch):
    monkeypatch.setattr(wire, "PATIENCE", 0.1)
    monkeypatch.setattr(wire, "SLOWEST", 1_000_000)
    read = shared.install.control.read
    monkeypatch.setattr(shared.install.control, "read", lambda: time.sleep(0.5) or read())
    first = b"GET /health/ready HTTP/1.1\r\nhost: localhost\r\n\r\n"
    second = SIGN_IN + b"connection: close\r\ncontent-length: 200\r\n\r\n"
    said = answer_to(shared, [first + second + b"x" * 100, b"x" * 100], every=0.05)
    assert said.count(b"HTTP/1.1 200") == 1
    assert said.count(b'"code":"MALFORMED_JSON"') == 1
