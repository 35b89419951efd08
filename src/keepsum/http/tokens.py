"""`/v1/tokens`: the API tokens of the caller's workspace."""

import datetime as dt
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from keepsum.http.parameters import By, StrictRoute, Who, install_of, instant, needs, read_as, takes
from keepsum.http.problems import documented
from keepsum.model.access import Caller, Permission
from keepsum.pipeline import tokens
from keepsum.store.tokens import Token

router = APIRouter(tags=["tokens"], route_class=StrictRoute, dependencies=[needs(Permission.ADMINISTER)])


TOKEN: dict[str, Any] = {
    "id": "01KG9Q2W1HFENWGD6T0SG4JJ3T",
    "name": "shop",
    "start": "keepsum_5f0c",
    "role": "collector",
    "streams": ["orders"],
    "made_by": "01KGCH5YG0FENWGD6T0SG4JJ3T",
    "made_at": "2026-01-31T09:30:00Z",
    "until": "2027-01-31T09:30:00Z",
    "used_at": None,
    "revoked_at": None,
}


class TokenOut(BaseModel):
    """What is known of a token: `start` is all that is kept of its text, `streams` the only ones it may use."""

    model_config = ConfigDict(json_schema_extra={"example": TOKEN})

    id: str
    name: str
    start: str
    role: str
    streams: list[str] | None
    made_by: str
    made_at: dt.datetime | None
    until: dt.datetime | None
    used_at: dt.datetime | None = Field(description="When it was last used, to the minute.")
    revoked_at: dt.datetime | None


class NewTokenOut(TokenOut):
    """A token with its text, which is shown once."""

    model_config = ConfigDict(json_schema_extra={"example": {**TOKEN, "text": "keepsum_5f0c..."}})

    text: str


class TokensOut(BaseModel):
    """Tokens of the workspace."""

    model_config = ConfigDict(json_schema_extra={"example": {"tokens": [TOKEN]}})

    tokens: list[TokenOut]


class NewToken(BaseModel):
    """What a new token is called and may do, for how many days (null: without an end), perhaps on some streams only."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"name": "shop", "role": "collector", "streams": ["orders"]}}
    )

    name: str = Field(max_length=1_024)
    role: str = Field(max_length=256)
    streams: list[str] | None = Field(None, max_length=1_000)
    days: int | None = Field(365, ge=1, le=tokens.LONGEST)


@router.get("/v1/tokens", summary="List the tokens", responses=documented(400, 403, 503))
def list_tokens(request: Request, who: Who) -> TokensOut:
    """Give the workspace's tokens, those that stopped too, the newest first."""
    return TokensOut(tokens=[token_out(token) for token in tokens.listing(install_of(request).accounts, who)])


@router.post(
    "/v1/tokens",
    status_code=201,
    summary="Make a token",
    responses=documented(400, 403, 404, 413, 415, 503),
    openapi_extra=takes(NewToken),
)
async def make_token(request: Request, by: By) -> NewTokenOut:
    """Give a new token with its text, which nobody can look up later."""
    given = await read_as(request, NewToken)
    return await run_in_threadpool(_made, request, by, given)


def _made(request: Request, by: Caller, given: NewToken) -> NewTokenOut:
    install = install_of(request)
    streams = None if given.streams is None else frozenset(given.streams)
    made = tokens.make(
        install.accounts, by, given.name, given.role, streams=streams, days=given.days, now=install.clock()
    )
    return NewTokenOut(**token_out(made.token).model_dump(), text=made.text)


@router.delete("/v1/tokens/{id}", summary="Revoke a token", responses=documented(400, 403, 404, 503))
def revoke_token(request: Request, by: By, id: str) -> TokensOut:  # noqa: A002 -- its name in the path
    """Stop a token, and those that were made with it; nothing is taken with them any more within a second."""
    install = install_of(request)
    stopped = tokens.revoke(install.accounts, by, id, now=install.clock())
    return TokensOut(tokens=[token_out(token) for token in stopped])


def token_out(token: Token) -> TokenOut:
    """Give a token as it is shown."""
    return TokenOut(
        id=token.id,
        name=token.name,
        start=token.start,
        role=token.role,
        streams=None if token.streams is None else sorted(token.streams),
        made_by=token.made_by,
        made_at=instant(token.made_at),
        until=instant(token.until),
        used_at=instant(token.used_at),
        revoked_at=instant(token.revoked_at),
    )
