"""History, revert, backups, restore and check through the command line."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from app.db.migrations import SCHEMA_NUMBER
from tests.builders import (
    built_once,
    contents,
    make_course,
    make_framework,
    make_people,
    make_person,
    make_rating,
    write_rows,
)
from tests.command_line import muster

PEOPLE = [
    make_person("1001"),
    make_person("1002", unit="Data"),
    make_person("1003", role_level="", job_title="Clerk"),
]
RATINGS = [
    make_rating("1001", level=0),
    make_rating("1002", level=1),
    make_rating("1002", "Data modelling", 1),
]


def _load(path: Path, kind: str, rows: list[dict[str, object]]) -> None:
    file = path.parent / f"{kind}-{len(rows)}.csv"
    muster("import", kind, write_rows(file, rows), on=path).ok()


def _made_filled(small: Path) -> None:
    _load(small, "people", PEOPLE)
    _load(small, "assessments", RATINGS)
    _load(small, "courses", [make_course()])


@pytest.fixture
def filled(small: Path) -> Path:
    return built_once(small, _made_filled)


def _first_people(path: Path) -> None:
    _load(path, "people", [*PEOPLE, make_person("2001", department="HM Treasury", unit="Spending", team="A")])


def _next_month(path: Path) -> None:
    moved = [
        make_person("1001", grade="SEO", role_level="Senior data engineer"),
        make_person("1002", name="New"),
    ]
    file = write_rows(path.parent / "next.csv", [*moved, make_person("1004")])
    muster("import", "people", file, "--mark-leavers", "--yes", "--as-at", "2026-12-01", on=path).ok()


def _more_ratings(path: Path) -> None:
    _load(path, "assessments", [make_rating("1001", level=4, assessed_on="2026-11-01", assessed_by="line manager"),
                                make_rating("1002", level=3)])  # fmt: skip


def _courses(path: Path) -> None:
    _load(path, "courses", [make_course("C1", hours=12, to_level=1), make_course("C2", "Testing")])


def _framework(path: Path) -> None:
    roles = {("Data", "Data engineer"): [("Data engineer", {"Programming": 4, "New skill": 1})]}
    file = make_framework(path.parent / "other.csv", roles)
    muster("import", "framework", file, "--label", "Other", on=path).ok()


def _use(path: Path) -> None:
    muster("frameworks", "use", "Other", on=path).ok()


def _plan(path: Path) -> None:
    muster("plan", "--budget", "1000", on=path).ok()


def _agree(path: Path) -> None:
    muster("plan", "agree", "1", on=path).ok()


def _roles(path: Path) -> None:
    muster("roles", "accept", "--min-score", "0", "--not-digital", on=path).ok()


ACTIONS: list[tuple[str, Callable[[Path], None], list[Callable[[Path], None]]]] = [
    ("people", _first_people, []),
    ("next month's people with leavers", _next_month, []),
    ("assessments", _more_ratings, []),
    ("courses", _courses, []),
    ("framework", _framework, []),
    ("framework made current", _use, [_framework]),
    ("plan", _plan, []),
    ("second plan", _plan, [_plan]),
    ("agreed plan", _agree, [_plan]),
    ("roles", _roles, []),
]


@pytest.mark.parametrize(("act", "before"), [row[1:] for row in ACTIONS], ids=[row[0] for row in ACTIONS])
def test_after_a_revert_everything_is_as_it_was(
    filled: Path, act: Callable[[Path], None], before: list[Callable[[Path], None]]
) -> None:
    for step in before:
        step(filled)
    held, figures = contents(filled), muster("gaps", "--by", "person", "--format", "csv", on=filled).ok().out
    act(filled)
    assert contents(filled) != held
    newest = muster("history", "--limit", 1, "--format", "json", on=filled).ok().json[0]
    muster("revert", newest["id"], on=filled).ok()
    assert contents(filled) == held
    assert muster("gaps", "--by", "person", "--format", "csv", on=filled).ok().out == figures
    muster("check", on=filled).ok()


def test_everything_can_be_reverted_in_turn_down_to_the_empty_workspace(filled: Path) -> None:
    for act in (_next_month, _more_ratings, _courses, _framework, _plan, _agree, _roles):
        act(filled)
    ids = [row["id"] for row in muster("history", "--format", "json", on=filled).ok().json]
    for action in ids:
        muster("revert", action, on=filled).ok()
    left = {table: rows for table, rows in contents(filled).items() if rows and table != "alembic_version"}
    assert left == {}
    muster("check", on=filled).ok()


def test_an_action_with_later_changes_to_its_rows_is_not_reverted(filled: Path) -> None:
    first = muster("history", "--format", "json", on=filled).json
    people = next(row["id"] for row in first if row["action"] == "Import HR extract")
    before = filled.read_bytes()
    ran = muster("revert", people, on=filled)
    assert ran.code == 3
    assert "Revert the later action first" in ran.err
    assert filled.read_bytes() == before


def test_a_revert_is_not_reverted_and_not_done_twice(filled: Path) -> None:
    muster("revert", 4, on=filled).ok()
    again, back = muster("revert", 4, on=filled), muster("revert", 5, on=filled)
    assert (again.code, back.code) == (3, 2)
    assert "already" in again.err
    assert "cannot be reverted" in back.err


@pytest.mark.parametrize("number", [0, -1, 5, 6, 99])
def test_an_action_that_does_not_exist_cannot_be_reverted(filled: Path, number: int) -> None:
    before = contents(filled)
    ran = muster("revert", "--", number, on=filled)
    assert ran.code == 2
    assert "history" in ran.err
    assert contents(filled) == before


def test_history_names_who_did_what_to_which_file(filled: Path) -> None:
    rows = muster("history", "--format", "json", on=filled).ok().json
    assert [row["action"] for row in rows] == [
        "Load courses", "Load assessments", "Import HR extract", "Load framework",
    ]  # fmt: skip
    assert {row["user"] for row in rows} == {"tester"}
    assert "people-3.csv" in rows[2]["details"]
    assert not any(row["reverted"] for row in rows)
    muster("revert", rows[0]["id"], on=filled).ok()
    assert [row["reverted"] for row in muster("history", "--format", "json", on=filled).json][:2] == [
        False,
        True,
    ]


def test_a_backup_is_restored_and_the_present_file_kept(filled: Path) -> None:
    held = contents(filled)
    muster("backup", on=filled).ok()
    _more_ratings(filled)
    changed = contents(filled)
    ran = muster("restore", on=filled).ok()
    assert contents(filled) == held
    kept = Path(ran.err.split("kept as ")[1].strip().rstrip("."))
    assert contents(kept) == changed
    muster("check", on=filled).ok()


def test_a_named_backup_is_restored(filled: Path) -> None:
    made = muster("backup", on=filled).ok().out.removeprefix("Backup: ").strip()
    held = contents(filled)
    _more_ratings(filled)
    muster("restore", made, on=filled).ok()
    assert contents(filled) == held


def test_without_any_backup_nothing_is_restored(small: Path) -> None:
    ran = muster("restore", on=small)
    assert ran.code == 3
    assert "no good backup" in ran.err


def test_a_file_that_is_no_backup_is_not_put_in_place(filled: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.txt"
    other.write_text("not a workspace", encoding="utf-8")
    before = filled.read_bytes()
    assert muster("restore", other, on=filled).code == 3
    assert muster("restore", tmp_path / "absent.muster", on=filled).code in (2, 3)
    assert filled.read_bytes() == before


def test_check_finds_a_current_level_that_differs_from_the_history(filled: Path) -> None:
    muster("check", on=filled).ok()
    with closing(sqlite3.connect(filled)) as connection, connection:
        connection.execute("UPDATE current_level SET level = 4 WHERE person_id = 1")
    ran = muster("check", "--format", "json", on=filled)
    assert ran.code == 3
    assert [row["check"] for row in ran.json if not row["good"]] == ["current levels", "packed copies"]


def test_check_finds_a_history_that_was_tampered_with(filled: Path) -> None:
    with closing(sqlite3.connect(filled)) as connection, connection:
        connection.execute("UPDATE action_entry SET user = 'somebody else' WHERE id = 2")
    ran = muster("check", "--format", "json", on=filled)
    assert [row["check"] for row in ran.json if not row["good"]] == ["history"]


def test_a_newer_workspace_is_shown_but_not_changed(filled: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(filled)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '0999'")
        connection.execute(f"PRAGMA user_version = {SCHEMA_NUMBER + 1}")
    before = filled.read_bytes()
    shown = muster("gaps", on=filled).ok()
    assert "newer version of Muster" in shown.err
    ran = muster("import", "people", make_people(tmp_path / "p.csv", [make_person("9")]), on=filled)
    assert ran.code == 3
    assert "newer version of Muster" in ran.err
    assert filled.read_bytes() == before


@pytest.mark.skipif(
    os.name == "nt" or os.geteuid() == 0, reason="the administrator may write to read-only files"
)
def test_a_read_only_workspace_is_read_and_not_changed(filled: Path, tmp_path: Path) -> None:
    filled.chmod(0o400)
    muster("gaps", on=filled).ok()
    assert (
        muster("import", "people", make_people(tmp_path / "p.csv", [make_person("9")]), on=filled).code == 3
    )


def test_a_damaged_or_foreign_file_is_refused_in_a_sentence(tmp_path: Path) -> None:
    for content in (b"", b"hello", b"SQLite format 3\x00" + b"\xff" * 5000):
        path = tmp_path / f"bad{len(content)}.muster"
        path.write_bytes(content)
        ran = muster("gaps", on=path)
        assert ran.code == 3, content[:20]
        assert "Traceback" not in ran.err
        assert path.read_bytes() == content
