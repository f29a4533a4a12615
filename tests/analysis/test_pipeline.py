"""Who is within reach of the next level: equal to counting by hand, person by person."""

from __future__ import annotations

import numpy as np

from app.analysis.pipeline import Reach, next_steps
from app.terms import NOT_ASSESSED
from tests.counts import share


def by_hand(held: list[int], needed: list[int]) -> tuple[int, int, int, int, Reach]:
    """Required, assessed, met, steps and reach of one person."""
    pairs = [(level, want) for level, want in zip(held, needed, strict=True) if want]
    known = [(level, want) for level, want in pairs if level != NOT_ASSESSED]
    steps = sum(want - level for level, want in known if level < want)
    met = sum(level >= want for level, want in known)
    if steps > 1:
        reach = Reach.FURTHER
    elif len(known) < len(pairs):
        reach = Reach.NOT_ASSESSED
    else:
        reach = Reach.ONE_STEP if steps else Reach.READY
    return len(pairs), len(known), met, steps, reach


def test_every_person_is_counted_as_by_hand() -> None:
    rng = np.random.default_rng(4)
    for _ in range(share(2_000)):
        people, skills, levels = int(rng.integers(0, 9)), int(rng.integers(0, 5)), int(rng.integers(0, 4))
        held = rng.choice([0, 1, 2, 3, 4, NOT_ASSESSED], size=(people, skills)).astype(np.uint8)
        needed = rng.integers(0, 4, size=(levels, skills)).astype(np.uint8)
        group = rng.integers(-1, levels, size=people).astype(np.int64)
        found = next_steps(held, group, needed)
        for person in range(people):
            told = tuple(
                int(values[person])
                for values in (found.required, found.assessed, found.met, found.steps, found.reach)
            )
            if group[person] < 0:
                assert told == (0, 0, 0, 0, Reach.TOP)
            else:
                assert told == by_hand(held[person].tolist(), needed[group[person]].tolist())
