"""The return's counts and the errors of a back-test counted a second time, naively; bands over simulated lives."""

from __future__ import annotations

import random
from collections import Counter
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from app.analysis.supply import NO_NEXT, KnownMoves, SupplyProblem, forecast_supply, simulate_supply
from app.errors import UsageError
from app.services.reports.returns import USUAL
from app.services.scope import Scope
from app.services.workforce.records import BAND_WIDTH
from app.workspace import Workspace
from tests.builders import load_people, make_people, make_person
from tests.counts import share

LEVELS = ("Data engineer", "Senior data engineer", "Service designer", "")
FAMILY = {"Data engineer": "Data", "Senior data engineer": "Data", "Service designer": "Design"}


def _people(rng: random.Random, count: int) -> list[dict[str, Any]]:
    return [
        make_person(
            str(1000 + number), department=rng.choice(("Home Office", "HM Treasury")),
            role_level=rng.choice(LEVELS), grade=rng.choice(("SEO", "Grade 7", "G7", "")),
            fte=rng.choice((1, 0.6, 0.85)), employment=rng.choice(("civil servant", "civil servant", "contractor")),
            end_date=rng.choice(("", "", "", "2026-02-01")),
        )
        for number in range(count)
    ]  # fmt: skip


def test_the_return_equals_a_naive_count(ws: Workspace, tmp_path: Path) -> None:
    people = _people(random.Random(4), 300)
    load_people(ws, make_people(tmp_path / "people.csv", people))
    found = ws.workforce_reports.return_table(Scope(), USUAL, is_shared=False)
    heads: Counter[tuple[str, ...]] = Counter()
    fte: Counter[tuple[str, ...]] = Counter()
    kinds: Counter[tuple[str, ...]] = Counter()
    for one in people:
        if one["end_date"]:
            continue
        level = one["role_level"] or "No role"
        key = (one["department"], level, "G7" if "7" in one["grade"] else one["grade"])
        heads[key] += 1
        fte[key] += round(one["fte"] * 100)
        kinds[*key, one["employment"]] += 1
    got = {(row[0], row[3], row[4]): row[5:] for row in found.rows}
    assert len(got) == len(found.rows)
    assert got == {
        key: (heads[key], Decimal(fte[key]) / 100, kinds[*key, "civil servant"], kinds[*key, "contractor"], 0)
        for key in heads
    }


def test_a_shared_return_never_tells_a_small_count(ws: Workspace, tmp_path: Path) -> None:
    load_people(ws, make_people(tmp_path / "people.csv", _people(random.Random(5), 120)))
    columns = ("role_level", "grade", "headcount", "fte", "civil_servant", "contractor", "managed_service")
    raw = ws.workforce_reports.return_table(Scope(), columns, is_shared=False).rows
    shown = ws.workforce_reports.return_table(Scope(), columns).rows
    hidden = 0
    for whole, told in zip(raw, shown, strict=True):
        heads = np.array([whole[2], whole[4], whole[5], whole[6]])
        mask = np.array([told[place] == "[c]" for place in (2, 4, 5, 6)])
        assert mask[(heads > 0) & (heads < 5)].all()
        assert (told[3] == "[c]") == mask[0], "FTE goes with its headcount"
        assert mask[mask].size != 1, "one figure hidden alone follows from the others of its row"
        hidden += int(mask.sum())
    assert hidden
    for place in (4, 5, 6):
        column = [row[place] == "[c]" for row in shown]
        assert sum(column) != 1, "one figure hidden alone follows from the total"


def test_columns_of_a_return_are_chosen_and_checked(ws: Workspace, tmp_path: Path) -> None:
    load_people(ws, make_people(tmp_path / "people.csv"))
    found = ws.workforce_reports.return_table(Scope(), ("Headcount", "department"), is_shared=False)
    assert (found.columns, found.rows) == (("headcount", "department"), ((3, "Home Office"),))
    with pytest.raises(UsageError, match="no column “shoe_size”"):
        ws.workforce_reports.return_table(Scope(), ("headcount", "shoe size"))
    with pytest.raises(UsageError, match="needs a figure"):
        ws.workforce_reports.return_table(Scope(), ("department",))


def _history(ws: Workspace, folder: Path, rng: random.Random) -> dict[str, list[dict[str, Any]]]:
    """Three extracts half a year apart: people leave and come; returns who was in each."""
    there = [
        make_person(
            str(1000 + number), role_level=rng.choice(LEVELS[:3]), grade="SEO", fte=rng.choice((1, 0.6))
        )
        for number in range(60)
    ]
    made: dict[str, list[dict[str, Any]]] = {}
    for number, day in enumerate(("2025-06-30", "2025-12-31", "2026-06-30")):
        path = make_people(folder / f"{day}.csv", there)
        load_people(ws, path, as_at=date.fromisoformat(day), mark_leavers=True)
        made[day] = list(there)
        there = [one for one in there if rng.random() > 0.1]
        there += [
            make_person(str(2000 + 100 * number + at), role_level=rng.choice(LEVELS[:3]), grade="SEO")
            for at in range(4)
        ]
    return made


