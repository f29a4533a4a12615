"""Framework files in the import preview: role file, perhaps a skill file, a name for the version."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtWidgets import QLineEdit, QWidget

from app.change import Outcome
from app.errors import Problem
from app.progress import Progress
from app.services.frameworks import FrameworkPreview, FrameworkSummary
from app.ui import dialogs
from app.ui.context import Context
from app.ui.import_kinds import counted, listed
from app.ui.import_preview import TABLE_FILES, ImportDialog, ImportKind, LoadChoice, PreviewTab, Reading
from app.ui.table import Column
from app.ui.widgets import button, label, line, rows


@dataclass(frozen=True, slots=True)
class FrameworkFound:
    """A framework preview with what the import dialog asks of every preview."""

    preview: FrameworkPreview
    columns: tuple[tuple[str, str], ...] = ()
    dropped: tuple[str, ...] = ()
    unclear: tuple[str, ...] = ()
    errors: tuple[Problem, ...] = ()

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Every oddity by row; rows that could not be used are left out."""
        return self.preview.problems

    @property
    def is_nothing_to_change(self) -> bool:
        """Whether the version is there already."""
        return self.preview.is_nothing_to_change


@dataclass(frozen=True, slots=True)
class LevelLine:
    """A role level of the file."""

    family: str
    role: str
    role_level: str
    seniority: int
    skills: int


class FrameworkKind(ImportKind):
    """The official framework downloads, or any file of the same columns."""

    title = "Load framework"
    next_step = ("Load HR extract", "people")

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.skill_file: Path | None = None
        self.name = ""

    def extra(self, dialog: ImportDialog, /) -> QWidget:
        self.name_field = QLineEdit()
        self.name_field.setAccessibleName("Name of this version")
        self.name_field.setMinimumWidth(320)
        self.name_field.editingFinished.connect(lambda: self._rename(dialog))
        self.skill_label = label("No skill file: names and levels only", "small", wraps=False)
        self.skill_button = button("Add skill file", "secondary", "add", lambda: self._add_skills(dialog))
        caption = label("Name of this version", "small", wraps=False)
        caption.setBuddy(self.name_field)
        holder = QWidget()
        box = line(rows(caption, self.name_field, space=3), space=16)
        box.addStretch(1)
        box.addLayout(rows(self.skill_label, self.skill_button, space=3))
        holder.setLayout(box)
        return holder

    def preview(self, path: Path, _reading: Reading, progress: Progress, /) -> FrameworkFound:
        found = self.context.workspace.frameworks.preview_import(
            path, self.skill_file, progress, label=self.name
        )
        return FrameworkFound(found)

    def commit(
        self, preview: FrameworkFound, _choice: LoadChoice, progress: Progress, /
    ) -> Outcome[FrameworkSummary] | None:
        progress.step(0.1, "Writing roles and skills")
        return self.context.workspace.frameworks.commit_import(preview.preview)

    def sentence(self, preview: FrameworkFound) -> str:
        found = preview.preview
        self.name_field.setText(found.label if found.action == "new" else found.matched_label)
        if self.skill_file is not None:
            self.skill_label.setText(f"Skill file: {self.skill_file.name}")
        if found.action == "nothing":
            return f"“{found.matched_label}” is here already, with the same facts and texts."
        if found.action == "enrich":
            return (
                f"The facts equal those of “{found.matched_label}”: it gains the texts, nothing else changes."
            )
        roles = [role for family in found.file.families for role in family.roles]
        counts = listed(
            f"a new version with {counted(len(roles), 'role')}",
            counted(sum(len(role.levels) for role in roles), "role level"),
            counted(len(found.file.skills), "skill"),
        )
        return counts + (" It becomes the current version." if found.will_be_current else "")

    def verb(self, preview: FrameworkFound, _choice: LoadChoice, /) -> str:
        return "Add texts" if preview.preview.action == "enrich" else "Load framework"

    def tabs(self, preview: FrameworkFound) -> list[PreviewTab]:
        found = preview.preview.file
        levels = [
            LevelLine(family.name, role.name, level.name, level.seniority, len(level.requirements))
            for family in found.families
            for role in family.roles
            for level in role.levels
        ]
        lists = [
            PreviewTab("Role levels", "role levels", (
                Column("family", "Role family", width=170), Column("role", "Role", width=210),
                Column("role_level", "Role level", width=270), Column("seniority", "Seniority", "int", width=84),
                Column("skills", "Skills", "int", width=64),
            ), levels),
            PreviewTab("Oddities", "kinds of oddity", (
                Column("what", "What", width=560), Column("count", "Rows", "int", width=80),
            ), found.oddities),
        ]  # fmt: skip
        return [one for one in lists if one.records]

    def loaded(self, summary: FrameworkSummary) -> tuple[str, str]:
        more = listed(
            counted(summary.families, "role family", "role families"),
            counted(summary.roles, "role"),
            counted(summary.role_levels, "role level"),
            counted(summary.skills, "skill"),
            counted(summary.requirements, "requirement"),
        )
        current = " It is the current version." if summary.is_current else ""
        return f"“{summary.label}” is loaded.{current}", more

    def _rename(self, dialog: ImportDialog) -> None:
        text = self.name_field.text().strip()
        shown = dialog.found.preview if dialog.found is not None else None
        if shown is not None and text and text not in (shown.label, shown.matched_label):
            self.name = text
            dialog.preview_again()

    def _add_skills(self, dialog: ImportDialog) -> None:
        def take(path: Path) -> None:
            self.skill_file = path
            dialog.preview_again()

        dialogs.choose_open(dialog, "Add skill file", TABLE_FILES, take)
