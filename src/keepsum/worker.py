"""The worker: fires schedules, leases a job, keeps the lease alive, and records how the job ended.

It does one job at a time, and beside it one of those that are prompt: what somebody waits for waits behind no long one.
"""

import threading
import time
from collections.abc import Callable, Collection
from contextlib import suppress
from types import TracebackType
from typing import Any, NamedTuple, Self

import structlog

from keepsum.engine.schedule import missed
from keepsum.model.errors import Invalid, KeepsumError, ProofFailed, about
from keepsum.model.job import JobState, JobStopped, Outcome, Progress
from keepsum.store import jobs, schedules, workers
from keepsum.store.database import Database
from keepsum.store.jobs import ANY, JobRow, Queue
from keepsum.store.schedules import ScheduleRow

BEAT_SECONDS = 1.0
BEATS_A_LEASE = 4
PAUSES_AFTER_AN_ERROR = 10
SEEN_EVERY = 15.0  # seconds
WAITED_OUT = 3_600_000_000  # µs that a clock may go back without firing anything again

_log: Any = structlog.get_logger(__name__)


class Worker:
    """One worker on the job table of an install; any number may work side by side.

    `carry_out` does a job and says what it did; a `KeepsumError` it raises ends the job as failed, a `ProofFailed` as
    held.  `prompt` are the names of the jobs that have a queue of their own, in a thread of it.  `clock` is business
    time in microseconds; `machine_clock` seconds that nobody sets, the same for all processes of the machine.
    """

    def __init__(
        self,
        control: Database,
        carry_out: Callable[[JobRow, Progress], Outcome],
        *,
        clock: Callable[[], int],
        machine_clock: Callable[[], float] = time.monotonic,
        name: str,
        prompt: Collection[str] = (),
        lease_seconds: float = 60.0,
        poll_seconds: float = 0.5,
    ) -> None:
        self._control = control
        self._carry_out = carry_out
        self._clock = clock
        self._machine_clock = machine_clock
        self._name = name
        self._prompt = prompt
        self._lease_seconds = lease_seconds
        self._poll_seconds = poll_seconds
        self._stop = threading.Event()
        self._said: set[tuple[str, ...]] = set()

    def run(self, stop: threading.Event) -> None:
        """Work until `stop` is set; jobs under way stop at their next progress and are queued again."""
        self._stop = stop
        _log.info("worker started", worker=self._name)
        beside = [threading.Thread(target=self._be_seen, name="presence", daemon=True)]
        if self._prompt:
            prompt = (Queue(only=self._prompt),)
            beside.append(threading.Thread(target=self._take, args=prompt, name="prompt jobs", daemon=True))
        for thread in beside:
            thread.start()
        self._take(Queue(never=self._prompt))
        for thread in beside:
            thread.join()
        _log.info("worker stopped", worker=self._name)

    def _be_seen(self) -> None:
        """Say now and then that this worker is there, and at last that it is not."""
        while True:
            try:
                workers.beat(self._control, self._name, now=self._clock(), machine_now=self._machine_clock())
            except Exception as error:  # noqa: BLE001 - whoever looks sees it missing, and work goes on
                _log.warning("worker not seen", worker=self._name, **about(error))
            if self._stop.wait(SEEN_EVERY):
                break
        with suppress(KeepsumError):
            workers.leave(self._control, self._name)

    def _take(self, queue: Queue) -> None:
        while not self._stop.is_set():
            self._stop.wait(self._step_and_pause(queue))

    def step(self, queue: Queue = ANY) -> bool:
        """Fire what is due and carry out one job; False if there was none."""
        for schedule in schedules.listing(self._control):
            if schedule.enabled:
                self._fire(schedule)
        began = self._machine_clock()
        run = jobs.claim(
            self._control,
            self._name,
            lease_seconds=self._lease_seconds,
            machine_now=began,
            now=self._clock(),
            queue=queue,
        )
        if run is not None:
            self._work_on(run, began)
            jobs.prune(self._control, self._clock())
        return run is not None

    def _step_and_pause(self, queue: Queue) -> float:
        """Take one step and give the seconds to wait before the next."""
        try:
            return 0.0 if self.step(queue) else self._poll_seconds
        except Exception as error:  # noqa: BLE001 - workers outlive what they could not do, and say so
            _log.error("worker could not work", worker=self._name, **about(error))
            return self._poll_seconds * PAUSES_AFTER_AN_ERROR

    def _fire(self, schedule: ScheduleRow) -> None:
        now = self._clock()
        named = {"workspace": schedule.workspace, "schedule": schedule.name}
        if schedule.fired_for > now:
            self._say_once("schedule fired ahead of the clock", **named, fired_for=str(schedule.fired_for))
            # A clock that is set right by seconds fires nothing twice; one that was far ahead silences nothing.
            if schedule.fired_for - now > WAITED_OUT:
                schedules.come_back(self._control, schedule, now)
            return
        try:
            instant = missed(schedule.cron, schedule.zone, schedule.fired_for, now)
        except Invalid as error:
            self._say_once("schedule not understood", **named, error=str(error))
            return
        if instant is not None:
            number = schedules.fire(self._control, schedule, instant, now)
            if number is not None:
                _log.info("schedule fired", **named, job=schedule.job, id=number)

    def _say_once(self, event: str, **named: str) -> None:
        what = (event, *named.values())
        if what not in self._said:
            self._said.add(what)
            _log.warning(event, **named)

    def _work_on(self, run: JobRow, began: float) -> None:
        log = _log.bind(worker=self._name, id=run.number, workspace=run.workspace, job=run.job, attempt=run.attempts)
        log.info("job started", cause=run.cause)
        lease = _Lease(self._control, run, began, self._machine_clock, self._lease_seconds, self._stop)
        try:
            with lease:
                ending = self._ending(run, lease, log)
        except BaseException as error:  # JobStopped, or what ends the process
            ours = jobs.release(self._control, run)
            log.warning("job stopped, queued again" if ours else "job taken over by another worker")
            if isinstance(error, JobStopped):
                return
            raise
        seconds = self._machine_clock() - began
        recorded = jobs.finish(self._control, run, now=self._clock(), seconds=seconds, **ending._asdict())
        if recorded:
            log.info("job ended", seconds=round(seconds, 3), **ending._asdict())
        else:
            log.warning("job taken over by another worker, result dropped", state=ending.state)

    def _ending(self, run: JobRow, lease: "_Lease", log: Any) -> "_Ending":
        """Carry the job out and give what is recorded of it."""
        try:
            outcome = self._carry_out(run, lease)
        except JobStopped:
            raise
        except KeepsumError as error:
            state = JobState.HELD if isinstance(error, ProofFailed) else JobState.FAILED
            return _Ending(state, lease.days, lease.rows, str(error))
        except Exception as error:  # noqa: BLE001 - whatever a job raises ends the job, not the worker
            log.error("job broke", **about(error))  # noqa: TRY400 - exception() would log the message too
            message = f"UNEXPECTED_ERROR: {type(error).__name__}; the worker's log says where it was raised."
            return _Ending(JobState.FAILED, lease.days, lease.rows, message)
        state = JobState.HELD if outcome.held else JobState.DONE
        return _Ending(state, outcome.days, outcome.rows, outcome.held)


