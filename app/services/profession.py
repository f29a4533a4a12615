"""A profession: one role family over all departments, for its head. Pyramid, pipeline, skills, departments.

Only confirmed and imported roles count (PRODUCT, rule 1). Read only; answered from the columns kept by revision.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

import numpy as np
from sqlalchemy import text

from app.analysis.pipeline import NextSteps, Reach, next_steps
from app.db.database import Database
from app.errors import UsageError
from app.files.words import grade_of as civil_service_grade
from app.services.current_levels import Bytes, Ids
from app.services.gap_base import GapBase
from app.services.gaps import Gaps, GroupLine, Heatmap
from app.services.held_levels import HeldLevelsCache
from app.services.population import Flags, Ints, Population, RoleLevelLine
from app.services.scope import Scope
from app.terms import GRADES, NOT_ASSESSED, name_key

NO_GRADE = "No grade"
REACH_WORDS = {
    Reach.READY: "ready now",
    Reach.ONE_STEP: "one step short",
    Reach.FURTHER: "further away",
    Reach.NOT_ASSESSED: "not assessed enough",
    Reach.TOP: "no level above",
}


@dataclass(frozen=True, slots=True)
class ProfessionCounts:
    """Heads of some people of the family; FTE to two places."""

    people: int
    fte: Decimal
    contractors: int

    @property
    def contractor_share(self) -> float | None:
        """Contractors of all; None where there is nobody."""
        return self.contractors / self.people if self.people else None


@dataclass(frozen=True, slots=True)
class DepartmentOfFamily:
    """One department: its people of the family with their figures; ``unmapped`` are all its people without a role."""

    counts: ProfessionCounts
    group: GroupLine
    unmapped: int

    @property
    def department(self) -> str:
        """Its name."""
        return self.group.label


@dataclass(frozen=True, slots=True)
class PyramidCell:
    """People of one role level and grade; ``seniority`` 1 is the most junior level of the role."""

    role: str
    role_level: str
    role_level_id: int
    seniority: int
    grade: str
    counts: ProfessionCounts


@dataclass(frozen=True, slots=True)
class PipelineLine:
    """One role level and how far its people are from the next of the same role; ``reach`` has a count per
    :class:`Reach`. ``next_level`` is empty at the top. ``is_entry``: the most junior of several levels."""

    role: str
    role_level: str
    role_level_id: int
    seniority: int
    is_entry: bool
    next_level: str
    counts: ProfessionCounts
    reach: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ProfessionPerson:
    """Somebody of the family, with the way to the next level; its figures are None where there is none."""

    person_id: int
    staff_id: str
    name: str
    department: str
    unit: str
    grade: str
    role: str
    role_level: str
    employment: str
    fte: Decimal
    next_level: str
    reach: str
    required: int | None
    assessed: int | None
    met: int | None
    steps_missing: int | None


@dataclass(frozen=True, slots=True, eq=False)
class ProfessionView:
    """The whole of a profession. ``heatmap`` is departments × skills of the family; ``suggested`` are people whose
    role in it is only suggested and so counts nowhere; ``unmapped`` everybody in the scope without a role."""

    family: str
    scope: Scope
    counts: ProfessionCounts
    entry: ProfessionCounts
    unmapped: int
    suggested: int
    departments: tuple[DepartmentOfFamily, ...]
    pyramid: tuple[PyramidCell, ...]
    pipeline: tuple[PipelineLine, ...]
    heatmap: Heatmap
    day: date
    revision: int

    @property
    def grades(self) -> tuple[str, ...]:
        """The grades there are, most junior first; others after them, no grade last."""
        return tuple(sorted({cell.grade for cell in self.pyramid}, key=grade_order))

    def reach(self, which: Reach) -> int:
        """How many people are so far from their next level."""
        return sum(line.reach[which] for line in self.pipeline)


@dataclass(frozen=True, slots=True)
class Pick:
    """Which people of a profession are meant; what is empty narrows nothing."""

    department: str = ""
    role_level_id: int = 0
    grade: str = ""
    reach: Reach | None = None
    only_contractors: bool = False
    only_entry: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class _Family:
    """The people of a family on a day as columns: rows of the population, and the way to the next level."""

    base: GapBase
    mask: Flags
    rows: Ints
    level_ids: Ints
    next_of: dict[int, int]
    steps: NextSteps


def grade_of(text: str) -> str:
    """A grade as the pyramid shows it: "Grade 7" is G7, as in the checks; none is :data:`NO_GRADE`."""
    return (civil_service_grade(text) if text else "") or NO_GRADE


def grade_order(grade: str) -> tuple[int, str]:
    """Where a grade stands: Civil Service grades in order, others by name, none last."""
    if grade == NO_GRADE:
        return len(GRADES) + 1, ""
    return (GRADES.index(grade), "") if grade in GRADES else (len(GRADES), grade.casefold())


class Profession:
    """One role family over all departments."""

    def __init__(self, db: Database, gaps: Gaps) -> None:
        self._db = db
        self._gaps = gaps
        self._held = HeldLevelsCache(db)
        self._whole: tuple[tuple[str, str], _Family] | None = None
        # who has a suggested role in each family; a write to roles makes another population, and this void
        self._suggestions: tuple[Population, dict[str, Flags]] | None = None

    def families(self, scope: Scope) -> tuple[str, ...]:
        """The role families there are, by name; those of the scope's framework where it names one."""
        levels = self._gaps.base(scope.as_at).population.levels.values()
        return tuple(
            sorted(
                {
                    line.family
                    for line in levels
                    if not scope.framework or name_key(line.version) == name_key(scope.framework)
                }
            )
        )

    def view(self, scope: Scope) -> ProfessionView:
        """Everything about the scope's role family. Raises UsageError for an unknown family, or none."""
        scope = self._checked(scope)
        found = self._family(scope)
        population = found.base.population
        heatmap = self._gaps.heatmap(scope)
        everybody = population.mask(replace(scope, role_family="", framework=""))
        is_unmapped = everybody & (population.role_level_id == 0)
        return ProfessionView(
            family=scope.role_family,
            scope=scope,
            counts=_counts(population, found.rows),
            entry=_counts(population, found.rows[_is_entry(population, found.level_ids)]),
            unmapped=int(is_unmapped.sum()),
            suggested=self._suggested(scope, everybody, population, found.base.day),
            departments=_departments(population, found, heatmap, is_unmapped),
            pyramid=_pyramid(population, found),
            pipeline=_pipeline(population, found),
            heatmap=heatmap,
            day=found.base.day,
            revision=found.base.revision,
        )

    def people(self, scope: Scope, pick: Pick) -> tuple[ProfessionPerson, ...]:
        """The people behind a figure, by department, most senior level first, then name."""
        scope = self._checked(scope)
        found = self._family(scope)
        population = found.base.population
        chosen = np.ones(len(found.rows), np.bool_)
        if pick.department:
            chosen &= population.department_ids()[found.rows] == population.find_unit(pick.department).unit_id
        if pick.role_level_id:
            chosen &= found.level_ids == pick.role_level_id
        if pick.grade:
            chosen &= population.grade.where(lambda word: grade_of(word) == pick.grade)[found.rows]
        if pick.reach is not None:
            chosen &= found.steps.reach == int(pick.reach)
        if pick.only_contractors:
            chosen &= population.is_contractor[found.rows]
        if pick.only_entry:
            chosen &= _is_entry(population, found.level_ids)
        ranked = [
            (population.levels[int(found.level_ids[at])].seniority, _person(population, found, at))
            for at in np.flatnonzero(chosen).tolist()
        ]
        ranked.sort(
            key=lambda pair: (pair[1].department.casefold(), -pair[0], pair[1].name, pair[1].staff_id)
        )
        return tuple(line for _, line in ranked)

    def _checked(self, scope: Scope) -> Scope:
        families = self.families(scope)
        if not scope.role_family:
            raise UsageError(
                "No role family was named.",
                f"Choose one with --role-family: {'; '.join(families) or 'there is none'}.",
            )
        for family in families:
            if name_key(family) == name_key(scope.role_family):
                return replace(scope, role_family=family)
        raise UsageError(
            f"There is no role family called “{scope.role_family}”.",
            f"There are: {'; '.join(families) or 'none'}.",
        )

    def _family(self, scope: Scope) -> _Family:
        """The family's people in the scope: the way to the next level is found for all of the family, once."""
        whole = self._whole_family(scope)
        population = whole.base.population
        mask = population.mask(scope)
        rows = np.flatnonzero(mask & (population.role_level_id > 0))
        places = np.searchsorted(whole.rows, rows)
        return _Family(
            whole.base, mask, rows, whole.level_ids[places], whole.next_of, whole.steps.taken(places)
        )

    def _whole_family(self, scope: Scope) -> _Family:
        base = self._gaps.base(scope.as_at)
        key = scope.role_family, scope.framework
        known = self._whole
        if known is not None and known[0] == key and known[1].base is base:
            return known[1]
        population = base.population
        mask = population.mask(Scope(role_family=scope.role_family, framework=scope.framework))
        rows = np.flatnonzero(mask & (population.role_level_id > 0))
        level_ids = population.role_level_id[rows].astype(np.int64)
        with self._db.read() as session:
            asked = session.execute(
                text("SELECT role_level_id, skill_id, level FROM requirement WHERE level IS NOT NULL")
            ).all()
        required: dict[int, dict[int, int]] = {}
        for role_level, skill, level in asked:
            required.setdefault(role_level, {})[skill] = level
        next_of = _next_levels(population, np.unique(level_ids).tolist(), required)
        held = self._held.get(base.revision, base.day).among(population.person_id[rows])
        found = _Family(base, mask, rows, level_ids, next_of, _steps(level_ids, next_of, required, held))
        self._whole = key, found
        return found

    def _suggested(self, scope: Scope, everybody: Flags, population: Population, day: date) -> int:
        """People in the scope whose primary role in the family is a suggestion, and who have no counting role."""
        query = text(
            "SELECT DISTINCT a.person_id FROM role_assignment AS a "
            "JOIN role_level AS l ON l.id = a.role_level_id JOIN role AS r ON r.id = l.role_id "
            "JOIN role_family AS f ON f.id = r.role_family_id "
            "WHERE a.is_primary AND a.source = 'suggested' AND f.name = :family "
            "AND a.valid_from <= :day AND (a.valid_to IS NULL OR a.valid_to > :day)"
        )
        if self._suggestions is None or self._suggestions[0] is not population:
            self._suggestions = population, {}
        known = self._suggestions[1]
        if scope.role_family not in known:
            with self._db.read() as session:
                ids = list(session.scalars(query, {"family": scope.role_family, "day": day.isoformat()}))
            known[scope.role_family] = np.isin(population.person_id, np.array(ids, dtype=np.int64))
        is_there = known[scope.role_family]
        return int((is_there & everybody & (population.role_level_id == 0)).sum())


