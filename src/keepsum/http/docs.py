"""`/docs` and `/openapi.json`: the description of everything this server answers, readable without a network."""

import base64
import hashlib
import re
from functools import cache
from importlib.metadata import version
from importlib.resources import files
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.openapi.docs import get_swagger_ui_html
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from keepsum.http.jobs import Order
from keepsum.http.links import Forgotten, Use
from keepsum.http.people import Invitation, Roles
from keepsum.http.problems import Problem, RejectedRecord, documented
from keepsum.http.query import Question
from keepsum.http.records import ARRAY_TYPES, LINE_TYPES, PATH
from keepsum.http.session import Move, NewPassword, SignIn
from keepsum.http.tokens import NewToken
from keepsum.http.workspaces import Change
from keepsum.model.errors import NotFound

VERSION = version("keepsum")
ABOUT = (
    "Collects records, rolls them up day by day, proves the sums, then deletes the records on time; the sums stay. "
    "Errors are problem documents (RFC 9457) with a stable `code`."
)
MEDIA_TYPES = {
    "swagger-ui-bundle.js": "text/javascript",
    "swagger-ui.css": "text/css",
    "favicon-32x32.png": "image/png",
}
FOLDER = "/docs/files"

router = APIRouter(include_in_schema=False)


@router.get("/")
async def to_docs() -> Response:
    """Send a browser to the docs."""
    return RedirectResponse("/docs")


@router.get("/docs")
async def show_docs(request: Request) -> HTMLResponse:
    """Give the page that lists every route and lets people try it."""
    script, style, icon = (f"{FOLDER}/{name}" for name in MEDIA_TYPES)
    page = get_swagger_ui_html(
        openapi_url=request.app.openapi_url,
        title="Keepsum",
        swagger_js_url=script,
        swagger_css_url=style,
        swagger_favicon_url=icon,
        swagger_ui_parameters={"tryItOutEnabled": True, "displayRequestDuration": True},
    )
    page.headers["content-security-policy"] = _policy(bytes(page.body))
    return page


def _policy(page: bytes) -> str:
    """Give what the page may do: run our files and the one script in it, and ask this server."""
    inner = re.search(rb"<script>(.*?)</script>", page, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(inner[1] if inner else b"").digest()).decode()
    return (
        f"default-src 'none'; script-src 'self' 'sha256-{digest}'; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )


@router.get(FOLDER + "/{name}")
async def show_file(name: str) -> Response:
    """Give one file of the page."""
    if name not in MEDIA_TYPES:
        raise NotFound("UNKNOWN_PATH", "There is nothing at this path; /docs lists what there is.")
    headers = {"cache-control": "public, max-age=86400"}
    return Response(_file(name), media_type=MEDIA_TYPES[name], headers=headers)


@cache
def _file(name: str) -> bytes:
    return files("fastapi_swagger").joinpath("resources", name).read_bytes()


def complete(app: FastAPI) -> None:
    """Add to the description what the framework does not see: batches of records, and the shapes named by reference."""
    generated = app.openapi

    def described() -> dict[str, Any]:
        if app.openapi_schema:
            return app.openapi_schema
        schema = generated()
        schemas = schema.setdefault("components", {}).setdefault("schemas", {})
        for model in SHAPES:
            shape = model.model_json_schema(ref_template="#/components/schemas/{model}")
            schemas |= shape.pop("$defs", {})
            schemas[model.__name__] = shape
        for name in ("HTTPValidationError", "ValidationError"):
            schemas.pop(name, None)
        for item in schema["paths"].values():
            for told in item.values():
                told["responses"].pop("422", None)  # what the framework would say; here it is a problem with 400
        schema["paths"] = {PATH: {"post": _collecting()}, **schema["paths"]}
        app.openapi_schema = schema
        return schema

    app.openapi = described


# Shapes that routes name by reference, for they read them themselves.
SHAPES = (
    Problem, RejectedRecord, Question, Order, SignIn, Move, NewPassword, Forgotten, Use, Invitation, Roles, NewToken,
    Change,
)  # fmt: skip

RECEIPT: dict[str, Any] = {
    "type": "object",
    "required": ["accepted", "duplicates", "rejected", "rejected_count"],
    "properties": {
        "accepted": {"type": "integer", "description": "How many records are kept now that were not before."},
        "duplicates": {"type": "integer", "description": "How many were there already, equal in all."},
        "rejected": {"type": "array", "items": {"$ref": "#/components/schemas/RejectedRecord"}},
        "rejected_count": {"type": "integer"},
    },
    "example": {"accepted": 2, "duplicates": 0, "rejected": [], "rejected_count": 0},
}
RECORD = {"id": "a-1", "occurred_at": "2026-01-31T09:30:00Z", "customer": "c-7", "amount": 1990}


def _collecting() -> dict[str, Any]:
    """Give the description of `POST /v1/streams/{stream}/records`."""
    one: dict[str, Any] = {"type": "object", "additionalProperties": True}
    many = {"oneOf": [{"type": "array", "items": one}, one]}
    content = {media: {"schema": many, "example": [RECORD]} for media in ARRAY_TYPES}
    content |= {media: {"schema": {"type": "string"}} for media in LINE_TYPES}
    receipt = {"description": "Durably kept", "content": {"application/json": {"schema": RECEIPT}}}
    problems = {str(status): said for status, said in documented(400, 403, 404, 413, 415, 422, 503).items()}
    return {
        "tags": ["records"],
        "summary": "Send records",
        "operationId": "post_records",
        "description": (
            "Takes one object, an array, or lines of JSON, at will compressed with gzip or zstd. The answer comes when "
            "the good records are durable. Sending a batch again adds nothing: a record is known by its key and day."
        ),
        "parameters": [
            {"name": "stream", "in": "path", "required": True, "schema": {"type": "string"}},
            {
                "name": "atomic",
                "in": "query",
                "schema": {"type": "boolean", "default": False},
                "description": "Keep all or, if one record is bad, none.",
            },
            {
                "name": "Content-Encoding",
                "in": "header",
                "schema": {"type": "string", "enum": ["identity", "gzip", "zstd"]},
            },
        ],
        "requestBody": {"required": True, "content": content},
        "responses": {"200": receipt, **problems},
    }
