"""Training plans through the command line: what is printed, what limits do, how plans live on."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.builders import built_once, make_course, make_person, make_rating, write_rows
from tests.command_line import muster

LINE = [
    "staff_id", "name", "department", "unit", "grade", "role_family", "role", "role_level", "course_code", "course",
    "provider", "delivery", "quarter", "skill", "level_now", "level_after", "level_required", "steps_closed",
    "weight", "hours", "cost_gbp", "funding", "reason", "status",
]  # fmt: skip
SUMMARY = [
    "status", "objective", "bound", "gap_pct", "cost_gbp", "hours", "seconds", "steps_open_before", "steps_closed",
    "steps_left",
]  # fmt: skip
UNMET = ["staff_id", "skill", "level_now", "level_after", "level_required", "reason"]
PEOPLE = [
    make_person("1001"), make_person("1002", department="HM Treasury", role_level="Senior data engineer"),
    make_person("1003", employment="contractor"), make_person("1004", department="HM Treasury"),
]  # fmt: skip
RATINGS = [
    make_rating(staff, skill, 0)
    for staff in ("1001", "1002", "1003")
    for skill in ("Programming", "Data modelling")
] + [make_rating("1002", "Testing", 1)]  # fmt: skip
COURSES = [
    make_course("C1", hours=20, cost_per_person_gbp="100.10"),
    make_course("C1", "Data modelling", hours=20, cost_per_person_gbp="100.10"),
    make_course("C2", from_level=2, to_level=3, cost_per_person_gbp=50),
    make_course("FREE", "Testing", funding="free", cost_per_person_gbp=0),
    make_course("LEVY", "Data modelling", from_level=2, to_level=3, funding="levy", cost_per_person_gbp=900),
]  # fmt: skip


def _made_ready(small: Path) -> None:
    for kind, rows in (("people", PEOPLE), ("assessments", RATINGS), ("courses", COURSES)):
        muster("import", kind, write_rows(small.parent / f"{kind}.csv", rows), on=small).ok()


@pytest.fixture
def ready(small: Path) -> Path:
    return built_once(small, _made_ready)


def _plan(ready: Path, *words: object) -> Any:
    return muster("plan", *words, "--format", "json", on=ready).ok().json


def _who(plan: Any) -> set[tuple[str, str]]:
    return {(line["staff_id"], line["course_code"]) for line in plan["lines"]}


def test_json_has_the_keys_of_the_formats_in_order(ready: Path) -> None:
    plan = _plan(ready, "make", "--budget", 1000)
    assert list(plan) == ["lines", "summary", "unmet"]
    assert all(list(line) == LINE for line in plan["lines"])
    assert list(plan["summary"]) == SUMMARY
    assert plan["unmet"]
    assert all(list(need) == UNMET for need in plan["unmet"])
    assert plan["summary"]["status"] == "optimal"
    assert plan["summary"]["objective"] == plan["summary"]["bound"] == plan["summary"]["steps_closed"]
    assert plan["summary"]["gap_pct"] == 0


def test_hours_and_cost_stand_on_the_first_row_of_an_enrolment(ready: Path) -> None:
    plan = _plan(ready, "--budget", 1000)
    double = [line for line in plan["lines"] if (line["staff_id"], line["course_code"]) == ("1002", "C1")]
    assert [(line["skill"], line["hours"], line["cost_gbp"]) for line in double] == [
        ("Data modelling", 20, 100.1), ("Programming", 0, 0),
    ]  # fmt: skip
    assert sum(line["steps_closed"] for line in plan["lines"]) == plan["summary"]["steps_closed"]
    assert sum(line["hours"] for line in plan["lines"]) == plan["summary"]["hours"]
    assert (
        plan["summary"]["steps_left"] + plan["summary"]["steps_closed"]
        == plan["summary"]["steps_open_before"]
    )


def test_money_has_two_places_in_json_and_csv(ready: Path) -> None:
    ran = muster("plan", "--budget", "1000", "--format", "json", on=ready).ok()
    assert '"cost_gbp": 100.10' in ran.out
    assert '"cost_gbp": 0.00' in ran.out
    rows = muster("plan", "show", "--format", "csv", on=ready).ok().rows
    assert list(rows[0]) == LINE
    assert {len(row["cost_gbp"].split(".")[1]) for row in rows} == {2}
    assert sum(Decimal(row["cost_gbp"]) for row in rows) == Decimal(str(ran.json["summary"]["cost_gbp"]))


def test_levels_build_on_one_another_in_later_quarters(ready: Path) -> None:
    lines = [line for line in _plan(ready, "--budget", 1000)["lines"] if line["staff_id"] == "1002"]
    steps = [
        (line["quarter"], line["level_now"], line["level_after"])
        for line in lines
        if line["skill"] == "Programming"
    ]
    assert steps == [("2026Q4", 0, 2), ("2027Q1", 2, 3)]


def test_with_every_pot_at_zero_only_free_courses_appear(ready: Path) -> None:
    plan = _plan(ready, "--budget", 0)
    assert _who(plan) == {("1002", "FREE")}
    assert plan["summary"]["cost_gbp"] == 0
    assert {need["reason"] for need in plan["unmet"]} != {""}
    assert any("money" in need["reason"] for need in plan["unmet"])


def test_the_levy_pays_for_its_own_courses_only(ready: Path) -> None:
    assert ("1002", "LEVY") not in _who(_plan(ready, "--budget", 5000))
    plan = _plan(ready, "--budget", 5000, "--levy", 900)
    assert ("1002", "LEVY") in _who(plan)
    assert plan["unmet"] == []


def test_contractors_are_out_unless_included(ready: Path) -> None:
    assert "1003" not in {staff for staff, _ in _who(_plan(ready, "--budget", 1000))}
    assert "1003" in {staff for staff, _ in _who(_plan(ready, "--budget", 1000, "--contractors", "include"))}


def test_a_plan_of_one_department_has_only_its_people(ready: Path) -> None:
    plan = _plan(ready, "--budget", 1000, "--department", "Home Office")
    assert {line["department"] for line in plan["lines"]} == {"Home Office"}
    assert {need["staff_id"] for need in plan["unmet"]} <= {"1001"}


def test_unassessed_skills_are_not_in_a_plan(ready: Path) -> None:
    plan = _plan(ready, "--budget", 10_000)
    assert "1004" not in {need["staff_id"] for need in plan["unmet"]} | {staff for staff, _ in _who(plan)}


def test_from_and_quarters_set_the_time(ready: Path) -> None:
    plan = _plan(ready, "--budget", 1000, "--from", "2027Q2", "--quarters", 1)
    assert {line["quarter"] for line in plan["lines"]} == {"2027Q2"}
    assert any("quarter" in need["reason"] for need in plan["unmet"] if need["skill"] == "Programming")


def test_hours_per_quarter_hold_courses_back(ready: Path) -> None:
    plan = _plan(ready, "--budget", 1000, "--hours-per-quarter", 15)
    assert _who(plan) == {("1002", "FREE")}
    assert any("hours" in need["reason"] for need in plan["unmet"])


def test_a_budget_of_one_financial_year_is_not_spent_in_another(ready: Path) -> None:
    plan = _plan(ready, "--budget", "2026-27=101", "--budget", "2027-28=0", "--quarters", 4)
    assert plan["summary"]["cost_gbp"] <= 101
    assert {line["quarter"] for line in plan["lines"] if line["cost_gbp"]} == {"2026Q4"}
    later = _plan(ready, "--budget", "2026=0", "--budget", "2027=1000")
    assert {line["quarter"][:4] for line in later["lines"] if line["cost_gbp"]} == {"2027"}


def test_locked_lines_stand_and_forbidden_ones_do_not(ready: Path) -> None:
    wishes = [
        {"staff_id": "1001", "course_code": "C1", "quarter": "2027Q1", "action": "lock"},
        {"staff_id": "1002", "course_code": "FREE", "quarter": "", "action": "forbid"},
    ]
    plan = _plan(ready, "--budget", 1000, "--lock", write_rows(ready.parent / "locks.csv", wishes))
    assert [line["quarter"] for line in plan["lines"] if line["staff_id"] == "1001"] == ["2027Q1", "2027Q1"]
    assert ("1002", "FREE") not in _who(plan)
    reasons = {need["reason"] for need in plan["unmet"] if need["skill"] == "Testing"}
    assert len(reasons) == 1
    assert "forbidden" in reasons.pop()


def test_locks_that_clash_with_the_limits_end_with_4(ready: Path) -> None:
    locks = write_rows(
        ready.parent / "l.csv", [{"staff_id": "1001", "course_code": "C1", "quarter": "2026Q4"}]
    )
    before = ready.read_bytes()
    ran = muster("plan", "--budget", 10, "--lock", locks, on=ready)
    assert ran.code == 4
    assert "No plan is possible" in ran.err
    assert ready.read_bytes() == before


@pytest.mark.parametrize(
    ("wish", "code", "word"),
    [
        ({"staff_id": "9", "course_code": "C1", "quarter": "2026Q4"}, 2, "9"),
        ({"staff_id": "1001", "course_code": "NOPE", "quarter": "2026Q4"}, 2, "NOPE"),
        ({"staff_id": "1001", "course_code": "C1", "quarter": "2030Q1"}, 2, "outside the plan"),
        ({"staff_id": "1001", "course_code": "C1", "quarter": "soon"}, 1, "row 2"),
        ({"staff_id": "1001", "course_code": "C1", "quarter": ""}, 1, "quarter"),
        ({"staff_id": "1001", "course_code": "C1", "quarter": "2026Q4", "action": "perhaps"}, 1, "perhaps"),
        ({"staff_id": "1003", "course_code": "C1", "quarter": "2026Q4"}, 2, "1003"),
    ],
)
def test_a_wish_that_cannot_be_understood_is_named(
    ready: Path, wish: dict[str, str], code: int, word: str
) -> None:
    before = ready.read_bytes()
    ran = muster("plan", "--budget", 1000, "--lock", write_rows(ready.parent / "l.csv", [wish]), on=ready)
    assert ran.code == code
    assert word in ran.err
    assert ready.read_bytes() == before


def test_a_budget_is_required_once_and_saved_from_then_on(ready: Path) -> None:
    ran = muster("plan", on=ready)
    assert ran.code == 2
    assert "--budget" in ran.err
    first = _plan(ready, "--budget", "150.50", "--hours-per-quarter", 30)
    again = _plan(ready)
    assert first["lines"] == again["lines"]
    assert first["summary"] | {"seconds": 0} == again["summary"] | {"seconds": 0}


@pytest.mark.parametrize(
    "words",
    [
        ("--budget", "lots"), ("--budget", "-5"), ("--budget", "1.005"), ("--budget", "2026-29=5"), ("--budget", "nan"),
        ("--budget", "1", "--from", "soon"), ("--budget", "1", "--quarters", "0"), ("--budget", "1", "--quarters", "x"),
        ("--budget", "1", "--hours-per-quarter", "-1"), ("--budget", "1", "--hours-per-quarter", "x"),
        ("--budget", "1", "--contractors", "maybe"), ("--budget", "1", "--department", "Atlantis"),
        ("--budget", "1", "--seconds", "x"),
        ("--budget", "1", "--seconds", "-1"), ("--budget", "1", "--gap", "-1"), ("--budget", "1", "--gap", "nan"),
        ("--budget", "1", "--seconds", "nan"), ("--budget", "9" * 20), ("--budget", "1", "--hours-per-quarter", "1e30"),
         ("--budget", "1", "--lock"), ("--budget", "1", "--out", "plan.txt"), ("show", "99"), ("agree", "99"),
    ],
)  # fmt: skip
def test_wrong_usage_ends_with_2_and_writes_nothing(ready: Path, words: tuple[str, ...]) -> None:
    before = ready.read_bytes()
    ran = muster("plan", *words, on=ready)
    assert ran.code == 2, ran.err
    assert ran.err
    assert ran.out == ""
    assert ready.read_bytes() == before


def test_plans_are_listed_shown_agreed_and_superseded(ready: Path) -> None:
    first = _plan(ready, "--budget", 1000)
    _plan(ready, "--budget", 0)
    listed = muster("plan", "list", "--format", "json", on=ready).ok().json
    assert [(row["plan"], row["status"], row["steps_closed"]) for row in listed] == [
        (2, "draft", 1),
        (1, "draft", 9),
    ]
    assert _plan(ready, "show", 1) == first
    assert _who(_plan(ready, "show")) == {("1002", "FREE")}
    muster("plan", "agree", 1, on=ready).ok()
    muster("plan", "agree", 2, on=ready).ok()
    listed = muster("plan", "list", "--format", "json", on=ready).ok().json
    assert [(row["plan"], row["status"]) for row in listed] == [(2, "agreed"), (1, "superseded")]
    again = muster("plan", "agree", 1, on=ready)
    assert again.code == 3
    assert "superseded" in again.err


def test_a_plan_of_another_department_is_not_superseded(ready: Path) -> None:
    for department in ("Home Office", "HM Treasury"):
        _plan(ready, "--budget", 1000, "--department", department)
    for number in (1, 2):
        muster("plan", "agree", number, on=ready).ok()
    assert {row["status"] for row in muster("plan", "list", "--format", "json", on=ready).json} == {"agreed"}


def test_plan_without_a_verb_is_plan_make(ready: Path) -> None:
    assert _who(_plan(ready, "--budget", 1000)) == _who(_plan(ready, "make", "--budget", 1000))


def test_the_workbook_is_written_beside_the_answer(ready: Path) -> None:
    out = ready.parent / "plan.xlsx"
    ran = muster("plan", "--budget", 1000, "--out", out, "--format", "csv", on=ready).ok()
    assert out.read_bytes()[:2] == b"PK"
    assert f"Workbook: {out}" in ran.err
    assert list(ran.rows[0]) == LINE


def test_without_people_or_courses_a_plan_is_empty_and_said_to_be(small: Path) -> None:
    plan = muster("plan", "--budget", 1000, "--format", "json", on=small).ok().json
    assert (plan["lines"], plan["unmet"], plan["summary"]["gap_pct"]) == ([], [], 0)


# --- further limits -----------------------------------------------------------------------------------------------


def test_a_department_draws_on_its_own_money_and_then_on_the_reserve(ready: Path) -> None:
    """C1 is £100.10: the Home Office's own £60 and £40.10 of the reserve, or nobody there."""
    one = _plan(ready, "make", "--department-budget", "Home Office=60", "--reserve", "40.10", "--quarters", 1)
    assert ("1001", "C1") in _who(one)
    less = _plan(
        ready, "make", "--department-budget", "Home Office=60", "--reserve", "40.09", "--quarters", 1
    )
    assert "C1" not in {code for _, code in _who(less)}


