"""The drawers of the strategy page: a priority, a department's maturity, a department's capability."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PySide6.QtWidgets import QWidget

from app.files.named import quarter_text
from app.services.capability import Capability, ChecklistItem
from app.services.delivery import HoldBack, PriorityReadiness, RoleDemand, State
from app.services.maturity import DepartmentMaturity
from app.services.strategy.records import NeedView, ProgrammeView
from app.services.strategy_weights import WEIGHT_ONE
from app.ui.formats import day, fte, money, people, share, whole
from app.ui.parts.facts import Facts
from app.ui.parts.line_list import Line, LineList
from app.ui.parts.score_marks import ScoreLine
from app.ui.widgets import button, line

MOST_LINES = 12


@dataclass(frozen=True, slots=True)
class PriorityActs:
    """What can be done with a priority from its drawer; None where it may not be done."""

    edit: Callable[[], object] | None
    add_need: Callable[[], object] | None
    add_programme: Callable[[], object] | None
    set_aside: Callable[[], object] | None
    edit_need: Callable[[NeedView], object] | None
    edit_programme: Callable[[ProgrammeView], object] | None
    slips: Callable[[], object] | None
    people: Callable[[HoldBack | RoleDemand | None], object] | None


def priority_details(found: PriorityReadiness, acts: PriorityActs) -> QWidget:
    """One priority: how it stands, what holds it back, what it needs, what can be done."""
    facts = Facts()
    facts.add_text(found.sentence)
    facts.add("Date", day(found.target_on) if found.target_on else "No date")
    facts.add("Weight", f"{found.weight:g}" if found.weight is not None else "1 (usual)")
    if found.readiness is not None:
        then = found.readiness_by_date
        by_date = "" if then is None else f"{share(then)} by the date with the plan"
        facts.add(
            "Ready now", f"{share(found.readiness)} of {whole(found.assessed)} assessed skills", by_date
        )
    if found.coverage is not None:
        facts.add("Coverage", share(found.coverage), f"{people(found.people)} are behind it")
    facts.add("In the training plan", money(found.plan_cost_gbp), f"{found.plan_steps:,.2f} steps serve it")
    show = acts.people
    if found.people and show is not None:
        facts.add_widget(button("Show the people behind it", "secondary", "people", lambda: show(None)))
    _add_demand(facts, found, acts)
    _add_hold_backs(facts, found, acts)
    _add_needs(facts, found, acts)
    _add_programmes(facts, found, acts)
    facts.add("Source", found.source, found.description)
    for row in _buttons(found, acts):
        facts.add_widget(row)
    facts.finish()
    return facts


def _add_demand(facts: Facts, found: PriorityReadiness, acts: PriorityActs) -> None:
    if not found.demand:
        return
    facts.add_heading("FTE needed")
    lines = [
        Line(
            f"{one.role_level}: {fte(one.needed / 100)} needed",
            f"{one.unit or 'Everywhere'}: {fte(one.in_post / 100)} in post, {fte(one.ready_now / 100)} ready now, "
            f"{fte(one.ready_by_date / 100)} by the date",
            one,
        )
        for one in found.demand
    ]
    facts.add_widget(_list("Roles needed", lines, acts.people or _nothing))


def _add_hold_backs(facts: Facts, found: PriorityReadiness, acts: PriorityActs) -> None:
    if not found.holding_back:
        return
    facts.add_heading("What holds it back")
    lines = [
        Line(
            one.skill,
            f"{one.role_level}: {people(one.short)} short by {whole(one.levels_short)} levels; "
            f"{whole(one.short_by_date)} still short by the date",
            one,
        )
        for one in found.holding_back[:MOST_LINES]
    ]
    facts.add_widget(_list("Roles and skills that hold it back", lines, acts.people or _nothing))
    if len(found.holding_back) > MOST_LINES:
        facts.add_text(
            f"And {whole(len(found.holding_back) - MOST_LINES)} more; the people behind it show them all."
        )


def _add_needs(facts: Facts, found: PriorityReadiness, acts: PriorityActs) -> None:
    facts.add_heading("What it rests on")
    if not found.needs:
        facts.add_text("Nothing yet: no role, no skill, no FTE.")
        return
    lines = [Line(_need_title(need), _need_detail(need), need) for need in found.needs]
    if acts.edit_need is not None:
        facts.add_text("Enter or a click changes a line, or takes it away.")
    facts.add_widget(_list("What it rests on", lines, acts.edit_need or _nothing))


def _add_programmes(facts: Facts, found: PriorityReadiness, acts: PriorityActs) -> None:
    if not found.programmes:
        return
    facts.add_heading("Programmes and services")
    lines = [Line(one.name, _programme_detail(one), one) for one in found.programmes]
    facts.add_widget(_list("Programmes and services", lines, acts.edit_programme or _nothing))


def _programme_detail(one: ProgrammeView) -> str:
    span = " to ".join(day(when) for when in (one.starts_on, one.ends_on) if when)
    weight = "" if one.weight is None else f"weight {one.weight / WEIGHT_ONE:g}"
    return ", ".join(part for part in (one.kind, one.department or "everywhere", span, weight) if part)


def _need_title(need: NeedView) -> str:
    what = need.role_level or need.role
    names = " and ".join(part for part in (what, need.skill) if part)
    return names if need.fte_hundredths is None else f"{fte(need.fte_hundredths / 100)} FTE {names}"


def _need_detail(need: NeedView) -> str:
    span = " to ".join(
        part for part in (quarter_text(need.from_quarter), quarter_text(need.to_quarter)) if part
    )
    parts = (
        need.programme,
        need.department or "everywhere",
        span,
        "by hand" if need.is_by_hand else "from a file",
    )
    return ", ".join(part for part in parts if part)


def _nothing(_record: Any) -> None:
    """What cannot be opened here."""


def _list(name: str, lines: list[Line], act: Callable[[Any], object]) -> LineList:
    made = LineList(name, grows=True)
    made.set_lines(lines)
    made.opened.connect(act)
    return made


def _buttons(found: PriorityReadiness, acts: PriorityActs) -> list[QWidget]:
    aside = "Take it up again" if found.state is State.SET_ASIDE else "Set it aside"
    wanted = (
        ("Edit priority", "edit", acts.edit), ("Add a need", "add", acts.add_need),
        ("Add a programme", "add", acts.add_programme), (aside, "", acts.set_aside),
        ("Show what slips without it", "", acts.slips if found.state is not State.SET_ASIDE else None),
    )  # fmt: skip
    made: list[QWidget] = []
    for text, icon, act in wanted:
        if act is not None:
            holder = QWidget()
            box = line(button(text, "secondary", icon, act))
            box.addStretch(1)
            holder.setLayout(box)
            made.append(holder)
    return made


def maturity_details(found: DepartmentMaturity, rate: Callable[[], object] | None) -> QWidget:
    """A department by area: the score, its evidence, and what it was before."""
    facts = Facts()
    mean = "Not rated" if found.mean is None else f"{found.mean:.1f} of 5"
    facts.add("Mean score", mean, f"{found.rated} of {len(found.cells)} areas are rated")
    if rate is not None:
        facts.add_widget(button("Rate an area", "secondary", "edit", rate))
    for cell in found.cells:
        facts.add_heading(cell.area)
        if len(cell.history) > 1:
            facts.add_widget(ScoreLine(cell))
        if cell.score is None:
            facts.add_text("Not rated.")
        for point in reversed(cell.history):
            facts.add(f"{day(point.assessed_on)}, {point.assessor}", f"{point.score} of 5", point.evidence)
        if cell.is_old:
            facts.add_text("The latest rating is more than a year old.")
    facts.finish()
    return facts


def capability_details(found: Capability, record: Callable[[ChecklistItem], object] | None) -> QWidget:
    """A department's analysts, its chief data officer and its leadership checklist."""
    facts, team = Facts(), found.team
    facts.add_text(found.sentence)
    own = "" if team.share_of_digital is None else f"{share(team.share_of_digital)} of its digital people"
    facts.add("Analysts", f"{whole(team.analysts)}, {fte(team.fte_hundredths / 100)} FTE", own)
    if team.expected is not None and team.peer_share is not None:
        facts.add(
            "At the share of similar departments", f"{team.expected:.0f} analysts", share(team.peer_share)
        )
    if team.readiness is not None:
        like = "" if team.peer_readiness is None else f"similar departments {share(team.peer_readiness)}"
        facts.add("Analysts ready", f"{share(team.readiness)}, coverage {share(team.coverage or 0)}", like)
    facts.add("Similar departments", ", ".join(team.peers), "Nearest by digital headcount")
    facts.add("Chief data officer or equivalent", found.chief.capitalize(), found.chief_words)
    facts.add_heading(f"Leadership skills: {found.evidenced} of {len(found.checklist)} evidenced")
    words = {True: "Evidenced", False: "Not evidenced", None: "Not looked at"}
    lines = [
        Line(item.skill, "; ".join(part for part in (words[item.is_evidenced], item.evidence) if part), item)
        for item in found.checklist
    ]
    if lines:
        facts.add_widget(_list("Leadership checklist", lines, record or _nothing))
    else:
        facts.add_text("The current framework has no chief roles with a checklist.")
    facts.finish()
    return facts
