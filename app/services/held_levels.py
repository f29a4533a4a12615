"""Every level people hold on a day, required or not, so kept that those of some people are at hand at once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from threading import Lock

import numpy as np

from app.db.database import Database
from app.services.current_levels import Bytes, Ids, levels_as_at
from app.services.population import Ints


@dataclass(frozen=True, slots=True)
class HeldByPerson:
    """Levels in order of person: those of person id ``p`` are ``skill`` (ids) and ``level`` from ``starts[p]`` on to
    ``starts[p + 1]``."""

    starts: Ints
    skill: Ids
    level: Bytes

    @classmethod
    def of(cls, person: Ids, skill: Ids, level: Bytes) -> HeldByPerson:
        """From columns in order of person."""
        counts = np.bincount(person, minlength=1)
        return cls(np.concatenate([[0], np.cumsum(counts)]), skill, level)

    def among(self, person_ids: Ints) -> tuple[Ints, Ids, Bytes]:
        """The levels of these people: their places in ``person_ids``, skill ids and levels."""
        known = len(self.starts) - 1
        ids = np.where(person_ids < known, person_ids, 0)
        counts = np.where(person_ids < known, self.starts[ids + 1] - self.starts[ids], 0)
        place = np.repeat(np.arange(len(person_ids)), counts)
        before = np.cumsum(counts) - counts
        at = np.arange(len(place)) - before[place] + self.starts[ids][place]
        return place, self.skill[at], self.level[at]


class HeldLevelsCache:
    """The levels of the day looked at last, by revision."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._kept: tuple[tuple[int, date], HeldByPerson] | None = None
        self._lock = Lock()

    def get(self, revision: int, day: date) -> HeldByPerson:
        """The levels held on a day, as of a revision."""
        with self._lock:
            if self._kept is None or self._kept[0] != (revision, day):
                with self._db.read() as session:
                    self._kept = (revision, day), HeldByPerson.of(*levels_as_at(session, day))
            return self._kept[1]
