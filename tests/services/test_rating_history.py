"""The levels of a day picked from columns against the same rule applied pair by pair."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import date, timedelta

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from app.services.rating_history import KINDS, RatingHistory
from app.terms import AssessedBy

FIRST = date(2025, 12, 20)
ratings = st.lists(
    st.tuples(
        st.integers(1, 5),
        st.integers(1, 4),
        st.integers(0, 4),
        st.integers(0, len(KINDS)),
        st.integers(0, 30),
    ),
    max_size=40,
)


@given(
    ratings, st.integers(-1, 31), st.one_of(st.none(), st.integers(-1, 31)), st.permutations(list(AssessedBy)),
    st.booleans(),
)  # fmt: skip
def test_the_levels_of_a_day_are_those_of_the_rule(
    rows: list[tuple[int, int, int, int, int]],
    day: int,
    after: int | None,
    order: list[AssessedBy],
    has_large_ids: bool,
) -> None:
    def iso(number: int) -> str:
        return (FIRST + timedelta(days=number)).isoformat()

    with closing(sqlite3.connect(":memory:")) as file:
        file.execute(
            "CREATE TABLE assessment (id INTEGER PRIMARY KEY, person_id, skill_id, level, assessed_on, assessed_by)"
        )
        file.executemany(
            "INSERT INTO assessment (person_id, skill_id, level, assessed_on, assessed_by) VALUES (?, ?, ?, ?, ?)",
            [
                (person, skill, level, iso(on), KINDS[kind].value if kind < len(KINDS) else "somebody else")
                for person, skill, level, kind, on in rows
            ],
        )  # fmt: skip
        history = RatingHistory.read(file.cursor(), 31 if has_large_ids else 3, 24 if has_large_ids else 3)
    strength = {kind: place for place, kind in enumerate(order)}
    limit = "" if after is None else iso(after)
    person, skill, level = history.levels_on(iso(day), strength, limit)
    best: dict[tuple[int, int], tuple[int, int, int, int]] = {}
    for number, (who, what, held, kind, on) in enumerate(rows):
        if on > day or (after is not None and on <= after):
            continue
        weak = strength[KINDS[kind]] if kind < len(KINDS) else 9
        worth = (-weak, on, number, held)
        best[who, what] = max(best.get((who, what), worth), worth)
    expected = [(*pair, best[pair][3]) for pair in sorted(best)]
    assert list(zip(person.tolist(), skill.tolist(), level.tolist(), strict=True)) == expected
    assert person.dtype == np.int32
