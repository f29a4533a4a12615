"""The four wishes in their order, each proven by HiGHS on the flat formulation.

What the programme cannot say is added as rows when it turns up: that nobody takes a course without which as
many steps are closed, and the odd pennies of a cohort price split between departments.
"""

from __future__ import annotations

import math
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from app.analysis.milp import INFINITE, MilpLimits, MilpStatus, solve_milp
from app.analysis.training_plan.enrol import Candidates
from app.analysis.training_plan.exact import Cut, FlatModel
from app.analysis.training_plan.ledger import Ledger
from app.analysis.training_plan.levels import Levels
from app.analysis.training_plan.problem import POTS, Enrolment, PlanProblem, SolveSettings
from app.analysis.training_plan.result import Stage
from app.progress import Progress

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

WISHES = (
    "most steps closed",
    "least money",
    "earliest quarters",
    "first in order of quarter, staff id, course",
)
_BATCH = 20
"""Places of the fourth wish settled in one run: 2 to this power is far below 1 / the solver's tolerance."""


@dataclass(frozen=True, slots=True)
class Search:
    """What a search ended with; ``lines`` is ``None`` where it found no plan, ``bound`` in ten-thousandths."""

    lines: list[Enrolment] | None
    bound: int
    stages: tuple[Stage, ...]
    is_infeasible: bool = False


@dataclass(frozen=True, slots=True)
class _Run:
    lines: list[Enrolment] | None
    bound: float
    is_proven: bool
    is_infeasible: bool = False


