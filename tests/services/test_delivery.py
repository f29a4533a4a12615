"""Priorities against people and plans: readiness, states, tracing to the penny, what slips; second counts beside."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from app.errors import UsageError
from app.files.options import ReadOptions
from app.progress import silent
from app.services.delivery import State
from app.services.scope import Scope
from app.services.strategy.editing import LineInput, PriorityInput
from app.services.training import PlanSettings, PotBudget
from app.terms import FinancialQuarter, Funding
from app.workspace import Workspace
from tests.builders import (
    ROLES,
    USER,
    clock,
    copied,
    load_courses,
    load_people,
    load_ratings,
    make_course,
    make_people,
    make_person,
    make_rating,
    make_workspace,
    write_rows,
)

SKILLS = ("Programming", "Data modelling", "Testing", "Prototyping")
LEVELS = ("Data engineer", "Senior data engineer", "Service designer")
REQUIRED = {
    "Data engineer": {"Programming": 2, "Data modelling": 1},
    "Senior data engineer": {"Programming": 3, "Data modelling": 3, "Testing": 2},
    "Service designer": {"Prototyping": 3, "Testing": 2},
}
ROLE = {
    "Data engineer": "Data engineer",
    "Senior data engineer": "Data engineer",
    "Service designer": "Service designer",
}
PEOPLE = 40


@pytest.fixture(scope="module")
def staffed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A closed workspace of forty people, half-rated, with courses for every skill."""
    folder = tmp_path_factory.mktemp("staffed")
    rng = random.Random(1)
    people = [
        make_person(f"{number:04d}", role_level=rng.choice(LEVELS), unit=rng.choice(("Data", "")),
                    department=rng.choice(("Home Office", "HM Treasury")), fte=rng.choice((1, 0.6)))
        for number in range(PEOPLE)
    ]  # fmt: skip
    ratings = [
        make_rating(one["staff_id"], skill, rng.randrange(0, 4))
        for one in people
        for skill in REQUIRED[one["role_level"]]
        if rng.random() < 0.85
    ]
    courses = [
        make_course(
            f"{skill}-{level}",
            skill,
            from_level=0,
            to_level=level,
            cost_per_person_gbp=rng.randrange(50, 900),
        )
        for skill in SKILLS
        for level in (2, 3)
    ]
    make_workspace(folder / "staffed.muster", roles=ROLES, people=people, ratings=ratings).close()
    with Workspace.open(folder / "staffed.muster", user=USER, clock=clock) as ws:
        load_courses(ws, write_rows(folder / "courses.csv", courses))
    return folder / "staffed.muster"


@pytest.fixture
def office(staffed: Path, tmp_path: Path) -> Iterator[Workspace]:
    """The staffed workspace, open."""
    with Workspace.open(copied(staffed, tmp_path / "office.muster"), user=USER, clock=clock) as ws:
        yield ws


def _plan(ws: Workspace, pounds: int = 3_000, quarters: int = 2) -> int:
    settings = PlanSettings(
        scope=Scope(with_contractors=False),
        budgets=(PotBudget(Funding.LEARNING_BUDGET, Decimal(pounds)),),
        quarters=quarters,
        seconds=60,
    )
    return ws.training.generate(settings, silent()).value.plan_id


def _load(ws: Workspace, folder: Path, *rows: dict[str, Any]) -> None:
    usual = {"area": "Data", "priority": "P", "target_date": "2027-03-31", "role_level": "", "role": "", "skill": "",
             "fte": "", "department": "", "programme": "", "weight": "", "from_quarter": "",
             "to_quarter": ""}  # fmt: skip
    path = write_rows(folder / "strategy.csv", [usual | row for row in rows])
    ws.strategy.commit_import(ws.strategy.preview_import(path, ReadOptions(), silent()))


def _lines(ws: Workspace, plan_id: int) -> set[tuple[str, str, str]]:
    return {(one.staff_id, one.course_code, one.quarter.code) for one in ws.training.plan(plan_id).lines}


def test_every_pound_and_step_is_traced(office: Workspace, tmp_path: Path) -> None:
    rng = random.Random(2)
    for case in range(6):
        if case:
            rows = [
                {"priority": rng.choice("ABC"), "skill": rng.choice(SKILLS)}
                if rng.random() < 0.5
                else {"priority": rng.choice("ABC"), "role_level": rng.choice(LEVELS)}
                for _ in range(case)
            ]
            _load(office, tmp_path, *rows)
            for name in {row["priority"] for row in rows}:
                office.strategy_desk.set_weight(name, rng.choice((0.3, 1.0, 2.5, 7.0)))
        plan = office.training.plan(_plan(office, rng.randrange(500, 6_000)))
        found = office.delivery.trace(plan.plan_id)
        assert found.cost_gbp == plan.summary.cost_gbp == sum(one.cost_gbp for one in found.lines)
        assert found.steps == plan.summary.steps_closed == sum(one.steps for one in found.totals)
        assert sum(one.cost_gbp for one in found.totals) == plan.summary.cost_gbp
        _compare_trace(office, plan, found)


