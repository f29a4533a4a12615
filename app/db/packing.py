"""Packed copies: the people and current levels of a block of 1,024 neighbouring ids as one blob each.

Half a million people load in a fraction of a second that way, against seconds row by row. The rows stay the
truth: :func:`refresh` is called by every write for the blocks it touched, in its own transaction, and
:func:`differences` compares the two. A block of people says what holds from its ``settled_on`` day on, the last day
on which any of its spells or counting roles begins or ends; earlier days are read from the rows.

Numbers lie low byte first. People: format byte, three spare, count, :data:`PERSON` records, then the words of
:data:`WORDS` as lines of JSON, each a list in order. Levels: format byte, width of a skill id, two spare, count, then
columns of place in the block (2 bytes), skill id and level (1 byte).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
from sqlalchemy import Connection, text

BLOCK_BITS = 10
FORMAT = 1
LAST_DAY = date.max.toordinal()
WORDS = ("grade", "employment", "status", "location", "profession", "mapped_kind")
PERSON = np.dtype(
    [
        ("person_id", "<i4"), ("unit_id", "<i4"), ("role_level_id", "<i4"), ("fte_hundredths", "<i4"),
        ("first_day", "<i4"), ("last_day", "<i4"), ("words", "<u2", (len(WORDS),)),
    ]
)  # fmt: skip

_AT_ONCE = 32
"""Blocks read from the rows together: bounds the memory of packing everything."""

Ints = npt.NDArray[np.int64]
Records = npt.NDArray[np.void]
Words = tuple[list[str], ...]

_SPELLS = """
SELECT s.person_id, s.unit_id, s.fte_hundredths, p.start_date, p.end_date, s.valid_from, s.valid_to,
       s.grade, s.employment, s.status, s.location, p.profession
