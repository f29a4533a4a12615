"""One person's learning plan on one page: on the job, from others, formal; what each closes, when, how long.

A4 portrait, drawn in inches from the top left. Texts are measured and broken; a page that would overflow is set
smaller, and what still does not fit is counted in a last line, so that nothing goes missing in silence.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from io import BytesIO
from typing import TYPE_CHECKING

from app.charts.style import LIGHT, draw_text, new_figure, text_inches, text_on

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_WIDE, _HIGH = 8.27, 11.69
_LEFT, _RIGHT = 0.65, _WIDE - 0.65
_FOOT = _HIGH - 1.45
_LINE = 1.34
_COLUMNS = (0.0, 2.62, 5.42, 6.42)
"""Where what, raises, when and hours begin, in inches from the left edge of the text."""
_SCALES = (1.0, 0.92, 0.85, 0.78)
_SHARES_HIGH = 0.3
_SURPLUS = 1.06
"""Texts are measured a little wide for screens; on paper they are as wide as they are."""


@dataclass(frozen=True, slots=True)
class LearningRow:
    """One thing to do. ``hours`` is blank where nothing is booked; ``is_planned`` False: to be agreed."""

    what: str
    raises: str
    why: str
    when: str
    hours: str
    is_planned: bool = True


@dataclass(frozen=True, slots=True)
class LearningSection:
    """One of the three kinds of learning; ``hours`` of it are planned."""

    heading: str
    rows: tuple[LearningRow, ...]
    hours: float
    empty: str


@dataclass(frozen=True, slots=True)
class LearningPage:
    """Everything on the page. ``stays_open`` are (skill, why) pairs."""

    title: str
    subtitle: str
    answer: str
    marking: str
    sections: tuple[LearningSection, ...]
    stays_open: tuple[tuple[str, str], ...]
    foot: str


def learning_pdf(pages: Sequence[LearningPage], title: str) -> bytes:
    """A PDF with one page for each person, the same bytes for the same pages."""
    from matplotlib import rc_context  # slow to import
    from matplotlib.backends.backend_pdf import PdfPages

    made = BytesIO()
    told = {"Title": title, "CreationDate": None, "ModDate": None, "Creator": "Muster", "Producer": "Muster"}
    with rc_context({"pdf.fonttype": 42}), PdfPages(made, metadata=told) as book:
        for page in pages:
            book.savefig(learning_page(page))
    return made.getvalue()


def learning_page(page: LearningPage) -> Figure:
    """Draw one page, as large as it fits."""
    for scale in _SCALES:
        found = _Drawing(page, scale)
        if found.fits:
            return found.figure
    cuts = [page]
    while (shorter := _shortened(cuts[-1]))[1]:
        cuts.append(shorter[0])
    # the first that fits: each is shorter than the one before, so halving finds it
    low, high = min(1, len(cuts) - 1), len(cuts) - 1
    while low < high:
        middle = (low + high) // 2
        if _Drawing(cuts[middle], _SCALES[-1], middle).fits:
            high = middle
        else:
            low = middle + 1
    return _Drawing(cuts[low], _SCALES[-1], low).figure


def _shortened(page: LearningPage) -> tuple[LearningPage, int]:
    """The page with one line less: first what is only suggested, then what stays open, then the longest list."""
    for is_planned in (False, True):
        sections = list(page.sections)
        for at in sorted(range(len(sections)), key=lambda place: -len(sections[place].rows)):
            rows = sections[at].rows
            last = next(
                (place for place in reversed(range(len(rows))) if rows[place].is_planned is is_planned), None
            )
            if last is not None:
                sections[at] = replace(sections[at], rows=rows[:last] + rows[last + 1 :])
                return replace(page, sections=tuple(sections)), 1
        if page.stays_open:
            return replace(page, stays_open=page.stays_open[:-1]), 1
    return page, 0


class _Drawing:
    """One attempt at a page in one size."""

    def __init__(self, page: LearningPage, scale: float, left_out: int = 0) -> None:
        self._scale = scale
        self.figure = new_figure(_WIDE, _HIGH, LIGHT)
        self._axes: Axes = self.figure.add_axes((0.0, 0.0, 1.0, 1.0))
        self._axes.set_xlim(0, _WIDE)
        self._axes.set_ylim(_HIGH, 0)
        self._axes.axis("off")
        self._y = 0.75
        self._frame(page)
        self._head(page)
        self._shares(page)
        for section in page.sections:
            self._section(section)
        self._open(page.stays_open)
        if left_out:
            lines = "1 more line does" if left_out == 1 else f"{left_out} more lines do"
            words = f"{lines} not fit on this page; the workbook lists everything."
            self._text(words, 8.5, LIGHT.secondary)
        self.fits = self._y <= _FOOT

    def _frame(self, page: LearningPage) -> None:
        for y in (0.32, _HIGH - 0.42):
            self._at(_WIDE / 2, y, page.marking, 9.0, bold=True, side="center")
        self._at(_LEFT, _HIGH - 0.42, page.foot, 7.5, colour=LIGHT.secondary)
        for x, words in ((_LEFT, "Agreed by (learner)"), (3.2, "Agreed by (manager)"), (5.75, "Date")):
            self._rule(x, _HIGH - 0.92, 2.2 if x < 5.5 else _RIGHT - x, LIGHT.secondary)
            self._at(x, _HIGH - 0.87, words, 8.0, colour=LIGHT.secondary)

    def _head(self, page: LearningPage) -> None:
        self._text(page.title, 18.0, bold=True)
        self._text(page.subtitle, 9.0, LIGHT.secondary)
        self._y += 0.08
        self._text(page.answer, 11.0, bold=True)
        self._y += 0.12

    def _shares(self, page: LearningPage) -> None:
        """The planned hours as one bar, a part for each kind, said beside it in words."""
        total = sum(section.hours for section in page.sections)
        if not total:
            return
        from matplotlib.patches import Rectangle  # slow to import

        x, wide = _LEFT, _RIGHT - _LEFT
        for section, colour in zip(page.sections, LIGHT.series, strict=False):
            part = section.hours / total * wide
            if not part:
                continue
            self._axes.add_patch(Rectangle((x, self._y), part, _SHARES_HIGH, facecolor=colour, linewidth=0))
            words = f"{section.heading} {section.hours / total:.0%}".replace("%", " %")
            if text_inches(words, 8.5, bold=True) + 0.16 < part:
                self._at(x + 0.08, self._y + 0.085, words, 8.5, bold=True, colour=text_on(colour))
            x += part
        self._y += _SHARES_HIGH + 0.06
        said = ", ".join(f"{section.heading.lower()} {section.hours:g} h" for section in page.sections)
        self._text(f"Hours planned: {said}. A good mix is about 70 : 20 : 10.", 8.5, LIGHT.secondary)

    def _section(self, section: LearningSection) -> None:
        self._y += 0.14 * self._scale
        self._text(section.heading, 12.0, bold=True)
        self._rule(_LEFT, self._y, _RIGHT - _LEFT, LIGHT.text)
        self._y += 0.05
        if not section.rows:
            self._text(section.empty, 9.0, LIGHT.secondary)
            return
        for x, words in zip(_COLUMNS, ("What", "What it raises", "When", "Hours"), strict=True):
            self._at(_LEFT + x, self._y, words, 8.0 * self._scale, colour=LIGHT.secondary)
        self._y += self._line(8.0) + 0.02
        for row in section.rows:
            self._row(row)

    def _row(self, row: LearningRow) -> None:
        colour = LIGHT.text if row.is_planned else LIGHT.secondary
        ends = (*_COLUMNS[1:], _RIGHT - _LEFT + 0.14)
        widths = [end - start - 0.14 for start, end in zip(_COLUMNS, ends, strict=True)]
        cells = (row.what, row.raises, row.when, row.hours)
        deepest = self._y
        for x, room, text, bold in zip(
            _COLUMNS, widths, cells, (row.is_planned, False, False, False), strict=True
        ):
            y = self._y
            for line in self._broken(text, 9.0, room, bold=bold):
                self._at(_LEFT + x, y, line, 9.0 * self._scale, bold=bold, colour=colour)
                y += self._line(9.0)
            if x == 0.0 and row.why:
                for line in self._broken(row.why, 8.0, room):
                    self._at(_LEFT, y, line, 8.0 * self._scale, colour=LIGHT.secondary)
                    y += self._line(8.0)
            deepest = max(deepest, y)
        self._y = deepest + 0.03
        self._rule(_LEFT, self._y, _RIGHT - _LEFT, LIGHT.hairline)
        self._y += 0.05

    def _open(self, stays_open: Sequence[tuple[str, str]]) -> None:
        if not stays_open:
            return
        self._y += 0.14 * self._scale
        self._text("What stays open, and why", 12.0, bold=True)
        self._rule(_LEFT, self._y, _RIGHT - _LEFT, LIGHT.text)
        self._y += 0.06
        for skill, why in stays_open:
            first = self._broken(skill, 9.0, _COLUMNS[1] - 0.14)
            second = self._broken(why, 9.0, _RIGHT - _LEFT - _COLUMNS[1])
            for place in range(max(len(first), len(second))):
                for x, lines in ((0.0, first), (_COLUMNS[1], second)):
                    if place < len(lines):
                        self._at(_LEFT + x, self._y, lines[place], 9.0 * self._scale)
                self._y += self._line(9.0)
            self._y += 0.04

    # --- pen ------------------------------------------------------------------------------------------------------

    def _line(self, points: float) -> float:
        return points * self._scale * _LINE / 72

    def _text(self, text: str, points: float, colour: str = LIGHT.text, *, bold: bool = False) -> None:
        for line in self._broken(text, points, _RIGHT - _LEFT, bold=bold):
            self._at(_LEFT, self._y, line, points * self._scale, bold=bold, colour=colour)
            self._y += self._line(points)

    def _broken(self, text: str, points: float, room: float, *, bold: bool = False) -> list[str]:
        # Measured at ten times the size: at the size itself letters are moved to whole points, as screens need it.
        size = points * self._scale * 10
        return broken(text, room, lambda line: text_inches(line, size, bold=bold) / 10 / _SURPLUS)

    def _at(
        self, x: float, y: float, text: str, points: float, *, bold: bool = False, colour: str = LIGHT.text,
        side: str = "left",
    ) -> None:  # fmt: skip
        weight = "bold" if bold else "normal"
        draw_text(self._axes, x, y, text, fontsize=points, fontweight=weight, color=colour, ha=side, va="top")

    def _rule(self, x: float, y: float, width: float, colour: str) -> None:
        self._axes.plot([x, x + width], [y, y], color=colour, linewidth=0.7, solid_capstyle="butt")


def broken(text: str, room: float, width: Callable[[str], float]) -> list[str]:
    """The text in lines no wider than ``room``; a word longer than a line is broken where it must be."""
    lines: list[str] = []
    line = ""
    for word in text.split():
        tried = f"{line} {word}".strip()
        if width(tried) <= room:
            line = tried
            continue
        if line:
            lines.append(line)
        line = word
        while width(line) > room and len(line) > 1:
            end = len(line) - 1
            while end > 1 and width(line[:end]) > room:
                end -= 1
            lines.append(line[:end])
            line = line[end:]
    return [*lines, line] if line else lines
