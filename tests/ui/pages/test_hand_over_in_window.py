"""Handing a mix over to the training plan in the window: asked first, one action, refused where it must be."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

from app.services.workforce import ClosingLimits
from app.ui.dialogs import MessageDialog
from tests.builders import contents
from tests.services.test_hand_over import office
from tests.ui.pages.desk import Desk

__all__ = ["office"]
VERB = "Hand over to training plan"
NO_OTHERS = ClosingLimits(most_campaigns=0, most_contractors_fte=Decimal(0))


def _closing(desk: Desk, path: Path, *, read_only: bool = False) -> Any:
    page: Any = desk.open(path, "workforce", read_only=read_only)
    page.show_view("closing")
    desk.settle()
    page.view._take_limits(NO_OTHERS)
    desk.settle()
    return page


def test_handing_over_is_asked_written_and_taken_back(desk: Desk, office: Path) -> None:
    page = _closing(desk, office)
    held = contents(office)["role_assignment"]
    desk.click(page, VERB)
    dialog = desk.dialog(MessageDialog)
    assert "3 people get a new role level" in desk.texts(dialog)
    desk.click(dialog, "Cancel")
    assert contents(office)["role_assignment"] == held
    desk.click(page, VERB)
    desk.click(desk.dialog(MessageDialog), "Hand over")
    assert contents(office)["role_assignment"] != held
    dialog = desk.dialog(MessageDialog)
    assert "Handed over: 3 people." in desk.texts(dialog)
    desk.click(dialog, "Open Training plans")
    assert desk.window.page is not None
    assert desk.window.page.key == "training"
    ws = page.context.workspace
    assert page.context.scope.scope.as_at > ws.today()
    newest = ws.admin.history()[0]
    assert newest.action == "Hand over to the training plan"
    ws.admin.revert(newest.action_id)
    assert contents(office)["role_assignment"] == held


def test_a_shared_screen_and_a_workspace_for_reading_refuse(desk: Desk, office: Path) -> None:
    page = _closing(desk, office, read_only=True)
    desk.click(page, VERB)
    dialog = desk.dialog(MessageDialog)
    assert "This workspace is open for reading only." in desk.texts(dialog)
    desk.click(dialog, "Close")
    page.context.settings.put("share_mode", True)
    page.context.workspace.close()
    page = _closing(desk, office)
    held = contents(office)["role_assignment"]
    desk.click(page, VERB)
    assert "Share mode is on, so nobody is handed over." in desk.texts(desk.dialog(MessageDialog))
    desk.click(desk.dialog(MessageDialog), "Close")
    assert contents(office)["role_assignment"] == held
    page.context.settings.put("share_mode", False)
