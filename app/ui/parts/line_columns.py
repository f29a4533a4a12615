"""A table over many lines that are made one by one: its columns come from arrays, a line only when it is opened."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from app.services.missing_lines import MissingLines
from app.services.people_lines import PeopleLines
from app.services.text_columns import CodedText
from app.ui.table_data import Coded, Column, TableData


def table_of_lines(columns: Sequence[Column], lines: PeopleLines | MissingLines) -> TableData:
    """The table of these columns; a line stands behind each row."""
    values: dict[str, Any] = {}
    for name, column in lines.columns().items():
        if isinstance(column, CodedText):
            codes: Any = column.codes
            values[name] = Coded(codes, column.words)
        else:
            values[name] = column
    return TableData.of_columns(columns, values, lines)
