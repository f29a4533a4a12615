"""Locked lines in a plan built step by step: booked first, as they stand, and never taken out again."""

from __future__ import annotations

from collections import defaultdict

from app.analysis.training_plan.dealing import Choice, Dealer
from app.analysis.training_plan.levels import groups_for
from app.analysis.training_plan.problem import Enrolment
from app.analysis.training_plan.wishes import by_person


def book_locked(dealer: Dealer, choices: dict[int, list[Choice]]) -> None:
    """Book every locked line, fill up their groups, then give their people what they gain most by besides.

    Nothing is refused here: whether the locked lines keep the limits is for the ledger to say once all are there.
    The people booked are fixed afterwards and their ``choices`` are used up; what they have beyond their locked
    lines may still be dissolved.
    """
    owners = by_person(dealer.problem.locked)
    for person, own in owners.items():
        dealer.fixed.add(person)
        dealer.take(person, _as_it_stands(dealer, person, own), own)
    _fill_small_groups(dealer, choices)
    for person in owners:
        dealer.deal_more(person, choices.pop(person, []))


def _as_it_stands(dealer: Dealer, person: int, lines: list[Enrolment]) -> Choice:
    value = dealer.levels.value(person, lines) // dealer.menus.unit
    return Choice(tuple(line.course for line in lines), value, float(value), builds=False)


def _fill_small_groups(dealer: Dealer, choices: dict[int, list[Choice]]) -> None:
    """Add those who gain most to locked groups too small to run, which must run all the same."""
    runs = sorted({(line.course, line.quarter) for line in dealer.problem.locked})
    small = [run for run in runs if groups_for(dealer.size[run[0]][run[1]], *dealer.sizes[run[0]]) is None]
    if not small:
        return
    able: dict[int, list[int]] = defaultdict(list)
    courses = {course for course, _ in small}
    for person, course in dealer.starts:
        if course in courses and person not in dealer.fixed:
            able[course].append(person)
    for course, quarter in small:
        gains: list[tuple[int, int]] = []
        for person in able[course]:
            if person not in dealer.fixed and quarter in dealer.starts[person, course]:
                line = Enrolment(person, course, quarter)
                gains.append((-dealer.levels.value(person, [line]), person))
        for gain, person in sorted(gains):
            if not gain or groups_for(dealer.size[course][quarter], *dealer.sizes[course]) is not None:
                break
            line = Enrolment(person, course, quarter)
            if dealer.has_room([line]):
                dealer.take(person, _as_it_stands(dealer, person, [line]), [line])
                dealer.fixed.add(person)
                choices.pop(person, None)
