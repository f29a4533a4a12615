"""A second, naive training-plan optimiser for tests: every plan there is, by the letter of PRODUCT.

Knows nothing of the solvers: a case is a dict of plain values, a plan a list of (person, course, quarter).
"""

from __future__ import annotations

import itertools
from datetime import date

import numpy as np

from tests.analysis.plan_brute_demands import (
    bonus_of,
    closable,
    keeps_demands,
    keeps_targets,
    met_in_time,
)


def hours_of(course, quarter_offset):
    duration = course["duration"]
    whole, rest = divmod(course["hours"] // 100, duration)
    rest = rest * 100 + course["hours"] % 100
    given = [whole * 100] * duration
    place = 0
    while rest > 0:
        given[place] += min(rest, 100)
        rest -= min(rest, 100)
        place += 1
    return given[quarter_offset]


def levels_after(case, person, plan):
    """Level per skill at the end, by walking the quarters."""
    level = {skill: held for skill, (held, _, _) in case["needs"][person].items() if held is not None}
    running = []
    for quarter in range(20):
        for exits in [e for c, q, e in running if q + case["courses"][c]["duration"] == quarter]:
            for skill, exit_level in exits:
                level[skill] = max(level[skill], exit_level)
        for _, course, start in plan:
            if start == quarter:
                exits = [
                    (skill, b)
                    for skill, a, b in case["courses"][course]["outcomes"]
                    if skill in level and level[skill] >= a
                ]
                running.append((course, quarter, exits))
    return level


def value_of(case, person, plan):
    if not case["people"][person]["in_scope"]:
        return 0
    after = levels_after(case, person, plan)
    total = 0
    for skill, (held, required, weight) in case["needs"][person].items():
        if held is not None and held < required and case["skill_in_scope"][skill]:
            total += weight * (min(after[skill], required) - held)
    return total


def own_plans(case, person):
    """Everything one person may do: hours, dates, locks, and nothing that closes no step."""
    locked = {c: q for p, c, q in case["locked"] if p == person}
    if any({(person, c, None), (person, c, q)} & case["forbidden"] for c, q in locked.items()):
        return []
    choices = []
    for course in range(len(case["courses"])):
        if course in locked:
            choices.append([(person, course, locked[course])])
            continue
        choices.append([None, *free_starts(case, person, course)])
    found = []
    for picked in itertools.product(*choices):
        plan = [line for line in picked if line is not None]
        if not is_in_time(case, person, plan) or not is_within_hours(case, person, plan):
            continue
        if not keeps_targets(case, person, plan):
            continue
        measure = (value_of(case, person, plan), met_in_time(case, person, plan))
        needed = all(
            line in case["locked"] or measure_of(case, person, [k for k in plan if k is not line]) != measure
            for line in plan
        )
        if needed:
            found.append((measure[0], plan))
    return found


def free_starts(case, person, course):
    """Starts of a course that is not locked: in scope, open, in time, not forbidden."""
    offer, facts = case["courses"][course], case["people"][person]
    if not facts["in_scope"] or (offer["open_to"] is not None and facts["unit"] not in offer["open_to"]):
        return []
    return [
        (person, course, quarter)
        for quarter in range(case["quarters"])
        if (quarter + offer["duration"] <= case["quarters"] or case["overrun_allowed"])
        and not {(person, course, None), (person, course, quarter)} & case["forbidden"]
    ]


def measure_of(case, person, plan):
    return value_of(case, person, plan), met_in_time(case, person, plan)


def is_in_time(case, person, plan):
    end_date = case["people"][person]["end_date"]
    if end_date is None:
        return True
    for _, course, quarter in plan:
        last = case["start_month"] + 3 * (quarter + case["courses"][course]["duration"])
        year, month = case["start_year"] + (last - 1) // 12, (last - 1) % 12 + 1
        if date(year, month, 1) > date.fromordinal(end_date.toordinal() + 1):
            return False
    return True


def is_within_hours(case, person, plan):
    for quarter in range(20):
        used = 0
        for _, course, start in plan:
            if start <= quarter < start + case["courses"][course]["duration"]:
                used += hours_of(case["courses"][course], quarter - start)
        limits = case["people"][person]["hours"]
        limit = limits[min(quarter, len(limits) - 1)]
        if limit is not None and used > limit:
            return False
    return True


def costs_of(case, plan):
    """Pence per line, or None where a group cannot form or places are short."""
    costs = {}
    apart = {c for c, offer in enumerate(case["courses"]) if not offer["mix"]}
    home = [facts["unit"] // 2 for facts in case["people"]]
    for course, quarter, at in {(c, q, home[p] if c in apart else None) for p, c, q in plan}:
        offer = case["courses"][course]
        members = sorted(
            (p for p, c, q in plan if (c, q) == (course, quarter) and at in (None, home[p])),
            key=lambda p: case["people"][p]["id"],
        )
        n = len(members)
        smallest = offer.get("min_group_at", {}).get(at, offer["min_group"])
        if offer["max_group"] is None:
            groups = 1 if n >= smallest else None
        else:
            fitting = [k for k in range(1, n + 1) if k * smallest <= n <= k * offer["max_group"]]
            groups = min(fitting, default=None)
        if groups is None:
            return None
        total = groups * offer["cohort_cost"]
        for place, person in enumerate(members):
            extra = 1 if place < total % n else 0
            costs[person, course, quarter] = offer["person_cost"] + total // n + extra
    return costs


def is_affordable(case, plan, costs):
    for limit in case["limits"]:
        spent = 0
        for person, course, quarter in plan:
            month = case["start_month"] + 3 * quarter
            year = case["start_year"] + (month - 1) // 12 - ((month - 1) % 12 < 3)
            same_pot = case["courses"][course]["pot"] == limit["pot"]
            same_year = limit["year"] is None or limit["year"] == year
            own = limit["departments"] is None or case["people"][person]["unit"] in limit["departments"]
            if same_pot and same_year and own:
                spent += costs[person, course, quarter]
        if spent > limit["pence"]:
            return False
    return True


def best_plan(case):
    """(worth, money, quarters, sorted list) of the best plan; None where there is none.

    Worth is steps closed and what priced targets add.
    """
    options = [own_plans(case, person) for person in range(len(case["people"]))]
    if not all(options):
        return None
    steps = np.zeros((1, 2), dtype=np.int64)
    values = np.zeros(1, dtype=np.int64)
    for person, own in enumerate(options):
        mine = np.array([value for value, _ in own])
        more = np.array([bonus_of(case, person, plan) for _, plan in own])
        home = np.zeros((len(own), 2), dtype=np.int64)
        home[:, case["people"][person]["unit"] // 2] = mine
        steps = (steps[:, None] + home[None]).reshape(-1, 2)
        values = (values[:, None] + (mine + more)[None, :]).ravel()
    fair = np.ones(len(values), dtype=bool)
    for at, needed in floors_of(case).items():
        fair &= steps[:, at] >= needed
    best = None
    order = np.argsort(-values, kind="stable")
    for place in order[fair[order]]:
        if best is not None and -values[place] > best[0]:
            break
        picked = np.unravel_index(place, [len(own) for own in options])
        plan = [line for own, k in zip(options, picked, strict=True) for line in own[k][1]]
        costs = costs_of(case, plan)
        if costs is None or not is_affordable(case, plan, costs) or not keeps_demands(case, plan, costs):
            continue
        listed = sorted((q, case["people"][p]["id"], case["courses"][c]["code"]) for p, c, q in plan)
        key = (-int(values[place]), sum(costs.values()), sum(q for _, _, q in plan), listed)
        best = key if best is None else min(best, key)
    return None if best is None else (-best[0], *best[1:])


def floors_of(case):
    """Weighted steps that each department must close."""
    if "floors" in case:  # known from before some demands were dropped
        return case["floors"]
    return {at: -(-closable(case, at) * case["fair_share"] // 10_000) for at in (0, 1) if case["fair_share"]}


def count_of_plans(case):
    """How many plans the brute force would look at."""
    total = 1
    for person in range(len(case["people"])):
        total *= max(1, len(own_plans(case, person)))
    return total
