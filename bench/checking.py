"""What it costs to know who asks: the same route with and without, a request here and a request there, in one run."""

import http.client
import itertools
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from bench import outcome
from bench.install import Install, served
from bench.load import Load, Shape, send
from bench.outcome import Found, Line
from bench.run import Run, alternate
from keepsum.assemble.install import DEFAULT, open_install
from keepsum.http.browsers import SESSION
from keepsum.model.access import machine
from keepsum.pipeline import links, sign_in, tokens
from keepsum.pipeline.links import Given
from keepsum.pipeline.sign_in import Attempt

TITLE = "checking who asks"
PATH = "/v1/metrics"
MOST, SHARE = 0.001, 0.9  # seconds more at p95; of the rate without
MANY = 1_500  # tokens, so that none is asked with again while it is remembered
EMAIL, PASSWORD = "bench@example.org", "a sentence for the benchmark"
UNCHECKED = (sys.executable, "-m", "bench.unchecked")
SHAPES: Mapping[str, Shape] = {
    "1,000 events a request": Shape(batch=1_000, connections=4, told='"accepted":1000,'),
    "single events on 64 connections": Shape(batch=1, connections=64, told='"accepted":1,'),
}

Headers = Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Asker:
    """One kept connection, and what each request shows."""

    connection: http.client.HTTPConnection
    shown: Iterator[Headers]

    def ask(self) -> float:
        """Give the seconds that one answer took."""
        headers = next(self.shown)
        began = time.perf_counter()
        self.connection.request("GET", PATH, headers=dict(headers))
        answer = self.connection.getresponse()
        body = answer.read()
        took = time.perf_counter() - began
        if answer.status != 200:
            raise RuntimeError(f"The request was refused: {body[:300]!r}")
        return took


def measure(run: Run) -> Found:
    """Give the slowest twentieth of requests more than without, by what they show, and the rates of ingest."""
    install = Install(folder=run.folder("checking"))
    shown = _credentials(install, run.sized(MANY, 20))
    count = run.sized(4_000, 50)
    rounds = [_round(run, install, shown, count) for _ in range(run.runs)]
    lines = [_line(name, rounds) for name in shown]
    samples: dict[str, object] = {"percentiles": [_percentiles(found) for found in rounds]}
    for name, shape in SHAPES.items():
        checked, plain = (_loading(run, shape, command) for command in ((), UNCHECKED))
        loads = alternate(run.runs, {"checked": checked, "plain": plain})
        lines.append(_ingest_line(name, loads))
        samples[name] = {which: [vars(load) for load in listed] for which, listed in loads.items()}
    return Found(lines=tuple(lines), samples=samples)


def _credentials(install: Install, many: int) -> dict[str, Sequence[Headers]]:
    """Give what requests show: a token, a session, and tokens of which each is a stranger when it comes again."""
    with closing(open_install(install.settings())) as opened:
        owner, known, now = machine(DEFAULT), opened.accounts, opened.clock()
        made = [tokens.make(known, owner, "bench", "viewer", days=None, now=now).text for _ in range(many)]
        link = links.owner_link(known, owner, now=now)
        links.use(known, link.text, Given(password=PASSWORD, email=EMAIL, name="Bench"), now=now)
        entry = sign_in.sign_in(known, Attempt(email=EMAIL, password=PASSWORD), now=now)
    bearers = [{"Authorization": f"Bearer {text}"} for text in made]
    return {
        "a token": bearers[:1],
        "a session": [{"Cookie": f"{SESSION}={entry.cookie}"}],
        "a token that has to be looked up": bearers,
    }


def _round(run: Run, install: Install, shown: Mapping[str, Sequence[Headers]], count: int) -> dict[str, list[float]]:
    """Let requests with each credential, and those that need none, take turns on servers of equal installs."""
    other = install.copy(run.folder("unchecked"))
    with served(install) as checked, served(other, UNCHECKED) as plain:
        contestants = {name: _asker(checked, headers) for name, headers in shown.items()}
        contestants[""] = _asker(plain, [{}])
        for asker in contestants.values():
            for _ in range(20):
                asker.ask()
        found: dict[str, list[float]] = {name: [] for name in contestants}
        for _ in range(count):
            for name, asker in contestants.items():
                found[name].append(asker.ask())
        for asker in contestants.values():
            asker.connection.close()
    return found


def _asker(address: str, headers: Sequence[Headers]) -> Asker:
    split = urlsplit(address)
    connection = http.client.HTTPConnection(split.hostname or "", split.port, timeout=60)
    return Asker(connection=connection, shown=itertools.cycle(headers))


def _percentiles(found: Mapping[str, list[float]]) -> dict[str, list[float]]:
    """What is kept of a round's many thousand times: the seconds of each percentile, by credential."""
    return {name: [round(outcome.percentile(took, p / 100), 7) for p in range(1, 100)] for name, took in found.items()}


def _line(name: str, rounds: Sequence[Mapping[str, list[float]]]) -> Line:
    ours, plain = (outcome.median(outcome.percentile(found[n], 0.95) for found in rounds) for n in (name, ""))
    middle, bare = (outcome.median(outcome.median(found[n]) for found in rounds) for n in (name, ""))
    more = outcome.median(outcome.percentile(f[name], 0.95) - outcome.percentile(f[""], 0.95) for f in rounds)
    return Line(
        row=f"{TITLE}: {name}",
        ours=outcome.seconds(ours),
        other=outcome.seconds(plain),
        goal=f"p95 < {MOST * 1000:.0f} ms more",
        met=more < MOST,
        note=f"{more * 1000:+.3f} ms at p95, {(middle - bare) * 1000:+.3f} ms at p50; one request at a time",
    )


def _loading(run: Run, shape: Shape, command: tuple[str, ...]) -> Callable[[], Load]:
    def load() -> Load:
        install = Install(folder=run.folder("checking-ingest"))
        told = replace(shape, token=install.token)
        with served(install, command) if command else served(install) as address:
            url = f"{address}/v1/streams/events/records"
            send(url, told, run.sized(2, 1))
            return send(url, told, run.sized(8, 1))

    return load


def _ingest_line(name: str, loads: Mapping[str, Sequence[Load]]) -> Line:
    ours, plain = (outcome.median(load.rate for load in loads[which]) for which in ("checked", "plain"))
    share = outcome.median(a.rate / b.rate for a, b in zip(loads["checked"], loads["plain"], strict=True))
    slow = {which: outcome.median(load.p95_ms for load in listed) for which, listed in loads.items()}
    return Line(
        row=f"{TITLE}: {name}",
        ours=outcome.rate(ours),
        other=outcome.rate(plain),
        ratio=share,
        goal=f">= {SHARE:.2f} of the rate without",
        met=share >= SHARE,
        note=f"p95 {slow['checked']:.2f} against {slow['plain']:.2f} ms",
    )
