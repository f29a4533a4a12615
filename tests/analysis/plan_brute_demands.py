"""The demands beside money, hours and places, for the brute force: by the letter, knowing nothing of the solvers."""

from __future__ import annotations

import itertools
from datetime import date


def ends_by(case, quarter):
    """The first day after a quarter of the plan."""
    month = case["start_month"] + 3 * (quarter + 1)
    return date(case["start_year"] + (month - 1) // 12, (month - 1) % 12 + 1, 1)


def is_there(case, end_date, quarter):
    """Whether somebody who leaves on ``end_date`` is there to the end of a quarter."""
    return end_date is None or ends_by(case, quarter) <= date.fromordinal(end_date.toordinal() + 1)


def level_by(case, person, plan, skill, quarter):
    """The level at the end of a quarter, from the courses finished by then."""
    from tests.analysis.plan_brute_force import levels_after

    done = [line for line in plan if line[2] + case["courses"][line[1]]["duration"] <= quarter + 1]
    return levels_after(case, person, done).get(skill, 0)


def met_in_time(case, person, plan):
    """Steps of each target that the person's plan meets in time."""
    found = []
    for target in case.get("targets", ()):
        for who, skill, level in target["needs"]:
            if who == person:
                held = case["needs"][person][skill][0]
                found.append(max(0, min(level, level_by(case, person, plan, skill, target["by"])) - held))
    return found


def bonus_of(case, person, plan):
    """What priced targets add."""
    prices = [t["price"] or 0 for t in case.get("targets", ()) for who, _, _ in t["needs"] if who == person]
    return sum(price * met for price, met in zip(prices, met_in_time(case, person, plan), strict=True))


def keeps_targets(case, person, plan):
    """Whether every hard target is met in time."""
    for target in case.get("targets", ()):
        for who, skill, level in target["needs"]:
            is_hard = target["price"] is None and who == person
            if is_hard and level_by(case, person, plan, skill, target["by"]) < level:
                return False
    return True


def keeps_demands(case, plan, costs):
    """Reserves, shared places, released teams and mentors."""
    return (
        keeps_places(case, plan)
        and keeps_reserves(case, plan, costs)
        and keeps_release(case, plan)
        and has_mentors(case, plan)
    )


def keeps_places(case, plan):
    for course, quarter in {(c, q) for _, c, q in plan}:
        places = case["courses"][course]["places"][quarter]
        if places is not None and sum((c, q) == (course, quarter) for _, c, q in plan) > places:
            return False
    return True


def keeps_reserves(case, plan, costs):
    for reserve in case.get("reserves", ()):
        drawn = 0
        for units, own in reserve["own"]:
            spent = sum(
                costs[p, c, q]
                for p, c, q in plan
                if case["courses"][c]["pot"] == reserve["pot"] and case["people"][p]["unit"] in units
            )
            drawn += max(0, spent - own)
        if drawn > reserve["pence"]:
            return False
    return True


def keeps_release(case, plan):
    if not case.get("release"):
        return True
    for unit, row in enumerate(case["release"]["most"]):
        for quarter in range(case["quarters"] + 3):
            people = {
                p
                for p, c, q in plan
                if case["people"][p]["unit"] == unit
                and q <= quarter < q + case["courses"][c]["duration"]
                and (p, quarter) not in case["release"]["away"]
            }
            if len(people) > row[min(quarter, len(row) - 1)]:
                return False
    return True


def in_reach(case, mentor, line):
    person, course, quarter = line
    unit = case["people"][person]["unit"]
    last = quarter + case["courses"][course]["duration"] - 1
    return (
        mentor["unit"] in (unit, case["parent"][unit])
        and mentor["able"][course]
        and mentor["learner"] != person
        and is_there(case, mentor["end_date"], last)
    )


def has_mentors(case, plan):
    """Whether every mentor offer can be given a mentor: every way of doing it is tried."""
    wanting = [line for line in plan if case["courses"][line[1]]["mentor_hours"] is not None]
    options = [[k for k, m in enumerate(case["mentors"]) if in_reach(case, m, line)] for line in wanting]
    return any(
        is_bearable(case, plan, list(zip(wanting, picked, strict=True)))
        for picked in itertools.product(*options)
    )


def is_bearable(case, plan, pairs):
    from tests.analysis.plan_brute_force import hours_of

    for number, mentor in enumerate(case["mentors"]):
        for quarter in range(case["quarters"] + 3):
            own = [
                line
                for line, k in pairs
                if k == number and line[2] <= quarter < line[2] + case["courses"][line[1]]["duration"]
            ]
            if not own:
                continue
            used = sum(case["courses"][c]["mentor_hours"] for _, c, _ in own)
            limits = mentor["hours"]
            if mentor["learner"] is not None:
                limits = case["people"][mentor["learner"]]["hours"]
                used += sum(
                    hours_of(case["courses"][c], quarter - q)
                    for p, c, q in plan
                    if p == mentor["learner"] and q <= quarter < q + case["courses"][c]["duration"]
                )
            limit = limits[min(quarter, len(limits) - 1)]
            if limit is not None and used > limit:
                return False
            if any(len(own) > (case["courses"][c]["max_mentees"] or 99) for _, c, _ in own):
                return False
    return True


def closable(case, home):
    """Weighted steps of a department that could be closed at all, each need by itself."""
    from tests.analysis.plan_brute_force import value_of

    total = 0
    for person, facts in enumerate(case["people"]):
        if facts["unit"] // 2 != home or not facts["in_scope"]:
            continue
        for skill, (held, required, weight) in case["needs"][person].items():
            if held is None or held >= required or not case["skill_in_scope"][skill]:
                continue
            alone = {**case, "needs": {person: {skill: (held, required, weight)}}}
            starts = allowed_starts(case, person)
            total += max(value_of(alone, person, list(plan)) for plan in every_plan(starts))
    return total


def every_plan(starts):
    """Every set of starts with each course at most once."""
    of_course = {}
    for line in starts:
        of_course.setdefault(line[1], [None]).append(line)
    for picked in itertools.product(*of_course.values()):
        yield [line for line in picked if line is not None]


def allowed_starts(case, person):
    """Starts a person may be booked on at all."""
    from tests.analysis.plan_brute_force import is_in_time, is_within_hours

    locked = {c: q for p, c, q in case["locked"] if p == person}
    found = []
    for course, offer in enumerate(case["courses"]):
        for quarter in range(case["quarters"]):
            line = (person, course, quarter)
            if course in locked:
                if locked[course] == quarter:
                    found.append(line)
                continue
            late = quarter + offer["duration"] > case["quarters"] and not case["overrun_allowed"]
            banned = {(person, course, None), line} & case["forbidden"]
            shut = offer["open_to"] is not None and case["people"][person]["unit"] not in offer["open_to"]
            if late or banned or shut or offer["places"][quarter] == 0:
                continue
            if not is_in_time(case, person, [line]) or not is_within_hours(case, person, [line]):
                continue
            if offer["mentor_hours"] is not None and not any(
                in_reach(case, m, line) for m in case["mentors"]
            ):
                continue
            found.append(line)
    return found
