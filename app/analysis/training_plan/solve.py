"""The one door of the optimiser: a problem in, a checked plan out."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace

from app.analysis.training_plan.bidding import search_by_prices
from app.analysis.training_plan.check import check_plan
from app.analysis.training_plan.clashes import has_hopeless_lock, smallest_clash
from app.analysis.training_plan.clock import NewsReport
from app.analysis.training_plan.enrol import Candidates, candidates
from app.analysis.training_plan.keeping import bonus_of, unkept_demands
from app.analysis.training_plan.ledger import Ledger
from app.analysis.training_plan.levels import Levels
from app.analysis.training_plan.mentoring import mentor_of
from app.analysis.training_plan.opening import all_steps, opening_plan
from app.analysis.training_plan.problem import POTS, Enrolment, PlanProblem, SolveSettings
from app.analysis.training_plan.repair import search_with_demands
from app.analysis.training_plan.result import PlanLine, PlanResult, PlanState
from app.analysis.training_plan.unmet import unmet_needs
from app.analysis.training_plan.wishes import ExactSearch, Search, by_person, stages_of
from app.errors import NoPlanError
from app.progress import Cancelled, Progress, silent
from app.terms import Funding

EXACT_AT_ONCE = 4_000
"""Up to so many candidate enrolments HiGHS proves a plan faster than prices find one."""

EXACT_AFTERWARDS = 60_000
"""Up to so many HiGHS can still better what the prices found, in the time left."""


CLASH_SECONDS = 60.0
"""How long to look for the smallest set of limits that clash; as a rule it takes a second."""

_OPENING_FROM = 400
"""HiGHS solves fewer candidates sooner than it takes in a plan to begin from."""


class PlanFaultError(RuntimeError):
    """The optimiser's own plan failed the independent check: a fault of the program, nothing to save."""


def solve(
    problem: PlanProblem,
    settings: SolveSettings | None = None,
    progress: Progress | None = None,
    on_news: NewsReport | None = None,
) -> PlanResult:
    """The best plan found in the time given, with a proven bound and the reasons for what stays open.

    Raises :class:`app.progress.Cancelled` when cancelled, unless the settings keep the best plan so far, and
    :class:`PlanFaultError` rather than return a plan that its check refuses.
    """
    settings, progress = settings or SolveSettings(), progress or silent()
    began = time.monotonic()
    progress.step(0.0, "Listing the courses that close a gap")
    found = candidates(problem)
    if has_hopeless_lock(problem):
        return _no_plan(problem, began, progress)
    search = _search(problem, found, settings, began + settings.seconds, progress, on_news or _tell_nobody)
    if not settings.keep_on_cancel:
        progress.check()
    if search.lines is None and search.is_infeasible:
        return _no_plan(problem, began, progress)
    lines = search.lines
    if lines is None:
        lines = sorted(problem.locked)
        if Ledger(problem).broken(lines) or unkept_demands(problem, lines):
            raise NoPlanError(
                "No plan that keeps the locked lines, targets and fair shares was found in the time given.",
                "Give it more time, or ask for less.",
            )
    result = _result(problem, found, search, lines, began)
    faults = check_plan(problem, result)
    if faults:
        raise PlanFaultError(f"The plan failed its check: {faults[0]} ({len(faults)} faults)")
    return result


def _tell_nobody(_closed: float, _at_most: float) -> None:
    """The report where nobody asked for one."""


def _search(
    problem: PlanProblem,
    found: Candidates,
    settings: SolveSettings,
    deadline: float,
    progress: Progress,
    on_news: NewsReport,
) -> Search:
    """Prices for many candidates, HiGHS on all of them for few; never less than a plain plan."""
    opening = _opening(problem, found, progress, on_news)
    least = opening.stages[0].value if opening.lines is not None else 0

    def news(value: float, bound: float) -> None:
        if not progress.is_cancelled:
            # HiGHS speaks before it has a limit of its own: then the one known without a search holds
            bound = min(bound, float(opening.bound))
            closed = max(value, least) / 10_000
            on_news(closed, max(closed, bound / 10_000))
            progress.step(-1.0, f"{closed:,.1f} steps closed so far, at most {bound / 10_000:,.1f}")

    first = opening
    if len(found) > EXACT_AT_ONCE:
        try:
            priced = search_with_demands(
                problem,
                found,
                lambda asked, offered, end: search_by_prices(
                    asked, offered, settings, end, progress, lambda v, b: news(v * 10_000, b * 10_000)
                ),
                deadline,
                (settings, progress),
            )
            first = _best_of(opening, priced)
        except Cancelled:
            if not settings.keep_on_cancel:
                raise
        value = first.stages[0].value if first.lines is not None else 0
        is_enough = first.lines is not None and first.bound - value <= value * settings.gap_pct / 100
        if is_enough or (first.lines is not None and len(found) > EXACT_AFTERWARDS):
            return first
    exact = ExactSearch(problem, found, settings, deadline, progress)
    unit = exact.model.unit
    known = first.lines if len(found) > _OPENING_FROM else None
    bound = first.bound if len(found) > EXACT_AT_ONCE else None
    return _best_of(first, exact.run(known, lambda v, b: news(v * unit, b * unit), bound))


