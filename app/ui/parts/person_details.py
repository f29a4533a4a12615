"""One person in the drawer: who, required against held, the history of ratings, and the role chosen by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QWidget

from app.progress import Progress
from app.services.assessments import RatingLine
from app.services.gaps import PairLine
from app.services.people import PersonProfile
from app.services.population import RoleLevelLine
from app.services.roles import Choice
from app.terms import MatchKind
from app.ui.formats import day, fte, level, whole
from app.ui.page import Page
from app.ui.parts.facts import Facts
from app.ui.table import Column, TablePane
from app.ui.widgets import IconLabel, button, label, line, rows

MOST_RATINGS = 60


@dataclass(frozen=True, slots=True)
class PersonAnswer:
    """Everything the drawer says about one person."""

    profile: PersonProfile
    pairs: tuple[PairLine, ...]
    ratings: tuple[RatingLine, ...]


def show_person(page: Page, person_id: int) -> None:
    """Ask for one person and open the drawer of a page with the answer."""
    workspace, day_shown = page.context.workspace, page.context.scope.scope.as_at

    def work(_progress: Progress) -> PersonAnswer:
        return PersonAnswer(
            workspace.people.profile(person_id),
            workspace.gaps.person(person_id, day_shown),
            workspace.assessments.history(person_id),
        )

    page.context.jobs.read(
        work, lambda found: _open(page, found), key=f"person/{page.key}", title="Reading one person"
    )


def _open(page: Page, found: PersonAnswer) -> None:
    who = found.profile.line
    is_hidden = page.context.settings.flag("hide_names")
    title = f"Staff ID {who.staff_id}" if is_hidden or not who.name else who.name
    page.drawer.open_with(title, _person(page, found, is_hidden=is_hidden))


def _person(page: Page, found: PersonAnswer, *, is_hidden: bool) -> Facts:
    profile, who = found.profile, found.profile.line
    facts = Facts()
    facts.add("Role", who.role_words, who.role_family)
    if not page.context.workspace.is_read_only:
        facts.add_widget(button("Choose role", "secondary", "edit", lambda: choose_role(page, profile)))
    _add_pairs(facts, found.pairs, has_role=bool(who.role_level))
    facts.add_heading("About")
    facts.add("Job title", who.job_title)
    facts.add("Unit", who.unit)
    facts.add(
        "Grade and FTE", f"{who.grade or 'No grade'}, {fte(who.fte)}", f"{who.employment}, {who.status}"
    )
    facts.add("Location", who.location)
    if not is_hidden:
        facts.add("Staff ID", who.staff_id)
        facts.add("Email", profile.email)
        facts.add("Manager", profile.manager)
    dates = [
        f"{word} {day(value)}"
        for word, value in (("from", profile.start_date), ("to", profile.end_date))
        if value is not None
    ]
    facts.add("Employed", ", ".join(dates))
    facts.add("Profession", profile.profession)
    for heading, entries in (("Roles over time", profile.roles), ("Posts over time", profile.spells)):
        if entries:
            facts.add_heading(heading)
            for entry in entries:
                until = f" to {day(entry.valid_to)}" if entry.valid_to else ""
                facts.add(f"From {day(entry.valid_from)}{until}", entry.what)
    _add_ratings(facts, found.ratings)
    facts.finish()
    return facts


def gap_words(pair: PairLine) -> tuple[str, str, str]:
    """The state of a pair in words, with the icon and token beside it."""
    if pair.gap is None:
        return "Not assessed", "help", "secondary"
    if pair.gap == 0:
        return "Met", "ok", "good"
    return f"{whole(pair.gap)} short", "warning", "warn"


def _add_pairs(facts: Facts, pairs: Sequence[PairLine], *, has_role: bool) -> None:
    facts.add_heading("Required and held")
    if not pairs:
        facts.add_text(
            "This role requires no levels." if has_role else "Nothing is required until there is a role."
        )
    for pair in pairs:
        words, icon, token = gap_words(pair)
        detail = f"Needs {level(pair.required).lower()}"
        if pair.held is not None:
            detail += f", holds {level(pair.held).lower()}"
        facts.add_pair(pair.skill, detail, _state(words, icon, token))


def _state(words: str, icon: str, token: str) -> QWidget:
    made = QWidget()
    made.setLayout(line(IconLabel(icon, token, 16), label(words, "small", wraps=False), space=4))
    return made


def _add_ratings(facts: Facts, ratings: Sequence[RatingLine]) -> None:
    if not ratings:
        return
    facts.add_heading("History of ratings")
    for rating in ratings[:MOST_RATINGS]:
        counts = ", counts now" if rating.is_current else ""
        facts.add(
            f"{day(rating.assessed_on)}, {rating.assessed_by}{counts}",
            f"{rating.skill}: {level(rating.level).lower()}",
            rating.evidence or rating.comment,
        )
    if len(ratings) > MOST_RATINGS:
        facts.add_text(f"And {whole(len(ratings) - MOST_RATINGS)} earlier ratings.")


# --- the role by hand ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RoleChoice:
    """Something that can be chosen as a role."""

    role_level: str
    role: str
    family: str
    choice: Choice


NOT_DIGITAL = (
    RoleChoice("Not a digital role", "", "", Choice(MatchKind.NONE)),
    RoleChoice("Digital, no single role", "", "", Choice(MatchKind.DIGITAL_UNMAPPED)),
)
ROLE_COLUMNS = (
    Column("role_level", "Role level", width=230),
    Column("role", "Role", width=180),
    Column("family", "Role family", width=140),
)


class RoleDialog(QDialog):
    """Choose a role level by typing part of its name. ``chosen(RoleChoice)``."""

    chosen = Signal(object)

    def __init__(self, parent: QWidget, sentence: str, levels: Sequence[RoleLevelLine]) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setWindowTitle("Choose role")
        self.pane = TablePane("", "roles")
        offered = [
            RoleChoice(one.name, one.role, one.family, Choice(MatchKind.ROLE, one.role_level_id))
            for one in levels
        ]
        self.pane.table.set_records(ROLE_COLUMNS, (*offered, *NOT_DIGITAL))
        self.pane.table.row_opened.connect(self._take)
        self.pane.filter.returnPressed.connect(self._take_first)
        cancel = button("Cancel", clicked=self.reject)
        take = button("Choose this role", "primary", "", self._take_current)
        feet = line(cancel, take, space=12)
        feet.insertStretch(0, 1)
        box = rows(label(sentence), self.pane, feet, space=16, margins=(24, 20, 24, 20))
        box.setStretch(1, 1)
        self.setLayout(box)
        self.resize(640, 520)
        self.pane.focus_filter()

    def _take_current(self) -> None:
        record = self.pane.table.current_record()
        if record is None:
            self._take_first()
        else:
            self._take(record)

    def _take_first(self) -> None:
        if self.pane.table.rows.rowCount():
            self._take(self.pane.table.rows.record(0))

    def _take(self, record: RoleChoice) -> None:
        self.chosen.emit(record)
        self.accept()


def choose_role(page: Page, profile: PersonProfile) -> None:
    """Choose the primary role of one person by hand; the earlier one ends today."""
    context, person_id = page.context, profile.line.person_id
    who = "this person" if context.settings.flag("hide_names") else profile.line.name or profile.line.staff_id

    def take(record: RoleChoice) -> None:
        context.jobs.write(
            lambda _progress: context.workspace.roles.set_role(person_id, record.choice),
            lambda _person: show_person(page, person_id),
            title=f"Choosing {record.role_level}",
        )

    def ask(levels: tuple[RoleLevelLine, ...]) -> None:
        dialog = RoleDialog(
            page,
            f"Which role does {who} have from today on? Job title: {profile.line.job_title or 'none'}.",
            levels,
        )
        dialog.chosen.connect(take)
        dialog.open()

    context.jobs.read(lambda _progress: context.workspace.roles.role_levels(), ask, title="Reading roles")
