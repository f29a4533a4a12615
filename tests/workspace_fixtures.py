"""Fixtures of workspaces: a template made once per process, copied for each test; a fixed clock and user."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.workspace import Workspace
from tests.builders import NOW, ROLES, USER, clock, copied, make_workspace
from tests.command_line import muster


@pytest.fixture(autouse=True)
def fixed_surroundings(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same day and user in every run, settings of nobody, and no workspace by accident."""
    monkeypatch.setenv("MUSTER_NOW", NOW.isoformat())
    monkeypatch.setenv("MUSTER_USER", USER)
    monkeypatch.setenv("MUSTER_CONFIG", str(tmp_path_factory.getbasetemp() / "settings"))
    monkeypatch.delenv("MUSTER_WORKSPACE", raising=False)


@pytest.fixture(scope="session")
def small_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A closed workspace with the small framework of the builders and nobody in it."""
    path = tmp_path_factory.mktemp("small") / "template.muster"
    make_workspace(path, roles=ROLES).close()
    return path


@pytest.fixture(scope="session")
def furnished_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A closed workspace as ``muster new`` makes it: bundled framework and catalogue."""
    path = tmp_path_factory.mktemp("furnished") / "template.muster"
    muster("new", on=path).ok()
    return path


@pytest.fixture
def small(small_template: Path, tmp_path: Path) -> Path:
    """The file of a workspace with the small framework."""
    return copied(small_template, tmp_path / "small.muster")


@pytest.fixture
def furnished(furnished_template: Path, tmp_path: Path) -> Path:
    """The file of a workspace with the bundled framework and catalogue."""
    return copied(furnished_template, tmp_path / "furnished.muster")


@pytest.fixture
def ws(small: Path) -> Iterator[Workspace]:
    """An open workspace with the small framework."""
    with Workspace.open(small, user=USER, clock=clock) as opened:
        yield opened
