"""Supply of people by cell (unit × role level × grade) and quarter: expected heads, their spread, and exact simulation.

PRODUCT, "The forecast, exactly". In a quarter leavers go first, ``Bin(n, leave)``; of those who stay some move up,
``Bin(n − leavers, promote)``, to the next level of their role in their unit; joiners arrive last, as many as the
*expected* vacancy of ``lag`` whole quarters earlier times the success rate (Poisson around that figure), but never more
than there are posts for by then: a vacancy of long standing is filled once. What is known of somebody by date is
certain: they stay until their last day and leave then; who takes another role on a day that is known (an apprentice who
finishes, somebody in training for it) stands in the old cell until then and in the new one from that quarter's end.

Everybody there at the start moves by themselves, and joiners do not depend on what happened, only on what was expected.
So the heads of a cell are a sum of independent moves, and mean and covariance have closed forms::

    mean(q)  = known(q) + Σ over starters i of n_i · p_i(q) + joiners carried on
    cov(q)   = diag(mean(q) − known(q)) − Σ over starters i of n_i · p_i(q) p_i(q)ᵀ

where ``p_i(q)`` says how likely a starter of cell i stands in each cell after q quarters (a joiner known by name is a
starter of a later quarter). Nobody moves out of the chain of levels of their role in their unit, so ``p_i`` has as many
entries as there are levels above.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from app.errors import UsageError

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

NO_NEXT = -1
"""The next cell of a cell from which nobody moves up."""


@dataclass(frozen=True, slots=True)
class KnownMoves:
    """People who change cell on a known day, [Q × C] each, so that they are no leavers and no joiners.

    ``out`` of ``known`` heads in a quarter; ``held`` arrive as ``known`` heads (another known day is to come) and
    ``free`` as part of ``starting``, so that from then on they move like everybody else. Who goes out and arrives
    nowhere loses the role, or goes where the forecast does not look.
    """

    out: Ints
    held: Ints
    free: Ints

    @classmethod
    def none(cls, quarters: int, cells: int) -> KnownMoves:
        """Nobody moves."""
        return cls(*(np.zeros((quarters, cells), dtype=np.int64) for _ in range(3)))


@dataclass(frozen=True, slots=True)
class SupplyProblem:
    """What supply depends on. C cells, Q quarters; quarter 0 is the start and has no moves.

    ``heads`` [C] are people without a known last day; ``known`` [Q + 1 × C] those with one, who are still there at the
    end of each quarter. ``leave``, ``promote`` and ``success`` [Q × C] are shares from 0 to 1 for each quarter (see
    :func:`quarterly`); ``next_cell`` [C] is where who moves up arrives (:data:`NO_NEXT`: nowhere). ``posts``
    [Q + 1 × C] are the heads there is a post for, NaN where no establishment is known and nobody is recruited;
    ``lag`` [C] whole quarters from a vacancy to a joiner, at least one; ``starting`` [Q × C] joiners already known and
    the ``free`` of ``moves``, who are no joiners.

    Raises :class:`app.errors.UsageError` where shapes, shares or the order of levels make no sense.
    """

    heads: Ints
    known: Ints
    leave: Floats
    promote: Floats
    next_cell: Ints
    posts: Floats
    lag: Ints
    success: Floats
    starting: Ints
    moves: KnownMoves

    def __post_init__(self) -> None:
        fault = _fault(self)
        if fault:
            raise UsageError(f"The forecast cannot be made: {fault}", "Correct the assumption it names.")

    @property
    def quarters(self) -> int:
        """How many quarters are looked ahead."""
        return len(self.leave)

    @property
    def cells(self) -> int:
        """How many cells there are."""
        return len(self.heads)


@dataclass(frozen=True, slots=True)
class Cohort:
    """People who are there from the end of one quarter on, and how likely each stands where later.

    ``cell`` [K] cells they begin in, ``heads`` [K] how many begin in each; ``place`` [K × D] the cells 0, 1, 2 …
    levels up (:data:`NO_NEXT` beyond the top); ``chance`` [Q + 1 × K × D], 0 before they are there.
    """

    cell: Ints
    heads: Ints
    place: Ints
    chance: Floats


@dataclass(frozen=True, slots=True)
class Supply:
    """Expected moves and what is needed for the spread of any sum of cells.

    ``mean`` [Q + 1 × C] heads at the end of each quarter, those with a known last day included; ``leavers``,
    ``promoted_out``, ``promoted_in``, ``joiners`` and ``ended`` [Q × C] expected moves in each quarter, ``moved``
    [Q × C] those who come by a known move less those who go by one, so that ``mean[q] = mean[q − 1] − leavers − ended −
    promoted_out + promoted_in + joiners + moved``. ``cohorts`` are the people there at the start and those who begin
    later, one for each quarter that has some.
    """

    problem: SupplyProblem
    mean: Floats
    leavers: Floats
    promoted_out: Floats
    promoted_in: Floats
    joiners: Floats
    ended: Floats
    moved: Floats
    cohorts: tuple[Cohort, ...]

    def variance(self, weight: Floats, group: Ints, groups: int) -> Floats:
        """The variance [Q + 1 × groups] of ``Σ weight · heads`` of every group.

        ``weight`` [C] may be the mean FTE of each cell; ``group`` [C] numbers the group of each cell, -1: in none.
        """
        is_in = group >= 0
        amount = (weight * weight * (self.mean - self.problem.known))[:, is_in]
        found = _grouped(amount, group[is_in], groups)
        for cohort in self.cohorts:
            for low in range(cohort.place.shape[1]):
                for high in range(low, cohort.place.shape[1]):
                    found -= _together(cohort, (low, high), weight, group, groups)
        return np.maximum(found, 0.0)

    def total(self, weight: Floats, group: Ints, groups: int) -> Floats:
        """The expected ``Σ weight · heads`` [Q + 1 × groups] of every group."""
        is_in = group >= 0
        return _grouped((weight * self.mean)[:, is_in], group[is_in], groups)


@dataclass(frozen=True, slots=True)
class SimulatedSupply:
    """Exact runs: ``totals`` [runs × Q + 1 × groups] of ``Σ weight · heads``, and what moved in all runs together.

    ``moved`` [Q × 5] counts leavers, promotions, joiners, known ends and known moves (in less out) over all cells and
    runs: heads at the end are heads at the start less leavers and ends, plus joiners and known moves.
    """

    totals: Floats
    moved: Ints


def quarterly(yearly: Floats) -> Floats:
    """Quarterly hazards of yearly rates: ``1 − (1 − y) ** ¼`` (PRODUCT, "The forecast, exactly")."""
    return 1.0 - np.power(1.0 - np.asarray(yearly, dtype=np.float64), 0.25)


def forecast_supply(problem: SupplyProblem) -> Supply:
    """Expected heads and moves of every cell and quarter, in closed form."""
    quarters, cells = problem.quarters, problem.cells
    shape = (quarters, cells)
    mean = np.zeros((quarters + 1, cells))
    mean[0] = problem.heads + problem.known[0]
    leavers, out, came, joined, ended = (np.zeros(shape) for _ in range(5))
    has_next = problem.next_cell >= 0
    target = problem.next_cell[has_next]
    moving = problem.heads.astype(np.float64)
    for quarter in range(quarters):
        leavers[quarter] = moving * problem.leave[quarter]
        staying = moving - leavers[quarter]
        out[quarter] = np.where(has_next, staying * problem.promote[quarter], 0.0)
        came[quarter] = np.bincount(target, out[quarter][has_next], minlength=cells)
        moving = staying - out[quarter] + came[quarter] + problem.starting[quarter]
        hired = recruited(problem, mean, moving, quarter)
        joined[quarter] = problem.starting[quarter] - problem.moves.free[quarter] + hired
        ended[quarter] = _ended(problem, quarter)
        moving = moving + hired
        mean[quarter + 1] = moving + problem.known[quarter + 1]
    moved = (problem.moves.held + problem.moves.free - problem.moves.out).astype(np.float64)
    return Supply(problem, mean, leavers, out, came, joined, ended, moved, _cohorts(problem))


def _ended(problem: SupplyProblem, quarter: int) -> Ints:
    """People [C] whose known last day is in the quarter: who is known no more and did not move."""
    gone = problem.known[quarter] - problem.known[quarter + 1]
    return gone - problem.moves.out[quarter] + problem.moves.held[quarter]


def recruited(problem: SupplyProblem, mean: Floats, moving: Floats, quarter: int) -> Floats:
    """Expected joiners [C] of a quarter (from 0): success × the vacancy expected ``lag`` quarters earlier.

    The vacancy is that at the end of the quarter ``lag`` before this one's end. Before the start nothing is known of
    vacancies: who was recruited for them stands in ``starting``. ``moving`` [C] are the others who are there by then.
    """
    row = quarter + 1 - problem.lag
    cell = np.flatnonzero((row >= 0) & (row <= quarter))
    vacancy = np.maximum(problem.posts[row[cell], cell] - mean[row[cell], cell], 0.0)
    joined = np.zeros(problem.cells)
    open_now = np.maximum(problem.posts[quarter + 1] - problem.known[quarter + 1] - moving, 0.0)[cell]
    joined[cell] = np.minimum(
        problem.success[quarter, cell] * np.nan_to_num(vacancy), np.nan_to_num(open_now)
    )
    return joined


def simulate_supply(
    problem: SupplyProblem, weight: Floats, group: Ints, groups: int, runs: int, seed: int
) -> SimulatedSupply:
    """Play the quarters ``runs`` times with whole people; the same seed gives the same runs.

    Joiners known by name arrive in every run; recruited ones are drawn around what is expected.
    """
    expected = forecast_supply(problem)
    rng = np.random.default_rng(seed)
    heads = np.repeat(problem.heads[:, None], runs, axis=1)  # cells × runs: a cell's runs lie side by side
    sums = np.zeros((groups, problem.cells))
    sums[group[group >= 0], np.flatnonzero(group >= 0)] = weight[group >= 0]
    certain = problem.known @ sums.T
    totals = np.zeros((runs, problem.quarters + 1, groups))
    totals[:, 0] = (sums @ heads.astype(np.float64)).T + certain[0]
    moved = np.zeros((problem.quarters, 5), dtype=np.int64)
    net = (problem.moves.held + problem.moves.free - problem.moves.out).sum(axis=1)
    ladder = np.flatnonzero(problem.next_cell >= 0)
    climbs = _in_turns(problem.next_cell[ladder])
    for quarter in range(problem.quarters):
        gone = rng.binomial(heads, problem.leave[quarter][:, None])
        heads -= gone
        up = rng.binomial(heads[ladder], problem.promote[quarter, ladder][:, None])
        heads[ladder] -= up
        for turn in climbs:
            heads[problem.next_cell[ladder[turn]]] += up[turn]
        known = problem.starting[quarter] - problem.moves.free[quarter]
        hoped = expected.joiners[quarter] - known
        open_cells = np.flatnonzero(hoped > 0)
        came = _poisson(rng, hoped[open_cells], runs)
        heads[open_cells] += came
        heads += problem.starting[quarter][:, None]
        named, ends = runs * int(known.sum()), runs * int(_ended(problem, quarter).sum())
        moved[quarter] = (
            int(gone.sum()),
            int(up.sum()),
            int(came.sum()) + named,
            ends,
            runs * int(net[quarter]),
        )
        totals[:, quarter + 1] = (sums @ heads.astype(np.float64)).T + certain[quarter + 1]
    return SimulatedSupply(totals, moved)


def _poisson(rng: np.random.Generator, expected: Floats, runs: int) -> Ints:
    """Poisson draws [N × runs] around figures [N], by looking up the distribution of each.

    One figure serves all runs, so its distribution is worked out once: four times as fast as drawing each by itself.
    """
    found = np.zeros((len(expected), runs), dtype=np.int64)
    for row, figure in enumerate(expected.tolist()):
        last = int(figure + 10.0 * figure**0.5 + 30.0)
        counts = np.arange(1, last + 1, dtype=np.float64)
        chances = np.exp(np.concatenate([[0.0], np.cumsum(np.log(figure / counts))]) - figure)
        found[row] = np.searchsorted(np.cumsum(chances), rng.random(runs), side="right")
    return found


def _in_turns(targets: Ints) -> list[Ints]:
    """Places of ``targets`` in turns, in each of which no target occurs twice."""
    order = np.argsort(targets, kind="stable")
    ranks = np.arange(len(targets)) - np.searchsorted(targets[order], targets[order])
    return [order[ranks == rank] for rank in range(int(ranks.max(initial=-1)) + 1)]


def _grouped(amount: Floats, group: Ints, groups: int) -> Floats:
    """Row by row the sums [Q + 1 × groups] of amounts [Q + 1 × N] by group [N]."""
    rows = len(amount)
    codes = (np.arange(rows)[:, None] * groups + group[None, :]).ravel()
    return (
        np.bincount(codes, amount.ravel(), minlength=rows * groups).reshape(rows, groups).astype(np.float64)
    )


def _together(cohort: Cohort, rungs: tuple[int, int], weight: Floats, group: Ints, groups: int) -> Floats:
    """What ``Σ n · p pᵀ`` takes off the variance of every group for two rungs of the ladders of a cohort."""
    one, other = cohort.place[:, rungs[0]], cohort.place[:, rungs[1]]
    both = (one >= 0) & (other >= 0) & (group[one] == group[other]) & (group[one] >= 0)
    twice = 1.0 if rungs[0] == rungs[1] else 2.0
    factor = (cohort.heads * weight[one] * weight[other])[both] * twice
    product = cohort.chance[:, both, rungs[0]] * cohort.chance[:, both, rungs[1]]
    return _grouped(factor * product, group[one][both], groups)


def _cohorts(problem: SupplyProblem) -> tuple[Cohort, ...]:
    """Everybody known by name, by the quarter at whose end they are there first."""
    ladder = _ladder(problem.next_cell)
    entries = [problem.heads, *problem.starting]
    return tuple(
        _cohort(problem, ladder, quarter, heads) for quarter, heads in enumerate(entries) if heads.any()
    )


def _cohort(problem: SupplyProblem, ladder: Ints, first: int, heads: Ints) -> Cohort:
    cell = np.flatnonzero(heads)
    place = ladder[cell]
    chance = np.zeros((problem.quarters + 1, *place.shape))
    chance[first, :, 0] = 1.0
    is_there = place >= 0
    for quarter in range(first, problem.quarters):
        stays = 1.0 - problem.leave[quarter]
        climbs = np.where(problem.next_cell >= 0, problem.promote[quarter], 0.0)
        keep = np.where(is_there, (stays * (1.0 - climbs))[place], 0.0)
        rise = np.where(is_there, (stays * climbs)[place], 0.0)
        before = chance[quarter]
        chance[quarter + 1] = before * keep
        chance[quarter + 1, :, 1:] += before[:, :-1] * rise[:, :-1]
    return Cohort(cell, heads[cell], place, chance)


def _ladder(next_cell: Ints) -> Ints:
    """[C × D]: the cell 0, 1, 2 … levels up from each cell, :data:`NO_NEXT` beyond the top."""
    rungs = [np.arange(len(next_cell), dtype=np.int64)]
    while (rungs[-1] >= 0).any():
        here = rungs[-1]
        rungs.append(np.where(here >= 0, next_cell[here], NO_NEXT))
    return np.stack(rungs[:-1], axis=1) if len(rungs) > 1 else np.zeros((0, 1), dtype=np.int64)


def _fault(problem: SupplyProblem) -> str:
    return _shape_fault(problem) or _figure_fault(problem) or _order_fault(problem.next_cell)


def _shape_fault(problem: SupplyProblem) -> str:
    quarters, cells = len(problem.leave), len(problem.heads)
    shapes: tuple[tuple[str, tuple[int, ...], tuple[int, ...]], ...] = (
        ("leaving", problem.leave.shape, (quarters, cells)),
        ("promotion", problem.promote.shape, (quarters, cells)),
        ("recruitment success", problem.success.shape, (quarters, cells)),
        ("known joiners", problem.starting.shape, (quarters, cells)),
        ("known last days", problem.known.shape, (quarters + 1, cells)),
        ("posts", problem.posts.shape, (quarters + 1, cells)),
        *(("known moves", part.shape, (quarters, cells)) for part in _parts(problem.moves)),
    )
    wrong = [
        f"the figures of {name} have shape {shape}, not {wanted}."
        for name, shape, wanted in shapes
        if shape != wanted
    ]
    return wrong[0] if wrong else ""


def _parts(moves: KnownMoves) -> tuple[Ints, Ints, Ints]:
    return moves.out, moves.held, moves.free


def _figure_fault(problem: SupplyProblem) -> str:
    rates = (
        ("leaving", problem.leave),
        ("promotion", problem.promote),
        ("recruitment success", problem.success),
    )
    checks = [(not bool(((rate >= 0) & (rate <= 1)).all()), f"a rate of {name} is not between 0 and 1.")
              for name, rate in rates]  # fmt: skip
    people = (problem.heads, problem.known, problem.starting, *_parts(problem.moves))
    ended = np.diff(problem.known, axis=0) + problem.moves.out - problem.moves.held
    checks += [
        (any(bool((column < 0).any()) for column in people), "there are fewer than 0 people somewhere."),
        (bool((problem.posts < 0).any()), "there are fewer than 0 posts somewhere."),
        (bool((ended > 0).any()), "somebody whose last day is known comes back."),
        (bool((problem.moves.free > problem.starting).any()), "somebody moves and does not arrive."),
        (bool((problem.lag < 1).any()), "recruitment takes less than one quarter somewhere."),
    ]
    return next((sentence for is_wrong, sentence in checks if is_wrong), "")


def _order_fault(next_cell: Ints) -> str:
    cells = len(next_cell)
    if ((next_cell < NO_NEXT) | (next_cell >= cells)).any():
        return "a next level is not there."
    here = np.arange(cells, dtype=np.int64)
    for _ in range(cells):
        here = np.where(here >= 0, next_cell[here], NO_NEXT)
        if (here < 0).all():
            return ""
    return "the levels of a role lead in a ring." if cells else ""
