"""The rules of the house that no other checker knows: sizes, names, borders, escapes, and paths that must exist.

ruff keeps the rest (complexity, imports inside functions, notes to self, docstrings), import-linter the floors.
"""

import ast
import json
import re
import sys
import tokenize
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "keepsum"
LONGEST_FILE, LONGEST_FUNCTION = 600, 60
# Names under which anything can land.
EMPTY_NAMES = {"utils", "util", "helpers", "helper", "common", "misc", "base", "manager", "service", "handler", "impl"}
PUBLIC_HOSTS = {"pypi.org", "files.pythonhosted.org"}
ESCAPE = re.compile(r"#\s*(noqa|type:\s*ignore|pyright:\s*ignore)(?P<rest>[^#]*)")
CODE_AND_REASON = re.compile(r"(:\s*[A-Z]+[0-9]+(,\s*[A-Z]+[0-9]+)*|\[[\w, -]+\])\W+\w{3,}")
NOTE_TO_SELF = re.compile(r"\b(TO[D]O|FIX[M]E|XX[X])\b")
LINK = re.compile(r"\[[^\]]*\]\((?!https?:|mailto:|#)([^)\s#]+)[^)]*\)")
QUOTED_PATH = re.compile(
    r"`((?:src|tests|docs|bench|scripts|changes|packs|\.ci)/[\w./-]*|[A-Z]+\.md|Makefile|pyproject\.toml)`"
)


def test_no_file_is_too_long():
    assert [f"{_name(p)}: {n} lines" for p, n in _lengths() if n > LONGEST_FILE and _functions(p)] == []


def test_no_function_is_too_long():
    # A migration is a list of declarations.
    functions = ((path, f) for path in _sources() if "migrations" not in path.parts for f in _functions(path))
    lengths = ((path, f, (f.end_lineno or f.lineno) - f.lineno + 1) for path, f in functions)
    assert [f"{_name(p)}: {f.name} has {n} lines" for p, f, n in lengths if n > LONGEST_FUNCTION] == []


def test_no_module_has_an_empty_name():
    names = ((path, path.stem if path.stem != "__init__" else path.parent.name) for path in _sources())
    assert [_name(path) for path, name in names if EMPTY_NAMES & set(name.strip("_").split("_"))] == []


def test_every_folder_of_source_is_a_package():
    # A folder without __init__.py is invisible to the import contracts; migrations are loaded by path.
    folders = {path.parent for path in _sources() if "migrations" not in path.parts}
    assert [_name(folder) for folder in folders if not (folder / "__init__.py").exists()] == []


def test_model_and_engine_never_ask_for_the_time():
    pure = [*(SOURCE / "model").rglob("*.py"), *(SOURCE / "engine").rglob("*.py")]
    asked = ((p, n) for p in pure for n in ast.walk(_tree(p)) if isinstance(n, ast.Call))
    assert [f"{_name(p)}:{n.lineno}" for p, n in asked if _called(n) in {"now", "utcnow", "today"}] == []


def test_a_pack_imports_keepsum_and_plain_python_only():
    for path in (SOURCE / "packs").glob("*/**/*.py"):
        own = "keepsum.packs." + path.relative_to(SOURCE / "packs").parts[0]
        allowed = {"keepsum"} | sys.stdlib_module_names
        strangers = [m for m in _imports(path) if m not in allowed and m.split(".")[0] not in sys.stdlib_module_names]
        assert [m for m in strangers if m != own and not m.startswith(own + ".")] == [], _name(path)


def test_every_escape_from_a_rule_has_a_code_and_a_reason():
    # As in: noqa: PLC0415 - half a second to import, and only a report needs it.
    comments = ((path, line, text) for path in _checked() for line, text in _comments(path))
    found = ((path, line, ESCAPE.search(text)) for path, line, text in comments)
    assert [f"{_name(p)}:{line}" for p, line, e in found if e and not CODE_AND_REASON.search(e["rest"])] == []


