"""From shortfall to plan: chosen people get their role from the day they are ready, and the plan closes those steps."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

from app.errors import ConflictError
from app.progress import silent
from app.services.scope import Scope
from app.services.training import PlanSettings, PotBudget
from app.services.workforce import ClosingLimits, ClosingPlan
from app.terms import Funding
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
    make_person,
    make_rating,
    write_rows,
)
from tests.command_line import muster

NO_OTHERS = ClosingLimits(most_campaigns=0, most_contractors_fte=Decimal(0))


@pytest.fixture
def office(small: Path, tmp_path: Path) -> Path:
    """Four service designers near to data engineers, of whom the strategy needs three next year."""
    people = [make_person(str(number), role_level="Service designer") for number in range(1, 5)]
    held = {
        "Programming": (0, 1, 0, 2),
        "Data modelling": (1, 1, 0, 1),
        "Prototyping": (3,) * 4,
        "Testing": (2,) * 4,
    }
    ratings = [
        make_rating(str(number), skill, levels[number - 1])
        for skill, levels in held.items()
        for number in range(1, 5)
    ]
    need = {
        "area": "A", "priority": "P", "target_date": "2028-03-31", "programme": "G", "department": "Home Office",
        "role": "", "role_level": "Data engineer", "fte": 3, "from_quarter": "2027Q2", "to_quarter": "2027Q4",
    }  # fmt: skip
    with Workspace.open(small, user=USER, clock=clock) as ws:
        load_people(ws, make_people(tmp_path / "people.csv", people))
        load_ratings(ws, write_rows(tmp_path / "ratings.csv", ratings))
        load_courses(
            ws,
            write_rows(
                tmp_path / "courses.csv", [make_course(), make_course("C2", "Data modelling", hours=30)]
            ),
        )
    muster("import", "strategy", write_rows(tmp_path / "strategy.csv", [need]), on=small).ok()
    return small


def _mix(ws: Workspace) -> ClosingPlan:
    return ws.workforce.closing(ws.workforce.forecast(quarters=6), NO_OTHERS)


def test_the_plan_for_those_handed_over_closes_the_steps_the_mix_counted(office: Path) -> None:
    with Workspace.open(office, user=USER, clock=clock) as ws:
        plan = _mix(ws)
        preview = ws.hand_over.preview(plan)
        assert len(preview.lines) == 3
        assert preview.as_at is not None
        before = ws.gaps.people_behind(Scope())
        assert ws.hand_over.commit(preview) is not None
        assert ws.gaps.people_behind(Scope()) == before, "nothing changes until the day"
        made = ws.training.generate(
            PlanSettings(
                Scope(as_at=preview.as_at), budgets=(PotBudget(Funding.LEARNING_BUDGET, Decimal(10_000)),)
            ),
            silent(),
        ).value
    wanted = Counter({one.person.staff_id: one.person.steps for one in preview.lines if one.person.steps})
    closed: Counter[str] = Counter()
    for line in made.lines:
        closed[line.staff_id] += line.steps_closed
    assert closed == wanted
    assert wanted.total() > 0
    courses = {(line.staff_id, line.course_code) for line in made.lines}
    assert courses == {(one.person.staff_id, code) for one in preview.lines for code in one.person.courses}


def test_a_preview_writes_nothing_and_one_action_is_taken_back_whole(office: Path) -> None:
    held = contents(office)
    args = ("shortfalls", "--hand-over", "--quarters", 6, "--campaigns", 0, "--contractors-fte", "0")
    shown = muster(*args, "--format", "json", on=office).ok()
    assert "Would hand over 3 people" in shown.err
    assert {(row["role_level_now"], row["role_level"]) for row in shown.json} == {
        ("Service designer", "Data engineer")
    }
    assert contents(office) == held
    assert "--as-at 20" in muster(*args, "--yes", on=office).ok().err
    with Workspace.open(office, user=USER, clock=clock) as ws:
        later = ws.gaps.people_behind(
            Scope(as_at=max(ws.hand_over.preview(_mix(ws)).as_at or ws.today(), ws.today()))
        )
        assert later
        newest = ws.admin.history()[0]
        assert newest.action == "Hand over to the training plan"
        ws.admin.revert(newest.action_id)
    assert contents(office)["role_assignment"] == held["role_assignment"]


def test_a_mix_that_is_out_of_date_is_refused(office: Path, tmp_path: Path) -> None:
    with Workspace.open(office, user=USER, clock=clock) as ws:
        preview = ws.hand_over.preview(_mix(ws))
        load_people(ws, make_people(tmp_path / "more.csv", [make_person("9")]))
        with pytest.raises(ConflictError):
            ws.hand_over.commit(preview)


def test_a_mix_that_trains_nobody_hands_nobody_over(ws: Workspace, tmp_path: Path) -> None:
    load_people(ws, make_people(tmp_path / "people.csv"))
    preview = ws.hand_over.preview(ws.workforce.closing(ws.workforce.forecast()))
    assert (preview.lines, preview.as_at) == ((), None)
    assert ws.hand_over.commit(preview) is None


def test_whoever_is_handed_over_counts_in_the_forecast_and_is_not_asked_again(office: Path) -> None:
    with Workspace.open(office, user=USER, clock=clock) as ws:
        before = ws.workforce.forecast(quarters=6)
        preview = ws.hand_over.preview(_mix(ws))
        ws.hand_over.commit(preview)
        after = ws.workforce.forecast(quarters=6)
        last = {name: sum(after.supply[-1, at] for at, cell in enumerate(after.cells) if cell.role_level == name)
                for name in ("Data engineer", "Service designer")}  # fmt: skip
        assert last["Data engineer"] > 2.5
        short = [found.shortfall.sum(axis=1)[3] for found in (before, after)]
        assert short[0] == 3.0
        assert short[1] < 0.5
        assert sum(line.moved for line in after.by(("all",) * len(after.cells))) == 0
        again = {one.staff_id for card in _mix(ws).cards for one in card.candidates}
        assert not again & {line.person.staff_id for line in preview.lines}
