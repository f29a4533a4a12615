"""Assessments: how much of what is required has been rated, where and for whom it is missing, and ratings by hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from PySide6.QtWidgets import QTabWidget, QWidget

from app.progress import Progress
from app.services.coverage import CoverageBoard, CoverageLine
from app.services.missing_lines import MissingLine
from app.services.scope import Scope
from app.services.training import ProposalLine
from app.ui.formats import people, share, whole
from app.ui.import_kinds import AssessmentsKind
from app.ui.import_preview import choose_and_load
from app.ui.page import Action, Empty, Page
from app.ui.parts.bars import draw_bars
from app.ui.parts.exports import export_table
from app.ui.parts.facts import Facts
from app.ui.parts.form_export import export_forms
from app.ui.parts.held_back import Veiled, veiled
from app.ui.parts.line_columns import LinesTable
from app.ui.parts.rating_details import show_ratings
from app.ui.parts.rating_rules import RulesDialog, rules_words
from app.ui.parts.sign_off import SignOffPane
from app.ui.table import Column, TablePane
from app.ui.table_data import TableData
from app.ui.widgets import Card, button, label, line, rows

GROUP_COLUMNS = (
    Column("path", "Department", width=270),
    Column("coverage", "Coverage", "share", width=210, align="left", blank="None required",
           tooltip="Ratings that count as a share of those required"),
    Column("missing", "Missing", "int", width=80, tooltip="Ratings required and not there"),
    Column("required", "Required", "int", width=84),
    Column("people", "People", "int", width=72),
    Column("unmapped", "No role", "int", width=76, is_shown=False),
    Column("readiness", "Requirements met", "share", width=140, align="left", blank="Not assessed",
           tooltip="Of the requirements assessed"),
)  # fmt: skip
FIGURES = ("coverage", "missing", "required", "people", "unmapped", "readiness")
"""What is held back of a line that rests on few people."""

UNIT_COLUMNS = (replace(GROUP_COLUMNS[0], header="Unit", width=360), *GROUP_COLUMNS[1:])
PEOPLE_COLUMNS = (
    Column("staff_id", "Staff ID", width=84),
    Column("name", "Name", width=160),
    Column("missing", "Missing", "int", width=76, tooltip="Required skills without a rating that counts"),
    Column("required", "Required", "int", width=80),
    Column("coverage", "Coverage", "share", width=84),
    Column("role_level", "Role level", width=190),
    Column("grade", "Grade", width=72),
    Column("department", "Department", width=200),
    Column("unit_below", "Unit", width=210),
)


@dataclass(frozen=True, slots=True)
class _Shown:
    """The answer of the worker: the record, and the long table built from it off the window's thread."""

    found: CoverageBoard
    people: TableData
    proposed: tuple[ProposalLine, ...]


