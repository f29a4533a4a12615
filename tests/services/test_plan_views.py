"""Plans as their readers look at them: grouped, compared, watched, stopped; and what could be planned."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.progress import Cancelled, Progress, silent
from app.services.scope import Scope
from app.services.training import LineWish, PlanSettings, PlanView, PlanWatch, PotBudget
from app.services.training.grouping import (
    PlanGrouping,
    belongs,
    compared,
    enrolments,
    grouped,
    pots,
    reason_kind,
    unmet_by_reason,
)
from app.terms import Funding
from app.workspace import Workspace
from tests.builders import ROLES, make_course, make_person, make_rating, make_workspace

PEOPLE = [
    make_person("1001", department="Revenue"),
    make_person("1002", department="Transport"),
    make_person("1003", department="Transport", role_level="Senior data engineer"),
]
RATINGS = [
    make_rating("1001", "Programming", 0),
    make_rating("1001", "Data modelling", 0),
    make_rating("1002", "Programming", 1),
    make_rating("1003", "Data modelling", 0),
]
COURSES = [
    make_course("P", "Programming", cost_per_person_gbp=100),
    make_course("D", "Data modelling", cost_per_person_gbp=50),
]


@pytest.fixture
def staffed(tmp_path: Path) -> Iterator[Workspace]:
    made = make_workspace(
        tmp_path / "plans.muster", roles=ROLES, people=PEOPLE, ratings=RATINGS, courses=COURSES
    )
    with made:
        yield made


def plan_of(ws: Workspace, pounds: int = 1_000, **more: object) -> PlanView:
    settings = PlanSettings(budgets=(PotBudget(Funding.LEARNING_BUDGET, Decimal(pounds)),), seconds=5, **more)  # type: ignore[arg-type]
    return ws.training.generate(settings, silent()).value


def test_the_outlook_counts_open_steps_people_and_courses(staffed: Workspace) -> None:
    found = staffed.training.outlook(Scope())
    assert (found.people, found.people_short, found.pairs_assessed, found.steps_open, found.courses) == (
        3, 3, 4, 2 + 1 + 1 + 3, 2,
    )  # fmt: skip
    assert found.first_budget == Decimal(2_000)
    narrow = staffed.training.outlook(Scope(departments=("Revenue",)))
    assert (narrow.people, narrow.steps_open) == (1, 3)


@pytest.mark.parametrize("by", list(PlanGrouping))
def test_groups_add_up_to_the_plan_and_hold_their_enrolments(staffed: Workspace, by: PlanGrouping) -> None:
    plan = plan_of(staffed)
    rows = enrolments(plan)
    groups = grouped(rows, by)
    assert sum(group.steps_closed for group in groups) == plan.summary.steps_closed
    assert sum(group.cost_gbp for group in groups) == plan.summary.cost_gbp
    assert sum(group.hours for group in groups) == plan.summary.hours
    for group in groups:
        own = [one for one in rows if belongs(one, by, group.key)]
        assert len(own) == group.enrolments
        assert len({one.staff_id for one in own}) == group.people


def test_an_enrolment_names_every_skill_it_raises(tmp_path: Path) -> None:
    both = [
        make_course("B", "Programming", cost_per_person_gbp=100),
        make_course("B", "Data modelling", cost_per_person_gbp=100),
    ]
    with make_workspace(
        tmp_path / "b.muster", roles=ROLES, people=PEOPLE[:1], ratings=RATINGS[:2], courses=both
    ) as made:
        (one,) = enrolments(plan_of(made))
    assert one.raises == "Data modelling, Programming"
    assert (one.steps_closed, one.cost_gbp, one.hours) == (3, Decimal(100), Decimal(10))


def test_open_needs_are_grouped_by_reason_without_figures(staffed: Workspace) -> None:
    plan = plan_of(staffed, 50)
    groups = unmet_by_reason(plan)
    assert sum(group.steps_left for group in groups) == plan.summary.steps_left
    assert sum(group.pairs for group in groups) == len(plan.unmet)
    assert {group.reason for group in groups} == {reason_kind(need.reason) for need in plan.unmet}
    assert all("£" not in group.reason for group in groups)


@given(st.sampled_from(["no course leads there", "exceeds the unspent money", "alone exceeds the hours"]))
def test_a_reason_is_read_whatever_stands_behind_it(kind: str) -> None:
    assert reason_kind(f"{kind} (£20.00 needed, £3.00 of L&D budget left); not proven") == kind


def test_pots_show_spending_beside_what_was_given(staffed: Workspace) -> None:
    (pot,) = pots(plan_of(staffed))
    assert (pot.pot, pot.spent, pot.given) == ("L&D budget", Decimal(300), Decimal(1_000))


def test_comparing_names_who_loses_and_what(staffed: Workspace) -> None:
    rich, poor = plan_of(staffed, 1_000), plan_of(staffed, 150)
    found = compared(rich, poor)
    by_name = {figure.what: figure for figure in found.figures}
    assert by_name["Steps closed"].difference == poor.summary.steps_closed - rich.summary.steps_closed
    assert by_name["Cost"].second == poor.summary.cost_gbp
    mine = {(line.staff_id, line.course_code) for line in rich.lines}
    theirs = {(line.staff_id, line.course_code) for line in poor.lines}
    losing = {staff for staff, _ in mine - theirs}
    assert {person.staff_id for person in found.people if person.only_first} == losing
    assert [person.difference for person in found.people] == sorted(p.difference for p in found.people)


def test_a_plan_compared_with_itself_differs_in_nothing(staffed: Workspace) -> None:
    plan = plan_of(staffed)
    found = compared(plan, plan)
    assert found.people == ()
    assert all(figure.difference == 0 for figure in found.figures)


def test_a_watch_hears_the_search_and_the_bound_never_loosens() -> None:
    watch = PlanWatch()
    assert watch.news is None
    watch.tell(3, 9)
    watch.tell(2, 12)
    assert watch.news == (3, 9)


def test_stopping_keeps_the_best_plan_and_cancelling_keeps_none(staffed: Workspace) -> None:
    watch = PlanWatch()
    watch.stop()
    settings = PlanSettings(budgets=(PotBudget(Funding.LEARNING_BUDGET, Decimal(1_000)),))
    kept = staffed.training.generate(settings, silent(), watch).value
    assert [card.plan_id for card in staffed.training.plans()] == [kept.plan_id]
    progress = Progress()
    progress.cancel()
    with pytest.raises(Cancelled):
        staffed.training.generate(settings, progress, PlanWatch())
    assert len(staffed.training.plans()) == 1


def test_wishes_are_kept_with_the_plan(staffed: Workspace) -> None:
    wish = LineWish("1001", "P", None, is_forbidden=True)
    plan = plan_of(staffed, wishes=(wish,))
    assert staffed.training.plan(plan.plan_id).settings.wishes == (wish,)
    assert ("1001", "P") not in {(line.staff_id, line.course_code) for line in plan.lines}
