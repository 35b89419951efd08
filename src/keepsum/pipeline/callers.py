"""Turns what came with a request into the caller it proves: an API token, the cookie of a session, or an identity.

What was used is worth remembering (`store.tokens.note_used`, `store.sessions.note_seen`), but not with every request:
whoever answers requests collects it and writes it now and then.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from keepsum.engine import access
from keepsum.model.access import Caller, Role, machine
from keepsum.model.day import A_DAY
from keepsum.model.errors import NotFound
from keepsum.model.identity import Identity, IdentityRule
from keepsum.store import accounts, sessions, tokens, workspaces
from keepsum.store.database import Database
from keepsum.store.sessions import Session
from keepsum.store.vault import Vault

LONGEST = 64  # characters of a cookie worth looking up
IDLE = 7 * A_DAY  # µs after which a session that nobody used is over

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


def remembered(caller: Caller) -> dict[str, Any]:
    """Give what has to be kept of a caller to know them again, as plain values."""
    return {"kind": caller.kind, "id": caller.id, "roles": list(caller.roles), "actor": caller.actor}


def again(
    control: Database, kept: Mapping[str, Any], workspace: str, known: Mapping[str, Role], *, now: int
) -> Caller | None:
    """Give the caller that was remembered, with the rights of now; None for somebody who may no longer come in.

    An outside identity, which only its provider knows, keeps the names of its roles, with what these permit now.
    """
    match kept["kind"]:
        case "machine":
            return machine(workspace)
        case "token":
            with control.read() as connection:
                token = tokens.get(connection, workspace, kept["id"])
            if token is None or not token.works(now):
                return None
            return access.caller("token", token.id, workspace, (token.role,), known, streams=token.streams)
        case "person":
            with control.read() as connection:
                member = accounts.member(connection, workspace, kept["id"])
                if member is None or accounts.is_disabled(connection, member.person):
                    return None
                team = accounts.team_of(connection, workspace, member.team) if member.team else frozenset[str]()
            return access.caller("person", member.person, workspace, member.roles, known, actor=member.actor, team=team)
        case _:
            return access.caller("identity", kept["id"], workspace, kept["roles"], known, actor=kept["actor"])


def _known(roles: RolesOf, workspace: str) -> Mapping[str, Role] | None:
    try:
        return roles(workspace)
    except NotFound:
        return None
