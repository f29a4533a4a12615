"""``plan compare|line|edit|status|rename|archive|delete``, ``plan make --around`` and ``assessments sign-off``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.builders import built_once, make_course, make_person, make_rating, write_rows
from tests.command_line import muster

PEOPLE = [
    make_person("1001", department="Home Office"),
    make_person("1002", department="HM Treasury"),
]
RATINGS = [
    make_rating("1001", "Programming", 0, assessed_on="2026-04-01"),
    make_rating("1001", "Data modelling", 0, assessed_on="2026-04-01"),
    make_rating("1002", "Programming", 0, assessed_on="2026-04-01"),
]
COURSES = [
    make_course("P", cost_per_person_gbp=100),
    make_course("P2", cost_per_person_gbp=150, hours=30),
    make_course("D", "Data modelling", cost_per_person_gbp=50),
]


def _made_ready(small: Path) -> None:
    for kind, rows in (("people", PEOPLE), ("assessments", RATINGS), ("courses", COURSES)):
        muster("import", kind, write_rows(small.parent / f"{kind}.csv", rows), on=small).ok()
    muster("plan", "--budget", 250, on=small).ok()


@pytest.fixture
def ready(small: Path) -> Path:
    return built_once(small, _made_ready)


def run(ready: Path, *words: object) -> Any:
    return muster(*words, "--format", "json", on=ready).ok().json


def lines(ready: Path, plan: int = 1) -> dict[tuple[str, str], tuple[str, str]]:
    return {(one["staff_id"], one["course_code"]): (one["quarter"], one["status"])
            for one in run(ready, "plan", "show", plan)["lines"]}  # fmt: skip


def test_a_line_is_changed_with_its_effect_and_undone(ready: Path) -> None:
    before = ready.read_bytes()
    seen = run(ready, "plan", "line", 1, "1001", "P", "--to-course", "P2", "--preview")
    assert (seen["is_written"], seen["conflicts"]) == (False, ["L&D budget is exceeded by £50.00"])
    assert ready.read_bytes() == before
    ran = muster("plan", "line", 1, "1001", "P", "--to-course", "P2", on=ready)
    assert ran.code == 1
    assert "exceeded by £50.00" in ran.err
    assert ready.read_bytes() == before
    done = run(ready, "plan", "line", 1, "1001", "P", "--to-course", "P2", "--quarter", "2027Q1", "--yes")
    assert (done["before"]["cost_gbp"], done["after"]["cost_gbp"]) == (250, 300)
    assert lines(ready)["1001", "P2"] == ("2027Q1", "proposed")
    history = run(ready, "history")
    assert history[0]["action"] == "Change training plan by hand"
    muster("revert", history[0]["id"], on=ready).ok()
    assert ("1001", "P") in lines(ready)


def test_lines_are_added_removed_and_locked(ready: Path) -> None:
    muster("plan", "line", 1, "1002", "P", "--do", "remove", on=ready).ok()
    assert ("1002", "P") not in lines(ready)
    muster(
        "plan",
        "line",
        1,
        "1002",
        "P",
        "--do",
        "add",
        "--quarter",
        "2027Q2",
        "--comment",
        "After leave",
        on=ready,
    ).ok()
    assert lines(ready)["1002", "P"] == ("2027Q2", "proposed")
    muster("plan", "line", 1, "1002", "P", "--do", "lock", on=ready).ok()
    muster("plan", "line", 1, "1001", "D", "--do", "forbid", on=ready).ok()
    kept = run(ready, "plan", "make", "--around", 1)
    assert {(one["staff_id"], one["course_code"], one["quarter"]) for one in kept["lines"]} >= {
        ("1002", "P", "2027Q2")
    }
    assert ("1001", "D") not in {(one["staff_id"], one["course_code"]) for one in kept["lines"]}


def test_many_changes_come_from_a_list_all_or_none(ready: Path) -> None:
    rows = [
        {"action": "Change", "staff_id": "1001", "course_code": "P", "quarter": "2027Q1"},
        {
            "action": "approved",
            "staff_id": "1002",
            "course_code": "P",
            "on": "2026-11-20",
            "comment": "By Jo",
        },
        {"action": "remove", "staff_id": "1001", "course_code": "D"},
    ]
    done = run(ready, "plan", "edit", 1, write_rows(ready.parent / "e.csv", rows))
    assert [one["change"] for one in done["lines"]] == ["changed", "removed"] or len(done["lines"]) == 2
    assert [(one["before"], one["after"], one["on"]) for one in done["statuses"]] == [
        ("proposed", "approved", "2026-11-20")
    ]
    assert lines(ready) == {
        ("1001", "P"): ("2027Q1", "proposed"),
        ("1002", "P"): (lines(ready)["1002", "P"][0], "approved"),
    }
    before = ready.read_bytes()
    bad = [*rows[:1], {"action": "remove", "staff_id": "1001", "course_code": "NOPE"}]
    ran = muster("plan", "edit", 1, write_rows(ready.parent / "bad.csv", bad), on=ready)
    assert ran.code == 1
    assert "1001 on NOPE: is not in the plan." in ran.err
    unclear = [{"action": "perhaps", "staff_id": "1001", "course_code": "P"}]
    ran = muster("plan", "edit", 1, write_rows(ready.parent / "unclear.csv", unclear), on=ready)
    assert ran.code == 1
    assert "row 2" in ran.err
    assert ready.read_bytes() == before


def test_statuses_in_bulk_completion_and_sign_off(ready: Path) -> None:
    for status in ("approved", "booked", "completed"):
        muster("plan", "status", 1, status, "--all", "--on", "2026-11-23", on=ready).ok()
    assert {status for _, status in lines(ready).values()} == {"completed"}
    held = {(one["staff_id"], one["skill"]): one["held"] for one in run(ready, "gaps", "--by", "person")}
    assert held["1001", "Programming"] == 0
    listed = run(ready, "assessments", "sign-off", "list")
    wanted = ("staff_id", "skill", "level_now", "level_proposed", "course_code")
    assert [tuple(one[name] for name in wanted) for one in listed] == [
        ("1001", "Data modelling", 0, 1, "D"), ("1001", "Programming", 0, 2, "P"), ("1002", "Programming", 0, 2, "P"),
    ]  # fmt: skip
    ran = muster(
        "assessments", "sign-off", "accept", listed[1]["proposal"], "--by", "head of profession", on=ready
    ).ok()
    assert ran.out == "Accepted: 1 rating by head of profession, 1 of them count now.\n"
    muster(
        "assessments",
        "sign-off",
        "reject",
        "--all",
        "--staff",
        "1002",
        "--comment",
        "Not shown yet",
        on=ready,
    ).ok()
    held = {(one["staff_id"], one["skill"]): one["held"] for one in run(ready, "gaps", "--by", "person")}
    assert (held["1001", "Programming"], held["1002", "Programming"]) == (2, 0)
    decided = run(ready, "assessments", "sign-off", "list", "--decided")
    assert sorted(one["status"] for one in decided) == ["accepted", "open", "rejected"]


def test_two_plans_are_compared_in_three_formats(ready: Path) -> None:
    muster("plan", "--budget", 100, on=ready).ok()
    found = run(ready, "plan", "compare", 1, 2)
    assert list(found) == ["first", "second", "figures", "pots", "departments", "people", "lines"]
    assert sum(one["cost_first_gbp"] for one in found["departments"]) == 250
    assert {one["change"] for one in found["lines"]} == {"only first"}
    rows = muster("plan", "compare", 1, 2, "--format", "csv", on=ready).ok().rows
    assert len(rows) == len(found["lines"])
    assert "lose some" in muster("plan", "compare", 1, 2, on=ready).ok().err


def test_plans_are_renamed_put_away_and_deleted(ready: Path) -> None:
    muster("plan", "rename", 1, "For the board", on=ready).ok()
    assert run(ready, "plan", "list")[0]["title"] == "For the board"
    muster("plan", "archive", 1, on=ready).ok()
    assert run(ready, "plan", "list") == []
    assert len(run(ready, "plan", "list", "--all")) == 1
    muster("plan", "archive", 1, "--undo", on=ready).ok()
    muster("plan", "delete", 1, on=ready).ok()
    assert run(ready, "plan", "list", "--all") == []


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("plan", "line", 9, "1001", "P", "--do", "remove"), 2),
        (("plan", "line", 1, "1001", "P"), 2),
        (("plan", "line", 1, "1001", "P", "--do", "dance"), 2),
        (("plan", "line", 1, "1001", "P", "--quarter", "soon"), 2),
        (("plan", "line", 1, "9", "P", "--do", "add", "--quarter", "2026Q4"), 1),
        (("plan", "status", 1, "approved"), 2),
        (("plan", "status", 1, "sort of", "--all"), 2),
        (("plan", "status", 1, "completed", "--all"), 1),
        (("plan", "status", 1, "approved", "--all", "--on", "2027-11-23"), 1),
        (("plan", "status", 1, "approved", "--staff", "9"), 2),
        (("plan", "compare", 1, 9), 2),
        (("plan", "rename", 1, " "), 2),
        (("plan", "make", "--around", 9), 2),
        (("assessments", "sign-off", "accept"), 2),
        (("assessments", "sign-off", "accept", 9), 2),
        (("assessments", "sign-off", "accept", "--all"), 2),
        (("assessments", "sign-off", "accept", 1, "--by", "the cat"), 2),
    ],
)
def test_what_cannot_be_done_is_said_and_nothing_is_written(
    ready: Path, words: tuple[object, ...], code: int
) -> None:
    before = ready.read_bytes()
    ran = muster(*words, on=ready)
    assert ran.code == code, ran.err
    assert ran.err
    assert ready.read_bytes() == before