def test_a_back_test_compares_with_who_was_there(ws: Workspace, tmp_path: Path) -> None:
    made = _history(ws, tmp_path, random.Random(1))
    found = ws.workforce.back_test(date(2025, 6, 30))
    assert [line.quarter.code for line in found.lines][:5] == [
        "2025Q2",
        "2025Q3",
        "2025Q4",
        "2026Q1",
        "2026Q2",
    ]
    extract_of = {
        "2025Q2": "2025-06-30",
        "2025Q3": "2025-12-31",
        "2025Q4": "2025-12-31",
        "2026Q1": "2026-06-30",
    }
    checked = 0
    for line in found.lines:
        day = extract_of.get(line.quarter.code)
        if day is None:
            continue
        members = [one for one in made[day] if FAMILY[one["role_level"]] == line.role_family]
        actual = sum(Decimal(str(one.get("fte", 1))) for one in members)
        assert line.actual_fte == actual
        assert line.error_fte == line.expected_fte - actual
        assert line.is_inside == (line.low_fte <= actual <= line.high_fte)
        checked += 1
    assert checked >= 8
    errors = sum(abs(line.expected_fte - line.actual_fte) for line in found.lines)
    assert found.mean_error == errors / sum(line.actual_fte for line in found.lines)


def test_a_back_test_knows_nothing_of_later_days(ws: Workspace, tmp_path: Path) -> None:
    people = [make_person(str(number), grade="SEO") for number in range(40)]
    load_people(ws, make_people(tmp_path / "a.csv", people), as_at=date(2025, 6, 30))
    before = ws.workforce.back_test(date(2025, 6, 30)).lines
    later = [one | {"end_date": "2025-10-01"} for one in people[:20]] + people[20:]
    later += [make_person("99", start_date="2025-08-01")]
    load_people(ws, make_people(tmp_path / "b.csv", later), as_at=date(2025, 12, 31))
    after = ws.workforce.back_test(date(2025, 6, 30)).lines
    assert [line.expected_fte for line in after] == [line.expected_fte for line in before]
    assert after[-1].actual_heads == 21


def test_days_without_history_are_refused_with_a_reason(ws: Workspace, tmp_path: Path) -> None:
    load_people(ws, make_people(tmp_path / "people.csv"))
    with pytest.raises(UsageError, match="earlier day"):
        ws.workforce.back_test(ws.today())
    with pytest.raises(UsageError, match="Nobody here had a role"):
        ws.workforce.back_test(date(2020, 3, 31))


def test_bands_hold_four_of_five_simulated_lives() -> None:
    """Histories played with whole people, each group large enough that its band is not a matter of one head."""
    inside = total = 0
    for case in range(share(60)):
        rng = np.random.default_rng(case)
        cells, quarters, groups = 24, 8, 3
        heads = rng.integers(20, 80, cells)
        rate = np.broadcast_to(rng.uniform(0.01, 0.06, cells), (quarters, cells))
        problem = SupplyProblem(
            heads=heads, known=np.zeros((quarters + 1, cells), dtype=np.int64), leave=rate, promote=rate * 0.3,
            next_cell=np.array([at + 1 if at % 3 < 2 else NO_NEXT for at in range(cells)]),
            posts=np.broadcast_to(heads * 1.1, (quarters + 1, cells)), lag=np.full(cells, 1),
            success=np.full((quarters, cells), 0.63), starting=np.zeros((quarters, cells), dtype=np.int64),
            moves=KnownMoves.none(quarters, cells),
        )  # fmt: skip
        weight, group = np.ones(cells), np.arange(cells) % groups
        model = forecast_supply(problem)
        spread = BAND_WIDTH * np.sqrt(model.variance(weight, group, groups))
        mean = model.total(weight, group, groups)
        lives = simulate_supply(problem, weight, group, groups, 40, case).totals[:, 1:]
        inside += int((np.abs(lives - mean[1:]) <= spread[1:]).sum())
        total += lives.size
    assert 0.75 <= inside / total <= 0.85


def test_the_return_as_files(ws: Workspace, tmp_path: Path) -> None:
    from app.progress import silent

    load_people(ws, make_people(tmp_path / "people.csv", _people(random.Random(6), 200)))
    path = ws.workforce_reports.return_file(Scope(), tmp_path / "return.csv", silent())
    lines = path.read_text(encoding="utf-8").splitlines()
    assert lines[0] == ",".join(USUAL)
    assert len(lines) == 1 + len(ws.workforce_reports.return_table(Scope()).rows)
    assert ws.workforce_reports.return_file(Scope(), tmp_path / "return.xlsx", silent()).stat().st_size > 5000
    with pytest.raises(UsageError, match="neither CSV nor a workbook"):
        ws.workforce_reports.return_file(Scope(), tmp_path / "return.pdf", silent())
