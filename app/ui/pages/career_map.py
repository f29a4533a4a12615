"""The career map: how far role levels are from one another, and who is nearest to each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from PySide6.QtWidgets import QBoxLayout, QWidget

from app.charts.career_map import career_map
from app.charts.style import DARK, LIGHT
from app.progress import Progress
from app.services.population import RoleLevelLine
from app.services.reports.career_picture import career_picture, in_order
from app.services.workforce import Candidate
from app.services.workforce.mobility import LevelDistance, LevelPlace
from app.ui.canvas import ChartPane
from app.ui.formats import decimal, money, people, whole
from app.ui.page import Action, Empty, Page
from app.ui.parts.exports import export_table
from app.ui.parts.line_list import Line, LineList
from app.ui.parts.views import Views
from app.ui.table import Column, TableData, TablePane
from app.ui.widgets import Card, label, rows

NEAR, MOST_PEOPLE, MOST_LEVELS, MOST_MARKS = 3, 20, 10, 25
"""Steps that count as near; how many people and role levels the drawer lists, and the map around one of them."""

WIDE, MAP_HIGH, TABLE_HIGH = 900, 400, 300
LEVELS = (
    Column("role_level", "Role level", width=210),
    Column("steps", "Steps", "int", width=70, tooltip="Steps of skills to the nearest other role level"),
    Column("nearest", "Nearest", width=210),
    Column("role", "Role", width=180),
    Column("family", "Role family", width=180),
)
FAR = (
    Column("role_level", "Role level", width=230),
    Column("role", "Role", width=190),
    Column("family", "Role family", width=190),
)


@dataclass(frozen=True, slots=True)
class LevelRow:
    """A role level in a table: the nearest other one, and how many steps that is; None where there is no other."""

    level: RoleLevelLine
    steps: int | None
    nearest: str
    role_level: str
    role: str
    family: str


@dataclass(frozen=True, slots=True)
class CareerAnswer:
    """Role levels in the plane, and from each the others, nearest first."""

    places: tuple[LevelPlace, ...]
    distances: dict[int, list[LevelDistance]]
    family: str


class CareerMapPage(Page):
    """The map, its role levels as a table, and in the drawer what and who is nearest to one of them."""

    key = "career_map"
    title = "Career map"
    icon = "workforce"
    depends_on = frozenset(
        {"framework_version", "role_family", "role", "role_level", "requirement", "person", "person_spell", "unit",
         "role_assignment", "current_level", "course", "course_outcome", "workspace_setting"}
    )  # fmt: skip
    busy_words = "Measuring how far role levels are apart"
    help = (
        "Each mark is a role level of the newest framework; the nearer two marks, the fewer steps of skills apart. "
        "A step is one level of one skill. Click a mark or a line of the table, or press Enter on the "
        "line, for the role levels and the people nearest to it; the map then shows its surroundings, and Whole map "
        "leads back. "
        "The role family in the bar above narrows the map, departments narrow the people."
    )

    def build(self, content: QWidget) -> None:
        self._chosen: RoleLevelLine | None = None
        self._details: QWidget | None = None
        self._shown_places: tuple[LevelPlace, ...] = ()
        self._drawn: list[RoleLevelLine] = []
        self.chart = ChartPane("career-map", "role levels", is_narrow=True)
        self.chart.setMinimumHeight(MAP_HIGH)
        self.chart.mark_clicked.connect(lambda number: self.open_level(self._drawn[number]))
        self.pane = TablePane("career-levels", "role levels")
        self.pane.setMinimumHeight(TABLE_HIGH)
        table = self.pane.table
        table.row_opened.connect(lambda row: self.open_level(row.level))
        table.clicked.connect(lambda index: self.open_level(table.rows.record(index.row()).level))
        self._pair = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._pair.setSpacing(16)
        for part, share in ((self.chart, 3), (self.pane, 2)):
            card = Card()
            card.body.addWidget(part, 1)
            self._pair.addWidget(card, share)
        both = QWidget()
        both.setLayout(self._pair)
        self._views = Views()
        self._views.add(both)
        self._views.resized.connect(self._arrange)
        content.setLayout(rows(self._views))
        go = self.context.navigator.go
        self.set_actions(
            Action("Export table", self.export, "export", "Ctrl+E"),
            Action("Whole map", self.show_all, "zoom-fit"),
            Action("Workforce", lambda: go("workforce"), "chevron-left"),
        )
        self._arrange()

    # --- asking and showing -----------------------------------------------------------------------------------

    def ask(self) -> Callable[[Progress], CareerAnswer]:
        mobility, family = self.context.workspace.mobility, self.context.scope.scope.role_family

        def work(progress: Progress) -> CareerAnswer:
            places = mobility.places()
            progress.check()
            found: dict[int, list[LevelDistance]] = {}
            for one in mobility.distances():
                found.setdefault(one.start.role_level_id, []).append(one)
            return CareerAnswer(places, found, family)

        return work

    def present(self, result: CareerAnswer) -> Empty | None:
        go, scope = self.context.navigator.go, self.context.scope
        if not result.places:
            self.set_answer("")
            return Empty(
                "No framework with skills for its role levels is loaded yet.", "Load framework",
                lambda: go("frameworks"),
            )  # fmt: skip
        self._shown_places = tuple(
            one for one in result.places if not result.family or one.level.family == result.family
        )
        if not self._shown_places:
            self.set_answer("")
            return Empty(
                f"No role level of {result.family} asks for skills in the newest framework.", "Show every family",
                lambda: scope.set(replace(scope.scope, role_family="")),
            )  # fmt: skip
        records = [_row(one.level, result.distances) for one in self._shown_places]
        self.pane.table.set_records(LEVELS, records)
        near = sum(one.steps is not None and one.steps <= NEAR for one in records)
        within = f" of {result.family}" if result.family else ""
        self.set_answer(
            f"{whole(near)} of {whole(len(records))} role levels{within} have another within {NEAR} steps."
        )
        self._take_up()
        self._draw()
        return None

    def _take_up(self) -> None:
        """After asking again: the open role level anew, where it is still there."""
        chosen = self._chosen
        if chosen is None:
            return
        ids = {one.level.role_level_id: one.level for one in self.result.places}
        is_open = not self.drawer.isHidden() and self._details is self.drawer.content
        self._chosen = ids.get(chosen.role_level_id)
        if is_open and self._chosen is not None:
            self.open_level(self._chosen)
        elif is_open:
            self.drawer.shut()

    def _draw(self) -> None:
        """The map, with the chosen role level and the next one of its role marked."""
        chosen = self._chosen
        away = self._away(chosen) if chosen is not None else []
        marked = {one.end.role_level_id for one in away if one.is_next}
        marked |= {chosen.role_level_id} if chosen is not None else set()
        around = {one.end.role_level_id for one in self._seen(away)[:MOST_MARKS]} | marked
        places = [
            replace(one, is_marked=one.level.role_level_id in marked)
            for one in self._shown_places
            if chosen is None or one.level.role_level_id in around
        ]
        self._drawn = [one.level for one in in_order(places)]
        record = career_picture(places, chosen.name if chosen is not None else "")
        self.chart.show_chart(
            record.title,
            lambda is_dark: career_map(record, DARK if is_dark else LIGHT),
            self._numbers(chosen, away),
            _description(chosen, away),
            lambda is_dark, size: career_map(record, DARK if is_dark else LIGHT, size),
        )

    def _numbers(self, chosen: RoleLevelLine | None, away: list[LevelDistance]) -> TableData:
        """The map as numbers: steps from the chosen role level, or to the nearest one of each."""
        if chosen is None:
            records = [_row(one.level, self.result.distances) for one in self._shown_places]
            return TableData.of_records(LEVELS, records)
        far = [_far(one) for one in self._seen(away)]
        column = Column("steps", "Steps", "int", width=80, tooltip=f"Steps from {chosen.name}")
        return TableData.of_records((*FAR, column), far)

    def _seen(self, away: list[LevelDistance]) -> list[LevelDistance]:
        """Those of the role family that the map is narrowed to."""
        shown = {one.level.role_level_id for one in self._shown_places}
        return [one for one in away if one.end.role_level_id in shown]

    def _away(self, level: RoleLevelLine) -> list[LevelDistance]:
        return self.result.distances.get(level.role_level_id, [])

    # --- one role level ---------------------------------------------------------------------------------------

    def open_level(self, level: RoleLevelLine) -> None:
        """What and who is nearest to a role level, in the drawer; nobody is named on a shared screen."""
        self._chosen = level
        self._draw()
        if self.context.settings.flag("share_mode"):
            self._show_level(level, None)
            return
        mobility, scope = self.context.workspace.mobility, self.context.scope.scope
        self.context.jobs.read(
            lambda _progress: mobility.nearest(f"{level.role} / {level.name}", MOST_PEOPLE, scope),
            lambda found: self._show_level(level, found),
            key="career_map/nearest", title="Finding the nearest people",
        )  # fmt: skip

    def show_all(self) -> None:
        """Back from one role level to all of them."""
        self._chosen = None
        self.drawer.shut()
        if self.result is not None and self._shown_places:
            self._draw()

    def _show_level(self, level: RoleLevelLine, found: tuple[Candidate, ...] | None) -> None:
        is_shared = self.context.settings.flag("share_mode")
        levels = LineList("Nearest role levels")
        levels.set_lines([_level_line(one) for one in self._away(level)[:MOST_LEVELS]])
        levels.opened.connect(self.open_level)
        box = rows(label("Nearest role levels", "label"), levels, label("Nearest people", "label"), space=8)
        box.setStretch(1, 2)
        if is_shared or found is None:
            box.addWidget(label("Share mode is on, so nobody is shown."))
            box.addStretch(1)
        elif not found:
            box.addWidget(
                label("Nobody is near: too little is assessed, nothing is met, or no course leads there.")
            )
            box.addStretch(1)
        else:
            near = LineList("Nearest people")
            near.set_lines([self._person_line(one) for one in found])
            near.opened.connect(lambda one: self.open_person(one.person_id))
            box.addWidget(label(f"{people(len(found))}, fewest steps first."))
            box.addWidget(near, 3)
        shown = QWidget()
        shown.setLayout(box)
        self._details = shown
        self.drawer.open_with(f"{level.role}: {level.name}", shown)
        levels.setFocus()

    def _person_line(self, one: Candidate) -> Line:
        is_hidden = self.context.settings.flag("hide_names")
        name = f"Staff {one.staff_id}" if is_hidden else one.name or one.staff_id
        known = f"{one.met} of {one.required} skills met, {one.assessed} assessed"
        takes = f"{decimal(one.hours)} hours, {money(one.cost_gbp)}, ready by {one.ready.label}"
        return Line(name, f"{_steps(one.steps)} · {known}\n{takes}\nNow {one.role_level}, {one.unit}", one)

    def open_person(self, person_id: int) -> None:
        """One person, in People."""
        self.context.navigator.go("people", person_id=person_id)

    # --- actions ----------------------------------------------------------------------------------------------

    def export(self) -> None:
        export_table(self, self.pane.table, "Career map")

    def find(self) -> None:
        self.pane.focus_filter()

    def _arrange(self) -> None:
        unit = max(1.0, self.fontMetrics().averageCharWidth() / 7)
        ways = QBoxLayout.Direction
        is_wide = self._views.width() >= WIDE * unit
        self._pair.setDirection(ways.LeftToRight if is_wide else ways.TopToBottom)


def _row(level: RoleLevelLine, distances: dict[int, list[LevelDistance]]) -> LevelRow:
    first = next(iter(distances.get(level.role_level_id, [])), None)
    return LevelRow(
        level, first.steps if first else None, first.end.name if first else "", level.name, level.role, level.family
    )  # fmt: skip


def _far(one: LevelDistance) -> LevelRow:
    end = one.end
    return LevelRow(end, one.steps, one.start.name, end.name, end.role, end.family)


def _level_line(one: LevelDistance) -> Line:
    following = ", the next level" if one.is_next else ""
    return Line(one.end.name, f"{_steps(one.steps)}{following} · {one.end.role}, {one.end.family}", one.end)


def _steps(count: int) -> str:
    return "1 step" if count == 1 else f"{whole(count)} steps"


def _description(chosen: RoleLevelLine | None, away: list[LevelDistance]) -> str:
    """The picture in words, for who cannot see it."""
    if chosen is None:
        return "A map of role levels. The table beside it names the nearest one of each."
    told = "; ".join(f"{one.end.name} {_steps(one.steps)}" for one in away[:MOST_LEVELS])
    return f"Nearest to {chosen.name}: {told}."
