"""An edited plan workbook against the plan: three ways, then one transaction.

What the workbook was sent with, what it says now, and what happened in the workspace since. Where only the
workbook changed, its change is made; where only the workspace did, it stays; where both did, differently, the
user chooses. Line by line, with nothing lost and nothing left out in silence.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Literal

from sqlmodel import col, select

from app.change import Outcome
from app.db.database import Database
from app.errors import ConflictError, InputProblems, Problem, UsageError
from app.files.plan_cells import course_label
from app.files.plan_read_back import NewLine, PlanEdits, edits_in, open_plan_workbook
from app.files.plan_sent import Sent, SentLine, as_sent, kept
from app.models import ActionEntry, Course, Plan
from app.progress import Progress
from app.services.training.edits import EditPreview, Edits, LimitsBroken
from app.services.training.read_back_actions import Actions, Aim, Wanted, actions_for
from app.services.training.sheet import PlanSheet, Refusal, SheetLine, line_key, read_sheet
from app.terms import FinancialQuarter, LineStatus

GONE, NEW, LINE = "deleted line", "added line", "whole line"
NOT_THERE = "no longer in the plan"


class ReadBackKind(StrEnum):
    """What becomes of one change in a workbook."""

    APPLY = "will be applied"
    ALREADY = "already so"
    CONFLICT = "conflict"
    REFUSED = "cannot be done"


@dataclass(frozen=True, slots=True)
class ReadBackRow:
    """One change in the workbook. ``key`` names it when conflicts are settled; values are in words."""

    key: str
    kind: ReadBackKind
    line_id: int
    staff_id: str
    name: str
    course_code: str
    course: str
    what: str
    sent: str
    workbook: str
    workspace: str
    sheet: str
    row: int


@dataclass(frozen=True, slots=True)
class ReadBackPreview:
    """What reading a workbook back would do; nothing is written.

    ``problems`` are cells that cannot be understood and changes that the plan's rules refuse (errors), and what is
    worth knowing (notes). ``limits`` are limits of the plan that the changes would break. ``effect`` has the figures
    before and after, None where nothing would change.
    """

    plan_id: int
    version: int
    title: str
    department: str
    file_name: str
    file_hash: str
    lines: int
    unchanged: int
    rows: tuple[ReadBackRow, ...]
    problems: tuple[Problem, ...]
    limits: tuple[str, ...]
    effect: EditPreview | None
    wanted: tuple[tuple[str, Wanted], ...] = field(repr=False)

    @property
    def errors(self) -> tuple[Problem, ...]:
        """The problems that keep something from being used."""
        return tuple(problem for problem in self.problems if problem.severity == "error")

    @property
    def notes(self) -> tuple[Problem, ...]:
        """What is worth knowing."""
        return tuple(problem for problem in self.problems if problem.severity != "error")

    def of(self, kind: ReadBackKind) -> tuple[ReadBackRow, ...]:
        """The changes of one kind."""
        return tuple(row for row in self.rows if row.kind is kind)


@dataclass(frozen=True, slots=True)
class ReadBackDone:
    """What was written: how many changes, how many conflicts went to the workbook, how many were skipped."""

    title: str
    applied: int
    from_workbook: int
    kept: int
    skipped: int
    effect: EditPreview


Accept = Literal["all", "none"] | Collection[str]
"""Conflicts in which the workbook wins: all, none, or those with these keys."""


class ReadBack:
    """Reads edited workbooks of plans back."""

    def __init__(self, db: Database, edits: Edits) -> None:
        self._db, self._edits = db, edits

    def preview(self, path: Path, progress: Progress) -> ReadBackPreview:
        """What a workbook would change. Raises InputProblems where it is not one of a plan of this workspace."""
        opened = open_plan_workbook(path, progress.part(0.0, 0.6))
        with self._db.read() as session:
            self._check_origin(opened.file, opened.sent, session.get(ActionEntry, opened.sent.action_id))
            if session.get(Plan, opened.sent.plan_id) is None:
                raise _other(opened.file, f"Plan {opened.sent.plan_id} is no longer in this workspace")
            sheet = read_sheet(session, opened.sent.plan_id)
            courses = [
                (row.code, row.title) for row in session.scalars(select(Course).order_by(col(Course.code)))
            ]
        progress.step(0.7, "Comparing with the plan")
        quarters = [sheet.start + place for place in range(sheet.settings.quarters)]
        found = edits_in(opened.file, opened.tables, courses, quarters)
        compared = _Comparison(found, sheet, dict(courses))
        rows = compared.rows()
        preview = ReadBackPreview(
            plan_id=sheet.plan_id,
            version=sheet.version,
            title=sheet.title,
            department=opened.sent.department,
            file_name=opened.file,
            file_hash=opened.sha256,
            lines=len(opened.sent.lines),
            unchanged=compared.unchanged,
            rows=rows,
            problems=found.problems,
            limits=(),
            effect=None,
            wanted=tuple(compared.wanted.items()),
        )
        progress.step(0.8, "Working out what it does")
        settled, refused = self._tried(preview, ())
        progress.step(1.0, "Compared")
        shown = [replace(row, kind=ReadBackKind.REFUSED) if row.key in refused else row for row in rows]
        return replace(settled, rows=tuple(shown))

    def commit(
        self,
        preview: ReadBackPreview,
        accept: Accept | None = None,
        *,
        skip_bad_rows: bool = False,
        accept_broken: bool = False,
    ) -> Outcome[ReadBackDone] | None:
        """Make the changes in one transaction; None where there is nothing to change.

        Raises InputProblems where something cannot be understood or done and is not to be skipped, ConflictError
        where conflicts are not settled or the plan changed since the preview, LimitsBroken where a limit of the
        plan would be broken and that is not accepted.
        """
        if preview.errors and not skip_bad_rows:
            raise InputProblems(list(preview.problems))
        conflicts = preview.of(ReadBackKind.CONFLICT)
        if conflicts and accept is None:
            raise ConflictError(
                f"{len(conflicts)} changes of the workbook meet changes made in the workspace since.",
                "Settle them: --accept all takes the workbook's, --accept none keeps the workspace's.",
            )
        chosen = _chosen(conflicts, accept)
        settled, refused = self._tried(preview, chosen)
        if len(settled.errors) > len(preview.errors) and not skip_bad_rows:
            raise InputProblems(list(settled.problems))
        if settled.limits and not accept_broken:
            raise LimitsBroken(settled.limits)
        keys = _keys(preview, chosen) - refused
        if not keys or settled.effect is None or settled.effect.is_nothing_to_change:
            return None
        edits, statuses = self._actions(preview, keys)
        done = self._edits.apply(
            preview.plan_id,
            edits,
            statuses,
            seen_version=preview.version,
            accept_broken=accept_broken,
            action="Read back plan workbook",
        )
        applied = sum(row.key in keys for row in preview.rows)
        taken = sum(row.key in keys for row in conflicts)
        kept, skipped = len(conflicts) - len(chosen), len({problem.row for problem in settled.errors})
        return Outcome(ReadBackDone(preview.title, applied, taken, kept, skipped, done.value), done.change)

    def _check_origin(self, file: str, sent: Sent, entry: ActionEntry | None) -> None:
        if sent.action_id and (entry is None or entry.hash != sent.fingerprint):
            raise _other(
                file, "This workbook was exported from another workspace, or from a later state of this one"
            )

    def _actions(self, preview: ReadBackPreview, keys: Collection[str]) -> Actions:
        with self._db.read() as session:
            sheet = read_sheet(session, preview.plan_id)
        return actions_for([wanted for key, wanted in preview.wanted if key in keys], sheet)

    def _tried(self, preview: ReadBackPreview, chosen: Collection[str]) -> tuple[ReadBackPreview, set[str]]:
        """The preview with what the plan's own rules say to it, and the keys of the changes they refuse."""
        keys = _keys(preview, chosen)
        refused: set[str] = set()
        problems: list[Problem] = []
        while keys - refused:
            edits, statuses = self._actions(preview, keys - refused)
            if not edits and not statuses:
                return replace(preview, problems=(*preview.problems, *problems)), refused
            effect = self._edits.preview(preview.plan_id, edits, statuses)
            if not effect.refusals:
                said = (*preview.problems, *problems)
                return replace(preview, problems=said, limits=effect.conflicts, effect=effect), refused
            more, rows = _refused(preview, keys - refused, effect.refusals)
            problems += more
            refused |= rows
        return replace(preview, problems=(*preview.problems, *problems)), refused


