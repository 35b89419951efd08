"""`python -m bench [NAME...]`: measure, keep the results, and print one table; a row that cannot run says why."""

import argparse
import importlib
import os
import signal
import sys
import traceback
from pathlib import Path

from bench import machine, outcome
from bench.outcome import CannotRun, Found, Line
from bench.run import Run, discard

ROOT = Path(__file__).parents[1]

# The measurements in the order they run, quick ones first; each is a module with TITLE and measure(run).
NAMES = (
    "start",
    "checking",
    "ingest",
    "service",
    "singles",
    "live",
    "backfill",
    "exporting",
    "attached",
    "purging",
    "day",
    "trend",
    "uniques",
    "overview",
    "interface",
)


def main() -> int:
    """Give 0, or 1 when a measurement broke; a goal that was missed is no failure of the run."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # who ends it finds no server left behind either
    given = _arguments()
    cache = given.cache.resolve()
    run = Run(runs=given.runs, quick=given.quick, cache=cache, work=cache / f"work-{os.getpid()}")
    lines: list[Line] = []
    broken = False
    try:
        for name in given.names or NAMES:
            found, failed = _measured(name, run, given.out)
            lines.extend(found.lines)
            broken |= failed
    except KeyboardInterrupt:
        broken = True
    finally:
        discard(run.work)
    outcome.show(lines)
    return int(broken)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench ARGS=...", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", choices=[*NAMES, []], help=f"any of: {', '.join(NAMES)}")
    parser.add_argument("--quick", action="store_true", help="tiny sizes: shows that everything runs, measures nothing")
    parser.add_argument("--runs", type=int, default=5, help="rounds to take the median of (default 5)")
    parser.add_argument("--out", type=Path, default=ROOT / "bench" / "results", help="where results are written")
    parser.add_argument("--cache", type=Path, default=ROOT / ".cache" / "bench", help="data, peers and scratch space")
    return parser.parse_args()


def _measured(name: str, run: Run, out: Path) -> tuple[Found, bool]:
    """Measure one thing; give what was found and whether it broke."""
    module = importlib.import_module(f"bench.{name}")
    print(f"{name}: {module.TITLE}", file=sys.stderr, flush=True)
    facts = machine.facts() | {"runs": run.runs, "quick": run.quick}
    failed = False
    try:
        found: Found = module.measure(run)
    except CannotRun as error:
        found = outcome.missing(module.TITLE, str(error))
    except Exception as error:  # noqa: BLE001 - one broken measurement must not take the others along
        traceback.print_exc()
        found, failed = outcome.missing(module.TITLE, f"broken: {type(error).__name__}: {error}"), True
    outcome.show(found.lines, outcome.printer(stderr=True))
    if not run.quick:
        outcome.keep(out, name, found, facts)
    return found, failed


if __name__ == "__main__":
    sys.exit(main())
