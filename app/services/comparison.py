"""Departments side by side: readiness, share short or fully ready people, with intervals and honest ranks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from math import isnan

import numpy as np

from app.analysis.comparison import FEWEST_PEOPLE, SharesCompared, compare_shares
from app.analysis.gaps import gap_pairs
from app.errors import UsageError
from app.services.gap_base import GapBase
from app.services.gap_groups import GapDimension, group_people
from app.services.gaps import Gaps
from app.services.population import Flags, Ints
from app.services.scope import Scope

CONFIDENCE = 0.9


class ComparedShare(StrEnum):
    """What is compared: met ÷ assessed pairs, short ÷ assessed pairs, or people fully ready ÷ people with a role."""

    READINESS = "readiness"
    SHARE_SHORT = "share-short"
    FULLY_READY = "fully-ready"


@dataclass(frozen=True, slots=True)
class ComparisonLine:
    """One department. ``part`` ÷ ``whole`` is ``share``; ``people`` is how many it rests on.

    ``low``, ``high`` and the ranks are None where fewer than 5 people are behind it (``note`` says so). Rank 1 is
    the best: most ready, or fewest short. ``coverage`` is assessed ÷ required pairs.
    """

    group: str
    people: int
    part: int
    whole: int
    required: int
    assessed: int
    share: float | None
    low: float | None
    high: float | None
    best_rank: int | None
    worst_rank: int | None
    note: str

    @property
    def coverage(self) -> float | None:
        """Assessed ÷ required pairs; None where none are required."""
        return self.assessed / self.required if self.required else None

    @property
    def rank_words(self) -> str:
        """ "2" where the intervals settle it, "2 to 4" where they overlap, empty without an interval."""
        if self.best_rank is None:
            return ""
        if self.best_rank == self.worst_rank:
            return str(self.best_rank)
        return f"{self.best_rank} to {self.worst_rank}"


@dataclass(frozen=True, slots=True)
class ComparisonView:
    """The departments of a scope, best first."""

    scope: Scope
    dimension: GapDimension
    measure: ComparedShare
    skill: str
    confidence: float
    lines: tuple[ComparisonLine, ...]
    day: date
    revision: int


class Comparison:
    """Departments against one another."""

    def __init__(self, gaps: Gaps) -> None:
        self._gaps = gaps

    def compare(
        self,
        scope: Scope,
        dimension: GapDimension = GapDimension.DEPARTMENT,
        measure: ComparedShare = ComparedShare.READINESS,
        skill: str = "",
        seed: int = 0,
    ) -> ComparisonView:
        """Compare the groups of the scope, over all skills or in one.

        Raises UsageError for the dimension skill (the people behind two skills are the same), and for a skill that
        nobody's role requires.
        """
        if dimension is GapDimension.SKILL:
            raise UsageError(
                "Skills cannot be compared this way.", "Choose groups of people: department, unit, grade."
            )
        base = self._gaps.base(scope.as_at)
        if skill and skill not in base.skill_names:
            raise UsageError(
                f"Nobody's role requires “{skill}”.", "`muster gaps --by skill` lists the skills."
            )
        mask = base.population.mask(scope)
        labels, codes = group_people(base, dimension, mask)
        return self.compare_groups(scope, (labels, codes), dimension, measure, skill, seed)

    def compare_groups(
        self,
        scope: Scope,
        groups: tuple[Sequence[str], Ints],
        dimension: GapDimension = GapDimension.DEPARTMENT,
        measure: ComparedShare = ComparedShare.READINESS,
        skill: str = "",
        seed: int = 0,
    ) -> ComparisonView:
        """The same for groups of the caller's own: labels, and each person's group code (-1: in none)."""
        base = self._gaps.base(scope.as_at)
        mask = base.population.mask(scope)
        labels = groups[0]
        codes = np.where(mask, groups[1], -1)
        required, assessed, meeting = _counts(base, mask, skill)
        part, whole = _fraction(measure, required, assessed, meeting)
        found = compare_shares(part, whole, codes, len(labels), confidence=CONFIDENCE, seed=seed)
        if measure is ComparedShare.SHARE_SHORT:
            found = _fewest_first(found)
        sums = [_by_group(values, codes, len(labels)) for values in (required, assessed)]
        lines = [_line(label, found, place, sums) for place, label in enumerate(labels) if sums[0][place]]
        is_smaller_better = measure is ComparedShare.SHARE_SHORT
        return ComparisonView(
            scope=scope,
            dimension=dimension,
            measure=measure,
            skill=skill,
            confidence=CONFIDENCE,
            lines=tuple(sorted(lines, key=lambda line: _order(line, is_smaller_better))),
            day=base.day,
            revision=base.revision,
        )


def _counts(base: GapBase, mask: Flags, skill: str) -> tuple[Ints, Ints, Ints]:
    """Pairs required, assessed and met of every person, of one skill where it is named."""
    if not skill:
        counts = base.blocks.person_counts()
        return (
            counts.required.astype(np.int64),
            counts.assessed.astype(np.int64),
            counts.meeting.astype(np.int64),
        )
    pairs = gap_pairs(base.blocks, mask, base.skill_code(skill))
    people = len(base.population)
    rated = pairs.person[pairs.is_assessed]
    met = pairs.person[pairs.is_assessed & (pairs.gap == 0)]
    return (
        np.bincount(pairs.person, minlength=people).astype(np.int64),
        np.bincount(rated, minlength=people).astype(np.int64),
        np.bincount(met, minlength=people).astype(np.int64),
    )


def _fraction(measure: ComparedShare, required: Ints, assessed: Ints, meeting: Ints) -> tuple[Ints, Ints]:
    if measure is ComparedShare.READINESS:
        return meeting, assessed
    if measure is ComparedShare.SHARE_SHORT:
        return assessed - meeting, assessed
    return ((required > 0) & (meeting == required)).astype(np.int64), (required > 0).astype(np.int64)


def _fewest_first(found: SharesCompared) -> SharesCompared:
    """Ranks counted from the smallest share."""
    known = int((found.best_rank > 0).sum())
    turned = [
        np.where(found.best_rank > 0, known + 1 - ranks, 0) for ranks in (found.worst_rank, found.best_rank)
    ]
    return SharesCompared(
        found.people, found.part, found.whole, found.share, found.low, found.high, turned[0], turned[1]
    )


def _by_group(values: Ints, codes: Ints, n_groups: int) -> Ints:
    chosen = codes >= 0
    return np.bincount(codes[chosen], weights=values[chosen], minlength=n_groups).astype(np.int64)


def _order(line: ComparisonLine, is_smaller_better: bool) -> tuple[bool, float, str]:
    if line.share is None:
        return True, 0.0, line.group
    return False, line.share if is_smaller_better else -line.share, line.group


def _line(label: str, found: SharesCompared, place: int, sums: list[Ints]) -> ComparisonLine:
    people = int(found.people[place])
    has_interval = people >= FEWEST_PEOPLE
    note = "" if has_interval else f"fewer than {FEWEST_PEOPLE} people: no interval, no rank"
    return ComparisonLine(
        group=label,
        people=people,
        part=int(found.part[place]),
        whole=int(found.whole[place]),
        required=int(sums[0][place]),
        assessed=int(sums[1][place]),
        share=_known(float(found.share[place])),
        low=_known(float(found.low[place])),
        high=_known(float(found.high[place])),
        best_rank=int(found.best_rank[place]) or None,
        worst_rank=int(found.worst_rank[place]) or None,
        note=note if people else "nobody assessed",
    )


def _known(value: float) -> float | None:
    return None if isnan(value) else value
