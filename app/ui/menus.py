"""The menus as a table: what is said, which keys, what is done, and whether it needs an open workspace."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QMainWindow, QMenu

from app.ui.pages import PageSpec

QUIT = "quit"
APPEARANCES = (("system", "As the system"), ("light", "Light"), ("dark", "Dark"))


@dataclass(frozen=True, slots=True)
class Item:
    """One line of a menu; an empty ``text`` is a separator. ``verb`` names a method of the window.

    ``setting`` is the switch whose state the line shows.
    """

    text: str = ""
    keys: str = ""
    verb: str = ""
    needs_workspace: bool = False
    changes_data: bool = False
    setting: str = ""


LINE = Item()
FILE = (
    Item("New workspace…", "Ctrl+N", "choose_new_workspace"),
    Item("Open workspace…", "Ctrl+O", "choose_workspace"),
    LINE,
    Item("Export this page…", "Ctrl+E", "export_page", needs_workspace=True),
    Item("Print this page…", "Ctrl+P", "print_page", needs_workspace=True),
    LINE,
    Item("Close workspace", "Ctrl+W", "close_workspace", needs_workspace=True),
    Item("Quit", QUIT, "close"),
)
EDIT = (
    Item("Revert my last change…", "Ctrl+Z", "revert_last", needs_workspace=True, changes_data=True),
    Item("Find on this page", "Ctrl+F", "find_on_page", needs_workspace=True),
)
GO = (Item("Go to…", "Ctrl+K", "go_to", needs_workspace=True), LINE)
VIEW = (
    Item("Refresh", "F5", "refresh_page", needs_workspace=True),
    Item("Hide names", "Ctrl+Shift+H", "switch_names", needs_workspace=True, setting="hide_names"),
    Item(
        "Share mode: no names, no small counts",
        "Ctrl+Shift+S",
        "switch_share_mode",
        needs_workspace=True,
        setting="share_mode",
    ),
    LINE,
)
HELP = (
    Item("Help for this page", "F1", "show_help", needs_workspace=True),
    Item("About Muster", "", "show_about"),
)


class Menus:
    """The menu bar of the window. ``do(verb)`` runs a line, ``show_page(key)`` and ``choose_look(name)`` the others."""

    def __init__(
        self,
        window: QMainWindow,
        specs: Sequence[PageSpec],
        do: Callable[[str], None],
        show_page: Callable[[str], None],
    ) -> None:
        self._window, self._do = window, do
        self._items: list[tuple[Item, QAction]] = []
        self._fill("&File", FILE)
        self._fill("&Edit", EDIT)
        self.actions = self._fill("&Actions", ())
        go = self._fill("&Go", GO)
        for place, spec in enumerate(specs):
            keys = "" if spec.within else f"Ctrl+{(place + 1) % 10}"
            self._add(go, Item(spec.title, keys, needs_workspace=True), lambda key=spec.key: show_page(key))
        self._view = self._fill("&View", VIEW)
        self._fill("&Help", HELP)

    def add_looks(self, chosen: str, choose: Callable[[str], None]) -> None:
        """The choice of light and dark."""
        group = QActionGroup(self._window)
        for name, text in APPEARANCES:
            action = QAction(text, group)
            action.setCheckable(True)
            action.setChecked(chosen == name)
            action.triggered.connect(lambda _checked=False, name=name: choose(name))
            self._view.addAction(action)

    def offer(self, *, is_open: bool, is_read_only: bool) -> None:
        """Offer only what can be done: without a workspace there is no page to refresh."""
        for item, action in self._items:
            action.setEnabled(
                (is_open or not item.needs_workspace) and not (item.changes_data and is_read_only)
            )
        self.actions.menuAction().setVisible(is_open and not self.actions.isEmpty())

    def show_switches(self, is_on: Callable[[str], bool]) -> None:
        """Tick the lines of switches that are on."""
        for item, action in self._items:
            if item.setting:
                action.setChecked(is_on(item.setting))

    def set_page_actions(self, actions: Sequence[tuple[str, str, Callable[[], object]]]) -> None:
        """What the page that is shown lets you do: text, keys, act."""
        self.actions.clear()
        for text, keys, act in actions:
            self._add_action(self.actions, text, QKeySequence(keys), act)

    def _fill(self, name: str, items: Sequence[Item]) -> QMenu:
        menu = QMenu(name, self._window)
        self._window.menuBar().addMenu(menu)
        for item in items:
            if item.text:
                self._add(menu, item, lambda verb=item.verb: self._do(verb))
            else:
                menu.addSeparator()
        return menu

    def _add(self, menu: QMenu, item: Item, act: Callable[[], object]) -> None:
        quits = item.keys == QUIT
        keys = QKeySequence(QKeySequence.StandardKey.Quit) if quits else QKeySequence(item.keys)
        action = self._add_action(menu, item.text, keys, act)
        action.setCheckable(bool(item.setting))
        self._items.append((item, action))

    def _add_action(self, menu: QMenu, text: str, keys: QKeySequence, act: Callable[[], object]) -> QAction:
        # The menu owns it: a page's actions go when the menu is cleared.
        action = QAction(text, menu)
        action.setShortcut(keys)
        action.triggered.connect(lambda _checked=False: act())
        menu.addAction(action)
        return action
