"""Reads ratings: long (a row per person and skill) or wide (a row per person, a column per skill)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

from app.errors import InputProblems
from app.files.cells import Cell
from app.files.column_reading import ColumnReading, loose_key
from app.files.columns import Field, MatchedTable, heading_key, nearest
from app.files.hr_extract import FIELDS as PEOPLE_FIELDS
from app.files.one_table import TableFile, open_one_table
from app.files.options import ReadOptions
from app.files.rows import ColumnRows
from app.files.values import Fault, parse_each, staff_id_of, text_of
from app.files.words import NOT_RATED, Rating, assessor_of, rating_of
from app.progress import Progress
from app.terms import AssessedBy, clean_name, name_key

_STAFF_ID = next(field for field in PEOPLE_FIELDS if field.name == "staff_id")
FIELDS = (
    _STAFF_ID,
    Field("skill", ("skill name", "competency", "capability", "framework skill")),
    Field(
        "level", ("skill level", "rating", "current level", "level held", "held", "assessed level", "score")
    ),
    Field(
        "assessed_on",
        ("date", "assessment date", "date assessed", "assessed date", "date of assessment", "on"),
    ),
    Field("assessed_by", ("assessor", "assessment type", "source", "rated by", "assessor type", "by")),
    Field("evidence", ("example", "examples", "evidence given")),
    Field("comment", ("comments", "note", "notes", "remarks")),
)
_BESIDE = {heading_key(text) for field in PEOPLE_FIELDS for text in (field.name, *field.synonyms)} - {
    heading_key(text) for text in ("function", "area", "base", "body", "start", "end", "post", "title")
}


class AssessmentRow(NamedTuple):
    """One rating. ``level`` is 0 to 4; where it is None, ``relative`` is -1, 0 or 1: below, at, above.

    ``assessed_on`` and ``assessed_by`` are None where the file does not say.
    """

    row: int
    sheet: str
    staff_id: str
    skill: str
    level: int | None
    relative: int | None
    assessed_on: date | None
    assessed_by: AssessedBy | None
    evidence: str
    comment: str


AssessmentRows: TypeAlias = ColumnRows[AssessmentRow]


@dataclass(frozen=True, slots=True, kw_only=True)
class AssessmentsFile(TableFile):
    """A file of ratings as read; ``form`` is "long" or "wide".

    ``rows`` are the usable ratings, blank ones left out (not assessed is not 0); the other fields are as in
    :class:`app.files.hr_extract.PeopleFile`.
    """

    rows: AssessmentRows
    form: str


def read_assessments(
    path: Path,
    options: ReadOptions,
    progress: Progress,
    *,
    skills: Collection[str] | None = None,
    staff_ids: Collection[str] | None = None,
) -> AssessmentsFile:
    """Read ratings; raises InputProblems where the whole file is refused, UsageError, Cancelled.

    ``skills`` and ``staff_ids`` are the known ones (those of ``options`` where not given); rows come back in
    their spelling. Without them any name and number is taken.
    """
    known_skills = options.skills if skills is None else skills
    known_ids = options.staff_ids if staff_ids is None else staff_ids
    as_columns = tuple(Field(name, is_exact=True) for name in sorted(known_skills or ()) if not _is_own(name))
    table = open_one_table(
        path, options, progress.part(0.0, 0.6), (*FIELDS, *as_columns), "Check that the file is whole."
    )
    reading = table.reading
    form = "long" if {"skill", "level"} <= table.matched.places.keys() else "wide"
    ratings = _Ratings(table.matched, reading, options, known_skills, known_ids)
    progress.step(0.7)
    rows = ratings.long_rows() if form == "long" else ratings.wide_rows()
    progress.step(1.0, f"{len(rows):,} ratings read")
    about = table.about()
    own = ratings.own_skills
    return replace(
        AssessmentsFile(rows=rows, form=form, **about),
        columns=about["columns"] | {name: name for name in own},
        dropped=tuple(text for text in about["dropped"] if text not in own),
    )


def _is_own(name: str) -> bool:
    """Whether a skill's name is a heading of ours, so that it cannot be told apart in the wide form."""
    return heading_key(name) in {
        heading_key(text) for field in FIELDS for text in (field.name, *field.synonyms)
    }


