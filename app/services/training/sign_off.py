"""Ratings that completed courses propose, waiting for somebody to sign them off.

Nobody's rating changes before that. Accepting writes an ordinary assessment with the code of the course as its
evidence; the kind of assessor is chosen then, and whether the new rating counts follows from the same rules as ever.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import text
from sqlmodel import col, func, select

from app.change import Outcome
from app.db.database import Database, WriteScope
from app.errors import ConflictError, UsageError
from app.models import Assessment, Course, CurrentLevel, ProposedRating
from app.services.current_levels import rebuild_current
from app.services.gaps import Gaps
from app.services.people_import import as_date
from app.services.scope import Scope
from app.terms import AssessedBy, Level, ProposalStatus


@dataclass(frozen=True, slots=True)
class ProposalLine:
    """One rating proposed. ``level_now`` is the level that counts today (None: not assessed), given by ``rated_by``."""

    proposal_id: int
    staff_id: str
    name: str
    person_id: int
    department: str
    unit: str
    skill: str
    level_now: int | None
    rated_by: str
    level: int
    course_code: str
    course: str
    completed_on: date
    plan_id: int
    status: str
    decided_by: str
    comment: str


@dataclass(frozen=True, slots=True)
class SignedOff:
    """What signing off did: ratings written, and how many of them count (a stronger kind may stand before them)."""

    accepted: int
    counting: int


_LINES = """
SELECT r.id, p.staff_id, p.name, p.id, s.name, c.level, a.assessed_by, r.level, k.code, k.title, r.completed_on,
       l.plan_id, r.status, r.decided_by, r.comment
