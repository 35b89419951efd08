"""`/v1/live`: answers that come again whenever they change, as server-sent events.

A question is asked again only when records of its streams came in, days were sealed or purged, a day began, or rights
changed; of streams in an application's own database as often as that is asked.
"""

import time
from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from hashlib import blake2b
from typing import Any, Protocol

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import StreamingResponse

from keepsum.assemble.system import System
from keepsum.http.credentials import Credentials, Shown, shown_by
from keepsum.http.looks import Lookout, Looks, Sight
from keepsum.http.parameters import StrictRoute, Who, arrival_of, needs, read_as, takes
from keepsum.http.problems import documented, problem
from keepsum.http.query import EXAMPLE, Asked
from keepsum.model.access import Caller, Permission
from keepsum.model.errors import KeepsumError, Unavailable
from keepsum.model.query import Query
from keepsum.pipeline.answer import answer
from keepsum.pipeline.ask import query_of, to_json
from keepsum.pipeline.live import Remembered
from keepsum.pipeline.watch import Mark, concern

HEARD_EVERY = 15.0  # seconds after which a stream says at least that it is there
PROVEN_EVERY = 15.0  # seconds after which a credential is looked at again, changed or not
MOST_QUERIES = 100  # as many as one dashboard may ever have widgets

HERE = b": here\n\n"
HEADERS = {"cache-control": "no-store", "x-accel-buffering": "no"}

router = APIRouter(tags=["query"], route_class=StrictRoute, dependencies=[needs(Permission.READ)])


class Watched(BaseModel):
    """The questions whose answers are watched, each as `POST /v1/query` takes it."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"queries": [EXAMPLE]}})

    queries: list[Asked] = Field(min_length=1, max_length=MOST_QUERIES)


EVENTS: dict[str, Any] = {
    "description": "Events `answer` and `problem`, each with the `index` of its question; `end` says why it is over",
    "content": {
        "text/event-stream": {
            "schema": {"type": "string"},
            "example": 'event: answer\ndata: {"index":0,"answer":{"columns":[],"rows":[],"totals":null}}\n\n',
        }
    },
}


@router.post(
    "/v1/live",
    summary="Watch answers",
    response_class=StreamingResponse,
    responses={200: EVENTS, **documented(400, 403, 413, 415, 503)},
    openapi_extra=takes(Watched),
)
async def watch(request: Request, who: Who) -> StreamingResponse:
    """Give the answers to some questions at once, and each again whenever it changed, for as long as the caller may
    see them. A comment comes at least every 15 seconds.
    """
    given = await read_as(request, Watched)
    shown = shown_by(arrival_of(request.scope), dict(request.scope["headers"]))
    viewer = Known(caller=who, shown=shown, credentials=request.app.state.credentials)
    return streaming(request, viewer, [partial(query_of, asked) for asked in given.queries])


def streaming(request: Request, viewer: "Viewer", questions: Sequence[Callable[[], Query]]) -> StreamingResponse:
    """Give the answers to questions for as long as somebody may see them; raises `TOO_MANY_LIVE`."""
    looks: Looks = request.app.state.looks
    looks.check(viewer.caller, viewer.place)
    watched = [Watching(index=index, query=query, told=viewer.told) for index, query in enumerate(questions)]
    events = _events(looks, viewer, watched, request.app.state.remembered)
    return StreamingResponse(events, media_type="text/event-stream", headers=HEADERS)


class Viewer(Protocol):
    """Who watches, and where from if that counts: strangers have no name that they could be told apart by."""

    caller: Caller
    place: str

    async def prove(self, rights: tuple[int, ...]) -> None:
        """Look once more who it is, if anybody's rights may have changed; raises why they may not watch any more."""

    def told(self, error: KeepsumError) -> KeepsumError:
        """Give why a question has no answer, as they may read it."""
        ...


@dataclass(kw_only=True)
class Known:
    """Somebody with a credential, by what their request showed."""

    caller: Caller
    shown: Shown | None
    credentials: Credentials
    place: str = ""
    rights: tuple[int, ...] = ()
    due: float = 0.0

    async def prove(self, rights: tuple[int, ...]) -> None:
        """Look once more who it is, if anybody's rights may have changed; raises `CREDENTIAL_REFUSED`."""
        if self.shown is None or (rights == self.rights and time.monotonic() < self.due):
            return
        self.rights, self.due = rights, time.monotonic() + PROVEN_EVERY
        self.credentials.forget(self.shown)
        self.caller = (await self.credentials.prove(self.shown)).caller

    def told(self, error: KeepsumError) -> KeepsumError:
        """Give a refusal as it is."""
        return error


@dataclass(kw_only=True)
class Watching:
    """A question of a stream, and what was said to it last, by its hash: a thousand long answers would fill memory."""

    index: int
    query: Callable[[], Query]  # raises what is wrong with it
    told: Callable[[KeepsumError], KeepsumError]
    said: bytes = b""
    seen: tuple[object, ...] = ()
    is_to_repeat: bool = False

    def is_due(self, sight: Sight, caller: Caller) -> bool:
        """Say whether the answer may be another than what was said."""
        seen = (sight.system, caller, self._mark(sight))
        is_due, self.seen = seen != self.seen, seen
        return is_due

    def news(self, system: System, caller: Caller, remembered: Remembered) -> bytes:
        """Give the event with the answer, or with why there is none; nothing if that is what was said last."""
        self.is_to_repeat = False
        try:
            now = system.clock()
            found = answer(system.workspace, self.query(), caller=caller, now=now, remembered=remembered)
            name, body = b"answer", to_json(found)
        except KeepsumError as error:
            name, body = b"problem", bytes(problem(self.told(error)).body)
            self.is_to_repeat = isinstance(error, Unavailable)
        event = b'event: %b\ndata: {"index":%d,"%b":%b}\n\n' % (name, self.index, name, body)
        said = blake2b(event, digest_size=16).digest()
        if said == self.said:
            return b""
        self.said = said
        return event

    def _mark(self, sight: Sight) -> Mark:
        try:
            return concern(sight.system.workspace, self.query()).mark(sight.look, again=self.is_to_repeat)
        except KeepsumError:
            return ()  # nothing that comes in makes a question of it


async def _events(
    looks: Looks, viewer: Viewer, questions: Sequence[Watching], remembered: Remembered
) -> AsyncGenerator[bytes]:
    try:
        with looks.watching(viewer.caller, viewer.place) as lookout:
            async for event in _news(looks, lookout, viewer, questions, remembered):
                yield event
    except KeepsumError as error:
        yield b"event: end\ndata: %b\n\n" % bytes(problem(error).body)


async def _news(
    looks: Looks, lookout: Lookout, viewer: Viewer, questions: Sequence[Watching], remembered: Remembered
) -> AsyncGenerator[bytes]:
    """Give events for ever; raises why there are no more."""
    sight, heard = None, time.monotonic()
    while True:
        sight, before, caller = await lookout.sights(sight), sight, viewer.caller
        await viewer.prove(sight.rights)
        if sight is not before or viewer.caller != caller:
            for question in questions:
                if question.is_due(sight, viewer.caller):
                    async with looks.turns:
                        event = await run_in_threadpool(question.news, sight.system, viewer.caller, remembered)
                    if event:
                        yield event
                        heard = time.monotonic()
        if time.monotonic() - heard >= HEARD_EVERY:
            yield HERE
            heard = time.monotonic()
