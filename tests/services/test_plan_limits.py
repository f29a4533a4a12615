"""The further limits of a plan, from settings to lines: each with figures worked out by hand."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from app.errors import NoPlanError, UsageError
from app.files.options import ReadOptions
from app.progress import silent
from app.services.training import (
    PlanLimits,
    PlanSettings,
    PlanView,
    PotBudget,
    StatusEdit,
    parse_department_budget,
    parse_target,
)
from app.services.training.demands import allowed_away
from app.services.training.grouping import enrolments
from app.terms import Funding, LineStatus
from app.workspace import Workspace
from tests.builders import (
    ROLES,
    load_people,
    load_ratings,
    make_course,
    make_people,
    make_person,
    make_rating,
    make_workspace,
    write_rows,
)

HOME, TREASURY = "Home Office", "HM Treasury"
PEOPLE = [
    *(make_person(f"10{n:02d}", unit="Data") for n in range(1, 11)),
    *(make_person(f"20{n:02d}", department=TREASURY, unit="Digital") for n in range(1, 5)),
    make_person("9001", unit="Data", role_level="Senior data engineer", name="Ada Mentor"),
]
RATINGS = [make_rating(person["staff_id"], "Programming", 0) for person in PEOPLE[:-1]] + [
    make_rating("9001", "Programming", 4)
]


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Workspace]:
    with make_workspace(tmp_path / "limits.muster", roles=ROLES, courses=[make_course("C1")]) as made:
        load_people(made, make_people(tmp_path / "people.csv", PEOPLE), date(2026, 1, 1))
        load_ratings(made, write_rows(tmp_path / "ratings.csv", RATINGS))
        yield made


def courses(ws: Workspace, folder: Path, *rows: dict[str, Any]) -> None:
    path = write_rows(folder / "more.csv", list(rows))
    ws.training.commit_courses(ws.training.preview_courses(path, ReadOptions(), silent()))


def plan_of(ws: Workspace, *budgets: PotBudget, **more: Any) -> PlanView:
    limits = PlanLimits(
        **{key: more.pop(key) for key in list(more) if key in PlanLimits.__dataclass_fields__}
    )
    settings = PlanSettings(budgets=budgets, seconds=20, limits=limits, **more)
    return ws.training.generate(settings, silent()).value


def learning(pounds: int, *departments: str) -> PotBudget:
    return PotBudget(Funding.LEARNING_BUDGET, Decimal(pounds), None, departments)


def people_of(plan: PlanView) -> Counter[str]:
    return Counter(line.department for line in enrolments(plan))


def test_a_department_spends_its_own_money_and_the_others_nothing(office: Workspace) -> None:
    plan = plan_of(office, learning(250, TREASURY))
    assert people_of(plan) == {TREASURY: 2}


def test_a_department_draws_on_its_own_first_and_then_on_the_reserve(office: Workspace) -> None:
    """£450 of the Treasury's own pay for four; with £300 shared the Home Office gets three."""
    budgets = (learning(450, TREASURY), learning(50, HOME))
    reserve = (learning(300),)
    plan = plan_of(office, *budgets, reserves=reserve)
    # the Home Office's £50 alone buys nobody, with the reserve's £300 it buys three
    assert people_of(plan) == {TREASURY: 4, HOME: 3}
    assert plan.summary.status == "optimal"
    less = plan_of(office, *budgets, reserves=(learning(249),))
    assert people_of(less) == {TREASURY: 4, HOME: 2}


def test_departments_nobody_named_draw_on_the_reserve_alone(office: Workspace) -> None:
    plan = plan_of(office, learning(100, TREASURY), reserves=(learning(200),))
    assert people_of(plan).total() == 3
    assert people_of(plan)[TREASURY] >= 1


def test_a_budget_may_speak_of_a_unit_below_a_department(office: Workspace) -> None:
    assert people_of(plan_of(office, learning(300, f"{HOME} / Data"))) == {HOME: 3}


def test_own_money_within_other_own_money_is_refused_where_a_reserve_follows_it(office: Workspace) -> None:
    with pytest.raises(UsageError, match="people in common"):
        plan_of(office, learning(300, HOME), learning(100, f"{HOME} / Data"), reserves=(learning(100),))


def test_programme_money_of_a_department_is_for_its_people_alone(office: Workspace, tmp_path: Path) -> None:
    courses(office, tmp_path, make_course("P1", funding="programme"))
    own = parse_department_budget(f"{TREASURY}=10000", Funding.PROGRAMME)
    plan = plan_of(office, learning(0), own)
    assert people_of(plan) == {TREASURY: 4}
    kinds = {need.reason for need in plan.unmet if need.department == HOME}
    assert kinds == {"exceeds the unspent money (£100.00 needed, £0.00 of L&D budget left)"}


