"""One workspace of a running install, and all that works on it."""

import contextlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING

from keepsum.assemble.processes import helpers_for, side_by_side
from keepsum.engine.days import Calendar
from keepsum.model.catalog import Catalog
from keepsum.model.errors import Conflict
from keepsum.model.setting import Told
from keepsum.pipeline import roll
from keepsum.pipeline.proof import Batch, Outcome
from keepsum.settings import Settings
from keepsum.store import days, workspace
from keepsum.store.database import Database
from keepsum.store.workspace import Workspace

if TYPE_CHECKING:
    from keepsum.pipeline.collect import Collector
    from keepsum.pipeline.dashboards import Dashboards
    from keepsum.pipeline.exports import Exports
    from keepsum.store.own_metrics import OwnMetric
    from keepsum.store.vault import Vault


@dataclass(frozen=True, kw_only=True)
class System:
    """An open workspace, wired: `told` are its packs' settings, by pack; `again` opens it in another process."""

    settings: Settings
    catalog: Catalog
    control: Database
    workspace: Workspace
    clock: Callable[[], int]
    archived: bool = False
    told: Mapping[str, Mapping[str, Told]] = field(default_factory=dict[str, Mapping[str, Told]], repr=False)
    again: Callable[[], "System"] = field(repr=False)
    open_vault: "Callable[[], Vault]" = field(repr=False)
    closing: contextlib.ExitStack = field(repr=False)

    @property
    def id(self) -> str:
        """The workspace's id."""
        return self.workspace.identity.id

    @property
    def audit_keep(self) -> int:
        """How many days the audit log goes back."""
        return self.settings.audit_keep

    def with_metrics(self, kept: "Sequence[OwnMetric]") -> "System":
        """Give the same workspace with the metrics that people made of what its packs declare."""
        from keepsum.pipeline.own_metrics import with_own  # noqa: PLC0415 -- few workspaces have any, and few commands ask

        catalog = with_own(self.catalog, kept)
        return replace(self, catalog=catalog, workspace=replace(self.workspace, catalog=catalog))

    def calendar(self) -> Calendar:
        """Give the workspace's days, with the ones that are written down."""
        with self.workspace.file.read() as connection:
            return Calendar(self.workspace.identity.zone, days.known(connection))

    def refuse_archived(self) -> None:
        """Raise `WORKSPACE_ARCHIVED` where nothing is added any more."""
        if self.archived:
            raise Conflict("WORKSPACE_ARCHIVED", "The workspace is archived: nothing is added to it.")

    def collector(self) -> "Collector":
        """Begin to take records in; raises `WORKSPACE_ARCHIVED`."""
        from keepsum.pipeline.collect import Collector  # noqa: PLC0415 -- few commands collect, and it loads what logs

        self.refuse_archived()
        return Collector(self.workspace, clock=self.clock)

    @property
    def exports(self) -> "Exports":
        """What exports of the workspace are made with."""
        from keepsum.pipeline.exports import Exports  # noqa: PLC0415 -- few commands export

        return Exports(
            workspace=self.workspace,
            control=self.control,
            open_vault=self.open_vault,
            clock=self.clock,
            calendar=self.calendar,
            most_rows=self.settings.export_rows,
            most_days=self.settings.export_days,
        )

    @property
    def dashboards(self) -> "Dashboards":
        """What dashboards of the workspace are kept with."""
        from keepsum.pipeline.dashboards import Dashboards  # noqa: PLC0415 -- few commands look at any

        return Dashboards(
            workspace=self.workspace,
            control=self.control,
            open_vault=self.open_vault,
            most_widgets=self.settings.dashboard_widgets,
            is_archived=self.archived,
        )

    def note(self) -> None:
        """Remember in the control file how far the workspace has come."""
        workspace.note(self.control, self.id, self.workspace.file)

    def roll(self, batches: Sequence[Batch], advance: roll.Advance) -> Outcome:
        """Roll, prove and seal batches, on several processes when there is much of it."""
        rolling = partial(roll.roll, calendar=self.calendar(), batches=batches, now=self.clock(), advance=advance)
        helpers = helpers_for(self.workspace, batches, most=self.settings.processes)
        if not helpers:
            self.workspace.engine.prepare()
            return rolling(self.workspace)
        alone = replace(self.workspace, engine=self.workspace.engine.on_one_thread())
        with side_by_side(self.again, helpers, self.workspace.segments.scratch) as each:
            return rolling(alone, each=each)

    def close(self) -> None:
        """Let go of all files."""
        self.closing.close()
