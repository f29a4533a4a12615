"""What every page is: declare what it depends on, ask on a worker, present on the window's thread.

A page writes three things: class attributes (``key``, ``title``, ``icon``, ``depends_on``), :meth:`Page.ask`, which
returns the work for the worker, and :meth:`Page.present`, which fills the widgets. States, banner, drawer, scope and
reloading are here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QSizePolicy, QStackedWidget, QWidget

from app.change import Change
from app.errors import AppError, InputProblems
from app.progress import Progress
from app.ui.context import Context
from app.ui.jobs import Job
from app.ui.states import BusyState, Drawer, SentenceState
from app.ui.widgets import Banner, TintedButton, button, label, line, rows

BUSY_AFTER_MS = 150
MOST_ACTIONS = 5


@dataclass(frozen=True, slots=True)
class Empty:
    """Why there is nothing to show, and the button that fills it."""

    sentence: str
    verb: str = ""
    act: Callable[[], object] | None = None


@dataclass(frozen=True, slots=True)
class Action:
    """One thing a page lets you do; ``text`` is a verb with an object, ``shortcut`` as Qt writes it."""

    text: str
    act: Callable[[], object]
    icon: str = ""
    shortcut: str = ""


class _Content(QWidget):
    """What scrolls. As high as its parts need at least, not as they would like: a table scrolls by itself."""

    def heightForWidth(self, width: int) -> int:
        layout = self.layout()
        return layout.totalMinimumHeightForWidth(width) if layout is not None else -1


class Page(QWidget):
    """Base of all pages; see the head of this file for what a page writes."""

    key: ClassVar[str] = ""
    title: ClassVar[str] = ""
    icon: ClassVar[str] = "document"
    depends_on: ClassVar[frozenset[str]] = frozenset()
    busy_words: ClassVar[str] = ""
    help: ClassVar[str] = ""
    follows_scope: ClassVar[bool] = True

    actions_changed = Signal()

    def __init__(self, context: Context) -> None:
        super().__init__()
        self.context = context
        self.result: Any = None
        self.is_stale = True
        self._job: Job[Any] | None = None
        self._actions: tuple[Action, ...] = ()
        self._at_title: tuple[Action, ...] = ()
        self.drawer = Drawer()
        self.banner = Banner()
        self._build_frame()
        self.build(self.content)
        self._busy_timer = QTimer(self)
        self._busy_timer.setSingleShot(True)
        self._busy_timer.setInterval(BUSY_AFTER_MS)
        self._busy_timer.timeout.connect(self._show_busy)
        context.jobs.changed.connect(self._on_changed)
        context.scope.changed.connect(self._on_scope_changed)

    # --- what a page writes -----------------------------------------------------------------------------------

    def build(self, content: QWidget) -> None:
        """Put the page's widgets into ``content``."""

    def ask(self) -> Callable[[Progress], Any]:
        """The work that answers this page; called on the window's thread, run on a worker.

        A page that asks nothing is shown as it was built.
        """
        return lambda progress: progress.check()

    def present(self, result: Any) -> Empty | None:
        """Show the answer, or say that there is nothing to show."""

    def receive(self, **_about: Any) -> None:
        """Somebody sent the user here; pages that can open at one person or cell take it up."""

    def export(self) -> None:
        """Ctrl+E; pages that can export take it up."""

    def print_page(self) -> None:
        """Ctrl+P; pages that can be printed take it up, the others say what can be done instead."""
        self.banner.say("This page has no printed form. Export it, and print the workbook.", tone="info")

    def find(self) -> None:
        """Ctrl+F; pages with a filter put the cursor there."""

    # --- what a page calls ------------------------------------------------------------------------------------

    def set_answer(self, sentence: str) -> None:
        """The one sentence under the title that holds the answer."""
        self._answer.setText(sentence)
        self._answer.setVisible(bool(sentence))

    def set_actions(self, primary: Action | None, *others: Action) -> None:
        """The buttons beside the title: one primary action, others before it.

        There is room for a few; those named last stand in the Actions menu and in Ctrl+K only.
        """
        last = (primary,) if primary else ()
        self._actions = (*others, *last)
        self._at_title = (*others[: len(self._buttons) - len(last)], *last)
        for made in self._buttons:
            made.hide()
        for made, action in zip(self._buttons, self._at_title, strict=False):
            made.setText(action.text)
            made.set_icon(action.icon)
            made.set_kind("primary" if action is primary else "secondary")
            made.setToolTip(action.shortcut)
            made.show()
        self.actions_changed.emit()

    @property
    def actions_offered(self) -> tuple[Action, ...]:
        """What the page lets you do now; menus and Ctrl+K list it."""
        return self._actions

    def action_button(self, text: str) -> TintedButton:
        """The button of one action by its text; raises LookupError where there is none."""
        for made in self._buttons:
            if made.text() == text and not made.isHidden():
                return made
        raise LookupError(text)

    def load(self) -> None:
        """Ask again. A question still under way is overtaken by this one."""
        self.is_stale = False
        self._job = self.context.jobs.read(
            self.ask(),
            self._arrived,
            key=f"page/{self.key}",
            title=self.busy_words or f"Loading {self.title.lower()}",
            failed=self.show_error,
            cancelled=self._on_cancelled,
        )
        self._busy_timer.start()

    def reload(self) -> None:
        """Ask again now, or when the page is next shown."""
        self._reload()

    def show_error(self, error: AppError) -> None:
        """Say what happened and what to do, in place of the content."""
        self._end_wait()
        more = (
            "\n".join(p.sentence() for p in error.problems[:50]) if isinstance(error, InputProblems) else ""
        )
        self._error.say(error.sentence, error.advice, "Try again", self.load, more)
        self._states.setCurrentWidget(self._error)

    def show_result(self, empty: Empty | None) -> None:
        """Show the content, or the sentence that there is none; for pages that change their own content."""
        if empty is None:
            self._states.setCurrentWidget(self._full)
            return
        self.drawer.shut()
        self._empty.say(empty.sentence, "", empty.verb, empty.act)
        self._states.setCurrentWidget(self._empty)

    @property
    def state(self) -> str:
        """Which state is seen: "empty", "busy", "error" or "full"."""
        shown = self._states.currentWidget()
        names = ((self._empty, "empty"), (self._busy, "busy"), (self._error, "error"))
        return next((name for widget, name in names if widget is shown), "full")

    # --- inside -----------------------------------------------------------------------------------------------

    def _build_frame(self) -> None:
        self.setObjectName("Canvas")
        self._title = label(self.title, "title")
        self._answer = label("", "answer")
        self._answer.hide()
        # Made once and for good: buttons made later would come last in the Tab order of the window.
        self._buttons = [
            button("", clicked=lambda at=at: self._at_title[at].act()) for at in range(MOST_ACTIONS)
        ]
        buttons = line(*self._buttons, space=12)
        for made in self._buttons:
            made.hide()
        head = line(rows(self._title, self._answer, space=4), buttons, space=24)
        head.setStretch(0, 1)
        head.setAlignment(buttons, Qt.AlignmentFlag.AlignTop)
        self.content = _Content()
        self._empty = SentenceState("info", "accent")
        self._error = SentenceState("error", "bad")
        self._busy = BusyState()
        self._busy.cancelled.connect(self._cancel)
        self._states = QStackedWidget()
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setWidget(self.content)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.viewport().setAutoFillBackground(False)
        self.content.setAutoFillBackground(False)
        self._full = scroll
        for widget in (self._full, self._empty, self._error, self._busy):
            self._states.addWidget(widget)
        self._states.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        body = line(self._states, self.drawer, space=12)
        body.setStretch(0, 1)
        box = rows(head, self.banner, body, space=16, margins=(24, 20, 24, 20))
        box.setStretch(2, 1)
        self.setLayout(box)

    def _arrived(self, result: Any) -> None:
        self._end_wait()
        self.result = result
        self.show_result(self.present(result))

    def _end_wait(self) -> None:
        self._busy_timer.stop()
        self._busy.rest()
        self._job = None

    def _show_busy(self) -> None:
        """Only once it takes long enough to be noticed, so that quick answers do not flicker."""
        if self._job is not None and not self._job.is_over:
            self._busy.watch(self._job, self.busy_words or f"Loading {self.title.lower()}")
            self._states.setCurrentWidget(self._busy)

    def _cancel(self) -> None:
        if self._job is not None:
            self._job.cancel()

    def _on_cancelled(self) -> None:
        self._end_wait()
        self.is_stale = True
        self._empty.say("Loading was cancelled. Nothing was changed.", "", "Load again", self.load)
        self._states.setCurrentWidget(self._empty)

    def _on_changed(self, change: Change) -> None:
        if change.tables & self.depends_on:
            self._reload()

    def _on_scope_changed(self, _scope: object) -> None:
        if self.follows_scope:
            self._reload()

    def _reload(self) -> None:
        self.is_stale = True
        if self.isVisible():
            self.load()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self.is_stale and not event.spontaneous():
            self.load()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and not self.drawer.isHidden():
            self.drawer.shut()
            event.accept()
        else:
            super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self.look_changed()

    def show_help(self) -> None:
        """Open the page's help in the drawer."""
        words = label(self.help or f"{self.title} has no help text.")
        words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        holder = QWidget()
        box = rows(words)
        box.addStretch(1)
        holder.setLayout(box)
        self.drawer.open_with(f"Help: {self.title}", holder)

    def look_changed(self) -> None:
        """Light became dark or the other way; pages with charts draw again."""
