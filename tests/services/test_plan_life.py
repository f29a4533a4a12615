"""The life of a plan: agreed, superseded, put away, deleted, compared, made again around what is booked; sign-off."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from app.analysis.trend import Part
from app.errors import ConflictError, UsageError
from app.progress import silent
from app.services.scope import Scope
from app.services.training import (
    LineChoice,
    LinesRefused,
    PlanSettings,
    PlanView,
    PotBudget,
    StatusEdit,
)
from app.services.training.grouping import PlanGrouping, enrolments, grouped
from app.terms import AssessedBy, FinancialQuarter, Funding, LineStatus
from app.workspace import Workspace
from tests.builders import (
    ROLES,
    contents,
    load_people,
    load_ratings,
    make_course,
    make_people,
    make_person,
    make_rating,
    make_workspace,
    write_rows,
)

PEOPLE = [
    make_person("1001", department="Revenue"),
    make_person("1002", department="Transport"),
    make_person("1003", department="Transport", role_level="Senior data engineer"),
]
RATINGS = [
    make_rating("1001", "Programming", 0, assessed_on="2026-04-01"),
    make_rating("1001", "Data modelling", 0, assessed_on="2026-04-01"),
    make_rating("1002", "Programming", 1, assessed_on="2026-04-01"),
    make_rating("1003", "Data modelling", 0, assessed_on="2026-04-01"),
    make_rating("1003", "Programming", 3, assessed_on="2026-04-01"),
]
COURSES = [
    make_course("P", "Programming", cost_per_person_gbp=100),
    make_course("D", "Data modelling", cost_per_person_gbp=50),
    make_course("L", "Programming", cost_per_person_gbp=900, funding="levy"),
]


@pytest.fixture
def staffed(tmp_path: Path) -> Iterator[Workspace]:
    with make_workspace(tmp_path / "plans.muster", roles=ROLES, courses=COURSES) as made:
        load_people(made, make_people(tmp_path / "people.csv", PEOPLE), date(2026, 1, 1))
        load_ratings(made, write_rows(tmp_path / "ratings.csv", RATINGS))
        yield made


def plan_of(ws: Workspace, pounds: int = 1_000, **more: object) -> PlanView:
    settings = PlanSettings(budgets=(PotBudget(Funding.LEARNING_BUDGET, Decimal(pounds)),), seconds=5, **more)  # type: ignore[arg-type]
    return ws.training.generate(settings, silent()).value


def lines_of(plan: PlanView) -> dict[tuple[str, str], str]:
    return {(one.staff_id, one.course_code): one.status for one in enrolments(plan)}


def bring(
    ws: Workspace, plan_id: int, staff: str, code: str, status: LineStatus, on: date | None = None
) -> int:
    """Bring a line to a status the legal way, in one action; returns the action."""
    way = [LineStatus.APPROVED, LineStatus.BOOKED, status]
    steps = [StatusEdit(staff, code, step, on) for step in dict.fromkeys(way[: way.index(status) + 1])]
    return ws.training.statuses.change(plan_id, steps).change.action_id


def held(ws: Workspace) -> dict[tuple[str, str], int | None]:
    return {(pair.staff_id, pair.skill): pair.held for pair in ws.gaps.people_behind(Scope())}


# --- the plan as a whole ------------------------------------------------------------------------------------------


def test_renaming_putting_away_and_bringing_back(staffed: Workspace) -> None:
    plan, life = plan_of(staffed), staffed.training.life
    assert life.rename(plan.plan_id, "  Plan   for the board ").value == "Plan for the board"
    life.put_away(plan.plan_id)
    assert staffed.training.plans() == ()
    assert [card.is_archived for card in staffed.training.plans(with_archived=True)] == [True]
    with pytest.raises(ConflictError, match="put away"):
        life.agree(plan.plan_id)
    life.put_away(plan.plan_id, is_back=True)
    life.agree(plan.plan_id)
    with pytest.raises(ConflictError, match="in force"):
        life.put_away(plan.plan_id)
    for title in ("", " ", "x" * 121):
        with pytest.raises(UsageError, match="characters"):
            life.rename(plan.plan_id, title)
    with pytest.raises(UsageError, match="no plan 99"):
        life.rename(99, "Other")


def test_a_draft_is_deleted_whole_and_comes_back_whole(staffed: Workspace) -> None:
    plan = plan_of(staffed, 100)
    before = contents(staffed.path or Path())
    outcome = staffed.training.life.delete(plan.plan_id)
    after = contents(staffed.path or Path())
    assert [after[name] for name in ("plan", "plan_line", "plan_line_skill", "plan_unmet")] == [
        [],
        [],
        [],
        [],
    ]
    staffed.admin.revert(outcome.change.action_id)
    assert contents(staffed.path or Path()) == before
    staff, code = next(iter(lines_of(plan)))
    bring(staffed, plan.plan_id, staff, code, LineStatus.BOOKED)
    with pytest.raises(ConflictError, match="booked"):
        staffed.training.life.delete(plan.plan_id)
    staffed.training.agree(plan.plan_id)
    with pytest.raises(ConflictError, match="only a draft"):
        staffed.training.life.delete(plan.plan_id)


def test_agreeing_takes_over_what_is_booked_and_says_what_is_left_behind(staffed: Workspace) -> None:
    first = plan_of(staffed, 1_000)
    staffed.training.agree(first.plan_id)
    for staff, code in (("1001", "D"), ("1001", "P")):
        bring(staffed, first.plan_id, staff, code, LineStatus.BOOKED)
    second = plan_of(staffed, 50)
    assert lines_of(second) != lines_of(first)
    seen = staffed.training.life.agree_preview(second.plan_id)
    mine = set(lines_of(second))
    assert seen.supersedes == ((first.plan_id, first.title),)
    assert seen.left_behind == sum(key not in mine for key in (("1001", "D"), ("1001", "P")))
    staffed.training.agree(second.plan_id)
    taken = lines_of(staffed.training.plan(second.plan_id))
    assert all(taken[key] == "booked" for key in (("1001", "D"), ("1001", "P")) if key in taken)
    assert staffed.training.plan(first.plan_id).status == "superseded"


def test_a_plan_made_around_another_keeps_what_is_booked_and_completed(staffed: Workspace) -> None:
    first = plan_of(staffed, 1_000)
    staffed.training.agree(first.plan_id)
    bring(staffed, first.plan_id, "1001", "P", LineStatus.BOOKED, date(2026, 11, 20))
    bring(staffed, first.plan_id, "1003", "D", LineStatus.COMPLETED, date(2026, 11, 23))
    bring(staffed, first.plan_id, "1002", "P", LineStatus.WITHDRAWN)
    around = plan_of(staffed, 150, around_plan_id=first.plan_id)
    made = lines_of(around)
    assert made == {("1001", "P"): "booked", ("1003", "D"): "completed"}
    assert around.summary.cost_gbp == Decimal(150)
    assert {line.reason.split(".")[0] for line in around.lines} == {"Booked already", "Completed already"}
    richer = plan_of(staffed, 1_000, around_plan_id=first.plan_id)
    assert lines_of(richer) == made | {("1001", "D"): "proposed", ("1002", "P"): "proposed"}
    quarters = {(one.staff_id, one.course_code): one.quarter for one in enrolments(first)}
    assert all(
        one.quarter == quarters[one.staff_id, one.course_code]
        for one in enrolments(richer)
        if one.status != "proposed"
    )


def test_money_of_somebody_who_did_not_attend_is_spent_and_the_course_may_come_again(
    staffed: Workspace,
) -> None:
    first = plan_of(staffed, 1_000)
    staffed.training.agree(first.plan_id)
    bring(staffed, first.plan_id, "1001", "P", LineStatus.DID_NOT_ATTEND)
    again = plan_of(staffed, 200, around_plan_id=first.plan_id)
    assert again.summary.cost_gbp <= Decimal(100)
    whole = plan_of(staffed, 1_000, around_plan_id=first.plan_id)
    assert lines_of(whole)["1001", "P"] == "proposed"


def test_quarters_that_have_begun_take_nobody_new(staffed: Workspace) -> None:
    past = FinancialQuarter.parse("2026Q2")
    first = plan_of(staffed, 1_000, start=past)
    staffed.training.agree(first.plan_id)
    bring(staffed, first.plan_id, "1001", "P", LineStatus.BOOKED)
    around = plan_of(staffed, 1_000, start=past, around_plan_id=first.plan_id)
    for one in enrolments(around):
        is_kept = (one.staff_id, one.course_code) == ("1001", "P")
        assert (one.quarter == past) if is_kept else (one.quarter >= FinancialQuarter.parse("2026Q4"))
    assert len(enrolments(around)) > 1


def test_a_booked_line_outside_the_new_plan_is_named(staffed: Workspace) -> None:
    first = plan_of(staffed, 1_000)
    bring(staffed, first.plan_id, "1001", "P", LineStatus.BOOKED)
    with pytest.raises(UsageError, match="1001 is booked on P"):
        plan_of(staffed, 1_000, start=FinancialQuarter.parse("2027Q3"), around_plan_id=first.plan_id)
    with pytest.raises(UsageError, match="no plan 99"):
        plan_of(staffed, 1_000, around_plan_id=99)


# --- lines that are over ------------------------------------------------------------------------------------------


def totals(plan: PlanView) -> tuple[Decimal, int, Decimal, int, int]:
    """Cost, steps, hours, people and lines of a plan, counted line by line."""
    alive = [one for one in enrolments(plan) if one.status not in ("withdrawn", "did not attend")]
    spent = [one.cost_gbp for one in enrolments(plan) if one.status != "withdrawn"]
    return (
        sum(spent, Decimal(0)),
        sum(one.steps_closed for one in alive),
        sum((one.hours for one in alive), Decimal(0)),
        len({one.staff_id for one in alive}),
        len(alive),
    )


def test_every_total_leaves_out_what_is_over(staffed: Workspace) -> None:
    plan = plan_of(staffed)
    assert totals(plan)[:2] == (plan.summary.cost_gbp, plan.summary.steps_closed)
    bring(staffed, plan.plan_id, "1001", "P", LineStatus.WITHDRAWN)
    bring(staffed, plan.plan_id, "1003", "D", LineStatus.DID_NOT_ATTEND)
    after = staffed.training.plan(plan.plan_id)
    figures = after.summary
    counted = (figures.cost_gbp, figures.steps_closed, figures.hours, figures.people, figures.enrolments)
    assert counted == totals(after)
    # 100 pounds come back, the 50 of who did not attend do not
    assert plan.summary.cost_gbp - figures.cost_gbp == Decimal(100)
    assert figures.steps_closed + figures.steps_left == figures.steps_open_before
    assert sum(need.level_required - need.level_after for need in after.unmet) == figures.steps_left
    assert dict(figures.cost_by_pot)["L&D budget"] == figures.cost_gbp
    (card,) = staffed.training.plans()
    assert (card.cost_gbp, card.steps_closed, card.enrolments) == (counted[0], counted[1], counted[4])
    for by in PlanGrouping:
        groups = grouped(enrolments(after), by)
        assert sum((group.cost_gbp for group in groups), Decimal(0)) == figures.cost_gbp
        assert sum(group.steps_closed for group in groups) == figures.steps_closed
        assert sum(group.enrolments for group in groups) == figures.enrolments
    again = plan_of(staffed)
    found = staffed.training.compare(after.plan_id, again.plan_id)
    assert sum(pot.cost_first for pot in found.pots) == figures.cost_gbp
    assert sum(one.steps_first for one in found.departments) == figures.steps_closed


def test_who_stays_bears_the_group_and_loses_what_was_built_on(tmp_path: Path) -> None:
    courses = [
        make_course("G", "Data modelling", cost_per_person_gbp=0, cost_per_cohort_gbp=300, min_group=1, max_group=5),
        make_course("A", "Programming", to_level=1, duration_quarters=1),
        make_course("B", "Programming", from_level=1, to_level=2, duration_quarters=1),
    ]  # fmt: skip
    with make_workspace(tmp_path / "plans.muster", roles=ROLES, courses=courses) as ws:
        load_people(ws, make_people(tmp_path / "people.csv", PEOPLE), date(2026, 1, 1))
        load_ratings(ws, write_rows(tmp_path / "ratings.csv", RATINGS))
        plan = plan_of(ws)
        before = {(one.staff_id, one.course_code): one for one in enrolments(plan)}
        assert {("1001", "G"), ("1003", "G"), ("1001", "A"), ("1001", "B")} <= set(before)
        preview = ws.training.statuses.preview(
            plan.plan_id,
            [StatusEdit("1001", code, LineStatus.WITHDRAWN) for code in ("G", "A")],
        )
        done = ws.training.statuses.change(
            plan.plan_id,
            [StatusEdit("1001", code, LineStatus.WITHDRAWN) for code in ("G", "A")],
        ).value
        assert (preview.before, preview.after) == (done.before, done.after)
        after = ws.training.plan(plan.plan_id)
        lines = {(one.staff_id, one.course_code): one for one in enrolments(after)}
        assert lines["1003", "G"].cost_gbp == Decimal(300)  # the whole group, where it was half of it
        assert lines["1001", "B"].steps_closed == 0  # nothing leads to where it begins
        assert (
            after.summary.cost_gbp
            == totals(after)[0]
            == Decimal(300)
            + sum(lines[key].cost_gbp for key in lines if key[1] in ("A", "B") and key != ("1001", "A"))
        )
        assert after.summary.steps_closed == totals(after)[1] == preview.after.steps_closed
        follow = {(one.staff_id, one.after.course_code) for one in done.lines if one.after is not None}
        assert {("1003", "G"), ("1001", "B")} <= follow


# --- comparing ----------------------------------------------------------------------------------------------------


def test_two_plans_are_compared_by_pot_department_person_and_line(staffed: Workspace) -> None:
    levy = PlanSettings(
        budgets=(PotBudget(Funding.LEARNING_BUDGET, Decimal(50)), PotBudget(Funding.LEVY, Decimal(2_000))),
        seconds=5,
    )
    rich, other = plan_of(staffed, 1_000), staffed.training.generate(levy, silent()).value
    found = staffed.training.compare(rich.plan_id, other.plan_id)
    for part in (found.pots, found.departments):
        assert sum(group.cost_first for group in part) == rich.summary.cost_gbp
        assert sum(group.cost_second for group in part) == other.summary.cost_gbp
        assert sum(group.steps_first for group in part) == rich.summary.steps_closed
        assert sum(group.steps_second for group in part) == other.summary.steps_closed
    assert {pot.name for pot in found.pots} == {"L&D budget", "apprenticeship levy"}
    mine, theirs = set(lines_of(rich)), set(lines_of(other))
    by_change = {(line.staff_id, line.course_code): line.change for line in found.lines}
    assert {key for key, change in by_change.items() if change == "only first"} == mine - theirs
    assert {key for key, change in by_change.items() if change == "only second"} == theirs - mine
    assert found.losing + found.gaining <= len(found.people)
    same = staffed.training.compare(rich.plan_id, rich.plan_id)
    assert (same.lines, same.people) == ((), ())


# --- completion and sign-off --------------------------------------------------------------------------------------


def test_completion_proposes_ratings_and_changes_none(staffed: Workspace) -> None:
    plan, before = plan_of(staffed), held(staffed)
    action = bring(staffed, plan.plan_id, "1001", "P", LineStatus.COMPLETED, date(2026, 11, 20))
    assert held(staffed) == before
    (one,) = staffed.training.sign_off.lines()
    assert (one.staff_id, one.skill, one.level_now, one.level, one.course_code) == (
        "1001",
        "Programming",
        0,
        2,
        "P",
    )
    assert (one.completed_on, one.plan_id, one.department) == (date(2026, 11, 20), plan.plan_id, "Revenue")
    assert staffed.training.sign_off.waiting() == 1
    assert staffed.training.sign_off.lines(Scope(departments=("Transport",))) == ()
    staffed.admin.revert(action)
    assert staffed.training.sign_off.waiting() == 0


def test_accepting_writes_a_rating_with_the_course_as_evidence(staffed: Workspace) -> None:
    plan, sign_off = plan_of(staffed), staffed.training.sign_off
    bring(staffed, plan.plan_id, "1001", "P", LineStatus.COMPLETED)
    (one,) = sign_off.lines()
    outcome = sign_off.accept([one.proposal_id], AssessedBy.LINE_MANAGER, comment="Seen at work")
    assert (outcome.value.accepted, outcome.value.counting) == (1, 1)
    assert held(staffed)["1001", "Programming"] == 2
    rating = next(
        line
        for line in staffed.assessments.history(one.person_id)
        if line.is_current and line.skill == one.skill
    )
    assert (rating.level, rating.assessed_by, rating.evidence, rating.comment) == (
        2,
        "line manager",
        "P",
        "Seen at work",
    )
    assert sign_off.lines() == ()
    (decided,) = sign_off.lines(with_decided=True)
    assert (decided.status, decided.decided_by) == ("accepted", "tester")
    with pytest.raises(ConflictError, match="accepted by tester already"):
        sign_off.reject([one.proposal_id])
    assert all(result.is_good for result in staffed.admin.check())
    staffed.admin.revert(outcome.change.action_id)
    assert held(staffed)["1001", "Programming"] == 0
    assert sign_off.waiting() == 1


def test_the_trend_sees_a_signed_off_rating_as_training(staffed: Workspace) -> None:
    plan = plan_of(staffed)
    bring(staffed, plan.plan_id, "1001", "P", LineStatus.COMPLETED)
    (one,) = staffed.training.sign_off.lines()
    staffed.training.sign_off.accept([one.proposal_id], AssessedBy.SELF)
    found = staffed.trends.between(Scope(), date(2026, 11, 1), date(2026, 11, 23))
    training = found.total.part(Part.TRAINING)
    assert (training.meeting, training.levels_short) == (1, -2)


def test_a_weaker_kind_is_written_and_said_not_to_count(staffed: Workspace) -> None:
    person = next(line.person_id for line in staffed.people.table(Scope()).lines if line.staff_id == "1001")
    skill = staffed.frameworks.skills()["Programming"]
    staffed.assessments.set_level(person, skill, 1, AssessedBy.HEAD_OF_PROFESSION)
    plan = plan_of(staffed)
    bring(staffed, plan.plan_id, "1001", "P", LineStatus.COMPLETED)
    (one,) = staffed.training.sign_off.lines()
    done = staffed.training.sign_off.accept([one.proposal_id], AssessedBy.SELF).value
    assert (done.accepted, done.counting) == (1, 0)
    assert held(staffed)["1001", "Programming"] == 1


def test_rejecting_leaves_ratings_and_days_are_checked(staffed: Workspace) -> None:
    plan, sign_off = plan_of(staffed), staffed.training.sign_off
    bring(staffed, plan.plan_id, "1001", "P", LineStatus.COMPLETED, date(2026, 11, 20))
    before = held(staffed)
    (one,) = sign_off.lines()
    for day in (date(2026, 11, 19), date(2026, 12, 1)):
        with pytest.raises(UsageError):
            sign_off.accept([one.proposal_id], AssessedBy.SELF, on=day)
    for numbers in ((), (99,)):
        with pytest.raises(UsageError):
            sign_off.accept(numbers, AssessedBy.SELF)
    assert sign_off.reject([one.proposal_id], "Not yet").value == 1
    assert held(staffed) == before
    assert sign_off.waiting() == 0


def test_statuses_in_bulk_are_all_or_none(staffed: Workspace) -> None:
    plan, statuses = plan_of(staffed), staffed.training.statuses
    everything = LineChoice()
    edits = statuses.chosen(plan.plan_id, everything, LineStatus.APPROVED, date(2026, 11, 1), "By the board")
    assert len(edits) == len(lines_of(plan))
    statuses.change(plan.plan_id, edits)
    assert set(lines_of(staffed.training.plan(plan.plan_id)).values()) == {"approved"}
    some = statuses.chosen(plan.plan_id, LineChoice(departments=("Transport",)), LineStatus.BOOKED)
    assert {edit.staff_id for edit in some} == {"1002", "1003"}
    statuses.change(plan.plan_id, some)
    with pytest.raises(LinesRefused, match="cannot become completed"):
        statuses.change(plan.plan_id, statuses.chosen(plan.plan_id, everything, LineStatus.COMPLETED))
    counted = {count.status.value: count.lines for count in statuses.counts(plan.plan_id)}
    assert counted == {"approved": len(edits) - len(some), "booked": len(some)}
