"""People with ratings missing, most missing first: a line is made when it is looked at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, overload

import numpy as np
import numpy.typing as npt

from app.services.people_lines import LinesOnDemand, PeopleLines, PersonLine, columns_at, person_line
from app.services.population import Flags, Ints, Population
from app.services.scope import PATH_MARK

Counts = npt.NDArray[Any]


@dataclass(frozen=True, slots=True)
class MissingLine:
    """A person with ratings missing, and how many."""

    person_id: int
    staff_id: str
    name: str
    job_title: str
    role_level: str
    grade: str
    department: str
    unit: str
    required: int
    assessed: int

    @property
    def missing(self) -> int:
        """Required skills without a rating that counts."""
        return self.required - self.assessed

    @property
    def coverage(self) -> float:
        """Assessed of required."""
        return self.assessed / self.required

    @property
    def unit_below(self) -> str:
        """The path of the unit without its department; empty for the department itself."""
        return PATH_MARK.join(self.unit.split(PATH_MARK)[1:])


class MissingLines(LinesOnDemand[MissingLine]):
    """The people of a mask of whom fewer skills are ``assessed`` than ``required`` (both by row of the population).

    Most missing first, by name inside each, then by staff id.
    """

    def __init__(self, population: Population, mask: Flags, required: Counts, assessed: Counts) -> None:
        self._people = PeopleLines(population, mask & (assessed < required))
        chosen = np.zeros(len(population), np.bool_)
        chosen[self._people.places] = True
        by_name = population.by_name() if len(self._people) else self._people.places
        places = by_name[chosen[by_name]] if len(self._people) else by_name
        missing = required[places].astype(np.int64) - assessed[places]
        most = int(missing.max(initial=0))
        # few different numbers, none of them large: an order by two bytes is found without comparing
        narrow = np.uint16 if most < 2**16 else np.int64
        self._places: Ints = places[np.argsort((most - missing).astype(narrow), kind="stable")]
        self._required = required[self._places].astype(np.int64)
        self._assessed = assessed[self._places].astype(np.int64)

    @property
    def population(self) -> Population:
        """Where the lines come from."""
        return self._people.population

    @property
    def places(self) -> Ints:
        """The places of the lines in the population."""
        return self._places

    def everybody(self) -> PeopleLines:
        """The lines of the whole population."""
        return self._people.everybody()

    @classmethod
    def of_nobody(cls, population: Population) -> MissingLines:
        """No line at all."""
        nobody = np.zeros(len(population), dtype=np.int64)
        return cls(population, nobody > 0, nobody, nobody)

    def __len__(self) -> int:
        return len(self._places)

    @overload
    def __getitem__(self, index: int) -> MissingLine: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[MissingLine]: ...
    def __getitem__(self, index: int | slice) -> MissingLine | Sequence[MissingLine]:
        if isinstance(index, slice):
            return [self[place] for place in range(*index.indices(len(self)))]
        if not -len(self) <= index < len(self):
            raise IndexError(index)
        return self._line(person_line(self.population, int(self._places[index])), index)

    def __iter__(self) -> Iterator[MissingLine]:
        return (self[at] for at in range(len(self)))

    def columns(self) -> Mapping[str, Any]:
        """The fields a table shows, by name, one entry per line."""
        found = dict(columns_at(self.population, self._places))
        return found | {"role_level": found["role_words"], **self.counts()}

    def counts(self) -> Mapping[str, Counts]:
        """What is counted of each line, by name: a table shows it beside the person."""
        return {
            "missing": self._required - self._assessed,
            "required": self._required,
            "coverage": self._assessed / np.maximum(self._required, 1),
        }

    def _line(self, one: PersonLine, at: int) -> MissingLine:
        return MissingLine(
            one.person_id, one.staff_id, one.name, one.job_title, one.role_level, one.grade, one.department, one.unit,
            int(self._required[at]), int(self._assessed[at]),
        )  # fmt: skip
