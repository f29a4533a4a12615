"""A plan changed by hand: other course, other quarter, other person, a line more or less, locks; the effect at once.

``Edits.preview`` says what a set of changes does and which limits it breaks, and writes nothing; ``Edits.apply`` does
it in one transaction that can be reverted. Nothing is solved again: what changes is what was asked for, and what
follows from it by the rules (shares of group prices, levels built on one another).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy.orm import Session

from app.change import Outcome
from app.db.database import Database
from app.errors import AppError
from app.models import Plan
from app.services.gap_base import GapBase
from app.services.gaps import Gaps
from app.services.training.board import Board, Judgement
from app.services.training.edit_taking import EditTaker, EditWork, LineEdit
from app.services.training.edit_writing import Judged, write_sheet
from app.services.training.records import PlanSettings
from app.services.training.sheet import (
    FIXED,
    OVER,
    Key,
    LinesRefused,
    PlanFigures,
    PlanSheet,
    Refusal,
    SheetLine,
    line_key,
    read_sheet,
    refuse_closed,
)
from app.services.training.status_rules import StatusEdit, StatusLine, with_statuses
from app.terms import LineStatus


@dataclass(frozen=True, slots=True)
class EditedLine:
    """A line before and after: None where there is none. ``is_follow_up``: it only changes because others do."""

    staff_id: str
    name: str
    before: SheetLine | None
    after: SheetLine | None
    is_follow_up: bool = False

    @property
    def what(self) -> str:
        """What happened to it."""
        if self.before is None:
            return "added"
        return "removed" if self.after is None else "changed"


@dataclass(frozen=True, slots=True)
class EditPreview:
    """What changes would do.

    ``refusals`` cannot be done at all; ``conflicts`` are limits that would be broken (or broken further), and that
    the user may accept; ``still_broken`` were broken before and stay so; ``notes`` are worth knowing.
    """

    plan_id: int
    version: int
    title: str
    before: PlanFigures
    after: PlanFigures
    lines: tuple[EditedLine, ...]
    statuses: tuple[StatusLine, ...]
    conflicts: tuple[str, ...]
    still_broken: tuple[str, ...]
    notes: tuple[str, ...]
    refusals: tuple[Refusal, ...]

    @property
    def is_nothing_to_change(self) -> bool:
        """Whether the plan already is as asked for."""
        return not self.lines and not self.statuses and not self.refusals


class LimitsBroken(AppError):
    """The changes break limits of the plan and were not told to; nothing was changed."""

    def __init__(self, conflicts: Sequence[str]) -> None:
        self.conflicts = tuple(conflicts)
        super().__init__(
            f"Nothing was changed, because a limit would be broken: {'; '.join(conflicts)}.",
            "Change something else, or say that you accept it (--yes).",
        )


@dataclass(frozen=True, slots=True)
class Edited:
    """The outcome of taking changes in: the preview, the sheet as it becomes, and how it was judged."""

    preview: EditPreview
    sheet: PlanSheet
    judged: Judged | None


class Edits:
    """Changes to plans by hand."""

    def __init__(self, db: Database, gaps: Gaps, today: Callable[[], date]) -> None:
        self._db, self._gaps, self._today = db, gaps, today

    def preview(
        self, plan_id: int, edits: Sequence[LineEdit], statuses: Sequence[StatusEdit] = ()
    ) -> EditPreview:
        """What these changes would do, line statuses after the changes to lines; nothing is written.

        Raises UsageError where there is no such plan, or where it is superseded or put away.
        """
        with self._db.read() as session:
            sheet = read_sheet(session, plan_id)
        base = self._gaps.base(sheet.settings.scope.as_at)
        with self._db.read() as session:
            return take(session, base, read_sheet(session, plan_id), edits, statuses, self._today()).preview

    def apply(
        self,
        plan_id: int,
        edits: Sequence[LineEdit],
        statuses: Sequence[StatusEdit] = (),
        *,
        seen_version: int | None = None,
        accept_broken: bool = False,
        action: str = "Change training plan by hand",
    ) -> Outcome[EditPreview]:
        """Make the changes in one transaction, all or none.

        Raises LinesRefused where one of them cannot be done, LimitsBroken where a limit would be broken and
        ``accept_broken`` is not set, ConflictError where the plan changed since ``seen_version``.
        """
        with self._db.read() as session:
            base = self._gaps.base(read_sheet(session, plan_id).settings.scope.as_at)
        with self._db.write(action) as w:
            sheet = read_sheet(w.session, plan_id)
            if seen_version is not None:
                w.fetch(Plan, plan_id, seen_version)
            done = take(w.session, base, sheet, edits, statuses, self._today())
            if done.preview.refusals:
                raise LinesRefused(done.preview.refusals)
            if done.preview.conflicts and not accept_broken:
                raise LimitsBroken(done.preview.conflicts)
            write_sheet(w, sheet, done.sheet, done.judged, base)
            w.describe(plan=plan_id, lines=len(done.preview.lines), statuses=len(done.preview.statuses))
        return w.outcome(done.preview)


def take(
    session: Session,
    base: GapBase,
    sheet: PlanSheet,
    edits: Sequence[LineEdit],
    statuses: Sequence[StatusEdit],
    today: date,
) -> Edited:
    """Take changes into a plan's lines, in their order, and judge what comes out."""
    if edits:
        refuse_closed(sheet)
    work = EditWork(dict(sheet.lines), list(sheet.settings.wishes), origin={key: key for key in sheet.lines})
    taker = EditTaker(session, base, sheet, work)
    for edit in edits:
        taker.take(edit)
    settings = replace(sheet.settings, wishes=tuple(work.wishes))
    judged, conflicts, still = _judged(session, base, sheet, settings, work)
    lines = work.lines
    if judged is not None:
        touched = (work.people, work.runs)
        lines = {line.key: _with_figures(line, judged.judgement, touched) for line in lines.values()}
    changed = with_statuses(sheet, lines, statuses, today)
    work.refusals += changed.refusals
    notes, after_lines = _notes(lines, work), changed.lines
    ended = _left_behind(lines, changed.lines)
    if ended:
        judged, words = _without(
            session, base, replace(sheet, settings=settings), changed.lines, ended, judged
        )
        notes += words
        touched = ({line.person_id for line in ended}, {(line.course_id, line.quarter) for line in ended})
        after_lines = {
            key: _with_figures(line, judged.judgement, touched) for key, line in after_lines.items()
        }
        lines = {key: _figures_from(line, after_lines[key]) for key, line in lines.items()}
    after = sheet.with_lines(after_lines.values(), settings)
    preview = EditPreview(
        plan_id=sheet.plan_id,
        version=sheet.version,
        title=sheet.title,
        before=sheet.figures(),
        after=after.figures(),
        lines=_differences(sheet, lines, work, {line_key(edit.staff_id, edit.course_code) for edit in edits}),
        statuses=changed.changes,
        conflicts=conflicts,
        still_broken=still,
        notes=notes,
        refusals=tuple(work.refusals),
    )
    return Edited(preview, after, judged)


