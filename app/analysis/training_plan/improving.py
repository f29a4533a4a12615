"""A plan bettered part by part: some people are freed, and HiGHS deals anew what they had and what was left.

Everybody else stays as they are, so every part is a small programme over (set of courses, quarters) per freed
person, with groups in whole numbers. A plan never gets worse; which people are freed depends on the plan and the
seed only.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from app.analysis.milp import INFINITE, Milp, MilpLimits, MilpStatus, RowBuilder, solve_milp
from app.analysis.training_plan.clock import Clock
from app.analysis.training_plan.dealing import Choice, Dealer
from app.analysis.training_plan.ledger import Ledger
from app.analysis.training_plan.problem import NO_LIMIT, Enrolment

Floats = npt.NDArray[np.float64]

_SETS = 8
"""Sets of one freed person that are looked at, besides the one they have."""

_PLACINGS = 12
"""Ways into quarters of one set that are looked at."""

_SETS_OF_ALL, _PLACINGS_OF_ALL = 5, 3
"""Sets, and ways into quarters of each, that are looked at where everybody is freed."""

_AT_ONCE = 5_500
"""People dealt anew together in the groups that run: one programme's time grows faster than its people."""

_SHARE_OF_ALL, _SECONDS_OF_ALL = 0.7, 4.0
"""Of the time left, for everybody; and of seconds, for those dealt together."""

_SMALLEST, _FIRST, _LARGEST = 60, 200, 600
"""People freed at once: at least, at first, at most."""

_NODES = 40
_GAP = 2e-3
_SECONDS = 4.0

Run = tuple[int, int]
"""A course and the quarter it starts in."""


@dataclass(slots=True)
class _Part:
    """One programme: per column whose it is, and the set with its lines."""

    person: list[int] = field(default_factory=list[int])
    choice: list[Choice] = field(default_factory=list[Choice])
    lines: list[list[Enrolment]] = field(default_factory=list[list[Enrolment]])
    is_now: list[bool] = field(default_factory=list[bool])


