"""Skill gaps: who is short of what, as a map of departments and skills, down to the people behind each figure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from PySide6.QtWidgets import QBoxLayout, QWidget

from app.progress import Progress
from app.services.assessments import RatingLine
from app.services.gap_views import (
    HeatTotals,
    Shortage,
    by_readiness,
    cells_with_totals,
    furthest_from_ready,
    only_short,
    ordered,
    shortages,
)
from app.services.gaps import GapDimension, GroupLine, Heatmap, PairLine
from app.services.scope import PATH_MARK, Scope
from app.ui.formats import people, share, whole
from app.ui.heatmap import HeatmapData
from app.ui.page import Action, Empty, Page
from app.ui.parts.export_choice import ExportChoice, Way
from app.ui.parts.exports import WORKBOOKS, save_as
from app.ui.parts.gap_details import CellDetails, GroupDetails, PersonGaps, called
from app.ui.parts.gap_map import MapCard
from app.ui.parts.gap_people import PeopleBehind
from app.ui.parts.gap_side import GapSide
from app.ui.parts.tile_row import TileRow
from app.ui.parts.views import Views
from app.ui.widgets import FigureTile, rows

WIDE = 1_240
"""From this width on, in pixels at 100 %, readiness and shortages stand beside the map, else below it."""

TILES_IN_ONE_ROW = 560
PICTURES = "Picture for documents (*.png);;Drawing that can be scaled (*.svg);;PDF (*.pdf)"

_NARROWING = (GapDimension.DEPARTMENT, GapDimension.UNIT, GapDimension.ROLE_FAMILY)
_FIGURES = (
    "For anybody who may see the totals. Nobody is named, and figures that rest on 1 to 4 people show as [c]."
)
_NAMES = (
    "For those who manage {department}: the same figures in full, and a sheet of everybody with every skill."
)
_NO_NAMES = "Choose one department in the bar above first: a workbook with names is of one department only."


@dataclass(frozen=True, slots=True, eq=False)
class GapsAnswer:
    """What the page shows: the whole heat map, the part drawn with its totals, and what is said about it."""

    whole: Heatmap
    drawn: Heatmap
    cells: HeatTotals
    shortages: tuple[Shortage, ...]
    groups: tuple[GroupLine, ...]
    furthest: GroupLine | None
    worst: Shortage | None


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of the map: a skill of one group, or of all where ``group`` is empty."""

    skill: str
    group: str
    dimension: GapDimension

    @property
    def title(self) -> str:
        """How the drawer is headed."""
        return f"{last_name(self.group)} · {self.skill}" if self.group else self.skill


def last_name(path: str) -> str:
    """The last name of a unit path; any other label as it is."""
    return path.rsplit(PATH_MARK, maxsplit=1)[-1]


