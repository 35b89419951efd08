"""Rolls a backlog side by side, in this process and in helpers of it."""

import contextlib
import gc
import os
import signal
import threading
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from keepsum.model.errors import Unavailable
from keepsum.pipeline import roll
from keepsum.pipeline.jobs import Means
from keepsum.pipeline.proof import Batch, Outcome
from keepsum.store.workspace import Workspace

if TYPE_CHECKING:
    from concurrent.futures import Future
    from multiprocessing.connection import Connection

PARALLEL_FROM = 400_000  # records of a backlog from which more processes are worth their start
LET_GO = 1  # what a helper ends with when nobody waits for it any more


def helpers_for(workspace: Workspace, batches: Sequence[Batch], *, most: int) -> int:
    """Give how many processes beside this one are worth their start, when there may be so many in all."""
    more = min(most, len(batches)) - 1
    return more if more > 0 and roll.backlog(workspace, batches) >= PARALLEL_FROM else 0


@contextlib.contextmanager
def side_by_side(
    again: Callable[[], Means], helpers: int, scratch: Path
) -> Generator[Callable[[Callable[[Batch], Outcome], Sequence[Batch]], Iterator[Outcome]]]:
    """Give a map over batches, once: each is taken by whoever is free first, a helper or this process.

    `again` opens in a helper what is open here; it goes there by pickle. When the block fails, or this process dies,
    helpers end at once, in the middle of a batch, which is written wholly or not at all. Raises `HELPER_ENDED` when one
    of them dies.
    """
    from concurrent.futures import (  # noqa: PLC0415 - few commands have a backlog, all would wait for it
        ProcessPoolExecutor,
        as_completed,
        wait,
    )
    from multiprocessing import get_context  # noqa: PLC0415 - the same

    def each(here: Callable[[Batch], Outcome], batches: Sequence[Batch]) -> Iterator[Outcome]:
        with _without_interrupts():
            away = {pool.submit(_roll_in_process, batches) for _ in batches}  # as many turns as there can be
        while (batch := turns.take(batches)) is not None:
            yield here(batch)
            ended = wait(away, timeout=0).done
            away.difference_update(ended)
            yield from _rolled(ended)
        yield from _rolled(as_completed(away))

    # TRICKY: DuckDB and open files do not survive a fork, so helpers start anew and open everything themselves.
    context = get_context("spawn")
    leash, held = context.Pipe(duplex=False)
    with contextlib.closing(held), TemporaryDirectory(prefix="turns-", dir=scratch) as folder:
        turns = _Turns(Path(folder))
        initial = (again, turns, leash, gc.get_threshold())
        with ProcessPoolExecutor(helpers, context, initializer=_start_process, initargs=initial) as pool:
            try:
                yield each
            except BaseException:
                held.close()
                raise


@contextlib.contextmanager
def _without_interrupts() -> Generator[None]:
    """Keep Ctrl-C waiting, in this thread and for good in the processes it starts: it is for who waits for them."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


class _Turns:
    """Gives batches out in their order, each once among all processes; who dies keeps nobody waiting."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._next = folder, 0

    def take(self, batches: Sequence[Batch]) -> Batch | None:
        """Take the next batch that nobody took, by making a file of its number; None when there is none."""
        for place in range(self._next, len(batches)):
            self._next = place + 1
            with contextlib.suppress(FileExistsError):
                (self._folder / str(place)).touch(exist_ok=False)
                return batches[place]
        return None


def _rolled(turns: "Iterable[Future[Outcome | None]]") -> Iterator[Outcome]:
    outcomes = map(_outcome, turns)
    return (outcome for outcome in outcomes if outcome is not None)


def _outcome(turn: "Future[Outcome | None]") -> Outcome | None:
    from concurrent.futures.process import BrokenProcessPool  # noqa: PLC0415 - the same

    try:
        return turn.result()
    except BrokenProcessPool as error:
        message = "A process that helped to roll has ended before its time: what was sealed stays, so roll again."
        raise Unavailable("HELPER_ENDED", message) from error


_process: "dict[str, tuple[Means, _Turns]]" = {}


def _start_process(
    again: Callable[[], Means], turns: _Turns, leash: "Connection", threshold: tuple[int, int, int]
) -> None:
    threading.Thread(target=_end_with, args=(leash,), daemon=True).start()
    gc.set_threshold(*threshold)  # who is helped knows how seldom there is garbage to look for
    _process["mine"] = again(), turns


def _end_with(leash: "Connection") -> None:
    """Wait until the other end is closed, by who is helped or by its death, and end this process at once."""
    with contextlib.suppress(EOFError):
        leash.recv_bytes()
    os._exit(LET_GO)


def _roll_in_process(batches: Sequence[Batch]) -> Outcome | None:
    """Take a turn: roll the next batch, if there is one."""
    means, turns = _process["mine"]
    batch = turns.take(batches)
    return None if batch is None else roll.roll_batch(means.workspace, means.calendar(), batch, now=means.clock())
