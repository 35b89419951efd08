"""What the log says of a night, line by line as the job that this one replaces said it."""

from collections.abc import Iterator

from keepsum import Ask, Night, Nightly
from keepsum.packs.wallet.streams import ENTRIES

FIGURES = ("credited", "debited", "active_users")


def lines(ask: Ask, night: Night) -> Iterator[str]:
    """Give what was processed, day by day."""
    days = night.sealed.get(ENTRIES.name, ())
    yield "=== Analytics ETL Job Started ==="
    yield f"Processing date range: {days[0]} to {days[-1]}" if days else "No data to process"
    for day in days:
        (row,) = ask({"metrics": FIGURES, "from": day, "to": day}).by_column()
        yield f"Processing date: {day}"
        yield f"  - Processed {day}: " + ", ".join(f"{name}={row[name]}" for name in FIGURES)
    yield f"Total dates processed: {len(days)}"
    yield "Cleaning up expired exports..."
    yield f"Cleaned up {night.expired} expired export(s)"
    yield f"=== Analytics ETL Job Completed {'With Days Held' if night.held else 'Successfully'} ==="


NIGHTLY = Nightly("0 3 * * *", lines=lines)
