"""Dashboards of a workspace: who sees which, who changes them, whom they are shared with, and what is published.

  1. Somebody sees their own dashboards, those that are shared with a role of theirs, those of packs that ask for
     something they may see, and whoever administers the workspace all of them.  Any other is as unknown as none.
  2. Whoever made one changes it, and whoever administers the workspace.  What a pack brings nobody changes.
  3. A published one is changed only by those who may publish, as strangers see it with a viewer's rights and not with
     those of whoever made it.
A dashboard shows nothing by itself: every question is answered with the rights of whoever looks.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from keepsum.engine import access, compose, show
from keepsum.engine.show import Missing
from keepsum.model.access import Caller, Permission
from keepsum.model.audit import CallerId, Kind
from keepsum.model.catalog import Pack
from keepsum.model.dashboard import Dashboard
from keepsum.model.document import dashboard_of, document
from keepsum.model.errors import Conflict, Forbidden, Invalid, NotFound
from keepsum.pipeline import audit
from keepsum.store import accounts, public_links, tokens
from keepsum.store import dashboards as store
from keepsum.store.dashboards import Stored, Version
from keepsum.store.database import Connection, Database
from keepsum.store.public_links import Published
from keepsum.store.vault import Vault
from keepsum.store.workspace import Workspace

MOST = 1_000  # dashboards of one workspace
LONGEST_ID = 128


@dataclass(frozen=True, kw_only=True)
class Dashboards:
    """What dashboards of a workspace are kept with; `most_widgets` is how many one may have."""

    workspace: Workspace
    control: Database
    open_vault: Callable[[], Vault]
    most_widgets: int
    is_archived: bool = False

    @property
    def id(self) -> str:
        """The workspace's id."""
        return self.workspace.identity.id

    @cached_property
    def vault(self) -> Vault:
        """The keys of what is stored encrypted, opened when they are first needed."""
        return self.open_vault()

    def published(self, dashboard: str) -> Published:
        """Give what the link of a dashboard leads to."""
        return Published(workspace=self.id, dashboard=dashboard)


@dataclass(frozen=True, kw_only=True)
class Seen:
    """A dashboard as somebody sees it: whose it is, and what they may do with it; of a pack's nobody owns it.

    `changed_at` is in µs, and none of a pack's, which has version 0.
    """

    id: str
    dashboard: Dashboard
    pack: str | None = None
    owner: CallerId | None = None
    version: int = 0
    changed_at: int | None = None
    shared: tuple[str, ...] = ()
    is_published: bool = False
    may_edit: bool = False
    may_share: bool = False
    may_publish: bool = False


class Changed(Conflict):
    """Somebody changed the dashboard meanwhile; `newest` is what it is now."""

    def __init__(self, newest: Version) -> None:
        self.newest = newest
        message = (
            f"The dashboard was changed meanwhile: it has version {newest.version} now. Save it as a copy, or anew."
        )
        super().__init__("DASHBOARD_CHANGED", message)


def listing(known: Dashboards, caller: Caller) -> list[Seen]:
    """Give the dashboards a caller sees: those of packs, then those that people made, the oldest first."""
    access.require(caller, Permission.READ)
    seen = frozenset(access.visible_metrics(caller, known.workspace.catalog))
    packs = (_of_pack(name, *one) for name, one in known.workspace.catalog.dashboards.items())
    shown = [one for one in packs if show.shows_any(one.dashboard, seen.__contains__)]
    with known.workspace.file.read() as connection:
        stored = store.listing(connection)
    published = _published(known)
    mine = (_seen(known, caller, one, is_published=one.id in published) for one in stored if _sees(known, caller, one))
    return [*shown, *mine]


def get(known: Dashboards, caller: Caller, dashboard: str) -> Seen:
    """Give a dashboard; raises `UNKNOWN_DASHBOARD`, for one that the caller does not see as well."""
    access.require(caller, Permission.READ)
    declared = known.workspace.catalog.dashboards.get(dashboard)
    if declared is not None:
        found = _of_pack(dashboard, *declared)
        seen = frozenset(access.visible_metrics(caller, known.workspace.catalog))
        if not show.shows_any(found.dashboard, seen.__contains__):
            raise unknown(dashboard)
        return found
    with known.workspace.file.read() as connection:
        stored = _stored(known, connection, caller, dashboard)
    return _seen(known, caller, stored, is_published=dashboard in _published(known))


def missing(known: Dashboards, caller: Caller, dashboard: Dashboard, today: int) -> tuple[Missing, ...]:
    """Give the widgets that have no answer for a caller, whatever the range is."""
    return show.missing(caller, known.workspace.catalog, dashboard, today)


