"""What the log says of a night in the words of packs."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from keepsum.model.access import machine
from keepsum.model.catalog import Pack
from keepsum.model.day import date_of
from keepsum.model.errors import about
from keepsum.model.ledger import Kind
from keepsum.model.night import Night
from keepsum.pipeline.live import Remembered
from keepsum.pipeline.pack_routes import Asking
from keepsum.store import ledger
from keepsum.store.workspace import Workspace

if TYPE_CHECKING:
    from keepsum.pipeline.jobs import Means


def tell(means: "Means", log: Any, *, since: int, expired: int, held: str | None) -> None:
    """Log the lines of each pack that has any; `since` is the ledger's last entry before the night."""
    telling = [pack for pack in means.workspace.catalog.packs if pack.nightly is not None and pack.nightly.lines]
    if not telling:
        return
    night = Night(sealed=_sealed(means.workspace, since), expired=expired, held=held)
    for pack in telling:
        try:
            for line in _lines(means, pack, night):
                log.info(line, pack=pack.name)
        except Exception as error:  # noqa: BLE001 -- packs that cannot tell of the night do not undo it
            log.error("pack could not tell of its night", pack=pack.name, **about(error))  # noqa: TRY400 -- exception() would log the message too


def _sealed(workspace: Workspace, since: int) -> Mapping[str, tuple[date, ...]]:
    found: dict[str, set[int]] = {}
    with workspace.file.read() as connection:
        for entry in ledger.entries(connection, after=since, kind=Kind.SEALED):
            if entry.stream is not None and entry.day is not None:
                found.setdefault(entry.stream, set()).add(entry.day)
    return {stream: tuple(date_of(day) for day in sorted(days)) for stream, days in found.items()}


def _lines(means: "Means", pack: Pack, night: Night) -> Iterator[str]:
    assert pack.nightly is not None and pack.nightly.lines is not None  # noqa: S101, PT018 -- only such packs tell
    workspace = means.workspace
    asking = Asking(
        workspace=workspace,
        caller=machine(workspace.identity.id),
        now=means.clock(),
        remembered=Remembered(),
        settings=means.told.get(pack.name, {}),
        exporting=means.exports,
    )
    yield from pack.nightly.lines(asking, night)
