"""Posts: the establishment of published organograms, by unit, grade and profession, before any HR extract."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PySide6.QtWidgets import QWidget

from app.progress import Progress
from app.services.establishment import Dimension, Establishment, EstablishmentLine
from app.ui.formats import whole
from app.ui.import_kinds import OrganogramKind
from app.ui.import_preview import choose_and_load
from app.ui.page import Action, Empty, Page
from app.ui.parts.exports import export_table
from app.ui.table import Column, TablePane
from app.ui.widgets import rows

COLUMNS = (
    Column("unit", "Unit", width=300),
    Column("grade", "Grade", width=80),
    Column("profession", "Profession", width=200),
    Column("senior", "Senior posts", "int", width=100),
    Column("junior", "Junior groups", "int", width=106),
    Column("fte", "FTE", "fte", width=80),
    Column("filled", "Filled", "int", width=70),
    Column("vacant", "Vacant", "int", width=70),
)
BY = (Dimension.UNIT, Dimension.GRADE, Dimension.PROFESSION)


@dataclass(frozen=True, slots=True)
class PostRow:
    """One unit, grade and profession as the table shows it; FTE None where none was published."""

    unit: str
    grade: str
    profession: str
    senior: int
    junior: int
    fte: float | None
    filled: int
    vacant: int


class PostsPage(Page):
    """A table of posts and vacancies."""

    key = "posts"
    title = "Posts"
    icon = "organisation"
    depends_on = frozenset({"post", "unit"})
    busy_words = "Counting posts"
    help = (
        "Posts as departments publish them: a senior post a row, junior posts in groups whose size is their FTE. "
        "Load organogram reads the official files as they are; each body is shown as at its newest day."
    )

    def build(self, content: QWidget) -> None:
        self.pane = TablePane("posts", "lines", lambda _table: self.export())
        content.setLayout(rows(self.pane))
        if not self.context.workspace.is_read_only:
            self.set_actions(Action("Load organogram", self._load, "import"))

    def ask(self) -> Callable[[Progress], Establishment]:
        workspace, scope = self.context.workspace, self.context.scope.scope
        return lambda _progress: workspace.posts.establishment(scope, BY)

    def present(self, result: Establishment) -> Empty | None:
        if not result.lines:
            self.set_answer("")
            return Empty(
                "There are no posts yet. Load the published senior or junior posts file of a department.",
                "Load organogram",
                self._load,
            )
        total = result.total
        fte = "" if total.fte_hundredths is None else f", {whole(total.fte_hundredths / 100)} FTE"
        self.set_answer(
            f"{whole(total.senior_posts)} senior posts and {whole(total.junior_groups)} groups of junior posts{fte}; "
            f"{whole(total.vacant)} vacant."
        )
        self.pane.table.set_records(COLUMNS, [_row(line) for line in result.lines])
        return None

    def receive(self, **about: Any) -> None:
        """``act`` "load" begins a load."""
        if about.get("act") == "load":
            self._load()

    def export(self) -> None:
        export_table(self, self.pane.table, "Posts")

    def find(self) -> None:
        self.pane.focus_filter()

    def _load(self) -> None:
        choose_and_load(self.window(), OrganogramKind(self.context))


def _row(line: EstablishmentLine) -> PostRow:
    unit, grade, profession = line.names
    return PostRow(
        unit=unit,
        grade=grade,
        profession=profession,
        senior=line.senior_posts,
        junior=line.junior_groups,
        fte=None if line.fte_hundredths is None else line.fte_hundredths / 100,
        filled=line.filled,
        vacant=line.vacant,
    )
