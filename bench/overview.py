"""How fast a wallet's year is shown, whatever the size of its ledger, and beside the ledger's own aggregation."""

import time
from collections.abc import Callable
from contextlib import ExitStack, closing
from dataclasses import dataclass
from functools import partial
from typing import Any

from bench import outcome
from bench.asking import Asker, asking, times
from bench.collected import cached, collect
from bench.install import Install, keepsum, served
from bench.mariadb import mariadb
from bench.outcome import Found, Line
from bench.run import Run, alternate
from bench.wallet_year import FIRST, REVENUE, TOKENS, Year, connect
from keepsum.settings import Settings, load

TITLE = "overview of a wallet's 365 days"
GOAL, APART, FASTER = 0.020, 0.20, 50
SMALL, LARGE, ATTACHED = 1_000_000, 10_000_000, 365_000
PATH = "/api/v1/admin/analytics/tokens/overview"


@dataclass(frozen=True, kw_only=True)
class Wallet(Install):
    """An install with the wallet, whose records are sent, or lie in the database at `url`."""

    url: str = ""

    @property
    def environment(self) -> dict[str, str]:
        told = {"KEEPSUM_WALLET_DATABASE_URL": self.url} if self.url else {}
        return super().environment | {"KEEPSUM_ENABLED": "wallet"} | told

    @property
    def token(self) -> str:
        return keepsum(self, "tokens", "create", "bench", "--role", "admin").splitlines()[0]

    def settings(self) -> Settings:
        return load(data_dir=self.data, key_dir=self.folder / "keys", enabled="wallet", worker=False, clock=self.clock)


def measure(run: Run) -> Found:
    """Give the slowest twentieth of overviews over small and large ledgers, and the ledger's own aggregation."""
    days = run.sized(365, 4)
    small, large, attached = (Year(rows=run.sized(*sizes), days=days) for sizes in _SIZES)
    with ExitStack() as open_now:
        port = open_now.enter_context(mariadb(run))
        installs = {"sent": sent(run, small), "much": sent(run, large), "attached": at_home(run, port, attached)}
        years = {"sent": small, "much": large, "attached": attached}
        large.fill(run, port, "ledger")
        ledger = open_now.enter_context(closing(connect(port, "ledger")))
        askers = {
            name: open_now.enter_context(asking(open_now.enter_context(served(one)), one.token))
            for name, one in installs.items()
        }
        _insist(askers, years, {"much": ledger})
        count = run.sized(300, 10)
        contestants: dict[str, Callable[[], list[float]]] = {
            name: partial(times, asker, _path(years[name]), count) for name, asker in askers.items()
        }
        took = alternate(run.runs, {**contestants, "ledger": partial(_aggregated, ledger, large)})
    return Found(lines=_lines(took), samples=took)


_SIZES = ((SMALL, 4_000), (LARGE, 40_000), (ATTACHED, 400))


def _lines(took: dict[str, list[list[float]]]) -> tuple[Line, ...]:
    late = {name: _median_of(partial(outcome.percentile, share=0.95), rounds) for name, rounds in took.items()}
    middle = {name: _median_of(outcome.median, rounds) for name, rounds in took.items()}
    told = {name: f"{outcome.seconds(late[name])} (p50 {outcome.seconds(middle[name])})" for name in took}
    slowest = max(late["attached"], late["much"])
    apart, faster = late["much"] / late["sent"], middle["ledger"] / middle["much"]
    return (
        Line(
            row=TITLE,
            ours=outcome.seconds(slowest),
            goal=f"p95 < {GOAL * 1000:.0f} ms",
            met=slowest < GOAL,
            note=f"{told['attached']} over {ATTACHED:,} attached rows, {told['much']} over {LARGE:,} sent ones",
        ),
        Line(
            row="the same over 10 M against 1 M entries",
            ours=outcome.seconds(late["much"]),
            other=outcome.seconds(late["sent"]),
            ratio=apart,
            goal=f"within {APART:.0%}",
            met=apart <= 1 + APART,
        ),
        Line(
            row="the same against the ledger's own aggregation, 10 M rows",
            ours=outcome.seconds(middle["much"]),
            other=outcome.seconds(middle["ledger"]),
            ratio=faster,
            goal=f"{FASTER} times",
            met=faster >= FASTER,
            note="medians; MariaDB with the whole ledger in memory, counting people exactly",
        ),
    )


def _median_of(what: Callable[[list[float]], float], rounds: list[list[float]]) -> float:
    return outcome.median(what(round_) for round_ in rounds)


def sent(run: Run, year: Year) -> Install:
    """Give an install that was sent a year's records, and has sealed every day."""
    return cached(run, f"wallet-{year.rows}-{year.days}", year.over, partial(_send, year), Wallet)


def _send(year: Year, install: Install) -> None:
    keepsum(install, "init")
    scratch = install.folder / "day.ndjson"
    streams = ("entries", "payments")
    # A stream's file is written when its first line is asked for, so both may have one name.
    collect(install, ({name: year.lines(name, day, scratch) for name in streams} for day in range(year.days)))
    keepsum(install, "roll")


def at_home(run: Run, port: int, year: Year) -> Wallet:
    """Give an install that has sealed every day of a year whose rows stay in MariaDB."""
    install = Wallet(folder=run.folder("attached"), clock=year.over, url=year.fill(run, port, "attached"))
    keepsum(install, "init")
    keepsum(install, "roll")
    return install


def _path(year: Year) -> str:
    return f"{PATH}?from={FIRST}&to={year.last}"


def _aggregated(ledger: Any, year: Year) -> list[float]:
    begin = time.perf_counter()
    _overview(ledger, year)
    return [time.perf_counter() - begin]


def _overview(ledger: Any, year: Year) -> dict[str, Any]:
    """Give what the team's own statements come to."""
    span = (f"{FIRST} 00:00:00", f"{year.last} 23:59:59.999999")
    with ledger.cursor() as cursor:
        cursor.execute(TOKENS, span)
        credited, debited, people = cursor.fetchone()
        cursor.execute(REVENUE, span)
        (revenue,) = cursor.fetchone()
    return {"credited": int(credited), "debited": int(debited), "revenue_in_inr": float(revenue), "people": int(people)}


def _insist(askers: dict[str, Asker], years: dict[str, Year], ledgers: dict[str, Any]) -> None:
    """Be sure that overviews are whole, and what the ledger comes to where that is there, before their time counts."""
    for name, asker in askers.items():
        path = _path(years[name])
        answer = asker.ask(path).answer
        series = asker.ask(path.replace("overview?", "trend?granularity=daily&")).answer["series"]
        if len(series) != years[name].days or any(row["net"] is None for row in series):
            raise RuntimeError(f"The days of {name!r} are not all there: {answer}")
        if name in ledgers:
            _compare(answer, _overview(ledgers[name], years[name]))


def _compare(answer: dict[str, Any], wanted: dict[str, Any]) -> None:
    people = wanted.pop("people")
    if any(answer[figure] != value for figure, value in wanted.items()):
        raise RuntimeError(f"The overview is {answer}, the ledger comes to {wanted}.")
    if abs(answer["active_users"] - people) > people / 20:
        raise RuntimeError(f"Of {people} people {answer['active_users']} are told.")
