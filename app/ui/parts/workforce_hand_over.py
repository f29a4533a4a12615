"""Handing the people of a mix to the training plan: says what will happen, asks, writes, and offers the next step."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtWidgets import QWidget

from app.change import Outcome
from app.errors import UsageError
from app.progress import Progress
from app.services.workforce import ClosingPlan
from app.services.workforce.hand_over import HandOverPreview
from app.ui import dialogs
from app.ui.context import Context
from app.ui.formats import day, people

VERB = "Hand over to training plan"


def hand_over(parent: QWidget, context: Context, plan: ClosingPlan) -> None:
    """Preview on the worker, then ask; refused with a sentence where nothing may be written or shown."""
    if context.workspace.is_read_only:
        dialogs.tell(parent, "This workspace is open for reading only.", "Open it for writing to hand over.")
        return
    if context.settings.flag("share_mode"):
        dialogs.tell(parent, "Share mode is on, so nobody is handed over.", "Turn share mode off first.")
        return
    desk = context.workspace.hand_over
    context.jobs.read(
        lambda _progress: desk.preview(plan),
        lambda preview: _ask(parent, context, preview),
        key="workforce/hand-over",
        title="Finding who gets a new role level",
    )


def words_of(preview: HandOverPreview) -> str:
    """What will happen: how many people get a new role level, and from when."""
    count = len(preview.lines)
    days = sorted({one.valid_from for one in preview.lines})
    verb = "gets" if count == 1 else "get"
    when = (
        f" from {day(days[0])}" if len(days) == 1 else f", the first from {day(days[0])}, the last from {day(days[-1])}"
    )  # fmt: skip
    return f"{people(count)} {verb} a new role level{when}."


def _ask(parent: QWidget, context: Context, preview: HandOverPreview) -> None:
    moved = f"{people(preview.moves)} change unit but not role level, and need no training. "
    if not preview.lines:
        dialogs.tell(parent, "The mix trains nobody, so there is nothing to hand over.",
                     moved.strip() if preview.moves else "")  # fmt: skip
        return
    dialogs.ask(
        parent, words_of(preview),
        f"{moved if preview.moves else ''}A training plan made as at the last day then holds what each has still to "
        "learn. Until those days nothing changes. Ctrl+Z takes it back.",
        "Hand over", lambda: _write(parent, context, preview),
    )  # fmt: skip


def _write(parent: QWidget, context: Context, preview: HandOverPreview) -> None:
    desk = context.workspace.hand_over

    def work(_progress: Progress) -> Outcome[int]:
        outcome = desk.commit(preview)
        if outcome is None:
            raise UsageError("The mix trains nobody.", "Look for the cheapest mix again.")
        return outcome

    context.jobs.write(
        work, lambda _count: _offer(parent, context, preview), title="Handing over to the training plan",
    )  # fmt: skip


def _offer(parent: QWidget, context: Context, preview: HandOverPreview) -> None:
    """Training plans as at the day from which every new role level holds."""

    def go() -> None:
        context.navigator.go("training")
        day_of = preview.as_at
        if day_of is not None and day_of > context.workspace.today():
            context.scope.set(replace(context.scope.scope, as_at=day_of))

    when = f" as at {day(preview.as_at)}" if preview.as_at else ""
    dialogs.ask(
        parent, f"Handed over: {people(len(preview.lines))}.",
        f"The next step is a training plan{when}; opening Training plans sets that day in the bar above.",
        "Open Training plans", go, keep="Stay here",
    )  # fmt: skip
