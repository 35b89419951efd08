"""How often somebody tried what was not right: counted in windows, by keyed marks that name nobody."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.sqlite import insert

from keepsum.store.database import Connection
from keepsum.store.tables import attempts

WINDOW = 15 * 60_000_000  # µs; it begins with the first attempt


@dataclass(frozen=True, kw_only=True)
class Limit:
    """How many attempts of one kind there may be in a window; the mark says of whom."""

    mark: str
    most: int


def count(connection: Connection, limits: Sequence[Limit], *, now: int) -> int:
    """Count an attempt before it is made and give 0; or, when a limit is reached, how many µs until the window ends.

    An attempt that may not be made is not counted, or knocking on would keep a door shut.
    """
    connection.execute(delete(attempts).where(attempts.c.since <= now - WINDOW))
    most = {limit.mark: limit.most for limit in limits}
    found = connection.execute(select(attempts).where(attempts.c.mark.in_(most))).mappings()
    full = [row["since"] + WINDOW - now for row in found if row["count"] >= most[row["mark"]]]
    if full:
        return max(full)
    for mark in most:
        made = insert(attempts).values(mark=mark, count=1, since=now)
        more = {"count": attempts.c.count + 1}
        connection.execute(made.on_conflict_do_update(index_elements=["mark"], set_=more))
    return 0


def take_back(connection: Connection, limits: Iterable[Limit]) -> None:
    """Count one attempt less: it was right."""
    theirs = attempts.c.mark.in_([limit.mark for limit in limits])
    connection.execute(update(attempts).where(theirs, attempts.c.count > 0).values(count=attempts.c.count - 1))


def forgive(connection: Connection, limit: Limit) -> None:
    """Forget all attempts that counted towards a limit."""
    connection.execute(delete(attempts).where(attempts.c.mark == limit.mark))