class GapsPage(Page):
    """The map, readiness, shortages; people and profiles in the drawer; the people of a cell as a table in place."""

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
        "assessed; hatched cells rest on fewer than half. Arrow keys walk the map, Enter shows the people behind a "
        "cell, Esc closes them. Skills stand with most levels short first, so begin at the top left."
    )

    def build(self, content: QWidget) -> None:
        go = self.context.navigator.go
        self.tiles = {
            "met": FigureTile("of requirements met", is_compact=True),
            "people": FigureTile("people with a role", lambda: go("role_mapping"), "Review", is_compact=True),
            "coverage": FigureTile("of requirements assessed", lambda: go("assessments"), is_compact=True),
            "steps": FigureTile("steps to close", is_compact=True),
        }
        self.map = MapCard(self._choose_rows, self.load, self.save_picture)
        self.map.heatmap.cell_clicked.connect(self._on_cell)
        self.side = GapSide()
        self.side.group_opened.connect(self.open_group)
        self.side.skill_opened.connect(lambda skill: self.open_cell(self._cell_of("", skill)))
        self._body = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._body.setSpacing(16)
        self._body.addWidget(self.map, 5)
        self._body.addWidget(self.side, 2)
        overview = QWidget()
        box = rows(TileRow(self.tiles, TILES_IN_ONE_ROW), self._body, space=16)
        box.setStretch(1, 1)
        overview.setLayout(box)
        self.behind = PeopleBehind()
        self.behind.person_opened.connect(self.open_person)
        self.behind.back_asked.connect(self.show_map)
        self._views = Views()
        self._views.resized.connect(self._arrange)
        for view in (overview, self.behind):
            self._views.add(view)
        content.setLayout(rows(self._views))
        self._cell: Cell | None = None
        self._pairs: Sequence[PairLine] = ()
        self._auto_unit = False
        self.set_actions(
            Action("Make training plan", self.make_plan, "training", "Ctrl+Shift+T"),
            Action("Export to Excel", self.export, "export", "Ctrl+E"),
        )
        self._arrange()

    # --- asking and showing -----------------------------------------------------------------------------------

    def ask(self) -> Callable[[Progress], GapsAnswer]:
        gaps, scope = self.context.workspace.gaps, self.context.scope.scope
        self._follow_scope(scope)
        dimension, order, hides_met = self.map.dimension, self.map.order, self.map.hides_met

        def work(progress: Progress) -> GapsAnswer:
            heatmap = gaps.heatmap(scope, dimension)
            progress.check()
            drawn = ordered(only_short(heatmap) if hides_met else heatmap, order)
            furthest = furthest_from_ready(heatmap)
            worst = shortages(heatmap, 1, furthest.key) if furthest else ()
            return GapsAnswer(
                heatmap, drawn, cells_with_totals(drawn), shortages(heatmap), by_readiness(heatmap), furthest,
                worst[0] if worst else None,
            )  # fmt: skip

        return work

    def present(self, result: GapsAnswer) -> Empty | None:
        found, go = result.whole, self.context.navigator.go
        if not found.totals.people:
            self.set_answer("")
            if self.context.scope.scope != Scope():
                return Empty(
                    "Nobody is in this scope.", "Show everybody", lambda: self.context.scope.set(Scope())
                )
            return Empty("There is nobody in this workspace yet.", "Load HR extract",
                         lambda: go("people", act="load_people"))  # fmt: skip
        if found.is_empty:
            self.set_answer("")
            return Empty(f"None of the {people(found.totals.people)} here has a role with required skills yet.",
                         "Review roles", lambda: go("role_mapping"))  # fmt: skip
        self.set_answer(answer(result, self._short_label))
        self._fill_tiles(found)
        self.map.show_map(result.drawn, map_data(result, self._short_label), found)
        self._fill_side(result)
        if not found.totals.assessed:
            self.banner.say("Nobody is assessed yet, so the map cannot say who is short.", "Load assessments",
                            lambda: go("people", act="load_assessments"), "info")  # fmt: skip
        elif self.banner.sentence.startswith("Nobody is assessed"):
            self.banner.say("")
        self._refresh_details()
        return None

    def _short_label(self, name: str) -> str:
        """A unit path without the department everybody here is in."""
        departments = self.context.scope.scope.departments
        start = f"{departments[0]}{PATH_MARK}" if len(departments) == 1 else ""
        return name.removeprefix(start) if start else name

    def _fill_tiles(self, found: Heatmap) -> None:
        totals = found.totals
        met = "None assessed" if totals.readiness is None else share(totals.readiness)
        self.tiles["met"].set_figure(met, f"{whole(totals.meeting)} of {whole(totals.assessed)} assessed")
        unmapped = f"{whole(totals.unmapped)} not mapped yet" if totals.unmapped else "everybody is mapped"
        self.tiles["people"].set_figure(whole(totals.people - totals.unmapped), unmapped)
        missing = totals.required - totals.assessed
        self.tiles["coverage"].set_figure(
            share(totals.coverage or 0), f"{whole(missing)} of {whole(totals.required)} not assessed"
        )
        self.tiles["steps"].set_figure(
            whole(found.levels_to_close), f"{people(totals.fully_ready)} fully ready"
        )

    def _fill_side(self, result: GapsAnswer) -> None:
        shortened = self._short_label
        self.side.fill(
            self.map.dimension.value.replace("-", " "),
            [replace(group, label=shortened(group.label)) for group in result.groups],
            [replace(one, worst_group=shortened(one.worst_group)) for one in result.shortages],
        )

    # --- scope and rows ---------------------------------------------------------------------------------------

    def _follow_scope(self, scope: Scope) -> None:
        """Inside one department rows by department would be one row: show its units, and go back afterwards."""
        if scope.departments and self.map.dimension is GapDimension.DEPARTMENT:
            self.map.choose_dimension(GapDimension.UNIT)
            self._auto_unit = True
        elif not scope.departments and self._auto_unit:
            self.map.choose_dimension(GapDimension.DEPARTMENT)
            self._auto_unit = False

    def _choose_rows(self) -> None:
        self._auto_unit = False
        self.drawer.shut()
        self._cell = None
        self.load()

    # --- drilling down ----------------------------------------------------------------------------------------

    def _cell_of(self, group: str, skill: str) -> Cell:
        return Cell(skill, group, self.map.dimension)

    def _on_cell(self, row: int, column: int) -> None:
        """A place of the data: its first row and first column are totals."""
        drawn: Heatmap = self.result.drawn
        group = drawn.groups[row - 1].key if row else ""
        if not column:
            self.open_group(group)
        elif not row or drawn.required[row - 1, column - 1]:
            self.open_cell(self._cell_of(group, drawn.skills[column - 1]))

    def open_group(self, key: str) -> None:
        """A row of the map in the drawer: readiness and top shortages; everybody where ``key`` is empty."""
        found: Heatmap = self.result.whole
        group = next((one for one in found.groups if one.key == key), found.totals)
        narrows = bool(key) and self.map.dimension in _NARROWING and len(found.groups) > 1
        shown = GroupDetails(group, shortages(found, 10, key), self.map.dimension.value if narrows else "")
        shown.skill_chosen.connect(lambda skill: self.open_cell(self._cell_of(key, skill)))
        shown.narrow_asked.connect(lambda: self._narrow_to(key))
        self._cell = None
        self.drawer.open_with(last_name(group.label), shown)
        shown.list.setFocus()

    def _narrow_to(self, key: str) -> None:
        scope = self.context.scope.scope
        is_family = self.map.dimension is GapDimension.ROLE_FAMILY
        self.drawer.shut()
        self.context.scope.set(
            replace(scope, role_family=key) if is_family else replace(scope, departments=(key,))
        )

    def open_cell(self, cell: Cell) -> None:
        """The people behind a cell in the drawer, and in the table where that is shown."""
        gaps, scope = self.context.workspace.gaps, self.context.scope.scope
        dimension = cell.dimension if cell.group else None
        self.context.jobs.read(
            lambda _progress: gaps.people_behind(scope, cell.skill, dimension, cell.group),
            lambda pairs: self._show_cell(cell, pairs),
            key="gaps/cell",
            title="Finding the people behind the figure",
        )

    def _show_cell(self, cell: Cell, pairs: Sequence[PairLine]) -> None:
        self._cell, self._pairs = cell, pairs
        self._fill_table()
        self._open_people()

    def _open_people(self) -> None:
        if self._cell is None:
            return
        shown = CellDetails(self._pairs, hides_names=self._hides_names)
        shown.person_chosen.connect(lambda pair: self.open_person(pair.person_id))
        shown.all_asked.connect(self.show_table)
        self.drawer.open_with(self._cell.title, shown)
        shown.list.setFocus()

    def open_person(self, person_id: int) -> None:
        """One person in the drawer."""
        ws, day = self.context.workspace, self.context.scope.scope.as_at
        self.context.jobs.read(
            lambda _progress: (ws.gaps.person(person_id, day), ws.assessments.history(person_id)),
            lambda found: self._show_person(*found),
            key="gaps/person",
            title="Reading the person's skills",
        )

    def _show_person(self, pairs: tuple[PairLine, ...], ratings: tuple[RatingLine, ...]) -> None:
        if not pairs:
            self.banner.say("This person has no role with required skills any more.", tone="info")
            return
        back = f"Back to {people(len(self._pairs))}" if self._cell is not None else ""
        shown = PersonGaps(pairs, ratings, back, hides_names=self._hides_names)
        shown.back_asked.connect(self._open_people)
        number = pairs[0].person_id
        shown.record_asked.connect(lambda: self.context.navigator.go("people", person_id=number))
        self.drawer.open_with(called(pairs[0], hides_names=self._hides_names), shown)
        shown.skills.setFocus()

    def show_table(self) -> None:
        """Everybody behind the cell as a table, in place of the map."""
        self.drawer.shut()
        self._views.turn_to(1)
        self.behind.pane.table.setFocus()

    def show_map(self) -> None:
        """Back from the table."""
        self._views.turn_to(0)
        self.map.heatmap.setFocus()

    def _fill_table(self) -> None:
        if self._cell is not None:
            self.behind.fill(self._cell.title, self._pairs, hides_names=self._hides_names)

    def _refresh_details(self) -> None:
        """After the data or the scope changed: what is behind a figure is asked again."""
        is_table = self._views.shown == 1
        if self._cell is None or (self.drawer.isHidden() and not is_table):
            return
        cell = self._cell
        if cell.skill not in self.result.whole.skills:
            self.drawer.shut()
            self._cell = None
            self.show_map()
            return
        gaps, scope = self.context.workspace.gaps, self.context.scope.scope
        dimension = cell.dimension if cell.group else None
        is_cell = isinstance(self.drawer.content, CellDetails)

        def show(pairs: Sequence[PairLine]) -> None:
            self._pairs = pairs
            self._fill_table()
            if is_cell and not self.drawer.isHidden():
                self._open_people()

        self.context.jobs.read(
            lambda _progress: gaps.people_behind(scope, cell.skill, dimension, cell.group),
            show,
            key="gaps/cell",
        )

    @property
    def _hides_names(self) -> bool:
        return self.context.settings.flag("hide_names")

    # --- actions ----------------------------------------------------------------------------------------------

    def receive(self, **about: Any) -> None:
        skill, person = about.get("skill"), about.get("person_id")
        if skill:
            self.open_cell(Cell(str(skill), str(about.get("group", "")), self.map.dimension))
        if person:
            self._cell = None
            self.open_person(int(person))

    def make_plan(self) -> None:
        """Go to the plans with the same scope."""
        self.context.navigator.go("training", act="new")

    def export(self) -> None:
        """Ask what to put into the workbook, then where to write it."""
        departments = self.context.scope.scope.departments
        department = departments[0] if len(departments) == 1 else ""
        named = Way(
            f"With names, for {department}" if department else "With names",
            _NAMES.format(department=department) if department else _NO_NAMES,
            True,
            is_open=bool(department),
        )
        ways = (Way("Figures only", _FIGURES, False), named)
        dialog = ExportChoice(self, "Export skill gaps to Excel", ways, "Choose where to save")
        dialog.chosen.connect(self._save_workbook)
        dialog.open()

    def _save_workbook(self, named: bool) -> None:
        reports, scope, dimension = (
            self.context.workspace.reports,
            self.context.scope.scope,
            self.map.dimension,
        )
        where = f" {last_name(scope.departments[0])}" if len(scope.departments) == 1 else ""
        save_as(
            self, "Export skill gaps", f"Skill gaps{where}.xlsx", WORKBOOKS,
            lambda path, progress: reports.gap_workbook(scope, path, progress, dimension=dimension, named=named),
        )  # fmt: skip

    def save_picture(self) -> None:
        """Save the map by department as a picture, small counts hidden."""
        reports, scope = self.context.workspace.reports, self.context.scope.scope
        save_as(self, "Save picture", "Skill gaps.png", PICTURES,
                lambda path, _progress: reports.heatmap_picture(scope, path))  # fmt: skip

    def find(self) -> None:
        if self._views.shown == 1:
            self.behind.pane.focus_filter()
        else:
            self.map.heatmap.setFocus()

    # --- room -------------------------------------------------------------------------------------------------

    def _arrange(self) -> None:
        """Readiness and shortages beside the map or below it."""
        unit = max(1.0, self.fontMetrics().averageCharWidth() / 7)
        is_wide = self._views.width() >= WIDE * unit
        ways = QBoxLayout.Direction
        self._body.setDirection(ways.LeftToRight if is_wide else ways.TopToBottom)
        self.side.set_beside(is_wide)


