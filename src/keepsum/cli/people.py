"""`keepsum people`: who may come into a workspace, and as what."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

from typer import Argument, Option

from keepsum.cli.door import installed
from keepsum.cli.moments import instant, shown
from keepsum.cli.screen import Screen, table
from keepsum.model.counted import counted

if TYPE_CHECKING:
    from collections.abc import Generator

    from rich.console import RenderableType

    from keepsum.assemble.install import Install
    from keepsum.model.access import Caller
    from keepsum.pipeline.links import NewLink
    from keepsum.pipeline.people import Gone, MemberPerson
    from keepsum.settings import Settings

Email = Annotated[str, Argument(help="The person's e-mail address.", metavar="EMAIL")]
Roles = Annotated[list[str], Option("--role", help="A role; repeat it for more than one.")]


def listing(settings: "Settings", screen: Screen) -> None:
    """List the people of a workspace with their roles."""
    from keepsum.pipeline import people

    with entered(settings) as (install, caller):
        data = [_person_data(row) for row in people.listing(install.accounts, caller)]
    columns = ("person", "name", "roles", "actor", "team", "since, UTC", "state")
    rows = (
        (
            one["email"],
            one["name"],
            ", ".join(one["roles"]),
            one["actor"],
            one["team"],
            shown(one["since"]),
            "disabled" if one["disabled_at"] else "ok",
        )
        for one in data
    )
    screen.show(
        {"people": data}, lambda: [table(columns, rows) if data else "Nobody yet: `keepsum people owner-link`."]
    )


def invite(settings: "Settings", screen: Screen, *, email: Email, role: Roles) -> None:
    """Let somebody in: mail them a link that works once, within seven days, or print it where no mail server is set."""
    from keepsum.pipeline import links

    with entered(settings) as (install, caller):
        link = links.invite(install.accounts, caller, email, tuple(role), now=install.clock())
        _bring(install, link, screen)


def reset(settings: "Settings", screen: Screen, *, email: Email) -> None:
    """Let somebody choose a new password: mail them a link that works once, within an hour, or print it."""
    from keepsum.pipeline import links, people

    with entered(settings) as (install, caller):
        found = people.find(install.accounts, caller, email)
        _bring(install, links.reset_link(install.accounts, caller, found.person.id, now=install.clock()), screen)


def owner_link(settings: "Settings", screen: Screen) -> None:
    """Print a link that makes somebody an owner of the workspace, once, within 24 hours; earlier ones stop working."""
    with entered(settings) as (install, caller):
        data = first_link(install, caller.workspace, base_of(install))
    screen.show(data, lambda: link_lines(data))


def roles(
    settings: "Settings",
    screen: Screen,
    *,
    email: Email,
    role: Roles,
    actor: Annotated[str | None, Option(help="Who they are in records, as own rows need; empty for nobody.")] = None,
    team: Annotated[str | None, Option(help="The team whose rows they may see; empty for none.")] = None,
) -> None:
    """Give somebody these roles instead of those they have; it takes effect within a second."""
    from keepsum.pipeline import people

    with entered(settings) as (install, caller):
        found = people.find(install.accounts, caller, email).person.id
        now = install.clock()
        gone = people.set_roles(install.accounts, caller, found, tuple(role), actor=actor, team=team, now=now)
        data = _person_data(people.find(install.accounts, caller, email))
    said = f"{data['email']}: {', '.join(data['roles'])}"
    screen.show({**data, **_gone_data(gone)}, lambda: _gone_lines(said, gone))


def disable(
    settings: "Settings",
    screen: Screen,
    *,
    email: Email,
    undo: Annotated[bool, Option("--undo", help="Let them in again; tokens that were stopped stay so.")] = False,
) -> None:
    """Shut somebody out of every workspace: sessions end, and tokens they made stop."""
    from keepsum.pipeline import people

    with entered(settings) as (install, caller):
        found = people.find(install.accounts, caller, email).person.id
        if undo:
            people.enable(install.accounts, caller, found, now=install.clock())
            screen.show({"disabled": False}, lambda: ["may come in again"])
            return
        gone = people.disable(install.accounts, caller, found, now=install.clock())
    screen.show({"disabled": True, **_gone_data(gone)}, lambda: _gone_lines("shut out", gone))


def remove(settings: "Settings", screen: Screen, *, email: Email) -> None:
    """Take somebody out of the workspace; who is in no other is deleted."""
    from keepsum.pipeline import people

    with entered(settings) as (install, caller):
        found = people.find(install.accounts, caller, email).person.id
        gone = people.remove(install.accounts, caller, found, now=install.clock())
    screen.show({"removed": True, **_gone_data(gone)}, lambda: _gone_lines("removed", gone))


@contextmanager
def entered(settings: "Settings") -> "Generator[tuple[Install, Caller]]":
    """Give the install, and who holds it as a caller of the workspace that the settings name."""
    from keepsum.model.access import machine
    from keepsum.store import workspaces

    with installed(settings) as install:
        yield install, machine(workspaces.named(install.control, settings.workspace).id)


def base_of(install: "Install") -> str:
    """Give the address that links begin with."""
    told = install.settings
    host = f"[{told.host}]" if ":" in told.host else told.host
    return told.public_url or f"http://{host}:{told.port}"


def first_link(install: "Install", workspace: str, base: str) -> dict[str, Any]:
    """Make a link that makes somebody an owner of a workspace, as plain values."""
    from keepsum.model.access import machine
    from keepsum.pipeline import links

    return link_data(links.owner_link(install.accounts, machine(workspace), now=install.clock()), base)


def link_data(link: "NewLink", base: str) -> dict[str, Any]:
    """Give a link as plain values."""
    from keepsum.pipeline.letters import address_of

    return {"kind": str(link.kind), "link": address_of(link, base), "until": instant(link.until), "mailed": False}


def link_lines(data: Mapping[str, Any]) -> "Iterator[RenderableType]":
    """Say what a link does, and where."""
    from rich.text import Text

    about = {
        "owner": "makes you an owner",
        "invitation": "lets them in",
        "reset": "sets a new password, and ends all sessions",
    }[data["kind"]]
    yield f"This link {about}. It works once, until {shown(data['until'])} UTC:"
    yield Text(data["link"], no_wrap=True, overflow="ignore")


def _bring(install: "Install", link: "NewLink", screen: Screen) -> None:
    """Mail a link to whom it is for where a mail server is set, else print it."""
    from keepsum.assemble.outside import mail_server
    from keepsum.deliver.mail import send_now
    from keepsum.pipeline.letters import letter

    server, base = mail_server(install), base_of(install)
    if server is None:
        data = link_data(link, base)
        screen.show(data, lambda: link_lines(data))
        return
    send_now(server, letter(link, base))
    until = instant(link.until)
    data = {"kind": str(link.kind), "link": None, "until": until, "mailed": True}
    screen.show(data, lambda: [f"mailed; the link works once, until {shown(until)} UTC"])


def _person_data(row: "MemberPerson") -> dict[str, Any]:
    return {
        "id": row.person.id,
        "email": row.person.email,
        "name": row.person.name,
        "roles": list(row.member.roles),
        "actor": row.member.actor,
        "team": row.member.team,
        "since": instant(row.member.created_at),
        "disabled_at": instant(row.person.disabled_at),
    }


def _gone_data(gone: "Gone") -> dict[str, Any]:
    return {"sessions": gone.sessions, "tokens": [{"id": one.id, "name": one.name} for one in gone.tokens]}


def _gone_lines(what: str, gone: "Gone") -> "Iterator[RenderableType]":
    yield f"{what}; {counted(gone.sessions, 'sessions')} ended" if gone.sessions else what
    if gone.tokens:
        yield f"tokens that stopped: {', '.join(one.name for one in gone.tokens)}"
