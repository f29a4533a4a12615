"""``contracts cover`` and the readiness annex: cover counted twice, percentages equal their counts, months add up."""

from __future__ import annotations

import random
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from app.workspace import Workspace
from tests.builders import (
    ROLES,
    USER,
    clock,
    copied,
    load_people,
    load_ratings,
    make_people,
    make_person,
    make_rating,
    write_rows,
)
from tests.command_line import muster
from tests.counts import share

ASKED = {level: needed for levels in ROLES.values() for level, needed in levels}
SKILLS = ("Data modelling", "Programming", "Prototyping", "Testing")
SUMIFS = re.compile(r'SUMIFS\(\w+\[([^\]]+)\],\w+\[Line\],"=(\w+)"\)')


def _office(
    small: Path, folder: Path, seed: int
) -> tuple[Path, list[dict[str, Any]], dict[tuple[str, str], int]]:
    """People and ratings at random, two contracts that end."""
    rng = random.Random(seed)
    folder.mkdir()
    people = [
        make_person(
            str(100 + number), department=rng.choice(("Home Office", "HM Treasury")),
            role_level=rng.choice((*ASKED, "Data engineer")), fte=rng.choice((1, 0.6)),
            end_date=rng.choice(("", "", "2027-01-31", "2028-01-31")),
            employment=rng.choice(("civil servant", "civil servant", "contractor")),
        )
        for number in range(rng.randrange(6, 30))
    ]  # fmt: skip
    people[0]["department"], people[1]["department"] = "Home Office", "HM Treasury"
    held = {
        (one["staff_id"], skill): rng.randrange(5) for one in people for skill in SKILLS if rng.random() < 0.6
    }
    lines = [
        {"supplier": "Acme", "service": "Hosting", "end_date": "2027-02-15", "department": "Home Office",
         "role_level": level, "fte": rng.randrange(0, 900) / 100, "retained_pct": rng.choice(("", 0, 35.5, 100)),
         "day_rate_gbp": rng.choice(("", 612.5))}
        for level in ("Data engineer", "Data engineer", "Service designer")
    ]  # fmt: skip
    lines.append(
        {"supplier": "Bolt", "service": "Desk", "end_date": "2027-01-31", "department": "", "role_level":
         "Data engineer", "fte": 3.3, "retained_pct": 50, "day_rate_gbp": ""}
    )  # fmt: skip
    path = copied(small, folder / "office.muster")
    with Workspace.open(path, user=USER, clock=clock) as ws:
        load_people(ws, make_people(folder / "people.csv", people))
        load_ratings(
            ws, write_rows(folder / "ratings.csv", [make_rating(*key, level) for key, level in held.items()])
        )
    muster("import", "contracts", write_rows(folder / "contracts.csv", lines), on=path).ok()
    return path, people, held


def _in_post(people: list[dict[str, Any]], department: str, level: str, ends: str) -> list[dict[str, Any]]:
    return [
        one for one in people
        if one["role_level"] == level and department in ("", one["department"]) and one["employment"] == "civil servant"
        and (not one["end_date"] or one["end_date"] > ends)
    ]  # fmt: skip


def test_cover_is_what_a_second_count_of_the_files_gives(small: Path, tmp_path: Path) -> None:
    for seed in range(share(12)):
        path, people, held = _office(small, tmp_path / str(seed), seed)
        rows = muster("contracts", "cover", "--format", "json", on=path).ok().json
        assert len(rows) == 3
        for row in rows:
            there = _in_post(people, row["department"], row["role_level"], row["end_date"])
            needed = ASKED[row["role_level"]]
            known = [(held[one["staff_id"], skill], level or 0) for one in there for skill, level in needed.items()
                     if (one["staff_id"], skill) in held]  # fmt: skip
            assert row["heads"] == len(there)
            in_post = sum((Decimal(str(one["fte"])) for one in there), Decimal(0))
            assert Decimal(str(row["in_post_fte"])) == in_post
            assert (row["required"], row["assessed"]) == (len(there) * len(needed), len(known))
            assert row["meeting"] == sum(have >= level for have, level in known)
            retained, others = Decimal(str(row["retained_fte"])), Decimal(str(row["others_need_fte"]))
            assert Decimal(str(row["short_fte"])) == max(
                retained - max(in_post - others, Decimal(0)), Decimal(0)
            )
        by_supplier = {(row["supplier"], row["role_level"]): row for row in rows}
        bolt, acme = by_supplier["Bolt", "Data engineer"], by_supplier["Acme", "Data engineer"]
        assert bolt["others_need_fte"] == 0, "it ends first"
        taken = Decimal(str(bolt["retained_fte"])) - Decimal(str(bolt["short_fte"]))
        there = _in_post(people, "", "Data engineer", bolt["end_date"])
        # Bolt takes the Treasury's people first, because no contract names it
        elsewhere = sum(
            (Decimal(str(one["fte"])) for one in there if one["department"] != "Home Office"), Decimal(0)
        )
        home = sorted(
            (one for one in there if one["department"] == "Home Office"), key=lambda one: one["staff_id"]
        )
        left, gone = max(taken - elsewhere, Decimal(0)), Decimal(0)
        for one in home:
            part = min(Decimal(str(one["fte"])), left)
            left -= part
            # who leaves before the later contract ends is not among its people any more
            gone += part if one in _in_post(people, "Home Office", "Data engineer", acme["end_date"]) else 0
        assert Decimal(str(acme["others_need_fte"])) == gone
        _options_cost_what_they_say(path, by_supplier)


