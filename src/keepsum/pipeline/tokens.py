"""API tokens of a workspace: made, listed, stopped."""

from dataclasses import dataclass

from keepsum.engine import access
from keepsum.model.access import Caller, Permission
from keepsum.model.audit import Kind
from keepsum.model.day import A_DAY
from keepsum.model.errors import Forbidden, Invalid, NotFound
from keepsum.pipeline import audit
from keepsum.pipeline.accounts import Accounts, check_roles, clean_name
from keepsum.store import tokens
from keepsum.store.tokens import Token

LONGEST = 3_650  # days


@dataclass(frozen=True, kw_only=True, repr=False)
class NewToken:
    """A token and its text, which is shown once and not kept."""

    token: Token
    text: str


def make(
    accounts: Accounts,
    caller: Caller,
    name: str,
    role: str,
    *,
    streams: frozenset[str] | None = None,
    days: int | None = 365,
    now: int,
) -> NewToken:
    """Make a token of the caller's workspace, for some days or (None) without an end, perhaps for some streams only.

    Raises `BAD_NAME`, `BAD_DAYS`, `UNKNOWN_ROLE`, `UNKNOWN_STREAM`, `ROLE_TOO_WIDE` for what the caller may not do, and
    `PERSON_NEEDED` for an outside identity: whoever it belongs to may lose it, and nothing here would stop the token.
    """
    access.require(caller, Permission.ADMINISTER)
    if caller.kind == "identity":
        message = "A token would outlive your identity's roles: make it as a person of the workspace, or ask one to."
        raise Forbidden("PERSON_NEEDED", message)
    catalog = accounts.catalog(caller.workspace)
    check_roles(catalog.roles, caller, (role,))
    for stream in sorted(streams or ()):
        catalog.stream(stream)
    if days is not None and not 0 < days <= LONGEST:
        raise Invalid("BAD_DAYS", f"A token lasts from 1 to {LONGEST:,} days, or has no end.")
    with accounts.control.write() as connection:
        token, text = tokens.add(
            connection,
            workspace=caller.workspace,
            name=clean_name(name),
            role=role,
            streams=streams,
            made_by=caller.id,
            now=now,
            until=None if days is None else now + days * A_DAY,
        )
        about = {"token": token.id, "role": role, "streams": None if streams is None else sorted(streams)}
        audit.note(connection, Kind.TOKEN_MADE, caller, about, now=now)
    return NewToken(token=token, text=text)


def listing(accounts: Accounts, caller: Caller) -> list[Token]:
    """Give the tokens of the caller's workspace, the newest first."""
    access.require(caller, Permission.ADMINISTER)
    with accounts.control.read() as connection:
        return tokens.listing(connection, caller.workspace)


def revoke(accounts: Accounts, caller: Caller, token: str, *, now: int) -> tuple[Token, ...]:
    """Stop a token of the caller's workspace, by its id, and those made with it; give it, and those that stopped too.

    Raises `UNKNOWN_TOKEN`.
    """
    access.require(caller, Permission.ADMINISTER)
    with accounts.control.write() as connection:
        stopped = tokens.revoke(connection, caller.workspace, (token,), now=now)
        found = tokens.get(connection, caller.workspace, token)
        if found is None:
            raise NotFound("UNKNOWN_TOKEN", f"There is no token {token!r} in this workspace.")
        others = tuple(one for one in stopped if one.id != token)
        about = {"token": token, "tokens": [one.id for one in others]}
        audit.note(connection, Kind.TOKEN_REVOKED, caller, about, now=now)
    return found, *others
