"""Readiness of priorities by their date: the pairs behind each, now and after the plan; demand met or not.

A pair belongs to a priority where one of its lines names the pair's skill, the person's role or role level, and the
person is in the unit of that line (anywhere where it names none). Readiness is Σ met ÷ Σ assessed of these pairs, with
coverage beside it. "By the date" counts what the lines of the plan raise that end on or before that day.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from app.analysis.gaps import GapPairs, gap_pairs
from app.services.delivery.trace import WITHOUT_EFFECT, PlannedSkill
from app.services.gap_base import GapBase
from app.services.population import Flags, Ints, RoleLevelLine
from app.services.strategy.demand import NeedRow
from app.services.strategy.records import NeedView, PriorityView, ProgrammeView
from app.terms import NOT_ASSESSED, FinancialQuarter, name_key

Bytes = npt.NDArray[np.uint8]


class State(StrEnum):
    """How a priority stands."""

    MET = "met"
    PARTLY = "partly met"
    IMPOSSIBLE = "impossible"
    UNDATED = "undated"
    WITHOUT_DEMAND = "without demand"
    SET_ASIDE = "set aside"


@dataclass(frozen=True, slots=True)
class RoleDemand:
    """FTE of one role level that a priority needs at its peak, and who is there; hundredths of FTE.

    ``ready_now`` and ``ready_by_date`` are FTE of people with every required skill assessed and met.
    """

    unit: str
    role: str
    role_level: str
    needed: int
    in_post: int
    ready_now: int
    ready_by_date: int
    people: int

    @property
    def short(self) -> int:
        """What is missing by the date."""
        return max(0, self.needed - self.ready_by_date)


@dataclass(frozen=True, slots=True)
class HoldBack:
    """A role level and skill that hold a priority back, and what the plan does about it before the date."""

    role: str
    role_level: str
    skill: str
    required: int
    assessed: int
    short: int
    levels_short: int
    short_by_date: int


@dataclass(frozen=True, slots=True)
class PriorityReadiness:
    """One priority on the board. Shares are None where nothing is assessed, or nothing required."""

    priority_id: int
    version: int
    area: str
    priority: str
    target_on: date | None
    weight: float | None
    state: State
    sentence: str
    people: int
    required: int
    assessed: int
    meeting: int
    meeting_by_date: int | None
    demand: tuple[RoleDemand, ...]
    holding_back: tuple[HoldBack, ...]
    needs: tuple[NeedView, ...]
    programmes: tuple[ProgrammeView, ...]
    plan_cost_gbp: Decimal
    plan_steps: Decimal
    source: str
    description: str

    @property
    def readiness(self) -> float | None:
        """Σ met ÷ Σ assessed now."""
        return self.meeting / self.assessed if self.assessed else None

    @property
    def readiness_by_date(self) -> float | None:
        """Σ met ÷ Σ assessed after the plan's lines that end by the date; None without a date that lies ahead."""
        return (
            self.meeting_by_date / self.assessed
            if self.assessed and self.meeting_by_date is not None
            else None
        )

    @property
    def coverage(self) -> float | None:
        """Σ assessed ÷ Σ required."""
        return self.assessed / self.required if self.required else None

    @property
    def needed_fte(self) -> float | None:
        """FTE needed at the peak, None where no FTE is stated."""
        return sum(one.needed for one in self.demand) / 100 if self.demand else None

    @property
    def short_fte(self) -> float | None:
        """FTE missing by the date, None where no FTE is stated."""
        return sum(one.short for one in self.demand) / 100 if self.demand else None


@dataclass(frozen=True, slots=True)
class Money:
    """What of the plan serves a priority."""

    cost_gbp: Decimal = Decimal(0)
    steps: Decimal = Decimal(0)


