"""Sets of courses per person: what the price decomposition chooses from.

A person's *menu* is the courses that can close a step for them. Of a menu, the sets in which every course is
needed are listed with their value; quarters are left to the scheduling pass. Leaving quarters out only widens
the choice, so the best set at given prices is a valid limit on what the person can give.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from app.analysis.training_plan.enrol import NEVER, Candidates
from app.analysis.training_plan.problem import NO_LIMIT, PlanProblem

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

WIDEST = 12
"""Courses of one person looked at together; the bound charges for those left out."""

LOWEST = 0.7
"""Courses that would not pay at this share of the prices are left out of the sets."""

_RANKED = 24
"""Courses of one person compared pair by pair before the choice of the widest."""

_CELLS = 4_000_000
"""Cells worked on at once: keeps the peak of memory down."""


@dataclass(frozen=True, slots=True)
class Menus:
    """One entry per person and course (``person``, ``course``, sorted), and what the courses give.

    ``potential`` is the most that the course can add to any set, in units of ``unit`` ten-thousandths. Per
    entry and need: ``route_…`` (``route_need`` counts through the open needs). ``hours_free`` is the sum of a
    person's hours over the quarters they are there. ``spread`` [entries × longest duration] are the hours from the
    start on, ``starts`` a bit per quarter in which the course may begin.
    """

    person: Ints
    course: Ints
    hours: Ints
    is_locked: Bools
    potential: Ints
    first: Ints
    route_entry: Ints
    route_need: Ints
    route_from: Ints
    route_to: Ints
    held: Ints
    weight: Ints
    unit: int
    hours_free: Ints
    spread: Ints
    starts: Ints


@dataclass(frozen=True, slots=True)
class Sets:
    """The sets of courses listed, sorted by person, one entry each.

    ``mask`` has a bit per column of ``kept`` (people × :data:`WIDEST`, an entry of the menus or -1); ``value``
    is in units. ``first`` is each person's first set. ``left_out`` are the menu entries not in ``kept`` and
    ``stand_in`` the kept entry that does all they do wherever they would fit, or -1.
    """

    kept: Ints
    person: Ints
    mask: Ints
    value: Ints
    first: Ints
    left_out: Ints
    stand_in: Ints

    def without(self, numbers: Ints) -> Sets:
        """These sets without some; everybody must keep one."""
        stays = np.ones(len(self.person), dtype=bool)
        stays[numbers] = False
        person = self.person[stays]
        first = np.searchsorted(person, np.arange(len(self.first)))
        return Sets(
            self.kept, person, self.mask[stays], self.value[stays], first, self.left_out, self.stand_in
        )


def menus_of(problem: PlanProblem, cands: Candidates) -> Menus:
    """The menus of all people; people without one have none of the entries."""
    courses, people = len(problem.offers.codes), len(problem.learners.staff_ids)
    keys, entry_of = np.unique(cands.person * courses + cands.course, return_inverse=True)
    person, course = keys // courses, keys % courses
    rows = np.stack([entry_of[cands.credit_of], cands.credit_need, cands.credit_entry, cands.credit_exit])
    rows = np.unique(rows, axis=1) if rows.shape[1] else rows
    entry, need, low, high = rows
    routes = cands.routes
    held, required = problem.needs.held[routes.need], problem.needs.required[routes.need]
    weight = problem.needs.weight[routes.need]
    unit = int(np.gcd.reduce(weight)) if len(weight) else 1
    weight = weight // unit
    ahead = np.zeros((len(held), 6), dtype=bool)  # does any outcome of the need ask for this level or more
    np.logical_or.at(ahead, (need, low), True)
    ahead[np.arange(6) <= held[:, None]] = False
    start = np.maximum(low, held[need])
    opens = np.zeros(len(need), dtype=bool)
    for level in range(1, 5):
        opens |= ahead[need, level] & (level > start) & (level <= high)
    gain = np.where(opens, required[need], high) - start
    potential = np.bincount(entry, weights=gain * weight[need], minlength=len(keys)).astype(np.int64)
    limit = np.minimum(problem.learners.hours, NO_LIMIT)
    locked = np.bincount(entry_of, weights=cands.is_locked, minlength=len(keys)) > 0
    hours = problem.offers.hours[course]
    starts = np.zeros(len(keys), dtype=np.int64)
    np.bitwise_or.at(starts, entry_of, np.int64(1) << cands.quarter)
    booked = np.bincount(person, weights=hours * locked, minlength=people).astype(np.int64)
    there = np.arange(problem.quarters) <= problem.learners.last_quarter[:, None]
    return Menus(
        person=person,
        course=course,
        hours=hours,
        is_locked=locked,
        potential=potential,
        first=np.searchsorted(person, np.arange(people + 1)),
        route_entry=entry,
        route_need=need,
        route_from=low,
        route_to=high,
        held=held,
        weight=weight,
        unit=unit,
        # a locked line may run over the horizon, so its hours are not held against the rest
        hours_free=np.where(there | problem.overrun_allowed, limit, 0).sum(axis=1)
        + (limit[:, -1] * NEVER if problem.overrun_allowed else 0)
        + booked,
        spread=cands.hours[course],
        starts=starts,
    )


def sets_at(menus: Menus, price: Floats, favoured: Bools, *, widest: int = WIDEST) -> Sets:
    """List the sets worth looking at around these prices (one per menu entry, in units).

    ``favoured`` entries are looked at before others, where a menu is too wide.
    """
    kept, stand_in = _choose(menus, price, favoured, widest)
    people = len(menus.first) - 1
    size = (kept >= 0).sum(axis=1)
    found: list[tuple[Ints, Ints, Ints]] = []
    routes = RoutesOf(menus)
    for width in np.unique(size).tolist():
        own = (size == width).nonzero()[0]
        step = max(1, _CELLS >> width)
        blocks = (own[begin : begin + step] for begin in range(0, len(own), step))
        found += [_listed(menus, routes, block, kept, int(width)) for block in blocks]
    person = np.concatenate([part[0] for part in found])
    order = np.argsort(person, kind="stable")
    person = person[order]
    mask = np.concatenate([part[1] for part in found])[order]
    value = np.concatenate([part[2] for part in found])[order]
    is_kept = np.zeros(len(menus.person), dtype=bool)
    is_kept[kept[kept >= 0]] = True
    left_out = (~is_kept).nonzero()[0]
    first = np.searchsorted(person, np.arange(people))
    return Sets(kept, person, mask, value, first, left_out, stand_in[left_out])


def _choose(menus: Menus, price: Floats, favoured: Bools, widest: int) -> tuple[Ints, Ints]:
    """The entries kept per person (padded with -1), and for the others the kept one that stands in."""
    people, count = len(menus.first) - 1, len(menus.person)
    net = menus.potential - LOWEST * price
    net[menus.is_locked] = np.inf
    order = np.lexsort((menus.hours, -net, ~favoured, menus.person))
    rank = np.empty(count, dtype=np.int64)
    rank[order] = np.arange(count) - menus.first[menus.person[order]]
    useful = ((net > 0) | favoured) & (rank < _RANKED)
    ranked = np.full((people, _RANKED), -1)
    ranked[menus.person[useful], rank[useful]] = useful.nonzero()[0]
    stand_in = _stand_ins(menus, price, ranked)
    drop = (stand_in >= 0) & ~menus.is_locked & ~favoured
    alive = (ranked >= 0) & ~drop[ranked]
    place = np.cumsum(alive, axis=1) - 1
    alive &= place < widest
    kept = np.full((people, widest), -1)
    row, column = alive.nonzero()
    kept[row, place[row, column]] = ranked[row, column]
    is_kept = np.zeros(count, dtype=bool)
    is_kept[kept[kept >= 0]] = True
    stand_in[~is_kept[np.maximum(stand_in, 0)] | (stand_in < 0)] = -1
    return kept, stand_in


def _stand_ins(menus: Menus, price: Floats, ranked: Ints) -> Ints:
    """Per entry another of the same person that gives as much, for no higher price, wherever the first would fit.

    That is: it may begin in the same quarters and takes no more hours in any quarter from its start. No more hours in
    all would not do: a set with it may fit no quarters where the set with the other one does.
    """
    stand_in = np.full(len(menus.person), -1)
    gives = _outcome_table(menus)
    for begin in range(0, len(ranked), 1_000):
        block = ranked[begin : begin + 1_000]
        block = block[:, (block >= 0).any(axis=0)]
        if not block.shape[1]:
            continue
        safe = np.maximum(block, 0)
        table, cost, spread, starts = gives[safe], price[safe], menus.spread[safe], menus.starts[safe]
        for one in range(block.shape[1]):
            covers = (table >= table[:, one : one + 1]).all(axis=2)
            covers &= (spread <= spread[:, one : one + 1]).all(axis=2)
            covers &= (starts[:, one : one + 1] & ~starts) == 0
            tie = (cost == cost[:, one : one + 1]) & (np.arange(block.shape[1]) > one)
            covers &= (cost <= cost[:, one : one + 1]) & (block >= 0) & ~tie
            covers[:, one] = False
            row = (covers.any(axis=1) & (block[:, one] >= 0)).nonzero()[0]
            # the cheapest of those covering is covered by nobody, so chains end at a kept entry
            best = np.where(covers[row], cost[row], np.inf).argmin(axis=1)
            stand_in[block[row, one]] = block[row, best]
    return stand_in


def _outcome_table(menus: Menus) -> npt.NDArray[np.int8]:
    """Entries × (own needs × levels): the level reached from each level, 0 where nothing is given."""
    order = np.argsort(menus.person[menus.route_entry], kind="stable")
    person = menus.person[menus.route_entry[order]]
    distinct, local = np.unique(person * (len(menus.held) + 1) + menus.route_need[order], return_inverse=True)
    owner = distinct // (len(menus.held) + 1)
    number = (np.arange(len(distinct)) - np.searchsorted(owner, owner))[local]
    width = int(number.max(initial=0)) + 1
    table = np.zeros((len(menus.person), width, 4), dtype=np.int8)
    entry, need = menus.route_entry[order], menus.route_need[order]
    low, high = menus.route_from[order], menus.route_to[order]
    for level in range(4):
        able = (low <= level) & (level >= menus.held[need]) & (high > level)
        cell = (entry[able] * width + number[able]) * 4 + level
        np.maximum.at(table.reshape(-1), cell, high[able].astype(np.int8))
    return table.reshape(len(menus.person), -1)


class RoutesOf:
    """The routes in order of menu entry, to be found by entry."""

    def __init__(self, menus: Menus) -> None:
        self.first = np.searchsorted(menus.route_entry, np.arange(len(menus.person) + 1))


def _listed(menus: Menus, routes: RoutesOf, own: Ints, kept: Ints, width: int) -> tuple[Ints, Ints, Ints]:
    """All sets of ``width`` kept courses of the people ``own`` in which every course is needed."""
    masks = np.arange(1 << width)
    value = set_values(menus, routes, kept[own, :width], masks)
    entries = np.maximum(kept[own, :width], 0)
    keep = np.ones(value.shape, dtype=bool)
    hours = np.zeros(value.shape, dtype=np.int64)
    for bit in range(width):
        low = 1 << bit
        hours[:, low : 2 * low] = hours[:, :low] + menus.hours[entries[:, bit]][:, None]
        shaped = value.reshape(len(own), 1 << (width - bit - 1), 2, low)
        needed = shaped[:, :, 1, :] > shaped[:, :, 0, :]
        locked = menus.is_locked[entries[:, bit]][:, None, None]
        halves = keep.reshape(len(own), 1 << (width - bit - 1), 2, low)
        halves[:, :, 1, :] &= needed | locked
        halves[:, :, 0, :] &= ~locked
    keep &= hours <= menus.hours_free[own][:, None]
    row, column = keep.nonzero()
    return own[row], masks[column], value[row, column]


def set_values(menus: Menus, routes: RoutesOf, entries: Ints, masks: Ints) -> Ints:
    """People × sets: Σ weight × steps, every course counted at its best order."""
    people, width = entries.shape
    value = np.zeros((people, len(masks)), dtype=np.int64)
    if not width:
        return value
    flat = np.maximum(entries, 0).ravel()
    count = np.where(entries.ravel() >= 0, routes.first[flat + 1] - routes.first[flat], 0)
    owner = np.repeat(np.arange(people * width), count)
    route = np.repeat(routes.first[flat], count) + (
        np.arange(len(owner)) - np.repeat(np.cumsum(count) - count, count)
    )
    need = menus.route_need[route]
    # per need, outcomes in order of the level they ask for: one pass then climbs as far as the set allows
    order = np.lexsort((menus.route_from[route], need))
    owner, route, need = owner[order], route[order], need[order]
    distinct, first = np.unique(need, return_index=True)
    turn = np.arange(len(need)) - first[np.searchsorted(distinct, need)]
    level = np.repeat(menus.held[distinct].astype(np.int8)[:, None], len(masks), axis=1)
    row = np.searchsorted(distinct, need)
    for k in range(int(turn.max(initial=-1)) + 1):
        at = turn == k
        rows, taken = row[at], (masks[None, :] >> (owner[at] % width)[:, None]) & 1
        now = level[rows]
        able = (taken == 1) & (now >= menus.route_from[route[at]][:, None])
        level[rows] = np.where(able, np.maximum(now, menus.route_to[route[at]][:, None].astype(np.int8)), now)
    gained = (level - menus.held[distinct].astype(np.int8)[:, None]) * menus.weight[distinct][:, None]
    holder = owner[first] // width
    order = np.argsort(holder, kind="stable")
    people_with, first = np.unique(holder[order], return_index=True)
    if len(first):
        value[people_with] = np.add.reduceat(gained[order], first, axis=0)
    return value
