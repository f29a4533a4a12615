"""What can be done with whole plans in the list: renamed, put away, brought back, deleted while drafts."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QWidget

from app.services.training import AgreeView, ComparedPlans, PlanCard, PlanView
from app.services.training.life import LONGEST_TITLE
from app.terms import PlanStatus
from app.ui import dialogs
from app.ui.form import Field, Form
from app.ui.formats import money, people, whole
from app.ui.page import Action, Page
from app.ui.widgets import button, line, rows


class RenameDialog(QDialog):
    """A new title for a plan. ``title()`` after it was accepted."""

    def __init__(self, parent: QWidget, title: str) -> None:
        super().__init__(parent)
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setWindowTitle("Rename plan")
        self.form = Form((Field("title", "Title", "text", is_required=True, check=_fits),))
        self.form.set_values({"title": title})
        save = button("Rename plan", "primary", "", self._save)
        save.setDefault(True)
        feet = line(button("Cancel", clicked=self.reject), save, space=12)
        feet.insertStretch(0, 1)
        self.setLayout(rows(self.form, feet, space=16, margins=(24, 20, 24, 20)))
        self.setMinimumWidth(440)

    def title(self) -> str:
        """What was entered."""
        return self.form.values()["title"]

    def _save(self) -> None:
        if self.form.validate():
            self.accept()


def _fits(title: str) -> str:
    return "" if len(title) <= LONGEST_TITLE else f"Title: enter at most {LONGEST_TITLE} characters"


class PlanCardActions:
    """What the page offers about plans chosen in the list, and about the one shown.

    ``show_comparison`` is called with two plans compared, ``show_effects`` for what courses did.
    """

    def __init__(
        self,
        page: Page,
        show_comparison: Callable[[ComparedPlans], None],
        show_effects: Callable[[], object],
    ) -> None:
        self._page = page
        self._show_comparison, self._show_effects = show_comparison, show_effects
        self.is_showing_archived = False

    def offers(self, chosen: Sequence[PlanCard]) -> tuple[Action, ...]:
        """What can be done with the plans chosen."""
        if len(chosen) == 2:
            return (Action("Compare the two plans", lambda: self.compare(chosen), "columns"),)
        if len(chosen) == 1 and not self._page.context.workspace.is_read_only:
            return self._offers_of(chosen[0])
        away = "Hide plans put away" if self.is_showing_archived else "Show plans put away"
        return (
            Action("What courses did", self._show_effects, "chart"),
            Action(away, self.switch_archived, "eye-off" if self.is_showing_archived else "table"),
        )

    def _offers_of(self, card: PlanCard) -> tuple[Action, ...]:
        found = [Action("Rename", lambda: self.rename(card), "edit")]
        if card.is_archived:
            found.append(Action("Bring back", lambda: self.put_away(card, is_back=True), "undo"))
        elif card.status != PlanStatus.AGREED.value:
            found.append(Action("Put away", lambda: self.put_away(card), "save"))
            if card.status == PlanStatus.DRAFT.value:
                found.append(Action("Delete draft", lambda: self.delete(card), "remove"))
        return tuple(found)

    def switch_archived(self) -> None:
        """Show or hide the plans that were put away."""
        self.is_showing_archived = not self.is_showing_archived
        self._page.load()

    def compare(self, chosen: Sequence[PlanCard]) -> None:
        """Two plans, the older one first."""
        first, second = sorted(card.plan_id for card in chosen)
        training = self._page.context.workspace.training
        self._page.context.jobs.read(
            lambda _progress: training.compare(first, second),
            self._show_comparison,
            key="training/compare",
            title="Comparing two plans",
        )

    def agree(self, plan: PlanView) -> None:
        """Agree a draft, after saying what it means and what it supersedes."""
        life = self._page.context.workspace.training.life
        self._page.context.jobs.read(
            lambda _progress: life.agree_preview(plan.plan_id),
            lambda seen: self._ask_to_agree(plan, seen),
            key="training/agree",
            title="Looking at what is agreed already",
        )

    def _ask_to_agree(self, plan: PlanView, seen: AgreeView) -> None:
        training, summary = self._page.context.workspace.training, plan.summary
        parts = [
            f"{people(summary.people)} take {whole(summary.enrolments)} courses for {money(summary.cost_gbp)}."
        ]
        if seen.supersedes:
            parts.append(f"It supersedes {', '.join(f'“{title}”' for _, title in seen.supersedes)}.")
        if seen.left_behind:
            lines = "1 line" if seen.left_behind == 1 else f"{whole(seen.left_behind)} lines"
            parts.append(f"{lines} booked there are not in this plan, and stay booked under the old one.")

        def go() -> None:
            self._page.context.jobs.write(
                lambda _progress: training.agree(plan.plan_id, plan.version),
                lambda title: self._page.banner.say(f"Agreed: {title}. Ctrl+Z takes it back.", tone="info"),
                title="Agreeing the plan",
            )

        dialogs.ask(self._page, f"Agree “{plan.title}”?", " ".join(parts), "Agree plan", go)

    def rename(self, card: PlanCard) -> RenameDialog:
        """Ask for another title."""
        dialog = RenameDialog(self._page, card.title)
        life = self._page.context.workspace.training.life

        def go() -> None:
            title = dialog.title()
            self._page.context.jobs.write(
                lambda _progress: life.rename(card.plan_id, title, card.version), title="Renaming the plan"
            )

        dialog.accepted.connect(go)
        dialog.open()
        return dialog

    def put_away(self, card: PlanCard, *, is_back: bool = False) -> None:
        """Take a plan out of the list, or put it back."""
        life = self._page.context.workspace.training.life
        word = "is back in the list" if is_back else "was put away. Show plans put away to find it again"
        self._page.context.jobs.write(
            lambda _progress: life.put_away(card.plan_id, is_back=is_back, seen_version=card.version),
            lambda title: self._page.banner.say(f"“{title}” {word}.", tone="info"),
            title="Bringing the plan back" if is_back else "Putting the plan away",
        )

    def delete(self, card: PlanCard) -> None:
        """Delete a draft, after asking."""
        life = self._page.context.workspace.training.life

        def go() -> None:
            self._page.context.jobs.write(
                lambda _progress: life.delete(card.plan_id, card.version),
                lambda title: self._page.banner.say(f"Deleted: {title}. Ctrl+Z brings it back.", tone="info"),
                title="Deleting the draft",
            )

        dialogs.ask(
            self._page,
            f"Delete “{card.title}”?",
            "The draft goes with all its lines. The history can bring it back.",
            "Delete draft",
            go,
        )
