"""The pages say what is so: nothing is undocumented, links lead somewhere, and what is printed as a command works."""

import ast
import re
import shutil
from collections import defaultdict
from pathlib import Path

import pytest
from scripts import codes, commands, routes
from tests.documents import ROOT, Shell, blocks, differs, runs
from tests.systems import lay_keys

from keepsum.engine.lint import RULES
from keepsum.model import errors
from keepsum.model.errors import KeepsumError
from keepsum.settings import Settings

DOCS = ROOT / "docs"
REFERENCE = DOCS / "reference"
SOURCE = ROOT / "src" / "keepsum"
HOWTO = sorted(path.name for path in (DOCS / "howto").glob("*.md"))
TUTORIAL = DOCS / "tutorial.md"
STARTED = "What others may see"  # the tutorial's heading after which the bakery is rolled up

KINDS = {name: kind for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, KeepsumError)}
CODE = re.compile(r"[A-Z][A-Z0-9]+(_[A-Z0-9]+)+")
SAID = re.compile(r"(?:keepsum: )?([A-Z][A-Z0-9]+(?:_[A-Z0-9]+)+): ")
# What is written like a code, and is none.
NO_CODES = {"KEEPSUM_", "OWN_ROWS", "SQL_BIG_RESULT", "XDG_CONFIG_HOME"}
LINK = re.compile(r"\[[^\]]*\]\((?!https?:|mailto:)([^)\s#]*)(#[^)\s]+)?\)")
# What nobody may promise of this program.
NEVER_CLAIMED = (
    "gdpr compliant",
    "gdpr-compliant",
    "anonymous sketch",
    "erased from aggregates",
    "exactly-once",
    "exactly once",
)


def pages() -> list[Path]:
    top = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")]
    return [*top, *sorted(DOCS.rglob("*.md")), *sorted((ROOT / "changes").glob("*.md"))]


def reference(name: str) -> str:
    return (REFERENCE / name).read_text(encoding="utf-8")


def test_every_setting_is_documented():
    page = reference("settings.md")
    assert [name for name in Settings.model_fields if f"`KEEPSUM_{name.upper()}`" not in page] == []


def test_every_command_is_documented():
    page = reference("commands.md")
    named = [name for name, _ in commands.commands()]
    assert [name for name in named if f"## keepsum {name}\n" not in page] == []
    assert {"demo", "init", "serve", "worker", "collect", "roll", "purge", "query", "catalog", "status"} <= set(named)


def test_every_lint_rule_is_documented():
    page = reference("rules.md")
    assert [rule.name for rule in RULES if f"| `{rule.name}` |" not in page] == []


def test_every_route_is_documented():
    page = reference("http.md")
    found = [f"{method.upper()} {path}" for path, methods in routes.described()["paths"].items() for method in methods]
    assert [route for route in found if f"| `{route}` |" not in page] == []
    assert "POST /v1/streams/{stream}/records" in found


def test_every_error_is_documented_under_its_kind():
    raised = {(kind, code) for path in sources() for kind, code in errors_of(path)}
    listed = {(kind, code) for kind, named in codes.ERRORS.items() for code in named}
    assert sorted(f"{kind.__name__} {code}" for kind, code in raised - listed) == []


def test_every_code_is_documented_and_every_documented_code_exists():
    rules = {rule.name for rule in RULES}
    errors_listed = {code for named in codes.ERRORS.values() for code in named}
    listed = errors_listed | {code for _, _, named in codes.OTHERS for code in named}
    used = {text for path in sources() for text in codes_in(path)}
    assert sorted(used - listed - rules - NO_CODES) == []
    words = {text for path in sources() for text in constants(path)} | used
    assert sorted(code for code in listed - words if not code.endswith("...")) == []


def test_every_link_leads_to_a_page_and_a_heading():
    broken: list[str] = []
    for page in pages():
        for target, anchor in LINK.findall(prose(page)):
            path = (page.parent / target).resolve() if target else page
            if not path.exists() or (anchor and anchor[1:] not in anchors(path)):
                broken.append(f"{page.relative_to(ROOT)} -> {target}{anchor}")
    assert broken == []


def test_every_page_can_be_reached_from_the_readme():
    waiting, found = [ROOT / "README.md"], set[Path]()
    while waiting:
        page = waiting.pop()
        if page in found or page.suffix != ".md":
            continue
        found.add(page)
        targets = [(page.parent / target).resolve() for target, _ in LINK.findall(prose(page)) if target]
        waiting += [path for path in targets if path.is_file()]
        waiting += [path for folder in targets if folder.is_dir() for path in folder.glob("*.md")]
    assert sorted(str(page.relative_to(ROOT)) for page in DOCS.rglob("*.md") if page not in found) == []


def test_every_word_of_the_glossary_is_used_and_stands_in_order():
    glossary = DOCS / "glossary.md"
    words = re.findall(r"^\| ([a-z][a-z ]*) \| ", glossary.read_text(encoding="utf-8"), re.MULTILINE)[1:]
    texts = [page.read_text(encoding="utf-8").lower() for page in pages() if page != glossary]
    assert words == sorted(words)
    assert [word for word in words if not any(re.search(rf"\b{word}", text) for text in texts)] == []


