"""The workforce workbook: supply against demand, shortfalls, ways to close them, assumptions, contracts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from app.analysis.disclosure import SUPPRESSED
from app.files.report import AboutLine, CellValue, Chart, Column, Report, Sheet
from app.files.report_sheets import SummaryLine, summary_sheet
from app.services.strategy import ExitLine
from app.services.workforce import ClosingPlan, Forecast, ShortfallCard, SumLine
from app.services.workforce.disclosed import few_people, hidden_cards, hidden_groups, hidden_options, mix_sums
from app.services.workforce.establishment import VacancyLine
from app.services.workforce.outlook import Course, outlook

"""Ways whose figures count people of the workspace."""


@dataclass(frozen=True, slots=True)
class WorkforceFound:
    """Everything the workbook shows. ``is_shared``: nothing that rests on 1 to 4 people; ``named``: with people."""

    forecast: Forecast
    closing: ClosingPlan
    exits: tuple[ExitLine, ...]
    posts: tuple[VacancyLine, ...]
    national: float
    is_shared: bool
    named: bool


def workforce_report(found: WorkforceFound, about: Sequence[AboutLine], made_at: datetime) -> Report:
    """The workbook of a forecast."""
    course = outlook(found.forecast, is_shared=found.is_shared)
    sheets = [
        _summary(found, course.sentence, course.course),
        _quarters(found.forecast, course.course),
        _supply(found),
        _shortfalls(found),
        _options(found),
        _mix(found),
    ]
    if found.named:
        sheets.append(_people(found.closing))
    sheets += [_assumptions(found), _rates(found), _contracts(found.exits)]
    note = (
        "Named output: it shows people. Share it only with those who need it."
        if found.named
        else f"{SUPPRESSED} stands for a figure that rests on 1 to 4 people, or that would give one away."
        if found.is_shared
        else "Raw figures: counts of 1 to 4 people are shown."
    )
    return Report(
        title="Workforce forecast",
        sheets=tuple(sheets),
        made_at=made_at,
        about=(*about, AboutLine("Scenario", found.forecast.scenario.name), AboutLine("Disclosure", note)),
        reading=(
            "Supply of a quarter is that at its end. The band holds four of five futures: one in ten lies below it.",
            "Shortfall: demand less supply where that is above 0, by unit, role level and grade, then added up.",
            "FTE is heads times the mean FTE of the same people today.",
        ),
    )


def _summary(found: WorkforceFound, sentence: str, course: Course) -> Sheet:
    forecast, closing = found.forecast, found.closing
    worst = course.worst
    most = sentence.partition(", most of it ")[2].rstrip(".")
    where = f"; most of it {most}" if most else ""
    lines: list[SummaryLine] = []
    if course.is_hidden:
        lines.append(SummaryLine("Largest shortfall", SUPPRESSED))
    elif worst is not None:
        lines += [
            SummaryLine(
                "Largest shortfall",
                worst.shortfall_fte,
                "fte",
                f"FTE missing in {worst.quarter.label}{where}",
            ),
            SummaryLine("Demand then", worst.demand_fte, "fte"),
        ]
    proven = "proven cheapest" if closing.is_proven else "the best found in time"
    lines += [
        SummaryLine("Shortfalls", len(closing.cards), "int", "Role levels of departments with something missing"),
        SummaryLine("Cost of the cheapest mix", closing.cost_gbp, "money", f"At least {_pounds(closing)}; {proven}"),
        SummaryLine("FTE-quarters it leaves short", closing.short_fte_quarters, "fte",
                    f"No mix leaves less than {closing.short_bound}"),
        SummaryLine("Quarters", forecast.quarters, "int", f"From {forecast.first.label}"),
    ]  # fmt: skip
    if forecast.unmapped:
        hidden = found.is_shared and forecast.unmapped < 5
        lines.append(SummaryLine("People without a role", SUPPRESSED if hidden else forecast.unmapped, "int",
                                 "In no figure of this workbook"))  # fmt: skip
    charts = () if course.is_hidden or not course.lines else (_line_chart(sentence),)
    return summary_sheet(lines, title=_short(sentence), charts=charts)


def _pounds(closing: ClosingPlan) -> str:
    return f"£{closing.cost_bound_gbp:,.2f}"


def _short(sentence: str) -> str:
    return sentence.partition(", most of it")[0].rstrip(".")


def _line_chart(sentence: str) -> Chart:
    return Chart(
        kind="line",
        title=_short(sentence),
        alt_text="Lines of demand, what of it is met, and supply in the role levels needed with its band, by quarter; "
        "the figures are on the sheet Quarters.",
        categories="quarter",
        series=("demand", "met", "supply", "low", "high"),
        x_title="Quarter",
        y_title="FTE",
        sheet="Quarters",
        width_cm=19.0,
        height_cm=7.5,
    )


_BAND = (
    Column("supply", "Supply", "fte", width=11),
    Column("low", "Low", "fte", width=11),
    Column("high", "High", "fte", width=11),
    Column("demand", "Demand", "fte", width=11),
)


def _quarters(forecast: Forecast, course: Course) -> Sheet:
    columns = (
        Column("quarter", "Quarter", width=13),
        *_BAND,
        Column("met", "Met", "fte", width=11),
        Column("shortfall", "Shortfall", "fte", width=11),
    )
    rows = [
        (line.quarter.label, *((SUPPRESSED,) * 3 if course.is_hidden else _band(line)), line.demand_fte,
         *((SUPPRESSED,) * 2 if course.is_hidden else (line.demand_fte - line.shortfall_fte, line.shortfall_fte)))
        for line in course.lines
    ]  # fmt: skip
    return Sheet(
        "Quarters", columns, rows, title="The role levels that somebody needs, all together, by quarter",
        notes=tuple(forecast.undated), empty_text="Nothing is needed in these quarters.", table_name="Quarters",
    )  # fmt: skip


def _band(line: SumLine) -> tuple[CellValue, ...]:
    return line.supply_fte, line.supply_low, line.supply_high


def _supply(found: WorkforceFound) -> Sheet:
    """Every role level and quarter."""
    forecast = found.forecast
    names = tuple(f"{cell.role_family}\0{cell.role}\0{cell.role_level}" for cell in forecast.cells)
    hidden = hidden_groups(forecast, names) if found.is_shared else {}
    rows: list[tuple[CellValue, ...]] = []
    sums = forecast.by(names)
    is_there = {line.group for line in sums if line.supply_fte or line.demand_fte}
    for line in sums:
        if line.group not in is_there:
            continue
        is_hidden = hidden.get(line.group, False)
        figures = (SUPPRESSED,) * 3 if is_hidden else _band(line)
        moves: Sequence[Any] = (line.leavers, line.joiners, line.promotions, line.ended, line.moved)
        moves = (SUPPRESSED,) * 5 if is_hidden else [round(value, 2) for value in moves]
        short = SUPPRESSED if is_hidden else line.shortfall_fte
        rows.append((*line.group.split("\0"), line.quarter, *figures, line.demand_fte, short, *moves))
    columns = (
        Column("role_family", "Role family", width=24), Column("role", "Role", width=28),
        Column("role_level", "Role level", width=34), Column("quarter", "Quarter", "quarter", width=13), *_BAND,
        Column("shortfall", "Shortfall", "fte", width=11),
        *(Column(name, title, "decimal", width=12, places=2) for name, title in
          (("leavers", "Leavers"), ("joiners", "Joiners"), ("promotions", "Promoted in"), ("ended", "Known ends"),
           ("moved", "Known role changes"))),
    )  # fmt: skip
    return Sheet("Demand and supply", columns, rows, title="Supply with its 80 % band, demand and moves in heads",
                 table_name="Supply", freeze_columns=3)  # fmt: skip


def _hidden_cards(found: WorkforceFound) -> frozenset[ShortfallCard]:
    """Which shortfalls must not be told: department, role and role level with few people."""
    return (
        hidden_cards(found.forecast, found.closing.cards) if found.is_shared else frozenset[ShortfallCard]()
    )


def _shortfalls(found: WorkforceFound) -> Sheet:
    hidden = _hidden_cards(found)
    quarters = found.forecast.quarter_list
    keys = [f"q{place}" for place in range(len(quarters))]
    rows = [
        (
            card.department or "Anywhere", card.role_family, card.role, card.role_level,
            *((SUPPRESSED,) * (len(quarters) + 1) if card in hidden else (card.largest, *card.need)),
        )
        for card in found.closing.cards
    ]  # fmt: skip
    columns = (
        Column("department", "Department", width=34), Column("role_family", "Role family", width=20),
        Column("role", "Role", width=26), Column("role_level", "Role level", width=32),
        Column("largest", "Largest", "fte", width=10),
        *(Column(key, quarter.label, "fte", width=12) for key, quarter in zip(keys, quarters, strict=True)),
    )  # fmt: skip
    shown = [card for card in found.closing.cards if card not in hidden]
    charts = ()
    if shown and shown[0] is found.closing.cards[0]:
        charts = (
            Chart(
                kind="bar",
                title=f"{shown[0].title} is missing most: {shown[0].largest} FTE",
                alt_text="Bars of the largest shortfall by role level, for the first rows of the table above.",
                categories="role_level", series=("largest",), x_title="Role level", y_title="FTE missing at most",
                first_rows=min(len(rows), 10), height_cm=max(7.0, 0.9 * min(len(rows), 10)),
            ),
        )  # fmt: skip
    return Sheet("Shortfalls", columns, rows, title="What is missing, by department and role level, in FTE",
                 empty_text="Nothing is missing in these quarters.", table_name="Shortfalls", charts=charts,
                 freeze_columns=1)  # fmt: skip


def _options(found: WorkforceFound) -> Sheet:
    pairs = [(card, one) for card in found.closing.cards for one in card.options]
    hidden = hidden_options(found.closing, _hidden_cards(found)) if found.is_shared else (False,) * len(pairs)
    rows: list[tuple[CellValue, ...]] = []
    for (card, one), is_hidden in zip(pairs, hidden, strict=True):
        ready = one.ready.label if one.ready else None
        figures: tuple[CellValue, ...] = (one.people, one.fte, ready, one.cost_gbp)
        if is_hidden:
            figures = (SUPPRESSED,) * 4
        rows.append((card.department or "Anywhere", card.role_level, one.way.value.capitalize(), *figures))
    columns = (
        Column("department", "Department", width=34), Column("role_level", "Role level", width=32),
        Column("way", "Way", width=12), Column("people", "People or campaigns", "int", width=14),
        Column("fte", "FTE", "fte", width=10), Column("ready", "Ready by", width=13),
        Column("cost", "Cost", "money", width=15),
    )  # fmt: skip
    return Sheet("Options", columns, rows, title="Each way by itself: what it could bring, from when, at what cost",
                 empty_text="Nothing is missing, so there is nothing to close.", table_name="Options",
                 freeze_columns=2)  # fmt: skip


def _mix(found: WorkforceFound) -> Sheet:
    """The mix by shortfall, way and quarter: nobody by name."""
    rows: list[tuple[CellValue, ...]] = []
    for one in mix_sums(found.closing, _hidden_cards(found), is_shared=found.is_shared):
        figures: tuple[CellValue, ...] = (one.people, one.fte, one.cost_gbp)
        shown = (SUPPRESSED,) * 3 if one.is_hidden else figures
        rows.append(
            (one.department or "Anywhere", one.role_level, one.way.value.capitalize(), one.quarter, *shown)
        )
    columns = (
        Column("department", "Department", width=34), Column("role_level", "Role level", width=32),
        Column("way", "Way", width=12), Column("quarter", "From", "quarter", width=13),
        Column("people", "People or campaigns", "int", width=14), Column("fte", "FTE", "fte", width=10),
        Column("cost", "Cost", "money", width=15),
    )  # fmt: skip
    closing = found.closing
    said = (
        f"It costs £{closing.cost_gbp:,.2f} and leaves {closing.short_fte_quarters} FTE-quarters short. No mix that "
        f"leaves as little costs less than £{closing.cost_bound_gbp:,.2f}; none leaves less than {closing.short_bound}."
    )
    return Sheet("Cheapest mix", columns, rows, title="The cheapest way to close the shortfalls by date", notes=(said,),
                 empty_text="Nothing is missing, so nothing is to be done.", table_name="Mix",
                 freeze_columns=2)  # fmt: skip


def _people(closing: ClosingPlan) -> Sheet:
    def row(card: ShortfallCard, one: Any) -> tuple[CellValue, ...]:
        return (card.title, one.way.value.capitalize(), one.staff_id, one.name, one.unit, one.grade, one.role_level,
                one.steps, one.met, one.required, "; ".join(one.courses), one.cost_gbp, one.hours,
                one.ready)  # fmt: skip

    columns = (
        Column("shortfall", "For", width=36), Column("way", "Way", width=11), Column("staff_id", "Staff ID", width=12),
        Column("name", "Name", width=22), Column("unit", "Unit", width=36), Column("grade", "Grade", width=8),
        Column("role_level", "Role level now", width=30), Column("steps", "Steps missing", "int", width=10),
        Column("met", "Skills met", "int", width=9), Column("required", "Of", "int", width=7),
        Column("courses", "Courses", width=28), Column("cost", "Cost", "money", width=12),
        Column("hours", "Hours", "decimal", width=9), Column("ready", "Ready", "quarter", width=12),
    )  # fmt: skip
    return Sheet("People within reach", columns, [row(card, one) for card in closing.cards for one in card.candidates],
                 title="Who could be trained or redeployed, nearest first", empty_text="Nobody is within reach.",
                 table_name="Reach", freeze_columns=1)  # fmt: skip


def _assumptions(found: WorkforceFound) -> Sheet:
    forecast = found.forecast
    rates = (
        "Yearly rates of leaving and promotion are those seen here over three years, drawn towards the national ones "
        f"with the weight of 50 person-years; of all grades together {found.national:.1%} leave a year nationally."
    )
    spread = (
        "Needs name a role level and perhaps a unit, never a grade: they are laid over its people in proportion to "
        "supply, the narrowest units first."
    )
    said = [
        ("Scenario", f"{forecast.scenario.name}. {forecast.scenario.note}".strip()),
        *(("Assumed", one) for one in forecast.scenario.assumptions.in_words(forecast.first)),
        ("Rates", rates),
        (
            "Recruitment",
            "Joiners follow the expected vacancy of the lag before, never beyond the posts there are.",
        ),
        ("Demand", spread),
    ]
    if found.posts:
        posts = sum(line.posts for line in found.posts)
        said.append(
            ("Establishment", f"{posts:,} posts in {len({line.unit for line in found.posts}):,} units.")
        )
    else:
        said.append(("Establishment", "None is loaded: each unit has as many posts as it has people today."))
    columns = (
        Column("what", "What", width=18),
        Column("words", "What is taken for granted", width=110, wrap=True),
    )
    return Sheet("Assumptions", columns, said, title="What the forecast takes for granted", filters=False)


def _rates(found: WorkforceFound) -> Sheet:
    """The rates used, by role family and grade: the means over their people."""
    forecast = found.forecast
    sums: dict[tuple[str, str], list[float]] = {}
    for cell in forecast.cells:
        if cell.heads:
            one = sums.setdefault((cell.role_family, cell.grade), [0.0, 0.0, 0.0])
            one[0] += cell.heads
            one[1] += cell.heads * cell.leave_rate
            one[2] += cell.heads * cell.promote_rate
    keys = sorted(sums)
    few = few_people([int(sums[key][0]) for key in keys]) if found.is_shared else [False] * len(keys)
    rows: list[tuple[CellValue, ...]] = []
    for key, is_few in zip(keys, few, strict=True):
        heads, leave, promote = sums[key]
        figures: tuple[CellValue, ...] = (int(heads), leave / heads, promote / heads)
        rows.append((key[0], key[1] or "None", *((SUPPRESSED,) * 3 if is_few else figures)))
    columns = (
        Column("role_family", "Role family", width=28), Column("grade", "Grade", width=10),
        Column("heads", "Heads", "int", width=10), Column("leave", "Leave a year", "share", width=13, places=1),
        Column("promote", "Promoted a year", "share", width=15, places=1),
    )  # fmt: skip
    return Sheet(
        "Rates", columns, rows, title="Yearly rates used, by role family and grade", table_name="Rates"
    )


def _contracts(exits: Sequence[ExitLine]) -> Sheet:
    quarters = [one.quarter for one in exits[0].quarters] if exits else []
    rows = [
        (
            exit_line.contract.supplier, exit_line.contract.service, exit_line.contract.department or None,
            exit_line.contract.ends_on, exit_line.line.role_level, Decimal(exit_line.line.fte_hundredths) / 100,
            exit_line.day_rate_gbp, *(Decimal(one.retained) / 100 for one in exit_line.quarters),
        )
        for exit_line in exits
    ]  # fmt: skip
    columns = (
        Column("supplier", "Supplier", width=22), Column("service", "Service", width=24),
        Column("department", "Department", width=30), Column("ends_on", "Ends", "date", width=13),
        Column("role_level", "Role level", width=30), Column("fte", "FTE", "fte", width=9),
        Column("day_rate", "Day rate", "money", width=11),
        *(Column(f"q{place}", quarter.label, "fte", width=12) for place, quarter in enumerate(quarters)),
    )  # fmt: skip
    return Sheet("Contracts", columns, rows, title="Contracts that end, and the FTE-months that come home by quarter",
                 empty_text="No contract is loaded.", table_name="Contracts", freeze_columns=1)  # fmt: skip
