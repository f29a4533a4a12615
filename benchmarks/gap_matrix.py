"""The whole gap matrix of half a million people, against one ``bincount`` over the same pairs."""

from __future__ import annotations

import sys

import numpy as np

from benchmarks.measure import Result, report, seconds

UNITS, SKILLS, LEVELS, PER_LEVEL = 50, 170, 200, 12


def main(people: int = 500_000) -> None:
    """Build blocks of invented people and time the matrix; the pairs are the same on both sides."""
    from app.analysis.gaps import HeldLevels, LevelBlocks, Requirements, gap_matrix, gap_pairs

    rng = np.random.default_rng(1)
    unit = np.sort(rng.integers(0, UNITS, people))
    role_level = rng.integers(0, LEVELS, people)
    skills = np.concatenate([rng.choice(SKILLS, PER_LEVEL, replace=False) for _ in range(LEVELS)])
    required = Requirements(
        LEVELS, SKILLS, np.repeat(np.arange(LEVELS), PER_LEVEL), skills,
        rng.integers(1, 5, LEVELS * PER_LEVEL).astype(np.uint8),
    )  # fmt: skip
    by_level = skills.reshape(LEVELS, PER_LEVEL)
    person = np.repeat(np.arange(people), PER_LEVEL)
    skill = by_level[role_level].ravel()
    held = HeldLevels(person, skill, rng.integers(0, 5, len(person)).astype(np.uint8))
    blocks = LevelBlocks.build(role_level, required, held, unit)
    pairs = gap_pairs(blocks)
    pair_person, pair_skill = pairs.person.astype(np.int64), pairs.skill.astype(np.int64)
    wide = unit.astype(np.int64)

    def baseline() -> object:
        return np.bincount(wide[pair_person] * SKILLS + pair_skill, minlength=UNITS * SKILLS)

    ours = seconds(lambda: gap_matrix(blocks, unit, UNITS))
    note = f"{len(person):,} pairs"
    report(
        Result(
            f"gap matrix, {people:,} people",
            "one bincount with its gather",
            ours,
            seconds(baseline),
            1.0,
            note=note,
        )
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 500_000)
