"""The sample organisation: the same every time, like a real extract, and nobody real in it."""

from __future__ import annotations

import csv
import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from app.errors import UsageError
from app.files.assessments import read_assessments
from app.files.framework_facts import read_facts
from app.files.hr_extract import PeopleFile, read_people
from app.files.options import ReadOptions
from app.files.sample import (
    ASSESSMENT_HEADINGS,
    HEADINGS,
    MOST_PEOPLE,
    SampleFiles,
    assessment_rows,
    people_rows,
    write_sample,
)
from app.files.sample_assessments import SampleAssessments, make_assessments
from app.files.sample_people import SamplePeople, make_people
from app.files.sample_recipe import CHIEFS, Dice, Recipe, read_recipe
from app.progress import Cancelled, Progress, silent
from app.resources import resource
from app.terms import GRADES, LEVEL_WORDS, AssessedBy, Employment, PersonStatus, clean_name

AS_AT = date(2026, 11, 2)
MANY = 6_000

Crowd = tuple[Recipe, SamplePeople, SampleAssessments]


@pytest.fixture(scope="module")
def recipe() -> Recipe:
    return read_recipe()


@pytest.fixture(scope="module")
def crowd(recipe: Recipe) -> Crowd:
    return make(recipe, MANY, 7)


def make(recipe: Recipe, people: int, seed: int) -> Crowd:
    dice = Dice(seed)
    made = make_people(recipe, people, dice, AS_AT)
    return recipe, made, make_assessments(recipe, made, dice)


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> SampleFiles:
    return write_sample(tmp_path_factory.mktemp("sample"), 400, 3, AS_AT)


@pytest.fixture(scope="module")
def loaded(written: SampleFiles) -> PeopleFile:
    return read_people(written.hr_extract, ReadOptions(), silent())


def sheet(path: Path) -> list[list[object]]:
    return [list(row) for row in CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()]


