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
from app.db.store_file import prepare, prepare_server
from tests.db import contents, next_version
from tests.postgres_server import CannotStart, PostgresServer

NOW = datetime(2026, 4, 1, 10, 15, tzinfo=UTC)


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture(scope="session")
def empty_workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty workspace to copy; never to be changed itself."""
    path = tmp_path_factory.mktemp("template") / "empty.muster"
    prepare(path, create=True, read_only=False, now=NOW)
    return path


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


@pytest.fixture(scope="session")
def _server_template(_postgres: PostgresServer) -> str:
    """The name of a database that holds an empty workspace; copying it is faster than making one."""
    name = "muster_template"
    _run_on(_postgres, f"DROP DATABASE IF EXISTS {name}", f"CREATE DATABASE {name}")
    engine = _engine(_postgres, name)
    prepare_server(engine, create=True, now=NOW)
    engine.dispose()
    return name


@pytest.fixture
def server_engine(_postgres: PostgresServer) -> Iterator[sa.Engine]:
    """An engine on an empty database of its own."""
    yield from _database(_postgres, "template1")


@pytest.fixture
def server_workspace(_postgres: PostgresServer, _server_template: str) -> Iterator[sa.Engine]:
    """An engine on a database of its own that holds an empty workspace."""
    yield from _database(_postgres, _server_template)


def _database(server: PostgresServer, template: str) -> Iterator[sa.Engine]:
    name = f"muster_{uuid.uuid4().hex}"
    _run_on(server, f"CREATE DATABASE {name} TEMPLATE {template}")
    engine = _engine(server, name)
    yield engine
    engine.dispose()
    _run_on(server, f"DROP DATABASE {name} WITH (FORCE)")


def _engine(server: PostgresServer, name: str) -> sa.Engine:
    return sa.create_engine(sa.make_url(server.url).set(database=name), pool_pre_ping=True)


def _run_on(server: PostgresServer, *statements: str) -> None:
    keeper = sa.create_engine(server.url, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with keeper.connect() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
