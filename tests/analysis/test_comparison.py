"""Intervals cover the true share as often as they say, and ranks are shown only where intervals allow them."""

from __future__ import annotations

import numpy as np
import pytest

from app.analysis.comparison import FEWEST_PEOPLE, compare_shares, share_interval, t_quantile
from tests.counts import is_whole, share


def _department(rng: np.random.Generator, people: int, true_share: float) -> tuple[np.ndarray, np.ndarray]:
    """People as clusters: each has one to twelve assessed pairs and a readiness of the own around the true one."""
    whole = rng.integers(1, 13, people)
    own = rng.beta(true_share * 4, (1 - true_share) * 4, people)
    return rng.binomial(whole, own), whole


@pytest.mark.long
def test_the_interval_covers_the_true_share_as_often_as_it_says() -> None:
    """At 90 %: 88 to 92 % of 8,000 simulated departments of 12 to 120 people. Of the share tried without --all only
    as much can be asked as its own chance error allows (three standard errors more)."""
    rng = np.random.default_rng(2026)
    tried, hits = share(8_000), 0
    for number in range(tried):
        true_share = float(rng.uniform(0.4, 0.85))
        part, whole = _department(rng, int(rng.integers(12, 121)), true_share)
        low, high = share_interval(part, whole, 0.9, number)
        hits += low <= true_share <= high
    slack = 0.0 if is_whole() else 3 * (0.9 * 0.1 / tried) ** 0.5
    assert 0.88 - slack <= hits / tried <= 0.92 + slack, f"{hits} of {tried}"


@pytest.mark.parametrize(("people", "true_share"), [(5, 0.95), (6, 0.5), (8, 0.97), (20, 0.03), (40, 0.9)])
def test_few_people_and_extreme_shares_are_never_made_out_surer_than_they_are(
    people: int, true_share: float
) -> None:
    rng = np.random.default_rng(people)
    tried, hits = share(2_000), 0
    for number in range(tried):
        part, whole = _department(rng, people, true_share)
        low, high = share_interval(part, whole, 0.9, number)
        hits += low <= true_share <= high
        assert 0 <= low < high <= 1
    assert hits / tried >= 0.87 - 3 * (0.1 / tried) ** 0.5


def test_pairs_of_one_person_do_not_count_as_independent() -> None:
    rng = np.random.default_rng(5)
    whole = np.full(60, 10)
    all_or_nothing = 10 * rng.integers(0, 2, 60)
    spread = rng.binomial(10, 0.5, 60)
    clustered, independent = (share_interval(part, whole, 0.9, 1) for part in (all_or_nothing, spread))
    assert clustered[1] - clustered[0] > 2.5 * (independent[1] - independent[0])


def test_figures_of_each_group_are_its_sums() -> None:
    rng = np.random.default_rng(3)
    for _ in range(share(400)):
        n_groups, people = int(rng.integers(1, 7)), int(rng.integers(0, 60))
        groups, whole = rng.integers(-1, n_groups, people), rng.integers(0, 4, people)
        part = rng.integers(0, whole + 1) if people else whole
        found = compare_shares(part, whole, groups, n_groups, seed=1)
        for code in range(n_groups):
            rows = [row for row in range(people) if groups[row] == code and whole[row] > 0]
            assert found.people[code] == len(rows)
            assert (found.part[code], found.whole[code]) == (sum(part[rows]), sum(whole[rows]))
            if len(rows) < FEWEST_PEOPLE:
                assert np.isnan(found.low[code])
                assert found.best_rank[code] == found.worst_rank[code] == 0
            else:
                assert found.low[code] <= found.share[code] <= found.high[code]
        _check_ranks(found.low, found.high, found.best_rank, found.worst_rank)


def _check_ranks(low: np.ndarray, high: np.ndarray, best: np.ndarray, worst: np.ndarray) -> None:
    known = [code for code in range(len(low)) if not np.isnan(low[code])]
    for code in known:
        assert best[code] == 1 + sum(low[other] > high[code] for other in known)
        assert worst[code] == len(known) - sum(high[other] < low[code] for other in known)


def test_a_group_has_the_same_interval_whoever_it_is_compared_with() -> None:
    rng = np.random.default_rng(9)
    part, whole = _department(rng, 30, 0.6)
    alone = compare_shares(part, whole, np.zeros(30, np.int64), 1, seed=4)
    other = _department(rng, 50, 0.3)
    both = compare_shares(
        np.concatenate([other[0], part]),
        np.concatenate([other[1], whole]),
        np.repeat([0, 1], [50, 30]),
        2,
        seed=4,
    )
    assert (alone.low[0], alone.high[0]) == (both.low[1], both.high[1])


@pytest.mark.parametrize(
    ("probability", "freedom", "value"),
    [(0.95, 4, 2.1318), (0.95, 10, 1.8125), (0.95, 30, 1.6973), (0.975, 8, 2.3060), (0.95, 1_000, 1.6464)],
)
def test_quantiles_of_t_are_those_of_the_tables(probability: float, freedom: int, value: float) -> None:
    assert t_quantile(probability, freedom) == pytest.approx(value, abs=0.02)
