"""The few people with menus too wide for a list of all their sets: each one's best set as a programme of its own."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from app.analysis.milp import INFINITE, Milp, MilpLimits, RowBuilder, solve_milp
from app.analysis.training_plan.enrol import Candidates, join
from app.analysis.training_plan.menus import Menus, RoutesOf

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

_LIMITS = MilpLimits(nodes=400, absolute_gap=0.02, presolve=False, search=False)


class WideMenus:
    """Best sets of single people out of their whole menus, put into quarters by hours.

    That a course must end before one that builds on it begins is left out, which only widens the choice.
    """

    def __init__(self, menus: Menus, cands: Candidates) -> None:
        self.menus, self._cands, self._routes = menus, cands, RoutesOf(menus)
        keys = cands.person * (int(menus.course.max(initial=0)) + 1) + cands.course
        self._first = np.append(np.unique(keys, return_index=True)[1], len(keys))

    def best(self, person: int, price: Floats, fits: Callable[[int, Ints], bool]) -> tuple[float, Ints]:
        """A limit on value less price (in units; infinite where none was proven) and the entries of the best set.

        ``price`` is per menu entry. Entries that cannot bring their price are left out, which changes nothing.
        Quarters are looked at only where the best set without them does not fit them.
        """
        worth, taken = self._solved(person, price, in_quarters=False)
        if len(taken) and not fits(person, taken):
            return self._solved(person, price, in_quarters=True)
        return worth, taken

    def _solved(self, person: int, price: Floats, *, in_quarters: bool) -> tuple[float, Ints]:
        menus = self.menus
        own = np.arange(menus.first[person], menus.first[person + 1])
        own = own[(menus.potential[own] > price[own]) | menus.is_locked[own]]
        size = len(own)
        rows = RowBuilder()
        gain = self._levels(rows, own)
        gain[:size] = -price[own]
        first = len(gain)
        if in_quarters:
            gain = np.append(gain, np.zeros(self._quarters(rows, person, own, first)))
        else:
            free = menus.hours_free[[person]] / 100
            rows.add(
                np.full(1, -INFINITE), free, np.zeros(size, int), np.arange(size), menus.hours[own] / 100
            )
        lower, whole = np.zeros(len(gain)), np.zeros(len(gain), dtype=bool)
        lower[:size], whole[:size], whole[first:] = menus.is_locked[own], True, True
        found = solve_milp(Milp(gain, lower, np.ones(len(gain)), whole, *rows.arrays()), _LIMITS)
        if found.values is None:
            return found.bound, own[:0]
        return found.bound, own[found.values[:size] > 0.5]

    def _levels(self, rows: RowBuilder, own: Ints) -> Floats:
        """Rows of credits and levels over the entries' columns; returns the gain of all columns so far."""
        menus, size = self.menus, len(own)
        route = np.concatenate(
            [np.zeros(0, int), *(np.arange(*self._routes.first[entry : entry + 2]) for entry in own.tolist())]
        )
        taken, need = np.searchsorted(own, menus.route_entry[route]), menus.route_need[route]
        low, high = menus.route_from[route], menus.route_to[route]
        builds = (low > menus.held[need]).nonzero()[0]
        credit = taken.copy()
        credit[builds] = size + np.arange(len(builds))
        needs, place = np.unique(need, return_inverse=True)
        top = np.zeros(len(needs), dtype=np.int64)
        np.maximum.at(top, place, high)
        steps = np.arange(5)
        level_need, level = ((steps > menus.held[needs][:, None]) & (steps <= top[:, None])).nonzero()
        level_column = size + len(builds) + np.arange(len(level))
        left, right = join(place, level_need)
        # from below: a course must not carry the level that it asks for itself
        gives = (low[left] < level[right]) & (high[left] >= level[right])
        _at_most(rows, (np.arange(len(level)), level_column), (right[gives], credit[left[gives]]))
        number = np.arange(len(builds))
        _at_most(rows, (number, credit[builds]), (number, taken[builds]))
        asked, reached = join(place[builds] * 5 + low[builds], level_need * 5 + level)
        _at_most(rows, (number, credit[builds]), (asked, level_column[reached]))
        gain = np.zeros(size + len(builds) + len(level))
        gain[level_column] = menus.weight[needs[level_need]]
        return gain

    def _quarters(self, rows: RowBuilder, person: int, own: Ints, first: int) -> int:
        """Columns of starts from ``first`` on: every course taken starts once, hours keep to every quarter."""
        cands = self._cands
        count = self._first[own + 1] - self._first[own]
        entry = np.repeat(np.arange(len(own)), count)
        start = np.concatenate(
            [np.zeros(0, int), *(np.arange(*self._first[one : one + 2]) for one in own.tolist())]
        )
        column = first + np.arange(len(start))
        _at_most(rows, (np.arange(len(own)), np.arange(len(own))), (entry, column))
        limit = cands.hour_limit[person]
        hours = cands.hours[cands.course[start]]
        place, later = hours.nonzero()
        quarter = cands.quarter[start[place]] + later
        rows.add(
            np.full(len(limit), -INFINITE), limit / 100, quarter, column[place], hours[place, later] / 100
        )
        return len(start)


def _at_most(rows: RowBuilder, plus: tuple[Ints, Ints], minus: tuple[Ints, Ints]) -> None:
    """Rows: the one column of ``plus`` is at most the sum of those of ``minus``."""
    count = len(plus[0])
    rows.add(
        np.full(count, -INFINITE),
        np.zeros(count),
        np.concatenate([plus[0], minus[0]]),
        np.concatenate([plus[1], minus[1]]),
        np.concatenate([np.ones(count), np.full(len(minus[0]), -1.0)]),
    )
