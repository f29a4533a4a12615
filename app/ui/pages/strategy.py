"""Strategy: priorities with readiness and date, maturity, data and leadership capability, contracts that end."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from PySide6.QtWidgets import QTabWidget, QWidget

from app.progress import Progress
from app.services.capability import Capability
from app.services.delivery import (
    HoldBack,
    PersonBehind,
    PriorityReadiness,
    RoleDemand,
    Slips,
    State,
    StrategyBoard,
    disclosed_capability,
)
from app.services.maturity import DepartmentMaturity, MaturityProfile
from app.services.strategy import ContractView, ExitLine
from app.services.workforce.exits import contract_name
from app.ui.formats import day, whole
from app.ui.import_preview import choose_and_load
from app.ui.page import Action, Empty, Page
from app.ui.parts import strategy_forms
from app.ui.parts.bars import draw_bars
from app.ui.parts.exports import export_table
from app.ui.parts.score_marks import draw_scores
from app.ui.parts.strategy_contract import contract_details, export_annex
from app.ui.parts.strategy_details import (
    PriorityActs,
    capability_details,
    maturity_details,
    priority_details,
)
from app.ui.parts.strategy_edits import StrategyEdits
from app.ui.parts.strategy_forms import Names
from app.ui.parts.strategy_tables import (
    AREA,
    CAPABILITY_COLUMNS,
    CONTRACT_COLUMNS,
    PEOPLE_COLUMNS,
    PRIORITY_COLUMNS,
    SLIP_COLUMNS,
    capability_row,
    contract_row,
    maturity_columns,
    maturity_row,
    slip_row,
)
from app.ui.parts.views import Views
from app.ui.strategy_kinds import ContractsKind, StrategyKind
from app.ui.table import Column, Table, TablePane
from app.ui.widgets import button, label, line, rows

TABS = ("Priorities", "Maturity", "Data and leadership", "Contracts")
CONTRACTS = 3


@dataclass(frozen=True, slots=True)
class Found:
    """Everything the page shows."""

    board: StrategyBoard
    maturity: MaturityProfile
    capability: tuple[Capability, ...]
    exits: tuple[ExitLine, ...]
    names: Names
    today: date


class StrategyPage(Page):
    """Four tabs; one priority, department or contract in the drawer; people and slips over the whole page."""

    key = "strategy"
    title = "Strategy"
    icon = "strategy"
    depends_on = frozenset(
        {"strategy_area", "priority", "programme", "demand_line", "contract", "contract_line", "maturity_rating",
         "leadership_evidence", "person", "person_spell", "role_assignment", "current_level", "plan", "plan_line",
         "unit", "post", "skill", "requirement"}
    )  # fmt: skip
    busy_words = "Looking at the strategy"
    help = (
        "Priorities rest on roles and skills, and may need FTE by quarter. Readiness is the share of assessed skills "
        "behind a priority that are met, now and once the training plan's lines that end by its date are done. Open a "
        "priority to see what holds it back and who is behind it, to change it, and to see what of the plan slips "
        "without it. Its weight decides what plans and gaps put first."
    )

    def build(self, content: QWidget) -> None:
        self._open: int | None = None
        self.edits = StrategyEdits(self)
        self.priorities = TablePane("strategy", "priorities", lambda table: self._export(table, "Priorities"))
        self.maturity = TablePane("maturity", "departments", lambda table: self._export(table, "Maturity"))
        self.capability = TablePane(
            "capability", "departments", lambda table: self._export(table, "Capability")
        )
        self.contracts = TablePane(
            "contracts", "contract lines", lambda table: self._export(table, "Contracts")
        )
        self.priorities.table.row_opened.connect(self.open_priority)
        self.maturity.table.row_opened.connect(lambda row: self.open_maturity(row.record))
        self.capability.table.row_opened.connect(lambda row: self.open_capability(row.record))
        self.contracts.table.row_opened.connect(lambda row: self.open_contract(row.contract))
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        self.tabs.setAccessibleName("Parts of the strategy")
        for name, pane in zip(
            TABS, (self.priorities, self.maturity, self.capability, self.contracts), strict=True
        ):
            holder = QWidget()
            holder.setLayout(rows(pane, margins=(0, 12, 0, 0)))
            self.tabs.addTab(holder, name)
        self.tabs.currentChanged.connect(lambda _place: self._turned())
        self.list_heading = label("", "heading")
        self.list_note = label("", "secondary")
        self.list_pane = TablePane("", "lines", lambda table: self._export(table, self.list_heading.text()))
        self.list_pane.table.row_opened.connect(self._open_person)
        back = line(button("Back to the strategy", "secondary", "chevron-left", self.back))
        back.addStretch(1)
        behind = QWidget()
        box = rows(back, self.list_heading, self.list_note, self.list_pane, space=8)
        box.setStretch(3, 1)
        behind.setLayout(box)
        self._views = Views()
        self._views.add(self.tabs)
        self._views.add(behind)
        content.setLayout(rows(self._views))

    def ask(self) -> Callable[[Progress], Found]:
        ws, scope, is_shared = self.context.workspace, self.context.scope.scope, self._is_shared

        def work(progress: Progress) -> Found:
            board = ws.delivery.board(scope, is_shared=is_shared)
            progress.check()
            names = ws.strategy_desk.names()
            return Found(
                board=board,
                maturity=ws.maturity.profile(scope.as_at),
                capability=tuple(
                    disclosed_capability(one) if is_shared else one
                    for one in ws.capability.departments(scope)
                ),
                exits=ws.strategy.exits(),
                names=Names(
                    names.levels, names.skills, names.departments, tuple(one.name for one in board.areas)
                ),
                today=scope.as_at or ws.today(),
            )

        return work

    def present(self, result: Found) -> Empty | None:
        self._offer()
        if not result.board.lines and not result.exits:
            self.set_answer("")
            if self.context.workspace.is_read_only:
                return Empty("There is no strategy in this workspace.")
            return Empty(
                "There is no strategy yet. Start from a published one, load a file, or add a priority by hand.",
                "Add preset strategy",
                self.edits.add_preset,
            )
        if self._is_shared:
            self.back()
        self.set_answer(answer(result.board))
        self._show_priorities(result.board)
        self._show_maturity(result.maturity)
        self._show_capability(result.capability)
        self._show_contracts(result.exits)
        self._reopen(result.board)
        return None

    def receive(self, **about: Any) -> None:
        """``act`` "load" begins a load, ``tab`` names a part."""
        if about.get("act") == "load":
            self._load()
        if about.get("tab") in TABS:
            self.tabs.setCurrentIndex(TABS.index(str(about["tab"])))

    def export(self) -> None:
        pane = self._pane()
        self._export(pane.table, TABS[self.tabs.currentIndex()])

    def find(self) -> None:
        self._pane().focus_filter()

    # --- what is shown ------------------------------------------------------------------------------------------

    def open_priority(self, found: PriorityReadiness) -> None:
        """One priority in the drawer."""
        self._open = found.priority_id
        self.drawer.open_with(found.priority, priority_details(found, self._acts(found)))

    def open_maturity(self, found: DepartmentMaturity) -> None:
        """One department's profile in the drawer."""
        can_rate = not self.context.workspace.is_read_only and self.result.names.areas
        rate = (
            (lambda: strategy_forms.rate_maturity(self, self.result.names, found.department))
            if can_rate
            else None
        )
        self.drawer.open_with(found.department, maturity_details(found, rate))

    def open_capability(self, found: Capability) -> None:
        """One department's capability in the drawer."""
        record = None
        if not self.context.workspace.is_read_only:
            record = lambda item: strategy_forms.record_leadership(self, found.department, item)  # noqa: E731
        self.drawer.open_with(found.department, capability_details(found, record))

    def open_contract(self, contract: ContractView) -> None:
        """A contract with its role levels in the drawer."""
        exits = [one for one in self.result.exits if one.contract.contract_id == contract.contract_id]
        name = contract_name(contract)
        details = contract_details(contract, exits, lambda: export_annex(self, name))
        self.drawer.open_with(name, details)

    def show_people(self, found: PriorityReadiness, part: HoldBack | RoleDemand | None) -> None:
        """The people and skills behind a priority, or behind one of its roles."""
        ws, scope = self.context.workspace, self.context.scope.scope
        skill = part.skill if isinstance(part, HoldBack) else ""
        level = part.role_level if part is not None else ""
        words = " and ".join(one for one in (level, skill) if one)

        def show(people: Sequence[PersonBehind]) -> None:
            is_hidden = self.context.settings.flag("hide_names")
            columns = [one for one in PEOPLE_COLUMNS if not (is_hidden and one.key == "name")]
            heading = f"Behind “{found.priority}”{': ' if words else ''}{words}"
            note = f"{whole(len(people))} skills of people; those short come first."
            self._show_list(heading, note, columns, people)

        self.context.jobs.read(
            lambda _progress: ws.delivery.people_behind(found.priority_id, scope, skill, level), show,
            key="strategy/people", title="Finding the people behind it", failed=self.show_error,
        )  # fmt: skip

    def show_slips(self, found: PriorityReadiness) -> None:
        """What of the plan slips without a priority: the plan is solved again."""
        delivery = self.context.workspace.delivery
        self.context.jobs.compute(
            lambda progress: delivery.slips(found.priority_id, progress), self._show_slips,
            title=f"Making the plan without “{found.priority}”",
            failed=lambda error: self.banner.say(f"{error.sentence} {error.advice}", tone="warn"),
        )  # fmt: skip

    def back(self) -> None:
        """From a list of people or lines back to the tabs."""
        self._views.turn_to(0)

    @property
    def _is_shared(self) -> bool:
        """Whether others see this screen: no names, nothing that rests on 1 to 4 people."""
        return self.context.settings.flag("share_mode")

    # --- inside -------------------------------------------------------------------------------------------------

    def _pane(self) -> TablePane:
        if self._views.shown == 1:
            return self.list_pane
        return (self.priorities, self.maturity, self.capability, self.contracts)[self.tabs.currentIndex()]

    def _offer(self) -> None:
        place = self.tabs.currentIndex()
        if self.context.workspace.is_read_only:
            self.set_actions(
                Action("Readiness annex", self._export_annex, "export") if place == CONTRACTS else None
            )
            return
        preset = Action("Add preset", self.edits.add_preset)
        if place == 1:
            self.set_actions(Action("Rate maturity", self.edits.rate, "edit"))
        elif place == 2:
            self.set_actions(None)
        elif place == CONTRACTS:
            self.set_actions(
                Action("Load contracts", self._load_contracts, "import"),
                Action("Readiness annex", self._export_annex, "export"),
            )
        else:
            self.set_actions(Action("Load strategy", self._load, "import"), preset,
                             Action("Load contracts", self._load_contracts),
                             Action("Rename area", self.edits.rename_area),
                             Action("Add priority", self.edits.add, "add"))  # fmt: skip

    def _turned(self) -> None:
        self.drawer.shut()
        self._open = None
        if self.result is not None:
            self._offer()

    def _acts(self, found: PriorityReadiness) -> PriorityActs:
        names: Names = self.result.names
        can = not self.context.workspace.is_read_only
        return PriorityActs(
            edit=(lambda: strategy_forms.edit_priority(self, names, found)) if can else None,
            add_need=(lambda: strategy_forms.edit_need(self, names, found)) if can else None,
            add_programme=(lambda: strategy_forms.edit_programme(self, names, found)) if can else None,
            set_aside=(lambda: self.edits.set_aside(found)) if can else None,
            edit_need=(lambda need: self.edits.edit_need(found, need)) if can else None,
            edit_programme=(lambda one: self.edits.edit_programme(found, one)) if can else None,
            slips=None if self._is_shared else lambda: self.show_slips(found),
            people=None if self._is_shared else lambda part: self.show_people(found, part),
        )

    def _reopen(self, board: StrategyBoard) -> None:
        """Show the priority in the drawer as it is now."""
        if self._open is not None and not self.drawer.isHidden():
            found = [one for one in board.lines if one.priority_id == self._open]
            if found:
                self.open_priority(found[0])
            else:
                self.drawer.shut()

    def _show_priorities(self, board: StrategyBoard) -> None:
        self.priorities.table.set_records(PRIORITY_COLUMNS, board.lines)
        draw_bars(self.priorities.table, "readiness", "readiness_by_date")

    def _show_maturity(self, found: MaturityProfile) -> None:
        columns = maturity_columns(found.areas)
        self.maturity.table.set_records(columns, [maturity_row(one) for one in found.departments])
        draw_scores(self.maturity.table, *(column.key for column in columns if column.key.startswith(AREA)))

    def _show_capability(self, found: Sequence[Capability]) -> None:
        self.capability.table.set_records(CAPABILITY_COLUMNS, [capability_row(one) for one in found])

    def _show_contracts(self, exits: Sequence[ExitLine]) -> None:
        self.contracts.table.set_records(CONTRACT_COLUMNS, [contract_row(one) for one in exits])

    def _show_list(self, heading: str, note: str, columns: Sequence[Column], records: Sequence[Any]) -> None:
        self.drawer.shut()
        self.list_heading.setText(heading)
        self.list_note.setText(note)
        self.list_note.setVisible(bool(note))
        self.list_pane.table.set_records(tuple(columns), records)
        self._views.turn_to(1)
        self.list_pane.focus_filter()

    def _show_slips(self, found: Slips) -> None:
        if not found.lines:
            self.banner.say(f"Nothing slips without “{found.priority}”. {found.note}".strip(), tone="info")
            return
        lost, gained = found.of("lost"), found.of("gained")
        note = (
            f"{whole(len(lost))} enrolments with {whole(found.steps_lost)} steps would go, {whole(len(gained))} with "
            f"{whole(found.steps_gained)} steps come instead, {whole(len(found.of('moved')))} move. {found.note}"
        )
        lines = [slip_row(one) for one in found.lines]
        is_hidden = self.context.settings.flag("hide_names")
        columns = [one for one in SLIP_COLUMNS if not (is_hidden and one.key == "name")]
        self._show_list(f"What slips without “{found.priority}”", note.strip(), columns, lines)

    def _open_person(self, found: Any) -> None:
        if isinstance(found, PersonBehind):
            self.context.navigator.go("people", person_id=found.person_id)

    def _export(self, table: Table, name: str) -> None:
        export_table(self, table, name)

    def _load(self) -> None:
        choose_and_load(self.window(), StrategyKind(self.context))

    def _load_contracts(self) -> None:
        choose_and_load(self.window(), ContractsKind(self.context))

    def _export_annex(self) -> None:
        export_annex(self)


def answer(board: StrategyBoard) -> str:
    """The sentence under the title."""
    if not board.lines:
        return "No priorities yet; contracts are listed under their tab."
    counts = [(state, board.count(state)) for state in State]
    told = ", ".join(f"{whole(count)} {state.value}" for state, count in counts if count)
    dated = sorted(one.target_on for one in board.lines if one.target_on is not None and one.state in _OPEN)
    nearest = f" The next open date is {day(dated[0])}." if dated else ""
    number = whole(len(board.lines))
    return f"{number} {'priority' if len(board.lines) == 1 else 'priorities'}: {told}.{nearest}"


_OPEN = frozenset({State.PARTLY, State.IMPOSSIBLE})
