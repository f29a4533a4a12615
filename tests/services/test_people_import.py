"""HR extracts: new, changed and gone people, units as a tree, spells, values kept as they were written."""

from __future__ import annotations

import random
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from app.errors import ConflictError, InputProblems
from app.files.options import ReadOptions
from app.progress import silent
from app.services.scope import Scope
from app.services.text_columns import CodedText
from app.workspace import Workspace
from tests.builders import contents, load_people, make_people, make_person, write_rows
from tests.command_line import muster

FIRST = [make_person("1001"), make_person("1002", unit="Data"), make_person("1003", department="HM Treasury")]


def _file(small: Path, people: list[dict[str, Any]], name: str = "p.csv") -> Path:
    return make_people(small.parent / name, people)


def _lines(ws: Workspace, day: date | None = None, *, all_of_them: bool = False) -> dict[str, Any]:
    return {line.staff_id: line for line in ws.people.table(Scope(as_at=day), with_absent=all_of_them).lines}


def test_the_preview_says_what_is_new_changed_gone_and_writes_nothing(small: Path) -> None:
    muster("import", "people", _file(small, FIRST), on=small).ok()
    later = [
        make_person("1001", grade="SEO"),
        make_person("1004", unit="Design"),
        make_person("1003", department="HM Treasury"),
    ]
    file = _file(small, later, "next.csv")
    before = small.read_bytes()
    ran = muster("import", "people", file, "--preview", on=small).ok()
    assert "add 1 people, change 1 and leave 1" in ran.out
    assert "1 people of these departments are not in the file" in ran.out
    assert "new unit: Home Office / Design" in ran.err
    assert "change: 1001 grade: HEO → SEO" in ran.err
    assert small.read_bytes() == before


def test_next_months_file_updates_and_never_duplicates(small: Path) -> None:
    muster("import", "people", _file(small, FIRST), on=small).ok()
    later = [make_person("1001", grade="SEO"), *FIRST[1:], make_person("1004")]
    ran = muster("import", "people", _file(small, later, "next.csv"), "--as-at", "2026-12-01", on=small).ok()
    assert "1 new, 1 changed, 2 unchanged" in ran.out
    held = contents(small)
    assert len(held["person"]) == 4
    assert len(held["person_spell"]) == 5


def test_the_same_file_again_changes_nothing(small: Path) -> None:
    file = _file(small, FIRST)
    muster("import", "people", file, on=small).ok()
    before = small.read_bytes()
    for _ in range(2):
        assert "Nothing to change" in muster("import", "people", file, on=small).ok().out
        assert (
            "Nothing to change"
            in muster("import", "people", file, "--as-at", "2027-03-01", on=small).ok().out
        )
    assert small.read_bytes() == before


def test_columns_absent_from_the_file_keep_their_values(ws: Workspace, tmp_path: Path) -> None:
    full = make_person("1", email="a@b.uk", unit="Data", fte="0.6", employment="contractor", status="absent",
                       location="Leeds", start_date="2020-01-02", end_date="2030-01-02", manager_id="9",
                       profession="Digital")  # fmt: skip
    load_people(ws, make_people(tmp_path / "a.csv", [full]))
    before = contents(ws.path or tmp_path)
    short = {"staff_id": "1", "job_title": "Data engineer", "department": "Home Office"}
    assert load_people(ws, write_rows(tmp_path / "b.csv", [short])) is None
    assert contents(ws.path or tmp_path) == before
    load_people(ws, write_rows(tmp_path / "c.csv", [short | {"grade": "G7"}]))
    line = _lines(ws, all_of_them=True)["1"]
    assert (line.grade, line.unit, line.fte, line.employment, line.status, line.location) == (
        "G7", "Home Office / Data", 0.6, "contractor", "absent", "Leeds",
    )  # fmt: skip


def test_a_new_department_without_unit_columns_moves_the_person(ws: Workspace, tmp_path: Path) -> None:
    load_people(ws, make_people(tmp_path / "a.csv", [make_person("1", unit="Data")]))
    moved = {"staff_id": "1", "job_title": "Data engineer", "department": "HM Treasury"}
    load_people(ws, write_rows(tmp_path / "b.csv", [moved]))
    assert _lines(ws)["1"].unit == "HM Treasury"


ODD = [
    "=1+1",
    "@SUM(A1)",
    "-dash",
    "O’Brien, “Bé” Ñ",
    "李 小龍",
    "a\u2028b",
    "two\nlines",
    "x" * 300,
    "0012",
    "1e5",
    "TRUE",
]


