"""What a page begins with: files and answers that its address needs, named in it, so that none waits for another."""

import json
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from html import escape
from pathlib import Path

from pydantic import BaseModel

WRITTEN = "first.json"  # beside the page, by its build
_PART = r"([A-Za-z0-9_-][A-Za-z0-9._-]*)"  # of an address; what else it may hold begins no page of these
_NAME = re.compile(r"\{[a-z]+\}")


class _First(BaseModel):
    """Of one page, by language the files that are its own, and what it asks this server."""

    files: dict[str, list[str]]
    asked: list[str]


def links(built: Path, page: str, languages: str, *, is_known: bool) -> str:
    """Give the links to what the page at an address begins with; what it asks, too, where somebody is known to ask.

    `languages` are those that a browser wants, as it says them.
    """
    written = built / WRITTEN
    if not written.is_file():
        return ""
    for shape, first in _read(written, written.stat().st_mtime_ns):
        found = shape.fullmatch(page.rstrip("/"))
        if found is not None:
            asked = [_filled(path, found.groups()) for path in first.asked] if is_known else []
            files = first.files[_language(languages, first.files)]
            return "".join(map(_asking, asked)) + "".join(map(_loading, files))
    return ""


@lru_cache(maxsize=2)
def _read(written: Path, _changed: int) -> Sequence[tuple[re.Pattern[str], _First]]:
    """Give what each shape of an address begins with, read anew when it was built anew."""
    pages = json.loads(written.read_text(encoding="utf-8"))
    return [(_shape(address), _First.model_validate(told)) for address, told in pages.items()]


def _shape(address: str) -> re.Pattern[str]:
    return re.compile(_PART.join(map(re.escape, _NAME.split(address))))


def _filled(path: str, parts: Sequence[str]) -> str:
    """Give a path with the parts of the address in place of its names, one after the other."""
    given = iter(parts)
    return _NAME.sub(lambda _: next(given), path)


def _language(wanted: str, known: Mapping[str, object]) -> str:
    """Give the first language that a browser wants and that there is, as the page itself chooses; else the first."""
    tags = (part.strip()[:2].lower() for part in wanted.split(","))
    return next((tag for tag in tags if tag in known), next(iter(known)))


def _asking(path: str) -> str:
    return f'<link rel="preload" as="fetch" crossorigin href="{escape(path)}">'


def _loading(name: str) -> str:
    rel = "stylesheet" if name.endswith(".css") else "modulepreload"
    return f'<link rel="{rel}" crossorigin href="/app/{escape(name)}">'
