"""Plans changed by hand: the effect at once, limits named before they are broken, everything reverted whole."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from app.errors import ConflictError, UsageError
from app.progress import silent
from app.services.training import (
    EditKind,
    LimitsBroken,
    LineEdit,
    LinesRefused,
    PlanSettings,
    PlanView,
    PotBudget,
    StatusEdit,
)
from app.services.training.grouping import enrolments
from app.services.training.limit_settings import PlanLimits
from app.terms import FinancialQuarter, Funding, LineStatus
from app.workspace import Workspace
from tests.builders import ROLES, contents, make_course, make_person, make_rating, make_workspace
from tests.counts import share

Q = FinancialQuarter.parse
PEOPLE = [
    make_person("1001", department="Revenue"),
    make_person("1002", department="Transport"),
    make_person("1003", department="Transport", role_level="Senior data engineer"),
    make_person("1004", department="Transport", role_level="Senior data engineer"),
]
RATINGS = [
    make_rating("1001", "Programming", 0),
    make_rating("1001", "Data modelling", 0),
    make_rating("1002", "Programming", 1),
    make_rating("1003", "Data modelling", 0),
    make_rating("1003", "Programming", 2),
    make_rating("1004", "Data modelling", 3),
    make_rating("1004", "Programming", 0),
]
COURSES = [
    make_course("P", "Programming", cost_per_person_gbp=100),
    make_course("P3", "Programming", from_level=2, to_level=3, cost_per_person_gbp=200, hours=15),
    make_course("D", "Data modelling", cost_per_person_gbp=50),
    make_course("G", "Programming", cost_per_person_gbp=0, cost_per_cohort_gbp="100.01", min_group=2, max_group=3,
                places_per_quarter=4, hours=5),
]  # fmt: skip


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


def lines_of(plan: PlanView) -> dict[tuple[str, str], str]:
    return {(one.staff_id, one.course_code): one.quarter.code for one in enrolments(plan)}


def check_sums(plan: PlanView) -> None:
    """The figures of the plan are those of its lines, and what stays open is what the lines leave."""
    assert sum(line.cost_gbp for line in plan.lines) == plan.summary.cost_gbp
    assert sum(line.hours for line in plan.lines) == plan.summary.hours
    assert sum(line.steps_closed for line in plan.lines) == plan.summary.steps_closed
    assert plan.summary.steps_closed + plan.summary.steps_left == plan.summary.steps_open_before
    assert sum(need.level_required - need.level_after for need in plan.unmet) == plan.summary.steps_left
    assert sum(amount for _, amount in plan.summary.cost_by_pot) == plan.summary.cost_gbp


def test_a_line_is_added_changed_and_removed_with_its_effect(staffed: Workspace) -> None:
    training, plan = staffed.training, plan_of(staffed, 0)
    assert plan.lines == ()
    edits = [LineEdit(EditKind.ADD, "1001", "P", Q("2026Q4"))]
    seen = training.edits.preview(plan.plan_id, edits)
    assert seen.conflicts == ("L&D budget is exceeded by £100.00",)
    assert (seen.after.steps_closed, seen.after.cost_gbp, seen.after.hours) == (2, Decimal(100), Decimal(10))
    with pytest.raises(LimitsBroken, match=r"exceeded by £100\.00"):
        training.edits.apply(plan.plan_id, edits)
    assert training.plan(plan.plan_id).lines == ()
    assert training.edits.apply(plan.plan_id, edits, accept_broken=True).value == seen
    added = training.plan(plan.plan_id)
    check_sums(added)
    assert lines_of(added) == {("1001", "P"): "2026Q4"}
    assert added.summary.gap_pct is None
    assert "by hand" in added.lines[0].reason
    swap = [LineEdit(EditKind.CHANGE, "1001", "P", Q("2027Q1"), to_course="D")]
    cheaper = training.edits.apply(plan.plan_id, swap, accept_broken=True).value
    assert cheaper.conflicts == ()
    assert cheaper.still_broken == ("L&D budget is exceeded by £50.00",)
    assert (cheaper.after.steps_closed, cheaper.after.cost_gbp) == (1, Decimal(50))
    check_sums(training.plan(plan.plan_id))
    assert lines_of(training.plan(plan.plan_id)) == {("1001", "D"): "2027Q1"}
    training.edits.apply(plan.plan_id, [LineEdit(EditKind.REMOVE, "1001", "D")])
    assert training.plan(plan.plan_id).lines == ()
    check_sums(training.plan(plan.plan_id))


def test_another_person_takes_the_place(staffed: Workspace) -> None:
    plan = plan_of(staffed, 1_000)
    before = lines_of(plan)
    assert ("1004", "P") in before or ("1004", "G") in before
    code = "P" if ("1002", "P") in before else "G"
    seen = staffed.training.edits.preview(
        plan.plan_id, [LineEdit(EditKind.CHANGE, "1002", code, to_staff="1003")]
    )
    assert seen.after.steps_closed == seen.before.steps_closed - 1
    assert any("closes no step" in note for note in seen.notes)


def test_levels_build_on_one_another_and_follow_a_change(staffed: Workspace) -> None:
    training, plan = staffed.training, plan_of(staffed, 0)
    both = [
        LineEdit(EditKind.ADD, "1004", "P", Q("2026Q4")),
        LineEdit(EditKind.ADD, "1004", "P3", Q("2027Q1")),
    ]
    training.edits.apply(plan.plan_id, both, accept_broken=True)
    made = training.plan(plan.plan_id)
    assert [(line.course_code, line.level_now, line.level_after) for line in made.lines] == [
        ("P", 0, 2), ("P3", 2, 3),
    ]  # fmt: skip
    seen = training.edits.preview(plan.plan_id, [LineEdit(EditKind.CHANGE, "1004", "P", Q("2027Q1"))])
    assert seen.after.steps_closed == 2
    follows = [one for one in seen.lines if one.is_follow_up]
    assert [(one.after.course_code, one.after.steps) for one in follows if one.after] == [("P3", 0)]


def test_a_group_price_is_split_anew_to_the_penny(staffed: Workspace) -> None:
    training, plan = staffed.training, plan_of(staffed, 0)
    two = [LineEdit(EditKind.ADD, staff, "G", Q("2026Q4")) for staff in ("1001", "1002")]
    training.edits.apply(plan.plan_id, two, accept_broken=True)
    costs = {one.staff_id: one.cost_gbp for one in enrolments(training.plan(plan.plan_id))}
    assert costs == {"1001": Decimal("50.01"), "1002": Decimal("50.00")}
    third = training.edits.apply(plan.plan_id, [LineEdit(EditKind.ADD, "1004", "G", Q("2026Q4"))]).value
    assert third.conflicts == ()
    assert third.after.cost_gbp == third.before.cost_gbp
    costs = {one.staff_id: one.cost_gbp for one in enrolments(training.plan(plan.plan_id))}
    assert costs == {"1001": Decimal("33.34"), "1002": Decimal("33.34"), "1004": Decimal("33.33")}
    check_sums(training.plan(plan.plan_id))
    one = training.edits.preview(
        plan.plan_id, [LineEdit(EditKind.REMOVE, staff, "G") for staff in ("1001", "1002")]
    )
    assert [words for words in one.conflicts if "no group" in words]


@pytest.mark.parametrize(
    ("edit", "word"),
    [
        (LineEdit(EditKind.ADD, "9", "P", Q("2026Q4")), "nobody"),
        (LineEdit(EditKind.ADD, "1001", "NOPE", Q("2026Q4")), "no course"),
        (LineEdit(EditKind.ADD, "1001", "P"), "quarter"),
        (LineEdit(EditKind.ADD, "1001", "P", Q("2030Q1")), "outside the plan"),
        (LineEdit(EditKind.REMOVE, "1001", "G"), "not in the plan"),
        (LineEdit(EditKind.CHANGE, "1001", "G", Q("2027Q1")), "not in the plan"),
        (LineEdit(EditKind.LOCK, "1001", "G"), "not in the plan"),
        (LineEdit(EditKind.COMMENT, "1001", "G", comment="x"), "not in the plan"),
        (LineEdit(EditKind.ADD, "1001", "D", Q("2026Q4")), "already"),
    ],
)
def test_what_cannot_be_done_is_said_and_nothing_is_written(
    staffed: Workspace, edit: LineEdit, word: str
) -> None:
    plan = plan_of(staffed, 50)
    if edit.course_code == "D":
        staffed.training.edits.apply(plan.plan_id, [LineEdit(EditKind.ADD, "1001", "D", Q("2027Q1"))]
                                     if ("1001", "D") not in lines_of(plan) else [], accept_broken=True)  # fmt: skip
    before = contents(staffed.path or Path())
    (refusal,) = staffed.training.edits.preview(plan.plan_id, [edit]).refusals
    assert word in refusal.sentence()
    with pytest.raises(LinesRefused, match=word):
        staffed.training.edits.apply(plan.plan_id, [edit], accept_broken=True)
    assert contents(staffed.path or Path()) == before


def test_locks_and_bans_are_kept_for_the_next_plan(staffed: Workspace) -> None:
    plan = plan_of(staffed, 1_000)
    (staff, code), quarter = next(iter(lines_of(plan).items()))
    edits = staffed.training.edits
    edits.apply(plan.plan_id, [LineEdit(EditKind.LOCK, staff, code)])
    locked = staffed.training.plan(plan.plan_id)
    assert [(w.staff_id, w.course_code, w.quarter) for w in locked.settings.wishes] == [
        (staff, code, Q(quarter))
    ]
    assert next(line.is_locked for line in locked.lines if (line.staff_id, line.course_code) == (staff, code))
    edits.apply(plan.plan_id, [LineEdit(EditKind.FORBID, staff, code)])
    banned = staffed.training.plan(plan.plan_id)
    assert [(w.course_code, w.is_forbidden) for w in banned.settings.wishes] == [(code, True)]
    assert (staff, code) not in lines_of(banned)
    check_sums(banned)
    again = staffed.training.generate(banned.settings, silent()).value
    assert (staff, code) not in lines_of(again)
    back = edits.preview(plan.plan_id, [LineEdit(EditKind.ADD, staff, code, Q(quarter))])
    assert any("forbidden" in words for words in back.conflicts)
    edits.apply(plan.plan_id, [LineEdit(EditKind.UNLOCK, staff, code)])
    assert staffed.training.plan(plan.plan_id).settings.wishes == ()


def test_what_is_booked_is_not_changed_by_hand(staffed: Workspace) -> None:
    plan = plan_of(staffed, 1_000)
    staff, code = next(iter(lines_of(plan)))
    steps = [StatusEdit(staff, code, LineStatus.APPROVED), StatusEdit(staff, code, LineStatus.BOOKED)]
    staffed.training.statuses.change(plan.plan_id, steps)
    for kind in (EditKind.REMOVE, EditKind.CHANGE, EditKind.FORBID):
        (refusal,) = staffed.training.edits.preview(
            plan.plan_id, [LineEdit(kind, staff, code, Q("2027Q2"))]
        ).refusals
        assert "booked" in refusal.why


def test_a_changed_line_is_proposed_again_and_a_superseded_plan_is_closed(staffed: Workspace) -> None:
    plan = plan_of(staffed, 1_000)
    staff, code = next(iter(lines_of(plan)))
    staffed.training.statuses.change(plan.plan_id, [StatusEdit(staff, code, LineStatus.APPROVED)])
    staffed.training.edits.apply(
        plan.plan_id,
        [LineEdit(EditKind.CHANGE, staff, code, Q("2027Q3"), comment="After the move")],
        accept_broken=True,
    )
    (line,) = [
        one
        for one in enrolments(staffed.training.plan(plan.plan_id))
        if (one.staff_id, one.course_code) == (staff, code)
    ]
    assert (line.status, line.quarter.code) == ("proposed", "2027Q3")
    other = plan_of(staffed, 500)
    for number in (plan.plan_id, other.plan_id):
        staffed.training.agree(number)
    with pytest.raises(UsageError, match="superseded"):
        staffed.training.edits.preview(plan.plan_id, [LineEdit(EditKind.REMOVE, staff, code)])


def test_an_old_version_is_a_conflict(staffed: Workspace) -> None:
    plan = plan_of(staffed, 1_000)
    staff, code = next(iter(lines_of(plan)))
    staffed.training.edits.apply(
        plan.plan_id, [LineEdit(EditKind.REMOVE, staff, code)], seen_version=plan.version
    )
    with pytest.raises(ConflictError):
        staffed.training.edits.apply(plan.plan_id, [], seen_version=plan.version)


def test_random_changes_keep_every_sum_and_revert_to_the_byte(staffed: Workspace) -> None:
    """Any sequence of changes: figures equal the lines, preview equals apply, and reverts bring everything back."""
    plan = plan_of(staffed, 400)
    choose = random.Random(5)
    staff, codes = [row["staff_id"] for row in PEOPLE], ["P", "P3", "D", "G"]
    quarters = [Q("2026Q4") + k for k in range(4)]
    before = contents(staffed.path or Path())
    done: list[int] = []
    for _ in range(share(120)):
        edits = [
            LineEdit(
                choose.choice(list(EditKind)), choose.choice(staff), choose.choice(codes), choose.choice(quarters),
                choose.choice(["", *codes]), choose.choice(["", *staff]), choose.choice([None, "Noted"]),
            )
            for _ in range(choose.randint(1, 4))
        ]  # fmt: skip
        seen = staffed.training.edits.preview(plan.plan_id, edits)
        allowed = [
            edit
            for edit in edits
            if (edit.staff_id, edit.course_code)
            not in {(one.staff_id, one.course_code) for one in seen.refusals}
        ]
        try:
            outcome = staffed.training.edits.apply(plan.plan_id, allowed, accept_broken=True)
        except LinesRefused:
            continue
        done.append(outcome.change.action_id)
        made = staffed.training.plan(plan.plan_id)
        check_sums(made)
        assert outcome.value.after.cost_gbp == made.summary.cost_gbp
        assert outcome.value.after.steps_closed == made.summary.steps_closed
    assert len(done) >= 5
    for action in reversed(done):
        staffed.admin.revert(action)
    after = contents(staffed.path or Path())
    assert {name: rows for name, rows in after.items() if before[name] != rows} == {}


def test_statuses_follow_their_order_and_nothing_else(staffed: Workspace) -> None:
    plan = plan_of(staffed, 1_000)
    staff, code = next(iter(lines_of(plan)))
    statuses = staffed.training.statuses
    legal = {
        "proposed": {"approved", "withdrawn"},
        "approved": {"booked", "proposed", "withdrawn"},
        "booked": {"completed", "withdrawn", "did not attend"},
    }
    path = {"proposed": [], "approved": ["approved"], "booked": ["approved", "booked"],
            "completed": ["approved", "booked", "completed"], "withdrawn": ["withdrawn"],
            "did not attend": ["approved", "booked", "did not attend"]}  # fmt: skip
    for start, way in path.items():
        done = [
            statuses.change(plan.plan_id, [StatusEdit(staff, code, LineStatus(step))]).change.action_id
            for step in way
        ]
        for wanted in LineStatus:
            refused = statuses.preview(plan.plan_id, [StatusEdit(staff, code, wanted)]).refusals
            is_legal = wanted.value == start or wanted.value in legal.get(start, set())
            assert (refused == ()) is is_legal, (start, wanted)
        for action in reversed(done):
            staffed.admin.revert(action)


def test_days_and_comments_of_statuses_are_kept_and_none_is_in_the_future(staffed: Workspace) -> None:
    plan = plan_of(staffed, 1_000)
    staff, code = next(iter(lines_of(plan)))
    statuses = staffed.training.statuses
    future = StatusEdit(staff, code, LineStatus.APPROVED, date(2027, 1, 1))
    with pytest.raises(LinesRefused, match="future"):
        statuses.change(plan.plan_id, [future])
    statuses.change(plan.plan_id, [StatusEdit(staff, code, LineStatus.APPROVED, date(2026, 11, 2), "By Jo")])
    statuses.change(plan.plan_id, [StatusEdit(staff, code, LineStatus.BOOKED, date(2026, 11, 5))])
    rows = contents(staffed.path or Path())["plan_line"]
    kept = [row for row in rows if "By Jo" in row]
    assert len(kept) == 1
    assert {"2026-11-02", "2026-11-05"} <= set(kept[0])


def test_what_another_plan_has_booked_is_taken_off(staffed: Workspace) -> None:
    other = plan_of(staffed, 1_000, start=Q("2026Q4"), quarters=1)
    staffed.training.agree(other.plan_id)
    (staff, code), _ = next(iter(lines_of(other).items()))
    way = [StatusEdit(staff, code, LineStatus.APPROVED), StatusEdit(staff, code, LineStatus.BOOKED)]
    staffed.training.statuses.change(other.plan_id, way)
    draft = plan_of(staffed, 1_000, start=Q("2026Q4"), quarters=4)
    assert (staff, code) not in lines_of(draft)
    again = staffed.training.edits.preview(draft.plan_id, [LineEdit(EditKind.ADD, staff, code, Q("2027Q2"))])
    assert any("booked on already" in words for words in again.conflicts)
    own = staffed.training.edits.preview(
        other.plan_id, [LineEdit(EditKind.COMMENT, staff, code, comment="Noted")]
    )
    assert (own.conflicts, own.still_broken) == ((), ())


def test_fair_shares_are_judged_like_any_limit(staffed: Workspace) -> None:
    budget = (PotBudget(Funding.LEARNING_BUDGET, Decimal(1_000)),)
    settings = PlanSettings(budgets=budget, seconds=5, limits=PlanLimits(fair_pct=Decimal(50)))
    fair = staffed.training.generate(settings, silent()).value
    edits = [LineEdit(EditKind.REMOVE, staff, code) for staff, code in lines_of(fair) if staff == "1001"]
    seen = staffed.training.edits.preview(fair.plan_id, edits)
    assert edits
    assert any("weighted steps" in words for words in seen.conflicts)


def test_groups_kept_within_a_department_are_counted_there(staffed: Workspace) -> None:
    budget = (PotBudget(Funding.LEARNING_BUDGET, Decimal(0)),)
    settings = PlanSettings(budgets=budget, seconds=5, limits=PlanLimits(separate_groups=("G",)))
    plan = staffed.training.generate(settings, silent()).value
    across = [LineEdit(EditKind.ADD, staff, "G", Q("2026Q4")) for staff in ("1001", "1002")]
    seen = staffed.training.edits.preview(plan.plan_id, across)
    assert sum("no group" in words for words in seen.conflicts) == 2
    within = [LineEdit(EditKind.ADD, staff, "G", Q("2026Q4")) for staff in ("1002", "1004")]
    assert not any(
        "no group" in words for words in staffed.training.edits.preview(plan.plan_id, within).conflicts
    )
