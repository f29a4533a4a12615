"""The briefing of a department: one page of A4 that a director would read, drawn from a frozen record."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.charts.paper import (
    A4_HIGH,
    A4_WIDE,
    Paper,
    at_most,
    fitted,
    line_inches,
    text_inches,
    wrapped,
)
from app.charts.style import LIGHT, Palette

if TYPE_CHECKING:
    from matplotlib.figure import Figure

EDGE = 0.6
WIDE = A4_WIDE - 2 * EDGE
_GUTTER = 0.32
_BODY, _SMALL, _HEAD, _MARK = 9.0, 8.0, 10.5, 9.5
_LEAST_PASSAGES, _MOST_PASSAGES, _FOOT_HIGH = 1.2, 2.6, 1.5
_ROW_LEAST, _ROW_MOST = 0.2, 0.38
MOST_INTERVALS = 14
MOST_SHORTAGES = 8


@dataclass(frozen=True, slots=True)
class Headline:
    """One large figure with what it is below it."""

    value: str
    caption: str


@dataclass(frozen=True, slots=True)
class IntervalLine:
    """A group in the comparison; ``share`` None: nothing is drawn, only ``said``."""

    label: str
    share: float | None
    low: float | None
    high: float | None
    said: str
    is_own: bool


@dataclass(frozen=True, slots=True)
class ShortageLine:
    """A skill with the share of people short of it as a bar, and the figures in words."""

    skill: str
    share: float
    said: str


@dataclass(frozen=True, slots=True)
class Passage:
    """A heading with sentences, and amounts with their labels below."""

    heading: str
    sentences: tuple[str, ...]
    amounts: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class BriefingPage:
    """What the page says; ``title`` is the finding. Texts of any length fit: names are cut, sentences are wrapped."""

    marking: str
    kicker: str
    department: str
    title: str
    headlines: tuple[Headline, ...]
    comparison: Passage
    intervals: tuple[IntervalLine, ...]
    shortage: Passage
    shortages: tuple[ShortageLine, ...]
    passages: tuple[Passage, ...]
    sure: Passage
    source: str


def briefing(record: BriefingPage, palette: Palette = LIGHT) -> Figure:
    """Draw the page."""
    paper = Paper(palette)
    for y in (0.32, A4_HIGH - 0.42):
        paper.say(
            A4_WIDE / 2, y, fitted(record.marking, _MARK, WIDE, bold=True), _MARK, bold=True, side="center"
        )
    y = _draw_head(paper, record, 0.68)
    y = _draw_headlines(paper, record.headlines, y + 0.14)
    foot = A4_HIGH - 0.55 - _FOOT_HIGH
    tall = max((_passage_inches(one, len(record.passages)) for one in record.passages), default=0.0)
    below = foot - min(_MOST_PASSAGES, max(_LEAST_PASSAGES, tall)) - 0.2
    column = (WIDE - _GUTTER) / 2
    high = below - y - 0.35
    _draw_intervals(paper, record, (EDGE, y + 0.2, column, high))
    _draw_shortages(paper, record, (EDGE + column + _GUTTER, y + 0.2, column, high))
    _draw_passages(paper, record.passages, below, foot - 0.1)
    _draw_foot(paper, record, foot)
    return paper.figure


Box = tuple[float, float, float, float]
"""Left, top, width and height in inches."""


def _draw_head(paper: Paper, record: BriefingPage, y: float) -> float:
    paper.say(EDGE, y, fitted(record.kicker, _BODY, WIDE), _BODY, colour=paper.palette.secondary)
    y += line_inches(_BODY) + 0.05
    y = paper.lines(
        EDGE, y, at_most(wrapped(record.department, 12, WIDE, bold=True), 2, 12, WIDE * 0.9), 12, bold=True
    )
    title = at_most(wrapped(record.title, 15, WIDE, bold=True), 3, 15, WIDE * 0.9)
    return paper.lines(EDGE, y + 0.06, title, 15, bold=True)


def _draw_headlines(paper: Paper, headlines: tuple[Headline, ...], y: float) -> float:
    palette = paper.palette
    paper.rule(EDGE, y, WIDE, palette.hairline)
    room = WIDE / max(1, len(headlines))
    bottom = y
    values = [headline.value for headline in headlines]
    points = next(
        (
            size
            for size in (20, 17)
            if all(text_inches(value, size, bold=True) < room - 0.15 for value in values)
        ),
        14,
    )
    for place, headline in enumerate(headlines):
        x = EDGE + place * room
        paper.say(x, y + 0.1, fitted(headline.value, points, room - 0.15, bold=True), points, bold=True)
        lines = at_most(wrapped(headline.caption, _SMALL, room - 0.2), 3, _SMALL, room - 0.2)
        bottom = max(bottom, paper.lines(x, y + 0.48, lines, _SMALL, colour=palette.secondary))
    paper.rule(EDGE, bottom + 0.08, WIDE, palette.hairline)
    return bottom + 0.08


def _draw_heading(paper: Paper, passage: Passage, x: float, y: float, room: float) -> float:
    """Heading and sentences; returns where what follows begins."""
    heading = at_most(wrapped(passage.heading, _HEAD, room, bold=True), 2, _HEAD, room * 0.9)
    y = paper.lines(x, y, heading, _HEAD, bold=True)
    for sentence in passage.sentences:
        y = paper.lines(x, y + 0.03, wrapped(sentence, _SMALL, room), _SMALL, colour=paper.palette.secondary)
    return y


def _draw_intervals(paper: Paper, record: BriefingPage, box: Box) -> None:
    x, top, wide, high = box
    y = _draw_heading(paper, record.comparison, x, top, wide) + 0.08
    room = top + high - y - 0.25
    lines = _around_own(record.intervals, min(MOST_INTERVALS, int(room / _ROW_LEAST)))
    if not lines:
        return
    step = max(_ROW_LEAST, min(_ROW_MOST, room / len(lines)))
    said = max(text_inches(line.said, _SMALL, bold=True) for line in lines) + 0.06
    names = min(wide * 0.5, max(text_inches(line.label, _SMALL, bold=True) for line in lines) + 0.06)
    scale = wide - names - said - 0.1
    start = x + names + 0.05
    bottom = y + step * len(lines)
    for part in (0.0, 0.5, 1.0):
        paper.upright(start + scale * part, y, bottom - y, paper.palette.hairline)
        paper.say(
            start + scale * part,
            bottom + 0.04,
            f"{part * 100:.0f} %",
            _SMALL,
            colour=paper.palette.secondary,
            side="center",
        )
    for place, line in enumerate(lines):
        _draw_interval(paper, line, (x, y + place * step, names, step), (start, scale, x + wide))


def _around_own(lines: tuple[IntervalLine, ...], most: int) -> tuple[IntervalLine, ...]:
    """As many lines as there is room for, the own one among them."""
    own = next((place for place, line in enumerate(lines) if line.is_own), 0)
    first = max(0, min(own - most // 2, len(lines) - most))
    return lines[first : first + max(0, most)]


def _draw_interval(paper: Paper, line: IntervalLine, box: Box, scale: tuple[float, float, float]) -> None:
    x, y, names, step = box
    start, long, right = scale
    palette = paper.palette
    up = y + step / 2 - line_inches(_SMALL) / 2
    room = names - 0.06
    name = wrapped(line.label, _SMALL, room, bold=line.is_own)
    if len(name) > 2 or (len(name) == 2 and step < 2 * line_inches(_SMALL)):
        name = (fitted(line.label, _SMALL, room, bold=line.is_own),)
    paper.lines(x, y + (step - len(name) * line_inches(_SMALL)) / 2, name, _SMALL, bold=line.is_own)
    colour = palette.text if line.is_own else palette.secondary
    if line.low is not None and line.high is not None:
        paper.rule(
            start + long * line.low,
            y + step / 2,
            long * (line.high - line.low),
            colour,
            3.2 if line.is_own else 1.4,
        )
    if line.share is not None:
        paper.dot(start + long * line.share, y + step / 2, colour, is_filled=line.is_own)
    paper.say(right, up, line.said, _SMALL, bold=line.is_own, side="right")


def _draw_shortages(paper: Paper, record: BriefingPage, box: Box) -> None:
    x, top, wide, high = box
    y = _draw_heading(paper, record.shortage, x, top, wide) + 0.08
    lines = record.shortages[:MOST_SHORTAGES]
    if not lines:
        return
    tall = line_inches(_BODY) + line_inches(_SMALL) + 0.16
    step = max(tall, min(tall + 0.12, (top + high - y) / len(lines)))
    for place, line in enumerate(lines):
        if y + place * step + tall > top + high + 0.05:
            return
        _draw_shortage(paper, line, x, y + place * step, wide)


def _draw_shortage(paper: Paper, line: ShortageLine, x: float, y: float, wide: float) -> None:
    palette = paper.palette
    said = f"{line.share * 100:.0f} % short"
    room = wide - text_inches(said, _BODY) - 0.15
    paper.say(x, y, fitted(line.skill, _BODY, room, bold=True), _BODY, bold=True)
    paper.say(x + wide, y, said, _BODY, side="right")
    y += line_inches(_BODY) + 0.01
    paper.box(x, y, wide, 0.08, palette.heat[0])
    paper.box(x, y, wide * line.share, 0.08, palette.accent)
    paper.say(x, y + 0.11, fitted(line.said, _SMALL, wide), _SMALL, colour=palette.secondary)


def _passage_inches(passage: Passage, count: int) -> float:
    """How high a passage is when ``count`` of them share the width."""
    room = _passage_room(count)
    lines = sum(len(wrapped(sentence, _BODY, room)) for sentence in passage.sentences) + len(passage.amounts)
    heading = min(2, len(wrapped(passage.heading, _HEAD, room, bold=True)))
    return heading * line_inches(_HEAD) + lines * line_inches(_BODY) + 0.05 * len(passage.sentences) + 0.15


def _passage_room(count: int) -> float:
    return (WIDE - _GUTTER * (count - 1)) / max(1, count)


def _draw_passages(paper: Paper, passages: tuple[Passage, ...], y: float, bottom: float) -> None:
    paper.rule(EDGE, y - 0.1, WIDE, paper.palette.hairline)
    room = _passage_room(len(passages))
    for place, passage in enumerate(passages):
        _draw_passage(paper, passage, (EDGE + place * (room + _GUTTER), y, room, bottom - y))


def _draw_passage(paper: Paper, passage: Passage, box: Box) -> None:
    x, y, room, high = box
    bottom = y + high
    heading = at_most(wrapped(passage.heading, _HEAD, room, bold=True), 2, _HEAD, room * 0.9)
    y = paper.lines(x, y, heading, _HEAD, bold=True) + 0.03
    step = line_inches(_BODY)
    amounts = step * len(passage.amounts)
    for sentence in passage.sentences:
        most = max(1, int((bottom - amounts - y) / step))
        y = paper.lines(x, y, at_most(wrapped(sentence, _BODY, room), most, _BODY, room), _BODY) + 0.05
    for label, amount in passage.amounts:
        width = text_inches(amount, _BODY, bold=True)
        paper.say(x, y, fitted(label, _BODY, room - width - 0.1), _BODY, colour=paper.palette.secondary)
        paper.say(x + room, y, amount, _BODY, bold=True, side="right")
        y += step


def _draw_foot(paper: Paper, record: BriefingPage, y: float) -> None:
    palette = paper.palette
    paper.box(EDGE, y, WIDE, _FOOT_HIGH - 0.5, palette.heat[0])
    paper.say(EDGE + 0.12, y + 0.08, record.sure.heading, _HEAD, bold=True)
    text = " ".join(record.sure.sentences)
    lines = at_most(wrapped(text, _BODY, WIDE - 0.24), 4, _BODY, WIDE - 0.24)
    paper.lines(EDGE + 0.12, y + 0.08 + line_inches(_HEAD), lines, _BODY)
    source = at_most(wrapped(record.source, 7.0, WIDE), 2, 7.0, WIDE)
    paper.lines(EDGE, y + _FOOT_HIGH - 0.38, source, 7.0, colour=palette.secondary)
