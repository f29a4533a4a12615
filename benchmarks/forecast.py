"""The forecast of 2,000 occupied cells × 20 quarters: closed form with its band, and 1,000 exact runs."""

from __future__ import annotations

import numpy as np

from benchmarks.measure import Result, peak_megabytes, report, seconds

CELLS, QUARTERS, RUNS, GROUPS = 2_000, 20, 1_000, 60
MOST_SECONDS = 0.2


def main() -> None:
    """Time the closed form against 0.2 s, the runs against NumPy's binomial draws of the same size alone."""
    from app.analysis.supply import KnownMoves, SupplyProblem, forecast_supply, quarterly, simulate_supply

    rng = np.random.default_rng(1)
    shape = (QUARTERS, CELLS)
    next_cell = np.arange(1, CELLS + 1, dtype=np.int64)
    next_cell[4::5] = -1  # ladders of five levels
    problem = SupplyProblem(
        heads=rng.integers(1, 60, CELLS),
        known=np.zeros((QUARTERS + 1, CELLS), dtype=np.int64),
        leave=np.broadcast_to(quarterly(rng.uniform(0.03, 0.2, CELLS)), shape),
        promote=np.broadcast_to(quarterly(rng.uniform(0.01, 0.1, CELLS)), shape),
        next_cell=next_cell,
        posts=np.broadcast_to(rng.integers(1, 70, CELLS).astype(np.float64), (QUARTERS + 1, CELLS)),
        lag=rng.integers(1, 4, CELLS),
        success=np.full(shape, 0.6),
        starting=np.zeros(shape, dtype=np.int64),
        moves=KnownMoves.none(*shape),
    )
    weight, cells = rng.uniform(0.6, 1.0, CELLS), np.arange(CELLS)
    group = rng.integers(0, GROUPS, CELLS)

    def closed() -> None:
        supply = forecast_supply(problem)
        supply.total(weight, cells, CELLS)
        supply.variance(weight, cells, CELLS)
        supply.variance(weight, group, GROUPS)

    heads = np.repeat(problem.heads[None, :], RUNS, axis=0)

    def draws() -> None:
        dice = np.random.default_rng(1)
        for quarter in range(QUARTERS):
            dice.binomial(heads, problem.leave[quarter])
            dice.binomial(heads, problem.promote[quarter])

    note = f"{CELLS:,} cells × {QUARTERS} quarters"
    report(Result("forecast with band, closed form", "0.2 s", seconds(closed), MOST_SECONDS, 1.0, note=note))
    ours = seconds(lambda: simulate_supply(problem, weight, group, GROUPS, RUNS, 1), runs=3)
    base = seconds(draws, runs=3)
    note += f"; peak {peak_megabytes():,.0f} MB"
    report(Result(f"forecast, {RUNS:,} exact runs", "bare binomial draws", ours, base, 2.0, note=note))


if __name__ == "__main__":
    main()
