"""Coverage against a count pair by pair; rules tried before they are chosen; ratings set by hand."""

from __future__ import annotations

import random
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import highspy
import numpy as np
import pytest

from app.errors import ConflictError
from app.services.assessments import RatingRules, RulesPreview
from app.services.coverage import CoverageBoard
from app.services.scope import Scope
from app.terms import AssessedBy
from app.workspace import Workspace
from tests.builders import ROLES, make_person, make_rating, make_workspace
from tests.counts import share

SELF, MANAGER, HEAD = AssessedBy.SELF, AssessedBy.LINE_MANAGER, AssessedBy.HEAD_OF_PROFESSION
REQUIRED = {level: tuple(needs) for levels in ROLES.values() for level, needs in levels}


@pytest.mark.parametrize("seed", range(share(100)))
def test_coverage_is_a_count_of_pairs(tmp_path: Path, seed: int) -> None:
    draw = random.Random(seed)
    levels = [*REQUIRED, ""]
    people = [
        make_person(str(n), role_level=draw.choice(levels), department=draw.choice(("Home Office", "HM Treasury")),
                    unit=draw.choice(("A", "B")))
        for n in range(1, draw.randrange(3, 25))
    ]  # fmt: skip
    skills = sorted({skill for needs in REQUIRED.values() for skill in needs})
    rated = {(one["staff_id"], skill) for one in people for skill in skills if draw.random() < 0.5}
    ratings = [make_rating(staff, skill, draw.randrange(5)) for staff, skill in sorted(rated)]
    required, missing = Counter[str](), Counter[str]()
    by_person = Counter[str]()
    for one in people:
        for skill in REQUIRED.get(one["role_level"], ()):
            for path in (one["department"], f"{one['department']} / {one['unit']}"):
                required[path] += 1
                missing[path] += (one["staff_id"], skill) not in rated
            by_person[one["staff_id"]] += (one["staff_id"], skill) not in rated
    with make_workspace(tmp_path / "c.muster", roles=ROLES, people=people, ratings=ratings) as ws:
        board = ws.coverage.board(Scope())
        for name, column in board.people.columns().items():
            if name not in ("role_words", "fte", "employment", "status", "location", "role_family", "role"):
                assert [getattr(line, name) for line in board.people] == list(column), name
    shown = {line.path: (line.required, line.missing) for line in (*board.departments, *board.units)}
    assert {path: both for path, both in shown.items() if both[0]} == {
        path: (required[path], missing[path]) for path in required
    }
    assert {line.staff_id: line.missing for line in board.people} == {s: n for s, n in by_person.items() if n}
    assert board.totals.missing == sum(by_person.values())
    assert board.undecided == sum(one["role_level"] == "" for one in people)
    shares = [line.coverage for line in board.departments if line.coverage is not None]
    assert shares == sorted(shares)
    assert [-line.missing for line in board.people] == sorted(-line.missing for line in board.people)


def two(tmp_path: Path, *ratings: dict[str, object]) -> Workspace:
    people = [make_person("1001"), make_person("1002", department="HM Treasury")]
    return make_workspace(tmp_path / "two.muster", roles=ROLES, people=people, ratings=ratings)


def test_the_department_with_least_is_named_where_they_differ(tmp_path: Path) -> None:
    with two(tmp_path, make_rating("1001")) as ws:
        least = ws.coverage.board(Scope()).least
        assert least is not None
        assert (least.path, least.coverage, least.missing) == ("HM Treasury", 0.0, 2)
        assert ws.coverage.board(Scope(("Home Office",))).least is None


def test_an_empty_workspace_requires_nothing(ws: Workspace) -> None:
    board = ws.coverage.board(Scope())
    assert (board.totals.required, board.totals.coverage, board.people, board.least) == (0, None, (), None)


def test_one_person_shows_unassessed_skills_first_with_their_ids(tmp_path: Path) -> None:
    with two(tmp_path, make_rating("1001", "Data modelling", 3)) as ws:
        person = ws.coverage.board(Scope()).people[0].person_id
        found = ws.coverage.ratings(1)
        assert person == 2
        assert [(pair.skill, pair.held) for _, pair in found.pairs] == [
            ("Programming", None),
            ("Data modelling", 3),
        ]
        assert [rating.skill for rating in found.history] == ["Data modelling"]
        skill_id = found.pairs[0][0]
        assert ws.assessments.set_level(1, skill_id, 2, MANAGER, "built a pipeline").value == 2
        assert all(pair.held is not None for _, pair in ws.coverage.ratings(1).pairs)
        assert ws.coverage.board(Scope(("Home Office",))).totals.missing == 0
        with pytest.raises(ConflictError, match="no longer there"):
            ws.coverage.ratings(99)