def test_nobody_left_a_note_to_self():
    texts = [*_checked(), *_pages(), *(ROOT / name for name in ("Makefile", "pyproject.toml"))]
    lines = ((p, i, line) for p in texts for i, line in enumerate(p.read_text(encoding="utf-8").splitlines(), 1))
    assert [f"{_name(p)}:{i}" for p, i, line in lines if NOTE_TO_SELF.search(line)] == []


def test_every_page_links_to_what_exists():
    links = ((page, target) for page in _pages() for target in LINK.findall(_prose(page)))
    assert [f"{_name(page)} -> {target}" for page, target in links if not (page.parent / target).exists()] == []


def test_every_path_the_readme_names_exists():
    paths = QUOTED_PATH.findall(_prose(ROOT / "README.md"))
    assert [path for path in paths if not (ROOT / path).exists()] == []


def test_every_make_target_that_a_page_names_exists_and_help_lists_it():
    listed = set(re.findall(r"^([a-z]+):.*## ", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = {(page, t) for page in _pages() for t in re.findall(r"`make ([a-z]+)", page.read_text(encoding="utf-8"))}
    assert [f"{_name(page)}: make {target}" for page, target in named if target not in listed] == []
    promised = {"demo", "dev", "test", "check", "fix", "generate", "docs", "bench", "crash", "fuzz", "clean"}
    assert promised <= listed


def test_the_lock_file_names_the_public_registry_only():
    hosts = set(re.findall(r"(?:https?|file)://([^/\"]*)", (ROOT / "uv.lock").read_text(encoding="utf-8")))
    assert hosts <= PUBLIC_HOSTS


def test_the_interface_is_built_from_exact_versions_and_a_lock_file_that_names_no_registry():
    project = json.loads((ROOT / "ui" / "package.json").read_text(encoding="utf-8"))
    wanted = project["dependencies"] | project["devDependencies"]
    assert [name for name, version in wanted.items() if not re.fullmatch(r"\d+\.\d+\.\d+", version)] == []
    lock = json.loads((ROOT / "ui" / "package-lock.json").read_text(encoding="utf-8"))
    packages = {name: package for name, package in lock["packages"].items() if name}
    assert [name for name, package in packages.items() if "resolved" in package or "integrity" not in package] == []
    ours = lock["packages"][""]
    assert ours["dependencies"] | ours["devDependencies"] == wanted


def test_the_lock_file_is_of_this_package():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    lock = tomllib.loads((ROOT / "uv.lock").read_text(encoding="utf-8"))
    ours = next(package for package in lock["package"] if package["name"] == project["project"]["name"])
    groups = (project["project"]["optional-dependencies"], project["dependency-groups"])
    wanted = [*project["project"]["dependencies"], *(r for named in groups for g in named.values() for r in g)]
    locked = [*ours["metadata"]["requires-dist"], *(e for g in ours["metadata"]["requires-dev"].values() for e in g)]
    assert sorted(map(_requirement, wanted)) == sorted(entry["name"] + entry.get("specifier", "") for entry in locked)


def _requirement(text: str) -> str:
    return re.sub(r"\[[^\]]*\]|\s", "", text)


def _sources() -> list[Path]:
    return sorted(SOURCE.rglob("*.py"))


def _checked() -> list[Path]:
    folders = ("src", "tests", "bench", "scripts", "examples")
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def _pages() -> list[Path]:
    top = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")
    return [*(ROOT / name for name in top), *(ROOT / "docs").rglob("*.md"), *(ROOT / "changes").rglob("*.md")]


def _prose(page: Path) -> str:
    return re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)


def _lengths() -> Iterator[tuple[Path, int]]:
    return ((path, len(path.read_text(encoding="utf-8").splitlines())) for path in _sources())


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def _functions(path: Path) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    return [n for n in ast.walk(_tree(path)) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]


def _imports(path: Path) -> Iterator[str]:
    for node in ast.walk(_tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or "."


def _called(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else ""


def _comments(path: Path) -> Iterator[tuple[int, str]]:
    with path.open("rb") as file:
        for token in tokenize.tokenize(file.readline):
            if token.type == tokenize.COMMENT:
                yield token.start[0], token.string


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()
