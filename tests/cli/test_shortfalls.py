"""``shortfalls``: its views agree with one another, and bad options get a sentence."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from app.workspace import Workspace
from tests.builders import (
    USER,
    clock,
    load_courses,
    load_people,
    load_ratings,
    make_course,
    make_people,
    make_person,
    make_rating,
    write_rows,
)
from tests.command_line import muster


@pytest.fixture
def office(small: Path, tmp_path: Path) -> Path:
    """Service designers near to data engineers, of whom three are needed; of the designers one is too many."""
    people = [make_person(str(number), role_level="Service designer") for number in range(1, 5)]
    ratings = [
        make_rating(str(number), skill, 1)
        for number in range(1, 5)
        for skill in ("Programming", "Data modelling")
    ]
    need = {
        "area": "A", "priority": "P", "target_date": "2028-03-31", "programme": "G", "department": "Home Office",
        "role": "", "role_level": "Data engineer", "fte": 3.5, "from_quarter": "2027Q2", "to_quarter": "2027Q4",
    }  # fmt: skip
    posts = {"department": "Home Office", "role_level": "Service designer", "grade": "HEO", "posts": 3}
    with Workspace.open(small, user=USER, clock=clock) as ws:
        load_people(ws, make_people(tmp_path / "people.csv", people))
        load_ratings(ws, write_rows(tmp_path / "ratings.csv", ratings))
        load_courses(ws, write_rows(tmp_path / "courses.csv", [make_course()]))
    muster("import", "strategy", write_rows(tmp_path / "strategy.csv", [need]), on=small).ok()
    muster("import", "establishment", write_rows(tmp_path / "posts.csv", [posts]), on=small).ok()
    return small


def test_the_views_agree(office: Path) -> None:
    args = ("shortfalls", "--quarters", 6, "--format", "json")
    mix = muster(*args, on=office).ok().json
    assert mix["summary"]["status"] == "optimal"
    costs = [Decimal(str(line["cost_gbp"])) for line in mix["lines"]]
    assert sum(costs) == Decimal(str(mix["summary"]["cost_gbp"]))
    near = muster(*args, "--show", "people", on=office).ok().json
    assert {row["staff_id"] for row in near} == {"1", "2", "3", "4"}
    assert {line["staff_id"] for line in mix["lines"]} - {""} <= {row["staff_id"] for row in near}
    moves = muster(*args, "--show", "redeployment", on=office).ok().json
    assert [(row["staff_id"], row["way"]) for row in moves] == [("1", "redeploy")]
    options = {row["way"]: row for row in muster(*args, "--show", "options", on=office).ok().json}
    assert list(options) == ["redeploy", "train", "recruit", "contractor"]
    assert options["redeploy"]["words"].startswith("1 within reach")
    assert muster(*args, on=office).ok().json == mix


@pytest.mark.parametrize(
    "bad",
    [("--budget", "nan"), ("--pay", "inf"), ("--day-rate", "-1"), ("--show", "all"), ("--contractors-fte", "x"),
     ("--steps", -1), ("--quarters", 0), ("--hand-over", "--show", "people")],
)  # fmt: skip
def test_bad_options_get_a_sentence(office: Path, bad: tuple[object, ...]) -> None:
    found = muster("shortfalls", *bad, on=office)
    assert found.code == 2
    assert found.err.strip()
    assert "Traceback" not in found.err


def test_shared_views_name_nobody_and_hide_few_people(office: Path) -> None:
    mix = muster("shortfalls", "--quarters", 6, "--disclosure", "on", "--format", "json", on=office).ok().json
    of_people = [row for row in mix if row["way"] in ("train", "redeploy")]
    assert of_people
    assert all({row["people"], row["fte"], row["cost_gbp"]} == {"[c]"} for row in of_people)
    assert all({"staff_id", "name"}.isdisjoint(row) for row in mix)
    options = (
        muster("shortfalls", "--show", "options", "--disclosure", "on", "--format", "json", on=office)
        .ok()
        .json
    )
    by_way = {row["way"]: row for row in options}
    assert by_way["redeploy"]["people"] == by_way["redeploy"]["words"] == "[c]"
    for view in ("people", "redeployment"):
        assert muster("shortfalls", "--show", view, "--disclosure", "on", on=office).code == 2
