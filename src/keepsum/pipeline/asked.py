"""What an application's own database was asked lately: good for some seconds, asked once for all who wait."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

FRESH = 10.0  # seconds of the machine for which an answer is good enough
MOST = 2_048
_TURNS = 64

T = TypeVar("T")


class Asked(Generic[T]):
    """Answers of databases by what was asked of which day; the oldest are forgotten first. Shared by all threads."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._found: OrderedDict[Hashable, tuple[float, T]] = OrderedDict()
        self._lock = threading.Lock()
        # Of each day one asks while the others wait; that some days share a turn costs little.
        self._turns = [threading.Lock() for _ in range(_TURNS)]

    def get(self, day: Hashable, what: Hashable, ask: Callable[[], T]) -> T:
        """Give what is known of a day, or ask when nobody else does and remember it.

        It was asked for at most `FRESH` seconds before the call, however long a slow database then took.
        """
        came = self._clock()
        with self._turns[hash(day) % _TURNS]:
            known = self._found.get((day, what))
            if known is not None and came < known[0] + FRESH:
                return known[1]
            began = self._clock()
            found = ask()
            with self._lock:
                self._found[day, what] = (began, found)
                self._found.move_to_end((day, what))
                while len(self._found) > MOST:
                    self._found.popitem(last=False)
            return found
