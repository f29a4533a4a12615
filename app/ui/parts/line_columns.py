"""A table over many lines that are made one by one: its columns come from arrays, a line only when it is opened."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from app.services.missing_lines import MissingLines
from app.services.packed_text import PackedText
from app.services.people_lines import PeopleLines
from app.services.text_columns import CodedText
from app.ui.table_data import Coded, Column, Long, TableData, plain

WORTH_THE_WHOLE = 20_000
"""From so many lines on the table of everybody is made, and every other choice of people is a part of it."""


class LinesTable:
    """Tables over choices of the same people. What sorting and filtering need is built once for all of them.

    It is built for everybody when a choice is first large, and anew after a write to the people. Used by one worker.
    """

    def __init__(self) -> None:
        self._of: tuple[Any, tuple[str, ...]] | None = None
        self._whole: TableData | None = None

    def table(self, columns: Sequence[Column], lines: PeopleLines | MissingLines) -> TableData:
        """The table of these columns; a line stands behind each row."""
        keys = tuple(column.key for column in columns)
        own: dict[str, Any] = dict(lines.counts()) if isinstance(lines, MissingLines) else {}
        is_known = self._of is not None and self._of[0] is lines.population and self._of[1] == keys
        if not is_known and len(lines) < WORTH_THE_WHOLE:
            return TableData.of_columns(columns, _values(lines.columns()) | own, lines).prepare()
        shared = [column for column in columns if column.key not in own]
        if self._whole is None or not is_known:
            everybody = lines.everybody()
            self._of = self._whole = None  # two of them would not fit
            self._whole = TableData.of_columns(shared, _values(everybody.columns()), everybody).prepare()
            self._of = lines.population, keys
        return self._whole.part(columns, lines.places, own, lines)


def _values(columns: Any) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, column in columns.items():
        if isinstance(column, CodedText):
            codes: Any = column.codes
            values[name] = Coded(codes, column.words)
        elif isinstance(column, PackedText):
            values[name] = Long(column, column.folded(plain))
        else:
            values[name] = column
    values["role_level"] = values["role_words"]
    return values
