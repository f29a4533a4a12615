"""Strategy and contract files in the import preview."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from app.change import Outcome
from app.files import contracts as contract_files
from app.files import strategy as strategy_files
from app.progress import Progress
from app.services.strategy import ContractsPreview, ContractsSummary, StrategyPreview, StrategySummary
from app.ui.formats import whole
from app.ui.import_kinds import counted, listed
from app.ui.import_preview import ImportKind, LoadChoice, PreviewTab, Reading
from app.ui.table import Column


@dataclass(frozen=True, slots=True)
class NamedLine:
    """Something the file brings, by name."""

    what: str
    name: str


@dataclass(frozen=True, slots=True)
class ContractRow:
    """A role level under a contract the file brings."""

    supplier: str
    service: str
    role_level: str
    fte: float
    ends_on: object


_CHANGE = (
    Column("what", "What", width=330), Column("field", "Value", width=120), Column("before", "Before", width=170),
    Column("after", "After", width=170),
)  # fmt: skip
_NEED = (
    Column("priority", "Priority", width=240), Column("programme", "Programme", width=140),
    Column("department", "Department", width=170), Column("role_level", "Role level", width=170),
    Column("role", "Role", width=140), Column("skill", "Skill", width=170), Column("fte", "FTE", "fte", width=64),
    Column("from_quarter", "From", width=72), Column("to_quarter", "To", width=72),
)  # fmt: skip


class StrategyKind(ImportKind):
    """Strategies: areas, priorities with dates, and what they need."""

    title = "Load strategy"
    our_names = tuple(one.name for one in strategy_files.FIELDS)
    takes_date_order = True

    def preview(self, path: Path, reading: Reading, progress: Progress) -> StrategyPreview:
        return self.context.workspace.strategy.preview_import(path, reading.options, progress)

    def commit(
        self, preview: StrategyPreview, choice: LoadChoice, progress: Progress
    ) -> Outcome[StrategySummary] | None:
        progress.step(0.1, "Writing the strategy")
        return self.context.workspace.strategy.commit_import(preview, skip_bad_rows=choice.skip_bad_rows)

    def sentence(self, preview: StrategyPreview) -> str:
        if preview.is_nothing_to_change:
            return "The workspace already holds all of this strategy."
        return listed(
            counted(len(preview.new_priorities), "new priority", "new priorities")
            if preview.new_priorities
            else "",
            counted(len(preview.new_programmes), "new programme") if preview.new_programmes else "",
            counted(len(preview.new_needs), "new need") if preview.new_needs else "",
            f"{counted(len(preview.changes), 'value')} changed" if preview.changes else "",
            f"{whole(preview.unchanged)} as before" if preview.unchanged else "",
            f"{whole(len(preview.gone_needs))} gone" if preview.gone_needs else "",
        )

    def verb(self, preview: StrategyPreview, _choice: LoadChoice, /) -> str:
        count = len(preview.comparison.wanted)
        return f"Load {counted(count, 'priority', 'priorities')}" if count else "Load strategy"

    def tabs(self, preview: StrategyPreview) -> list[PreviewTab]:
        new = [
            *(NamedLine("Area", name) for name in preview.new_areas),
            *(NamedLine("Priority", name) for name in preview.new_priorities),
            *(NamedLine("Programme", name) for name in preview.new_programmes),
        ]
        lists = [
            PreviewTab(
                "New",
                "new names",
                (Column("what", "What", width=120), Column("name", "Name", width=560)),
                new,
            ),
            PreviewTab("Changed", "changed values", _CHANGE, preview.changes),
            PreviewTab("New needs", "new needs", _NEED, preview.new_needs),
            PreviewTab("Gone", "needs not in the file", _NEED, preview.gone_needs),
        ]
        return [one for one in lists if one.records]

    def loaded(self, summary: StrategySummary) -> tuple[str, str]:
        count = summary.new_priorities
        return f"{counted(count, 'new priority', 'new priorities')} loaded.", listed(
            f"{whole(summary.new_needs)} new needs" if summary.new_needs else "",
            f"{counted(summary.changed, 'value')} changed" if summary.changed else "",
            f"{whole(summary.gone_needs)} gone" if summary.gone_needs else "",
            counted(summary.skipped_rows, "row left out", "rows left out") if summary.skipped_rows else "",
        )


class ContractsKind(ImportKind):
    """Contracts with suppliers."""

    title = "Load contracts"
    our_names = tuple(one.name for one in contract_files.FIELDS)
    takes_date_order = True

    def preview(self, path: Path, reading: Reading, progress: Progress) -> ContractsPreview:
        return self.context.workspace.strategy.preview_contracts(path, reading.options, progress)

    def commit(
        self, preview: ContractsPreview, choice: LoadChoice, progress: Progress
    ) -> Outcome[ContractsSummary] | None:
        progress.step(0.1, "Writing contracts")
        return self.context.workspace.strategy.commit_contracts(preview, skip_bad_rows=choice.skip_bad_rows)

    def sentence(self, preview: ContractsPreview) -> str:
        if preview.is_nothing_to_change:
            return f"The workspace already holds all {counted(preview.unchanged, 'contract')} of this file."
        return listed(
            counted(len(preview.new), "new contract") if preview.new else "",
            f"{counted(preview.changed, 'contract')} changed" if preview.changed else "",
            f"{whole(preview.unchanged)} as before" if preview.unchanged else "",
        )

    def verb(self, preview: ContractsPreview, _choice: LoadChoice, /) -> str:
        count = len(preview.new) + preview.changed
        return f"Load {counted(count, 'contract')}" if count else "Load contracts"

    def tabs(self, preview: ContractsPreview) -> list[PreviewTab]:
        new = [
            ContractRow(one.supplier, one.service, line.role_level, line.fte_hundredths / 100, one.ends_on)
            for one in preview.new
            for line in one.lines
        ]
        columns = (
            Column("supplier", "Supplier", width=190), Column("service", "Service", width=230),
            Column("role_level", "Role level", width=210), Column("fte", "FTE", "fte", width=72),
            Column("ends_on", "Ends", "date", width=110),
        )  # fmt: skip
        changes = (Column("contract", "Contract", width=330), *_CHANGE[1:])
        lists = [
            PreviewTab("New", "new lines", columns, new),
            PreviewTab("Changed", "changed values", changes, preview.changes),
        ]
        return [one for one in lists if one.records]

    def loaded(self, summary: ContractsSummary) -> tuple[str, str]:
        return f"{counted(summary.new + summary.changed, 'contract')} loaded.", listed(
            f"{whole(summary.unchanged)} as before" if summary.unchanged else "",
            counted(summary.skipped_rows, "row left out", "rows left out") if summary.skipped_rows else "",
        )
