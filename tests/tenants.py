"""Installs with several workspaces: how tests make them, fill them, and look at what is left of them."""

from pathlib import Path

from tests.systems import roll_all, sale

from keepsum.model.access import machine
from keepsum.pipeline import workspaces
from keepsum.pipeline.answer import answer
from keepsum.pipeline.ask import query_of
from keepsum.pipeline.workspaces import Wanted
from keepsum.store.workspace import Terms

BY = machine("anywhere")


def create(install, name, **how):
    """Make a workspace and give its id."""
    wanted = {"zone": "UTC", "week_start": 0, "k": 10} | how
    terms = Terms(week_start=wanted.pop("week_start"), k=wanted.pop("k"))
    return workspaces.create(install, Wanted(name=name, terms=terms, **wanted), BY).id


def fill(install, identity, *records, stream="sales"):
    """Hand records in to a workspace, the same ones unless some are given."""
    collector = install.collector(identity)
    sent = records or [sale(n, buyer=f"b{n}") for n in range(20)]
    checked = collector.intake(stream).convert(sent, now=install.clock())
    return collector.submit(stream, checked).result(60)


def ask(system, metrics, first="2026-02-01", last="2026-02-28", **more):
    """The answer to a question that a workspace's own machine asks."""
    asked = query_of({"metrics": metrics, "from": first, "to": last, **more})
    return answer(system.workspace, asked, caller=machine(system.id), now=system.clock())


def roll(install, identity):
    return roll_all(install.system(identity))


def bytes_with(folder, text):
    """The files below a folder in which a text stands."""
    found = [path for path in Path(folder).rglob("*") if path.is_file() and text.encode() in path.read_bytes()]
    return [str(path.relative_to(folder)) for path in found]
