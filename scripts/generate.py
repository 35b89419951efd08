"""Writes the pages of docs/reference from the code; with --check only says which are not what the code says now."""

import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from scripts import codes, commands, routes, rules, settings, vocabulary

FOLDER = Path(__file__).parents[1] / "docs" / "reference"
NOTE = "<!-- Written by `make generate` from the code: change the code, not this page. -->\n\n"

# A page is a function that gives its Markdown; a new page is a line here.
PAGES: Mapping[str, Callable[[], str]] = {
    "codes.md": codes.page,
    "commands.md": commands.page,
    "http.md": routes.page,
    "rules.md": rules.page,
    "settings.md": settings.page,
    "vocabulary.md": vocabulary.page,
}


def main(arguments: list[str]) -> int:
    """Write what differs, or with `--check` name it and give 1."""
    wanted = {name: NOTE + page().rstrip() + "\n" for name, page in PAGES.items()}
    present = {path.name: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.md")}
    kept = {name: text for name, text in present.items() if name in wanted or text.startswith(NOTE)}
    stale = sorted(name for name in wanted.keys() | kept.keys() if wanted.get(name) != kept.get(name))
    for name in stale:
        print(f"{'stale' if '--check' in arguments else 'wrote'}: docs/reference/{name}")
    if "--check" in arguments:
        if stale:
            print("Run `make generate` and commit the result.", file=sys.stderr)
        return int(bool(stale))
    for name in stale:
        _write(FOLDER / name, wanted.get(name))
    return 0


def _write(path: Path, text: str | None) -> None:
    if text is None:
        path.unlink()
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
