"""Possible mentors near people who are short, and where there is more than the roles require."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from app.progress import Progress
from app.services.disclosed import hidden_mentor_lines, hidden_skill_lines
from app.services.gap_groups import GapDimension
from app.services.mentors import MOST_LINES, MentorCard, MentorLine
from app.services.scope import Scope
from app.services.skills import SkillLine
from app.terms import level_word
from app.ui.formats import HELD_BACK, people, whole
from app.ui.parts.gap_choices import choice
from app.ui.parts.gap_view import Cell, GapView
from app.ui.parts.held_back import veiled, whole_record
from app.ui.parts.line_list import Line, LineList
from app.ui.table import Column, TableData, TablePane
from app.ui.widgets import button, label, line, rows

MENTORS, SURPLUS = "mentors", "surplus"
SHOWN = ((MENTORS, "Possible mentors"), (SURPLUS, "More than required, by skill"))
NAMED = 12
SURPLUS_COLUMNS = (
    Column("skill", "Skill", width=280),
    Column("surplus", "People above what is required", "int", width=232),
    Column("short", "People short", "int", width=120),
    Column("required", "People who need it", "int", width=160),
    Column("coverage", "Coverage", "share", width=96),
)
SURPLUS_FIGURES = ("surplus", "short", "required", "coverage")


@dataclass(frozen=True, slots=True)
class MentorRow:
    """A line of the table: where people are short, and who is nearest."""

    record: MentorLine
    unit: str
    skill: str
    required: int
    short: Any
    near: str
    mentors: Any
    who: str


@dataclass(frozen=True, slots=True)
class MentorAnswer:
    """Where people are short with possible mentors, and the skills with people to spare."""

    lines: tuple[MentorLine, ...]
    hidden: tuple[bool, ...]
    skills: tuple[SkillLine, ...]
    hidden_skills: tuple[bool, ...]
    is_shared: bool


class MentorsPage(GapView):
    """One table of two: possible mentors, or surplus by skill."""

    title = "Mentors and surplus"
    busy_words = "Looking for possible mentors"

    def build(self) -> None:
        self.shown = choice("Show", SHOWN, 24)
        self.note = label("", "small")
        self.pane = TablePane("gaps-mentors", "lines")
        self.pane.table.setTextElideMode(
            Qt.TextElideMode.ElideMiddle
        )  # units differ at the end of their path
        controls = line(self.shown, self.note, space=12)
        controls.setStretch(1, 1)
        box = rows(controls, self.pane, space=12)
        box.setStretch(1, 1)
        self.setLayout(box)
        self.shown.currentIndexChanged.connect(lambda _place: self._show())
        self.pane.table.row_opened.connect(self._open)
        self._result: MentorAnswer | None = None

    def ask(self, scope: Scope, *, is_shared: bool) -> Callable[[Progress], MentorAnswer]:
        workspace = self.context.workspace

        def work(progress: Progress) -> MentorAnswer:
            lines = workspace.mentors.lines(scope, named=NAMED)
            progress.step(0.7, "Counting surplus")
            skills = workspace.skills.lines(scope)
            hidden, hidden_skills = (False,) * len(lines), (False,) * len(skills)
            if is_shared:
                hidden = hidden_mentor_lines(workspace.gaps, scope, lines)
                hidden_skills = hidden_skill_lines(workspace.gaps, scope, skills)
            return MentorAnswer(lines, hidden, skills, hidden_skills, is_shared)

        return work

    def fill(self, result: MentorAnswer) -> None:
        self._result = result
        self._show()

    def answer(self, result: MentorAnswer) -> str:
        told = [one for one, is_hidden in zip(result.lines, result.hidden, strict=True) if not is_hidden]
        if not result.lines:
            return "Nobody assessed is short of anything, so nobody needs a mentor."
        near = sum(one.short for one in told if one.near in ("same unit", "unit above"))
        everybody = sum(one.short for one in told)
        about = "about " if len(result.lines) >= MOST_LINES else ""
        return (
            f"For {about}{whole(near)} of {whole(everybody)} shortfalls there is somebody in the same unit, or the "
            "unit above, who could mentor."
        )

    def focus(self) -> None:
        self.pane.table.setFocus()

    # --- inside -----------------------------------------------------------------------------------------------

    def _show(self) -> None:
        result = self._result
        if result is None:
            return
        if self.shown.currentData() == SURPLUS:
            self.note.setText(
                "People who hold more than their role requires. It never cancels somebody else's gap."
            )
            pairs = zip(result.skills, result.hidden_skills, strict=True)
            found = [veiled(one, SURPLUS_FIGURES if hid else ()) for one, hid in pairs if one.surplus or hid]
            self.pane.set_what("skills")
            self.pane.set_data(TableData.of_records(SURPLUS_COLUMNS, found))
            self.pane.table.sort_by("surplus", is_descending=True)
            return
        listed = (
            f" The {MOST_LINES:,} with most people are listed." if len(result.lines) >= MOST_LINES else ""
        )
        self.note.setText(
            f"Who could mentor holds a level above what is required, or is an expert, and is nearest.{listed}"
        )
        self.pane.set_what("shortfalls")
        found_rows = [
            self._row(one, is_hidden, is_shared=result.is_shared)
            for one, is_hidden in zip(result.lines, result.hidden, strict=True)
        ]
        self.pane.set_data(TableData.of_records(_columns(result.is_shared), found_rows))

    def _row(self, one: MentorLine, is_hidden: bool, *, is_shared: bool) -> MentorRow:
        hides = self.context.settings.flag("hide_names")
        named = ", ".join(_called(card, hides_names=hides) for card in one.mentors[:3])
        more = f" and {one.mentors_there - 3:,} more" if one.mentors_there > 3 else ""
        is_few = is_shared and 0 < one.mentors_there < 5
        return MentorRow(
            record=one,
            unit=self.shortened(one.unit),
            skill=one.skill,
            required=one.required,
            short=HELD_BACK if is_hidden else one.short,
            near=one.near,
            mentors=HELD_BACK if is_few else one.mentors_there,
            who="" if is_shared else named + more,
        )

    def _open(self, row: Any) -> None:
        found = whole_record(row)
        if isinstance(found, SkillLine):
            self.cell_opened.emit(Cell(found.skill))
            return
        one: MentorLine = found.record
        cell = Cell(one.skill, one.unit, GapDimension.UNIT)
        if self._result is not None and self._result.is_shared:
            self.cell_opened.emit(cell)
            return
        shown = MentorDetails(one, hides_names=self.context.settings.flag("hide_names"))
        shown.person_chosen.connect(lambda card: self.person_opened.emit(card.person_id))
        shown.people_asked.connect(lambda: self.cell_opened.emit(cell))
        self.details_opened.emit(cell.title, shown)
        shown.list.setFocus()


def _columns(is_shared: bool) -> tuple[Column, ...]:
    columns = (
        Column("skill", "Skill", width=208),
        Column("unit", "Unit", width=240),
        Column("required", "Required", "level", width=104),
        Column("short", "People short", "int", width=104),
        Column("near", "Nearest mentors", width=176),
        Column("mentors", "How many", "int", width=100),
        Column("who", "Who", width=320),
    )
    return columns[:-1] if is_shared else columns


class MentorDetails(QWidget):
    """A shortfall in the drawer. ``person_chosen(MentorCard)``; ``people_asked()`` for those who are short."""

    person_chosen = Signal(object)
    people_asked = Signal()

    def __init__(self, one: MentorLine, *, hides_names: bool) -> None:
        super().__init__()
        short = "is short" if one.short == 1 else "are short"
        self.list = LineList("Possible mentors")
        self.list.set_lines(
            [Line(_called(card, hides_names=hides_names), _about(card), card) for card in one.mentors]
        )
        self.list.opened.connect(self.person_chosen)
        heading = f"Possible mentors: {one.near}" if one.mentors else "Nobody in the department could mentor"
        parts: list[QWidget] = [
            label(f"{people(one.short)} here {short} of {one.skill} at {level_word(one.required)}."),
            label(heading, "label"),
            self.list,
        ]
        if one.mentors_there > len(one.mentors):
            parts.append(
                label(f"The strongest {len(one.mentors)} of {whole(one.mentors_there)} are named.", "small")
            )
        parts.append(button("Show the people who need it", "secondary", "table", self.people_asked.emit))
        box = rows(*parts, space=8)
        box.setStretch(2, 1)
        self.setLayout(box)


def _about(card: MentorCard) -> str:
    needs = "not required of them" if card.required is None else f"{level_word(card.required)} required"
    return f"{card.unit}\n{level_word(card.level)}, {needs}"


def _called(card: MentorCard, *, hides_names: bool) -> str:
    return f"Staff {card.staff_id}" if hides_names else card.name