def make(known: Dashboards, caller: Caller, dashboard: Dashboard, *, now: int) -> Seen:
    """Keep a new dashboard of the caller's.

    Raises `BAD_DASHBOARD`, `TOO_MANY_DASHBOARDS` and `WORKSPACE_ARCHIVED`.
    """
    access.require(caller, Permission.COMPOSE)
    _check(known, dashboard)
    with known.workspace.file.write() as connection:
        if store.count(connection) >= MOST:
            message = f"The workspace has {MOST:,} dashboards, which is as many as there may be: delete one first."
            raise Conflict("TOO_MANY_DASHBOARDS", message)
        stored = store.add(connection, caller.key, document(dashboard), now=now)
    return _seen(known, caller, stored, is_published=False)


def change(known: Dashboards, caller: Caller, identity: str, version: int, dashboard: Dashboard, *, now: int) -> Seen:
    """Keep a dashboard's next version, which was made of the version named; one that changes nothing is none.

    Raises `DASHBOARD_CHANGED` when another version is the newest, `UNKNOWN_DASHBOARD`, `DASHBOARD_OF_PACK`,
    `DASHBOARD_PUBLISHED`, `NOT_PERMITTED`, `BAD_DASHBOARD` and `WORKSPACE_ARCHIVED`.
    """
    with known.workspace.file.write() as connection:
        stored = _editable(known, connection, caller, identity)
        _check(known, dashboard)
        said = document(dashboard)
        if stored.newest.document != said:
            if stored.newest.version != version:
                raise Changed(stored.newest)
            stored = store.save(connection, identity, said, caller.key, now=now)
    return _seen(known, caller, stored, is_published=identity in _published(known))


def delete(known: Dashboards, caller: Caller, identity: str, *, now: int) -> None:
    """Delete a dashboard with its versions and its public link; raises as `change` does."""
    with known.workspace.file.write() as connection:
        _mine(known, connection, caller, identity)
        with known.control.write() as control:
            public_links.drop(control, known.published(identity))
            audit.note(control, Kind.DASHBOARD_DELETED, caller, {"dashboard": identity}, now=now)
        store.drop(connection, identity)


def history(known: Dashboards, caller: Caller, identity: str) -> list[Version]:
    """Give the versions of a dashboard that are kept, the newest first; none of a pack's."""
    if get(known, caller, identity).pack is not None:
        return []
    with known.workspace.file.read() as connection:
        return store.history(connection, identity)


def version(known: Dashboards, caller: Caller, identity: str, number: int) -> Version:
    """Give a version of a dashboard; raises `UNKNOWN_VERSION`."""
    get(known, caller, identity)
    with known.workspace.file.read() as connection:
        found = store.version(connection, identity, number)
    if found is None:
        message = f"The dashboard has no version {number}: the last {store.KEPT} are kept."
        raise NotFound("UNKNOWN_VERSION", message)
    return found


def share(known: Dashboards, caller: Caller, identity: str, roles: Sequence[str], *, published: bool, now: int) -> Seen:
    """Let those with some roles see a dashboard, and anybody who has its public link, or no longer.

    Raises `UNKNOWN_ROLE`, and `NOT_PERMITTED` to publish for whoever does not administer the workspace; else as
    `change` does.
    """
    _check_roles(known, roles)
    with known.workspace.file.write() as connection:
        stored = _mine(known, connection, caller, identity)
        with known.control.write() as control:
            _publish(known, control, caller, identity, published=published, now=now)
            if set(roles) != set(stored.shared):
                about = {"dashboard": identity, "before": list(stored.shared), "roles": sorted(set(roles))}
                audit.note(control, Kind.DASHBOARD_SHARED, caller, about, now=now)
        store.share(connection, identity, roles)
    return get(known, caller, identity)


def link(known: Dashboards, seen: Seen) -> str | None:
    """Give the text of a dashboard's public link to whoever may share it; None while it is not published."""
    if not (seen.may_share and seen.is_published):
        return None
    with known.control.read() as connection:
        return public_links.text_of(connection, known.vault.under(connection), known.published(seen.id))


def names(known: Dashboards, of: Iterable[CallerId]) -> Mapping[CallerId, str | None]:
    """Give what members and tokens of the workspace are called; whoever is none any more is left out."""
    with known.control.read() as connection:
        cipher = known.vault.under(connection)
        found: dict[CallerId, str | None] = {}
        for one in set(of):
            if one.kind == "person":
                person = accounts.person(connection, cipher, one.id)
                if person is not None and accounts.member(connection, known.id, one.id) is not None:
                    found[one] = person.name
            elif one.kind == "token":
                token = tokens.get(connection, known.id, one.id)
                if token is not None:
                    found[one] = token.name
            else:
                found[one] = None
        return found


