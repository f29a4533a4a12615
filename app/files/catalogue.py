"""Reads a catalogue of courses: one row per outcome, the facts of a course on its first row or on every one."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from app.files.cells import Cell
from app.files.column_reading import ColumnReading
from app.files.columns import Field, nearest
from app.files.one_table import TableFile, open_one_table
from app.files.options import ReadOptions
from app.files.values import Fault, number_of, parse_each, pence_of, text_of, whole_number_of
from app.files.words import delivery_of, funding_of, level_of
from app.progress import Progress
from app.terms import Delivery, Funding, clean_name, level_word, name_key

FIELDS = (
    Field("course_code", ("code", "course id", "course reference", "course ref", "reference"), is_required=True),
    Field("title", ("course title", "course", "course name", "name"), is_required=True),
    Field("skill", ("skill name", "framework skill", "skill covered"), is_required=True),
    Field("from_level", ("from", "entry level", "level from", "start level"), is_required=True),
    Field("to_level", ("to", "exit level", "level to", "end level"), is_required=True),
    Field("hours", ("learning hours", "duration hours", "hours of learning", "total hours"), is_required=True),
    Field("funding", ("pot", "funded by", "funding source", "budget", "funding pot"), is_required=True),
    Field("provider", ("supplier", "training provider", "delivered by")),
    Field("delivery", ("delivery method", "mode", "format", "delivery mode")),
    Field("duration_quarters", ("quarters", "duration in quarters", "lasts quarters")),
    Field("cost_per_person_gbp", (
        "cost per person", "price per person", "cost per head", "cost per learner", "cost gbp", "cost", "price",
        "unit cost", "cost per person £", "cost £",
    )),
    Field("cost_per_cohort_gbp", ("cost per cohort", "cost per group", "price per cohort", "cohort cost")),
    Field("min_group", ("minimum group", "min group size", "minimum group size", "min attendees")),
    Field("max_group", ("maximum group", "max group size", "maximum group size", "group size", "max attendees")),
    Field("places_per_quarter", ("places", "seats per quarter", "capacity per quarter", "places a quarter")),
    Field("mentor_hours", ("hours of mentor", "mentor time hours")),
    Field("max_mentees", ("mentees", "mentees per mentor", "maximum mentees")),
    Field("url", ("link", "web address", "website", "web page")),
    Field("notes", ("note", "comment", "comments", "remarks", "description")),
)  # fmt: skip
_NO_TEXT = ""


@dataclass(frozen=True, slots=True)
class OutcomeInput:
    """A skill that a course raises from an entry level to an exit level (0 to 4)."""

    skill: str
    from_level: int
    to_level: int
    row: int


@dataclass(frozen=True, slots=True)
class CourseInput:
    """A course of the catalogue: money in pounds, hours of learning in all, None where nothing limits."""

    course_code: str
    title: str
    hours: Decimal
    funding: Funding
    provider: str
    delivery: Delivery | None
    duration_quarters: int
    cost_per_person_gbp: Decimal
    cost_per_cohort_gbp: Decimal
    min_group: int | None
    max_group: int | None
    places_per_quarter: int | None
    mentor_hours: Decimal | None
    max_mentees: int | None
    url: str
    notes: str
    row: int
    outcomes: tuple[OutcomeInput, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CoursesFile(TableFile):
    """A catalogue as read. A course with anything wrong about itself is not among ``courses``."""

    courses: tuple[CourseInput, ...]


def read_courses(
    path: Path, options: ReadOptions, progress: Progress, *, skills: Collection[str] | None = None
) -> CoursesFile:
    """Read a catalogue; raises InputProblems where the whole file is refused, UsageError, Cancelled.

    ``skills`` are the known ones (those of ``options`` where not given); outcomes come back in their spelling.
    """
    table = open_one_table(
        path, options, progress.part(0.0, 0.6), FIELDS, "Give each outcome of a course one row."
    )
    reading = table.reading
    courses = _CatalogueReading(reading, options.skills if skills is None else skills).courses()
    progress.step(1.0, f"{len(courses):,} courses read")
    return CoursesFile(
        courses=courses,
        **table.about(),
    )


class _CatalogueReading:
    """The rows of a catalogue on their way to courses."""

    def __init__(self, reading: ColumnReading, skills: Collection[str] | None) -> None:
        self._reading = reading
        self._skills = None if skills is None else {name_key(name): name for name in skills}
        reading.leave_out_repeated_headings("course_code")
        self._rows = reading.row_numbers()
        self._columns: dict[str, list[Any]] = {}
        meanings = self._meanings()
        for name in (*(name for name in meanings if name not in _OF_OUTCOME), *_OF_OUTCOME):
            if name == _OF_OUTCOME[0]:
                # Rows with something wrong about the course so far; what follows concerns single outcomes.
                self._bad_facts = set(reading.findings.bad_rows)
            parsed = parse_each(reading.values(name), meanings[name], None)
            self._columns[name] = reading.parsed(name, parsed, None)

    def _meanings(self) -> dict[str, Callable[[Cell], Any]]:
        return {
            "course_code": _name_of, "title": _name_of, "skill": self._known_skill,
            "from_level": level_of, "to_level": level_of, "hours": _hours_of, "funding": funding_of,
            "provider": _name_of, "delivery": delivery_of, "duration_quarters": _count_of,
            "cost_per_person_gbp": pence_of, "cost_per_cohort_gbp": pence_of, "min_group": _count_of,
            "max_group": _count_of, "places_per_quarter": whole_number_of, "mentor_hours": _hours_of,
            "max_mentees": _count_of, "url": text_of, "notes": text_of,
        }  # fmt: skip

    def courses(self) -> tuple[CourseInput, ...]:
        """Every course that nothing is wrong with, in the order of the file."""
        self._reading.need(
            "course_code", self._columns["course_code"], "Give every row the code of its course."
        )
        places: dict[str, list[int]] = {}
        for place in range(len(self._reading)):
            code = self._columns["course_code"][place]
            if code and not self._reading.is_left_out(place):
                places.setdefault(name_key(code), []).append(place)
        found = [self._course(at) for at in places.values()]
        return tuple(course for course in found if course is not None)

    def _course(self, places: list[int]) -> CourseInput | None:
        """One course from its rows; None where something about the course itself is wrong."""
        bad_before = {place for place in places if self._rows[place] in self._reading.findings.bad_rows}
        outcomes = self._outcomes([place for place in places if place not in bad_before])
        facts = {name: self._agreed(name, places) for name in self._columns if name not in _OF_OUTCOME}
        is_whole = self._check_facts(facts, places[0])
        if not is_whole or not outcomes or any(self._rows[place] in self._bad_facts for place in places):
            self._reading.findings.bad_rows.update(self._rows[place] for place in places)
            return None
        return CourseInput(
            course_code=facts["course_code"],
            title=facts["title"],
            hours=facts["hours"],
            funding=facts["funding"],
            provider=facts["provider"] or _NO_TEXT,
            delivery=facts["delivery"],
            duration_quarters=facts["duration_quarters"] or 1,
            cost_per_person_gbp=facts["cost_per_person_gbp"] or Decimal(0),
            cost_per_cohort_gbp=facts["cost_per_cohort_gbp"] or Decimal(0),
            min_group=facts["min_group"],
            max_group=facts["max_group"],
            places_per_quarter=facts["places_per_quarter"],
            mentor_hours=facts["mentor_hours"],
            max_mentees=facts["max_mentees"],
            url=facts["url"] or _NO_TEXT,
            notes=facts["notes"] or _NO_TEXT,
            row=self._rows[places[0]],
            outcomes=outcomes,
        )

    def _agreed(self, name: str, places: list[int]) -> Any:
        """What the rows of a course say about it; blanks follow the row above, contradictions are errors."""
        column = self._columns[name]
        filled = [place for place in places if column[place] is not None]
        if not filled:
            return None
        first = filled[0]
        for place in filled[1:]:
            if column[place] != column[first] and name != "course_code":
                what = f"Row {self._rows[first]} says {_said(column[first])} for the same course"
                self._reading.error(
                    place, name, _said(column[place]), what, "Say the same on every row of a course."
                )
                self._bad_facts.add(self._rows[place])
        return column[first]

    def _outcomes(self, places: list[int]) -> tuple[OutcomeInput, ...]:
        found: dict[str, OutcomeInput] = {}
        for place in places:
            skill, low, high = (self._columns[name][place] for name in _OF_OUTCOME)
            missing = [name for name in _OF_OUTCOME if self._columns[name][place] is None]
            for name in missing:
                self._reading.error(place, name, "", f"There is no {name}", "Fill in the cell.")
            if missing:
                continue
            if high <= low:
                said = f"{level_word(low)} to {level_word(high)}"
                self._reading.error(
                    place, "to_level", said, "A course must lead to a higher level", "Swap or correct."
                )
                continue
            outcome = OutcomeInput(skill, low, high, self._rows[place])
            earlier = found.setdefault(skill, outcome)
            if earlier is not outcome and (earlier.from_level, earlier.to_level) == (low, high):
                self._reading.note(place, "skill", skill, f"The outcome repeats row {earlier.row}")
            elif earlier is not outcome:
                what = f"Row {earlier.row} gives other levels for the same skill and course"
                self._reading.error(place, "skill", skill, what, "Keep one row, or make two courses of it.")
        return tuple(found.values())

    def _check_facts(self, facts: Mapping[str, Any], place: int) -> bool:
        """Whether the course can be used; what is wrong is listed at its first row."""
        wrong = [*_blanks(facts), *_cost_faults(facts), *_group_faults(facts)]
        for name, value, what, advice in wrong:
            if not self._reading.has_error(place, name):
                self._reading.error(place, name, value, what, advice)
        return not wrong

    def _known_skill(self, cell: Cell) -> str:
        name = _name_of(cell)
        if self._skills is None:
            return name
        known = self._skills.get(name_key(name))
        if known is None:
            near = nearest(name, self._skills.values())
            advice = (
                f"Perhaps “{near}” is meant; write it exactly so."
                if near
                else "Write it as the framework does."
            )
            raise Fault("This skill is not in any framework loaded", advice)
        return known


_OF_OUTCOME = ("skill", "from_level", "to_level")


def _blanks(facts: Mapping[str, Any]) -> list[tuple[str, str, str, str]]:
    advice = {
        "title": "Give the course a title.",
        "hours": "Write the hours of learning; blank is not 0.",
        "funding": f"Write {', '.join(Funding)}.",
    }
    return [(name, "", f"There is no {name}", how) for name, how in advice.items() if facts[name] is None]


def _cost_faults(facts: Mapping[str, Any]) -> list[tuple[str, str, str, str]]:
    each, group, funding = facts["cost_per_person_gbp"], facts["cost_per_cohort_gbp"], facts["funding"]
    if funding is Funding.FREE:
        return [
            (
                name,
                str(facts[name]),
                "The course is called free and has a price",
                "Take the price or the word away.",
            )
            for name in ("cost_per_person_gbp", "cost_per_cohort_gbp")
            if facts[name]
        ]
    if each is None and group is None and funding is not None:
        advice = "Write the cost per person or per cohort, 0 where there is none; blank is not 0."
        return [("cost_per_person_gbp", "", "There is no cost", advice)]
    return []


def _group_faults(facts: Mapping[str, Any]) -> list[tuple[str, str, str, str]]:
    least, most = facts["min_group"], facts["max_group"]
    found: list[tuple[str, str, str, str]] = []
    if least is not None and most is not None and least > most:
        what = f"The smallest group is larger than the largest ({most})"
        found.append(("min_group", str(least), what, "Put one of the two right."))
    if facts["delivery"] is Delivery.MENTORING:
        for name in ("mentor_hours", "max_mentees"):
            if facts[name] is None:
                advice = "Say how many hours a mentor gives each mentee in a quarter, and how many they take at once."
                found.append((name, "", f"A mentoring offer needs {name}", advice))
    return found


def _said(value: object) -> str:
    return "nothing" if value is None else str(value)


def _name_of(cell: Cell) -> str:
    return clean_name(text_of(cell))


def _hours_of(cell: Cell) -> Decimal:
    hours = number_of(cell)
    if not 0 <= hours <= 10_000:
        raise Fault("Hours lie between 0 and 10,000", "Write the hours of learning in all.")
    return hours.quantize(Decimal("0.01"))


def _count_of(cell: Cell) -> int:
    count = whole_number_of(cell)
    if not 1 <= count <= 100_000:
        raise Fault("This must be a whole number from 1", "Write 1, 2, 3 and so on, or leave it blank.")
    return count
