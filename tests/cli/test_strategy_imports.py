"""``import strategy``, ``import contracts``: preview, load, load again, bad rows, revert; what weights change."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from app.files.options import ReadOptions
from app.files.sample_strategy import write_sample_strategy
from app.progress import silent
from app.workspace import Workspace
from tests.builders import (
    USER,
    clock,
    contents,
    load_courses,
    load_people,
    load_ratings,
    make_course,
    make_people,
    make_rating,
    write_rows,
)
from tests.command_line import muster

ROW = {
    "area": "Better use of data", "priority": "Registers", "target_date": "2027-03-31", "programme": "",
    "department": "", "role_level": "", "skill": "", "fte": "", "from_quarter": "", "to_quarter": "", "weight": "",
}  # fmt: skip
CONTRACT = {
    "supplier": "Acme", "service": "Hosting", "end_date": "2027-03-31", "role_level": "Data engineer", "fte": "4",
    "department": "Home Office", "value_gbp": "1200000", "day_rate_gbp": "650", "retained_pct": "75",
}  # fmt: skip


def _strategy(folder: Path, *rows: dict[str, Any], name: str = "strategy.csv") -> Path:
    return write_rows(folder / name, [ROW | row for row in rows])


@pytest.fixture
def office(small: Path) -> Path:
    """The small workspace with three data engineers of the Home Office, each short in both skills."""
    with Workspace.open(small, user=USER, clock=clock) as ws:
        load_people(ws, make_people(small.parent / "people.csv"))
        staff = ("1001", "1002", "1003")
        ratings = [make_rating(one, skill, 0) for one in staff for skill in ("Programming", "Data modelling")]
        load_ratings(ws, write_rows(small.parent / "ratings.csv", ratings))
        courses = [make_course("P1", "Programming"), make_course("D1", "Data modelling", to_level=1)]
        load_courses(ws, write_rows(small.parent / "courses.csv", courses))
    return small


def test_a_strategy_is_previewed_loaded_and_known_again(office: Path, tmp_path: Path) -> None:
    file = _strategy(
        tmp_path,
        {"skill": "Programming", "weight": 2},
        {"programme": "Case working", "department": "Home Office", "role_level": "Data engineer", "fte": 3,
         "from_quarter": "2026Q4", "to_quarter": "2027Q3"},
    )  # fmt: skip
    before = office.read_bytes()
    shown = muster("import", "strategy", file, "--preview", on=office).ok()
    assert "Would add 1 priority and 2 needs" in shown.out
    assert office.read_bytes() == before
    assert (
        "1 new priority, 1 new programme, 2 new needs"
        in muster("import", "strategy", file, on=office).ok().out
    )
    held = contents(office)
    again = muster("import", "strategy", file, on=office).ok()
    assert again.out.startswith("Nothing to change")
    assert contents(office) == held


def test_a_newer_file_changes_its_priorities_and_leaves_others(office: Path, tmp_path: Path) -> None:
    muster(
        "import", "strategy", _strategy(tmp_path, {"skill": "Programming"}, {"priority": "Kept"}), on=office
    ).ok()
    newer = _strategy(
        tmp_path, {"skill": "Data modelling", "target_date": "2027-06-30", "weight": 3}, name="newer.csv"
    )
    shown = muster("import", "strategy", newer, "--preview", on=office).ok()
    assert "change: Registers, target date: 2027-03-31 → 2027-06-30" in shown.err
    assert "gone: Registers: Programming" in shown.err
    ran = muster("import", "strategy", newer, on=office).ok()
    assert "1 new need, 2 changed, 0 unchanged, 1 gone" in ran.out
    assert {row[2]: row[4] for row in contents(office)["priority"]} == {
        "Registers": "2027-06-30",
        "Kept": "2027-03-31",
    }


def test_bad_rows_stop_a_strategy_or_are_left_out(office: Path, tmp_path: Path) -> None:
    file = _strategy(tmp_path, {"skill": "Programming"}, {"skill": "Magic"})
    before = office.read_bytes()
    ran = muster("import", "strategy", file, on=office)
    assert ran.code == 1
    assert (
        "strategy.csv, row 3, column skill: This skill is not in any framework loaded ('Magic')." in ran.err
    )
    assert office.read_bytes() == before
    ran = muster("import", "strategy", file, "--skip-bad-rows", on=office).ok()
    assert "1 new need" in ran.out
    assert "Skipped 1 row." in ran.out


def test_a_heading_is_mapped(office: Path, tmp_path: Path) -> None:
    row = {"area": "A", "What we want": "P", "target_date": "2027-03-31"}
    file = write_rows(tmp_path / "odd.csv", [row])
    assert muster("import", "strategy", file, on=office).code == 1
    ran = muster("import", "strategy", file, "--map", "What we want=priority", on=office).ok()
    assert "1 new priority" in ran.out


def test_a_load_is_reverted_whole(office: Path, tmp_path: Path) -> None:
    before = contents(office)
    file = _strategy(tmp_path, {"skill": "Programming", "programme": "Case working", "weight": 2})
    muster("import", "strategy", file, on=office).ok()
    muster("import", "contracts", write_rows(tmp_path / "contracts.csv", [CONTRACT]), on=office).ok()
    lines = muster("history", "--format", "json", on=office).ok().json
    for action in ("Load contracts", "Load strategy"):
        muster("revert", next(row["id"] for row in lines if row["action"] == action), on=office).ok()
    assert contents(office) == before


def test_weights_of_the_strategy_reach_gaps_and_plans(office: Path, tmp_path: Path) -> None:
    def weights() -> dict[str, float]:
        return {
            row["skill"]: row["weight"] for row in muster("gaps", "--format", "json", on=office).ok().json
        }

    def planned() -> set[tuple[str, float]]:
        made = muster("plan", "--budget", 100, "--quarters", 1, "--format", "json", on=office).ok().json
        return {(line["skill"], line["weight"]) for line in made["lines"]}

    assert weights() == {"Data modelling": 1.0, "Programming": 1.0}
    assert planned() == {("Programming", 1.0)}
    muster(
        "import", "strategy", _strategy(tmp_path, {"skill": "Data modelling", "weight": 5}), on=office
    ).ok()
    assert weights() == {"Data modelling": 5.0, "Programming": 1.0}
    assert planned() == {("Data modelling", 5.0)}
    muster("skills", "set-weight", "4", "Data modelling", on=office).ok()
    assert weights()["Data modelling"] == 10.0


def test_an_open_workspace_sees_new_weights_at_once(office: Path, tmp_path: Path) -> None:
    with Workspace.open(office, user=USER, clock=clock) as ws:
        assert set(ws.gaps.base(None).weights) == {1.0}
        file = _strategy(tmp_path, {"role_level": "Data engineer", "weight": 0.5})
        ws.strategy.commit_import(ws.strategy.preview_import(file, ReadOptions(), silent()))
        assert set(ws.gaps.base(None).weights) == {0.5}


def test_contracts_are_loaded_listed_and_known_again(office: Path, tmp_path: Path) -> None:
    file = write_rows(
        tmp_path / "contracts.csv", [CONTRACT, CONTRACT | {"role_level": "Service designer", "fte": 1}]
    )
    assert "Would add 1 contract" in muster("import", "contracts", file, "--preview", on=office).ok().out
    assert "1 new contract" in muster("import", "contracts", file, on=office).ok().out
    assert "Nothing to change" in muster("import", "contracts", file, on=office).ok().out
    listed = muster("contracts", "list", "--format", "json", on=office).ok().json
    assert [(row["role_level"], row["fte"], row["value_gbp"]) for row in listed] == [
        ("Data engineer", 4.0, 1_200_000.0),
        ("Service designer", 1.0, None),
    ]
    newer = write_rows(tmp_path / "newer.csv", [CONTRACT | {"fte": 5}])
    ran = muster("import", "contracts", newer, on=office).ok()
    assert "0 new contracts, 1 changed" in ran.out
    assert [row["fte"] for row in muster("contracts", "list", "--format", "json", on=office).ok().json] == [
        5.0
    ]


def test_the_samples_strategy_and_contracts_are_loaded_without_a_problem(
    furnished: Path, tmp_path: Path
) -> None:
    files = write_sample_strategy(tmp_path, 1_200, date(2026, 11, 23))
    first = [path.read_bytes() for path in files]
    assert [path.read_bytes() for path in write_sample_strategy(tmp_path, 1_200, date(2026, 11, 23))] == first
    loaded = muster("import", "strategy", files[0], on=furnished).ok()
    assert "8 new priorities" in loaded.out
    assert "problem" not in loaded.err
    loaded = muster("import", "contracts", files[1], on=furnished).ok()
    assert "2 new contracts" in loaded.out
    assert "problem" not in loaded.err
