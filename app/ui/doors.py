"""How the window comes by a workspace and by what its scope bar offers. Runs on workers; imports the core late."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from app.progress import Progress

if TYPE_CHECKING:
    from app.settings import Settings
    from app.ui.navigator import Finder
    from app.ui.scope_bar import ScopeChoices
    from app.workspace import Workspace

Opener = Callable[[Path, Progress], "Workspace"]


def no_finders(_workspace: Workspace, _settings: Settings) -> tuple[Finder, ...]:
    """Ctrl+K finds pages and actions alone."""
    return ()


@dataclass(frozen=True, slots=True)
class Doors:
    """The ways into a workspace. ``sample`` is None where this build brings no sample organisation."""

    open: Opener
    create: Opener
    sample: Opener | None
    choices: Callable[[Workspace, Progress], ScopeChoices]
    finders: Callable[[Workspace, Settings], tuple[Finder, ...]] = no_finders


def open_workspace(path: Path, progress: Progress) -> Workspace:
    """Open a workspace file; raises StoreError and its family."""
    from app.workspace import (
        Workspace,
    )  # late: the database layer takes longer to import than the window to paint

    progress.step(-1, f"Opening {path.name}")
    return Workspace.open(path)


def create_workspace(path: Path, progress: Progress) -> Workspace:
    """Make a new workspace file; raises StoreError where one is there already."""
    from app.workspace import Workspace  # late: as above

    progress.step(-1, f"Making {path.name}")
    workspace = Workspace.open(path, create=True)
    try:
        workspace.starter.furnish(progress)
    except BaseException:
        workspace.close()
        path.unlink(missing_ok=True)  # half-furnished it would be neither new nor anybody's
        raise
    return workspace


SAMPLE_PEOPLE = 1_200


def create_sample(path: Path, progress: Progress) -> Workspace:
    """Make a workspace with the sample organisation and a first plan; nobody in it is real."""
    workspace = create_workspace(path, progress.part(0.0, 0.1))
    try:
        workspace.starter.load_sample(SAMPLE_PEOPLE, 1, workspace.today(), progress.part(0.1, 0.5))
        workspace.starter.plan_sample(SAMPLE_PEOPLE, progress.part(0.5, 1.0))
    except BaseException:
        workspace.close()
        path.unlink(missing_ok=True)
        raise
    return workspace


def restoring(backup: Path) -> Opener:
    """A door that puts a backup in the place of a workspace file, and opens it."""

    def restore_workspace(path: Path, progress: Progress) -> Workspace:
        from app.workspace import Workspace  # late: as above

        progress.step(-1, f"Restoring {path.name}")
        Workspace.restore(path, backup)
        return Workspace.open(path)

    return restore_workspace


def scope_choices(workspace: Workspace, progress: Progress) -> ScopeChoices:
    """What the scope bar offers for a workspace."""
    from app.ui.scope_bar import (
        ScopeChoices,
    )  # late: the calendar it can open is not needed for the first paint

    progress.check()
    versions = workspace.frameworks.labels()
    families = {card.role_family for card in workspace.frameworks.role_levels()} if versions else set[str]()
    return ScopeChoices(
        departments=tuple(unit.path for unit in workspace.people.units()),
        role_families=tuple(sorted(families)),
        frameworks=versions,
        today=workspace.today(),
    )


def workspace_finders(workspace: Workspace, settings: Settings) -> tuple[Finder, ...]:
    """Ctrl+K finds people and role levels too."""
    from app.ui.finders import people_finder, role_finder  # late: not needed for the first paint

    return people_finder(workspace, settings), role_finder(workspace)
