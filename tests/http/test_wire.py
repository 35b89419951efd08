import asyncio

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
