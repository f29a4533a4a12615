"""What Ctrl+K finds in the workspace: people by name, staff ID or job title, and role levels by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.progress import Progress
from app.ui.navigator import Destination, Finder

if TYPE_CHECKING:
    from app.settings import Settings
    from app.workspace import Workspace

MOST_PEOPLE = 20
MOST_ROLES = 15


def people_finder(workspace: Workspace, settings: Settings) -> Finder:
    """Finds people; where names are hidden, by staff ID and job title alone."""

    def find(words: str, progress: Progress) -> list[Destination]:
        progress.check()
        is_hidden = settings.flag("hide_names")
        found = workspace.people.find(words, MOST_PEOPLE, by_name=not is_hidden)
        return [
            Destination(
                f"Staff ID {line.staff_id}" if is_hidden or not line.name else line.name,
                f"{line.job_title or 'person'}, {line.department}",
                page="people",
                about={"person_id": line.person_id},
            )
            for line in found
        ]

    return find


def role_finder(workspace: Workspace) -> Finder:
    """Finds role levels of the current framework."""

    def find(words: str, progress: Progress) -> list[Destination]:
        progress.check()
        wanted = words.casefold().split()
        found = [
            Destination(line.name, f"role level, {line.family}", page="frameworks",
                        about={"role_level_id": line.role_level_id})
            for line in workspace.roles.role_levels()
            if all(word in f"{line.name} {line.role}".casefold() for word in wanted)
        ]  # fmt: skip
        return found[:MOST_ROLES]

    return find
