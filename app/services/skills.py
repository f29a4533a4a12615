"""Skills over all framework versions: their weight and tag, and where the organisation stands in each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from sqlalchemy import text
from sqlalchemy.orm import Session
from sqlmodel import select

from app.analysis.gaps import by_skill
from app.analysis.mentors import surplus_by_skill
from app.change import Outcome
from app.db.database import Database
from app.errors import UsageError
from app.models import Skill
from app.services.gap_base import WEIGHT_ONE
from app.services.gaps import Gaps
from app.services.scope import Scope
from app.terms import name_key

LEAST_WEIGHT, MOST_WEIGHT = 0.1, 10.0
"""What a priority weight may be (PRODUCT, rule 4)."""


class SkillTag(StrEnum):
    """What the organisation thinks of a skill: on its way out, needed for where it is going, or neither."""

    NONE = ""
    LEGACY = "legacy"
    STRATEGIC = "strategic"


@dataclass(frozen=True, slots=True)
class SkillMark:
    """What is said about one skill: its tag and its priority weight."""

    tag: SkillTag
    weight: float


@dataclass(frozen=True, slots=True)
class SkillLine:
    """A skill with its figures over a scope (PRODUCT, rule 2).

    ``role_levels`` counts the role levels of all versions that require it; ``surplus`` the people who hold more than
    their role requires. A skill that is required and in which nobody is assessed is one to ask about.
    """

    skill_id: int
    skill: str
    tag: SkillTag
    weight: float
    role_levels: int
    required: int
    assessed: int
    meeting: int
    levels_short: int
    surplus: int

    @property
    def short(self) -> int:
        """People assessed below what their role requires."""
        return self.assessed - self.meeting

    @property
    def coverage(self) -> float | None:
        """Assessed of required; None where nobody is required."""
        return self.assessed / self.required if self.required else None

    @property
    def share_short(self) -> float | None:
        """Short of assessed; None where nobody is assessed."""
        return self.short / self.assessed if self.assessed else None

    @property
    def is_not_assessed(self) -> bool:
        """Whether it is required and nobody is assessed in it."""
        return self.required > 0 and self.assessed == 0


class Skills:
    """What the organisation says about skills."""

    def __init__(self, db: Database, gaps: Gaps) -> None:
        self._db = db
        self._gaps = gaps

    def lines(self, scope: Scope) -> tuple[SkillLine, ...]:
        """Every skill of every version by name, with its figures over the scope."""
        base = self._gaps.base(scope.as_at)
        mask = base.population.mask(scope)
        table, above = by_skill(base.blocks, mask), surplus_by_skill(base.blocks, mask)
        columns = (table.required[0], table.assessed[0], table.meeting[0], table.levels_short[0], above)
        figures = dict(
            zip(base.skill_ids.tolist(), np.stack(columns, axis=1).astype(np.int64).tolist(), strict=True)
        )
        with self._db.read() as session:
            rows = session.execute(text(_SKILLS)).all()
        return tuple(
            SkillLine(
                key, name, SkillTag(tag), weight / WEIGHT_ONE, levels, *figures.get(key, (0, 0, 0, 0, 0))
            )
            for key, name, tag, weight, levels in sorted(rows, key=lambda row: (row[1].casefold(), row[1]))
        )

    def marks(self) -> dict[str, SkillMark]:
        """Tag and weight of every skill by its name."""
        with self._db.read() as session:
            rows = session.execute(text("SELECT name, tag, weight FROM skill")).all()
        return {name: SkillMark(SkillTag(tag), weight / WEIGHT_ONE) for name, tag, weight in rows}

    def not_assessed(self, scope: Scope) -> tuple[SkillLine, ...]:
        """The skills required of somebody in the scope and assessed of nobody, most required first."""
        lines = [line for line in self.lines(scope) if line.is_not_assessed]
        return tuple(sorted(lines, key=lambda line: -line.required))

    def set_weight(self, names: Sequence[str], weight: float) -> Outcome[int] | None:
        """Give skills a priority weight of 0.1 to 10; plans and weighted figures follow it.

        Returns how many changed, None where all had that weight already. Raises UsageError for a weight out of
        range or a skill of no framework.
        """
        if not LEAST_WEIGHT <= weight <= MOST_WEIGHT:
            raise UsageError(f"A weight cannot be {weight:g}.", "Give one from 0.1 to 10.")
        kept = round(weight * WEIGHT_ONE)

        def put(row: Skill) -> None:
            row.weight = kept

        return self._change("Set skill weight", names, lambda row: row.weight != kept, put)

    def set_tag(self, names: Sequence[str], tag: SkillTag) -> Outcome[int] | None:
        """Tag skills as legacy or strategic, or take the tag away.

        Returns how many changed, None where all had that tag already. Raises UsageError for a skill of no framework.
        """

        def put(row: Skill) -> None:
            row.tag = tag.value

        return self._change("Tag skills", names, lambda row: row.tag != tag.value, put)

    def _change(
        self,
        action: str,
        names: Sequence[str],
        differs: Callable[[Skill], bool],
        put: Callable[[Skill], None],
    ) -> Outcome[int] | None:
        with self._db.read() as session:
            if not any(differs(row) for row in _named(session, names)):
                return None
        with self._db.write(action) as w:
            rows = [row for row in _named(w.session, names) if differs(row)]
            for row in rows:
                put(row)
            w.describe(skills=len(rows))
        return w.outcome(len(rows))


_SKILLS = """
SELECT s.id, s.name, s.tag, s.weight,
       (SELECT count(*) FROM requirement AS q WHERE q.skill_id = s.id AND q.level IS NOT NULL)
FROM skill AS s
"""


def _named(session: Session, names: Sequence[str]) -> list[Skill]:
    """The skills with these names, regardless of case; UsageError for one that is not there."""
    known = {name_key(row.name): row for row in session.scalars(select(Skill))}
    missing = [name for name in names if name_key(name) not in known]
    if missing:
        raise UsageError(f"There is no skill called “{missing[0]}”.", "`muster skills list` lists them.")
    return [known[key] for key in dict.fromkeys(name_key(name) for name in names)]
