"""Linear and integer programmes from arrays: the only file that knows HiGHS.

Arrays in, status, values and bound out. One thread and a fixed seed, so that equal input gives an equal
answer unless a time limit cuts in.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from app.progress import Progress, silent

if TYPE_CHECKING:
    import highspy

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

INFINITE = float("inf")


class SolverError(RuntimeError):
    """HiGHS refused a model or ended in a state that should not occur: a fault of the program."""


class MilpStatus(StrEnum):
    """How a run ended."""

    OPTIMAL = "optimal"
    STOPPED = "stopped"
    INFEASIBLE = "infeasible"


@dataclass(frozen=True, slots=True)
class Milp:
    """One programme over ``n`` columns and ``m`` rows, the matrix by rows (CSR).

    ``cost``, ``lower``, ``upper`` and ``integer`` have ``n`` entries; ``row_lower`` and ``row_upper`` ``m``;
    ``row_start`` ``m + 1``; ``column`` and ``value`` one per non-zero, each column at most once in a row.
    """

    cost: Floats
    lower: Floats
    upper: Floats
    integer: Bools
    row_lower: Floats
    row_upper: Floats
    row_start: Ints
    column: Ints
    value: Floats
    maximise: bool = True


@dataclass(frozen=True, slots=True)
class MilpLimits:
    """When a run may end: seconds (``None``: no limit), relative and absolute gap, nodes (``None``: no limit).

    ``presolve`` off: for programmes of few rows per column, whose clearing takes longer than solving them.
    ``search`` off: no look for good points at the root, for programmes whose relaxation is nearly whole.
    """

    seconds: float | None = None
    relative_gap: float = 0.0
    absolute_gap: float = 1e-6
    seed: int = 0
    presolve: bool = True
    nodes: int | None = None
    search: bool = True


@dataclass(frozen=True, slots=True)
class MilpResult:
    """What came out. ``values`` is ``None`` where no feasible point was found.

    ``bound`` is the proven limit of the objective (infinite where nothing was proven). ``row_prices`` are the
    dual values of a programme without integers, else ``None``.
    """

    status: MilpStatus
    values: Floats | None
    objective: float
    bound: float
    row_prices: Floats | None = None
    basis: Basis | None = None


@dataclass(frozen=True, slots=True)
class Basis:
    """Where a programme without integers ended: HiGHS' status per column and per row, to begin the next one from."""

    columns: Ints
    rows: Ints


NONBASIC, BASIC = 0, 1
"""Status of a column at its lower limit, and of one (or a row) in the basis."""


def solve_milp(
    model: Milp,
    limits: MilpLimits | None = None,
    *,
    start: Floats | None = None,
    progress: Progress | None = None,
    on_news: Callable[[float, float], None] | None = None,
    basis: Basis | None = None,
) -> MilpResult:
    """Solve ``model``; ``start`` is a feasible point to begin from, or its first columns.

    ``basis``: where a programme without integers begins; as many basic entries as rows, else it is left aside.

    A cancelled ``progress`` ends the run with the best point so far (status stopped); the caller decides
    whether that is kept. ``on_news`` hears (objective so far, bound) from time to time.
    Raises :class:`SolverError`.
    """
    if len(model.cost) == 0:
        fits = bool(((model.row_lower <= 0) & (model.row_upper >= 0)).all())
        return _empty(fits)
    limits = limits or MilpLimits()
    solver = _solver(model, limits)
    if start is not None and model.integer.any():
        _give_start(solver, start)
    if basis is not None:
        _give_basis(solver, basis)
    _listen(solver, progress or silent(), on_news)
    if solver.run().name == "kError":
        # HiGHS keeps one pool of threads for the whole process and refuses another number of them: somebody else
        # in this process used it first
        solver.resetGlobalScheduler(True)
        if solver.run().name == "kError":
            raise SolverError("HiGHS could not run the model.")
    found = _outcome(solver, model)
    if start is not None and _is_another_point(model, found):
        # HiGHS 1.16, seen where presolve settles everything: the objective is right, the point is still the start
        return solve_milp(model, limits, progress=progress, on_news=on_news)
    return found


