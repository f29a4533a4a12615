"""People: everybody in the scope, the files that bring them, and one person in the drawer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PySide6.QtWidgets import QWidget

from app.progress import Progress
from app.services.people import PeopleTable, PersonLine
from app.ui.formats import people, whole
from app.ui.import_kinds import AssessmentsKind, CoursesKind, PeopleKind
from app.ui.import_preview import ImportKind, choose_and_load
from app.ui.page import Action, Empty, Page
from app.ui.parts.exports import export_table
from app.ui.parts.line_columns import LinesTable
from app.ui.parts.person_details import show_person
from app.ui.table import Column, TablePane
from app.ui.table_data import TableData
from app.ui.widgets import rows

COLUMNS = (
    Column("staff_id", "Staff ID", width=88),
    Column("name", "Name", width=168),
    Column("job_title", "Job title", width=200),
    Column("role_words", "Role level", width=190),
    Column("grade", "Grade", width=64),
    Column("fte", "FTE", "fte", width=56),
    Column("department", "Department", width=220),
    Column("unit_below", "Unit", width=240),
    Column("role_family", "Role family", width=150, is_shown=False),
    Column("role", "Role", width=170, is_shown=False),
    Column("employment", "Employment", width=120),
    Column("status", "Status", width=80, is_shown=False),
    Column("location", "Location", width=120),
)


@dataclass(frozen=True, slots=True)
class _Shown:
    """The answer of the worker: the record, and the table built from it off the window's thread."""

    found: PeopleTable
    data: TableData


class PeoplePage(Page):
    """A table of everybody in the scope."""

    key = "people"
    title = "People"
    icon = "people"
    depends_on = frozenset(
        {"person", "person_spell", "unit", "role_assignment", "role_level", "framework_version"}
    )
    busy_words = "Reading people"
    help = (
        "Everybody in the scope on the chosen day. Type in the filter to narrow the list; Enter on a person shows "
        "role, required and held levels and the history of ratings. Load HR extract reads a CSV or Excel file and "
        "shows what would change before anything is written."
    )

    def build(self, content: QWidget) -> None:
        self._lines = LinesTable()
        self.pane = TablePane("people", "people", lambda _table: self.export())
        self.pane.table.row_opened.connect(self._open)
        self.pane.table.set_comfortable(self.context.settings.flag("comfortable_rows"))
        content.setLayout(rows(self.pane))
        if self.context.workspace.is_read_only:
            return
        self.set_actions(
            Action("Load HR extract", lambda: self._load(PeopleKind), "import"),
            Action("Load assessments", lambda: self._load(AssessmentsKind)),
            Action("Load courses", lambda: self._load(CoursesKind)),
            Action("Check data", lambda: self.context.navigator.go("checks")),
            Action("See posts", lambda: self.context.navigator.go("posts")),
        )

    def ask(self) -> Callable[[Progress], _Shown]:
        workspace, scope, lines = self.context.workspace, self.context.scope.scope, self._lines
        is_hidden = self.context.settings.flag("hide_names")
        columns = tuple(column for column in COLUMNS if not (is_hidden and column.key == "name"))

        def work(_progress: Progress) -> _Shown:
            found = workspace.people.table(scope)
            return _Shown(found, lines.table(columns, found.lines))

        return work

    def present(self, result: _Shown) -> Empty | None:
        found = result.found
        self.banner.say("")
        if not found.lines:
            self.set_answer("")
            return self._empty_words(found)
        self.set_answer(answer(found))
        self.pane.set_data(result.data)
        if found.undecided:
            verb = "has" if found.undecided == 1 else "have"
            self.banner.say(
                f"{people(found.undecided)} {verb} no role yet. Figures about skills leave them out.",
                "Review roles",
                lambda: self.context.navigator.go("role_mapping"),
            )
        return None

    def receive(self, **about: Any) -> None:
        """``act`` begins a load; ``person_id`` opens one person."""
        act = {"load_people": PeopleKind, "load_assessments": AssessmentsKind, "load_courses": CoursesKind}
        if about.get("act") in act:
            self._load(act[about["act"]])
        if "person_id" in about:
            show_person(self, int(about["person_id"]))

    def export(self) -> None:
        export_table(self, self.pane.table, "People")

    def find(self) -> None:
        self.pane.focus_filter()

    # --- inside -----------------------------------------------------------------------------------------------

    def _empty_words(self, found: PeopleTable) -> Empty:
        if self.context.scope.scope != type(self.context.scope.scope)():
            return Empty("Nobody is in this scope on this day.", "Show everybody", self._widen)
        if found.not_present:
            return Empty("Nobody is there to be counted today: all have left, are absent or on loan.")
        return Empty(
            "There are no people yet. Load the extract from your HR system as it is: CSV or Excel.",
            "Load HR extract",
            lambda: self._load(PeopleKind),
        )

    def _widen(self) -> None:
        state = self.context.scope
        state.set(type(state.scope)())

    def _open(self, line: PersonLine) -> None:
        show_person(self, line.person_id)

    def _load(self, kind: type[ImportKind]) -> None:
        choose_and_load(self.window(), kind(self.context))


def answer(found: PeopleTable) -> str:
    """The sentence under the title."""
    away = f" {whole(found.not_present)} more have left or are away." if found.not_present else ""
    if not found.undecided:
        return f"{people(len(found.lines))}, everybody with a role or a decision.{away}"
    return f"{people(len(found.lines))}, {whole(found.undecided)} without a role yet.{away}"
