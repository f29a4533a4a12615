"""The small rules of a plan that every solver shares: hours, groups, cohort prices, levels.

The independent check (``check.py``) has its own versions and must not import this file.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from app.analysis.training_plan.problem import NO_LIMIT, Enrolment, PlanProblem
from app.analysis.training_plan.result import Credit
from app.terms import NOT_ASSESSED


def hours_by_quarter(hours: int, duration: int) -> list[int]:
    """Hundredths of hours in each quarter of a course: even whole hours, the remainder first."""
    even = hours // (100 * duration) * 100
    rest = hours - even * duration
    return [even + min(100, max(0, rest - 100 * quarter)) for quarter in range(duration)]


def groups_for(size: int, min_group: int, max_group: int) -> int | None:
    """The fewest groups ``size`` people can form; ``None`` where they cannot form any."""
    if size == 0:
        return 0
    groups = 1 if max_group == NO_LIMIT else -(-size // max_group)
    return groups if groups * min_group <= size else None


def cohort_shares(total: int, lines: int) -> list[int]:
    """A cohort price split over its lines in order of staff id, to the penny, remainder first."""
    share, rest = divmod(total, lines)
    return [share + (place < rest) for place in range(lines)]


@dataclass(frozen=True, slots=True)
class Need:
    """One open pair of a person, as the levels of a plan are worked out on it."""

    number: int
    skill: int
    held: int
    required: int
    weight: int


@dataclass(frozen=True, slots=True)
class TargetStep:
    """What one target asks of one need: ``target`` is its place in the problem."""

    target: int
    skill: int
    held: int
    level: int
    by: int
    price: int | None


class Levels:
    """Which steps a set of enrolments of one person closes."""

    def __init__(self, problem: PlanProblem) -> None:
        self.duration = problem.offers.duration.tolist()
        self.codes = problem.offers.codes
        self.outcomes: dict[int, list[tuple[int, int, int]]] = defaultdict(list)
        columns = problem.outcomes
        for course, skill, entry, exit_level in zip(
            columns.course.tolist(),
            columns.skill.tolist(),
            columns.entry.tolist(),
            columns.exit.tolist(),
            strict=True,
        ):
            self.outcomes[course].append((skill, entry, exit_level))
        self.needs = _open_needs(problem)
        self.targets = _target_steps(problem)
        self._known_routes: dict[tuple[int, int], list[tuple[Need, int, int]]] = {}

    def credits(self, person: int, lines: Sequence[Enrolment]) -> list[list[Credit]]:
        """Per enrolment the outcomes that close a step, each step credited once, in order of end, then start.

        Later ends see the level reached by earlier ends; of two that end together the earlier start counts
        first, then the course code.
        """
        return self._climb(person, lines)[0]

    def _climb(
        self, person: int, lines: Sequence[Enrolment]
    ) -> tuple[list[list[Credit]], list[tuple[int, int, int]]]:
        """The credits per enrolment, and every (end, skill, level) that the enrolments bring."""
        level = {need.skill: need.held for need in self.needs[person]}
        wanted = {need.skill: need for need in self.needs[person]}
        order = sorted(range(len(lines)), key=lambda k: self._key(lines[k]))
        reached: list[tuple[int, int, int]] = []
        found: list[list[Credit]] = [[] for _ in lines]
        for place in order:
            line = lines[place]
            for skill, entry, exit_level in self.outcomes[line.course]:
                need = wanted.get(skill)
                if need is None:
                    continue
                now = max(
                    [need.held] + [lv for end, sk, lv in reached if sk == skill and end <= line.quarter]
                )
                after = min(max(now, exit_level), need.required)
                if now < entry or after <= now:
                    continue
                reached.append((self._end(line), skill, after))
                closed = max(0, after - level[skill])
                level[skill] = max(level[skill], after)
                if closed:
                    found[place].append(
                        Credit(need.number, skill, now, after, need.required, closed, need.weight)
                    )
        return found, reached

    def in_time(self, person: int, lines: Sequence[Enrolment]) -> list[int]:
        """Per target step of the person (in the order of :attr:`targets`) the steps met in time."""
        wanted = self.targets.get(person)
        if not wanted:
            return []
        _, reached = self._climb(person, lines)
        met: list[int] = []
        for step in wanted:
            levels = [level for end, skill, level in reached if skill == step.skill and end <= step.by + 1]
            met.append(min(step.level, max([step.held, *levels])) - step.held)
        return met

    def bonus(self, person: int, lines: Sequence[Enrolment]) -> int:
        """What the steps of priced targets met in time add to the first wish, in ten-thousandths."""
        wanted = self.targets.get(person)
        if not wanted:
            return 0
        return sum(
            met * (step.price or 0) for met, step in zip(self.in_time(person, lines), wanted, strict=True)
        )

    def worth(self, person: int, lines: Sequence[Enrolment]) -> int:
        """What these enrolments bring to the first wish: steps closed and priced targets met in time."""
        return self.value(person, lines) + self.bonus(person, lines)

    @property
    def most_bonus(self) -> int:
        """All that priced targets could ever add."""
        return sum((s.level - s.held) * (s.price or 0) for own in self.targets.values() for s in own)

    def value(self, person: int, lines: Sequence[Enrolment]) -> int:
        """Σ weight × steps closed by these enrolments of one person, in ten-thousandths."""
        total = 0
        reached: dict[int, list[tuple[int, int]]] = {}
        for line in sorted(lines, key=self._key) if len(lines) > 1 else lines:
            for need, entry, exit_level in self._routes(person, line.course):
                own = reached.setdefault(need.skill, [])
                now = top = need.held
                for end, level in own:
                    top = max(top, level)
                    now = max(now, level) if end <= line.quarter else now
                after = min(max(now, exit_level), need.required)
                if now >= entry and after > now:
                    own.append((self._end(line), after))
                    total += max(0, after - top) * need.weight
        return total

    def _routes(self, person: int, course: int) -> list[tuple[Need, int, int]]:
        """The person's open needs that the course serves, with entry and exit level, in the course's order."""
        known = self._known_routes.get((person, course))
        if known is None:
            wanted = {need.skill: need for need in self.needs[person]}
            known = [
                (wanted[skill], entry, exit_level)
                for skill, entry, exit_level in self.outcomes[course]
                if skill in wanted
            ]
            self._known_routes[person, course] = known
        return known

    def spare(
        self, person: int, lines: Sequence[Enrolment], kept: Iterable[Enrolment] = ()
    ) -> Enrolment | None:
        """An enrolment (not among ``kept``) without which as many steps are closed, as many of them in time for a
        target, if there is one."""
        whole = (self.value(person, lines), self.in_time(person, lines))
        fixed = set(kept)
        for place in sorted(range(len(lines)), key=lambda k: self._key(lines[k]), reverse=True):
            others = [*lines[:place], *lines[place + 1 :]]
            if (
                lines[place] not in fixed
                and (self.value(person, others), self.in_time(person, others)) == whole
            ):
                return lines[place]
        return None

    def _end(self, line: Enrolment) -> int:
        return line.quarter + self.duration[line.course]

    def _key(self, line: Enrolment) -> tuple[int, int, str]:
        return self._end(line), line.quarter, self.codes[line.course]


def _open_needs(problem: PlanProblem) -> dict[int, list[Need]]:
    needs = problem.needs
    is_open = (needs.held != NOT_ASSESSED) & (needs.held < needs.required) & needs.in_scope
    is_open &= problem.learners.in_scope[needs.person]
    found: dict[int, list[Need]] = defaultdict(list)
    numbers = is_open.nonzero()[0]
    for number, person, skill, held, required, weight in zip(
        numbers.tolist(),
        needs.person[numbers].tolist(),
        needs.skill[numbers].tolist(),
        needs.held[numbers].tolist(),
        needs.required[numbers].tolist(),
        needs.weight[numbers].tolist(),
        strict=True,
    ):
        found[person].append(Need(number, skill, held, required, weight))
    return found


def _target_steps(problem: PlanProblem) -> dict[int, list[TargetStep]]:
    needs = problem.needs
    found: dict[int, list[TargetStep]] = defaultdict(list)
    for number, target in enumerate(problem.targets):
        for need, level in zip(target.needs.tolist(), target.levels.tolist(), strict=True):
            found[int(needs.person[need])].append(
                TargetStep(
                    number, int(needs.skill[need]), int(needs.held[need]), level, target.by, target.price
                )
            )
    return found
