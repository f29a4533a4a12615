"""The titles this organisation has confirmed, in the drawer: visible, and removable."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from app.change import Outcome
from app.progress import Progress
from app.services.roles import RuleLine
from app.terms import MatchKind
from app.ui.page import Page
from app.ui.table import Column, TablePane
from app.ui.widgets import button, label, rows

COLUMNS = (
    Column("title", "Title", width=150),
    Column("meaning", "Means", width=170),
    Column("made_by", "Confirmed by", width=100),
)


class _Shown:
    """One rule as the table shows it."""

    def __init__(self, rule: RuleLine) -> None:
        words = {MatchKind.NONE: "Not digital", MatchKind.DIGITAL_UNMAPPED: "Digital, no single role"}
        self.title, self.made_by, self.rule_id = rule.title, rule.made_by, rule.rule_id
        self.meaning = words.get(rule.kind, rule.role_level or rule.role)


def show_confirmed(page: Page) -> None:
    """Open the drawer of a page with the confirmed titles."""
    workspace = page.context.workspace

    def present(found: tuple[RuleLine, ...]) -> None:
        page.drawer.open_with("Confirmed titles", _content(page, found))

    page.context.jobs.read(
        lambda _progress: workspace.roles.rules(), present, title="Reading confirmed titles"
    )


def _content(page: Page, found: tuple[RuleLine, ...]) -> QWidget:
    made = QWidget()
    if not found:
        box = rows(label("No title is confirmed yet. Every title you decide is kept here as a rule."))
        box.addStretch(1)
        made.setLayout(box)
        return made
    pane = TablePane("", "confirmed titles")
    pane.table.set_records(COLUMNS, [_Shown(rule) for rule in found])
    workspace = page.context.workspace

    def forget() -> None:
        record = pane.table.current_record()
        if record is None:
            return

        def work(_progress: Progress) -> Outcome[str]:
            return workspace.roles.forget_rule(record.rule_id)

        page.context.jobs.write(work, lambda _title: show_confirmed(page), title="Forgetting a title")

    parts: list[QWidget] = [
        label(
            "People with these titles are suggested the same role. Forgetting one leaves roles as they are.",
            "small",
        ),
        pane,
    ]
    if not workspace.is_read_only:
        parts.append(button("Forget the chosen title", clicked=forget))
    box = rows(*parts, space=12)
    box.setStretch(1, 1)
    made.setLayout(box)
    return made
