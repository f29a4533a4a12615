"""An independent check of a finished plan, straight from the rules and without the solvers' code.

Slow, plain loops on purpose: this file imports the records and nothing else, so that a fault in the shared
arithmetic of the solvers cannot hide here as well.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from itertools import pairwise

from app.analysis.training_plan.check_demands import check_demands, target_steps
from app.analysis.training_plan.problem import NO_LIMIT, POTS, PlanProblem
from app.analysis.training_plan.result import PlanLine, PlanResult
from app.terms import NOT_ASSESSED, Funding


def check_plan(problem: PlanProblem, result: PlanResult) -> list[str]:
    """Everything wrong with the plan, in sentences; empty where nothing is.

    A result without a plan is only checked for saying why.
    """
    if result.lines is None:
        return [] if result.clashes else ["There is no plan and no reason why."]
    if any(not 0 <= line.quarter < problem.quarters for line in result.lines):
        return ["A line starts outside the plan."]
    check = _Check(problem, result, result.lines)
    check.lines_allowed()
    check.wished_lines()
    check.hours()
    check.groups_and_costs()
    check.money()
    check.levels()
    check.totals()
    check.unmet()
    return [*check.faults, *check_demands(problem, result.lines)]


@dataclass(frozen=True, slots=True)
class _Climb:
    """Level at the end by need, at a course's start by (course, need), and by (need, quarter) at its start."""

    level: dict[int, int]
    start: dict[tuple[int, int], int]
    level_at: dict[tuple[int, int], int]


