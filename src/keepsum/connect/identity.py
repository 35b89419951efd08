"""Identities proven by JWTs of an identity provider: signed with a shared secret, or with keys that it publishes.

What decides which algorithm may be used is the settings and the provider's key, never the token.  Keys are fetched anew
when they are five minutes old, or when a token names one that is unknown; never more than once in half a minute, so
that made-up names of keys cannot be used to knock on the provider's door.
"""

import asyncio
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import jwt
import structlog

from keepsum.model.errors import Forbidden, Unavailable
from keepsum.model.identity import Identity

# Of published keys. A token that is signed with one of them as a shared secret has none of these.
ASYMMETRIC = frozenset(
    ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"),
)
SHARED = "HS256"
FRESH, COOLDOWN, STALE = 300.0, 30.0, 3_600.0  # seconds
PATIENCE = 5.0  # seconds for the provider's answer
AT_ONCE = 2  # threads that may wait for it

_log: Any = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True, repr=False)
class Provider:
    """Who vouches for identities, and how that is checked: with a secret that both know, or keys at an address.

    `audience` has to stand in the claim of that name, which is `aud` with most.
    """

    issuer: str
    audience: str
    audience_claim: str = "aud"
    secret: str | None = None
    keys_url: str | None = None
    leeway: int = 0


def looks_right(text: str) -> bool:
    """Say whether a text can be a signed JWT: what cannot is refused without looking into it."""
    return text.count(".") == 2 and text.startswith("ey") and text.isascii()


def refused(reason: str = "it was revoked, has ended, or never was") -> Forbidden:
    """Give the error of a credential that does not prove who shows it."""
    return Forbidden("CREDENTIAL_REFUSED", f"The credential is refused: {reason}.")


class Identities:
    """Proves identities of one provider."""

    def __init__(self, provider: Provider, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._provider = provider
        self._jwt = jwt.PyJWT(options={"enforce_minimum_key_length": True})
        self._keys = None if provider.keys_url is None else Keys(provider.keys_url, clock=clock)
        self._threads = ThreadPoolExecutor(AT_ONCE, "identity")

    async def prove(self, text: str) -> Identity:
        """Give who a JWT is about; raises `CREDENTIAL_REFUSED` with the reason, and `IDENTITY_KEYS_MISSING`.

        Leaves the event loop only where keys have to be fetched first.
        """
        kid = self._kid(text)
        if self._keys is None:
            return self._proven(text, self._provider.secret or "", SHARED)
        key = self._keys.at_hand(kid)
        if key is None:
            key = await asyncio.get_running_loop().run_in_executor(self._threads, self._keys.find, kid)
        if key is None:
            raise refused("it names a key that its provider does not have")
        return self._proven(text, key, key.algorithm_name)

    def close(self) -> None:
        """Wait for nobody any more."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _kid(self, text: str) -> str:
        try:
            header = jwt.get_unverified_header(text)
        except jwt.PyJWTError as error:
            raise refused(_reason(error)) from None
        return str(header.get("kid", ""))

    def _proven(self, text: str, key: "jwt.PyJWK | str", algorithm: str) -> Identity:
        told = self._provider
        is_aud = told.audience_claim == "aud"
        try:
            claims: dict[str, Any] = self._jwt.decode(
                text,
                key,
                algorithms=[algorithm],
                audience=told.audience if is_aud else None,
                issuer=told.issuer,
                leeway=told.leeway,
                options={"require": ["exp", "iss", "sub", told.audience_claim], "verify_aud": is_aud},
            )
        except jwt.PyJWTError as error:
            raise refused(_reason(error)) from None
        if not is_aud and claims[told.audience_claim] != told.audience:
            raise refused("it is for another audience")
        return Identity(issuer=told.issuer, subject=claims["sub"], claims=claims)


class Keys:
    """The keys that a provider publishes, by name; may be used by many threads."""

    def __init__(self, url: str, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._client = jwt.PyJWKClient(url, cache_jwk_set=False, timeout=PATIENCE)
        self._clock = clock
        self._keys: Mapping[str, jwt.PyJWK] = {}
        self._fetched = self._tried = float("-inf")
        self._fetching = threading.Lock()

    def at_hand(self, kid: str) -> "jwt.PyJWK | None":
        """Give a key that is known and fresh."""
        return self._keys.get(kid) if self._clock() < self._fetched + FRESH else None

    def find(self, kid: str) -> "jwt.PyJWK | None":
        """Give a key, from the provider if need be; None when it has none of this name.

        While the provider cannot be reached its keys are good for an hour, then `IDENTITY_KEYS_MISSING` is raised.
        """
        with self._fetching:
            if self.at_hand(kid) is None and self._clock() >= self._tried + COOLDOWN:
                self._fetch()
        if self._clock() >= self._fetched + STALE:
            message = "The identity provider's keys cannot be fetched, so nobody can be identified; the log says why."
            raise Unavailable("IDENTITY_KEYS_MISSING", message)
        return self._keys.get(kid)

    def _fetch(self) -> None:
        self._tried = self._clock()
        try:
            found = self._client.get_signing_keys()
        except (jwt.PyJWTError, OSError, ValueError) as error:
            _log.error("identity keys not fetched", url=self._client.uri, error=type(error).__name__)
            return
        self._keys = {str(key.key_id): key for key in found if key.algorithm_name in ASYMMETRIC}
        self._fetched = self._tried


# The first of these that an error is says why a token is refused; never with what stands in it.
REASONS: tuple[tuple[type[jwt.PyJWTError], str], ...] = (
    (jwt.ExpiredSignatureError, "it has expired"),
    (jwt.ImmatureSignatureError, "its time has not come"),
    (jwt.InvalidAudienceError, "it is for another audience"),
    (jwt.InvalidIssuerError, "it is of another issuer"),
    (jwt.MissingRequiredClaimError, "it lacks a claim: exp, iss, sub or the audience"),
    (jwt.InvalidSignatureError, "its signature is wrong"),
    (jwt.InvalidAlgorithmError, "it is not signed with the algorithm of its key"),
    (jwt.PyJWTError, "it is malformed"),
)


def _reason(error: jwt.PyJWTError) -> str:
    return next(reason for kind, reason in REASONS if isinstance(error, kind))
