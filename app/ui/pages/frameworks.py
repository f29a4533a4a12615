"""Frameworks: the versions there are, their roles and what each level requires, loading and comparing them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PySide6.QtWidgets import QPushButton, QWidget

from app.progress import Progress
from app.services.frameworks import FrameworkLine, RoleLevelCard, SkillNeed
from app.services.population import RoleLevelLine
from app.ui.formats import level, people, whole
from app.ui.import_preview import choose_and_load
from app.ui.page import Action, Empty, Page
from app.ui.parts.exports import export_table
from app.ui.parts.facts import Facts
from app.ui.parts.framework_compare import CompareDialog
from app.ui.parts.framework_import import FrameworkKind
from app.ui.parts.own_role import make_own_role
from app.ui.table import Column, Table, TablePane
from app.ui.widgets import button, icon_button, label, line, rows

VERSION_COLUMNS = (
    Column("label", "Version", width=236),
    Column("state", "State", width=72),
    Column("effective_on", "From", "date", width=96),
    Column("roles", "Roles", "int", width=64),
    Column("role_levels", "Role levels", "int", width=92),
    Column("skills", "Skills", "int", width=64),
    Column("requirements", "Requirements", "int", width=110, is_shown=False),
    Column("people", "People", "int", width=72),
)
CARD_COLUMNS = (
    Column("role_family", "Role family", width=136),
    Column("role", "Role", width=160),
    Column("role_level", "Role level", width=196),
    Column(
        "origin", "Origin", width=76, tooltip="Our own: made here, based on a role level of the framework"
    ),
    Column("seniority", "Seniority", "int", width=84, tooltip="1 is the most junior level of the role"),
    Column("skills", "Skills", "int", width=60),
)
MOST_VERSIONS_SHOWN = 4


@dataclass(frozen=True, slots=True)
class _Shown:
    """The versions, and the role levels of the one that is shown."""

    versions: tuple[FrameworkLine, ...]
    shown: FrameworkLine | None
    cards: tuple[RoleLevelCard, ...]


class FrameworksPage(Page):
    """Versions above, role levels of the chosen one below, requirements of a level in the drawer."""

    key = "frameworks"
    title = "Frameworks"
    icon = "frameworks"
    follows_scope = False
    depends_on = frozenset(
        {"framework_version", "role_family", "role", "role_level", "requirement", "framework_skill", "skill",
         "role_assignment"}
    )  # fmt: skip
    busy_words = "Reading frameworks"
    help = (
        "A framework version says which skills each role level requires. Versions stand side by side: loading a new "
        "one changes nobody’s role. Enter on a role level shows its skills and lets you put the levels of its role "
        "in order of seniority. The current version is the one roles are suggested from."
    )

    def build(self, content: QWidget) -> None:
        self._label, self._wanted = "", 0
        self.versions = Table("framework-versions", "Framework versions")
        self.versions.row_chosen.connect(self._on_version)
        self.heading = label("", "heading")
        self.pane = TablePane("framework-roles", "role levels", lambda _table: self.export())
        self.pane.table.row_opened.connect(self.open_level)
        box = rows(self.versions, self.heading, self.pane, space=12)
        box.setStretch(2, 1)
        content.setLayout(box)

    def ask(self) -> Callable[[Progress], _Shown]:
        frameworks, wanted = self.context.workspace.frameworks, self._label

        def work(_progress: Progress) -> _Shown:
            versions = frameworks.versions()
            if not versions:
                return _Shown((), None, ())
            shown = next((one for one in versions if one.label == wanted), versions[0])
            return _Shown(versions, shown, frameworks.role_levels(shown.label))

        return work

    def present(self, result: _Shown) -> Empty | None:
        shown = result.shown
        if shown is None:
            self._offer_first()
            self.set_answer("")
            return Empty(
                "There is no framework yet. Load the official role file, or take the facts that come with Muster.",
                "" if self.context.workspace.is_read_only else "Load framework",
                self.load_framework,
            )
        self._label = shown.label
        self.set_answer(answer(result.versions))
        self._show_versions(result)
        self.heading.setText(f"Roles of {shown.label}")
        self.pane.table.set_records(CARD_COLUMNS, result.cards)
        self._offer(result)
        self._open_wanted()
        return None

    def receive(self, **about: Any) -> None:
        """``act="load"`` begins with the file; ``role_level_id`` opens one level."""
        if about.get("act") == "load":
            self.load_framework()
        self._wanted = int(about.get("role_level_id", 0))
        if self.result is not None:
            self._open_wanted()

    def find(self) -> None:
        self.pane.focus_filter()

    def export(self) -> None:
        export_table(self, self.pane.table, "Role levels")

    # --- what can be done -------------------------------------------------------------------------------------

    def load_framework(self) -> None:
        """Choose a role file and look at it before loading."""
        choose_and_load(self.window(), FrameworkKind(self.context))

    def take_bundled(self) -> None:
        """Load the facts that come with the program."""
        frameworks = self.context.workspace.frameworks
        self.context.jobs.write(
            lambda _progress: frameworks.commit_import(frameworks.preview_bundled()),  # type: ignore[arg-type, return-value]  # None: nothing to change
            title="Loading the framework that comes with Muster",
        )

    def make_current(self) -> None:
        """Let roles be suggested from the version that is shown."""
        frameworks, name = self.context.workspace.frameworks, self._label
        self.context.jobs.write(lambda _progress: frameworks.use(name), title=f"Making {name} current")

    def make_own(self, card: RoleLevelCard) -> None:
        """Make our own role from a role level, and open it."""

        def made(line_made: RoleLevelLine) -> None:
            self.context.jobs.read(
                lambda _progress: self.context.workspace.frameworks.role_levels(self._label),
                lambda cards: self._open_made(cards, line_made.role_level_id),
                key="own role",
                title=f"Reading {line_made.name}",
            )

        make_own_role(self.context, self.window(), card.role_level_id, made)

    def _open_made(self, cards: tuple[RoleLevelCard, ...], role_level_id: int) -> None:
        for card in cards:
            if card.role_level_id == role_level_id:
                self.open_level(card)

    def compare(self) -> CompareDialog:
        """Open the differences between two versions."""
        dialog = CompareDialog(self.window(), self.context, self.result.versions, self._label)
        dialog.open()
        dialog.compare()
        return dialog

    def move(self, card: RoleLevelCard, by: int) -> None:
        """Move a level one place up (more junior) or down among the levels of its role."""
        ids = [one.role_level_id for one in self.result.cards if one.role_id == card.role_id]
        place = ids.index(card.role_level_id)
        ids.insert(place + by, ids.pop(place))
        frameworks = self.context.workspace.frameworks
        self.context.jobs.write(
            lambda _progress: frameworks.reorder(card.role_id, ids),
            lambda _names: self.open_level(card, by),
            title=f"Moving {card.role_level}",
        )

    def open_level(self, card: RoleLevelCard, moved: int = 0) -> None:
        """The skills of a role level, and its place in the order of seniority, in the drawer.

        Where it was just moved, the keyboard goes back to the button that moves it on.
        """
        frameworks, name = self.context.workspace.frameworks, self._label

        def work(_progress: Progress) -> tuple[tuple[SkillNeed, ...], tuple[RoleLevelCard, ...]]:
            cards = [one for one in frameworks.role_levels(name) if one.role_id == card.role_id]
            return frameworks.needs(card.role_level_id), tuple(cards)

        self.context.jobs.read(
            work,
            lambda found: self._open(card, *found, moved),
            key="role level",
            title=f"Reading {card.role_level}",
        )

    def _open_wanted(self) -> None:
        """Open the level somebody asked for before the page had its answer."""
        wanted, self._wanted = self._wanted, 0
        for card in self.result.cards:
            if card.role_level_id == wanted:
                self.open_level(card)

    # --- inside -----------------------------------------------------------------------------------------------

    def _open(
        self, card: RoleLevelCard, needs: tuple[SkillNeed, ...], cards: tuple[RoleLevelCard, ...], moved: int
    ) -> None:
        facts = Facts()
        facts.add("Role", card.role, card.role_family)
        facts.add("Our own role, based on", card.based_on)
        if not card.is_chief and not self.context.workspace.is_read_only:
            facts.add_widget(button("Make our own role…", "secondary", "add", lambda: self.make_own(card)))
        if card.description:
            facts.add_text(card.description)
        if len(cards) > 1:
            self._add_order(facts, card, cards)
        facts.add_heading("On its checklist" if card.is_chief else "Skills required")
        if not needs:
            facts.add_text("Nothing is required of this level.")
        for need in needs:
            words = "Checklist" if need.required is None else level(need.required)
            facts.add_pair(need.skill, need.meaning or need.description, label(words, "small", wraps=False))
        facts.finish()
        self.drawer.open_with(card.role_level, facts)
        if moved:
            self._focus_mover(facts, card, moved)

    def _focus_mover(self, facts: Facts, card: RoleLevelCard, moved: int) -> None:
        movers = {made.accessibleName(): made for made in facts.findChildren(QPushButton)}
        for way in ("up", "down") if moved < 0 else ("down", "up"):
            made = movers.get(f"Move {card.role_level} {way}")
            if made is not None and made.isEnabled():
                made.setFocus()
                return

    def _add_order(self, facts: Facts, card: RoleLevelCard, cards: tuple[RoleLevelCard, ...]) -> None:
        facts.add_heading("Order of seniority, most junior first")
        can_move = not self.context.workspace.is_read_only
        for place, one in enumerate(cards):
            mark = ", our own" if one.is_own else ""
            name = label(
                f"{place + 1}  {one.role_level}{mark}",
                "label" if one.role_level_id == card.role_level_id else "",
            )
            row = line(name, space=4)
            row.setStretch(0, 1)
            if can_move:
                up = icon_button(
                    "chevron-up", f"Move {one.role_level} up", lambda one=one: self.move(one, -1)
                )
                down = icon_button(
                    "chevron-down", f"Move {one.role_level} down", lambda one=one: self.move(one, 1)
                )
                up.setEnabled(place > 0)
                down.setEnabled(place < len(cards) - 1)
                row.addWidget(up)
                row.addWidget(down)
            holder = QWidget()
            holder.setLayout(row)
            facts.add_widget(holder)

    def _show_versions(self, result: _Shown) -> None:
        self.versions.blockSignals(True)
        self.versions.set_records(VERSION_COLUMNS, result.versions)
        place = next(at for at, one in enumerate(result.versions) if one.label == self._label)
        self.versions.choose_row(place)
        self.versions.blockSignals(False)
        height = self.versions.verticalHeader().defaultSectionSize()
        lines = min(len(result.versions), MOST_VERSIONS_SHOWN)
        self.versions.setFixedHeight(
            self.versions.horizontalHeader().sizeHint().height() + lines * height + 18
        )

    def _on_version(self, chosen: FrameworkLine) -> None:
        if chosen.label != self._label:
            self._label = chosen.label
            self.drawer.shut()
            self.load()

    def _offer(self, result: _Shown) -> None:
        if self.context.workspace.is_read_only:
            return
        others: list[Action] = []
        if len(result.versions) > 1:
            others.append(Action("Compare with…", self.compare))
        if result.shown is not None and not result.shown.is_current:
            others.append(Action("Make current", self.make_current))
        self.set_actions(Action("Load framework", self.load_framework, "import"), *others)

    def _offer_first(self) -> None:
        if not self.context.workspace.is_read_only:
            self.set_actions(None, Action("Take the framework of Muster", self.take_bundled))


def answer(versions: tuple[FrameworkLine, ...]) -> str:
    """The sentence under the title."""
    current = next((one for one in versions if one.is_current), None)
    if current is None:
        return "No version is current; choose one, so that roles can be suggested."
    return (
        f"{current.label} is current: {whole(current.roles)} roles in {whole(current.role_levels)} levels, "
        f"{people(current.people)} mapped to it."
    )