def test_no_more_than_a_share_of_a_unit_is_away_in_a_quarter(office: Workspace) -> None:
    """Eleven in Data: 20 % are two a quarter; four in Digital: 20 % is none, so one goes all the same."""
    plan = plan_of(office, learning(5_000), release_pct=Decimal(20), quarters=3)
    away: dict[tuple[str, str], set[str]] = defaultdict(set)
    for line in enrolments(plan):
        away[line.unit, line.quarter.code].add(line.staff_id)
    assert {len(people) for (unit, _), people in away.items() if unit.endswith("Data")} == {2}
    assert {len(people) for (unit, _), people in away.items() if unit.endswith("Digital")} == {1}
    assert {need.reason for need in plan.unmet} == {"too many of the unit away already"}
    assert plan_of(office, learning(5_000), release_pct=Decimal(0)).lines == ()


@pytest.mark.parametrize(
    ("heads", "share", "most"), [(11, 20, 2), (4, 20, 1), (10, 100, 10), (9, 0, 0), (3, 50, 1)]
)
def test_the_share_of_a_team_is_rounded_down_but_always_one(heads: int, share: int, most: int) -> None:
    assert allowed_away(heads, Decimal(share)) == most


def mentoring(**more: Any) -> dict[str, Any]:
    usual = {"delivery": "mentoring", "mentor_hours": 5, "max_mentees": 2, "funding": "free", "to_level": 3}
    return make_course("M1", cost_per_person_gbp=0, **(usual | more))


def test_a_mentor_takes_so_many_in_a_quarter_and_only_people_in_reach(
    office: Workspace, tmp_path: Path
) -> None:
    courses(office, tmp_path, mentoring())
    plan = plan_of(office, learning(0), quarters=3)
    taken = [line for line in enrolments(plan) if line.course_code == "M1"]
    assert {line.department for line in taken} == {HOME}
    assert Counter(line.quarter for line in taken).values().__iter__().__next__() == 2
    assert len(taken) == 6
    assert all("Mentor: Ada Mentor (9001)." in line.reason for line in taken)
    assert {need.reason.split(" (")[0] for need in plan.unmet if need.department == TREASURY} == {
        "exceeds the unspent money"
    }
    assert {line.mentor for line in plan.lines if line.course_code == "M1"} == {"Ada Mentor (9001)"}
    book = office.reports.plan_workbook(plan, tmp_path / "plan.xlsx", silent())
    sheet = load_workbook(tmp_path / "plan.xlsx")["Plan"]
    assert "Ada Mentor (9001)" in {cell.value for row in sheet.iter_rows() for cell in row}, book
    alone = plan_of(office, learning(0), has_mentoring=False)
    assert alone.lines == ()
    assert alone.summary.left_out_offers == ("M1",)


def test_mentoring_comes_out_of_the_mentors_own_hours(office: Workspace, tmp_path: Path) -> None:
    courses(office, tmp_path, mentoring(mentor_hours=25, max_mentees=9))
    taken = [
        line for line in enrolments(plan_of(office, learning(0), quarters=2)) if line.course_code == "M1"
    ]
    assert Counter(Counter(line.quarter for line in taken).values()) == {1: 2}  # 40 hours hold one of 25


