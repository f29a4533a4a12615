"""The records of the data checks: one check with its lines, the grades by role level, and the board of all."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from app.services.scope import PATH_MARK


class CheckKey(StrEnum):
    """The checks, in the order they are shown; the words are those of the command line."""

    NO_ROLE = "no-role"
    ROLE_GRADE = "role-grade"
    LEVEL_GRADE = "level-grade"
    MANAGER = "manager"
    LEAVER = "leaver"
    DUPLICATE = "duplicate"
    NO_GRADE = "no-grade"
    FTE = "fte"
    TITLE = "title"


class Severity(StrEnum):
    """Whether something is wrong for certain, or only looks so."""

    WRONG = "wrong"
    DOUBTFUL = "doubtful"


@dataclass(frozen=True, slots=True)
class QualityLine:
    """One person a check has found, and what was found; for duplicates, the other person and the score (0 to 100)."""

    person_id: int
    staff_id: str
    name: str
    department: str
    unit: str
    job_title: str
    grade: str
    role_level: str
    found: str
    score: int | None = None
    other_person_id: int = 0
    other_staff_id: str = ""
    other_name: str = ""
    other_unit: str = ""
    can_end_roles: bool = False

    @property
    def unit_below(self) -> str:
        """The path of the unit without its department; empty for the department itself."""
        return PATH_MARK.join(self.unit.split(PATH_MARK)[1:])


@dataclass(frozen=True, slots=True)
class QualityCheck:
    """One check: what it found in a sentence, how many, how grave, the lines, and how to put it right."""

    key: CheckKey
    name: str
    sentence: str
    count: int
    severity: Severity
    how_to_fix: str
    columns: tuple[str, ...]
    lines: tuple[QualityLine, ...]


@dataclass(frozen=True, slots=True)
class GradesLine:
    """A role level with its people: the grades to show by the 85/15 rule, and those usual in the profession."""

    role_level_id: int
    role_family: str
    role: str
    role_level: str
    people: int
    shown: tuple[str, ...]
    usual: tuple[str, ...]
    counts: tuple[tuple[str, int], ...]
    has_overlap: bool

    @property
    def shown_words(self) -> str:
        """The grades to show; in words where people are spread too thinly to show any."""
        return ", ".join(self.shown) or "Too many to name one"

    @property
    def usual_words(self) -> str:
        """The usual grades of the profession; in words where they are not known."""
        return ", ".join(self.usual) or "Not known"

    @property
    def counts_words(self) -> str:
        """How many people of each grade, as "HEO 3, SEO 12"."""
        return ", ".join(f"{grade} {count:,}" for grade, count in self.counts)

    @property
    def overlap_words(self) -> str:
        """Whether our grades and the usual ones share one."""
        return "" if not self.usual else "Agrees" if self.has_overlap else "No overlap"


@dataclass(frozen=True, slots=True)
class QualityBoard:
    """Every check for a scope, the grades by role level, and how many pairs were marked as different people."""

    checks: tuple[QualityCheck, ...]
    grades: tuple[GradesLine, ...]
    marked_different: int
    people: int
    day: date
    revision: int

    @property
    def count(self) -> int:
        """How many things there are to check."""
        return sum(check.count for check in self.checks)

    @property
    def beyond_roles(self) -> int:
        """How many things there are to check beside people without a role, which is a step of its own."""
        return sum(check.count for check in self.checks if check.key is not CheckKey.NO_ROLE)

    def check(self, key: CheckKey) -> QualityCheck:
        """One check by its key."""
        return next(check for check in self.checks if check.key is key)