def test_decisions_are_numbered_and_have_their_four_parts():
    found = sorted((DOCS / "decisions").glob("*.md"))
    assert [path.name[:4] for path in found] == [f"{number:04}" for number in range(1, len(found) + 1)]
    for path in found:
        text = path.read_text(encoding="utf-8")
        assert text.startswith(f"# {path.name[:4]} "), path.name
        headings = re.findall(r"^## (.*)$", text, re.MULTILINE)
        assert headings == ["Context", "Decision", "Consequences", "Alternatives"], path.name


def test_no_page_claims_what_nobody_can_promise():
    texts = {page: page.read_text(encoding="utf-8").lower() for page in pages()}
    assert [f"{page.name}: {claim}" for page, text in texts.items() for claim in NEVER_CLAIMED if claim in text] == []


def test_the_readme_declares_the_pack_of_the_tutorial():
    packs = [next(block.text for block in blocks(page) if block.is_file) for page in (ROOT / "README.md", TUTORIAL)]
    assert packs[0] == packs[1]


def test_the_tutorial_does_what_it_says(tmp_path, monkeypatch):
    lay_the_pages_keys(tmp_path)
    carry_out(blocks(TUTORIAL), tmp_path, monkeypatch)


@pytest.mark.skipif(shutil.which("curl") is None, reason="the page asks with curl, which is not on this machine")
def test_the_readme_does_what_it_says(tmp_path, monkeypatch):
    carry_out(blocks(ROOT / "README.md"), tmp_path, monkeypatch)


@pytest.mark.parametrize("name", HOWTO)
def test_a_how_to_does_what_it_says(name, tmp_path, monkeypatch, bakery):
    page = DOCS / "howto" / name
    entering = []
    if "tutorial.md" in page.read_text(encoding="utf-8"):
        shutil.copytree(bakery, tmp_path, dirs_exist_ok=True)
        entering = rolled_up()[:1]
    carry_out([*entering, *blocks(page)], tmp_path, monkeypatch)


@pytest.fixture(scope="module")
def bakery(tmp_path_factory):
    """The folder in which the tutorial has made its bakery and rolled it up."""
    folder = tmp_path_factory.mktemp("tutorial")
    lay_the_pages_keys(folder)
    with pytest.MonkeyPatch.context() as patch:
        carry_out(rolled_up(), folder, patch)
    return folder


def rolled_up():
    """The blocks of the tutorial that make the bakery and roll it up, without the questions between."""
    before = TUTORIAL.read_text(encoding="utf-8").partition(f"## {STARTED}")[0].count("\n")
    needed = ("mkdir", "keepsum init", "python3 sample.py", "keepsum roll")
    return [b for b in blocks(TUTORIAL) if b.line < before and (b.is_file or b.text.startswith(needed))]


def lay_the_pages_keys(folder: Path) -> None:
    """Put the keys there that the estimates on the pages were made with."""
    lay_keys(folder)
    (folder / "keys").rename(folder / "bakery-keys")


def carry_out(chosen, folder: Path, patch) -> None:
    """Run blocks in order and compare what they print."""
    with Shell(folder, patch) as shell:
        for block in chosen:
            where = f"{block.page}, line {block.line}"
            if block.is_file:
                block.write()
            elif runs(block):
                code, printed = shell.run(block.text)
                assert code == block.exit_code, f"{where}: exit code {code}\n{printed}"
                shown = block.expected is None or not differs(block.expected, printed)
                assert shown, f"{where} prints:\n{printed}"


def sources() -> list[Path]:
    return [path for path in SOURCE.rglob("*.py") if "packs" not in path.parts]


def constants(path: Path) -> set[str]:
    found = (node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Constant))
    return {node.value for node in found if isinstance(node.value, str)}


def codes_in(path: Path) -> set[str]:
    """What looks like a code, alone or in front of a message."""
    texts = constants(path)
    return {text for text in texts if CODE.fullmatch(text)} | {m[1] for text in texts if (m := SAID.match(text))}


def errors_of(path: Path) -> set[tuple[type[KeepsumError], str]]:
    """Each kind of error that is made with a code written beside it."""
    found: set[tuple[type[KeepsumError], str]] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in KINDS and node.args:
            first = node.args[0]
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                found.add((KINDS[node.func.id], first.value))
    return found


def prose(page: Path) -> str:
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
    return re.sub(r"`[^`\n]*`", "`code`", text) if page.parent != ROOT / "changes" else text


def anchors(page: Path) -> set[str]:
    """The headings of a page as links spell them."""
    headings = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    counted: defaultdict[str, int] = defaultdict(int)
    found: set[str] = set()
    for heading in headings:
        slug = re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-")
        found.add(f"{slug}-{counted[slug]}" if counted[slug] else slug)
        counted[slug] += 1
    return found
