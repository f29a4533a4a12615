"""Skill gaps: who is short of what, as a map of departments and skills, down to the people behind each figure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QBoxLayout, QGridLayout, QHeaderView, QWidget

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
from app.ui.parts.bars import draw_bars
from app.ui.parts.export_choice import ExportChoice, Way
from app.ui.parts.exports import WORKBOOKS, save_as
from app.ui.parts.gap_details import CellDetails, GroupDetails, PersonGaps, called, shortage_line
from app.ui.parts.gap_map import MapCard
from app.ui.parts.line_list import LineList
from app.ui.parts.views import Views
from app.ui.table import Column, Table, TableData, TablePane
from app.ui.widgets import Card, FigureTile, button, label, line, rows

WIDE = 1_240
"""From this width on, in pixels at 100 %, readiness and shortages stand beside the map, else below it."""

TILES_IN_ONE_ROW = 560
PICTURES = "Picture for documents (*.png);;Drawing that can be scaled (*.svg);;PDF (*.pdf)"

READINESS_COLUMNS = (
    Column("label", "Department", width=176),
    Column("readiness", "Met", "share", width=124, align="left", blank="Not assessed",
           tooltip="Requirements met as a share of those assessed"),
    Column("coverage", "Assessed", "share", width=84, tooltip="Requirements assessed as a share of all"),
)  # fmt: skip
PERSON_COLUMNS = (
    Column("name", "Name", width=160),
    Column("staff_id", "Staff id", width=96),
    Column("unit", "Unit", width=240),
    Column("grade", "Grade", width=64),
    Column("role_level", "Role level", width=184),
    Column("held", "Held", "level"),
    Column("required", "Required", "level"),
    Column("gap", "Levels short", "int", blank="Not assessed", width=104),
    Column("assessed_on", "Assessed on", "date"),
    Column("assessed_by", "Assessed by", width=136),
)
_FIGURES = (
    "For anybody who may see the totals. Nobody is named, and figures that rest on 1 to 4 people show as [c]."
)
_NAMES = (
    "For those who manage {department}: the same figures in full, and a sheet of everybody with every skill."
)
_NO_NAMES = "Choose one department in the bar above first: a workbook with names is of one department only."
_NAMELESS = tuple(column for column in PERSON_COLUMNS if column.key != "name")
_NARROWING = (GapDimension.DEPARTMENT, GapDimension.UNIT, GapDimension.ROLE_FAMILY)


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
        self._grid = QGridLayout()
        self._grid.setSpacing(12)
        self._body = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._body.setSpacing(16)
        self._per_row = 0
        self._place_tiles(4)  # now, so that Tab comes to them before the map
        self.map = MapCard(self._choose_rows, self.load, self.save_picture)
        self.map.heatmap.cell_clicked.connect(self._on_cell)
        self._body.addWidget(self.map, 5)
        self._body.addWidget(self._build_side(), 2)
        overview = QWidget()
        box = rows(self._grid, self._body, space=16)
        box.setStretch(1, 1)
        overview.setLayout(box)
        self._views = Views()
        self._views.resized.connect(self._arrange)
        self._views.add(overview)
        self._views.add(self._build_table())
        content.setLayout(rows(self._views))
        self._cell: Cell | None = None
        self._pairs: tuple[PairLine, ...] = ()
        self._auto_unit = False
        self.set_actions(
            Action("Make training plan", self.make_plan, "training", "Ctrl+Shift+T"),
            Action("Export to Excel", self.export, "export", "Ctrl+E"),
        )
        self._arrange()

    def _build_side(self) -> QWidget:
        self.readiness = Table("gaps-readiness", "Readiness")
        self.readiness.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.readiness.row_opened.connect(lambda group: self.open_group(group.key))
        self.readiness.clicked.connect(
            lambda index: self.open_group(self.readiness.rows.record(index.row()).key)
        )
        self.readiness_card = Card("Readiness", "Furthest from ready first. Enter shows a department.")
        self.readiness_card.body.addWidget(self.readiness)
        self.shortages = LineList("Top ten shortages", grows=True)
        self.shortages.opened.connect(lambda skill: self.open_cell(self._cell_of("", skill)))
        self.shortages_card = Card("Top ten shortages", "By levels short, over everybody in the scope.")
        self.shortages_card.body.addWidget(self.shortages)
        self.side = QWidget()
        self._side_box = QBoxLayout(QBoxLayout.Direction.TopToBottom)
        self._side_box.setSpacing(16)
        self._side_box.setContentsMargins(0, 0, 0, 0)
        self._side_box.addWidget(self.readiness_card, 1)
        self._side_box.addWidget(self.shortages_card, 1)
        self.side.setLayout(self._side_box)
        return self.side

    def _build_table(self) -> QWidget:
        self.people = TablePane("gaps-people", "people")
        self.people.table.row_opened.connect(lambda pair: self.open_person(pair.person_id))
        self.back = button("Back to the map", "secondary", "chevron-left", self.show_map)
        self._table_title = label("", "heading")
        head = line(self.back, self._table_title, space=12)
        head.setStretch(1, 1)
        box = rows(head, self.people, space=12)
        box.setStretch(1, 1)
        made = QWidget()
        made.setLayout(box)
        return made

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
        self.map.show_map(result.drawn, self._data(result), found)
        self._fill_side(result)
        if not found.totals.assessed:
            self.banner.say("Nobody is assessed yet, so the map cannot say who is short.", "Load assessments",
                            lambda: go("people", act="load_assessments"), "info")  # fmt: skip
        elif self.banner.sentence.startswith("Nobody is assessed"):
            self.banner.say("")
        self._refresh_details()
        return None

    def _data(self, result: GapsAnswer) -> HeatmapData:
        drawn, cells = result.drawn, result.cells
        labels = [self._short_label(group.label) for group in drawn.groups]
        word = {
            GapDimension.EMPLOYMENT: "kinds of employment",
            GapDimension.ROLE_FAMILY: "role families",
        }.get(drawn.dimension, f"{drawn.dimension.value}s")
        return HeatmapData(
            row_labels=[f"All {word}", *labels],
            column_labels=["All skills", *drawn.skills],
            required=cells.required.tolist(),
            assessed=cells.assessed.tolist(),
            short=cells.short.tolist(),
            levels_short=cells.levels_short.tolist(),
            has_totals=True,
        )

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
        word = self.map.dimension.value.replace("-", " ")
        columns = (replace(READINESS_COLUMNS[0], header=word.capitalize()), *READINESS_COLUMNS[1:])
        lines = [replace(group, label=self._short_label(group.label)) for group in result.groups]
        self.readiness.set_records(columns, lines)
        draw_bars(self.readiness, "readiness")
        header = self.readiness.horizontalHeader()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.readiness_card.set_heading(
            f"Readiness by {word}", f"Furthest from ready first. Enter shows the {word}."
        )
        height = self.readiness.verticalHeader().defaultSectionSize()
        self.readiness.setMinimumHeight(height * (min(len(lines), 8) + 1) + 8)
        named = [replace(one, worst_group=self._short_label(one.worst_group)) for one in result.shortages]
        self.shortages.set_lines([shortage_line(one) for one in named])
        none = "Nobody assessed is short of anything." if not result.shortages else ""
        self.shortages_card.set_heading(
            "Top ten shortages", none or "By levels short, over everybody in the scope."
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

    def _show_cell(self, cell: Cell, pairs: tuple[PairLine, ...]) -> None:
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
        self.people.table.setFocus()

    def show_map(self) -> None:
        """Back from the table."""
        self._views.turn_to(0)
        self.map.heatmap.setFocus()

    def _fill_table(self) -> None:
        if self._cell is not None:
            self._table_title.setText(self._cell.title)
            columns = _NAMELESS if self._hides_names else PERSON_COLUMNS
            self.people.set_data(TableData.of_records(columns, self._pairs))

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

        def show(pairs: tuple[PairLine, ...]) -> None:
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
            self.people.focus_filter()
        else:
            self.map.heatmap.setFocus()

    # --- room -------------------------------------------------------------------------------------------------

    def _place_tiles(self, per_row: int) -> None:
        if per_row != self._per_row:
            self._per_row = per_row
            for place, tile in enumerate(self.tiles.values()):
                self._grid.addWidget(tile, place // per_row, place % per_row)
            for column in range(4):
                self._grid.setColumnStretch(column, int(column < per_row))

    def _arrange(self) -> None:
        """Tiles in one row or two; readiness and shortages beside the map or below it."""
        unit = max(1.0, self.fontMetrics().averageCharWidth() / 7)
        room = self._views.width()
        per_row = 4 if room >= TILES_IN_ONE_ROW * unit else 2
        self._place_tiles(per_row)
        is_wide = room >= WIDE * unit
        ways = QBoxLayout.Direction
        self._body.setDirection(ways.LeftToRight if is_wide else ways.TopToBottom)
        self.shortages.set_grows(not is_wide)
        self._side_box.setDirection(ways.TopToBottom if is_wide else ways.LeftToRight)


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
