"""A plain plan at once: single courses in order of what they close per pound, so that no search ends with less."""

from __future__ import annotations

import numpy as np

from app.analysis.training_plan.dealing import Choice, Dealer
from app.analysis.training_plan.enrol import Candidates
from app.analysis.training_plan.keeping import unkept_demands
from app.analysis.training_plan.ledger import Ledger
from app.analysis.training_plan.levels import Levels
from app.analysis.training_plan.locks import book_locked
from app.analysis.training_plan.menus import menus_of
from app.analysis.training_plan.problem import Enrolment, PlanProblem
from app.progress import Progress

TRIES = 60_000
"""Courses of single people that are tried; a count, not a time, so that the plan is the same on every machine."""


def opening_plan(
    problem: PlanProblem, cands: Candidates, progress: Progress, tries: int = TRIES
) -> list[Enrolment] | None:
    """A plan that keeps every limit and demand, or ``None`` where this simple way finds none.

    A cancelled ``progress`` ends it with what is booked by then.
    """
    dealer = Dealer(problem, cands, menus_of(problem, cands))
    book_locked(dealer, {})
    _book(dealer, progress, tries)
    _dissolve(dealer)
    lines = _affordable(problem, dealer)
    if Ledger(problem).broken(lines) or unkept_demands(problem, lines):
        return None
    return lines


def all_steps(problem: PlanProblem, cands: Candidates) -> int:
    """Σ weight × steps that any plan could close, with the worth of targets: a limit that needs no search."""
    needs, number = problem.needs, cands.routes.need
    open_steps = (needs.required - needs.held)[number] * needs.weight[number]
    return int(open_steps.sum()) + Levels(problem).most_bonus


def _book(dealer: Dealer, progress: Progress, tries: int) -> None:
    """Book course after course where seat, hours and money allow and something is closed by it."""
    menus, offers, levels = dealer.menus, dealer.problem.offers, Levels(dealer.problem)
    cost = offers.person_cost + offers.cohort_cost / offers.max_group.clip(1, 14)
    order = np.argsort(-(menus.potential / (cost[menus.course] + 1)), kind="stable")[:tries]
    own: dict[int, list[Enrolment]] = {}
    for person, course in zip(menus.person[order].tolist(), menus.course[order].tolist(), strict=True):
        if progress.is_cancelled:
            return
        if person in dealer.fixed:
            continue
        if not dealer.may_fit(person, (course,)):
            continue
        before, now = dealer.plan.get(person), own.get(person, [])
        lines = _with_course(dealer, person, now, course)
        if lines is None:
            continue
        more = levels.value(person, lines) // menus.unit
        if more <= (before[0].value if before else 0) or levels.spare(person, lines) is not None:
            continue
        if before is not None:
            dealer.give_back(person)
        if dealer.has_room(lines):
            dealer.take(person, Choice(tuple(line.course for line in lines), more, 0.0, builds=False), lines)
            own[person] = lines
        elif before is not None:
            dealer.take(person, *before)


def _with_course(dealer: Dealer, person: int, now: list[Enrolment], course: int) -> list[Enrolment] | None:
    """The lines with one course more in the first quarter that has the hours; nothing else is moved."""
    free: list[int] = dealer.hour_limit[person].tolist()
    for line in now:
        for later, hours in enumerate(dealer.hours[line.course]):
            free[line.quarter + later] -= hours
    for quarter in dealer.open_quarters(person, course):
        if all(hours <= free[quarter + later] for later, hours in enumerate(dealer.hours[course])):
            return [*now, Enrolment(person, course, quarter)]
    return None


def _dissolve(dealer: Dealer) -> None:
    """Take people out of groups too small to run, until all run."""
    while small := {
        (line.course, line.quarter)
        for _, own in dealer.plan.values()
        for line in own
        if not dealer.groups_stand([line])
    }:
        members = [
            person
            for person, (_, own) in dealer.plan.items()
            if person not in dealer.fixed and any((line.course, line.quarter) in small for line in own)
        ]
        if not members:
            return
        for person in members:
            dealer.drop(person, small)


def _affordable(problem: PlanProblem, dealer: Dealer) -> list[Enrolment]:
    """The lines, without whole people from the end while a department's exact share of groups is too dear."""
    ledger = Ledger(problem)
    lines = dealer.lines()
    order = [person for person in dealer.plan if person not in dealer.fixed]
    while order and ledger.broken(lines):
        for person in order[-max(1, len(order) // 50) :]:
            dealer.give_back(person)
        del order[-max(1, len(order) // 50) :]
        _dissolve(dealer)
        order = [person for person in order if person in dealer.plan]
        lines = dealer.lines()
    return lines
