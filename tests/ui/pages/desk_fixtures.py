"""Fixtures of a desk: the window over a real workspace file, and a recorder in place of the file dialogs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication

from app.settings import Settings
from app.ui import application, dialogs
from app.ui.main_window import MainWindow
from app.workspace import Workspace
from tests.builders import (
    ROLES,
    USER,
    clock,
    copied,
    make_course,
    make_people,
    make_person,
    make_rating,
    make_workspace,
)
from tests.ui.pages.desk import Desk, FileDialogs

PEOPLE = (
    make_person("1001", name="Asha Rahman"),
    make_person("1002", name="Ben Okafor", role_level="Senior data engineer", grade="G7"),
    make_person("1003", name="Carys Pugh", department="Transport", role_level="Service designer"),
    make_person(
        "1004", name="Dev Patel", department="Transport", role_level="", job_title="Post with no name"
    ),
)
RATINGS = (
    make_rating("1001", "Programming", 2, assessed_on="2026-10-01"),
    make_rating("1001", "Data modelling", 0, assessed_on="2026-10-01"),
    make_rating("1002", "Programming", 1, assessed_on="2026-10-01"),
    make_rating("1003", "Prototyping", 3, assessed_on="2026-10-01"),
)


@pytest.fixture(scope="session")
def full_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A closed workspace with two departments, three people with a role, one without, and some ratings."""
    path = tmp_path_factory.mktemp("full") / "template.muster"
    make_workspace(path, roles=ROLES, people=PEOPLE, ratings=RATINGS, courses=[make_course()]).close()
    return path


@pytest.fixture
def full(full_template: Path, tmp_path: Path) -> Path:
    """The file of a full workspace."""
    return copied(full_template, tmp_path / "full.muster")


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """The file of a workspace with nothing in it, not even a framework."""
    path = tmp_path / "bare.muster"
    Workspace.open(path, user=USER, clock=clock, create=True).close()
    return path


@pytest.fixture
def extract(tmp_path: Path) -> Path:
    """An HR extract of three data engineers."""
    return make_people(tmp_path / "extract.csv")


@pytest.fixture
def file_dialogs(monkeypatch: pytest.MonkeyPatch) -> FileDialogs:
    """Answers the system's file dialogs, and remembers what was asked."""
    recorder = FileDialogs()
    monkeypatch.setattr(dialogs, "choose_open", recorder.choose_open)
    monkeypatch.setattr(dialogs, "choose_save", recorder.choose_save)
    monkeypatch.setattr(dialogs, "open_folder", recorder.open_folder)
    return recorder


@pytest.fixture
def desk(qapp: QApplication, qtbot: Any, settings: Settings, appearance: application.Look) -> Iterator[Desk]:
    """The window with all its pages; open a workspace with :meth:`Desk.open`."""
    window = MainWindow(settings, application.real_doors(), appearance.choose)
    made = Desk(window, qtbot)
    yield made
    made.close()
