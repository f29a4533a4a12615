"""What the buttons over the lines of a plan do: dialogs first, then one write that Ctrl+Z takes back."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from app.services.training import (
    CourseLine,
    EditKind,
    EditPreview,
    LineEdit,
    PlanView,
    StatusEdit,
)
from app.services.training.grouping import EnrolmentView
from app.ui import dialogs
from app.ui.formats import whole
from app.ui.page import Page
from app.ui.parts.plan_edit_dialog import PlanEditDialog, effect_words, sentences
from app.ui.parts.plan_line_bar import PlanLineBar
from app.ui.parts.plan_status_dialog import PlanStatusDialog


class PlanLineActions:
    """Connects the bar over the lines with the workspace. ``plan`` gives the plan that is shown."""

    def __init__(self, page: Page, bar: PlanLineBar, plan: Callable[[], PlanView | None]) -> None:
        self._page, self._plan = page, plan
        bar.status_asked.connect(self.set_status)
        bar.change_asked.connect(self.change)
        bar.remove_asked.connect(self.remove)
        bar.add_asked.connect(lambda: self.change(None))

    def set_status(self, lines: Sequence[EnrolmentView]) -> None:
        """Ask for the status of lines, and set it."""
        plan = self._plan()
        if plan is None or not lines:
            return
        training = self._page.context.workspace.training

        def go(edits: tuple[StatusEdit, ...]) -> None:
            self._page.context.jobs.write(
                lambda _progress: training.statuses.change(plan.plan_id, edits, seen_version=plan.version),
                self._say_statuses,
                title="Setting the status of lines",
            )

        PlanStatusDialog(self._page, lines, self._page.context.workspace.today(), go).open()

    def _say_statuses(self, done: EditPreview) -> None:
        count = len(done.statuses)
        status = done.statuses[0].after.value if done.statuses else ""
        said = f"{'1 line is' if count == 1 else f'{whole(count)} lines are'} {status} now. Ctrl+Z takes it back."
        if status == "completed":
            self._page.banner.say(
                f"{said} The ratings this proposes wait for sign-off.",
                "Go to sign-off",
                lambda: self._page.context.navigator.go("assessments", act="sign_off"),
                "info",
            )
        else:
            self._page.banner.say(said, tone="info")

    def change(self, one: EnrolmentView | None) -> None:
        """Change a line, or add one where none is given."""
        plan = self._plan()
        if plan is None:
            return
        training = self._page.context.workspace.training

        def opened(courses: tuple[CourseLine, ...]) -> None:
            dialog = PlanEditDialog(
                self._page,
                self._page.context,
                plan,
                one,
                courses,
                self._write,
            )
            dialog.open()

        self._page.context.jobs.read(
            lambda _progress: training.courses(), opened, key="plan-edit-courses", title="Reading courses"
        )

    def remove(self, lines: Sequence[EnrolmentView]) -> None:
        """Take lines out, after saying what that does."""
        plan = self._plan()
        if plan is None or not lines:
            return
        training = self._page.context.workspace.training
        edits = tuple(LineEdit(EditKind.REMOVE, one.staff_id, one.course_code) for one in lines)
        self._page.context.jobs.read(
            lambda _progress: training.edits.preview(plan.plan_id, edits),
            lambda seen: self._ask_to_remove(edits, seen),
            key="plan-edit",
            title="Trying a change",
        )

    def _ask_to_remove(self, edits: Sequence[LineEdit], seen: EditPreview) -> None:
        count = "this line" if len(edits) == 1 else f"these {whole(len(edits))} lines"
        if seen.refusals:
            dialogs.tell(self._page, f"Not all of {count} can be removed.",
                         sentences([one.sentence() for one in seen.refusals]))  # fmt: skip
            return
        detail = effect_words(seen.before, seen.after)
        if seen.conflicts:
            detail += f"\n\nThis breaks a limit of the plan.\n{sentences(seen.conflicts)}"
        dialogs.ask(self._page, f"Remove {count}?", detail, "Remove", lambda: self._write(edits, seen))

    def _write(self, edits: Sequence[LineEdit], seen: EditPreview) -> None:
        training = self._page.context.workspace.training
        self._page.context.jobs.write(
            lambda _progress: training.edits.apply(
                seen.plan_id, edits, seen_version=seen.version, accept_broken=bool(seen.conflicts)
            ),
            self._say_change,
            title="Changing the plan",
        )

    def _say_change(self, done: EditPreview) -> None:
        words = effect_words(done.before, done.after).replace("\n", "; ")
        self._page.drawer.shut()
        self._page.banner.say(f"Changed. {words}. Ctrl+Z takes it back.", tone="info")