def _opening(problem: PlanProblem, found: Candidates, progress: Progress, on_news: NewsReport) -> Search:
    """The plain plan that the search begins from, told at once, with the limit that is known without a search."""
    most = all_steps(problem, found)
    lines = opening_plan(problem, found, progress)
    if lines is None:
        return Search(None, most, ())
    levels = Levels(problem)
    value = sum(levels.worth(person, own) for person, own in by_person(lines).items())
    if not progress.is_cancelled and len(found) > _OPENING_FROM:
        on_news(value / 10_000, most / 10_000)
    return Search(lines, most, stages_of(problem, lines, value, (value >= most,)))


def _best_of(first: Search, second: Search) -> Search:
    """The better plan of two searches with the lower of their bounds."""
    if second.lines is None:
        return second if second.is_infeasible else replace(first, bound=min(first.bound, second.bound))
    bound = min(first.bound, second.bound)
    if first.lines is not None and first.stages[0].value > second.stages[0].value:
        return replace(first, bound=bound)
    return replace(second, bound=bound)


def _no_plan(problem: PlanProblem, began: float, progress: Progress) -> PlanResult:
    progress.step(0.9, "No plan is possible; finding out which limits clash")
    clashes = smallest_clash(problem, CLASH_SECONDS, progress).sentences
    return PlanResult(
        PlanState.INFEASIBLE, None, 0, 0, (), (), 0, 0, {}, 0, time.monotonic() - began, clashes
    )


def _result(
    problem: PlanProblem, found: Candidates, search: Search, lines: Sequence[Enrolment], began: float
) -> PlanResult:
    shown = plan_lines(problem, lines)
    objective = sum(c.steps_closed * c.weight for line in shown for c in line.credits)
    objective += bonus_of(problem, lines)
    bound = max(search.bound, objective)
    state = PlanState.STOPPED
    if bound == objective:
        state = PlanState.OPTIMAL
    needs, number = problem.needs, found.routes.need
    costs: dict[Funding, int] = dict.fromkeys(POTS, 0)
    for line in shown:
        costs[line.funding] += line.cost_pence
    return PlanResult(
        state=state,
        lines=shown,
        objective=objective,
        bound=bound,
        stages=search.stages,
        unmet=unmet_needs(problem, found, shown, is_proven=bound == objective),
        steps_open_before=int((needs.required[number] - needs.held[number]).sum()),
        steps_closed=sum(c.steps_closed for line in shown for c in line.credits),
        cost_by_pot=costs,
        hours=sum(line.hours for line in shown),
        seconds=time.monotonic() - began,
    )


def plan_lines(problem: PlanProblem, lines: Sequence[Enrolment]) -> tuple[PlanLine, ...]:
    """Enrolments as plan lines in order of quarter, staff id, course code, with costs and credits."""
    staff_ids, offers = problem.learners.staff_ids, problem.offers
    levels, locked = Levels(problem), set(problem.locked)
    ordered = sorted(lines, key=lambda k: (k.quarter, staff_ids[k.person], offers.codes[k.course]))
    credited = {
        line: credit
        for person, own in by_person(ordered).items()
        for line, credit in zip(own, levels.credits(person, own), strict=True)
    }
    mentors = mentor_of(problem, ordered) or {}
    hours, pots = offers.hours.tolist(), [POTS[pot] for pot in offers.pot.tolist()]
    return tuple(
        PlanLine(
            line.person,
            line.course,
            line.quarter,
            cost,
            hours[line.course],
            pots[line.course],
            tuple(credited[line]),
            line in locked,
            mentors.get(line),
        )
        for line, cost in zip(ordered, Ledger(problem).costs(ordered), strict=True)
    )
