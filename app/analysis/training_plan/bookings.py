"""May this enrolment be booked? Places shared by courses, teams released, mentors: kept up line by line.

The rules that tie people together beyond money and groups live here, so that a solver which builds a plan
step by step asks one object. Where a problem has none of these rules every question costs one test.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from app.analysis.training_plan.demands import Release
from app.analysis.training_plan.mentoring import Load, Reach, mentor_of
from app.analysis.training_plan.problem import Enrolment, PlanProblem


class Bookings:
    """The plan as far as it is built. :meth:`fits` asks, :meth:`add` and :meth:`remove` keep it up.

    Mentors are dealt out one after the other, so :meth:`fits` may say no where dealing them anew would find
    room; what it says yes to always holds.
    """

    def __init__(self, problem: PlanProblem) -> None:
        self._problem = problem
        self._reach = Reach(problem)
        self._has_mentors = self._reach.is_used
        self._load = Load(problem, self._reach)
        self._pool = None if problem.offers.pool is None else problem.offers.pool.tolist()
        self._release = problem.release
        self._in_pool: dict[tuple[int, int], int] = defaultdict(int)
        self._away: dict[tuple[int, int], int] = defaultdict(int)
        self._courses: dict[tuple[int, int], int] = defaultdict(int)
        self._mentor: dict[Enrolment, int] = {}
        self._duration: list[int] = problem.offers.duration.tolist()
        self.has_rules = self._has_mentors or self._pool is not None or self._release is not None

    def fits(self, person: int, lines: Sequence[Enrolment]) -> bool:
        """Whether all these lines of one person can be booked beside what is there."""
        if not self.has_rules:
            return True
        if not (self._pool_fits(lines) and self._release_fits(person, lines)):
            return False
        if not self._has_mentors:
            return True
        self.add(lines)
        fine = all(line in self._mentor or not self._reach.needs_mentor(line.course) for line in lines)
        fine = fine and not self._load.is_over(person)
        self.remove(lines)
        return fine

    def add(self, lines: Iterable[Enrolment]) -> None:
        """Book these lines; whether they fit is not asked again."""
        if not self.has_rules:
            return
        lines = list(lines)
        for line in lines:
            self._count(line, 1)
            if self._has_mentors:
                self._load.learns(line)
        for line in lines if self._has_mentors else ():
            if self._reach.needs_mentor(line.course):
                near = self._reach.of(line.person, line.course, line.quarter)
                free = [mentor for mentor in near if self._load.has_room(mentor, line)]
                if free:
                    best = min(free, key=lambda mentor: self._load.given[mentor, line.quarter])
                    self._load.mentors(best, line)
                    self._mentor[line] = best

    def remove(self, lines: Iterable[Enrolment]) -> None:
        """Take booked lines away again."""
        if not self.has_rules:
            return
        for line in lines:
            self._count(line, -1)
            if self._has_mentors:
                self._load.learns(line, -1)
                mentor = self._mentor.pop(line, None)
                if mentor is not None:
                    self._load.mentors(mentor, line, -1)

    def _count(self, line: Enrolment, sign: int) -> None:
        if self._pool is not None:
            self._in_pool[self._pool[line.course], line.quarter] += sign
        if self._release is not None:
            for quarter in self._quarters(line):
                before = self._courses[line.person, quarter]
                self._courses[line.person, quarter] = before + sign
                if min(before, before + sign) == 0 and not is_away(self._release, line.person, quarter):
                    self._away[int(self._release.team[line.person]), quarter] += sign

    def _quarters(self, line: Enrolment) -> range:
        return range(line.quarter, line.quarter + self._duration[line.course])

    def _pool_fits(self, lines: Sequence[Enrolment]) -> bool:
        if self._pool is None:
            return True
        places = self._problem.offers.places
        # a person takes one course of a pool at most, so every line counts by itself
        return all(
            self._in_pool[self._pool[line.course], line.quarter] < places[line.course, line.quarter]
            for line in lines
        )

    def _release_fits(self, person: int, lines: Sequence[Enrolment]) -> bool:
        release = self._release
        if release is None:
            return True
        team = int(release.team[person])
        for quarter in {quarter for line in lines for quarter in self._quarters(line)}:
            if self._courses[person, quarter] or is_away(release, person, quarter):
                continue
            if self._away[team, quarter] >= release.most[team, min(quarter, release.most.shape[1] - 1)]:
                return False
        return True


def is_away(release: Release, person: int, quarter: int) -> bool:
    """Whether a learner is away already; nothing is known past the plan."""
    return quarter < release.away.shape[1] and bool(release.away[person, quarter])


def broken_bookings(problem: PlanProblem, lines: Sequence[Enrolment]) -> list[str]:
    """Shared places, released teams and mentors that the lines break, in words."""
    return [
        *_broken_pools(problem, lines),
        *_broken_release(problem, lines),
        *_broken_mentors(problem, lines),
    ]


def _broken_pools(problem: PlanProblem, lines: Sequence[Enrolment]) -> list[str]:
    if problem.offers.pool is None:
        return []
    size: dict[tuple[int, int], int] = defaultdict(int)
    places: dict[tuple[int, int], tuple[int, int]] = {}
    for line in lines:
        key = (int(problem.offers.pool[line.course]), line.quarter)
        size[key] += 1
        places[key] = (line.course, int(problem.offers.places[line.course, line.quarter]))
    return [
        f"{problem.offers.codes[places[key][0]]} in {(problem.start + key[1]).label} has {people} people of all"
        f" departments for {places[key][1]} places"
        for key, people in sorted(size.items())
        if people > places[key][1]
    ]


def _broken_release(problem: PlanProblem, lines: Sequence[Enrolment]) -> list[str]:
    release = problem.release
    if release is None:
        return []
    away: dict[tuple[int, int], set[int]] = defaultdict(set)
    for line in lines:
        for quarter in range(line.quarter, line.quarter + int(problem.offers.duration[line.course])):
            if not is_away(release, line.person, quarter):
                away[int(release.team[line.person]), quarter].add(line.person)
    return [
        f"{release.names[team]} has {len(people)} people on courses in {(problem.start + quarter).label} and may"
        f" have {most}"
        for (team, quarter), people in sorted(away.items())
        if len(people) > (most := int(release.most[team, min(quarter, problem.quarters - 1)]))
    ]


def _broken_mentors(problem: PlanProblem, lines: Sequence[Enrolment]) -> list[str]:
    if mentor_of(problem, lines) is not None:
        return []
    codes = sorted(
        {problem.offers.codes[line.course] for line in lines if Reach(problem).needs_mentor(line.course)}
    )
    return [f"there are not mentors enough in reach for {', '.join(codes)}"]
