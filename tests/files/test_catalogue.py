"""Catalogues of courses: blanks are problems and never zeros, rows of a course must agree."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from app.files.catalogue import CoursesFile, read_courses
from app.progress import silent
from app.terms import Delivery, Funding
from tests.files.tables import QUICK, write_csv, write_xlsx

HEAD = ["course_code", "title", "skill", "from_level", "to_level", "hours", "funding", "cost_per_person_gbp",
        "cost_per_cohort_gbp", "min_group", "max_group", "delivery", "mentor_hours", "max_mentees",
        "places_per_quarter", "duration_quarters"]  # fmt: skip
GOOD = {"course_code": "C1", "title": "Agile basics", "skill": "Agile working", "from_level": "0", "to_level": "2",
        "hours": "14", "funding": "L&D budget", "cost_per_person_gbp": "£1,250.00"}  # fmt: skip
SKILLS = ("Agile working", "Testing")


def read(folder: Path, *rows: dict[str, object]) -> CoursesFile:
    path = write_csv(folder / "courses.csv", [HEAD, *[[row.get(name, "") for name in HEAD] for row in rows]])
    return read_courses(path, QUICK, silent(), skills=SKILLS)


def errors(found: CoursesFile) -> list[tuple[int, str]]:
    return [(problem.row, problem.column) for problem in found.problems if problem.severity == "error"]


def test_course_with_two_outcomes_on_two_rows(tmp_path):
    second = {"course_code": "c1", "skill": "testing", "from_level": "awareness", "to_level": "Expert"}
    found = read(tmp_path, GOOD | {"delivery": "Classroom", "min_group": 4, "max_group": 12}, second)
    (course,) = found.courses
    assert found.problems == ()
    assert (course.hours, course.funding, course.cost_per_person_gbp) == (
        Decimal(14), Funding.LEARNING_BUDGET, Decimal("1250.00"),
    )  # fmt: skip
    assert (course.delivery, course.min_group, course.max_group, course.duration_quarters) == (
        Delivery.CLASSROOM, 4, 12, 1,
    )  # fmt: skip
    assert course.places_per_quarter is None
    assert [(out.skill, out.from_level, out.to_level, out.row) for out in course.outcomes] == [
        ("Agile working", 0, 2, 2), ("Testing", 1, 4, 3),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("change", "column"),
    [
        ({"hours": ""}, "hours"),
        ({"hours": "many"}, "hours"),
        ({"cost_per_person_gbp": ""}, "cost_per_person_gbp"),
        ({"funding": "free"}, "cost_per_person_gbp"),
        ({"funding": ""}, "funding"),
        ({"funding": "a rich aunt"}, "funding"),
        ({"title": ""}, "title"),
        ({"course_code": ""}, "course_code"),
        ({"skill": "Knitting"}, "skill"),
        ({"skill": ""}, "skill"),
        ({"from_level": "2"}, "to_level"),
        ({"from_level": "3"}, "to_level"),
        ({"to_level": "6"}, "to_level"),
        ({"to_level": ""}, "to_level"),
        ({"min_group": 12, "max_group": 4}, "min_group"),
        ({"max_group": "x"}, "max_group"),
        ({"cost_per_person_gbp": "-5"}, "cost_per_person_gbp"),
        ({"delivery": "mentoring", "max_mentees": 2}, "mentor_hours"),
        ({"duration_quarters": 0}, "duration_quarters"),
        ({"hours": "#N/A"}, "hours"),
    ],
)
def test_each_fault_is_one_error_and_keeps_the_course_out(tmp_path, change, column):
    found = read(tmp_path, GOOD | change)
    assert errors(found) == [(2, column)]
    assert found.courses == ()


def test_free_course_needs_no_cost(tmp_path):
    (course,) = read(tmp_path, GOOD | {"funding": "free", "cost_per_person_gbp": ""}).courses
    assert (course.cost_per_person_gbp, course.cost_per_cohort_gbp) == (0, 0)


def test_cohort_price_is_a_cost(tmp_path):
    (course,) = read(tmp_path, GOOD | {"cost_per_person_gbp": "", "cost_per_cohort_gbp": "4,000"}).courses
    assert (course.cost_per_person_gbp, course.cost_per_cohort_gbp) == (0, Decimal(4000))


def test_rows_that_contradict_keep_the_whole_course_out(tmp_path):
    found = read(tmp_path, GOOD, GOOD | {"skill": "Testing", "hours": "15"}, GOOD | {"course_code": "C2"})
    assert errors(found) == [(3, "hours")]
    assert "Row 2 says 14" in found.problems[0].what
    assert [course.course_code for course in found.courses] == ["C2"]


def test_one_bad_outcome_leaves_the_others(tmp_path):
    found = read(tmp_path, GOOD | {"skill": "Agile wrking"}, GOOD | {"skill": "Testing"})
    assert errors(found) == [(2, "skill")]
    assert "“Agile working”" in found.problems[0].advice
    assert [out.skill for out in found.courses[0].outcomes] == ["Testing"]


def test_repeated_outcomes(tmp_path):
    same = read(tmp_path, GOOD, GOOD)
    assert [problem.severity for problem in same.problems] == ["note"]
    assert len(same.courses[0].outcomes) == 1
    other = read(tmp_path, GOOD, GOOD | {"to_level": "3"})
    assert errors(other) == [(3, "skill")]


def test_headings_people_use_in_a_workbook(tmp_path):
    head = [
        "Code",
        "Course name",
        "Skill name",
        "From",
        "To",
        "Learning hours",
        "Funding source",
        "Price (£)",
    ]
    path = write_xlsx(tmp_path / "x.xlsx", [head, ["C1", "Agile", "Agile working", 0, 1, 7.5, "levy", 99.5]])
    (course,) = read_courses(path, QUICK, silent()).courses
    assert (course.hours, course.cost_per_person_gbp, course.funding) == (
        Decimal("7.5"), Decimal("99.50"), Funding.LEVY,
    )  # fmt: skip
