"""Data checks: what is missing or contradicts itself in the data, the people behind it, and how to put it right."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtWidgets import QWidget

from app.progress import Progress
from app.services.quality import CheckKey, GradesLine, QualityBoard, QualityCheck, QualityLine, Severity
from app.ui import dialogs
from app.ui.formats import people, whole
from app.ui.page import Action, Empty, Page
from app.ui.parts.check_details import end_roles, mark_different, show_finding
from app.ui.parts.exports import export_table
from app.ui.parts.facts import Facts
from app.ui.parts.line_list import Line, LineList
from app.ui.table import Column, TablePane
from app.ui.widgets import Card, label, line, rows

GRADES = "grades"
LIST_CHARACTERS = 36
COLUMNS = {
    "staff_id": Column("staff_id", "Staff ID", width=84),
    "name": Column("name", "Name", width=150),
    "found": Column("found", "What was found", width=330),
    "department": Column("department", "Department", width=190),
    "unit_below": Column("unit_below", "Unit", width=200),
    "job_title": Column("job_title", "Job title", width=190),
    "grade": Column("grade", "Grade", width=72),
    "role_level": Column("role_level", "Role level", width=190),
    "other_staff_id": Column("other_staff_id", "Other staff ID", width=118),
    "other_name": Column("other_name", "Other name", width=150),
    "score": Column("score", "Points", "int", width=64, tooltip="How much speaks for one person, of 100"),
}
PAIR_ORDER = (
    "score",
    "staff_id",
    "name",
    "other_staff_id",
    "other_name",
    "found",
    "department",
    "unit_below",
)
NAMES = frozenset({"name", "other_name"})
GRADE_COLUMNS = (
    Column("role_level", "Role level", width=210),
    Column("people", "People", "int", width=64, tooltip="People with a grade in this role level"),
    Column("shown_words", "Grades here", width=130,
           tooltip="One grade where more than 85 % hold it, otherwise each that at least 15 % hold"),
    Column("usual_words", "Usual grades", width=110, tooltip="In the profession"),
    Column("overlap_words", "Overlap", width=90),
    Column("counts_words", "People by grade", width=200),
    Column("role", "Role", width=180, is_shown=False),
    Column("role_family", "Role family", width=150),
)  # fmt: skip
SEVERITY = {Severity.WRONG: "to put right", Severity.DOUBTFUL: "to look at"}
GRADE_RULE = (
    "A role level is shown with one grade where more than 85 % of its people hold it, otherwise with every grade that "
    "at least 15 % hold. “No overlap” means that none of these is usual in the profession."
)


class ChecksPage(Page):
    """The checks at the left, what the chosen one has found at the right, one finding in the drawer."""

    key = "checks"
    title = "Data checks"
    icon = "warning"
    depends_on = frozenset(
        {"person", "person_spell", "unit", "role_assignment", "role_level", "framework_version", "plan",
         "plan_line", "workspace_setting"}
    )  # fmt: skip
    busy_words = "Checking the data"
    help = (
        "What is missing in the data or contradicts itself. Choose a check at the left; Enter on a line shows why it "
        "is listed and what can be done about it. Most things are put right in the HR system: load the next extract, "
        "and what is right is no longer listed. What you do here can be taken back with Ctrl+Z."
    )

    def build(self, content: QWidget) -> None:
        self._key: str = ""
        self.list = LineList("Checks")
        self.list.currentRowChanged.connect(self._on_row)
        left = Card()
        left.body.addWidget(self.list)
        self._left = left
        self.heading = label("", "heading")
        self.advice = label("", "secondary")
        self.pane = TablePane("", "lines")
        self.pane.table.row_opened.connect(self.open_line)
        right = rows(rows(self.heading, self.advice, space=4), self.pane, space=12)
        right.setStretch(1, 1)
        right.addStretch(0)  # holds the words at the top while there is no table
        box = line(left, right, space=16)
        box.setStretch(1, 1)
        content.setLayout(box)

    def ask(self) -> Callable[[Progress], QualityBoard]:
        workspace, scope = self.context.workspace, self.context.scope.scope
        return lambda progress: workspace.quality.checks(scope, progress)

    def present(self, result: QualityBoard) -> Empty | None:
        if not result.people and not result.count:
            self.set_answer("")
            self.set_actions(None)
            return self._empty_words()
        self.set_answer(answer(result))
        self._left.setFixedWidth(self.fontMetrics().averageCharWidth() * LIST_CHARACTERS)
        listed = _listed(result)
        keys = [one.record for one in listed]
        row = keys.index(self._key) if self._key in keys else 0
        self.list.blockSignals(True)
        self.list.set_lines(listed)
        self.list.setCurrentRow(row)
        self.list.blockSignals(False)
        self._show(keys[row])
        return None

    def receive(self, **about: Any) -> None:
        """``check`` names the check to show, as the command line does."""
        if "check" in about:
            self._choose(str(about["check"]))

    def export(self) -> None:
        export_table(self, self.pane.table, self.heading.text() or self.title)

    def find(self) -> None:
        self.pane.focus_filter()

    def open_line(self, found: QualityLine | GradesLine) -> None:
        """One finding, or one role level, in the drawer."""
        if isinstance(found, GradesLine):
            self.drawer.open_with(found.role_level, _grade_facts(found))
        else:
            show_finding(self, self.result.check(CheckKey(self._key)), found)

    # --- what can be done -------------------------------------------------------------------------------------

    def end_all(self) -> None:
        """End the open roles of every leaver listed, once it is clear what that means."""
        lines = tuple(one for one in self._check().lines if one.can_end_roles)
        dialogs.ask(
            self,
            f"End the open roles of {people(len(lines))} who left?",
            "Each role ends the day after the person’s last day. The history keeps it, and Ctrl+Z takes it back.",
            "End open roles",
            lambda: end_roles(self, lines),
        )

    def mark_selected(self) -> None:
        """Mark the selected pairs as different people."""
        chosen = self.pane.table.selected_records()
        if chosen:
            mark_different(self, tuple(chosen))
        else:
            self.banner.say("Select the pairs that are different people first.", tone="info")

    def forget_marks(self) -> None:
        """List pairs again that were marked as different people."""
        count, quality = self.result.marked_different, self.context.workspace.quality
        dialogs.ask(
            self,
            f"List {'1 pair' if count == 1 else f'{whole(count)} pairs'} again?",
            "They were marked as different people. Pairs that no longer look alike stay out of the list.",
            "List again",
            lambda: self.context.jobs.write(
                lambda _progress: quality.forget_different(), title="Listing pairs again"
            ),
        )

    # --- inside -----------------------------------------------------------------------------------------------

    def _check(self) -> QualityCheck:
        found: QualityBoard = self.result
        return found.check(CheckKey(self._key))

    def _choose(self, key: str) -> None:
        self._key = key
        for row, one in enumerate(self.list.lines):
            if one.record == key:
                self.list.setCurrentRow(row)

    def _on_row(self, row: int) -> None:
        if 0 <= row < len(self.list.lines):
            self.drawer.shut()
            self._show(self.list.lines[row].record)

    def _show(self, key: str) -> None:
        self._key = key
        if key == GRADES:
            self.heading.setText("Grades by role level")
            self.advice.setText(GRADE_RULE)
            self.advice.show()
            self.pane.show()
            self.pane.set_what("role levels")
            self.pane.table.set_records(
                GRADE_COLUMNS, sorted(self.result.grades, key=lambda one: one.has_overlap)
            )
            self._offer(None)
            return
        check = self._check()
        self.heading.setText(check.sentence)
        self.advice.setText(check.how_to_fix if check.count else "")
        self.advice.setVisible(bool(check.count))
        self.pane.setVisible(bool(check.count))
        self.pane.set_what("pairs" if check.key is CheckKey.DUPLICATE else "people")
        is_hidden = self.context.settings.flag("hide_names")
        self.pane.table.set_records(
            [COLUMNS[key] for key in check.columns if not (is_hidden and key in NAMES)], check.lines
        )
        self._offer(check)

    def _offer(self, check: QualityCheck | None) -> None:
        """The buttons beside the title: what puts the shown check right."""
        listed = Action("Export list", self.export, "export")
        if self.context.workspace.is_read_only:
            self.set_actions(None, listed)
            return
        others = [listed, Action("Load HR extract", self._load_extract, "import")]
        if check is not None and check.key is CheckKey.DUPLICATE and self.result.marked_different:
            others.insert(0, Action("List marked pairs again", self.forget_marks))
        self.set_actions(self._remedy(check) if check is not None and check.count else None, *others)

    def _remedy(self, check: QualityCheck) -> Action | None:
        """What puts a whole check right from here, where anything does."""
        if check.key is CheckKey.NO_ROLE:
            return Action("Review roles", lambda: self.context.navigator.go("role_mapping"))
        if check.key is CheckKey.LEAVER and any(one.can_end_roles for one in check.lines):
            return Action("End open roles", self.end_all)
        if check.key is CheckKey.DUPLICATE:
            return Action("Mark as different people", self.mark_selected)
        return None

    def _load_extract(self) -> None:
        self.context.navigator.go("people", act="load_people")

    def _empty_words(self) -> Empty:
        state = self.context.scope
        if state.scope != type(state.scope)():
            return Empty(
                "Nobody is in this scope on this day.",
                "Show everybody",
                lambda: state.set(type(state.scope)()),
            )
        return Empty(
            "There is nobody to check yet. The checks begin when the first HR extract is loaded.",
            "" if self.context.workspace.is_read_only else "Load HR extract",
            self._load_extract,
        )


def answer(found: QualityBoard) -> str:
    """The sentence under the title."""
    if not found.count:
        return f"Nothing to check: {people(found.people)}, and every check is in order."
    most = max(found.checks, key=lambda check: check.count)
    things = "1 thing" if found.count == 1 else f"{whole(found.count)} things"
    return f"{things} to check about {people(found.people)}; most: {most.name.lower()} ({whole(most.count)})."


def _listed(found: QualityBoard) -> list[Line]:
    """Checks that found something first, then those in order, then the grades by role level."""
    ordered = sorted(found.checks, key=lambda check: not check.count)
    lines = [
        Line(
            check.name,
            f"{whole(check.count)} {SEVERITY[check.severity]}" if check.count else "In order",
            check.key.value,
        )
        for check in ordered
    ]
    odd = sum(not one.has_overlap for one in found.grades)
    detail = (
        f"{whole(odd)} of {whole(len(found.grades))} without overlap"
        if found.grades
        else "Nobody has a role yet"
    )
    return [*lines, Line("Grades by role level", detail, GRADES)]


def _grade_facts(found: GradesLine) -> Facts:
    facts = Facts()
    facts.add("Role", found.role, found.role_family)
    facts.add("Grades here", found.shown_words, f"of {people(found.people)} with a grade")
    facts.add("Usual grades in the profession", found.usual_words, found.overlap_words)
    facts.add_heading("People by grade")
    for grade, count in found.counts:
        facts.add(grade, people(count))
    facts.add_text(GRADE_RULE)
    facts.finish()
    return facts
