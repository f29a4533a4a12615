"""What every view of the page of skill gaps is: it asks a worker, shows the answer, and says it in one sentence."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

from PySide6.QtCore import Signal

from app.progress import Progress
from app.services.gap_groups import GapDimension
from app.services.scope import PATH_MARK, Scope
from app.ui.context import Context
from app.ui.parts.late_view import LateView


@dataclass(frozen=True, slots=True)
class Cell:
    """What somebody wants to see the people of: a skill ("" for all) of a group ("" for everybody).

    ``column`` is the second dimension of a cell whose columns are not skills; ``day`` another day than the scope's.
    """

    skill: str = ""
    group: str = ""
    dimension: GapDimension = GapDimension.DEPARTMENT
    column: tuple[GapDimension, str] | None = None
    day: date | None = None

    @property
    def title(self) -> str:
        """How the drawer is headed."""
        second = self.column[1] if self.column else self.skill
        parts = [part for part in (last_name(self.group), last_name(second)) if part]
        return " · ".join(parts) or "Everybody"


def last_name(path: str) -> str:
    """The last name of a unit path; any other label as it is."""
    return path.rsplit(PATH_MARK, maxsplit=1)[-1]


class GapView(LateView):
    """One view of the page.

    ``asked()`` when it must be asked anew, ``cell_opened(Cell)`` and ``person_opened(int)`` to see who is behind a
    figure, ``details_opened(str, QWidget)`` to show something in the drawer.
    """

    title: ClassVar[str] = ""
    busy_words: ClassVar[str] = ""

    asked = Signal()
    cell_opened = Signal(object)
    person_opened = Signal(int)
    details_opened = Signal(str, object)

    def __init__(self, context: Context) -> None:
        super().__init__()
        self.context = context

    def ask(self, scope: Scope, *, is_shared: bool) -> Callable[[Progress], Any]:
        """The work that answers this view; called on the window's thread, run on a worker."""
        raise NotImplementedError

    def fill(self, result: Any) -> None:
        """Show the answer."""
        raise NotImplementedError

    def answer(self, result: Any) -> str:
        """The answer in one sentence."""
        raise NotImplementedError

    def focus(self) -> None:
        """Put the keyboard into what matters most."""

    def find(self) -> None:
        """Ctrl+F: the filter of the view's table, or the view itself."""
        pane = getattr(self, "pane", None) or getattr(self, "lines", None)
        if pane is not None:
            pane.focus_filter()
        else:
            self.focus()

    @property
    def shortened(self) -> Callable[[str], str]:
        """Unit paths without the department everybody here is in."""
        departments = self.context.scope.scope.departments
        start = f"{departments[0]}{PATH_MARK}" if len(departments) == 1 else ""
        return lambda name: name.removeprefix(start) if start else name
