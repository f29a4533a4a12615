"""Role mapping: job titles in groups, largest first, decided from the keyboard."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from app.change import Change, Outcome
from app.progress import Progress
from app.services.population import RoleLevelLine
from app.services.roles import BulkPreview, Choice, MappingBoard, TitleGroup
from app.terms import MatchKind
from app.ui.formats import people, whole
from app.ui.page import Action, Empty, Page
from app.ui.parts.accept_above import AcceptAboveDialog
from app.ui.parts.confirmed_titles import show_confirmed
from app.ui.parts.exports import export_table
from app.ui.parts.own_role import own_role_maker
from app.ui.parts.role_dialog import RoleChoice, RoleDialog
from app.ui.parts.title_details import TitleDetails, answer_words
from app.ui.table import Column, TablePane
from app.ui.widgets import label, rows

COLUMNS = (
    Column("title", "Job title", width=220),
    Column("headcount", "People", "int", width=64),
    Column("suggestion", "Best suggestion", width=210),
    Column("score", "Score", "share", width=92),
    Column("grades", "Grades", width=150),
    Column("reason", "Why", width=360),
)
KEYS = (
    "J and K move · Enter accepts · 1 to 3 choose a suggestion · N not digital · D digital, no single role · "
    "S search any role · U undo"
)
UNDO_DEPTH = 200


@dataclass(frozen=True, slots=True)
class TitleRow:
    """One group as the table shows it."""

    title: str
    headcount: int
    suggestion: str
    score: float
    grades: str
    reason: str
    group: TitleGroup


def title_row(group: TitleGroup) -> TitleRow:
    """A group in the words of the table."""
    grades = ", ".join(f"{grade} {count}" for grade, count in group.grades[:4])
    best = group.best
    return TitleRow(group.title, group.headcount, answer_words(best), best.score, grades, best.reason, group)


@dataclass(slots=True)
class _Done:
    """What one decision took off the board, so that undo can put it back."""

    action_id: int
    groups: tuple[TitleGroup, ...]
    kind: MatchKind


class RoleMappingPage(Page):
    """Titles still to decide. Own decisions change the board in place; it is read again for everybody else's."""

    key = "role_mapping"
    title = "Role mapping"
    icon = "role-mapping"
    depends_on = frozenset(
        {
            "person",
            "person_spell",
            "unit",
            "role_assignment",
            "role_level",
            "framework_version",
            "job_title_rule",
        }
    )
    busy_words = "Matching job titles to roles"
    help = (
        "Everybody with the same job title is decided at once, the largest group first. The score is the chance that "
        "the suggestion is right: of suggestions scored 90 %, about nine in ten are. "
        + KEYS
        + ". A decision becomes "
        "a rule for its title; Confirmed titles lists and removes them."
    )

    def build(self, content: QWidget) -> None:
        self.pane = TablePane("role_mapping", "job titles", lambda _table: self.export())
        self.table = self.pane.table
        self.table.row_opened.connect(lambda row: self._accept(row.group, 0))
        self.table.row_chosen.connect(self._show_details)
        self.table.installEventFilter(self)
        self.keys = label(KEYS, "small")
        box = rows(self.pane, self.keys, space=8)
        box.setStretch(0, 1)
        content.setLayout(box)
        self._groups: dict[str, TitleGroup] = {}
        self._counts = (0, 0, 0)
        self._own: set[int] = set()
        self._done: list[_Done] = []
        self._levels: tuple[RoleLevelLine, ...] = ()
        self._row = 0

    # --- asking and showing -----------------------------------------------------------------------------------

    def ask(self) -> Callable[[Progress], tuple[MappingBoard, tuple[RoleLevelLine, ...]]]:
        workspace, scope = self.context.workspace, self.context.scope.scope
        return lambda progress: (workspace.roles.board(scope, progress), workspace.roles.role_levels())

    def present(self, result: tuple[MappingBoard, tuple[RoleLevelLine, ...]]) -> Empty | None:
        board, self._levels = result
        self._groups = {group.title_key: group for group in board.groups}
        self._counts = (board.mapped, board.not_digital, board.total)
        self._done.clear()
        self._set_actions()
        if not board.total:
            self.set_answer("")
            return Empty(
                "There is nobody to map yet. Load the extract from your HR system first.",
                "Load HR extract",
                lambda: self.context.navigator.go("people", act="load_people"),
            )
        return self._refresh()

    def _set_actions(self) -> None:
        rules = Action("Confirmed titles", lambda: show_confirmed(self))
        if self.context.workspace.is_read_only:
            self.set_actions(None, rules)
        else:
            self.set_actions(Action("Accept all above a score", self._ask_above, "ok"), rules)

    def _refresh(self) -> Empty | None:
        """Draw what is left; the row in focus stays where it was, which is now the next title."""
        self.set_answer(self._answer_words())
        if not self._groups:
            self.drawer.shut()
            return Empty(
                self._answer_words(),
                "See skill gaps",
                lambda: self.context.navigator.go("gaps"),
            )
        row = max(0, self._row)
        self.table.set_records(COLUMNS, [title_row(group) for group in self._groups.values()])
        last = self.table.rows.rowCount() - 1
        if last >= 0:
            self.table.choose_row(min(row, last))
            self._show_details(self.table.current_record())
        return None

    def _answer_words(self) -> str:
        mapped, not_digital, total = self._counts
        if not self._groups and total:
            return f"Every title is decided: {whole(mapped)} of {people(total)} have a role."
        titles = len(self._groups)
        left = f"{whole(titles)} {'title' if titles == 1 else 'titles'} left"
        aside = f", {whole(not_digital)} are not in a role of the framework" if not_digital else ""
        return f"{whole(mapped)} of {people(total)} mapped{aside}; {left}."

    def _show_details(self, row: TitleRow | None) -> None:
        if row is None:
            return
        self._row = self.table.currentIndex().row()
        details = TitleDetails(row.group, is_read_only=self.context.workspace.is_read_only)
        details.accepted.connect(lambda place, part: self._accept(part, place, is_whole=part is row.group))
        details.not_digital.connect(
            lambda part: self._decide([part], Choice(MatchKind.NONE), is_whole=part is row.group)
        )
        details.searched.connect(lambda part: self._search(part, is_whole=part is row.group))
        has_focus = self.table.hasFocus()
        self.drawer.open_with(row.group.title, details)
        if has_focus:
            self.table.setFocus(Qt.FocusReason.OtherFocusReason)

    # --- keys -------------------------------------------------------------------------------------------------

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.table and event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            plain = event.modifiers() in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier)
            if plain and self._key(event.text().upper()):
                return True
        return super().eventFilter(watched, event)

    def _key(self, letter: str) -> bool:
        """One key of the review; whether it was one."""
        if letter in ("J", "K"):
            step = 1 if letter == "J" else -1
            row = self.table.currentIndex().row() + step
            if 0 <= row < self.table.rows.rowCount():
                self.table.choose_row(row)
            return True
        if letter == "U":
            self.undo()
            return True
        groups = [row.group for row in self.table.selected_records()]
        if not groups:
            current = self.table.current_record()
            groups = [current.group] if current is not None else []
        if not groups or self.context.workspace.is_read_only:
            return False
        if letter in ("1", "2", "3"):
            self._accept(groups[0], int(letter) - 1)
        elif letter == "N":
            self._decide(groups, Choice(MatchKind.NONE))
        elif letter == "D":
            self._decide(groups, Choice(MatchKind.DIGITAL_UNMAPPED))
        elif letter == "S":
            self._search(groups[0])
        else:
            return False
        return True

    # --- deciding ---------------------------------------------------------------------------------------------

    def _accept(self, group: TitleGroup, place: int, *, is_whole: bool = True) -> None:
        """Accept the suggestion in this place; where its level is not clear, ask for one."""
        if place >= len(group.suggestions) or self.context.workspace.is_read_only:
            return
        found = group.suggestions[place]
        if found.kind is MatchKind.ROLE and not found.role_level:
            self._search(group, is_whole=is_whole)
            return
        roles = self.context.workspace.roles
        kind = found.kind

        def work(_progress: Progress) -> Outcome[int]:
            choice = roles.choice_for(found)
            return roles.accept_title(group, choice, score=found.score, reason=found.reason, is_rule=is_whole)

        self._write(work, (group,), kind)

    def _decide(
        self,
        groups: Sequence[TitleGroup],
        choice: Choice,
        *,
        is_whole: bool = True,
        valid_from: date | None = None,
    ) -> None:
        roles = self.context.workspace.roles
        if len(groups) == 1:
            one = groups[0]
            self._write(
                lambda _progress: roles.accept_title(one, choice, is_rule=is_whole, valid_from=valid_from),
                (one,),
                choice.kind,
            )
        else:
            self._write(lambda _progress: roles.accept_titles(groups, choice), tuple(groups), choice.kind)

    def _search(self, group: TitleGroup, *, is_whole: bool = True) -> None:
        sentence = f"Which role do {people(group.headcount)} called “{group.title}” have?"
        today = self.context.workspace.today()
        dialog = RoleDialog(self, sentence, self._levels, today, own_role_maker(self.context))
        dialog.set_latest(today)  # a title decided from a later day on would still be undecided today
        dialog.chosen.connect(lambda record: self._take(group, record, is_whole=is_whole))
        dialog.open()

    def _take(self, group: TitleGroup, record: RoleChoice, *, is_whole: bool) -> None:
        self._decide([group], record.choice, is_whole=is_whole, valid_from=record.valid_from)

    def _write(
        self, work: Callable[[Progress], Outcome[int]], groups: tuple[TitleGroup, ...], kind: MatchKind
    ) -> None:
        """Take the groups off the board at once and write behind it; a refusal puts them back."""
        before = dict(self._groups), self._counts
        self._remove(groups, kind)

        def keep(progress: Progress) -> Outcome[int]:
            outcome = work(progress)
            # known before the window hears of the change, so that it is not taken for somebody else's
            self._own.add(outcome.change.action_id)
            self._done.append(_Done(outcome.change.action_id, groups, kind))
            del self._done[:-UNDO_DEPTH]
            return outcome

        def failed(error: Any) -> None:
            self._groups, self._counts = before
            self.show_error(error)

        self.context.jobs.write(keep, title="Saving the decision", failed=failed)
        self.show_result(self._refresh())

    def _remove(self, groups: Sequence[TitleGroup], kind: MatchKind) -> None:
        mapped, not_digital, total = self._counts
        for group in groups:
            whole_group = self._groups.get(group.title_key)
            if whole_group is None:
                continue
            rest = whole_group.without(group.person_ids)
            if rest.headcount:
                self._groups[group.title_key] = rest
            else:
                del self._groups[group.title_key]
            if kind is MatchKind.ROLE:
                mapped += group.headcount
            else:
                not_digital += group.headcount
        self._counts = (mapped, not_digital, total)

    def undo(self) -> None:
        """Take the last decision of this page back, on the board and in the workspace."""
        if not self._done:
            return
        last = self._done.pop()
        admin = self.context.workspace.admin

        def work(_progress: Progress) -> Outcome[str]:
            outcome = admin.revert(last.action_id)
            self._own.add(outcome.change.action_id)
            return outcome

        self.context.jobs.write(work, title="Taking the decision back")
        self._put_back(last)
        self.show_result(self._refresh())

    def _put_back(self, done: _Done) -> None:
        mapped, not_digital, total = self._counts
        for group in done.groups:
            rest = self._groups.get(group.title_key)
            if rest is not None:
                group = replace(  # noqa: PLW2901  (the two parts are one group again)
                    group,
                    person_ids=(*group.person_ids, *rest.person_ids),
                    person_grades=(*group.person_grades, *rest.person_grades),
                    person_units=(*group.person_units, *rest.person_units),
                ).without(())
            self._groups[group.title_key] = group
            if done.kind is MatchKind.ROLE:
                mapped -= group.headcount
            else:
                not_digital -= group.headcount
        ordered = sorted(self._groups.values(), key=lambda group: (-group.headcount, group.title_key))
        self._groups = {group.title_key: group for group in ordered}
        self._counts = (mapped, not_digital, total)

    def _on_changed(self, change: Change) -> None:
        if change.action_id in self._own:
            self._own.discard(change.action_id)
            return
        super()._on_changed(change)

    # --- many at once -----------------------------------------------------------------------------------------

    def _ask_above(self) -> None:
        context, scope = self.context, self.context.scope.scope

        def look(score: float, kinds: tuple[MatchKind, ...], shown: Callable[[BulkPreview], None]) -> None:
            context.jobs.read(
                lambda _progress: context.workspace.roles.preview_above(scope, score, kinds),
                shown,
                key="role_mapping/above",
                title="Counting suggestions",
            )

        dialog = AcceptAboveDialog(self, look)
        dialog.accepted_preview.connect(self._accept_above)
        dialog.open()

    def _accept_above(self, preview: BulkPreview) -> None:
        context = self.context

        def work(progress: Progress) -> Outcome[int]:
            outcome = context.workspace.roles.accept_above(preview, progress)
            return outcome if outcome is not None else Outcome(0, Change("Accept suggested roles"))

        def done(accepted: int) -> None:
            self.banner.say(f"Accepted suggestions for {people(accepted)}. Ctrl+Z takes all of them back.")

        context.jobs.write(
            work,
            done,
            title=f"Accepting suggestions for {people(preview.people)}",
        )

    def receive(self, **about: Any) -> None:
        """``title`` puts the cursor on a title."""
        wanted = str(about.get("title", ""))
        for row in range(self.table.rows.rowCount() if wanted else 0):
            if self.table.rows.record(row).title == wanted:
                self.table.choose_row(row)

    def export(self) -> None:
        export_table(self, self.table, "Role mapping")

    def find(self) -> None:
        self.pane.focus_filter()
