"""What the demo shows: before and after side by side, estimates beside the truth, the owner beside a guarded caller."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from keepsum.cli.demo.story import EXACT, Asked, Told
from keepsum.cli.screen import cell, table
from keepsum.model.counted import counted

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table

WORDS = {
    "revenue": "net revenue, GBP",
    "lines": "lines",
    "cancelled_lines": "of them cancelled",
    "units": "units",
    "invoices": "invoices",
}
GUARD = (
    "Guarded callers see a day by country only where every group, the small ones added up, has 10 people or more and "
    "is not mostly one person's; else its total is (hidden). Days whose total is not safe either are left out"
)
TICK, CROSS = "[green]✓[/]", "[bold red]✗[/]"


def lines(told: Told, seconds: float) -> "Iterator[RenderableType]":
    """Draw everything, in the order of the story."""
    yield _months(told)
    yield _customers(told)
    yield _days(told)
    yield ""
    yield _countries(told)
    yield f"[dim]{GUARD}: {_withheld(told.after['guarded countries'])} here.[/]"
    held = f"{TICK} every answer is the same after the purge" if told.holds else f"{CROSS} something differs"
    yield f"{held}; ledger head [dim]{told.ledger['head']}[/]"
    yield f"[dim]{seconds:.1f} seconds[/]"
    yield ""


def _months(told: Told) -> "Table":
    before, after = told.before["months"], told.after["months"]
    drawn = table(("", "month", ">before the purge", ">after", ""), (), title="The same questions, before and after")
    for name in EXACT:
        for place, start in enumerate(before.column("time")):
            one, other = before.column(name)[place], after.column(name)[place]
            drawn.add_row("" if place else WORDS[name], start[:7], cell(one), cell(other), _tick(one == other))
        drawn.add_section()
    return drawn


def _customers(told: Told) -> "Table":
    """Draw estimates beside the truth: the whole, each month, and the day that is farthest off."""
    columns = ("customers", ">truth", ">before", ">after", ">stated error", ">off by", "")
    drawn = table(columns, (), title="People: estimates from registers, beside the truth")
    drawn.add_row("all three months", *_estimate(told, "whole", 0, ""))
    for place, start in enumerate(told.after["months"].column("time")):
        drawn.add_row(start[:7], *_estimate(told, "months", place, start[:7]))
    drawn.add_section()
    days = told.after["days"]
    gaps = [abs(_gap(told, days, place, date)) for place, date in enumerate(days.column("time"))]
    worst = max(range(len(gaps)), key=gaps.__getitem__)
    date = days.column("time")[worst]
    drawn.add_row(f"{date}, farthest off", *_estimate(told, "days", worst, date))
    return drawn


def _estimate(told: Told, question: str, place: int, start: str) -> "Iterator[RenderableType]":
    before, after = told.before[question], told.after[question]
    estimate, error = after.column("customers")[place], after.column("customers:error")[place]
    gap = _gap(told, after, place, start)
    same = before.column("customers")[place] == estimate
    yield cell(told.truth.between(start))
    yield cell(before.column("customers")[place])
    yield cell(estimate)
    yield f"± {error:,}"
    yield f"{gap:+,}" if gap else "0"
    yield _tick(same and abs(gap) <= error)


def _gap(told: Told, asked: Asked, place: int, start: str) -> int:
    return int(asked.column("customers")[place]) - told.truth.between(start)


def _days(told: Told) -> str:
    days = told.after["days"]
    empty = sum(count == 0 for count in days.column("lines"))
    missing = len(days.labels["coverage"]["missing"])
    within = sum(
        abs(_gap(told, days, place, date)) <= days.column("customers:error")[place]
        for place, date in enumerate(days.column("time"))
    )
    return (
        f"{counted(len(days.rows), 'days')}: {empty} without sales are zeros, {missing} are missing; "
        f"customers are within the stated error on {within} of them"
    )


def _countries(told: Told) -> "RenderableType":
    from rich.table import Table

    side_by_side = Table.grid(padding=(0, 4))
    owner = _top(told.after["countries"], "As the owner sees it")
    guarded = _top(told.after["guarded countries"], "As a guarded caller sees it")
    side_by_side.add_row(owner, guarded)
    return side_by_side


def _withheld(asked: Asked) -> int:
    """Count the days of an answer that none of its figures is of."""
    return int(asked.labels["coverage"]["days"]) - sum(asked.labels["sources"].values())


def _top(asked: Asked, title: str) -> "Table":
    rows = list(zip(asked.column("country"), asked.column("revenue"), strict=True))
    drawn = table(("country", ">net revenue, GBP"), rows, title=title)
    if asked.totals is not None:
        total: Any = asked.totals[asked.names.index("revenue")]
        drawn.add_section()
        drawn.add_row("total", cell(total), style="bold")
    return drawn


def _tick(equal: bool) -> str:  # noqa: FBT001 -- there is nothing else to say
    return TICK if equal else CROSS
