"""``strategy list``, ``show``, ``trace``, ``slips``, ``capability``: how priorities stand, what serves them."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any

import typer

from app.analysis.disclosure import SUPPRESSED
from app.cli.gaps import AsAt, Contractors, Departments, places_of, say_disclosure, scope_of
from app.cli.output import Format, counted, print_json, print_rows, say
from app.cli.session import current, progress, workspace
from app.files.named import quarter_text
from app.services.delivery import PriorityReadiness, Slips, disclosed_capability, is_hidden
from app.services.scope import Scope

PRIORITY_COLUMNS = (
    "priority_id", "area", "priority", "target_date", "weight", "state", "people", "required", "assessed", "meeting",
    "coverage", "readiness", "readiness_by_date", "needed_fte", "short_fte", "plan_cost_gbp", "plan_steps", "sentence",
)  # fmt: skip
SHOWN_COLUMNS = (
    "priority_id", "area", "priority", "target_date", "state", "coverage", "readiness", "readiness_by_date",
    "short_fte", "plan_cost_gbp", "plan_steps",
)  # fmt: skip
"""What fits a table for reading; JSON and CSV hold all of it."""

TRACE_COLUMNS = ("area", "priority", "cost_gbp", "steps", "enrolments", "people", "share")
TRACE_LINE_COLUMNS = (
    "staff_id", "name", "unit", "course_code", "course", "quarter", "skill", "area", "priority", "cost_gbp", "steps",
)  # fmt: skip
SLIP_COLUMNS = (
    "change", "staff_id", "name", "unit", "role_level", "course_code", "course", "quarter", "skills", "steps",
    "cost_gbp", "served",
)  # fmt: skip
PEOPLE_COLUMNS = (
    "staff_id", "name", "unit", "role", "role_level", "skill", "held", "required", "by_date", "plan_line",
)  # fmt: skip
CAPABILITY_COLUMNS = (
    "department", "digital", "analysts", "analyst_fte", "share_of_digital", "similar_share", "expected_analysts",
    "readiness", "similar_readiness", "coverage", "similar_departments", "chief_data_officer", "chief_from",
    "leadership_evidenced", "leadership_skills",
)  # fmt: skip
Plan = Annotated[int | None, typer.Option("--plan", help="A plan by its number; the agreed one if left out.")]
Disclosure = Annotated[str, typer.Option("--disclosure", help="on hides small counts; off is raw.")]


def register(group: typer.Typer) -> None:
    """Hang the views onto ``strategy``."""
    for name, command in (("list", list_priorities), ("show", show), ("trace", trace), ("slips", slips),
                          ("capability", capability)):  # fmt: skip
        group.command(name)(command)


def list_priorities(
    department: Departments = None,
    contractors: Contractors = "include",
    as_at: AsAt = None,
    plan: Plan = None,
    disclosure: Disclosure = "off",
) -> None:
    """List the priorities with their date, weight, and how they stand."""
    is_shared = say_disclosure(disclosure)
    with workspace(read_only=True) as ws:
        scope = scope_of(department, "", "", as_at, contractors)
        board = ws.delivery.board(scope, plan, is_shared=is_shared)
    if not board.lines:
        say(
            "There is no priority yet: `muster import strategy FILE` or `muster strategy preset 2017` brings some."
        )
    elif board.plan_id is not None:
        say(f"Readiness by the date is with plan {board.plan_id} ({board.plan_status}).")
    rows = [_priority(line) for line in board.lines]
    if current().form is not Format.TABLE:
        print_rows(PRIORITY_COLUMNS, rows, current().form)
        return
    shown = [PRIORITY_COLUMNS.index(name) for name in SHOWN_COLUMNS]
    print_rows(SHOWN_COLUMNS, [tuple(row[place] for place in shown) for row in rows], current().form)


def _priority(line: PriorityReadiness) -> tuple[Any, ...]:
    head = (line.priority_id, line.area, line.priority, line.target_on, line.weight, line.state.value)
    if is_hidden(line):
        return (*head, *(SUPPRESSED for _ in PRIORITY_COLUMNS[len(head) :]))
    return (
        *head, line.people, line.required, line.assessed, line.meeting, places_of(line.coverage),
        places_of(line.readiness), places_of(line.readiness_by_date), line.needed_fte, line.short_fte,
        line.plan_cost_gbp, line.plan_steps, line.sentence,
    )  # fmt: skip


def show(
    priority: Annotated[str, typer.Argument(help="A priority by its name or number.")],
    people: Annotated[bool, typer.Option("--people", help="List the people and skills behind it.")] = False,
    department: Departments = None,
    plan: Plan = None,
) -> None:
    """Show one priority: what it needs, what holds it back, and (with --people) who is behind it."""
    scope = Scope(tuple(department or ()))
    with workspace(read_only=True) as ws:
        board = ws.delivery.board(scope, plan)
        wanted = ws.delivery.find(priority)
        line = next(one for one in board.lines if one.priority_id == wanted)
        if people:
            behind = ws.delivery.people_behind(wanted, scope)
            rows = (tuple(getattr(one, name) for name in PEOPLE_COLUMNS) for one in behind)
            print_rows(PEOPLE_COLUMNS, rows, current().form)
            return
    say(f"{line.area}: {line.priority}. {line.sentence}")
    if current().form is Format.JSON:
        print_json(_whole(line))
        return
    rows = [
        ("need", one.programme, one.department, one.role_level or one.role, one.skill, _fte(one.fte_hundredths),
         quarter_text(one.from_quarter), quarter_text(one.to_quarter), None, None)
        for one in line.needs
    ]  # fmt: skip
    rows += [
        (
            "role",
            "",
            one.unit,
            one.role_level,
            "",
            _fte(one.needed),
            "",
            "",
            _fte(one.in_post),
            _fte(one.ready_by_date),
        )
        for one in line.demand
    ]
    rows += [
        ("holds back", "", "", one.role_level, one.skill, None, "", "", one.short, one.short_by_date)
        for one in line.holding_back
    ]
    columns = (
        "what", "programme", "unit", "role_level", "skill", "fte", "from_quarter", "to_quarter", "in_post_or_short",
        "by_date",
    )  # fmt: skip
    print_rows(columns, rows, current().form)


def _whole(line: PriorityReadiness) -> dict[str, Any]:
    """One priority as JSON."""
    return {
        **dict(zip(PRIORITY_COLUMNS, _priority(line), strict=True)),
        "source": line.source,
        "description": line.description,
        "needs": [
            {
                "line_id": one.line_id, "programme": one.programme, "department": one.department, "role": one.role,
                "role_level": one.role_level, "skill": one.skill, "fte": _fte(one.fte_hundredths),
                "from_quarter": quarter_text(one.from_quarter), "to_quarter": quarter_text(one.to_quarter),
            }
            for one in line.needs
        ],
        "demand": [
            {
                "unit": one.unit, "role": one.role, "role_level": one.role_level, "needed_fte": _fte(one.needed),
                "in_post_fte": _fte(one.in_post), "ready_now_fte": _fte(one.ready_now),
                "ready_by_date_fte": _fte(one.ready_by_date), "short_fte": _fte(one.short), "people": one.people,
            }
            for one in line.demand
        ],
        "holding_back": [
            {
                "role": one.role, "role_level": one.role_level, "skill": one.skill, "required": one.required,
                "assessed": one.assessed, "short": one.short, "levels_short": one.levels_short,
                "short_by_date": one.short_by_date,
            }
            for one in line.holding_back
        ],
    }  # fmt: skip


def _fte(hundredths: int | None) -> Decimal | None:
    return None if hundredths is None else Decimal(hundredths) / 100


def trace(
    plan: Annotated[
        int | None, typer.Argument(help="A plan by its number; the agreed one if left out.")
    ] = None,
    lines: Annotated[
        bool, typer.Option("--lines", help="One row per person, course, skill and priority.")
    ] = False,
) -> None:
    """Trace every pound and step of a plan to a priority, or to "none"."""
    with workspace(read_only=True) as ws:
        found = ws.delivery.trace(plan)
    say(
        f"{found.title} ({found.status}): £{found.cost_gbp:,.2f} and {found.steps:,.2f} steps, all of it traced."
    )
    if lines:
        rows = (tuple(getattr(line, name) for name in TRACE_LINE_COLUMNS) for line in found.lines)
        print_rows(TRACE_LINE_COLUMNS, ((*row[:5], row[5].code, *row[6:]) for row in rows), current().form)
        return
    totals = (
        (one.area, one.priority, one.cost_gbp, one.steps, one.enrolments, one.people, places_of(one.share))
        for one in found.totals
    )
    print_rows(TRACE_COLUMNS, totals, current().form)


def slips(
    priority: Annotated[str, typer.Argument(help="A priority by its name or number.")],
    plan: Annotated[
        int | None, typer.Argument(help="A plan by its number; the agreed one if left out.")
    ] = None,
) -> None:
    """Show what of a plan slips when a priority is cut: the plan solved again without its weight."""
    with workspace(read_only=True) as ws:
        found = ws.delivery.slips(priority, progress(), plan)
    say(_slip_words(found))
    if found.note:
        say(found.note)
    rows = (tuple(getattr(line, name) for name in SLIP_COLUMNS) for line in found.lines)
    print_rows(SLIP_COLUMNS, ((*row[:7], row[7].code, *row[8:]) for row in rows), current().form)


def _slip_words(found: Slips) -> str:
    if not found.lines:
        return f"Nothing of plan {found.plan_id} slips without “{found.priority}”."
    lost, gained = found.of("lost"), found.of("gained")
    return (
        f"Without “{found.priority}” plan {found.plan_id} loses {counted(len(lost), 'enrolment')} "
        f"({counted(found.steps_lost, 'step')}) and gains {counted(len(gained), 'other', 'others')} "
        f"({counted(found.steps_gained, 'step')}); {counted(len(found.of('moved')), 'enrolment')} would move."
    )


def capability(department: Departments = None, disclosure: Disclosure = "off") -> None:
    """Show each department's analyst team against similar ones, its chief data officer, and its leadership skills."""
    is_shared = say_disclosure(disclosure)
    with workspace(read_only=True) as ws:
        found = ws.capability.departments(Scope(tuple(department or ())))
    rows: list[tuple[Any, ...]] = []
    for one in (disclosed_capability(line) if is_shared else line for line in found):
        team = one.team
        figures = (
            one.digital, team.analysts, _fte(team.fte_hundredths), places_of(team.share_of_digital),
            places_of(team.peer_share), _one_place(team.expected), places_of(team.readiness),
            places_of(team.peer_readiness), places_of(team.coverage),
        )  # fmt: skip
        rows.append(
            (
                one.department, *((SUPPRESSED,) * len(figures) if one.is_hidden else figures), "; ".join(team.peers),
                one.chief, one.chief_words, one.evidenced, len(one.checklist),
            )
        )  # fmt: skip
    print_rows(CAPABILITY_COLUMNS, rows, current().form)


def _one_place(number: float | None) -> float | None:
    return None if number is None else round(number, 1)
