"""Rows for every table of a schema, whatever its step: read from the database, not from the models."""

from __future__ import annotations

import datetime as dt
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
    kind = column.type
    if column.foreign_keys:
        refers_to_itself = any(key.column.table is column.table for key in column.foreign_keys)
        return None if refers_to_itself and number == 1 else max(1, number - refers_to_itself)
    if column.primary_key and isinstance(kind, sa.Integer):
        return number
    if isinstance(kind, sa.Boolean):
        return number % 2 == 0
    if isinstance(kind, sa.SmallInteger):
        return number % 5
    if isinstance(kind, sa.Integer):
        return number * 7
    if isinstance(kind, sa.Float):
        return number / 8
    if isinstance(kind, sa.DateTime):
        return dt.datetime(2026, 4, 1, 9, tzinfo=dt.UTC) + dt.timedelta(minutes=number)
    if isinstance(kind, sa.Date):
        return _DAY + dt.timedelta(days=number)
    if isinstance(kind, sa.JSON):
        return {"number": number, "word": "Zoë O’Brien €"}
    if column.name.endswith("hash"):
        return f"{number:064x}"
    return f"{column.name} {number} – Zoë O’Brien €"
