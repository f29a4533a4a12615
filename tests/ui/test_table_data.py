from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.ui.formats import written
from app.ui.table_data import Coded, Column, TableData, plain


class Row(NamedTuple):
    name: str | None
    level: int | None
    cost: Decimal | None


COLUMNS = (Column("name", "Name"), Column("level", "Level", "level"), Column("cost", "Cost", "money"))
names = st.one_of(
    st.none(), st.text(st.characters(codec="utf-8"), max_size=6), st.sampled_from(["Zoë", "zoe", "ß", "SS"])
)
rows = st.lists(
    st.builds(
        Row,
        names,
        st.one_of(st.none(), st.integers(0, 4)),
        st.one_of(st.none(), st.decimals(0, 99, places=2)),
    ),
    max_size=25,
)


def naive_order(values: list[Any], *, is_descending: bool) -> list[int]:
    given_rows = [row for row, value in enumerate(values) if value is not None]
    key = [plain(value) if isinstance(value, str) else value for value in values]
    placed = sorted(given_rows, key=lambda row: key[row], reverse=is_descending)
    return placed + [row for row, value in enumerate(values) if value is None]


@given(rows, st.sampled_from(COLUMNS), st.booleans())
def test_order_is_that_of_plain_sorting(records: list[Row], column: Column, is_descending: bool) -> None:
    data = TableData.of_records(COLUMNS, records)
    values = [getattr(record, column.key) for record in records]
    ordered = list(data.ordered(np.arange(len(records)), column, is_descending=is_descending))
    key = [plain(value) if isinstance(value, str) else value for value in values]
    assert [key[row] for row in ordered] == [
        key[row] for row in naive_order(values, is_descending=is_descending)
    ]
    assert sorted(ordered) == list(range(len(records)))


@given(rows, st.text(st.characters(codec="utf-8"), max_size=4))
def test_filter_is_that_of_plain_search(records: list[Row], words: str) -> None:
    data = TableData.of_records(COLUMNS, records)
    found = list(data.matching(words))
    naive = []
    for number, record in enumerate(records):
        texts = [written(getattr(record, c.key), c.kind, c.blank) for c in COLUMNS]
        line = plain("\x1f".join(texts)).replace("\n", " ")
        if all(word in line for word in plain(words).split()):
            naive.append(number)
    assert found == naive


def test_every_word_must_be_found_in_any_column_whatever_the_case() -> None:
    data = TableData.of_records(COLUMNS, [Row("Ann Smith", 2, None), Row("Bob Smith", 3, None)])
    assert list(data.matching("SMITH pract")) == [1]


def test_coded_columns_sort_by_word_and_keep_blanks_last() -> None:
    column = Column("unit", "Unit")
    data = TableData.of_columns((column,), {"unit": Coded(np.array([1, -1, 0, 1]), ("alpha", "Beta"))})
    assert list(data.ordered(np.arange(4), column, is_descending=False)) == [2, 0, 3, 1]
    assert list(data.ordered(np.arange(4), column, is_descending=True)) == [0, 3, 2, 1]
    assert list(data.matching("beta")) == [0, 3]
    assert data.text(1, column) == ""


def test_arrays_of_levels_know_not_assessed() -> None:
    column = Column("held", "Held", "level")
    data = TableData.of_columns((column,), {"held": np.array([3, 255, 0], dtype=np.uint8)})
    assert [data.text(row, column) for row in range(3)] == ["Practitioner", "Not assessed", "Below awareness"]
    assert data.value(1, column) is None
    assert list(data.ordered(np.arange(3), column, is_descending=False)) == [2, 0, 1]


def test_dates_sort_by_day_not_by_text() -> None:
    column = Column("day", "Day", "date")
    days = [date(2026, 11, 2), date(2026, 2, 11), None, date(2025, 12, 1)]
    data = TableData.of_columns((column,), {"day": days})
    assert list(data.ordered(np.arange(4), column, is_descending=False)) == [3, 1, 0, 2]


def test_columns_of_different_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match="different lengths"):
        TableData.of_columns(COLUMNS[:2], {"name": ["a"], "level": [1, 2]})


def test_an_empty_table_finds_nothing() -> None:
    data = TableData.of_records(COLUMNS, []).prepare()
    assert list(data.matching("a")) == []
    assert data.count == 0
