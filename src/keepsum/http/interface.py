"""`/app/`: the interface, as the build left it in the folder `ui` beside this module, and what its pages may do."""

import re
import secrets
from functools import lru_cache
from importlib.resources import files
from pathlib import Path

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from keepsum.http import beginnings
from keepsum.http.browsers import SESSION, cookie
from keepsum.http.parameters import arrival_of
from keepsum.model.errors import NotFound

BUILT = Path(str(files("keepsum.http"))) / "ui"
NONCE = "__NONCE__"  # stands in the built page where a fresh one belongs
# Of every kind of file that the build makes for browsers, and of no other.
TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml", ".woff2": "font/woff2"}
FOREVER, A_DAY = "public, max-age=31536000, immutable", "public, max-age=86400"

_NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]*")
NOT_BUILT = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Keepsum</title>
<h1>The interface was not built</h1>
<p>This server was installed from its source without it. In the source's folder, <code>make ui</code> builds it.
Everything that it would show is also at <a href="/docs">/docs</a> and on the command line.</p>
"""

router = APIRouter(include_in_schema=False)


@router.get("/")
@router.get("/app")
async def to_interface() -> Response:
    """Send a browser to the interface."""
    return RedirectResponse("/app/")


@router.get("/app/assets/{name}")
async def show_asset(request: Request, name: str) -> Response:
    """Give a file whose name says what is in it, so that browsers keep it for good."""
    return _file(request, BUILT / "assets", name, FOREVER)


@router.get("/app/{page:path}")
def show_page(request: Request, page: str) -> Response:
    """Give the one page, which shows what the address says; or one of the few files that lie beside it."""
    if "." in page and "/" not in page:
        return _file(request, BUILT, page, A_DAY)
    shell = BUILT / "index.html"
    if not shell.is_file():
        return HTMLResponse(NOT_BUILT, status_code=404)
    nonce = secrets.token_urlsafe(16)
    text = shell.read_text(encoding="utf-8").replace(NONCE, nonce)
    text = text.replace("</head>", f"{_links(request, page)}</head>", 1)
    return HTMLResponse(text, headers={"content-security-policy": policy(nonce)})


def _links(request: Request, page: str) -> str:
    shown = cookie(SESSION, arrival_of(request.scope), dict(request.scope["headers"]))
    languages = request.headers.get("accept-language", "")
    return beginnings.links(BUILT, page, languages, is_known=shown is not None)


def policy(nonce: str) -> str:
    """Give what the page may do: run our files, look as they say, and ask this server; styles made later show a nonce.

    A chart leaves as an image that the page itself made, hence the blobs.
    """
    return (
        f"default-src 'none'; script-src 'self'; style-src 'self' 'nonce-{nonce}'; img-src 'self' data: blob:; "
        "font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )


def _file(request: Request, folder: Path, name: str, kept: str) -> Response:
    """Give a file as it is, or as the build packed it where the browser can unpack it."""
    path = folder / name
    kind = TYPES.get(path.suffix)
    found = kind and _NAME.fullmatch(name) and _held(path)
    if not found:
        raise NotFound("UNKNOWN_PATH", "The interface has no such file; another version of it may have had.")
    headers = {"cache-control": kept, "vary": "accept-encoding"}
    packed = _held(folder / f"{name}.gz")
    if packed and "gzip" in request.headers.get("accept-encoding", ""):
        return Response(packed, media_type=kind, headers={**headers, "content-encoding": "gzip"})
    return Response(found, media_type=kind, headers=headers)


def _held(path: Path) -> bytes:
    """Give what is in a file, nothing if there is none; a page asks for dozens, so each is read once for each state."""
    try:
        return _read(path, path.stat().st_mtime_ns)
    except OSError:
        return b""


@lru_cache(maxsize=1_024)
def _read(path: Path, _changed: int) -> bytes:
    return path.read_bytes()
