"""Ratings that completed courses propose. They are nobody's rating until somebody signs them off."""

from __future__ import annotations

from collections.abc import Sequence

from sqlmodel import col, select

from app.db.database import WriteScope
from app.models import CurrentLevel, PlanLineSkill, ProposedRating
from app.services.training.sheet import SheetLine
from app.terms import ProposalStatus


def propose_ratings(w: WriteScope, completed: Sequence[SheetLine]) -> int:
    """A proposal for each skill these completed lines raise; returns how many.

    Nothing is proposed where the person is already rated at that level or above, nor twice for one completed course.
    """
    made = 0
    for line in completed:
        if line.ended_on is None:
            raise ValueError("a completed line has its day")
        known = select(col(ProposedRating.skill_id)).where(
            col(ProposedRating.person_id) == line.person_id,
            col(ProposedRating.course_id) == line.course_id,
            col(ProposedRating.status) != ProposalStatus.REJECTED.value,
        )
        proposed = set(w.session.scalars(known))
        raised = select(PlanLineSkill).where(col(PlanLineSkill.plan_line_id) == line.line_id)
        for skill in w.session.scalars(raised.order_by(col(PlanLineSkill.skill_id))).all():
            held = w.session.get(CurrentLevel, (line.person_id, skill.skill_id))
            if skill.skill_id in proposed or (held is not None and held.level >= skill.level_after):
                continue
            w.session.add(
                ProposedRating(
                    person_id=line.person_id,
                    skill_id=skill.skill_id,
                    course_id=line.course_id,
                    plan_line_id=line.line_id,
                    level=skill.level_after,
                    completed_on=line.ended_on,
                    status=ProposalStatus.OPEN.value,
                )
            )
            made += 1
    return made