def _options_cost_what_they_say(path: Path, lines: dict[tuple[str, str], dict[str, Any]]) -> None:
    rows = muster("contracts", "cover", "--options", "--format", "json", on=path).ok().json
    assert {(row["supplier"], row["role_level"]) for row in rows} == {
        key for key, line in lines.items() if line["short_fte"]
    }
    for row in rows:
        if row["way"] in ("contractor", "recruit"):
            assert row["fte"] == lines[row["supplier"], row["role_level"]]["short_fte"]
        if row["way"] == "contractor":
            assert row["cost_gbp"] == row["at_day_rate_gbp"]


def _sheet(book: Any, name: str) -> tuple[Worksheet, dict[str, int], int]:
    """A sheet, its columns by header, and the row of the headers."""
    sheet = book[name]
    for cells in sheet.iter_rows():
        if cells[0].value == "Line":
            return sheet, {str(cell.value): cell.column for cell in cells if cell.value}, cells[0].row
    raise AssertionError(name)


def _evaluated(formula: str, line: dict[str, Any]) -> float | None:
    """The formula over the counts of its own row; it may name nothing else."""

    def figure(found: re.Match[str]) -> str:
        assert found[2] == line["Line"]
        assert isinstance(line[found[1]], int | float), "a count, not another formula"
        return repr(line[found[1]])

    text = SUMIFS.sub(figure, formula.removeprefix("="))
    assert "[" not in text
    share_of = re.fullmatch(r'IFERROR\((.+),""\)', text)
    if share_of is None:
        return eval(text.replace("ROUND", "round"))  # digits, brackets and operators of our own formula only
    try:
        return float(eval(share_of[1]))
    except ZeroDivisionError:
        return None


@pytest.mark.parametrize("named", [False, True])
def test_every_percentage_equals_its_counts_and_months_in_are_out(
    small: Path, tmp_path: Path, named: bool
) -> None:
    checked = hidden = 0
    seen: set[str] = set()
    for seed in range(20, 20 + share(8)):
        path, people, _ = _office(small, tmp_path / str(seed), seed)
        out = tmp_path / f"{seed}.xlsx"
        muster("export", "readiness-annex", "--out", out, *(("--named",) if named else ()), on=path).ok()
        formulas, values = load_workbook(out), load_workbook(out, data_only=True)
        for name in ("Cover after exit", "Skills of people in post", "FTE-months"):
            sheet, columns, head = _sheet(formulas, name)
            for row in range(head + 1, sheet.max_row + 1):
                line = {header: sheet.cell(row, place).value for header, place in columns.items()}
                if not line["Line"]:
                    continue
                hidden += "[c]" in line.values()
                for header, text in line.items():
                    if isinstance(text, str) and text.startswith("="):
                        shown = values[name].cell(row, columns[header]).value
                        assert _evaluated(text, line) == (
                            pytest.approx(shown) if shown not in (None, "") else None
                        )
                        checked += 1
                if name == "FTE-months":
                    _months_add_up(line, values[name].cell(row, columns["In less out"]).value)
        words = {str(cell.value) for sheet in values for cells in sheet.iter_rows() for cell in cells}
        names = {one["name"] for one in people} | {one["staff_id"] for one in people}
        seen |= words & names
        assert all(sheet.cell(1, 1).value == "OFFICIAL-SENSITIVE" for sheet in values)
    assert checked
    assert bool(hidden) != named
    assert bool(seen) == named


def _months_add_up(line: dict[str, Any], difference: Any) -> None:
    parts = [Decimal(str(line[name])) for name in ("Supplier", "Retained", "Released")]
    assert sum(parts) == 3 * Decimal(str(line["FTE under contract"]))
    assert difference == 0


def test_what_is_not_there_is_said(small: Path, tmp_path: Path) -> None:
    assert (
        "no contract yet" in muster("export", "readiness-annex", "--out", tmp_path / "a.xlsx", on=small).err
    )
    path, _, _ = _office(small, tmp_path / "one", 1)
    found = muster("contracts", "cover", "--contract", "Nobody / Nothing", on=path)
    assert found.code == 2
    assert "Acme / Hosting" in found.err
    one = muster("contracts", "cover", "--contract", "acme / HOSTING", "--format", "json", on=path).ok().json
    assert {row["supplier"] for row in one} == {"Acme"}
