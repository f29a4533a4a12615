"""Gap figures of random organisations, loaded as a user loads them, equal a second, naive implementation."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from app.services.scope import Scope
from app.workspace import Workspace
from tests.builders import USER, clock
from tests.command_line import Ran, muster
from tests.counts import share
from tests.services.naive_gaps import Asked, Organisation, Pair
from tests.services.random_organisations import Case, make_case

FIGURES = ("required", "assessed", "meeting", "short", "levels_short", "coverage", "share_short", "weight")
CASES = share(200)


def _options(asked: Asked) -> list[str]:
    options = [
        "--as-at",
        asked.day.isoformat(),
        "--contractors",
        "include" if asked.contractors else "exclude",
    ]
    for department in asked.departments:
        options += ["--department", department]
    options += ["--role-family", asked.family] if asked.family else []
    return options + (["--framework", asked.version] if asked.version else [])


def _compare_tables(case: Case, asked: Asked) -> None:
    for by in ("department", "unit", "skill", "role-family"):
        ran = muster("gaps", "--by", by, *_options(asked), "--format", "json", on=case.workspace).ok()
        found = {_key(row, by): tuple(row[name] for name in FIGURES) for row in ran.json}
        assert len(found) == len(ran.json)
        wanted = case.naive.table(asked, by)
        assert {key: row[:-1] for key, row in found.items()} == {
            key: row[:-1] for key, row in wanted.items()
        }, (
            by,
            asked,
        )
        # the last place of a rounded mean may fall either way
        assert {key: row[-1] for key, row in found.items()} == pytest.approx(
            {key: row[-1] for key, row in wanted.items()}, abs=1e-4
        ), (by, asked)
        assert _unmapped(ran) == case.naive.unmapped(asked)


def _key(row: dict[str, Any], by: str) -> tuple[str, str]:
    return ("" if by == "skill" else row[by.replace("-", "_")]), row["skill"]


def _unmapped(ran: Ran) -> int:
    found = re.search(r"([\d,]+) (?:person has|people have) no role yet", ran.err)
    return int(found[1].replace(",", "")) if found else 0


def _compare_people(case: Case, asked: Asked) -> None:
    ran = muster("gaps", "--by", "person", *_options(asked), "--format", "json", on=case.workspace).ok()
    found = sorted((Pair(**row) for row in ran.json), key=_place)
    found = [pair._replace(assessed_on=pair.assessed_on or "") for pair in found]
    assert found == sorted(case.naive.pairs(asked), key=_place), asked


def _place(pair: Pair) -> tuple[str, str]:
    return pair.staff_id, pair.skill


def _compare_totals(path: Path, naive: Organisation, asked: Asked) -> None:
    scope = Scope(tuple(asked.departments), asked.family, asked.version, asked.day, asked.contractors)
    with Workspace.open(path, user=USER, clock=clock, read_only=True) as ws:
        totals = ws.gaps.heatmap(scope).totals
    pairs = naive.pairs(asked)
    assert totals.people == len(naive.chosen(asked))
    assert totals.unmapped == naive.unmapped(asked)
    assert totals.required == len(pairs)
    assert totals.assessed == sum(pair.held is not None for pair in pairs)
    assert totals.meeting == sum(pair.gap == 0 for pair in pairs)
    assert totals.fully_ready == naive.fully_ready(asked)


@pytest.mark.parametrize("seed", range(CASES))
def test_figures_of_a_random_organisation_equal_the_naive_ones(tmp_path: Path, seed: int) -> None:
    case = make_case(tmp_path, seed)
    for asked in (Asked(), case.question(), case.question()):
        _compare_tables(case, asked)
        _compare_people(case, asked)
        _compare_totals(case.workspace, case.naive, asked)