def _is_another_point(model: Milp, found: MilpResult) -> bool:
    """Whether the values do not give the objective reported with them."""
    if found.values is None:
        return False
    value = float(model.cost @ found.values)
    return abs(value - found.objective) > 1e-6 * max(1.0, abs(value), abs(found.objective))


def _empty(fits: bool) -> MilpResult:
    """A programme without columns, which HiGHS answers without a point."""
    if fits:
        return MilpResult(MilpStatus.OPTIMAL, np.zeros(0), 0.0, 0.0)
    return MilpResult(MilpStatus.INFEASIBLE, None, 0.0, 0.0)


_SEARCHES = (
    "mip_detect_symmetry",
    "mip_heuristic_run_feasibility_jump",
    "mip_heuristic_run_rens",
    "mip_heuristic_run_rins",
    "mip_heuristic_run_root_reduced_cost",
)


def _solver(model: Milp, limits: MilpLimits) -> highspy.Highs:
    solver = _quiet_solver()
    options: dict[str, Any] = {
        "threads": 1,
        "random_seed": limits.seed,
        "mip_rel_gap": limits.relative_gap,
        "mip_abs_gap": limits.absolute_gap,
        "mip_feasibility_tolerance": 1e-7,
    }
    if not limits.presolve:
        options["presolve"] = "off"
    if not limits.search:
        options |= dict.fromkeys(_SEARCHES, False)
    if limits.nodes is not None:
        options["mip_max_nodes"] = limits.nodes
    if limits.seconds is not None:
        options["time_limit"] = max(limits.seconds, 0.01)
    for name, value in options.items():
        solver.setOptionValue(name, value)
    if solver.passModel(as_highs(model)).name == "kError":
        raise SolverError("HiGHS refused the model.")
    return solver


def _quiet_solver() -> highspy.Highs:
    import highspy  # late: 60 ms that no page without a plan should pay

    class Quiet(highspy.Highs):
        """HiGHS 1.16 prints a banner on standard output once its callbacks are on, as in ``__init__``."""

        is_quiet = False

        def enableCallbacks(self) -> None:  # noqa: N802  (theirs)
            if self.is_quiet:
                super().enableCallbacks()

    solver = Quiet()
    solver.setOptionValue("output_flag", False)
    solver.is_quiet = True
    solver.enableCallbacks()
    return solver


def as_highs(model: Milp) -> Any:
    """The programme as HiGHS takes it."""
    import highspy

    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = len(model.cost), len(model.row_lower)
    lp.col_cost_, lp.col_lower_, lp.col_upper_ = model.cost, model.lower, model.upper
    lp.row_lower_, lp.row_upper_ = model.row_lower, model.row_upper
    lp.sense_ = highspy.ObjSense.kMaximize if model.maximise else highspy.ObjSense.kMinimize
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_ = model.row_start.astype(np.int32)
    lp.a_matrix_.index_ = model.column.astype(np.int32)
    lp.a_matrix_.value_ = model.value
    if model.integer.any():
        kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
        lp.integrality_ = [kinds[flag] for flag in model.integer.astype(int).tolist()]
    return lp


def _give_start(solver: highspy.Highs, start: Floats) -> None:
    import highspy

    if len(start) < solver.getNumCol():
        # only the first columns are known: HiGHS works out the others
        solver.setSolution(len(start), np.arange(len(start), dtype=np.int32), start)
        return
    solution = highspy.HighsSolution()
    solution.col_value = start.tolist()
    solver.setSolution(solution)


def _give_basis(solver: highspy.Highs, basis: Basis) -> None:
    import highspy

    statuses = [highspy.HighsBasisStatus(number) for number in range(5)]
    known = highspy.HighsBasis()
    known.col_status = [statuses[number] for number in basis.columns.tolist()]
    known.row_status = [statuses[number] for number in basis.rows.tolist()]
    solver.setBasis(known)


def _basis_of(solver: highspy.Highs) -> Basis | None:
    basis = solver.getBasis()
    if not basis.valid:
        return None
    columns, rows = (
        np.fromiter(map(int, part), dtype=np.int64) for part in (basis.col_status, basis.row_status)
    )
    return Basis(columns, rows)


