"""How the figures changed between two days, in parts that add up, and readiness over several days."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from threading import Lock
from typing import Any

import numpy as np
import numpy.typing as npt
from sqlalchemy import func
from sqlmodel import col, select

from app.analysis.trend import (
    BlocksOnDay,
    FromCourse,
    Measure,
    PairsOnDay,
    Part,
    PeopleOnDay,
    Trend,
    changed_pairs,
    split_change,
)
from app.db.database import Database
from app.errors import UsageError
from app.models import PersonSpell, Revision
from app.services.course_ratings import CourseRatings, course_ratings
from app.services.gap_base import FIGURES_REST_ON, GapBase
from app.services.gap_groups import GapDimension, group_people
from app.services.gaps import Gaps
from app.services.population import Flags, Ints, Placed, tables_since
from app.services.scope import Scope
from app.terms import FinancialQuarter

PART_WORDS = {
    Part.LEAVERS: "leavers",
    Part.JOINERS: "joiners",
    Part.MOVES: "moves between units",
    Part.ROLES: "role changes",
    Part.REQUIREMENTS: "changed requirements or framework",
    Part.TRAINING: "training",
    Part.REASSESSMENT: "reassessment",
}
"""The parts of a change, in the order in which the first that applies takes a pair."""

Counts = npt.NDArray[np.integer[Any]]

_BY_PLACE = (GapDimension.DEPARTMENT, GapDimension.UNIT, GapDimension.SKILL)
_BY_ROLE = (GapDimension.ROLE_FAMILY, GapDimension.ROLE)


@dataclass(frozen=True, slots=True)
class TrendFigures:
    """The counts of rule 2 on a day, or by how much they changed."""

    required: int
    assessed: int
    meeting: int
    short: int
    levels_short: int

    @property
    def readiness(self) -> float | None:
        """Met ÷ assessed on a day; None where nothing is assessed."""
        return self.meeting / self.assessed if self.assessed else None

    @property
    def coverage(self) -> float | None:
        """Assessed ÷ required on a day; None where nothing is required."""
        return self.assessed / self.required if self.required else None


@dataclass(frozen=True, slots=True)
class TrendLine:
    """One row: a group, a skill, or both. ``parts`` has an entry per :class:`Part`, and they sum to ``change``.

    ``people`` counts, for each part, the different people it rests on.
    """

    group: str
    skill: str
    before: TrendFigures
    after: TrendFigures
    parts: tuple[TrendFigures, ...]
    people: tuple[int, ...]

    @property
    def change(self) -> TrendFigures:
        """After less before."""
        return TrendFigures(
            self.after.required - self.before.required,
            self.after.assessed - self.before.assessed,
            self.after.meeting - self.before.meeting,
            self.after.short - self.before.short,
            self.after.levels_short - self.before.levels_short,
        )

    def part(self, which: Part) -> TrendFigures:
        """What one part did."""
        return self.parts[int(which)]


@dataclass(frozen=True, slots=True)
class TrendView:
    """The change between two days: the lines with anybody required on either, and everything together."""

    scope: Scope
    first: date
    last: date
    dimension: GapDimension
    lines: tuple[TrendLine, ...]
    total: TrendLine
    revision: int


@dataclass(frozen=True, slots=True)
class TrendPoint:
    """The whole scope on one day."""

    day: date
    people: int
    required: int
    assessed: int
    meeting: int

    @property
    def readiness(self) -> float | None:
        """Met ÷ assessed; None where nothing is assessed."""
        return self.meeting / self.assessed if self.assessed else None

    @property
    def coverage(self) -> float | None:
        """Assessed ÷ required; None where nothing is required."""
        return self.assessed / self.required if self.required else None


class Trends:
    """Figures of different days against one another."""

    def __init__(self, db: Database, gaps: Gaps, today: Callable[[], date]) -> None:
        self._db = db
        self._gaps = gaps
        self._today = today
        self._counted: dict[date, _Counted] = {}
        self._revision = -1
        self._lock = Lock()
        self._rated: tuple[tuple[int, date, date], CourseRatings] | None = None

    def between(
        self,
        scope: Scope,
        first: date,
        last: date,
        dimension: GapDimension = GapDimension.DEPARTMENT,
        *,
        by_skill: bool = False,
    ) -> TrendView:
        """What changed from the first day to the last, by any dimension, and split by skill too where asked.

        The scope's own day is left aside. Raises UsageError where the last day does not come after the first.
        """
        if first >= last:
            raise UsageError(f"{last} does not come after {first}.", "Give the earlier day first.")
        days = _Days(self._gaps.base(first), self._gaps.base(last), scope, dimension)
        rated = self._rated_after_courses(first, last)
        blocks = days.blocks(0), days.blocks(1)
        changes = changed_pairs((days.people(0), days.people(1)), blocks, days.from_course(rated))
        rows, labels = days.rows(*changes[1:], by_skill=by_skill)
        sums = days.sums(blocks[0], by_skill=by_skill), days.sums(blocks[1], by_skill=by_skill)
        lines = split_change(changes, rows, len(labels), sums)
        nothing = tuple(np.zeros(len(pairs.person), np.int64) for pairs in changes[1:])
        totals = blocks[0].total()[:, None], blocks[1].total()[:, None]
        whole = split_change(changes, (nothing[0], nothing[1]), 1, totals)
        used = np.flatnonzero(lines.before[Measure.REQUIRED] + lines.after[Measure.REQUIRED] > 0).tolist()
        return TrendView(
            scope=scope,
            first=first,
            last=last,
            dimension=dimension,
            lines=tuple(_line(lines, place, *labels[place]) for place in used),
            total=_line(whole, 0, "", ""),
            revision=days.last.revision,
        )

    def _rated_after_courses(self, first: date, last: date) -> CourseRatings:
        """Read once for the same days, whatever the filter."""
        key = (self._db.revision(), first, last)
        known = self._rated
        if known is None or known[0] != key:
            with self._db.read() as session:
                known = self._rated = key, course_ratings(session, first, last)
        return known[1]

    def first_day(self) -> date | None:
        """The first day on which anybody was there; None where nobody ever was. Before it there is no trend."""
        with self._db.read() as session:
            return session.scalar(select(func.min(PersonSpell.valid_from)))

    def days_between(self, first: date, last: date, most: int = 12) -> tuple[date, ...]:
        """Both days with the ends of quarters between them, thinned out evenly where there are too many."""
        ends: list[date] = []
        quarter = FinancialQuarter.of(first)
        while quarter.last_day < last:
            ends.append(quarter.last_day)
            quarter += 1
        inner = [day for day in ends if first < day < last]
        every = max(1, -(-len(inner) // max(1, most - 2)))
        return (first, *inner[::-1][::every][::-1], last)

    def series(self, scope: Scope, days: Sequence[date]) -> tuple[TrendPoint, ...]:
        """Readiness and coverage of the whole scope on each of these days."""
        return tuple(self._point(scope, day) for day in days)

    def quarters(self, scope: Scope, count: int = 8) -> tuple[TrendPoint, ...]:
        """The last days of the quarters gone by, and the scope's day itself: ``count`` points in all."""
        until = scope.as_at or self._today()
        start = FinancialQuarter.of(until)
        ends = [(start + -back).last_day for back in range(count - 1, 0, -1)]
        return self.series(scope, [*ends, until])

    def _point(self, scope: Scope, day: date) -> TrendPoint:
        found = self._counted_on(day)
        chosen = found.placed.choose(scope)
        counts = (
            int(column[chosen].sum(dtype=np.int64)) for column in (found.required, found.assessed, found.met)
        )
        return TrendPoint(day, int(chosen.sum()), *counts)

    def _counted_on(self, day: date) -> _Counted:
        """Everybody's pairs on a day, counted once for every filter and kept while nothing changes them."""
        with self._lock:
            with self._db.read() as session:
                revision = int(session.scalar(select(col(Revision.number))) or 0)
                is_other = revision < self._revision or (
                    bool(self._counted)
                    and not FIGURES_REST_ON.isdisjoint(tables_since(session, self._revision))
                )
            if is_other:
                self._counted.clear()
            self._revision = revision
            found = self._counted.get(day)
            if found is None:
                base = self._gaps.base(day, is_kept=day == self._today())
                counts = base.blocks.person_counts()
                small = (_smallest(one) for one in (counts.required, counts.assessed, counts.meeting))
                found = _Counted(base.population.placed(), *small)
                while len(self._counted) >= _MOST_DAYS:
                    self._counted.pop(next(iter(self._counted)))
                self._counted[day] = found
        return found


