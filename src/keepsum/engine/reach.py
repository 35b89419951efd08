"""Whether rows of a table can be deleted so that nothing goes that was not proven."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from keepsum.model.reach import Reference, Schema, Trigger


@dataclass(frozen=True, kw_only=True)
class Reach:
    """What deleting rows of some tables would do beyond them.

    `unproven` are tables that a foreign key would delete from or change, `triggers` what would run, `unsafe` tables
    whose deletes cannot be undone, `hidden` those whose triggers cannot be seen. `holding` point to the rows and
    forbid their delete while they do.
    """

    unproven: tuple[str, ...]
    triggers: tuple[Trigger, ...]
    unsafe: tuple[str, ...]
    hidden: tuple[str, ...]
    holding: tuple[Reference, ...]

    @property
    def reason(self) -> str | None:
        """Why nothing may be deleted here, by name; None when it may."""
        if self.unproven:
            return "UNPROVEN_CHILDREN"
        if self.triggers:
            return "DELETE_TRIGGER"
        if self.unsafe:
            return "NO_TRANSACTIONS"
        return "TRIGGERS_HIDDEN" if self.hidden else None

    @property
    def names(self) -> tuple[str, ...]:
        """The tables, or triggers with their tables, that `reason` is about."""
        triggers = tuple(f"{one.name} on {one.table}" for one in self.triggers)
        return self.unproven or triggers or self.unsafe or self.hidden


def reach(schema: Schema, proven: Collection[str]) -> Reach:
    """Say what a delete of rows of the proven tables (the stream's and its declared children's) would do beyond them.

    A row that a foreign key deletes takes its own along, so those are followed; one whose reference is set to null
    or to a default is changed, and nothing follows.
    """
    deleted = _deleted(schema, proven)
    changed = {one.table for one in schema.references if one.parent in deleted and one.rule.startswith("set ")}
    return Reach(
        unproven=tuple(sorted((deleted | changed) - set(proven))),
        triggers=tuple(one for one in schema.triggers if one.table in deleted),
        unsafe=tuple(sorted(set(proven) - set(schema.tables))),
        hidden=tuple(sorted(deleted & set(schema.hidden))),
        holding=tuple(_holding(schema, proven, deleted)),
    )


def _deleted(schema: Schema, proven: Collection[str]) -> set[str]:
    """Give the tables that lose rows: the proven ones, and all that go with those by cascade."""
    found, new = set(proven), set(proven)
    while new:
        new = {one.table for one in schema.references if one.parent in new and one.rule == "cascade"} - found
        found |= new
    return found


def _holding(schema: Schema, proven: Collection[str], deleted: set[str]) -> Iterator[Reference]:
    for one in schema.references:
        if one.parent in deleted and one.rule == "restrict" and one.table not in proven:
            yield one
