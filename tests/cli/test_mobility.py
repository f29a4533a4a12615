"""``mobility``: the nearest people and the map of role levels against a second count."""

from __future__ import annotations

import random
from pathlib import Path

from app.charts.career_map import place_labels, spots_of
from app.services.reports.career_picture import career_picture
from app.workspace import Workspace
from tests.builders import (
    ROLES,
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

ASKED = {level: needed for levels in ROLES.values() for level, needed in levels}
SKILLS = ("Data modelling", "Programming", "Prototyping", "Testing")


def test_the_nearest_people_are_those_of_a_second_count(small: Path, tmp_path: Path) -> None:
    rng = random.Random(5)
    people = [
        make_person(str(100 + number), role_level=rng.choice(tuple(ASKED)),
                    employment=rng.choice(("civil servant", "contractor")))
        for number in range(40)
    ]  # fmt: skip
    held = {
        (one["staff_id"], skill): rng.randrange(5) for one in people for skill in SKILLS if rng.random() < 0.6
    }
    with Workspace.open(small, user=USER, clock=clock) as ws:
        load_people(ws, make_people(tmp_path / "people.csv", people))
        load_ratings(
            ws,
            write_rows(tmp_path / "ratings.csv", [make_rating(*key, level) for key, level in held.items()]),
        )
        courses = [make_course(f"C{at}", skill, to_level=4) for at, skill in enumerate(SKILLS)]
        load_courses(ws, write_rows(tmp_path / "courses.csv", courses))
    needed = ASKED["Data engineer"]
    wanted: list[tuple[int, str, int, int, float]] = []
    for one in people:
        known = {skill: held[one["staff_id"], skill] for skill in needed if (one["staff_id"], skill) in held}
        met = sum(known[skill] >= (needed[skill] or 0) for skill in known)
        lacks = [max((needed[skill] or 0) - known[skill], 0) for skill in known]
        fits = one["role_level"] == "Service designer" and one["employment"] == "civil servant"
        if fits and met and 2 * len(known) >= len(needed):
            wanted.append(
                (sum(lacks), one["staff_id"], met, len(known), 100.0 * sum(gap > 0 for gap in lacks))
            )
    assert len(wanted) > 2
    for top in (2, 100):
        rows = muster("mobility", "data ENGINEER", "--top", top, "--format", "json", on=small).ok().json
        said = [
            (row["steps"], row["staff_id"], row["met"], row["assessed"], float(row["cost_gbp"]))
            for row in rows
        ]
        assert said == sorted(wanted)[:top]


def test_the_map_counts_missing_levels_and_names_the_next_one(small: Path) -> None:
    rows = muster("mobility", "map", "--format", "json", on=small).ok().json
    assert len(rows) == len(ASKED) * (len(ASKED) - 1)
    for row in rows:
        have, need = ASKED[row["from"]], ASKED[row["to"]]
        assert row["steps"] == sum(
            max((level or 0) - (have.get(skill) or 0), 0) for skill, level in need.items()
        )
        assert row["next_level"] == ("yes" if row["to"] == "Senior data engineer" == f"Senior {row['from'].lower()}"
                                     else "no")  # fmt: skip
    one = (
        muster("mobility", "map", "--from", "Service designer", "--steps", 3, "--format", "json", on=small)
        .ok()
        .json
    )
    assert one == [row for row in rows if row["from"] == "Service designer" and row["steps"] <= 3]


def test_what_is_not_there_is_said(small: Path) -> None:
    found = muster("mobility", "nearest", "Astronaut", on=small)
    assert (found.code, "There is no role level “Astronaut”" in found.err) == (2, True)
    assert "Nobody is near" in muster("mobility", "Data engineer", on=small).ok().err
    assert muster("mobility", "Data engineer", "--top", 0, on=small).code == 2


def test_the_drawn_map_has_every_level_and_labels_never_meet(furnished: Path, tmp_path: Path) -> None:
    for name in ("map.png", "map.svg"):
        muster("mobility", "map", "--out", tmp_path / name, "--steps", 1, on=furnished).ok()
        assert (tmp_path / name).stat().st_size > 10_000
    assert muster("mobility", "map", "--out", tmp_path / "map.txt", on=furnished).code == 2
    with Workspace.open(furnished, user=USER, clock=clock) as ws:
        picture = career_picture(ws.mobility.places("Data engineer"), "Data engineer")
        assert len(picture.marks) == len({one.end.role_level_id for one in ws.mobility.distances()})
    assert {mark.name for mark in picture.marks if mark.is_bold} == {"Data engineer", "Senior data engineer"}
    spots = spots_of(picture.marks, 9.5, 6.4)
    labels = place_labels(picture.marks, spots, (9.5, 6.4))
    assert {picture.marks[label.mark].name for label in labels} >= {"Data engineer", "Senior data engineer"}
    assert len(labels) > 15
    for at, one in enumerate(labels):
        left, bottom, right, top = one.box
        assert 0 <= left < right <= 9.5
        assert not [
            other.mark for other in labels[at + 1 :]
            if left < other.box[2] and other.box[0] < right and bottom < other.box[3] and other.box[1] < top
        ]  # fmt: skip
        assert not [spot for spot in spots if left < spot[0] < right and bottom < spot[1] < top]