class _Ending(NamedTuple):
    state: JobState
    days: int
    rows: int
    error: str | None


class _Lease:
    """The lease of one run, kept by a thread of its own while the job runs, and how far the job says it got."""

    def __init__(
        self,
        control: Database,
        run: JobRow,
        leased_at: float,
        machine_clock: Callable[[], float],
        lease_seconds: float,
        stop: threading.Event,
    ) -> None:
        self._control, self._run = control, run
        self._machine_clock, self._seconds = machine_clock, lease_seconds
        self._stop, self._over = stop, threading.Event()
        self._lost, self._beating = False, threading.Lock()
        # TRICKY: not the time of now, which is later: we would think it ours for a moment longer than others do.
        self._renewed = leased_at
        self.days, self.rows, self._percent = 0, 0, 0.0
        self._written = (0, 0, 0.0)
        self._thread = threading.Thread(target=self._keep, name=f"lease of job {run.number}", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()

    def progress(
        self,
        *,
        days: int | None = None,
        rows: int | None = None,
        total: int | None = None,
        percent: float | None = None,
    ) -> None:
        """Take note of how far the job got; raises `JobStopped` if it must not go on."""
        # TRICKY: a process that was paused wakes in the middle of its job, and the thread that asks may wake later.
        if self._is_over():
            self._beat()
        if self._lost:
            raise JobStopped("the lease went to another worker")
        if self._stop.is_set():
            raise JobStopped("the worker stops")
        self.days = self.days if days is None else days
        self.rows = self.rows if rows is None else rows
        if percent is None and total:
            percent = 100.0 * self.days / total
        if percent is not None:
            self._percent = min(max(percent, 0.0), 100.0)

    def _keep(self) -> None:
        pause = min(BEAT_SECONDS, self._seconds / BEATS_A_LEASE)
        while not self._lost and not self._over.wait(pause):
            self._beat()

    def _beat(self) -> None:
        with self._beating:
            try:
                self._lost = self._lost or not self._write()
            except Exception as error:  # noqa: BLE001 - tried again at the next beat, while the lease lasts
                self._lost = self._is_over()
                _log.warning("lease not renewed", id=self._run.number, lost=self._lost, **about(error))

    def _is_over(self) -> bool:
        return self._machine_clock() >= self._renewed + self._seconds

    def _write(self) -> bool:
        """Write down how far the job got, if it got farther, and renew in time; False if it is no longer ours."""
        reached = (self.days, self.rows, self._percent)
        if reached != self._written:
            days, rows, percent = reached
            if not jobs.progress(self._control, self._run, days=days, rows=rows, percent=percent):
                return False
            self._written = reached
        now = self._machine_clock()
        if now - self._renewed < self._seconds / BEATS_A_LEASE:
            return True
        if not jobs.renew(self._control, self._run, lease_seconds=self._seconds, machine_now=now):
            return False
        self._renewed = now
        return True
