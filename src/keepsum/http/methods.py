"""Which methods a path takes, told to whoever asks with OPTIONS or with one that it does not take."""

from collections.abc import Collection, Iterator

from fastapi import FastAPI
from starlette.responses import Response
from starlette.routing import Match
from starlette.types import Scope

from keepsum.http.problems import told
from keepsum.model.errors import Invalid
from keepsum.model.route import PROBLEM, ErrorShape

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


def taken(app: FastAPI, path: str) -> Iterator[str]:
    """Give the methods that a path of the application's own takes."""
    for method in METHODS:
        scope: Scope = {"type": "http", "method": method, "path": path, "root_path": "", "headers": []}
        if any(route.matches(scope)[0] is Match.FULL for route in app.router.routes):
            yield method


def options(methods: Collection[str]) -> Response:
    """Give the answer to OPTIONS for a path that takes these methods."""
    return Response(status_code=204, headers={"allow": _allow(methods)})


def refused(methods: Collection[str], shape: ErrorShape = PROBLEM) -> Response:
    """Give the answer to a method that is none of those a path takes."""
    message = "This path does not take this method; the Allow header says which it takes."
    response = told(Invalid("METHOD_NOT_ALLOWED", message), shape)
    response.headers["allow"] = _allow(methods)
    return response


def _allow(methods: Collection[str]) -> str:
    """Name the methods, and those that follow from them."""
    with_head = ("HEAD",) if "GET" in methods else ()
    return ", ".join((*sorted(methods), *with_head, "OPTIONS"))
