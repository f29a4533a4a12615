"""Matching people to places equals the assignment optimum, found by an independent method of shortest paths."""

from __future__ import annotations

import numpy as np

from app.analysis.redeployment import Moves, best_moves
from tests.counts import share


def augmented(match: list[int], least: list[list[int]], row: int) -> None:
    """Bring one more row in along the cheapest path that swaps columns (Bellman-Ford over rows and columns)."""
    size = len(least)
    far = 10**15
    cost_to, came = [far] * size, [-1] * size
    begin = {column: least[row][column] for column in range(size)}
    for column, price in begin.items():
        cost_to[column] = price
    for _ in range(size):
        for column in range(size):
            owner = match[column]
            if owner < 0 or cost_to[column] == far:
                continue
            for other in range(size):
                through = cost_to[column] - least[owner][column] + least[owner][other]
                if through < cost_to[other]:
                    cost_to[other], came[other] = through, column
    end = min((column for column in range(size) if match[column] < 0), key=cost_to.__getitem__)
    while came[end] >= 0:
        match[end], end = match[came[end]], came[end]
    match[end] = row


def least_total(cost: list[list[int]]) -> int:
    """The least total of a square assignment: rows brought in one by one along shortest paths."""
    match = [-1] * len(cost)
    for row in range(len(cost)):
        augmented(match, cost, row)
    return sum(cost[row][column] for column, row in enumerate(match))


def test_moves_equal_the_assignment_optimum() -> None:
    for case in range(share(1_000)):
        rng = np.random.default_rng(case)
        people, places = int(rng.integers(1, 9)), int(rng.integers(1, 6))
        room = rng.integers(0, 4, places)
        pairs = [(one, place) for one in range(people) for place in range(places) if rng.random() < 0.5]
        person, place = (np.array([pair[at] for pair in pairs], dtype=np.int64) for at in (0, 1))
        cost = rng.integers(0, 30, len(pairs))
        chosen = best_moves(Moves(person, place, cost, people, room))
        assert len(set(person[chosen].tolist())) == len(chosen)
        assert (np.bincount(place[chosen], minlength=places) <= room).all()
        # a square table: one column for each single place, one for each person staying where they are
        columns = [at for at in range(places) for _ in range(int(room[at]))]
        stay = 1_000
        known = {pair: int(value) for pair, value in zip(pairs, cost, strict=True)}
        size = people + len(columns)
        table = [
            [known.get((one, at), 10**9) for at in columns] + [stay] * people if one < people else [0] * size
            for one in range(size)
        ]
        mine = int(cost[chosen].sum()) + stay * (people - len(chosen))
        assert mine == least_total(table)


def test_more_moves_come_before_cheaper_ones() -> None:
    # person 0 could take the only place of person 1 for nothing; both are placed all the same
    moves = Moves(np.array([0, 0, 1]), np.array([0, 1, 0]), np.array([0, 50, 40]), 2, np.array([1, 1]))
    assert best_moves(moves).tolist() == [1, 2]


def test_nobody_to_move() -> None:
    nothing = np.zeros(0, dtype=np.int64)
    assert best_moves(Moves(nothing, nothing, nothing, 0, np.array([1]))).tolist() == []
