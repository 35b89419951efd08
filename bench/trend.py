"""How fast a year's trend is answered once the records are gone, and whether it matters how many there were."""

import datetime as dt
from collections.abc import Mapping

from bench import outcome, year
from bench.asking import Asker, asking, times
from bench.collected import purged
from bench.install import served
from bench.outcome import Found, Line
from bench.run import Run, alternate

TITLE = "365-day trend of 5 series, labels and guard on"
GOAL, APART = 0.012, 0.20
SMALL, LARGE = 1_000_000, 20_000_000
TINY = 12_000


def measure(run: Run) -> Found:
    """Give the slowest twentieth over few and over many purged records, and from the finest grain."""
    days = run.sized(year.DAYS, 6)
    sizes = run.sized((SMALL, LARGE), (TINY, 2 * TINY))
    small, large = (purged(run, year.make(run, rows, days), "visits") for rows in sizes)
    with (
        served(small) as at_small,
        served(large) as at_large,
        asking(at_small, small.token) as few,
        asking(at_large, large.token) as many,
    ):
        _insist(few, days)
        _insist(many, days)
        count = run.sized(300, 20)
        took = alternate(
            run.runs,
            {"small": lambda: times(few, _trend(days), count), "large": lambda: times(many, _trend(days), count)},
        )
        finest = times(many, _finest(days), run.sized(20, 3), warm=2)
    return Found(lines=_lines(took, finest, sizes), samples={**took, "finest": finest})


def _lines(took: Mapping[str, list[list[float]]], finest: list[float], sizes: tuple[int, int]) -> tuple[Line, ...]:
    small, large = (outcome.median(outcome.percentile(round_, 0.95) for round_ in took[n]) for n in ("small", "large"))
    middle = outcome.median(outcome.median(round_) for round_ in took["large"])
    apart = large / small
    return (
        Line(
            row=TITLE,
            ours=outcome.seconds(large),
            goal=f"p95 < {GOAL * 1000:.0f} ms",
            met=large < GOAL,
            note=f"from `by_domain` over {sizes[1]:,} purged records; p50 {outcome.seconds(middle)}",
        ),
        Line(
            row="the same over 20 M against 1 M purged records",
            ours=outcome.seconds(large),
            other=outcome.seconds(small),
            ratio=apart,
            goal=f"within {APART:.0%}",
            met=apart <= 1 + APART,
        ),
        Line(row="the same from the finest grain", ours=outcome.seconds(outcome.percentile(finest, 0.95))),
    )


def _trend(days: int) -> dict[str, object]:
    return {**_year(days), "metrics": ["visits", "visited"], "by": ["domain"]}


def _finest(days: int) -> dict[str, object]:
    """A question that only the rollup with all four dimensions answers: the same series, of every provider."""
    return {**_trend(days), "where": {"provider": ["alpha", "beta", "gamma", "delta"]}}


def _year(days: int) -> dict[str, object]:
    last = year.FIRST + dt.timedelta(days=days - 1)
    return {"grain": "day", "from": str(year.FIRST), "to": str(last), "guarded": True}


def _insist(asker: Asker, days: int) -> None:
    """Be sure that the answer is whole, labelled and guarded before its time counts."""
    answer = asker.ask(_trend(days)).answer
    labels = answer["labels"]
    if len(answer["rows"]) < days or labels["coverage"]["missing"] or not labels["guarded"] or not labels["final"]:
        raise RuntimeError(f"The trend is not whole: {len(answer['rows'])} rows, {labels}")
