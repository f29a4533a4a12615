"""Ratings long and wide with their history, and the catalogue: loaded, changed, loaded again."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from app.errors import ConflictError, UsageError
from app.files.options import ReadOptions
from app.progress import silent
from app.services.assessments import RatingRules
from app.services.scope import Scope
from app.terms import AssessedBy
from app.workspace import Workspace
from tests.builders import (
    NOW,
    clock,
    contents,
    load_courses,
    load_people,
    load_ratings,
    make_course,
    make_people,
    make_person,
    make_rating,
    write_rows,
)

SENIOR = make_person("1", role_level="Senior data engineer")


@pytest.fixture
def staffed(ws: Workspace, tmp_path: Path) -> Workspace:
    load_people(ws, make_people(tmp_path / "people.csv", [SENIOR, make_person("2")]), date(2026, 1, 1))
    return ws


def _held(ws: Workspace, day: date | None = None) -> dict[tuple[str, str], int | None]:
    return {(pair.staff_id, pair.skill): pair.held for pair in ws.gaps.people_behind(Scope(as_at=day))}


def _rate(ws: Workspace, tmp_path: Path, *rows: dict[str, Any]) -> Any:
    number = len(list(tmp_path.glob("ratings*.csv")))
    return load_ratings(ws, write_rows(tmp_path / f"ratings{number}.csv", rows))


def test_a_blank_is_not_assessed_and_a_zero_is_zero(staffed: Workspace, tmp_path: Path) -> None:
    _rate(
        staffed,
        tmp_path,
        make_rating("1", level=0),
        make_rating("1", "Testing", ""),
        make_rating("2", level="n/a"),
    )
    held = _held(staffed)
    assert (held["1", "Programming"], held["1", "Testing"], held["2", "Programming"]) == (0, None, None)


def test_long_and_wide_forms_say_the_same(staffed: Workspace, tmp_path: Path) -> None:
    file = write_rows(tmp_path / "wide.csv", [
        {"staff_id": "1", "Programming": "working", "Testing": "", "Data modelling": "above"},
        {"staff_id": "2", "Programming": 4, "Testing": None, "Data modelling": 0},
    ])  # fmt: skip
    assert load_ratings(staffed, file).new == 4
    assert _held(staffed) == {
        ("1", "Programming"): 2, ("1", "Testing"): None, ("1", "Data modelling"): 4,
        ("2", "Programming"): 4, ("2", "Data modelling"): 0,
    }  # fmt: skip
    long = [make_rating("1", level=2), make_rating("1", "Data modelling", "expert"), make_rating("2", level="4"),
            make_rating("2", "Data modelling", "below awareness")]  # fmt: skip
    assert _rate(staffed, tmp_path, *long) is None


def test_the_history_keeps_every_rating_and_the_strongest_latest_counts(
    staffed: Workspace, tmp_path: Path
) -> None:
    rows = [
        make_rating("1", level=4, assessed_on="2026-11-01", assessed_by="self"),
        make_rating(
            "1", level=1, assessed_on="2026-03-01", assessed_by="line manager", evidence="Seen in review"
        ),
        make_rating("1", level=2, assessed_on="2026-05-01", assessed_by="Line manager"),
    ]
    _rate(staffed, tmp_path, *rows)
    person = next(line.person_id for line in staffed.people.table(Scope()).lines if line.staff_id == "1")
    history = staffed.assessments.history(person)
    assert [(line.level, line.is_current) for line in history] == [(4, False), (2, True), (1, False)]
    assert history[2].evidence == "Seen in review"
    assert _held(staffed)["1", "Programming"] == 2
    assert _held(staffed, date(2026, 4, 1))["1", "Programming"] == 1
    assert _held(staffed, date(2026, 2, 1))["1", "Programming"] is None


def test_of_two_ratings_of_one_day_the_later_import_counts(staffed: Workspace, tmp_path: Path) -> None:
    for level in (1, 3, 2):
        summary = _rate(staffed, tmp_path, make_rating("1", level=level, assessed_on="2026-11-01"))
        assert summary.new == 1
    assert _held(staffed)["1", "Programming"] == 2


def test_the_order_of_kinds_and_expiry_are_the_organisations_choice(
    staffed: Workspace, tmp_path: Path
) -> None:
    _rate(
        staffed, tmp_path, make_rating("1", level=4, assessed_on="2026-11-01"),
        make_rating("1", level=1, assessed_on="2025-11-01", assessed_by="head of profession"),
    )  # fmt: skip
    assert _held(staffed)["1", "Programming"] == 1
    self_first = (AssessedBy.SELF, AssessedBy.LINE_MANAGER, AssessedBy.HEAD_OF_PROFESSION)
    outcome = staffed.assessments.choose_rules(RatingRules(self_first, None))
    assert _held(staffed)["1", "Programming"] == 4
    staffed.admin.revert(outcome.change.action_id)
    assert _held(staffed)["1", "Programming"] == 1
    staffed.assessments.choose_rules(RatingRules(expires_after_months=12))
    assert _held(staffed)["1", "Programming"] == 4
    assert all(result.is_good for result in staffed.admin.check())
    for wrong in (RatingRules((AssessedBy.SELF,)), RatingRules(expires_after_months=0)):
        with pytest.raises(UsageError):
            staffed.assessments.choose_rules(wrong)


def test_the_same_ratings_again_change_nothing_on_a_later_day_either(
    staffed: Workspace, tmp_path: Path
) -> None:
    file = write_rows(tmp_path / "r.csv", [make_rating("1", level=2), make_rating("2", level="at")])
    load_ratings(staffed, file)
    path = staffed.path
    assert path is not None
    staffed.close()
    before = path.read_bytes()
    with Workspace.open(path, clock=lambda: NOW + timedelta(days=40)) as later:
        assert load_ratings(later, file) is None
    assert path.read_bytes() == before


def test_a_rating_by_hand_counts_at_once_and_not_from_the_future(staffed: Workspace) -> None:
    person = staffed.people.table(Scope()).lines[0].person_id
    skill = staffed.frameworks.skills()["Programming"]
    assert staffed.assessments.set_level(person, skill, 3, AssessedBy.LINE_MANAGER).value == 3
    assert staffed.assessments.set_level(person, skill, 1, AssessedBy.SELF).value == 3
    assert _held(staffed)["1", "Programming"] == 3
    with pytest.raises(UsageError):
        staffed.assessments.set_level(person, skill, 1, AssessedBy.SELF, assessed_on=date(2027, 1, 1))
    with pytest.raises(ConflictError):
        staffed.assessments.set_level(999, skill, 1, AssessedBy.SELF)
    rebuilt = contents(staffed.path or Path())["current_level"]
    assert staffed.assessments.rebuild_all().value == len(rebuilt)
    assert contents(staffed.path or Path())["current_level"] == rebuilt


def test_ratings_previewed_twice_are_loaded_once(staffed: Workspace, tmp_path: Path) -> None:
    file = write_rows(tmp_path / "r.csv", [make_rating("1", level=2)])
    previews = [staffed.assessments.preview_import(file, ReadOptions(), silent()) for _ in range(2)]
    assert staffed.assessments.commit_import(previews[0], silent()) is not None
    with pytest.raises(ConflictError):
        staffed.assessments.commit_import(previews[1], silent())


def test_a_skill_of_no_framework_in_force_is_kept_and_in_no_figure(
    staffed: Workspace, tmp_path: Path
) -> None:
    _rate(staffed, tmp_path, make_rating("2", "Prototyping", 4))
    assert ("2", "Prototyping") not in _held(staffed)
    person = next(line.person_id for line in staffed.people.table(Scope()).lines if line.staff_id == "2")
    assert [line.skill for line in staffed.assessments.history(person)] == ["Prototyping"]


def test_courses_are_known_by_code_and_changed_in_place(ws: Workspace, tmp_path: Path) -> None:
    first = [make_course("C1"), make_course("C1", "Testing", from_level=1), make_course("C2", hours="7.5")]
    file = write_rows(tmp_path / "a.csv", first)
    assert (load_courses(ws, file).new, load_courses(ws, file)) == (2, None)
    better = {"title": "Better", "cost_per_person_gbp": "99.99"}
    changed = [make_course("C1", **better), make_course("C1", "Prototyping", **better),
               make_course("C2", hours="7.5"), make_course("C3", "Testing")]  # fmt: skip
    done = load_courses(ws, write_rows(tmp_path / "b.csv", changed))
    assert (done.new, done.changed, done.unchanged) == (1, 1, 1)
    courses = {course.code: course for course in ws.training.courses()}
    assert (courses["C1"].title, str(courses["C1"].cost_per_person)) == ("Better", "99.99")
    assert set(courses["C1"].outcomes) == {("Programming", 0, 2), ("Prototyping", 0, 2)}
    assert str(courses["C2"].hours) == "7.5"


def test_courses_previewed_twice_are_loaded_once(ws: Workspace, tmp_path: Path) -> None:
    file = write_rows(tmp_path / "a.csv", [make_course("C1")])
    previews = [ws.training.preview_courses(file, ReadOptions(), silent()) for _ in range(2)]
    assert ws.training.commit_courses(previews[0]) is not None
    with pytest.raises(ConflictError):
        ws.training.commit_courses(previews[1])


def test_the_bundled_catalogue_loads_once(furnished: Path) -> None:
    with Workspace.open(furnished, clock=clock) as ws:
        assert len(ws.training.courses()) >= 60
        required = {line.skill for line in ws.frameworks.show()}
        assert {skill for course in ws.training.courses() for skill, *_ in course.outcomes} <= required
