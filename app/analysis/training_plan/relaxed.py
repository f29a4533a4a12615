"""The worth of a whole menu with fractions of courses allowed: for the few people with very wide menus."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from app.analysis.milp import INFINITE, Milp, MilpStatus, RowBuilder, SolverError, solve_milp
from app.analysis.training_plan.enrol import join
from app.analysis.training_plan.menus import Menus

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


class RelaxedMenus:
    """The menus of some people as one linear programme; people do not touch, so its parts are their own bests."""

    def __init__(self, menus: Menus, people: Ints) -> None:
        self.people = people
        self.entries = np.isin(menus.person, people).nonzero()[0]
        self._owner = np.searchsorted(people, menus.person[self.entries])
        self._rows = RowBuilder()
        column_of = np.full(len(menus.person), -1)
        column_of[self.entries] = np.arange(len(self.entries))
        route = (column_of[menus.route_entry] >= 0).nonzero()[0]
        taken, need = column_of[menus.route_entry[route]], menus.route_need[route]
        low, high = menus.route_from[route], menus.route_to[route]
        builds = low > menus.held[need]
        credit = taken.copy()
        credit[builds] = len(self.entries) + np.arange(int(builds.sum()))
        top = np.zeros(len(menus.held), dtype=np.int64)
        np.maximum.at(top, need, high)
        level_need, level = ((np.arange(5) > menus.held[:, None]) & (np.arange(5) <= top[:, None])).nonzero()
        level_column = len(self.entries) + int(builds.sum()) + np.arange(len(level))
        left, right = join(need, level_need)
        gives = high[left] >= level[right]
        self._at_most((np.arange(len(level)), level_column), (right[gives], credit[left[gives]]))
        own, number = credit[builds], np.arange(int(builds.sum()))
        self._at_most((number, own), (number, taken[builds]))
        asked, place = join(need[builds] * 5 + low[builds], level_need * 5 + level)
        self._at_most((number, own), (asked, level_column[place]))
        self._rows.add(
            np.full(len(people), -INFINITE),
            menus.hours_free[people] / 100,
            self._owner,
            np.arange(len(self.entries)),
            menus.hours[self.entries] / 100,
        )
        need_owner = np.zeros(len(menus.held), dtype=np.int64)
        need_owner[need] = self._owner[taken]
        self._whose = np.concatenate([self._owner, self._owner[taken[builds]], need_owner[level_need]])
        self._gain = np.zeros(len(self._whose))
        self._gain[level_column] = menus.weight[level_need]
        self._lower = np.zeros(len(self._whose))
        self._lower[: len(self.entries)] = menus.is_locked[self.entries]
        self._built = self._rows.arrays()

    def best(self, price: Floats) -> tuple[Floats, Floats]:
        """Per person the most of value less price (in units), and how much of each entry is taken for it.

        ``price`` is per menu entry.
        """
        gain = self._gain.copy()
        gain[: len(self.entries)] -= price[self.entries]
        none = np.zeros(len(gain), dtype=bool)
        found = solve_milp(Milp(gain, self._lower, np.ones(len(gain)), none, *self._built))
        if found.values is None or found.status is not MilpStatus.OPTIMAL:
            raise SolverError("The relaxed menus were not solved.")
        worth = np.bincount(self._whose, weights=gain * found.values, minlength=len(self.people))
        return worth.astype(np.float64), found.values[: len(self.entries)]

    def _at_most(self, plus: tuple[Ints, Ints], minus: tuple[Ints, Ints]) -> None:
        """Rows: the one column of ``plus`` is at most the sum of those of ``minus``."""
        count = len(plus[0])
        self._rows.add(
            np.full(count, -INFINITE),
            np.zeros(count),
            np.concatenate([plus[0], minus[0]]),
            np.concatenate([plus[1], minus[1]]),
            np.concatenate([np.ones(len(plus[0])), np.full(len(minus[0]), -1.0)]),
        )