def _compare_trace(ws: Workspace, plan: Any, found: Any) -> None:
    """Each part lies within a penny, or a hundredth of a step, of its exact share."""
    links = [(line.priority, need) for line in ws.delivery.board().lines for need in line.needs]
    weights = {line.priority: Fraction(str(line.weight or 1)) for line in ws.delivery.board().lines}
    cost: dict[int, int] = {}
    whole: dict[int, Fraction] = {}
    for one in plan.lines:
        cost[one.line_id] = cost.get(one.line_id, 0) + int(one.cost_gbp * 100)
        whole[one.line_id] = whole.get(one.line_id, Fraction(0)) + Fraction(one.weight) * one.steps_closed
    wanted: dict[tuple[int, str, str], tuple[Fraction, Fraction]] = {}
    for one in plan.lines:
        serves = {
            name
            for name, need in links
            if need.skill == one.skill or (need.role == one.role and need.role_level in ("", one.role_level))
        }
        part = (
            Fraction(one.weight) * one.steps_closed / whole[one.line_id]
            if whole[one.line_id]
            else Fraction(1)
        )
        total = sum((weights[name] for name in serves), Fraction(0))
        for name in serves or {"none"}:
            share = weights[name] / total if serves else Fraction(1)
            wanted[one.line_id, one.skill, name] = (
                cost[one.line_id] * part * share,
                one.steps_closed * 100 * share,
            )
    assert {(one.line_id, one.skill, one.priority) for one in found.lines} == set(wanted)
    for one in found.lines:
        pence, steps = wanted[one.line_id, one.skill, one.priority]
        assert abs(one.cost_pence - pence) < 2
        assert abs(one.step_hundredths - steps) < 1


def test_readiness_of_a_priority_equals_a_plain_count(office: Workspace, tmp_path: Path) -> None:
    _load(
        office,
        tmp_path,
        {"priority": "Skill", "skill": "Testing"},
        {"priority": "Role", "role": "Data engineer", "department": "Home Office"},
        {"priority": "Both", "role_level": "Service designer"},
        {"priority": "Both", "skill": "Programming", "department": "HM Treasury"},
        {"priority": "Late", "skill": "Testing", "target_date": "2027-06-30"},
    )
    plan = office.training.plan(_plan(office, 6_000))
    pairs = office.gaps.people_behind(Scope())
    tests = {
        "Skill": lambda one: one.skill == "Testing",
        "Role": lambda one: one.role == "Data engineer" and one.department == "Home Office",
        "Both": lambda one: (
            one.role_level == "Service designer"
            or (one.skill == "Programming" and one.department == "HM Treasury")
        ),
        "Late": lambda one: one.skill == "Testing",
    }
    for line in office.delivery.board().lines:
        mine = [one for one in pairs if tests[line.priority](one)]
        rated = [one for one in mine if one.held is not None]
        assert (line.required, line.assessed) == (len(mine), len(rated))
        assert line.meeting == sum(one.held >= one.required for one in rated)
        assert line.people == len({one.staff_id for one in mine})
        after = {
            (one.staff_id, one.skill): one.level_after
            for one in plan.lines
            if line.target_on is not None and one.quarter.last_day <= line.target_on
        }
        assert line.meeting_by_date == sum(
            max(one.held, after.get((one.staff_id, one.skill), 0)) >= one.required for one in rated
        )
        assert sum(one.levels_short for one in line.holding_back) == sum(one.gap for one in rated)
        behind = office.delivery.people_behind(line.priority_id)
        assert {(one.staff_id, one.skill, one.held, one.required) for one in behind} == {
            (one.staff_id, one.skill, one.held, one.required) for one in mine
        }
        assert {(one.staff_id, one.skill) for one in behind if one.plan_line} == {
            (one.staff_id, one.skill) for one in mine
        } & {(one.staff_id, one.skill) for one in plan.lines}


def _states(ws: Workspace) -> dict[str, State]:
    return {line.priority: line.state for line in ws.delivery.board().lines}


