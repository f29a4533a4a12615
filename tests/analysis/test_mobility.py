"""Steps between role levels and for people equal going through the skills one at a time."""

from __future__ import annotations

import numpy as np

from app.analysis.mobility import distances_to, level_distances, map_places
from app.terms import NOT_ASSESSED
from tests.counts import share


def test_steps_between_role_levels_equal_a_count_skill_by_skill() -> None:
    for case in range(share(200)):
        rng = np.random.default_rng(case)
        required = rng.choice([0, 0, 1, 2, 3, 4], (int(rng.integers(1, 9)), int(rng.integers(1, 12)))).astype(
            np.uint8
        )
        found = level_distances(required)
        for one, mine in enumerate(required.tolist()):
            for other, theirs in enumerate(required.tolist()):
                assert found[one, other] == sum(max(b - a, 0) for a, b in zip(mine, theirs, strict=True))


def test_steps_of_people_leave_out_what_is_not_assessed() -> None:
    for case in range(share(200)):
        rng = np.random.default_rng(case)
        skills = int(rng.integers(1, 9))
        held = rng.choice([0, 1, 2, 3, 4, NOT_ASSESSED], (6, skills)).astype(np.uint8)
        needed = rng.integers(1, 5, skills).astype(np.uint8)
        found = distances_to(held, needed)
        for person, levels in enumerate(held.tolist()):
            pairs = [(a, b) for a, b in zip(levels, needed.tolist(), strict=True) if a != NOT_ASSESSED]
            assert found.assessed[person] == len(pairs)
            assert found.met[person] == sum(a >= b for a, b in pairs)
            assert found.steps[person] == sum(max(b - a, 0) for a, b in pairs)


def test_places_keep_distances_that_fit_into_a_plane() -> None:
    rng = np.random.default_rng(1)
    points = rng.random((7, 2)) * 20
    apart = np.sqrt(((points[:, None] - points[None, :]) ** 2).sum(axis=2))
    found = map_places(apart)
    again = np.sqrt(((found[:, None] - found[None, :]) ** 2).sum(axis=2))
    np.testing.assert_allclose(again, apart, atol=1e-9)
    np.testing.assert_allclose(map_places(apart), found)
    assert map_places(np.zeros((1, 1))).tolist() == [[0.0, 0.0]]
