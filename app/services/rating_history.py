"""Every rating there ever was as columns, from which the levels of any day are picked without sorting anew."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import islice
from operator import itemgetter
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
_AT_ONCE = 100_000
_DAY_BITS, _ROW_BITS = 25, 33
_LEVEL_BITS, _KIND_BITS, _JULIAN_BITS = 3, 3, 23
_BITS = 63
_JULIAN = 1_721_424
"""Whole part of the Julian day number at midnight before the first day a date can be."""

_KIND = f"""CASE assessed_by {" ".join(f"WHEN '{kind.value}' THEN {at}" for at, kind in enumerate(KINDS))}
 ELSE {len(KINDS)} END"""
_WHEN = f"(({_KIND}) << {_JULIAN_BITS}) | CAST(julianday(assessed_on) AS INTEGER)"
_ROWS = f"SELECT (person_id << 32) | (skill_id << 8) | level, {_WHEN} FROM assessment ORDER BY id"
"""For ids too large to be read as one number. SQLite alone keeps days as texts such as 2026-11-26."""


def _rows_of_one_number(skill_bits: int) -> str:
    """Person, skill, level, kind and day in one number a row: read in half the time of two."""
    level = _KIND_BITS + _JULIAN_BITS
    skill = level + _LEVEL_BITS
    return (
        f"SELECT (person_id << {skill + skill_bits}) | (skill_id << {skill}) | (level << {level}) | {_WHEN} "
        "FROM assessment ORDER BY id"
    )


def day_code(iso: str) -> int:
    """A day as a number in the same order."""
    return date.fromisoformat(iso).toordinal()


_Part = tuple[Codes, Codes, Bytes, Bytes, Codes]


def _part(person: Any, skill: Any, level: Any, when: Any) -> _Part:
    return (
        person.astype(np.int32),
        skill.astype(np.int32),
        level.astype(np.uint8),
        (when >> _JULIAN_BITS).astype(np.uint8),
        ((when & (1 << _JULIAN_BITS) - 1) - _JULIAN).astype(np.int32),
    )


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
        if person_bits + skill_bits + _LEVEL_BITS + _KIND_BITS + _JULIAN_BITS <= _BITS:
            rows = cursor.execute(_rows_of_one_number(skill_bits))
            return cls.of_numbers(map(itemgetter(0), rows), skill_bits)
        return cls.of_rows(cursor.execute(_ROWS))

    @classmethod
    def of_rows(cls, rows: Iterable[tuple[int, int]]) -> RatingHistory:
        """From rows of two packed numbers in order of id."""
        each = iter(rows)
        parts = [cls._of_two(chunk) for chunk in iter(lambda: list(islice(each, _AT_ONCE)), [])]
        return cls._of_parts(parts)

    @classmethod
    def of_numbers(cls, numbers: Iterable[int], skill_bits: int) -> RatingHistory:
        """From one packed number a row in order of id, as :func:`_rows_of_one_number` selects them."""
        each = iter(numbers)
        parts: list[_Part] = []
        while len(packed := np.fromiter(islice(each, _AT_ONCE), dtype=np.int64)):
            when, pair = packed & (1 << _KIND_BITS + _JULIAN_BITS) - 1, packed >> _KIND_BITS + _JULIAN_BITS
            level, pair = pair & (1 << _LEVEL_BITS) - 1, pair >> _LEVEL_BITS
            parts.append(_part(pair >> skill_bits, pair & (1 << skill_bits) - 1, level, when))
        return cls._of_parts(parts)

    @staticmethod
    def _of_two(chunk: list[tuple[int, int]]) -> _Part:
        both = np.array(chunk, dtype=np.int64)
        pair, when = both[:, 0], both[:, 1]
        return _part(pair >> 32, pair >> 8 & 0xFFFFFF, pair & 0xFF, when)

    @classmethod
    def _of_parts(cls, parts: list[_Part]) -> RatingHistory:
        kinds = (np.int32, np.int32, np.uint8, np.uint8, np.int32)
        columns: list[Any] = [
            np.concatenate([part[at] for part in parts]) if parts else np.zeros(0, kind)
            for at, kind in enumerate(kinds)
        ]
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
