"""The further limits of a plan as the optimiser takes them: teams released, mentors, targets, fair shares."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

import numpy as np
from sqlalchemy.orm import Session

from app.analysis.gaps import gap_pairs
from app.analysis.training_plan import (
    NO_MENTOR,
    NOT_A_LEARNER,
    NOT_BEFORE_LEAVING,
    Mentors,
    Needs,
    PlanProblem,
    Release,
    Target,
    fair_shares,
    last_whole_quarter,
)
from app.errors import UsageError
from app.models import Course, CourseOutcome
from app.services.current_levels import levels_as_at
from app.services.gap_base import WEIGHT_ONE, GapBase
from app.services.population import Flags, Ints
from app.services.scope import Scope
from app.services.training.limit_settings import SkillTarget
from app.services.training.money import BudgetDepartments
from app.services.training.records import PlanSettings
from app.terms import NOT_ASSESSED, Delivery, FinancialQuarter, Level, level_word, name_key


def needs_mentor(course: Course) -> bool:
    """Whether an offer needs a mentor: it is mentoring, or says how many hours a mentor gives."""
    return course.delivery == Delivery.MENTORING.value or course.mentor_hours_hundredths is not None


def mentor_takes(delivery: str, hours: int, duration: int, mentor_hours: int | None) -> int | None:
    """Hundredths of hours a mentor gives a mentee in a quarter; where not said, as many as the mentee's own."""
    if mentor_hours is not None:
        return mentor_hours
    return hours // duration if delivery == Delivery.MENTORING.value else None


def mentor_hours(courses: Sequence[Course]) -> Ints:
    """What a mentor gives each mentee of each course in a quarter (:func:`mentor_takes`)."""
    takes = [
        mentor_takes(
            course.delivery, course.hours_hundredths, course.duration_quarters, course.mentor_hours_hundredths
        )
        for course in courses
    ]
    return np.array([NO_MENTOR if hours is None else hours for hours in takes], dtype=np.int64)


def everybody(base: GapBase, settings: PlanSettings) -> Flags:
    """Whoever is there on the day and counts by employment, in the plan's scope or not."""
    scope = settings.scope
    return base.population.mask(Scope(as_at=scope.as_at, with_contractors=scope.with_contractors))


def release_of(base: GapBase, settings: PlanSettings, taking: Ints) -> Release | None:
    """How many people of each unit may be away: the share of its people, rounded down, but always one.

    A unit of four at 20 % may send one person; only 0 % sends nobody.
    """
    share = settings.limits.release_pct
    if share is None:
        return None
    population = base.population
    units, team = np.unique(population.unit_id[taking], return_inverse=True)
    heads = np.zeros(int(population.unit_id.max(initial=0)) + 1, dtype=np.int64)
    np.add.at(heads, population.unit_id[everybody(base, settings)], 1)
    most = [allowed_away(int(heads[unit]), share) for unit in units]
    return Release(
        team.ravel().astype(np.int64),
        np.repeat(np.array(most, dtype=np.int64)[:, None], settings.quarters, axis=1),
        np.zeros((len(taking), settings.quarters), dtype=np.bool_),
        tuple(population.units[int(unit)].path for unit in units),
    )