FROM person_spell AS s JOIN person AS p ON p.id = s.person_id
WHERE s.person_id BETWEEN {first} AND {last} ORDER BY s.person_id, s.id
"""
_ROLES = """
SELECT person_id, role_level_id, kind, valid_from, valid_to FROM role_assignment
WHERE person_id BETWEEN {first} AND {last} AND is_primary AND source IN ('confirmed', 'imported')
ORDER BY person_id, id
"""
_LEVELS = """
SELECT CAST(person_id AS BIGINT) * 1099511627776 + CAST(skill_id AS BIGINT) * 256 + level
FROM current_level WHERE person_id BETWEEN {first} AND {last} ORDER BY person_id, skill_id
"""
_LATEST = """
SELECT person_id / 1024, max(assessed_on) FROM assessment
WHERE person_id BETWEEN {first} AND {last} GROUP BY person_id / 1024
"""
_PUT = """
INSERT INTO {table} (block, {day}, revision, body) VALUES (:block, :day, :revision, :body)
ON CONFLICT (block) DO UPDATE SET {day} = excluded.{day}, revision = excluded.revision, body = excluded.body
"""


@dataclass(frozen=True, slots=True)
class PeopleBlock:
    """The people of one block as records; the codes in ``words`` are places in its own lists."""

    block: int
    settled_on: int
    revision: int
    records: Records
    words: Words


@dataclass(frozen=True, slots=True)
class LevelsBlock:
    """The current levels of one block as columns, by person and skill; ``place`` is person id less block start."""

    block: int
    latest_on: int
    revision: int
    place: npt.NDArray[np.uint16]
    skill: npt.NDArray[np.unsignedinteger[Any]]
    level: npt.NDArray[np.uint8]

    @property
    def person(self) -> npt.NDArray[np.int32]:
        """Person ids."""
        return self.place.astype(np.int32) + np.int32(self.block << BLOCK_BITS)


def block_of(person_id: int) -> int:
    """The block in which a person is packed."""
    return person_id >> BLOCK_BITS


def blocks_of(person_ids: Iterable[int]) -> set[int]:
    """The blocks in which these people are packed."""
    if isinstance(person_ids, range):
        return (
            set(range(person_ids[0] >> BLOCK_BITS, (person_ids[-1] >> BLOCK_BITS) + 1))
            if person_ids
            else set()
        )
    ids = np.fromiter(person_ids, dtype=np.int64)
    return set(np.unique(ids >> BLOCK_BITS).tolist())


def day_number(value: object, blank: int) -> int:
    """A date as a day number (ISO text from SQLite, a date from a server); ``blank`` for none."""
    if value is None:
        return blank
    return (value if isinstance(value, date) else date.fromisoformat(str(value))).toordinal()


def refresh(connection: Connection, people: set[int], levels: set[int], revision: int) -> None:
    """Pack these blocks again from their rows, as of the revision that touched them."""
    for first, last in _stretches(people):
        found = [
            {"block": one.block, "day": one.settled_on, "revision": revision, "body": people_body(one)}
            for one in people_from_rows(connection, first, last)
        ]
        connection.execute(text(_PUT.format(table="packed_people", day="settled_on")), found)
    for first, last in _stretches(levels):
        found = [
            {"block": one.block, "day": one.latest_on, "revision": revision, "body": levels_body(one)}
            for one in levels_from_rows(connection, first, last)
        ]
        connection.execute(text(_PUT.format(table="packed_levels", day="latest_on")), found)


def all_blocks(connection: Connection) -> set[int]:
    """Every block there may be people in."""
    highest = connection.execute(text("SELECT max(id) FROM person")).scalar()
    known = {row[0] for row in connection.execute(text("SELECT block FROM packed_people"))}
    known |= {row[0] for row in connection.execute(text("SELECT block FROM packed_levels"))}
    return known if highest is None else known | set(range(block_of(highest) + 1))


def pack_all(connection: Connection) -> None:
    """Pack everything from the rows: after the steps of the schema."""
    revision = int(connection.execute(text("SELECT max(number) FROM revision")).scalar() or 0)
    blocks = all_blocks(connection)
    refresh(connection, blocks, blocks, revision)


def read_people(connection: Connection, since: int = -1) -> Iterator[PeopleBlock]:
    """The packed people, of blocks written after revision ``since``, in order."""
    query = text(
        "SELECT block, settled_on, revision, body FROM packed_people WHERE revision > :since ORDER BY block"
    )
    known: dict[bytes, list[str]] = {}  # the words of a column are often those of the block before
    for block, settled_on, revision, body in connection.execute(query, {"since": since}):
        count = int.from_bytes(body[4:8], "little")
        end = 8 + count * PERSON.itemsize
        lines = bytes(body[end:]).split(b"\n")
        words = tuple(known.get(line) or known.setdefault(line, json.loads(line)) for line in lines)
        yield PeopleBlock(block, settled_on, revision, np.frombuffer(body, PERSON, count, 8), words)


def read_levels(connection: Connection, since: int = -1) -> Iterator[LevelsBlock]:
    """The packed levels, of blocks written after revision ``since``, in order."""
    query = text(
        "SELECT block, latest_on, revision, body FROM packed_levels WHERE revision > :since ORDER BY block"
    )
    for block, latest_on, revision, body in connection.execute(query, {"since": since}):
        width, count = body[1], int.from_bytes(body[4:8], "little")
        yield LevelsBlock(
            block,
            latest_on,
            revision,
            np.frombuffer(body, "<u2", count, 8),
            np.frombuffer(body, f"<u{width}", count, 8 + 2 * count),
            np.frombuffer(body, np.uint8, count, 8 + (2 + width) * count),
        )


def differences(connection: Connection) -> int:
    """How many blocks of the packed copies are not what their rows say; 0 when all is well."""
    blocks = all_blocks(connection)
    people = {one.block: (one.settled_on, people_body(one)) for one in read_people(connection)}
    levels = {one.block: (one.latest_on, levels_body(one)) for one in read_levels(connection)}
    wrong = 0
    for first, last in _stretches(blocks):
        for one in people_from_rows(connection, first, last):
            held = people.get(one.block)
            is_blank = held is None and not len(one.records)
            wrong += not is_blank and held != (one.settled_on, people_body(one))
        for one in levels_from_rows(connection, first, last):
            held = levels.get(one.block)
            is_blank = held is None and not len(one.place) and not one.latest_on
            wrong += not is_blank and held != (one.latest_on, levels_body(one))
    return wrong


def people_body(block: PeopleBlock) -> bytes:
    """The blob of a block of people."""
    head = bytes([FORMAT, 0, 0, 0]) + len(block.records).to_bytes(4, "little")
    words = "\n".join(json.dumps(words, ensure_ascii=False, separators=(",", ":")) for words in block.words)
    return head + block.records.tobytes() + words.encode("utf-8")


def levels_body(block: LevelsBlock) -> bytes:
    """The blob of a block of levels."""
    width = 2 if int(block.skill.max(initial=0)) <= 0xFFFF else 4
    head = bytes([FORMAT, width, 0, 0]) + len(block.place).to_bytes(4, "little")
    return b"".join(
        (
            head,
            block.place.astype("<u2").tobytes(),
            block.skill.astype(f"<u{width}").tobytes(),
            block.level.tobytes(),
        )
    )


def people_from_rows(connection: Connection, first: int, last: int) -> Iterator[PeopleBlock]:
    """The blocks ``first`` to ``last`` as the rows have them, with an empty one where nobody is."""
    spells = _columns(connection, _SPELLS, first, last, 12)
    roles = _columns(connection, _ROLES, first, last, 5)
    role_of = {
        person: (level or 0, kind)
        for person, level, kind, until in zip(*roles[:3], roles[4], strict=True)
        if until is None
    }
    changes = _latest_of(spells[0], spells[5:7]), _latest_of(roles[0], roles[3:5])
    person = np.fromiter(spells[0], np.int64, len(spells[0]))
    is_open = np.fromiter((until is None for until in spells[6]), np.bool_, len(person))
    for block in range(first, last + 1):
        start, end = np.searchsorted(person, [block << BLOCK_BITS, (block + 1) << BLOCK_BITS]).tolist()
        places = (np.flatnonzero(is_open[start:end]) + start).tolist()
        chosen = [[column[place] for place in places] for column in spells]
        settled = max(found.get(block, 0) for found in changes)
        yield _people_block(block, settled, chosen, [role_of.get(one, (0, "")) for one in chosen[0]])


def _people_block(
    block: int, settled_on: int, spells: Sequence[Sequence[Any]], roles: Sequence[tuple[int, str]]
) -> PeopleBlock:
    records = np.zeros(len(roles), PERSON)
    records["person_id"], records["unit_id"], records["fte_hundredths"] = spells[:3]
    for name, column, blank in (("first_day", spells[3], 0), ("last_day", spells[4], LAST_DAY)):
        number_of = {value: day_number(value, blank) for value in set(column)}
        records[name] = [number_of[value] for value in column]
    records["role_level_id"] = [level for level, _ in roles]
    words: list[list[str]] = []
    for at, column in enumerate((*spells[7:], [kind for _, kind in roles])):
        used = sorted(set(column))
        code_of = {word: code for code, word in enumerate(used)}
        records["words"][:, at] = [code_of[word] for word in column]
        words.append(used)
    return PeopleBlock(block, settled_on, 0, records, tuple(words))


def _latest_of(person: Sequence[int], days: Sequence[Sequence[Any]]) -> dict[int, int]:
    """The last of some days in each block, as a day number."""
    latest: dict[int, int] = {}
    known: dict[object, int] = {}
    for column in days:
        for one, day in zip(person, column, strict=True):
            if day is None:
                continue
            number = known.get(day) or known.setdefault(day, day_number(day, 0))
            block = one >> BLOCK_BITS
            if number > latest.get(block, 0):
                latest[block] = number
    return latest


def levels_from_rows(connection: Connection, first: int, last: int) -> Iterator[LevelsBlock]:
    """The blocks ``first`` to ``last`` as the rows have them, with an empty one where nobody is rated."""
    packed = np.fromiter((row[0] for row in _rows(connection, _LEVELS, first, last)), np.int64)
    latest = {int(block): day_number(day, 0) for block, day in _rows(connection, _LATEST, first, last)}
    person = packed >> 40
    for block in range(first, last + 1):
        start, end = np.searchsorted(person, [block << BLOCK_BITS, (block + 1) << BLOCK_BITS]).tolist()
        part = packed[start:end]
        skill = (part >> 8) & 0xFFFFFFFF
        yield LevelsBlock(
            block,
            latest.get(block, 0),
            0,
            (person[start:end] - (block << BLOCK_BITS)).astype(np.uint16),
            skill.astype(np.uint32),
            (part & 0xFF).astype(np.uint8),
        )


def _columns(connection: Connection, query: str, first: int, last: int, width: int) -> list[Sequence[Any]]:
    rows = _rows(connection, query, first, last)
    return [[row[at] for row in rows] for at in range(width)]


def _rows(connection: Connection, query: str, first: int, last: int) -> list[tuple[Any, ...]]:
    """Rows of a range of blocks straight from the driver: half the time of the layers above it."""
    cursor: Any = connection.connection.cursor()
    try:
        cursor.execute(query.format(first=first << BLOCK_BITS, last=((last + 1) << BLOCK_BITS) - 1))
        return cursor.fetchall()
    finally:
        cursor.close()


def _stretches(blocks: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Neighbouring blocks as ranges, none longer than :data:`_AT_ONCE`."""
    first = last = -1
    for block in sorted(blocks):
        if first >= 0 and block == last + 1 and block - first < _AT_ONCE:
            last = block
            continue
        if first >= 0:
            yield first, last
        first = last = block
    if first >= 0:
        yield first, last
