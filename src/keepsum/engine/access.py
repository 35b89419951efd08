"""Decides who may see and do what: a pure function of the caller's roles, of what is asked, and of today.

Within one role the most specific grant decides:
  1. on the metric or dashboard itself, 2. on the rollup, 3. on the stream, 4. on all of a kind, 5. on everything.
  Of two that are equally specific the role's own comes before one of a role it includes.
A grant speaks only for what its own role permits: without `read` it shows nothing.
Of several roles the one with the widest reach decides, with that role's right to see small groups.
Without a grant nothing is seen.
"""

from collections.abc import Iterator, Mapping
from typing import Literal

from keepsum.model.access import Caller, Held, Permission, Role
from keepsum.model.errors import Forbidden


def caller(
    kind: Literal["person", "token", "identity"],
    id: str,  # noqa: A002 -- its name everywhere
    workspace: str,
    roles: tuple[str, ...],
    known: Mapping[str, Role],
    *,
    actor: str | None = None,
    team: frozenset[str] = frozenset(),
    streams: frozenset[str] | None = None,
) -> Caller:
    """Give a caller with these roles of the workspace's catalog; a role that is not known there gives nothing."""
    held = tuple(hold(known[name], known) for name in roles if name in known)
    return Caller(kind=kind, id=id, workspace=workspace, held=held, actor=actor, team=team, streams=streams)


def hold(role: Role, known: Mapping[str, Role]) -> Held:
    """Give a role with the permissions and grants of all it includes, its own grants first."""
    every = tuple(_with_included(role, known, frozenset()))
    return Held(
        name=role.name,
        permissions=frozenset(permission for one in every for permission in one.permissions),
        grants=tuple(dict.fromkeys(grant for one in every for grant in one.grants)),
    )


def _with_included(role: Role, known: Mapping[str, Role], seen: frozenset[str]) -> Iterator[Role]:
    yield role
    for name in role.includes:
        if name in known and name not in seen:  # lint refuses unknown names and circles
            yield from _with_included(known[name], known, seen | {role.name})


def permits(caller: Caller, permission: Permission) -> bool:
    """Say whether any of the caller's roles permits something."""
    return permission in caller.permissions


def require(caller: Caller, permission: Permission) -> None:
    """Raise `NOT_PERMITTED`, naming the permission, unless one of the caller's roles has it."""
    if not permits(caller, permission):
        raise Forbidden("NOT_PERMITTED", f"This needs the permission {str(permission)!r}: ask an owner for a role.")
