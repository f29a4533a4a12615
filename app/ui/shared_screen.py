"""What others may see of this screen: the switch that hides names, and share mode, which hides small counts as well."""

from __future__ import annotations

from collections.abc import Callable

from app.settings import Settings
from app.ui.menus import Menus
from app.ui.status import StatusBar

HIDDEN, SHOWN = "Names of people are hidden.", "Names of people are shown."
SHARED, NOT_SHARED = "Share mode is on: no names, no counts of 1 to 4 people.", "Share mode is off."


class SharedScreen:
    """Both switches, remembered in the settings and shown in menu and status bar. ``reload`` asks every page again."""

    def __init__(
        self, settings: Settings, menus: Menus, status: StatusBar, reload: Callable[[], object]
    ) -> None:
        self._settings, self._menus, self._status, self._reload = settings, menus, status, reload
        self._is_open = False

    def switch_names(self) -> None:
        """Hide people's names on a screen that others see, or show them again."""
        if self._settings.flag("share_mode"):
            self._status.say("Names stay hidden while share mode is on.")
        else:
            is_hidden = not self._settings.flag("hide_names")
            self._settings.put("hide_names", is_hidden)
            self._status.say(HIDDEN if is_hidden else SHOWN)
        self.show(is_open=self._is_open)
        self._reload()

    def switch_share_mode(self) -> None:
        """Hide names and figures that rest on 1 to 4 people, on a screen that others see; or show them again."""
        is_on = not self._settings.flag("share_mode")
        self._settings.put("share_mode", is_on)
        self._status.say(SHARED if is_on else NOT_SHARED)
        self.show(is_open=self._is_open)
        self._reload()

    def leave_share_mode(self) -> None:
        """Turn share mode off where it is on."""
        if self._settings.flag("share_mode"):
            self.switch_share_mode()

    def show(self, *, is_open: bool) -> None:
        """Show in menu and status bar what is on; without a workspace there is nothing to hide."""
        self._is_open = is_open
        self._menus.show_switches(self._settings.flag)
        self._status.show_share_mode(is_on=self._settings.flag("share_mode"), is_open=is_open)