class Board:
    """The pairs of a scope, ready to be asked about one priority after another."""

    def __init__(self, base: GapBase, mask: Flags, planned: Sequence[PlannedSkill], today: date) -> None:
        self._base, self._today = base, today
        self.mask = mask
        self.pairs: GapPairs = gap_pairs(base.blocks, mask)
        self._planned = [one for one in planned if one.status not in WITHOUT_EFFECT and one.skill_id]
        levels = base.population.levels
        self._slot_level: list[RoleLevelLine | None] = [levels.get(row[0]) for row in base.requirements]
        self._slot_keys = [
            ("", "") if line is None else (name_key(line.role), name_key(line.name))
            for line in self._slot_level
        ]
        self._slot_skill = np.array([row[1] for row in base.requirements], dtype=np.int64)
        self._raised: dict[date | None, Bytes] = {}

    def pairs_of(self, needs: Sequence[NeedView]) -> Flags:
        """Which pairs belong to a priority with these lines."""
        chosen = np.zeros(len(self.pairs.person), dtype=np.bool_)
        by_unit: dict[str, list[NeedView]] = {}
        for need in needs:
            by_unit.setdefault(need.department, []).append(need)
        for unit, lines in by_unit.items():
            slots = self._slots(lines)
            inside = slots[self.pairs.slot]
            if unit:
                inside &= self._in_unit(unit)[self.pairs.person]
            chosen |= inside
        return chosen

    def _slots(self, lines: Sequence[NeedView]) -> Flags:
        skills = [need.skill_id for need in lines if need.skill_id]
        roles = {name_key(need.role) for need in lines if need.role and not need.role_level}
        levels = {(name_key(need.role), name_key(need.role_level)) for need in lines if need.role_level}
        named = np.array([key[0] in roles or key in levels for key in self._slot_keys], dtype=np.bool_)
        return named | np.isin(self._slot_skill, np.array(skills, dtype=np.int64))

    def _in_unit(self, path: str) -> Flags:
        population = self._base.population
        inside = np.array(sorted(population.units_below([path])), dtype=np.int64)
        return np.isin(population.unit_id, inside)

    def held_by(self, day: date | None) -> Bytes:
        """Held levels of every pair after the plan's lines that end by a day; today's where none is given."""
        found = self._raised.get(day)
        if found is None:
            found = self._raised[day] = self._held_by(day) if day is not None else self.pairs.held
        return found

    def _held_by(self, day: date) -> Bytes:
        held = self.pairs.held.copy()
        done = [one for one in self._planned if FinancialQuarter(one.ends_quarter).last_day <= day]
        population = self._base.population
        code_of = {int(key): code for code, key in enumerate(self._base.skill_ids.tolist())}
        row_of = {int(key): row for row, key in enumerate(population.person_id.tolist())} if done else {}
        size = len(self._base.skill_ids)
        keys = self.pairs.person.astype(np.int64) * size + self.pairs.skill
        for one in done:
            row, code = row_of.get(one.person_id), code_of.get(one.skill_id)
            if row is None or code is None:
                continue
            place = int(np.searchsorted(keys, row * size + code))
            is_there = place < len(keys) and keys[place] == row * size + code
            if is_there and held[place] != NOT_ASSESSED:
                held[place] = max(int(held[place]), one.level_after)
        return held

    def met(self, held: Bytes) -> Flags:
        """Whether each pair is assessed and met."""
        return (held != NOT_ASSESSED) & (held >= self.pairs.required)

    def ready_people(self, held: Bytes) -> Flags:
        """People [population] with at least one required skill and every one assessed and met."""
        size = len(self._base.population)
        required = np.bincount(self.pairs.person, minlength=size)
        met = np.bincount(self.pairs.person[self.met(held)], minlength=size)
        return (required > 0) & (met == required)

    def demand(self, needs: Sequence[NeedRow], target: date | None) -> tuple[RoleDemand, ...]:
        """What the lines need at their peak up to the date, and who is there."""
        until = int(FinancialQuarter.of(target)) if target is not None else None
        peaks: dict[tuple[str, str, str], dict[int, int]] = {}
        for need in needs:
            if not need.role_level:
                continue
            quarters = peaks.setdefault((need.unit, need.role, need.role_level), {})
            first = need.first if need.first is not None else 0
            last = need.last if need.last is not None else first
            stop = last if until is None else max(first, min(last, until))
            for quarter in range(first, stop + 1):
                quarters[quarter] = quarters.get(quarter, 0) + need.fte_hundredths
        now, then = self.ready_people(self.pairs.held), self.ready_people(self.held_by(target))
        return tuple(
            self._role_demand(key, max(quarters.values(), default=0), now, then)
            for key, quarters in sorted(peaks.items())
        )

    def _role_demand(self, key: tuple[str, str, str], needed: int, now: Flags, then: Flags) -> RoleDemand:
        unit, role, level = key
        population = self._base.population
        wanted = {
            level_id
            for level_id, line in population.levels.items()
            if name_key(line.role) == name_key(role) and name_key(line.name) == name_key(level)
        }
        chosen = self.mask & np.isin(population.role_level_id, np.array(sorted(wanted), dtype=np.int64))
        if unit:
            chosen &= self._in_unit(unit)
        fte = population.fte_hundredths
        return RoleDemand(
            unit, role, level, needed, int(fte[chosen].sum()), int(fte[chosen & now].sum()),
            int(fte[chosen & then].sum()), int(chosen.sum()),
        )  # fmt: skip

    def holding_back(self, chosen: Flags, held: Bytes) -> tuple[HoldBack, ...]:
        """Role levels and skills of a priority that somebody is short in, most levels first."""
        pairs = self.pairs
        slots = pairs.slot[chosen]
        size = len(self._base.requirements)
        assessed = pairs.held[chosen] != NOT_ASSESSED
        gap, is_open = pairs.gap[chosen], assessed & ~self.met(held)[chosen]
        counts = [
            np.bincount(slots, minlength=size),
            np.bincount(slots[assessed], minlength=size),
            np.bincount(slots[gap > 0], minlength=size),
            np.bincount(slots, weights=gap, minlength=size).astype(np.int64),
            np.bincount(slots[is_open], minlength=size),
        ]
        names = dict(zip(self._base.skill_ids.tolist(), self._base.skill_names, strict=True))
        found: list[HoldBack] = []
        for slot in np.flatnonzero(counts[3] > 0).tolist():
            level = self._slot_level[slot]
            skill = names[int(self._slot_skill[slot])]
            role = (level.role, level.name) if level else ("", "")
            found.append(HoldBack(*role, skill, *(int(count[slot]) for count in counts)))
        return tuple(sorted(found, key=lambda one: (-one.levels_short, one.role_level, one.skill)))

    def people_in(self, chosen: Flags) -> Ints:
        """Rows of the people with a chosen pair."""
        return np.unique(self.pairs.person[chosen]).astype(np.int64)


