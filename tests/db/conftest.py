"""Workspace files to open, break and kill; a PostgreSQL server started once where it is asked for."""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from app.db import migrations
from app.db.store_file import prepare
from tests.db import contents, next_version
from tests.postgres_server import CannotStart, PostgresServer

NOW = datetime(2026, 4, 1, 10, 15, tzinfo=UTC)


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture(scope="session")
def _filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "filled.muster"
    prepare(path, create=True, read_only=False, now=NOW)
    engine = sa.create_engine(f"sqlite:///{path}", poolclass=sa.NullPool)
    with engine.begin() as connection:
        contents.fill(connection)
    return path


@pytest.fixture
def filled(_filled: Path, tmp_path: Path) -> Path:
    """A workspace of its own with rows in every table."""
    return Path(shutil.copy(_filled, tmp_path / "staff.muster"))


@pytest.fixture
def next_step(monkeypatch: pytest.MonkeyPatch) -> None:
    """The program as its next version, which knows one step more."""
    for name, value in next_version.SETTINGS.items():
        monkeypatch.setattr(migrations, name, value)


@pytest.fixture(scope="session")
def _postgres() -> Iterator[PostgresServer]:
    try:
        server = PostgresServer()
    except CannotStart as reason:
        if os.environ.get("CI", "").lower() == "true":
            pytest.fail(f"PostgreSQL: {reason}", pytrace=False)
        pytest.skip(f"PostgreSQL: {reason}")
    yield server
    server.stop()


@pytest.fixture
def server_engine(_postgres: PostgresServer) -> Iterator[sa.Engine]:
    """An engine on an empty database of its own."""
    name = f"muster_{uuid.uuid4().hex}"
    keeper = sa.create_engine(_postgres.url, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with keeper.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    engine = sa.create_engine(sa.make_url(_postgres.url).set(database=name), pool_pre_ping=True)
    yield engine
    engine.dispose()
    with keeper.connect() as connection:
        connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
