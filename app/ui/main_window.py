"""The window: menus, status bar, welcome screen or workbench; owns the jobs and shows what goes wrong.

What only an open workspace needs (workbench, pages, search, dialogs) is imported when it is first used, so that the
window is painted before: those imports take as long as everything else together.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QPaintEvent
from PySide6.QtWidgets import QMainWindow, QStackedWidget, QWidget

from app import __version__
from app.change import Change
from app.errors import AppError
from app.progress import Progress
from app.settings import Settings
from app.ui import memory
from app.ui.jobs import Job, Jobs
from app.ui.menus import Menus
from app.ui.pages import PageSpec, available, load_ahead, load_behind, load_drawing
from app.ui.shared_screen import SharedScreen
from app.ui.status import StatusBar
from app.ui.welcome import Welcome

if TYPE_CHECKING:
    from app.services.admin import HistoryLine
    from app.ui.doors import Doors, Opener
    from app.ui.page import Page
    from app.ui.workbench import Workbench
    from app.workspace import Workspace

_log = logging.getLogger(__name__)
WORKSPACE_KINDS = "Muster workspace (*.muster)"
WATCH_MS = 5_000
DRAWING_AFTER_MS = 3_000


class MainWindow(QMainWindow):
    """One window, one workspace at a time. ``apply_look`` is called when the user picks light or dark.

    ``painted()`` comes once, after the window has first been seen: what can wait waits for it.
    """

    painted = Signal()

    def __init__(
        self,
        settings: Settings,
        doors: Doors,
        apply_look: Callable[[str], None],
        specs: tuple[PageSpec, ...] | None = None,
    ) -> None:
        super().__init__()
        self.setWindowTitle("Muster")
        self.settings, self._doors, self._apply_look = settings, doors, apply_look
        self._specs = available() if specs is None else specs
        self.jobs = Jobs(self)
        self.workspace: Workspace | None = None
        self.workbench: Workbench | None = None
        self._is_closing = self._is_painted = False
        self.welcome = Welcome(has_sample=doors.sample is not None)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.welcome)
        self.setCentralWidget(self._stack)
        self.status = StatusBar(self.jobs)
        self.setStatusBar(self.status)
        self._watch = QTimer(self)
        self._watch.setInterval(WATCH_MS)
        self._watch.timeout.connect(self._look_for_changes_elsewhere)
        self._revision = 0
        self.menus = Menus(self, self._specs, self._do, self.show_page)
        self.menus.add_looks(settings.text("appearance"), self._choose_look)
        self.shared_screen = SharedScreen(settings, self.menus, self.status, self._reload_pages)
        self.switch_names = self.shared_screen.switch_names
        self.switch_share_mode = self.shared_screen.switch_share_mode
        self._enable()
        self._connect()
        self.resize(1280, 800)
        self.restoreGeometry(memory.recall_bytes("window/geometry"))
        self._show_recent()

    def _connect(self) -> None:
        self.jobs.failed.connect(self._on_failed)
        self.jobs.crashed.connect(self._on_crashed)
        self.jobs.changed.connect(self._on_changed)
        self.jobs.idle.connect(self._on_idle)
        self.welcome.open_asked.connect(self.choose_workspace)
        self.welcome.create_asked.connect(self.choose_new_workspace)
        self.welcome.sample_asked.connect(self.choose_sample)
        self.welcome.recent_asked.connect(self.open_path)
        self.status.share_mode_asked.connect(self.switch_share_mode)

    def _do(self, verb: str) -> None:
        getattr(self, verb)()

    def _enable(self) -> None:
        is_read_only = self.workspace is not None and self.workspace.is_read_only
        self.menus.offer(is_open=self.workbench is not None, is_read_only=is_read_only)
        self.shared_screen.show(is_open=self.workbench is not None)

    def _reload_pages(self) -> None:
        if self.workbench is not None:
            self.workbench.reload_pages()

    def _choose_look(self, name: str) -> None:
        self.settings.put("appearance", name)
        self._apply_look(name)

    # --- opening and closing ----------------------------------------------------------------------------------

    def choose_workspace(self) -> None:
        """Ask which workspace to open."""
        from app.ui import dialogs  # late: see the head of this file

        dialogs.choose_open(self, "Open workspace", WORKSPACE_KINDS, self.open_path)

    def choose_new_workspace(self) -> None:
        """Ask where to make a new workspace."""
        from app.ui import dialogs  # late: see the head of this file

        dialogs.choose_save(self, "New workspace", "Skills.muster", WORKSPACE_KINDS, self.create_path)

    def choose_sample(self) -> None:
        """Ask where to keep the sample organisation."""
        from app.ui import dialogs  # late: see the head of this file

        dialogs.choose_save(self, "Sample organisation", "Sample.muster", WORKSPACE_KINDS, self.sample_path)

    def open_path(self, path: Path) -> None:
        """Open a workspace file in place of the one that is open."""
        self._open_by(self._doors.open, path, f"Opening {path.name}")

    def create_path(self, path: Path) -> None:
        """Make a workspace file and open it."""
        self._open_by(self._doors.create, path, f"Making {path.name}")

    def sample_path(self, path: Path) -> None:
        """Make the sample organisation and open it."""
        if self._doors.sample is not None:
            self._open_by(self._doors.sample, path, "Making the sample organisation")

    def restore_backup(self, backup: Path) -> None:
        """Put a backup in the place of the open workspace and open it again; the present file is kept beside it."""
        from app.ui.doors import restoring  # late: see the head of this file

        path = self.workspace.path if self.workspace is not None else None
        if path is not None:
            self._open_by(restoring(backup), path, f"Restoring {path.name}")

    def _open_by(self, opener: Opener, path: Path, title: str) -> None:
        self.close_workspace()
        self.welcome.banner.say(f"{title}…", tone="info")
        self.jobs.read(
            partial(_opened, opener, path, self._specs[:1]),
            lambda workspace: self.show_workspace(workspace, path),
            title=title,
            failed=lambda error: self._on_not_opened(path, error),
            cancelled=lambda: self.welcome.banner.say(""),
        )

    def _on_not_opened(self, path: Path, error: AppError) -> None:
        self.welcome.banner.say(f"{path.name}: {error}", "Open another", self.choose_workspace, "bad")

    def show_workspace(self, workspace: Workspace, path: Path | None = None) -> None:
        """Show an open workspace; the window closes it later."""
        from app.ui.workbench import Workbench, new_context  # late: see the head of this file

        self.workspace = workspace
        context = new_context(workspace, self.jobs, self.settings, self)
        self.workbench = Workbench(context, self._doors, self._specs)
        self.workbench.page_shown.connect(self._on_page_shown)
        self.workbench.search_asked.connect(self.go_to)
        context.navigator.restore_asked.connect(self.restore_backup)
        context.navigator.share_mode_left.connect(self.shared_screen.leave_share_mode)
        self._stack.addWidget(self.workbench)
        self._stack.setCurrentWidget(self.workbench)
        self.welcome.banner.say("")
        self.setWindowTitle(f"{workspace.name} — Muster")
        self.workbench.say_notice(workspace.notice)
        if path is not None:
            self._remember(path)
        self._enable()
        if self._specs:  # in a step of its own: both in one would be felt
            QTimer.singleShot(0, self.workbench, lambda: self.page or self.show_page(self._specs[0].key))
        self._read_revision()
        self.jobs.idle.connect(partial(_load_rest, self, self._specs), Qt.ConnectionType.SingleShotConnection)
        if workspace.path is None:  # only a shared database is changed by others: a file has one writer
            self._watch.start()

    def close_workspace(self) -> None:
        """Go back to the welcome screen; work under way is stopped first."""
        self._watch.stop()
        if self.workbench is None or self.workspace is None:
            return
        self.jobs.cancel_all()
        workbench, workspace = self.workbench, self.workspace
        self.workbench = self.workspace = None
        self._stack.setCurrentWidget(self.welcome)
        self._stack.removeWidget(workbench)
        workbench.deleteLater()
        self.setWindowTitle("Muster")
        self.status.show_workspace("")
        self.menus.set_page_actions([])
        self._enable()
        # On the data lane, after whatever still runs there: nobody may close a database under a reader.
        self.jobs.read(lambda _progress: workspace.close(), lambda _none: None, title="Closing the workspace")

    def _remember(self, path: Path) -> None:
        full = str(path.absolute())
        others = [one for one in self.settings.text("recent_workspaces").splitlines() if one and one != full]
        self.settings.put("recent_workspaces", "\n".join([full, *others][:10]))
        self.settings.put("last_workspace", full)
        self._show_recent()

    def _show_recent(self) -> None:
        known = self.settings.text("recent_workspaces").splitlines()
        self.welcome.show_recent([Path(one) for one in known if one])

    # --- pages ------------------------------------------------------------------------------------------------

    def show_page(self, key: str) -> None:
        """Show one page of the open workspace."""
        if self.workbench is not None:
            self.workbench.show_page(key)

    @property
    def page(self) -> Page | None:
        """The page that is shown, or None."""
        return self.workbench.page if self.workbench is not None else None

    def export_page(self) -> None:
        """Ctrl+E."""
        if self.page is not None:
            self.page.export()

    def print_page(self) -> None:
        """Ctrl+P."""
        if self.page is not None:
            self.page.print_page()

    def find_on_page(self) -> None:
        """Ctrl+F."""
        if self.page is not None:
            self.page.find()

    def refresh_page(self) -> None:
        """F5."""
        if self.page is not None:
            self.page.load()

    def _on_page_shown(self, page: Page) -> None:
        self.menus.set_page_actions([(one.text, one.shortcut, one.act) for one in page.actions_offered])
        self._enable()

    def go_to(self) -> None:
        """Open the search over everything."""
        from app.ui.go_to import GoTo  # late: see the head of this file

        if self.workbench is not None:
            dialog = GoTo(self, self.workbench.context, self.workbench.destinations())
            dialog.open()
            dialog.words.setFocus()

    def show_help(self) -> None:
        """What the page is for and how to use it, in its drawer."""
        if self.page is not None:
            self.page.show_help()

    def show_about(self) -> None:
        """Name, version and licence."""
        from app.ui import dialogs  # late: see the head of this file

        dialogs.tell(
            self,
            f"Muster {__version__}",
            "Digital skills and workforce planning in government. MIT licence. Role and skill names come from the "
            "Government Digital and Data Profession Capability Framework, Open Government Licence v3.0.",
        )

    # --- revert -----------------------------------------------------------------------------------------------

    def revert_last(self) -> None:
        """Offer to revert my last change, by its name."""
        workspace = self.workspace
        if workspace is not None:
            self.jobs.read(
                lambda _progress: workspace.admin.last_own_action(),
                self._ask_revert,
                title="Reading the history",
            )

    def _ask_revert(self, last: HistoryLine | None) -> None:
        from app.ui import dialogs  # late: see the head of this file

        workspace = self.workspace
        if last is None or workspace is None:
            self.status.say("There is no change of yours that can be reverted.")
            return
        number = last.action_id

        def revert() -> None:
            self.jobs.write(
                lambda _progress: workspace.admin.revert(number),
                lambda name: self.status.say(f"Reverted: {name}."),
                title=f"Reverting {last.action}",
            )

        rows = "1 row" if last.rows == 1 else f"{last.rows:,} rows"
        dialogs.ask(
            self,
            f"Revert “{last.action}”?",
            f"It changed {rows}. They go back to what they were.",
            "Revert",
            revert,
        )

    # --- what jobs tell ---------------------------------------------------------------------------------------

    def _on_failed(self, _job: Job[Any], error: AppError) -> None:
        from app.ui import dialogs  # late: see the head of this file

        dialogs.show_error(self, error)

    def _on_crashed(self, job: Job[Any], error: BaseException) -> None:
        from app.ui import dialogs  # late: see the head of this file

        _log.error("%s\n%s", job.title or "A job", "\n".join(dialogs.places(error)))
        dialogs.show_crash(self, error)

    def _on_changed(self, change: Change) -> None:
        self._revision = max(self._revision, change.revision)
        self.status.show_revision(self._revision)

    def _read_revision(self) -> None:
        workspace = self.workspace
        if workspace is None:
            return

        def show(revision: int) -> None:
            self._revision = revision
            self.status.show_workspace(workspace.name, is_read_only=workspace.is_read_only)
            self.status.show_revision(revision)

        self.jobs.read(lambda _progress: workspace.revision(), show, key="revision")

    def _look_for_changes_elsewhere(self) -> None:
        workspace, workbench = self.workspace, self.workbench
        if workspace is None or workbench is None:
            return

        def compare(revision: int) -> None:
            if revision > self._revision:
                tables = frozenset[str]().union(*(page.depends_on for page in workbench.pages))
                self.jobs.changed.emit(Change("Changed by somebody else", tables, revision))

        self.jobs.read(lambda _progress: workspace.revision(), compare, key="revision")

    # --- closing ----------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._is_painted:
            self._is_painted = True
            QTimer.singleShot(0, self, self.painted.emit)

    def closeEvent(self, event: QCloseEvent) -> None:
        memory.keep_bytes("window/geometry", self.saveGeometry())
        if not self.jobs.is_idle and not self._is_closing:
            self._is_closing = True
            self.jobs.cancel_all()
            self.status.say("Stopping what is under way…")
            event.ignore()  # closes on idle; the window stays alive until then
            return
        self.shut_down()
        super().closeEvent(event)

    def _on_idle(self) -> None:
        if self._is_closing:
            QTimer.singleShot(0, self, self.close)

    def shut_down(self) -> None:
        """Stop the jobs and close the workspace; safe to call twice."""
        self._watch.stop()
        self.jobs.close()
        if self.workspace is not None:
            self.workspace.close()
            self.workspace = None


def _opened(opener: Opener, path: Path, specs: tuple[PageSpec, ...], progress: Progress) -> Workspace:
    """Runs on a worker: the workspace, once what is needed to show it is there."""
    load_ahead(specs)
    return opener(path, progress)


def _load_rest(window: QWidget, specs: tuple[PageSpec, ...]) -> None:
    """The other pages now, charts when whoever opened the workspace has looked at it for a moment."""
    load_behind(specs)
    QTimer.singleShot(DRAWING_AFTER_MS, window, load_drawing)
