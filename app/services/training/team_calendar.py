"""The quarters of a plan as its teams see them: hours of learning, of how many, and how many people are away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

import numpy as np
import numpy.typing as npt

from app.services.gap_base import GapBase
from app.services.training.problem import pounds
from app.services.training.records import PlanSettings
from app.terms import FinancialQuarter

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class TeamQuarter:
    """One team in one quarter: hours in the plan, hours there could be, people on a course, people in the team."""

    team: str
    quarter: FinancialQuarter
    hours: Decimal
    available: Decimal
    away: int
    people: int

    @property
    def share_used(self) -> float:
        """Hours in the plan as a share of those there could be; 0 where there are none."""
        return float(self.hours / self.available) if self.available else 0.0

    @property
    def share_away(self) -> float:
        """People on a course as a share of the team."""
        return self.away / self.people if self.people else 0.0


@dataclass(frozen=True, slots=True)
class TeamLine:
    """One team (a unit path, or a department) over the quarters of the plan."""

    team: str
    name: str
    people: int
    cells: tuple[TeamQuarter, ...]


@dataclass(frozen=True, slots=True)
class TeamCalendar:
    """Teams × quarters. ``by_team`` are units as people belong to them, ``by_department`` the tops of the tree;
    ``durations`` says for how many quarters a course of more than one runs, by its code."""

    quarters: tuple[FinancialQuarter, ...]
    by_team: tuple[TeamLine, ...]
    by_department: tuple[TeamLine, ...]
    durations: Mapping[str, int] = field(default_factory=dict[str, int])

    def is_under_way(self, code: str, start: FinancialQuarter, quarter: FinancialQuarter) -> bool:
        """Whether a course that starts then is still on in a quarter."""
        return start <= quarter < start + self.durations.get(code, 1)


def team_calendar(
    base: GapBase, settings: PlanSettings, start: FinancialQuarter, places: Ints, used: Ints
) -> TeamCalendar:
    """``used`` is people × quarters (hundredths of hours) of the people at ``places`` of the population.

    Hours available are those of everybody in the plan's scope, whether or not they learn anything. Teams with
    nobody on a course are left out.
    """
    population = base.population
    mask = population.mask(settings.scope)
    mask[places] = True
    quarters = tuple(FinancialQuarter(start + later) for later in range(settings.quarters))
    hundredths = int(settings.hours_per_quarter * 100)
    own = np.full(len(population), hundredths, dtype=np.int64)
    if settings.is_scaled_by_fte:
        own = own * population.fte_hundredths // 100
    hours = np.zeros((len(population), len(quarters)), dtype=np.int64)
    hours[places] = used[:, : len(quarters)]
    unit = population.unit_id.astype(np.int64)
    paths = {number: (line.path, line.name) for number, line in population.units.items()}
    tops = {
        number: (population.units[line.department_id].path, population.units[line.department_id].name)
        for number, line in population.units.items()
    }
    rows = mask.nonzero()[0]
    return TeamCalendar(
        quarters,
        _lines(rows, unit, paths, (hours, own), quarters),
        _lines(rows, unit, tops, (hours, own), quarters),
    )


def _lines(
    rows: Ints,
    unit: Ints,
    names: dict[int, tuple[str, str]],
    figures: tuple[Ints, Ints],
    quarters: Sequence[FinancialQuarter],
) -> tuple[TeamLine, ...]:
    hours, own = figures
    labels = [names[int(number)] for number in unit[rows]]
    teams = sorted(set(labels), key=lambda label: label[0].casefold())
    place = {label: number for number, label in enumerate(teams)}
    team = np.array([place[label] for label in labels], dtype=np.int64)
    found: list[TeamLine] = []
    for number, (path, name) in enumerate(teams):
        members = rows[team == number]
        if not hours[members].any():
            continue
        available = pounds(int(own[members].sum()))
        cells = tuple(
            TeamQuarter(
                path,
                quarter,
                pounds(int(hours[members, at].sum())),
                available,
                int((hours[members, at] > 0).sum()),
                len(members),
            )
            for at, quarter in enumerate(quarters)
        )
        found.append(TeamLine(path, name, len(members), cells))
    return tuple(found)
