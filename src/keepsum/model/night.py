"""The night of a pack: when its work is done, and what the log says of it in the pack's own words."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from keepsum.model.route import Ask


@dataclass(frozen=True, kw_only=True)
class Night:
    """What a night's work came to.

    `sealed` are the days that were rolled and proven, by stream and in order, those that were sealed before and touched
    since among them; `expired` is how many exports were cleaned up; `held` says what waits for a person, if anything.
    """

    sealed: Mapping[str, tuple[date, ...]]
    expired: int = 0
    held: str | None = None


@dataclass(frozen=True)
class Nightly:
    """When the nightly job of a workspace with the pack runs, as cron in the workspace's zone.

    An install that sets `--nightly` overrules it; of several packs the first one counts. `lines(ask, night)` gives what
    the log says when the work is done: figures, never a value of a record.
    """

    cron: str
    lines: Callable[[Ask, Night], Iterable[str]] | None = None