@pytest.mark.parametrize(("hours", "in_second"), [(25, 1), (12, 4)])
def test_hours_a_mentor_gives_in_another_plan_are_taken_off(
    office: Workspace, tmp_path: Path, hours: int, in_second: int
) -> None:
    """Of 40 hours a quarter: beside one of 25 no other fits, so that the second plan has the other quarter alone."""
    courses(office, tmp_path, mentoring(mentor_hours=hours, max_mentees=9))
    first = plan_of(office, learning(0), quarters=1)
    # as many as 40 hours hold: one of 25, or three of 12
    booked = [StatusEdit(line.staff_id, "M1", LineStatus.APPROVED) for line in enrolments(first)][:2]
    office.training.agree(first.plan_id)
    office.training.statuses.change(first.plan_id, booked)
    second = Counter(line.quarter for line in enrolments(plan_of(office, learning(0), quarters=2)))
    quarter = first.quarters[0]
    assert len(booked) == min(2, 40 // hours)
    assert second[quarter] == (40 - len(booked) * hours) // hours
    assert second.total() == in_second
    again = plan_of(office, learning(0), quarters=2, is_less_booked=False)
    assert Counter(line.quarter for line in enrolments(again))[quarter] == 40 // hours


def test_nobody_mentors_towards_a_level_they_do_not_hold(office: Workspace, tmp_path: Path) -> None:
    load_ratings(office, write_rows(tmp_path / "lower.csv", [make_rating("9001", "Programming", 2)]))
    courses(office, tmp_path, mentoring(to_level=2))
    plan = plan_of(office, learning(0))
    assert plan.lines == ()  # at working: below practitioner, though the offer leads no further than working


def test_a_hard_target_is_met_and_costs_what_else_could_be_had(office: Workspace, tmp_path: Path) -> None:
    courses(office, tmp_path, make_course("CHEAP", "Data modelling", cost_per_person_gbp=10))
    load_ratings(
        office,
        write_rows(
            tmp_path / "two.csv", [make_rating(f"10{n:02d}", "Data modelling", 0) for n in range(1, 11)]
        ),
    )
    target = parse_target("Data engineer||Programming|working|2026Q4")
    plan = plan_of(office, learning(1_400), targets=(target,), quarters=2)
    done = [line for line in enrolments(plan) if line.course_code == "C1"]
    assert len(done) == 14
    without = plan_of(office, learning(1_400), quarters=2)
    assert without.summary.steps_closed > plan.summary.steps_closed


def test_a_target_out_of_reach_says_what_clashes(office: Workspace) -> None:
    target = parse_target("Data engineer||Programming|working|2026Q4")
    with pytest.raises(NoPlanError) as refused:
        plan_of(office, learning(1_300), targets=(target,))
    assert refused.value.sentence == (
        "No plan is possible: L&D budget is £1,300.00; "
        "Data engineer at working in Programming by 2026-27 Q4 (14 people)."
    )


def test_a_soft_target_is_met_where_it_is_worth_more(office: Workspace, tmp_path: Path) -> None:
    """£100 buy two steps of Programming or ten times one of Data modelling; a price of 10 turns that round."""
    courses(office, tmp_path, make_course("CHEAP", "Data modelling", to_level=1, cost_per_person_gbp=10))
    ratings = [make_rating(f"10{n:02d}", "Data modelling", 0) for n in range(1, 11)]
    load_ratings(office, write_rows(tmp_path / "two.csv", ratings))
    soft = parse_target("|Data engineer|Programming|working|2026Q4|soft=10")
    plain = plan_of(office, learning(100))
    wished = plan_of(office, learning(100), targets=(soft,))
    assert {line.course_code for line in enrolments(plain)} == {"CHEAP"}
    assert {line.course_code for line in enrolments(wished)} == {"C1"}
    assert (wished.summary.objective, wished.summary.steps_closed) == (
        22,
        2,
    )  # two steps, each worth ten more


def test_no_department_gets_less_than_its_share(office: Workspace) -> None:
    """Both could close two steps for everybody; half of the Treasury's four people's need is two of them."""
    plan = plan_of(office, learning(700), fair_pct=Decimal(50))
    assert people_of(plan) == {HOME: 5, TREASURY: 2}
    with pytest.raises(NoPlanError, match=r"50 % of its need.*50 % of its need"):
        plan_of(office, learning(600), fair_pct=Decimal(50))


def test_groups_that_stay_within_a_department_each_pay_their_own_price(
    office: Workspace, tmp_path: Path
) -> None:
    courses(
        office, tmp_path,
        make_course("G1", to_level=3, cost_per_person_gbp=0, cost_per_cohort_gbp=140, min_group=3, max_group=14),
    )  # fmt: skip
    mixed = plan_of(office, learning(140))
    assert people_of(mixed) == {HOME: 10, TREASURY: 4}
    apart = plan_of(office, learning(140), separate_groups=("G1",))
    assert people_of(apart) == {HOME: 10}
    assert {line.course_code for line in enrolments(apart)} == {"G1"}
    assert people_of(plan_of(office, learning(280), separate_groups=("all",))) == {HOME: 10, TREASURY: 4}
    with pytest.raises(UsageError, match="There is no course “X”"):
        plan_of(office, learning(280), separate_groups=("X",))


def test_what_is_booked_takes_money_places_and_steps(office: Workspace) -> None:
    first = plan_of(office, learning(300))
    booked = sorted(line.staff_id for line in enrolments(first))
    office.training.agree(first.plan_id)
    office.training.statuses.change(
        first.plan_id, [StatusEdit(staff, "C1", LineStatus.APPROVED) for staff in booked]
    )
    second = plan_of(office, learning(500))
    assert len(enrolments(second)) == 2
    assert not set(booked) & {line.staff_id for line in enrolments(second)}
    assert second.summary.notes == (
        "3 lines are approved or booked already: £300.00, their hours and their places are taken off.",
    )
    again = plan_of(office, learning(500), is_less_booked=False)
    assert len(enrolments(again)) == 5


def test_booked_lines_eat_into_own_money_before_the_reserve(office: Workspace) -> None:
    first = plan_of(office, learning(200, TREASURY))
    office.training.agree(first.plan_id)
    lines = [StatusEdit(line.staff_id, "C1", LineStatus.APPROVED) for line in enrolments(first)]
    office.training.statuses.change(first.plan_id, lines)
    # £100 of the £200 booked come from the Treasury's own, £100 from the reserve of £300: £200 are left to share
    plan = plan_of(office, learning(100, TREASURY), reserves=(learning(300),))
    assert len(enrolments(plan)) == 2


def test_settings_with_every_limit_come_back_as_they_were_kept(office: Workspace) -> None:
    limits = PlanLimits(
        reserves=(learning(100), replace(learning(20), year=2026)),
        release_pct=Decimal("12.5"),
        fair_pct=Decimal(5),
        targets=(
            parse_target("Data engineer||Programming|2|2027Q1"),
            parse_target("||Testing|expert|2027Q2|soft=0.5"),
        ),
        separate_groups=("C1",),
        has_mentoring=False,
        is_less_booked=False,
        is_levy_strict=True,
    )
    budgets = (learning(5), replace(learning(7, TREASURY, HOME), year=2027))
    settings = PlanSettings(budgets=budgets, limits=limits)
    assert PlanSettings.from_json(settings.as_json()) == settings
    assert PlanSettings.from_json({**settings.as_json(), "limits": {}}).limits == PlanLimits()
    assert [heading for heading, _ in limits.asked()] == [
        "Shared reserve", "People away", "Fair share", "Target", "Target, if it is worth it",
        "Groups of one department", "Mentoring", "Levy", "Booked already",
    ]  # fmt: skip


def test_the_levy_may_be_kept_for_courses_delivered_as_apprenticeships(
    office: Workspace, tmp_path: Path
) -> None:
    courses(
        office, tmp_path,
        make_course("A1", funding="levy", delivery="apprenticeship"),
        make_course("A2", funding="levy", to_level=3),
    )  # fmt: skip
    levy = PotBudget(Funding.LEVY, Decimal(10_000))
    usual = plan_of(office, learning(0), levy)
    assert {line.course_code for line in enrolments(usual)} <= {"A1", "A2"}
    assert "not delivered as apprenticeships: A2 (online)" in usual.summary.notes[0]
    strict = plan_of(office, learning(0), levy, is_levy_strict=True)
    assert {line.course_code for line in enrolments(strict)} == {"A1"}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("Data engineer|Programming|working|2026Q4", "is not a target"),
        ("||Programming|fluent|2026Q4", "is not a level"),
        ("||Programming|working|soon", "is not a quarter"),
        ("||Programming|working|2026Q4|soft", "not the price"),
        ("||Programming|working|2026Q4|soft=nan", "not the price"),
    ],
)
def test_a_target_that_cannot_be_read_is_refused(text: str, why: str) -> None:
    with pytest.raises(UsageError, match=why):
        parse_target(text)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("Plumber||Programming|working|2026Q4", "no role or role level called “Plumber”"),
        ("||Juggling|working|2026Q4", "Nobody's role requires “Juggling”"),
        ("||Programming|working|2031Q4", "falls outside the plan"),
    ],
)
def test_a_target_about_nothing_is_refused(office: Workspace, text: str, why: str) -> None:
    with pytest.raises(UsageError, match=why):
        plan_of(office, learning(100), targets=(parse_target(text),))


def test_whom_a_target_does_not_ask_all_of_is_said(office: Workspace, tmp_path: Path) -> None:
    load_ratings(office, write_rows(tmp_path / "one.csv", [make_rating("1001", "Data modelling", 0)]))
    target = parse_target("Data engineer|Data engineer|Data modelling|expert|2026Q4|soft=1")
    assert plan_of(office, learning(0), targets=(target,)).summary.notes == (
        "13 people are not assessed in Data modelling: the target asks nothing of them.",
        "14 people's roles require less than expert in Data modelling: no more is asked of them.",
    )