class _Check:
    def __init__(self, problem: PlanProblem, result: PlanResult, lines: tuple[PlanLine, ...]) -> None:
        self.problem, self.result, self.lines = problem, result, lines
        self.faults: list[str] = []
        self.of_person: dict[int, list[PlanLine]] = defaultdict(list)
        for line in lines:
            self.of_person[line.person].append(line)
        self.outcomes: dict[int, list[tuple[int, int, int]]] = defaultdict(list)
        given = problem.outcomes
        for k in range(len(given.course)):
            self.outcomes[int(given.course[k])].append(
                (int(given.skill[k]), int(given.entry[k]), int(given.exit[k]))
            )
        self.open: dict[int, dict[int, int]] = defaultdict(dict)
        needs = problem.needs
        for k, (person, held, required) in enumerate(
            zip(needs.person.tolist(), needs.held.tolist(), needs.required.tolist(), strict=True)
        ):
            scoped = bool(needs.in_scope[k]) and bool(problem.learners.in_scope[person])
            if held != NOT_ASSESSED and held < required and scoped:
                self.open[person][int(needs.skill[k])] = k
        self.in_time: Counter[int] = Counter()
        self.locked = {(k.person, k.course, k.quarter) for k in problem.locked}

    def name(self, line: PlanLine) -> str:
        return (
            f"{self.problem.learners.staff_ids[line.person]} on {self.problem.offers.codes[line.course]}"
            f" in quarter {line.quarter + 1}"
        )

    def end(self, line: PlanLine) -> int:
        return line.quarter + int(self.problem.offers.duration[line.course])

    def lines_allowed(self) -> None:
        problem = self.problem
        forbidden = {(f.person, f.course, f.quarter) for f in problem.forbidden}
        for line in self.lines:
            key = (line.person, line.course, line.quarter)
            name = self.name(line)
            if key in forbidden or (line.person, line.course, None) in forbidden:
                self.faults.append(f"{name} is forbidden.")
            if self.end(line) - 1 > problem.learners.last_quarter[line.person]:
                self.faults.append(f"{name} ends after the person has left.")
            if key in self.locked:
                continue
            if self.end(line) > problem.quarters and not problem.overrun_allowed:
                self.faults.append(f"{name} ends after the plan.")
            if not problem.learners.in_scope[line.person]:
                self.faults.append(f"{name}: the person is out of scope.")
            allowed = problem.offers.open_to
            if allowed is not None and not allowed[line.course, problem.learners.department[line.person]]:
                self.faults.append(f"{name}: the course is not open to the department.")

    def wished_lines(self) -> None:
        there = {(line.person, line.course, line.quarter): line.is_locked for line in self.lines}
        for key in self.locked:
            if not there.get(key, False):
                self.faults.append(f"locked line {key} is missing or not marked as locked.")
        for (person, course), count in Counter((line.person, line.course) for line in self.lines).items():
            if count > 1:
                self.faults.append(f"person {person} takes course {course} {count} times.")

    def hours(self) -> None:
        offers = self.problem.offers
        for person, lines in self.of_person.items():
            used: Counter[int] = Counter()
            for line in lines:
                total, duration = int(offers.hours[line.course]), int(offers.duration[line.course])
                if line.hours != total:
                    self.faults.append(f"{self.name(line)} shows the wrong hours.")
                # deal whole hours round by round, what is left of an hour in its turn
                turn = 0
                base = total // (100 * duration) * 100
                for later in range(duration):
                    used[line.quarter + later] += base
                left = total - base * duration
                while left > 0:
                    used[line.quarter + turn] += min(100, left)
                    left -= min(100, left)
                    turn += 1
            row = self.problem.learners.hours[person]
            for quarter, hours in used.items():
                limit = int(row[quarter]) if quarter < len(row) else int(row[-1])
                if hours > limit:
                    self.faults.append(
                        f"person {person} has {hours} of {limit} hundredths in quarter {quarter + 1}."
                    )

    def groups_and_costs(self) -> None:
        offers = self.problem.offers
        runs: dict[tuple[int, int], list[PlanLine]] = defaultdict(list)
        for line in self.lines:
            runs[line.course, line.quarter].append(line)
        for (course, quarter), lines in runs.items():
            size = len(lines)
            name = f"{offers.codes[course]} in quarter {quarter + 1}"
            if size > offers.places[course, quarter]:
                self.faults.append(f"{name}: {size} people, {offers.places[course, quarter]} places.")
            smallest, largest = int(offers.min_group[course]), int(offers.max_group[course])
            most = 1 if largest == NO_LIMIT else size
            possible = [k for k in range(1, most + 1) if k * smallest <= size <= k * largest]
            if not possible:
                self.faults.append(f"{name}: {size} people form no groups of {smallest} to {largest}.")
                continue
            price = possible[0] * int(offers.cohort_cost[course])
            ordered = sorted(lines, key=lambda line: self.problem.learners.staff_ids[line.person])
            for place, line in enumerate(ordered):
                due = int(offers.person_cost[course]) + price // size + (1 if place < price % size else 0)
                if line.cost_pence != due:
                    self.faults.append(f"{self.name(line)} costs {due} pence, not {line.cost_pence}.")
                if line.funding is not POTS[int(offers.pot[course])]:
                    self.faults.append(f"{self.name(line)} is paid from the wrong pot.")

    def money(self) -> None:
        for limit in self.problem.limits:
            spent = 0
            for line in self.lines:
                mine = limit.departments is None or (
                    int(self.problem.learners.department[line.person]) in limit.departments
                )
                year = (self.problem.start + line.quarter).year
                if line.funding is limit.pot and mine and limit.year in (None, year):
                    spent += line.cost_pence
            if spent > limit.pence:
                self.faults.append(f"{limit} is exceeded: {spent} pence.")
        if any(line.funding is Funding.FREE and line.cost_pence for line in self.lines):
            self.faults.append("a free course costs money.")

    def _climb(self, person: int, lines: list[PlanLine]) -> _Climb:
        """The levels of a person, quarter by quarter."""
        needs = self.problem.needs
        level = {k: int(needs.held[k]) for k in self.open[person].values()}
        start: dict[tuple[int, int], int] = {}
        level_at: dict[tuple[int, int], int] = {}
        horizon = max([self.problem.quarters, *(self.end(line) for line in lines)])
        for quarter in range(horizon + 1):
            for line in lines:
                if self.end(line) == quarter:
                    for skill, entry, exit_level in self.outcomes[line.course]:
                        need = self.open[person].get(skill)
                        if need is not None and start[line.course, need] >= entry:
                            level[need] = max(level[need], min(exit_level, int(needs.required[need])))
            for line in lines:
                if line.quarter == quarter:
                    for skill, _, _ in self.outcomes[line.course]:
                        need = self.open[person].get(skill)
                        if need is not None:
                            start[line.course, need] = level[need]
            level_at.update({(need, quarter): now for need, now in level.items()})
        return _Climb(level, start, level_at)

    def _value(self, level: dict[int, int]) -> int:
        needs = self.problem.needs
        return sum((after - int(needs.held[k])) * int(needs.weight[k]) for k, after in level.items())

    def levels(self) -> None:
        total = 0
        for person, lines in self.of_person.items():
            climb = self._climb(person, lines)
            level, start = climb.level, climb.start
            value, in_time = self._value(level), target_steps(self.problem, person, climb.level_at)
            total += value + self._met(in_time)
            for line in lines:
                self._credits(line, start)
                if line.is_locked:
                    continue
                rest = [other for other in lines if other is not line]
                other = self._climb(person, rest)
                as_early = target_steps(self.problem, person, other.level_at) == in_time
                if self._value(other.level) >= value and as_early:
                    self.faults.append(f"{self.name(line)} closes nothing that the rest does not.")
            for need, after in level.items():
                shown = sum(c.steps_closed for line in lines for c in line.credits if c.need == need)
                if shown != after - int(self.problem.needs.held[need]):
                    self.faults.append(f"need {need}: {shown} steps shown, level {after} reached.")
        self._hard_targets()
        if total != self.result.objective:
            self.faults.append(f"the objective is {total}, not {self.result.objective}.")

    def _met(self, in_time: list[int]) -> int:
        for number, steps in enumerate(in_time):
            self.in_time[number] += steps
        return sum(
            steps * (target.price or 0) for steps, target in zip(in_time, self.problem.targets, strict=True)
        )

    def _hard_targets(self) -> None:
        for number, target in enumerate(self.problem.targets):
            held = sum(int(self.problem.needs.held[need]) for need in target.needs.tolist())
            asked = int(target.levels.sum()) - held
            if target.price is None and self.in_time[number] < asked:
                self.faults.append(f"{target.words}: {self.in_time[number]} of {asked} steps in time.")

    def _credits(self, line: PlanLine, start: dict[tuple[int, int], int]) -> None:
        needs = self.problem.needs
        if not line.credits and not line.is_locked:
            self.faults.append(f"{self.name(line)} shows no step.")
        for credit in line.credits:
            required = int(needs.required[credit.need])
            now = start.get((line.course, credit.need), -1)
            exits = [b for skill, a, b in self.outcomes[line.course] if skill == credit.skill and a <= now]
            expected = {min(max(now, b), required) for b in exits}
            right = (
                credit.level_now == now
                and credit.level_after in expected
                and credit.level_required == required
            )
            if not right or not 1 <= credit.steps_closed <= credit.level_after - credit.level_now:
                self.faults.append(f"{self.name(line)} shows a wrong level or step for need {credit.need}.")

    def totals(self) -> None:
        result = self.result
        by_pot: Counter[Funding] = Counter()
        for line in self.lines:
            by_pot[line.funding] += line.cost_pence
        if any(by_pot[pot] != pence for pot, pence in result.cost_by_pot.items()) or not (
            set(by_pot) <= set(result.cost_by_pot)
        ):
            self.faults.append("the cost by pot does not add up.")
        if result.hours != sum(line.hours for line in self.lines):
            self.faults.append("the hours do not add up.")
        if result.bound < result.objective:
            self.faults.append("the bound is below the objective.")
        order = [
            (k.quarter, self.problem.learners.staff_ids[k.person], self.problem.offers.codes[k.course])
            for k in self.lines
        ]
        if any(first > second for first, second in pairwise(order)):
            self.faults.append("the lines are not in order.")

    def unmet(self) -> None:
        needs = self.problem.needs
        closed: Counter[int] = Counter()
        for line in self.lines:
            for credit in line.credits:
                closed[credit.need] += credit.steps_closed
        below = {
            k
            for k, (held, required) in enumerate(
                zip(needs.held.tolist(), needs.required.tolist(), strict=True)
            )
            if held != NOT_ASSESSED and held + closed[k] < required
        }
        listed = [unmet.need for unmet in self.result.unmet]
        if sorted(listed) != sorted(below):
            self.faults.append("the list of unmet needs is not what stays open.")
