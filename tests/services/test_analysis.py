"""Comparison, single points of failure, mentors, weights and tags through a workspace and the command line."""

from __future__ import annotations

import random
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from app.errors import UsageError
from app.services.comparison import ComparedShare
from app.services.disclosed import few_holders, hidden_cells, hidden_comparison, hidden_trend
from app.services.gap_groups import GapDimension
from app.services.scope import Scope
from app.services.skills import SkillTag
from app.terms import AssessedBy
from app.workspace import Workspace
from tests.builders import ROLES, clock, make_course, make_person, make_rating, make_workspace
from tests.command_line import muster
from tests.counts import share
from tests.services.naive_gaps import TODAY
from tests.services.random_organisations import make_case

SKILLS = ("Programming", "Data modelling", "Testing")


def _departments(path: Path, sizes: dict[str, int], rates: dict[str, float], seed: int = 0) -> Workspace:
    """Data engineers by department, of whom a share meets each requirement."""
    rng = random.Random(seed)
    people: list[dict[str, Any]] = []
    ratings: list[dict[str, Any]] = []
    for department, size in sizes.items():
        for number in range(size):
            staff = f"{department}-{number}"
            people.append(make_person(staff, department=department, unit=f"Unit {number % 2}", grade="SEO"))
            ratings += [
                make_rating(staff, skill, 2 if rng.random() < rates[department] else 0)
                for skill in ("Programming", "Data modelling")
            ]
    return make_workspace(path, roles=ROLES, people=people, ratings=ratings)


def test_ranks_are_shown_only_where_intervals_allow_them(tmp_path: Path) -> None:
    sizes = {"Best": 60, "Middling": 60, "Alike": 60, "Tiny": 4}
    with _departments(
        tmp_path / "w.muster", sizes, {"Best": 0.97, "Middling": 0.5, "Alike": 0.5, "Tiny": 1}
    ) as ws:
        view = ws.comparison.compare(Scope())
        lines = {line.group: line for line in view.lines}
        assert [lines["Best"].rank_words, lines["Middling"].rank_words, lines["Alike"].rank_words] == [
            "1", "2 to 3", "2 to 3",
        ]  # fmt: skip
        assert (lines["Tiny"].low, lines["Tiny"].rank_words, lines["Tiny"].share) == (None, "", 1.0)
        assert "fewer than 5" in lines["Tiny"].note
        for line in view.lines:
            totals = ws.gaps.heatmap(Scope(departments=(line.group,))).totals
            assert (line.share, line.coverage) == (totals.readiness, totals.coverage)
        short = {
            line.group: line
            for line in ws.comparison.compare(Scope(), measure=ComparedShare.SHARE_SHORT).lines
        }
        for group, line in lines.items():
            assert short[group].share == pytest.approx(1 - (line.share or 0))
            assert (short[group].best_rank, short[group].worst_rank) == (line.best_rank, line.worst_rank)
        ready = ws.comparison.compare(Scope(), measure=ComparedShare.FULLY_READY)
        by_group = {group.label: group for group in ws.gaps.heatmap(Scope()).groups}
        assert {line.group: line.part for line in ready.lines} == {
            label: group.fully_ready for label, group in by_group.items()
        }
        assert ws.comparison.compare(Scope()) == view
        one = ws.comparison.compare(Scope(), skill="Programming")
        assert [line.whole for line in one.lines] == [sizes[line.group] for line in one.lines]
        with pytest.raises(UsageError):
            ws.comparison.compare(Scope(), skill="Juggling")


def test_a_small_department_is_hidden_and_never_alone(tmp_path: Path) -> None:
    sizes = {"Large": 40, "Middling": 20, "Tiny": 3}
    path = tmp_path / "w.muster"
    with _departments(path, sizes, dict.fromkeys(sizes, 0.5)) as ws:
        view = ws.comparison.compare(Scope())
        hidden = {line.group: mask for line, mask in zip(view.lines, hidden_comparison(view), strict=True)}
        assert hidden == {"Large": False, "Middling": True, "Tiny": True}
    ran = muster("comparison", "--disclosure", "on", "--format", "csv", on=path).ok()
    for row in ran.rows:
        assert (row["share"] == "[c]") == hidden[row["department"]]
        assert (row["low"] == "[c]") == (row["rank"] == "[c]") == hidden[row["department"]]


@pytest.fixture
def team(tmp_path: Path) -> Path:
    """A team in which Ann alone is strong at programming; Bo in the unit above and Cy next door are as well."""
    people = [
        make_person("ann", name="Ann", unit="Data", team="A", role_level="Senior data engineer"),
        make_person("bea", name="Bea", unit="Data", team="A"),
        make_person("dan", name="Dan", unit="Data", team="A"),
        make_person("bo", name="Bo", unit="Data", role_level="Senior data engineer"),
        make_person("cy", name="Cy", unit="Design", role_family="Design", role="Service designer",
                    role_level="Service designer"),
    ]  # fmt: skip
    ratings = [
        make_rating("ann", "Programming", 3), make_rating("ann", "Testing", 0), make_rating("bea", "Programming", 1),
        make_rating("dan", "Programming", 2), make_rating("bo", "Programming", 4), make_rating("cy", "Programming", 3),
    ]  # fmt: skip
    path = tmp_path / "team.muster"
    make_workspace(path, roles=ROLES, people=people, ratings=ratings, courses=[make_course()]).close()
    return path