def _next_levels(
    population: Population, levels: list[int], required: dict[int, dict[int, int]]
) -> dict[int, int]:
    """The next level of the same role that requires skills, for each of these levels that has one."""
    found: dict[int, int] = {}
    for key in levels:
        own = population.levels[key]
        above = [
            line
            for line in population.levels.values()
            if line.role_id == own.role_id
            and line.seniority > own.seniority
            and required.get(line.role_level_id)
        ]
        if above:
            found[key] = min(above, key=lambda line: line.seniority).role_level_id
    return found


def _steps(
    level_ids: Ints,
    next_of: dict[int, int],
    required: dict[int, dict[int, int]],
    held_by: tuple[Ints, Ids, Bytes],
) -> NextSteps:
    wanted = sorted(set(next_of.values()))
    skills = sorted({skill for key in wanted for skill in required[key]})
    row_of, code_of = (
        {key: row for row, key in enumerate(wanted)},
        {skill: code for code, skill in enumerate(skills)},
    )
    needed = np.zeros((len(wanted), len(skills)), np.uint8)
    for key in wanted:
        for skill, level in required[key].items():
            needed[row_of[key], code_of[skill]] = level
    held = np.full((len(level_ids), len(skills)), NOT_ASSESSED, np.uint8)
    place, skill, level = held_by
    codes = np.full(max([*skills, int(skill.max(initial=0))], default=0) + 1, -1, np.int64)
    codes[skills] = np.arange(len(skills))
    code = codes[skill]
    is_ours = code >= 0
    held[place[is_ours], code[is_ours]] = level[is_ours]
    group_of = np.full(int(level_ids.max(initial=0)) + 1, -1, np.int64)
    for key, above in next_of.items():
        group_of[key] = row_of[above]
    return next_steps(held, group_of[level_ids], needed)


