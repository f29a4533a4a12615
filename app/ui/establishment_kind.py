"""Establishment files in the import preview."""

from __future__ import annotations

from pathlib import Path

from app.change import Outcome
from app.files import establishment as establishment_files
from app.progress import Progress
from app.services.workforce.establishment import EstablishmentPreview, EstablishmentSummary
from app.ui.formats import whole
from app.ui.import_kinds import counted, listed
from app.ui.import_preview import ImportKind, LoadChoice, PreviewTab, Reading
from app.ui.table import Column

_NAMES = (
    Column("unit", "Unit", width=330), Column("role_level", "Role level", width=250),
    Column("grade", "Grade", width=90, blank="Any"),
)  # fmt: skip


class EstablishmentKind(ImportKind):
    """Posts of units by role level and grade."""

    title = "Load establishment"
    our_names = tuple(one.name for one in establishment_files.FIELDS)

    def preview(self, path: Path, reading: Reading, progress: Progress) -> EstablishmentPreview:
        return self.context.workspace.establishment.preview_import(path, reading.options, progress)

    def commit(
        self, preview: EstablishmentPreview, choice: LoadChoice, progress: Progress
    ) -> Outcome[EstablishmentSummary] | None:
        progress.step(0.1, "Writing posts")
        return self.context.workspace.establishment.commit_import(preview, skip_bad_rows=choice.skip_bad_rows)

    def sentence(self, preview: EstablishmentPreview) -> str:
        if preview.is_nothing_to_change:
            return f"The workspace already holds all {counted(preview.unchanged, 'line')} of this file."
        return listed(
            counted(len(preview.new), "new line") if preview.new else "",
            f"{counted(len(preview.changes), 'line')} changed" if preview.changes else "",
            f"{whole(len(preview.gone))} gone" if preview.gone else "",
            f"{whole(preview.unchanged)} as before" if preview.unchanged else "",
        )

    def verb(self, preview: EstablishmentPreview, _choice: LoadChoice, /) -> str:
        count = preview.posts
        return f"Load {counted(count, 'post')}" if count else "Load establishment"

    def tabs(self, preview: EstablishmentPreview) -> list[PreviewTab]:
        changed = (
            *_NAMES,
            Column("before", "Before", "int", width=80),
            Column("after", "After", "int", width=80),
        )
        gone = (*_NAMES, Column("before", "Posts", "int", width=80))
        lists = [
            PreviewTab("New", "new lines", (*_NAMES, Column("posts", "Posts", "int", width=80)), preview.new),
            PreviewTab("Changed", "changed lines", changed, preview.changes),
            PreviewTab("Gone", "lines not in the file", gone, preview.gone),
        ]
        return [one for one in lists if one.records]

    def loaded(self, summary: EstablishmentSummary) -> tuple[str, str]:
        return f"{counted(summary.new + summary.changed, 'line')} of posts loaded.", listed(
            f"{whole(summary.gone)} gone" if summary.gone else "",
            f"{whole(summary.unchanged)} as before" if summary.unchanged else "",
            counted(summary.skipped_rows, "row left out", "rows left out") if summary.skipped_rows else "",
        )
