"""Words people write for levels, grades, employment, status, funding and delivery."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from app.files.cells import Cell
from app.files.columns import heading_key
from app.files.values import Fault, text_of
from app.terms import (
    GRADES,
    LEVEL_WORDS,
    AssessedBy,
    Delivery,
    Employment,
    Funding,
    Level,
    PersonStatus,
    clean_name,
)

_LEVEL_ADVICE = f"Write {', '.join(LEVEL_WORDS)}, a number from 0 to 4, or below, at or above."
_RELATIVE = {
    "below": -1, "belowrequirement": -1, "belowrequired": -1, "belowexpected": -1, "notmet": -1,
    "at": 0, "atrequirement": 0, "atrequired": 0, "met": 0, "meets": 0, "asexpected": 0, "atlevel": 0,
    "above": 1, "aboverequirement": 1, "aboverequired": 1, "aboveexpected": 1, "exceeds": 1, "exceeded": 1,
    "belowtherequirement": -1, "attherequirement": 0, "abovetherequirement": 1,
    "belowrequiredlevel": -1, "atrequiredlevel": 0, "aboverequiredlevel": 1,
}  # fmt: skip
_NOT_ASSESSED = {"notassessed", "na", "notapplicable", "notyetassessed", "tbc", "unknown", ""}
_LEVELS = {heading_key(word): level for level, word in enumerate(LEVEL_WORDS)} | {
    "noawareness": 0, "nil": 0, "aware": 1, "basic": 1, "zero": 0, "one": 1, "two": 2, "three": 3, "four": 4,
}  # fmt: skip
_NUMBERED = re.compile(
    r"(?:level\s*)?([+-]?\d+)(?:[.,]0+)?(?:\s*[-–:.]?\s*\(?([a-z][a-z ]*)\)?)?", re.IGNORECASE
)

_GRADE_NAMES: dict[str, tuple[str, ...]] = {
    "AA": ("administrative assistant", "admin assistant"),
    "AO": ("administrative officer", "admin officer"),
    "EO": ("executive officer",),
    "HEO": ("higher executive officer", "HEO(D)", "HEOD"),
    "SEO": ("senior executive officer",),
    "G7": ("grade 7", "grade seven", "GR7", "7", "G7 (T)"),
    "G6": ("grade 6", "grade six", "GR6", "6"),
    "SCS1": ("SCS PB1", "SCS pay band 1", "PB1", "deputy director", "SCS band 1", "SCS 1", "SCSPB1", "SCS1A"),
    "SCS2": ("SCS PB2", "SCS pay band 2", "PB2", "director", "SCS band 2", "SCSPB2"),
    "SCS3": ("SCS PB3", "SCS pay band 3", "PB3", "director general", "SCS band 3", "SCSPB3"),
    "SCS4": ("SCS PB4", "SCS pay band 4", "PB4", "permanent secretary", "SCS band 4", "SCSPB4"),
}
_GRADES = {heading_key(text): code for code, names in _GRADE_NAMES.items() for text in (code, *names)}
_EMPLOYMENT: dict[Employment, tuple[str, ...]] = {
    Employment.CIVIL_SERVANT: (
        "civil servant", "civil service", "employee", "permanent", "perm", "fixed term", "fixed term appointment",
        "fta", "ftc", "fixed term contract", "payroll", "on payroll", "staff", "apprentice", "loan in", "inward loan",
        "permanent employee", "temporary promotion", "cs", "regular", "secondee in", "substantive",
    ),
    Employment.CONTRACTOR: (
        "contractor", "contingent", "contingent worker", "contingent labour", "agency", "agency worker", "interim",
        "interim manager", "specialist contractor", "temp", "temporary worker", "consultant", "off payroll",
        "agency staff", "non payroll", "associate worker", "freelance", "day rate",
    ),
    Employment.MANAGED_SERVICE: (
        "managed service", "managed service provider", "msp", "outsourced", "supplier", "supplier staff",
        "service provider", "third party", "managed services",
    ),
}  # fmt: skip
_STATUS: dict[PersonStatus, tuple[str, ...]] = {
    PersonStatus.ACTIVE: ("active", "in post", "current", "working", "at work", "active assignment", "employed", "a"),
    PersonStatus.ABSENT: (
        "absent", "career break", "maternity leave", "maternity", "paternity leave", "parental leave", "adoption leave",
        "long term sick", "long term sickness", "sick leave", "unpaid leave", "special leave", "leave of absence",
        "on leave", "shared parental leave", "sabbatical", "suspended",
    ),
    PersonStatus.ON_LOAN: (
        "on loan", "loan", "loan out", "loaned out", "outward loan", "on secondment", "secondment", "seconded",
        "seconded out", "secondment out",
    ),
    PersonStatus.ON_NOTICE: ("on notice", "notice", "notice given", "resigned", "serving notice", "under notice"),
    PersonStatus.LEFT: ("left", "leaver", "terminated", "former", "ended", "ex employee", "retired", "terminate"),
}  # fmt: skip
_ASSESSORS: dict[AssessedBy, tuple[str, ...]] = {
    AssessedBy.SELF: ("self", "self assessment", "self assessed", "own", "individual", "employee"),
    AssessedBy.LINE_MANAGER: ("line manager", "manager", "lm", "line management", "reporting manager"),
    AssessedBy.HEAD_OF_PROFESSION: (
        "head of profession",
        "hop",
        "profession head",
        "moderated",
        "moderation",
        "panel",
    ),
}
_FUNDING: dict[Funding, tuple[str, ...]] = {
    Funding.LEARNING_BUDGET: ("L&D budget", "learning budget", "l and d budget", "budget", "l&d", "learning"),
    Funding.LEVY: ("apprenticeship levy", "levy", "apprenticeship"),
    Funding.PROGRAMME: ("programme", "program", "programme budget", "project"),
    Funding.FREE: ("free", "free of charge", "no cost", "none needed"),
}
_DELIVERY: dict[Delivery, tuple[str, ...]] = {
    Delivery.ONLINE: (
        "online",
        "e-learning",
        "elearning",
        "virtual",
        "remote",
        "self paced",
        "digital",
        "webinar",
    ),
    Delivery.CLASSROOM: ("classroom", "face to face", "in person", "workshop", "instructor led"),
    Delivery.BLENDED: ("blended", "hybrid", "mixed"),
    Delivery.APPRENTICESHIP: ("apprenticeship",),
    Delivery.MENTORING: ("mentoring", "mentor", "coaching", "shadowing"),
    Delivery.ON_THE_JOB: ("on the job", "on-the-job", "ojt", "stretch project", "work based"),
}

_EMPLOYMENT_BY_KEY = {heading_key(text): kind for kind, texts in _EMPLOYMENT.items() for text in texts}
_STATUS_BY_KEY = {heading_key(text): kind for kind, texts in _STATUS.items() for text in texts}
_ASSESSOR_BY_KEY = {heading_key(text): kind for kind, texts in _ASSESSORS.items() for text in texts}
_FUNDING_BY_KEY = {heading_key(text): kind for kind, texts in _FUNDING.items() for text in texts}
_DELIVERY_BY_KEY = {heading_key(text): kind for kind, texts in _DELIVERY.items() for text in texts}


@dataclass(frozen=True, slots=True)
class Rating:
    """A level as written: a number 0 to 4, or -1, 0, 1 for below, at, above; neither means not assessed."""

    level: int | None = None
    relative: int | None = None

    @property
    def is_blank(self) -> bool:
        """Whether nobody was assessed."""
        return self.level is None and self.relative is None


NOT_RATED = Rating()


def rating_of(cell: Cell) -> Rating:
    """A level in words or numbers, or below / at / above the requirement; raises Fault."""
    if isinstance(cell, bool) or not isinstance(cell, str | int | float):
        raise Fault("This is not a skill level", _LEVEL_ADVICE)
    text = clean_name(cell) if isinstance(cell, str) else text_of(cell)
    text = text.replace("\u2212", "-")
    key = heading_key(text)
    if key in _NOT_ASSESSED and not any(letter.isdigit() for letter in text) and text != "+":
        return NOT_RATED
    if key in _RELATIVE:
        return Rating(relative=_RELATIVE[key])
    if key in _LEVELS and not text.startswith("-"):
        return Rating(level=_LEVELS[key])
    match = _NUMBERED.fullmatch(text)
    if match is None:
        raise Fault("This is not a skill level", _LEVEL_ADVICE)
    level = int(match[1])
    if not 0 <= level <= Level.EXPERT:
        raise Fault("Skill levels go from 0 to 4", _LEVEL_ADVICE)
    if match[2] and _LEVELS.get(heading_key(match[2]), level) != level:
        raise Fault("The number and the word name two different levels", _LEVEL_ADVICE)
    return Rating(level=level)


def level_of(cell: Cell) -> int:
    """A level from 0 to 4 in words or numbers; raises Fault."""
    rating = rating_of(cell)
    if rating.level is None:
        raise Fault("This is not a skill level", f"Write {', '.join(LEVEL_WORDS)}, or a number from 0 to 4.")
    return rating.level


@lru_cache(maxsize=5_000)
def grade_of(text: str) -> str:
    """The Civil Service grade a text names (G7 for "Grade 7"), or the text itself where it names none."""
    found = _GRADES.get(heading_key(text))
    if found is None:
        found = _GRADES.get(heading_key(re.sub(r"\(.*?\)|\[.*?\]", "", text)))
    return found or clean_name(text)


def is_known_grade(grade: str) -> bool:
    """Whether a grade is one of the Civil Service's."""
    return grade in GRADES


