"""Who holds what at practitioner or above, whether or not the role requires it."""

from __future__ import annotations

from datetime import date

import numpy as np

from app.analysis.mentors import StrongLevels
from app.db.database import Database
from app.services.current_levels import Bytes, Ids, levels_as_at
from app.services.gap_base import GapBase
from app.terms import Level


class StrongLevelsCache:
    """The strong levels of the day looked at last, by revision."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._kept: tuple[tuple[int, date], StrongLevels] | None = None

    def get(self, base: GapBase) -> StrongLevels:
        """Levels 3 and 4 on the base's day as person rows and skill codes of the base; other skills left out."""
        key = (base.revision, base.day)
        if self._kept is None or self._kept[0] != key:
            with self._db.read() as session:
                person, skill, level = levels_as_at(session, base.day)
            is_strong = level >= int(Level.PRACTITIONER)
            self._kept = key, _as_codes(base, person[is_strong], skill[is_strong], level[is_strong])
        return self._kept[1]


def _as_codes(
    base: GapBase,
    person: Ids,
    skill: Ids,
    level: Bytes,
) -> StrongLevels:
    codes = np.full(max(int(skill.max(initial=0)), int(base.skill_ids.max(initial=0))) + 1, -1, np.int64)
    codes[base.skill_ids] = np.arange(len(base.skill_ids))
    ids = base.population.person_id
    row = np.searchsorted(ids, person)
    row[row == len(ids)] = 0
    is_known = (ids[row] == person) & (codes[skill] >= 0) if len(ids) else np.zeros(len(person), np.bool_)
    return StrongLevels(row[is_known].astype(np.int64), codes[skill[is_known]], level[is_known])
