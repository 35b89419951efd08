"""Turns what came with a request into the caller it proves: an API token, the cookie of a session, or an identity.

What was used is worth remembering (`store.tokens.note_used`, `store.sessions.note_seen`), but not with every request:
whoever answers requests collects it and writes it now and then.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from keepsum.engine import access
from keepsum.model.access import Caller, Role
from keepsum.model.errors import NotFound
from keepsum.model.identity import Identity, IdentityRule
from keepsum.store import accounts, sessions, tokens, workspaces
from keepsum.store.database import Database
from keepsum.store.sessions import Session
from keepsum.store.vault import Vault

LONGEST = 64  # characters of a cookie worth looking up
IDLE = 7 * 86_400_000_000  # µs after which a session that nobody used is over

# Gives the roles of a workspace's catalog, by name; raises `NotFound` for a workspace that is gone.
RolesOf = Callable[[str], Mapping[str, Role]]


@dataclass(frozen=True, kw_only=True)
class SignedIn:
    """A person with a session: the caller, and what a page has to send along to show that it is ours."""

    caller: Caller
    csrf: str
    session: Session


def caller_of_token(control: Database, text: str, *, roles: RolesOf, now: int) -> Caller | None:
    """Give the caller that an API token stands for; None unless it works. What is no token costs no look-up."""
    if not tokens.looks_right(text):
        return None
    with control.read() as connection:
        token = tokens.find(connection, text)
    if token is None or not token.works(now):
        return None
    known = _known(roles, token.workspace)
    if known is None:
        return None
    return access.caller("token", token.id, token.workspace, (token.role,), known, streams=token.streams)


def caller_of_session(control: Database, cookie: str, *, roles: RolesOf, now: int) -> SignedIn | None:
    """Give who is signed in with a cookie; None when the session is over or the person may no longer come in."""
    if not 0 < len(cookie) <= LONGEST:
        return None
    with control.read() as connection:
        found = sessions.holder(connection, cookie)
        if found is None:
            return None
        session, held, actor, named = found
        if now >= min(session.until, session.seen_at + IDLE):
            return None
        team = frozenset[str]() if named is None else accounts.team_of(connection, session.workspace, named)
    known = _known(roles, session.workspace)
    if known is None:
        return None
    caller = access.caller("person", session.person, session.workspace, held, known, actor=actor, team=team)
    return SignedIn(caller=caller, csrf=sessions.csrf_of(cookie), session=session)


def caller_of_identity(
    control: Database,
    vault: Vault,
    identity: Identity,
    rules: Sequence[IdentityRule],
    *,
    actor: str,
    roles: RolesOf,
) -> Caller | None:
    """Give the caller that an outside identity stands for, by the settings' rules; None when none of them fits.

    The first rule that fits decides the workspace, all that fit and name it give roles; `actor` names the claim with
    the caller's id in records.  The caller's own id is a mark, and another one when keys are rotated.
    """
    fitting = [rule for rule in rules if identity.says(rule.claim, rule.value)]
    if not fitting:
        return None
    with control.read() as connection:
        marked = vault.under(connection).mark("identity", f"{identity.issuer} {identity.subject}")
    try:
        workspace = workspaces.named(control, fitting[0].workspace).id
        known = roles(workspace)
    except NotFound:
        return None
    given = dict.fromkeys(rule.role for rule in fitting if rule.workspace == fitting[0].workspace)
    return access.caller("identity", marked, workspace, given, known, actor=identity.text(actor))


def _known(roles: RolesOf, workspace: str) -> Mapping[str, Role] | None:
    try:
        return roles(workspace)
    except NotFound:
        return None
