"""Skills as a table: what the organisation says of each (weight, tag), and where it stands in it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtWidgets import QDialog, QDoubleSpinBox, QWidget

from app.change import Change, Outcome
from app.progress import Progress
from app.services.disclosed import hidden_skill_lines
from app.services.scope import Scope
from app.services.skills import LEAST_WEIGHT, MOST_WEIGHT, SkillLine, SkillTag
from app.ui.formats import share, whole
from app.ui.parts.gap_choices import choice, choose
from app.ui.parts.gap_view import Cell, GapView
from app.ui.parts.held_back import veiled, whole_record
from app.ui.table import Column, TableData, TablePane
from app.ui.widgets import button, label, line, rows

ALL, NOT_ASSESSED, STRATEGIC, LEGACY, WEIGHTED, REQUIRED = (
    "all",
    "none",
    "strategic",
    "legacy",
    "weighted",
    "required",
)
SHOWN = (
    (REQUIRED, "Required of somebody here"),
    (NOT_ASSESSED, "Nobody is assessed in"),
    (STRATEGIC, "Strategic"),
    (LEGACY, "Legacy"),
    (WEIGHTED, "With a weight other than 1"),
    (ALL, "Every skill of every version"),
)
TAGS = ((SkillTag.NONE, "No tag"), (SkillTag.STRATEGIC, "Strategic"), (SkillTag.LEGACY, "Legacy"))
COLUMNS = (
    Column("skill", "Skill", width=248),
    Column("tag_words", "Tag", width=88),
    Column(
        "weight", "Weight", "decimal", width=72, tooltip="Priority weight: 1 is usual, allowed are 0.1 to 10"
    ),
    Column("required", "Need it", "int", width=80, tooltip="People whose role requires it"),
    Column("coverage", "Coverage", "share", width=88),
    Column("share_short", "Short", "share", width=104, blank="Not assessed", tooltip="Of those assessed"),
    Column("short", "People short", "int", width=104),
    Column("levels_short", "Levels short", "int", width=104),
    Column("surplus", "Above required", "int", width=136),
    Column("role_levels", "Role levels", "int", width=96, is_shown=False),
)
FIGURES = ("required", "coverage", "share_short", "short", "levels_short", "surplus", "assessed", "meeting")


@dataclass(frozen=True, slots=True)
class SkillRow:
    """A skill with its tag as a word."""

    record: SkillLine
    tag_words: str

    def __getattr__(self, name: str) -> Any:
        return getattr(self.record, name)


@dataclass(frozen=True, slots=True)
class SkillsAnswer:
    """Every skill, and which must not show their figures."""

    lines: tuple[SkillLine, ...]
    hidden: tuple[bool, ...]


class SkillsPage(GapView):
    """The table, a filter for what is worth a look, and a button that sets weight and tag of what is selected."""

    title = "Skills"
    busy_words = "Counting skills"

    def build(self) -> None:
        self.shown = choice("Skills shown", SHOWN, 24)
        self.pane = TablePane("gaps-skills", "skills")
        self.change_button = button("Set weight and tag", "secondary", "edit", self.change)
        self.people_button = button("Show people", "secondary", "people", self._show_people)
        hint = label("Enter sets weight and tag; select several to set them together.", "small")
        controls = line(self.shown, self.change_button, self.people_button, hint, space=8)
        controls.setStretch(3, 1)
        box = rows(controls, self.pane, space=12)
        box.setStretch(1, 1)
        self.setLayout(box)
        self.change_button.setVisible(not self.context.workspace.is_read_only)
        self.shown.currentIndexChanged.connect(lambda _place: self._show())
        self.pane.table.row_opened.connect(lambda _row: self.change())
        self._result: SkillsAnswer | None = None

    def ask(self, scope: Scope, *, is_shared: bool) -> Callable[[Progress], SkillsAnswer]:
        workspace = self.context.workspace

        def work(_progress: Progress) -> SkillsAnswer:
            lines = workspace.skills.lines(scope)
            hidden = hidden_skill_lines(workspace.gaps, scope, lines) if is_shared else (False,) * len(lines)
            return SkillsAnswer(lines, hidden)

        return work

    def fill(self, result: SkillsAnswer) -> None:
        self._result = result
        self._show()

    def answer(self, result: SkillsAnswer) -> str:
        required = [one for one in result.lines if one.required]
        unassessed = sum(one.is_not_assessed for one in required)
        if not required:
            return "No skill is required of anybody here."
        missing = "" if not unassessed else (
            f" Nobody is assessed in {whole(unassessed)} of them ({share(unassessed / len(required))})."
        )  # fmt: skip
        tags = {tag: sum(one.tag is tag for one in required) for tag in (SkillTag.STRATEGIC, SkillTag.LEGACY)}
        return (
            f"{whole(len(required))} skills are required here: {whole(tags[SkillTag.STRATEGIC])} strategic, "
            f"{whole(tags[SkillTag.LEGACY])} legacy.{missing}"
        )

    def focus(self) -> None:
        self.pane.table.setFocus()

    def chosen(self) -> list[SkillLine]:
        """The selected skills, or the one in focus."""
        rows_chosen = self.pane.table.selected_records() or [self.pane.table.current_record()]
        return [whole_record(row).record for row in rows_chosen if row is not None]

    def change(self) -> SkillDialog | None:
        """Set weight and tag of what is selected."""
        found = self.chosen()
        if not found or self.context.workspace.is_read_only:
            return None
        dialog = SkillDialog(self, found, lambda weight, tag: self._save(found, weight, tag))
        dialog.open()
        return dialog

    # --- inside -----------------------------------------------------------------------------------------------

    def _show(self) -> None:
        if self._result is None:
            return
        pairs = zip(self._result.lines, self._result.hidden, strict=True)
        wanted = str(self.shown.currentData())
        found = [
            veiled(SkillRow(one, _tag_words(one)), FIGURES if is_hidden else ())
            for one, is_hidden in pairs
            if _is_wanted(one, wanted, is_hidden=is_hidden)
        ]
        self.pane.set_data(TableData.of_records(COLUMNS, found))

    def _save(self, found: Sequence[SkillLine], weight: float, tag: SkillTag) -> None:
        skills, names = self.context.workspace.skills, [one.skill for one in found]
        changes: list[tuple[str, Callable[[], Outcome[int] | None]]] = []
        if any(abs(one.weight - weight) > 1e-9 for one in found):
            changes.append(("Setting the weight", lambda: skills.set_weight(names, weight)))
        if any(one.tag is not tag for one in found):
            changes.append(("Setting the tag", lambda: skills.set_tag(names, tag)))
        for title, change in changes:
            self.context.jobs.write(lambda _progress, change=change: _made(change()), title=title)

    def _show_people(self) -> None:
        found = self.chosen()
        if found:
            self.cell_opened.emit(Cell(found[0].skill))


def _made(outcome: Outcome[int] | None) -> Outcome[int]:
    """The outcome, also where somebody else has made the same change meanwhile."""
    return outcome or Outcome(0, Change("", frozenset(), 0))


def _tag_words(one: SkillLine) -> str:
    return one.tag.value.capitalize()


def _is_wanted(one: SkillLine, wanted: str, *, is_hidden: bool) -> bool:
    if wanted == REQUIRED:
        return one.required > 0
    if wanted == NOT_ASSESSED:
        return one.is_not_assessed and not is_hidden
    if wanted == WEIGHTED:
        return one.weight != 1
    return wanted in (ALL, one.tag.value)


class SkillDialog(QDialog):
    """Weight and tag of one skill, or of several together."""

    def __init__(
        self, parent: QWidget, found: Sequence[SkillLine], save: Callable[[float, SkillTag], object]
    ) -> None:
        super().__init__(parent)
        self._save = save
        name = found[0].skill if len(found) == 1 else f"{len(found):,} skills"
        self.setWindowTitle("Set weight and tag")
        self.weight = QDoubleSpinBox()
        self.weight.setRange(LEAST_WEIGHT, MOST_WEIGHT)
        self.weight.setDecimals(2)
        self.weight.setSingleStep(0.5)
        self.weight.setValue(found[0].weight)
        self.weight.setAccessibleName("Weight")
        self.tag = choice("Tag", TAGS, 12)
        choose(self.tag, found[0].tag)
        self.save_button = button(f"Save for {name}", "primary", "", self.accept)
        buttons = line(button("Cancel", clicked=self.reject), self.save_button, space=12)
        buttons.insertStretch(0, 1)
        self.setLayout(
            rows(
                label(name, "heading"),
                label(
                    "A weight above 1 lets training plans close its gaps first. It can be 0.1 to 10.", "small"
                ),
                label("Weight", "label"),
                self.weight,
                label("Tag", "label"),
                self.tag,
                buttons,
                space=8,
                margins=(16, 16, 16, 16),
            )
        )

    def accept(self) -> None:
        """Save and close."""
        self._save(self.weight.value(), SkillTag(self.tag.currentData()))
        super().accept()
