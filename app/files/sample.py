"""The sample organisation: an HR extract and assessments of a government that does not exist.

The files are of the kind people have, and are loaded through the importers everybody uses. The same seed,
number of people and day give the same bytes. The recipe is in ``resources/sample``.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from pathlib import Path

from app.errors import UsageError
from app.files.atomic import atomic_write
from app.files.plain_workbook import Value, write_plain_workbook
from app.files.sample_assessments import ASSESSORS, SampleAssessments, make_assessments
from app.files.sample_people import SamplePeople, make_people
from app.files.sample_recipe import Dice, Recipe, read_recipe
from app.progress import Progress, silent
from app.terms import LEVEL_WORDS

MOST_PEOPLE = 600_000
MOST_IN_WORKBOOK = 50_000
"""People up to which the files are workbooks unless told; above, CSV."""

HEADINGS = (
    "Employee No", "Full name", "Post title", "Grade", "Department", "Directorate", "Team",
    "Line manager number", "FTE", "Employment type", "Status", "Start date", "End date", "Location",
    "Profession", "Role family", "Role", "Role level",
)  # fmt: skip
ASSESSMENT_HEADINGS = ("Employee No", "Skill", "Level", "Assessed on", "Assessed by", "Evidence")

_EVIDENCE = (
    *("",) * 6,
    "Annual conversation",
    "Portfolio shown",
    "Peer review",
    "Course and project",
)

Rows = Iterable[Sequence[Value]]


@dataclass(frozen=True, slots=True)
class SampleFiles:
    """What was written: the HR extract and the assessments (long form), with how many rows each has."""

    hr_extract: Path
    assessments: Path
    people: int
    ratings: int


def write_sample(
    folder: Path,
    people: int,
    seed: int,
    as_at: date,
    progress: Progress | None = None,
    workbook_up_to: int = MOST_IN_WORKBOOK,
) -> SampleFiles:
    """Write the sample's files into ``folder``, which must exist; files of the same name are replaced.

    Workbooks up to ``workbook_up_to`` people, CSV above. Raises UsageError for a number of people that is not 1 to
    :data:`MOST_PEOPLE`, AppError where the folder cannot be written, Cancelled.
    """
    if not 1 <= people <= MOST_PEOPLE:
        raise UsageError(
            f"The sample cannot have {people:,} people.", f"Choose a number from 1 to {MOST_PEOPLE:,}."
        )
    telling = progress or silent()
    telling.step(0.0, "Making up people")
    recipe, dice = read_recipe(), Dice(seed)
    crowd = make_people(recipe, people, dice, as_at)
    telling.step(0.3, "Making up assessments")
    ratings = make_assessments(recipe, crowd, dice)
    ending = "xlsx" if people <= workbook_up_to else "csv"
    telling.step(0.4, "Writing the HR extract")
    extract = folder / f"hr-extract.{ending}"
    _write(extract, "Staff in post", HEADINGS, _counted(people_rows(recipe, crowd), telling), as_at)
    telling.step(0.6, "Writing the assessments")
    assessments = folder / f"assessments.{ending}"
    rows = _counted(assessment_rows(crowd, ratings, as_at), telling)
    _write(assessments, "Assessments", ASSESSMENT_HEADINGS, rows, as_at)
    telling.step(1.0, "Sample organisation written")
    return SampleFiles(extract, assessments, people, len(ratings))


def people_rows(recipe: Recipe, people: SamplePeople) -> Iterator[Sequence[Value]]:
    """The extract's rows in the order of :data:`HEADINGS`; roles stand only where HR has confirmed them."""
    managers = people.manager.tolist()
    codes = zip(people.department.tolist(), people.directorate.tolist(), strict=True)
    truths = zip(people.truth.tolist(), people.is_mapped.tolist(), strict=True)
    for row, ((code, part), (truth, mapped)) in enumerate(zip(codes, truths, strict=True)):
        unit = recipe.departments[code]
        level = recipe.role_levels[truth] if mapped else None
        yield (
            people.staff_ids[row],
            people.names[row],
            people.titles[row],
            people.grade_texts[row],
            unit.name,
            unit.directorates[part].name,
            people.teams[row],
            people.staff_ids[managers[row]] if managers[row] >= 0 else "",
            int(people.fte_hundredths[row]) / 100,
            people.employment[row].value.capitalize(),
            people.status[row].value.capitalize(),
            people.start[row],
            people.end[row],
            people.locations[row],
            people.professions[row],
            level.family if level else "",
            level.role if level else "",
            level.name if level else "",
        )


def assessment_rows(
    people: SamplePeople, ratings: SampleAssessments, as_at: date
) -> Iterator[Sequence[Value]]:
    """The rows of the assessments in the order of :data:`ASSESSMENT_HEADINGS`, levels in words."""
    days = [as_at - timedelta(days=ago) for ago in range(int(ratings.days_ago.max(initial=0)) + 1)]
    kinds = [kind.value.capitalize() for kind in ASSESSORS]
    columns = (ratings.person, ratings.skill, ratings.level, ratings.days_ago, ratings.kind)
    for person, skill, level, ago, kind in zip(*(column.tolist() for column in columns), strict=True):
        yield (
            people.staff_ids[person],
            ratings.skills[skill],
            LEVEL_WORDS[level],
            days[ago],
            kinds[kind],
            _EVIDENCE[(person * 7 + skill) % len(_EVIDENCE)],
        )


def _counted(rows: Rows, progress: Progress) -> Iterator[Sequence[Value]]:
    """The rows, with a look every few thousand at whether the user has had enough."""
    for number, row in enumerate(rows):
        if number % 4096 == 0:
            progress.check()
        yield row


def _write(path: Path, sheet: str, headings: Sequence[str], rows: Rows, as_at: date) -> None:
    write: Callable[[Path], None] = (
        partial(write_plain_workbook, sheet=sheet, headings=headings, rows=rows, dated=as_at)
        if path.suffix == ".xlsx"
        else partial(_write_csv, headings=headings, rows=rows)
    )
    atomic_write(path, write)


def _write_csv(path: Path, headings: Sequence[str], rows: Rows) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\r\n")
        table.writerow(headings)
        table.writerows(rows)
