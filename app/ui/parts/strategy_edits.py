"""What can be changed on the strategy page: asked first where something goes, one action each, all of it undone."""

from __future__ import annotations

from typing import Any

from app.progress import Progress
from app.services.delivery import PriorityReadiness, State
from app.services.strategy.records import NeedView, ProgrammeView
from app.ui import dialogs
from app.ui.page import Page
from app.ui.parts import strategy_forms
from app.ui.parts.strategy_forms import Names


class StrategyEdits:
    """The changes of one strategy page."""

    def __init__(self, page: Page) -> None:
        self._page: Any = page

    def set_aside(self, found: PriorityReadiness) -> None:
        desk, is_aside = self._page.context.workspace.strategy_desk, found.state is State.SET_ASIDE

        def work(_progress: Progress) -> Any:
            return desk.set_aside(found.priority_id, is_set_aside=not is_aside)

        def write() -> None:
            self._page.context.jobs.write(work, title="Setting the priority aside")

        if is_aside:
            write()
            return
        dialogs.ask(
            self._page, f"Set “{found.priority}” aside?",
            "It then gives no weight to gaps and plans and needs nobody, until it is taken up again.", "Set it aside",
            write,
        )  # fmt: skip

    def edit_need(self, found: PriorityReadiness, need: NeedView) -> None:
        strategy_forms.edit_need(
            self._page, self._page.result.names, found, need, lambda: self.remove_need(need)
        )

    def edit_programme(self, found: PriorityReadiness, one: ProgrammeView) -> None:
        strategy_forms.edit_programme(
            self._page, self._page.result.names, found, one, lambda: self.remove_programme(found, one)
        )

    def remove_programme(self, found: PriorityReadiness, one: ProgrammeView) -> None:
        desk = self._page.context.workspace.strategy_desk
        dialogs.ask(
            self._page, f"Take “{one.name}” away with what it needs?", "Ctrl+Z brings it back.", "Take it away",
            lambda: self._page.context.jobs.write(
                lambda _progress: desk.remove_programme(found.priority_id, one.name), title="Taking a programme away"
            ),
        )  # fmt: skip

    def rename_area(self) -> None:
        if self._page.result is not None and self._page.result.names.areas:
            strategy_forms.rename_area(self._page, self._page.result.names)

    def remove_need(self, need: NeedView) -> None:
        desk, what = self._page.context.workspace.strategy_desk, need.role_level or need.role or need.skill
        dialogs.ask(
            self._page, f"Take “{what}” away from this priority?", "Ctrl+Z brings it back.", "Take it away",
            lambda: self._page.context.jobs.write(
                lambda _progress: desk.remove_lines([need.line_id]), title="Taking a need away"
            ),
        )  # fmt: skip

    def add(self) -> None:
        if self._page.result is not None:
            strategy_forms.edit_priority(self._page, self._page.result.names)

    def add_preset(self) -> None:
        strategy_forms.choose_preset(self._page)

    def rate(self) -> None:
        names: Names = self._page.result.names
        if not names.areas or not names.departments:
            self._page.banner.say(
                "Rating needs a department and an area: load people and a strategy first.", tone="info"
            )
            return
        strategy_forms.rate_maturity(self._page, names, names.departments[0])
