"""Hard targets and fair shares in large plans: met by a few locked lines where the plan at prices misses them.

Without these demands the problem is only easier, so the bound of a search that knows nothing of them holds. Where
its plan falls short, the cheapest lines that meet a target, and then each department's share, are found on the
people concerned alone; with these lines locked the search runs again. What it brings together is judged whole.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from app.analysis.training_plan.enrol import Candidates, candidates
from app.analysis.training_plan.keeping import unkept_demands
from app.analysis.training_plan.ledger import Ledger
from app.analysis.training_plan.levels import Levels
from app.analysis.training_plan.opening import opening_plan
from app.analysis.training_plan.problem import Enrolment, PlanProblem, SolveSettings
from app.analysis.training_plan.wishes import ExactSearch, Search, by_person, stages_of
from app.progress import Progress

PriceSearch = Callable[[PlanProblem, Candidates, float], Search]
"""A search that keeps every limit but hard targets and fair shares: problem, candidates, deadline."""

_FIRST_SHARE = 0.45
"""Of the time, for the search without the demands; the rest is there to mend its plan."""

_GAP = 0.02
"""How far from the cheapest the locked lines may be: they are a means, not the plan."""


def search_with_demands(
    problem: PlanProblem,
    cands: Candidates,
    search: PriceSearch,
    deadline: float,
    how: tuple[SolveSettings, Progress],
) -> Search:
    """The plan of ``search``, mended where it misses hard targets or fair shares; without lines where that fails."""
    if not problem.fair_shares and all(target.price is not None for target in problem.targets):
        return search(problem, cands, deadline)
    began = time.monotonic()
    free = _without_hard_demands(problem)
    first = search(free, cands, began + (deadline - began) * _FIRST_SHARE)
    if first.lines is not None:
        judged = _judged(problem, first.lines, first.bound)
        if judged is not None:
            return judged
    how[1].step(0.6, "Meeting the targets and fair shares")
    locked = _meeting_lines(problem, first.lines or [], deadline, how)
    if locked is None:
        return Search(None, first.bound, ())
    tied = replace(free, locked=tuple(sorted({*problem.locked, *locked})))
    offered = candidates(tied)
    # what the search leaves open a plain plan may meet
    ways = (
        lambda: search(tied, offered, deadline).lines,
        lambda: opening_plan(tied, offered, how[1]),
        lambda: sorted(tied.locked),
    )
    for way in ways:
        lines = way()
        judged = None if lines is None else _judged(problem, lines, first.bound)
        if judged is not None:
            return judged
    return Search(None, first.bound, ())


def _without_hard_demands(problem: PlanProblem) -> PlanProblem:
    # a hard target without a price stays as one worth nothing: what serves it is not to spare
    targets = tuple(replace(target, price=target.price or 0) for target in problem.targets)
    return replace(problem, targets=targets, fair_shares=())


def _judged(problem: PlanProblem, lines: Sequence[Enrolment], bound: int) -> Search | None:
    """The lines as a search's answer where they keep everything, without what closes nothing."""
    levels, ledger = Levels(problem), Ledger(problem)
    kept: list[Enrolment] = []
    for person, own in by_person(lines).items():
        while (extra := levels.spare(person, own, problem.locked)) is not None:
            own.remove(extra)
        kept.extend(own)
    kept.sort()
    if ledger.broken(kept) or unkept_demands(problem, kept, levels):
        return None
    value = sum(levels.worth(person, own) for person, own in by_person(kept).items())
    return Search(kept, bound, stages_of(problem, kept, value, (value >= bound,)))


def _meeting_lines(
    problem: PlanProblem, known: Sequence[Enrolment], deadline: float, how: tuple[SolveSettings, Progress]
) -> list[Enrolment] | None:
    """Lines that meet every hard target, and the shares of departments that ``known`` leaves below theirs."""
    locked = list(problem.locked)
    hard = tuple(target for target in problem.targets if target.price is None)
    if hard:
        people = {int(problem.needs.person[need]) for target in hard for need in target.needs.tolist()}
        found = _cheapest(replace(problem, targets=hard, fair_shares=()), people, deadline, how)
        if found is None:
            return None
        locked = found
    homes = problem.learners.homes
    for share in problem.fair_shares:
        alone = replace(problem, targets=(), fair_shares=(share,), locked=tuple(sorted(locked)))
        if not unkept_demands(alone, [*known, *locked]):
            continue
        people = set(np.isin(homes, np.array(sorted(share.homes))).nonzero()[0].tolist())
        found = _cheapest(alone, people, deadline, how)
        if found is None:
            return None
        locked = found
    return locked


def _cheapest(
    problem: PlanProblem, people: set[int], deadline: float, how: tuple[SolveSettings, Progress]
) -> list[Enrolment] | None:
    """The cheapest lines of these people (and those locked) that keep the problem's demands."""
    found = candidates(problem)
    concerned = np.isin(found.person, np.array(sorted(people), dtype=np.int64)) | found.is_locked
    end = time.monotonic() + max(1.0, (deadline - time.monotonic()) / 2)
    return ExactSearch(problem, found.only(concerned), how[0], end, how[1]).cheapest(_GAP)
