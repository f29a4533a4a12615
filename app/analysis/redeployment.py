"""Who goes where: surplus people matched to open places over the whole pool at once, not first come, first served.

First as many places as can be are filled; among those matchings the one with the least total cost. A programme of
people × places whose matrix is that of a flow, so that its solution is whole without being asked to be.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from app.analysis.milp import INFINITE, Milp, MilpLimits, MilpStatus, SolverError, solve_milp

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Moves:
    """The moves that could be made, one entry each: person, place, and what the move costs (from 0 up).

    ``room`` says how many each place can take; people and places are numbered from 0, each pair at most once.
    """

    person: Ints
    place: Ints
    cost: Ints
    people: int
    room: Ints


def best_moves(moves: Moves) -> Ints:
    """The entries of ``moves`` chosen, in order: each person at most once, no place above its room.

    As many as can be, then the least total cost. Raises :class:`SolverError` for figures too large to be told apart.
    """
    count = len(moves.person)
    if count == 0:
        return np.zeros(0, dtype=np.int64)
    most = int(moves.cost.max())
    worth_of_a_move = (most + 1) * min(moves.people, count)
    if worth_of_a_move * count > 2**52:
        raise SolverError("Costs of moves are too large to be weighed against one another.")
    entries = np.arange(count, dtype=np.int64)
    rows = np.concatenate([moves.person, moves.people + moves.place])
    order = np.argsort(rows, kind="stable")
    places = len(moves.room)
    starts = np.searchsorted(rows[order], np.arange(moves.people + places + 1))
    model = Milp(
        cost=(worth_of_a_move - moves.cost).astype(np.float64),
        lower=np.zeros(count),
        upper=np.ones(count),
        integer=np.zeros(count, dtype=np.bool_),
        row_lower=np.full(moves.people + places, -INFINITE),
        row_upper=np.concatenate([np.ones(moves.people), moves.room.astype(np.float64)]),
        row_start=starts.astype(np.int64),
        column=np.concatenate([entries, entries])[order],
        value=np.ones(2 * count),
    )
    found = solve_milp(model, MilpLimits())
    if found.status is not MilpStatus.OPTIMAL or found.values is None:
        raise SolverError("The matching of people to places was not solved.")
    return np.flatnonzero(found.values > 0.5)
