"""Reading a request's body: never more than allowed, inflated in small steps, refused when it was cut off."""

import threading
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Self

import zstandard
from starlette.requests import ClientDisconnect
from starlette.types import Receive

from keepsum.model.errors import Invalid, Unavailable


class Room:
    """How many bytes of bodies all requests under way may hold together."""

    def __init__(self, size: int) -> None:
        self._size, self._taken = size, 0
        self._lock = threading.Lock()

    def take(self, count: int) -> None:
        """Hold some bytes more; raises `BUSY` when there is no room for them."""
        with self._lock:
            if self._taken + count > self._size:
                raise Unavailable("BUSY", "The server holds as much as it can: send the batch again in a second.")
            self._taken += count

    def give_back(self, count: int) -> None:
        """Let go of some bytes."""
        with self._lock:
            self._taken -= count


class Hold:
    """What one request holds of the room, given back when it is over."""

    __slots__ = ("_room", "_taken")

    def __init__(self, room: Room) -> None:
        self._room, self._taken = room, 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._room.give_back(self._taken)

    def take(self, count: int) -> None:
        """Hold some bytes more; raises `BUSY` when there is no room for them."""
        self._room.take(count)
        self._taken += count


async def read_body(receive: Receive, limit: int, hold: Hold) -> bytes:
    """Give the body as it was sent; raises `BODY_TOO_LARGE` as soon as it is longer than allowed."""
    pieces: list[bytes] = []
    size, more = 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        piece: bytes = message.get("body", b"")
        more = message.get("more_body", False)
        size += len(piece)
        if size > limit:
            raise _too_large(limit)
        hold.take(len(piece))
        pieces.append(piece)
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)


def inflated(body: bytes, encoding: str, limit: int, hold: Hold) -> bytes:
    """Give a body as it was before it was compressed.

    Raises `UNKNOWN_ENCODING`, `BODY_TOO_LARGE` when it would get longer than allowed, `TRUNCATED_BODY` when its end
    is missing, `DAMAGED_BODY` when it is not what the encoding makes.
    """
    packing = PACKINGS.get(encoding)
    if packing is None:
        known = ", ".join(sorted({"identity", *PACKINGS}))
        raise Invalid("UNKNOWN_ENCODING", f"The body's encoding {encoding!r} is unknown; use one of {known}.")
    pieces: list[bytes] = []
    room, rest = limit, memoryview(body)
    while rest or not pieces:  # one member or frame after the other
        part = packing.begin()
        while not part.eof:
            if not rest:
                raise Invalid("TRUNCATED_BODY", f"The {encoding} body ends too early: send it again, whole.")
            step = min(len(rest), max(64, room // packing.ratio))
            try:
                piece = part.decompress(rest[:step])
            except (zlib.error, zstandard.ZstdError) as error:
                raise Invalid("DAMAGED_BODY", f"The body is not valid {encoding}: send it again.") from error
            rest = rest[step - len(part.unused_data) :]
            room -= len(piece)
            if room < 0:
                raise _too_large(limit, " after inflating")
            hold.take(len(piece))
            pieces.append(piece)
    return b"".join(pieces)


@dataclass(frozen=True, kw_only=True)
class _Packing:
    """One compression: how reading begins, and at most how many bytes come of each byte."""

    begin: Callable[[], Any]
    ratio: int


_GZIP = _Packing(begin=lambda: zlib.decompressobj(16 + zlib.MAX_WBITS), ratio=1_032)
# A window of 8 MiB is what RFC 9659 lets a sender ask for; a block of 4 bytes can stand for 128 KiB.
_ZSTD = _Packing(
    begin=lambda: zstandard.ZstdDecompressor(max_window_size=8 << 20).decompressobj(), ratio=(128 << 10) // 4
)
PACKINGS: Mapping[str, _Packing] = {"gzip": _GZIP, "x-gzip": _GZIP, "zstd": _ZSTD}


def _too_large(limit: int, when: str = "") -> Invalid:
    return Invalid("BODY_TOO_LARGE", f"The body is longer than {limit:,} bytes{when}: send it in parts.")
