"""Random small units as plain lists, and the same as columns: for whatever depends on who sits beside whom."""

from __future__ import annotations

import random
from dataclasses import dataclass

import numpy as np

from app.analysis.gaps import HeldLevels, LevelBlocks, Requirements
from app.analysis.mentors import StrongLevels


@dataclass
class Member:
    """One person: unit (None: in none), role level (None: unmapped), whether in the scope, and held levels."""

    unit: int | None
    level: int | None
    in_scope: bool
    held: dict[int, int]


@dataclass
class SmallUnits:
    """People, and what each role level requires."""

    members: list[Member]
    requirements: list[dict[int, int]]
    n_units: int
    n_skills: int

    def required(self, row: int) -> dict[int, int]:
        """What the role of one person requires."""
        level = self.members[row].level
        return {} if level is None else self.requirements[level]

    def blocks(self) -> LevelBlocks:
        """The same as blocks."""
        rows = [
            (level, skill, need) for level, own in enumerate(self.requirements) for skill, need in own.items()
        ]
        triples = [
            (row, skill, level) for row, one in enumerate(self.members) for skill, level in one.held.items()
        ]
        wanted, held = (np.array(part, np.int64).reshape(-1, 3) for part in (rows, triples))
        needs = wanted[:, 2].astype(np.uint8)
        return LevelBlocks.build(
            np.array([-1 if one.level is None else one.level for one in self.members], np.int64),
            Requirements(len(self.requirements), self.n_skills, wanted[:, 0], wanted[:, 1], needs),
            HeldLevels(held[:, 0], held[:, 1], held[:, 2].astype(np.uint8)),
        )  # fmt: skip

    def strong(self) -> StrongLevels:
        """Levels 3 and 4, required or not."""
        rows = [
            (row, skill, level)
            for row, one in enumerate(self.members)
            for skill, level in one.held.items()
            if level >= 3
        ]
        found = np.array(rows, np.int64).reshape(-1, 3)
        return StrongLevels(found[:, 0], found[:, 1], found[:, 2].astype(np.uint8))

    def units(self) -> np.ndarray:
        """Unit codes, -1 for none."""
        return np.array([-1 if one.unit is None else one.unit for one in self.members], np.int64)

    def mask(self) -> np.ndarray:
        """Who is in the scope."""
        return np.array([one.in_scope for one in self.members], np.bool_)


def random_units(rng: random.Random, most: int = 40) -> SmallUnits:
    """One to four units of up to ``most`` people in all."""
    n_units, n_skills = rng.randrange(1, 5), rng.randrange(1, 8)
    requirements = [
        {skill: rng.randrange(1, 5) for skill in rng.sample(range(n_skills), rng.randrange(n_skills + 1))}
        for _ in range(rng.randrange(1, 5))
    ]
    rate = rng.choice((0.1, 0.3, 0.8))
    members = [
        Member(
            rng.randrange(n_units) if rng.random() < 0.95 else None,
            rng.randrange(len(requirements)) if rng.random() < 0.85 else None,
            rng.random() < 0.9,
            {skill: rng.randrange(5) for skill in range(n_skills) if rng.random() < rate},
        )
        for _ in range(rng.randrange(most + 1))
    ]
    return SmallUnits(members, requirements, n_units, n_skills)
