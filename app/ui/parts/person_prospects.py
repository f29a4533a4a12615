"""One person's skills in the drawer: required against held as dots, what a course or mentor could do, what is near."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.services.gaps import PairLine
from app.services.mentors import MentorLine
from app.services.prospects import CourseProspect, LevelProspect, Prospects
from app.terms import level_word
from app.ui import theme
from app.ui.formats import money, whole
from app.ui.widgets import label, line, rows

MOST_COURSES, MOST_MISSING = 5, 4
_DOT, _GAP = 11, 5
_LEVELS = 4


class LevelDots(QWidget):
    """Four dots for the levels 1 to 4: filled up to the level held, ringed up to the one required.

    Not assessed shows rings only, broken; what is told by shape is told in words beside it too.
    """

    def __init__(self, held: int | None, required: int) -> None:
        super().__init__()
        self.held, self.required = held, required
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(f"Holds {level_word(held)}, needs {level_word(required)}")

    def sizeHint(self) -> QSize:
        return QSize(_LEVELS * (_DOT + _GAP) + 2, _DOT + 6)

    def paintEvent(self, _event: QPaintEvent) -> None:
        look = theme.tokens()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        top = (self.height() - _DOT) / 2
        for level in range(1, _LEVELS + 1):
            is_held = self.held is not None and level <= self.held
            is_needed = level <= self.required
            colour = QColor(look.accent if is_needed else look.secondary)
            pen = QPen(colour if is_held or is_needed else QColor(look.hairline), 1.6)
            if self.held is None and is_needed:
                pen.setStyle(Qt.PenStyle.DotLine)
            painter.setPen(pen)
            painter.setBrush(colour if is_held else Qt.BrushStyle.NoBrush)
            left = 2 + (level - 1) * (_DOT + _GAP)
            if is_needed:
                painter.drawEllipse(QRectF(left, top, _DOT, _DOT))
            else:  # beyond what the role asks for: smaller
                painter.drawEllipse(QRectF(left + 2.5, top + 2.5, _DOT - 5, _DOT - 5))
        painter.end()


def dots_key() -> QWidget:
    """What the dots mean, in one line."""
    return label(
        "Ring: required. Filled: held. Small: above what the role asks. Dotted: not assessed.", "small"
    )


def pair_row(pair: PairLine, words: str) -> QWidget:
    """A skill with its dots, and the words for them below."""
    made = QWidget()
    head = line(label(pair.skill), LevelDots(pair.held, pair.required), space=8)
    head.setStretch(0, 1)
    made.setLayout(rows(head, label(words, "small"), space=0))
    return made


def help_words(found: Prospects, *, hides_names: bool) -> list[QWidget]:
    """Courses, mentors and role levels within reach as headed texts, ready for a drawer."""
    parts: list[QWidget] = [label("What a course could do", "label")]
    if not found.courses:
        parts.append(label(_no_course(found), "small"))
    parts += [_block(one.title, course_words(one)) for one in found.courses[:MOST_COURSES]]
    if len(found.courses) > MOST_COURSES:
        parts.append(label(f"{whole(len(found.courses) - MOST_COURSES)} more courses close a step.", "small"))
    parts.append(label("What a mentor could do", "label"))
    near = [one for one in found.mentors if one.mentors]
    if not near:
        parts.append(label("Nobody in the department could mentor a skill that is short.", "small"))
    parts += [_block(one.skill, mentor_words(one, hides_names=hides_names)) for one in near]
    parts.append(label("Role levels within reach", "label"))
    if found.next_level is None and not found.nearest:
        parts.append(label("There is no level above, and no other role is near.", "small"))
    if found.next_level is not None:
        parts.append(_block(f"Next: {found.next_level.role_level}", level_words(found.next_level)))
    parts += [_block(f"{one.role_level}, {one.role_family}", level_words(one)) for one in found.nearest]
    return parts


def _no_course(found: Prospects) -> str:
    is_short = any(pair.gap for pair in found.pairs)
    return "No course on offer closes a step from here." if is_short else "Nothing assessed is short."


def _block(title: str, words: str) -> QWidget:
    made = QWidget()
    made.setLayout(rows(label(title), label(words, "small"), space=0))
    return made


def course_words(one: CourseProspect) -> str:
    """What a course closes, how long it takes, what it costs, and what comes after."""
    raised = "; ".join(
        f"{each.skill}: {level_word(each.level_now)} → {level_word(each.level_after)}" for each in one.raises
    )
    steps = "1 step" if one.steps == 1 else f"{whole(one.steps)} steps"
    price = money(one.cost_gbp) if one.cost_gbp or not one.cohort_gbp else ""
    cohort = f"{money(one.cohort_gbp)} for a group" if one.cohort_gbp else ""
    cost = " and ".join(part for part in (price, cohort) if part)
    words = f"{one.code}, {one.hours:f} hours, {cost}: {steps}. {raised}."
    return f"{words} Leads on to {', '.join(one.leads_on)}." if one.leads_on else words


def mentor_words(one: MentorLine, *, hides_names: bool) -> str:
    """Who is near and holds enough of a skill."""
    names = "; ".join(
        f"{card.staff_id if hides_names else card.name or card.staff_id} ({level_word(card.level)})"
        for card in one.mentors
    )
    return f"{one.near.capitalize()}: {names}."


def level_words(one: LevelProspect) -> str:
    """How much of a role level is met, and what is missing first."""
    if one.is_ready:
        return f"All {whole(one.required)} skills are met."
    words = f"{whole(one.met)} of {whole(one.required)} skills met"
    unknown = one.required - one.assessed
    words += f", {whole(unknown)} not assessed" if unknown else ""
    missing = _missing(one)
    return f"{words}. Missing: {missing}." if missing else f"{words}."


def _missing(one: LevelProspect) -> str:
    named: Sequence[str] = [
        f"{need.skill} ({level_word(need.held)} → {level_word(need.required)})"
        for need in one.missing[:MOST_MISSING]
    ]
    more = len(one.missing) - len(named)
    return "; ".join((*named, f"{whole(more)} more") if more else named)
