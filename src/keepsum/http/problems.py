"""Errors as RFC 9457 problem documents: the one table from kinds and codes to HTTP's words, and the documents."""

import datetime as dt
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any

import msgspec
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from keepsum.http.log import request_id
from keepsum.model.errors import KeepsumError, Rejection, Unavailable
from keepsum.model.route import PROBLEM, ErrorShape
from keepsum.pipeline.collect import SHOWN, BatchRefused, Receipt

MEDIA_TYPE = "application/problem+json"

# By code where HTTP has a closer word than for the kind of error, else by kind.
STATUS: Mapping[str, int] = {
    "invalid": 400,
    "forbidden": 403,
    "not_found": 404,
    "conflict": 409,
    "error": 500,
    "proof_failed": 500,
    "unavailable": 503,
    "CREDENTIAL_MISSING": 401,
    "CREDENTIAL_REFUSED": 401,
    "METHOD_NOT_ALLOWED": 405,
    "BODY_TOO_LARGE": 413,
    "UNKNOWN_CONTENT_TYPE": 415,
    "UNKNOWN_ENCODING": 415,
    "HOST_NOT_SERVED": 421,
    "BATCH_REFUSED": 422,
    "ADDRESS_TOO_LONG": 414,
    "TOO_MANY_ATTEMPTS": 429,
    "TOO_MANY_LIVE": 429,
    "TOO_MANY_REQUESTS": 429,
    "HEADERS_TOO_LARGE": 431,
}

# What a 401 says to programs, as RFC 6750 has it.
CHALLENGE: Mapping[str, str] = {
    "CREDENTIAL_MISSING": 'Bearer realm="keepsum"',
    "CREDENTIAL_REFUSED": 'Bearer realm="keepsum", error="invalid_token"',
}


class RejectedRecord(BaseModel):
    """Why one record was not accepted: where it stands in the batch, which field, and what is wrong."""

    index: int = Field(description="The record's place in the batch, from 0.")
    field: str = Field(description="The field that is wrong; empty when it is the record as a whole.")
    code: str
    message: str


class ChangedBy(BaseModel):
    """Who changed something meanwhile; null is the name of an outside identity."""

    id: str
    name: str | None


class Problem(BaseModel):
    """What went wrong, as RFC 9457 says it, with a code that stays the same."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "type": "urn:keepsum:problem:UNKNOWN_STREAM",
                "title": "Unknown stream",
                "status": 404,
                "detail": "There is no stream 'order'; known: orders.",
                "code": "UNKNOWN_STREAM",
                "request_id": "0f1e2d3c4b5a69788796a5b4",
            }
        }
    )

    type: str
    title: str
    status: int
    detail: str
    code: str = Field(description="Stable: programs may rely on it.")
    request_id: str | None = Field(None, description="What the server's log calls the request, as X-Request-Id says.")
    field: str | None = Field(None, description="The parameter or field that is wrong, where it is one.")
    version: int | None = Field(None, description="Of a dashboard that was changed meanwhile, the newest version.")
    changed_at: dt.datetime | None = Field(None, description="When that was saved.")
    changed_by: ChangedBy | None = Field(None, description="By whom, unless they are gone.")
    rejected: list[RejectedRecord] | None = Field(None, description="Of a refused batch, the first 100 reasons.")
    rejected_count: int | None = Field(None, description="Of a refused batch, how many records are not acceptable.")


# Seconds after which it is worth trying again, where that is known.
AGAIN: Mapping[str, str] = {"BUSY": "1", "SHUTTING_DOWN": "5", "WRITER_ENDED": "1"}

Documented = dict[int | str, dict[str, Any]]


def documented(*statuses: int) -> Documented:
    """Give the OpenAPI responses of an endpoint that can end with these statuses."""
    return {status: _documented(status) for status in (*statuses, 500)}


def _documented(status: int) -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/Problem"}
    return {"description": HTTPStatus(status).phrase, "content": {MEDIA_TYPE: {"schema": schema}}}


def status_of(code: str, kind: str) -> int:
    """Give the HTTP status of an error."""
    return STATUS.get(code) or STATUS.get(kind, 500)


def told(error: KeepsumError, shape: ErrorShape = PROBLEM) -> Response:
    """Give the response that tells an error in the shape of whose route it is: a pack's, or by default our own."""
    if shape.form == "problem":
        return problem(error)
    code, status = nested_of(error.code, error.kind, shape)
    body = msgspec.json.encode({"error": {"code": code, "message": error.message}})
    return Response(body, status, again(error), media_type="application/json")


def nested_of(code: str, kind: str, shape: ErrorShape) -> tuple[str, int]:
    """Give the code and the status that a nested shape tells an error with.

    What it says of a kind is not meant for what HTTP has a word of its own for, such as a body that is too long.
    """
    usual = code.lower(), status_of(code, kind)
    return shape.told.get(code) or (usual if code in STATUS else shape.told.get(kind, usual))


def again(error: KeepsumError) -> dict[str, str]:
    """Give the headers that an error brings: when to try again, and what would prove who asks."""
    wait = error.seconds if isinstance(error, Unavailable) else None
    after = AGAIN.get(error.code) if wait is None else str(wait)
    headers = {"retry-after": after, "www-authenticate": CHALLENGE.get(error.code)}
    return {name: value for name, value in headers.items() if value is not None}


def problem(error: KeepsumError, *, headers: Mapping[str, str] | None = None, **extras: object) -> Response:
    """Give the response that tells an error."""
    status = status_of(error.code, error.kind)
    said = {
        "type": f"urn:keepsum:problem:{error.code}",
        "title": error.code.replace("_", " ").capitalize().replace("json", "JSON"),
        "status": status,
        "detail": error.message,
        "code": error.code,
        "request_id": request_id(),
    }
    if isinstance(error, BatchRefused):
        extras |= rejections(error.receipt)
    body = msgspec.json.encode(said | extras)
    return Response(body, status, {**(headers or {}), **again(error)}, media_type=MEDIA_TYPE)


def rejections(receipt: Receipt) -> dict[str, object]:
    """Give what was not accepted of a batch: the first reasons one by one, and how many in all."""
    return {"rejected": listed(receipt.rejections[:SHOWN]), "rejected_count": receipt.rejected}


def listed(reasons: Iterable[Rejection]) -> list[dict[str, object]]:
    """Give rejections as plain values."""
    return [{"index": r.index, "field": r.field, "code": r.code, "message": r.message} for r in reasons]
