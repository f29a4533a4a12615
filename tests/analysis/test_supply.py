"""Supply in closed form equals an independent recursion over whole matrices; simulation agrees; nobody is lost."""

from __future__ import annotations

import numpy as np
import pytest

from app.analysis.supply import (
    NO_NEXT,
    KnownMoves,
    SupplyProblem,
    forecast_supply,
    quarterly,
    simulate_supply,
)
from app.errors import UsageError
from tests.counts import share


def random_problem(seed: int, most_heads: int = 40) -> SupplyProblem:
    """A few ladders of levels with everything in play."""
    rng = np.random.default_rng(seed)
    quarters, ladders = int(rng.integers(1, 9)), int(rng.integers(1, 4))
    next_cell: list[int] = []
    for _ in range(ladders):
        first, length = len(next_cell), int(rng.integers(1, 5))
        next_cell += [*range(first + 1, first + length), NO_NEXT]
    if rng.random() < 0.5:  # two grades of one level meet in the next
        next_cell.append(len(next_cell) - 1)
    cells = len(next_cell)
    known = np.sort(rng.integers(0, 4, (quarters + 1, cells)), axis=0)[::-1]
    posts = rng.integers(0, most_heads, (quarters + 1, cells)).astype(float)
    posts[:, rng.random(cells) < 0.3] = np.nan
    starting = rng.integers(0, 3, (quarters, cells))
    known, moves = known.copy(), KnownMoves.none(quarters, cells)
    for _ in range(
        int(rng.integers(0, 6))
    ):  # people with a known move, after which some have a known last day
        home, goal, when = (int(rng.integers(0, top)) for top in (cells, cells, quarters))
        known[: when + 1, home] += 1
        moves.out[when, home] += 1
        way = rng.random()
        if way < 0.4:
            starting[when, goal] += 1
            moves.free[when, goal] += 1
        elif way < 0.8:
            moves.held[when, goal] += 1
            known[when + 1 : int(rng.integers(when + 1, quarters + 2)), goal] += 1
    return SupplyProblem(
        heads=rng.integers(0, most_heads, cells),
        known=np.ascontiguousarray(known),
        leave=quarterly(rng.random((quarters, cells)) * rng.choice([0.0, 0.2, 1.0])),
        promote=quarterly(rng.random((quarters, cells)) * 0.4),
        next_cell=np.array(next_cell, dtype=np.int64),
        posts=posts,
        lag=rng.integers(1, 4, cells),
        success=rng.random((quarters, cells)),
        starting=starting,
        moves=moves,
    )


def by_matrices(problem: SupplyProblem) -> tuple[np.ndarray, np.ndarray]:
    """Mean and covariance quarter by quarter: one matrix of moves, one of multinomial spread."""
    quarters, cells = problem.leave.shape
    mean = [problem.heads.astype(float)]
    spread = [np.zeros((cells, cells))]
    for quarter in range(quarters):
        moves = np.zeros((cells, cells))  # to × from
        for cell in range(cells):
            stay = 1 - problem.leave[quarter, cell]
            up = problem.promote[quarter, cell] if problem.next_cell[cell] >= 0 else 0.0
            moves[cell, cell] += stay * (1 - up)
            if up:
                moves[problem.next_cell[cell], cell] += stay * up
        noise = np.zeros((cells, cells))
        for cell in range(cells):
            column = moves[:, cell]
            noise += mean[-1][cell] * (np.diag(column) - np.outer(column, column))
        recruits = np.zeros(cells)
        for cell in range(cells):
            row = quarter + 1 - problem.lag[cell]
            if 0 <= row <= quarter and not np.isnan(problem.posts[row, cell]):
                there = mean[row][cell] + problem.known[row, cell]
                hoped = problem.success[quarter, cell] * max(problem.posts[row, cell] - there, 0.0)
                others = float(moves[cell] @ mean[-1]) + problem.starting[quarter, cell]
                space = problem.posts[quarter + 1, cell] - problem.known[quarter + 1, cell] - others
                recruits[cell] = min(hoped, max(space, 0.0))
        mean.append(moves @ mean[-1] + recruits + problem.starting[quarter])
        spread.append(moves @ spread[-1] @ moves.T + noise + np.diag(recruits))
    return np.array(mean) + problem.known, np.array(spread)


@pytest.mark.parametrize("part", range(5))
def test_mean_and_spread_equal_the_recursion_over_matrices(part: int) -> None:
    for case in range(share(100)):
        problem = random_problem(part * 1_000 + case)
        found = forecast_supply(problem)
        mean, spread = by_matrices(problem)
        np.testing.assert_allclose(found.mean, mean, rtol=0, atol=1e-9)
        rng = np.random.default_rng(case)
        weight, groups = rng.random(problem.cells), 3
        group = rng.integers(-1, groups, problem.cells)
        sums = np.zeros((problem.cells, groups))
        sums[group >= 0, group[group >= 0]] = weight[group >= 0]
        wanted = np.einsum("cg,qcd,dg->qg", sums, spread, sums)
        np.testing.assert_allclose(found.variance(weight, group, groups), wanted, rtol=0, atol=1e-9)
        np.testing.assert_allclose(found.total(weight, group, groups), mean @ sums, rtol=0, atol=1e-9)


