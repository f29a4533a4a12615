"""The bundled catalogue: every offer can be used as it is, and no step of a common skill lacks a course."""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from decimal import Decimal
from pathlib import Path

import pytest

from app.files.catalogue import read_courses
from app.files.options import ReadOptions
from app.progress import silent
from app.terms import Delivery, Funding, clean_name
from tests import shared_data

RESOURCES = Path(__file__).resolve().parents[2] / "resources"
COLUMNS = [
    "course_code",
    "title",
    "skill",
    "from_level",
    "to_level",
    "hours",
    "funding",
    "provider",
    "delivery",
    "duration_quarters",
    "cost_per_person_gbp",
    "cost_per_cohort_gbp",
    "min_group",
    "max_group",
    "places_per_quarter",
    "mentor_hours",
    "max_mentees",
    "url",
    "notes",
]
OUTCOME = {"skill", "from_level", "to_level"}
LEVELS = {"Awareness": 1, "Working": 2, "Practitioner": 3, "Expert": 4}

Row = dict[str, str]


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    with (RESOURCES / "catalogues" / "starter.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def courses(rows: list[Row]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        found[row["course_code"]].append(row)
    return found


def official_requirements() -> dict[tuple[str, str, str], int]:
    """(role, role level, skill) → level, from the published file."""
    with shared_data.path("framework/official_2025-09-25_role_content.csv").open(
        encoding="utf-8", newline=""
    ) as file:
        return {
            (clean_name(row["Role"]), clean_name(row["Role Level"]), clean_name(row["Skill Name"])): LEVELS[
                row["Skill Level"].strip()
            ]
            for row in csv.DictReader(file)
            if row["Skill Level"].strip() in LEVELS
        }


def bundled_requirements() -> dict[tuple[str, str, str], int]:
    """The same from the bundled facts."""
    required: dict[tuple[str, str, str], int] = {}
    for path in sorted((RESOURCES / "frameworks").glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            required.update(
                {
                    (row["role"], row["role_level"], row["skill"]): int(row["required"])
                    for row in csv.DictReader(file)
                    if row["required"]
                }
            )
    return required


def test_the_columns_are_those_of_the_course_file(rows: list[Row]) -> None:
    assert list(rows[0]) == COLUMNS
    assert all(None not in row and None not in row.values() for row in rows)


def test_there_are_enough_courses_with_outcomes_of_their_own(
    rows: list[Row], courses: dict[str, list[Row]]
) -> None:
    assert len(courses) >= 60
    assert len({(row["course_code"], row["skill"]) for row in rows}) == len(rows)
    assert len({outcomes[0]["title"] for outcomes in courses.values()}) == len(courses)


def test_the_importer_takes_all_of_it_without_a_problem(courses: dict[str, list[Row]]) -> None:
    skills = {skill for _, _, skill in bundled_requirements()}
    read = read_courses(RESOURCES / "catalogues" / "starter.csv", ReadOptions(), silent(), skills=skills)
    assert not read.problems
    assert not read.unclear
    assert {course.course_code: len(course.outcomes) for course in read.courses} == {
        code: len(outcomes) for code, outcomes in courses.items()
    }


def test_a_course_says_the_same_on_each_of_its_rows(courses: dict[str, list[Row]]) -> None:
    for outcomes in courses.values():
        about = [{key: value for key, value in row.items() if key not in OUTCOME} for row in outcomes]
        assert all(facts == about[0] for facts in about)


def test_every_value_is_one_the_program_accepts(rows: list[Row]) -> None:
    for row in rows:
        assert 0 <= int(row["from_level"]) < int(row["to_level"]) <= 4, row
        assert Decimal(row["hours"]) > 0
        assert Funding(row["funding"])
        assert Delivery(row["delivery"]) is not Delivery.MENTORING
        assert 1 <= int(row["duration_quarters"]) <= 8
        assert all(value == clean_name(value) for value in row.values())
        assert not row["places_per_quarter"] or int(row["places_per_quarter"]) > 0
        assert not row["mentor_hours"]
        assert not row["max_mentees"]


def test_prices_and_groups_make_sense_together(courses: dict[str, list[Row]]) -> None:
    for course, *_rest in courses.values():
        person, cohort = Decimal(course["cost_per_person_gbp"]), course["cost_per_cohort_gbp"]
        if course["funding"] == Funding.FREE:
            assert person == 0, course
            assert not cohort, course
        else:
            assert person + Decimal(cohort or 0) > 0, course
        if cohort:
            assert 2 <= int(course["min_group"]) <= int(course["max_group"]), course
            assert int(course["places_per_quarter"]) % int(course["max_group"]) == 0, course
        is_levy = course["funding"] == Funding.LEVY
        assert is_levy == (course["delivery"] == Delivery.APPRENTICESHIP), course


def test_hours_fit_the_length_of_the_course(courses: dict[str, list[Row]]) -> None:
    for course, *_rest in courses.values():
        assert Decimal(course["hours"]) / int(course["duration_quarters"]) <= 80, course


def test_most_offers_fit_into_a_plan_of_one_year(courses: dict[str, list[Row]]) -> None:
    short = [outcomes for outcomes in courses.values() if int(outcomes[0]["duration_quarters"]) <= 2]
    assert len(short) >= 0.9 * len(courses)
    lengths = {int(outcomes[0]["duration_quarters"]) for outcomes in courses.values()}
    assert {4, 6, 8} <= lengths


@pytest.mark.parametrize("source", [official_requirements, bundled_requirements])
def test_every_skill_is_in_the_framework_and_common_ones_have_every_step(
    source: object, rows: list[Row]
) -> None:
    assert callable(source)
    required: dict[tuple[str, str, str], int] = source()
    counts = Counter(skill for _, _, skill in required)
    highest: dict[str, int] = defaultdict(int)
    for (_, _, skill), level in required.items():
        highest[skill] = max(highest[skill], level)
    steps: dict[str, set[int]] = defaultdict(set)
    for row in rows:
        assert row["skill"] in counts, row
        steps[row["skill"]].update(range(int(row["from_level"]), int(row["to_level"])))
    common = sorted(counts, key=lambda skill: (-counts[skill], skill))[:60]
    without = {skill: set(range(highest[skill])) - steps[skill] for skill in common}
    assert not {skill: missing for skill, missing in without.items() if missing}
