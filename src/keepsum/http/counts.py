"""What a server counts while it answers: requests by workspace and route, and what became of records."""

from bisect import bisect_left
from dataclasses import dataclass, field

# Seconds: a request counts in the first bucket that it is not longer than, or in the one behind them all.
EDGES = (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)

OUTCOMES = ("accepted", "duplicate", "rejected")  # what becomes of a record

Asked = tuple[str, str, str, int]  # workspace, method, route, status


@dataclass(kw_only=True)
class Times:
    """How long requests took: how many in each bucket, and all their seconds."""

    buckets: list[int] = field(default_factory=lambda: [0] * (len(EDGES) + 1))
    seconds: float = 0.0


class Counts:
    """Grows with every request of one process and never shrinks; written by the event loop, read by any thread."""

    def __init__(self) -> None:
        self.requests: dict[Asked, int] = {}
        self.times: dict[tuple[str, str, str], Times] = {}
        self.records: dict[str, list[int]] = {}

    def request(self, workspace: str, method: str, route: str, status: int, seconds: float) -> None:
        """Count one request that was answered; `route` is the path as it was declared."""
        asked = (workspace, method, route, status)
        self.requests[asked] = self.requests.get(asked, 0) + 1
        times = self.times.get(asked[:3])
        if times is None:
            times = self.times[asked[:3]] = Times()
        times.buckets[bisect_left(EDGES, seconds)] += 1
        times.seconds += seconds

    def batch(self, workspace: str, *became: int) -> None:
        """Count the records of one batch by what became of them, in the order of `OUTCOMES`."""
        told = self.records.get(workspace)
        if told is None:
            told = self.records[workspace] = [0] * len(OUTCOMES)
        for place, count in enumerate(became):
            told[place] += count
