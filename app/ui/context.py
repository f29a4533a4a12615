"""What every page is given: the workspace, the jobs, the scope, the navigator, the user's settings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.services.scope import Scope
from app.settings import Settings
from app.ui.jobs import Jobs
from app.ui.navigator import Navigator

if TYPE_CHECKING:
    from app.workspace import Workspace  # at run time it would load the database layer before the first paint


class ScopeState(QObject):
    """The scope in force; ``changed(Scope)`` when the user picks another."""

    changed = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._scope = Scope()

    @property
    def scope(self) -> Scope:
        """The scope in force."""
        return self._scope

    def set(self, scope: Scope) -> None:
        """Take another scope; the same one again is no change."""
        if scope != self._scope:
            self._scope = scope
            self.changed.emit(scope)


@dataclass(frozen=True, slots=True)
class Context:
    """Handed to each page when it is made."""

    workspace: Workspace
    jobs: Jobs
    scope: ScopeState
    navigator: Navigator
    settings: Settings
