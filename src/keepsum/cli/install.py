"""`keepsum init` and `keepsum status`: the install as a whole."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from keepsum.cli.door import REFUSED, installed, opened
from keepsum.cli.people import base_of, first_link, link_lines
from keepsum.cli.screen import Screen, cell, table
from keepsum.model.counted import counted

if TYPE_CHECKING:
    from rich.console import RenderableType

    from keepsum.assemble.system import System
    from keepsum.pipeline.survey import StreamSurvey, Survey
    from keepsum.settings import Settings

RECENT = 5  # jobs
MADE = ("workspace", "zone", "week_start", "k", "packs", "streams")  # what init says of the first workspace


def init(settings: "Settings", screen: Screen) -> None:
    """Make a data directory and its keys, or say what it was made with."""
    fresh = is_fresh(settings)
    with installed(settings, make=True) as install:
        meant = install.meant()
        data: dict[str, Any] = {
            "made": fresh,
            "data_dir": str(settings.data_dir),
            "key_dir": str(settings.key_dir),
            **(_made_data(meant.name, install.system(meant.id)) if meant else dict.fromkeys(MADE)),
            "owner_link": first_link(install, meant.id, base_of(install)) if fresh and meant else None,
        }
    screen.show(data, lambda: _init_lines(data))


def _made_data(name: str, system: "System") -> dict[str, Any]:
    from keepsum.model.day import WEEKDAYS

    made, holds = system.workspace.identity, system.workspace.terms()
    return {
        "workspace": name,
        "zone": made.zone,
        "week_start": WEEKDAYS[holds.week_start],
        "k": holds.k,
        "packs": [pack.name for pack in system.catalog.packs],
        "streams": list(system.catalog.streams),
    }


def is_fresh(settings: "Settings") -> bool:
    """Say whether the data directory is still to be made."""
    return not (settings.data_dir / "control.db").exists()


def _init_lines(data: dict[str, Any]) -> "Iterator[RenderableType]":
    made = _made_facts(data) if data["workspace"] else {"workspace": "the first one was deleted: keepsum workspaces"}
    yield facts(
        {
            "data": data["data_dir"],
            "keys": f"{data['key_dir']}   keep a copy elsewhere: without them nothing can be proven",
            **made,
        }
    )
    yield "made" if data["made"] else "was there already; nothing changed"
    if data["owner_link"]:
        yield from link_lines(data["owner_link"])


def _made_facts(made: dict[str, Any]) -> dict[str, str]:
    return {
        "workspace": made["workspace"],
        "zone": f"{made['zone']}, weeks start on {made['week_start']}",
        "small groups": f"hidden below {made['k']} people",
        "packs": ", ".join(made["packs"]) or "none: put yours into ./packs, or name one with --enabled",
    }


def status(settings: "Settings", screen: Screen) -> int:
    """Show how everything stands on one screen: streams, days, what waits for you, ledger, jobs, disk."""
    from keepsum.pipeline.survey import survey
    from keepsum.store import jobs

    with opened(settings) as system:
        found = survey(system.workspace, system.calendar(), now=system.clock())
        recent = jobs.listing(system.control, system.id, RECENT)
        data = _status_data(system, found, recent)
    screen.show(data, lambda: _status_lines(data))
    return REFUSED if any(one["held"] or one["overdue"] for one in data["streams"]) else 0


def _status_data(system: "System", found: "Survey", recent: list[Any]) -> dict[str, Any]:
    from keepsum.cli.jobs import job_data
    from keepsum.cli.moments import instant

    seq, digest, at = found.head
    return {
        "workspace": system.workspace.identity.id,
        "zone": system.workspace.identity.zone,
        "now": instant(system.clock()),
        "streams": [_stream_data(one, found.today) for one in found.streams],
        "ledger": {"entries": seq, "head": digest, "at": instant(at)},
        "jobs": [job_data(row) for row in recent],
        "disk": _bytes_in(system.settings.data_dir),
    }


def _stream_data(one: "StreamSurvey", today: int) -> dict[str, Any]:
    from keepsum.model.day import date_of

    def date(day: int | None) -> dt.date | None:
        return None if day is None else date_of(day)

    return {
        "stream": one.stream,
        "attached": _attached_data(one),
        "first": date(one.first),
        "last": date(one.last),
        "days": dict(one.statuses),
        "records": one.living,
        "purged": one.gone,
        "held": [
            {
                "day": date(state.day),
                "reason": state.held,
                "detail": state.held_detail,
                "records": state.control.records,
            }
            for state in one.held
        ],
        "overdue": [date(day) for day in one.overdue],
        "oldest_personal": date(one.personal),
        "oldest_personal_days": None if one.personal is None else today - one.personal,
    }


def _attached_data(one: "StreamSurvey") -> dict[str, Any] | None:
    from keepsum.cli.moments import instant
    from keepsum.model.day import date_of

    at = one.attachment
    if at is None:
        return None
    return {
        "dialect": at.dialect,
        "database": at.database,
        "first_day": None if at.first_day is None else date_of(at.first_day),
        "backfilled_at": instant(at.backfilled_at),
        "purge_enabled_at": instant(at.purge_enabled_at),
        "purge_enabled_by": at.purge_enabled_by,
    }


def _attached_lines(streams: list[dict[str, Any]]) -> "Iterator[RenderableType]":
    rows = [
        (
            one["stream"],
            at["database"],
            str(at["first_day"] or ""),
            "complete" if at["backfilled_at"] else "not complete",
            f"by {at['purge_enabled_by']}" if at["purge_enabled_at"] else "off",
        )
        for one in streams
        if (at := one["attached"])
    ]
    if rows:
        yield table(("stream", "lives in", "from", "backfill", "purge"), rows)


def _status_lines(data: dict[str, Any]) -> "Iterator[RenderableType]":
    yield table(
        ("stream", "first, last", ">days", ">records", ">purged", ">oldest personal"),
        (
            (
                one["stream"],
                "\n".join(str(day) for day in (one["first"], one["last"]) if day) or None,
                "\n".join(f"{count:,} {status}" for status, count in sorted(one["days"].items())) or None,
                one["records"],
                one["purged"],
                _age(one["oldest_personal_days"]),
            )
            for one in data["streams"]
        ),
    )
    yield from _attached_lines(data["streams"])
    yield from _waiting_lines(data["streams"])
    if data["jobs"]:
        from keepsum.cli.jobs import jobs_table

        yield jobs_table(data["jobs"])
    entries, head = data["ledger"]["entries"], data["ledger"]["head"]
    yield facts({"ledger": f"{counted(entries, 'entries')}, head {head}", "disk": f"{data['disk'] / 1e6:,.1f} MB"})


def _waiting_lines(streams: list[dict[str, Any]]) -> "Iterator[RenderableType]":
    held = [
        (one["stream"], str(h["day"]), h["reason"], h["records"], h["detail"]) for one in streams for h in one["held"]
    ]
    if held:
        yield table(("held", "day", "reason", ">records", "what to know"), held)
    for one in streams:
        if one["overdue"]:
            listed = ", ".join(map(str, one["overdue"][:5])) + (" ..." if len(one["overdue"]) > 5 else "")
            yield f"[bold red]{one['stream']}: {counted(len(one['overdue']), 'days')} past the deadline[/] ({listed})"


def _age(days: int | None) -> str | None:
    return None if days is None else counted(days, "days")


def facts(named: dict[str, str]) -> "RenderableType":
    """Give lines of a name and what it is."""
    from rich.table import Table

    drawn = Table.grid(padding=(0, 2))
    drawn.add_column(style="dim")
    drawn.add_column(overflow="fold")
    for name, value in named.items():
        drawn.add_row(name, cell(value))
    return drawn


def _bytes_in(folder: Path) -> int:
    total = 0
    for path in folder.rglob("*"):
        try:
            total += path.stat().st_size if path.is_file() else 0
        except FileNotFoundError:
            continue
    return total