def _other(file: str, what: str) -> InputProblems:
    advice = (
        "Read it back where it came from, or export the plan from this workspace and copy the changes over."
    )
    return InputProblems([Problem(file, "", 0, "", "", what, advice)])


def _chosen(conflicts: Sequence[ReadBackRow], accept: Accept | None) -> set[str]:
    """The keys of the conflicts in which the workbook wins."""
    if accept is None or accept == "none":
        return set()
    if accept == "all":
        return {row.key for row in conflicts}
    known = {row.key for row in conflicts}
    unknown = set(accept) - known
    if unknown:
        raise UsageError(
            f"There is no conflict “{min(unknown)}” in this workbook.",
            f"Conflicts: {', '.join(sorted(known)) or 'none'}.",
        )
    return set(accept)


def _keys(preview: ReadBackPreview, chosen: Collection[str]) -> set[str]:
    """The changes to make: all that meet nobody's, and the conflicts given to the workbook."""
    return {row.key for row in preview.of(ReadBackKind.APPLY)} | set(chosen)


def _refused(
    preview: ReadBackPreview, keys: Collection[str], refusals: Sequence[Refusal]
) -> tuple[list[Problem], set[str]]:
    """Refusals of the plan's rules as problems of the rows they come from, and the keys of these rows."""
    wanted = dict(preview.wanted)
    problems: list[Problem] = []
    found: set[str] = set()
    for refusal in refusals:
        staff, code = line_key(refusal.staff_id, refusal.course_code)
        mine = [row for row in preview.rows if row.key in keys and line_key(row.staff_id, "")[0] == staff]
        about = [
            row
            for row in mine
            if code
            in {line_key("", name)[1] for name in (wanted[row.key].course, *wanted[row.key].values.values())}
        ]
        lines = {wanted[row.key].line or row.key for row in about or mine}
        rows = [row for row in mine if (wanted[row.key].line or row.key) in lines]
        first = rows[0] if rows else None
        advice = "Put the cell back as it was sent, or make the change in the program first."
        problems.append(
            Problem(
                preview.file_name, first.sheet if first else "", first.row if first else 0,
                first.what if first else "", first.workbook if first else "", refusal.sentence().rstrip("."), advice,
            )
        )  # fmt: skip
        found |= {row.key for row in rows} or set(keys)
    return problems, found


