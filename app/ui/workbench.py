"""An open workspace: side navigation, scope bar and the pages, which are made when first shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QApplication, QStackedWidget, QWidget

from app.change import Change
from app.settings import Settings
from app.ui.context import Context, ScopeState
from app.ui.doors import Doors
from app.ui.jobs import Jobs
from app.ui.navigation import SideNavigation
from app.ui.navigator import Destination, Navigator
from app.ui.page import Page
from app.ui.pages import PageSpec
from app.ui.scope_bar import ScopeBar
from app.ui.widgets import Banner, line, rows

if TYPE_CHECKING:
    from app.workspace import Workspace

SCOPE_TABLES = frozenset(
    {"department", "unit", "role_family", "role_level", "framework_version", "framework"}
)


def new_context(workspace: Workspace, jobs: Jobs, settings: Settings, parent: QObject) -> Context:
    """What the pages of one workspace share."""
    return Context(workspace, jobs, ScopeState(parent), Navigator(parent), settings)


class Workbench(QWidget):
    """Holds the pages of one workspace. ``page_shown(Page)`` after every change of page."""

    page_shown = Signal(object)
    search_asked = Signal()

    def __init__(self, context: Context, doors: Doors, specs: tuple[PageSpec, ...]) -> None:
        super().__init__()
        self.context = context
        self.specs = specs
        self._doors = doors
        self._pages: dict[str, Page] = {}
        self.navigation = SideNavigation(tuple(spec for spec in specs if not spec.within))
        self.scope_bar = ScopeBar(context.scope)
        self.notice = Banner()
        self._stack = QStackedWidget()
        self._stack.setObjectName("Canvas")
        self._notice_room = QWidget()
        self._notice_room.setLayout(rows(self.notice, margins=(24, 12, 24, 0)))
        self._notice_room.hide()
        right = rows(self.scope_bar, self._notice_room, self._stack, space=0)
        right.setStretch(2, 1)
        whole = line(self.navigation, right, space=0)
        whole.setStretch(1, 1)
        self.setLayout(whole)
        self.navigation.chosen.connect(self.show_page)
        self.scope_bar.search_asked.connect(self.search_asked)
        context.navigator.asked.connect(self._on_asked)
        for finder in doors.finders(context.workspace, context.settings):
            context.navigator.add_finder(finder)
        context.jobs.changed.connect(self._on_changed)
        self.load_choices()

    @property
    def page(self) -> Page | None:
        """The page that is shown."""
        shown = self._stack.currentWidget()
        return shown if isinstance(shown, Page) else None

    @property
    def pages(self) -> tuple[Page, ...]:
        """The pages made so far."""
        return tuple(self._pages.values())

    def show_page(self, key: str, about: dict[str, Any] | None = None) -> Page:
        """Show a page, made now if it was not yet; raises LookupError for an unknown key."""
        page = self._pages.get(key) or self._make(key)
        if about:
            page.receive(**about)
        self._stack.setCurrentWidget(page)
        focused = QApplication.focusWidget()
        if focused is None or not self.isAncestorOf(focused):  # the keyboard never starts in the status bar
            self.navigation.setFocus()
        self.navigation.mark(next((spec.within for spec in self.specs if spec.key == key), "") or key)
        self.page_shown.emit(page)
        return page

    def reload_pages(self) -> None:
        """Close every drawer and ask every page again, the hidden ones when they are next shown."""
        for page in self._pages.values():
            page.drawer.shut()
            page.reload()

    def say_notice(self, sentence: str) -> None:
        """A sentence over every page: read only, network folder."""
        self._notice_room.setVisible(bool(sentence))
        self.notice.say(sentence)

    def load_choices(self) -> None:
        """Ask for what the scope bar can offer."""
        workspace = self.context.workspace
        self.context.jobs.read(
            lambda progress: self._doors.choices(workspace, progress),
            self.scope_bar.offer,
            key="scope choices",
            title="Reading departments and frameworks",
        )

    def destinations(self) -> list[Destination]:
        """The pages and what the page shown can do, for Ctrl+K."""
        found = [Destination(spec.title, "page", page=spec.key) for spec in self.specs]
        if self.page is not None:
            found += [
                Destination(action.text, "action", act=action.act) for action in self.page.actions_offered
            ]
        return found

    def focus_page(self) -> None:
        """Put the keyboard into the page."""
        if self.page is not None:
            self.page.setFocus(Qt.FocusReason.OtherFocusReason)

    def _make(self, key: str) -> Page:
        spec = next((one for one in self.specs if one.key == key), None)
        if spec is None:
            raise LookupError(f"there is no page {key!r}")
        page = spec.load()(self.context)
        page.actions_changed.connect(lambda: self.page_shown.emit(page) if page is self.page else None)
        self._pages[key] = page
        self._stack.addWidget(page)
        return page

    def _on_asked(self, key: str, about: dict[str, Any]) -> None:
        self.show_page(key, about)

    def _on_changed(self, change: Change) -> None:
        if change.tables & SCOPE_TABLES:
            self.load_choices()
