"""A profession: one role family over all departments, with its pyramid, its pipeline and its skills."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from PySide6.QtCore import QModelIndex, QSignalBlocker
from PySide6.QtWidgets import QBoxLayout, QComboBox, QWidget

from app.analysis.disclosure import SUPPRESSED
from app.analysis.pipeline import Reach
from app.charts.pyramid import PyramidBar, PyramidPicture, pyramid
from app.charts.style import DARK, LIGHT
from app.progress import Progress
from app.services.profession import REACH_WORDS, Pick, ProfessionPerson, ProfessionView
from app.services.profession_rows import COLUMNS, rows_of, summary_of
from app.services.profession_shared import HiddenProfession, hidden_profession
from app.terms import GRADES
from app.ui.canvas import ChartPane
from app.ui.formats import fte, people, share, whole
from app.ui.page import Action, Empty, Page
from app.ui.parts.bars import draw_bars
from app.ui.parts.exports import WORKBOOKS, export_table, save_as
from app.ui.parts.line_list import Line, LineList
from app.ui.parts.tile_row import TileRow
from app.ui.parts.views import Views
from app.ui.table import Column, Table, TableData, TablePane
from app.ui.widgets import Card, FigureTile, button, label, line, rows

MOST_IN_DRAWER = 30
WIDE = 1_180
TILES_IN_ONE_ROW = 840
TABLE_HIGH, CHART_FRAME, CHART_STEP = 300, 190, 33

DEPARTMENTS = (
    Column("department", "Department", width=270),
    Column("people", "People", "int", width=72),
    Column("fte", "FTE", "fte", width=76),
    Column("contractors", "Contractors", "int", width=94),
    Column("readiness", "Met", "share", width=140, align="left", blank="Not assessed",
           tooltip="Requirements met, of those assessed"),
    Column("coverage", "Assessed", "share", width=84),
    Column("fully_ready", "Fully ready", "int", width=90),
    Column("unmapped", "No role yet", "int", width=90, tooltip="Everybody in the department without a role"),
)  # fmt: skip
PYRAMID = (
    Column("role", "Role", width=150),
    Column("role_level", "Role level", width=200),
    Column("seniority", "Level", "int", width=60),
    Column("grade", "Grade", width=80),
    Column("people", "People", "int", width=70),
    Column("fte", "FTE", "fte", width=76),
    Column("contractors", "Contractors", "int", width=94),
)
PIPELINE = (
    Column("role_level", "Role level", width=230),
    Column("next_level", "Next level", width=230),
    Column("people", "People", "int", width=70),
    *(
        Column(
            reach.name,
            REACH_WORDS[reach].capitalize(),
            "int",
            width=150 if reach is Reach.NOT_ASSESSED else 112,
        )
        for reach in Reach
    ),
)
SKILLS = (
    Column("skill", "Skill", width=220),
    Column("short", "Short", "int", width=70),
    Column("assessed", "Assessed", "int", width=80),
    Column("share_short", "Share short", "share", width=130, align="left"),
    Column("levels_short", "Levels short", "int", width=94),
    Column("coverage", "Coverage", "share", width=84),
)
PEOPLE = (
    Column("name", "Name", width=150),
    Column("staff_id", "Staff ID", width=86),
    Column("department", "Department", width=210),
    Column("grade", "Grade", width=70),
    Column("role_level", "Role level", width=200),
    Column("employment", "Employment", width=110),
    Column("fte", "FTE", "fte", width=70),
    Column("next_level", "Next level", width=200),
    Column("reach", "Reach", width=130),
    Column("steps_missing", "Steps missing", "int", width=104),
    Column("assessed", "Assessed", "int", width=84),
    Column("required", "Required", "int", width=84),
)


@dataclass(frozen=True, slots=True)
class ProfessionAnswer:
    """What the page shows; ``view`` is None where there is no role family, ``kept`` says what a shared screen hides."""

    families: tuple[str, ...]
    view: ProfessionView | None
    kept: HiddenProfession | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table: its values by column, and the people it stands for."""

    values: dict[str, Any]
    pick: Pick

    def __getattr__(self, name: str) -> Any:
        try:
            return self.values[name]
        except KeyError:
            raise AttributeError(name) from None