class Improver:
    """Betters the plan that a dealer holds, as long as the clock lets it."""

    def __init__(self, dealer: Dealer, choices: dict[int, list[Choice]], penny: Floats, clock: Clock) -> None:
        """``penny``: what a penny of each limit is worth, in units."""
        self._dealer, self._choices, self._clock = dealer, choices, clock
        self._penny = penny
        self._rng = np.random.default_rng(clock.seed)
        self._ledger = Ledger(dealer.problem)
        self._has_shares = any(limit.departments is not None for limit in dealer.problem.limits)
        offers = dealer.problem.offers
        is_grouped = (offers.cohort_cost > 0) | (offers.min_group > 1)
        self._is_grouped: list[bool] = is_grouped.tolist()
        self._is_tight: list[bool] = (is_grouped | (offers.places < NO_LIMIT).any(axis=1)).tolist()
        self._people = sorted(person for person in choices if person not in dealer.fixed)
        self._open: set[Run] | None = None
        self._seconds = _SECONDS
        self.value = sum(choice.value for choice, _ in dealer.plan.values())

    def seated_anew(self) -> None:
        """Deal everybody anew in the groups that run, their number as it is: hardly a fraction is left then."""
        dealer = self._dealer
        self._open = {run for run in self._runs() if dealer.size[run[0]][run[1]]}
        mixed = self._rng.permutation(self._people)
        parts = np.array_split(mixed, -(-len(mixed) // _AT_ONCE)) if len(mixed) else []
        for number, part in enumerate(parts):
            self._seconds = min(_SECONDS_OF_ALL, self._clock.left() * _SHARE_OF_ALL / (len(parts) - number))
            if self._clock.is_over() or self._clock.is_content:
                break
            gained, _ = self._bettered(part.tolist())
            if gained:
                self.value += gained
                self._clock.heard(value=self.value * dealer.menus.unit)
        self._open = None

    def _runs(self) -> list[Run]:
        quarters = range(self._dealer.problem.quarters)
        return [(course, q) for course, grouped in enumerate(self._is_grouped) if grouped for q in quarters]

    def run(self) -> None:
        """Free one part after another until nothing gets better, the gap is small enough or time is up."""
        size, idle = _FIRST, 0
        while not self._clock.is_over() and not self._clock.is_content and self._people:
            is_better = False
            for people in self._parts(size):
                if self._clock.is_over() or self._clock.is_content:
                    return
                gained, is_proven = self._bettered(people)
                is_better |= gained > 0
                if gained:
                    self.value += gained
                    self._clock.heard(value=self.value * self._dealer.menus.unit)
                size = min(_LARGEST, int(size * 1.15)) if is_proven else max(_SMALLEST, int(size * 0.8))
            idle = 0 if is_better else idle + 1
            if idle > 2:
                return

    def _parts(self, size: int) -> Iterator[list[int]]:
        """People to be freed together: those about one course, who lose most first; then mixed at random."""
        wants: dict[int, list[int]] = defaultdict(list)
        loss: dict[int, float] = {}
        for person in self._people:
            own = self._choices[person]
            now = self._dealer.plan.get(person)
            loss[person] = own[0].worth - (now[0].worth if now else 0.0)
            courses = {course for choice in own[:2] for course in choice.courses}
            for course in sorted(courses | set(now[0].courses if now else ())):
                if self._is_tight[course]:
                    wants[course].append(person)
        missed = {course: sum(loss[person] for person in people) for course, people in wants.items()}
        for course in sorted(missed, key=lambda course: (-missed[course], course)):
            people = wants[course]
            self._rng.shuffle(people)
            yield sorted(sorted(people, key=lambda person: -loss[person])[: size // 2] + people[: size // 2])
        mixed = list(self._people)
        self._rng.shuffle(mixed)
        mixed.sort(key=lambda person: loss[person] < 1e-9)
        for begin in range(0, min(len(mixed), 10 * size), size):
            yield sorted(mixed[begin : begin + size])

    def _bettered(self, people: Sequence[int]) -> tuple[int, bool]:
        """Deal these people anew; what was gained (units), and whether that is the most they can gain."""
        dealer = self._dealer
        people = sorted(set(people))
        left, before = list(dealer.left), {person: dealer.plan.get(person) for person in people}
        for person in reversed(people):
            if before[person] is not None:
                dealer.give_back(person)
        if self._has_shares:
            dealer.left = self._ledger.unspent(dealer.lines())
        part = _Part()
        for person in people:
            self._add_columns(part, person, before[person])
        found, is_proven = self._solved(part)
        old = sum(now[0].value for now in before.values() if now)
        gained = sum(part.choice[column].value for column in found) - old
        if found and gained >= 0 and self._taken(part, found, before):
            return gained, is_proven
        for person, now in before.items():
            if now is not None:
                dealer.take(person, *now)
        dealer.left = left
        return 0, is_proven

    def _taken(
        self, part: _Part, found: list[int], before: dict[int, tuple[Choice, list[Enrolment]] | None]
    ) -> bool:
        """Book these columns where that keeps every limit; else leave the dealer as it was."""
        done: list[int] = []
        for column in found:
            if not self._dealer.bookings.fits(part.person[column], part.lines[column]):
                break
            self._dealer.take(part.person[column], part.choice[column], part.lines[column])
            done.append(column)
        lines = [line for column in found for line in part.lines[column]]
        if len(done) == len(found) and self._stands(lines, before):
            return True
        for column in reversed(done):
            self._dealer.give_back(part.person[column])
        return False

    def _stands(
        self, lines: Sequence[Enrolment], before: dict[int, tuple[Choice, list[Enrolment]] | None]
    ) -> bool:
        """Whether money, places and groups allow the plan as the dealer now holds it."""
        dealer = self._dealer
        if self._has_shares:
            dealer.left = self._ledger.unspent(dealer.lines())
        touched = [*lines, *(line for now in before.values() if now for line in now[1])]
        return (
            min(dealer.left, default=0) >= 0
            and dealer.fits_reserves({})
            and all(dealer.size[k.course][k.quarter] <= dealer.places[k.course][k.quarter] for k in touched)
            and dealer.groups_stand(touched)
        )

    def _add_columns(self, part: _Part, person: int, now: tuple[Choice, list[Enrolment]] | None) -> None:
        if now is not None:
            self._add(part, person, now[0], now[1], is_now=True)
        dealer = self._dealer
        sets, ways = (_SETS, _PLACINGS) if self._open is None else (_SETS_OF_ALL, _PLACINGS_OF_ALL)
        for choice in self._choices[person][:sets]:
            placings = dealer.placings(person, choice, self._is_tight)
            for lines in itertools.islice((lines for lines in placings if self._is_open(lines)), ways):
                if now is None or lines != now[1]:
                    self._add(part, person, choice, lines, is_now=False)

    def _is_open(self, lines: Sequence[Enrolment]) -> bool:
        return self._open is None or all(
            (k.course, k.quarter) in self._open for k in lines if self._is_grouped[k.course]
        )

    def _add(self, part: _Part, person: int, choice: Choice, lines: list[Enrolment], *, is_now: bool) -> None:
        part.person.append(person)
        part.choice.append(choice)
        part.lines.append(lines)
        part.is_now.append(is_now)

    def _solved(self, part: _Part) -> tuple[list[int], bool]:
        """The columns of the best choice, and whether it is proven to be within the gap asked for."""
        if not part.person:
            return [], True
        rows, size = RowBuilder(), len(part.person)
        _, owner = np.unique(np.array(part.person), return_inverse=True)
        _row(rows, np.ones(int(owner.max()) + 1), owner, np.arange(size), np.ones(size))
        members: dict[Run, list[int]] = defaultdict(list)
        for column, lines in enumerate(part.lines):
            for line in lines:
                members[line.course, line.quarter].append(column)
        groups = self._add_runs(rows, members, size)
        cost = self._add_money(rows, part, groups, size)
        gain = np.concatenate([[float(choice.value) for choice in part.choice], np.zeros(len(groups))])
        gain -= 0.05 * cost
        start = np.concatenate([np.array(part.is_now, dtype=float), np.zeros(len(groups))])
        for number, (course, quarter) in enumerate(groups):
            own = sum(part.is_now[column] for column in members[course, quarter])
            start[size + number] = self._groups_of(course, self._dealer.size[course][quarter] + own)
        upper = np.concatenate([np.ones(size), np.full(len(groups), INFINITE)])
        whole = np.ones(len(gain), dtype=bool)
        lower = np.zeros(len(gain))
        if self._open is not None:
            lower[size:] = upper[size:] = start[size:]
        limits = MilpLimits(
            min(self._seconds if self._open is not None else _SECONDS, max(0.1, self._clock.left())),
            _GAP if self._open is None else _GAP / 4,
            0.5,
            self._clock.seed,
            presolve=self._open is None,
            search=self._open is None,
            nodes=_NODES,
        )
        model = Milp(gain, lower, upper, whole, *rows.arrays())
        found = solve_milp(model, limits, start=start, progress=self._clock.progress)
        if found.values is None:
            return [], False
        return (found.values[:size] > 0.5).nonzero()[0].tolist(), found.status is MilpStatus.OPTIMAL

    def _groups_of(self, course: int, size: int) -> int:
        largest = self._dealer.sizes[course][1]
        return min(size, 1) if largest == NO_LIMIT else -(-size // largest)

    def _add_runs(self, rows: RowBuilder, members: dict[Run, list[int]], size: int) -> list[Run]:
        """Rows of places and groups; the runs that have a column of groups, in order."""
        dealer = self._dealer
        groups: list[Run] = []
        for (course, quarter), columns in sorted(members.items()):
            own, there = np.array(columns), dealer.size[course][quarter]
            places = dealer.places[course][quarter]
            if len(own) + there > places:
                rows.add_one(-INFINITE, float(places - there), own, np.ones(len(own)))
            if not self._is_grouped[course]:
                continue
            smallest, largest = dealer.sizes[course]
            column = np.append(own, size + len(groups))
            ones = np.ones(len(own))
            most = float(min(largest, there + len(own)))
            rows.add_one(-INFINITE, -float(there), column, np.append(ones, -most))
            rows.add_one(-float(there), INFINITE, column, np.append(ones, -float(smallest)))
            if largest == NO_LIMIT:
                rows.add_one(-INFINITE, 1.0, column[-1:], np.ones(1))
            groups.append((course, quarter))
        return groups

    def _add_money(self, rows: RowBuilder, part: _Part, groups: list[Run], size: int) -> Floats:
        """Rows of money; returns what each column costs at the prices of the limits."""
        dealer = self._dealer
        uses: dict[int, list[tuple[int, int]]] = defaultdict(list)
        for column, lines in enumerate(part.lines):
            for line in lines:
                for number, is_departments in dealer.limits_of[
                    dealer.department[line.person], line.course, line.quarter
                ]:
                    share = dealer.full_share(line.course) if is_departments else 0
                    uses[number].append((column, dealer.person_cost[line.course] + share))
        paid = [0] * len(dealer.left)
        for place, (course, quarter) in enumerate(groups):
            price = dealer.cohort_cost[course]
            for number in dealer.whole_limits(course, quarter):
                uses[number].append((size + place, price))
                paid[number] += price * self._groups_of(course, dealer.size[course][quarter])
        cost = np.zeros(size + len(groups))
        for number, own in sorted(uses.items()):
            column, pence = (np.array(part_) for part_ in zip(*own, strict=True))
            np.add.at(cost, column, pence * self._penny[number])
            rows.add_one(-INFINITE, (dealer.left[number] + paid[number]) / 100, column, pence / 100)
        return cost


def _row(
    rows: RowBuilder, upper: Floats, row: npt.NDArray[np.int64], column: npt.NDArray[np.int64], value: Floats
) -> None:
    rows.add(np.full(len(upper), -INFINITE), upper, row, column, value)
