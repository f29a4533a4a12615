"""What courses did: ratings before and after each completed course, measured, shrunk, with an interval and a price.

Of one skill the rating before is the latest one dated before the day of completion, the rating after the first one
dated on that day or later, both by the same kind of assessor (the strongest kind in the organisation's order that has
both). An enrolment is measured where every skill it raises has such a pair.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import numpy as np
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.analysis.course_effect import course_effects
from app.analysis.disclosure import hidden_list, is_small
from app.db.database import Database
from app.services.current_levels import rating_rules
from app.services.people_import import as_date
from app.services.training.problem import pounds
from app.terms import LineStatus

THOUSAND = Decimal(1_000)


@dataclass(frozen=True, slots=True)
class EffectLine:
    """One course that somebody completed.

    ``promised`` and ``plain`` are levels per enrolment: as the plan had it, and as measured without shrinkage.
    ``effect`` is shrunk towards the mean of all courses, with an interval of 90 % (``low``, ``high``). Levels per
    £1,000 are None for courses that cost nothing. Figures are None where nothing was measured at all.
    """

    course_code: str
    course: str
    funding: str
    completed: int
    measured: int
    promised: float
    plain: float | None
    effect: float | None
    low: float | None
    high: float | None
    cost_gbp: Decimal
    per_1000: float | None
    per_1000_low: float | None
    per_1000_high: float | None

    @property
    def is_above_nothing(self) -> bool:
        """Whether the whole interval lies above no gain."""
        return self.low is not None and self.low > 0


@dataclass(frozen=True, slots=True)
class CourseEffectsView:
    """Every completed course, the most effective first, and the mean over courses (None: nothing measured)."""

    lines: tuple[EffectLine, ...]
    completed: int
    measured: int
    catalogue_mean: float | None

    def hidden(self) -> tuple[bool, ...]:
        """Which lines an aggregate must not show (PRODUCT, rule 6): 1 to 4 people completed, measured, or left over.

        With one line hidden alone, the next smallest goes with it.
        """
        completed = np.array([line.completed for line in self.lines], dtype=np.int64)
        measured = np.array([line.measured for line in self.lines], dtype=np.int64)
        small = is_small(completed) | is_small(measured) | is_small(completed - measured)
        if not len(completed):
            return ()
        mask, _ = hidden_list(np.where(small, 1, completed))
        return tuple((mask | small).tolist())


@dataclass(frozen=True, slots=True)
class _Enrolment:
    """A completed course of one person: skills it raises, and what it cost."""

    person: int
    course: int
    completed_on: date
    cost: int
    skills: tuple[int, ...]
    promised: int


_COMPLETED = """
SELECT l.person_id, l.course_id, l.ended_on, l.cost_pence, k.skill_id, k.level_after - k.level_now, l.id
FROM plan_line AS l JOIN plan_line_skill AS k ON k.plan_line_id = l.id
WHERE l.status = :completed AND l.ended_on IS NOT NULL ORDER BY l.id, k.skill_id
"""

_RATINGS = """
SELECT person_id, skill_id, level, assessed_on, assessed_by FROM assessment
WHERE person_id IN (SELECT person_id FROM plan_line WHERE status = :completed)
ORDER BY assessed_on, id
"""

_COURSES = "SELECT id, code, title, funding FROM course"

Rating = tuple[date, int]


class CourseEffectsService:
    """The measured effect of courses."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def table(self) -> CourseEffectsView:
        """Every course that somebody completed, whatever plan it was in."""
        with self._db.read() as session:
            enrolments = _enrolments(session)
            ratings = _ratings(session)
            order = [kind.value for kind in rating_rules(session).order]
            courses = {row[0]: (row[1], row[2], row[3]) for row in session.execute(text(_COURSES))}
        return _view(enrolments, [_gain(one, ratings, order) for one in enrolments], courses)


def _enrolments(session: Session) -> list[_Enrolment]:
    """Completed courses with the skills they raise; one that is carried from plan to plan counts once."""
    rows: dict[tuple[int, int], list[tuple[int, date, int, int, int]]] = {}
    completed = {"completed": LineStatus.COMPLETED.value}
    for person, course, on, cost, skill, steps, line in session.execute(text(_COMPLETED), completed):
        known = rows.setdefault((person, course), [])
        if not known or known[0][0] == line:
            known.append((line, as_date(on) or date.min, cost, skill, steps))
    return [
        _Enrolment(
            person, course, own[0][1], own[0][2], tuple(row[3] for row in own), sum(row[4] for row in own)
        )
        for (person, course), own in rows.items()
    ]


def _ratings(session: Session) -> dict[tuple[int, int, str], list[Rating]]:
    """Ratings in order of time, by person, skill and kind of assessor."""
    found: dict[tuple[int, int, str], list[Rating]] = defaultdict(list)
    completed = {"completed": LineStatus.COMPLETED.value}
    for person, skill, level, on, kind in session.execute(text(_RATINGS), completed):
        found[person, skill, kind].append((as_date(on) or date.min, level))
    return found


def _gain(
    one: _Enrolment, ratings: dict[tuple[int, int, str], list[Rating]], order: Sequence[str]
) -> int | None:
    """Levels gained over all skills the course raises; None where one of them has no comparable pair of ratings."""
    gained = 0
    for skill in one.skills:
        for kind in order:
            own = ratings.get((one.person, skill, kind), [])
            before = [level for day, level in own if day < one.completed_on]
            after = [level for day, level in own if day >= one.completed_on]
            if before and after:
                gained += after[0] - before[-1]
                break
        else:
            return None
    return gained


def _view(
    enrolments: Sequence[_Enrolment], gains: Sequence[int | None], courses: dict[int, tuple[str, str, str]]
) -> CourseEffectsView:
    ids = sorted({one.course for one in enrolments}, key=lambda key: courses[key][0])
    place = {key: code for code, key in enumerate(ids)}
    seen = [
        (place[one.course], gain) for one, gain in zip(enrolments, gains, strict=True) if gain is not None
    ]
    found = course_effects(
        np.array([code for code, _ in seen], dtype=np.int64),
        np.array([gain for _, gain in seen], dtype=np.float64),
        len(ids),
    )
    lines: list[EffectLine] = []
    for key, code in place.items():
        own = [one for one in enrolments if one.course == key]
        cost = pounds(sum(one.cost for one in own)) / len(own)
        shown = [_figure(column[code]) for column in (found.plain, found.effect, found.low, found.high)]
        priced = [
            None if figure is None or not cost else figure * float(THOUSAND / cost) for figure in shown[1:]
        ]
        lines.append(
            EffectLine(
                course_code=courses[key][0],
                course=courses[key][1],
                funding=courses[key][2],
                completed=len(own),
                measured=int(found.measured[code]),
                promised=sum(one.promised for one in own) / len(own),
                plain=shown[0],
                effect=shown[1],
                low=shown[2],
                high=shown[3],
                cost_gbp=cost.quantize(Decimal("0.01")),
                per_1000=priced[0],
                per_1000_low=priced[1],
                per_1000_high=priced[2],
            )
        )
    ordered = sorted(lines, key=lambda line: (-(line.effect or 0.0), line.course_code))
    return CourseEffectsView(tuple(ordered), len(enrolments), len(seen), _figure(found.catalogue_mean))


def _figure(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
