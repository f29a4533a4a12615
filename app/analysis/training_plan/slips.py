"""What slips when a budget is cut: a new plan for less money that stays as near to the old one as it can.

The cut problem is solved afresh for its value and bound. Many plans may be as good, and a fresh one would move
people about for nothing; so among the lines of the two plans the one is chosen that closes as much as the fresh
plan and keeps most lines of the old.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from app.analysis.training_plan.enrol import candidates
from app.analysis.training_plan.keeping import unkept_demands
from app.analysis.training_plan.ledger import Ledger
from app.analysis.training_plan.levels import Levels
from app.analysis.training_plan.problem import Enrolment, PlanProblem, SolveSettings
from app.analysis.training_plan.result import PlanLine, PlanResult
from app.analysis.training_plan.solve import plan_lines, solve
from app.analysis.training_plan.wishes import ExactSearch, by_person
from app.progress import Progress, silent


@dataclass(frozen=True, slots=True)
class Slips:
    """The plan under the cut. ``value`` and ``bound`` are of the first wish, in ten-thousandths.

    ``lost`` and ``won`` are steps per need (number of the need → steps); ``dropped`` the old lines that are no
    longer there and ``added`` the new ones. ``lines`` is ``None`` where no plan is possible; ``clashes`` says why.
    """

    lines: tuple[PlanLine, ...] | None
    value: int
    bound: int
    dropped: tuple[PlanLine, ...]
    added: tuple[PlanLine, ...]
    lost: dict[int, int]
    won: dict[int, int]
    clashes: tuple[str, ...] = ()


def what_slips(
    cut: PlanProblem,
    old: Sequence[PlanLine],
    settings: SolveSettings,
    progress: Progress | None = None,
) -> Slips:
    """Solve ``cut`` (the old problem with less money) and say what the old plan's people lose."""
    progress = progress or silent()
    result = solve(cut, replace(settings, is_value_only=True), progress.part(0.0, 0.8))
    if result.lines is None:
        return Slips(None, 0, 0, tuple(old), (), closed_by_need(old), {}, result.clashes)
    progress.step(0.8, "Keeping as many lines as it can")
    lines = plan_lines(cut, nearest_plan(cut, old, result, settings, progress))
    before, after = closed_by_need(old), closed_by_need(lines)
    had, has = {line.enrolment for line in old}, {line.enrolment for line in lines}
    value = _worth(Levels(cut), [line.enrolment for line in lines])
    return Slips(
        lines=lines,
        value=value,
        bound=max(value, result.bound),
        dropped=tuple(line for line in old if line.enrolment not in has),
        added=tuple(line for line in lines if line.enrolment not in had),
        lost={need: steps - after[need] for need, steps in before.items() if steps > after[need]},
        won={need: steps - before[need] for need, steps in after.items() if steps > before[need]},
    )


def closed_by_need(lines: Sequence[PlanLine]) -> Counter[int]:
    """Steps closed per need."""
    closed: Counter[int] = Counter()
    for line in lines:
        for credit in line.credits:
            closed[credit.need] += credit.steps_closed
    return closed


def nearest_plan(
    problem: PlanProblem,
    old: Sequence[PlanLine],
    fresh: PlanResult,
    settings: SolveSettings,
    progress: Progress,
) -> list[Enrolment]:
    """Among the lines of the old and the fresh plan: as many steps as the fresh one, most lines of the old."""
    assert fresh.lines is not None
    known = [line.enrolment for line in fresh.lines]
    levels, wanted = Levels(problem), {line.enrolment for line in old}
    enough = _worth(levels, known)

    def is_fine(lines: Sequence[Enrolment] | None) -> bool:
        return (
            lines is not None
            and _worth(levels, lines) >= enough
            and not Ledger(problem).broken(lines)
            and not unkept_demands(problem, lines, levels)
        )

    only_dropped = _search(problem, wanted, settings, progress).run().lines
    if only_dropped is not None and is_fine(only_dropped):
        return only_dropped
    near = _search(problem, wanted | set(known), settings, progress).nearest(known, wanted)
    return near if near is not None and is_fine(near) else known


def _search(
    problem: PlanProblem, either: set[Enrolment], settings: SolveSettings, progress: Progress
) -> ExactSearch:
    """A search among some enrolments alone, for as long as the settings give one plan."""
    found = candidates(problem)
    every = found.lines(np.ones(len(found), dtype=bool))
    kept = np.array([line in either for line in every], dtype=bool)
    quick = replace(settings, is_value_only=True)
    deadline = time.monotonic() + max(1.0, settings.seconds)
    return ExactSearch(problem, found.only(kept | found.is_locked), quick, deadline, progress)


def _worth(levels: Levels, lines: Sequence[Enrolment]) -> int:
    return sum(levels.worth(person, own) for person, own in by_person(lines).items())
