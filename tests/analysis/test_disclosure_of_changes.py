"""Hidden figures of a table of changes against an attacker who uses every sum that is known."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from app.analysis.disclosure import hidden_changes
from tests.counts import share

PARTS = 4


def _table(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """[rows with a total × (before, parts, after)] of one measure, and which figures are small."""
    rows = int(rng.integers(1, 6))
    before = rng.poisson(rng.choice([2.0, 8.0]), rows)
    parts = rng.integers(-6, 7, (rows, PARTS)) * (rng.random((rows, PARTS)) < 0.6)
    after = before + parts.sum(axis=1)
    parts[after < 0, 0] -= after[after < 0]
    table = np.column_stack([before, parts, before + parts.sum(axis=1)]).astype(np.int64)
    table = np.vstack([table, table.sum(axis=0)])
    return table, (np.abs(table) > 0) & (np.abs(table) < 5)


def _told(table: np.ndarray, mask: np.ndarray) -> list[tuple[int, int]]:
    """The hidden figures whose largest and smallest possible value are the same."""
    import highspy

    places = {(int(row), int(column)): number for number, (row, column) in enumerate(np.argwhere(mask))}
    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("presolve", "off")
    last = table.shape[1] - 1
    for _row, column in places:
        solver.addVar(0.0 if column in (0, last) else -highspy.kHighsInf, highspy.kHighsInf)
    rows, columns = table.shape
    lines = [
        [((row, column), -1.0 if column == last else 1.0) for column in range(columns)] for row in range(rows)
    ]
    lines += [
        [((row, column), -1.0 if row == rows - 1 else 1.0) for row in range(rows)]
        for column in range(columns)
    ]
    for line in lines:
        known = sum(sign * float(table[place]) for place, sign in line if place not in places)
        unknown = [(places[place], sign) for place, sign in line if place in places]
        if unknown:
            numbers, signs = zip(*unknown, strict=True)
            solver.addRow(-known, -known, len(unknown), np.array(numbers), np.array(signs))
    return [place for place, number in places.items() if _width(solver, number) < 0.5]


def _width(solver: Any, number: int) -> float:
    import highspy

    ends: list[float] = []
    for sense in (highspy.ObjSense.kMinimize, highspy.ObjSense.kMaximize):
        solver.changeObjectiveSense(sense)
        solver.changeColCost(number, 1.0)
        # without a fresh start the status after an unbounded run is not to be trusted
        solver.clearSolver()
        solver.run()
        status = solver.getModelStatus()
        assert status in (highspy.HighsModelStatus.kOptimal, highspy.HighsModelStatus.kUnbounded)
        is_known = status == highspy.HighsModelStatus.kOptimal
        ends.append(solver.getInfo().objective_function_value if is_known else np.nan)
        solver.changeColCost(number, 0.0)
    return np.inf if np.isnan(ends).any() else ends[1] - ends[0]


@pytest.mark.parametrize("seed", range(share(1_000)))
def test_no_hidden_change_can_be_worked_out(seed: int) -> None:
    table, small = _table(np.random.default_rng(seed))
    mask = hidden_changes([table[:, 0]], [table[:, -1]], small)
    assert (mask | ~small).all()
    assert _told(table, mask) == []


def test_nothing_small_hides_nothing() -> None:
    table = np.array([[20, 5, 25], [30, -6, 24], [50, -1, 49]])
    small = np.zeros((3, 3), np.bool_)
    assert not hidden_changes([table[:, 0]], [table[:, -1]], small).any()
    small[2, 1] = True
    assert hidden_changes([table[:, 0]], [table[:, -1]], small).sum() >= 4
