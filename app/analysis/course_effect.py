"""What a course did: levels gained per enrolment, shrunk for small numbers, with an interval.

The model. Enrolment *i* on course *j* gained ``y_ij`` levels: the ratings after it less those before it, added up over
the skills it raises. ``y_ij ~ N(theta_j, sigma²)`` and ``theta_j ~ N(mu, tau²)``: courses differ around the mean of the
catalogue, and a course with few measured enrolments is drawn towards that mean (normal-normal shrinkage). For given
sigma and tau the effect of a course is normal, with mean

    (1 − B) · mean of its gains + B · mu,    B = (sigma² ÷ n) ÷ (tau² + sigma² ÷ n).

Plugging in estimates of mu, tau and sigma would make intervals too narrow where courses are few, so all three are
averaged over: mu under a flat prior, exactly; tau and sigma on a grid. The prior of tau is flat in tau² (Stein's,
whose intervals are known to cover what they claim: Tang and Morris 2011) up to three levels; that of sigma is
half-normal with one level, a spread of gains beyond two or three levels being next to impossible on a scale from 0 to
4. The interval holds the middle of the resulting mixture; its simulated coverage is tested.

It is a comparison of before and after, not with people who took no course: what people would have learnt anyway is in
the effect as well.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

PRIOR_LEVELS = 1.0
"""Standard deviation of the half-normal prior of sigma, in levels."""

_TAU = (np.arange(60) + 0.5) * 0.05
_LOG_SIGMA = np.linspace(np.log(0.04), np.log(4.0), 120)
_NODES = np.array([NormalDist().inv_cdf((k + 0.5) / 81) for k in range(81)])
_LEAST_WEIGHT = 1e-4


@dataclass(frozen=True, slots=True)
class CourseEffects:
    """One entry per course: enrolments measured, their plain mean (nan for none), effect, and its interval.

    Courses nobody was measured on have the mean of the catalogue and an interval as wide as courses differ.
    ``catalogue_mean`` is the mean over courses; nan where nothing was measured at all.
    """

    measured: Ints
    plain: Floats
    effect: Floats
    low: Floats
    high: Floats
    catalogue_mean: float


def course_effects(course: Ints, gain: Floats, n_courses: int, coverage: float = 0.9) -> CourseEffects:
    """The effects of courses 0 to ``n_courses`` − 1 from one entry per measured enrolment (course, levels gained)."""
    count = np.bincount(course, minlength=n_courses).astype(np.int64)
    total = np.bincount(course, weights=gain, minlength=n_courses)
    nothing = np.full(n_courses, np.nan)
    if not len(gain):
        return CourseEffects(count, nothing, nothing.copy(), nothing.copy(), nothing.copy(), float("nan"))
    plain = np.divide(total, count, out=nothing.copy(), where=count > 0)
    seen = count > 0
    within = float(((gain - plain[course]) ** 2).sum())
    tau, sigma, weight, mean, spread = _posterior(plain[seen], count[seen].astype(np.float64), within)
    effect, low, high = nothing.copy(), nothing.copy(), nothing.copy()
    for place in range(n_courses):
        middle, width = _given(plain[place], float(count[place]), (tau, sigma), (mean, spread))
        effect[place] = float((weight * middle).sum())
        low[place], high[place] = _middle(middle, width, weight, coverage)
    return CourseEffects(count, plain, effect, low, high, float((weight * mean).sum()))


def _posterior(plain: Floats, count: Floats, within: float) -> tuple[Floats, Floats, Floats, Floats, Floats]:
    """Likely pairs of tau and sigma with their weight, and mean and standard deviation of mu under each."""
    tau, log_sigma = (axis.ravel() for axis in np.meshgrid(_TAU, _LOG_SIGMA, indexing="ij"))
    sigma = np.exp(log_sigma)
    variance = tau[:, None] ** 2 + sigma[:, None] ** 2 / count[None, :]
    precision = 1 / variance
    known = precision.sum(axis=1)
    mean = (precision * plain).sum(axis=1) / known
    fit = -0.5 * (np.log(variance) + precision * (plain - mean[:, None]) ** 2).sum(axis=1) - 0.5 * np.log(
        known
    )
    freedom = float(count.sum()) - len(count)
    fit += -freedom * log_sigma - within / (2 * sigma**2)
    fit += np.log(tau) - 0.5 * (sigma / PRIOR_LEVELS) ** 2
    fit += log_sigma  # the grid is even in the logarithm of sigma
    weight = np.exp(fit - fit.max())
    weight /= weight.sum()
    kept = weight > _LEAST_WEIGHT * weight.max()
    weight = weight[kept] / weight[kept].sum()
    return tau[kept], sigma[kept], weight, mean[kept], 1 / np.sqrt(known[kept])


def _given(
    plain: float, count: float, scales: tuple[Floats, Floats], catalogue: tuple[Floats, Floats]
) -> tuple[Floats, Floats]:
    """Mean and standard deviation of one course's effect under each pair of tau and sigma."""
    (tau, sigma), (mean, spread) = scales, catalogue
    if not count:
        return mean, np.sqrt(tau**2 + spread**2)
    noise = sigma**2 / count
    drawn = noise / (tau**2 + noise)
    return (1 - drawn) * plain + drawn * mean, np.sqrt((1 - drawn) * noise + (drawn * spread) ** 2)


def _middle(middle: Floats, width: Floats, weight: Floats, coverage: float) -> tuple[float, float]:
    """The interval between the tails of a mixture of normals, from even quantiles of each."""
    values = (middle[:, None] + width[:, None] * _NODES[None, :]).ravel()
    weights = np.repeat(weight / len(_NODES), len(_NODES))
    order = np.argsort(values)
    reached = np.cumsum(weights[order]) - weights[order] / 2
    tail = (1 - coverage) / 2
    low, high = np.interp([tail, 1 - tail], reached, values[order])
    return float(low), float(high)
