"""How often somebody may ask: so many requests a minute, which may come at once and are given back evenly.

This is the generic cell rate algorithm: of each caller one number is kept, the instant at which all of the quota is
there again.  The headers are those of the IETF's draft on rate limits (draft-ietf-httpapi-ratelimit-headers).
"""

import time
from collections.abc import Callable
from math import ceil

from keepsum.model.errors import Unavailable

WINDOW = 60.0  # seconds
LITTLE = 0.9 * WINDOW  # of which so much is spent
MOST = 50_000  # callers remembered by one limit

Header = tuple[bytes, bytes]


class TooManyRequests(Unavailable):
    """Somebody asked too often; `headers` say of which limit, `seconds` how long to wait."""

    def __init__(self, seconds: int, headers: tuple[Header, ...]) -> None:
        self.seconds, self.headers = seconds, headers
        message = f"Too many requests in a minute: try again in {seconds} seconds."
        super().__init__("TOO_MANY_REQUESTS", message)


class Limit:
    """A quota of requests a minute for each who asks, 0 for none at all; used by one thread.

    A brief one says what is left only when that is little.
    """

    def __init__(
        self, name: str, quota: int, *, brief: bool = False, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._clock, self._name, self._brief = clock, name.encode(), brief
        self._step = WINDOW / quota if quota else 0.0  # seconds after which one request is given back
        self._policy = (b"ratelimit-policy", b'"%s";q=%d;w=%d' % (self._name, quota, WINDOW))
        self._whole: dict[str, float] = {}  # by who asks, when the whole quota is there again

    def spend(self, who: str) -> tuple[Header, ...]:
        """Count one request and give the headers that say what is left; raises `TOO_MANY_REQUESTS`."""
        if not self._step:
            return ()
        now = self._clock()
        whole = max(self._whole.get(who, now), now)
        wait = whole + self._step - now - WINDOW
        if wait > 1e-6:  # what sums of floats are off by
            raise TooManyRequests(ceil(wait), (self._policy, self._left(whole - now)))
        if who not in self._whole and len(self._whole) >= MOST:
            self._forget(now)
        self._whole[who] = whole = whole + self._step
        if self._brief and whole - now < LITTLE:
            return ()
        return self._policy, self._left(whole - now)

    def _left(self, until_whole: float) -> Header:
        left = max(0, int((WINDOW - until_whole) / self._step + 1e-6))
        return b"ratelimit", b'"%s";r=%d;t=%d' % (self._name, left, ceil(until_whole))

    def _forget(self, now: float) -> None:
        """Forget whose quota is whole again; when that is hardly anybody, those who came first."""
        self._whole = {who: whole for who, whole in self._whole.items() if whole > now}
        if len(self._whole) > MOST // 2:
            self._whole = dict(list(self._whole.items())[MOST // 4 :])
