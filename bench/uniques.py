"""How good and how fast the people of a whole year are, in total and by ten countries, once their records are gone."""

import datetime as dt
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Any

import duckdb
import numpy as np
from numpy.typing import NDArray

from bench import outcome, year
from bench.asking import asking, times
from bench.collected import purged
from bench.install import served
from bench.outcome import Found, Line
from bench.pack import COUNTRIES
from bench.run import Run
from keepsum.engine import registers

TITLE = "a year of uniques, total and by ten countries"
WORST, SLOWEST, AIM = 0.018, 0.050, 0.010
KEYS = 200
GROUPS = COUNTRIES[:10]


@dataclass(frozen=True, kw_only=True)
class People:
    """All subjects, and of each group which of them it has."""

    subjects: Sequence[str]
    groups: Sequence[NDArray[np.int64]]


def measure(run: Run) -> Found:
    """Give the root of the mean squared error over random keys, and the slowest twentieth of answers."""
    data = year.make(run, *run.sized((year.FULL, year.DAYS), (60_000, 12)))
    errors = _errors(_people(data), run.sized(KEYS, 3))
    worst = sqrt(float(np.mean(np.square(errors))))
    install = purged(run, data)
    with served(install) as address, asking(address, install.token) as asker:
        stated = _stated(asker.ask(_question(data.days)).answer)
        rounds = [times(asker, _question(data.days), run.sized(100, 5)) for _ in range(run.runs)]
    slow = outcome.median(outcome.percentile(took, 0.95) for took in rounds)
    lines = (
        Line(
            row=f"{TITLE}: rms error",
            ours=f"{worst:.2%}",
            goal=f"<= {WORST:.1%} over {KEYS} keys",
            met=worst <= WORST,
            note=f"{len(errors)} random keys, {1 + len(GROUPS)} groups each; stated with each answer: {stated:.2%}",
        ),
        Line(
            row=f"{TITLE}: answered over HTTP",
            ours=outcome.seconds(slow),
            goal=f"p95 < {SLOWEST * 1000:.0f} ms (aim {AIM * 1000:.0f})",
            met=slow < SLOWEST,
            note=f"p50 {outcome.seconds(outcome.median(outcome.median(took) for took in rounds))}",
        ),
    )
    return Found(lines=lines, samples={"errors": errors.tolist(), "seconds": rounds})


def _people(data: year.Year) -> People:
    """Give who is in the year and in each country, exactly."""
    read = "SELECT DISTINCT user_id, country FROM read_parquet(?)"
    found: Any = duckdb.execute(read, [data.pattern]).to_arrow_table()
    users = found["user_id"].combine_chunks().dictionary_encode()
    places, country = users.indices.to_numpy(), found["country"].to_numpy(zero_copy_only=False)
    everybody = np.arange(len(users.dictionary))
    return People(
        subjects=users.dictionary.to_pylist(), groups=[everybody, *(places[country == name] for name in GROUPS)]
    )


def _errors(people: People, keys: int) -> NDArray[np.float64]:
    """Give the relative error of each group's estimate under each of so many random keys."""
    return np.array([_under(people, secrets.token_bytes(32)) for _ in range(keys)])


def _under(people: People, key: bytes) -> list[float]:
    slots, ranks, _ = registers.slots_and_ranks(people.subjects, key)
    found: list[float] = []
    for group in people.groups:
        highest = np.zeros(registers.SLOTS, np.uint8)
        np.maximum.at(highest, slots[group], ranks[group])
        found.append(registers.estimate(highest).value / len(group) - 1)
    return found


def _question(days: int) -> dict[str, object]:
    last = year.FIRST + dt.timedelta(days=days - 1)
    asked = {"metrics": ["users"], "by": ["country"], "where": {"country": list(GROUPS)}, "totals": True}
    return {**asked, "grain": "all", "from": str(year.FIRST), "to": str(last)}


def _stated(answer: dict[str, Any]) -> float:
    """Give the error that an answer carries; one without it does not count."""
    error = answer["labels"]["error"].get("users")
    if not error or len(answer["rows"]) != len(GROUPS):
        raise RuntimeError(f"The answer does not state its error: {answer['labels']}")
    return float(error)
