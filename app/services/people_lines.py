"""People as the list shows them: a line is made when it is looked at, columns are arrays of codes into few words."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar, overload

import numpy as np
import numpy.typing as npt

from app.services.packed_text import PackedText
from app.services.population import Flags, Ints, Population
from app.services.scope import PATH_MARK
from app.services.text_columns import CodedText
from app.terms import MatchKind

Floats = npt.NDArray[np.float64]

ROLE_KIND_WORDS = {
    MatchKind.NONE.value: "Not a digital role",
    MatchKind.DIGITAL_UNMAPPED.value: "Digital, no single role",
}
"""What a decision without a role level is called."""
LINES_AT_ONCE = 5_000
"""Lines made together where all are gone through."""
LINES_LOOKED_AT = 200
"""Lines made together where somebody looks at a place."""


@dataclass(frozen=True, slots=True)
class PersonLine:
    """One person in the list."""

    person_id: int
    staff_id: str
    name: str
    job_title: str
    department: str
    unit: str
    grade: str
    fte: float
    employment: str
    status: str
    location: str
    role_family: str
    role: str
    role_level: str
    is_present: bool
    role_kind: str = ""

    @property
    def unit_below(self) -> str:
        """The path of the unit without its department; empty for the department itself."""
        return _below(self.unit)

    @property
    def role_words(self) -> str:
        """The role level, or what was decided instead, or that nothing was."""
        return self.role_level or ROLE_KIND_WORDS.get(self.role_kind, "No role yet")


Made = TypeVar("Made")


class LinesOnDemand(Sequence[Made]):
    """Lines that are made when they are looked at; equal to any sequence of the same lines."""

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Sequence) or len(self) != len(other):
            return False
        return all(one == two for one, two in zip(self, other, strict=True))

    __hash__ = None  # type: ignore[assignment]


class PeopleLines(LinesOnDemand[PersonLine]):
    """The lines of the people in a mask, in the order of the population."""

    def __init__(self, population: Population, mask: Flags) -> None:
        self._population = population
        self._places: Ints = np.flatnonzero(mask).astype(np.int64)
        self._made: tuple[int, list[PersonLine]] = (-1, [])

    def __len__(self) -> int:
        return len(self._places)

    @overload
    def __getitem__(self, index: int) -> PersonLine: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[PersonLine]: ...
    def __getitem__(self, index: int | slice) -> PersonLine | Sequence[PersonLine]:
        if isinstance(index, slice):
            return [self[place] for place in range(*index.indices(len(self)))]
        at = index + len(self) if index < 0 else index
        if not 0 <= at < len(self):
            raise IndexError(index)
        part, within = divmod(at, LINES_LOOKED_AT)
        made = self._made
        if made[0] != part:
            made = self._made = part, self._lines(part * LINES_LOOKED_AT, LINES_LOOKED_AT)
        return made[1][within]

    def __iter__(self) -> Iterator[PersonLine]:
        for start in range(0, len(self), LINES_AT_ONCE):
            yield from self._lines(start, LINES_AT_ONCE)

    def line(self, at: int) -> PersonLine:
        """One line by itself, where lines far apart are looked at."""
        return person_line(self._population, int(self._places[at]))

    @property
    def population(self) -> Population:
        """Where the lines come from."""
        return self._population

    @property
    def places(self) -> Ints:
        """The places of the lines in the population."""
        return self._places

    def everybody(self) -> PeopleLines:
        """The lines of the whole population."""
        return PeopleLines(self._population, np.ones(len(self._population), np.bool_))

    def columns(self) -> Mapping[str, PackedText | CodedText | Floats]:
        """The fields a table shows, by name, one entry per line."""
        return columns_at(self._population, self._places)

    def _lines(self, start: int, count: int) -> list[PersonLine]:
        places: list[int] = self._places[start : start + count].tolist()
        self._population.fetch_texts(places)
        return [person_line(self._population, place) for place in places]


def columns_at(population: Population, places: Ints) -> Mapping[str, PackedText | CodedText | Floats]:
    """The fields a table shows of the people at these places, by name."""
    units = {
        key: (population.units[line.department_id].name, line.path) for key, line in population.units.items()
    }
    unit_ids = population.unit_id[places]
    levels, level_ids = population.levels, population.role_level_id[places]
    kinds, titles = population.mapped_kind, population.job_titles()
    decided = _coded(kinds.codes[places], lambda code: ROLE_KIND_WORDS.get(kinds.words[code], "No role yet"))
    named = _coded(level_ids, lambda key: levels[key].name if key in levels else "")
    coded = {
        name: CodedText(column.codes[places], column.words)
        for name, column in (
            ("grade", population.grade), ("employment", population.employment), ("status", population.status),
            ("location", population.location),
        )
    }  # fmt: skip
    return {
        "staff_id": population.packed("staff_id").take(places),
        "name": population.packed("name").take(places),
        "job_title": CodedText(titles.codes[places], titles.words),
        "role_words": _either(named, decided),
        "fte": population.fte_hundredths[places] / 100,
        "department": _coded(unit_ids, lambda key: units[key][0]),
        "unit_below": _coded(unit_ids, lambda key: _below(units[key][1])),
        "role_family": _coded(level_ids, lambda key: levels[key].family if key in levels else ""),
        "role": _coded(level_ids, lambda key: levels[key].role if key in levels else ""),
        **coded,
    }


def person_line(population: Population, place: int) -> PersonLine:
    """One entry of the population as a line."""
    unit = population.units[int(population.unit_id[place])]
    level = population.levels.get(int(population.role_level_id[place]))
    return PersonLine(
        person_id=int(population.person_id[place]),
        staff_id=population.staff_id[place],
        name=population.name[place],
        job_title=population.job_title[place],
        department=population.units[unit.department_id].name,
        unit=unit.path,
        grade=population.grade[place],
        fte=int(population.fte_hundredths[place]) / 100,
        employment=population.employment[place],
        status=population.status[place],
        location=population.location[place],
        role_family=level.family if level else "",
        role=level.role if level else "",
        role_level=level.name if level else "",
        is_present=bool(population.is_present[place]),
        role_kind=population.mapped_kind[place],
    )


def _below(path: str) -> str:
    return PATH_MARK.join(path.split(PATH_MARK)[1:])


def _coded(keys: npt.NDArray[Any], word_of: Callable[[int], str]) -> CodedText:
    """A column of words by their keys; each key is asked about once, each word stands there once."""
    few, place = np.unique(keys, return_inverse=True)
    words = CodedText.of(word_of(int(key)) for key in few.tolist())
    return CodedText(words.codes[place], words.words)


def _either(first: CodedText, second: CodedText) -> CodedText:
    """The first word where it is not blank, else the second."""
    blank = first.where(lambda word: not word)
    words = CodedText.of((*first.words, *second.words))
    codes = words.codes[np.where(blank, second.codes + len(first.words), first.codes)]
    return CodedText(codes, words.words)
