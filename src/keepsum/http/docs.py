"""`/docs` and `/openapi.json`: the description of everything this server answers, readable without a network."""

import base64
import hashlib
import re
from functools import cache
from importlib.metadata import version
from importlib.resources import files
from typing import Any

from fastapi import APIRouter
from fastapi.openapi.docs import get_swagger_ui_html
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from keepsum.http.described import with_packs
from keepsum.http.parameters import StrictRoute, Sys
from keepsum.http.problems import documented
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
DESCRIPTION: Any = {
    200: {
        "description": "An OpenAPI document",
        "content": {"application/json": {"schema": {"type": "object"}, "example": {"openapi": "3.1.0"}}},
    }
}

router = APIRouter()


@router.get("/docs", include_in_schema=False)
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


@router.get(FOLDER + "/{name}", include_in_schema=False)
async def show_file(name: str) -> Response:
    """Give one file of the page."""
    if name not in MEDIA_TYPES:
        raise NotFound("UNKNOWN_PATH", "There is nothing at this path; /docs lists what there is.")
    headers = {"cache-control": "public, max-age=86400"}
    return Response(_file(name), media_type=MEDIA_TYPES[name], headers=headers)


@cache
def _file(name: str) -> bytes:
    return files("fastapi_swagger").joinpath("resources", name).read_bytes()


own = APIRouter(tags=["docs"], route_class=StrictRoute)


@own.get(
    "/v1/openapi.json",
    summary="Read this description with the routes of packs",
    response_class=JSONResponse,
    responses={**documented(400), **DESCRIPTION},
)
async def show_description(request: Request, system: Sys) -> Response:
    """Give the description of what the caller's workspace answers: the routes that its packs bring are in it, too."""
    return JSONResponse(with_packs(request.app.openapi(), system.catalog))


router.include_router(own)
