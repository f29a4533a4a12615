"""What the drawer shows of skill gaps: a group, the people behind a cell, one person's skills and ratings."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QScrollArea, QSizePolicy, QWidget

from app.services.assessments import RatingLine
from app.services.gap_views import PairFigures, Shortage, figures_of
from app.services.gaps import GroupLine, PairLine
from app.services.prospects import Prospects
from app.terms import level_word
from app.ui.formats import day, people, share, whole
from app.ui.parts.line_list import Line, LineList
from app.ui.parts.person_prospects import dots_key, help_words, pair_row
from app.ui.widgets import TintedButton, button, label, rows

MOST_IN_DRAWER = 30


def levels(count: int) -> str:
    """``1 level`` or ``3 levels``."""
    return "1 level" if count == 1 else f"{whole(count)} levels"


def gap_words(pair: PairLine) -> str:
    """Held against required in words: ``working → practitioner, 1 level short``."""
    if pair.held is None:
        return f"not assessed, needs {level_word(pair.required)}"
    if not pair.gap:
        over = pair.held > pair.required
        return f"{level_word(pair.held)}, {'above' if over else 'as'} required" + (
            f" ({level_word(pair.required)})" if over else ""
        )
    return f"{level_word(pair.held)} → {level_word(pair.required)}, {levels(pair.gap)} short"


def shortage_line(one: Shortage, *, names_group: bool = True) -> Line:
    """A shortage in words: how many of those assessed are short, by how much, and where most."""
    words = f"{whole(one.short)} of {whole(one.assessed)} short by {levels(one.levels_short)}"
    if names_group and one.worst_group:
        words += f"; most in {one.worst_group} ({whole(one.worst_short)} of {whole(one.worst_assessed)})"
    return Line(one.skill, words, one.skill)


def called(pair: PairLine, *, hides_names: bool) -> str:
    """How a person is named on a screen that may be shared."""
    return f"Staff {pair.staff_id}" if hides_names else pair.name


def figures_sentence(figures: PairFigures) -> str:
    """``31 of 44 assessed people are short. Coverage 92 %.``"""
    if not figures.assessed:
        return f"Nobody is assessed yet; {people(figures.required)} {'needs' if figures.required == 1 else 'need'} it."
    coverage = share(figures.coverage or 0).replace(" ", "\u00a0")  # kept on one line
    verb = "is" if figures.short == 1 else "are"
    return f"{whole(figures.short)} of {whole(figures.assessed)} assessed people {verb} short. Coverage {coverage}."


def pairs_sentence(figures: PairFigures) -> str:
    """The same of requirements, of which a person has several."""
    if not figures.assessed:
        return f"Nobody is assessed yet in {whole(figures.required)} requirements."
    coverage = share(figures.coverage or 0).replace(" ", "\u00a0")
    missing = f"{whole(figures.short)} of {whole(figures.assessed)}"
    return f"{missing} assessed requirements are not met. Coverage {coverage}."


class Refused(QWidget):
    """Why the people behind a figure are not shown, and the figure itself as far as it may be.

    ``leave_asked()`` to turn share mode off.
    """

    leave_asked = Signal()

    def __init__(self, figure: str) -> None:
        super().__init__()
        self.sentence = label(
            "Share mode is on, so the people behind a figure are not shown. Turn it off when nobody else can see "
            "this screen."
        )
        self.leave = button("Turn off share mode", "secondary", "eye-off", self.leave_asked.emit)
        parts: list[QWidget] = [label(figure)] if figure else []
        box = rows(*parts, self.sentence, self.leave, space=12)
        box.addStretch(1)
        self.setLayout(box)


class CellDetails(QWidget):
    """The people behind a cell, those short first. ``person_chosen(PairLine)``; ``all_asked()`` for the table."""

    person_chosen = Signal(object)
    all_asked = Signal()

    def __init__(self, pairs: Sequence[PairLine], *, hides_names: bool, names_skill: bool = False) -> None:
        super().__init__()
        figures = figures_of(pairs)
        sentence = pairs_sentence(figures) if names_skill else figures_sentence(figures)
        parts: list[QWidget] = [label(sentence)]
        if figures.levels_short:
            parts.append(label(f"{levels(figures.levels_short)} to close.", "small"))
        self.list = LineList("People behind this figure")
        self.list.set_lines(
            [
                Line(
                    called(pair, hides_names=hides_names) + (f" · {pair.skill}" if names_skill else ""),
                    f"{_post(pair)}\n{gap_words(pair)}",
                    pair,
                )
                for pair in pairs[:MOST_IN_DRAWER]
            ]
        )
        self.list.opened.connect(self.person_chosen)
        parts.append(self.list)
        count = f"{len(pairs):,} lines" if names_skill else people(len(pairs))
        self.show_all = button(f"Show all {count}", "secondary", "table", self.all_asked.emit)
        if len(pairs) == 1:
            self.show_all.setText("Show as table")
        parts.append(self.show_all)
        box = rows(*parts, space=8)
        box.setStretch(parts.index(self.list), 1)
        self.setLayout(box)


def _post(pair: PairLine) -> str:
    return " · ".join(part for part in (pair.grade, pair.role_level) if part)


class GroupDetails(QWidget):
    """One row of the map: its readiness and its top shortages. ``skill_chosen(str)``; ``narrow_asked()``.

    ``narrows_to`` is the word for the row where the scope can be narrowed to it, else "".
    """

    skill_chosen = Signal(object)
    narrow_asked = Signal()

    def __init__(
        self,
        group: GroupLine,
        short: Sequence[Shortage],
        narrows_to: str,
        hidden: frozenset[str] = frozenset(),
    ) -> None:
        super().__init__()
        if "shares" in hidden:
            self._build_hidden(narrows_to)
            return
        readiness = "Nobody is assessed yet." if group.readiness is None else (
            f"{share(group.readiness)} of assessed requirements are met: "
            f"{whole(group.meeting)} of {whole(group.assessed)}."
        )  # fmt: skip
        counted = "[c] people" if "people" in hidden else people(group.people)
        ready = "[c]" if "fully_ready" in hidden else whole(group.fully_ready)
        notes = [f"{counted}, {ready} fully ready."]
        if group.coverage is not None:
            notes.append(f"Coverage {share(group.coverage)}.")
        if group.unmapped and "unmapped" not in hidden:
            notes.append(f"{whole(group.unmapped)} without a role.")
        self.list = LineList("Top shortages")
        self.list.set_lines([shortage_line(one, names_group=False) for one in short])
        self.list.opened.connect(self.skill_chosen)
        parts: list[QWidget] = [label(readiness), label(" ".join(notes), "small")]
        parts.append(
            label("Top shortages" if short else "Nobody assessed here is short of anything.", "label")
        )
        parts.append(self.list)
        if narrows_to:
            parts.append(self._narrow_button(narrows_to))
        box = rows(*parts, space=8)
        box.setStretch(parts.index(self.list), 1)
        self.setLayout(box)

    def _build_hidden(self, narrows_to: str) -> None:
        self.list = LineList("Top shortages")
        box = rows(
            label("[c]: too few people stand behind the figures of this line for them to be shown."), space=8
        )
        if narrows_to:
            box.addWidget(self._narrow_button(narrows_to))
        box.addStretch(1)
        self.list.setParent(self)
        self.list.hide()
        self.setLayout(box)

    def _narrow_button(self, narrows_to: str) -> TintedButton:
        words = f"Look at this {narrows_to.replace('-', ' ')} only"
        return button(words, "secondary", "filter", self.narrow_asked.emit)


class PersonGaps(QScrollArea):
    """One person: required against held for every skill, courses and mentors that help, and the ratings behind it.

    ``back_asked()`` goes back to the people the person was chosen from; ``record_asked()`` to the page of people.
    """

    back_asked = Signal()
    record_asked = Signal()

    def __init__(self, found: Prospects, back: str, *, hides_names: bool) -> None:
        super().__init__()
        pairs, ratings = found.pairs, found.ratings
        one, figures = pairs[0], figures_of(pairs)
        parts: list[QWidget] = []
        if back:
            made = button(back, "link", "chevron-left", self.back_asked.emit)
            made.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
            parts.append(made)
        met = f"Meets {whole(figures.meeting)} of {whole(figures.assessed)} assessed requirements"
        missing = figures.required - figures.assessed
        met += f"; {whole(missing)} not assessed." if missing else "."
        who = one.unit if hides_names else f"Staff id {one.staff_id} · {one.unit}"
        parts += [label(_post(one)), label(who, "small"), label(met)]
        parts += [label("Required against held", "label"), dots_key()]
        self.skills = tuple(pair.skill for pair in pairs)
        parts += [pair_row(pair, _held_words(pair)) for pair in pairs]
        parts += help_words(found, hides_names=hides_names)
        self.ratings = LineList("History of ratings", grows=True)
        self.ratings.set_lines([_rating_line(rating) for rating in ratings])
        if ratings:
            parts += [label("History of ratings", "label"), self.ratings]
        parts.append(button("Open in People", "secondary", "people", self.record_asked.emit))
        box = rows(*parts, space=8, margins=(6, 6, 6, 6))
        box.addStretch(1)
        inside = QWidget()
        inside.setLayout(box)
        self.setWidget(inside)
        inside.setAutoFillBackground(False)  # setWidget turns it on
        self.viewport().setAutoFillBackground(False)
        self.setWidgetResizable(True)
        self.setFrameShape(QScrollArea.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName("Profile")


def _held_words(pair: PairLine) -> str:
    words = gap_words(pair)
    if pair.assessed_on is not None:
        words += f"\n{pair.assessed_by or 'self'}, {day(pair.assessed_on)}"
    return words[:1].upper() + words[1:]


def _rating_line(rating: RatingLine) -> Line:
    word = level_word(rating.level)
    counts = " · in use" if rating.is_current else ""
    return Line(
        rating.skill,
        f"{word.capitalize()} · {rating.assessed_by} · {day(rating.assessed_on)}{counts}",
        rating,
    )
