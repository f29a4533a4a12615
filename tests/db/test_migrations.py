"""The steps of the schema: the last one equals the models, and each goes up, down and up with rows inside."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlmodel import SQLModel

import app.models  # noqa: F401  (fills the metadata)
from app.db import migrations
from tests.db import contents

STEPS = [*migrations.REVISIONS, "next"]


@pytest.fixture
def connection() -> Iterator[sa.Connection]:
    """An empty database in memory, inside one transaction as the program opens it."""
    with _memory().connect() as opened:
        yield opened


def _memory() -> sa.Engine:
    engine = sa.create_engine("sqlite://")

    @sa.event.listens_for(engine, "connect")
    def on_connect(raw: sqlite3.Connection, _record: object) -> None:
        raw.isolation_level = None

    @sa.event.listens_for(engine, "begin")
    def on_begin(opened: sa.Connection) -> None:
        opened.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def _shape(connection: sa.Connection) -> dict[str, Any]:
    """What SQLite itself says about every table: columns, keys, indexes, references, kind."""
    names = sorted(sa.inspect(connection).get_table_names())
    asked = ("table_info", "foreign_key_list")
    shape: dict[str, Any] = {}
    for name in names:
        if name == "alembic_version":
            continue
        facts: dict[str, Any] = {
            pragma: sorted(tuple(row)[1:] for row in connection.exec_driver_sql(f"PRAGMA {pragma}('{name}')"))
            for pragma in asked
        }
        facts["foreign_key_list"] = sorted(row[1:] for row in facts["foreign_key_list"])
        listed = connection.exec_driver_sql(f"PRAGMA index_list('{name}')").all()
        facts["indexes"] = sorted(
            (
                "" if row[3] != "c" else row[1],
                row[2],
                tuple(part[2] for part in connection.exec_driver_sql(f"PRAGMA index_info('{row[1]}')")),
            )
            for row in listed
        )
        kind = connection.exec_driver_sql(f"PRAGMA table_list('{name}')").one()
        facts["without_rowid"] = kind[4]
        shape[name] = facts
    return shape


def test_head_matches_the_models(connection: sa.Connection) -> None:
    migrations.upgrade(connection)
    context = MigrationContext.configure(connection, opts={"compare_type": True})
    assert compare_metadata(context, SQLModel.metadata) == []


def test_head_is_what_the_models_would_make(connection: sa.Connection) -> None:
    migrations.upgrade(connection)
    with _memory().connect() as other:
        SQLModel.metadata.create_all(other)
        assert _shape(connection) == _shape(other)


def test_current_levels_have_no_row_ids(connection: sa.Connection) -> None:
    migrations.upgrade(connection)
    assert [name for name, facts in _shape(connection).items() if facts["without_rowid"]] == ["current_level"]


def test_a_new_workspace_starts_at_revision_0(connection: sa.Connection) -> None:
    migrations.upgrade(connection)
    assert connection.exec_driver_sql("SELECT id, number FROM revision").all() == [(1, 0)]


def test_the_listed_steps_are_the_ones_there() -> None:
    config = Config()
    config.set_main_option("path_separator", "newline")
    config.set_main_option("script_location", str(migrations.STEP_FOLDERS[0].parent).replace("%", "%%"))
    there = [script.revision for script in ScriptDirectory.from_config(config).walk_revisions()]
    assert tuple(reversed(there)) == migrations.REVISIONS
    assert len(migrations.REVISIONS) == migrations.SCHEMA_NUMBER


@pytest.mark.parametrize("rows", [0, contents.ROWS])
@pytest.mark.parametrize("number", range(len(STEPS)))
@pytest.mark.usefixtures("next_step")
def test_each_step_goes_up_down_and_up(connection: sa.Connection, number: int, rows: int) -> None:
    before = STEPS[number - 1] if number else "base"
    if number:
        migrations.upgrade(connection, before)
        contents.fill(connection, rows or 1)
    start, held = _shape(connection), contents.everything(connection)
    migrations.upgrade(connection, STEPS[number])
    up = _shape(connection)
    assert up != start
    migrations.downgrade(connection, before)
    assert _shape(connection) == start
    assert contents.everything(connection) == held
    migrations.upgrade(connection, STEPS[number])
    assert _shape(connection) == up


@pytest.mark.parametrize("start", range(1, len(STEPS)))
@pytest.mark.usefixtures("next_step")
def test_rows_of_every_earlier_step_survive_the_way_to_head(connection: sa.Connection, start: int) -> None:
    migrations.upgrade(connection, STEPS[start - 1])
    contents.fill(connection)
    before = contents.everything(connection)
    migrations.upgrade(connection)
    after = contents.everything(connection)
    held = {name: len(before.get(name, ())) for name in after}
    assert {name: len(rows) for name, rows in after.items()} == held
    assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []


@pytest.mark.usefixtures("next_step")
def test_a_step_takes_its_values_along(connection: sa.Connection) -> None:
    migrations.upgrade(connection, "0001")
    contents.fill(connection)
    before = connection.exec_driver_sql("SELECT id, email, upper(name) FROM person ORDER BY id").all()
    migrations.upgrade(connection)
    assert (
        connection.exec_driver_sql("SELECT id, work_email, known_as FROM person ORDER BY id").all() == before
    )


@pytest.mark.parametrize("number", range(1, len(STEPS) + 1))
@pytest.mark.usefixtures("next_step")
def test_the_header_says_the_step(connection: sa.Connection, number: int) -> None:
    migrations.upgrade(connection, STEPS[number - 1])
    assert connection.exec_driver_sql("PRAGMA user_version").scalar() == number
    assert connection.exec_driver_sql("PRAGMA application_id").scalar() == migrations.APPLICATION_ID
    assert migrations.number_of(migrations.current(connection)) == number


@pytest.mark.usefixtures("next_step")
def test_a_step_is_rolled_back_whole(connection: sa.Connection) -> None:
    migrations.upgrade(connection, "0001")
    contents.fill(connection)
    connection.commit()
    before, held = _shape(connection), contents.everything(connection)
    migrations.upgrade(connection)
    connection.rollback()
    assert (_shape(connection), contents.everything(connection)) == (before, held)
    assert connection.exec_driver_sql("PRAGMA user_version").scalar() == 1
    migrations.upgrade(connection)
    assert migrations.current(connection) == "next"


def test_an_unknown_step_counts_as_newer() -> None:
    assert migrations.number_of("0999") == migrations.SCHEMA_NUMBER + 1
    assert migrations.number_of(None) == 0
