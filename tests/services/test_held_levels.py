"""Levels by person against a look through every row."""

from __future__ import annotations

import numpy as np
import pytest

from app.services.held_levels import HeldByPerson
from tests.counts import share


@pytest.mark.parametrize("seed", range(share(60)))
def test_the_levels_of_some_people_are_those_of_their_rows(seed: int) -> None:
    dice = np.random.default_rng(seed)
    pairs = sorted(
        {(int(dice.integers(1, 12)), int(dice.integers(1, 9))) for _ in range(int(dice.integers(0, 40)))}
    )
    levels = dice.integers(0, 5, len(pairs)).astype(np.uint8)
    person = np.array([one[0] for one in pairs], dtype=np.int32)
    skill = np.array([one[1] for one in pairs], dtype=np.uint16)
    asked = dice.permutation(np.arange(1, 16))[: int(dice.integers(0, 15))].astype(np.int64)
    place, found, level = HeldByPerson.of(person, skill, levels).among(asked)
    expected = [
        (at, pair[1], int(held))
        for at, key in enumerate(asked.tolist())
        for pair, held in zip(pairs, levels, strict=True)
        if pair[0] == key
    ]
    assert list(zip(place.tolist(), found.tolist(), level.tolist(), strict=True)) == expected
