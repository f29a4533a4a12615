"""Whether lines keep the demands that only a whole plan can be judged by: hard targets and fair shares."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from app.analysis.training_plan.levels import Levels
from app.analysis.training_plan.problem import Enrolment, PlanProblem


def unkept_demands(
    problem: PlanProblem, lines: Sequence[Enrolment], levels: Levels | None = None
) -> list[str]:
    """Hard targets and fair shares that the lines fall short of, in words."""
    if not problem.targets and not problem.fair_shares:
        return []
    levels = levels or Levels(problem)
    own = _by_person(lines)
    return [*_missed_targets(problem, levels, own), *_low_shares(problem, levels, own)]


def bonus_of(problem: PlanProblem, lines: Sequence[Enrolment]) -> int:
    """What steps of priced targets met in time add to the first wish, in ten-thousandths."""
    if not problem.targets:
        return 0
    levels = Levels(problem)
    return sum(levels.bonus(person, own) for person, own in _by_person(lines).items())


def _by_person(lines: Sequence[Enrolment]) -> dict[int, list[Enrolment]]:
    own: dict[int, list[Enrolment]] = defaultdict(list)
    for line in lines:
        own[line.person].append(line)
    return own


def _missed_targets(problem: PlanProblem, levels: Levels, own: dict[int, list[Enrolment]]) -> list[str]:
    missing: dict[int, int] = defaultdict(int)
    for person, wanted in levels.targets.items():
        for met, step in zip(levels.in_time(person, own.get(person, [])), wanted, strict=True):
            if step.price is None and met < step.level - step.held:
                missing[step.target] += 1
    return [
        f"{problem.targets[number].words}: {people} {'person misses' if people == 1 else 'people miss'} it"
        for number, people in sorted(missing.items())
    ]


def closed_by_home(problem: PlanProblem, levels: Levels, own: dict[int, list[Enrolment]]) -> dict[int, int]:
    """Weighted steps closed (ten-thousandths) in each department."""
    homes = problem.learners.homes
    closed: dict[int, int] = defaultdict(int)
    for person, lines in own.items():
        closed[int(homes[person])] += levels.value(person, lines)
    return closed


def _low_shares(problem: PlanProblem, levels: Levels, own: dict[int, list[Enrolment]]) -> list[str]:
    if not problem.fair_shares:
        return []
    closed = closed_by_home(problem, levels, own)
    found: list[str] = []
    for share in problem.fair_shares:
        have = sum(closed[home] for home in share.homes)
        if have < share.needed:
            found.append(
                f"{share.words}: {have / 10_000:,.1f} of {share.needed / 10_000:,.1f} weighted steps"
            )
    return found