def test_names_grades_and_odd_values_survive_unchanged(small: Path) -> None:
    people = [
        make_person(f"S-{number:03d}", name=name, grade=name[:40], unit=f"Unit {number}")
        for number, name in enumerate(ODD)
    ]
    muster("import", "people", _file(small, people), on=small).ok()
    rows = muster("gaps", "--by", "person", "--format", "json", on=small).ok().json
    found = {row["staff_id"]: (row["name"], row["grade"]) for row in rows}
    assert found == {f"S-{number:03d}": (name, name[:40]) for number, name in enumerate(ODD)}


def test_leading_zeros_of_staff_numbers_are_kept(ws: Workspace, tmp_path: Path) -> None:
    load_people(ws, make_people(tmp_path / "a.csv", [make_person("007"), make_person("0012")]))
    assert set(_lines(ws)) == {"007", "0012"}


def test_units_are_a_tree_and_known_by_their_path(ws: Workspace, tmp_path: Path) -> None:
    people = [
        make_person("1", department="Home Office", directorate="Delivery", unit="Unit 3"),
        make_person("2", department="HM Treasury", directorate="Delivery", unit="Unit 3"),
        make_person("3", department="home office", directorate="DELIVERY", unit="Unit 3", team="Red"),
    ]
    load_people(ws, make_people(tmp_path / "a.csv", people))
    units = {unit.path: unit for unit in ws.people.units()}
    assert sorted(units) == [
        "HM Treasury", "HM Treasury / Delivery", "HM Treasury / Delivery / Unit 3", "Home Office",
        "Home Office / Delivery", "Home Office / Delivery / Unit 3", "Home Office / Delivery / Unit 3 / Red",
    ]  # fmt: skip
    red = units["Home Office / Delivery / Unit 3 / Red"]
    assert red.parent_id == units["Home Office / Delivery / Unit 3"].unit_id
    assert red.department_id == units["Home Office"].unit_id
    ran = muster("gaps", "--department", "Unit 3", on=ws.path)
    assert ran.code == 2
    assert "HM Treasury / Delivery / Unit 3; Home Office / Delivery / Unit 3" in ran.err


def test_a_change_begins_a_spell_and_earlier_days_stay_as_they_were(ws: Workspace, tmp_path: Path) -> None:
    load_people(ws, make_people(tmp_path / "a.csv", [make_person("1", unit="Data")]), date(2026, 1, 1))
    later = [make_person("1", unit="Design", grade="G7", role_level="Senior data engineer")]
    load_people(ws, make_people(tmp_path / "b.csv", later), date(2026, 6, 1))
    assert _lines(ws, date(2025, 12, 31)) == {}
    for day, unit, level in (
        (date(2026, 1, 1), "Home Office / Data", "Data engineer"),
        (date(2026, 5, 31), "Home Office / Data", "Data engineer"),
        (date(2026, 6, 1), "Home Office / Design", "Senior data engineer"),
        (date(2026, 11, 1), "Home Office / Design", "Senior data engineer"),
    ):
        line = _lines(ws, day)["1"]
        assert (line.unit, line.role_level) == (unit, level)
    profile = ws.people.profile(_lines(ws)["1"].person_id)
    assert [(spell.valid_from, spell.valid_to) for spell in profile.spells] == [
        (date(2026, 6, 1), None), (date(2026, 1, 1), date(2026, 6, 1)),
    ]  # fmt: skip


@pytest.mark.parametrize("status", ["absent", "on loan", "on notice", "left"])
def test_people_who_are_not_there_are_in_no_figure(ws: Workspace, tmp_path: Path, status: str) -> None:
    load_people(ws, make_people(tmp_path / "a.csv", [make_person("1"), make_person("2", status=status)]))
    assert set(_lines(ws)) == {"1"}
    assert set(_lines(ws, all_of_them=True)) == {"1", "2"}


def test_the_last_day_still_counts_and_the_next_does_not(ws: Workspace, tmp_path: Path) -> None:
    people = [make_person("1", start_date="2020-01-01", end_date="2026-11-23")]
    load_people(ws, make_people(tmp_path / "a.csv", people), date(2026, 1, 1))
    assert set(_lines(ws, date(2026, 11, 23))) == {"1"}
    assert _lines(ws, date(2026, 11, 24)) == {}


