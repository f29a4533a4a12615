"""Disclosure control against an attacker who solves linear programmes over everything that is shown."""

from __future__ import annotations

import numpy as np
import pytest

from app.analysis.disclosure import Counts, Flags, hidden, is_small, with_totals
from tests.counts import share


class Attacker:
    """Works out the range of each hidden figure of one table with totals, from the shown ones alone."""

    def __init__(self, counts: Counts, mask: Flags) -> None:
        import highspy

        self._places = {tuple(place): number for number, place in enumerate(np.argwhere(mask).tolist())}
        self._counts = counts
        self._solver = highspy.Highs()
        self._solver.setOptionValue("output_flag", False)
        # presolve cannot tell "unbounded" from "infeasible", and the true table is always feasible
        self._solver.setOptionValue("presolve", "off")
        # HiGHS keeps one pool of threads a process, and the plans solved beside this ask for one thread
        self._solver.setOptionValue("threads", 1)
        for _ in self._places:
            self._solver.addVar(0.0, highspy.kHighsInf)
        rows, columns = counts.shape
        for row in range(rows):
            self._add_line([(row, column) for column in range(columns)])
        for column in range(columns):
            self._add_line([(row, column) for row in range(rows)])

    def _add_line(self, line: list[tuple[int, int]]) -> None:
        """The figures of a line add up to its last one, the total."""
        known, variables, signs = 0.0, [], []
        for place in line:
            sign = -1.0 if place == line[-1] else 1.0
            if place in self._places:
                variables.append(self._places[place])
                signs.append(sign)
            else:
                known += sign * float(self._counts[place])
        if variables:
            self._solver.addRow(-known, -known, len(variables), np.array(variables), np.array(signs))

    def recovered(self) -> list[tuple[int, ...]]:
        """The hidden figures that can only be one number."""
        return [place for place, number in self._places.items() if self._width(number) < 0.5]

    def _width(self, number: int) -> float:
        import highspy

        ends: list[float] = []
        for sense in (highspy.ObjSense.kMinimize, highspy.ObjSense.kMaximize):
            self._solver.changeObjectiveSense(sense)
            self._solver.changeColCost(number, 1.0)
            # without a fresh start the solver's status after an unbounded run is not to be trusted
            self._solver.clearSolver()
            self._solver.run()
            status = self._solver.getModelStatus()
            if status == highspy.HighsModelStatus.kUnbounded:
                ends.append(np.inf if sense == highspy.ObjSense.kMaximize else -np.inf)
            else:
                assert status == highspy.HighsModelStatus.kOptimal, status
                ends.append(self._solver.getInfo().objective_function_value)
            self._solver.changeColCost(number, 0.0)
        return ends[1] - ends[0]


def random_table(rng: np.random.Generator) -> tuple[Counts, Counts, Counts]:
    """Required, assessed, meeting of a few groups and skills, mostly small, some cells empty."""
    shape = (int(rng.integers(1, 6)), int(rng.integers(1, 7)))
    required = rng.poisson(rng.choice([1.0, 4.0, 12.0]) * rng.gamma(0.7, 1.5, shape))
    required[rng.random(shape) < rng.choice([0.0, 0.3])] = 0
    assessed = rng.binomial(required, rng.choice([0.4, 0.8, 1.0]))
    meeting = rng.binomial(assessed, rng.choice([0.0, 0.5, 0.9, 1.0]))
    return required.astype(np.int64), assessed.astype(np.int64), meeting.astype(np.int64)


def whole_mask(required: Counts, assessed: Counts, meeting: Counts) -> Flags:
    kept = hidden(required, assessed, meeting)
    mask = np.zeros((required.shape[0] + 1, required.shape[1] + 1), dtype=np.bool_)
    mask[:-1, :-1], mask[:-1, -1], mask[-1, :-1], mask[-1, -1] = (
        kept.cells,
        kept.rows,
        kept.columns,
        kept.grand,
    )
    return mask


@pytest.mark.parametrize("part", range(8))
def test_the_attacker_recovers_no_hidden_figure(part: int) -> None:
    rng = np.random.default_rng(1_000 + part)
    for _ in range(share(10_000) // 8):
        required, assessed, meeting = random_table(rng)
        mask = whole_mask(required, assessed, meeting)
        # met, short and not assessed are free of one another: what is shown of the five counts is what is shown
        # of these three, so the attacker loses nothing by taking them one at a time
        for counts in (meeting, assessed - meeting, required - assessed):
            assert Attacker(with_totals(counts), mask).recovered() == []


def test_every_small_count_is_hidden_and_empty_tables_are_shown() -> None:
    rng = np.random.default_rng(5)
    for _ in range(200):
        required, assessed, meeting = random_table(rng)
        mask = whole_mask(required, assessed, meeting)
        for counts in (required, assessed, meeting, assessed - meeting, required - assessed):
            assert not (is_small(with_totals(counts)) & ~mask).any()
    nothing = np.zeros((3, 4), dtype=np.int64)
    assert not whole_mask(nothing, nothing, nothing).any()


def test_a_table_without_small_counts_is_shown_whole() -> None:
    required = np.full((4, 5), 40, dtype=np.int64)
    kept = hidden(required, required - 8, required - 20)
    assert not kept.cells.any()
    assert not kept.grand


def test_one_small_cell_takes_a_rectangle_with_it_and_leaves_the_totals() -> None:
    required = np.full((4, 5), 60, dtype=np.int64)
    meeting = np.full((4, 5), 20, dtype=np.int64)
    meeting[1, 2] = 3
    kept = hidden(required, required - 10, meeting)
    assert kept.cells.sum() == 4
    assert kept.cells[1, 2]
    assert not kept.rows.any()
    assert not kept.columns.any()


def test_without_the_second_suppression_the_attacker_wins() -> None:
    meeting = np.full((3, 3), 20, dtype=np.int64)
    meeting[0, 0] = 2
    mask = np.zeros((4, 4), dtype=np.bool_)
    mask[0, 0] = True
    assert Attacker(with_totals(meeting), mask).recovered() == [(0, 0)]


def test_a_table_of_people_whose_roles_require_nothing_hides_the_few_and_does_not_fail() -> None:
    nothing = np.zeros((3, 0), np.int64)
    found = hidden(nothing, nothing, nothing, np.array([[2], [7], [0], [9]], np.int64))
    assert found.rows.tolist() == [True, False, False]
    assert found.cells.shape == (3, 0)
