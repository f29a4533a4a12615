"""Every rating there ever was as columns, from which the levels of any day are picked without sorting anew."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from threading import Lock
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from app.db.database import IS_WRITE
from app.services.population import tables_since
from app.terms import AssessedBy

Codes = npt.NDArray[np.int32]
Bytes = npt.NDArray[np.uint8]
Picked = tuple[Codes, Codes, Bytes]

KINDS = tuple(AssessedBy)
_AT_ONCE = 50_000
_DAY_BITS, _ROW_BITS = 25, 33
_LEVEL_BITS, _KIND_BITS, _JULIAN_BITS = 3, 3, 23
_SMALL = _LEVEL_BITS + _KIND_BITS + _JULIAN_BITS
_BITS = 63
_JULIAN = 1_721_424
"""Whole part of the Julian day number at midnight before the first day a date can be."""

_WHEN = f"""
((CASE assessed_by {" ".join(f"WHEN '{kind.value}' THEN {at}" for at, kind in enumerate(KINDS))}
  ELSE {len(KINDS)} END) << {_JULIAN_BITS}) | CAST(julianday(assessed_on) AS INTEGER)
"""
_ROWS = """
SELECT group_concat(number, ' ') FROM (SELECT {numbers} AS number FROM assessment WHERE id BETWEEN ? AND ? ORDER BY id)
"""
"""Many rows as one text of numbers: read in two thirds of the time of rows, and without Python's lock, which a row
gives up and takes again each time. SQLite alone keeps days as texts such as 2026-11-26."""


def _numbers(skill_bits: int, *, is_one: bool) -> str:
    """Person, skill, level, kind and day in one number, or in two where the ids are too large for that."""
    pair = f"(person_id << {skill_bits}) | skill_id"
    rest = f"(level << {_KIND_BITS + _JULIAN_BITS}) | {_WHEN}"
    return f"(({pair}) << {_SMALL}) | {rest}" if is_one else f"({pair}) || ' ' || ({rest})"


def day_code(iso: str) -> int:
    """A day as a number in the same order."""
    return date.fromisoformat(iso).toordinal()


@dataclass(frozen=True, slots=True)
class RatingHistory:
    """Ratings in order of person, skill and id. ``kind`` is a place in :data:`KINDS`, ``day`` a :func:`day_code`."""

    person: Codes
    skill: Codes
    level: Bytes
    kind: Bytes
    day: Codes

    @classmethod
    def read(cls, cursor: Any, person_bits: int, skill_bits: int) -> RatingHistory:
        """From SQLite's own cursor, where no id has more bits than these."""
        is_one = person_bits + skill_bits + _SMALL <= _BITS
        query = _ROWS.format(numbers=_numbers(skill_bits, is_one=is_one))
        highest = cursor.execute("SELECT max(id) FROM assessment").fetchone()[0] or 0
        parts = [np.zeros(0, np.int64)]
        for first in range(0, highest + 1, _AT_ONCE):
            (words,) = cursor.execute(query, (first, first + _AT_ONCE - 1)).fetchone()
            if words:  # none where every row of the range was deleted; a single number comes as one
                parts.append(np.fromstring(str(words), dtype=np.int64, sep=" "))
        numbers = np.concatenate(parts)
        pair, rest = (numbers >> _SMALL, numbers) if is_one else (numbers[0::2], numbers[1::2])
        return cls._sorted(
            [
                (pair >> skill_bits).astype(np.int32),
                (pair & (1 << skill_bits) - 1).astype(np.int32),
                (rest >> _KIND_BITS + _JULIAN_BITS & (1 << _LEVEL_BITS) - 1).astype(np.uint8),
                (rest >> _JULIAN_BITS & (1 << _KIND_BITS) - 1).astype(np.uint8),
                ((rest & (1 << _JULIAN_BITS) - 1) - _JULIAN).astype(np.int32),
            ]
        )

    @classmethod
    def _sorted(cls, columns: list[Any]) -> RatingHistory:
        pairs = columns[0].astype(np.int64) << 24 | columns[1]
        if (pairs[1:] < pairs[:-1]).any():
            order = np.argsort(pairs, kind="stable")
            columns = [column[order] for column in columns]
        return cls(*columns)

    def levels_on(self, day: str, strength: Mapping[AssessedBy, int], after: str = "") -> Picked:
        """Person ids, skill ids and levels that count on a day: the strongest kind (0 first), the latest day, the
        latest id. Of ratings not later than ``day`` and, where given, later than ``after``; days in ISO form.
        """
        if not len(self.person):
            return self.person, self.skill, self.level
        ranks = [9 - strength.get(kind, 9) for kind in KINDS]
        worth = np.array([*ranks, 0], dtype=np.int64)[self.kind] << _DAY_BITS | self.day
        worth = worth << _ROW_BITS | np.arange(len(worth))
        counts = self.day <= day_code(day)
        if after:
            counts &= self.day > day_code(after)
        worth[~counts] = -1
        is_first = np.ones(len(worth), dtype=np.bool_)
        is_first[1:] = (self.person[1:] != self.person[:-1]) | (self.skill[1:] != self.skill[:-1])
        best = np.maximum.reduceat(worth, np.flatnonzero(is_first))
        rows = best[best >= 0] & (2**_ROW_BITS - 1)
        return self.person[rows], self.skill[rows], self.level[rows]


_kept: WeakKeyDictionary[Engine, tuple[int, RatingHistory]] = WeakKeyDictionary()
_lock = Lock()


def rating_history(session: Session, *, must_read: bool = True) -> RatingHistory | None:
    """The history as of the session's revision, read once for each; None on a server, which picks better itself, and
    inside a write.

    Without ``must_read`` only one that was read before.
    """
    connection = session.connection()
    if connection.dialect.name != "sqlite" or session.info.get(IS_WRITE):
        return None
    with _lock:
        revision = int(session.scalar(text("SELECT number FROM revision")) or 0)
        known = _kept.get(connection.engine)
        if known is not None and (
            known[0] == revision
            or (known[0] < revision and "assessment" not in tables_since(session, known[0]))
        ):
            _kept[connection.engine] = revision, known[1]
            return known[1]
        _kept.pop(connection.engine, None)
        if not must_read:
            return None
        highest = session.execute(
            text("SELECT (SELECT max(id) FROM person), (SELECT max(id) FROM skill)")
        ).one()
        person_bits, skill_bits = (int(number or 0).bit_length() for number in highest)
        cursor: Any = connection.connection.cursor()
        try:
            found = RatingHistory.read(cursor, person_bits, skill_bits)
        finally:
            cursor.close()
        _kept[connection.engine] = revision, found
        return found
