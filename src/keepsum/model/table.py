"""A table of somebody else's database, as it describes itself."""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["text", "choice", "boolean", "integer", "decimal", "float", "instant", "naive", "date", "other"]


@dataclass(frozen=True, kw_only=True)
class TableColumn:
    """One column: `kind` is what its type holds, `scale` the decimals of a number, `options` the values of a choice."""

    name: str
    kind: Kind
    type: str
    null: bool = True
    scale: int | None = None
    options: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table or view: `unique` are the columns that alone tell rows apart, the primary key first.

    `indexed` are the first columns of its indexes. `schema` is where it lies, if the database has such. `is_exclusive`
    says that nobody can commit while somebody reads, as in a file of SQLite without a write-ahead log.
    """

    name: str
    schema: str | None
    columns: tuple[TableColumn, ...]
    unique: tuple[str, ...] = ()
    indexed: frozenset[str] = frozenset()
    is_view: bool = False
    is_exclusive: bool = False

    @property
    def full_name(self) -> str:
        """Its name, behind that of its schema where it has one."""
        return self.name if self.schema is None else f"{self.schema}.{self.name}"
