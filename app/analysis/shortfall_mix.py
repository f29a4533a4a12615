"""The cheapest mix that closes shortfalls by their dates: train, redeploy, recruit, or hire contractors.

K shortfalls (a role level in a unit) over Q quarters. First the least FTE-quarters stay short, then the least money is
spent. People are whole, so are the campaigns of recruitment; contractors come in hundredths of an FTE. Solved by HiGHS
from arrays; both wishes carry a proven bound. What comes out is whole hundredths of FTE and whole pence: contractors
are cut to the hundredth, so where the budget ends in the middle of one, up to a hundredth more stays short.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from app.analysis.milp import INFINITE, Milp, MilpLimits, MilpStatus, SolverError, solve_milp
from app.errors import UsageError
from app.progress import Progress

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

NO_LIMIT = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Movers:
    """People who could fill a shortfall, one entry per person and shortfall.

    ``ready`` is the first quarter in which they count, ``fte`` hundredths, ``cost`` pence in all. ``person`` numbers
    people: nobody fills two. Where ``home`` numbers what they leave, ``spare`` [homes] says how many hundredths of FTE
    each can give away.
    """

    person: Ints
    cell: Ints
    ready: Ints
    fte: Ints
    cost: Ints
    home: Ints | None = None
    spare: Ints | None = None


@dataclass(frozen=True, slots=True)
class Hiring:
    """Recruitment and contractors by shortfall [K] (pence, hundredths of FTE, quarters).

    A campaign started in quarter q brings ``yield_fte`` (what it brings in expectation) from quarter q + ``lag`` on and
    costs ``campaign_cost`` once and ``pay`` for each of those quarters. ``most_campaigns`` [Q] is over all shortfalls.
    A contractor's FTE costs ``contractor`` a quarter; ``most_contractors`` [Q] hundredths over all shortfalls.
    """

    lag: Ints
    yield_fte: Ints
    campaign_cost: Ints
    pay: Ints
    contractor: Ints
    most_campaigns: Ints
    most_contractors: Ints


@dataclass(frozen=True, slots=True)
class MixProblem:
    """``need`` [K × Q] hundredths of FTE missing; ``budget`` pence for everything, None: no limit."""

    need: Ints
    movers: Movers
    hiring: Hiring
    budget: int | None = None

    def __post_init__(self) -> None:
        if (self.need < 0).any():
            raise UsageError("A shortfall is below 0.", "Give what is missing.")
        if self.budget is not None and self.budget < 0:
            raise UsageError("A budget cannot be below £0.", "Give the money that may be spent.")


@dataclass(frozen=True, slots=True)
class Mix:
    """What to do. ``chosen`` are entries of the movers; ``campaigns`` [K × Q]; ``contractors`` and ``short`` [K × Q]
    hundredths of FTE; ``cost`` pence. ``short_bound`` and ``cost_bound`` are proven: no mix leaves less short, and none
    that leaves as little costs less.
    """

    chosen: Ints
    campaigns: Ints
    contractors: Ints
    short: Ints
    short_total: int
    short_bound: float
    cost: int
    cost_bound: float
    is_proven: bool


def cheapest_mix(problem: MixProblem, seconds: float | None = 20.0, progress: Progress | None = None) -> Mix:
    """The mix that leaves least short, then costs least; stopped by time it says so in ``is_proven``.

    Raises :class:`SolverError` where HiGHS fails; there is always a mix (leave everything short).
    """
    layout = _Layout.of(problem)
    model = _model(problem, layout)
    limits = MilpLimits(seconds=None if seconds is None else seconds / 2)
    first = solve_milp(model, limits, progress=progress)
    if first.values is None:
        raise SolverError("No mix was found in the time given.")
    short = first.objective
    capped = _with_row(model, layout.short, 1.0, short + 1e-5)
    costly = replace(capped, cost=_money(problem, layout))
    second = solve_milp(costly, limits, start=first.values, progress=progress)
    values = first.values if second.values is None else second.values
    proven = first.status is MilpStatus.OPTIMAL and second.status is MilpStatus.OPTIMAL
    return _whole(problem, layout, values, (first.bound, second.bound), is_proven=proven)


def _whole(
    problem: MixProblem, layout: _Layout, values: Floats, bounds: tuple[float, float], *, is_proven: bool
) -> Mix:
    """The point of the solver in whole people, campaigns, hundredths and pence."""
    shape = problem.need.shape
    chosen = np.flatnonzero(values[layout.movers] > 0.5)
    campaigns = np.rint(values[layout.campaigns]).astype(np.int64).reshape(shape)
    others = covered(problem, chosen, campaigns)
    hired = np.floor(values[layout.contractors] + 1e-3).astype(np.int64).reshape(shape)
    hired = np.clip(hired, 0, np.maximum(problem.need - others, 0))
    short = np.maximum(problem.need - others - hired, 0)
    cost = _pence(problem, chosen, campaigns, hired)
    total = int(short.sum())
    return Mix(
        chosen, campaigns, hired, short, total, max(min(bounds[0], float(total)), 0.0), cost,
        max(min(bounds[1], float(cost)), 0.0), is_proven,
    )  # fmt: skip


def contractor_pence(hundredths: int, a_quarter: int) -> int:
    """Whole pence of so many hundredths of an FTE for a quarter; parts of a penny are not paid."""
    return hundredths * a_quarter // 100


def _pence(problem: MixProblem, chosen: Ints, campaigns: Ints, hired: Ints) -> int:
    """What everything costs, each decision in whole pence, so that its lines add up to it."""
    hiring, quarters = problem.hiring, problem.need.shape[1]
    counted = np.maximum(quarters - (np.arange(quarters)[None, :] + hiring.lag[:, None]), 0)
    begun = campaigns * (hiring.campaign_cost[:, None] + hiring.pay[:, None] * counted)
    paid = hired * hiring.contractor[:, None] // 100
    return int(problem.movers.cost[chosen].sum() + begun.sum() + paid.sum())


def covered(problem: MixProblem, chosen: Ints, campaigns: Ints) -> Ints:
    """Hundredths of FTE [K × Q] that the chosen people and campaigns bring."""
    found: Ints = np.zeros(problem.need.shape, dtype=np.int64)
    quarters = problem.need.shape[1]
    for one in chosen.tolist():
        found[problem.movers.cell[one], problem.movers.ready[one] :] += problem.movers.fte[one]
    for cell, lag in enumerate(problem.hiring.lag.tolist()):
        begun = np.cumsum(campaigns[cell])[: max(quarters - lag, 0)] * problem.hiring.yield_fte[cell]
        found[cell, quarters - len(begun) :] += begun
    return found


@dataclass(frozen=True, slots=True)
class _Layout:
    """Which columns are what: movers, campaigns, contractors, what stays short."""

    movers: slice
    campaigns: slice
    contractors: slice
    short: slice
    size: int

    @classmethod
    def of(cls, problem: MixProblem) -> _Layout:
        count, cells = len(problem.movers.person), problem.need.size
        edges = (0, count, count + cells, count + 2 * cells, count + 3 * cells)
        parts = [slice(low, high) for low, high in pairwise(edges)]
        return cls(parts[0], parts[1], parts[2], parts[3], edges[-1])


def _money(problem: MixProblem, layout: _Layout) -> Floats:
    """Pence of one unit of every column."""
    cells, quarters = problem.need.shape
    hiring = problem.hiring
    counted = np.maximum(quarters - (np.arange(quarters)[None, :] + hiring.lag[:, None]), 0)
    campaign = hiring.campaign_cost[:, None] + hiring.pay[:, None] * counted
    cost = np.zeros(layout.size)
    cost[layout.movers] = problem.movers.cost
    cost[layout.campaigns] = campaign.ravel()
    cost[layout.contractors] = np.repeat(hiring.contractor / 100.0, quarters)
    assert len(cost[layout.campaigns]) == cells * quarters
    return cost


def _model(problem: MixProblem, layout: _Layout) -> Milp:
    """The least FTE-quarters short, within every limit."""
    cells, quarters = problem.need.shape
    rows = _Rows(layout.size)
    at = np.arange(cells * quarters).reshape(cells, quarters)
    for cell in range(cells):
        mine = np.flatnonzero(problem.movers.cell == cell)
        for quarter in range(quarters):
            there = mine[problem.movers.ready[mine] <= quarter]
            begun = at[cell, : max(quarter - int(problem.hiring.lag[cell]) + 1, 0)]
            columns = [
                layout.movers.start + there, layout.campaigns.start + begun,
                np.array([layout.contractors.start + at[cell, quarter], layout.short.start + at[cell, quarter]]),
            ]  # fmt: skip
            values: list[Floats] = [
                problem.movers.fte[there].astype(np.float64),
                np.full(len(begun), float(problem.hiring.yield_fte[cell])),
                np.ones(2),
            ]
            need = float(problem.need[cell, quarter])
            rows.add(np.concatenate(columns), np.concatenate(values), need, INFINITE)
    for person in np.unique(problem.movers.person):
        own = np.flatnonzero(problem.movers.person == person)
        rows.add(layout.movers.start + own, np.ones(len(own)), -INFINITE, 1.0)
    _add_homes(rows, problem.movers, layout)
    for quarter in range(quarters):
        for part, most in (
            (layout.campaigns, problem.hiring.most_campaigns),
            (layout.contractors, problem.hiring.most_contractors),
        ):
            if most[quarter] < NO_LIMIT:
                rows.add(part.start + at[:, quarter], np.ones(cells), -INFINITE, float(most[quarter]))
    if problem.budget is not None:
        cost = _money(problem, layout)
        paid = np.flatnonzero(cost)
        rows.add(paid, cost[paid] / 100.0, -INFINITE, problem.budget / 100.0)
    return rows.model(layout, problem)


def _add_homes(rows: _Rows, movers: Movers, layout: _Layout) -> None:
    """Nobody's place is left empty where somebody is needed in it."""
    if movers.home is None or movers.spare is None:
        return
    for home, spare in enumerate(movers.spare.tolist()):
        own = np.flatnonzero(movers.home == home)
        if spare < NO_LIMIT and len(own):
            rows.add(layout.movers.start + own, movers.fte[own].astype(np.float64), -INFINITE, float(spare))


