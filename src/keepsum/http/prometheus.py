"""`/metrics`: figures for Prometheus, of the workspace of whoever asks, or of all where a setting opens it."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate
from typing import Any

from fastapi import APIRouter
from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector
from starlette.requests import Request
from starlette.responses import Response

from keepsum.assemble.install import Install
from keepsum.assemble.system import System
from keepsum.engine.access import require
from keepsum.http.counts import EDGES, OUTCOMES, Counts
from keepsum.http.docs import VERSION
from keepsum.http.parameters import StrictRoute, caller_of
from keepsum.http.problems import documented
from keepsum.model.access import Caller, Permission
from keepsum.model.errors import KeepsumError
from keepsum.model.job import JobState
from keepsum.pipeline.survey import StreamSurvey, survey
from keepsum.store import jobs, workspaces

SECOND = 1_000_000  # µs

Told = tuple[str, tuple[str, ...], float]  # a gauge, the values of its labels behind the workspace's, its own

router = APIRouter(tags=["health"], route_class=StrictRoute)

TEXT: Any = {
    200: {
        "description": "Figures in the text format of Prometheus, or in OpenMetrics for those who accept it.",
        "content": {"text/plain": {"schema": {"type": "string"}, "example": 'keepsum_held_days{stream="orders"} 0\n'}},
    }
}


@router.get(
    "/metrics",
    summary="Read figures for Prometheus",
    response_class=Response,
    responses={**documented(400, 503), **TEXT},
)
def show_figures(request: Request) -> Response:
    """Give the figures of the caller's workspace; where `open_metrics` is set, anybody gets those of all workspaces
    and of the process.
    """
    install: Install = request.app.state.install
    caller = None if install.settings.open_metrics else caller_of(request.scope)
    if caller is not None:
        require(caller, Permission.ADMINISTER)
    encode, media_type = choose_encoder(request.headers.get("accept", ""))
    body = encode(figures(install, request.app.state.counts, caller))
    return Response(body, headers={"content-type": media_type, "cache-control": "no-store"})


def figures(install: Install, counts: Counts, caller: Caller | None) -> CollectorRegistry:
    """Give what a caller may see; of nobody in particular, all workspaces and the process."""
    registry = CollectorRegistry()
    registry.register(_Figures(install, counts, caller))
    if caller is None:
        ProcessCollector(registry=registry)
    return registry


class _Figures(Collector):
    """What is counted and what is looked up."""

    def __init__(self, install: Install, counts: Counts, caller: Caller | None) -> None:
        self._install, self._counts = install, counts
        self._of = caller and caller.workspace

    def describe(self) -> Iterable[Metric]:
        """Give nothing: a look at every workspace before the real one would be for names alone."""
        return ()

    def collect(self) -> Iterator[Metric]:
        """Give all figures as they are now."""
        info = GaugeMetricFamily("keepsum_info", "Which version runs.", labels=("version",))
        info.add_metric((VERSION,), 1)
        yield info
        yield from _requests(self._counts, self._of)
        yield _records(self._counts, self._of)
        yield from self._workspaces()

    def _workspaces(self) -> Iterable[Metric]:
        families = {
            name: GaugeMetricFamily(f"keepsum_{name}", about, labels=("workspace", *labels))
            for name, about, labels in _GAUGES
        }
        for entry in workspaces.listing(self._install.control):
            if self._of not in (None, entry.id):
                continue
            try:
                told = list(_told(self._install.system(entry.id)))
            except KeepsumError:
                told = []  # the log and /health say what is wrong with it
            for name, labels, value in (("workspace_up", (entry.name,), float(bool(told))), *told):
                families[name].add_metric((entry.id, *labels), value)
        return families.values()


def _requests(counts: Counts, of: str | None) -> Iterator[Metric]:
    labels = ("workspace", "method", "route")
    ended = CounterMetricFamily("keepsum_requests", "Requests by how they ended.", labels=(*labels, "status"))
    took = HistogramMetricFamily("keepsum_request_seconds", "How long requests took.", labels=labels)
    for (*where, status), count in dict(counts.requests).items():
        if of in (None, where[0]):
            ended.add_metric((*where, str(status)), count)
    for where, times in dict(counts.times).items():
        if of in (None, where[0]):
            sums = accumulate(times.buckets)
            edges = (*map(str, EDGES), "+Inf")
            took.add_metric(where, list(zip(edges, sums, strict=True)), times.seconds)
    return iter((ended, took))


def _records(counts: Counts, of: str | None) -> Metric:
    family = CounterMetricFamily(
        "keepsum_records", "Records sent over HTTP by what became of them.", labels=("workspace", "outcome")
    )
    for workspace, became in dict(counts.records).items():
        for outcome, count in zip(OUTCOMES, became, strict=True):
            if of in (None, workspace):
                family.add_metric((workspace, outcome), count)
    return family


# Name, what it says, and its labels behind the workspace's.
_GAUGES: Sequence[tuple[str, str, tuple[str, ...]]] = (
    ("workspace_up", "Whether the workspace's files can be used.", ("name",)),
    ("jobs", "Jobs by state; queued ones wait for a worker.", ("state",)),
    ("oldest_queued_job_seconds", "How long the oldest queued job waits.", ()),
    ("living_records", "Records that are not purged.", ("stream",)),
    ("held_days", "Days that wait for a person.", ("stream",)),
    ("seal_lag_seconds", "How long the oldest day that should be sealed has been over.", ("stream",)),
    ("purge_lag_seconds", "How long ago the oldest records had to be gone.", ("stream",)),
)


def _told(system: System) -> Iterator[Told]:
    now = system.clock()
    counts, since = jobs.counts(system.control, system.id)
    for state in JobState:
        yield "jobs", (state.value,), counts[state]
    yield "oldest_queued_job_seconds", (), 0 if since is None else max(0, now - since) / SECOND
    for stream in survey(system.workspace, system.calendar(), now=now).streams:
        yield from _of_stream(stream)


def _of_stream(stream: StreamSurvey) -> Iterator[Told]:
    yield "living_records", (stream.stream,), stream.living
    yield "held_days", (stream.stream,), len(stream.held)
    yield "seal_lag_seconds", (stream.stream,), stream.seal_lag / SECOND
    yield "purge_lag_seconds", (stream.stream,), stream.purge_lag / SECOND
