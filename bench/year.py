"""The year of 10 M events that everybody rolls up: the same bytes on every machine, a Parquet file a day."""

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from bench.pack import COUNTRIES, DOMAINS, PROVIDERS, TYPES
from bench.run import Run, keep

FIRST = dt.date(2025, 1, 1)
DAYS = 365
USERS = 500_000
SEED = 7
FULL = 10_000_000
GROUPS, CENTS = 521_648, 14_371_140_907  # of the full year, so that nobody measures other data

_DAY = 86_400_000_000
_HOUR = 3_600_000_000
_TYPES_A_DOMAIN = np.array(TYPES).reshape(len(DOMAINS), -1)


@dataclass(frozen=True, kw_only=True)
class Year:
    """A folder with one file a day, `<date>.parquet`, from 2025-01-01 on."""

    folder: Path
    rows: int
    days: int

    @property
    def files(self) -> list[Path]:
        return sorted(self.folder.glob("*.parquet"))

    @property
    def pattern(self) -> str:
        return str(self.folder / "*.parquet")


def make(run: Run, rows: int = FULL, days: int = DAYS) -> Year:
    """Give the year from the cache, made when it is not there; the full one is checked against its known totals."""
    year = Year(folder=run.cache / f"year-{rows}-{days}", rows=rows, days=days)
    if not year.folder.exists():
        making = Year(folder=run.folder("year"), rows=rows, days=days)
        for i in range(days):
            count = rows * (i + 1) // days - rows * i // days
            day = FIRST + dt.timedelta(days=i)
            pq.write_table(events_of(day, count), making.folder / f"{day}.parquet", compression="zstd")
        if (rows, days) == (FULL, DAYS):
            check(making)
        keep(making.folder, year.folder)
    return year


def check(year: Year) -> None:
    """Insist on the totals that everybody who made this year has."""
    groups = "SELECT sum(amount_cents) AS cents, count(*) AS events FROM read_parquet(?) GROUP BY ts::DATE, "
    totals = f"SELECT count(*), sum(cents)::BIGINT, sum(events)::BIGINT FROM ({groups} domain, type, provider, country)"
    found = duckdb.execute(totals, [year.pattern]).fetchall()[0]
    if found != (GROUPS, CENTS, FULL):
        raise SystemExit("The year is another one: {} groups, {} cents, {} events.".format(*found))


def events_of(day: dt.date, count: int, seed: int = SEED) -> pa.Table:
    """Give a day's events: countries as Zipf has them, people heavy-tailed, amounts and durations log-normal.

    TRICKY: the order of the draws is the data; a draw more or less gives another year.
    """
    draw = np.random.default_rng([seed, day.toordinal()])
    domain = draw.choice(len(DOMAINS), count, p=[0.20, 0.15, 0.25, 0.05, 0.35])
    kind = draw.choice(_TYPES_A_DOMAIN.shape[1], count, p=[0.55, 0.25, 0.12, 0.08])
    provider = draw.choice(len(PROVIDERS), count, p=[0.45, 0.30, 0.15, 0.10])
    country = draw.choice(len(COUNTRIES), count, p=_zipf(len(COUNTRIES), 1.1))
    user = (USERS * draw.random(count) ** 2.5).astype(np.int64)
    time = np.sort((draw.random(count) * _DAY).astype(np.int64))
    keys = draw.bytes(16 * count).hex()
    amount = np.where(domain <= 1, draw.lognormal(8, 0.8, count).astype(np.int64), 0)
    duration = np.minimum(draw.lognormal(5, 1.0, count), 600_000).astype(np.int32)
    begin = np.datetime64(day.isoformat(), "us").astype(np.int64)
    return pa.table(
        {
            "event_id": pa.array([keys[i : i + 32] for i in range(0, 32 * count, 32)]),
            "ts": pa.array(begin + time, pa.timestamp("us")),
            "user_id": pa.array(np.char.add("u", np.char.zfill(user.astype(str), 7))),
            "session_id": pa.array((user * 1000 + time // _HOUR).astype(str)),
            "domain": pa.array(np.array(DOMAINS)[domain]),
            "type": pa.array(_TYPES_A_DOMAIN[domain, kind]),
            "provider": pa.array(np.array(PROVIDERS)[provider]),
            "country": pa.array(np.array(COUNTRIES)[country]),
            "amount_cents": pa.array(amount),
            "duration_ms": pa.array(duration),
        }
    )


def _zipf(count: int, exponent: float) -> np.ndarray:
    weights = 1 / np.arange(1, count + 1) ** exponent
    return weights / weights.sum()
