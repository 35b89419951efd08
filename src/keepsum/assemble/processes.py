"""Rolls a backlog side by side, in this process and in helpers of it."""

import contextlib
import signal
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence

from keepsum.pipeline import roll
from keepsum.pipeline.jobs import Means
from keepsum.pipeline.proof import Outcome
from keepsum.pipeline.roll import Batch
from keepsum.store.workspace import Workspace

PARALLEL_FROM = 400_000  # records of a backlog from which more processes are worth their start
AHEAD = 2  # batches that a process has at once, so that it never waits for the next one


def helpers_for(workspace: Workspace, batches: Sequence[Batch], *, most: int) -> int:
    """Give how many processes beside this one are worth their start, when there may be so many in all."""
    more = min(most, len(batches)) - 1
    return more if more > 0 and roll.backlog(workspace, batches) >= PARALLEL_FROM else 0


@contextlib.contextmanager
def side_by_side(
    again: Callable[[], Means], helpers: int
) -> Generator[Callable[[Callable[[Batch], Outcome], Sequence[Batch]], Iterator[Outcome]]]:
    """Give a map over batches on helpers and here, each taking the next one as soon as it is free.

    `again` opens in a helper what is open here; it goes there by pickle.
    """
    from concurrent.futures import (  # noqa: PLC0415 - few commands have a backlog, all would wait for it
        FIRST_COMPLETED,
        Future,
        ProcessPoolExecutor,
        wait,
    )
    from multiprocessing import get_context  # noqa: PLC0415 - the same

    def each(here: Callable[[Batch], Outcome], batches: Sequence[Batch]) -> Iterator[Outcome]:
        left, away = deque(batches), set[Future[Outcome]]()
        while left or away:
            while left and len(away) < helpers * AHEAD:
                away.add(pool.submit(_roll_in_process, left.popleft()))
            if left:
                yield here(left.popleft())
            ended = wait(away, timeout=0 if left else None, return_when=FIRST_COMPLETED).done
            away.difference_update(ended)
            yield from (one.result() for one in ended)

    # TRICKY: DuckDB and open files do not survive a fork, so helpers start anew and open everything themselves.
    with ProcessPoolExecutor(helpers, get_context("spawn"), initializer=_start_process, initargs=(again,)) as pool:
        yield each


_process: dict[str, Means] = {}


def _start_process(again: Callable[[], Means]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that waits for this one
    _process["means"] = again()


def _roll_in_process(batch: Batch) -> Outcome:
    means = _process["means"]
    return roll.roll_batch(means.workspace, means.calendar(), batch, now=means.clock())