def allowed_away(heads: int, share: Decimal) -> int:
    """``share`` per cent of a team of so many, rounded down, but at least one person unless the share is 0."""
    return max(int(heads * share // 100), 1) if share else 0


def mentors_of(
    session: Session,
    base: GapBase,
    settings: PlanSettings,
    start: FinancialQuarter,
    taking: Ints,
    offered: tuple[Sequence[Course], Sequence[CourseOutcome]],
) -> Mentors | None:
    """Everybody near who holds every skill of a mentor offer at its exit level, and at practitioner, today."""
    courses, outcomes = offered
    wanting = [place for place, course in enumerate(courses) if needs_mentor(course)]
    if not wanting:
        return None
    population = base.population
    able = _able(session, base, courses, outcomes, wanting)
    able[~everybody(base, settings)] = False
    rows = np.flatnonzero(able.any(axis=1))
    learner = np.full(len(population), NOT_A_LEARNER, dtype=np.int64)
    learner[taking] = np.arange(len(taking))
    code_of = {unit: code for code, unit in enumerate(population.units)}
    parents = [
        -1 if unit.parent_id is None else code_of[unit.parent_id] for unit in population.units.values()
    ]
    hours = np.full((len(rows), settings.quarters), int(settings.hours_per_quarter * 100), dtype=np.int64)
    if settings.is_scaled_by_fte:
        hours = hours * population.fte_hundredths[rows][:, None] // 100
    return Mentors(
        staff_ids=tuple(population.staff_id[row] for row in rows.tolist()),
        learner=learner[rows],
        unit=np.array([code_of[int(unit)] for unit in population.unit_id[rows]], dtype=np.int64),
        hours=hours,
        last_quarter=last_quarters(population.last_day[rows].tolist(), start),
        able=able[rows],
        parent=np.array(parents, dtype=np.int64),
        unit_of=np.array([code_of[int(unit)] for unit in population.unit_id[taking]], dtype=np.int64),
    )


def mentor_names(base: GapBase, mentors: Mentors | None) -> tuple[str, ...]:
    """How mentors are named in a plan: name and staff id."""
    if mentors is None:
        return ()
    row_of = {staff: row for row, staff in enumerate(base.population.staff_id)}
    names = [base.population.name[row_of[staff]] for staff in mentors.staff_ids]
    return tuple(
        f"{name} ({staff})" if name else staff for name, staff in zip(names, mentors.staff_ids, strict=True)
    )


def last_quarters(last_days: Sequence[int], start: FinancialQuarter) -> Ints:
    """The last whole quarter of people by their last day numbers."""
    memo = {
        day: NOT_BEFORE_LEAVING
        if day == date.max.toordinal()
        else last_whole_quarter(date.fromordinal(day), start)
        for day in set(last_days)
    }
    return np.array([memo[day] for day in last_days], dtype=np.int64)


def _able(
    session: Session,
    base: GapBase,
    courses: Sequence[Course],
    outcomes: Sequence[CourseOutcome],
    wanting: Sequence[int],
) -> Flags:
    """People × courses: who holds every outcome's exit level, and practitioner at least."""
    person, skill, level = levels_as_at(session, base.day)
    ids = base.population.person_id
    row = np.searchsorted(ids, person)
    row[row == len(ids)] = 0
    is_known = (ids[row] == person) & (level >= int(Level.PRACTITIONER)) & (level != NOT_ASSESSED)
    row, skill, level = row[is_known], skill[is_known], level[is_known]
    able = np.zeros((len(ids), len(courses)), dtype=np.bool_)
    for place in wanting:
        own = [outcome for outcome in outcomes if outcome.course_id == courses[place].id]
        able[:, place] = bool(own)
        for outcome in own:
            holds = np.zeros(len(ids), dtype=np.bool_)
            holds[row[(skill == outcome.skill_id) & (level >= outcome.to_level)]] = True
            able[:, place] &= holds
    return able


@dataclass(frozen=True, slots=True)
class Asking:
    """What targets are read against: people by place, needs, and the base's skill code of each skill of theirs."""

    base: GapBase
    settings: PlanSettings
    start: FinancialQuarter
    taking: Ints
    needs: Needs
    skills: Ints


def targets_of(asking: Asking) -> tuple[tuple[Target, ...], tuple[str, ...]]:
    """The targets as needs and levels, and what is worth knowing about them.

    A target asks no more of anybody than their role does, and nothing of people whose level is not known.
    """
    found: list[Target] = []
    notes: list[str] = []
    for target in asking.settings.limits.targets:
        asked, note = _target(asking, target)
        found.append(asked)
        notes += note
    return tuple(found), tuple(notes)


def _target(asking: Asking, target: SkillTarget) -> tuple[Target, list[str]]:
    base, needs = asking.base, asking.needs
    by = _quarter(asking, target)
    skill = next(
        (k for k, name in enumerate(base.skill_names) if name_key(name) == name_key(target.skill)), None
    )
    if skill is None:
        raise UsageError(
            f"Nobody's role requires “{target.skill}”.", "`muster gaps --by skill` lists the skills."
        )
    rows = np.flatnonzero(base.population.mask(asking.settings.scope) & _of_role(base, target))
    required, held = _pairs(base, rows, skill)
    if not len(rows) or not (required > 0).any():
        raise UsageError(
            f"The target “{target.in_words()}” is about nobody: no such role in this plan requires "
            f"{base.skill_names[skill]}.",
            "`muster gaps --by person` lists roles, role levels and the skills they require.",
        )
    own = np.isin(asking.taking[needs.person], rows) & (asking.skills[needs.skill] == skill)
    levels = np.minimum(target.level, needs.required)
    place = np.flatnonzero(own & (needs.held < levels))
    unknown = int(((held == NOT_ASSESSED) & (required > 0)).sum())
    lower = int(((required > 0) & (required < target.level)).sum())
    notes = _target_notes(base.skill_names[skill], target.level, unknown, lower)
    price = None if target.price is None else int(target.price * WEIGHT_ONE)
    return Target(target.in_words(), place, levels[place], by, price), notes


def _target_notes(skill: str, level: int, unknown: int, lower: int) -> list[str]:
    """Whom a target does not ask all of, in sentences."""
    notes: list[str] = []
    if unknown:
        are = "person is" if unknown == 1 else "people are"
        notes.append(f"{unknown:,} {are} not assessed in {skill}: the target asks nothing of them.")
    if lower:
        roles = "person's role requires" if lower == 1 else "people's roles require"
        notes.append(f"{lower:,} {roles} less than {level_word(level)} in {skill}: no more is asked of them.")
    return notes


def _quarter(asking: Asking, target: SkillTarget) -> int:
    """The quarter of a target counted from the start of the plan."""
    start, quarters = asking.start, asking.settings.quarters
    by = int(target.by) - int(start)
    if not 0 <= by < quarters:
        raise UsageError(
            f"The target “{target.in_words()}” falls outside the plan, which runs from {start.label} to "
            f"{(start + (quarters - 1)).label}.",
            "Choose a quarter of the plan, or plan over more quarters.",
        )
    return by


def _of_role(base: GapBase, target: SkillTarget) -> Flags:
    """Who holds the role and role level of a target."""
    population = base.population
    fitting = [
        key
        for key, line in population.levels.items()
        if (not target.role or name_key(line.role) == name_key(target.role))
        and (not target.role_level or name_key(line.name) == name_key(target.role_level))
    ]
    if not fitting:
        named = " / ".join(part for part in (target.role, target.role_level) if part)
        raise UsageError(
            f"There is no role or role level called “{named}”.",
            "`muster frameworks show` lists them; leave a part empty to mean any.",
        )
    return np.isin(population.role_level_id, np.array(fitting))


def _pairs(base: GapBase, rows: Ints, skill: int) -> tuple[Ints, Ints]:
    """Required (0: not required) and held level of some people in one skill."""
    mask = np.zeros(len(base.population), dtype=np.bool_)
    mask[rows] = True
    pairs = gap_pairs(base.blocks, mask)
    own = pairs.skill == skill
    required = np.zeros(len(base.population), dtype=np.int64)
    held = np.full(len(base.population), NOT_ASSESSED, dtype=np.int64)
    required[pairs.person[own]] = pairs.required[own]
    held[pairs.person[own]] = pairs.held[own]
    return required[rows], held[rows]


def with_fair_shares(
    problem: PlanProblem, settings: PlanSettings, departments: BudgetDepartments
) -> PlanProblem:
    """The problem with the share of its need that every department must get closed."""
    share = settings.limits.fair_pct
    if not share:
        return problem
    homes = [(name, frozenset({home})) for home, name in enumerate(departments.home_names)]
    return replace(problem, fair_shares=fair_shares(problem, int(share * 100), homes))