def _open(path: Path) -> Workspace:
    return Workspace.open(path, user="tester", clock=clock)


def test_a_single_point_of_failure_says_who_and_what_hangs_on_it(team: Path) -> None:
    with _open(team) as ws:
        points = {(point.group, point.skill): point for point in ws.resilience.single_points(Scope())}
    point = points["Home Office / Data / A", "Programming"]
    assert [(one.staff_id, one.name, one.role_level) for one in point.holders] == [
        ("ann", "Ann", "Senior data engineer")
    ]
    assert point.role_levels == ("Data engineer", "Senior data engineer")
    # three people, four assessed pairs of which two are met; without Ann two, of which one is
    assert (point.people_requiring, point.assessed, point.meeting) == (3, 4, 2)
    assert (point.assessed_left, point.meeting_left) == (2, 1)
    assert ("Home Office / Design", "Programming") not in points
    with _open(team) as ws:
        every = ws.resilience.single_points(Scope())
        assert ws.resilience.single_points(Scope(), most=1) == every[:1]
        assert sum(ws.resilience.counts(Scope()).values()) == len(every) > 1
    with _open(team) as ws:
        whole = ws.resilience.single_points(Scope(), GapDimension.DEPARTMENT)
        assert [point.skill for point in whole] == []
        counts = ws.resilience.counts(Scope(), GapDimension.DEPARTMENT)
        (shared,) = few_holders(ws.gaps, Scope(), GapDimension.DEPARTMENT, counts)
        assert (shared.people, shared.skills_held_by_few) == (5, 0)


def test_the_nearest_mentors_come_first(team: Path) -> None:
    with _open(team) as ws:
        lines = {(line.unit, line.skill): line for line in ws.mentors.lines(Scope())}
        line = lines["Home Office / Data / A", "Programming"]
        # Ann holds what her own role asks and no more: she has nothing to spare; Bo is an expert
        assert (line.short, line.near, line.mentors_there) == (1, "unit above", 1)
        assert [(one.staff_id, one.level, one.required) for one in line.mentors] == [("bo", 4, 3)]
        assert ws.mentors.lines(Scope(), most=1) == ws.mentors.lines(Scope())[:1]
        assert lines["Home Office / Data / A", "Testing"].near == "nobody in the department"
        (bea,) = [person.person_id for person in ws.people.table(Scope()).lines if person.staff_id == "bea"]
        (own,) = ws.mentors.for_person(bea, Scope())
        assert [one.staff_id for one in own.mentors] == ["bo"]
        ws.assessments.set_level(bea, ws.frameworks.skills()["Data modelling"], 0, AssessedBy.SELF)
        assert {line.skill for line in ws.mentors.for_person(bea, Scope())} == {
            "Programming",
            "Data modelling",
        }


def test_skills_say_where_people_stand_and_what_nobody_is_assessed_in(team: Path) -> None:
    with _open(team) as ws:
        lines = {line.skill: line for line in ws.skills.lines(Scope())}
        programming = lines["Programming"]
        assert (programming.required, programming.assessed, programming.meeting, programming.surplus) == (
            4,
            4,
            3,
            1,
        )
        assert programming.role_levels == 2
        table = {row.skill: row for row in ws.gaps.table(Scope(), GapDimension.SKILL).rows}
        for name, row in table.items():
            line = lines[name]
            assert (line.required, line.assessed, line.meeting, line.short, line.levels_short) == (
                row.required, row.assessed, row.meeting, row.short, row.levels_short,
            )  # fmt: skip
        assert (
            {line.skill for line in ws.skills.not_assessed(Scope())}
            == {name for name, row in table.items() if not row.assessed}
            == {"Data modelling", "Prototyping"}
        )


def test_a_weight_changes_figures_and_plan_and_can_be_reverted(team: Path) -> None:
    def weight() -> float:
        rows = muster("gaps", "--by", "skill", "--format", "json", on=team).ok().json
        return next(row["weight"] for row in rows if row["skill"] == "Programming")

    def plan() -> Any:
        made = muster("plan", "--budget", 500, "--format", "json", on=team).ok().json
        return [line["weight"] for line in made["lines"]], made["summary"]["objective"]

    assert weight() == 1
    before = plan()
    assert before[0]
    assert muster("skills", "set-weight", 4, "programming", on=team).ok().out == "1 skill changed.\n"
    assert muster("skills", "set-weight", 4, "Programming", on=team).ok().out == "Nothing to change.\n"
    assert weight() == 4
    after = plan()
    assert after == ([4.0 * one for one in before[0]], 4 * before[1])
    with _open(team) as ws:
        newest = next(line for line in ws.admin.history() if line.action == "Set skill weight")
        ws.admin.revert(newest.action_id)
    assert weight() == 1


