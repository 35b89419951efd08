"""What a delete in somebody else's database takes along: foreign keys, triggers, and tables it can be undone in."""

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Literal

Rule = Literal["cascade", "set null", "set default", "restrict"]


@dataclass(frozen=True, kw_only=True)
class Reference:
    """A foreign key: rows of `table` point to rows of `parent`; `rule` says what becomes of them when those go."""

    table: str
    columns: tuple[str, ...]
    parent: str
    parent_columns: tuple[str, ...]
    rule: Rule


@dataclass(frozen=True, kw_only=True)
class Trigger:
    """What the database runs by itself when rows of `table` are deleted."""

    table: str
    name: str


@dataclass(frozen=True, kw_only=True)
class Schema:
    """What one database says of its tables.

    `tables` are those whose deletes can be rolled back: no views, and none without transactions. `hidden` are tables
    whose triggers the role may not see.
    """

    tables: Collection[str] = ()
    references: tuple[Reference, ...] = ()
    triggers: tuple[Trigger, ...] = ()
    hidden: Collection[str] = field(default=())
