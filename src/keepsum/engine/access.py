"""Decides who may see and do what: a pure function of the caller's roles, of what is asked for, and of today.

Within one role the most specific grant decides:
  1. on the metric itself, 2. on the rollup, 3. on the stream, 4. on all metrics, rollups or streams, 5. on everything.
  Of two that are equally specific the role's own comes before one of a role it includes.
A grant speaks only for what its own role permits: without `read` it shows nothing.
Of several roles the one that shows most decides: everybody's rows before some, all days before the last few; and
with it that role's right to see small groups.
Without a grant nothing is seen.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import reduce
from typing import Literal

from keepsum.model.access import OF_STREAMS, AccessLevel, Caller, Decision, Grant, Held, Permission, Reason, Role
from keepsum.model.catalog import Catalog
from keepsum.model.errors import Forbidden
from keepsum.model.metric import OWN, Metric, leaves
from keepsum.model.rollup import NONE, MeasureOf, Rollup
from keepsum.model.stream import Stream

_LEAST = Decision(allowed=False, reason=Reason.NO_GRANT)
# Of several roles that refuse, the one that comes nearest says why: the last of these.
_NEARNESS = (
    Reason.NOT_PERMITTED,
    Reason.NO_GRANT,
    Reason.GRANTED_NOTHING,
    Reason.NO_ACTOR_HERE,
    Reason.ACTOR_UNKNOWN,
    Reason.OUTSIDE_TOKEN,
)


def caller(
    kind: Literal["person", "token", "identity"],
    id: str,  # noqa: A002 -- its name everywhere
    workspace: str,
    roles: Iterable[str],
    known: Mapping[str, Role],
    *,
    actor: str | None = None,
    team: Iterable[str] = (),
    streams: Iterable[str] | None = None,
) -> Caller:
    """Give a caller with these roles out of those that a catalog knows; an unknown role gives nothing.

    Nor does an actor whose id no record could have.
    """
    return Caller(
        kind=kind,
        id=id,
        workspace=workspace,
        held=tuple(hold(known[name], known) for name in roles if name in known),
        actor=actor if actor is not None and _may_be_recorded(actor) else None,
        team=frozenset(one for one in team if _may_be_recorded(one)),
        streams=None if streams is None else frozenset(streams),
    )


def _may_be_recorded(actor: str) -> bool:
    # TRICKY: the reserved values of dimensions begin with a control character; as an actor "other" would be all others.
    return bool(actor) and actor[0] > NONE[0]


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
        if name in known and name not in seen | {role.name}:  # lint refuses unknown names and circles
            yield from _with_included(known[name], known, seen | {role.name})


def reached(caller: Caller, known: Mapping[str, Role]) -> frozenset[str]:
    """Give the names of a caller's roles and of all that these include."""
    mine = (known[name] for name in caller.roles if name in known)
    return frozenset(one.name for role in mine for one in _with_included(role, known, frozenset())) | {*caller.roles}


def permits(caller: Caller, permission: Permission) -> bool:
    """Say whether any of the caller's roles permits something."""
    return permission in caller.permissions


def require(caller: Caller, permission: Permission) -> None:
    """Raise `NOT_PERMITTED`, naming the permission, unless one of the caller's roles has it."""
    if permits(caller, permission):
        return
    remedy = "ask an owner for a role"
    if caller.streams is not None and permission not in OF_STREAMS:
        remedy = "a token for some streams only never has it"
    raise Forbidden("NOT_PERMITTED", f"This needs the permission {str(permission)!r}: {remedy}.")


def decide(caller: Caller, thing: Metric | Rollup | Stream, today: int) -> Decision:
    """Give what a caller may see of a metric, which is what all rollups it reads allow, of a rollup or of a stream."""
    match thing:
        case Metric():
            rollups = {leaf.rollup.name: leaf.rollup for leaf in leaves(thing)}.values()
            return narrowest(see(caller, today, r.of, r.name, thing.name) for r in rollups)
        case Rollup():
            return see(caller, today, thing.of, thing.name)
        case Stream():
            return see(caller, today, thing)


def see(caller: Caller, today: int, stream: Stream, rollup: str | None = None, metric: str | None = None) -> Decision:
    """Give what a caller may see of a stream, perhaps in one of its rollups, perhaps as one metric."""
    if caller.streams is not None and stream.name not in caller.streams:
        return Decision(allowed=False, reason=Reason.OUTSIDE_TOKEN)
    things = _things(stream.name, rollup, metric)
    return max((_of_role(caller, role, things, stream, today) for role in caller.held), key=_width, default=_LEAST)


def narrowest(decisions: Iterable[Decision]) -> Decision:
    """Give what all of several decisions allow, with the reason of the one that allows least."""
    return reduce(_both, decisions)


def collects(caller: Caller, stream: str) -> bool:
    """Say whether a caller may send records to a stream: with `collect`, and a grant on the stream in the same role."""
    if caller.streams is not None and stream not in caller.streams:
        return False
    for role in caller.held:
        if Permission.COLLECT in role.permissions:
            grant = _deciding(role, (f"stream:{stream}", "stream:*", "*"))
            if grant is not None and grant.reach.kind != "none":
                return True
    return False


def require_collect(caller: Caller, stream: str) -> None:
    """Raise `NOT_PERMITTED` unless a caller may send records to a stream, whether or not there is one."""
    if not collects(caller, stream):
        message = f"This caller may not send records to stream {stream!r}: it needs 'collect', and a grant on it."
        raise Forbidden("NOT_PERMITTED", message)