def _judged(
    session: Session, base: GapBase, sheet: PlanSheet, settings: PlanSettings, work: EditWork
) -> tuple[Judged | None, tuple[str, ...], tuple[str, ...]]:
    """How the lines fare under the limits: newly or further broken ones, and those broken as before."""
    if not work.people:
        return None, (), ()
    everybody = {line.staff_id for line in (*sheet.lines.values(), *work.lines.values())}
    board = Board(session, base, replace(sheet, settings=settings), everybody)
    for line in work.lines.values():
        if line.person_id in work.people and line.status not in OVER and board.enrolment(line) is None:
            work.refusals.append(
                Refusal(
                    line.staff_id, line.course_code, "person or course is not part of this plan any more."
                )
            )
    before = board.judge(list(sheet.lines.values()))
    after = board.judge(list(work.lines.values()))
    old = {_without_figure(words): words for words in before.broken}
    fresh = tuple(words for words in after.broken if _is_worse(old.get(_without_figure(words)), words))
    still = tuple(words for words in after.broken if words not in fresh)
    return Judged(board, after, frozenset(work.people)), fresh, still


_HOW_MUCH = re.compile(
    r" is exceeded by £([\d,]+\.\d\d)$"
    r"|: (\d+) (?:person misses|people miss) it$"
    r"|: ([\d,]+\.\d) of [\d,.]+ weighted steps$"
)
"""By how much a limit is broken: money over, people missed; or steps had, of which fewer are worse."""