class AssessmentsPage(Page):
    """Coverage by department and unit, people with ratings missing, ratings to sign off, which rating counts."""

    key = "assessments"
    title = "Assessments"
    icon = "assessments"
    depends_on = frozenset(
        {"assessment", "current_level", "person", "person_spell", "unit", "role_assignment", "requirement",
         "role_level", "framework_version", "workspace_setting", "proposed_rating"}
    )  # fmt: skip
    busy_words = "Counting ratings"
    help = (
        "Coverage is the share of required skills that have a rating which counts. A skill that nobody has rated is "
        "not assessed; it is never taken as 0. Enter on a department shows its figures, Enter on a person the required "
        "skills, where a rating can be added by hand. Completed courses propose ratings, which wait for sign-off "
        "in the last list. Which rating counts is chosen at the foot of the page."
    )

    def build(self, content: QWidget) -> None:
        self._lines = LinesTable()
        self.departments = TablePane("coverage-departments", "departments")
        self.units = TablePane("coverage-units", "units")
        self.people = TablePane("coverage-people", "people")
        self.departments.table.row_opened.connect(self.open_group)
        self.units.table.row_opened.connect(self.open_group)
        self.people.table.row_opened.connect(self._open_person)
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        self.tabs.setAccessibleName("Departments, units, people, and ratings to sign off")
        self.sign_off = SignOffPane(self)
        for pane in (self.departments, self.units, self.people, self.sign_off):
            holder = QWidget()
            holder.setLayout(rows(pane, margins=(0, 12, 0, 0)))
            self.tabs.addTab(holder, "")
        self.rules_sentence = label("")
        self.change_rules_button = button("Change which rating counts", "secondary", "", self.change_rules)
        self.change_rules_button.setVisible(not self.context.workspace.is_read_only)
        foot = Card()
        inside = line(self.rules_sentence, self.change_rules_button, space=16)
        inside.setStretch(0, 1)
        foot.body.addLayout(inside)
        box = rows(self.tabs, foot, space=12)
        box.setStretch(0, 1)
        content.setLayout(box)

    def ask(self) -> Callable[[Progress], _Shown]:
        workspace, scope, lines = self.context.workspace, self.context.scope.scope, self._lines
        is_hidden = self.context.settings.flag("hide_names")
        is_shared = self.context.settings.flag("share_mode")
        columns = tuple(column for column in PEOPLE_COLUMNS if not (is_hidden and column.key == "name"))

        def work(progress: Progress) -> _Shown:
            progress.step(0.1, "Counting ratings")
            found = workspace.coverage.board(scope, is_shared=is_shared)
            progress.step(0.8, "Listing people")
            proposed = workspace.training.sign_off.lines(scope if scope != Scope() else None)
            return _Shown(found, lines.table(columns, found.people), proposed)

        return work

    def present(self, result: _Shown) -> Empty | None:
        found = result.found
        self._offer(found)
        if not found.totals.required:
            self.set_answer("")
            return self._empty_words(found)
        self.set_answer(answer(found))
        for pane, columns, lines in (
            (self.departments, GROUP_COLUMNS, found.departments),
            (self.units, UNIT_COLUMNS, found.units),
        ):
            pane.table.set_records(columns, [_seen(found, line) for line in lines])
            draw_bars(pane.table, "coverage")
        self.people.set_data(result.people)
        self.tabs.setTabText(0, f"Departments ({whole(len(found.departments))})")
        self.tabs.setTabText(1, f"Units ({whole(len(found.units))})")
        is_shared = found.hidden is not None
        listed = "not in share mode" if is_shared else whole(len(found.people))
        self.tabs.setTabText(2, f"People with missing ratings ({listed})")
        for people_tab in (2, 3):
            self.tabs.setTabEnabled(people_tab, not is_shared)
        self.sign_off.show_lines(result.proposed, hides_names=self.context.settings.flag("hide_names"))
        self.tabs.setTabText(
            3, f"To sign off ({'not in share mode' if is_shared else whole(len(result.proposed))})"
        )
        self.rules_sentence.setText(rules_words(found.rules))
        if found.undecided and not self.banner.sentence:
            verb = "has" if found.undecided == 1 else "have"
            self.banner.say(
                f"{people(found.undecided)} {verb} no role yet, so nothing is required of them.",
                "Review roles",
                lambda: self.context.navigator.go("role_mapping"),
            )
        return None

    def receive(self, **about: Any) -> None:
        """``act``: "load_assessments" begins with the file, "sign_off" shows what waits; ``person_id`` opens one."""
        if about.get("act") == "load_assessments":
            self.load_file()
        if about.get("act") == "sign_off":
            self.tabs.setCurrentIndex(3)
        if "person_id" in about:
            show_ratings(self, int(about["person_id"]))

    def find(self) -> None:
        self._pane().focus_filter()

    def export(self) -> None:
        titles = {self.departments: "Coverage by department", self.units: "Coverage by unit",
                  self.people: "People with missing ratings", self.sign_off.pane: "Ratings to sign off"}  # fmt: skip
        pane = self._pane()
        export_table(self, pane.table, titles[pane])

    # --- what can be done -------------------------------------------------------------------------------------

    def load_file(self) -> None:
        """Choose a file of ratings and look at it before loading."""
        choose_and_load(self.window(), AssessmentsKind(self.context))

    def change_rules(self) -> RulesDialog:
        """Choose which rating counts."""
        dialog = RulesDialog(self, self.context, self.result.found.rules)
        dialog.open()
        return dialog

    def open_group(self, found: CoverageLine) -> None:
        """The figures of one department or unit, with the ways to the people behind them."""
        facts = Facts()
        if isinstance(found, Veiled):
            facts.add(
                "Too few people", "[c]", "Figures that rest on 1 to 4 people are not shown in share mode."
            )
            facts.finish()
            self.drawer.open_with(found.path, facts)
            return
        facts.add("Coverage", "None required" if found.coverage is None else share(found.coverage),
                  f"{whole(found.assessed)} of {whole(found.required)} required ratings")  # fmt: skip
        facts.add("Missing", whole(found.missing), "ratings")
        facts.add("Requirements met", "Not assessed" if found.readiness is None else share(found.readiness),
                  "of those assessed")  # fmt: skip
        facts.add("People", whole(found.people))
        facts.add("No role", whole(found.unmapped), "nothing is required of them")
        if not self.context.settings.flag("share_mode"):
            facts.add_widget(
                button("Show people with missing ratings", "secondary", "people", lambda: self._narrow(found))
            )
        facts.add_widget(button("Show skill gaps", "secondary", "gaps", lambda: self._narrow(found, "gaps")))
        facts.finish()
        self.drawer.open_with(found.path, facts)

    # --- inside -----------------------------------------------------------------------------------------------

    def _pane(self) -> TablePane:
        return (self.departments, self.units, self.people, self.sign_off.pane)[self.tabs.currentIndex()]

    def _offer(self, found: CoverageBoard) -> None:
        """Buttons beside the title; nothing can be loaded before a framework says which skills there are."""
        listed = Action("Export table", self.export, "export")
        if self.context.workspace.is_read_only:
            self.set_actions(None, listed)
        elif not found.totals.required:
            self.set_actions(None)
        else:
            forms = Action("Export assessment forms", lambda: export_forms(self), "export")
            self.set_actions(Action("Load assessments", self.load_file, "import"), forms, listed)

    def _empty_words(self, found: CoverageBoard) -> Empty:
        state, go = self.context.scope, self.context.navigator.go
        if state.scope != type(state.scope)():
            return Empty(
                "Nobody in this scope has a role that requires anything on this day.",
                "Show everybody",
                lambda: state.set(type(state.scope)()),
            )
        if not found.totals.people:
            return Empty(
                "There is nobody to assess yet. Load the extract from your HR system first.",
                "Go to People",
                lambda: go("people"),
            )
        return Empty(
            "Nothing is required of anybody yet, because nobody has a role. Roles say which skills to assess.",
            "Review roles",
            lambda: go("role_mapping"),
        )

    def _narrow(self, found: CoverageLine, page: str = "") -> None:
        """Narrow the scope to a department or unit; stay, on the list of people, or go to another page."""
        state = self.context.scope
        state.set(replace(state.scope, departments=(found.path,)))
        if page:
            self.context.navigator.go(page)
        else:
            self.tabs.setCurrentIndex(2)

    def _open_person(self, found: MissingLine) -> None:
        show_ratings(self, found.person_id)


def _seen(found: CoverageBoard, line: CoverageLine) -> Any:
    """A department or unit as it may be seen."""
    return veiled(line, FIGURES if found.is_hidden(line.path) else ())


def answer(found: CoverageBoard) -> str:
    """The sentence under the title."""
    totals, least = found.totals, found.least
    if found.is_hidden(""):
        return "Too few people stand behind these figures for them to be shown."
    if not totals.assessed:
        return f"Nobody is assessed yet: {whole(totals.missing)} ratings are missing."
    if not totals.missing:
        return f"All {whole(totals.required)} required ratings are there."
    missing = "1 rating is missing" if totals.missing == 1 else f"{whole(totals.missing)} ratings are missing"
    said = f"{share(totals.coverage or 0)} of required skills are assessed; {missing}"
    if least is None:
        return f"{said}."
    return f"{said}. {least.path} has least, {share(least.coverage or 0)}."