def test_leavers_end_only_within_the_departments_of_the_file(small: Path) -> None:
    people = [
        *(make_person(str(number)) for number in range(1, 21)),
        make_person("50", department="HM Treasury"),
    ]
    muster("import", "people", _file(small, people), "--as-at", "2026-01-01", on=small).ok()
    file = _file(small, people[:18], "next.csv")
    ran = muster("import", "people", file, "--mark-leavers", "--as-at", "2026-06-01", on=small).ok()
    assert "2 leavers ended" in ran.out
    rows = muster("gaps", "--by", "person", "--format", "json", on=small).ok().json
    assert {row["staff_id"] for row in rows} == {str(number) for number in range(1, 19)} | {"50"}
    past = muster("gaps", "--by", "person", "--as-at", "2026-05-31", "--format", "json", on=small).ok().json
    assert {"19", "20"} <= {row["staff_id"] for row in past}
    again = muster("import", "people", file, "--mark-leavers", "--as-at", "2026-07-01", on=small).ok()
    assert "Nothing to change" in again.out


def test_many_leavers_are_asked_about_first(small: Path) -> None:
    people = [make_person(str(number)) for number in range(1, 11)]
    muster("import", "people", _file(small, people), on=small).ok()
    file = _file(small, people[:8], "next.csv")
    before = small.read_bytes()
    ran = muster("import", "people", file, "--mark-leavers", on=small)
    assert ran.code == 2
    assert "2 people (20%" in ran.err
    assert "--yes" in ran.err
    assert small.read_bytes() == before
    assert "2 leavers ended" in muster("import", "people", file, "--mark-leavers", "--yes", on=small).ok().out


def test_nobody_on_a_row_that_is_left_out_is_taken_for_a_leaver(small: Path) -> None:
    people = [make_person(str(number), fte="1") for number in range(1, 31)]
    muster("import", "people", _file(small, people), on=small).ok()
    mistyped = [people[0] | {"fte": "0.5"}, people[1] | {"fte": "lots"}, people[2] | {"job_title": ""}]
    file = _file(small, [*mistyped, *people[3:29]], "next.csv")
    ran = muster("import", "people", file, "--skip-bad-rows", "--mark-leavers", on=small).ok()
    assert "1 leavers ended" in ran.out
    assert "change: 1 fte: 1.00 → 0.50" in ran.err
    assert len(_everybody(small)) == 29


def _everybody(small: Path) -> set[str]:
    # Leavers' last day is the day of the file, so they are looked for on a later one.
    rows = muster("gaps", "--by", "person", "--as-at", "2099-01-01", "--format", "json", on=small).ok().json
    return {row["staff_id"] for row in rows}


def test_without_the_option_nobody_leaves(small: Path) -> None:
    muster("import", "people", _file(small, FIRST), on=small).ok()
    ran = muster("import", "people", _file(small, FIRST[:1], "next.csv"), on=small).ok()
    assert "Nothing to change" in ran.out


def test_somebody_who_left_and_comes_back_counts_again(ws: Workspace, tmp_path: Path) -> None:
    both, one = [make_person("1"), make_person("2")], [make_person("1")]
    load_people(ws, make_people(tmp_path / "a.csv", both), date(2026, 1, 1))
    load_people(ws, make_people(tmp_path / "b.csv", one), date(2026, 3, 1), mark_leavers=True)
    assert set(_lines(ws)) == {"1"}
    load_people(ws, make_people(tmp_path / "c.csv", both), date(2026, 9, 1))
    assert set(_lines(ws)) == {"1", "2"}
    assert set(_lines(ws, date(2026, 5, 1))) == {"1"}
    assert set(_lines(ws, date(2026, 2, 28))) == {"1", "2"}
    assert _lines(ws)["2"].role_level == "Data engineer"


def test_a_preview_is_refused_when_the_data_moved_meanwhile(ws: Workspace, tmp_path: Path) -> None:
    preview = ws.people.preview_import(make_people(tmp_path / "a.csv", FIRST), ReadOptions(), silent())
    load_people(ws, make_people(tmp_path / "b.csv", [make_person("9")]))
    before = contents(ws.path or tmp_path)
    with pytest.raises(ConflictError, match="changed since the preview"):
        ws.people.commit_import(preview, silent())
    assert contents(ws.path or tmp_path) == before


def test_bad_rows_are_refused_by_the_service_too(ws: Workspace, tmp_path: Path) -> None:
    file = make_people(tmp_path / "a.csv", [make_person("1"), make_person("1", name="Other")])
    preview = ws.people.preview_import(file, ReadOptions(), silent())
    with pytest.raises(InputProblems):
        ws.people.commit_import(preview, silent())
    assert ws.people.table(Scope()).lines == ()