def test_every_expected_move_is_accounted_for() -> None:
    for case in range(share(200)):
        found = forecast_supply(random_problem(case))
        change = found.joiners + found.promoted_in - found.promoted_out - found.leavers - found.ended
        np.testing.assert_allclose(np.diff(found.mean, axis=0), change + found.moved, atol=1e-9)
        assert (found.ended >= 0).all()
        assert (found.joiners >= 0).all()
        moves = found.problem.moves
        assert (found.moved == moves.held + moves.free - moves.out).all()
        np.testing.assert_allclose(found.promoted_in.sum(axis=1), found.promoted_out.sum(axis=1), atol=1e-9)


def test_simulated_people_are_all_accounted_for() -> None:
    for case in range(share(100)):
        problem = random_problem(case)
        runs, ones = 7, np.ones(problem.cells)
        found = simulate_supply(problem, ones, np.zeros(problem.cells, dtype=np.int64), 1, runs, case)
        heads = found.totals[:, :, 0].sum(axis=0)
        gone, _promoted, joined, ended, moved = found.moved.T
        assert (np.diff(heads) == joined - gone - ended + moved).all()
        assert (ended >= 0).all()


def test_simulation_lies_within_four_standard_errors() -> None:
    for case in range(share(40)):
        problem = random_problem(case)
        cells = np.arange(problem.cells)
        runs, ones = 2_000, np.ones(problem.cells)
        expected = forecast_supply(problem)
        variance = expected.variance(ones, cells, problem.cells)
        runs_of = simulate_supply(problem, ones, cells, problem.cells, runs, case).totals
        error = np.sqrt(variance / runs)
        off = np.abs(runs_of.mean(axis=0) - expected.mean)
        assert (off <= 4.5 * error + 1e-9).all()
        spread = runs_of.var(axis=0)
        centred = ((runs_of - expected.mean) ** 2 - variance).std(axis=0) / np.sqrt(runs)
        assert (np.abs(spread - variance) <= 5.5 * centred + 1e-2).all()


def test_the_same_seed_gives_the_same_runs() -> None:
    problem = random_problem(3)
    group = np.zeros(problem.cells, dtype=np.int64)
    one, other = (simulate_supply(problem, np.ones(problem.cells), group, 1, 20, 5).totals for _ in range(2))
    assert (one == other).all()


def test_yearly_rates_become_quarterly_hazards() -> None:
    hazard = quarterly(np.array([0.0, 0.08, 1.0]))
    np.testing.assert_allclose((1 - hazard) ** 4, [1.0, 0.92, 0.0])


def test_nobody_leaves_and_nobody_joins_where_rates_are_nought() -> None:
    problem = random_problem(1)
    still = SupplyProblem(
        problem.heads, np.repeat(problem.known[:1], problem.quarters + 1, axis=0), problem.leave * 0,
        problem.promote * 0, problem.next_cell, problem.posts, problem.lag, problem.success * 0, problem.starting * 0,
        KnownMoves.none(problem.quarters, problem.cells),
    )  # fmt: skip
    assert (forecast_supply(still).mean == still.heads + still.known[0]).all()


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("leave", np.full((2, 1), 1.2), "leaving is not between 0 and 1"),
        ("next_cell", np.array([0]), "lead in a ring"),
        ("known", np.array([[0], [1], [1]]), "comes back"),
        ("lag", np.array([0]), "less than one quarter"),
        ("heads", np.array([-1]), "fewer than 0 people"),
        ("success", np.ones((1, 1)), "shape"),
        ("moves", KnownMoves.none(1, 1), "shape"),
        ("moves", KnownMoves(*np.array([[[0], [0]], [[0], [0]], [[1], [0]]])), "does not arrive"),
    ],
)
def test_assumptions_that_make_no_sense_are_refused(name: str, value: np.ndarray, words: str) -> None:
    given = {
        "heads": np.array([5]), "known": np.zeros((3, 1), dtype=np.int64), "leave": np.zeros((2, 1)),
        "promote": np.zeros((2, 1)), "next_cell": np.array([-1]), "posts": np.full((3, 1), np.nan),
        "lag": np.array([1]), "success": np.ones((2, 1)), "starting": np.zeros((2, 1), dtype=np.int64),
        "moves": KnownMoves.none(2, 1),
    }  # fmt: skip
    given[name] = value
    with pytest.raises(UsageError, match=words):
        SupplyProblem(**given)


def test_a_vacancy_of_long_standing_is_filled_once() -> None:
    shape = (8, 1)
    problem = SupplyProblem(
        heads=np.array([10]), known=np.zeros((9, 1), dtype=np.int64), leave=np.zeros(shape), promote=np.zeros(shape),
        next_cell=np.array([NO_NEXT]), posts=np.full((9, 1), 20.0), lag=np.array([3]), success=np.full(shape, 0.9),
        starting=np.zeros(shape, dtype=np.int64), moves=KnownMoves.none(*shape),
    )  # fmt: skip
    mean = forecast_supply(problem).mean[:, 0]
    assert mean.max() <= 20.0
    assert mean[3] == 19.0
    assert mean[2] == 10.0
