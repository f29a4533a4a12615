"""Skill gaps: who is short of what, as a map, over time, compared, and down to the people behind each figure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PySide6.QtWidgets import QTabBar, QWidget

from app.progress import Progress
from app.services.gap_groups import GapDimension
from app.services.gap_page import GapHead, gap_head
from app.services.gaps import GroupLine
from app.services.scope import Scope
from app.ui.formats import people, share, whole
from app.ui.page import Action, Empty, Page
from app.ui.parts.gap_compare import ComparePage
from app.ui.parts.gap_drill import Drill
from app.ui.parts.gap_exports import ask_export, print_briefing, save_picture
from app.ui.parts.gap_facts import Fact, FactLine
from app.ui.parts.gap_few import FewPage
from app.ui.parts.gap_map_view import MapPage
from app.ui.parts.gap_mentors import MentorsPage
from app.ui.parts.gap_people import PeopleBehind
from app.ui.parts.gap_skills import SkillsPage
from app.ui.parts.gap_trend import TrendPage
from app.ui.parts.gap_view import Cell, GapView
from app.ui.parts.views import Views
from app.ui.widgets import line, rows

NARROW = 760
"""Below this width, in pixels at 100 %, the four figures give their room to the view."""

VIEWS: tuple[type[GapView], ...] = (TrendPage, ComparePage, FewPage, MentorsPage, SkillsPage)
KEYS = ("map", "trend", "compare", "few", "mentors", "skills")
"""What the views are called by whoever sends somebody here."""


@dataclass(frozen=True, slots=True, eq=False)
class GapsAnswer:
    """What is said of the whole scope, and the answer of the view that is shown."""

    head: GapHead
    view: GapView
    found: Any


class GapsPage(Page):
    """Four figures, six views, people and profiles in the drawer; the people of a figure as a table in place."""

    key = "gaps"
    title = "Skill gaps"
    icon = "gaps"
    depends_on = frozenset(
        {"person", "person_spell", "unit", "role_assignment", "assessment", "current_level", "requirement",
         "role_level", "role", "role_family", "framework_version", "skill", "workspace_setting"}
    )  # fmt: skip
    busy_words = "Counting who is short of what"
    help = (
        "Each cell of the map counts the people of a department whose role requires a skill. The share is of those "
        "assessed; hatched cells rest on fewer than half, and coverage stands beside every row and column. Arrow keys "
        "walk the map, Enter shows the people behind a cell, Ctrl+C copies the map, Esc closes what was opened. Rows "
        "and columns can be anything, either way round. The tabs lead to change over time, departments compared, what "
        "rests on one or two people, mentors, and the weight and tag of each skill. Share mode (View menu) hides names "
        "and counts of 1 to 4 people on a screen that others see."
    )

    def build(self, content: QWidget) -> None:
        go = self.context.navigator.go
        self.tiles = {
            "met": Fact("of requirements met"),
            "people": Fact("people with a role", lambda: go("role_mapping"), "Review"),
            "coverage": Fact("of requirements assessed", lambda: go("assessments")),
            "steps": Fact("steps to close"),
        }
        self._facts = FactLine(*self.tiles.values())
        self.tabs = QTabBar()
        self.tabs.setAccessibleName("Views of skill gaps")
        self.tabs.setDrawBase(False)
        self.tabs.setExpanding(False)
        self.views = Views()
        self.map_view = MapPage(self.context)
        self.map_view.make_ready()
        self.map, self.side = self.map_view.card, self.map_view.side
        self.all_views: tuple[GapView, ...] = (self.map_view, *(kind(self.context) for kind in VIEWS))
        for view in self.all_views:
            self.tabs.addTab(view.title)
            self.views.add(view)
            view.asked.connect(self.load)
            view.cell_opened.connect(self._open_cell)
            view.person_opened.connect(self.open_person)
            view.details_opened.connect(self._show_details)
        self.map.rows_chosen.connect(self._forget)
        self.map.picture_asked.connect(self.save_picture)
        self.map_view.group_opened.connect(self.open_group)
        bar = line(self.tabs, self.map_view.side_switch, space=12)
        bar.setStretch(0, 1)
        overview = QWidget()
        box = rows(self._facts, bar, self.views, space=8)
        box.setStretch(2, 1)
        overview.setLayout(box)
        self.behind = PeopleBehind()
        self._whole = Views()
        for part in (overview, self.behind):
            self._whole.add(part)
        self._whole.resized.connect(self._arrange)
        content.setLayout(rows(self._whole))
        self.drill = Drill(self, self.behind, self._turn)
        self.tabs.currentChanged.connect(self._on_tab)
        self.set_actions(
            Action("Make training plan", self.make_plan, "training", "Ctrl+Shift+T"),
            Action("Export", self.export, "export", "Ctrl+E"),
            Action("Profession", lambda: self.context.navigator.go("profession"), "people"),
        )
        self._arrange()

    @property
    def view(self) -> GapView:
        """The view that is shown."""
        return self.all_views[self.views.shown]

    @property
    def _is_shared(self) -> bool:
        return self.context.settings.flag("share_mode")

    # --- asking and showing -----------------------------------------------------------------------------------

    def ask(self) -> Callable[[Progress], GapsAnswer]:
        gaps, scope, view, is_shared = (
            self.context.workspace.gaps,
            self.context.scope.scope,
            self.view,
            self._is_shared,
        )
        work = view.ask(scope, is_shared=is_shared)

        def answered(progress: Progress) -> GapsAnswer:
            if isinstance(view, MapPage):
                found = work(progress)
                return GapsAnswer(found.head, view, found)
            head = gap_head(gaps, scope, is_shared=is_shared)
            is_nothing = head.heatmap.is_empty
            return GapsAnswer(head, view, None if is_nothing else work(progress))

        return answered

    def present(self, result: GapsAnswer) -> Empty | None:
        head = result.head
        empty = self._nothing(head)
        if empty is not None:
            self.set_answer("")
            return empty
        if result.view is not self.view:  # another tab was chosen meanwhile, and is being asked
            return None
        self.set_answer(result.view.answer(result.found))
        self._fill_facts(head)
        result.view.fill(result.found)
        if not head.totals.assessed:
            self.banner.say("Nobody is assessed yet, so the map cannot say who is short.", "Load assessments",
                            lambda: self.context.navigator.go("people", act="load_assessments"), "info")  # fmt: skip
        elif self.banner.sentence.startswith("Nobody is assessed"):
            self.banner.say("")
        self.drill.refresh(head.heatmap.skills)
        return None

    def _nothing(self, head: GapHead) -> Empty | None:
        go, state = self.context.navigator.go, self.context.scope
        if not head.totals.people and state.scope != Scope():
            return Empty("Nobody is in this scope.", "Show everybody", lambda: state.set(Scope()))
        if not head.totals.people:
            return Empty("There is nobody in this workspace yet.", "Load HR extract",
                         lambda: go("people", act="load_people"))  # fmt: skip
        if head.heatmap.is_empty:
            counted = "[c] people" if head.is_hidden("", "people") else people(head.totals.people)
            return Empty(f"None of the {counted} here has a role with required skills yet.",
                         "Review roles", lambda: go("role_mapping"))  # fmt: skip
        return None

    def _fill_facts(self, head: GapHead) -> None:
        totals = head.totals
        met, covered = _share_or(totals.readiness, "None assessed"), _share_or(totals.coverage, "None")
        of_met = f"{whole(totals.meeting)} of {whole(totals.assessed)} assessed"
        missing = f"{whole(totals.required - totals.assessed)} of {whole(totals.required)} not assessed"
        if head.is_hidden("", "shares"):
            met = covered = of_met = missing = "[c]"
        self.tiles["met"].set_figure(met, of_met)
        self.tiles["coverage"].set_figure(covered, missing)
        unmapped = f"{whole(totals.unmapped)} not mapped yet" if totals.unmapped else "everybody is mapped"
        if head.is_hidden("", "unmapped"):
            unmapped = "[c] not mapped yet"
        mapped = _mapped(head, totals)
        self.tiles["people"].set_figure(mapped, unmapped)
        steps = "[c]" if "levels" in head.hidden_of_totals else whole(head.heatmap.levels_to_close)
        ready = "[c] people" if head.is_hidden("", "fully_ready") else people(totals.fully_ready)
        self.tiles["steps"].set_figure(steps, f"{ready} fully ready")

    # --- views ------------------------------------------------------------------------------------------------

    def show_view(self, key: str) -> None:
        """Show a view by its key (:data:`KEYS`)."""
        self.tabs.setCurrentIndex(KEYS.index(key))

    def _on_tab(self, place: int) -> None:
        self.all_views[place].make_ready()
        self.views.turn_to(place)
        self.drawer.shut()
        self._forget()
        self._arrange()
        if not self.tabs.hasFocus():
            self.tabs.setFocus()
        self.load()

    def _turn(self, to_table: bool) -> None:
        self._whole.turn_to(int(to_table))
        if not to_table:
            self.view.focus()

    def _forget(self) -> None:
        self.drawer.shut()
        self.drill.forget()

    # --- drilling down ----------------------------------------------------------------------------------------

    def open_group(self, key: str) -> None:
        """A group of people in the drawer; everybody where ``key`` is empty."""
        self.drill.open_group(self.result.head, key)

    def _open_cell(self, cell: Cell) -> None:
        is_map = isinstance(self.view, MapPage)
        self.drill.open_cell(cell, self.map_view.figure_words() if is_map else "")

    def _show_details(self, title: str, content: QWidget) -> None:
        self.drill.show_details(title, content)

    def open_person(self, person_id: int) -> None:
        """One person in the drawer."""
        self.drill.open_person(person_id)

    # --- actions ----------------------------------------------------------------------------------------------

    def receive(self, **about: Any) -> None:
        view, skill, person = about.get("view"), about.get("skill"), about.get("person_id")
        if view:
            self.show_view(str(view))
        if skill:
            self.drill.open_cell(Cell(str(skill), str(about.get("group", "")), self.map.dimension))
        if person:
            self.drill.forget()
            self.open_person(int(person))

    def make_plan(self) -> None:
        """Go to the plans with the same scope."""
        self.context.navigator.go("training", act="new")

    def export(self) -> None:
        """Ask what to put into the file, then where to write it."""
        by_skill = self.map.dimension is GapDimension.SKILL
        ask_export(self, self.map.columns if by_skill else self.map.dimension, is_shared=self._is_shared)

    def print_page(self) -> None:
        """Print the briefings of the scope."""
        print_briefing(self)

    def save_picture(self) -> None:
        """Save the map as a picture with the rows and columns it has, small counts hidden."""
        save_picture(self, self.map.dimension, self.map.columns)

    def find(self) -> None:
        if self.drill.is_table:
            self.behind.pane.focus_filter()
        else:
            self.view.find()

    # --- room -------------------------------------------------------------------------------------------------

    def _arrange(self) -> None:
        unit = max(1.0, self.fontMetrics().averageCharWidth() / 7)
        width = self._whole.width()
        self._facts.setVisible(width >= NARROW * unit)
        is_map = isinstance(self.view, MapPage)
        self.map_view.side_switch.setVisible(is_map and width >= NARROW * unit)
        self.map_view.arrange(width)


def _share_or(value: float | None, words: str) -> str:
    return words if value is None else share(value)


def _mapped(head: GapHead, totals: GroupLine) -> str:
    """People with a role; not where it would tell a count that is held back."""
    is_hidden = head.is_hidden("", "people") or head.is_hidden("", "unmapped")
    return "[c]" if is_hidden else whole(totals.people - totals.unmapped)
