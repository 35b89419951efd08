"""How much script a page is, before any chart: what people on slow lines wait for."""

import json

import pytest
from tests.browsing import BUILT, built

MOST = 200 * 1024  # bytes, packed
WORDS = ("core", "answers")
PAGES = {
    "entry/signin": "entry",
    "dashboards/list": "dashboards",
    "dashboards/view": "dashboards",
    "dashboards/public": "dashboards",
    "explore/page": "explore",
    "days/page": "days",
    "streams/page": "streams",
}


@pytest.fixture(scope="module")
def manifest():
    if not built():
        pytest.fail("The interface is not built: run `make ui`.")
    return json.loads((BUILT / "manifest.json").read_text(encoding="utf-8"))


def needed(manifest, page, *features):
    """The scripts that have to be there before a page stands, with its words: what is imported at once, and by that."""
    texts = [f"src/texts/en/{feature}.ts" for feature in (*WORDS, *features)]
    waiting, found = ["index.html", page, *texts], set()
    while waiting:
        entry = manifest[waiting.pop()]
        if entry["file"] not in found:
            found.add(entry["file"])
            waiting += entry.get("imports", [])
    return {name for name in found if name.endswith(".js")}


@pytest.mark.parametrize(("page", "feature"), PAGES.items())
def test_a_page_stands_with_little_script(manifest, page, feature):
    scripts = needed(manifest, f"src/features/{page}.tsx", feature)
    weight = {name: (BUILT / f"{name}.gz").stat().st_size for name in scripts}
    assert sum(weight.values()) <= MOST, sorted(weight.items(), key=lambda one: -one[1])


@pytest.mark.parametrize(("page", "feature"), PAGES.items())
def test_charts_come_after_the_page(manifest, page, feature):
    (engine,) = (entry["file"] for name, entry in manifest.items() if name == "src/charts/engine.ts")
    assert engine not in needed(manifest, f"src/features/{page}.tsx", feature)
