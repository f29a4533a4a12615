"""An organogram loaded through the preview that every file goes through."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from app.services.scope import Scope
from app.ui.import_kinds import OrganogramKind
from app.ui.import_preview import ImportDialog, open_import
from tests.builders import write_rows
from tests.ui.pages.desk import Desk


def _post(number: str, **values: Any) -> dict[str, Any]:
    usual = {
        "Post Unique Reference": number, "Name": "N/D", "Grade": "SCS1", "Job Title": "Chief data officer",
        "Organisation": "Home Office", "Unit": "Data", "Reports to Senior Post": "XX", "FTE": "1",
    }  # fmt: skip
    return usual | values


def _begin(desk: Desk, page: Any, path: Path) -> ImportDialog:
    dialog = open_import(page, OrganogramKind(page.context), path)
    desk.settle()
    return dialog


def test_posts_are_previewed_loaded_changed_and_reverted(desk: Desk, small: Path, tmp_path: Path) -> None:
    page = desk.open(small, "people")
    path = write_rows(tmp_path / "ho-2024-03-31.csv", [_post("1"), _post("2", Name="Vacant")])
    dialog = _begin(desk, page, path)
    assert dialog.sentence.text() == "2 new posts and 2 new units."
    titles = [dialog.tabs.tabText(place) for place in range(dialog.tabs.count())]
    assert titles[:3] == ["Organisations (1)", "New (2)", "New units (2)"]
    desk.click(dialog, "Load 2 posts")
    assert dialog.stage == "loaded"
    desk.click(dialog, "Close")
    (line,) = desk.workspace.posts.establishment(Scope(as_at=date(2024, 3, 31))).lines
    assert (line.filled, line.vacant) == (1, 1)
    dialog = _begin(desk, page, path)
    assert dialog.sentence.text() == "The workspace already holds all 2 posts of this file."
    assert not dialog._load.isEnabled()
    desk.click(dialog, "Cancel")
    newer = write_rows(tmp_path / "new-2024-03-31.csv", [_post("1", Grade="SCS2")])
    dialog = _begin(desk, page, newer)
    assert dialog.sentence.text() == "1 post changed and 1 post gone."
    desk.click(dialog, "Load 1 post")
    assert desk.workspace.posts.establishment(Scope()).total.posts == 1
    desk.click(dialog, "Revert this load")
    assert desk.workspace.posts.establishment(Scope()).total.posts == 2
