"""Gap tables with any two dimensions, either way round, equal counting the pairs one at a time."""

from __future__ import annotations

import random
from collections import defaultdict
from pathlib import Path

import pytest

from app.errors import UsageError
from app.services.gap_views import figures_of
from app.services.gaps import GapDimension, Heatmap, PairLine
from app.services.scope import Scope
from app.workspace import Workspace
from tests.builders import ROLES, make_person, make_rating, make_workspace
from tests.command_line import muster
from tests.counts import share

WITHOUT_SKILL = [dimension for dimension in GapDimension if dimension is not GapDimension.SKILL]
PLACES = [(family, role, level) for (family, role), levels in ROLES.items() for level, _ in levels]
Figures = tuple[int, int, int, int, int]


def _organisation(path: Path, seed: int) -> tuple[Workspace, dict[str, dict[str, str]]]:
    rng = random.Random(seed)
    people: list[dict[str, str]] = []
    for number in range(rng.randrange(1, 25)):
        family, role, level = rng.choice([*PLACES, ("", "", "")])
        people.append(
            make_person(
                str(number), department=rng.choice(("Home Office", "HM Treasury")),
                unit=rng.choice(("", "Data", "Unit 3")),
                grade=rng.choice(("HEO", "SEO", "")), location=rng.choice(("Leeds", "London", "")),
                employment=rng.choice(("civil servant", "contractor")),
                role_family=family, role=role, role_level=level,
            )
        )  # fmt: skip
    skills = sorted({skill for levels in ROLES.values() for _, required in levels for skill in required})
    ratings = [
        make_rating(person["staff_id"], skill, rng.randrange(5))
        for person in people
        for skill in skills
        if rng.random() < 0.6
    ]
    return make_workspace(path, roles=ROLES, people=people, ratings=ratings), {
        p["staff_id"]: p for p in people
    }


def _label(pair: PairLine, facts: dict[str, str], dimension: GapDimension) -> str:
    if dimension in (GapDimension.LOCATION, GapDimension.EMPLOYMENT):
        return facts[dimension.value]
    return str(getattr(pair, dimension.value.replace("-", "_")))


def _by_hand(
    pairs: tuple[PairLine, ...], people: dict[str, dict[str, str]], rows: GapDimension, columns: GapDimension
) -> dict[tuple[str, str], Figures]:
    cells: dict[tuple[str, str], list[PairLine]] = defaultdict(list)
    for pair in pairs:
        key = tuple(_label(pair, people[pair.staff_id], dimension) for dimension in (rows, columns))
        if all(key):
            cells[key[0], key[1]].append(pair)
    found: dict[tuple[str, str], Figures] = {}
    for key, behind in cells.items():
        gaps = [pair.gap for pair in behind if pair.gap is not None]
        short = sum(gap > 0 for gap in gaps)
        found[key] = (len(behind), len(gaps), len(gaps) - short, short, sum(gaps))
    return found


def _cells(found: Heatmap) -> dict[tuple[str, str], Figures]:
    tables = (found.required, found.assessed, found.meeting, found.short, found.levels_short)
    return {
        (group.label, column): tuple(int(table[row, place]) for table in tables)  # type: ignore[misc]
        for row, group in enumerate(found.groups)
        for place, column in enumerate(found.skills)
        if found.required[row, place]
    }


@pytest.mark.parametrize("seed", range(share(100)))
def test_any_two_dimensions_equal_counting_the_pairs(tmp_path: Path, seed: int) -> None:
    ws, people = _organisation(tmp_path / "any.muster", seed)
    rng = random.Random(-seed - 1)
    with ws:
        scope = Scope(with_contractors=rng.random() < 0.7)
        pairs = ws.gaps.people_behind(scope)
        for _ in range(12):
            rows, columns = rng.sample(list(GapDimension), 2)
            expected = _by_hand(pairs, people, rows, columns)
            found = ws.gaps.heatmap(scope, rows, columns)
            assert _cells(found) == expected, (rows, columns)
            assert (found.dimension, found.columns) == (rows, columns)
            table = ws.gaps.table(scope, rows, columns)
            assert {
                (row.group, row.skill): (row.required, row.assessed, row.meeting, row.short, row.levels_short)
                for row in table.rows
            } == expected
            turned = ws.gaps.heatmap(scope, columns, rows)
            assert _cells(turned) == {(column, row): figures for (row, column), figures in expected.items()}