class ProfessionPage(Page):
    """Tiles, departments, pyramid, pipeline and skills of a role family; people in the drawer and as a table."""

    key = "profession"
    title = "Profession"
    icon = "people"
    depends_on = frozenset(
        {"person", "person_spell", "unit", "role_assignment", "assessment", "current_level", "requirement",
         "role_level", "role", "role_family", "framework_version", "skill", "workspace_setting"}
    )  # fmt: skip
    busy_words = "Counting the profession"
    help = (
        "One role family over all departments, for its head of profession. Only confirmed and imported roles count. "
        "Click a row, or a figure of the pipeline, for the people behind it; click a person for the profile."
    )

    def build(self, content: QWidget) -> None:
        self.family = QComboBox()
        self.family.setAccessibleName("Role family")
        self.family.setMinimumContentsLength(18)
        self.family.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.family.currentIndexChanged.connect(lambda _place: self.load())
        self.tiles = {
            "people": self._tile("people", "Everybody", Pick()),
            "contractors": self._tile("contractors", "Contractors", Pick(only_contractors=True)),
            "entry": self._tile("at entry level", "Entry level", Pick(only_entry=True)),
            "ready": self._tile("ready for the next level", "Ready now", Pick(reach=Reach.READY)),
            "near": self._tile("one step short", "One step short", Pick(reach=Reach.ONE_STEP)),
            "met": FigureTile("of requirements met", is_compact=True),
        }
        self.departments = self._table("profession-departments", "departments")
        self.pipeline = self._table("profession-pipeline", "role levels")
        self.skills = self._table("profession-skills", "skills")
        self.levels = self._table("profession-pyramid", "role levels and grades")
        self.chart = ChartPane("profession-pyramid-chart", "grades")
        self.behind = TablePane(
            "profession-people", "people", lambda table: export_table(self, table, "People")
        )
        self._people: tuple[ProfessionPerson, ...] = ()
        self._shown = ("", Pick())
        self._views = Views()
        self._views.resized.connect(self._arrange)
        for view in (self._overview(), self._list()):
            self._views.add(view)
        content.setLayout(rows(self._views))
        self._connect()
        self.set_actions(Action("Export to Excel", self.export, "export", "Ctrl+E"))
        self._arrange()

    def _tile(self, words: str, title: str, pick: Pick) -> FigureTile:
        return FigureTile(words, lambda: self.open_people(title, pick), is_compact=True)

    def _overview(self) -> QWidget:
        choice = line(label("Role family", "label", wraps=False), self.family, space=8)
        choice.addStretch(1)
        self._pairs = (
            self._beside(
                self._card("Departments side by side", self.departments),
                self._card("", self.chart),
            ),
            self._beside(
                self._card("Pyramid by role level and grade", self.levels),
                self._card("Skills, worst first", self.skills),
            ),
        )
        pipeline = self._card("Pipeline: how far people are from the next level of their role", self.pipeline)
        tiles = TileRow(self.tiles, TILES_IN_ONE_ROW, len(self.tiles))
        made = QWidget()
        made.setLayout(rows(choice, tiles, self._pairs[0], pipeline, self._pairs[1], space=16))
        return made

    def _list(self) -> QWidget:
        back = button("Back to the profession", "link", "chevron-left", self.show_overview)
        made = QWidget()
        made.setLayout(rows(back, self.behind, space=8))
        return made

    def _connect(self) -> None:
        self.behind.table.row_opened.connect(lambda one: self.open_person(one.person_id))
        self.departments.table.clicked.connect(self._on_department)
        self.departments.table.row_opened.connect(lambda row: self.open_people(row.department, row.pick))
        self.levels.table.clicked.connect(lambda index: self._open_row(self.levels.table, index))
        self.pipeline.table.clicked.connect(self._on_pipeline)
        for pane in (self.levels, self.pipeline):
            pane.table.row_opened.connect(lambda row: self.open_people(row.role_level, row.pick))
        skills = self.skills.table
        skills.row_opened.connect(lambda row: self._open_skill(row.skill))
        skills.clicked.connect(lambda index: self._open_skill(skills.rows.record(index.row()).skill))

    def _table(self, name: str, what: str) -> TablePane:
        pane = TablePane(name, what)
        pane.setMinimumHeight(TABLE_HIGH)
        return pane

    def _card(self, title: str, part: QWidget) -> Card:
        card = Card()
        if title:
            card.set_heading(title, "")
        card.body.addWidget(part, 1)
        return card

    def _beside(self, left: QWidget, right: QWidget) -> QBoxLayout:
        box = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        box.setSpacing(16)
        box.addWidget(left, 3)
        box.addWidget(right, 2)
        return box

    # --- asking and showing -----------------------------------------------------------------------------------

    def ask(self) -> Callable[[Progress], ProfessionAnswer]:
        profession, scope = self.context.workspace.profession, self.context.scope.scope
        chosen, is_shared = scope.role_family or self.family.currentText(), self._is_shared

        def work(progress: Progress) -> ProfessionAnswer:
            families = profession.families(scope)
            progress.check()
            if not families:
                return ProfessionAnswer((), None)
            family = chosen if chosen in families else families[0]
            view = profession.view(replace(scope, role_family=family))
            return ProfessionAnswer(families, view, hidden_profession(view) if is_shared else None)

        return work

    def present(self, result: ProfessionAnswer) -> Empty | None:
        go = self.context.navigator.go
        if result.view is None:
            self.set_answer("")
            return Empty(
                "There is no framework in this workspace yet.", "Load framework", lambda: go("frameworks")
            )
        view = result.view
        with QSignalBlocker(self.family):
            if [self.family.itemText(at) for at in range(self.family.count())] != list(result.families):
                self.family.clear()
                self.family.addItems(result.families)
            self.family.setCurrentText(view.family)
        self.family.setEnabled(not self.context.scope.scope.role_family)
        self.set_answer(answer(view, result.kept))
        self._fill_tiles(view, result.kept)
        self._fill_tables(view, result.kept)
        self._fill_chart(view, result.kept)
        if result.kept is not None:
            self.drawer.shut()
            self._views.turn_to(0)
        elif self._views.shown == 1 or (not self.drawer.isHidden() and self._shown[0]):
            self._ask_people(*self._shown, lambda _title: None)
        if not view.counts.people and self.context.scope.scope.departments:
            self.banner.say(f"Nobody in this scope has a role in {view.family}.", tone="info")
        elif self.banner.sentence.startswith("Nobody in this scope"):
            self.banner.say("")
        return None

    def _fill_tiles(self, view: ProfessionView, kept: HiddenProfession | None) -> None:
        found = summary_of(view, kept)

        def told(name: str, write: Callable[[Any], str] = whole) -> str:
            value = found[name]
            return value if isinstance(value, str) else "none" if value is None else write(value)

        self.tiles["people"].set_figure(told("people"), f"{told('fte', fte)} FTE")
        self.tiles["contractors"].set_figure(told("contractors"), f"{told('contractor_share', share)} of all")
        self.tiles["entry"].set_figure(told("entry"), "the most junior of several levels")
        self.tiles["ready"].set_figure(told("ready"), f"{told('top')} have none above")
        self.tiles["near"].set_figure(told("one_step"), f"{told('not_assessed')} not assessed enough")
        self.tiles["met"].set_figure(told("readiness", share), f"coverage {told('coverage', share)}")

    def _fill_tables(self, view: ProfessionView, kept: HiddenProfession | None) -> None:
        picks: dict[str, list[Pick]] = {
            "departments": [Pick(department=one.department) for one in view.departments],
            "pyramid": [Pick(role_level_id=one.role_level_id, grade=one.grade) for one in view.pyramid],
            "pipeline": [Pick(role_level_id=one.role_level_id) for one in view.pipeline],
        }
        for part, pane, columns in (
            ("departments", self.departments, DEPARTMENTS), ("pyramid", self.levels, PYRAMID),
            ("pipeline", self.pipeline, PIPELINE), ("skills", self.skills, SKILLS),
        ):  # fmt: skip
            rows_told = rows_of(view, kept, part)
            for_each = picks.get(part, [Pick()] * len(rows_told))
            blank = None if kept is None else SUPPRESSED
            shown = [
                column if column.blank and not blank else replace(column, blank=blank) for column in columns
            ]
            pane.table.set_records(
                shown, [_row(part, values, pick) for values, pick in zip(rows_told, for_each, strict=True)]
            )
        draw_bars(self.departments.table, "readiness")
        draw_bars(self.skills.table, "share_short")

    def _fill_chart(self, view: ProfessionView, kept: HiddenProfession | None) -> None:
        bars = grade_bars(view, kept)
        largest = max(bars, key=lambda bar: bar.people, default=None)
        finding = (
            f"Nobody has a role in {view.family}"
            if not view.counts.people or largest is None
            else f"Most people stand at {largest.label}"
        )
        picture = PyramidPicture(finding, bars)
        counts = (Column("people", "People", "int"), Column("contractors", "Contractors", "int"))
        columns = (Column("label", "Grade"), Column("said", "In words") if kept else counts[0])
        said = "; ".join(f"{bar.label} {bar.said}" for bar in bars)
        self.chart.show_chart(
            finding,
            lambda is_dark: pyramid(picture, DARK if is_dark else LIGHT),
            TableData.of_records(columns if kept else (columns[0], *counts), bars),
            f"People by grade, most senior first: {said}.",
        )
        self.chart.finding.setText(f"Pyramid of {view.family}")  # the figure says the finding in its title
        self.chart.setMinimumHeight(CHART_FRAME + CHART_STEP * max(4, len(bars)))

    # --- people behind a figure -------------------------------------------------------------------------------

    def _open_row(self, table: Table, index: QModelIndex) -> None:
        row = table.rows.record(index.row())
        self.open_people(row.role_level, row.pick)

    def _on_department(self, index: QModelIndex) -> None:
        row = self.departments.table.rows.record(index.row())
        key = self.departments.table.rows.columns[index.column()].key
        if key == "unmapped":
            self.context.navigator.go("role_mapping")
            return
        self.open_people(row.department, replace(row.pick, only_contractors=key == "contractors"))

    def _on_pipeline(self, index: QModelIndex) -> None:
        row = self.pipeline.table.rows.record(index.row())
        key = self.pipeline.table.rows.columns[index.column()].key
        reach = Reach[key] if key in Reach.__members__ else None
        words = f"{row.role_level}, {REACH_WORDS[reach]}" if reach is not None else row.role_level
        self.open_people(words, replace(row.pick, reach=reach))

    def _open_skill(self, skill: str) -> None:
        """The people behind a skill are those of Skill gaps, in the same role family."""
        view: ProfessionView = self.result.view
        self.context.scope.set(replace(self.context.scope.scope, role_family=view.family))
        self.context.navigator.go("gaps", skill=skill)

    def open_people(self, title: str, pick: Pick) -> None:
        """The people behind a figure in the drawer; nobody is named on a shared screen."""
        if self._is_shared:
            self.banner.say("Share mode is on, so nobody is shown by name.", tone="info")
            return
        if self.result is not None and self.result.view is not None:
            self._ask_people(title, pick, self._show_people)

    def _ask_people(self, title: str, pick: Pick, then: Callable[[str], object]) -> None:
        profession, view = self.context.workspace.profession, self.result.view
        self._shown = title, pick

        def done(found: tuple[ProfessionPerson, ...]) -> None:
            self._people = found
            self._fill_people()
            then(title)

        self.context.jobs.read(
            lambda _progress: profession.people(view.scope, pick), done, key="profession/people",
            title="Finding the people behind the figure",
        )  # fmt: skip

    def _show_people(self, title: str) -> None:
        shown = QWidget()
        listed = LineList("People behind this figure")
        listed.set_lines([self._line(one) for one in self._people[:MOST_IN_DRAWER]])
        listed.opened.connect(lambda one: self.open_person(one.person_id))
        more = button(f"Show all {people(len(self._people))}", "secondary", "table", self.show_table)
        box = rows(label(f"{people(len(self._people))}."), listed, more, space=8)
        box.setStretch(1, 1)
        shown.setLayout(box)
        self.drawer.open_with(title, shown)
        listed.setFocus()

    def _line(self, one: ProfessionPerson) -> Line:
        name = f"Staff {one.staff_id}" if self._hides_names else one.name or one.staff_id
        way = one.reach if not one.next_level else f"{one.reach} for {one.next_level}"
        return Line(name, f"{one.grade or 'No grade'} · {one.role_level}\n{one.department}; {way}", one)

    def _fill_people(self) -> None:
        columns = PEOPLE[1:] if self._hides_names else PEOPLE
        self.behind.table.set_records(columns, self._people)

    @property
    def _is_shared(self) -> bool:
        return self.context.settings.flag("share_mode")

    @property
    def _hides_names(self) -> bool:
        return self.context.settings.flag("hide_names")

    def open_person(self, person_id: int) -> None:
        """One person's profile, in Skill gaps."""
        self.context.navigator.go("gaps", person_id=person_id)

    def show_table(self) -> None:
        """Everybody behind the figure as a table, in place of the overview."""
        self.drawer.shut()
        self._views.turn_to(1)
        self.behind.table.setFocus()

    def show_overview(self) -> None:
        """Back from the table."""
        self._views.turn_to(0)
        self.departments.table.setFocus()

    # --- actions ----------------------------------------------------------------------------------------------

    def receive(self, **about: Any) -> None:
        """``role_family`` chooses the family."""
        family = about.get("role_family")
        if family and self.family.findText(str(family)) >= 0:
            self.family.setCurrentText(str(family))

    def export(self) -> None:
        if self.result is None or self.result.view is None:
            return
        reports, scope = self.context.workspace.reports, self.result.view.scope
        save_as(self, "Export profession", f"Profession {scope.role_family}.xlsx", WORKBOOKS,
                lambda path, progress: reports.profession_workbook(scope, path, progress))  # fmt: skip

    def find(self) -> None:
        (self.behind if self._views.shown == 1 else self.departments).focus_filter()

    def _arrange(self) -> None:
        unit = max(1.0, self.fontMetrics().averageCharWidth() / 7)
        ways = QBoxLayout.Direction
        for box in self._pairs:
            box.setDirection(ways.LeftToRight if self._views.width() >= WIDE * unit else ways.TopToBottom)


