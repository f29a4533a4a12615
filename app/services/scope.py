"""The scope bar as a record: which people, of which framework, on which day, are being looked at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from app.terms import name_key


@dataclass(frozen=True, slots=True)
class Scope:
    """What is looked at. Empty means everything; ``as_at`` None means today.

    ``departments`` are unit paths; each takes in everything below it.
    """

    departments: tuple[str, ...] = ()
    role_family: str = ""
    framework: str = ""
    as_at: date | None = None
    with_contractors: bool = True

    def widened(self) -> Scope:
        """The same day and framework without narrowing by unit, family or employment."""
        return replace(self, departments=(), role_family="", with_contractors=True)

    def in_words(self) -> str:
        """The scope as a reader of a workbook wants it."""
        parts = [", ".join(self.departments) or "All departments", self.role_family or "all role families"]
        parts.append("contractors included" if self.with_contractors else "contractors left out")
        return "; ".join(parts)


PATH_MARK = " / "


def unit_path(names: Sequence[str]) -> str:
    """The path of a unit from the names above it; a name's own " / " is closed up, so paths stay apart."""
    return PATH_MARK.join(name.replace(PATH_MARK, "/") for name in names)


def path_key(path: str) -> str:
    """The form under which a unit path is looked up: each name regardless of case and surplus blanks."""
    return PATH_MARK.join(name_key(part) for part in path.split(PATH_MARK) if part.strip())
