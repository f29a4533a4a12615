"""Reads an HR extract: who works where, as what. Columns that are not ours are dropped before anything else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

from app.files.column_reading import ColumnReading
from app.files.columns import Field, heading_key
from app.files.one_table import TableFile, open_one_table
from app.files.options import ReadOptions
from app.files.rows import ColumnRows
from app.files.values import Fault, number_of, parse_each, staff_id_of
from app.files.words import employment_of, grade_of, is_known_grade, status_of
from app.progress import Progress
from app.terms import Employment, PersonStatus

FIELDS = (
    Field("staff_id", (
        "employee no", "employee number", "employee id", "emp no", "emp id", "pers no", "personnel number",
        "personnel no", "person id", "person number", "payroll number", "payroll no", "payroll id",
        "assignment number", "assignment no", "staff no", "staff number", "staff number id", "worker id",
        "unique id", "employee ref", "employee reference", "staff ref", "personal number", "hr id", "sop number",
    ), is_required=True),
    Field("name", ("full name", "employee name", "staff name", "person", "person name", "worker", "display name")),
    Field("forename", ("first name", "forenames", "given name", "known as", "preferred name", "firstname")),
    Field("surname", ("last name", "family name", "lastname")),
    Field("email", ("e-mail", "email address", "e-mail address", "work email", "mail")),
    Field("job_title", (
        "job", "title", "post title", "position", "position title", "post", "role title", "job name", "business title",
        "job description", "position name", "post name", "job role title",
    ), is_required=True),
    Field("grade", (
        "grade (or equivalent)", "pay grade", "pay band", "payband", "band", "grade name", "job grade",
        "substantive grade", "current grade", "grade code", "salary grade",
    )),
    Field("department", (
        "dept", "organisation", "organization", "org", "organisation name", "parent department", "ministry", "agency",
        "department name", "employer", "legal entity", "business", "body", "arm's length body",
    ), is_required=True),
    Field("directorate", (
        "director general area", "dg area", "group", "division", "directorate general", "area", "business group",
        "business area", "command", "function",
    )),
    Field("unit", (
        "business unit", "organisation unit", "organizational unit", "org unit", "unit name", "branch",
        "cost centre name", "sub division", "sub unit", "deputy directorate", "section",
    )),
    Field("team", ("team name", "squad", "workstream", "local team")),
    Field("manager_id", (
        "manager staff id", "line manager id", "line manager staff id", "manager employee number", "reports to",
        "line manager number", "manager number", "supervisor id", "line manager employee number", "manager no",
        "line manager staff number", "reports to id", "reports to senior post",
    )),
    Field("fte", ("full time equivalent", "wte", "whole time equivalent", "fte value", "contract fte", "working fte")),
    Field("employment", (
        "employment type", "worker type", "employee type", "contract type", "employment category", "person type",
        "type of employment", "employee category", "staff type", "engagement type", "payroll or contingent",
    )),
    Field("status", ("employment status", "assignment status", "employee status", "person status", "worker status")),
    Field("start_date", (
        "date started", "hire date", "joining date", "date joined", "date of joining", "start", "commencement date",
        "date of entry", "employment start date", "date of appointment", "entry date", "latest start date",
    )),
    Field("end_date", (
        "leaving date", "date left", "end", "contract end date", "expected end date", "date of leaving",
        "termination date", "leave date", "employment end date", "last working day", "projected end date",
    )),
    Field("location", ("site", "office", "work location", "building", "town", "city", "location name", "base")),
    Field("profession", ("professional group", "profession of post", "civil service profession", "job family")),
    Field("role_family", ("ddat role family", "digital role family")),
    Field("role", ("ddat role", "digital role", "framework role", "profession role")),
    Field("role_level", ("ddat role level", "role level name", "digital role level", "framework role level")),
)  # fmt: skip
_PATH = ("department", "directorate", "unit", "team")
_PLAIN = ("email", "location", "profession", "role_family", "role", "role_level")
_MOST_FTE = Decimal("1.5")


class PersonRow(NamedTuple):
    """One usable row. ``unit_names`` goes from the department down; ``grade_text`` is the grade as written."""

    row: int
    sheet: str
    staff_id: str
    name: str
    email: str
    job_title: str
    grade: str
    grade_text: str
    unit_names: tuple[str, ...]
    manager_id: str
    fte_hundredths: int
    employment: Employment
    status: PersonStatus
    start_date: date | None
    end_date: date | None
    location: str
    profession: str
    role_family: str
    role: str
    role_level: str


PeopleRows: TypeAlias = ColumnRows[PersonRow]


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleFile(TableFile):
    """An HR extract as read.

    ``rows`` are the usable rows; ``problems`` list the others and what is worth knowing. ``present`` are our
    columns that the file has, ``columns`` their headings -> ours, ``unclear`` sentences about headings to be
    asked about, ``dropped`` headings that are not read. ``count`` is how many rows of people the file has,
    ``named`` the staff numbers of all of them, unusable rows too.
    """

    rows: PeopleRows
    present: frozenset[str]
    named: frozenset[str]


def read_people(path: Path, options: ReadOptions, progress: Progress) -> PeopleFile:
    """Read an HR extract; raises InputProblems where the whole file is refused, UsageError, Cancelled."""
    table = open_one_table(path, options, progress.part(0.0, 0.7), FIELDS, "Check that the extract is whole.")
    reading = table.reading
    people = _PeopleReading(reading, options)
    rows = people.rows(progress.part(0.7, 1.0))
    heads = table.matched.headings
    present = set(heads) - {"forename", "surname"} | ({"name"} if "surname" in heads else set())
    progress.step(1.0, f"{len(rows):,} people read")
    return PeopleFile(
        rows=rows,
        present=frozenset(present),
        named=people.named,
        **table.about(),
    )


class _PeopleReading:
    """The columns of an extract on their way to people."""

    def __init__(self, reading: ColumnReading, options: ReadOptions) -> None:
        self._reading = reading
        self._options = options
        self.named: frozenset[str] = frozenset()

    def rows(self, progress: Progress) -> PeopleRows:
        """Read column by column; what is wrong in any of them keeps the row out."""
        reading = self._reading
        reading.leave_out_repeated_headings("staff_id")
        staff_ids = reading.parsed("staff_id", parse_each(reading.values("staff_id"), staff_id_of, ""), "")
        reading.need("staff_id", staff_ids, "Every person needs a staff number.")
        progress.step(0.2)
        self.named = frozenset(staff_ids) - {""}
        columns: dict[str, list[Any]] = {"staff_id": staff_ids}
        for name in ("job_title", *_PLAIN):
            columns[name] = reading.text(name)
        reading.need("job_title", columns["job_title"], "Fill in the title, or leave the row out.")
        progress.step(0.4)
        columns["name"] = self._names()
        columns["unit_names"] = self._unit_names()
        columns["grade_text"], columns["grade"] = self._grades()
        columns["manager_id"] = reading.parsed(
            "manager_id", parse_each(reading.values("manager_id"), staff_id_of, ""), ""
        )
        progress.step(0.6)
        columns |= self._terms_of_work()
        reading.report_duplicates("staff_id", staff_ids)
        progress.step(0.9)
        columns["row"] = reading.row_numbers()
        columns["sheet"] = [reading.sheet] * len(reading)
        kept = reading.kept()
        ordered = [columns[name] for name in PersonRow._fields]
        if len(kept) == len(reading):
            return ColumnRows(PersonRow._make, ordered)
        return ColumnRows(PersonRow._make, [list(map(column.__getitem__, kept)) for column in ordered])

    def _names(self) -> list[str]:
        reading = self._reading
        if reading.has("name"):
            return reading.text("name")
        forenames, surnames = reading.text("forename"), reading.text("surname")
        return [f"{first} {last}".strip() for first, last in zip(forenames, surnames, strict=True)]

    def _unit_names(self) -> list[tuple[str, ...]]:
        """Department, directorate, unit and team without blanks and without saying the same name twice."""
        reading = self._reading
        levels = [reading.clean_text(name) for name in _PATH]
        reading.need("department", levels[0], "Fill in the department, or leave the row out.")
        known: dict[tuple[str, ...], tuple[str, ...]] = {}
        paths: list[tuple[str, ...]] = []
        for names in zip(*levels, strict=True):
            path = known.get(names)
            if path is None:
                path = known[names] = _collapsed(names)
            paths.append(path)
        return paths

    def _grades(self) -> tuple[list[str], list[str]]:
        reading = self._reading
        texts = reading.text("grade")
        meaning = {text: grade_of(text) for text in set(texts)}
        unknown = {text for text, grade in meaning.items() if text and not is_known_grade(grade)}
        if unknown:
            advice = "It is kept as it is; people of it are counted under this name."
            reading.note_first_of_each("grade", texts, unknown, "This is not a Civil Service grade", advice)
        return texts, [meaning[text] for text in texts]

    def _terms_of_work(self) -> dict[str, list[Any]]:
        reading = self._reading
        columns: dict[str, list[Any]] = {
            "fte_hundredths": reading.parsed("fte", parse_each(reading.values("fte"), _fte_of, 100), 100),
            "employment": reading.parsed(
                "employment",
                parse_each(reading.values("employment"), employment_of, Employment.CIVIL_SERVANT),
                Employment.CIVIL_SERVANT,
            ),
            "status": reading.parsed(
                "status",
                parse_each(reading.values("status"), status_of, PersonStatus.ACTIVE),
                PersonStatus.ACTIVE,
            ),
        }
        taken = {
            "fte": "1.00",
            "employment": Employment.CIVIL_SERVANT.value,
            "status": PersonStatus.ACTIVE.value,
        }
        for name, default in taken.items():
            reading.note_blanks(name, f"taken as {default}")
        for name in ("start_date", "end_date"):
            columns[name] = reading.dates(name, self._options.day_first)
        reading.check_order("start_date", columns["start_date"], "end_date", columns["end_date"])
        return columns


def _collapsed(names: tuple[str, ...]) -> tuple[str, ...]:
    path: list[str] = []
    for name in names:
        if name and (not path or heading_key(path[-1]) != heading_key(name)):
            path.append(name)
    return tuple(path)


def _fte_of(cell: Any) -> int:
    """FTE in hundredths, rounded to two places; raises Fault."""
    value = number_of(cell)
    if not 0 <= value <= _MOST_FTE:
        raise Fault(
            "FTE lies between 0 and 1", "Write the share of full time, such as 0.6; hours are not FTE."
        )
    return int((value * 100).to_integral_value())
