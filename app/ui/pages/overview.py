"""Overview: where we stand in one glance, and the next step on the way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QBoxLayout, QGridLayout, QWidget

from app.progress import Progress
from app.services.gaps import GroupLine
from app.services.overview import OverviewFigures, StepKey
from app.ui.formats import day, money, people, share, whole
from app.ui.page import Action, Empty, Page
from app.ui.parts.bars import draw_bars
from app.ui.parts.exports import WORKBOOKS, save_as
from app.ui.parts.facts import Facts
from app.ui.parts.held_back import Veiled, veiled
from app.ui.parts.next_steps import STEPS, NextSteps, StepWords
from app.ui.table import Column, TablePane
from app.ui.widgets import FigureTile, button, rows

COLUMNS = (
    Column("label", "Department", width=244),
    Column("readiness", "Requirements met", "share", width=168, align="left", blank="Not assessed",
           tooltip="Requirements met as a share of those assessed"),
    Column("people", "People", "int", width=64),
    Column("coverage", "Assessed", "share", width=84, blank="",
           tooltip="Requirements assessed as a share of all requirements"),
    Column("fully_ready", "Fully ready", "int", width=92,
           tooltip="People with every required skill assessed and met"),
    Column("unmapped", "No role", "int", width=72, is_shown=False),
)  # fmt: skip

FEWEST_SHOWN = 5
"""Counts of people below this, but 0, are not shown on a shared screen (PRODUCT, rule 6)."""

MOST_CHECKED = 50_000
"""People up to whom the overview counts what there is to check: some seconds of work for a worker."""


class OverviewPage(Page):
    """Figures, readiness by department, next steps."""

    key = "overview"
    title = "Overview"
    icon = "overview"
    depends_on = frozenset(
        {"person", "person_spell", "unit", "role_assignment", "assessment", "framework_version", "requirement",
         "role_level", "plan", "course"}
    )  # fmt: skip
    busy_words = "Counting people, roles and ratings"
    help = (
        "Where your organisation stands. Requirements met are counted among those assessed: someone not assessed "
        "is neither short nor ready. Enter on a department shows its figures and leads to the people behind them."
    )

    def build(self, content: QWidget) -> None:
        go = self.context.navigator.go
        self.tiles = {
            "people": FigureTile("people", lambda: go("people")),
            "mapped": FigureTile("with a role", lambda: go("role_mapping")),
            "coverage": FigureTile("of requirements assessed", lambda: go("gaps")),
            "met": FigureTile("of those assessed are met", lambda: go("gaps")),
            "steps": FigureTile("steps to close", lambda: go("gaps")),
            "plan": FigureTile("latest plan", lambda: go("training")),
        }
        self._grid = QGridLayout()
        self._grid.setSpacing(12)
        self._per_row = 0
        self.departments = TablePane("overview-departments", "departments")
        self.departments.table.row_opened.connect(self.open_department)
        self.departments.setMinimumHeight(240)
        self.steps = NextSteps(lambda page, about: go(page, **about))
        self._body = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._body.setSpacing(16)
        self._body.addWidget(self.departments, 1)
        self._body.addWidget(self.steps, 0)
        box = rows(self._grid, self._body, space=16)
        box.setStretch(1, 1)
        self._arrange()  # before the tiles get their parent: the Tab order is that of the parents given
        content.setLayout(box)
        self._states.installEventFilter(self)

    def ask(self) -> Callable[[Progress], OverviewFigures]:
        workspace, scope = self.context.workspace, self.context.scope.scope
        is_shared = self.context.settings.flag("share_mode")
        return lambda _progress: workspace.overview.figures(scope, is_shared=is_shared)

    def present(self, result: OverviewFigures) -> Empty | None:
        self.set_answer(answer(result))
        has_people = bool(result.departments) or bool(result.steps[1].count)
        self.departments.setVisible(has_people)
        for tile in self.tiles.values():
            tile.setVisible(has_people)
        self._show_tiles(result)
        self.steps.show_steps(result)
        self._arrange()
        self.departments.table.set_records(COLUMNS, [_seen(result, line) for line in result.departments])
        draw_bars(self.departments.table, "readiness")
        upcoming = result.next_step
        chosen = STEPS[upcoming.key if upcoming else StepKey.GAPS]
        self.set_actions(Action(chosen.verb, lambda: self._follow(chosen)))
        self._ask_checks(result.totals.people, result.steps[1].count)
        self.banner.say("")
        if result.undecided and upcoming is not None and upcoming.key is not StepKey.ROLES:
            verb = "has" if result.undecided == 1 else "have"
            self.banner.say(
                f"{people(result.undecided)} {verb} no role yet and are left out of every figure about skills.",
                "Review roles",
                lambda: self.context.navigator.go("role_mapping"),
            )
        return None

    def find(self) -> None:
        self.departments.focus_filter()

    def export(self) -> None:
        """The gap workbook of the scope: small counts are hidden in it, as in everything that leaves."""
        workspace, scope = self.context.workspace, self.context.scope.scope
        save_as(self, "Export gap workbook", "Skill gaps.xlsx", WORKBOOKS,
                lambda path, progress: workspace.reports.gap_workbook(scope, path, progress))  # fmt: skip

    def open_department(self, found: GroupLine) -> None:
        """The figures of one department in the drawer, with the way to the people behind them."""
        facts = Facts()
        if isinstance(found, Veiled):
            facts.add(
                "Too few people", "[c]", "Figures that rest on 1 to 4 people are not shown in share mode."
            )
            facts.finish()
            self.drawer.open_with(found.label, facts)
            return
        facts.add("Requirements met", "Not assessed" if found.readiness is None else share(found.readiness),
                  f"{whole(found.meeting)} of {whole(found.assessed)} assessed")  # fmt: skip
        facts.add("Assessed", "None required" if found.coverage is None else share(found.coverage),
                  f"{whole(found.assessed)} of {whole(found.required)} required")  # fmt: skip
        facts.add("People", whole(found.people))
        facts.add("Fully ready", whole(found.fully_ready), "every required skill assessed and met")
        facts.add("No role", whole(found.unmapped), "left out of the shares above")
        facts.add_widget(button("Show skill gaps", "secondary", "gaps", lambda: self._go_in("gaps", found)))
        if not self.context.settings.flag("share_mode"):
            facts.add_widget(
                button("Show people", "secondary", "people", lambda: self._go_in("people", found))
            )
        facts.finish()
        self.drawer.open_with(found.label, facts)

    # --- inside -----------------------------------------------------------------------------------------------

    def _go_in(self, page: str, found: GroupLine) -> None:
        """Narrow the scope to the department and go there."""
        state = self.context.scope
        state.set(replace(state.scope, departments=(found.key,)))
        self.context.navigator.go(page)

    def _follow(self, words: StepWords) -> None:
        self.context.navigator.go(words.page, **words.about)

    def _ask_checks(self, count: int, everybody: int) -> None:
        """Count what there is to check once the page is shown; not for so many people that other pages would wait.

        A small scope does not help: checks go through everybody in the workspace.
        """
        workspace, scope = self.context.workspace, self.context.scope.scope
        if not count or everybody > MOST_CHECKED:
            self.steps.show_checks(None if count else 0)
            return
        self.context.jobs.read(
            lambda progress: workspace.quality.checks(scope, progress).beyond_roles,
            self.steps.show_checks,
            key="overview/checks",
            title="Checking the data",
        )

    def _show_tiles(self, found: OverviewFigures) -> None:
        totals, tiles = found.totals, self.tiles
        tiles["people"].set_figure(whole(totals.people))
        left = f"{whole(found.undecided)} to decide" if found.undecided else "all decided"
        tiles["mapped"].set_figure(whole(found.mapped), left)
        tiles["coverage"].set_figure(
            "None" if totals.coverage is None else share(totals.coverage),
            f"{whole(totals.assessed)} of {whole(totals.required)}",
        )
        tiles["met"].set_figure(
            "Not assessed" if totals.readiness is None else share(totals.readiness),
            f"{whole(totals.meeting)} of {whole(totals.assessed)}" if totals.assessed else "",
        )
        tiles["steps"].set_figure(whole(found.levels_to_close), "each one level of one skill")
        self._hide_tiles(found)
        plan = found.latest_plan
        if plan is None:
            tiles["plan"].set_figure("None yet", "", "training plan")
        else:
            closes = f"closes {whole(plan.steps_closed)} of {whole(plan.steps_open_before)} steps"
            tiles["plan"].set_figure(
                money(plan.cost_gbp), closes, f"{plan.status} plan of {day(plan.made_at.date())}"
            )

    def _hide_tiles(self, found: OverviewFigures) -> None:
        """What must not be shown of the whole scope on a shared screen."""
        if found.is_hidden("", "people"):
            self.tiles["people"].set_figure("[c]")
        if found.head is not None and 0 < found.undecided < FEWEST_SHOWN:
            self.tiles["mapped"].set_figure("[c]", "[c] to decide")
        if found.is_hidden("", "shares"):
            for name in ("coverage", "met"):
                self.tiles[name].set_figure("[c]")
        if found.head is not None and "levels" in found.head.hidden_of_totals:
            self.tiles["steps"].set_figure("[c]")

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:  # of the window, or because the drawer opened
            self._arrange()
        return super().eventFilter(watched, event)

    def _arrange(self) -> None:
        """Tiles in one row where they fit, steps beside the departments where there is room."""
        unit = self.fontMetrics().averageCharWidth()
        room = self._states.width()
        per_row = 6 if room > unit * 125 else 3
        if per_row != self._per_row:
            self._per_row = per_row
            for place, tile in enumerate(self.tiles.values()):
                self._grid.addWidget(tile, place // per_row, place % per_row)
            for column in range(6):
                self._grid.setColumnStretch(column, int(column < per_row))
        beside = room > unit * 125
        self._body.setDirection(
            QBoxLayout.Direction.LeftToRight if beside else QBoxLayout.Direction.TopToBottom
        )
        is_alone = self.departments.isHidden()
        self.steps.setMaximumWidth(unit * 56 if beside and not is_alone else unit * 100)
        self.steps.setMinimumWidth((unit * 90 if is_alone else unit * 50) if beside else 0)
        side = Qt.AlignmentFlag.AlignTop if beside else Qt.AlignmentFlag(0)
        self._body.setAlignment(self.steps, side | Qt.AlignmentFlag.AlignLeft if is_alone else side)


def _seen(found: OverviewFigures, line: GroupLine) -> Any:
    """A department as it may be seen."""
    if found.head is None:
        return line
    figures: set[str] = set(found.head.hidden_of_groups.get(line.key, frozenset()))
    return veiled(line, figures | ({"readiness", "coverage"} if "shares" in figures else set()))


def answer(found: OverviewFigures) -> str:
    """The sentence under the title."""
    totals, furthest = found.totals, found.furthest
    if found.is_hidden("", "shares") or found.is_hidden("", "people"):
        return "Too few people stand behind these figures for them to be shown."
    if not totals.people:
        if not found.steps[1].count:
            return "Nobody is here yet. The steps below lead from an empty workspace to a training plan."
        return "Nobody is in this scope on this day. Choose a wider one above."
    if totals.readiness is None:
        return f"{people(totals.people)}, {whole(found.mapped)} with a role; nobody is assessed yet."
    met = f"{share(totals.readiness)} of assessed requirements are met"
    if furthest is None or furthest.readiness is None:
        return f"{met}; {share(totals.coverage or 0)} of requirements are assessed."
    return f"{met}; {furthest.label} is furthest from ready, at {share(furthest.readiness)}."