class _Ratings:
    """The columns of a file of ratings on their way to rows."""

    def __init__(
        self,
        matched: MatchedTable,
        reading: ColumnReading,
        options: ReadOptions,
        skills: Collection[str] | None,
        staff_ids: Collection[str] | None,
    ) -> None:
        self._matched = matched
        self._reading = reading
        self._options = options
        self._skills = None if skills is None else {name_key(name): name for name in skills}
        self.own_skills: list[str] = []
        reading.leave_out_repeated_headings("staff_id")
        people = _KnownPeople(staff_ids)
        parsed = parse_each(reading.values("staff_id"), people.known, "")
        self._staff_ids = reading.parsed("staff_id", parsed, "")
        reading.need("staff_id", self._staff_ids, "Every rating needs a staff number.")
        said = people.respelled
        if said:
            what = "The staff number is read as the one that differs only in case, blanks or leading zeros"
            raw = [text_of(matched.table.columns[matched.places["staff_id"]].values[code]) for code in
                   reading.codes("staff_id")]  # fmt: skip
            reading.note_first_of_each("staff_id", raw, said, what, "")
        self._shared = self._shared_columns()

    def _shared_columns(self) -> dict[str, list[Any]]:
        reading = self._reading
        blank: AssessedBy | None = None
        return {
            "assessed_on": reading.dates("assessed_on", self._options.day_first),
            "assessed_by": reading.parsed(
                "assessed_by", parse_each(reading.values("assessed_by"), assessor_of, blank), blank
            ),
            "evidence": reading.text("evidence"),
            "comment": reading.text("comment"),
        }

    def long_rows(self) -> AssessmentRows:
        """One rating per row."""
        reading = self._reading
        skills = reading.parsed("skill", parse_each(reading.values("skill"), self._known_skill, ""), "")
        reading.need("skill", skills, "Name the skill as the framework does.")
        ratings = reading.parsed(
            "level", parse_each(reading.values("level"), rating_of, NOT_RATED), NOT_RATED
        )
        usable = reading.kept()
        kept = [place for place in usable if not ratings[place].is_blank]
        if blank := len(usable) - len(kept):
            said = "1 row has no level; it is" if blank == 1 else f"{blank:,} rows have no level; they are"
            self._note_blanks(f"{said} left as not assessed", "level")
        return self._rows(kept, [skills[place] for place in kept], [ratings[place] for place in kept])

    def wide_rows(self) -> AssessmentRows:
        """One rating per filled cell of a skill's column."""
        reading = self._reading
        found: list[tuple[int, str, Rating]] = []
        columns = self._skill_columns()
        if not columns:
            heads = ", ".join(f"“{text}”" for _index, text in self._matched.others if text)[:300]
            reading.findings.error(
                self._matched.match.header_row, "", "",
                f"There are no columns for skill and level, and no heading is a known skill: {heads}",
                "Use the columns staff_id, skill, level; or staff_id and one column for each skill.",
            )  # fmt: skip
            raise InputProblems(reading.findings.listed())
        for index, heading, skill in columns:
            ratings = reading.parsed_at(
                index, heading, lambda values: parse_each(values, rating_of, NOT_RATED)
            )
            found += [
                (place, skill, rating) for place, rating in enumerate(ratings) if rating is not NOT_RATED
            ]
        kept = set(reading.kept())
        found = [entry for entry in found if entry[0] in kept and not entry[2].is_blank]
        return self._rows(
            [entry[0] for entry in found], [entry[1] for entry in found], [entry[2] for entry in found]
        )

    def _skill_columns(self) -> list[tuple[int, str, str]]:
        """(place, heading, skill) of each column that holds ratings of a skill."""
        own = {field.name for field in FIELDS}
        columns = [
            (index, self._matched.headings[name], name)
            for name, index in self._matched.places.items()
            if name not in own
        ]
        for index, heading in self._matched.others:
            if not heading or heading_key(heading) in _BESIDE or self._options.mapping.get(heading) == "":
                continue
            name = clean_name(heading)
            if self._skills is None:
                columns.append((index, heading, name))
                self.own_skills.append(heading)
            elif self._looks_rated(index):
                self._reading.findings.heading_error(
                    self._matched.match.header_row, heading, "This skill is not in any framework loaded",
                    _skill_advice(heading, self._skills.values()),
                )  # fmt: skip
        return sorted(columns)

    def _looks_rated(self, index: int) -> bool:
        """Whether a column holds levels and nothing else."""
        column = self._matched.table.columns[index]
        used = set(column.codes[self._matched.start :])
        parsed = parse_each([column.values[code] for code in sorted(used)], rating_of, NOT_RATED)
        return not parsed.faults and any(not rating.is_blank for rating in parsed.values)

    def _known_skill(self, cell: Cell) -> str:
        name = clean_name(text_of(cell))
        if self._skills is None:
            return name
        known = self._skills.get(name_key(name))
        if known is None:
            raise Fault(
                "This skill is not in any framework loaded", _skill_advice(name, self._skills.values())
            )
        return known

    def _rows(
        self, places: Sequence[int], skills: Sequence[str], ratings: Sequence[Rating]
    ) -> AssessmentRows:
        numbers = self._reading.row_numbers()
        columns: list[Sequence[Any]] = [
            [numbers[place] for place in places],
            [self._reading.sheet] * len(places),
            [self._staff_ids[place] for place in places],
            skills,
            [rating.level for rating in ratings],
            [rating.relative for rating in ratings],
        ]
        columns += [[column[place] for place in places] for column in self._shared.values()]
        return ColumnRows(AssessmentRow._make, columns)

    def _note_blanks(self, what: str, name: str) -> None:
        self._reading.findings.note(self._matched.match.header_row, self._reading.heading(name), "", what)


def _skill_advice(name: str, known: Collection[str]) -> str:
    near = nearest(name, known)
    return f"Perhaps “{near}” is meant; write it exactly so." if near else "Write it as the framework does."


class _KnownPeople:
    """Staff numbers of a file against those of the workspace."""

    def __init__(self, staff_ids: Collection[str] | None) -> None:
        self._exact = None if staff_ids is None else set(staff_ids)
        self._loose: dict[str, list[str]] = {}
        for staff_id in staff_ids or ():
            self._loose.setdefault(loose_key(staff_id), []).append(staff_id)
        self.respelled: set[str] = set()

    def known(self, cell: Cell) -> str:
        """The staff number as the workspace spells it; raises Fault where nobody has it."""
        staff_id = staff_id_of(cell)
        if self._exact is None or not staff_id or staff_id in self._exact:
            return staff_id
        near = self._loose.get(loose_key(staff_id), [])
        if len(near) == 1:
            self.respelled.add(text_of(cell))
            return near[0]
        if near:
            raise Fault("Several people have nearly this staff number", f"Write one of {', '.join(near)}.")
        raise Fault("Nobody has this staff number", "Load the people first, or put the number right.")
