"""What goes into the role matcher and what comes out."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from app.terms import MatchKind

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class RoleTarget:
    """A role of the framework in use. ``levels`` run from most junior to most senior.

    ``grades`` holds the usual Civil Service grades of each level (codes of ``terms.GRADES``), or is empty.
    """

    role_family: str
    role: str
    levels: tuple[str, ...]
    grades: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class TitleQuery:
    """A job title with what stands beside it; only the title is needed."""

    title: str
    grade: str = ""
    unit: str = ""
    profession: str = ""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One answer for a title. ``score`` (0 to 1) is the probability that the role, not its level, is right.

    ``kind`` other than ``role`` leaves family, role and level empty.
    """

    rank: int
    kind: MatchKind
    role_family: str
    role: str
    role_level: str
    score: float
    reason: str


@dataclass(frozen=True, slots=True)
class Rule:
    """What this organisation confirmed for a title; role parts are empty where ``kind`` is not ``role``."""

    kind: MatchKind
    role_family: str = ""
    role: str = ""
    role_level: str = ""


@dataclass(frozen=True, slots=True)
class Ranking:
    """Suggestions for many titles as columns: one row per title, one column per rank.

    ``answer`` numbers the roles in the order of the targets, then digital_unmapped, then none; ``level``
    numbers
    the levels of that role (-1: none); ``score`` is the calibrated probability.
    """

    answer: IntArray
    level: IntArray
    score: FloatArray
    seniority: IntArray = field(repr=False)
    grade: IntArray = field(repr=False)