class ExactSearch:
    """Settles the wishes one after the other; each proven one becomes a row for the next."""

    def __init__(
        self,
        problem: PlanProblem,
        candidates: Candidates,
        settings: SolveSettings,
        deadline: float,
        progress: Progress,
    ) -> None:
        self._problem, self._candidates, self._settings = problem, candidates, settings
        self._deadline, self._progress = deadline, progress
        self.model = FlatModel(problem, candidates)
        self._levels, self._ledger = Levels(problem), Ledger(problem)
        self._cuts: list[Cut] = []
        self._place = {
            line: k for k, line in enumerate(candidates.lines(np.ones(len(candidates), dtype=bool)))
        }
        self._of_person: dict[int, list[int]] = defaultdict(list)
        for place, person in enumerate(candidates.person.tolist()):
            self._of_person[person].append(place)

    def run(
        self,
        known: Sequence[Enrolment] | None = None,
        on_news: Callable[[float, float], None] | None = None,
        bound: int | None = None,
    ) -> Search:
        """Search until proven or out of time; ``known`` is a plan to better, ``bound`` a proven limit."""
        model = self.model
        if bound is not None:
            column = model.steps.nonzero()[0]
            self._cuts.append(Cut(column, model.steps[column], bound // model.unit))
        first = self._best(
            model.steps,
            maximise=True,
            may_strip=True,
            known=known,
            on_news=on_news,
            gap=self._settings.gap_pct / 100,
        )
        if first.lines is None:
            return Search(None, self._whole_bound(first.bound), (), first.is_infeasible)
        value = self._steps_value(first.lines)
        bound = value if first.is_proven else max(value, self._whole_bound(first.bound))
        if not first.is_proven or self._settings.is_value_only:
            return Search(first.lines, bound, stages_of(self._problem, first.lines, value, (bound == value,)))
        self._hold(-model.steps, -(value // model.unit))
        lines, proofs = first.lines, [True]
        for objective, measure in ((model.money, self._money), (model.quarters, _quarters)):
            step = self._best(objective, maximise=False, may_strip=True, known=lines)
            lines = step.lines or lines
            proofs.append(step.is_proven)
            if not step.is_proven:
                break
            self._hold(objective, measure(lines))
        if all(proofs):
            lines, is_proven = self._first_in_order(lines)
            proofs.append(is_proven)
        return Search(lines, bound, stages_of(self._problem, lines, value, proofs))

    def nearest(self, known: Sequence[Enrolment], wanted: set[Enrolment]) -> list[Enrolment] | None:
        """A plan that closes as much as ``known`` and holds most of ``wanted``; ``None``: none in time."""
        value = self._steps_value(known)
        self._hold(-self.model.steps, -(value // self.model.unit))
        keeping = np.zeros(len(self.model.steps))
        keeping[[place for line, place in self._place.items() if line in wanted]] = 1.0
        return self._best(keeping, maximise=True, may_strip=True, known=known).lines

    def is_possible(self) -> bool | None:
        """Whether there is any plan at all; ``None`` where the time ran out. Fewest lines: none is to spare then."""
        objective = np.zeros(len(self.model.steps))
        objective[: len(self._candidates)] = 1.0
        step = self._best(objective, maximise=False, may_strip=True, gap=INFINITE)
        if step.lines is not None:
            return True
        return False if step.is_infeasible else None

    def cheapest(self, gap: float) -> list[Enrolment] | None:
        """A plan that costs within ``gap`` of the least, whatever it closes; ``None``: none in time."""
        objective = self.model.money.copy()
        objective[: len(self._candidates)] += 1.0  # a penny each: nobody is booked for nothing
        return self._best(objective, maximise=False, may_strip=True, gap=gap).lines

    def _whole_bound(self, bound: float) -> int:
        """The bound in ten-thousandths: weights are multiples of the unit, so it can be rounded down."""
        return math.floor(bound + 1e-6) * self.model.unit if math.isfinite(bound) else self._all_steps()

    def _all_steps(self) -> int:
        needs, number = self._problem.needs, self._candidates.routes.need
        return (
            int(((needs.required - needs.held)[number] * needs.weight[number]).sum())
            + self._levels.most_bonus
        )

    def _steps_value(self, lines: Sequence[Enrolment]) -> int:
        return sum(self._levels.worth(person, own) for person, own in by_person(lines).items())

    def _money(self, lines: Sequence[Enrolment]) -> int:
        return sum(self._ledger.costs(lines))

    def _hold(self, objective: Floats, most: float) -> None:
        column = objective.nonzero()[0]
        if len(column):
            scale = np.abs(objective[column]).max()  # keeps large pence sums within the solver's tolerance
            self._cuts.append(Cut(column, objective[column] / scale, (most + 0.25) / scale))

    def _first_in_order(self, lines: list[Enrolment]) -> tuple[list[Enrolment], bool]:
        """The fourth wish: settle candidates in order, each in the plan if any plan still allows it.

        No plan as good by the first three wishes contains another, so the first list is the one that takes
        the earliest candidate it can at every place.
        """
        problem, cands = self._problem, self._candidates
        staff, codes = _ranks(problem.learners.staff_ids), _ranks(problem.offers.codes)
        order = np.lexsort((codes[cands.course], staff[cands.person], cands.quarter))
        fixed: dict[int, int] = {}
        for first in range(0, len(order), _BATCH):
            batch = order[first : first + _BATCH].tolist()
            objective = np.zeros(len(self.model.steps))
            objective[batch] = 2.0 ** np.arange(len(batch) - 1, -1, -1)
            step = self._best(objective, maximise=True, may_strip=False, known=lines, fixed=fixed)
            if step.lines is None or not step.is_proven:
                return lines, False
            lines = step.lines
            chosen = {self._place[line] for line in lines}
            fixed.update({place: int(place in chosen) for place in batch})
        return lines, True

    def _best(
        self,
        objective: Floats,
        *,
        maximise: bool,
        may_strip: bool,
        known: Sequence[Enrolment] | None = None,
        fixed: dict[int, int] | None = None,
        on_news: Callable[[float, float], None] | None = None,
        gap: float = 0.0,
    ) -> _Run:
        while True:
            left = self._deadline - time.monotonic()
            if left <= 0 or self._progress.is_cancelled:
                return _Run(None, math.inf if maximise else -math.inf, is_proven=False)
            limits = MilpLimits(left, gap, 0.9, self._settings.seed)
            programme = self.model.programme(objective, self._cuts, fixed, maximise=maximise)
            start = self._start(known)
            found = solve_milp(programme, limits, start=start, progress=self._progress, on_news=on_news)
            if found.values is None:
                infeasible = found.status is MilpStatus.INFEASIBLE
                return _Run(None, found.bound, is_proven=False, is_infeasible=infeasible)
            lines = self._candidates.lines(found.values[: len(self._candidates)] > 0.5)
            stripped = self._stripped(lines) if may_strip else lines
            cut = self._broken_row(stripped)
            if cut is None:
                is_proven = found.status is MilpStatus.OPTIMAL and abs(found.bound - found.objective) < 1
                return _Run(stripped, found.bound, is_proven)
            self._cuts.append(self._broken_row(lines) or cut)

    def _start(self, known: Sequence[Enrolment] | None) -> Floats | None:
        if known is None:
            return None
        start = np.zeros(len(self._candidates))
        start[[self._place[line] for line in known]] = 1.0
        return start

    def _stripped(self, lines: list[Enrolment]) -> list[Enrolment]:
        """The lines without those that close nothing, where the others may stand alone."""
        kept: list[Enrolment] = []
        for person, own in by_person(lines).items():
            while (extra := self._levels.spare(person, own, self._problem.locked)) is not None:
                own.remove(extra)
            kept.extend(own)
        kept.sort()
        return kept if len(kept) == len(lines) or not self._ledger.broken(kept) else lines

    def _broken_row(self, lines: Sequence[Enrolment]) -> Cut | None:
        """A row that these lines break and every allowed plan keeps; ``None`` where they are allowed."""
        for person, own in by_person(lines).items():
            extra = self._levels.spare(person, own, self._problem.locked)
            if extra is not None:
                return self._spare_row(person, own, extra)
        unspent = self._ledger.unspent(lines)
        for limit, left in zip(self._problem.limits, unspent, strict=True):
            if left < 0:
                return self._penny_row(lines, POTS.index(limit.pot))
        for reserve, over in zip(self._problem.reserves, self._ledger.overdrawn(lines), strict=True):
            if over > 0:
                pot = self._problem.limits[reserve.accounts[0][0]].pot
                return self._penny_row(lines, POTS.index(pot))
        return None

    def _spare_row(self, person: int, own: Sequence[Enrolment], extra: Enrolment) -> Cut:
        """``extra`` closes nothing as long as the courses on its skills are exactly these."""
        skills = {skill for skill, _, _ in self._levels.outcomes[extra.course]}

        def touches(course: int) -> bool:
            return any(skill in skills for skill, _, _ in self._levels.outcomes[course])

        taken = {self._place[line] for line in own if touches(line.course)} | {self._place[extra]}
        courses = self._candidates.course
        near = [place for place in self._of_person[person] if touches(int(courses[place]))]
        return _not_exactly(near, taken)

    def _penny_row(self, lines: Sequence[Enrolment], pot: int) -> Cut:
        same = (self._problem.offers.pot[self._candidates.course] == pot).nonzero()[0].tolist()
        return _not_exactly(same, {self._place[line] for line in lines})


def _not_exactly(places: Sequence[int], taken: set[int]) -> Cut:
    signs = np.array([1.0 if place in taken else -1.0 for place in places])
    return Cut(np.array(places, dtype=np.int64), signs, float((signs > 0).sum() - 1))


def by_person(lines: Sequence[Enrolment]) -> dict[int, list[Enrolment]]:
    """The lines of each person, in their order."""
    found: dict[int, list[Enrolment]] = defaultdict(list)
    for line in lines:
        found[line.person].append(line)
    return found


def stages_of(
    problem: PlanProblem, lines: Sequence[Enrolment], steps: int, proofs: Sequence[bool]
) -> tuple[Stage, ...]:
    """The four wishes with what the plan gives of each; missing proofs mean "stopped"."""
    values = (steps, sum(Ledger(problem).costs(lines)), _quarters(lines), 0)
    proven = [*proofs, *[False] * 4][:4]
    return tuple(Stage(*row) for row in zip(WISHES, values, proven, strict=True))


def _quarters(lines: Sequence[Enrolment]) -> int:
    return sum(line.quarter for line in lines)


def _ranks(names: Sequence[str]) -> Ints:
    order = sorted(range(len(names)), key=lambda k: names[k])
    ranks = np.zeros(len(names), dtype=np.int64)
    ranks[order] = np.arange(len(names))
    return ranks
