"""Texts of live formulas over the tables of a report.

Names of tables and columns come from our own code; values that come from data enter only as quoted criteria,
so nothing a person typed can become part of a formula.
"""

from __future__ import annotations

import re
from decimal import Decimal

from app.files.report import Formula
from app.files.workbook_names import is_legal_table_name

_TO_ESCAPE_IN_HEADER = re.compile(r"[\[\]#']")
_WILDCARDS = re.compile(r"[~*?]")

Criterion = tuple[str, str]
"""A column's header and the text its cells must equal."""

Figure = int | float | Decimal | None


def column_ref(table: str, header: str) -> str:
    """``Plan[Cost]``, with characters escaped that mean something there; ValueError for a bad table."""
    if not is_legal_table_name(table):
        raise ValueError(f"{table!r} is not a table name")
    return f"{table}[{_TO_ESCAPE_IN_HEADER.sub(lambda found: chr(39) + found[0], header)}]"


def text_criterion(text: str) -> str:
    """A quoted criterion that matches exactly this text, whatever signs or wildcards it holds."""
    literal = _WILDCARDS.sub(lambda found: f"~{found[0]}", text).replace('"', '""')
    return f'"={literal}"'


def sum_of(table: str, header: str, value: Figure = None) -> Formula:
    """The sum of a column, whatever the filters show."""
    return Formula(f"SUM({column_ref(table, header)})", value)


def rows_of(table: str, header: str, value: int | None = None) -> Formula:
    """How many cells of a column hold something."""
    return Formula(f"COUNTA({column_ref(table, header)})", value)


def shown(function: str, table: str, header: str, value: Figure = None) -> Formula:
    """The ``sum``, ``count`` or ``average`` of the rows that the filters show."""
    number = {"sum": 109, "count": 103, "average": 101}[function]
    inner = f"SUBTOTAL({number},{column_ref(table, header)})"
    return Formula(f'IFERROR({inner},"")' if function == "average" else inner, value)


def sum_if(
    table: str,
    header: str,
    criteria: tuple[Criterion, ...],
    value: Figure = None,
    *,
    unless: tuple[Criterion, ...] = (),
) -> Formula:
    """The sum of a column over the rows in which every criterion holds, and none of ``unless``."""
    return Formula(f"SUMIFS({column_ref(table, header)},{_conditions(table, criteria, unless)})", value)


def count_if(
    table: str,
    criteria: tuple[Criterion, ...],
    value: int | None = None,
    *,
    unless: tuple[Criterion, ...] = (),
) -> Formula:
    """How many rows there are in which every criterion holds, and none of ``unless``."""
    return Formula(f"COUNTIFS({_conditions(table, criteria, unless)})", value)


def share_of(part: Formula, whole: Formula, value: Figure = None) -> Formula:
    """One figure as a fraction of another, blank where there is nothing to divide by."""
    return Formula(f'IFERROR(({part.text})/({whole.text}),"")', value)


def total_of(formulas: tuple[Formula, ...], value: Figure = None) -> Formula:
    """The sum of several formulas."""
    return Formula("+".join(f"({formula.text})" for formula in formulas), value)


def _conditions(table: str, criteria: tuple[Criterion, ...], unless: tuple[Criterion, ...]) -> str:
    held = [f"{column_ref(table, header)},{text_criterion(text)}" for header, text in criteria]
    barred = [f"{column_ref(table, header)},{_other_than(text)}" for header, text in unless]
    return ",".join((*held, *barred))


def _other_than(text: str) -> str:
    return f'"<>{text_criterion(text)[2:]}'
