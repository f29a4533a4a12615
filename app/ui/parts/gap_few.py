"""What rests on one or two people: who, which role levels depend on them, and what is left when they leave."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from app.progress import Progress
from app.services.disclosed import FewHolders, few_holders
from app.services.gap_groups import GapDimension
from app.services.resilience import HolderCard, SinglePoint
from app.services.scope import Scope
from app.ui.formats import people, share, whole
from app.ui.parts.gap_choices import OF_PEOPLE, WORDS, choose, dimension_choice
from app.ui.parts.gap_view import Cell, GapView, last_name
from app.ui.parts.line_list import Line, LineList
from app.ui.table import Column, TableData, TablePane
from app.ui.widgets import button, label, line, rows

MOST_POINTS = 2_000
SHARED_COLUMNS = (
    Column("group", "Unit", width=320),
    Column("people", "People", "int", width=96, blank="[c]"),
    Column("skills_required", "Skills required", "int", width=144, blank="[c]"),
    Column("skills_held_by_few", "Held by one or two", "int", width=168, blank="[c]"),
)


@dataclass(frozen=True, slots=True)
class FewRow:
    """A single point of failure as a line of the table."""

    point: SinglePoint
    group: str
    skill: str
    who: str
    holders: int
    role_levels: str
    people_requiring: int
    readiness: float | None
    readiness_left: float | None


@dataclass(frozen=True, slots=True)
class FewAnswer:
    """The points, how many there are in all, and for a shared screen the counts of each group instead."""

    points: tuple[SinglePoint, ...]
    count: int
    shared: tuple[FewHolders, ...] | None
    dimension: GapDimension


class FewPage(GapView):
    """A table of single points of failure; one of them in the drawer with its holders."""

    title = "Rests on one or two people"
    busy_words = "Looking for skills that rest on one or two people"

    def build(self) -> None:
        self.dimension = dimension_choice("Within each", OF_PEOPLE, "Within each ")
        choose(self.dimension, GapDimension.UNIT)
        self.note = label("", "small")
        self.pane = TablePane("gaps-few", "skills")
        self.pane.table.setTextElideMode(
            Qt.TextElideMode.ElideMiddle
        )  # units differ at the end of their path
        controls = line(self.dimension, self.note, space=12)
        controls.setStretch(1, 1)
        box = rows(controls, self.pane, space=12)
        box.setStretch(1, 1)
        self.setLayout(box)
        self.dimension.currentIndexChanged.connect(lambda _place: self.asked.emit())
        self.pane.table.row_opened.connect(self._open)

    def ask(self, scope: Scope, *, is_shared: bool) -> Callable[[Progress], FewAnswer]:
        workspace, dimension = self.context.workspace, GapDimension(self.dimension.currentData())

        def work(progress: Progress) -> FewAnswer:
            counts = workspace.resilience.counts(scope, dimension)
            progress.check()
            if is_shared:
                shared = few_holders(workspace.gaps, scope, dimension, counts)
                return FewAnswer((), sum(counts.values()), shared, dimension)
            points = workspace.resilience.single_points(scope, dimension, MOST_POINTS)
            return FewAnswer(points, sum(counts.values()), None, dimension)

        return work

    def fill(self, result: FewAnswer) -> None:
        word = WORDS[result.dimension]
        if result.shared is not None:
            self.note.setText(
                "Share mode: how many skills rest on one or two people, without saying which or who."
            )
            self.pane.set_what("groups")
            columns = (Column("group", word.capitalize(), width=320), *SHARED_COLUMNS[1:])
            self.pane.set_data(TableData.of_records(columns, result.shared))
            return
        more = f" The first {MOST_POINTS:,} are listed." if result.count > MOST_POINTS else ""
        self.note.setText(
            f"Held at practitioner or above by one or two people of a {word} whose roles require it.{more}"
        )
        self.pane.set_what("skills")
        self.pane.set_data(TableData.of_records(_columns(word), [self._row(one) for one in result.points]))

    def answer(self, result: FewAnswer) -> str:
        word = WORDS[result.dimension]
        if result.shared is not None:
            known = [one for one in result.shared if one.skills_held_by_few]
            count = f"{whole(len(known))} of {whole(len(result.shared))}"
            return f"In {count} groups there are skills that rest on one or two people."
        if not result.count:
            return f"No required skill rests on one or two people of a {word} alone."
        times = "Once a skill rests" if result.count == 1 else f"{whole(result.count)} times a skill rests"
        worst = result.points[0]
        need = "1 person needs" if worst.people_requiring == 1 else f"{people(worst.people_requiring)} need"
        return (
            f"{times} on one or two people of a {word}. Most depends on {worst.skill} in "
            f"{last_name(worst.group)}: {need} it, {_holders(worst)} it."
        )

    def focus(self) -> None:
        self.pane.table.setFocus()

    # --- inside -----------------------------------------------------------------------------------------------

    def _row(self, one: SinglePoint) -> FewRow:
        hides = self.context.settings.flag("hide_names")
        return FewRow(
            point=one,
            group=self.shortened(one.group),
            skill=one.skill,
            who=", ".join(_called(card, hides_names=hides) for card in one.holders),
            holders=len(one.holders),
            role_levels=", ".join(one.role_levels),
            people_requiring=one.people_requiring,
            readiness=one.readiness,
            readiness_left=one.readiness_left,
        )

    def _open(self, row: FewRow | FewHolders) -> None:
        if isinstance(row, FewHolders):
            self.cell_opened.emit(Cell("", row.group, GapDimension(self.dimension.currentData())))
            return
        dimension = GapDimension(self.dimension.currentData())
        shown = FewDetails(row.point, WORDS[dimension], hides_names=self.context.settings.flag("hide_names"))
        shown.person_chosen.connect(lambda card: self.person_opened.emit(card.person_id))
        cell = Cell(row.point.skill, row.point.group, dimension)
        shown.people_asked.connect(lambda: self.cell_opened.emit(cell))
        self.details_opened.emit(cell.title, shown)
        shown.list.setFocus()


def _columns(word: str) -> tuple[Column, ...]:
    return (
        Column("skill", "Skill", width=208),
        Column("group", word.capitalize(), width=208),
        Column("who", "Who holds it", width=176),
        Column(
            "people_requiring", "Needed by", "int", width=100, tooltip="People whose role requires the skill"
        ),
        Column("readiness", "Met now", "share", width=80, tooltip="Requirements met of those assessed"),
        Column(
            "readiness_left",
            "Met without them",
            "share",
            width=152,
            blank="Nobody left",
            tooltip="The same when all who hold it leave: their requirements leave both sums",
        ),
        Column("role_levels", "Role levels that depend on it", width=320),
    )


class FewDetails(QWidget):
    """One point in the drawer. ``person_chosen(HolderCard)``; ``people_asked()`` for all whose role requires it."""

    person_chosen = Signal(object)
    people_asked = Signal()

    def __init__(self, point: SinglePoint, word: str, *, hides_names: bool) -> None:
        super().__init__()
        self.list = LineList("Who holds it")
        self.list.set_lines(
            [Line(_called(card, hides_names=hides_names), card.role_level, card) for card in point.holders]
        )
        self.list.opened.connect(self.person_chosen)
        levels = LineList("Role levels that depend on it")
        levels.set_lines([Line(name, "", name) for name in point.role_levels])
        parts: list[QWidget] = [
            label(_left_words(point, word)),
            label("Who holds it at practitioner or above", "label"),
            self.list,
            label("Role levels that depend on it", "label"),
            levels,
            button(
                f"Show {people(point.people_requiring)} whose role requires it", "secondary", "table",
                self.people_asked.emit,
            ),
        ]  # fmt: skip
        box = rows(*parts, space=8)
        box.setStretch(2, 2)
        box.setStretch(4, 1)
        self.setLayout(box)


def _left_words(point: SinglePoint, word: str) -> str:
    now = "nobody is assessed" if point.readiness is None else (
        f"{share(point.readiness)} of assessed requirements are met "
        f"({whole(point.meeting)} of {whole(point.assessed)})"
    )  # fmt: skip
    left = "nobody assessed would be left" if point.readiness_left is None else (
        f"{share(point.readiness_left)} would be ({whole(point.meeting_left)} of {whole(point.assessed_left)})"
    )  # fmt: skip
    who = "that person leaves" if len(point.holders) == 1 else "both leave"
    return (
        f"In this {word} {now} today. When {who}, {left}, and nobody there would hold {point.skill} at practitioner "
        "or above."
    )


def _holders(point: SinglePoint) -> str:
    return "one person holds" if len(point.holders) == 1 else "two people hold"


def _called(card: HolderCard, *, hides_names: bool) -> str:
    return f"Staff {card.staff_id}" if hides_names else card.name