def test_limits_that_clash_end_with_four_and_a_list_that_none_can_be_left_out_of(ready: Path) -> None:
    target = "Data engineer||Programming|working|2026Q4"
    refused = muster("plan", "make", "--budget", 50, "--target", target, on=ready)
    assert refused.code == 4
    assert "No plan is possible: L&D budget is £50.00; Data engineer at working in Programming" in refused.err
    assert "give up or ease any one of them" in refused.err
    assert _plan(ready, "make", "--budget", 500, "--target", target)["lines"]


def test_what_was_asked_is_said_with_the_plan(ready: Path, tmp_path: Path) -> None:
    listed = tmp_path / "targets.txt"
    listed.write_text("# by Christmas\nData engineer||Programming|working|2026Q4|soft=2\n", encoding="utf-8")
    run = muster(
        "plan", "make", "--budget", 1000, "--release-pct", "50 %", "--fair-share", 10, "--separate-groups", "all",
        "--target", f"@{listed}", "--no-mentoring", "--levy-strict", "--ignore-booked", on=ready,
    ).ok()  # fmt: skip
    for words in (
        "People away: 50 % of a unit",
        "Fair share: every department gets 10 %",
        "each step in time worth 2",
    ):
        assert words in run.err
    assert "People away: 50 % of a unit" in muster("plan", "show", on=ready).ok().err


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("--target", "Data engineer"), "is not a target"),
        (("--target", "@nowhere.txt"), "cannot be read as a list of targets"),
        (("--department-budget", "50000"), "does not say whose budget it is"),
        (("--department-budget", "Atlantis=50"), "no department or unit called “Atlantis”"),
        (("--release-pct", "120"), "percentage from 0 to 100"),
        (("--release-pct", "some"), "percentage such as 20"),
        (("--fair-share", "-1"), "percentage from 0 to 100"),
        (("--reserve", "2026-27=10", "--department-budget", "Home Office=10"), "per financial year"),
    ],
)
def test_limits_that_make_no_sense_are_wrong_usage(ready: Path, words: tuple[str, ...], why: str) -> None:
    refused = muster("plan", "make", "--budget", 10, *words, on=ready)
    assert refused.code == 2
    assert why in refused.err