FROM proposed_rating AS r
JOIN person AS p ON p.id = r.person_id
JOIN skill AS s ON s.id = r.skill_id
JOIN course AS k ON k.id = r.course_id
JOIN plan_line AS l ON l.id = r.plan_line_id
LEFT JOIN current_level AS c ON c.person_id = r.person_id AND c.skill_id = r.skill_id
LEFT JOIN assessment AS a ON a.id = c.assessment_id
ORDER BY r.status = 'open' DESC, p.staff_id, s.name, r.id
"""


class SignOff:
    """The list of ratings to sign off."""

    def __init__(self, db: Database, gaps: Gaps, today: Callable[[], date]) -> None:
        self._db, self._gaps, self._today = db, gaps, today

    def lines(self, scope: Scope | None = None, *, with_decided: bool = False) -> tuple[ProposalLine, ...]:
        """What waits for sign-off, by person and skill; with ``with_decided`` what was accepted or rejected too."""
        population = self._gaps.base(None).population
        mask = population.mask(scope) if scope is not None else None
        with self._db.read() as session:
            rows = session.execute(text(_LINES)).all()
        row_of = population.places_of(row[3] for row in rows)
        found: list[ProposalLine] = []
        for row in rows:
            place = row_of.get(row[3])
            if row[12] != ProposalStatus.OPEN.value and not with_decided:
                continue
            if mask is not None and (place is None or not mask[place]):
                continue
            unit = population.units[int(population.unit_id[place])] if place is not None else None
            found.append(
                ProposalLine(
                    proposal_id=row[0],
                    staff_id=row[1],
                    name=row[2],
                    person_id=row[3],
                    department=population.units[unit.department_id].name if unit else "",
                    unit=unit.path if unit else "",
                    skill=row[4],
                    level_now=row[5],
                    rated_by=row[6] or "",
                    level=row[7],
                    course_code=row[8],
                    course=row[9],
                    completed_on=as_date(row[10]) or date.min,
                    plan_id=row[11],
                    status=row[12],
                    decided_by=row[13],
                    comment=row[14],
                )
            )
        return tuple(found)

    def waiting(self) -> int:
        """How many ratings wait for sign-off."""
        wanted = select(func.count()).select_from(ProposedRating)
        with self._db.read() as session:
            return session.scalar(wanted.where(col(ProposedRating.status) == ProposalStatus.OPEN.value)) or 0

    def accept(
        self,
        proposal_ids: Sequence[int],
        assessed_by: AssessedBy,
        *,
        on: date | None = None,
        level: int | None = None,
        comment: str = "",
    ) -> Outcome[SignedOff]:
        """Write the proposed ratings, given by this kind of assessor, in one transaction.

        ``on`` is the day of the rating (None: today), ``level`` another level than the one proposed. Raises
        UsageError for a day in the future or before the course was completed, ConflictError where one was decided.
        """
        day = on or self._today()
        if day > self._today():
            raise UsageError("A rating cannot be dated in the future.", "Use today or an earlier day.")
        with self._db.write("Sign off ratings after courses") as w:
            written: list[Assessment] = []
            for proposal in self._open(w, proposal_ids):
                if day < proposal.completed_on:
                    raise UsageError(
                        f"Proposal {proposal.id}: the course was completed on {proposal.completed_on.isoformat()}, "
                        f"after {day.isoformat()}.",
                        "Date the rating on that day or later.",
                    )
                given = _rating(
                    w, proposal, assessed_by, day, proposal.level if level is None else level, comment
                )
                self._decide(w, proposal, ProposalStatus.ACCEPTED, comment)
                proposal.assessment_id = given.id
                written.append(given)
            w.session.flush()
            rebuild_current(w, sorted({given.person_id for given in written}))
            w.describe(accepted=len(written), assessed_by=assessed_by.value)
            counting = sum(_counts(w, given) for given in written)
        return w.outcome(SignedOff(len(written), counting))

    def reject(self, proposal_ids: Sequence[int], comment: str = "") -> Outcome[int]:
        """Turn proposals down; ratings stay as they are. Returns how many."""
        with self._db.write("Reject ratings after courses") as w:
            proposals = self._open(w, proposal_ids)
            for proposal in proposals:
                self._decide(w, proposal, ProposalStatus.REJECTED, comment)
            w.describe(rejected=len(proposals))
        return w.outcome(len(proposals))

    def _open(self, w: WriteScope, proposal_ids: Sequence[int]) -> list[ProposedRating]:
        """The proposals by number, each still open."""
        if not proposal_ids:
            raise UsageError("No proposal was named.", "`muster assessments sign-off list` shows them.")
        found: list[ProposedRating] = []
        for number in dict.fromkeys(proposal_ids):
            row = w.session.get(ProposedRating, number)
            if row is None:
                raise UsageError(
                    f"There is no proposal {number}.", "`muster assessments sign-off list` shows them."
                )
            if row.status != ProposalStatus.OPEN.value:
                raise ConflictError(
                    f"Proposal {number} was {row.status} by {row.decided_by} already.",
                    "Revert that in the history to decide it anew.",
                )
            found.append(row)
        return found

    def _decide(self, w: WriteScope, proposal: ProposedRating, status: ProposalStatus, comment: str) -> None:
        proposal.status = status.value
        proposal.decided_at = w.now
        proposal.decided_by = self._db.user
        proposal.comment = comment


def _rating(
    w: WriteScope, proposal: ProposedRating, assessed_by: AssessedBy, day: date, level: int, comment: str
) -> Assessment:
    given = Assessment(
        person_id=proposal.person_id,
        skill_id=proposal.skill_id,
        level=int(Level(level)),
        assessed_on=day,
        assessed_by=assessed_by.value,
        evidence=w.fetch(Course, proposal.course_id).code,
        comment=comment,
    )
    w.session.add(given)
    w.session.flush()
    return given


def _counts(w: WriteScope, given: Assessment) -> bool:
    """Whether a rating is the one that counts for its pair."""
    w.session.flush()
    current = w.session.get(CurrentLevel, (given.person_id, given.skill_id), populate_existing=True)
    return current is not None and current.assessment_id == given.id