def state_of(priority: PriorityView, demand: Sequence[RoleDemand], today: date) -> State:
    """How a priority stands (the head of :mod:`app.services.delivery` says by which rule)."""
    if priority.is_set_aside:
        return State.SET_ASIDE
    if priority.target_on is None:
        return State.UNDATED
    if not any(one.needed for one in demand):
        return State.WITHOUT_DEMAND
    if not any(one.short for one in demand):
        return State.MET
    is_too_late = FinancialQuarter.next_whole(today).last_day > priority.target_on
    return State.IMPOSSIBLE if is_too_late else State.PARTLY


def sentence_of(one: PriorityReadiness, today: date) -> str:
    """How a priority stands, in one sentence."""
    if one.state is State.SET_ASIDE:
        return "Set aside: it gives no weight and needs nobody."
    known = _readiness_words(one)
    if one.state is State.UNDATED:
        return f"No date is set, so nothing can be late. {known}"
    if one.state is State.WITHOUT_DEMAND:
        return (
            f"No FTE is stated for it. {known}"
            if one.needs
            else "Nothing is linked to it: no role, no skill, no FTE."
        )
    needed, short = one.needed_fte or 0, one.short_fte or 0
    if one.state is State.MET:
        return f"All {needed:.2f} FTE needed are in post and ready by the date."
    in_post = sum(min(role.in_post, role.needed) for role in one.demand) / 100
    missing = (
        f"{short:.2f} of {needed:.2f} FTE are missing by the date: "
        f"{in_post:.2f} are in post, {needed - short:.2f} will be ready."
    )
    if one.state is State.PARTLY:
        return f"{missing} {known}".strip()
    is_past = one.target_on is not None and one.target_on < today
    why = (
        "The date has passed."
        if is_past
        else "No course or hire that starts next quarter ends before the date."
    )
    return f"{missing} {why}"


def _readiness_words(one: PriorityReadiness) -> str:
    if not one.required:
        return "Nobody's role is linked to it yet." if one.needs else ""
    if one.readiness is None:
        return f"None of its {one.required:,} required skills is assessed."
    coverage = one.assessed / one.required
    return f"{one.readiness:.0%} ready now; coverage {coverage:.0%}.".replace("%", " %")
