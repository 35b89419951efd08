"""Who is behind a request: the token, outside identity or session it shows, looked up and remembered for a moment.

What was looked up counts for half a second, so whatever is revoked, ended or changed stops within one.
"""

import asyncio
import hashlib
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

import structlog

from keepsum.assemble.install import Install
from keepsum.connect.identity import Identities, looks_right, refused
from keepsum.http.arrival import Arrival, Headers
from keepsum.http.browsers import SESSION, cookie
from keepsum.model.access import Caller, Role
from keepsum.model.errors import KeepsumError, about
from keepsum.model.identity import Identity
from keepsum.pipeline import accounts, audit
from keepsum.pipeline.callers import RolesOf, caller_of_identity, caller_of_session, caller_of_token
from keepsum.store import sessions, tokens

Found = tuple[Caller, str | None]  # the caller, and of a session what its requests repeat

Shape = tuple[object, ...]  # whatever of a request decides who sends it and from where

REMEMBERED = 0.5  # seconds
MOST = 20_000  # callers remembered
LONGEST = 8_192  # bytes of a credential worth looking at

_log: Any = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True, repr=False)
class Shown:
    """What a request shows of itself: the text behind `Bearer`, or the cookie of a session."""

    kind: Literal["bearer", "cookie"]
    text: str


@dataclass(frozen=True, kw_only=True)
class Known:
    """Who that was when it was looked up; `csrf` is what requests of a session have to repeat, None without one."""

    caller: Caller
    csrf: str | None
    until: float


def shown_by(arrival: Arrival, given: Headers) -> Shown | None:
    """Give what a request shows; an Authorization header counts before a cookie, whatever it says."""
    header = given.get(b"authorization")
    if header is not None:
        scheme, _, text = header[:LONGEST].partition(b" ")
        is_bearer = scheme.lower() == b"bearer" and len(header) < LONGEST
        return Shown(kind="bearer", text=text.strip().decode("latin-1") if is_bearer else "")
    value = cookie(SESSION, arrival, given)
    return None if value is None else Shown(kind="cookie", text=value)


class Credentials:
    """Looks credentials up and remembers who they stand for; used in the event loop, which a look-up does not leave
    unless files have to be opened or keys fetched.
    """

    def __init__(self, install: Install, identities: Identities | None) -> None:
        self._install, self._identities = install, identities
        self._known: dict[bytes, Known] = {}
        self._passed: dict[Shape, Known] = {}
        self._addresses = audit.Addresses()
        self._used: dict[str, int] = {}
        self._seen: dict[str, int] = {}

    async def prove(self, shown: Shown) -> Known:
        """Give who shows this; raises `CREDENTIAL_REFUSED`, which says more only of an outside identity."""
        key, now = _key(shown), time.monotonic()
        known = self._known.get(key)
        if known is not None and now < known.until:
            return known
        caller, csrf = await self._looked_up(shown)
        if len(self._known) >= MOST:
            self._known.clear()
        known = self._known[key] = Known(caller=caller, csrf=csrf, until=now + REMEMBERED)
        return known

    def passed(self, shape: Shape) -> Known | None:
        """Give who sent the last request of this shape, if that is still remembered."""
        known = self._passed.get(shape)
        return known if known is not None and time.monotonic() < known.until else None

    def let_pass(self, shape: Shape, known: Known) -> None:
        """Let the next requests of a shape in without looking at each part of them again."""
        if len(self._passed) >= MOST:
            self._passed.clear()
        self._passed[shape] = known

    def forget(self, shown: Shown) -> None:
        """Look this one up again when it comes next: what it stands for was just changed."""
        self._known.pop(_key(shown), None)

    def meet(self, caller: Caller, address: str) -> None:
        """Let the audit log know of an address that a token never came from; nobody waits for that."""
        if caller.kind == "token" and address and self._addresses.meet(caller.id, address):
            asyncio.get_running_loop().run_in_executor(None, self._note_address, caller, address)

    def note_used(self) -> None:
        """Write down when tokens and sessions were last used, and forget the texts of those that came."""
        self._passed = {}
        used, self._used = self._used, {}
        seen, self._seen = self._seen, {}
        try:
            tokens.note_used(self._install.control, used)
            sessions.note_seen(self._install.control, seen)
        except KeepsumError as error:
            _log.error("use not noted", **about(error))

    def close(self) -> None:
        """Write down what is not yet, and wait for no identity provider any more."""
        self.note_used()
        if self._identities is not None:
            self._identities.close()

    async def _looked_up(self, shown: Shown) -> Found:
        """Find who it is: in the event loop, as leaving it takes longer, unless a workspace has to be opened."""
        find = await self._finder(shown)
        try:
            return find(self._roles_at_hand)
        except _NotOpen:
            return await asyncio.get_running_loop().run_in_executor(None, find, self._roles)

    async def _finder(self, shown: Shown) -> Callable[[RolesOf], Found]:
        """Give what finds the caller once roles can be looked up; what cannot be a credential ends here."""
        if shown.kind == "cookie":
            return partial(self._of_session, shown.text)
        if tokens.looks_right(shown.text):
            return partial(self._of_token, shown.text)
        if self._identities is None or not looks_right(shown.text):
            raise refused()
        return partial(self._of_identity, await self._identities.prove(shown.text))

    def _of_token(self, text: str, roles: RolesOf) -> Found:
        now = self._install.clock()
        caller = caller_of_token(self._install.control, text, roles=roles, now=now)
        if caller is None:
            raise refused()
        self._used[caller.id] = now
        return caller, None

    def _of_session(self, text: str, roles: RolesOf) -> Found:
        now = self._install.clock()
        found = caller_of_session(self._install.control, text, roles=roles, now=now)
        if found is None:
            raise refused()
        self._seen[found.session.hash] = now
        return found.caller, found.csrf

    def _of_identity(self, identity: Identity, roles: RolesOf) -> Found:
        told, known = self._install.settings, self._install.accounts
        caller = caller_of_identity(
            known.control, known.vault, identity, told.identity_rules, actor=told.identity_actor, roles=roles
        )
        if caller is None:
            raise refused("no rule of the settings gives this identity a role")
        return caller, None

    def _roles_at_hand(self, workspace: str) -> Mapping[str, Role]:
        opened = self._install.at_hand(workspace)
        if opened is None:
            raise _NotOpen
        return opened.system.catalog.roles

    def _roles(self, workspace: str) -> Mapping[str, Role]:
        return self._install.system(workspace).catalog.roles

    def _note_address(self, caller: Caller, address: str) -> None:
        known, now = self._install.accounts, self._install.clock()
        try:
            with known.control.read() as connection:
                came = accounts.origin(known.vault.under(connection), address)
            if came is not None:
                audit.note_address(known.control, caller, came, now=now)
        except KeepsumError as error:
            _log.error("address not noted", **about(error))


class _NotOpen(Exception):
    """The workspace's files have to be opened first, or are about to be."""


def _key(shown: Shown) -> bytes:
    """Give what a credential is remembered by: its text outlives no request."""
    return hashlib.sha256(f"{shown.kind} {shown.text}".encode()).digest()
