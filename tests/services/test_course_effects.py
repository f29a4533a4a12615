"""What courses did, from completed lines and ratings in a workspace; small counts stay hidden where they are shared."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

from app.progress import silent
from app.services.training import LineChoice, PlanSettings, PotBudget
from app.terms import Funding, LineStatus
from app.workspace import Workspace
from tests.builders import (
    ROLES,
    load_ratings,
    make_course,
    make_person,
    make_rating,
    make_workspace,
    write_rows,
)
from tests.command_line import muster

STAFF = [f"10{number:02d}" for number in range(12)]
AFTER = date(2026, 11, 22)


def completed(folder: Path) -> Workspace:
    """Twelve people complete P for £200 each; six of them raise data modelling with D as well, which is free."""
    ratings = [make_rating(staff, "Programming", 0, assessed_on="2026-04-01") for staff in STAFF]
    ratings += [make_rating(staff, "Data modelling", 0, assessed_on="2026-04-01") for staff in STAFF[:6]]
    ws = make_workspace(
        folder / "e.muster",
        roles=ROLES,
        people=[make_person(staff) for staff in STAFF],
        ratings=ratings,
        courses=[
            make_course("P", cost_per_person_gbp=200),
            make_course("D", "Data modelling", funding="free", cost_per_person_gbp=0),
        ],
    )
    settings = PlanSettings(budgets=(PotBudget(Funding.LEARNING_BUDGET, Decimal(5_000)),), seconds=5)
    plan = ws.training.generate(settings, silent()).value
    for status in (LineStatus.APPROVED, LineStatus.BOOKED, LineStatus.COMPLETED):
        ws.training.statuses.change(
            plan.plan_id, ws.training.statuses.chosen(plan.plan_id, LineChoice(), status, date(2026, 11, 20))
        )
    return ws


def rate_after(ws: Workspace, folder: Path, gains: dict[str, int], skill: str, kind: str = "self") -> None:
    rows = [
        make_rating(staff, skill, gain, assessed_on=AFTER, assessed_by=kind) for staff, gain in gains.items()
    ]
    load_ratings(ws, write_rows(folder / f"after-{skill}-{kind}.csv", rows))


def test_gains_come_from_comparable_ratings_before_and_after(tmp_path: Path) -> None:
    with completed(tmp_path) as ws:
        found = {line.course_code: line for line in ws.training.effects.table().lines}
        assert (found["P"].completed, found["P"].measured, found["P"].effect) == (12, 0, None)
        rate_after(ws, tmp_path, {staff: 1 + int(staff) % 2 for staff in STAFF[:10]}, "Programming")
        rate_after(ws, tmp_path, {STAFF[10]: 2, STAFF[11]: 2}, "Programming", "line manager")
        found = {line.course_code: line for line in ws.training.effects.table().lines}
        one = found["P"]
        assert (one.completed, one.measured, one.plain, one.promised) == (12, 10, 1.5, 2.0)
        assert one.cost_gbp == Decimal("200.00")
        assert one.effect is not None
        assert one.low is not None
        assert one.high is not None
        assert one.low < one.effect < one.high
        assert one.per_1000 is not None
        assert abs(one.per_1000 - one.effect * 5) < 1e-9
        assert (found["D"].measured, found["D"].per_1000) == (0, None)


def test_small_counts_are_hidden_where_it_is_shared(tmp_path: Path) -> None:
    with completed(tmp_path) as ws:
        rate_after(ws, tmp_path, dict.fromkeys(STAFF, 2), "Programming")
        rate_after(ws, tmp_path, dict.fromkeys(STAFF[:3], 1), "Data modelling")
        view = ws.training.effects.table()
        assert (view.completed, view.measured) == (18, 15)
        assert dict(zip([line.course_code for line in view.lines], view.hidden(), strict=True))["D"]
        path = ws.path
    raw = muster("plan", "effects", "--format", "csv", on=path).ok().rows
    assert {row["course_code"]: row["measured"] for row in raw} == {"P": "12", "D": "3"}
    shared = muster("plan", "effects", "--disclosure", "on", "--format", "csv", on=path).ok()
    shown = {row["course_code"]: row for row in shared.rows}
    assert {shown["D"][name] for name in ("completed", "measured", "effect", "effect_low", "plain")} == {
        "[c]"
    }
    assert "measured;" not in shared.err


def test_without_a_completed_course_it_says_how_one_comes_about(small: Path) -> None:
    ran = muster("plan", "effects", on=small).ok()
    assert "No course is completed yet" in ran.err
