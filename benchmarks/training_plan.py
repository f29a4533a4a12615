"""A plan for 5,000 people, 150 courses and 4 quarters, against HiGHS' LP relaxation alone of the flat formulation."""

from __future__ import annotations

import sys
import time
from dataclasses import replace

from benchmarks.measure import Result, peak_megabytes, report


def main(people: int = 5_000, courses: int = 150) -> None:
    """Time the relaxation, then the plan to 1 %; the note says which gap was reached."""
    from app.analysis.milp import MilpLimits, solve_milp
    from app.analysis.training_plan import SolveSettings, solve
    from app.analysis.training_plan.enrol import candidates
    from app.analysis.training_plan.exact import FlatModel
    from app.progress import silent
    from tests.analysis.plan_scale import large_problem

    problem = large_problem(people, courses)
    begun = time.perf_counter()
    model = FlatModel(problem, candidates(problem))
    programme = model.programme(model.steps, maximise=True)
    relaxed = replace(programme, integer=programme.integer & False)
    solve_milp(relaxed, MilpLimits(seconds=300.0))
    baseline = time.perf_counter() - begun
    limit = 2.0 if people <= 5_000 else 0.5
    begun = time.perf_counter()
    result = solve(problem, SolveSettings(seconds=limit * baseline, gap_pct=1.0), silent())
    taken = time.perf_counter() - begun
    reached = f"gap {result.gap_pct:.2f} % (target 1 %), {result.steps_closed:,} of {result.steps_open_before:,} steps"
    note = f"{reached}; peak {peak_megabytes():,.0f} MB"
    report(
        Result(
            f"plan, {people:,} × {courses} × 4",
            "HiGHS LP relaxation, flat",
            taken,
            baseline,
            limit,
            note=note,
        )
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5_000)