def employment_of(cell: Cell) -> Employment:
    """Civil servant, contractor or managed service; raises Fault."""
    found = _EMPLOYMENT_BY_KEY.get(heading_key(text_of(cell)))
    if found is None:
        raise Fault("This kind of employment is not known", f"Write {', '.join(Employment)}.")
    return found


def status_of(cell: Cell) -> PersonStatus:
    """Active, absent, on loan, on notice or left; raises Fault."""
    found = _STATUS_BY_KEY.get(heading_key(text_of(cell)))
    if found is None:
        raise Fault("This status is not known", f"Write {', '.join(PersonStatus)}.")
    return found


def assessor_of(cell: Cell) -> AssessedBy:
    """Self, line manager or head of profession; raises Fault."""
    found = _ASSESSOR_BY_KEY.get(heading_key(text_of(cell)))
    if found is None:
        raise Fault("This kind of assessor is not known", f"Write {', '.join(AssessedBy)}.")
    return found


def funding_of(cell: Cell) -> Funding:
    """The pot a course is paid from; raises Fault."""
    found = _FUNDING_BY_KEY.get(heading_key(text_of(cell)))
    if found is None:
        raise Fault("This funding is not known", f"Write {', '.join(Funding)}.")
    return found


def delivery_of(cell: Cell) -> Delivery:
    """How a course is delivered; raises Fault."""
    found = _DELIVERY_BY_KEY.get(heading_key(text_of(cell)))
    if found is None:
        raise Fault("This kind of delivery is not known", f"Write {', '.join(Delivery)}.")
    return found