def test_a_priority_is_met_partly_met_impossible_undated_or_without_demand(
    ws: Workspace, tmp_path: Path
) -> None:
    load_people(ws, make_people(tmp_path / "people.csv"))
    staff = ("1001", "1002")
    ratings = [make_rating(one, skill, 3) for one in staff for skill in ("Programming", "Data modelling")]
    load_ratings(ws, write_rows(tmp_path / "ratings.csv", ratings))
    engineers = {"role_level": "Data engineer", "from_quarter": "2026Q3"}
    _load(
        ws,
        tmp_path,
        {"priority": "Met", "fte": 2, **engineers},
        {"priority": "Partly", "fte": 3, **engineers},
        {"priority": "Too late", "fte": 3, "target_date": "2027-03-30", **engineers},
        {"priority": "Past", "fte": 3, "target_date": "2026-03-31", "role_level": "Data engineer"},
        {"priority": "Undated", "fte": 1, "target_date": "", "role_level": "Data engineer"},
        {"priority": "Linked", "role_level": "Data engineer"},
        {"priority": "Bare"},
    )
    ws.strategy_desk.save_priority(PriorityInput("Data", "Aside"))
    ws.strategy_desk.set_aside("Aside")
    assert _states(ws) == {
        "Met": State.MET, "Partly": State.PARTLY, "Too late": State.IMPOSSIBLE, "Past": State.IMPOSSIBLE,
        "Undated": State.UNDATED, "Linked": State.WITHOUT_DEMAND, "Bare": State.WITHOUT_DEMAND,
        "Aside": State.SET_ASIDE,
    }  # fmt: skip
    said = {line.priority: line.sentence for line in ws.delivery.board().lines}
    assert said["Met"] == "All 2.00 FTE needed are in post and ready by the date."
    assert said["Partly"] == (
        "1.00 of 3.00 FTE are missing by the date: 3.00 are in post, 2.00 will be ready. "
        "100 % ready now; coverage 67 %."
    )
    assert said["Too late"].endswith("No course or hire that starts next quarter ends before the date.")
    assert said["Past"].endswith("The date has passed.")
    assert said["Undated"].startswith("No date is set, so nothing can be late.")
    assert said["Linked"].startswith("No FTE is stated for it.")
    assert said["Bare"] == "Nothing is linked to it: no role, no skill, no FTE."


def test_what_slips_is_what_a_cut_and_a_new_plan_lose(office: Workspace, tmp_path: Path) -> None:
    _load(
        office,
        tmp_path,
        {"priority": "Design", "role": "Service designer", "weight": 9},
        {"priority": "Other"},
    )
    plan = _plan(office, 1_200)
    found = office.delivery.slips("Design", silent(), plan)
    before = _lines(office, plan)
    assert found.of("lost")
    assert all(line.name for line in found.lines)
    assert {line.served for line in found.of("lost")} <= {True, False}
    office.strategy_desk.set_aside("Design")
    after = _lines(office, _plan(office, 1_200))
    lost = {(line.staff_id, line.course_code) for line in found.of("lost")}
    gained = {(line.staff_id, line.course_code) for line in found.of("gained")}
    assert lost == {line[:2] for line in before} - {line[:2] for line in after}
    assert gained == {line[:2] for line in after} - {line[:2] for line in before}
    assert {(line.staff_id, line.course_code, line.quarter.code) for line in found.of("moved")} == {
        line for line in after if line[:2] in {one[:2] for one in before} and line not in before
    }


def test_a_priority_nothing_rests_on_costs_nothing_to_cut(office: Workspace, tmp_path: Path) -> None:
    _load(office, tmp_path, {"priority": "Bare"})
    plan = _plan(office)
    assert office.delivery.slips("Bare", silent(), plan).lines == ()
    with pytest.raises(UsageError, match="no priority"):
        office.delivery.slips("Bear", silent(), plan)


def test_demand_by_hand_counts_and_is_known_again(office: Workspace) -> None:
    desk = office.strategy_desk
    desk.save_priority(PriorityInput("Data", "Registers", date(2027, 3, 31), 2.0))
    line = LineInput(role_level="data engineer", department="Home Office", fte_hundredths=250,
                     from_quarter=int(FinancialQuarter.parse("2026Q4")))  # fmt: skip
    desk.link("registers", line)
    assert [cell.fte_hundredths for cell in office.strategy.demand().cells] == [250]
    assert desk.link("Registers", LineInput(skill="Testing")) is not None
    assert desk.link("Registers", LineInput(skill="Testing")) is None
    assert desk.unlink("Registers", LineInput(skill="Testing")).value == 1
    (one,) = office.delivery.board().lines
    assert (one.weight, len(one.needs), one.demand[0].needed) == (2.0, 1, 250)
    with pytest.raises(UsageError, match="A weight cannot be 11"):
        desk.set_weight("Registers", 11)
    with pytest.raises(UsageError, match="nearest name is “Registers”"):
        desk.set_weight("Register", 2)
    desk.remove_priority("Registers")
    assert office.delivery.board().lines == ()
