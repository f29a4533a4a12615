"""The journeys A (first hour) and C (plan the year), once through Workspace, on the sample organisation."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest

from app.files.options import ReadOptions
from app.files.sample import write_sample
from app.progress import silent
from app.services.scope import Scope
from app.services.training import LineWish, PlanSettings, PlanView, PotBudget
from app.terms import Funding, PlanStatus
from app.workspace import Workspace
from tests.builders import NOW, USER, clock, load_people, load_ratings
from tests.command_line import muster
from tests.db.contents import everything_in


def _first_hour(ws: Workspace, folder: Path) -> None:
    """Extract in, titles accepted in bulk and one by hand, ratings in."""
    sample = write_sample(folder, 150, 7, NOW.date())
    loaded = load_people(ws, sample.hr_extract, skip_bad_rows=True)
    assert loaded.new == len(ws.people.table(Scope(), with_absent=True).lines)
    assert load_people(ws, sample.hr_extract, skip_bad_rows=True) is None
    by_hand = next(group for group in ws.roles.board(Scope()).groups if group.best.role_level)
    ws.roles.accept_title(by_hand, ws.roles.choice_for(by_hand.best))
    assert by_hand.title_key not in {group.title_key for group in ws.roles.board(Scope()).groups}
    board = ws.roles.board(Scope())
    assert board.left == board.total - board.mapped - board.not_digital
    preview = ws.roles.preview_above(Scope(), 0.8)
    ws.roles.accept_above(preview, silent())
    after = ws.roles.board(Scope())
    assert after.left == board.left - preview.people
    assert after.mapped == board.mapped + preview.people
    assert load_ratings(ws, sample.assessments, skip_bad_rows=True).new > 0


def _check_gaps(ws: Workspace) -> None:
    """Departments, everybody, and the people behind a cell tell the same story."""
    heatmap = ws.gaps.heatmap(Scope())
    assert not heatmap.is_empty
    assert int(heatmap.required.sum()) == heatmap.totals.required
    assert sum(group.people for group in heatmap.groups) == heatmap.totals.people
    row, column = divmod(int(heatmap.levels_short.argmax()), len(heatmap.skills))
    pairs = ws.gaps.people_behind(
        Scope(), heatmap.skills[column], heatmap.dimension, heatmap.groups[row].label
    )
    assert len(pairs) == heatmap.required[row, column]
    assert sum(pair.gap or 0 for pair in pairs) == heatmap.levels_short[row, column]
    one = ws.gaps.person(pairs[0].person_id)
    assert pairs[0] in one


def _settings(pounds: int, wishes: tuple[LineWish, ...] = ()) -> PlanSettings:
    budgets = (PotBudget(Funding.LEARNING_BUDGET, Decimal(pounds)), PotBudget(Funding.LEVY, Decimal(5_000)))
    return PlanSettings(budgets=budgets, seconds=10, gap_pct=1.0, wishes=wishes)


def _plan_the_year(ws: Workspace) -> PlanView:
    """Generate, forbid a line and lock another, generate again, agree."""
    first = ws.training.generate(_settings(20_000), silent()).value
    assert first.summary.cost_gbp <= 25_000
    assert first.summary.steps_closed > 0
    assert all(need.reason for need in first.unmet)
    keep, drop = (line for line in first.lines if line.is_first and line in (first.lines[0], _other(first)))
    wishes = (
        LineWish(keep.staff_id, keep.course_code, keep.quarter),
        LineWish(drop.staff_id, drop.course_code, None, is_forbidden=True),
    )
    second = ws.training.generate(_settings(20_000, wishes), silent()).value
    enrolled = {(line.staff_id, line.course_code): line for line in second.lines}
    assert enrolled[keep.staff_id, keep.course_code].is_locked
    assert enrolled[keep.staff_id, keep.course_code].quarter == keep.quarter
    assert (drop.staff_id, drop.course_code) not in enrolled
    ws.training.agree(first.plan_id)
    ws.training.agree(second.plan_id)
    assert ws.training.plan(first.plan_id).status == PlanStatus.SUPERSEDED
    return ws.training.plan(second.plan_id)


def _other(plan: PlanView) -> object:
    first = plan.lines[0]
    return next(line for line in plan.lines if line.is_first and line.staff_id != first.staff_id)


@pytest.mark.long
def test_from_an_extract_to_an_agreed_plan_in_workbooks(furnished: Path, tmp_path: Path) -> None:
    with Workspace.open(furnished, user=USER, clock=clock) as ws:
        _first_hour(ws, tmp_path)
        _check_gaps(ws)
        plan = _plan_the_year(ws)
        assert ws.reports.gap_workbook(Scope(), tmp_path / "gaps.xlsx", silent()).stat().st_size > 0
        files = ws.reports.plan_workbooks(plan, tmp_path / "plans", silent())
        assert all(result.is_good for result in ws.admin.check())
    cost = Decimal(0)
    for file in files:
        sheet = openpyxl.load_workbook(file)["Plan"]
        for table in sheet.tables.values():
            head, *lines = [[cell.value for cell in row] for row in sheet[table.ref]]
            place = head.index("Cost")
            below = [line[place] for line in (lines[:-1] if table.totalsRowCount else lines)]
            cost += sum((Decimal(str(value or 0)).quantize(Decimal("0.01")) for value in below), Decimal(0))
    assert cost == plan.summary.cost_gbp


def test_the_demo_runs_end_to_end_and_again_and_leaves_other_files_alone(tmp_path: Path) -> None:
    out = tmp_path / "demo"
    held: list[dict[str, list[tuple[object, ...]]]] = []
    for _ in range(2):
        ran = muster("demo", "--people", 40, "--out", out).ok()
        assert str(out / "gaps.xlsx") in ran.out
        assert {path.name for path in out.iterdir()} >= {"demo.muster", "gaps.xlsx", "plans", "heatmap.png"}
        assert list((out / "plans").glob("*.xlsx"))
        held.append(everything_in(out / "demo.muster"))
    muster("check", on=out / "demo.muster").ok()
    for table in ("person", "person_spell", "role_assignment", "assessment", "current_level"):
        assert held[0][table] == held[1][table]
    theirs = tmp_path / "theirs"
    theirs.mkdir()
    (theirs / "gaps.xlsx").write_text("mine", encoding="utf-8")
    ran = muster("demo", "--people", 20, "--out", theirs)
    assert ran.code == 2
    assert (theirs / "gaps.xlsx").read_text(encoding="utf-8") == "mine"


def test_more_rows_of_ratings_than_people_are_read_from_a_workbook_and_a_csv_alike(
    ws: Workspace, tmp_path: Path
) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    rows = [
        ("Employee No", "Job title", "Department", "Role level"),
        ("00017", "Data engineer", "HMT", "Data engineer"),
    ]
    for row in rows:
        sheet.append(row)
    book.save(tmp_path / "p.xlsx")
    (tmp_path / "p.csv").write_text("\n".join(",".join(row) for row in rows), encoding="utf-16")
    assert load_people(ws, tmp_path / "p.xlsx").new == 1
    found = ws.people.preview_import(tmp_path / "p.csv", ReadOptions(), silent())
    assert found.is_nothing_to_change
