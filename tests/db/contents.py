"""Rows for every table of a schema, whatever its step: read from the database, not from the models."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import sqlalchemy as sa

ROWS = 30
_DAY = dt.date(2026, 4, 1)


def fill(connection: sa.Connection, rows: int = ROWS) -> None:
    """Put ``rows`` rows into every table but the revision, keys 1 to ``rows``, every reference kept."""
    known = sa.MetaData()
    known.reflect(connection)
    for table in known.sorted_tables:
        if table.name in {"alembic_version", "revision"}:
            continue
        found = [
            {column.name: _value(column, number) for column in table.columns} for number in range(1, rows + 1)
        ]
        connection.execute(table.insert(), found)


def everything(connection: sa.Connection) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of all tables, as text, in order; JSON and times as they are stored."""
    names = sorted(sa.inspect(connection).get_table_names())
    return {name: _rows(connection, name) for name in names if name != "alembic_version"}


def everything_in(path: Path) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of a workspace file."""
    engine = sa.create_engine(f"sqlite:///{path}", poolclass=sa.NullPool)
    with engine.connect() as connection:
        return everything(connection)


def _rows(connection: sa.Connection, name: str) -> list[tuple[Any, ...]]:
    columns = ", ".join(f'"{column["name"]}"' for column in sa.inspect(connection).get_columns(name))
    found = connection.exec_driver_sql(f'SELECT {columns} FROM "{name}"').all()
    return sorted((tuple(row) for row in found), key=repr)


def _value(column: sa.Column[Any], number: int) -> Any:
    if column.foreign_keys:
        refers_to_itself = any(key.column.table is column.table for key in column.foreign_keys)
        return None if refers_to_itself and number == 1 else max(1, number - refers_to_itself)
    if column.primary_key and isinstance(column.type, sa.Integer):
        return number - (column.name == "block")  # people with ids up to 1,023 are packed in block 0
    if column.name.endswith("hash"):
        return f"{number:064x}"
    made = next((make for kind, make in _MADE if isinstance(column.type, kind)), None)
    return made(number) if made else f"{column.name} {number} – Zoë O’Brien €"


_MADE: tuple[tuple[Any, Callable[[int], Any]], ...] = (
    (sa.Boolean, lambda number: number % 2 == 0),
    (sa.SmallInteger, lambda number: number % 5),
    (sa.Integer, lambda number: number * 7),
    (sa.Float, lambda number: number / 8),
    (sa.DateTime, lambda number: dt.datetime(2026, 4, 1, 9, tzinfo=dt.UTC) + dt.timedelta(minutes=number)),
    (sa.Date, lambda number: _DAY + dt.timedelta(days=number)),
    (sa.LargeBinary, lambda number: number.to_bytes(4, "little")),
    (sa.JSON, lambda number: {"number": number, "word": "Zoë O’Brien €"}),
)
