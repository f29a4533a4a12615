"""People with ratings missing, most missing first: a line is made when it is looked at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, overload

import numpy as np
import numpy.typing as npt

from app.services.people_lines import LinesOnDemand, PeopleLines, PersonLine
from app.services.population import Flags, Population
from app.services.scope import PATH_MARK
from app.services.text_columns import CodedText

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
        chosen = mask & (assessed < required)
        self._people = PeopleLines(population, chosen)
        required, assessed = required[chosen].astype(np.int64), assessed[chosen].astype(np.int64)
        names, ids = self._people.texts("name"), self._people.texts("staff_id")
        missing = (required - assessed).tolist()
        order = sorted(range(len(names)), key=lambda at: (-missing[at], names[at].casefold(), ids[at]))
        self._order = np.array(order, dtype=np.int64)
        self._required, self._assessed = required[self._order], assessed[self._order]

    @classmethod
    def of_nobody(cls, population: Population) -> MissingLines:
        """No line at all."""
        nobody = np.zeros(len(population), dtype=np.int64)
        return cls(population, nobody > 0, nobody, nobody)

    def __len__(self) -> int:
        return len(self._order)

    @overload
    def __getitem__(self, index: int) -> MissingLine: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[MissingLine]: ...
    def __getitem__(self, index: int | slice) -> MissingLine | Sequence[MissingLine]:
        if isinstance(index, slice):
            return [self[place] for place in range(*index.indices(len(self)))]
        if not -len(self) <= index < len(self):
            raise IndexError(index)
        return self._line(self._people.line(int(self._order[index])), index)

    def __iter__(self) -> Iterator[MissingLine]:
        return (self[at] for at in range(len(self)))

    def columns(self) -> Mapping[str, Any]:
        """The fields a table shows, by name, one entry per line."""
        order = self._order
        found: dict[str, Any] = {}
        for name, column in self._people.columns().items():
            if isinstance(column, CodedText):
                found[name] = CodedText(column.codes[order], column.words)
            elif isinstance(column, np.ndarray):
                found[name] = column[order]
            else:
                found[name] = [column[at] for at in order.tolist()]
        levels = found["role_words"]
        return found | {
            "missing": self._required - self._assessed,
            "required": self._required,
            "coverage": self._assessed / np.maximum(self._required, 1),
            "role_level": levels,
        }

    def _line(self, one: PersonLine, at: int) -> MissingLine:
        return MissingLine(
            one.person_id, one.staff_id, one.name, one.job_title, one.role_level, one.grade, one.department, one.unit,
            int(self._required[at]), int(self._assessed[at]),
        )  # fmt: skip
