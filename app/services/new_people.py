"""The people of a file who are new here, as columns: half a million of them stay small until they are looked at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, overload

from app.files.hr_extract import PeopleFile, PeopleRows, PersonRow
from app.files.rows import ColumnRows
from app.terms import Employment, PersonStatus

PERSON_FIELDS = ("name", "email", "manager_staff_id", "start_date", "end_date", "profession")
SPELL_FIELDS = ("unit", "job_title", "grade", "fte_hundredths", "employment", "status", "location")
PERSON_DEFAULTS: tuple[Any, ...] = ("", "", "", None, None, "")
SPELL_DEFAULTS: tuple[Any, ...] = (
    "",
    "",
    "",
    100,
    Employment.CIVIL_SERVANT.value,
    PersonStatus.ACTIVE.value,
    "",
)
_OF_FILE = {"manager_staff_id": "manager_id", "grade": "grade_text"}
"""Fields whose column of a file has another name; the heading of ``grade_text`` is "grade"."""


@dataclass(slots=True)
class Incoming:
    """One person of the file as the workspace would hold it."""

    row: PersonRow
    person: tuple[Any, ...]
    spell: tuple[Any, ...]
    role_level_id: int = 0


class NewPeople(Sequence[Incoming]):
    """Who is new: ``columns`` are those of :data:`PERSON_FIELDS`, :data:`SPELL_FIELDS` and ``staff_id``.

    ``unit`` is the path of the unit; ``role_level_ids`` has 0 where no role came with the person.
    """

    def __init__(
        self, rows: PeopleRows, columns: Mapping[str, Sequence[Any]], role_level_ids: Sequence[int]
    ) -> None:
        self._rows, self.columns, self.role_level_ids = rows, columns, role_level_ids

    @classmethod
    def of(
        cls, found: PeopleFile, places: Sequence[int], paths: Sequence[str], role_level_ids: Sequence[int]
    ) -> NewPeople:
        """The rows at ``places``; ``paths`` and ``role_level_ids`` have one entry per row of the file."""
        is_all = len(places) == len(found.rows)

        def chosen(column: Sequence[Any]) -> Sequence[Any]:
            return column if is_all else list(map(column.__getitem__, places))

        read = dict(zip(PersonRow._fields, map(chosen, found.rows.columns), strict=True))
        columns: dict[str, Sequence[Any]] = {"staff_id": read["staff_id"], "unit": chosen(paths)}
        defaults = (*PERSON_DEFAULTS, *SPELL_DEFAULTS)
        for name, blank in zip((*PERSON_FIELDS, *SPELL_FIELDS), defaults, strict=True):
            if name == "unit":
                continue
            source = _OF_FILE.get(name, name)
            heading = {"grade_text": "grade", "fte_hundredths": "fte"}.get(source, source)
            is_there = heading in found.present or name == "job_title"
            columns[name] = read[source] if is_there else [blank] * len(places)
        word_of: dict[str, str] = {one: one.value for one in (*Employment, *PersonStatus)}
        for name in ("employment", "status"):
            columns[name] = list(map(word_of.__getitem__, columns[name]))
        rows = found.rows if is_all else ColumnRows(PersonRow._make, list(read.values()))
        return cls(rows, columns, chosen(role_level_ids))

    def __len__(self) -> int:
        return len(self.role_level_ids)

    @overload
    def __getitem__(self, index: int) -> Incoming: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Incoming]: ...
    def __getitem__(self, index: int | slice) -> Incoming | Sequence[Incoming]:
        if isinstance(index, slice):
            return [self[place] for place in range(*index.indices(len(self)))]
        return Incoming(
            self._rows[index],
            tuple(self.columns[name][index] for name in PERSON_FIELDS),
            tuple(self.columns[name][index] for name in SPELL_FIELDS),
            self.role_level_ids[index],
        )

    def __iter__(self) -> Iterator[Incoming]:
        return map(self.__getitem__, range(len(self)))


NOBODY = NewPeople(ColumnRows(PersonRow._make, [()] * len(PersonRow._fields)), {}, ())
