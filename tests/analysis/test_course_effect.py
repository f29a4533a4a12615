"""The effect of courses: shrinkage, an independent integration, and intervals that cover the simulated truth."""

from __future__ import annotations

import math

import numpy as np
import pytest

from app.analysis.course_effect import course_effects
from tests.counts import is_whole, share


def effects_of(gains: list[list[float]]):  # type: ignore[no-untyped-def]
    course = np.repeat(np.arange(len(gains)), [len(own) for own in gains]).astype(np.int64)
    return course_effects(
        course, np.array([gain for own in gains for gain in own], dtype=np.float64), len(gains)
    )


def test_nothing_measured_gives_no_figure() -> None:
    found = effects_of([[], []])
    assert np.isnan(found.effect).all()
    assert math.isnan(found.catalogue_mean)


def test_few_people_are_drawn_to_the_mean_and_many_are_not() -> None:
    steady = [[1.0, 1.0, 2.0, 1.0, 2.0, 1.0] for _ in range(6)]
    found = effects_of([*steady, [4.0], [4.0, 3.0] * 60])
    few, many = found.effect[6], found.effect[7]
    assert found.catalogue_mean < few < 4.0
    assert 4.0 - few > 0.15
    assert many == pytest.approx(3.5, abs=0.1)
    assert found.high[6] - found.low[6] > 3 * (found.high[7] - found.low[7])


def test_a_course_nobody_was_measured_on_stands_at_the_mean() -> None:
    found = effects_of([[1.0, 2.0, 1.0], [2.0, 2.0, 3.0], [1.0, 1.0], []])
    assert found.effect[3] == pytest.approx(found.catalogue_mean)
    assert found.low[3] < found.low[:3].max()
    assert math.isnan(found.plain[3])


def test_the_order_of_enrolments_does_not_matter() -> None:
    gains = [[1.0, 2.0, 0.0], [2.0, 3.0], [1.0]]
    one, other = effects_of(gains), effects_of([own[::-1] for own in gains])
    assert np.allclose(one.effect, other.effect)
    assert np.allclose(one.low, other.low)


def test_effects_equal_a_naive_integration() -> None:
    """A second implementation: mu on a grid of its own, every likelihood from single gains, sums in plain loops."""
    gains = [[1.0, 2.0, 2.0], [0.0, 1.0], [3.0, 2.0, 2.0, 3.0], [1.0]]
    found = effects_of(gains)
    weights, effects = 0.0, [0.0] * len(gains)
    for tau in np.arange(0.05, 3.0, 0.1):
        for sigma in np.arange(0.1, 3.0, 0.1):
            for mu in np.arange(-3.0, 7.0, 0.2):
                density = tau * math.exp(-0.5 * sigma**2)
                middles = []
                for own in gains:
                    precision = len(own) / sigma**2 + 1 / tau**2
                    middle = (sum(own) / sigma**2 + mu / tau**2) / precision
                    middles.append(middle)
                    squares = (
                        sum((gain - middle) ** 2 for gain in own) / sigma**2 + (middle - mu) ** 2 / tau**2
                    )
                    density *= math.exp(-0.5 * squares) / (sigma ** len(own) * tau * math.sqrt(precision))
                weights += density
                effects = [total + density * middle for total, middle in zip(effects, middles, strict=True)]
    assert found.effect == pytest.approx([total / weights for total in effects], abs=0.01)


CASES = {
    "normal": (1.2, 0.5, 0.8, 20, 12),
    "few courses": (1.2, 0.5, 0.8, 8, 6),
    "large courses": (1.0, 0.3, 0.6, 30, 30),
    "whole levels": (1.2, 0.5, 0.8, 20, 12),
}


@pytest.mark.parametrize("case", list(CASES))
def test_intervals_cover_the_simulated_truth(case: str) -> None:
    """At 90 % between 88 and 92 % of the true effects lie inside, over many simulated catalogues."""
    mean, between, within, courses, most = CASES[case]
    chance = np.random.default_rng(20_261_123)
    inside = total = 0
    for _ in range(share(240)):
        truth = chance.normal(mean, between, courses)
        course = np.repeat(np.arange(courses), chance.integers(1, most + 1, courses))
        gain = chance.normal(truth[course], within)
        if case == "whole levels":
            gain = np.rint(gain)
        found = course_effects(course, gain, courses)
        inside += int(((found.low <= truth) & (truth <= found.high)).sum())
        total += courses
    lowest, highest = (0.88, 0.92) if is_whole() else (0.80, 0.97)
    assert lowest <= inside / total <= highest, inside / total