def answer(view: ProfessionView, kept: HiddenProfession | None = None) -> str:
    """The one sentence with the answer."""
    if not view.counts.people:
        return f"Nobody has a confirmed role in {view.family} yet; {people(view.unmapped)} here have no role at all."
    found = summary_of(view, kept)
    if kept is not None and kept.total:
        return f"{view.family}: too few people to show without giving somebody away."
    told = f"{people(view.counts.people)} in {view.family}, {fte(view.counts.fte)} FTE"
    met = found["readiness"]
    ready = "nobody assessed yet" if met is None else SUPPRESSED if isinstance(met, str) else share(met)
    words = ready if met is None else f"{ready} of assessed requirements met"
    near = [found["ready"], found["one_step"]]
    within = SUPPRESSED if any(isinstance(one, str) for one in near) else whole(sum(near))
    return f"{told}: {words}; {within} within one step of the next level."


def grade_bars(view: ProfessionView, kept: HiddenProfession | None = None) -> tuple[PyramidBar, ...]:
    """People by grade over all roles, most senior first, other grades and none last; hidden ones without a bar."""
    found: dict[str, list[int]] = {grade: [0, 0] for grade in view.grades}
    for cell in view.pyramid:
        found[cell.grade][0] += cell.counts.people
        found[cell.grade][1] += cell.counts.contractors
    hidden = dict(zip(view.grades, kept.grades, strict=True)) if kept else {}
    named = [grade for grade in reversed(view.grades) if grade in GRADES]
    others = [grade for grade in view.grades if grade not in GRADES]
    return tuple(
        PyramidBar(grade, 0, 0, SUPPRESSED)
        if hidden.get(grade)
        else PyramidBar(
            grade,
            found[grade][0],
            0 if kept else found[grade][1],
            _said(found[grade][0], found[grade][1], kept),
        )
        for grade in (*named, *others)
    )


def _said(count: int, contractors: int, kept: HiddenProfession | None) -> str:
    outside = f" ({whole(contractors)} outside)" if contractors and kept is None else ""
    return whole(count) + outside


def _row(part: str, values: Sequence[Any], pick: Pick) -> Row:
    """A row of the service as a row of a table; what is hidden is blank here, and [c] by its column."""
    told = {
        name: None if value == SUPPRESSED else value
        for name, value in zip(COLUMNS[part], values, strict=True)
    }
    if part == "pipeline":
        told["next_level"] = told["next_level"] or "–"
        told |= {reach.name: told[reach.name.lower()] for reach in Reach}
    return Row(told, pick)