OLD, NEW = "2025-01-10", "2026-11-01"


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        (RatingRules(), (2, 0, 0, 0, 0)),
        (RatingRules((SELF, MANAGER, HEAD)), (2, 1, 0, 0, 1)),
        (RatingRules((MANAGER, HEAD, SELF)), (2, 0, 0, 0, 0)),
        (RatingRules(expires_after_months=12), (2, 1, 1, 0, 2)),
        (RatingRules((SELF, MANAGER, HEAD), 12), (2, 1, 1, 0, 2)),
    ],
)
def test_rules_are_tried_before_they_are_chosen(
    tmp_path: Path, rules: RatingRules, expected: tuple[int, int, int, int, int]
) -> None:
    """1001 has an old rating by the head of profession and a new own one, 1002 only an old own one."""
    ratings = [
        make_rating("1001", level=1, assessed_on=OLD, assessed_by="head of profession"),
        make_rating("1001", level=4, assessed_on=NEW, assessed_by="self"),
        make_rating("1002", level=2, assessed_on=OLD, assessed_by="self"),
    ]
    with two(tmp_path, *ratings) as ws:
        revision = ws.revision()
        found = ws.assessments.preview_rules(rules)
        assert found == RulesPreview(rules, *expected)
        assert (ws.revision(), ws.assessments.rules()) == (revision, RatingRules())
        ws.assessments.choose_rules(rules)
        assert ws.assessments.rules() == rules
        assert ws.assessments.preview_rules(rules) == RulesPreview(
            rules, expected[0] - expected[2], 0, 0, 0, 0
        )
        back = ws.assessments.preview_rules(RatingRules())
        assert (back.changed, back.gained) == (expected[1], expected[2])


def test_a_rating_of_another_day_is_seen_as_at_that_day(tmp_path: Path) -> None:
    with two(tmp_path, make_rating("1001", assessed_on=NEW)) as ws:
        assert ws.coverage.board(Scope()).totals.assessed == 1
        people = ws.coverage.ratings(1, date(2026, 11, 23))
        assert sum(pair.held is not None for _, pair in people.pairs) == 1


def _told(board: CoverageBoard, above: dict[str, str], measure: str) -> list[str]:
    """Paths of hidden rows whose figure, not nought, can be worked out: sums are known, and no count is negative."""
    assert board.hidden is not None
    figures = {("unit", line.path): getattr(line, measure) for line in board.units}
    figures |= {("department", line.path): getattr(line, measure) for line in board.departments}
    hidden = [line.path for line in board.units if line.path in board.hidden]
    lines: list[tuple[list[float], float]] = []
    for department in {above[line.path] for line in board.units}:
        own = [line for line in board.units if above[line.path] == department]
        if department not in board.hidden:
            left = figures["department", department] - sum(
                figures["unit", one.path] for one in own if one.path not in board.hidden
            )
            lines.append(([float(above[path] == department) for path in hidden], left))
    if "" not in board.hidden:
        left = getattr(board.totals, measure) - sum(
            figures["unit", line.path] for line in board.units if line.path not in board.hidden
        )
        lines.append(([1.0] * len(hidden), left))
    asked = {("unit", path): [float(one == path) for one in hidden] for path in hidden}
    asked |= {
        ("department", line.path): [float(above[path] == line.path) for path in hidden]
        for line in board.departments
        if line.path in board.hidden
    }
    return [
        path for (kind, path), wanted in asked.items() if _width(wanted, lines) < 0.5 and figures[kind, path]
    ]


def _width(wanted: list[float], lines: list[tuple[list[float], float]]) -> float:
    """How far apart the smallest and the largest value are that fit all that is known."""
    ends: list[float] = []
    for sense in (highspy.ObjSense.kMinimize, highspy.ObjSense.kMaximize):
        solver: Any = highspy.Highs()
        solver.setOptionValue("output_flag", False)
        solver.setOptionValue("presolve", "off")
        # HiGHS keeps one pool of threads a process, and the plans solved beside this ask for one thread
        solver.setOptionValue("threads", 1)
        for cost in wanted:
            solver.addVar(0.0, highspy.kHighsInf)
            solver.changeColCost(solver.getNumCol() - 1, cost)
        for line, value in lines:
            solver.addRow(value, value, len(line), np.arange(len(line)), np.array(line))
        solver.changeObjectiveSense(sense)
        solver.run()
        if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return float("inf")
        ends.append(float(solver.getInfo().objective_function_value))
    return ends[1] - ends[0]


@pytest.mark.parametrize("seed", range(share(200)))
def test_a_shared_board_tells_no_hidden_figure_of_units_from_those_of_departments(
    tmp_path: Path, seed: int
) -> None:
    draw = random.Random(seed)
    people: list[dict[str, object]] = []
    for department in ("Home Office", "HM Treasury", "Cabinet Office")[: draw.randrange(1, 4)]:
        for unit in ("", "A", "B", "C")[draw.randrange(2) : draw.randrange(1, 5)]:
            people += [
                make_person(
                    f"{len(people) + one}", department=department, unit=unit,
                    role_level=draw.choice([*REQUIRED, ""]),
                )
                for one in range(draw.choice((1, 2, 4, 6, 9, 12)))
            ]  # fmt: skip
    if not people:
        people = [make_person("1")]
    skills = sorted({skill for needs in REQUIRED.values() for skill in needs})
    rated = [(one["staff_id"], skill) for one in people for skill in skills if draw.random() < 0.7]
    ratings = [make_rating(str(staff), skill, draw.randrange(5)) for staff, skill in rated]
    with make_workspace(tmp_path / "a.muster", roles=ROLES, people=people, ratings=ratings) as ws:
        board = ws.coverage.board(Scope(), is_shared=True)
        units = {unit.unit_id: unit for unit in ws.people.units()}
        above = {unit.path: units[unit.department_id].path for unit in units.values()}
        small = {
            line.path
            for line in (*board.units, *board.departments)
            if 0 < line.people < 5 or 0 < line.unmapped < 5 or 0 < line.missing < 5 or 0 < line.assessed < 5
        }
        assert board.hidden is not None
        assert small <= board.hidden
        for measure in ("people", "unmapped", "required", "assessed", "missing"):
            assert _told(board, above, measure) == [], measure
