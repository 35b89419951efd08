import asyncio
import contextlib
import socket

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


def answer_to(shared, pieces):
    """What a server says to bytes on a connection of their own, before it closes that."""
    host, _, port = shared.address.removeprefix("http://").rpartition(":")
    with socket.create_connection((host, int(port)), timeout=30) as connection:
        with contextlib.suppress(ConnectionError):
            for piece in pieces:
                connection.sendall(piece)
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
