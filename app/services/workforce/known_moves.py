"""People whose role changes on a day that is known: apprentices who finish, people in training for another role.

A primary role that counts and begins after the day of the forecast is such a day; so is the end of a role that nothing
follows. Unit, grade and FTE stay as they are, because nothing is known of theirs.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.analysis.supply import Ints, KnownMoves
from app.files.words import grade_of
from app.services.people_import import as_date
from app.services.population import Population
from app.services.scope import Scope
from app.terms import FinancialQuarter

CellKey = tuple[int, int, str]
"""Unit id, role level id, grade."""

_MOVING = """
SELECT DISTINCT c.person_id FROM role_assignment AS c
WHERE c.is_primary AND c.source IN ('confirmed', 'imported') AND (c.valid_from > :day OR c.valid_to > :day)
"""

_CHANGES = f"""
SELECT a.person_id, a.role_level_id, a.valid_from, a.valid_to
FROM role_assignment AS a
WHERE a.is_primary AND a.source IN ('confirmed', 'imported') AND (a.valid_to IS NULL OR a.valid_to > :day)
  AND a.person_id IN ({_MOVING})
ORDER BY a.person_id, a.valid_from, a.id
"""


def people_moving(session: Session, day: date) -> dict[int, date | None]:
    """Everybody whose role changes on a known day after this one, by id.

    With the day from which they have none where no other follows, None where one does.
    """
    found: dict[int, date | None] = {}
    for person, held in _changes(session, day).items():
        is_followed = any(level and begun > day for level, begun, _ in held)
        ends = [ended for level, _, ended in held if level and ended is not None]
        found[person] = None if is_followed or not ends else max(ends)
    return found


def _changes(session: Session, day: date) -> dict[int, list[tuple[int, date, date | None]]]:
    """By person whose role changes: level (0: none), first day and day after the last of each role from a day on."""
    found: dict[int, list[tuple[int, date, date | None]]] = defaultdict(list)
    for person, level, starts, ends in session.execute(text(_CHANGES), {"day": day.isoformat()}):
        begun = as_date(starts)
        if begun is not None:
            found[person].append((level or 0, begun, as_date(ends)))
    return found


@dataclass(frozen=True, slots=True)
class Track:
    """Where somebody is counted now and at the end of each quarter (``cells`` [Q + 1], None: nowhere).

    ``settled`` is the quarter (from 1) from whose end they move like everybody else, None where a last day is known;
    ``last`` the last quarter (from 0, the start) at whose end they are still there.
    """

    person_id: int
    cells: tuple[CellKey | None, ...]
    settled: int | None
    last: int


def known_tracks(
    session: Session,
    population: Population,
    scope: Scope,
    fits: Callable[[int], bool],
    quarters: tuple[FinancialQuarter, int],
) -> list[Track]:
    """Everybody whose role changes by a known day within the quarters; ``fits`` tells which role levels count."""
    changes = _changes(session, population.day)
    if not changes:
        return []
    # whose role does not fit today may come into one that does
    around = population.mask(replace(scope, role_family="", framework=""))
    here = np.flatnonzero(around & np.isin(population.person_id, list(changes)))
    found: list[Track] = []
    for row in here.tolist():
        person = int(population.person_id[row])
        track = _track(population, row, changes[person], fits, quarters)
        if track is not None:
            found.append(track)
    return found


def _track(
    population: Population,
    row: int,
    changes: list[tuple[int, date, date | None]],
    fits: Callable[[int], bool],
    quarters: tuple[FinancialQuarter, int],
) -> Track | None:
    """The track of one person; None where their role stays the same."""
    first, count = quarters
    unit, grade = int(population.unit_id[row]), grade_of(population.grade.words[population.grade.codes[row]])
    leaves = int(population.last_day[row])
    days = [population.day, *((first + at).last_day for at in range(count))]
    cells: list[CellKey | None] = []
    last = 0
    for at, day in enumerate(days):
        level = _level_on(changes, day)
        is_there = at == 0 or leaves >= day.toordinal()
        last = at if is_there else last
        cells.append((unit, level, grade) if level and fits(level) and is_there else None)
    changed = [at for at in range(1, last + 1) if cells[at] != cells[at - 1]]
    if not changed:
        return None
    is_known = leaves < date.max.toordinal()
    return Track(int(population.person_id[row]), tuple(cells), None if is_known else changed[-1], last)


def _level_on(changes: list[tuple[int, date, date | None]], day: date) -> int:
    """The role level on a day, 0 for none; of several the one that began last."""
    held = [level for level, begun, ended in changes if begun <= day and (ended is None or ended > day)]
    return held[-1] if held else 0


@dataclass(frozen=True, slots=True)
class TrackCounts:
    """Tracks as heads: ``known`` [Q + 1 × C] certain ones, ``starting`` [Q × C] who begin to move like others."""

    known: Ints
    starting: Ints
    moves: KnownMoves


def count_tracks(tracks: list[Track], place: Mapping[CellKey, int], quarters: int) -> TrackCounts:
    """The heads and moves of all tracks, by column of their cells."""
    known = np.zeros((quarters + 1, len(place)), dtype=np.int64)
    starting = np.zeros((quarters, len(place)), dtype=np.int64)
    moves = KnownMoves.none(quarters, len(place))
    for track in tracks:
        for at, cell in enumerate(track.cells):
            is_certain = track.settled is None or at < track.settled
            if cell is not None and is_certain:
                known[at, place[cell]] += 1
            if not 1 <= at <= min(track.last, track.settled or quarters):
                continue
            before = track.cells[at - 1]
            if before == cell:
                continue
            if before is not None:
                moves.out[at - 1, place[before]] += 1
            if cell is not None and is_certain:
                moves.held[at - 1, place[cell]] += 1
            elif cell is not None:
                moves.free[at - 1, place[cell]] += 1
                starting[at - 1, place[cell]] += 1
    return TrackCounts(known, starting, moves)
