"""How soon a dashboard stands in a browser, what it asks and moves meanwhile, and how smoothly it is rearranged."""

import datetime as dt
import json
import re
import shutil
from collections import Counter
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
from playwright.sync_api import Browser, Page, sync_playwright

from bench import outcome, year
from bench.collected import purged
from bench.install import Install, keepsum, served
from bench.outcome import CannotRun, Found, Line
from bench.run import Run
from keepsum.http.interface import BUILT

TITLE = "the interface: twelve widgets over a year"
GOAL, SCRIPT, TASK = 1.0, 200, 0.050  # seconds to stand, kB of script before charts, seconds of one task
FEW, MANY = 12, 20  # widgets of the dashboard that is opened, and of the one that is rearranged
RECORDS, TINY = 1_000_000, 12_000
EMAIL, PASSWORD = "bench@example.org", "a sentence that only the bench knows"
PLACES = ((900, 420), (420, 640), (640, 300), (300, 520))  # where a widget is dragged to, in pixels

# When everything that a dashboard shows stands: all its widgets, none of them waiting, every chart drawn.
STANDS = """(wanted) => {
  const page = document.querySelector('main')
  if (page === null || page.querySelectorAll('section[aria-label]').length < wanted) return null
  return page.querySelector('.mantine-Skeleton-root, [data-pending]') === null ? performance.now() : null
}"""
SCRIPTS = """performance.getEntriesByType('resource').filter(({ name }) => name.endsWith('.js'))
  .map(({ name, encodedBodySize }) => [name, encodedBodySize])"""
CHARTS = re.compile(r"/(engine|mapchart|countries)[^/]*$")  # what draws, and what maps are drawn of
WATCH = """
window.shifts = []; window.tasks = []
new PerformanceObserver((list) => { for (const one of list.getEntries()) window.shifts.push(one.value) })
  .observe({ type: 'layout-shift', buffered: true })
new PerformanceObserver((list) => { for (const one of list.getEntries()) window.tasks.push(one.duration) })
  .observe({ type: 'longtask', buffered: true })
"""


@dataclass(frozen=True, kw_only=True)
class Opened:
    """One opening of a dashboard: seconds until it stands, how far things moved, and what was asked how often.

    `again` are the seconds of the next opening, when the browser has the files. `script` are the bytes of script that
    it loaded, as they were sent, without what draws charts.
    """

    seconds: float
    again: float
    shift: float
    asked: int
    twice: int
    script: int


def measure(run: Run) -> Found:
    """Give how soon twelve widgets stand, what they asked, how far they moved, and the longest task while dragging."""
    program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if program is None or not (BUILT / "index.html").is_file():
        raise CannotRun(
            "it needs Chromium (Debian: apt-get install chromium), and the interface, which `make ui` builds"
        )
    days = run.sized(year.DAYS, 6)
    made = purged(run, year.make(run, run.sized(RECORDS, TINY), days), "visits")
    install = made.copy(run.folder("interface"))
    with served(install) as address, sync_playwright() as playwright:
        site = _prepared(install, address, days)
        browser = playwright.chromium.launch(executable_path=program)
        try:
            opened = [_opened(browser, site) for _ in range(run.runs + 1)][
                1:
            ]  # the first one fills the server's caches
            tasks, trace = _rearranged(browser, site, run.folder("trace"))
        finally:
            browser.close()
    return Found(
        lines=_lines(opened, tasks), samples={"opened": [vars(one) for one in opened], "tasks": tasks, **trace}
    )


def _lines(opened: list[Opened], tasks: list[float]) -> tuple[Line, ...]:
    shift = max(one.shift for one in opened)
    script, longest = max(one.script for one in opened) / 1000, max(tasks, default=0.0)
    twice = max(one.twice for one in opened)
    return (
        _stood(TITLE, [one.seconds for one in opened], f"{opened[-1].asked} questions, {twice} of them asked twice"),
        _stood("the same once more", [one.again for one in opened], "in a browser that has the files"),
        Line(
            row="script of a dashboard before charts, gzip",
            ours=f"{script:.0f} kB",
            goal=f"<= {SCRIPT} kB",
            met=script <= SCRIPT,
        ),
        Line(row="layout shift while data arrives", ours=f"{shift:.3f}", goal="0", met=shift < 0.0005),
        Line(
            row=f"longest task while {MANY} widgets are dragged",
            ours=outcome.seconds(longest),
            goal=f"<= {TASK * 1000:.0f} ms",
            met=longest <= TASK,
            note=f"{len(tasks)} tasks over 50 ms",
        ),
    )


def _stood(row: str, seconds: list[float], note: str) -> Line:
    slow, usual = max(seconds), outcome.seconds(outcome.median(seconds))
    return Line(
        row=row,
        ours=outcome.seconds(slow),
        goal=f"< {GOAL:.0f} s after navigation",
        met=slow < GOAL,
        note=f"the slowest of {len(seconds)}, median {usual}; {note}",
    )


@dataclass(frozen=True, kw_only=True)
class _Site:
    """A server with two dashboards, by their ids."""

    address: str
    few: str
    many: str


def _prepared(install: Install, address: str, days: int) -> _Site:
    """Let somebody be an owner, and make both dashboards."""
    told = json.loads(keepsum(install, "people", "owner-link", "--json"))
    given = {"email": EMAIL, "name": "Bench", "password": PASSWORD}
    with httpx2.Client(base_url=address) as client:
        client.post(f"/v1/links/{told['link'].rpartition('#')[2]}", json=given).raise_for_status()
        headers = {"Authorization": f"Bearer {install.token}"}
        found: dict[int, str] = {}
        for count in (FEW, MANY):
            answer = client.post("/v1/dashboards", json={"document": _document(count, days)}, headers=headers)
            answer.raise_for_status()
            found[count] = answer.json()["id"]
    return _Site(address=address, few=found[FEW], many=found[MANY])


