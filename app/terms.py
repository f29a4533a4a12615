"""The words of the domain (PRODUCT, "Words"): levels, grades, quarters, kinds and states.

Imported by everything, imports nothing of ours.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from enum import IntEnum, StrEnum
from functools import lru_cache

NOT_ASSESSED = 255
"""The byte that stands for "not assessed" in level arrays; never to be read as a level."""


class Level(IntEnum):
    """Skill level. 0 means assessed and below awareness; not assessed is ``None``, never 0."""

    NONE = 0
    AWARENESS = 1
    WORKING = 2
    PRACTITIONER = 3
    EXPERT = 4

    @property
    def word(self) -> str:
        """The level as people say it."""
        return LEVEL_WORDS[self]


LEVEL_WORDS = ("below awareness", "awareness", "working", "practitioner", "expert")


def level_word(level: int | None) -> str:
    """A level in words; ``None`` is "not assessed"."""
    return "not assessed" if level is None else LEVEL_WORDS[level]


GRADES: tuple[str, ...] = ("AA", "AO", "EO", "HEO", "SEO", "G7", "G6", "SCS1", "SCS2", "SCS3", "SCS4")
"""Civil Service grades from most junior to most senior."""


class Employment(StrEnum):
    """How somebody works for the department."""

    CIVIL_SERVANT = "civil servant"
    CONTRACTOR = "contractor"
    MANAGED_SERVICE = "managed service"

    @property
    def is_contractor(self) -> bool:
        """Contractors and managed service staff are both "contractors" of the filter."""
        return self is not Employment.CIVIL_SERVANT


class PersonStatus(StrEnum):
    """Whether somebody is there to be counted."""

    ACTIVE = "active"
    ABSENT = "absent"
    ON_LOAN = "on loan"
    ON_NOTICE = "on notice"
    LEFT = "left"


class AssessedBy(StrEnum):
    """Who gave a rating; the default order of strength is head of profession, line manager, self."""

    SELF = "self"
    LINE_MANAGER = "line manager"
    HEAD_OF_PROFESSION = "head of profession"


DEFAULT_ASSESSOR_ORDER = (AssessedBy.HEAD_OF_PROFESSION, AssessedBy.LINE_MANAGER, AssessedBy.SELF)


class RoleSource(StrEnum):
    """Where a role assignment comes from. Only confirmed and imported ones count."""

    SUGGESTED = "suggested"
    CONFIRMED = "confirmed"
    IMPORTED = "imported"


class PostKind(StrEnum):
    """Which of the two published files a post stands in: one senior post, or a group of junior ones."""

    SENIOR = "senior"
    JUNIOR = "junior"


class PostStatus(StrEnum):
    """What an organogram says of a post. "not in post" is somebody paid who holds none (post number 0)."""

    FILLED = "filled"
    VACANT = "vacant"
    ELIMINATED = "eliminated"
    NOT_IN_POST = "not in post"


class MatchKind(StrEnum):
    """What a job title turns out to be."""

    ROLE = "role"
    DIGITAL_UNMAPPED = "digital_unmapped"
    NONE = "none"


class Funding(StrEnum):
    """The pot a course is paid from. "free" costs nothing."""

    LEARNING_BUDGET = "L&D budget"
    LEVY = "apprenticeship levy"
    PROGRAMME = "programme"
    FREE = "free"


class PlanStatus(StrEnum):
    """The life of a plan."""

    DRAFT = "draft"
    AGREED = "agreed"
    SUPERSEDED = "superseded"


class LineStatus(StrEnum):
    """The life of a plan line."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    BOOKED = "booked"
    COMPLETED = "completed"
    WITHDRAWN = "withdrawn"
    DID_NOT_ATTEND = "did not attend"


class ProposalStatus(StrEnum):
    """The life of a rating that a completed course proposes."""

    OPEN = "open"
    ACCEPTED = "accepted"
    REJECTED = "rejected"


class Delivery(StrEnum):
    """How an offer is delivered."""

    ONLINE = "online"
    CLASSROOM = "classroom"
    BLENDED = "blended"
    APPRENTICESHIP = "apprenticeship"
    MENTORING = "mentoring"
    ON_THE_JOB = "on the job"


class ContractorFilter(StrEnum):
    """Whether contractors are counted."""

    INCLUDE = "include"
    EXCLUDE = "exclude"


class FinancialQuarter(int):
    """A quarter of a financial year (April to March) as one ordered integer: ``year * 4 + quarter - 1``.

    ``2026Q3`` is quarter 3 of financial year 2026-27, October to December 2026, shown as "2026-27 Q3".
    Adding a plain integer moves by quarters.
    """

    @classmethod
    def of(cls, day: date) -> FinancialQuarter:
        """The quarter a day lies in."""
        year = day.year if day.month >= 4 else day.year - 1
        return cls(year * 4 + ((day.month - 4) % 12) // 3)

    @classmethod
    def parse(cls, text: str) -> FinancialQuarter:
        """Read ``2026Q3`` or ``2026-27 Q3``; raises ValueError for anything else."""
        match = re.fullmatch(r"\s*(\d{4})(?:[-/](\d{2}))?\s*[Qq]([1-4])\s*", text)
        if match is None or (match[2] and int(match[2]) != (int(match[1]) + 1) % 100):
            raise ValueError(f"{text!r} is not a financial quarter such as 2026Q3")
        return cls(int(match[1]) * 4 + int(match[3]) - 1)

    @classmethod
    def next_whole(cls, day: date) -> FinancialQuarter:
        """The first quarter that starts after the given day (the default start of a plan)."""
        return cls.of(day) + 1

    def __add__(self, quarters: int) -> FinancialQuarter:
        return FinancialQuarter(int(self) + quarters)

    @property
    def year(self) -> int:
        """The calendar year the financial year starts in."""
        return int(self) // 4

    @property
    def number(self) -> int:
        """1 (April to June) to 4 (January to March)."""
        return int(self) % 4 + 1

    @property
    def code(self) -> str:
        """Machine form, ``2026Q3``."""
        return f"{self.year}Q{self.number}"

    @property
    def label(self) -> str:
        """Form for people, ``2026-27 Q3``."""
        return f"{financial_year_label(self.year)} Q{self.number}"

    @property
    def first_day(self) -> date:
        """First day of the quarter."""
        month = 3 * self.number + 1
        return date(self.year + (month > 12), (month - 1) % 12 + 1, 1)

    @property
    def last_day(self) -> date:
        """Last day of the quarter."""
        return date.fromordinal((self + 1).first_day.toordinal() - 1)

    def __str__(self) -> str:
        return self.code

    def __repr__(self) -> str:
        return f"FinancialQuarter({self.code})"


def financial_year_label(year: int) -> str:
    """``2026`` as "2026-27"."""
    return f"{year}-{(year + 1) % 100:02d}"


_INVISIBLE = re.compile("[\u200b\u200c\u200d\u2060\ufeff]")


def clean_name(text: str) -> str:
    """A name as it is stored and compared: NFC, no invisible characters, single blanks, trimmed.

    Skills and roles of two framework versions are the same where these names are equal (PRODUCT, rule 1).
    """
    return " ".join(unicodedata.normalize("NFC", _INVISIBLE.sub("", text)).split())


@lru_cache(maxsize=20_000)
def name_key(text: str) -> str:
    """The form under which names are looked up: :func:`clean_name`, regardless of case."""
    return clean_name(text).casefold()
