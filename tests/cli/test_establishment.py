"""``import establishment`` and ``establishment list``: preview, load, again, bad rows; vacancies counted twice."""

from __future__ import annotations

import json
import random
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from app.services.workforce.establishment import spread_posts
from app.workspace import Workspace
from tests.builders import USER, clock, contents, load_people, make_people, make_person, write_rows
from tests.command_line import muster
from tests.counts import share

ROW = {"department": "Home Office", "role_level": "Data engineer", "grade": "HEO", "posts": "5"}


@pytest.fixture
def office(small: Path) -> Path:
    """The small workspace with three data engineers of the Home Office, grade HEO."""
    with Workspace.open(small, user=USER, clock=clock) as ws:
        load_people(ws, make_people(small.parent / "people.csv"))
    return small


def _file(folder: Path, *rows: dict[str, Any]) -> Path:
    return write_rows(folder / "posts.csv", [ROW | row for row in rows])


def _listed(office: Path) -> list[dict[str, Any]]:
    return json.loads(muster("establishment", "list", "--format", "json", on=office).ok().out)


def test_posts_are_previewed_loaded_known_again_and_taken_away(office: Path, tmp_path: Path) -> None:
    file = _file(tmp_path, {}, {"role_level": "Senior data engineer", "grade": "Grade 7", "posts": 2})
    before = office.read_bytes()
    assert "Would add 2 lines" in muster("import", "establishment", file, "--preview", on=office).ok().out
    assert office.read_bytes() == before
    assert "2 new lines of posts" in muster("import", "establishment", file, on=office).ok().out
    held = contents(office)
    assert "Nothing to change" in muster("import", "establishment", file, on=office).ok().out
    assert contents(office) == held
    assert [(one["role_level"], one["grade"], one["posts"], one["heads"], one["vacancies"])
            for one in _listed(office)] == [("Data engineer", "HEO", 5, 3, 2),
                                            ("Senior data engineer", "G7", 2, 0, 2)]  # fmt: skip
    fewer = _file(tmp_path, {"posts": 1})
    assert (
        "0 new lines of posts, 1 changed, 1 gone"
        in muster("import", "establishment", fewer, on=office).ok().out
    )
    assert [(one["posts"], one["vacancies"]) for one in _listed(office)] == [(1, -2)]


def test_bad_rows_are_listed_and_keep_what_is_there(office: Path, tmp_path: Path) -> None:
    muster("import", "establishment", _file(tmp_path, {}, {"grade": "SEO"}), on=office).ok()
    bad = _file(
        tmp_path, {"posts": 7}, {"posts": "2.5"}, {"posts": ""}, {"department": "Nowhere"}, {"department": ""},
        {"role_level": "Juggler"},
    )  # fmt: skip
    refused = muster("import", "establishment", bad, on=office)
    assert refused.code == 1
    for words in ("must be a whole number", "There is no posts", "not in the workspace", "no department or unit",
                  "not in any framework"):  # fmt: skip
        assert words in refused.err
    assert [one["posts"] for one in _listed(office)] == [5, 5]
    done = muster("import", "establishment", bad, "--skip-bad-rows", on=office).ok()
    assert "1 changed, 0 gone" in done.out, "with bad rows nothing is taken for gone"
    assert {one["grade"]: one["posts"] for one in _listed(office)} == {"HEO": 7, "SEO": 5}


def test_rows_that_name_the_same_posts_are_added_up_and_said(office: Path, tmp_path: Path) -> None:
    done = muster("import", "establishment", _file(tmp_path, {}, {"posts": 2}), on=office).ok()
    assert "both are added up" in done.err
    assert _listed(office)[0]["posts"] == 7


def test_a_unit_within_a_department_and_other_headings(office: Path, tmp_path: Path) -> None:
    with Workspace.open(office, user=USER, clock=clock) as ws:
        load_people(ws, make_people(tmp_path / "people.csv", [make_person("2001", unit="Data")]))
    file = write_rows(
        tmp_path / "posts.csv",
        [{"Ministry": "Home Office", "Team": "Data", "Level": "Data engineer", "Complement": 4}],
    )
    muster("import", "establishment", file, on=office).ok()
    found = _listed(office)
    assert [(one["unit"], one["grade"], one["posts"], one["heads"]) for one in found] == [
        ("Home Office / Data", "", 4, 1)
    ]
    forecast = json.loads(muster("forecast", "--quarters", "1", "--success", "100", "--format", "json",
                                 on=office).ok().out)  # fmt: skip
    grown = {(one["unit"], one["role_level"], one["grade"]): one["supply_fte"] for one in forecast}
    # three vacancies of any grade go to the grade that is there, and are filled a quarter later
    assert grown["Home Office / Data", "Data engineer", "HEO"] > 3.5


