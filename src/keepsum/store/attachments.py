"""Which streams live in an application's own database, in which, and how far Keepsum has come with them."""

from dataclasses import asdict, dataclass

from sqlalchemy import Connection, delete, select, update

from keepsum.store.tables import attachments


@dataclass(frozen=True, kw_only=True)
class Attachment:
    """Where a stream's records live.

    `database` is the name of the database (of SQLite the file), `mapping` the digest of how its rows are read. From
    `first_day` on there are rows; `backfilled_at` is when every ended day had been sealed for the first time,
    `changes_seen` up to when rows that changed were looked for. Purging begins when a person enables it.
    """

    stream: str
    dialect: str
    database: str
    mapping: str
    attached_at: int
    first_day: int | None = None
    backfilled_at: int | None = None
    changes_seen: int | None = None
    purge_enabled_at: int | None = None
    purge_enabled_by: str | None = None


def known(connection: Connection) -> dict[str, Attachment]:
    """Give every attachment, by stream."""
    names = attachments.columns.keys()
    found = (dict(zip(names, row, strict=True)) for row in connection.execute(select(attachments)))
    return {values["stream"]: Attachment(**values) for values in found}


def of(connection: Connection, stream: str) -> Attachment | None:
    """Give a stream's attachment, if it has one."""
    return known(connection).get(stream)


def add(connection: Connection, attachment: Attachment) -> None:
    """Note where a stream's records live, instead of what was noted before."""
    remove(connection, attachment.stream)
    connection.execute(attachments.insert().values(**asdict(attachment)))


def change(connection: Connection, stream: str, **values: object) -> None:
    """Write some columns of a stream's attachment."""
    connection.execute(update(attachments).where(attachments.c.stream == stream).values(**values))


def remove(connection: Connection, stream: str) -> None:
    """Forget where a stream's records live."""
    connection.execute(delete(attachments).where(attachments.c.stream == stream))