class _Comparison:
    """The changes of a workbook against the plan as it is now, row by row."""

    def __init__(self, found: PlanEdits, sheet: PlanSheet, courses: Mapping[str, str]) -> None:
        self._found, self._sheet, self._courses = found, sheet, courses
        self._sent = {line.line_id: line for line in found.sent.lines}
        now = {line.line_id: line for line in sheet.lines.values()}
        # A number that was given to somebody else's line since is not the line that was sent.
        self._now = {
            line_id: now[line_id]
            for line_id, line in self._sent.items()
            if line_id in now and line_key(now[line_id].staff_id, "") == line_key(line.staff_id, "")
        }
        self.wanted: dict[str, Wanted] = {}
        self._rows: list[ReadBackRow] = []

    @property
    def unchanged(self) -> int:
        """How many lines came back as they were sent."""
        changed = {edit.line_id for edit in self._found.edits} | set(self._found.gone) | self._found.doubtful
        return len(self._sent) - len(changed)

    def rows(self) -> tuple[ReadBackRow, ...]:
        """Every change, in the order of the workbook's lines; added lines last."""
        missing: set[int] = set()
        for edit in self._found.edits:
            line, now = self._sent[edit.line_id], self._now.get(edit.line_id)
            if now is None:
                if edit.line_id not in missing:
                    missing.add(edit.line_id)
                    self._line_is_missing(line, edit.sheet, edit.row)
                continue
            self._field(line, now, edit.field, edit.wanted, (edit.sheet, edit.row))
        for line_id in self._found.gone:
            self._gone(self._sent[line_id], self._now.get(line_id))
        for new in self._found.new:
            self._new(new)
        return tuple(self._rows)

    def _field(self, line: SentLine, now: SheetLine, name: str, wanted: str, at: tuple[str, int]) -> None:
        sent, here = getattr(line, name), _value(now, name)
        if here == wanted:
            kind = ReadBackKind.ALREADY
        else:
            kind = ReadBackKind.APPLY if _same(name, here, sent) else ReadBackKind.CONFLICT
        words = self._words(name)
        key = f"{line.line_id}:{name}"
        self._add(key, kind, line, name, (words(sent), words(wanted), words(here)), at)
        self.wanted[key] = Wanted(Aim.CHANGE, line.line_id, now.staff_id, now.course_code, {name: wanted})

    def _line_is_missing(self, line: SentLine, sheet: str, row: int) -> None:
        edits = {edit.field: edit.wanted for edit in self._found.edits if edit.line_id == line.line_id}
        whole = {**_values(line), **edits}
        key = f"{line.line_id}:line"
        shown = (self._line_words(_values(line)), self._line_words(whole), NOT_THERE)
        self._add(key, ReadBackKind.CONFLICT, line, LINE, shown, (sheet, row))
        self.wanted[key] = Wanted(Aim.CHANGE, line.line_id, line.staff_id, whole["course"], {}, whole)

    def _gone(self, line: SentLine, now: SheetLine | None) -> None:
        key = f"{line.line_id}:line"
        sent = self._line_words(_values(line))
        if now is None or now.status is LineStatus.WITHDRAWN:
            here = NOT_THERE if now is None else now.status.value
            self._add(key, ReadBackKind.ALREADY, line, GONE, (sent, "", here), ("", 0))
            self.wanted[key] = Wanted(Aim.REMOVE, line.line_id, line.staff_id, line.course)
            return
        is_same = all(
            _same(name, _value(now, name), getattr(line, name)) for name in ("course", "quarter", "status")
        )
        kind = ReadBackKind.APPLY if is_same else ReadBackKind.CONFLICT
        self._add(key, kind, line, GONE, (sent, "", self._line_words(_values_now(now))), ("", 0))
        self.wanted[key] = Wanted(Aim.REMOVE, line.line_id, now.staff_id, now.course_code)

    def _new(self, new: NewLine) -> None:
        whole = {"course": new.course, "quarter": new.quarter, "status": new.status, "comment": new.comment}
        now = self._sheet.lines.get(line_key(new.staff_id, new.course))
        key = f"{new.staff_id}:{new.course}"
        if now is not None and now.line_id in self._sent:
            now = None if self._leaves(now.line_id, new.course) else now
        kind, here, values = ReadBackKind.APPLY, "", dict[str, str]()
        if now is not None:
            here = self._line_words(_values_now(now))
            values = {name: value for name, value in whole.items() if value != _value(now, name)}
            kind = ReadBackKind.CONFLICT if values else ReadBackKind.ALREADY
        name, title = now.name if now else "", self._courses.get(new.course, "")
        line = SentLine(0, new.staff_id, name, new.course, title, "", "", "")
        self._add(key, kind, line, NEW, ("", self._line_words(whole), here), (new.sheet, new.row))
        self.wanted[key] = Wanted(Aim.ADD, 0, new.staff_id, new.course, values, whole)

    def _leaves(self, line_id: int, course: str) -> bool:
        """Whether the workbook takes a line away from the course that a new one is to have."""
        return line_id in self._found.gone or any(
            edit.line_id == line_id and edit.field == "course" and edit.wanted != course
            for edit in self._found.edits
        )

    def _add(
        self,
        key: str,
        kind: ReadBackKind,
        line: SentLine,
        what: str,
        shown: tuple[str, str, str],
        at: tuple[str, int],
    ) -> None:
        self._rows.append(
            ReadBackRow(
                key, kind, line.line_id, line.staff_id, line.name, line.course, line.title, what, *shown, *at
            )
        )

    def _words(self, name: str) -> Callable[[str], str]:
        if name == "quarter":
            return lambda code: FinancialQuarter.parse(code).label
        if name == "course":
            return lambda code: course_label(code, self._courses.get(code, ""))
        return lambda text: text

    def _line_words(self, values: Mapping[str, str]) -> str:
        parts = [self._words(name)(values[name]) for name in ("course", "quarter", "status", "comment")]
        return ", ".join(part for part in parts if part)


def _value(now: SheetLine, name: str) -> str:
    return _values_now(now)[name]


def _values_now(now: SheetLine) -> dict[str, str]:
    return {
        "course": now.course_code,
        "quarter": FinancialQuarter(now.quarter).code,
        "status": now.status.value,
        "comment": as_sent(now.comment),
    }


def _values(line: SentLine) -> dict[str, str]:
    return {"course": line.course, "quarter": line.quarter, "status": line.status, "comment": line.comment}


def _same(name: str, here: str, sent: str) -> bool:
    """Whether the workspace still says what was sent; a long comment was sent by its fingerprint."""
    return (kept(here) if name == "comment" else here) == sent
