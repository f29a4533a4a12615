"""Closing shortfalls: what it takes in each way, and the cheapest mix by date.

A shortfall is a role level in a department. Whoever is not short themselves may move to it: people of cells that have
more heads than posts are *redeployed*, others *trained*; what they lack is learnt by the cheapest courses.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal
from math import ceil

import numpy as np

from app.analysis.redeployment import Moves, best_moves
from app.analysis.shortfall_mix import (
    NO_LIMIT,
    Hiring,
    Mix,
    MixProblem,
    Movers,
    cheapest_mix,
    contractor_pence,
)
from app.progress import Progress
from app.services.population import Population
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
from app.services.workforce.nearest import Home, Shortfall, freed_places, level_ids, spare_places
from app.services.workforce.records import Forecast
from app.terms import FinancialQuarter, name_key

MOST_SHORTFALLS = 200
"""So many shortfalls, largest first, are looked at together."""


def shortfalls_of(found: Forecast, population: Population) -> tuple[Shortfall, ...]:
    """The shortfalls of a forecast by department and role level, largest first."""
    need: dict[tuple[str, str, str, str], np.ndarray] = defaultdict(lambda: np.zeros(found.quarters))
    for at, cell in enumerate(found.cells):
        if found.shortfall[:, at].any():
            key = (cell.unit.split(PATH_MARK)[0], cell.role_family, cell.role, cell.role_level)
            need[key] += found.shortfall[:, at]
    ids = level_ids(population)
    made = [
        Shortfall(*key, tuple(np.rint(figures * 100).astype(int).tolist()),
                  tuple(ids.get((name_key(key[2]), name_key(key[3])), ())))
        for key, figures in need.items()
    ]  # fmt: skip
    made = [one for one in made if any(one.need)]
    made.sort(key=lambda one: (-max(one.need), one.department, one.role, one.role_level))
    return tuple(made)


def mix_problem(
    wanted: Sequence[Shortfall],
    candidates: Sequence[Sequence[Candidate]],
    found: Forecast,
    limits: ClosingLimits,
    day_rates: Mapping[str, Decimal],
) -> MixProblem:
    """Shortfalls and options as whole numbers; ``day_rates`` by key of a role level stand before the general one."""
    people: dict[int, int] = {}
    rows: list[tuple[int, int, int, int, int, int]] = []
    homes: dict[tuple[Home, FinancialQuarter | None], int] = {}
    for cell, near in enumerate(candidates):
        for one in near:
            ready = int(one.ready) - int(found.first)
            if ready < found.quarters:
                person = people.setdefault(one.person_id, len(people))
                home = homes.setdefault(_leaves(one, found.first), len(homes))
                rows.append((person, cell, ready, int(one.fte * 100), int(one.cost_gbp * 100), home))
    table = np.array(rows, dtype=np.int64).reshape(len(rows), 6)
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
    spare = np.array(_spares(found, list(homes)), dtype=np.int64)
    return MixProblem(need, Movers(*table.T[:5], home=table[:, 5], spare=spare), hiring, budget)


def _leaves(one: Candidate, first: FinancialQuarter) -> tuple[Home, FinancialQuarter | None]:
    """What somebody leaves, with the quarter from which it is not needed where that is yet to come."""
    home = one.unit, name_key(one.role), name_key(one.role_level)
    if one.is_ending:
        return ("", "", ""), None  # the role is over, whoever goes
    later = one.free_from if one.free_from is not None and one.free_from > first else None
    return home, later


def _spares(found: Forecast, homes: Sequence[tuple[Home, FinancialQuarter | None]]) -> list[int]:
    """Hundredths of FTE that each home can give away: always, or more from the end of a programme on.

    What a programme sets free is counted apart from what was spare before, so that both may go.
    """
    spares, freed = spare_places(found), freed_places(found)
    most: list[int] = []
    for home, later in homes:
        if home not in spares:
            most.append(NO_LIMIT)
        elif later is None:
            most.append(int(spares[home][0]))
        else:
            most.append(freed[home].get(int(later) - int(found.first), 0))
    return most


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
        later = sum(one.free_from is not None and one.free_from > first for one in mine)
        if later:
            words += (
                f" {later} {'is' if later == 1 else 'are'} free later, when a programme or their role ends."
            )
        found.append(Option(way, len(chosen), fte, ready, cost, words))
    hiring = problem.hiring
    lag, each = int(hiring.lag[cell]), int(hiring.yield_fte[cell])
    campaigns = -(-largest // each) if each else 0
    later = f"{lag} quarter{'' if lag == 1 else 's'}"
    quarters = problem.need.shape[1]
    pay = int(hiring.pay[cell]) * max(quarters - lag, 0)
    cost = Decimal(campaigns * (int(hiring.campaign_cost[cell]) + pay)) / 100
    found.append(
        Option(
            Way.RECRUIT, campaigns, Decimal(campaigns * each) / 100, first + lag if campaigns else None, cost,
            f"{campaigns} campaigns, of which {Decimal(each) / 100:.0%} bring somebody ({later} later)."
            if campaigns else "Nobody is recruited in this scenario.",
        )
    )  # fmt: skip
    paid = sum(contractor_pence(part, int(hiring.contractor[cell])) for part in wanted.need)
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
                cost = contractor_pence(hired, int(hiring.contractor[cell]))
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
    room = np.array([ceil(card.largest) for card in cards], dtype=np.int64)
    chosen = best_moves(
        Moves(
            np.array(persons, dtype=np.int64), np.array([cell for cell, _ in pairs], dtype=np.int64),
            np.array([one.steps for _, one in pairs], dtype=np.int64), len(people), room,
        )
    )  # fmt: skip
    return tuple(pairs[at] for at in chosen.tolist())