def _document(count: int, days: int) -> dict[str, Any]:
    """Give a dashboard of so many widgets, no two of which ask the same."""
    last = year.FIRST + dt.timedelta(days=days - 1)
    widgets = [_widget(number, *_KINDS[number % len(_KINDS)]) for number in range(count)]
    between = {"from": str(year.FIRST), "to": str(last)}
    return {"title": f"{count} widgets", "range": between, "refresh": 3_600, "widgets": widgets}


_KINDS: tuple[tuple[str, Mapping[str, Any]], ...] = (
    ("card", {"metrics": ["visits"]}),
    ("card", {"metrics": ["visited"]}),
    ("gauge", {"metrics": ["visits"], "grain": "all"}),
    ("line", {"metrics": ["visits"], "by": ["domain"], "grain": "day"}),
    ("area", {"metrics": ["visited"], "by": ["domain"], "grain": "week"}),
    ("bar", {"metrics": ["visits"], "by": ["domain"], "grain": "month"}),
    ("pie", {"metrics": ["visited"], "by": ["domain"], "grain": "all"}),
    ("heatmap", {"metrics": ["visits"], "by": ["domain"], "grain": "week"}),
    ("table", {"metrics": ["visits", "visited"], "grain": "month", "totals": True}),
    ("line", {"metrics": ["visited"], "grain": "day"}),
)


def _widget(number: int, kind: str, query: Mapping[str, Any]) -> dict[str, Any]:
    """Give one widget; from the second time on that its kind comes, of some domains only."""
    again = number // len(_KINDS)
    where = {"where": {"domain": ["orders", "payments", "sessions"][: again + 1]}} if again else {}
    place = {"x": number % 3 * 4, "y": number // 3 * 6, "w": 4, "h": 6}
    options = {"options": {"target": "1000000"}} if kind == "gauge" else {}
    title = f"{kind.title()} {number + 1}"
    return {"id": f"w{number}", "kind": kind, "title": title, "place": place, "query": {**query, **where}, **options}


@contextmanager
def _page(browser: Browser, site: _Site) -> Generator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 800}, reduced_motion="reduce")
    try:
        signed = context.request.post(f"{site.address}/v1/session", data={"email": EMAIL, "password": PASSWORD})
        if not signed.ok:
            raise RuntimeError(f"Nobody could sign in: {signed.text()}")
        context.add_init_script(WATCH)
        yield context.new_page()
    finally:
        context.close()


def _opened(browser: Browser, site: _Site) -> Opened:
    """Open the dashboard in a browser that knows nothing yet, and then once more."""
    asked: Counter[str] = Counter()
    with _page(browser, site) as page:
        page.on("request", lambda one: asked.update([one.post_data or ""] if one.url.endswith("/v1/query") else ()))
        stood = _stands(page, site)
        page.wait_for_timeout(500)
        shift = page.evaluate("window.shifts.reduce((sum, one) => sum + one, 0)")
        script = sum(size for name, size in page.evaluate(SCRIPTS) if not CHARTS.search(name))
        total, different = asked.total(), len(asked)
        page.goto("about:blank")
        again = _stands(page, site)
    return Opened(seconds=stood, again=again, shift=shift, asked=total, twice=total - different, script=script)


def _stands(page: Page, site: _Site) -> float:
    """Go to the dashboard; give the seconds from there until it stands."""
    page.goto(f"{site.address}/app/dashboards/{site.few}")
    return page.wait_for_function(STANDS, arg=FEW, polling="raf", timeout=30_000).json_value() / 1000


def _rearranged(browser: Browser, site: _Site, folder: Path) -> tuple[list[float], dict[str, Any]]:
    """Drag a widget about and drop it; give the seconds of each task over 50 ms, and what a trace says of it."""
    with _page(browser, site) as page:
        page.goto(f"{site.address}/app/dashboards/{site.many}/edit")
        page.wait_for_function(STANDS, arg=MANY, polling="raf", timeout=30_000)
        page.wait_for_timeout(1_000)
        handle = page.locator("[data-widget='w0'] .edit-handle")
        box = handle.bounding_box()
        if box is None:
            raise RuntimeError("The widget has no handle to be dragged by.")
        page.evaluate("window.tasks.length = 0")
        path = folder / "drag.json"
        # TRICKY: by default the trace profiles the script, too, and beginning that is the longest task there is.
        browser.start_tracing(page=page, path=path, categories=["devtools.timeline"])
        page.mouse.move(box["x"] + 5, box["y"] + 5)
        page.mouse.down()
        for x, y in PLACES:
            page.mouse.move(x, y, steps=40)
        page.mouse.up()
        page.wait_for_timeout(500)
        tasks = page.evaluate("window.tasks")
        browser.stop_tracing()
        if handle.bounding_box() == box:
            raise RuntimeError("The widget lies where it lay, so nothing was dragged.")
    return [one / 1000 for one in tasks], {"trace": _of_trace(path)}


def _of_trace(path: Path) -> dict[str, float]:
    """Give the longest of each kind of work of the trace, in seconds; a trace of megabytes is no result to keep."""
    longest: dict[str, float] = {}
    for event in json.loads(path.read_text(encoding="utf-8"))["traceEvents"]:
        if event.get("ph") == "X" and event.get("cat", "").startswith("devtools.timeline"):
            longest[event["name"]] = max(longest.get(event["name"], 0.0), event["dur"] / 1e6)
    return dict(sorted(longest.items(), key=lambda one: -one[1])[:12])