def unknown(dashboard: str) -> NotFound:
    """Give the error of a dashboard that is not there, or not for whoever asks."""
    return NotFound("UNKNOWN_DASHBOARD", f"There is no dashboard {dashboard[:LONGEST_ID]!r}.")


def _check(known: Dashboards, dashboard: Dashboard) -> None:
    if known.is_archived:
        raise Conflict("WORKSPACE_ARCHIVED", "The workspace is archived: nothing is added to it.")
    found = next(compose.faults(dashboard, known.most_widgets), None)
    if found is not None:
        raise Invalid("BAD_DASHBOARD", f"The dashboard cannot be so, at {found[0]!r}: {found[1]}.")


def _check_roles(known: Dashboards, roles: Sequence[str]) -> None:
    for name in roles:
        if name not in known.workspace.catalog.roles:
            listed = ", ".join(sorted(known.workspace.catalog.roles))
            raise NotFound("UNKNOWN_ROLE", f"There is no role {name!r}; known: {listed}.")


def _publish(
    known: Dashboards, control: Connection, caller: Caller, identity: str, *, published: bool, now: int
) -> None:
    what, cipher = known.published(identity), known.vault.under(control)
    is_published = public_links.text_of(control, cipher, what) is not None
    if published and not is_published:
        access.require(caller, Permission.ADMINISTER)
        public_links.add(control, cipher, what, made_by=caller.id, now=now)
        audit.note(control, Kind.DASHBOARD_PUBLISHED, caller, {"dashboard": identity}, now=now)
    elif is_published and not published:
        public_links.drop(control, what)
        audit.note(control, Kind.DASHBOARD_UNPUBLISHED, caller, {"dashboard": identity}, now=now)


def _published(known: Dashboards) -> frozenset[str]:
    with known.control.read() as connection:
        return public_links.of_workspace(connection, known.id)


def _of_pack(identity: str, pack: Pack, dashboard: Dashboard) -> Seen:
    return Seen(id=identity, dashboard=dashboard, pack=pack.name)


def _seen(known: Dashboards, caller: Caller, stored: Stored, *, is_published: bool) -> Seen:
    may_publish = access.permits(caller, Permission.ADMINISTER)
    may_share = _owns(caller, stored)
    return Seen(
        id=stored.id,
        dashboard=dashboard_of(stored.newest.document),
        owner=stored.owner,
        version=stored.newest.version,
        changed_at=stored.newest.at,
        shared=stored.shared,
        is_published=is_published,
        may_edit=may_share and not known.is_archived and (may_publish or not is_published),
        may_share=may_share,
        may_publish=may_publish,
    )


def _owns(caller: Caller, stored: Stored) -> bool:
    """Say whether a dashboard is a caller's to change and to share."""
    is_own = stored.owner == caller.key and access.permits(caller, Permission.COMPOSE)
    return is_own or access.permits(caller, Permission.ADMINISTER)


def _sees(known: Dashboards, caller: Caller, stored: Stored) -> bool:
    if stored.owner == caller.key or access.permits(caller, Permission.ADMINISTER):
        return True
    return not access.reached(caller, known.workspace.catalog.roles).isdisjoint(stored.shared)


def _stored(known: Dashboards, connection: Connection, caller: Caller, identity: str) -> Stored:
    """Give a dashboard that people made and the caller sees."""
    found = store.find(connection, identity)
    if found is None or not _sees(known, caller, found):
        raise unknown(identity)
    return found


def _mine(known: Dashboards, connection: Connection, caller: Caller, identity: str) -> Stored:
    """Give a dashboard that is the caller's to decide about."""
    if get(known, caller, identity).pack is not None:
        message = f"The dashboard {identity!r} comes with its pack and stays as it is: make a copy, and change that."
        raise Conflict("DASHBOARD_OF_PACK", message)
    found = _stored(known, connection, caller, identity)
    if not _owns(caller, found):
        message = "Whoever made a dashboard changes it, and whoever administers the workspace: make a copy instead."
        raise Forbidden("NOT_PERMITTED", message)
    return found


def _editable(known: Dashboards, connection: Connection, caller: Caller, identity: str) -> Stored:
    """Give a dashboard that the caller may change; the link of none is made while the connection writes."""
    found = _mine(known, connection, caller, identity)
    if identity in _published(known) and not access.permits(caller, Permission.ADMINISTER):
        message = (
            "Anybody sees this dashboard by its link, so only whoever may publish changes it: ask them, or copy it."
        )
        raise Forbidden("DASHBOARD_PUBLISHED", message)
    return found
