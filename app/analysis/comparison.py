"""Shares of departments side by side, with an honest interval, and ranks only where the intervals allow them.

A share is Σ part ÷ Σ whole over people (met ÷ assessed pairs, say). The pairs of one person hang together, so that
people are drawn again, not pairs: the bootstrap over people. Drawing *n* people from those with the same two numbers
in common is one multinomial draw, which makes it independent of the size of a department.

The plain percentile interval is too narrow for few people. It is widened as Hesterberg (2015, "What teachers should
know about the bootstrap", section 3.4) advises, by the t distribution and √(n ÷ (n − 1)). Where hardly anything is
unmet (or met) a sample of few people often shows none of it and the bootstrap nothing of the doubt; there the interval
is also as wide as Wilson's over the effective number of pairs.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from app.analysis.level_blocks import Codes, Ints

Floats = NDArray[np.float64]

FEWEST_PEOPLE = 5
"""Fewer people than this give no interval, and no rank."""

DRAWS = 2_000
_FEW = 10.0  # so few pairs' worth of met or unmet that the bootstrap alone is too sure
_NORMAL = NormalDist()


@dataclass(frozen=True, slots=True)
class SharesCompared:
    """One entry per group. ``people`` counts those with a whole above 0; shares are NaN where there are none.

    ``low`` and ``high`` are NaN for fewer than :data:`FEWEST_PEOPLE` people. ``best_rank`` and ``worst_rank`` are the
    first and last place a group may have, 1 for the largest share, 0 where it has no interval: a group is surely
    ahead of another only where its interval lies wholly above.
    """

    people: Ints
    part: Ints
    whole: Ints
    share: Floats
    low: Floats
    high: Floats
    best_rank: Ints
    worst_rank: Ints


def compare_shares(
    part: Codes, whole: Codes, groups: Codes, n_groups: int, *, confidence: float = 0.9, seed: int = 0
) -> SharesCompared:
    """Shares of each group with intervals and ranks.

    ``part`` and ``whole`` [people] are counts with part ≤ whole; ``groups`` [people] codes from 0 to
    ``n_groups - 1``, -1 for people in none. The same seed gives the same intervals, whatever other groups there are.
    """
    counted = (groups >= 0) & (whole > 0)
    group, mine, all_of = groups[counted], part[counted].astype(np.int64), whole[counted].astype(np.int64)
    people = np.bincount(group, minlength=n_groups).astype(np.int64)
    parts = np.bincount(group, weights=mine, minlength=n_groups).astype(np.int64)
    wholes = np.bincount(group, weights=all_of, minlength=n_groups).astype(np.int64)
    share = np.where(wholes > 0, parts / np.maximum(wholes, 1), np.nan)
    low, high = np.full(n_groups, np.nan), np.full(n_groups, np.nan)
    order = np.argsort(group, kind="stable")
    ends = np.cumsum(people)
    for code in np.flatnonzero(people >= FEWEST_PEOPLE).tolist():
        rows = order[ends[code] - people[code] : ends[code]]
        low[code], high[code] = share_interval(mine[rows], all_of[rows], confidence, seed)
    best, worst = _ranks(low, high)
    return SharesCompared(people, parts, wholes, share, low, high, best, worst)


def share_interval(part: Ints, whole: Ints, confidence: float, seed: int) -> tuple[float, float]:
    """The interval of Σ part ÷ Σ whole of one group of at least two people, each with a whole above 0."""
    n = len(part)
    step = int(whole.max()) + 1
    keys, counts = np.unique(part * step + whole, return_counts=True)
    kinds = np.stack(np.divmod(keys, step), axis=1).astype(np.float64)
    drawn = np.random.default_rng(seed).multinomial(n, counts / n, size=DRAWS) @ kinds
    shares = drawn[:, 0] / drawn[:, 1]
    t = t_quantile((1 + confidence) / 2, n - 1)
    tail = _NORMAL.cdf(-t * (n / (n - 1)) ** 0.5)
    low, high = np.quantile(shares, [tail, 1 - tail]).tolist()
    share, variance = _share_and_variance(part, whole)
    pairs = share * (1 - share) / variance if variance > 0 else float(n)
    pairs = min(pairs, float(whole.sum()))
    if pairs * min(share, 1 - share) < _FEW:
        wilson = _wilson(share, pairs, t)
        low, high = min(low, wilson[0]), max(high, wilson[1])
    return max(0.0, low), min(1.0, high)


def t_quantile(probability: float, freedom: int) -> float:
    """A quantile of Student's t, by the Cornish-Fisher series; to 0.02 for 4 degrees of freedom and more at 95 %."""
    z = _NORMAL.inv_cdf(probability)
    terms = (
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
        (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92160,
    )
    return z + sum(term / freedom**power for power, term in enumerate(terms, start=1))


def _share_and_variance(part: Ints, whole: Ints) -> tuple[float, float]:
    """The share, and its variance with people as clusters (linearised)."""
    n, total = len(part), int(whole.sum())
    share = int(part.sum()) / total
    return share, n / (n - 1) * float(((part - share * whole) ** 2).sum()) / total**2


def _wilson(share: float, pairs: float, t: float) -> tuple[float, float]:
    centre = (share + t * t / (2 * pairs)) / (1 + t * t / pairs)
    half = t / (1 + t * t / pairs) * (share * (1 - share) / pairs + t * t / (4 * pairs * pairs)) ** 0.5
    return centre - half, centre + half


def _ranks(low: Floats, high: Floats) -> tuple[Ints, Ints]:
    """First and last place each group may have, largest share first; 0 without an interval."""
    known = ~np.isnan(low)
    lows, highs = np.sort(low[known]), np.sort(high[known])
    ahead = len(lows) - np.searchsorted(lows, np.where(known, high, 0.0), side="right")
    behind = np.searchsorted(highs, np.where(known, low, 0.0), side="left")
    best = np.where(known, ahead + 1, 0)
    return best.astype(np.int64), np.where(known, len(lows) - behind, 0).astype(np.int64)
