"""`POST /v1/streams/{stream}/records`: batches in, acknowledged when they are durable.

Most of what a server does is this, so it is a plain ASGI application: no model of the body, no thread for a request,
and one wake-up of the event loop for all requests of a commit.
"""

import asyncio
from collections.abc import Sequence
from functools import lru_cache, partial
from typing import Any
from urllib.parse import parse_qsl

import msgspec
from starlette.types import Receive, Scope, Send

from keepsum.assemble.install import Install
from keepsum.assemble.system import System
from keepsum.engine.access import require_collect
from keepsum.http.bodies import Hold, Room, inflated, read_body
from keepsum.http.counts import Counts
from keepsum.http.parameters import caller_of, workspace_of
from keepsum.http.problems import rejections
from keepsum.http.writer import Writer, resolve
from keepsum.model.errors import Invalid, KeepsumError
from keepsum.pipeline.collect import Body, Collector, Outcome, Receipt

PATH = "/v1/streams/{stream}/records"
BODIES_AT_ONCE = 4  # of the longest allowed: what all requests under way may hold together

ARRAY_TYPES = ("application/json",)
LINE_TYPES = ("application/x-ndjson", "application/ndjson", "application/jsonl")
TRUTHS = {"true": True, "1": True, "false": False, "0": False}

_JSON = (b"content-type", b"application/json")


class Records:
    """Takes batches in and counts what became of them."""

    path = PATH  # what logs and figures call it

    def __init__(self, install: Install, counts: Counts, writer: Writer | None = None) -> None:
        self._install, self._writer, self._limit = install, writer, install.settings.body_limit
        self._totals = counts
        limit = self._limit
        self._room = Room(BODIES_AT_ONCE * limit)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._counts = {"requests": 0, "refused": 0, "accepted": 0, "duplicates": 0, "rejected": 0}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; raises what is wrong with it as a whole."""
        counts = self._counts
        counts["requests"] += 1
        try:
            workspace = workspace_of(scope)
            system = await self._system(workspace)
            stream: str = scope["path_params"]["stream"]
            require_collect(caller_of(scope), stream)
            system.catalog.stream(stream)
            atomic = _atomic(scope["query_string"])
            lines, encoding = _form(scope["headers"])
            with Hold(self._room) as hold:
                body = Body(await self._read(receive, hold, encoding), lines=lines)
                receipt = await self._keep(workspace, stream, body, atomic=atomic)
        except KeepsumError:
            counts["refused"] += 1
            raise
        counts["accepted"] += receipt.accepted
        counts["duplicates"] += receipt.duplicates
        counts["rejected"] += receipt.rejected
        self._totals.batch(workspace, receipt.accepted, receipt.duplicates, receipt.rejected)
        body = _body(receipt) if receipt.rejected else _short_body(receipt.accepted, receipt.duplicates)
        headers = [_JSON, (b"content-length", b"%d" % len(body))]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    def counted(self) -> dict[str, int]:
        """Give what became of the requests since this was asked last."""
        counts = dict(self._counts)
        self._counts.update(dict.fromkeys(counts, 0))
        return counts

    async def _system(self, workspace: str) -> System:
        """Give a workspace that takes records; opening its files keeps nobody waiting who asks for others."""
        opened = self._install.at_hand(workspace)
        if opened is None:
            system = await asyncio.get_running_loop().run_in_executor(None, self._install.system, workspace)
        else:
            system = opened.system
        system.refuse_archived()
        return system

    async def _read(self, receive: Receive, hold: Hold, encoding: str) -> bytes:
        """Give the body; a packed one is unpacked in a thread."""
        body = await read_body(receive, self._limit, hold)
        if not encoding:
            return body
        unpack = partial(inflated, body, encoding, self._limit, hold)
        return await asyncio.get_running_loop().run_in_executor(None, unpack)

    async def _keep(self, workspace: str, stream: str, body: Body, *, atomic: bool) -> Receipt:
        """Hand the records over and give the receipt once they are durable."""
        if self._writer is not None:
            return await self._writer.keep(workspace, stream, body, atomic=atomic)
        collector = await self._collector(workspace)
        loop = self._loop
        if loop is None:
            loop = self._loop = asyncio.get_running_loop()
        ticket: asyncio.Future[Receipt] = loop.create_future()
        collector.hand_over(stream, body, ticket=ticket, deliver=self._deliver, atomic=atomic)
        return await ticket

    async def _collector(self, workspace: str) -> Collector:
        opened = self._install.at_hand(workspace)
        if opened is not None and opened.collector is not None:
            return opened.collector
        return await asyncio.get_running_loop().run_in_executor(None, self._install.collector, workspace)

    def _deliver(self, outcomes: Sequence[tuple[Any, Outcome]]) -> None:
        """Pass receipts on from the collector's thread to the event loop."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(_settle, outcomes)


def _settle(outcomes: Sequence[tuple["asyncio.Future[Receipt]", Outcome]]) -> None:
    for ticket, outcome in outcomes:
        resolve(ticket, outcome)


def _atomic(query: bytes) -> bool:
    """Read the one parameter there is."""
    if not query:
        return False
    given = dict(parse_qsl(query.decode("latin-1"), keep_blank_values=True))
    value = given.pop("atomic", "false").lower()
    if given:
        raise Invalid("UNKNOWN_PARAMETER", f"There is no parameter {next(iter(given))!r}; known: atomic.")
    if value not in TRUTHS:
        raise Invalid("BAD_PARAMETER", "The parameter 'atomic' is true or false.")
    return TRUTHS[value]


def _form(headers: Sequence[tuple[bytes, bytes]]) -> tuple[bool, str]:
    """Say whether the body is lines of JSON, and how it is packed; empty when it is not."""
    lines, encoding = False, ""
    for name, value in headers:
        if name == b"content-type":
            lines = _is_lines(value)
        elif name == b"content-encoding":
            encoding = value.decode("latin-1").strip().lower()
    return lines, "" if encoding == "identity" else encoding


@lru_cache(maxsize=64)
def _is_lines(value: bytes) -> bool:
    media, _, charset = value.decode("latin-1").lower().replace(" ", "").replace('"', "").partition(";")
    if charset not in {"", "charset=utf-8"} or media not in {*ARRAY_TYPES, *LINE_TYPES}:
        known = ", ".join((*ARRAY_TYPES, *LINE_TYPES))
        message = f"A body of type {media!r} is not read here; say Content-Type, in UTF-8, as one of {known}."
        raise Invalid("UNKNOWN_CONTENT_TYPE", message)
    return media in LINE_TYPES


@lru_cache(maxsize=4_096)
def _short_body(accepted: int, duplicates: int) -> bytes:
    return _body(Receipt(accepted=accepted, duplicates=duplicates, rejections=(), rejected=0))


def _body(receipt: Receipt) -> bytes:
    said = {"accepted": receipt.accepted, "duplicates": receipt.duplicates}
    return msgspec.json.encode(said | rejections(receipt))
