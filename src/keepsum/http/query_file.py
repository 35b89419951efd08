"""`/v1/query/file`: the answer to a question as a file, for what a page shows and somebody wants to keep."""

import re
from typing import get_args
from urllib.parse import quote

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from keepsum.http.exports import FILE, MEDIA_TYPES
from keepsum.http.parameters import By, StrictRoute, Sys, needs, read_as, takes
from keepsum.http.problems import documented
from keepsum.http.query import EXAMPLE, Asked
from keepsum.model.access import Permission
from keepsum.model.export import Format
from keepsum.pipeline import answer_file
from keepsum.pipeline.ask import query_of

router = APIRouter(tags=["query"], route_class=StrictRoute)


class NewFile(BaseModel):
    """A question, as which kind of file, and under which title."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"query": EXAMPLE, "format": "csv", "title": "Revenue"}}
    )

    query: Asked = Field(description="The question, as `POST /v1/query` takes it.")
    format: Format = Field("csv", description=f"One of {', '.join(get_args(Format))}.")
    title: str = Field("", max_length=120, description="What the file is called, and says that it is.")


@router.post(
    "/v1/query/file",
    summary="Fetch an answer as a file",
    response_class=Response,
    dependencies=[needs(Permission.READ), needs(Permission.EXPORT)],
    responses={200: FILE, **documented(400, 403, 404, 413, 415, 503)},
    openapi_extra=takes(NewFile),
)
async def fetch_answer(request: Request, system: Sys, by: By) -> Response:
    """Give a file with the answer to a question; the audit log keeps who asked what."""
    given = await read_as(request, NewFile)
    query = query_of(given.query)
    content = await run_in_threadpool(
        answer_file.make,
        system.exports,
        query,
        given.format,
        given.title,
        caller=by,
        remembered=request.app.state.remembered,
    )
    headers = {"content-disposition": _disposition(given.title, given.format), "cache-control": "private, no-store"}
    return Response(content, media_type=MEDIA_TYPES[given.format], headers=headers)


def _disposition(title: str, form: Format) -> str:
    """Name the file after its title, in letters that every browser takes and in its own (RFC 6266)."""
    name = re.sub(r'[\x00-\x1f\x7f/\\:*?"<>|]+', " ", title).strip(" .") or "answer"
    plain = re.sub(r"[^A-Za-z0-9]+", "-", name).strip("-").lower() or "answer"
    return f"attachment; filename=\"{plain}.{form}\"; filename*=UTF-8''{quote(name, safe='')}.{form}"
