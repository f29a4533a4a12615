"""From a figure of skill gaps down to people: a group, who is behind a figure, one person; in the drawer or a table.

On a shared screen the way down ends at the group: nobody is named, and no figure of few people is shown.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from app.services.gap_groups import GapDimension
from app.services.gap_page import GapHead
from app.services.gaps import PairLine
from app.services.prospects import Prospects
from app.ui.formats import people
from app.ui.page import Page
from app.ui.parts.gap_details import CellDetails, GroupDetails, PersonGaps, Refused, called
from app.ui.parts.gap_people import PeopleBehind
from app.ui.parts.gap_view import Cell, last_name

NARROWING = (GapDimension.DEPARTMENT, GapDimension.UNIT, GapDimension.ROLE_FAMILY)


class Drill(QObject):
    """The drawer and the table of people of one page. ``turn(True)`` shows the table in place of the views."""

    def __init__(self, page: Page, behind: PeopleBehind, turn: Callable[[bool], object]) -> None:
        super().__init__(page)
        self._page, self._behind, self._turn = page, behind, turn
        self._cell: Cell | None = None
        self._pairs: Sequence[PairLine] = ()
        self.is_table = False
        behind.person_opened.connect(self.open_person)
        behind.back_asked.connect(self.show_views)

    @property
    def hides_names(self) -> bool:
        """Whether people are called by their staff id."""
        return self._page.context.settings.flag("hide_names")

    @property
    def is_shared(self) -> bool:
        """Whether others see the screen."""
        return self._page.context.settings.flag("share_mode")

    # --- groups -----------------------------------------------------------------------------------------------

    def open_group(self, head: GapHead, key: str) -> None:
        """A group in the drawer: readiness and top shortages; everybody where ``key`` is empty."""
        found = head.heatmap
        group = next((one for one in found.groups if one.key == key), found.totals)
        narrows = bool(key) and found.dimension in NARROWING and len(found.groups) > 1
        hidden: frozenset[str] = head.hidden_of_groups.get(key, frozenset()) if key else head.hidden_of_totals
        word = found.dimension.value if narrows else ""
        shown = GroupDetails(group, head.shortages_of(key), word, hidden)
        shown.skill_chosen.connect(lambda skill: self.open_cell(Cell(skill, key, found.dimension)))
        shown.narrow_asked.connect(lambda: self._narrow_to(key, found.dimension))
        self.forget()
        self._page.drawer.open_with(last_name(group.label), shown)
        shown.list.setFocus()

    def _narrow_to(self, key: str, dimension: GapDimension) -> None:
        state = self._page.context.scope
        self._page.drawer.shut()
        if dimension is GapDimension.ROLE_FAMILY:
            state.set(replace(state.scope, role_family=key))
        else:
            state.set(replace(state.scope, departments=(key,)))

    # --- people -----------------------------------------------------------------------------------------------

    def open_cell(self, cell: Cell, figure: str = "") -> None:
        """The people behind a figure in the drawer; on a shared screen why they are not, with the figure in words."""
        if self.is_shared:
            self._refuse(cell.title, figure)
            return
        self._ask(cell, lambda pairs: self._show_cell(cell, pairs), "Finding the people behind the figure")

    def _ask(self, cell: Cell, done: Callable[[Sequence[PairLine]], None], title: str = "") -> None:
        gaps, scope = self._page.context.workspace.gaps, self._page.context.scope.scope
        if cell.day is not None:
            scope = replace(scope, as_at=cell.day)
        dimension = cell.dimension if cell.group else None
        self._page.context.jobs.read(
            lambda _progress: gaps.people_behind(scope, cell.skill, dimension, cell.group, cell.column),
            done,
            key="gaps/cell",
            title=title,
        )

    def _refuse(self, title: str, figure: str) -> None:
        shown = Refused(figure)
        shown.leave_asked.connect(self._page.context.navigator.share_mode_left.emit)
        self.forget()
        self._page.drawer.open_with(title, shown)
        shown.leave.setFocus()

    def _show_cell(self, cell: Cell, pairs: Sequence[PairLine]) -> None:
        self._cell, self._pairs = cell, pairs
        self._fill_table()
        self._open_people()

    def _open_people(self) -> None:
        if self._cell is None:
            return
        shown = CellDetails(self._pairs, hides_names=self.hides_names, names_skill=not self._cell.skill)
        shown.person_chosen.connect(lambda pair: self.open_person(pair.person_id))
        shown.all_asked.connect(self.show_table)
        self._page.drawer.open_with(self._cell.title, shown)
        shown.list.setFocus()

    def open_person(self, person_id: int) -> None:
        """One person in the drawer."""
        if self.is_shared:
            self._refuse("Share mode is on", "")
            return
        context = self._page.context
        ws, day = context.workspace, context.scope.scope.as_at
        context.jobs.read(
            lambda _progress: ws.prospects.person(person_id, day),
            self._show_person,
            key="gaps/person",
            title="Reading the person's skills",
        )

    def _show_person(self, found: Prospects) -> None:
        pairs = found.pairs
        if not pairs:
            self._page.banner.say("This person has no role with required skills any more.", tone="info")
            return
        back = "Back to the people behind the figure" if self._cell is not None else ""
        if self._cell is not None and self._cell.skill:
            back = f"Back to {people(len(self._pairs))}"
        shown = PersonGaps(found, back, hides_names=self.hides_names)
        shown.back_asked.connect(self._open_people)
        number = pairs[0].person_id
        shown.record_asked.connect(lambda: self._page.context.navigator.go("people", person_id=number))
        self._page.drawer.open_with(called(pairs[0], hides_names=self.hides_names), shown)
        shown.setFocus()

    # --- the table --------------------------------------------------------------------------------------------

    def show_table(self) -> None:
        """Everybody behind the figure as a table, in place of the views."""
        self._page.drawer.shut()
        self.is_table = True
        self._turn(True)
        self._behind.pane.table.setFocus()

    def show_views(self) -> None:
        """Back from the table."""
        self.is_table = False
        self._turn(False)

    def show_details(self, title: str, content: QWidget) -> None:
        """Something a view made, in the drawer."""
        self.forget()
        self._page.drawer.open_with(title, content)

    def forget(self) -> None:
        """No figure is looked behind any more."""
        self._cell = None

    def refresh(self, skills: Sequence[str]) -> None:
        """After the data or the scope changed: what is behind a figure is asked again; ``skills`` are those left."""
        cell = self._cell
        if cell is None or (self._page.drawer.isHidden() and not self.is_table):
            return
        if self.is_shared or (cell.skill and cell.skill not in skills):
            self._page.drawer.shut()
            self.forget()
            self.show_views()
            return
        is_cell = isinstance(self._page.drawer.content, CellDetails)

        def show(pairs: Sequence[PairLine]) -> None:
            self._pairs = pairs
            self._fill_table()
            if is_cell and not self._page.drawer.isHidden():
                self._open_people()

        self._ask(cell, show)

    def _fill_table(self) -> None:
        if self._cell is not None:
            self._behind.fill(
                self._cell.title, self._pairs, hides_names=self.hides_names, names_skill=not self._cell.skill
            )
