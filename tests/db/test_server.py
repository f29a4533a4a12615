"""A shared database: filled only when asked, upgraded only by an administrator, newer ones read only."""

from __future__ import annotations

from datetime import datetime

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlmodel import SQLModel

from app.db import migrations
from app.db.store_file import prepare_server, upgrade_server
from app.errors import StoreError
from tests.db import contents

pytestmark = pytest.mark.postgres


def _set_step(engine: sa.Engine, step: str) -> None:
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = :step"), {"step": step})


def test_an_empty_database_is_left_empty_unless_asked(server_engine: sa.Engine, now: datetime) -> None:
    with pytest.raises(StoreError, match="holds no workspace"):
        prepare_server(server_engine, create=False, now=now)
    assert sa.inspect(server_engine).get_table_names() == []


def test_created_and_opened(server_engine: sa.Engine, now: datetime) -> None:
    prepare_server(server_engine, create=True, now=now)
    assert prepare_server(server_engine, create=False, now=now).read_only is False
    with server_engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT id, number FROM revision").all() == [(1, 0)]


def test_created_twice_is_refused(server_engine: sa.Engine, now: datetime) -> None:
    prepare_server(server_engine, create=True, now=now)
    with pytest.raises(StoreError, match="already holds a workspace"):
        prepare_server(server_engine, create=True, now=now)


def test_tables_of_another_program_are_left_alone(server_engine: sa.Engine, now: datetime) -> None:
    with server_engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE invoices (id integer)")
    with pytest.raises(StoreError, match=r"another program \(invoices\)"):
        prepare_server(server_engine, create=True, now=now)
    assert sa.inspect(server_engine).get_table_names() == ["invoices"]


def test_a_newer_database_is_read_only(server_engine: sa.Engine, now: datetime) -> None:
    prepare_server(server_engine, create=True, now=now)
    _set_step(server_engine, "0999")
    prepared = prepare_server(server_engine, create=False, now=now)
    assert prepared.read_only
    assert "newer version of Muster" in prepared.notice
    with pytest.raises(StoreError, match="newer version"):
        upgrade_server(server_engine)


@pytest.mark.usefixtures("next_step")
def test_an_older_database_waits_for_an_administrator(server_engine: sa.Engine, now: datetime) -> None:
    with server_engine.begin() as connection:
        migrations.upgrade(connection, migrations.REVISIONS[-2])
        contents.fill(connection)
        before = contents.everything(connection)
    with pytest.raises(StoreError, match="muster check --upgrade"):
        prepare_server(server_engine, create=False, now=now)
    assert upgrade_server(server_engine) == (migrations.SCHEMA_NUMBER - 1, migrations.SCHEMA_NUMBER)
    assert prepare_server(server_engine, create=False, now=now).read_only is False
    with server_engine.connect() as connection:
        after = contents.everything(connection)
    assert {name: len(rows) for name, rows in after.items()} == {
        name: len(rows) for name, rows in before.items()
    }


def test_head_matches_the_models(server_engine: sa.Engine, now: datetime) -> None:
    prepare_server(server_engine, create=True, now=now)
    with server_engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, SQLModel.metadata) == []


def test_down_and_up_again_with_rows_inside(server_engine: sa.Engine, now: datetime) -> None:
    with server_engine.begin() as connection:
        migrations.upgrade(connection)
        contents.fill(connection)
        migrations.downgrade(connection, "base")
        assert migrations.current(connection) is None
        migrations.upgrade(connection)
        assert migrations.current(connection) == migrations.REVISIONS[-1]


def test_a_server_that_is_gone_is_a_sentence(now: datetime) -> None:
    engine = sa.create_engine("postgresql+psycopg://nobody@127.0.0.1:1/none?connect_timeout=2")
    with pytest.raises(StoreError, match="cannot be reached"):
        prepare_server(engine, create=False, now=now)
