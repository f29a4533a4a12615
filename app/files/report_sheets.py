"""Sheets of the usual shapes: a summary of figures, a cross-tab with heat, money by pot and quarter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from app.files.formulas import Criterion, sum_if
from app.files.report import Cell, CellValue, Chart, Column, Formula, Kind, Plain, Sheet
from app.terms import FinancialQuarter

NOT_ASSESSED = "not assessed"
NOTHING_BACK: Mapping[str, Decimal] = {}


@dataclass(frozen=True, slots=True)
class SummaryLine:
    """One figure of a summary: what it is, the figure (mostly a live formula), and what it means."""

    label: str
    value: Plain | Formula
    kind: Kind = "text"
    meaning: str = ""
    places: int | None = None


def summary_sheet(
    lines: Sequence[SummaryLine], *, name: str = "Summary", title: str = "", charts: tuple[Chart, ...] = ()
) -> Sheet:
    """Figures one under the other, the answer first; charts below them."""
    columns = (
        Column("figure", "Figure", width=38, wrap=True),
        Column("value", "Value", width=20, align="left"),
        Column("meaning", "What it means", width=80, wrap=True),
    )
    rows = [
        (Cell(line.label, look="strong"), Cell(line.value, line.kind, line.places), line.meaning)
        for line in lines
    ]
    return Sheet(name, columns, rows, title=title, charts=charts, freeze_columns=0, filters=False)


@dataclass(frozen=True, slots=True)
class CrossTab:
    """Figures over two dimensions, such as the share short by department (down) and skill (across).

    ``values[row][column]`` is None where nothing is required (the cell stays blank) and a word, such as
    :data:`NOT_ASSESSED`, where there is no figure; ``low`` holds the (row, column) of low coverage, marked
    with *. ``row_totals`` stand before the cells, where they are seen first, and ``column_totals`` in a first
    line; ``grand_total`` is where both meet.
    """

    row_header: str
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    values: Sequence[Sequence[CellValue]]
    kind: Kind = "share"
    places: int | None = None
    low: frozenset[tuple[int, int]] = frozenset()
    total_label: str = "All"
    row_totals: Sequence[CellValue] = ()
    column_totals: Sequence[CellValue] = ()
    grand_total: CellValue = None
    heat_top: float | None = 1.0


def cross_tab_sheet(tab: CrossTab, *, name: str, title: str = "", notes: tuple[str, ...] = ()) -> Sheet:
    """A cross-tab as a table with upright headers and a live colour scale; totals are bold, not coloured."""
    totals = bool(tab.row_totals)
    columns = [Column("row", tab.row_header)]
    if totals:
        columns.append(Column("total", tab.total_label, tab.kind, places=tab.places, width=10))
    columns.extend(
        Column(f"column {place}", header, tab.kind, places=tab.places, heat=True, heat_top=tab.heat_top)
        for place, header in enumerate(tab.columns)
    )
    rows: list[tuple[CellValue, ...]] = []
    if tab.column_totals:
        first = (tab.total_label, tab.grand_total) if totals else (tab.total_label,)
        rows.append(tuple(_strong(value) for value in (*first, *tab.column_totals)))
    for number, (label, values) in enumerate(zip(tab.rows, tab.values, strict=True)):
        figures = [_marked(value, (number, place) in tab.low) for place, value in enumerate(values)]
        rows.append((label, _strong(tab.row_totals[number]), *figures) if totals else (label, *figures))
    return Sheet(
        name,
        tuple(columns),
        rows,
        title=title,
        notes=notes,
        freeze_columns=2 if totals else 1,
        upright_headers=True,
        filters=False,
        first_line_is_total=bool(tab.column_totals),
    )


@dataclass(frozen=True, slots=True)
class LinesTable:
    """Which table and columns (by header) the money is summed over."""

    table: str
    cost: str
    pot: str
    quarter: str
    given_back: tuple[Criterion, ...] = ()
    """Which rows give their money back, such as those withdrawn."""


def pots_sheet(
    lines: LinesTable,
    quarters: Sequence[FinancialQuarter],
    amounts: Mapping[tuple[str, FinancialQuarter], Decimal],
    budgets: Mapping[str, Decimal],
    *,
    name: str = "Budget by quarter and pot",
    charts: tuple[Chart, ...] = (),
    returned: Mapping[str, Decimal] = NOTHING_BACK,
) -> Sheet:
    """Money by pot (down) and quarter (across), every figure a live sum over the lines of the plan.

    ``amounts`` are what the program worked out, in pounds, by pot and start quarter; ``budgets`` name the
    pots in order and what each may spend. The column "Left" falls as lines are added or dearer courses
    chosen. ``returned`` is what lines that gave their money back had cost, by pot.
    """
    columns = [Column("pot", "Paid from", width=26), Column("budget", "Budget", "money", total="sum")]
    columns.extend(Column(quarter.code, quarter.label, "money", total="sum") for quarter in quarters)
    columns.append(Column("spent", "Planned", "money", total="sum"))
    if lines.given_back:
        columns.append(Column("back", "Given back", "money", total="sum"))
    columns.append(Column("left", "Left", "money", total="sum"))
    rows: list[tuple[CellValue, ...]] = []
    for pot, budget in budgets.items():
        by_quarter = [amounts.get((pot, quarter), Decimal(0)) for quarter in quarters]
        cells = [
            sum_if(lines.table, lines.cost, ((lines.pot, pot), (lines.quarter, quarter.label)), amount)
            for quarter, amount in zip(quarters, by_quarter, strict=True)
        ]
        spent = sum(by_quarter, Decimal(0))
        whole = sum_if(lines.table, lines.cost, ((lines.pot, pot),), spent)
        left = Formula(f"{budget:f}-{whole.text}", budget - spent)
        if not lines.given_back:
            rows.append((pot, budget, *cells, whole, left))
            continue
        back = returned.get(pot, Decimal(0))
        given = sum_if(lines.table, lines.cost, ((lines.pot, pot), *lines.given_back), back)
        rows.append(
            (pot, budget, *cells, whole, given, Formula(f"{left.text}+{given.text}", budget - spent + back))
        )
    return Sheet(
        name,
        tuple(columns),
        rows,
        title="What is spent when, and from which pot",
        notes=("Costs fall in the quarter in which a course starts. Figures follow the lines of the plan.",),
        table_name="Budget",
        charts=charts,
        filters=False,
    )


def _strong(value: CellValue) -> CellValue:
    return value if isinstance(value, Cell) or value is None else Cell(value, look="strong")


def _marked(value: CellValue, low: bool) -> CellValue:
    if value is None or isinstance(value, str | Cell):
        return value
    return Cell(value, look="low coverage") if low else value
