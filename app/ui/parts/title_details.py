"""One job title in the drawer: suggestions with reasons, who holds it, and deciding a part of it apart."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QWidget

from app.analysis.role_match import Suggestion
from app.services.roles import TitleGroup
from app.terms import MatchKind
from app.ui.formats import people, share
from app.ui.parts.facts import Facts
from app.ui.widgets import button, label, line, rows

MOST_SPELLINGS = 12
MOST_PARTS = 40


def answer_words(found: Suggestion) -> str:
    """A suggestion in words."""
    if found.kind is MatchKind.NONE:
        return "Not digital, data or technology"
    if found.kind is MatchKind.DIGITAL_UNMAPPED:
        return "Digital, no single role"
    if not found.role_level:
        return f"{found.role}, level open"
    return found.role_level if found.role_level == found.role else f"{found.role_level} ({found.role})"


class TitleDetails(QWidget):
    """Signals carry the group decided about: the whole one, or the part chosen in the list."""

    accepted = Signal(int, object)
    not_digital = Signal(object)
    searched = Signal(object)

    def __init__(self, group: TitleGroup, *, is_read_only: bool) -> None:
        super().__init__()
        self._group = group
        facts = Facts()
        self.part = QComboBox()
        self.part.setAccessibleName("Who is decided about")
        # a long unit path must not make the drawer wider than it is
        self.part.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.part.setMinimumContentsLength(12)
        self._parts: list[TitleGroup] = [group]
        self.part.addItem(f"Everybody ({group.headcount:,})")
        if len(group.grades) > 1:
            self._add_parts("Grade", [(name, count, group.only(grade=name)) for name, count in group.grades])
        if len(group.units) > 1:
            self._add_parts("Unit", [(name, count, group.only(unit=name)) for name, count in group.units])
        facts.add("People", people(group.headcount), ", ".join(f"{g} {n:,}" for g, n in group.grades))
        if len(self._parts) > 1 and not is_read_only:
            facts.add_widget(label("Decide about", "small"))
            facts.add_widget(self.part)
        facts.add_heading("Suggestions")
        for place, found in enumerate(group.suggestions):
            facts.add_widget(self._suggestion(place, found, is_read_only=is_read_only))
        if not is_read_only:
            others = rows(
                button("Not digital (N)", clicked=lambda: self.not_digital.emit(self._chosen())),
                button(
                    "Search any role (S)", icon="search", clicked=lambda: self.searched.emit(self._chosen())
                ),
                space=8,
            )
            holder = QWidget()
            holder.setLayout(others)
            facts.add_widget(holder)
        if len(group.spellings) > 1:
            facts.add_heading("Written as")
            shown = group.spellings[:MOST_SPELLINGS]
            more = len(group.spellings) - len(shown)
            facts.add_text("\n".join(shown) + (f"\nand {more:,} more" if more else ""))
        facts.add_heading("Where")
        for name, count in group.units[:8]:
            facts.add(name, people(count))
        facts.finish()
        box = rows(facts)
        self.setLayout(box)

    def _add_parts(self, kind: str, parts: list[tuple[str, int, TitleGroup]]) -> None:
        for name, count, part in parts[:MOST_PARTS]:
            self._parts.append(part)
            self.part.addItem(f"{kind} {name} ({count:,})")

    def _chosen(self) -> TitleGroup:
        return self._parts[max(0, self.part.currentIndex())]

    def _suggestion(self, place: int, found: Suggestion, *, is_read_only: bool) -> QWidget:
        made = QWidget()
        words = rows(
            label(f"{place + 1}. {answer_words(found)}"),
            label(f"{share(found.score)} sure. {found.reason}", "small"),
            space=2,
        )
        if is_read_only:
            made.setLayout(words)
            return made
        name = "Accept" if found.role_level or found.kind is not MatchKind.ROLE else "Choose level"
        take = button(name, "primary" if place == 0 else "secondary")
        take.setAccessibleName(f"{name}: {answer_words(found)}")
        take.clicked.connect(lambda: self.accepted.emit(place, self._chosen()))
        box = line(words, take, space=8)
        box.setStretch(0, 1)
        made.setLayout(box)
        return made
