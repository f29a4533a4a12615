"""Our own role, based on a role level of the framework: its name, and the skills it requires."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QDialog, QFrame, QGridLayout, QLineEdit, QScrollArea, QWidget

from app.change import Outcome
from app.errors import AppError
from app.progress import Progress
from app.services.frameworks import SkillNeed
from app.services.population import RoleLevelLine
from app.terms import LEVEL_WORDS, Level
from app.ui.context import Context
from app.ui.parts.role_dialog import Made, MakeOwn
from app.ui.widgets import button, clear, icon_button, label, line, rows

FIRST_LEVEL = int(Level.WORKING)
_LEVELS = tuple((int(one), f"{int(one)}  {LEVEL_WORDS[one].capitalize()}") for one in Level if one)


class OwnRoleDialog(QDialog):
    """Name and requirements of our own role. ``wanted(name, {skill: level})``; it stays open until it was made."""

    wanted = Signal(str, object)

    def __init__(
        self, parent: QWidget, base: RoleLevelLine, needs: Sequence[SkillNeed], skills: Sequence[str]
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setWindowTitle("Make our own role")
        self._skills = tuple(sorted(skills, key=str.casefold))
        self.required = {need.skill: need.required for need in needs if need.required is not None}
        self.name = QLineEdit()
        self.name.setAccessibleName("Name")
        self.name.setPlaceholderText("What your organisation calls it")
        self.problem = label("", "problem")
        self._grid = QGridLayout()
        self._grid.setContentsMargins(0, 0, 8, 0)
        self._grid.setColumnStretch(0, 1)
        self._area = self._scrolled()
        self.added = QComboBox()
        self.added.setAccessibleName("Skill to add")
        self.added.setSizePolicy(self.name.sizePolicy())
        sentence = label(
            f"Based on {base.name}, a level of the role {base.role}. It starts with what that level requires; "
            "changing it here changes nothing in the framework."
        )
        adding = line(self.added, button("Add skill", "secondary", "add", self._add), space=8)
        adding.setStretch(0, 1)
        make = button("Make our own role", "primary", "", self.make)
        make.setDefault(True)
        feet = line(button("Cancel", clicked=self.reject), make, space=12)
        feet.insertStretch(0, 1)
        name = label("Name", "label")
        name.setBuddy(self.name)
        box = rows(
            sentence, rows(name, self.name, space=4), self.problem,
            rows(label("Skills required", "label"), self._area, adding, space=8), feet,
            space=16, margins=(24, 20, 24, 20),
        )  # fmt: skip
        box.setStretch(3, 1)
        self.setLayout(box)
        self.problem.hide()  # not earlier: a widget without a parent would open as a window
        self.resize(560, 600)
        self._show()
        self.name.setFocus()

    def make(self) -> None:
        """Ask for the role; what is missing is said instead."""
        if not self.name.text().strip():
            self.show_problem("Name: enter what your organisation calls this role.")
            self.name.setFocus()
        elif not self.required:
            self.show_problem("Skills required: add at least one skill.")
            self.added.setFocus()
        else:
            self.show_problem("")
            self.wanted.emit(self.name.text(), dict(self.required))

    def show_problem(self, sentence: str) -> None:
        """Say what keeps the role from being made; an empty sentence takes it away."""
        self.problem.setText(sentence)
        self.problem.setVisible(bool(sentence))

    def _scrolled(self) -> QScrollArea:
        body, area = QWidget(), QScrollArea()
        box = rows(self._grid)
        box.addStretch(1)
        body.setLayout(box)
        area.setWidget(body)
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setAccessibleName("Skills required")
        area.viewport().setAutoFillBackground(False)
        body.setAutoFillBackground(False)  # setWidget turns it on
        return area

    def _show(self) -> None:
        """One line per skill required: its name, its level, and a button that takes it away."""
        clear(self._grid)
        before: QWidget = self._area
        for row, skill in enumerate(sorted(self.required, key=str.casefold)):
            levels = QComboBox()
            for value, words in _LEVELS:
                levels.addItem(words, value)
            levels.setCurrentIndex(self.required[skill] - 1)
            levels.setMinimumWidth(150)
            levels.setAccessibleName(f"Required level of {skill}")
            levels.currentIndexChanged.connect(lambda place, skill=skill: self._set(skill, place + 1))
            remove = icon_button("remove", f"Remove {skill}", lambda skill=skill: self._remove(skill))
            for place, part in enumerate((label(skill), levels, remove)):
                self._grid.addWidget(part, row, place)
            self.setTabOrder(before, levels)  # new widgets come last in the Tab order otherwise
            self.setTabOrder(levels, remove)
            before = remove
        self.setTabOrder(before, self.added)
        self.added.clear()
        self.added.addItems([skill for skill in self._skills if skill not in self.required])

    def _set(self, skill: str, level: int) -> None:
        self.required[skill] = level

    def _remove(self, skill: str) -> None:
        del self.required[skill]
        self._show()
        self.added.setCurrentText(skill)  # a slip is put right with one press
        self.added.setFocus()

    def _add(self) -> None:
        skill = self.added.currentText()
        if skill:
            self.required[skill] = FIRST_LEVEL
            self._show()
            for levels in self.findChildren(QComboBox):
                if levels.accessibleName() == f"Required level of {skill}":
                    levels.setFocus()


def own_role_maker(context: Context) -> MakeOwn | None:
    """What a dialog calls to have our own role made; None where nothing can be written."""
    if context.workspace.is_read_only:
        return None
    return lambda parent, base_id, made: make_own_role(context, parent, base_id, made)


def make_own_role(context: Context, parent: QWidget, base_id: int, made: Made) -> None:
    """Ask for name and requirements of our own role, make it, and hand it on."""
    workspace = context.workspace

    def read(_progress: Progress) -> tuple[RoleLevelLine, tuple[SkillNeed, ...], tuple[str, ...]]:
        return (
            workspace.roles.role_level(base_id),
            workspace.frameworks.needs(base_id),
            tuple(workspace.frameworks.skills()),
        )

    def ask(found: tuple[RoleLevelLine, tuple[SkillNeed, ...], tuple[str, ...]]) -> None:
        dialog = OwnRoleDialog(parent, *found)
        dialog.wanted.connect(lambda name, required: write(dialog, name, required))
        dialog.open()

    def write(dialog: OwnRoleDialog, name: str, required: Mapping[str, int]) -> None:
        def work(_progress: Progress) -> Outcome[RoleLevelLine]:
            return workspace.roles.make_local_role(base_id, name, required)

        def done(line_made: RoleLevelLine) -> None:
            dialog.accept()
            made(line_made)

        def failed(error: AppError) -> None:
            dialog.show_problem(str(error))

        context.jobs.write(work, done, title=f"Making {name.strip()}", failed=failed)

    context.jobs.read(read, ask, key="own role", title="Reading what the role requires")