def test_disclosure_hides_few_heads_and_a_second_line(office: Path, tmp_path: Path) -> None:
    with Workspace.open(office, user=USER, clock=clock) as ws:
        people = [make_person(str(number), grade="SEO") for number in range(2001, 2008)]
        people += [make_person(str(number), grade="G7") for number in range(3001, 3010)]
        load_people(ws, make_people(tmp_path / "people.csv", people))
    muster("import", "establishment", _file(tmp_path, {}, {"grade": "SEO"}, {"grade": "G7"}), on=office).ok()
    shown = json.loads(
        muster("establishment", "list", "--disclosure", "on", "--format", "json", on=office).ok().out
    )
    assert [(one["grade"], one["heads"], one["vacancies"]) for one in shown] == [
        ("G7", 9, -4), ("HEO", "[c]", "[c]"), ("SEO", "[c]", "[c]"),
    ]  # fmt: skip


def test_vacancies_equal_a_naive_count(small: Path, tmp_path: Path) -> None:
    levels, grades = ("Data engineer", "Senior data engineer", "Service designer"), ("HEO", "SEO", "")
    for case in range(share(6)):
        rng = random.Random(case)
        folder = tmp_path / str(case)
        folder.mkdir()
        file = folder / "w.muster"
        file.write_bytes(small.read_bytes())
        people = [
            make_person(str(number), unit=rng.choice(("Data", "Design", "")), role_level=rng.choice((*levels, "")),
                        grade=rng.choice(grades[:2]), end_date=rng.choice(("", "", "2026-01-01")))
            for number in range(1000, 1060)
        ]  # fmt: skip
        rows = {
            (unit, level, grade): rng.randrange(12)
            for unit in ("Home Office", "Home Office / Data")
            for level in levels
            for grade in grades
            if rng.random() < 0.6
        }
        with Workspace.open(file, user=USER, clock=clock) as ws:
            load_people(ws, make_people(folder / "people.csv", people))
        posts = write_rows(
            folder / "posts.csv",
            [{"department": unit, "role_level": level, "grade": grade, "posts": count}
             for (unit, level, grade), count in rows.items()],
        )  # fmt: skip
        muster("import", "establishment", posts, on=file).ok()
        got = {
            (one["unit"], one["role_level"], one["grade"]): (one["posts"], one["heads"], one["vacancies"])
            for one in _listed(file)
        }
        assert got == _naive(rows, people)


def _naive(
    rows: dict[tuple[str, str, str], int], people: list[dict[str, Any]]
) -> dict[tuple[str, str, str], tuple[int, int, int]]:
    heads: Counter[tuple[str, str, str]] = Counter()
    units = {unit for unit, _, _ in rows}
    for one in people:
        unit = " / ".join(part for part in ("Home Office", one["unit"]) if part)
        if not one["role_level"] or one["end_date"] or unit not in units:
            continue
        key = (unit, one["role_level"], one["grade"])
        if key not in rows and (unit, one["role_level"], "") in rows:
            key = (unit, one["role_level"], "")
        heads[key] += 1
    return {key: (rows.get(key, 0), heads[key], rows.get(key, 0) - heads[key]) for key in {*rows, *heads}}


def test_posts_of_any_grade_are_spread_whole() -> None:
    for case in range(share(300)):
        rng = random.Random(case)
        heads = {grade: rng.randrange(1, 9) for grade in ("HEO", "SEO", "G7") if rng.random() < 0.7}
        posts = {grade: rng.randrange(9) for grade in ("HEO", "SEO", "") if rng.random() < 0.7}
        found = spread_posts(posts, heads)
        assert sum(found.values()) == sum(posts.values())
        assert all(found.get(grade, 0) >= count for grade, count in posts.items() if grade)
        if sum(posts.values()) >= sum(heads.values()) and not any(posts.get(g, 0) for g in ("HEO", "SEO")):
            assert all(found.get(grade, 0) >= count for grade, count in heads.items())
    assert spread_posts({"": 3}, {}) == {"": 3}
