"""The reference page of the HTTP routes: what the server's own description lists, a line a route."""

import tempfile
from pathlib import Path
from typing import Any

from keepsum.assemble.install import open_install
from keepsum.http.app import make_app
from keepsum.settings import load

OPENING = """# HTTP

The server describes itself: `/openapi.json` has every parameter and shape, `/docs` shows it and lets you try it, both
without a network. This page lists the routes. Errors are problem documents (RFC 9457) with a stable [code](codes.md).

| route | what it does |
|---|---|
"""


def page() -> str:
    """Give the Markdown: a row a route and method, in the order of the description."""
    found = described()["paths"]
    rows = (
        f"| `{method.upper()} {path}` | {route['summary']} |"
        for path, methods in found.items()
        for method, route in methods.items()
    )
    return OPENING + "\n".join(rows)


def described() -> dict[str, Any]:
    """Give the OpenAPI description of a server with an empty install."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        install = open_install(load(data_dir=place / "data", key_dir=place / "keys", packs=place, enabled=""))
        try:
            return make_app(install).openapi()
        finally:
            install.close()