@pytest.mark.parametrize("weight", [0.0, 0.09, 10.5, float("nan"), float("inf"), -1])
def test_a_weight_out_of_range_is_refused(team: Path, weight: float) -> None:
    with _open(team) as ws, pytest.raises(UsageError):
        ws.skills.set_weight(["Programming"], weight)


def test_tags_are_kept_and_can_be_taken_away(team: Path) -> None:
    muster("skills", "set-tag", "legacy", "Testing", on=team).ok()
    muster("skills", "set-tag", "strategic", "Programming", "Data modelling", on=team).ok()
    listed = muster("skills", "list", "--tag", "strategic", "--format", "csv", on=team).ok()
    assert [row["skill"] for row in listed.rows] == ["Data modelling", "Programming"]
    muster("skills", "set-tag", "none", "Programming", on=team).ok()
    with _open(team) as ws:
        tags = {line.skill: line.tag for line in ws.skills.lines(Scope())}
        assert ws.skills.set_tag(["Testing"], SkillTag.LEGACY) is None
    assert tags == {"Programming": "", "Data modelling": "strategic", "Testing": "legacy", "Prototyping": ""}
    assert [row["reverted"] for row in muster("history", "--format", "csv", on=team).ok().rows][:3]


def test_nothing_shared_names_anybody_or_counts_one_to_four(team: Path) -> None:
    for words in (
        ("resilience",), ("mentors",), ("comparison", "--by", "unit"), ("skills", "list"),
        ("trend", "--from", "2026-11-01", "--to", "2026-11-23", "--by", "unit", "--each-skill"),
        ("gaps", "--by", "grade", "--across", "role"),
    ):  # fmt: skip
        ran = muster(*words, "--disclosure", "on", "--format", "csv", on=team).ok()
        assert "[c]" in ran.err.splitlines()[0]
        assert not re.search(r"\b(Ann|Bea|Dan|Bo|Cy|ann|bea|dan|bo|cy)\b", ran.out), words
        for row in ran.rows:
            for name in ("short", "required", "people", "part", "before", "after", "change", "surplus"):
                value = row.get(name, "")
                is_level = name == "required" and words[0] == "mentors"
                assert is_level or not value.lstrip("-").isdigit() or not 0 < abs(int(value)) < 5, (
                    words,
                    row,
                )


@pytest.mark.parametrize("seed", range(share(60)))
def test_cells_that_rest_on_few_people_are_hidden_whatever_the_dimensions(tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)
    people = [
        make_person(str(number), department=rng.choice("AB"), unit=rng.choice(("", "X", "Y")),
                    grade=rng.choice(("SEO", "HEO")), location=rng.choice(("Leeds", "London")))
        for number in range(rng.randrange(1, 30))
    ]  # fmt: skip
    ratings = [
        make_rating(person["staff_id"], skill, rng.randrange(4))
        for person in people
        for skill in SKILLS
        if rng.random() < 0.8
    ]
    with make_workspace(tmp_path / "w.muster", roles=ROLES, people=people, ratings=ratings) as ws:
        rows, columns = rng.sample(list(GapDimension), 2)
        heatmap = ws.gaps.heatmap(Scope(), rows, columns)
        kept = hidden_cells(heatmap)
        for row, group in enumerate(heatmap.groups):
            for column, label in enumerate(heatmap.skills):
                parts = {rows: group.label, columns: label}
                skill = parts.pop(GapDimension.SKILL, "")
                first, *rest = parts.items()
                behind = ws.gaps.people_behind(Scope(), skill, *first, rest[0] if rest else None)
                if 0 < len({pair.person_id for pair in behind}) < 5:
                    assert kept.cells[row, column], (rows, columns, group.label, label)


@pytest.mark.parametrize("seed", range(share(100)))
def test_a_shared_trend_shows_no_small_count(tmp_path: Path, seed: int) -> None:
    case = make_case(tmp_path, seed + 9_000)
    with _open(case.workspace) as ws:
        view = ws.trends.between(
            Scope(), TODAY - timedelta(case.rng.randrange(50, 300)), TODAY, GapDimension.DEPARTMENT
        )
    hidden = hidden_trend(view)
    for line, mask in zip((*view.lines, view.total), (*hidden.lines, hidden.total), strict=True):
        for place, figures in enumerate((line.before, *line.parts, line.after)):
            counts = (figures.required, figures.assessed, figures.meeting, figures.short)
            people = line.people[place - 1] if 0 < place < 8 else 0
            if any(0 < abs(count) < 5 for count in (*counts, people)):
                assert mask[place]
