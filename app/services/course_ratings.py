"""Which ratings came after a completed course: what tells training from reassessment in a trend."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.services.people_import import as_date
from app.services.population import Flags, Ints
from app.terms import FinancialQuarter, LineStatus, name_key

_COMPLETED = """
SELECT DISTINCT a.person_id, a.skill_id, a.level, a.assessed_on, l.quarter
FROM plan_line AS l
JOIN plan_line_skill AS k ON k.plan_line_id = l.id
JOIN assessment AS a ON a.person_id = l.person_id AND a.skill_id = k.skill_id
WHERE l.status = :completed AND a.assessed_on > :first AND a.assessed_on <= :last
"""

_NAMED = """
SELECT DISTINCT person_id, skill_id, level, evidence FROM assessment
WHERE evidence <> '' AND assessed_on > :first AND assessed_on <= :last
"""

_COURSES = """
SELECT c.code, c.title, o.skill_id FROM course AS c JOIN course_outcome AS o ON o.course_id = c.id
"""


@dataclass(frozen=True, slots=True)
class CourseRatings:
    """Person, skill and level of ratings given after a completed course in that skill, as sorted keys."""

    keys: Ints

    def among(self, person: Ints, skill: Ints, held: np.ndarray[tuple[int], np.dtype[np.uint8]]) -> Flags:
        """Which of these pairs hold such a rating."""
        return np.isin(_key(person, skill, held.astype(np.int64)), self.keys)


def course_ratings(session: Session, first: date, last: date) -> CourseRatings:
    """The ratings after the first day, up to the last, that came from a course.

    That is so where a completed plan line of the person names the skill and the rating is not older than the start
    of its quarter, or where the rating's evidence is the code or title of a course that leads to the skill.
    """
    window = {"first": first.isoformat(), "last": last.isoformat()}
    found: set[tuple[int, int, int]] = set()
    completed = {**window, "completed": LineStatus.COMPLETED.value}
    for person, skill, level, on, quarter in session.execute(text(_COMPLETED), completed):
        day = as_date(on)
        if day is not None and day >= FinancialQuarter(quarter).first_day:
            found.add((person, skill, level))
    courses: set[tuple[str, int]] = set()
    for code, title, skill in session.execute(text(_COURSES)):
        courses |= {(name_key(code), skill), (name_key(title), skill)}
    if courses:
        for person, skill, level, evidence in session.execute(text(_NAMED), window):
            if (name_key(evidence), skill) in courses:
                found.add((person, skill, level))
    rows = np.array(sorted(found), dtype=np.int64).reshape(-1, 3)
    return CourseRatings(np.sort(_key(rows[:, 0], rows[:, 1], rows[:, 2])))


def _key(person: Ints, skill: Ints, level: Ints) -> Ints:
    """One number per person (up to 2^31), skill (up to 2^24) and level (a byte)."""
    return (person.astype(np.int64) << 32) | (skill.astype(np.int64) << 8) | level
