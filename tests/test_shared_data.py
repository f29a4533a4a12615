from __future__ import annotations

from pathlib import Path

import pytest

from tests import shared_data
from tests.conftest import PROJECT, needs_window


def test_another_folder_can_be_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "framework").mkdir()
    monkeypatch.setenv(shared_data.OVERRIDE, str(tmp_path))
    assert shared_data.path("framework") == tmp_path / "framework"


def test_an_absent_file_skips_with_its_name(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(shared_data.OVERRIDE, str(tmp_path))
    with pytest.raises(pytest.skip.Exception, match=r"no/such\.csv"):
        shared_data.path("no/such.csv")


@pytest.mark.parametrize(
    ("text", "place", "expected"),
    [
        ("", "tests/ui/pages/test_people.py", True),
        ("from PySide6.QtCore import Qt", "tests/journeys/test_road.py", True),
        ("def test():\n    import PySide6", "tests/test_x.py", True),
        ("from app.ui import main_window", "tests/journeys/test_road.py", True),
        ("import app.ui.table", "tests/test_x.py", True),
        ("from app.ui import screen_check", "tests/test_first_run.py", False),
        ("from app.ui.screen_check import problem", "tests/test_x.py", False),
        ("from app.workspace import Workspace\nimport json", "tests/services/test_people.py", False),
    ],
)
def test_modules_that_need_the_window_are_told_by_place_and_imports(
    text: str, place: str, expected: bool
) -> None:
    assert needs_window(text, PROJECT / place) is expected
