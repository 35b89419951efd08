"""Brings a file's fixed tables to the newest form."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData

from keepsum.store.tables import control_file, workspace_file

FOLDER = Path(__file__).with_name("migrations")
CHAINS: dict[str, MetaData] = {"workspace": workspace_file, "control": control_file}


def configuration(chain: str) -> Config:
    """Give Alembic's view of one chain."""
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
    config = configuration(chain)
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def newest(chain: str) -> str | None:
    """Give the last revision of a chain."""
    return ScriptDirectory.from_config(configuration(chain)).get_current_head()


def current(connection: Connection) -> str | None:
    """Give the revision a file is at."""
    query = "SELECT count(*) FROM sqlite_master WHERE name = 'migrations'"
    if not connection.exec_driver_sql(query).scalar():
        return None
    return connection.exec_driver_sql("SELECT version_num FROM migrations").scalar()
