"""Packed copies equal their rows whatever is done, and a write reloads only what it touched."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import text

from app.db.database import Database
from app.db.packing import differences, read_levels, read_people
from app.errors import ConflictError
from app.models import Assessment
from app.services.current_levels import joined, levels_as_at, levels_of_history
from app.services.gap_base import GapBaseCache
from app.services.population import (
    Population,
    PopulationCache,
    people_of_blocks,
    people_of_day,
    people_of_rows,
)
from app.services.scope import Scope
from app.terms import AssessedBy
from app.workspace import Workspace
from tests.builders import (
    NOW,
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
    make_workspace,
    write_rows,
)
from tests.counts import share

TODAY = NOW.date()
STAFF = [f"{number:04}" for number in range(1, 9)]
LEVELS = ("Data engineer", "Senior data engineer", "")


@pytest.fixture
def db(small: Path) -> Iterator[Database]:
    """A second way into the file of ``ws``, to look at the rows themselves."""
    opened = Database.connect(small, USER, clock)
    yield opened
    opened.close()


def _assert_packed_equals_rows(db: Database) -> None:
    with db.read() as session:
        assert differences(session.connection()) == 0
        blocks = list(read_people(session.connection()))
        settled = max([1, *(block.settled_on for block in blocks)])
        day = max(TODAY, date.fromordinal(settled))
        packed, rows = people_of_blocks(blocks), people_of_rows(session, day)
        for name in packed[0].dtype.names or ():
            if name != "words":
                assert packed[0][name].tolist() == rows[0][name].tolist(), name
        assert [list(column) for column in packed[1]] == [list(column) for column in rows[1]]
        for earlier in range(0, 70, 7):
            day = TODAY - timedelta(earlier)
            found, rows = people_of_day(session, day, blocks), people_of_rows(session, day)
            for name in found[0].dtype.names or ():
                if name != "words":
                    assert found[0][name].tolist() == rows[0][name].tolist(), (name, day)
            assert [list(column) for column in found[1]] == [list(column) for column in rows[1]], day
        held = [column.tolist() for column in joined(list(read_levels(session.connection())))]
        assert held == [column.tolist() for column in levels_of_history(session, date.max)]


def _people(rng: random.Random, folder: Path, number: int) -> Path:
    chosen = rng.sample(STAFF, rng.randrange(1, len(STAFF) + 1))
    rows = [
        make_person(
            staff, grade=rng.choice(("HEO", "SEO", "")), role_level=rng.choice(LEVELS),
            department=rng.choice(("Home Office", "HM Treasury")), status=rng.choice(("active", "absent")),
            location=rng.choice(("Leeds", "Cardiff", "Zoë’s \n house")),
        )
        for staff in chosen
    ]  # fmt: skip
    return make_people(folder / f"people{number}.csv", rows)


def _step(rng: random.Random, ws: Workspace, folder: Path, number: int) -> None:
    known = [line.staff_id for line in ws.people.table(Scope(), with_absent=True).lines]
    what = rng.choice(("people", "people", "ratings", "ratings", "level", "revert"))
    if what == "people" or not known:
        day = TODAY - timedelta(rng.randrange(60))
        load_people(
            ws, _people(rng, folder, number), day, mark_leavers=rng.random() < 0.5, skip_bad_rows=True
        )
    elif what == "ratings":
        rows = [
            make_rating(staff, rng.choice(("Programming", "Testing")), rng.randrange(5))
            for staff in rng.sample(known, rng.randrange(1, len(known) + 1))
        ]
        load_ratings(ws, write_rows(folder / f"ratings{number}.csv", rows))
    elif what == "level":
        skill = rng.choice(sorted(ws.frameworks.skills().values()))
        person = rng.choice(ws.people.table(Scope(), with_absent=True).lines).person_id
        ws.assessments.set_level(person, skill, rng.randrange(5), rng.choice(list(AssessedBy)))
    else:
        action = next(
            (line for line in ws.admin.history() if line.can_revert and line.action != "Load framework"), None
        )
        try:
            ws.admin.revert(action.action_id if action else 0)
        except ConflictError:
            return


@pytest.mark.parametrize("seed", range(share(100)))
def test_packed_copies_equal_their_rows_after_anything(
    ws: Workspace, db: Database, tmp_path: Path, seed: int
) -> None:
    rng = random.Random(seed)
    for number in range(6):
        _step(rng, ws, tmp_path, number)
        _assert_packed_equals_rows(db)
        fresh = GapBaseCache(db, PopulationCache(db), lambda: TODAY).get(None)
        kept = ws.gaps.base(None)
        assert np.array_equal(kept.blocks.held, fresh.blocks.held)
        assert np.array_equal(kept.blocks.tally, fresh.blocks.tally)
        assert list(kept.population.name) == list(fresh.population.name)


@pytest.fixture
def staffed(ws: Workspace, tmp_path: Path) -> Workspace:
    load_people(
        ws, make_people(tmp_path / "people.csv", [make_person(staff) for staff in STAFF]), date(2026, 1, 1)
    )
    return ws


def _population(ws: Workspace) -> Population:
    return ws.gaps.base(None).population


@pytest.mark.parametrize("name", ["Zoë O’Neil", "two\x1fnames", ""])
def test_texts_of_everybody_are_those_of_the_rows(
    staffed: Workspace, db: Database, small: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """More people than are read as strings; a sign that stands between texts may stand in one all the same."""
    monkeypatch.setattr("app.services.population.READ_AT_ONCE", 0)
    with closing(sqlite3.connect(small)) as file, file:
        file.execute("UPDATE person SET name = ? WHERE id = 3", (name,))
    population = PopulationCache(db).get(TODAY)[1]
    for column in ("staff_id", "name", "job_title"):
        packed = list(population.packed(column))
        single = [getattr(PopulationCache(db).get(TODAY)[1], column)[place] for place in range(len(STAFF))]
        assert packed == single
    assert name in list(population.packed("name"))


def test_a_write_about_courses_and_plans_reloads_neither_people_nor_levels(
    staffed: Workspace, tmp_path: Path
) -> None:
    before = staffed.gaps.base(None)
    load_courses(staffed, write_rows(tmp_path / "courses.csv", [make_course()]))
    after = staffed.gaps.base(None)
    assert after.population is before.population
    assert after.blocks is before.blocks
    assert after.revision == before.revision + 1


def test_one_rating_patches_the_levels_and_keeps_the_people(staffed: Workspace) -> None:
    before = staffed.gaps.base(None)
    held = before.blocks.held.copy()
    staffed.assessments.set_level(1, staffed.frameworks.skills()["Programming"], 3, AssessedBy.SELF)
    after = staffed.gaps.base(None)
    assert after.population is before.population
    assert after.blocks.layout is before.blocks.layout
    assert (after.blocks.held != held).sum() == 1
    assert np.array_equal(before.blocks.held, held)
    assert {pair.skill: pair.held for pair in staffed.gaps.person(1)}["Programming"] == 3


def test_a_revert_takes_a_patched_level_back(staffed: Workspace) -> None:
    before = staffed.gaps.base(None).blocks.held.copy()
    done = staffed.assessments.set_level(1, staffed.frameworks.skills()["Programming"], 3, AssessedBy.SELF)
    assert not np.array_equal(staffed.gaps.base(None).blocks.held, before)
    staffed.admin.revert(done.change.action_id)
    assert np.array_equal(staffed.gaps.base(None).blocks.held, before)


def test_a_change_of_people_loads_them_again(staffed: Workspace, tmp_path: Path) -> None:
    before = _population(staffed)
    load_people(staffed, make_people(tmp_path / "more.csv", [make_person(STAFF[0], name="Renamed")]))
    after = _population(staffed)
    assert after is not before
    assert (before.name[0], after.name[0]) == (f"Person {STAFF[0]}", "Renamed")


def test_a_day_before_the_last_change_is_read_from_the_rows(staffed: Workspace, tmp_path: Path) -> None:
    later = TODAY + timedelta(days=30)
    load_people(staffed, make_people(tmp_path / "more.csv", [make_person(STAFF[0], grade="G7")]), later)
    assert staffed.gaps.base(None).population.grade[0] == "HEO"
    assert staffed.gaps.base(later).population.grade[0] == "G7"


def test_a_rating_of_another_day_leaves_only_what_it_may_change(staffed: Workspace, db: Database) -> None:
    staffed.assessments.set_level(1, staffed.frameworks.skills()["Programming"], 2, AssessedBy.SELF)
    yesterday = TODAY - timedelta(days=1)
    assert staffed.gaps.person(1, yesterday)[0].held is None
    with db.read() as session:
        assert len(levels_as_at(session, TODAY)[0]) == 1
        assert len(levels_as_at(session, yesterday)[0]) == 0


def _rate(db: Database, level: int, *, is_taken_back: bool) -> None:
    """A rating by the head of profession; the history is looked at before the write ends."""
    with db.write("Rate") as w:
        person, skill = w.session.execute(text("SELECT min(person_id), min(skill_id) FROM assessment")).one()
        by = AssessedBy.HEAD_OF_PROFESSION.value
        w.session.add(
            Assessment(person_id=person, skill_id=skill, level=level, assessed_on=TODAY, assessed_by=by)
        )
        w.session.flush()
        assert levels_of_history(w.session, TODAY)[2].tolist() == [level]
        if is_taken_back:
            raise ZeroDivisionError


def test_what_a_write_reads_of_the_history_is_not_kept(tmp_path: Path) -> None:
    """A write that is taken back leaves its revision to the next one."""
    people, ratings = [make_person("0001")], [make_rating("0001", "Programming", 2)]
    path = tmp_path / "w.muster"
    make_workspace(path, roles=ROLES, people=people, ratings=ratings).close()
    db = Database.connect(path, USER, clock)
    with pytest.raises(ZeroDivisionError):
        _rate(db, 4, is_taken_back=True)
    _rate(db, 1, is_taken_back=False)
    for _ in range(2):  # read, and kept
        with db.read() as session:
            assert levels_of_history(session, TODAY)[2].tolist() == [1]
    db.close()