def test_the_people_behind_a_cell_of_two_dimensions(tmp_path: Path) -> None:
    ws, people = _organisation(tmp_path / "behind.muster", 7)
    with ws:
        found = ws.gaps.heatmap(Scope(), GapDimension.GRADE, GapDimension.ROLE_FAMILY)
        assert _cells(found)
        for (grade, family), figures in _cells(found).items():
            behind = ws.gaps.people_behind(
                Scope(), "", GapDimension.GRADE, grade, (GapDimension.ROLE_FAMILY, family)
            )
            assert len(behind) == figures[0]
            assert {(people[pair.staff_id]["grade"], pair.role_family) for pair in behind} == {
                (grade, family)
            }
        assert (
            ws.gaps.people_behind(Scope(), "", GapDimension.GRADE, "HEO", (GapDimension.LOCATION, "Mars"))
            == ()
        )


def test_weights_of_a_cell_of_two_dimensions_are_those_of_what_is_short(tmp_path: Path) -> None:
    people = [make_person(str(number), grade="SEO") for number in range(2)]
    ratings = [make_rating("0", "Programming", 0), make_rating("1", "Data modelling", 0)]
    with make_workspace(tmp_path / "weights.muster", roles=ROLES, people=people, ratings=ratings) as ws:
        ws.skills.set_weight(["Programming"], 4.0)
        (row,) = ws.gaps.table(Scope(), GapDimension.GRADE, GapDimension.ROLE).rows
        # two levels of Programming at weight 4, one of Data modelling at weight 1
        assert (row.levels_short, row.weight) == (3, pytest.approx(3.0))


def test_one_dimension_cannot_be_both_rows_and_columns(ws: Workspace) -> None:
    with pytest.raises(UsageError):
        ws.gaps.heatmap(Scope(), GapDimension.GRADE, GapDimension.GRADE)


def test_gaps_across_a_second_dimension_from_the_command_line(tmp_path: Path) -> None:
    path = tmp_path / "line.muster"
    _organisation(path, 3)[0].close()
    ran = muster("gaps", "--by", "grade", "--across", "role-family", "--format", "csv", on=path).ok()
    assert list(ran.rows[0])[:3] == ["grade", "role_family", "required"]
    hidden = muster(
        "gaps", "--by", "grade", "--across", "role-family", "--disclosure", "on", "--format", "csv", on=path
    ).ok()
    for raw, shown in zip(ran.rows, hidden.rows, strict=True):
        if shown["required"] != "[c]":
            assert raw == shown
            assert all(not 0 < int(raw[name]) < 5 for name in ("required", "assessed", "meeting", "short"))
    assert muster("gaps", "--by", "grade", "--across", "grade", on=path).code == 2
    assert muster("gaps", "--across", "moon", on=path).code == 2


@pytest.mark.parametrize("seed", range(share(20)))
def test_behind_a_skill_the_worst_come_first_and_then_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    """The order equals sorting the lines; read for few people, from the database for many, made late or at once."""
    ws, _ = _organisation(tmp_path / "order.muster", seed)
    with ws:
        skills = ws.gaps.base(None).skill_names
        for skill in skills:
            several: list[list[PairLine]] = []
            for most, at_once in ((20_000, 5_000), (0, 5_000), (0, 0)):
                monkeypatch.setattr("app.services.pair_lines.MOST_NAMED", most)
                monkeypatch.setattr("app.services.gaps.LINES_AT_ONCE", at_once)
                found = ws.gaps.people_behind(Scope(), skill)
                assert isinstance(found, tuple) == (len(found) <= at_once)
                assert figures_of(found) == figures_of(tuple(found))
                several.append([found[place] for place in range(len(found))])
            assert several[0] == several[1] == several[2]
            expected = sorted(
                several[0],
                key=lambda pair: (-(pair.gap or 0), pair.held is not None, pair.name, pair.person_id),
            )
            assert several[0] == expected
