"""Why a stored plan is as it is: lines, open needs, calendar, frontier, cuts; on a workspace small enough to count."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest
from sqlmodel import select

from app.errors import UsageError
from app.models import Skill
from app.progress import Cancelled, Progress, silent
from app.services.training import PlanSettings, PlanView, PotBudget
from app.terms import AssessedBy, Funding
from app.workspace import Workspace
from tests.builders import ROLES, make_course, make_person, make_rating, make_workspace

PEOPLE = [
    make_person("1001", name="Ada Ash", department="Revenue"),
    make_person("1002", name="Ben Beech", department="Transport"),
    make_person("1003", name="Cy Cedar", department="Transport", role_level="Senior data engineer"),
]
RATINGS = [
    make_rating("1001", "Programming", 0),
    make_rating("1001", "Data modelling", 0),
    make_rating("1002", "Programming", 1),
    make_rating("1003", "Data modelling", 0),
]
COURSES = [
    make_course("P", "Programming", cost_per_person_gbp=100),
    make_course("P2", "Programming", cost_per_person_gbp=160),
    make_course("D", "Data modelling", cost_per_person_gbp=50),
]


@pytest.fixture
def staffed(tmp_path: Path) -> Iterator[Workspace]:
    made = make_workspace(
        tmp_path / "plans.muster", roles=ROLES, people=PEOPLE, ratings=RATINGS, courses=COURSES
    )
    with made:
        yield made


def plan_of(ws: Workspace, pounds: int, **more: object) -> PlanView:
    budgets = (PotBudget(Funding.LEARNING_BUDGET, Decimal(pounds)),)
    settings = PlanSettings(budgets=budgets, seconds=5, **more)  # type: ignore[arg-type]
    return ws.training.generate(settings, silent()).value


def said(one: object) -> dict[str, str]:
    return dict(one.sentences())  # type: ignore[attr-defined]


def test_every_line_names_its_gap_its_price_the_next_best_and_what_would_drop_it(staffed: Workspace) -> None:
    plan = plan_of(staffed, 1_000)
    explained = staffed.training.insight.lines(plan.plan_id, silent())
    assert {(one.staff_id, one.course.code) for one in explained} == {
        (line.staff_id, line.course_code) for line in plan.lines
    }
    for one in explained:
        assert one.cost_gbp == sum(k.cost_gbp for k in plan.lines if _same(k, one))
        assert sum(gap.steps for gap in one.gaps) == sum(k.steps_closed for k in plan.lines if _same(k, one))
        assert one.steps == sum(gap.steps * gap.weight for gap in one.gaps)
        if one.per_step_gbp is not None:
            assert one.per_step_gbp == round(one.cost_gbp / one.steps, 2)


def _same(line: object, one: object) -> bool:
    return (line.staff_id, line.course_code) == (one.staff_id, one.course.code)  # type: ignore[attr-defined]


def test_the_runner_up_is_said_with_what_it_would_cost_more(staffed: Workspace) -> None:
    plan_of(staffed, 1_000)
    one = staffed.training.insight.line(None, "1001", "p")
    assert one.runner_up is not None
    assert [course.code for course in one.runner_up.courses] == ["P2"]
    assert one.runner_up.cost_gbp == 160
    assert "£60 dearer, the same steps" in said(one)["Why not another course"]
    assert "Programming is rated" in said(one)["Drops out when"]


def test_names_can_be_left_out_of_the_sentences(staffed: Workspace) -> None:
    plan_of(staffed, 150)
    for one in staffed.training.insight.lines(None, silent()):
        words = " ".join(sentence for _, sentence in one.sentences(hides_names=True))
        assert not any(person in words for person in ("Ada Ash", "Ben Beech", "Cy Cedar"))


def test_an_open_need_says_how_much_money_is_missing_and_that_much_meets_it(staffed: Workspace) -> None:
    plan = plan_of(staffed, 60)
    needs = staffed.training.insight.needs(plan.plan_id, silent())
    assert {(need.staff_id, need.skill) for need in needs} == {(k.staff_id, k.skill) for k in plan.unmet}
    priced = [need for need in needs if need.more_gbp]
    assert priced
    for need in priced:
        assert need.more_gbp is not None
        assert need.cost_gbp is not None
        left = 60 - plan.summary.cost_gbp
        assert need.more_gbp == need.cost_gbp - left
        assert f"£{need.more_gbp:g} more of the L&D budget" in said(need)["What is missing"]
    cheapest = min(priced, key=lambda need: need.per_step_gbp or 0)
    assert cheapest.sooner == 0
    richer = plan_of(staffed, 60 + int(cheapest.more_gbp or 0))
    assert richer.summary.steps_closed > plan.summary.steps_closed


def test_what_is_not_in_the_plan_is_said_to_be_so(staffed: Workspace) -> None:
    insight = staffed.training.insight
    with pytest.raises(UsageError, match="no plan yet"):
        insight.line(None, "1001", "P")
    plan_of(staffed, 1_000)
    with pytest.raises(UsageError, match="has no line of 1001 on X"):
        insight.line(None, "1001", "X")
    with pytest.raises(UsageError, match="does not stay open"):
        insight.need(None, "1001", "Cookery")
    with pytest.raises(UsageError, match="There is no plan 99"):
        insight.frontier(99, silent())
    with pytest.raises(UsageError, match="between 0 and 100"):
        insight.slips(None, Decimal(0), silent())


def test_the_frontier_is_marked_at_the_plan_and_agrees_with_plans_made_for_its_budgets(
    staffed: Workspace,
) -> None:
    plan = plan_of(staffed, 200)
    found = staffed.training.insight.frontier(plan.plan_id, silent(), points=5, seconds=5)
    assert found.current.budget_gbp == 200
    assert found.current.steps == Decimal(str(plan.summary.objective))
    assert all(one.steps <= other.steps for one, other in pairwise(found.rows))
    for row in found.rows:
        own = plan_of(staffed, int(row.budget_gbp))
        assert own.summary.objective <= row.bound + 1e-9
        assert float(row.steps) <= own.summary.bound + 1e-9


def test_a_frontier_is_worked_out_once_while_nothing_changes_and_can_be_cancelled(staffed: Workspace) -> None:
    plan = plan_of(staffed, 200)
    insight = staffed.training.insight
    assert insight.known_frontier(plan.plan_id) is None
    stopped = Progress()
    stopped.cancel()
    with pytest.raises(Cancelled):
        insight.frontier(plan.plan_id, stopped)
    first = insight.frontier(plan.plan_id, silent())
    assert insight.frontier(plan.plan_id, stopped) is first
    assert insight.known_frontier(plan.plan_id) is first


def test_a_cut_names_whose_steps_slip(staffed: Workspace) -> None:
    plan = plan_of(staffed, 250)
    found = staffed.training.insight.slips(plan.plan_id, Decimal(50), silent())
    assert found.budget_before_gbp == 250
    assert found.budget_after_gbp == 125
    assert found.cost_after_gbp <= 125
    assert found.steps_lost - found.gained == found.steps_before - found.steps_after
    assert found.steps_lost == sum(group.steps_lost for group in found.groups("department"))
    assert {row.name for row in found.rows} <= {"Ada Ash", "Ben Beech", "Cy Cedar"}
    assert found.rows
    assert all(row.courses for row in found.rows)
    assert "50 % less L&D budget (£125)" in found.finding()


def test_the_calendar_adds_up_to_the_hours_of_the_plan(staffed: Workspace) -> None:
    plan = plan_of(staffed, 1_000)
    calendar = staffed.training.insight.calendar(plan.plan_id)
    for lines in (calendar.by_department, calendar.by_team):
        total = sum((cell.hours for one in lines for cell in one.cells), Decimal(0))
        assert total == plan.summary.hours
    revenue = next(one for one in calendar.by_department if one.name == "Revenue")
    assert revenue.people == 1
    assert all(cell.available == 40 for cell in revenue.cells)
    assert sum(cell.away for cell in revenue.cells) >= 1


def test_a_plan_made_from_other_data_says_so_and_a_line_without_its_gap_cannot_be_explained(
    staffed: Workspace,
) -> None:
    plan = plan_of(staffed, 1_000)
    insight = staffed.training.insight
    assert not insight.slips(plan.plan_id, Decimal(10), silent()).is_changed
    line = next(line for line in plan.lines if (line.staff_id, line.course_code) == ("1001", "P"))
    with staffed.training._db.read() as session:
        skill = session.scalars(select(Skill.id).where(Skill.name == "Programming")).one()
    staffed.assessments.set_level(line.person_id, skill or 0, 4, AssessedBy.LINE_MANAGER)
    assert insight.slips(plan.plan_id, Decimal(10), silent()).is_changed
    with pytest.raises(UsageError, match="today's data would not put it there"):
        insight.line(plan.plan_id, "1001", "P")
