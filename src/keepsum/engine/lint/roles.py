"""Rules about roles: what they include and show exists, and each shows at least what those do that it includes."""

from collections.abc import Iterator

from keepsum.engine import access
from keepsum.engine.lint.finding import Hits, groupable, of_role, of_stream, roles, streams
from keepsum.model.access import EVERYTHING, AccessLevel, Grant, Reach, Role
from keepsum.model.catalog import Catalog
from keepsum.model.metric import leaves
from keepsum.model.rollup import Rollup
from keepsum.model.stream import PUBLIC, Stream

KINDS = ("metric", "rollup", "stream", "dashboard")
SOME_ROWS = (AccessLevel.OWN, AccessLevel.TEAM)


def actor_unfit(catalog: Catalog) -> Hits:
    """The actor of a stream is one of its public fields that may be a dimension: an opaque id of staff."""
    for stream in streams(catalog):
        declared = None if stream.actor is None else stream.field(stream.actor)
        if stream.actor is None or (declared is not None and declared.exposure is PUBLIC and groupable(declared)):
            continue
        message = f"its actor {stream.actor!r} is no public field that may be a dimension: declare one, with most="
        yield of_stream(stream), message


def role_unknown(catalog: Catalog) -> Hits:
    """A role includes roles that are declared, and itself not even by way of others."""
    for role in roles(catalog):
        for name in role.includes:
            if name not in catalog.roles:
                known = ", ".join(sorted(catalog.roles))
                yield of_role(role), f"it includes {name!r}, which is no role (known: {known}): name one"
        if role.name in _included(catalog, role):
            yield of_role(role), "it includes itself, by way of others: take one of them out"


def _included(catalog: Catalog, role: Role) -> set[str]:
    found: set[str] = set()
    waiting = list(role.includes)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += catalog.roles[name].includes if name in catalog.roles else ()
    return found


def grant_unknown(catalog: Catalog) -> Hits:
    """A grant is on a declared metric, rollup or stream by name, on all of a kind, or on everything."""
    named = {"metric": catalog.metrics, "rollup": catalog.rollups, "stream": catalog.streams}
    for role, grant in _grants(catalog):
        if grant.on != EVERYTHING and grant.kind not in KINDS:
            yield of_role(role), f"its grant on {grant.on!r} is of no kind: write one of {', '.join(KINDS)}, then :name"
        elif grant.name != EVERYTHING and grant.name not in named.get(grant.kind, (grant.name,)):
            yield of_role(role), f"its grant on {grant.on!r} is on nothing that is declared: name what there is"


def _grants(catalog: Catalog) -> Iterator[tuple[Role, Grant]]:
    return ((role, grant) for role in roles(catalog) for grant in role.grants)


def grant_unclear(catalog: Catalog) -> Hits:
    """A role says once what it shows of a thing, as at least one day where it shows the last ones."""
    for role, grant in _grants(catalog):
        if [one.on for one in role.grants].count(grant.on) > 1:
            yield of_role(role), f"it has several grants on {grant.on!r}: keep one"
        if grant.reach.kind == "last" and grant.reach.days < 1:
            yield of_role(role), f"its grant on {grant.on!r} shows the last {grant.reach.days} days: write at least 1"


def rows_of_nobody(catalog: Catalog) -> Hits:
    """Where only own rows or those of a team are shown, the stream has an actor, and a rollup is by it."""
    for role, grant in _grants(catalog):
        if grant.reach.kind != "own" and grant.level not in SOME_ROWS:
            continue
        for stream, rollups in _granted(catalog, grant):
            if not any(stream.actor is not None and stream.actor in rollup.by for rollup in rollups):
                message = f"its grant on {grant.on!r} shows some actors' rows, and no rollup of it is by an actor"
                yield of_role(role), f"{message}: declare the actor of stream {stream.name!r}, and a rollup by it"


def _granted(catalog: Catalog, grant: Grant) -> Iterator[tuple[Stream, tuple[Rollup, ...]]]:
    """The streams that a grant by name is on, each with the rollups it may be read from."""
    match grant.kind:
        case "metric" if grant.name in catalog.metrics:
            read = {leaf.rollup.of.name: leaf.rollup.of for leaf in leaves(catalog.metrics[grant.name])}
            yield from ((stream, catalog.rollups_of(name)) for name, stream in read.items())
        case "rollup" if grant.name in catalog.rollups:
            rollup = catalog.rollups[grant.name]
            yield rollup.of, (rollup,)
        case "stream" if grant.name in catalog.streams:
            yield catalog.streams[grant.name], catalog.rollups_of(grant.name)
        case _:
            return


def included_narrowed(catalog: Catalog) -> Hits:
    """A role shows of each thing at least what the roles do that it includes."""
    for role in roles(catalog):
        own = access.hold(role, catalog.roles).grants
        for name in _included(catalog, role) & catalog.roles.keys() - {role.name}:
            for grant in access.hold(catalog.roles[name], catalog.roles).grants:
                mine = next(one for one in own if one.on == grant.on)
                if not _shows_as_much(mine, grant):
                    message = f"of {grant.on!r} it shows less than role {name!r}, which it includes"
                    yield of_role(role), f"{message}: show as much, or do not include it"


def grant_overruled(catalog: Catalog) -> Hits:
    """A role's own grant on all of something is not overruled by a narrower one by name that it includes."""
    for role in roles(catalog):
        wide = [grant for grant in role.grants if grant.name == EVERYTHING]
        named = {grant.on for grant in role.grants}
        for grant in access.hold(role, catalog.roles).grants:
            over = next((one for one in wide if one.kind in (grant.kind, EVERYTHING)), None)
            is_included = grant.on not in named and grant.name != EVERYTHING
            if over is not None and is_included and not _shows_as_much(grant, over):
                message = f"its grant on {over.on!r} is overruled by the included one on {grant.on!r}"
                yield of_role(role), f"{message}: grant {grant.on!r} too, if it shall be shown"


def _shows_as_much(one: Grant, other: Grant) -> bool:
    return _far(one.reach) >= _far(other.reach) and _level(one).rank >= _level(other).rank


def _far(reach: Reach) -> float:
    match reach.kind:
        case "none":
            return 0
        case "last":
            return reach.days
        case _:
            return float("inf")


def _level(grant: Grant) -> AccessLevel:
    return AccessLevel.OWN if grant.reach.kind == "own" else grant.level
