"""What every view of the Workforce page is, and what the page tells it: scope, scenario, how far ahead."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

from PySide6.QtCore import Signal

from app.progress import Progress
from app.services.scope import Scope
from app.ui.context import Context
from app.ui.parts.late_view import LateView


@dataclass(frozen=True, slots=True)
class Question:
    """What a view is asked about. ``is_shared``: others see the screen, so nothing rests on 1 to 4 people."""

    scope: Scope
    scenario: str
    quarters: int
    is_shared: bool


class WorkforceView(LateView):
    """One view. ``asked()`` when it must be asked anew; ``person_opened(int)`` to see somebody."""

    title: ClassVar[str] = ""
    needs_demand: ClassVar[bool] = True
    """Whether there is nothing to see before somebody needs anything."""

    asked = Signal()
    person_opened = Signal(int)

    def __init__(self, context: Context) -> None:
        super().__init__()
        self.context = context

    def ask(self, question: Question) -> Callable[[Progress], Any]:
        """The work that answers this view; called on the window's thread, run on a worker."""
        raise NotImplementedError

    def fill(self, result: Any) -> None:
        """Show the answer."""
        raise NotImplementedError

    def answer(self, result: Any) -> str:
        """The answer in one sentence."""
        raise NotImplementedError

    def find(self) -> None:
        """Ctrl+F: the filter of the view's table."""
        pane = getattr(self, "pane", None)
        if pane is not None:
            pane.focus_filter()

    @property
    def hides_names(self) -> bool:
        """Whether people's names stay out of sight."""
        return self.context.settings.flag("hide_names")
