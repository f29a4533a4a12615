"""Closing shortfalls: who is near, what it takes, and the cheapest mix by date.

A shortfall is a role level in a department. Whoever is not short themselves may move to it: people of cells that have
more heads than posts or demand are *redeployed*, others *trained*; what they lack is learnt by the cheapest courses.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
from sqlalchemy import bindparam, text
from sqlalchemy.orm import Session
from sqlmodel import col, select

from app.analysis.learning_routes import Offer, Route, Routes
from app.analysis.mobility import distances_to
from app.analysis.redeployment import Moves, best_moves
from app.analysis.shortfall_mix import NO_LIMIT, Hiring, Mix, MixProblem, Movers, cheapest_mix
from app.models import Course, CourseOutcome
from app.progress import Progress
from app.services.current_levels import levels_as_at
from app.services.population import Ints, Population
from app.services.scope import PATH_MARK
from app.services.workforce.closing_records import (
    WORKING_DAYS_A_QUARTER,
    Candidate,
    ClosingLimits,
    ClosingPlan,
    MixLine,
    Option,
    ShortfallCard,
    Way,
)
from app.services.workforce.records import Forecast
from app.terms import NOT_ASSESSED, FinancialQuarter, name_key

MOST_SHORTFALLS = 200
"""So many shortfalls, largest first, are looked at together."""


@dataclass(frozen=True, slots=True)
class Shortfall:
    """A role level in a department, hundredths of FTE missing by quarter, and its role level ids."""

    department: str
    role_family: str
    role: str
    role_level: str
    need: tuple[int, ...]
    level_ids: tuple[int, ...]


def shortfalls_of(found: Forecast, population: Population) -> tuple[Shortfall, ...]:
    """The shortfalls of a forecast by department and role level, largest first."""
    need: dict[tuple[str, str, str, str], np.ndarray] = defaultdict(lambda: np.zeros(found.quarters))
    for at, cell in enumerate(found.cells):
        if found.shortfall[:, at].any():
            key = (cell.unit.split(PATH_MARK)[0], cell.role_family, cell.role, cell.role_level)
            need[key] += found.shortfall[:, at]
    ids: dict[tuple[str, str], list[int]] = defaultdict(list)
    for level in population.levels.values():
        ids[name_key(level.role), name_key(level.name)].append(level.role_level_id)
        ids[name_key(level.role), ""].append(level.role_level_id)
    made = [
        Shortfall(*key, tuple(np.rint(figures * 100).astype(int).tolist()),
                  tuple(ids[name_key(key[2]), name_key(key[3])]))
        for key, figures in need.items()
    ]  # fmt: skip
    made = [one for one in made if any(one.need)]
    made.sort(key=lambda one: (-max(one.need), one.department, one.role, one.role_level))
    return tuple(made[:MOST_SHORTFALLS])


@dataclass(frozen=True, slots=True)
class Pool:
    """Who may move: rows of the population, which of them are one too many, and the cell of each."""

    rows: Ints
    surplus: frozenset[int]


def pool_of(found: Forecast, population: Population, people: Ints) -> Pool:
    """Civil servants without a known last day, those whose own role level is short left out.

    Where a cell has more heads than it has posts, or a contract's or programme's work ends, so many of it as are over
    are surplus; staff ids decide who, so that two runs name the same people.
    """
    short = {
        (cell.unit, name_key(cell.role_level))
        for at, cell in enumerate(found.cells)
        if found.shortfall[:, at].any()
    }
    over = {
        (cell.unit, name_key(cell.role_level), cell.grade): -cell.vacancies
        for cell in found.cells
        if cell.vacancies is not None and cell.vacancies < 0
    }
    rows: list[int] = []
    surplus: list[int] = []
    for _, row in sorted((population.staff_id[place], place) for place in people.tolist()):
        level = population.levels[int(population.role_level_id[row])]
        unit = population.units[int(population.unit_id[row])].path
        if (unit, name_key(level.name)) in short:
            continue
        rows.append(row)
        key = (unit, name_key(level.name), population.grade[row])
        if over.get(key, 0) > 0:
            over[key] -= 1
            surplus.append(row)
    return Pool(np.array(rows, dtype=np.int64), frozenset(surplus))


class Nearest:
    """What the people of a pool hold, and what the catalogue could add."""

    def __init__(self, session: Session, population: Population, pool: Pool, limits: ClosingLimits) -> None:
        self._population, self._pool, self._limits = population, pool, limits
        self._session = session
        self._routes = routes_of(session)
        person, skill, level = levels_as_at(session, population.day)
        ids = population.person_id[pool.rows]
        order = np.argsort(ids)
        place = np.searchsorted(ids[order], person)
        place[place == len(ids)] = 0
        mine = ids[order][place] == person if len(ids) else np.zeros(len(person), dtype=np.bool_)
        self._place, self._skill, self._level = order[place[mine]], skill[mine], level[mine]

    def candidates(self, wanted: Shortfall, first: FinancialQuarter) -> tuple[Candidate, ...]:
        """The people nearest to a role level: fewest steps missing, then staff id; those already in it left out."""
        needed = requirements_of(self._session, wanted.level_ids)
        rows = self._pool.rows
        if not needed or not len(rows):
            return ()
        skills = np.array(sorted(needed), dtype=np.int64)
        held = np.full((len(rows), len(skills)), NOT_ASSESSED, dtype=np.uint8)
        column = np.searchsorted(skills, self._skill)
        column[column == len(skills)] = 0
        fits = skills[column] == self._skill
        held[self._place[fits], column[fits]] = self._level[fits]
        levels = np.array([needed[int(skill)] for skill in skills], dtype=np.uint8)
        far = distances_to(held, levels)
        # somebody of whom half of what is asked is not known is not a candidate yet, but somebody to assess
        may = (far.steps <= self._limits.steps) & (2 * far.assessed >= len(skills)) & (far.met > 0)
        may &= ~np.isin(self._population.role_level_id[rows], self._not_from(wanted))
        places = np.flatnonzero(may)
        ordered = sorted(
            places.tolist(), key=lambda at: (int(far.steps[at]), self._population.staff_id[int(rows[at])])
        )
        found: list[Candidate] = []
        for at in ordered:
            if len(found) == self._limits.people_each:
                break
            route = self._route(held[at], skills, levels)
            if route is not None:
                found.append(
                    self._candidate(
                        int(rows[at]), route, (int(far.steps[at]), int(far.met[at]), len(skills)), first
                    )
                )
        return tuple(found)

    def _not_from(self, wanted: Shortfall) -> Ints:
        """Role levels nobody is moved from: the one wanted, and the more senior ones of its role."""
        levels = self._population.levels
        seniority = {levels[key].role_id: levels[key].seniority for key in wanted.level_ids}
        return np.array(
            [
                key
                for key, one in levels.items()
                if one.role_id in seniority and one.seniority >= seniority[one.role_id]
            ],
            dtype=np.int64,
        )

    def _route(self, held: np.ndarray, skills: Ints, levels: np.ndarray) -> Route | None:
        needs = {
            int(skill): (int(have), int(level))
            for skill, have, level in zip(skills, held, levels, strict=True)
            if have != NOT_ASSESSED and have < level
        }
        return self._routes.route(needs, int(self._limits.hours_per_quarter * 100))

    def _candidate(
        self, row: int, route: Route, far: tuple[int, int, int], first: FinancialQuarter
    ) -> Candidate:
        population = self._population
        steps, met, required = far
        return Candidate(
            person_id=int(population.person_id[row]),
            staff_id=population.staff_id[row],
            name=population.name[row],
            unit=population.units[int(population.unit_id[row])].path,
            grade=population.grade[row],
            role_level=population.levels[int(population.role_level_id[row])].name,
            way=Way.REDEPLOY if row in self._pool.surplus else Way.TRAIN,
            steps=steps,
            met=met,
            required=required,
            courses=route.courses,
            cost_gbp=Decimal(route.cost) / 100,
            hours=Decimal(route.hours) / 100,
            ready=first + route.quarters,
            fte=Decimal(int(population.fte_hundredths[row])) / 100,
        )


def requirements_of(session: Session, level_ids: Sequence[int]) -> dict[int, int]:
    """Required level by skill id of a role level; of several versions of it the newest."""
    query = text(
        "SELECT role_level_id, skill_id, level FROM requirement WHERE level IS NOT NULL AND role_level_id IN :ids"
    ).bindparams(bindparam("ids", expanding=True))
    found: dict[int, dict[int, int]] = defaultdict(dict)
    for level_id, skill_id, level in session.execute(query, {"ids": list(level_ids)}):
        found[level_id][skill_id] = level
    return found[max(found)] if found else {}


def routes_of(session: Session) -> Routes:
    """Courses on offer as routes; those that need a mentor or a group of others are left out."""
    courses = session.scalars(select(Course).where(col(Course.is_offered)).order_by(col(Course.code))).all()
    outcomes: dict[int, dict[int, tuple[int, int]]] = defaultdict(dict)
    for row in session.scalars(select(CourseOutcome)):
        outcomes[row.course_id][row.skill_id] = (row.from_level, row.to_level)
    return Routes(
        [
            Offer(one.code, one.cost_per_person_pence + _share_of_group(one), one.hours_hundredths,
                  one.duration_quarters, outcomes[one.id or 0])
            for one in courses
            if not one.mentor_hours_hundredths
        ]
    )  # fmt: skip


def _share_of_group(course: Course) -> int:
    """One person's part of the price of a group that is full."""
    return -(-course.cost_per_cohort_pence // max(course.max_group or course.min_group or 1, 1))


def mix_problem(
    wanted: Sequence[Shortfall],
    candidates: Sequence[Sequence[Candidate]],
    found: Forecast,
    limits: ClosingLimits,
    day_rates: Mapping[str, Decimal],
) -> MixProblem:
    """Shortfalls and options as whole numbers; ``day_rates`` by key of a role level stand before the general one."""
    people: dict[int, int] = {}
    rows: list[tuple[int, int, int, int, int]] = []
    for cell, near in enumerate(candidates):
        for one in near:
            ready = int(one.ready) - int(found.first)
            if ready < found.quarters:
                person = people.setdefault(one.person_id, len(people))
                rows.append((person, cell, ready, int(one.fte * 100), int(one.cost_gbp * 100)))
    table = np.array(rows, dtype=np.int64).reshape(len(rows), 5)
    count, assumed = len(wanted), found.scenario.assumptions
    rates = [day_rates.get(name_key(one.role_level), limits.day_rate_gbp) for one in wanted]
    frozen = [assumed.succeeds(quarter) == 0 for quarter in range(found.quarters)]
    campaigns = np.full(found.quarters, NO_LIMIT if limits.most_campaigns is None else limits.most_campaigns)
    campaigns[np.array(frozen, dtype=np.bool_)] = 0
    contractors = NO_LIMIT if limits.most_contractors_fte is None else int(limits.most_contractors_fte * 100)
    hiring = Hiring(
        lag=np.full(count, assumed.lag, dtype=np.int64),
        yield_fte=np.full(count, round(float(assumed.success) * 100), dtype=np.int64),
        campaign_cost=np.full(count, int(limits.campaign_gbp * 100), dtype=np.int64),
        pay=np.full(count, int(limits.pay_gbp * assumed.success * 100 / 4), dtype=np.int64),
        contractor=np.array([int(rate * WORKING_DAYS_A_QUARTER * 100) for rate in rates], dtype=np.int64),
        most_campaigns=campaigns.astype(np.int64),
        most_contractors=np.full(found.quarters, contractors, dtype=np.int64),
    )
    budget = None if limits.budget_gbp is None else int(limits.budget_gbp * 100)
    need = np.array([one.need for one in wanted], dtype=np.int64).reshape(count, found.quarters)
    return MixProblem(need, Movers(*table.T), hiring, budget)


def options_of(
    wanted: Shortfall, near: Sequence[Candidate], problem: MixProblem, cell: int, first: FinancialQuarter
) -> tuple[Option, ...]:
    """Each way by itself: how far it would go towards the largest need, from when, and what it would cost."""
    largest = max(wanted.need)
    found: list[Option] = []
    for way in (Way.REDEPLOY, Way.TRAIN):
        mine = sorted((one for one in near if one.way is way), key=lambda one: (one.cost_gbp, one.staff_id))
        chosen: list[Candidate] = []
        for one in mine:
            if sum(int(other.fte * 100) for other in chosen) < largest:
                chosen.append(one)
        fte = sum((one.fte for one in chosen), Decimal(0))
        cost = sum((one.cost_gbp for one in chosen), Decimal(0))
        ready = max((one.ready for one in chosen), default=None)
        words = (
            f"{len(mine)} within reach; {len(chosen)} of them would bring {fte} FTE."
            if mine
            else "Nobody is within reach."
        )
        found.append(Option(way, len(chosen), fte, ready, cost, words))
    hiring = problem.hiring
    lag, each = int(hiring.lag[cell]), int(hiring.yield_fte[cell])
    campaigns = -(-largest // each) if each else 0
    quarters = problem.need.shape[1]
    pay = int(hiring.pay[cell]) * max(quarters - lag, 0)
    cost = Decimal(campaigns * (int(hiring.campaign_cost[cell]) + pay)) / 100
    found.append(
        Option(
            Way.RECRUIT, campaigns, Decimal(campaigns * each) / 100, first + lag if campaigns else None, cost,
            f"{campaigns} campaigns, of which {Decimal(each) / 100:.0%} bring somebody ({lag} quarters later)."
            if campaigns else "Nobody is recruited in this scenario.",
        )
    )  # fmt: skip
    paid = sum(wanted.need) * int(hiring.contractor[cell]) // 100
    rate = Decimal(int(hiring.contractor[cell])) / 100 / WORKING_DAYS_A_QUARTER
    found.append(
        Option(
            Way.CONTRACTOR, -(-largest // 100), Decimal(largest) / 100, first, Decimal(paid) / 100,
            f"{Decimal(largest) / 100} FTE at £{rate:,.0f} a day.",
        )
    )  # fmt: skip
    return tuple(found)


def plan_of(
    wanted: Sequence[Shortfall],
    candidates: Sequence[Sequence[Candidate]],
    found: Forecast,
    problem: MixProblem,
    limits: ClosingLimits,
    progress: Progress | None,
) -> ClosingPlan:
    """The cheapest mix, in words and lines."""
    mix = cheapest_mix(problem, limits.seconds, progress)
    cards = tuple(
        ShortfallCard(
            one.department, one.role_family, one.role, one.role_level,
            tuple(Decimal(figure) / 100 for figure in one.need),
            options_of(one, near, problem, cell, found.first), tuple(near),
        )
        for cell, (one, near) in enumerate(zip(wanted, candidates, strict=True))
    )  # fmt: skip
    return ClosingPlan(
        scenario=found.scenario.name,
        first=found.first,
        quarters=found.quarters,
        cards=cards,
        lines=tuple(_lines(wanted, candidates, found, problem, mix)),
        short=tuple(tuple(Decimal(figure) / 100 for figure in row) for row in mix.short.tolist()),
        short_fte_quarters=Decimal(mix.short_total) / 100,
        short_bound=Decimal(round(mix.short_bound)) / 100,
        cost_gbp=Decimal(mix.cost) / 100,
        cost_bound_gbp=Decimal(round(mix.cost_bound)) / 100,
        is_proven=mix.is_proven,
        revision=found.revision,
    )


def _lines(
    wanted: Sequence[Shortfall],
    candidates: Sequence[Sequence[Candidate]],
    found: Forecast,
    problem: MixProblem,
    mix: Mix,
) -> list[MixLine]:
    lines: list[MixLine] = []
    entries = [
        (cell, one)
        for cell, near in enumerate(candidates)
        for one in near
        if int(one.ready) - int(found.first) < found.quarters
    ]
    hiring, quarters = problem.hiring, found.quarters
    for at in mix.chosen.tolist():
        cell, one = entries[at]
        what = (wanted[cell].department, wanted[cell].role, wanted[cell].role_level)
        lines.append(
            MixLine(*what, one.way, one.ready, 1, one.fte, one.cost_gbp, one.staff_id, one.name, one.courses)
        )
    for cell, one in enumerate(wanted):
        what = (one.department, one.role, one.role_level)
        for quarter in range(quarters):
            when = found.first + quarter
            campaigns, hired = int(mix.campaigns[cell, quarter]), int(mix.contractors[cell, quarter])
            if campaigns:
                counted = max(quarters - quarter - int(hiring.lag[cell]), 0)
                cost = campaigns * (int(hiring.campaign_cost[cell]) + int(hiring.pay[cell]) * counted)
                fte = Decimal(campaigns * int(hiring.yield_fte[cell])) / 100
                lines.append(MixLine(*what, Way.RECRUIT, when, campaigns, fte, Decimal(cost) / 100))
            if hired:
                cost = round(hired * int(hiring.contractor[cell]) / 100)
                lines.append(
                    MixLine(
                        *what,
                        Way.CONTRACTOR,
                        when,
                        -(-hired // 100),
                        Decimal(hired) / 100,
                        Decimal(cost) / 100,
                    )
                )
    lines.sort(
        key=lambda line: (line.department, line.role, line.role_level, line.quarter, line.way, line.staff_id)
    )
    return lines


def redeployed(cards: Sequence[ShortfallCard]) -> tuple[tuple[int, Candidate], ...]:
    """Surplus people matched to shortfalls over the whole pool: most places filled, then the fewest steps to learn.

    A place is a whole person. Gives the number of the shortfall with the person who would fill a place of it.
    """
    pairs = [
        (cell, one) for cell, card in enumerate(cards) for one in card.candidates if one.way is Way.REDEPLOY
    ]
    people: dict[int, int] = {}
    persons = [people.setdefault(one.person_id, len(people)) for _, one in pairs]
    room = np.array([-int(-card.largest // 1) for card in cards], dtype=np.int64)
    chosen = best_moves(
        Moves(
            np.array(persons, dtype=np.int64), np.array([cell for cell, _ in pairs], dtype=np.int64),
            np.array([one.steps for _, one in pairs], dtype=np.int64), len(people), room,
        )
    )  # fmt: skip
    return tuple(pairs[at] for at in chosen.tolist())
