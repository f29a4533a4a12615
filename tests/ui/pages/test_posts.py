"""Posts of published organograms in the window."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from app.files.options import ReadOptions
from app.progress import silent
from app.ui import dialogs
from app.workspace import Workspace
from tests.builders import USER, clock
from tests.shared_data import path


def test_an_empty_page_points_to_the_published_files(
    furnished: Path, open_page: Any, monkeypatch: Any
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(dialogs, "choose_open", lambda _parent, title, _kinds, _chosen: asked.append(title))
    page = open_page(Workspace.open(furnished, user=USER, clock=clock), "posts")
    assert page.state == "empty"
    page._load()
    assert len(asked) == 1


def test_a_real_organogram_is_counted_and_can_be_filtered(furnished: Path, open_page: Any) -> None:
    junior = path("organograms/joint_nature_conservation_committee-2018-09-30-junior.csv")
    ws = Workspace.open(furnished, user=USER, clock=clock)
    ws.posts.commit_import(ws.posts.preview_import(junior, ReadOptions(), silent()), silent())
    page = open_page(ws, "posts")
    table = page.pane.table.rows
    assert page.state == "full"
    assert sum(table.record(row).junior for row in range(table.rowCount())) == 29
    assert "29 groups of junior posts" in page._answer.text()
    page.find()
    assert page.pane.filter.hasFocus()
