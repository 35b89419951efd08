"""What browsers are told, and what is asked of them: security headers, other origins, cookies, and whose page it was.

A cookie goes along with every request, whoever's page makes it.  So a request that changes something and comes with a
cookie has to come from our own page (`Sec-Fetch-Site`, else `Origin`), and to repeat what only our page can have read.
"""

import secrets

from starlette.responses import Response

from keepsum.http.arrival import Arrival, Headers
from keepsum.http.limits import Header
from keepsum.model.errors import Forbidden
from keepsum.settings import Settings

SAFE = frozenset(("GET", "HEAD", "OPTIONS"))
CSRF = b"x-csrf-token"
SESSION, DEVICE = "keepsum_session", "keepsum_device"
OURS = "__Host-"  # a prefix that browsers let nobody set but this host, encrypted
A_YEAR = 365 * 86_400  # seconds
LONGEST_COOKIE = 8_192  # bytes of a cookie header worth reading

# What every response has unless it says otherwise itself.
ALWAYS: tuple[Header, ...] = (
    (b"cache-control", b"no-store"),
    (b"content-security-policy", b"default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
)
ENCRYPTED: tuple[Header, ...] = (*ALWAYS, (b"strict-transport-security", b"max-age=%d" % A_YEAR))

METHODS = b"GET, POST, PUT, PATCH, DELETE"
SENT = b"authorization, content-type, content-encoding, x-request-id"
READ = b"ratelimit, ratelimit-policy, retry-after, x-request-id"


class Browsers:
    """Gives the headers of responses, and answers what other origins may do."""

    def __init__(self, settings: Settings) -> None:
        self._origins = frozenset(origin.encode() for origin in settings.origins)
        self._ours = settings.public_url or ""

    def headers(self, arrival: Arrival, given: Headers, *, brief: bool = False) -> tuple[Header, ...]:
        """Give the headers of every response to a request; none where no browser will show it and each one costs."""
        if brief and b"sec-fetch-site" not in given and b"origin" not in given:
            return ()
        always = ENCRYPTED if arrival.is_secure else ALWAYS
        if not self._origins:
            return always
        return (*always, (b"vary", b"Origin"), *self._shared(given))

    def _shared(self, given: Headers) -> tuple[Header, ...]:
        """Let a page of a listed origin read the response; cookies do not go along, so it has to have a token."""
        origin = given.get(b"origin")
        if origin not in self._origins:
            return ()
        return (b"access-control-allow-origin", origin), (b"access-control-expose-headers", READ)

    def preflight(self, method: str, given: Headers) -> tuple[Header, ...]:
        """Give what a listed origin may send, if that is what it asks before it sends anything; else nothing."""
        if method != "OPTIONS" or b"access-control-request-method" not in given:
            return ()
        if given.get(b"origin") not in self._origins:
            return ()
        allowed = (b"access-control-allow-methods", METHODS), (b"access-control-allow-headers", SENT)
        return (*allowed, (b"access-control-max-age", b"600"))

    def check_page(self, arrival: Arrival, given: Headers) -> None:
        """Raise `CROSS_SITE` for a request that a page of somebody else's made; what is no browser says nothing."""
        site, origin = given.get(b"sec-fetch-site"), given.get(b"origin")
        if site is not None:
            is_ours = site in {b"same-origin", b"none"}
        else:
            is_ours = origin is None or origin.decode("latin-1").lower() in self._own(arrival)
        if not is_ours:
            raise Forbidden("CROSS_SITE", "Another site's page made this request: use a token, or this server's pages.")

    def _own(self, arrival: Arrival) -> set[str]:
        return {one.lower() for one in (arrival.base, self._ours) if one}


def check_csrf(csrf: str, given: Headers) -> None:
    """Raise `CSRF_TOKEN_MISSING` unless a request repeats what our own page has read from the session."""
    if not secrets.compare_digest(given.get(CSRF, b""), csrf.encode()):
        message = "A request with a cookie that changes something says X-CSRF-Token, as GET /v1/session gives it."
        raise Forbidden("CSRF_TOKEN_MISSING", message)


def cookie(name: str, arrival: Arrival, given: Headers) -> str | None:
    """Give the value of one of our cookies; over an encrypted way only under the name that nobody else can set."""
    header = given.get(b"cookie", b"")
    if len(header) > LONGEST_COOKIE:
        return None
    wanted = _named(name, arrival).encode()
    for part in header.split(b";"):
        found, _, value = part.strip().partition(b"=")
        if found == wanted:
            return value.decode("latin-1")
    return None


def set_cookie(response: Response, name: str, value: str, arrival: Arrival, *, seconds: int) -> None:
    """Let a browser keep a cookie of ours, which no script reads and no other site's form sends."""
    response.set_cookie(
        _named(name, arrival),
        value,
        max_age=max(0, seconds),
        path="/",
        secure=arrival.is_secure,
        httponly=True,
        samesite="lax",
    )


def drop_cookie(response: Response, name: str, arrival: Arrival) -> None:
    """Let a browser forget a cookie of ours."""
    set_cookie(response, name, "", arrival, seconds=0)


def _named(name: str, arrival: Arrival) -> str:
    return OURS + name if arrival.is_secure else name
