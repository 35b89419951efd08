"""The store's own ceiling: rows that were built before, inserted with the id check, and nothing else.

`python -m bench.ceiling STREAM ROWS_A_COMMIT COMMITS`, in the environment of a new install, prints rows a second.
"""

import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from bench.events import bodies
from keepsum.assemble.install import open_system
from keepsum.assemble.system import System
from keepsum.engine.accept import Intake
from keepsum.engine.redact import Redactor
from keepsum.http import serve
from keepsum.model.layout import RecordLayout
from keepsum.pipeline.lot import lay_out
from keepsum.settings import load
from keepsum.store import records


@dataclass(frozen=True, kw_only=True)
class Built:
    """One commit's rows as the store takes them."""

    day: int
    days: Sequence[int]
    columns: Sequence[Sequence[Any]]
    pairs: Sequence[tuple[str, int]]


def main(stream: str, rows: int, commits: int) -> None:
    system = open_system(load())
    layout = system.workspace.layout(system.catalog.stream(stream))
    built = [_build(system, layout, body) for body in islice(bodies(rows, notes=stream == "notes"), commits)]
    serve._spare_the_collector_of_garbage()
    begin = time.perf_counter()
    for one in built:
        _insert(system, layout, one)
    print(rows * commits / (time.perf_counter() - begin))
    system.close()


def _build(system: System, layout: RecordLayout, body: bytes) -> Built:
    good = Intake(layout.stream).decode(body, lines=False, now=system.clock()).good
    keys, calendar = system.workspace.keys, system.calendar()
    lot = lay_out(layout, good, keys=keys, calendar=calendar, redactor=Redactor())
    days, columns = lot.rows(lot.days >= 0)
    pairs = [(str(key), row) for key, row in zip(lot.columns["key"], lot.row_hashes, strict=True)]
    return Built(day=days[0], days=days, columns=columns, pairs=pairs)


def _insert(system: System, layout: RecordLayout, built: Built) -> None:
    with system.workspace.file.write() as connection:
        if records.claim(connection, layout.stream.name, built.day, built.pairs) is not None:
            raise RuntimeError("A key was there before.")
        records.append(connection, layout, built.days, built.columns)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