def _counts(population: Population, rows: Ints) -> ProfessionCounts:
    return _counts_of(population, rows, np.zeros(len(rows), np.int64), 1)[0]


def _counts_of(population: Population, rows: Ints, codes: Ints, size: int) -> list[ProfessionCounts]:
    """The counts of each of ``size`` groups at once; ``codes`` is the group of each row."""
    people = np.bincount(codes, minlength=size)
    # whole numbers far below 2 ** 53, so that sums are exact
    fte = np.bincount(codes, weights=population.fte_hundredths[rows], minlength=size)
    contractors = np.bincount(codes, weights=population.is_contractor[rows], minlength=size)
    return [
        ProfessionCounts(people=one, fte=Decimal(int(hundredths)) / 100, contractors=int(outside))
        for one, hundredths, outside in zip(people.tolist(), fte.tolist(), contractors.tolist(), strict=True)
    ]


def _is_entry(population: Population, level_ids: Ints) -> Flags:
    """Whether a level is the most junior of a role that has more than one."""
    levels_of: dict[int, list[RoleLevelLine]] = {}
    for line in population.levels.values():
        levels_of.setdefault(line.role_id, []).append(line)
    entry = [
        min(lines, key=lambda line: line.seniority).role_level_id
        for lines in levels_of.values()
        if len(lines) > 1
    ]
    return np.isin(level_ids, np.array(entry, dtype=np.int64))