def test_a_role_the_framework_does_not_have_is_noted_and_the_person_loaded(small: Path) -> None:
    people = [make_person("1", role_level="Wizard"), make_person("2", role="Data engineer", role_level="")]
    ran = muster("import", "people", _file(small, people), on=small).ok()
    assert "row 2" in ran.err
    assert "no such role level" in ran.err
    assert "several levels" in ran.err
    assert "0 came with a role" in ran.out
    assert "2 people have no role yet" in muster("gaps", on=small).ok().err


def test_a_role_confirmed_here_is_not_replaced_by_a_file(ws: Workspace, tmp_path: Path) -> None:
    load_people(
        ws,
        make_people(tmp_path / "a.csv", [make_person("1", role_level="", job_title="Senior data engineer")]),
    )
    board = ws.roles.board(Scope())
    ws.roles.accept_title(board.groups[0], ws.roles.choice_for(board.groups[0].best))
    assert _lines(ws)["1"].role_level == "Senior data engineer"
    changed = make_person("1", role_level="Data engineer", job_title="Senior data engineer")
    load_people(ws, make_people(tmp_path / "b.csv", [changed]), date(2026, 12, 1))
    assert _lines(ws, date(2026, 12, 2))["1"].role_level == "Senior data engineer"


def test_headings_are_matched_by_synonym_and_by_hand(small: Path) -> None:
    row = {
        "Payroll number": "1",
        "Post Title": "Data engineer",
        "Ministry": "Home Office",
        "What they earn": "99",
        "Rung": "EO",
    }
    file = write_rows(small.parent / "p.csv", [row])
    ran = muster("import", "people", file, "--map", "Rung=grade", on=small).ok()
    assert "Payroll number → staff_id" in ran.err
    assert "not read: What they earn" in ran.err
    with Workspace.open(small, read_only=True) as ws:
        assert _lines(ws)["1"].grade == "EO"
    assert muster("import", "people", file, "--map", "Rung", on=small).code == 2


def test_an_older_extract_does_not_write_over_what_a_later_one_said(ws: Workspace, tmp_path: Path) -> None:
    first = make_people(tmp_path / "september.csv", [make_person(grade="HEO")])
    later = make_people(tmp_path / "november.csv", [make_person(grade="G7")])
    between = make_people(tmp_path / "october.csv", [make_person(grade="SEO"), make_person("1002")])
    load_people(ws, first, date(2026, 9, 1))
    load_people(ws, later, date(2026, 11, 1))
    preview = ws.people.preview_import(between, ReadOptions(), silent(), date(2026, 10, 1))
    assert [problem.row for problem in preview.errors] == [2]
    assert "2026-11-01" in preview.errors[0].what
    ws.people.commit_import(preview, silent(), skip_bad_rows=True)
    _, population = ws.people._population.get(date(2026, 11, 15))
    assert dict(zip(population.staff_id, population.grade, strict=True)) == {"1001": "G7", "1002": "HEO"}


def test_columns_of_the_list_are_those_of_its_lines(ws: Workspace, tmp_path: Path) -> None:
    rng = random.Random(3)
    people = [
        make_person(
            str(number), name=rng.choice(("Åsa", "Ben", "Cy")) + str(number), fte=rng.choice((1, 0.6)),
            department=rng.choice(("Home Office", "HM Treasury")), unit=rng.choice(("", "Data", "Data / Team A")),
            grade=rng.choice(("SEO", "G7", "")), role_level=rng.choice(("Data engineer", "Service designer", "")),
            status=rng.choice(("active", "active", "on loan")), location=rng.choice(("Leeds", "")),
        )
        for number in range(60)
    ]  # fmt: skip
    load_people(ws, make_people(tmp_path / "people.csv", people))
    for scope in (Scope(), Scope(departments=("Home Office",)), Scope(role_family="Data")):
        for with_absent in (False, True):
            lines = ws.people.table(scope, with_absent=with_absent).lines
            columns = lines.columns()
            assert len(lines) == len(list(lines)) > 0
            for name, column in columns.items():
                assert [getattr(line, name) for line in lines] == list(column), name
                assert not isinstance(column, CodedText) or len(set(column.words)) == len(column.words)
            assert [lines[at] for at in range(len(lines))] == list(lines) == lines[:]
