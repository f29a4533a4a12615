"""The steps from one schema to the next, run inside a transaction of the caller.

Alembic is imported late: it costs 0.3 s, and a workspace that is up to date never needs it.
"""

from __future__ import annotations

from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, inspect, text

if TYPE_CHECKING:
    from alembic.config import Config

REVISIONS: tuple[str, ...] = ("0001", "0002", "0003", "0004", "0005", "0006")
"""Every step, oldest first. A step's place in here (from 1) is the schema number it leads to."""

SCHEMA_NUMBER = len(REVISIONS)
"""The schema this program works with; kept as ``user_version`` of a workspace file."""

STEP_FOLDERS: tuple[Path, ...] = (Path(__file__).parent / "versions",)
"""Where the steps lie."""

APPLICATION_ID = 0x4D757374
"""The letters "Must", in the header of every workspace file."""

_one_at_a_time = Lock()  # Alembic keeps what it works on in module-wide variables


def upgrade(connection: Connection, to: str = "head") -> None:
    """Bring the schema up to a step. Runs in the connection's transaction; the caller commits.

    Without foreign keys enforced (``PRAGMA foreign_keys=OFF``), because a table that is made anew is dropped
    in between; the caller checks them before the commit.
    """
    from alembic import command

    with _one_at_a_time:
        command.upgrade(_config(connection), to)
    _stamp(connection)


def downgrade(connection: Connection, to: str) -> None:
    """Take the schema back to a step, or to ``base``: nothing at all. Same conditions as :func:`upgrade`."""
    from alembic import command

    with _one_at_a_time:
        command.downgrade(_config(connection), to)
    _stamp(connection)


def current(connection: Connection) -> str | None:
    """The step a data store is at; None where no step has ever been taken."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    step: Any = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return None if step is None else str(step)


def number_of(step: str | None) -> int:
    """The schema number of a step: 0 for none, one more than ours for a step this program does not know."""
    if step is None:
        return 0
    return REVISIONS.index(step) + 1 if step in REVISIONS else SCHEMA_NUMBER + 1


def _config(connection: Connection) -> Config:
    from alembic.config import Config

    config = Config()
    # a per cent sign in a path would be read as the start of a variable
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.set_main_option("path_separator", "newline")
    folders = "\n".join(str(folder) for folder in STEP_FOLDERS)
    config.set_main_option("version_locations", folders.replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def _stamp(connection: Connection) -> None:
    """Write the schema number into the file's header: what other programs, and the opening, look at first."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(f"PRAGMA application_id={APPLICATION_ID}")
        connection.exec_driver_sql(f"PRAGMA user_version={number_of(current(connection))}")
