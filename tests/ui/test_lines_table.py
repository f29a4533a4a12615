"""Parts of a long table against the same rows as a table of their own."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.services.packed_text import PackedText
from app.services.scope import Scope
from app.ui.formats import written
from app.ui.pages.assessments import PEOPLE_COLUMNS
from app.ui.pages.people import COLUMNS
from app.ui.parts import line_columns
from app.ui.parts.line_columns import LinesTable
from app.ui.table_data import Coded, Column, Long, TableData, plain
from tests.builders import ROLES, make_person, make_rating, make_workspace
from tests.counts import share

NAME, UNIT, FTE, LEFT = (
    Column("name", "Name"),
    Column("unit", "Unit"),
    Column("fte", "FTE", "fte"),
    Column("left", "Left", "int"),
)
WORDS = ("Data", "data ops", "Zoë’s unit", "")
lines = st.lists(
    st.tuples(
        st.one_of(st.text(st.characters(codec="utf-8"), max_size=5), st.sampled_from(["Zoë", "zoe", "Ann"])),
        st.integers(-1, 3),
        st.sampled_from([0.5, 0.6, 1.0]),
        st.integers(0, 12),
    ),
    max_size=25,
)


def whole_of(rows: list[tuple[str, int, float, int]]) -> TableData:
    names = PackedText.of([row[0] for row in rows])
    values: dict[str, Any] = {
        "name": Long(names, names.folded(plain)),
        "unit": Coded(np.array([row[1] for row in rows], dtype=np.int64), WORDS),  # type: ignore[arg-type]
        "fte": np.array([row[2] for row in rows]),
    }
    return TableData.of_columns((NAME, UNIT, FTE), values)


@given(
    lines, st.randoms(use_true_random=False), st.text(st.characters(codec="utf-8"), max_size=3), st.booleans()
)
def test_a_part_is_the_table_of_its_rows(
    rows: list[tuple[str, int, float, int]], dice: random.Random, words: str, is_descending: bool
) -> None:
    places = [at for at in range(len(rows)) if dice.random() < 0.7]
    dice.shuffle(places)
    columns = (NAME, UNIT, FTE, LEFT)
    left: Any = np.array([rows[at][3] for at in places], dtype=np.int64)
    part = whole_of(rows).part(columns, np.array(places, dtype=np.int64), {"left": left}, places)
    records = [
        (rows[at][0], WORDS[rows[at][1]] if rows[at][1] >= 0 else None, *rows[at][2:]) for at in places
    ]
    alone = TableData.of_columns(
        columns, {column.key: [one[at] for one in records] for at, column in enumerate(columns)}
    )
    assert part.count == len(places)
    assert [part.record(at) for at in range(len(places))] == places
    everyone = np.arange(len(places))
    for at, column in enumerate(columns):
        assert [part.text(row, column) for row in range(len(places))] == [
            written(one[at], column.kind, column.blank) for one in records
        ]
        mine = part.ordered(everyone, column, is_descending=is_descending).tolist()
        shown: list[Any] = [one[at] for one in records]
        keys: list[Any] = [plain(one) if isinstance(one, str) else one for one in shown]
        blanks = [row for row in range(len(places)) if keys[row] is None]
        others = [row for row in range(len(places)) if keys[row] is not None]
        expected = sorted(others, key=lambda row: keys[row], reverse=is_descending) + blanks
        assert sorted(mine) == everyone.tolist()
        assert [keys[row] for row in mine] == [keys[row] for row in expected]
        if column is not UNIT:  # units may be equal but for case: their order is that of the words
            assert mine == expected
    assert part.matching(words).tolist() == alone.matching(words).tolist()


@pytest.mark.parametrize("seed", range(share(20)))
def test_the_pages_show_the_same_by_parts_and_by_themselves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    dice = random.Random(seed)
    people = [
        make_person(
            f"{number:04}", name=dice.choice(("Ann Zed", "ann zed", "Zoë Ash", "Bo Poe", f"P {number}")),
            department=dice.choice(("Home Office", "HM Treasury")), unit=dice.choice(("", "Data")),
            job_title=dice.choice(("Analyst", "Engineer", "Clerk")), grade=dice.choice(("SEO", "G7", "")),
            role_level=dice.choice(("Data engineer", "Service designer", "")),
        )
        for number in range(1, 40)
    ]  # fmt: skip
    ratings = [make_rating(f"{number:04}", "Programming", number % 3) for number in range(1, 40, 2)]
    with make_workspace(tmp_path / f"{seed}.muster", roles=ROLES, people=people, ratings=ratings) as ws:
        shared = LinesTable(), LinesTable()
        for scope in (Scope(), Scope(departments=("Home Office",)), Scope(role_family="Data"), Scope()):
            found = ws.people.table(scope).lines, ws.coverage.board(scope).people
            for at, columns in enumerate((COLUMNS, PEOPLE_COLUMNS)):
                monkeypatch.setattr(line_columns, "WORTH_THE_WHOLE", 0)
                part = shared[at].table(columns, found[at])
                monkeypatch.setattr(line_columns, "WORTH_THE_WHOLE", 1_000)
                alone = LinesTable().table(columns, found[at])
                assert _seen(part) == _seen(alone)
                assert [one.person_id for one in (part.record(row) for row in range(part.count))] == [
                    one.person_id for one in found[at]
                ]
                for column in columns:
                    rows = np.arange(part.count)
                    for is_descending in (False, True):
                        mine = part.ordered(rows, column, is_descending=is_descending)
                        theirs = alone.ordered(rows, column, is_descending=is_descending)
                        assert mine.tolist() == theirs.tolist(), column.key
                for words in ("zoe", "ann data", "7", "engineer home", "1.00", "%"):
                    assert part.matching(words).tolist() == alone.matching(words).tolist(), words


def _seen(data: TableData) -> list[list[str]]:
    return [[data.text(row, column) for column in data.columns] for row in range(data.count)]