class _Rows:
    """Rows of a programme, put down one by one."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._columns: list[Ints] = []
        self._values: list[Floats] = []
        self._limits: list[tuple[float, float]] = []

    def add(self, columns: Ints, values: Floats, low: float, high: float) -> None:
        """``low ≤ Σ values · columns ≤ high``."""
        self._columns.append(columns.astype(np.int64))
        self._values.append(values.astype(np.float64))
        self._limits.append((low, high))

    def model(self, layout: _Layout, problem: MixProblem) -> Milp:
        """The programme that leaves least short."""
        cost = np.zeros(self._size)
        cost[layout.short] = 1.0
        upper = np.full(self._size, INFINITE)
        upper[layout.movers] = 1.0
        upper[layout.campaigns] = _most_campaigns(problem)
        upper[layout.contractors] = problem.need.ravel()
        integer = np.zeros(self._size, dtype=np.bool_)
        integer[: layout.contractors.start] = True
        lengths = [len(columns) for columns in self._columns]
        nothing = np.zeros(0)
        return Milp(
            cost, np.zeros(self._size), upper, integer,
            np.array([low for low, _ in self._limits]), np.array([high for _, high in self._limits]),
            np.cumsum([0, *lengths]).astype(np.int64),
            np.concatenate([*self._columns, nothing]).astype(np.int64), np.concatenate([*self._values, nothing]),
            maximise=False,
        )  # fmt: skip


def _most_campaigns(problem: MixProblem) -> Floats:
    """No more campaigns in a quarter than would fill the largest need alone; none that end too late."""
    _, quarters = problem.need.shape
    hiring = problem.hiring
    largest = problem.need.max(axis=1, initial=0)
    most = np.where(hiring.yield_fte > 0, -(-largest // np.maximum(hiring.yield_fte, 1)), 0)
    in_time = np.arange(quarters)[None, :] + hiring.lag[:, None] < quarters
    return np.where(in_time, most[:, None], 0).astype(np.float64).ravel()


def _with_row(model: Milp, part: slice, value: float, most: float) -> Milp:
    """The same programme with one more row over a part of its columns."""
    columns = np.arange(part.start, part.stop, dtype=np.int64)
    return replace(
        model,
        row_lower=np.append(model.row_lower, -INFINITE),
        row_upper=np.append(model.row_upper, most),
        row_start=np.append(model.row_start, model.row_start[-1] + len(columns)),
        column=np.concatenate([model.column, columns]),
        value=np.concatenate([model.value, np.full(len(columns), value)]),
    )