def answer(found: GapsAnswer, shortened: Callable[[str], str]) -> str:
    """The one sentence with the answer."""
    totals, furthest, worst = found.whole.totals, found.furthest, found.worst
    if not totals.assessed:
        return f"Nobody is assessed yet: {whole(totals.required)} requirements wait for a rating."
    if furthest is None or worst is None:
        return f"Every assessed requirement is met; coverage {share(totals.coverage or 0)}."
    name = shortened(furthest.label) if len(found.whole.groups) > 1 else "Everybody here"
    verb = "is furthest from ready" if len(found.whole.groups) > 1 else "together"
    missing = f"{whole(furthest.assessed - furthest.meeting)} of {whole(furthest.assessed)}"
    return f"{name} {verb}: {missing} assessed requirements are not met, most of them in {worst.skill}."


def map_data(found: GapsAnswer, shortened: Callable[[str], str]) -> HeatmapData:
    """The part drawn as the map wants it, totals first."""
    drawn, cells = found.drawn, found.cells
    word = {GapDimension.EMPLOYMENT: "kinds of employment", GapDimension.ROLE_FAMILY: "role families"}.get(
        drawn.dimension, f"{drawn.dimension.value}s"
    )
    return HeatmapData(
        row_labels=[f"All {word}", *(shortened(group.label) for group in drawn.groups)],
        column_labels=["All skills", *drawn.skills],
        required=cells.required.tolist(),
        assessed=cells.assessed.tolist(),
        short=cells.short.tolist(),
        levels_short=cells.levels_short.tolist(),
        has_totals=True,
    )
