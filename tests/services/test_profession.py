"""A profession against a second, naive implementation; what is shared of it gives no small count away."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from app.analysis.disclosure import hidden_counts, is_small, told, with_totals
from app.analysis.pipeline import Reach
from app.errors import UsageError
from app.services.profession import REACH_WORDS, Pick, ProfessionView, grade_of
from app.services.profession_rows import COLUMNS, rows_of
from app.services.profession_shared import hidden_profession
from app.services.scope import Scope
from app.terms import NOT_ASSESSED
from app.workspace import Workspace
from tests.analysis.test_pipeline import by_hand
from tests.builders import USER, clock
from tests.command_line import muster
from tests.counts import share
from tests.services.naive_gaps import Asked, Organisation, Place
from tests.services.random_organisations import make_case


def _next(naive: Organisation, place: Place) -> Place | None:
    """The next level of the same role with a required level; levels stand in the order they were named."""
    ladder = [one for one in naive.requirements if one[:3] == place[:3]]
    for one in ladder[ladder.index(place) + 1 :]:
        if any(level is not None for level in naive.requirements[one].values()):
            return one
    return None


def _reach(naive: Organisation, staff_id: str, place: Place, asked: Asked) -> Reach:
    above = _next(naive, place)
    if above is None:
        return Reach.TOP
    needed = {skill: level for skill, level in naive.requirements[above].items() if level is not None}
    ratings = [naive.rating(staff_id, skill, asked.day) for skill in needed]
    held = [NOT_ASSESSED if rating is None else rating.level for rating in ratings]
    return by_hand(held, list(needed.values()))[4]


def _compare(ws: Workspace, naive: Organisation, asked: Asked) -> None:
    scope = Scope(tuple(asked.departments), asked.family, asked.version, asked.day, asked.contractors)
    view = ws.profession.view(scope)
    chosen = naive.chosen(asked)
    places = {staff_id: naive.required_of(staff_id, asked.day)[0] for staff_id in chosen}
    assert view.counts.people == len(chosen)
    assert view.counts.contractors == sum(spell["employment"] != "civil servant" for spell in chosen.values())
    by_department = Counter(spell["unit"].split(" / ")[0] for spell in chosen.values())
    assert {one.department: one.counts.people for one in view.departments} == by_department
    met: Counter[str] = Counter()
    assessed: Counter[str] = Counter()
    for pair in naive.pairs(asked):
        assessed[pair.department] += pair.held is not None
        met[pair.department] += pair.gap == 0
    assert {one.department: one.group.meeting for one in view.departments} == {
        name: met[name] for name in by_department
    }
    assert {one.department: one.group.assessed for one in view.departments} == {
        name: assessed[name] for name in by_department
    }
    everybody = naive.chosen(replace(asked, family="", version=""))
    assert view.unmapped == sum(naive.required_of(one, asked.day)[0] is None for one in everybody)
    pyramid: Counter[tuple[str, str, str]] = Counter()
    pipeline: Counter[tuple[str, str, Reach]] = Counter()
    for staff_id, place in places.items():
        assert place is not None
        pyramid[place.role, place.level, grade_of(chosen[staff_id]["grade"])] += 1
        pipeline[place.role, place.level, _reach(naive, staff_id, place, asked)] += 1
    found: Counter[tuple[str, str, str]] = Counter()
    for cell in view.pyramid:
        found[cell.role, cell.role_level, cell.grade] += cell.counts.people
    assert found == pyramid
    ways: Counter[tuple[str, str, Reach]] = Counter()
    for line in view.pipeline:
        for reach in Reach:
            ways[line.role, line.role_level, reach] += line.reach[reach]
    assert +ways == pipeline
    _compare_people(ws, scope, view)
    _check_shared(view)


def _compare_people(ws: Workspace, scope: Scope, view: ProfessionView) -> None:
    """Every figure clicks down to as many people."""
    people = ws.profession.people(scope, Pick())
    assert len(people) == view.counts.people
    assert len(ws.profession.people(scope, Pick(only_entry=True))) == view.entry.people
    assert len(ws.profession.people(scope, Pick(only_contractors=True))) == view.counts.contractors
    for one in view.departments:
        assert len(ws.profession.people(scope, Pick(department=one.department))) == one.counts.people
    for cell in view.pyramid:
        pick = Pick(role_level_id=cell.role_level_id, grade=cell.grade)
        assert len(ws.profession.people(scope, pick)) == cell.counts.people
    for reach in Reach:
        behind = ws.profession.people(scope, Pick(reach=reach))
        assert len(behind) == view.reach(reach)
        assert {one.reach for one in behind} <= {REACH_WORDS[reach]}


def _check_shared(view: ProfessionView) -> None:
    """No small count of people is left in any table, and no lone hidden one beside totals that are shown."""
    kept = hidden_profession(view)
    for part, names in (("departments", (1, 3)), ("pyramid", (4,)), ("pipeline", (5, 7, 8, 9, 10, 11))):
        for row in rows_of(view, kept, part):
            for at in names:
                assert not (isinstance(row[at], int) and 0 < row[at] < 5), (part, COLUMNS[part][at], row)
    if not kept.total:
        assert sum(kept.departments) != 1 or not view.counts.people
    for place, line in enumerate(view.pipeline):
        if not kept.levels[place]:
            assert kept.reach[place].sum() != 1, line


@pytest.mark.parametrize("seed", range(share(20)))
def test_a_profession_equals_the_naive_count(tmp_path: Path, seed: int) -> None:
    case = make_case(tmp_path, 70_000 + seed)
    with Workspace.open(case.workspace, user=USER, clock=clock) as ws:
        for _ in range(3):
            asked = case.question()
            families = sorted(
                {place.family for place in case.naive.requirements if asked.version in ("", place.version)}
            )
            if not families:
                continue
            _compare(ws, case.naive, replace(asked, family=case.rng.choice(families)))


def test_one_table_of_counts_is_safe_and_hides_no_more_than_it_must() -> None:
    rng = np.random.default_rng(7)
    for _ in range(share(1_000)):
        counts = rng.choice([0, 0, 1, 3, 6, 9, 40], size=(int(rng.integers(1, 6)), int(rng.integers(1, 5))))
        kept = hidden_counts(counts.astype(np.int64))
        mask = np.zeros((counts.shape[0] + 1, counts.shape[1] + 1), np.bool_)
        mask[:-1, :-1], mask[:-1, -1], mask[-1, :-1], mask[-1, -1] = (
            kept.cells,
            kept.rows,
            kept.columns,
            kept.grand,
        )
        table = with_totals(counts.astype(np.int64))
        assert mask[is_small(table)].all()
        assert not told(table, mask).any()
        if not is_small(table).any():
            assert not mask.any()


def test_an_unknown_family_or_none_is_a_sentence(ws: Workspace) -> None:
    with pytest.raises(UsageError, match="No role family"):
        ws.profession.view(Scope())
    with pytest.raises(UsageError, match="Cooking"):
        ws.profession.view(Scope(role_family="Cooking"))


def test_the_command_and_the_workbook_say_the_same(small: Path) -> None:
    from openpyxl import load_workbook

    from tests.builders import make_person, make_rating, write_rows

    people = [make_person(f"{n:04d}", grade="Grade 7" if n % 2 else "HEO", employment="contractor" if n > 27 else "")
              for n in range(36)]  # fmt: skip
    ratings = [
        make_rating(f"{n:04d}", skill, level=n % 4) for n in range(30) for skill in ("Programming", "Testing")
    ]
    for kind, rows in (("people", people), ("assessments", ratings)):
        muster("import", kind, write_rows(small.parent / f"{kind}.csv", rows), on=small).ok()
    about = ("--role-family", "data", "--disclosure", "on")
    told = muster("profession", *about, "--format", "json", on=small).ok().json
    assert told["summary"]["people"] == 36
    assert told["departments"][0]["contractors"] == 8
    assert {row["grade"] for row in told["pyramid"]} == {"HEO", "G7"}
    out = small.parent / "p.xlsx"
    muster("export", "profession", "--role-family", "Data", "--out", out, on=small).ok()
    again = small.parent / "q.xlsx"
    muster("export", "profession", "--role-family", "Data", "--out", again, on=small).ok()
    assert out.read_bytes() == again.read_bytes()
    book = load_workbook(out)
    for part in ("departments", "pyramid", "pipeline", "skills"):
        sheet = book[part.capitalize()]
        ref = next(iter(sheet.tables.values())).ref
        rows = [[cell.value for cell in row] for row in sheet[ref]][1:]
        figures = [
            ["yes" if value is True else None if value is False else value or (None if value == "" else value)
             for value in row.values()] for row in told[part]
        ]  # fmt: skip
        assert [len(row) for row in rows] == [len(row) for row in figures]
        for row, wanted in zip(rows, figures, strict=True):
            assert (
                row == pytest.approx(wanted, abs=1e-4)
                if all(isinstance(value, int | float) for value in wanted)
                else [str(value) for value in row if isinstance(value, str)]
                == [value for value in wanted if isinstance(value, str)]
            )


def test_csv_names_its_columns_and_people_are_never_shared(small: Path) -> None:
    ran = muster("profession", "--role-family", "Data", "--format", "csv", on=small).ok()
    assert ran.out.splitlines()[0] == ",".join(COLUMNS["departments"])
    shared = muster("profession", "--role-family", "Data", "--show", "people", "--disclosure", "on", on=small)
    assert shared.code == 2
    assert muster("profession", "--role-family", "Data", "--show", "everything", on=small).code == 2
    assert muster("profession", on=small).code == 2
