"""`keepsum audit`: what people and tokens did, in all workspaces or in one."""

from typing import TYPE_CHECKING, Annotated, Any

from typer import Option

from keepsum.cli.days import From, To
from keepsum.cli.door import installed
from keepsum.cli.ledger import show_verdict
from keepsum.cli.moments import day_of, instant, shown
from keepsum.cli.screen import Screen, table

if TYPE_CHECKING:
    from keepsum.model.audit import Event
    from keepsum.settings import Settings
    from keepsum.store.audit import Wanted
    from keepsum.store.database import Database


def listing(
    settings: "Settings",
    screen: Screen,
    *,
    kind: Annotated[str | None, Option(help="Only events of this kind, such as signed_in or token_made.")] = None,
    caller: Annotated[str | None, Option(help="Only what this caller did, by id.")] = None,
    first: From = None,
    to: To = None,
    limit: Annotated[int, Option(help="How many at most; 0 is all.", min=0)] = 100,
) -> None:
    """List what was done, the newest first, in all workspaces unless --workspace names one; days are in UTC."""
    from keepsum.pipeline import audit

    with installed(settings) as install:
        wanted = _wanted(settings, install.control, kind, caller, first, to)
        data = [_event_data(event) for event in audit.page(install.control, wanted, limit=limit or None)]
    rows = ((e["event"], shown(e["at"]), e["kind"], e["workspace"], _who(e), e["network"], _said(e)) for e in data)
    columns = (">event", "at, UTC", "kind", "workspace", "caller", "network", "about")
    screen.show({"events": data}, lambda: [table(columns, rows)])


def _wanted(
    settings: "Settings",
    control: "Database",
    kind: str | None,
    caller: str | None,
    first: str | None,
    to: str | None,
) -> "Wanted":
    from keepsum.pipeline.audit import wanted
    from keepsum.store import workspaces

    named = "workspace" in settings.model_fields_set
    return wanted(
        workspace=workspaces.named(control, settings.workspace).id if named else None,
        kind=kind,
        caller=caller,
        first=None if first is None else day_of(first),
        last=None if to is None else day_of(to),
    )


def _event_data(event: "Event") -> dict[str, Any]:
    return {
        "event": event.seq,
        "at": instant(event.at),
        "kind": event.kind,
        "workspace": event.workspace,
        "caller_kind": event.caller_kind,
        "caller": event.caller,
        "network": event.origin and event.origin.network,
        "mark": event.origin and event.origin.mark,
        "about": dict(event.body),
        "previous": event.previous,
        "hash": event.hash,
    }


def _who(event: dict[str, Any]) -> str | None:
    kind, caller = event["caller_kind"], event["caller"]
    return caller if kind in (None, caller) else f"{kind} {caller}"


def _said(event: dict[str, Any]) -> str:
    return ", ".join(f"{name} {value}" for name, value in event["about"].items() if value is not None)


def verify(
    settings: "Settings",
    screen: Screen,
    *,
    head: Annotated[str | None, Option(help="A head that was kept elsewhere: it must still be in the chain.")] = None,
) -> int:
    """Check that no event was changed or taken away but those that expired."""
    from keepsum.pipeline import audit

    with installed(settings) as install:
        verdict = audit.verify(install.control, head=head)
    return show_verdict(screen, "the audit log", {"events": verdict.events}, verdict.head, verdict.findings)
