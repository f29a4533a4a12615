"""Changes between two days of random organisations with dated spells, roles and ratings, against the naive reading."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from contextlib import closing
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from app.analysis.trend import Part
from app.errors import UsageError
from app.services.gap_groups import GapDimension
from app.services.scope import Scope
from app.services.trends import TrendFigures, TrendLine, TrendView
from app.terms import AssessedBy, FinancialQuarter, LineStatus
from app.workspace import Workspace
from tests.builders import (
    ROLES,
    USER,
    clock,
    load_courses,
    load_people,
    load_ratings,
    make_course,
    make_person,
    make_rating,
    make_workspace,
    write_rows,
)  # fmt: skip
from tests.command_line import muster
from tests.counts import share
from tests.services.naive_gaps import TODAY, Asked, Organisation, Pair
from tests.services.random_organisations import Case, make_case

FIELDS = ("required", "assessed", "meeting", "short", "levels_short")
Row = tuple[str, str]


def _row(pair: Pair, dimension: GapDimension, *, by_skill: bool) -> Row | None:
    if dimension is GapDimension.SKILL:
        return "", pair.skill
    group = str(getattr(pair, dimension.value.replace("-", "_")))
    return (group, pair.skill if by_skill else "") if group else None


def _figures(pair: Pair) -> tuple[int, ...]:
    rated, gap = pair.held is not None, pair.gap or 0
    return 1, int(rated), int(rated and gap == 0), int(gap > 0), gap


class Naive:
    """Both days as dictionaries of pairs."""

    def __init__(
        self, naive: Organisation, asked: Asked, first: date, last: date, dimension: GapDimension
    ) -> None:
        self.naive, self.dimension = naive, dimension
        self.days = [replace(asked, day=day) for day in (first, last)]
        self.pairs = [{(pair.staff_id, pair.skill): pair for pair in naive.pairs(day)} for day in self.days]
        self.counted = [naive.chosen(Asked(day.day, contractors=asked.contractors)) for day in self.days]

    def part(self, key: tuple[str, str]) -> Part | None:
        staff = key[0]
        then, now = (day.get(staff) for day in self.counted)
        if now is None:
            return Part.LEAVERS
        if then is None:
            return Part.JOINERS
        if then["unit"] != now["unit"] or (
            self.dimension is GapDimension.GRADE and then["grade"] != now["grade"]
        ):
            return Part.MOVES
        roles = [self.naive.required_of(staff, day.day)[0] for day in self.days]
        if roles[0] != roles[1]:
            one, other = roles
            if one is None or other is None or one.version == other.version:
                return Part.ROLES
            if (one.role, one.level) != (other.role, other.level):
                return Part.ROLES
        before, after = (day.get(key) for day in self.pairs)
        if before is None or after is None or before.required != after.required:
            return Part.REQUIREMENTS
        return Part.REASSESSMENT if before.held != after.held else None

    def tables(self, *, by_skill: bool) -> tuple[dict[Row, list[int]], dict[tuple[int, Row], list[int]]]:
        """Sums by day and row (before, then after), and the change of each part in each row."""
        sums: dict[Row, list[int]] = defaultdict(lambda: [0] * 10)
        parts: dict[tuple[int, Row], list[int]] = defaultdict(lambda: [0] * 5)
        for place, sign in ((0, -1), (1, 1)):
            for key, pair in self.pairs[place].items():
                row, part = _row(pair, self.dimension, by_skill=by_skill), self.part(key)
                if row is None:
                    continue
                for number, value in enumerate(_figures(pair)):
                    sums[row][5 * place + number] += value
                    if part is not None:
                        parts[part, row][number] += sign * value
        return sums, parts


def _values(figures: TrendFigures) -> list[int]:
    return [getattr(figures, name) for name in FIELDS]


def _adds_up(line: TrendLine) -> bool:
    return _values(line.change) == [sum(column) for column in zip(*map(_values, line.parts), strict=True)]


def _compare(view: TrendView, naive: Naive, *, by_skill: bool) -> None:
    sums, parts = naive.tables(by_skill=by_skill)
    assert {
        (line.group, line.skill): _values(line.before) + _values(line.after) for line in view.lines
    } == dict(sums)
    for line in view.lines:
        assert _adds_up(line)
        for part in Part:
            assert _values(line.part(part)) == parts[part, (line.group, line.skill)], (part, line)
    assert _adds_up(view.total)


@pytest.mark.parametrize("seed", range(share(200)))
def test_parts_of_random_histories_equal_the_naive_ones(tmp_path: Path, seed: int) -> None:
    case: Case = make_case(tmp_path, seed + 5_000)
    with Workspace.open(case.workspace, user=USER, clock=clock, read_only=True) as ws:
        for _ in range(4):
            asked = case.question()
            first = TODAY - timedelta(case.rng.randrange(1, 500))
            last = min(TODAY + timedelta(30), first + timedelta(case.rng.randrange(1, 500)))
            scope = Scope(tuple(asked.departments), asked.family, asked.version, None, asked.contractors)
            for dimension in case.rng.sample(
                [GapDimension.DEPARTMENT, GapDimension.UNIT, GapDimension.SKILL, GapDimension.ROLE_FAMILY,
                 GapDimension.ROLE, GapDimension.GRADE], 3,
            ):  # fmt: skip
                by_skill = case.rng.random() < 0.5
                view = ws.trends.between(scope, first, last, dimension, by_skill=by_skill)
                _compare(view, Naive(case.naive, asked, first, last, dimension), by_skill=by_skill)


def _two_days(tmp_path: Path) -> Workspace:
    """Six people in spring; by autumn one of each kind of change has happened."""
    folder = tmp_path
    names = ("stays", "leaves", "moves", "promoted", "trained", "rated")
    spring = [make_person(name, unit="Data") for name in names]
    autumn = [person for person in spring if person["staff_id"] != "leaves"]
    autumn = [
        {**person, "unit": "Digital" if person["staff_id"] == "moves" else "Data",
         "role_level": "Senior data engineer" if person["staff_id"] == "promoted" else "Data engineer"}
        for person in autumn
    ] + [make_person("joins", unit="Data")]  # fmt: skip
    ws = make_workspace(folder / "two.muster", roles=ROLES, courses=[make_course("C1", "Programming")])
    load_people(ws, write_rows(folder / "spring.csv", spring), date(2026, 4, 1))
    load_people(ws, write_rows(folder / "autumn.csv", autumn), date(2026, 9, 1), mark_leavers=True)
    ratings = [make_rating(name, "Programming", 1, assessed_on="2026-04-01", evidence="") for name in names]
    ratings += [
        make_rating("trained", "Programming", 2, assessed_on="2026-10-10", evidence="c1"),
        make_rating("rated", "Programming", 3, assessed_on="2026-10-10", evidence="Own work"),
        make_rating("joins", "Programming", 4, assessed_on="2026-10-10", evidence="C1"),
    ]
    load_ratings(ws, write_rows(folder / "ratings.csv", ratings))
    return ws


def test_each_kind_of_change_falls_to_its_part(tmp_path: Path) -> None:
    with _two_days(tmp_path) as ws:
        view = ws.trends.between(Scope(), date(2026, 5, 1), date(2026, 11, 1), GapDimension.UNIT)
        (line,) = [line for line in view.lines if line.group == "Home Office / Data"]
        met = {part: line.part(part).meeting for part in Part if line.part(part).meeting}
        assert met == {Part.JOINERS: 1, Part.TRAINING: 1, Part.REASSESSMENT: 1}
        assert line.part(Part.LEAVERS).short == -1
        assert line.part(Part.MOVES).short == -1
        assert line.part(Part.ROLES).levels_short == 1
        assert line.people == (1, 1, 1, 1, 0, 1, 1)
        assert view.total.part(Part.MOVES).short == 0
        narrow = ws.trends.between(
            Scope(departments=("Home Office / Digital",)), date(2026, 5, 1), date(2026, 11, 1)
        )
        assert narrow.total.part(Part.MOVES).required == narrow.total.change.required == 2


def test_a_completed_plan_line_makes_a_rating_training(tmp_path: Path) -> None:
    with _two_days(tmp_path) as ws:
        muster_plan = ws.path
        assert muster_plan is not None
    muster("plan", "--budget", 1000, "--from", "2026Q4", on=muster_plan).ok()
    values = LineStatus.COMPLETED.value, int(FinancialQuarter.parse("2026Q2"))
    with closing(sqlite3.connect(muster_plan)) as connection, connection:
        assert connection.execute("UPDATE plan_line SET status = ?, quarter = ?", values).rowcount
    load = write_rows(
        tmp_path / "later.csv",
        [make_rating("stays", "Programming", 2, assessed_on="2026-10-12"),
         make_rating("moves", "Programming", 2, assessed_on="2026-06-12")],
    )  # fmt: skip
    muster("import", "assessments", load, on=muster_plan).ok()
    with Workspace.open(muster_plan, user=USER, clock=clock) as ws:
        view = ws.trends.between(Scope(), date(2026, 5, 1), date(2026, 11, 1), GapDimension.SKILL)
        (line,) = [line for line in view.lines if line.skill == "Programming"]
        # trained by evidence, and stays by the completed line
        assert line.part(Part.TRAINING).meeting == 2
        assert line.part(Part.REASSESSMENT).meeting == 1


def test_points_of_a_series_are_the_figures_of_each_day(tmp_path: Path) -> None:
    with _two_days(tmp_path) as ws:
        days = [date(2026, 3, 1), date(2026, 5, 1), date(2026, 11, 1)]
        for point, day in zip(ws.trends.series(Scope(), days), days, strict=True):
            totals = ws.gaps.heatmap(Scope(as_at=day)).totals
            assert (point.day, point.people, point.required, point.assessed, point.meeting) == (
                day, totals.people, totals.required, totals.assessed, totals.meeting,
            )  # fmt: skip
            assert (point.readiness, point.coverage) == (totals.readiness, totals.coverage)
        quarters = ws.trends.quarters(Scope(), 4)
        assert [point.day for point in quarters] == [
            date(2026, 3, 31), date(2026, 6, 30), date(2026, 9, 30), TODAY,
        ]  # fmt: skip


def test_points_follow_what_is_written(tmp_path: Path) -> None:
    with _two_days(tmp_path) as ws:
        days = [date(2026, 5, 1), TODAY]
        before = ws.trends.series(Scope(), days)
        load_courses(ws, write_rows(tmp_path / "more.csv", [make_course("X9")]))
        assert ws.trends.series(Scope(), days) == before
        person = ws.people.table(Scope()).lines[0].person_id
        for skill in sorted(ws.frameworks.skills().values()):
            ws.assessments.set_level(person, skill, 4, AssessedBy.HEAD_OF_PROFESSION)
        after = ws.trends.series(Scope(), days)
        assert (after[0], after[1].assessed > before[1].assessed) == (before[0], True)
        totals = ws.gaps.heatmap(Scope()).totals
        assert (after[1].assessed, after[1].meeting) == (totals.assessed, totals.meeting)
        load_people(
            ws, write_rows(tmp_path / "one.csv", [make_person("late", unit="Data")]), date(2026, 5, 1)
        )
        later = ws.trends.series(Scope(), days)
        assert [point.people for point in later] == [point.people + 1 for point in after]


def test_the_last_day_must_come_after_the_first(tmp_path: Path) -> None:
    with _two_days(tmp_path) as ws, pytest.raises(UsageError):
        ws.trends.between(Scope(), TODAY, TODAY)