def _without_figure(words: str) -> str:
    """A broken limit without by how much it is broken."""
    return _HOW_MUCH.sub("", words)


def _is_worse(before: str | None, after: str) -> bool:
    """Whether a limit is broken that was not, or by more than before."""
    if before is None:
        return True
    old, new = _HOW_MUCH.search(before), _HOW_MUCH.search(after)
    if old is None or new is None:
        return False
    if new[3] is not None:
        return old[3] is not None and _number(new[3]) < _number(old[3])
    return _number(new[1] or new[2]) > _number(old[1] or old[2] or "0")


def _number(text: str) -> float:
    return float(text.replace(",", ""))


def _left_behind(before: dict[Key, SheetLine], after: dict[Key, SheetLine]) -> list[SheetLine]:
    """Lines that a change of status ends without their being completed."""
    return [line for key, line in after.items() if line.status in OVER and before[key].status not in OVER]


def _without(
    session: Session,
    base: GapBase,
    sheet: PlanSheet,
    lines: dict[Key, SheetLine],
    ended: list[SheetLine],
    judged: Judged | None,
) -> tuple[Judged, tuple[str, ...]]:
    """How the lines fare without those that ended, and what that breaks: said, not refused, for it has happened."""
    everybody = {line.staff_id for line in lines.values()}
    board = judged.board if judged is not None else Board(session, base, sheet, everybody)
    back = {line.key: replace(line, status=LineStatus.BOOKED) for line in ended}
    before = board.judge([back.get(key, line) for key, line in lines.items()])
    after = board.judge(list(lines.values()))
    old = {_without_figure(words): words for words in before.broken}
    fresh = tuple(words for words in after.broken if _is_worse(old.get(_without_figure(words)), words))
    people = frozenset(line.person_id for line in ended) | (
        judged.people if judged is not None else frozenset()
    )
    return Judged(board, after, people), fresh


def _figures_from(line: SheetLine, other: SheetLine) -> SheetLine:
    """The line with cost and steps of another state of it."""
    return replace(line, cost=other.cost, steps=other.steps, weighted=other.weighted, credits=other.credits)


def _with_figures(
    line: SheetLine, judged: Judgement, touched: tuple[Collection[int], Collection[tuple[int, int]]]
) -> SheetLine:
    """A line with new cost where its group changed, and new steps where its person's lines did.

    ``touched``: people, and (course, quarter).
    """
    if line.key not in judged.costs or line.status is LineStatus.COMPLETED:
        return line
    people, runs = touched
    if (line.course_id, line.quarter) in runs:
        line = replace(line, cost=judged.costs[line.key])
    if line.person_id in people:
        given = judged.credits[line.key]
        line = replace(
            line,
            credits=given,
            steps=sum(credit.steps_closed for credit in given),
            weighted=sum(credit.steps_closed * credit.weight for credit in given),
        )
    return line


def _differences(
    sheet: PlanSheet, lines: dict[Key, SheetLine], work: EditWork, asked: set[Key]
) -> tuple[EditedLine, ...]:
    """Every line that is not what it was: those asked for first, then those that follow."""
    found: list[EditedLine] = []
    left: set[Key] = set(sheet.lines)
    for key, line in lines.items():
        origin = work.origin.get(key)
        old = sheet.lines[origin] if origin is not None else None
        if origin is not None:
            left.discard(origin)
        if old is None or _figures_of(old) != _figures_of(line):
            is_asked = key in asked or (origin is not None and origin in asked)
            found.append(EditedLine(line.staff_id, line.name, old, line, not is_asked))
    for key in left:
        old = sheet.lines[key]
        found.append(EditedLine(old.staff_id, old.name, old, None))
    return tuple(sorted(found, key=lambda one: (one.is_follow_up, one.staff_id, _code(one))))


def _figures_of(line: SheetLine) -> SheetLine:
    return replace(line, credits=None)


def _code(one: EditedLine) -> str:
    line = one.after or one.before
    return line.course_code if line is not None else ""


def _notes(lines: dict[Key, SheetLine], work: EditWork) -> tuple[str, ...]:
    """Lines put in by hand that close nothing."""
    return tuple(
        f"{line.staff_id} on {line.course_code} in {line.when} closes no step"
        for line in lines.values()
        if line.person_id in work.people and line.credits == () and line.status not in FIXED
    )