_MOST_DAYS = 16
"""A day of half a million people takes about 7 MB."""


@dataclass(frozen=True, slots=True)
class _Counted:
    """Where everybody stood on a day, with the pairs required, assessed and met of each [people]."""

    placed: Placed
    required: Counts
    assessed: Counts
    met: Counts


def _smallest(counts: Counts) -> Counts:
    """The same numbers in as few bytes as they need."""
    return counts.astype(np.min_scalar_type(int(counts.max(initial=0))))


class _Days:
    """Two days with codes that mean the same on both."""

    def __init__(self, first: GapBase, last: GapBase, scope: Scope, dimension: GapDimension) -> None:
        self.first, self.last = first, last
        self._bases = (first, last)
        self._scope = scope
        self._dimension = dimension
        self._masks = tuple(base.population.mask(scope) for base in self._bases)
        everybody = Scope(with_contractors=scope.with_contractors)
        self._everybody = tuple(base.population.mask(everybody) for base in self._bases)
        self.skills = sorted(
            {*first.skill_names, *last.skill_names}, key=lambda name: (name.casefold(), name)
        )
        place = {name: code for code, name in enumerate(self.skills)}
        self._skill_codes = tuple(
            np.array([place[name] for name in base.skill_names], dtype=np.int64) for base in self._bases
        )
        names = {(line.role, line.name) for base in self._bases for line in base.population.levels.values()}
        self._roles = {name: code for code, name in enumerate(sorted(names), start=1)}
        self.groups, self._group_codes = self._common_groups(self._masks)

    def _common_groups(self, masks: Sequence[Flags]) -> tuple[list[str], tuple[Ints, Ints]]:
        """Labels of the people in the masks on either day, and everybody's code on each."""
        found = [
            group_people(base, self._dimension, mask) for base, mask in zip(self._bases, masks, strict=True)
        ]
        labels = sorted({*found[0][0], *found[1][0]}, key=lambda label: (label.casefold(), label))
        place = {label: code for code, label in enumerate(labels)}
        coded = [
            np.array([*(place[label] for label in own), -1], dtype=np.int64)[codes] for own, codes in found
        ]
        return labels, (coded[0], coded[1])

    def people(self, day: int) -> PeopleOnDay:
        """Everybody on a day, in the scope or not, as long as they count there at all."""
        population = self._bases[day].population
        levels = population.levels
        size = max(levels, default=0) + 1
        role, version = np.zeros(size, np.int64), np.zeros(size, np.int64)
        for key, line in levels.items():
            role[key], version[key] = self._roles[line.role, line.name], line.version_id
        place = population.unit_id.astype(np.int64)
        if self._dimension not in (*_BY_PLACE, *_BY_ROLE):
            # another grade, location or employment moves somebody from one row to another, as another unit does
            groups, codes = self._common_groups(self._everybody)
            place = place * (len(groups) + 1) + codes[day] + 1
        return PeopleOnDay(
            person=population.person_id,
            is_counted=self._everybody[day],
            place=place,
            role_level=population.role_level_id.astype(np.int64),
            role=role[population.role_level_id],
            version=version[population.role_level_id],
        )

    def blocks(self, day: int) -> BlocksOnDay:
        """The levels of a day; the row of everybody is the group."""
        base = self._bases[day]
        return BlocksOnDay(
            blocks=base.blocks,
            person=base.population.person_id,
            is_chosen=self._masks[day],
            row=self._group_codes[day],
            skill=self._skill_codes[day],
        )

    def from_course(self, rated: CourseRatings) -> FromCourse | None:
        """Which ratings of the last day came after a course; None where none did."""
        skill_ids = self.last.skill_ids
        if not len(rated.keys):
            return None
        return lambda person, skill, held: rated.among(person, skill_ids[skill], held)

    def sums(self, day: BlocksOnDay, *, by_skill: bool) -> Ints:
        """[measures × rows] of a day, the rows being those of :meth:`rows`."""
        is_skill = self._dimension is GapDimension.SKILL
        found = day.sums(max(len(self.groups), 1), over_skills=not (by_skill or is_skill))
        found = found[:, : len(self.groups)]
        if not (by_skill or is_skill):
            return found[:, :, 0]
        spread = np.zeros((len(found), len(self.groups), len(self.skills)), np.int64)
        for at, code in enumerate(day.skill.tolist()):  # two versions may have a skill of the same name each
            spread[:, :, code] += found[:, :, at]
        return spread.reshape(len(found), -1)

    def rows(
        self, before: PairsOnDay, after: PairsOnDay, *, by_skill: bool
    ) -> tuple[tuple[Ints, Ints], list[tuple[str, str]]]:
        """The row of every pair of both days, and group and skill of each row."""
        if self._dimension is GapDimension.SKILL:
            return (before.skill, after.skill), [("", skill) for skill in self.skills]
        if not by_skill:
            rows = before.row.astype(np.int64), after.row.astype(np.int64)
            return rows, [(group, "") for group in self.groups]
        n_skills = len(self.skills)
        both = tuple(
            np.where(pairs.row >= 0, pairs.row * n_skills + pairs.skill, -1) for pairs in (before, after)
        )
        return (both[0], both[1]), [(group, skill) for group in self.groups for skill in self.skills]


def _line(found: Trend, place: int, group: str, skill: str) -> TrendLine:
    return TrendLine(
        group=group,
        skill=skill,
        before=TrendFigures(*found.before[:, place].tolist()),
        after=TrendFigures(*found.after[:, place].tolist()),
        parts=tuple(TrendFigures(*found.parts[part, :, place].tolist()) for part in Part),
        people=tuple(found.people[:, place].tolist()),
    )