def _listen(
    solver: highspy.Highs, progress: Progress, on_news: Callable[[float, float], None] | None
) -> None:
    def interrupted(event: Any) -> None:
        if progress.is_cancelled:
            event.interrupt()

    def told(event: Any) -> None:
        if on_news is not None:
            on_news(event.data_out.mip_primal_bound, event.data_out.mip_dual_bound)

    for hook in (solver.cbMipInterrupt, solver.cbSimplexInterrupt, solver.cbIpmInterrupt):
        hook.subscribe(interrupted)
    solver.cbMipInterrupt.subscribe(told)


def _outcome(solver: highspy.Highs, model: Milp) -> MilpResult:
    status = solver.getModelStatus().name
    worst = INFINITE if model.maximise else -INFINITE
    if status in ("kInfeasible", "kUnboundedOrInfeasible"):
        return MilpResult(MilpStatus.INFEASIBLE, None, -worst, -worst)
    known = {"kOptimal", "kTimeLimit", "kInterrupt", "kSolutionLimit", "kModelEmpty", "kIterationLimit"}
    if status not in known:
        raise SolverError(f"HiGHS ended with {status}.")
    ended = MilpStatus.OPTIMAL if status in ("kOptimal", "kModelEmpty") else MilpStatus.STOPPED
    details = solver.getInfo()
    solution = solver.getSolution()
    found = bool(details.primal_solution_status == 2)
    values = np.array(solution.col_value, dtype=np.float64) if found else None
    objective = float(details.objective_function_value) if found else -worst
    if model.integer.any():
        return MilpResult(ended, values, objective, float(details.mip_dual_bound))
    proven = ended is MilpStatus.OPTIMAL
    prices = np.array(solution.row_dual, dtype=np.float64) if proven else None
    basis = _basis_of(solver) if proven else None
    return MilpResult(ended, values, objective, objective if proven else worst, prices, basis)


class RowBuilder:
    """Collects rows as arrays and turns them into the CSR arrays of :class:`Milp`.

    Rows are numbered in the order they are added; nothing is looped over in Python.
    """

    def __init__(self) -> None:
        self._rows: list[Ints] = []
        self._columns: list[Ints] = []
        self._values: list[Floats] = []
        self._lower: list[Floats] = []
        self._upper: list[Floats] = []
        self.count = 0

    def add(self, lower: Floats, upper: Floats, row: Ints, column: Ints, value: Floats) -> Ints:
        """Add ``len(lower)`` rows; ``row`` counts from 0 inside this call. Returns the rows' numbers."""
        first = self.count
        self.count += len(lower)
        self._lower.append(lower)
        self._upper.append(upper)
        self._rows.append(row + first)
        self._columns.append(column)
        self._values.append(value)
        return np.arange(first, self.count, dtype=np.int64)

    def add_one(self, lower: float, upper: float, column: Ints, value: Floats) -> int:
        """Add a single row; returns its number."""
        zeros = np.zeros(len(column), dtype=np.int64)
        return int(self.add(np.array([lower]), np.array([upper]), zeros, column, value)[0])

    def arrays(self) -> tuple[Floats, Floats, Ints, Ints, Floats]:
        """``row_lower, row_upper, row_start, column, value`` with repeated cells summed."""
        if not self._rows:
            none = np.zeros(0)
            empty = np.zeros(0, dtype=np.int64)
            return none, none, np.zeros(1, dtype=np.int64), empty, none
        row = np.concatenate(self._rows)
        column = np.concatenate(self._columns)
        value = np.concatenate(self._values)
        width = int(column.max(initial=0)) + 1
        cell, place = np.unique(row * width + column, return_inverse=True)
        summed = np.bincount(place, weights=value, minlength=len(cell)).astype(np.float64)
        start = np.searchsorted(cell // width, np.arange(self.count + 1))
        return (
            np.concatenate(self._lower),
            np.concatenate(self._upper),
            start.astype(np.int64),
            cell % width,
            summed,
        )