def _departments(
    population: Population, found: _Family, heatmap: Heatmap, is_unmapped: Flags
) -> tuple[DepartmentOfFamily, ...]:
    departments = population.department_ids()
    names = {unit.unit_id: unit.name for unit in population.units.values() if unit.parent_id is None}
    key_of = {name: key for key, name in names.items()}
    unmapped_in = np.bincount(departments[is_unmapped], minlength=max(names, default=0) + 1)
    counts = _counts_of(population, found.rows, departments[found.rows], max(names, default=0) + 1)
    lines: list[DepartmentOfFamily] = []
    for group in heatmap.groups:
        key = key_of[group.label]
        lines.append(DepartmentOfFamily(counts[key], group, int(unmapped_in[key])))
    return tuple(lines)


def _pyramid(population: Population, found: _Family) -> tuple[PyramidCell, ...]:
    """Cells with anybody in them, in order of role, most senior level first, and grade from junior to senior."""
    grades = sorted({grade_of(word) for word in population.grade.words}, key=grade_order)
    place_of = np.array([grades.index(grade_of(word)) for word in population.grade.words], np.int64)
    codes = place_of[population.grade.codes[found.rows]] if len(found.rows) else np.zeros(0, np.int64)
    levels = _ordered_levels(population, found)
    level_of = _places([line.role_level_id for line in levels], found.level_ids)
    width = max(len(grades), 1)
    counts = _counts_of(population, found.rows, level_of * width + codes, len(levels) * width)
    return tuple(
        PyramidCell(line.role, line.name, line.role_level_id, line.seniority, grade, cell)
        for place, line in enumerate(levels)
        for grade, cell in zip(grades, counts[place * width : (place + 1) * width], strict=False)
        if cell.people
    )


def _places(known: list[int], values: Ints) -> Ints:
    """The place of each value, all of which are known."""
    table = np.zeros(max(known, default=0) + 1, np.int64)
    table[known] = np.arange(len(known))
    return table[values]


def _ordered_levels(population: Population, found: _Family) -> list[RoleLevelLine]:
    present = set(np.unique(found.level_ids).tolist())
    lines = [line for key, line in population.levels.items() if key in present]
    return sorted(lines, key=lambda line: (line.role.casefold(), line.role_id, -line.seniority))


def _pipeline(population: Population, found: _Family) -> tuple[PipelineLine, ...]:
    levels = _ordered_levels(population, found)
    ids = [line.role_level_id for line in levels]
    level_of = _places(ids, found.level_ids)
    counts = _counts_of(population, found.rows, level_of, len(levels))
    reach = np.bincount(level_of * len(Reach) + found.steps.reach, minlength=len(levels) * len(Reach))
    is_entry = _is_entry(population, np.array(ids, np.int64)).tolist()
    lines: list[PipelineLine] = []
    for place, line in enumerate(levels):
        above = population.levels.get(found.next_of.get(line.role_level_id, 0))
        lines.append(
            PipelineLine(
                role=line.role,
                role_level=line.name,
                role_level_id=line.role_level_id,
                seniority=line.seniority,
                is_entry=is_entry[place],
                next_level=above.name if above else "",
                counts=counts[place],
                reach=tuple(reach[place * len(Reach) : (place + 1) * len(Reach)].tolist()),
            )
        )
    return tuple(lines)


def _person(population: Population, found: _Family, at: int) -> ProfessionPerson:
    row = int(found.rows[at])
    unit = population.units[int(population.unit_id[row])]
    level = population.levels[int(found.level_ids[at])]
    above = population.levels.get(found.next_of.get(level.role_level_id, 0))
    figures: Sequence[int | None] = (None,) * 4
    if above is not None:
        steps = found.steps
        figures = [int(values[at]) for values in (steps.required, steps.assessed, steps.met, steps.steps)]
    return ProfessionPerson(
        person_id=int(population.person_id[row]),
        staff_id=population.staff_id[row],
        name=population.name[row],
        department=population.units[unit.department_id].name,
        unit=unit.path,
        grade=population.grade[row],
        role=level.role,
        role_level=level.name,
        employment=population.employment[row],
        fte=Decimal(int(population.fte_hundredths[row])) / 100,
        next_level=above.name if above else "",
        reach=REACH_WORDS[Reach(int(found.steps.reach[at]))],
        required=figures[0],
        assessed=figures[1],
        met=figures[2],
        steps_missing=figures[3],
    )
