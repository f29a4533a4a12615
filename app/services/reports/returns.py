"""The periodic return: people by role family, role, level and grade, by employment, as it is sent to the centre."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np

from app.analysis.disclosure import SUPPRESSED, hidden_counts
from app.errors import UsageError
from app.files.words import grade_of
from app.services.population import Population, PopulationCache
from app.services.scope import PATH_MARK, Scope
from app.terms import Employment

KEYS = ("department", "unit", "role_family", "role", "role_level", "grade", "profession", "location")
"""What people can be told apart by."""

EMPLOYMENTS = tuple(one.value for one in Employment)
FIGURES = ("headcount", "fte", *(one.replace(" ", "_") for one in EMPLOYMENTS))
USUAL = ("department", "role_family", "role", "role_level", "grade", *FIGURES)
COLUMNS = (*KEYS, *FIGURES)
NO_ROLE = "No role"


@dataclass(frozen=True, slots=True)
class ReturnTable:
    """Rows under ``columns``, in order of the first ones, and on which day; ``hidden`` counts figures held back."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    day: date
    hidden: int
    is_disclosed: bool


class Returns:
    """Counts of people for a return."""

    def __init__(self, population: PopulationCache, today: Callable[[], date]) -> None:
        self._population, self._today = population, today

    def table(self, scope: Scope, columns: Sequence[str] = USUAL, *, is_shared: bool = True) -> ReturnTable:
        """Everybody of the scope, present on its day, by the columns that name something.

        With ``is_shared`` counts of 1 to 4 are held back, and others with them so that none can be worked out; FTE goes
        with its headcount. Raises UsageError for a column there is not.
        """
        wanted = checked_columns(columns)
        day = scope.as_at or self._today()
        _, population = self._population.get(day)
        keys = [name for name in wanted if name in KEYS]
        counts, hundredths = _counted(population, scope, keys)
        groups = sorted(counts, key=lambda key: tuple(part.casefold() for part in key))
        hidden = _hidden(groups, counts) if is_shared else {}
        rows = [
            tuple(
                key[keys.index(name)] if name in KEYS else _figure(name, key, counts, hundredths, hidden)
                for name in wanted
            )
            for key in groups
        ]
        held = sum(value == SUPPRESSED for row in rows for value in row)
        return ReturnTable(wanted, tuple(rows), day, held, is_shared)


def checked_columns(columns: Sequence[str]) -> tuple[str, ...]:
    """The columns of a return, each once; UsageError for one there is not, and where no figure is among them."""
    wanted = tuple(dict.fromkeys(one.strip().casefold().replace(" ", "_") for one in columns if one.strip()))
    unknown = [one for one in wanted if one not in COLUMNS]
    if unknown:
        raise UsageError(f"A return has no column “{unknown[0]}”.", f"Choose from {', '.join(COLUMNS)}.")
    if not any(one in FIGURES for one in wanted):
        raise UsageError("A return needs a figure.", f"Add one of {', '.join(FIGURES)}.")
    return wanted


Key = tuple[str, ...]


def _counted(
    population: Population, scope: Scope, keys: Sequence[str]
) -> tuple[dict[Key, Counter[str]], Counter[Key]]:
    """Heads by employment, and hundredths of FTE, of every group."""
    counts: dict[Key, Counter[str]] = {}
    hundredths: Counter[Key] = Counter()
    names = {name: _NAMES[name] for name in keys}
    for row in np.flatnonzero(population.mask(scope)).tolist():
        key = tuple(name_of(population, row) for name_of in names.values())
        counts.setdefault(key, Counter())[population.employment[row]] += 1
        hundredths[key] += int(population.fte_hundredths[row])
    return counts, hundredths


def _unit(population: Population, row: int) -> str:
    return population.units[int(population.unit_id[row])].path


def _level(part: str) -> Callable[[Population, int], str]:
    def name_of(population: Population, row: int) -> str:
        level = population.levels.get(int(population.role_level_id[row]))
        return str(getattr(level, part)) if level is not None else NO_ROLE

    return name_of


_NAMES: dict[str, Callable[[Population, int], str]] = {
    "department": lambda population, row: _unit(population, row).split(PATH_MARK)[0],
    "unit": _unit,
    "role_family": _level("family"),
    "role": _level("role"),
    "role_level": _level("name"),
    "grade": lambda population, row: grade_of(population.grade[row]),
    "profession": lambda population, row: population.profession[row],
    "location": lambda population, row: population.location[row],
}


def _hidden(groups: Sequence[Key], counts: dict[Key, Counter[str]]) -> dict[tuple[Key, str], bool]:
    """Which figures are held back: a table of groups × employments with its row totals (the headcount).

    Sums over groups are protected with it, so that a figure published elsewhere, such as the headcount of everybody,
    does not give one away.
    """
    table = np.array([[counts[key][one] for one in EMPLOYMENTS] for key in groups], dtype=np.int64)
    mask = hidden_counts(table.reshape(len(groups), len(EMPLOYMENTS)))
    found = {
        (key, one): bool(mask.cells[row, column])
        for row, key in enumerate(groups)
        for column, one in enumerate(EMPLOYMENTS)
    }
    found.update({(key, "headcount"): bool(mask.rows[row]) for row, key in enumerate(groups)})
    return found


def _figure(
    name: str,
    key: Key,
    counts: dict[Key, Counter[str]],
    hundredths: Counter[Key],
    hidden: dict[tuple[Key, str], bool],
) -> Any:
    of = "headcount" if name in ("headcount", "fte") else name.replace("_", " ")
    if hidden.get((key, of), False):
        return SUPPRESSED
    if name == "fte":
        return Decimal(hundredths[key]) / 100
    return sum(counts[key].values()) if name == "headcount" else counts[key][of]