def table(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


@pytest.mark.parametrize("workbook_up_to", [300, 0])
def test_the_same_seed_gives_the_same_bytes_and_another_does_not(tmp_path: Path, workbook_up_to: int) -> None:
    def written(name: str, seed: int) -> tuple[bytes, bytes]:
        (tmp_path / name).mkdir()
        files = write_sample(tmp_path / name, 300, seed, AS_AT, workbook_up_to=workbook_up_to)
        return files.hr_extract.read_bytes(), files.assessments.read_bytes()

    first, again, other = written("one", 5), written("two", 5), written("three", 6)
    assert first == again
    assert first[0] != other[0]
    assert first[1] != other[1]


def test_csv_and_workbook_hold_the_same_rows(tmp_path: Path) -> None:
    book = write_sample(tmp_path, 60, 9, AS_AT)
    text = write_sample(tmp_path, 60, 9, AS_AT, workbook_up_to=10)
    assert (book.hr_extract.suffix, text.hr_extract.suffix) == (".xlsx", ".csv")
    for workbook, lines in ((book.hr_extract, text.hr_extract), (book.assessments, text.assessments)):
        from_book = [[as_text(value) for value in row] for row in sheet(workbook)]
        assert from_book == [[as_text(value) for value in row] for row in table(lines)]
    assert len(table(text.assessments)) == 1 + text.ratings


def as_text(value: object) -> str:
    try:
        return f"{float(str(value)):g}"
    except ValueError:
        return str(value)


def test_the_extract_loads_through_the_importer_without_a_problem(loaded: PeopleFile) -> None:
    assert not loaded.problems
    assert not loaded.unclear
    assert not loaded.dropped
    assert len(loaded.rows) == loaded.count == 400
    assert list(loaded.columns) == list(HEADINGS)
    assert all(row.grade in {"", *GRADES} for row in loaded.rows)
    assert all(len(row.unit_names) == 3 for row in loaded.rows)


def test_confirmed_roles_are_roles_of_the_bundled_framework(loaded: PeopleFile) -> None:
    framework = read_facts(resource("frameworks", "government-digital-and-data-2025-09.csv"))
    known = {(family, role, level) for family, role, level, *_ in framework.facts()}
    named = [(row.role_family, row.role, row.role_level) for row in loaded.rows if row.role]
    assert 120 < len(named) < 280
    assert set(named) <= known
    assert all(row.role or not (row.role_family or row.role_level) for row in loaded.rows)


def test_assessments_hold_values_that_importers_take(written: SampleFiles, loaded: PeopleFile) -> None:
    heading, *rows = sheet(written.assessments)
    framework = read_facts(resource("frameworks", "government-digital-and-data-2025-09.csv"))
    with_level = {skill for *_, skill, required in framework.facts() if required is not None}
    started = {row.staff_id: row.start_date for row in loaded.rows}
    assert heading == list(ASSESSMENT_HEADINGS)
    assert len(rows) == written.ratings
    for staff_id, skill, level, day, by, _evidence in rows:
        assert level in LEVEL_WORDS
        assert skill in with_level
        assert AssessedBy(str(by).lower())
        assert isinstance(day, date)
        start = started[str(staff_id).removesuffix(".0")]
        assert start is not None
        assert start <= day <= AS_AT
        assert day >= AS_AT - timedelta(days=550)


def test_the_assessments_load_through_the_importer_without_a_problem(
    written: SampleFiles, loaded: PeopleFile
) -> None:
    framework = read_facts(resource("frameworks", "government-digital-and-data-2025-09.csv"))
    skills = {skill for *_, skill, _ in framework.facts()}
    staff_ids = {row.staff_id for row in loaded.rows}
    read = read_assessments(written.assessments, ReadOptions(), silent(), skills=skills, staff_ids=staff_ids)
    assert not read.problems
    assert not read.unclear
    assert len(read.rows) == written.ratings


def test_nobody_is_rated_twice_by_the_same_on_one_day(crowd: Crowd) -> None:
    _, people, ratings = crowd
    columns = (ratings.person, ratings.skill, ratings.days_ago, ratings.kind)
    keys = Counter(zip(*(column.tolist() for column in columns), strict=True))
    assert max(keys.values()) == 1
    assert set(np.unique(ratings.level).tolist()) == {0, 1, 2, 3, 4}
    assert (ratings.days_ago <= people.tenure_days[ratings.person]).all()


def test_shares_of_people_are_those_of_the_recipe(crowd: Crowd) -> None:
    recipe, people, _ = crowd
    in_roles = people.truth >= 0
    assert 0.83 < in_roles.mean() < 0.87
    for code, unit in enumerate(recipe.departments):
        here = people.department == code
        assert abs(here.mean() - unit.share) < 0.03
        assert abs(people.is_mapped[here & in_roles].mean() - unit.mapped) < 0.08
    assert not people.is_mapped[~in_roles].any()
    employed = Counter(people.employment)
    assert 0.05 < 1 - employed[Employment.CIVIL_SERVANT] / MANY < 0.13
    assert employed[Employment.CONTRACTOR] > employed[Employment.MANAGED_SERVICE] > 0
    assert 0.1 < np.mean(people.fte_hundredths < 100) < 0.3
    status = Counter(people.status)
    assert status[PersonStatus.ACTIVE] / MANY > 0.9
    assert set(status) == {*PersonStatus} - {PersonStatus.LEFT}


def test_mature_departments_are_assessed_more_and_fall_short_less(crowd: Crowd) -> None:
    recipe, people, ratings = crowd
    code = {skill: place for place, skill in enumerate(ratings.skills)}
    required = np.full((len(recipe.role_levels), len(ratings.skills)), -1)
    for place, level in enumerate(recipe.role_levels):
        for skill, wanted in level.requires:
            required[place, code[skill]] = -1 if wanted is None else wanted
    wanted = required[people.truth[ratings.person], ratings.skill]
    pairs = wanted >= 0
    shares: list[tuple[float, float, float]] = []
    for place, unit in enumerate(recipe.departments):
        here = pairs & (people.department[ratings.person] == place)
        short = float(np.mean(ratings.level[here] < wanted[here]))
        able = (people.department == place) & (people.truth >= 0)
        assessed = len(np.unique(ratings.person[here])) / int(able.sum())
        assert abs(assessed - unit.assessed) < 0.07
        shares.append((unit.maturity, short, float(np.mean(ratings.level[here] > wanted[here]))))
    shares.sort()
    assert shares[0][1] > shares[-1][1] + 0.2
    assert all(0.1 < short < 0.75 and surplus > 0.02 for _, short, surplus in shares)
    assert 0 < np.mean(~pairs) < 0.03


def test_some_pairs_are_rated_by_two_different_people(crowd: Crowd) -> None:
    _, _, ratings = crowd
    by: dict[tuple[int, int], set[int]] = defaultdict(set)
    for person, skill, kind in zip(
        ratings.person.tolist(), ratings.skill.tolist(), ratings.kind.tolist(), strict=True
    ):
        by[person, skill].add(kind)
    share = np.mean([len(kinds) > 1 for kinds in by.values()])
    assert 0.03 < share < 0.15
    assert set(np.unique(ratings.kind).tolist()) == {0, 1, 2}


def test_titles_are_untidy_but_not_alone(crowd: Crowd) -> None:
    recipe, people, _ = crowd
    assert all(title == clean_name(title) and len(title) > 2 for title in people.titles)
    assert 0.3 < len(set(people.titles)) / MANY < 0.85
    official = {level.name.casefold() for level in recipe.role_levels}
    plain = np.mean([title.casefold() in official for title in people.titles])
    assert 0.1 < plain < 0.6
    assert any(title.isupper() for title in people.titles)
    assert any(title.islower() for title in people.titles)
    assert any(re.search(r"\d{6}", title) for title in people.titles)
    assert not any("{" in title or "}" in title for title in people.titles)


def test_grades_follow_the_role_level_mostly(crowd: Crowd) -> None:
    recipe, people, _ = crowd
    rows = np.flatnonzero(people.truth >= 0)
    usual = np.array([level.grades for level in recipe.role_levels])[people.truth[rows]]
    grade = people.grade[rows]
    assert np.mean((grade >= usual[:, 0]) & (grade <= usual[:, 1])) > 0.95
    assert len(np.unique(people.grade)) >= 8


def test_larger_departments_have_their_chiefs(crowd: Crowd) -> None:
    recipe, people, _ = crowd
    for code in range(len(recipe.departments)):
        here = people.truth[people.department == code]
        chiefs = [recipe.role_levels[place].role for place in here[here >= 0].tolist()]
        found = [role for role in chiefs if role.startswith("Chief ")]
        assert "Chief digital and information officer" in found
        assert len(set(found)) == len(found)
    assert sum(recipe.role_levels[place].family == CHIEFS for place in people.truth[people.truth >= 0]) < 32


@given(st.integers(1, 300), st.integers(0, 2**32))
def test_organisations_of_any_size_hold_together(people: int, seed: int) -> None:
    _, made, ratings = make(read_recipe(), people, seed)
    assert len(set(made.staff_ids)) == len(made) == people
    manager = made.manager
    managed = manager >= 0
    assert (made.department[manager[managed]] == made.department[managed]).all()
    at = np.arange(people)
    for _ in range(4):
        at = np.where(manager[at] >= 0, manager[at], at)
    assert (manager[at] == -1).all()
    assert int((~managed).sum()) == len(np.unique(made.department))
    for end, employment, status in zip(made.end, made.employment, made.status, strict=True):
        assert (end is not None) == (employment.is_contractor or status is PersonStatus.ON_NOTICE)
        assert end is None or end > AS_AT
    assert all(day < AS_AT for day in made.start)
    assert len(ratings) == 0 or int(ratings.person.max()) < people


FORBIDDEN = {
    "national insurance number": re.compile(r"\b[A-Z]{2}\s?\d{2}\s?\d{2}\s?\d{2}\s?[A-D]\b", re.IGNORECASE),
    "e-mail address": re.compile(r"@"),
    "telephone number": re.compile(r"(?:\+44|\b0)\d{9,10}\b"),
    "post code": re.compile(r"\b[A-Z]{1,2}\d[A-Z\d]?\s\d[A-Z]{2}\b"),
    "card number": re.compile(r"\d{12,}"),
}


def test_nothing_in_it_looks_like_somebodys_personal_number(crowd: Crowd) -> None:
    recipe, people, ratings = crowd
    rows: list[Sequence[object]] = [*people_rows(recipe, people), *assessment_rows(people, ratings, AS_AT)]
    texts = {value for row in rows for value in row if isinstance(value, str)}
    for what, pattern in FORBIDDEN.items():
        assert not [text for text in texts if pattern.search(text)], what


@pytest.mark.parametrize("people", [0, -1, MOST_PEOPLE + 1])
def test_a_number_of_people_out_of_range_is_refused_in_words(tmp_path: Path, people: int) -> None:
    with pytest.raises(UsageError, match="cannot have"):
        write_sample(tmp_path, people, 1, AS_AT)
    assert not list(tmp_path.iterdir())


def test_cancelling_leaves_no_file_behind(tmp_path: Path) -> None:
    progress = Progress(lambda share, _: progress.cancel() if share >= 0.4 else None)
    with pytest.raises(Cancelled):
        write_sample(tmp_path, 200, 1, AS_AT, progress)
    assert not list(tmp_path.iterdir())


def test_the_recipe_names_roles_families_and_grades_that_exist(recipe: Recipe) -> None:
    families = {level.family for level in recipe.role_levels}
    roles = {level.role for level in recipe.role_levels if level.family != CHIEFS}
    assert abs(sum(unit.share for unit in recipe.departments) - 1) < 1e-9
    assert len(recipe.departments) == 8
    for unit in recipe.departments:
        assert len({part.name for part in unit.directorates}) == len(unit.directorates)
        for part in unit.directorates:
            assert set(part.families) <= families - {CHIEFS}
            assert len(set(part.teams)) == len(part.teams)
    assert set(recipe.role_weight) == roles
    assert set(recipe.words.called) <= {level.role for level in recipe.role_levels}
    assert len(set(recipe.given_names)) == len(recipe.given_names) > 200
    assert len(set(recipe.family_names)) == len(recipe.family_names) > 250