def visible_metrics(caller: Caller, catalog: Catalog) -> tuple[str, ...]:
    """Give the names of the metrics of which a caller may see anything."""
    return tuple(name for name, metric in sorted(catalog.metrics.items()) if _is_seen(caller, metric))


def visible_measures(caller: Caller, catalog: Catalog) -> tuple[MeasureOf, ...]:
    """Give the measures of the rollups of which a caller may see anything."""
    seen = (rollup for _, rollup in sorted(catalog.rollups.items()) if _is_seen(caller, rollup))
    return tuple(MeasureOf(rollup=rollup, measure=measure) for rollup in seen for measure in rollup.measures)


def visible_streams(caller: Caller, catalog: Catalog) -> tuple[str, ...]:
    """Give the names of the streams that a caller may send to, or see anything of."""
    metrics = (catalog.metrics[name] for name in visible_metrics(caller, catalog))
    seen = {leaf.rollup.of.name for metric in metrics for leaf in leaves(metric)}
    seen |= {r.of.name for r in catalog.rollups.values() if _is_seen(caller, r)}
    seen |= {s.name for s in catalog.streams.values() if _is_seen(caller, s) or collects(caller, s.name)}
    return tuple(sorted(seen))


def _is_seen(caller: Caller, thing: Metric | Rollup | Stream) -> bool:
    return decide(caller, thing, 0).allowed  # whichever day it is


def _things(stream: str, rollup: str | None, metric: str | None) -> tuple[str, ...]:
    """What grants may say of it, from the most specific to the least.

    A metric that people made is granted by what it reads: else whoever is shown all metrics would see what anybody
    makes one of.
    """
    metric = None if metric is not None and metric.startswith(OWN) else metric
    named = [(k, n) for k, n in (("metric", metric), ("rollup", rollup), ("stream", stream)) if n is not None]
    return (*(f"{kind}:{name}" for kind, name in named), *(f"{kind}:*" for kind, _ in named), "*")


def _deciding(role: Held, things: tuple[str, ...]) -> Grant | None:
    """The role's most specific grant; the grants of a role stand with its own first."""
    return next((grant for thing in things for grant in role.grants if grant.on == thing), None)


def _of_role(caller: Caller, role: Held, things: tuple[str, ...], stream: Stream, today: int) -> Decision:
    if Permission.READ not in role.permissions:
        return Decision(allowed=False, reason=Reason.NOT_PERMITTED, role=role.name)
    grant = _deciding(role, things)
    if grant is None:
        return Decision(allowed=False, reason=Reason.NO_GRANT, role=role.name)
    level = AccessLevel.OWN if grant.reach.kind == "own" else grant.level
    actors = _actors(caller, level)
    refusal = _refusal(grant, actors, stream)
    is_last = grant.reach.kind == "last"
    return Decision(
        allowed=refusal is None,
        reason=refusal or _reason(level, is_last=is_last),
        role=role.name,
        grant=grant.on,
        first_day=today - grant.reach.days + 1 if is_last else None,
        actors=actors,
        names_actors=level is not AccessLevel.ORGANIZATION,
        guarded=Permission.SMALL_GROUPS not in role.permissions,
    )


def _actors(caller: Caller, level: AccessLevel) -> frozenset[str] | None:
    own = frozenset(() if caller.actor is None else (caller.actor,))
    match level:
        case AccessLevel.OWN:
            return own
        case AccessLevel.TEAM:
            return caller.team | own
        case _:
            return None


def _refusal(grant: Grant, actors: frozenset[str] | None, stream: Stream) -> Reason | None:
    if grant.reach.kind == "none":
        return Reason.GRANTED_NOTHING
    if actors is not None and stream.actor is None:
        return Reason.NO_ACTOR_HERE
    return Reason.ACTOR_UNKNOWN if actors is not None and not actors else None


def _reason(level: AccessLevel, *, is_last: bool) -> Reason:
    match level:
        case AccessLevel.OWN:
            return Reason.GRANTED_OWN_ROWS
        case AccessLevel.TEAM:
            return Reason.GRANTED_TEAM_ROWS
        case _:
            return Reason.GRANTED_DAYS if is_last else Reason.GRANTED_WHOLE


def _width(found: Decision) -> tuple[object, ...]:
    """How much a decision shows, to be compared with another."""
    if not found.allowed:
        return False, _NEARNESS.index(found.reason)
    return (
        True,
        found.actors is None,
        found.first_day is None,
        -(found.first_day or 0),
        len(found.actors or ()),
        found.names_actors,
        not found.guarded,
    )


def covers(wide: Decision, other: Decision) -> bool:
    """Say whether one decision shows at least what another does."""
    return (
        wide.allowed
        and (wide.first_day is None or (other.first_day is not None and wide.first_day <= other.first_day))
        and (wide.actors is None or (other.actors is not None and other.actors <= wide.actors))
        and (wide.names_actors or not other.names_actors)
        and (other.guarded or not wide.guarded)
    )


def _both(one: Decision, other: Decision) -> Decision:
    least = min(one, other, key=_width)
    if not least.allowed:
        return least
    days = [d.first_day for d in (one, other) if d.first_day is not None]
    rows = [d.actors for d in (one, other) if d.actors is not None]
    return Decision(
        allowed=True,
        reason=least.reason,
        role=least.role,
        grant=least.grant,
        first_day=max(days, default=None),
        actors=reduce(frozenset[str].intersection, rows) if rows else None,
        names_actors=one.names_actors and other.names_actors,
        guarded=one.guarded or other.guarded,
    )
