"""One person's prospects against a second, naive reading: courses, the next level, and what is near."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.errors import UsageError
from app.terms import level_word
from app.workspace import Workspace
from tests.builders import (
    USER,
    clock,
    load_courses,
    make_course,
    make_person,
    make_rating,
    make_workspace,
    write_rows,
)
from tests.command_line import muster
from tests.counts import share
from tests.services.naive_gaps import TODAY
from tests.services.random_organisations import SKILLS, make_case

LADDER = {
    ("Data", "Data engineer"): (
        ("Data engineer", {"Programming": 2, "Data modelling": 1}),
        ("Senior data engineer", {"Programming": 3, "Data modelling": 3, "Testing": 2}),
    ),
    ("Design", "Service designer"): (("Service designer", {"Programming": 1, "Prototyping": 3}),),
}


@pytest.fixture
def office(tmp_path: Path) -> Workspace:
    courses = [
        make_course("C1", from_level=0, to_level=1),
        make_course("C2", from_level=1, to_level=3, cost_per_person_gbp=300),
        make_course("C3", skill="Data modelling", from_level=0, to_level=1, hours=5),
        make_course("C4", skill="Testing"),
    ]
    people = [make_person("1001"), make_person("1002"), make_person("1003", role_level="")]
    ratings = [make_rating("1001", level=0), make_rating("1001", "Testing", 2), make_rating("1002", level=3)]
    return make_workspace(
        tmp_path / "o.muster", roles=LADDER, people=people, ratings=ratings, courses=courses
    )


def test_only_courses_whose_entry_is_met_and_that_close_a_step_are_named(office: Workspace) -> None:
    found = office.prospects.by_staff_id("1001")
    assert [(one.code, one.steps, one.leads_on) for one in found.courses] == [("C1", 1, ("C2",))]
    assert found.raises_for("Programming") == found.courses
    # not assessed satisfies no entry and closes nothing
    assert found.raises_for("Data modelling") == ()
    assert office.prospects.by_staff_id("1002").courses == ()
    office.close()


def test_the_next_level_says_what_is_missing_and_what_is_not_assessed(office: Workspace) -> None:
    found = office.prospects.by_staff_id("1001").next_level
    assert found is not None
    assert (found.role_level, found.required, found.assessed, found.met, found.steps) == (
        "Senior data engineer", 3, 2, 1, 3,
    )  # fmt: skip
    assert [(one.skill, one.held, one.required) for one in found.missing] == [
        ("Programming", 0, 3), ("Data modelling", None, 3),
    ]  # fmt: skip
    near = office.prospects.by_staff_id("1002").nearest
    assert [(one.role_level, one.met) for one in near] == [("Service designer", 1)]
    assert office.prospects.by_staff_id("1001").nearest == ()
    office.close()


def test_a_mentor_near_is_named(office: Workspace) -> None:
    found = office.prospects.by_staff_id("1001").mentors
    assert [(line.skill, line.near, [card.staff_id for card in line.mentors]) for line in found] == [
        ("Programming", "same unit", ["1002"])
    ]
    office.close()


def test_without_a_role_there_is_nothing_to_say_but_who(office: Workspace) -> None:
    found = office.prospects.by_staff_id("1003")
    assert (found.pairs, found.courses, found.next_level, found.nearest) == ((), (), None, ())
    with pytest.raises(UsageError, match="nobody with staff id"):
        office.prospects.by_staff_id("9999")
    office.close()


@pytest.mark.parametrize("seed", range(share(10)))
def test_prospects_equal_the_naive_reading(tmp_path: Path, seed: int) -> None:
    case = make_case(tmp_path, 80_000 + seed)
    rng, naive = case.rng, case.naive
    offers = {
        f"K{n}": (rng.choice(SKILLS[:4]), entry := rng.randrange(0, 4), rng.randrange(entry + 1, 5))
        for n in range(12)
    }
    rows = [make_course(code, skill, from_level=a, to_level=b) for code, (skill, a, b) in offers.items()]
    with Workspace.open(case.workspace, user=USER, clock=clock) as ws:
        known = {row for place in naive.requirements.values() for row in place}
        kept = [row for row in rows if row["skill"] in known]
        if kept:
            load_courses(ws, write_rows(tmp_path / "courses.csv", kept))
        on_offer = {code: offer for code, offer in offers.items() if offer[0] in known}
        there = [
            staff for staff, one in naive.people.items() if any(since <= TODAY for since, _ in one.spells)
        ]
        for staff_id in rng.sample(there, min(5, len(there))):
            found = ws.prospects.by_staff_id(staff_id)
            place, required = naive.required_of(staff_id, TODAY)
            held = {skill: naive.rating(staff_id, skill, TODAY) for skill in known}
            levels = {skill: rating.level for skill, rating in held.items() if rating is not None}
            wanted = {
                code: min(b, required[skill]) - levels[skill]
                for code, (skill, a, b) in on_offer.items()
                if skill in required and skill in levels and a <= levels[skill] < min(b, required[skill])
            }
            if found.pairs:  # somebody away on the day has no pairs
                assert {one.code: one.steps for one in found.courses} == wanted
            if found.next_level is None or place is None:
                continue
            needed = {
                skill: level
                for key, all_needed in naive.requirements.items()
                if (key.version, key.role, key.level)
                == (place.version, place.role, found.next_level.role_level)
                for skill, level in all_needed.items()
                if level is not None
            }
            assert found.next_level.required == len(needed)
            assert found.next_level.met == sum(
                levels.get(skill, -1) >= level for skill, level in needed.items()
            )
            assert found.next_level.steps == sum(
                max(0, level - levels[skill]) for skill, level in needed.items() if skill in levels
            )


def test_the_command_prints_every_part(office: Workspace, tmp_path: Path) -> None:
    office.close()
    path = tmp_path / "o.muster"
    told = muster("person", "1001", "--format", "json", on=path).ok().json
    assert told["person"]["staff_id"] == "1001"
    assert [row["course_code"] for row in told["courses"]] == ["C1"]
    assert told["levels"][0]["kind"] == "next"
    assert level_word(0) in told["levels"][0]["missing"]
    rows = muster("person", "1001", "--show", "mentors", "--format", "csv", on=path).ok().rows
    assert rows[0]["staff_id"] == "1002"
    assert "Skills: 2" in muster("person", "1001", on=path).ok().out
    assert muster("person", "nobody", on=path).code == 2
    assert muster("person", "1001", "--show", "hobbies", on=path).code == 2
