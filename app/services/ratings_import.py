"""A file of ratings against the workspace, column by column: millions of ratings never become objects."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
from sqlalchemy import bindparam, text
from sqlalchemy.orm import Session

from app.db.packing import day_number
from app.errors import Problem
from app.files.assessments import AssessmentRow, AssessmentsFile
from app.terms import AssessedBy

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

KINDS = tuple(AssessedBy)
_CODE_OF_KIND: dict[str | None, int] = {
    None: KINDS.index(AssessedBy.SELF),
    **{kind: code for code, kind in enumerate(KINDS)},
}
NO_LEVEL = -1
_MOST_ASKED_FOR = 20_000
_IN_LIST = 900
_AT_ONCE = 100_000

_ALL = "SELECT person_id, skill_id, assessed_on, assessed_by, level FROM assessment ORDER BY id"
_SOME = """
SELECT person_id, skill_id, assessed_on, assessed_by, level FROM assessment WHERE person_id IN :people ORDER BY id
"""


@dataclass(frozen=True, slots=True)
class FileRatings:
    """The ratings of a file as codes, one entry per row; a row without a level by number has :data:`NO_LEVEL`.

    ``day`` are day numbers, ``kind`` places in :data:`KINDS`.
    """

    person: Ints
    skill: Ints
    level: Ints
    day: Ints
    kind: Ints

    @classmethod
    def of(
        cls, found: AssessmentsFile, people: dict[str, int], skills: dict[str, int], undated: date
    ) -> FileRatings:
        """The columns of a file; rows without a day are of ``undated``, those without an assessor are of self."""
        columns = dict(zip(AssessmentRow._fields, found.rows.columns, strict=True))
        count = len(found.rows)
        number_of = {day: (day or undated).toordinal() for day in set(columns["assessed_on"])}
        level_of = {None: NO_LEVEL, **{level: level for level in range(5)}}

        def coded(table: Any, column: Sequence[Any]) -> Ints:
            return np.fromiter(map(table.__getitem__, column), dtype=np.int64, count=count)

        return cls(
            coded(people, columns["staff_id"]),
            coded(skills, columns["skill"]),
            coded(level_of, columns["level"]),
            coded(number_of, columns["assessed_on"]),
            coded(_CODE_OF_KIND, columns["assessed_by"]),
        )


@dataclass(frozen=True, slots=True)
class KnownRatings:
    """The newest rating of each person, skill, day and kind of assessor there is in the workspace, in any order."""

    person: Ints
    skill: Ints
    day: Ints
    kind: Ints
    level: Ints


@dataclass(frozen=True, slots=True)
class FreshRatings:
    """The ratings that are not there yet, as columns in the order of the file."""

    person: Ints
    skill: Ints
    level: Ints
    day: Ints
    kind: Ints
    evidence: Sequence[str]
    comment: Sequence[str]

    def __len__(self) -> int:
        return len(self.person)

    def ordered(self) -> dict[str, Sequence[Any]]:
        """The columns of the table of ratings, by person and skill."""
        order = np.lexsort((self.skill, self.person))
        days = {number: date.fromordinal(number) for number in np.unique(self.day).tolist()}
        kinds = [kind.value for kind in KINDS]
        places = order.tolist()
        return {
            "person_id": self.person[order].tolist(),
            "skill_id": self.skill[order].tolist(),
            "level": self.level[order].tolist(),
            "assessed_on": list(map(days.__getitem__, self.day[order].tolist())),
            "assessed_by": list(map(kinds.__getitem__, self.kind[order].tolist())),
            "evidence": list(map(self.evidence.__getitem__, places)),
            "comment": list(map(self.comment.__getitem__, places)),
        }


@dataclass(frozen=True, slots=True)
class ComparedRatings:
    """What loading the ratings of a file would do."""

    fresh: FreshRatings
    unchanged: int
    raised: int
    lowered: int
    problems: tuple[Problem, ...]


def has_relative(found: AssessmentsFile) -> bool:
    """Whether any rating is below / at / above what is required rather than a level."""
    relative = found.rows.columns[AssessmentRow._fields.index("relative")]
    return any(value is not None for value in relative)


def known_ratings(session: Session, ratings: FileRatings) -> KnownRatings:
    """The ratings there are of the people in a file."""
    people = np.unique(ratings.person)
    parts: list[Ints] = []
    if len(people) <= _MOST_ASKED_FOR:
        statement = text(_SOME).bindparams(bindparam("people", expanding=True))
        for start in range(0, len(people), _IN_LIST):
            asked = {"people": people[start : start + _IN_LIST].tolist()}
            parts.append(_table(session.execute(statement, asked)))
    else:
        rows = session.execute(text(_ALL), execution_options={"yield_per": _AT_ONCE})
        parts += [_table(part) for part in rows.partitions()]
    table = np.concatenate(parts) if parts else np.zeros((0, 5), dtype=np.int64)
    return KnownRatings(table[:, 0], table[:, 1], table[:, 2], table[:, 3], table[:, 4])


def _table(rows: Iterable[Any]) -> Ints:
    days: dict[object, int] = {}
    found = [
        (person, skill, days.get(on) or days.setdefault(on, day_number(on, 0)), _CODE_OF_KIND[by], level)
        for person, skill, on, by, level in rows
    ]
    return np.array(found, dtype=np.int64).reshape(-1, 5)


def compare(
    found: AssessmentsFile,
    file_name: str,
    ratings: FileRatings,
    known: KnownRatings,
    required: dict[tuple[int, int], int],
    today: date,
) -> ComparedRatings:
    """What is new, changed, there already, and wrong. ``required`` is by person and skill."""
    level = _levels(found, ratings, required)
    is_late = ratings.day > today.toordinal()
    is_good = (level != NO_LEVEL) & ~is_late
    rows = np.flatnonzero(is_good)
    file_key, known_key = _keys(ratings, known)
    _, first, inverse = np.unique(file_key[rows], return_index=True, return_inverse=True)
    standing = rows[first][inverse]  # for each good row, the first of the file that rates the same
    is_first = standing == rows
    differs = level[rows] != level[standing]
    before = _level_before(known_key, known.level, file_key[rows])
    is_known = before == level[rows]
    is_fresh = is_first & ~is_known
    fresh = rows[is_fresh]
    changed = before[is_fresh]
    conflicts = dict(zip(rows[differs].tolist(), standing[differs].tolist(), strict=True))
    return ComparedRatings(
        fresh=_fresh(found, ratings, level, fresh),
        unchanged=int(((is_first & is_known) | (~is_first & ~differs)).sum()),
        raised=int(((changed != NO_LEVEL) & (level[fresh] > changed)).sum()),
        lowered=int(((changed != NO_LEVEL) & (level[fresh] < changed)).sum()),
        problems=_problems(found, file_name, ratings, level, is_late, conflicts),
    )


def _levels(found: AssessmentsFile, ratings: FileRatings, required: dict[tuple[int, int], int]) -> Ints:
    """Levels as numbers; below / at / above the requirement are r - 1, r, r + 1 held to 0 to 4 (rule 1)."""
    relative = found.rows.columns[AssessmentRow._fields.index("relative")]
    level = ratings.level.copy()
    for place in [place for place, value in enumerate(relative) if value is not None]:
        need = required.get((int(ratings.person[place]), int(ratings.skill[place])))
        if need is not None:
            level[place] = min(4, max(0, need + relative[place]))
    return level


def _keys(ratings: FileRatings, known: KnownRatings) -> tuple[Ints, Ints]:
    """One number for person, skill, day and kind of every rating of the file and of the workspace.

    Each of the four is numbered from 0 first: a million people, ten thousand skills, a hundred years and three kinds
    of assessor stay below 2 ** 63 together.
    """
    file_key = np.zeros(len(ratings.person), dtype=np.int64)
    known_key = np.zeros(len(known.person), dtype=np.int64)
    for one, other in (
        (ratings.person, known.person), (ratings.skill, known.skill), (ratings.day, known.day),
        (ratings.kind, known.kind),
    ):  # fmt: skip
        is_used = np.zeros(max(int(one.max(initial=0)), int(other.max(initial=0))) + 1, dtype=np.bool_)
        is_used[one] = is_used[other] = True
        number = np.cumsum(is_used) - 1
        file_key = file_key * (number[-1] + 1) + number[one]
        known_key = known_key * (number[-1] + 1) + number[other]
    return file_key, known_key


def _level_before(known_key: Ints, known_level: Ints, wanted: Ints) -> Ints:
    """The level of the newest known rating under each key, :data:`NO_LEVEL` where there is none."""
    if not len(known_key):
        return np.full(len(wanted), NO_LEVEL, dtype=np.int64)
    order = np.argsort(known_key, kind="stable")  # in order of id under each key: the last one stands
    last = np.searchsorted(known_key, wanted, "right", sorter=order) - 1
    place = order[np.maximum(last, 0)]
    return np.where((last >= 0) & (known_key[place] == wanted), known_level[place], NO_LEVEL)


def _fresh(found: AssessmentsFile, ratings: FileRatings, level: Ints, rows: Ints) -> FreshRatings:
    columns = dict(zip(AssessmentRow._fields, found.rows.columns, strict=True))
    is_all = len(rows) == len(level)

    def chosen(name: str) -> Sequence[str]:
        return columns[name] if is_all else list(map(columns[name].__getitem__, rows.tolist()))

    return FreshRatings(
        ratings.person[rows], ratings.skill[rows], level[rows], ratings.day[rows], ratings.kind[rows],
        chosen("evidence"), chosen("comment"),
    )  # fmt: skip


def _problems(
    found: AssessmentsFile,
    file_name: str,
    ratings: FileRatings,
    level: Ints,
    is_late: Flags,
    conflicts: dict[int, int],
) -> tuple[Problem, ...]:
    """What keeps rows out, in their order. ``conflicts``: rows that rate otherwise than an earlier one."""
    wrong = set(np.flatnonzero((level == NO_LEVEL) | is_late).tolist()) | conflicts.keys()
    problems: list[Problem] = []
    for place in sorted(wrong):
        row = found.rows[place]
        if level[place] == NO_LEVEL:
            problem = Problem(
                file_name, row.sheet, row.row, "level", "", "the rating is below, at or above a requirement, "
                f"but the role of {row.staff_id} does not require this skill", "Give a level from 0 to 4 instead.",
            )  # fmt: skip
        elif is_late[place]:
            problem = Problem(
                file_name, row.sheet, row.row, "assessed_on", date.fromordinal(int(ratings.day[place])).isoformat(),
                "the rating is dated in the future", "Put the day of the assessment.",
            )  # fmt: skip
        else:
            earlier = conflicts[place]
            problem = Problem(
                file_name, row.sheet, row.row, "level", str(level[place]),
                f"row {found.rows[earlier].row} rates the same person and skill on the same day differently "
                f"({level[earlier]})", "Keep one of the two rows.",
            )  # fmt: skip
        problems.append(problem)
    return tuple(problems)
