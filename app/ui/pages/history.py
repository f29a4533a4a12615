"""Data and history: who did what, taking an action back, backups, and whether the data is sound."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QTabWidget, QWidget

from app.progress import Progress
from app.services.admin import CheckResult, RowChange
from app.ui import dialogs
from app.ui.formats import moment, whole
from app.ui.page import Action, Empty, Page
from app.ui.parts.exports import export_table
from app.ui.parts.facts import Facts
from app.ui.parts.history_rows import (
    ActionRow,
    BackupRow,
    DataFacts,
    change_line,
    check_row,
    read_data,
    rows_words,
)
from app.ui.parts.line_list import LineList
from app.ui.table import Column, TablePane
from app.ui.widgets import button, label, rows

ACTION_COLUMNS = (
    Column("day", "Day", "date", width=104),
    Column("time", "Time", width=60),
    Column("user", "Who", width=120),
    Column("action", "What", width=220),
    Column("details", "Details", width=300),
    Column("rows", "Rows", "int", width=72),
    Column("state", "State", width=100),
)
BACKUP_COLUMNS = (
    Column("day", "Day", "date", width=104),
    Column("time", "Time", width=60),
    Column("age", "Age", width=120),
    Column("reason", "Made", width=180),
    Column("size", "Size", width=90, align="right"),
    Column("state", "State", width=90),
    Column("name", "File", width=300),
)
CHECK_COLUMNS = (
    Column("name", "Check", width=180),
    Column("state", "State", width=160),
    Column("finding", "Finding", width=480),
)
MOST_CHANGES = 200


class HistoryPage(Page):
    """History, backups and checks, each on its tab; one action or backup in the drawer."""

    key = "history"
    title = "Data and history"
    icon = "history"
    follows_scope = False
    # Every write is in the history, so every table counts: see _on_changed.
    depends_on = frozenset[str]()
    busy_words = "Reading the history"
    help = (
        "Every change, newest first. Enter on one shows the rows it changed; Revert this action puts them back, as "
        "long as nothing made later depends on them. Back up now copies the workspace to a checked file beside it."
    )

    def build(self, content: QWidget) -> None:
        self.actions_pane = TablePane("history", "changes", lambda _table: self.export())
        self.actions_pane.table.row_opened.connect(self.open_action)
        self.backups_pane = TablePane("backups", "backups")
        self.backups_pane.table.row_opened.connect(self.open_backup)
        self.checks_pane = TablePane("checks", "checks")
        self.facts_room = QWidget()
        self._facts_box = rows()
        self.facts_room.setLayout(self._facts_box)
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        self.tabs.setAccessibleName("History, backups, checks and facts")
        for pane, name in (
            (self.actions_pane, "History"),
            (self.backups_pane, "Backups"),
            (self.checks_pane, "Checks"),
            (self.facts_room, "This workspace"),
        ):
            holder = QWidget()
            holder.setLayout(rows(pane, margins=(0, 12, 0, 0)))
            self.tabs.addTab(holder, name)
        content.setLayout(rows(self.tabs))
        self.checks_pane.table.set_records(CHECK_COLUMNS, ())

    def ask(self) -> Callable[[Progress], DataFacts]:
        workspace = self.context.workspace
        return lambda progress: read_data(workspace, progress)

    def present(self, result: DataFacts) -> Empty | None:
        self.set_answer(result.sentence)
        self.actions_pane.table.set_records(ACTION_COLUMNS, result.actions)
        self.backups_pane.table.set_records(BACKUP_COLUMNS, result.backups)
        self.tabs.setTabText(1, f"Backups ({len(result.backups)})")
        self._show_facts(result)
        check = Action("Check data", self.check, "ok")
        if result.is_shared:
            self.set_actions(check)
        else:
            self.set_actions(Action("Back up now", self.back_up, "save"), check)
        return None

    def find(self) -> None:
        shown = self.tabs.currentWidget()
        panes = shown.findChildren(TablePane)
        if panes:
            panes[0].focus_filter()

    def export(self) -> None:
        export_table(self, self.actions_pane.table, "History")

    # --- what can be done -------------------------------------------------------------------------------------

    def back_up(self) -> None:
        """Make a backup now and show it in the list."""
        workspace = self.context.workspace

        def done(path: Path) -> None:
            self.banner.say(
                f"The backup is {path.name}.", "Open folder", lambda: dialogs.open_folder(path), "info"
            )
            self.load()

        self.context.jobs.read(lambda _progress: workspace.admin.back_up(), done, title="Making a backup")

    def check(self) -> None:
        """Look whether file, references, levels, history and backups are sound."""
        workspace = self.context.workspace
        self.context.jobs.read(
            lambda _progress: workspace.admin.check(), self._show_checks, title="Checking the data"
        )

    def open_action(self, line: ActionRow) -> None:
        """The rows of one action in the drawer, and the way back."""
        workspace = self.context.workspace
        self.context.jobs.read(
            lambda _progress: workspace.admin.changes(line.action_id, MOST_CHANGES),
            lambda changes: self._open_action(line, changes),
            key="action",
            title="Reading one change",
        )

    def ask_revert(self, line: ActionRow) -> None:
        """Say what reverting does, then do it."""
        dialogs.ask(
            self,
            f"Revert “{line.action}” by {line.user}?",
            f"It changed {rows_words(line.rows)} on {moment(line.at)}. They go back to what they were before, and the "
            "history keeps both. If something made later depends on them, nothing is changed and you are told what.",
            "Revert action",
            lambda: self._revert(line),
        )

    def ask_restore(self, line: BackupRow) -> None:
        """Say what restoring does, then let the window do it."""
        dialogs.ask(
            self,
            f"Restore the backup of {moment(line.at)}?",
            "The workspace closes, the backup takes its place and it opens again. Every change since then is left "
            "out; the present file is kept beside it, so that this can be taken back.",
            "Restore backup",
            lambda: self.context.navigator.restore_asked.emit(line.path),
        )

    # --- inside -----------------------------------------------------------------------------------------------

    def _on_changed(self, _change: Any) -> None:
        self._reload()

    def _revert(self, line: ActionRow) -> None:
        workspace = self.context.workspace
        self.drawer.shut()
        self.context.jobs.write(
            lambda _progress: workspace.admin.revert(line.action_id),
            lambda name: self.banner.say(f"Reverted: {name}.", tone="info"),
            title=f"Reverting {line.action}",
        )

    def _open_action(self, line: ActionRow, changes: tuple[RowChange, ...]) -> None:
        holder = QWidget()
        parts: list[QWidget] = [label(f"{line.user}, {moment(line.at)}", "small")]
        if line.details:
            parts.append(label(line.details))
        if line.can_revert and not self.context.workspace.is_read_only:
            parts.append(button("Revert this action", "secondary", "undo", lambda: self.ask_revert(line)))
        elif line.state:
            parts.append(label(line.state))
        left = line.rows - len(changes)
        shown = rows_words(line.rows)
        if left:
            shown += f", {whole(left)} of them in bulk or not listed" if changes else " in bulk"
        parts.append(label(shown[:1].upper() + shown[1:], "label"))
        if changes:
            listed = LineList("Rows changed")
            listed.set_lines([change_line(change) for change in changes])
            parts.append(listed)
        box = rows(*parts, space=8)
        if changes:
            box.setStretch(len(parts) - 1, 1)
        else:
            box.addStretch(1)
        holder.setLayout(box)
        self.drawer.open_with(line.action, holder)

    def open_backup(self, line: BackupRow) -> None:
        """One backup in the drawer."""
        facts = Facts()
        facts.add("Made", moment(line.at), line.age)
        facts.add("Reason", line.reason)
        facts.add("Size", line.size)
        facts.add("State", line.state)
        facts.add("File", line.name, str(line.path.parent))
        if line.is_good and not self.context.workspace.is_read_only:
            facts.add_widget(
                button("Restore this backup", "secondary", "undo", lambda: self.ask_restore(line))
            )
        facts.add_widget(button("Open folder", "secondary", "open", lambda: dialogs.open_folder(line.path)))
        facts.finish()
        self.drawer.open_with("Backup", facts)

    def _show_checks(self, results: tuple[CheckResult, ...]) -> None:
        lines = [check_row(result) for result in results]
        self.checks_pane.table.set_records(CHECK_COLUMNS, lines)
        self.tabs.setCurrentIndex(2)
        wrong = [line for line in lines if not line.is_good]
        if wrong:
            self.banner.say(
                f"{len(wrong)} of {len(lines)} checks found something: {'; '.join(one.finding for one in wrong)}.",
                "Show backups",
                lambda: self.tabs.setCurrentIndex(1),
                "bad",
            )
        else:
            self.banner.say(f"All {len(lines)} checks found the data sound.", tone="info")

    def _show_facts(self, found: DataFacts) -> None:
        while (item := self._facts_box.takeAt(0)) is not None:
            old = item.widget()
            if old is not None:
                old.deleteLater()
        facts = Facts()
        for what, value, note in found.facts:
            facts.add(what, value, note)
        facts.finish()
        self._facts_box.addWidget(facts)
