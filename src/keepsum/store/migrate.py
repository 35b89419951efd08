"""Brings a file's fixed tables to the newest form."""

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, MetaData

from keepsum.store.tables import control_file, workspace_file

if TYPE_CHECKING:
    from alembic.config import Config

FOLDER = Path(__file__).with_name("migrations")
CHAINS: dict[str, MetaData] = {"workspace": workspace_file, "control": control_file}


def configuration(chain: str) -> "Config":
    """Give Alembic's view of one chain."""
    from alembic.config import Config  # noqa: PLC0415 - loading it takes a quarter of a command's start, and few bring a file up to date

    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.set_main_option("path_separator", "newline")
    config.set_main_option("version_locations", str(FOLDER / chain))
    config.attributes["metadata"] = CHAINS[chain]
    return config


def upgrade(connection: Connection, chain: str) -> None:
    """Run what is missing of a chain inside the caller's transaction."""
    if current(connection) == newest(chain):
        return
    from alembic import command  # noqa: PLC0415 - the same

    config = configuration(chain)
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def newest(chain: str) -> str:
    """Give the last revision of a chain: `<chain>_<number>`, as its file is named."""
    last = max(path.stem for path in (FOLDER / chain).glob("[0-9]*.py"))
    return f"{chain}_{last.partition('_')[0]}"


def current(connection: Connection) -> str | None:
    """Give the revision a file is at."""
    query = "SELECT count(*) FROM sqlite_master WHERE name = 'migrations'"
    if not connection.exec_driver_sql(query).scalar():
        return None
    return connection.exec_driver_sql("SELECT version_num FROM migrations").scalar()
