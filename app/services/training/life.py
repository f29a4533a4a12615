"""The life of a plan as a whole: agreed, superseded, renamed, put away, deleted while it is a draft."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session
from sqlmodel import col, select

from app.change import Outcome
from app.db.database import Database, WriteScope
from app.errors import ConflictError, UsageError
from app.models import Plan, PlanLine, PlanLineSkill, PlanUnmet, ProposedRating
from app.services.training.sheet import FIXED, no_plan
from app.terms import FinancialQuarter, LineStatus, PlanStatus

_FURTHER = (LineStatus.PROPOSED, LineStatus.APPROVED, LineStatus.BOOKED)
"""Statuses in the order of a line's life; what is not among them has ended."""

LONGEST_TITLE = 120


@dataclass(frozen=True, slots=True)
class AgreeView:
    """What agreeing a plan would mean.

    ``supersedes`` are number and title of the agreed plans it takes the place of; ``left_behind`` how many of their
    booked lines it does not hold, which stay booked under the superseded plan.
    """

    plan_id: int
    title: str
    status: str
    supersedes: tuple[tuple[int, str], ...]
    left_behind: int


class PlanLife:
    """What is done with a whole plan."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def agree_preview(self, plan_id: int) -> AgreeView:
        """What agreeing would supersede, and what of it would be left behind."""
        with self._db.read() as session:
            plan = session.get(Plan, plan_id)
            if plan is None:
                raise no_plan(plan_id)
            others = _superseded_by(session, plan)
            mine = {(line.person_id, line.course_id) for line in _lines(session, plan_id)}
            left = sum(
                line.status == LineStatus.BOOKED.value and (line.person_id, line.course_id) not in mine
                for other in others
                for line in _lines(session, other.id or 0)
            )
            named = tuple((other.id or 0, other.title) for other in others)
        return AgreeView(plan_id, plan.title, plan.status, named, left)

    def agree(self, plan_id: int, seen_version: int | None = None) -> Outcome[str]:
        """Agree a draft; an agreed plan for the same departments and a common quarter is superseded by it.

        Lines that both hold keep the further status, so that nothing booked is proposed again.
        """
        with self._db.write("Agree training plan") as w:
            plan = _fetch(w, plan_id, seen_version)
            if plan.status != PlanStatus.DRAFT.value:
                raise ConflictError(
                    f"Plan {plan_id} is already {plan.status}.", "Only a draft can be agreed."
                )
            if plan.archived_at is not None:
                raise ConflictError(f"Plan {plan_id} was put away.", "Bring it back first.")
            others = _superseded_by(w.session, plan)
            for other in others:
                other.status = PlanStatus.SUPERSEDED.value
                other.superseded_by_plan_id = plan.id
                _take_over(w.session, other, plan)
            plan.status = PlanStatus.AGREED.value
            plan.agreed_at = w.now
            w.describe(plan=plan_id, superseded=len(others))
        return w.outcome(plan.title)

    def rename(self, plan_id: int, title: str, seen_version: int | None = None) -> Outcome[str]:
        """Give a plan another title."""
        kept = " ".join(title.split())
        if not kept or len(kept) > LONGEST_TITLE:
            raise UsageError(f"A title has 1 to {LONGEST_TITLE} characters.", "Choose another.")
        with self._db.write("Rename training plan") as w:
            plan = _fetch(w, plan_id, seen_version)
            w.describe(plan=plan_id, title=kept)
            if plan.title != kept:
                plan.title = kept
        return w.outcome(kept)

    def put_away(
        self, plan_id: int, *, is_back: bool = False, seen_version: int | None = None
    ) -> Outcome[str]:
        """Take a plan out of the lists, or (``is_back``) put it back; an agreed plan in force stays in sight."""
        with self._db.write("Bring training plan back" if is_back else "Put training plan away") as w:
            plan = _fetch(w, plan_id, seen_version)
            if not is_back and plan.status == PlanStatus.AGREED.value:
                raise ConflictError(
                    f"“{plan.title}” is agreed and in force.",
                    "Only drafts and superseded plans can be put away.",
                )
            if (plan.archived_at is None) is not is_back:
                plan.archived_at = None if is_back else w.now
            w.describe(plan=plan_id)
        return w.outcome(plan.title)

    def delete(self, plan_id: int, seen_version: int | None = None) -> Outcome[str]:
        """Delete a draft with everything in it; the history can bring it back.

        Raises ConflictError for a plan that is no draft, or that holds lines booked or completed.
        """
        with self._db.write("Delete draft training plan") as w:
            plan = _fetch(w, plan_id, seen_version)
            if plan.status != PlanStatus.DRAFT.value:
                raise ConflictError(
                    f"Plan {plan_id} is {plan.status}; only a draft can be deleted.", "Put it away instead."
                )
            lines = _lines(w.session, plan_id)
            held = sum(line.status in {status.value for status in FIXED} for line in lines)
            if held or _has_proposals(w.session, [line.id or 0 for line in lines]):
                raise ConflictError(
                    f"Plan {plan_id} holds {held:,} lines that are booked or completed.",
                    "Put it away instead.",
                )
            for table, column, keys in (
                (PlanLineSkill, col(PlanLineSkill.plan_line_id), [line.id for line in lines]),
                (PlanUnmet, col(PlanUnmet.plan_id), [plan_id]),
            ):
                for start in range(0, len(keys), 900):
                    for row in w.session.scalars(
                        select(table).where(column.in_(keys[start : start + 900]))
                    ).all():
                        w.session.delete(row)
            w.session.flush()
            for line in lines:
                w.session.delete(line)
            w.session.flush()
            w.session.delete(plan)
            w.describe(plan=plan_id, lines=len(lines))
        return w.outcome(plan.title)


def _fetch(w: WriteScope, plan_id: int, seen_version: int | None) -> Plan:
    if w.session.get(Plan, plan_id) is None:
        raise no_plan(plan_id)
    return w.fetch(Plan, plan_id, seen_version)


def _lines(session: Session, plan_id: int) -> list[PlanLine]:
    chosen = select(PlanLine).where(col(PlanLine.plan_id) == plan_id)
    return list(session.scalars(chosen.order_by(col(PlanLine.id))).all())


def _has_proposals(session: Session, line_ids: list[int]) -> bool:
    return any(row.plan_line_id in set(line_ids) for row in session.scalars(select(ProposedRating)))


def _superseded_by(session: Session, plan: Plan) -> list[Plan]:
    """The agreed plans that this one would take the place of."""
    agreed = select(Plan).where(col(Plan.status) == PlanStatus.AGREED.value, col(Plan.id) != plan.id)
    return [
        other
        for other in session.scalars(agreed.order_by(col(Plan.id)))
        if other.settings["departments"] == plan.settings["departments"] and _overlap(other, plan)
    ]


def _overlap(one: Plan, other: Plan) -> bool:
    def span(plan: Plan) -> tuple[int, int]:
        start = FinancialQuarter.parse(plan.settings["start"])
        return int(start), int(start) + int(plan.settings["quarters"])

    (first, end), (other_first, other_end) = span(one), span(other)
    return first < other_end and other_first < end


def _take_over(session: Session, old: Plan, new: Plan) -> None:
    """Lines of the new plan that the old one has further on take status, days and comment from there."""
    held = {(line.person_id, line.course_id): line for line in _lines(session, old.id or 0)}
    for line in _lines(session, new.id or 0):
        known = held.get((line.person_id, line.course_id))
        if known is None or known.quarter != line.quarter or _rank(known.status) <= _rank(line.status):
            continue
        line.status = known.status
        line.approved_on, line.booked_on, line.ended_on = known.approved_on, known.booked_on, known.ended_on
        line.comment = line.comment or known.comment


def _rank(status: str) -> int:
    """How far on a status is; withdrawn lines of an old plan say nothing about a new one."""
    found = LineStatus(status)
    if found in (LineStatus.WITHDRAWN, LineStatus.DID_NOT_ATTEND):
        return -1
    return _FURTHER.index(found) if found in _FURTHER else len(_FURTHER)
