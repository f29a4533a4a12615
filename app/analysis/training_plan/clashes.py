"""Which limits clash when no plan is possible: a set of named demands of which none can be left out.

Every limit, lock, target and fair share is a demand with a name that can be dropped from the problem. A clash
is found by halving (QuickXplain, Junker 2004): a few dozen feasibility runs instead of one per demand.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from app.analysis.training_plan.demands import FairShare, Release, Target
from app.analysis.training_plan.enrol import Candidates, candidates
from app.analysis.training_plan.ledger import Ledger, limit_words
from app.analysis.training_plan.problem import (
    NO_LIMIT,
    NOT_BEFORE_LEAVING,
    PlanProblem,
    SolveSettings,
)
from app.analysis.training_plan.wishes import ExactSearch
from app.progress import Progress
from app.terms import level_word

UNBOUNDED_PENCE = 10**13
"""More than all pots together; stands for a money limit that is dropped."""


EVERY = -1
"""The place of a demand that stands for all of its kind."""

MOST_NAMED = 4
"""Up to so many demands of a kind are looked at one by one; of more, all together first, then those to blame."""


class DemandKind(StrEnum):
    """What sort of demand it is; ``place`` of a :class:`Demand` counts through these things of the problem."""

    LOCK = "lock"
    TARGET = "target"
    FAIR_SHARE = "fair share"
    FORBIDDEN = "forbidden"
    END_DATE = "end date"
    HOURS = "hours"
    OTHER_HOURS = "hours of others"
    MONEY = "money"
    RESERVE = "reserve"
    PLACES = "places"
    GROUP = "smallest group"
    RELEASE = "release"
    MENTORS = "mentors"
    HORIZON = "end of the plan"


@dataclass(frozen=True, slots=True)
class Demand:
    """One demand by name. ``place`` is a person for hours and end dates, a course for places and groups;
    :data:`EVERY` is all of them together."""

    kind: DemandKind
    place: int
    words: str


@dataclass(frozen=True, slots=True)
class Clash:
    """Demands that cannot be kept together; ``is_smallest``: proven that none can be left out."""

    demands: tuple[Demand, ...]
    is_smallest: bool

    @property
    def sentences(self) -> tuple[str, ...]:
        """The clash as people read it."""
        words = tuple(demand.words for demand in self.demands)
        if self.is_smallest or not words:
            return words
        return (*words, "perhaps fewer of these clash already: the time to find out ran short")


def named_demands(problem: PlanProblem) -> list[Demand]:
    """Every demand that may be part of a clash. Those least often to blame come first: halving keeps the last."""
    return [
        *_offer_demands(problem),
        *_general_demands(problem),
        *_money_demands(problem),
        *_people_demands(problem),
        *_wished(problem),
    ]


def _offer_demands(problem: PlanProblem) -> list[Demand]:
    offers = problem.offers
    found: list[Demand] = []
    seen: set[int] = set()
    for course, code in enumerate(offers.codes):
        pool = course if offers.pool is None else int(offers.pool[course])
        fewest = int(offers.places[course].min(initial=NO_LIMIT))
        if fewest < NO_LIMIT and pool not in seen:
            found.append(
                Demand(DemandKind.PLACES, course, f"{code} has {_count(fewest, 'place')} in a quarter")
            )
        seen.add(pool)
        if offers.min_group[course] > 1:
            words = f"{code} runs with {offers.min_group[course]} people or more"
            found.append(Demand(DemandKind.GROUP, course, words))
    return found


def _general_demands(problem: PlanProblem) -> list[Demand]:
    found: list[Demand] = []
    if not problem.overrun_allowed:
        found.append(Demand(DemandKind.HORIZON, 0, "courses end within the plan"))
    if problem.offers.mentor_hours is not None and (problem.offers.mentor_hours >= 0).any():
        words = "mentor offers need a mentor in reach with hours and room left"
        found.append(Demand(DemandKind.MENTORS, 0, words))
    if problem.release is not None:
        found.append(
            Demand(DemandKind.RELEASE, 0, "no team has more people away in a quarter than its limit")
        )
    return found


def _money_demands(problem: PlanProblem) -> list[Demand]:
    shared = {place for reserve in problem.reserves for place, _ in reserve.accounts}
    found = [
        Demand(DemandKind.MONEY, place, f"{limit_words(limit)} is £{limit.pence / 100:,.2f}")
        for place, limit in enumerate(problem.limits)
        if place not in shared
    ]
    for place, reserve in enumerate(problem.reserves):
        own = sum(pence for _, pence in reserve.accounts)
        words = f"{reserve.words} is £{reserve.pence / 100:,.2f} beside £{own / 100:,.2f} of departments' own"
        found.append(Demand(DemandKind.RESERVE, place, words))
    return found


def _people_demands(problem: PlanProblem) -> list[Demand]:
    learners = problem.learners
    found: list[Demand] = []
    locked = sorted({line.person for line in problem.locked})
    if (learners.hours < NO_LIMIT).any():
        rest = "everybody else's" if locked else "everybody's"
        found.append(Demand(DemandKind.OTHER_HOURS, 0, f"{rest} hours in a quarter"))
    for person in locked:
        row = learners.hours[person]
        if row.min(initial=NO_LIMIT) < NO_LIMIT:
            words = f"{learners.staff_ids[person]} has {row.min() / 100:g} hours in a quarter"
            found.append(Demand(DemandKind.HOURS, person, words))
        last = int(learners.last_quarter[person])
        if last < problem.quarters + int(problem.offers.duration.max(initial=1)):
            when = (problem.start + last).label
            words = f"{learners.staff_ids[person]} is there to the end of {when} and no longer"
            found.append(Demand(DemandKind.END_DATE, person, words))
    return found


def _wished(problem: PlanProblem) -> list[Demand]:
    offers, learners = problem.offers, problem.learners
    found: list[Demand] = []
    locked = {(line.person, line.course) for line in problem.locked}
    for place, ban in enumerate(problem.forbidden):
        if (ban.person, ban.course) in locked:
            words = f"{learners.staff_ids[ban.person]} on {offers.codes[ban.course]} is forbidden"
            found.append(Demand(DemandKind.FORBIDDEN, place, words))
    found += [Demand(DemandKind.FAIR_SHARE, k, share.words) for k, share in enumerate(problem.fair_shares)]
    found += [
        Demand(DemandKind.TARGET, place, _target_words(problem, target))
        for place, target in enumerate(problem.targets)
        if target.price is None
    ]
    for place, line in enumerate(problem.locked):
        when = (problem.start + line.quarter).label
        words = f"{learners.staff_ids[line.person]} on {offers.codes[line.course]} in {when} is locked"
        found.append(Demand(DemandKind.LOCK, place, words))
    return found


def _target_words(problem: PlanProblem, target: Target) -> str:
    if len(target.needs) == 1:
        need = int(target.needs[0])
        who = problem.learners.staff_ids[int(problem.needs.person[need])]
        return f"{target.words} ({who}, to {level_word(int(target.levels[0]))})"
    return f"{target.words} ({_count(len(target.needs), 'person', 'people')})"


def _count(count: int, one: str, many: str = "") -> str:
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def without_demands(problem: PlanProblem, dropped: Sequence[Demand]) -> PlanProblem:
    """The problem as it is when these demands are dropped."""
    places: dict[DemandKind, set[int]] = {kind: set() for kind in DemandKind}
    for demand in dropped:
        places[demand.kind].add(demand.place)
    problem = _without_people_limits(problem, places)
    problem = _without_money(problem, places)
    problem = _without_offer_limits(problem, places)
    gone = places[DemandKind.LOCK]
    return replace(
        problem,
        locked=tuple(line for k, line in enumerate(problem.locked) if k not in gone),
        forbidden=tuple(
            ban for k, ban in enumerate(problem.forbidden) if k not in places[DemandKind.FORBIDDEN]
        ),
        targets=_kept_targets(problem.targets, places[DemandKind.TARGET]),
        fair_shares=_kept_shares(problem.fair_shares, places[DemandKind.FAIR_SHARE]),
        release=_kept_release(problem.release, places[DemandKind.RELEASE]),
        overrun_allowed=problem.overrun_allowed or bool(places[DemandKind.HORIZON]),
    )


def _kept_targets(targets: tuple[Target, ...], gone: set[int]) -> tuple[Target, ...]:
    return tuple(target for place, target in enumerate(targets) if place not in gone)


def _kept_shares(shares: tuple[FairShare, ...], gone: set[int]) -> tuple[FairShare, ...]:
    return () if EVERY in gone else tuple(share for place, share in enumerate(shares) if place not in gone)


def _kept_release(release: Release | None, gone: set[int]) -> Release | None:
    return None if gone else release


def _without_people_limits(problem: PlanProblem, places: dict[DemandKind, set[int]]) -> PlanProblem:
    learners, mentors = problem.learners, problem.mentors
    hours, last = learners.hours.copy(), learners.last_quarter.copy()
    if places[DemandKind.OTHER_HOURS]:
        others = np.ones(len(hours), dtype=bool)
        others[[line.person for line in problem.locked]] = False
        hours[others] = NO_LIMIT
        if mentors is not None:
            mentors = replace(mentors, hours=np.full_like(mentors.hours, NO_LIMIT))
    locked = sorted({line.person for line in problem.locked})
    hours[_chosen(places[DemandKind.HOURS], locked)] = NO_LIMIT
    last[_chosen(places[DemandKind.END_DATE], locked)] = NOT_BEFORE_LEAVING
    return replace(problem, learners=replace(learners, hours=hours, last_quarter=last), mentors=mentors)


def _without_money(problem: PlanProblem, places: dict[DemandKind, set[int]]) -> PlanProblem:
    freed = set(places[DemandKind.MONEY])
    reserves = list(problem.reserves)
    for number in places[DemandKind.RESERVE]:
        accounts = reserves[number].accounts
        freed |= {place for place, _ in accounts}
        reserves[number] = replace(
            reserves[number], pence=UNBOUNDED_PENCE, accounts=tuple((place, 0) for place, _ in accounts)
        )
    limits = tuple(
        replace(limit, pence=UNBOUNDED_PENCE) if place in freed else limit
        for place, limit in enumerate(problem.limits)
    )
    return replace(problem, limits=limits, reserves=tuple(reserves))


def _without_offer_limits(problem: PlanProblem, places: dict[DemandKind, set[int]]) -> PlanProblem:
    offers = problem.offers
    seats, smallest = offers.places.copy(), offers.min_group.copy()
    every = range(len(offers.codes))
    for course in _chosen(places[DemandKind.PLACES], every):
        own = [course] if offers.pool is None else (offers.pool == offers.pool[course]).nonzero()[0]
        seats[own] = NO_LIMIT
    smallest[_chosen(places[DemandKind.GROUP], every)] = 1
    hours = None if places[DemandKind.MENTORS] else offers.mentor_hours
    return replace(problem, offers=replace(offers, places=seats, min_group=smallest, mentor_hours=hours))


def _chosen(places: set[int], every: Sequence[int]) -> list[int]:
    return list(every) if EVERY in places else sorted(places)


def has_hopeless_lock(problem: PlanProblem) -> bool:
    """Whether the locked lines alone rule out every plan: forbidden, past an end date, or beyond a limit."""
    forbidden = {(f.person, f.course, f.quarter) for f in problem.forbidden}
    for line in problem.locked:
        if {(line.person, line.course, None), (line.person, line.course, line.quarter)} & forbidden:
            return True
        if (
            line.quarter + int(problem.offers.duration[line.course]) - 1
            > problem.learners.last_quarter[line.person]
        ):
            return True
    return bool(Ledger(problem).broken(sorted(problem.locked), groups_may_grow=True))


def is_possible(problem: PlanProblem, deadline: float, progress: Progress) -> bool | None:
    """Whether any plan keeps all demands of the problem; ``None`` where the time did not suffice to tell."""
    if has_hopeless_lock(problem):
        return False
    found = _concerned(problem, candidates(problem))
    seconds = deadline - time.monotonic()
    if seconds <= 0:
        return None
    return ExactSearch(problem, found, SolveSettings(seconds), deadline, progress).is_possible()


def _concerned(problem: PlanProblem, found: Candidates) -> Candidates:
    """The people whom a lock, target or fair share is about, and those who may fill a group with them."""
    people = [line.person for line in problem.locked]
    for target in problem.targets:
        if target.price is None:
            people += problem.needs.person[target.needs].tolist()
    about = np.zeros(len(problem.learners.staff_ids), dtype=bool)
    about[people] = True
    for share in problem.fair_shares:
        about |= np.isin(problem.learners.homes, np.array(sorted(share.homes), dtype=np.int64))
    grouped = np.zeros(len(problem.offers.codes), dtype=bool)
    grouped[found.course[about[found.person]]] = True
    grouped &= problem.offers.min_group > 1
    # who fills a group may need a course before it, so such people come with all of theirs; and they may need
    # others to fill the groups of those, until nobody new comes in
    for _ in range(len(problem.offers.codes)):
        before = int(about.sum())
        about[found.person[grouped[found.course]]] = True
        grouped[found.course[about[found.person]]] = True
        grouped &= problem.offers.min_group > 1
        if int(about.sum()) == before:
            break
    return found.only(about[found.person])


def smallest_clash(problem: PlanProblem, seconds: float, progress: Progress) -> Clash:
    """Demands of a problem without a plan of which none can be left out; all of them where time runs short."""
    deadline = time.monotonic() + seconds
    demands = named_demands(problem)
    at_most = max(_LEAST_SECONDS, seconds / _RUNS)

    def possible(kept: Sequence[Demand]) -> bool | None:
        known, whole = set(kept), {demand.kind for demand in kept if demand.place == EVERY}
        dropped = [demand for demand in demands if demand not in known and demand.kind not in whole]
        end = min(deadline, time.monotonic() + at_most)
        return is_possible(without_demands(problem, dropped), end, progress)

    explain = _Explanation(possible)
    found = explain.within([], _together(demands))
    if time.monotonic() < deadline:
        found = _blamed(found, demands, possible)
    return Clash(tuple(found), explain.is_proven)


_RUNS = 20
_LEAST_SECONDS = 2.0
"""No run for feasibility takes longer than its part of the time, or this."""

_EVERY_WORDS = {
    DemandKind.PLACES: "courses have only so many places in a quarter",
    DemandKind.GROUP: "courses run only with so many people",
    DemandKind.FAIR_SHARE: "departments get their fair shares",
    DemandKind.HOURS: "people with locked lines have only so many hours in a quarter",
    DemandKind.END_DATE: "people with locked lines leave before the end of the plan",
}


def _together(demands: Sequence[Demand]) -> list[Demand]:
    """The demands with those of a kind that are many put into one."""
    many = {kind for kind in _EVERY_WORDS if sum(demand.kind is kind for demand in demands) > MOST_NAMED}
    words = dict(_EVERY_WORDS)
    for demand in demands:
        if demand.kind is DemandKind.FAIR_SHARE:
            words[demand.kind] = f"every department gets{demand.words.partition(' gets')[2]}"
    whole = [Demand(kind, EVERY, words[kind]) for kind in _EVERY_WORDS if kind in many]
    return [*whole, *(demand for demand in demands if demand.kind not in many)]


def _blamed(
    found: list[Demand], demands: Sequence[Demand], possible: Callable[[Sequence[Demand]], bool | None]
) -> list[Demand]:
    """Demands of a whole kind replaced by those of them that are to blame, where there is time to find out."""
    for whole in [demand for demand in found if demand.place == EVERY]:
        others = [demand for demand in found if demand is not whole]
        explain = _Explanation(possible)
        parts = explain.within(others, [demand for demand in demands if demand.kind is whole.kind])
        if explain.is_proven:
            found = [*parts, *others]
    return found


class _Explanation:
    """QuickXplain: the smallest part of ``demands`` that clashes with ``background``."""

    def __init__(self, possible: Callable[[Sequence[Demand]], bool | None]) -> None:
        self._possible = possible
        self.is_proven = True

    def within(
        self, background: list[Demand], demands: list[Demand], *, is_new: bool = False
    ) -> list[Demand]:
        if is_new:
            answer = self._possible(background)
            if answer is None:
                # taken for possible: the set found clashes all the same, but may hold more than it need
                self.is_proven = False
            elif not answer:
                return []
        if len(demands) <= 1:
            return demands
        half = len(demands) // 2
        first, second = demands[:half], demands[half:]
        from_second = self.within([*background, *first], second, is_new=True)
        from_first = self.within([*background, *from_second], first, is_new=bool(from_second))
        return [*from_first, *from_second]
