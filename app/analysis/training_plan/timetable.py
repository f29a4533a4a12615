"""Quarters for groups: where most of those meant for a course can attend, with all else they are meant for."""

from __future__ import annotations

from collections import defaultdict

from app.analysis.training_plan.dealing import Choice, Dealer
from app.analysis.training_plan.problem import NO_LIMIT

Fixed = dict[int, dict[int, int]]
"""Per person the quarter of each course that is settled."""


def timetabled(dealer: Dealer, targets: dict[int, Choice]) -> Fixed:
    """Settle course by course in which quarters its groups run and who is in which."""
    wanted: dict[int, list[int]] = defaultdict(list)
    for person, target in sorted(targets.items()):
        for course in target.courses:
            if dealer.cohort_cost[course] or dealer.sizes[course][0] > 1:
                wanted[course].append(person)
    fixed: Fixed = defaultdict(dict)
    for course in sorted(wanted, key=lambda c: (-len(dealer.hours[c]), -sum(dealer.hours[c]), c)):
        _settle(dealer, targets, (course, wanted[course]), fixed)
    return fixed


def _settle(dealer: Dealer, targets: dict[int, Choice], whom: tuple[int, list[int]], fixed: Fixed) -> None:
    """Fill one quarter after another, each time the one that most of those left can attend."""
    course, members = whom
    smallest, largest = dealer.sizes[course]
    able: dict[int, list[int]] = defaultdict(list)
    for person in members:
        if dealer.fits_anyhow(person, targets[person]):
            for quarter in dealer.starts[person, course]:
                able[quarter].append(person)
            continue
        for quarter in dealer.starts[person, course]:
            own = {**fixed[person], course: quarter}
            if dealer.way(person, targets[person], own) is not None:
                able[quarter].append(person)
    left = set(members)
    while left:
        here = {q: [person for person in own if person in left] for q, own in able.items()}
        quarter = max(sorted(here), key=lambda q: min(len(here[q]), dealer.places[course][q]), default=None)
        if quarter is None or len(here[quarter]) < smallest:
            return
        own = here.pop(quarter)
        ways = {person: sum(person in others for others in here.values()) for person in own}
        own.sort(key=lambda person: (ways[person], person))
        count = min(len(own), dealer.places[course][quarter])
        movable = sum(ways[person] > 0 for person in own[:count])
        if largest != NO_LIMIT and count > largest and len(left) > count:
            over = count % largest
            count -= over if movable >= over else 0
        for person in own[:count]:
            fixed[person][course] = quarter
        left -= set(own[:count])
        del able[quarter]
