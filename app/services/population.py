"""Who counts on a day: people, their unit, grade and role level as columns (PRODUCT, rule 1).

Shared by the services that need people as arrays. Loaded from the packed copies once per day, and again only where
people changed; a change of filter only makes another mask.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from threading import Lock
from typing import Any

import numpy as np
import numpy.typing as npt
from sqlalchemy import bindparam, text
from sqlalchemy.orm import Session
from sqlmodel import col, select

from app.db.database import Database
from app.db.packing import LAST_DAY, PERSON, WORDS, PeopleBlock, Records, day_number, read_people
from app.errors import UsageError
from app.models import ActionEntry, Revision
from app.services.packed_text import PackedText
from app.services.scope import Scope, path_key
from app.services.text_columns import CodedText, ReadPacked, ReadSome, ReadTexts, StoredColumn, StoredTexts
from app.terms import Employment, PersonStatus, name_key

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

Codes = npt.NDArray[np.int32]

RESTS_ON = frozenset(
    {
        "person",
        "person_spell",
        "role_assignment",
        "unit",
        "role_level",
        "role",
        "role_family",
        "framework_version",
    }
)
"""The tables a population is read from: a write that touches none of them leaves it as it is."""

READ_AT_ONCE = 50_000
"""Up to so many people their names are read with them; of more only those that are shown."""

_MOST_MASKS = 64

_PEOPLE = """
SELECT p.id, s.unit_id, s.fte_hundredths, p.start_date, p.end_date, s.grade, s.employment, s.status, s.location,
       p.profession
FROM person_spell AS s JOIN person AS p ON p.id = s.person_id
WHERE s.valid_from <= :day AND (s.valid_to IS NULL OR s.valid_to > :day) {narrow}
ORDER BY p.id, s.id
"""

_TEXTS = """
SELECT p.id, p.staff_id, p.name, s.job_title
FROM person_spell AS s JOIN person AS p ON p.id = s.person_id
WHERE p.id BETWEEN {first} AND {last}
  AND s.valid_from <= '{day}' AND (s.valid_to IS NULL OR s.valid_to > '{day}')
ORDER BY p.id, s.id
"""

_BETWEEN = "\x1f"
_TEXTS_PACKED = f"""
SELECT group_concat(id, ' '), group_concat(staff_id, '{_BETWEEN}'), group_concat(name, '{_BETWEEN}'),
       group_concat(job_title, '{_BETWEEN}')
FROM ({_TEXTS})
"""
"""Many people in one row, in SQLite alone: no turn at Python's lock is taken for each of them."""

_TEXTS_OF_SOME = """
SELECT p.id, p.staff_id, p.name, s.job_title
FROM person_spell AS s JOIN person AS p ON p.id = s.person_id
WHERE s.person_id IN :people
  AND s.valid_from <= :day AND (s.valid_to IS NULL OR s.valid_to > :day)
"""
_MOST_IN_LIST = 900

_ROLES = """
SELECT a.person_id, a.role_level_id, a.kind
FROM role_assignment AS a
WHERE a.is_primary AND a.source IN ('confirmed', 'imported')
  AND a.valid_from <= :day AND (a.valid_to IS NULL OR a.valid_to > :day) {narrow}
ORDER BY a.person_id, a.id
"""

_CHANGED_SINCE = """
SELECT person_id FROM person_spell WHERE valid_from > :day OR valid_to > :day
UNION
SELECT person_id FROM role_assignment
WHERE is_primary AND source IN ('confirmed', 'imported') AND (valid_from > :day OR valid_to > :day)
LIMIT :most
"""
MOST_CORRECTED = 50_000
"""People changed since a day up to whom the packed copies are corrected; for more everybody is read from the rows."""

_LEVELS = """
SELECT l.id, l.name, l.seniority, r.id, r.name, f.id, f.name, v.id, v.label
FROM role_level AS l
JOIN role AS r ON r.id = l.role_id
JOIN role_family AS f ON f.id = r.role_family_id
JOIN framework_version AS v ON v.id = f.framework_version_id
ORDER BY v.id, f.position, r.position, l.seniority
"""


@dataclass(frozen=True, slots=True)
class UnitLine:
    """A unit of the tree; ``department_id`` is the unit at the top of its branch."""

    unit_id: int
    parent_id: int | None
    name: str
    path: str
    depth: int
    department_id: int


@dataclass(frozen=True, slots=True)
class RoleLevelLine:
    """A role level with the names above it."""

    role_level_id: int
    name: str
    seniority: int
    role_id: int
    role: str
    family_id: int
    family: str
    version_id: int
    version: str

    def is_in(self, scope: Scope) -> bool:
        """Whether a scope's role family and framework take the level in."""
        if scope.role_family and name_key(self.family) != name_key(scope.role_family):
            return False
        return not scope.framework or name_key(self.version) == name_key(scope.framework)


@dataclass(frozen=True, slots=True)
class Placed:
    """Where everybody stands on one day: what a scope chooses from.

    ``role_level_id`` is 0 where nobody has given the person a counting role. ``is_present`` is False for people
    absent, on loan, on notice, gone, or not started yet.
    """

    unit_id: Codes
    role_level_id: Codes
    is_present: Flags
    is_contractor: Flags
    units: dict[int, UnitLine]
    levels: dict[int, RoleLevelLine]

    def choose(self, scope: Scope) -> Flags:
        """The people a scope takes in: present on the day, in the units, family, framework and employment."""
        chosen = self.is_present.copy()
        if not scope.with_contractors:
            chosen &= ~self.is_contractor
        if scope.departments:
            wanted = self.units_below(scope.departments)
            chosen &= self._lookup(self.unit_id, dict.fromkeys(wanted, 1)) > 0
        if scope.role_family or scope.framework:
            fitting = [key for key, line in self.levels.items() if line.is_in(scope)]
            chosen &= self._lookup(self.role_level_id, dict.fromkeys(fitting, 1)) > 0
        return chosen

    def units_below(self, paths: Sequence[str]) -> set[int]:
        """Ids of the units with these paths (or unique names) and of everything below them."""
        tops = {self.find_unit(path).unit_id for path in paths}
        inside: set[int] = set()
        for unit in self.units.values():
            node: UnitLine | None = unit
            while node is not None:
                if node.unit_id in tops:
                    inside.add(unit.unit_id)
                    break
                node = self.units.get(node.parent_id) if node.parent_id else None
        return inside

    def find_unit(self, path: str) -> UnitLine:
        """The unit with this path, or with this name where only one has it; UsageError otherwise."""
        key = path_key(path)
        exact = [unit for unit in self.units.values() if path_key(unit.path) == key]
        named = exact or [unit for unit in self.units.values() if name_key(unit.name) == key]
        if len(named) == 1:
            return named[0]
        if not named:
            raise UsageError(
                f"There is no department or unit called “{path}”.",
                "Use a name or a path such as “Home Office / Data”; `muster gaps --by unit` lists them.",
            )
        paths = "; ".join(sorted(unit.path for unit in named)[:5])
        raise UsageError(f"Several units are called “{path}”: {paths}.", "Name one by its whole path.")

    @staticmethod
    def _lookup(values: Codes, table: dict[int, int]) -> Ints:
        size = int(values.max(initial=0)) + 1
        codes = np.zeros(max(size, max(table, default=0) + 1), dtype=np.int64)
        for key, value in table.items():
            codes[key] = value
        return codes[values]


@dataclass(frozen=True, slots=True)
class Population(Placed):
    """Everybody in the workspace on one day, one entry per person in every column.

    Words are coded; staff ids, names and titles are read when they are asked for. ``last_day`` is a day number, that
    of ``date.max`` where none is known.
    """

    day: date
    person_id: Ints
    staff_id: Sequence[str]
    name: Sequence[str]
    grade: CodedText
    employment: CodedText
    status: CodedText
    fte_hundredths: Codes
    job_title: Sequence[str]
    location: CodedText
    profession: CodedText
    mapped_kind: CodedText
    last_day: Codes
    _masks: dict[Scope, Flags] = field(init=False, repr=False, compare=False, default_factory=dict)
    _name_ranks: list[Ints] = field(init=False, repr=False, compare=False, default_factory=list)
    _listed: dict[str, Any] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __len__(self) -> int:
        return len(self.person_id)

    def mask(self, scope: Scope) -> Flags:
        """As :meth:`choose`, worked out once for each scope; the caller may change what it gets."""
        known = self._masks.get(scope)
        if known is None:
            known = self._masks[scope] = self.choose(scope)
            while len(self._masks) > _MOST_MASKS:
                self._masks.pop(next(iter(self._masks)), None)
        return known.copy()

    def placed(self) -> Placed:
        """What a scope chooses from, without the rest of what is known of people."""
        return Placed(
            self.unit_id, self.role_level_id, self.is_present, self.is_contractor, self.units, self.levels
        )

    def places_of(self, person_ids: Iterable[int]) -> dict[int, int]:
        """The place of each of some people by id; whoever is not there is left out."""
        ids = np.unique(np.fromiter(person_ids, dtype=np.int64))
        places = np.searchsorted(self.person_id, ids)
        is_there = places < len(self)
        is_there[is_there] = self.person_id[places[is_there]] == ids[is_there]
        return dict(zip(ids[is_there].tolist(), places[is_there].tolist(), strict=True))

    def fetch_texts(self, places: Sequence[int]) -> None:
        """Read staff ids, names and titles of these people together, before they are asked for one by one."""
        if isinstance(self.name, StoredColumn):
            self.name.fetch(places)

    def packed(self, column: str) -> PackedText:
        """``staff_id``, ``name`` or ``job_title`` of everybody as a packed column."""
        texts: Sequence[str] = getattr(self, column)
        if isinstance(texts, StoredColumn):
            return texts.packed()
        return self._once(f"packed {column}", lambda: PackedText.of(texts))

    def job_titles(self) -> CodedText:
        """The job titles of everybody by code."""
        return self._once("job titles", lambda: CodedText.of(self.packed("job_title")))

    def by_name(self) -> Ints:
        """The places of everybody in order of name, whatever the case, then of staff id."""
        return self._once("by name", self._by_name)

    def _by_name(self) -> Ints:
        names = self.packed("name").folded(str.casefold).ranks()
        return np.lexsort((self.packed("staff_id").ranks(), names))

    def _once(self, what: str, make: Callable[[], Any]) -> Any:
        if what not in self._listed:
            self._listed[what] = make()
        return self._listed[what]

    def name_ranks(self, session: Session) -> Ints:
        """Everybody's place in the order of names, the same name in order of id; sorted by the database, once."""
        if not self._name_ranks:
            order = 'name COLLATE "C"' if session.connection().dialect.name == "postgresql" else "name"
            ids = np.fromiter(
                session.scalars(text(f"SELECT id FROM person ORDER BY {order}, id")), dtype=np.int64
            )
            place = np.searchsorted(self.person_id, ids)
            place[place == len(self)] = 0
            place = place[self.person_id[place] == ids] if len(self) else place[:0]
            ranks = np.zeros(len(self), dtype=np.int64)
            ranks[place] = np.arange(len(place))
            self._name_ranks.append(ranks)
        return self._name_ranks[0]

    def is_decided(self) -> Flags:
        """Who has a counting role, or for whom it was decided that there is none."""
        return self.mapped_kind.where(bool)

    def level_words(self, name_of: Callable[[RoleLevelLine], str]) -> CodedText:
        """A name of every person's role level, such as its family; blank where unmapped."""
        names = {key: name_of(line) for key, line in self.levels.items()}
        words = tuple(dict.fromkeys(("", *names.values())))
        code_of = {word: code for code, word in enumerate(words)}
        codes = self._lookup(self.role_level_id, {key: code_of[name] for key, name in names.items()})
        return CodedText(codes.astype(np.int32), words)

    def department_ids(self) -> Ints:
        """The top-level department of every person."""
        return self._lookup(self.unit_id, {unit.unit_id: unit.department_id for unit in self.units.values()})

    def family_ids(self) -> Ints:
        """The role family of every person's role level, 0 where unmapped."""
        return self._lookup(self.role_level_id, {key: line.family_id for key, line in self.levels.items()})


def load_units(session: Session) -> dict[int, UnitLine]:
    """The organisation tree, parents before children."""
    rows = session.execute(
        text("SELECT id, parent_id, name, path, depth FROM unit ORDER BY depth, path")
    ).all()
    units: dict[int, UnitLine] = {}
    for unit_id, parent_id, name, path, depth in rows:
        top = units[parent_id].department_id if parent_id is not None else unit_id
        units[unit_id] = UnitLine(unit_id, parent_id, name, path, depth, top)
    return units


def load_levels(session: Session) -> dict[int, RoleLevelLine]:
    """Every role level of every framework version, in order of version, family, role and seniority."""
    return {row[0]: RoleLevelLine(*row) for row in session.execute(text(_LEVELS)).all()}


def people_of_blocks(blocks: Sequence[PeopleBlock]) -> tuple[Records, tuple[CodedText, ...]]:
    """The packed people of all blocks as one set of records, with one list of words per column."""
    records = np.concatenate([block.records for block in blocks]) if blocks else np.zeros(0, PERSON)
    sizes = np.array([len(block.records) for block in blocks], dtype=np.int64)
    coded: list[CodedText] = []
    for at in range(len(WORDS)):
        code_of: dict[str, int] = {}
        lists = [block.words[at] for block in blocks]
        table = np.array(
            [code_of.setdefault(word, len(code_of)) for words in lists for word in words], dtype=np.int32
        )
        starts = np.cumsum([0, *(len(words) for words in lists)])[:-1]
        place = records["words"][:, at] + np.repeat(starts, sizes) if blocks else np.zeros(0, np.int64)
        coded.append(CodedText(table[place] if len(place) else np.zeros(0, np.int32), tuple(code_of)))
    return records, tuple(coded)


def people_of_day(
    session: Session, day: date, blocks: Sequence[PeopleBlock]
) -> tuple[Records, tuple[CodedText, ...]]:
    """The people of a day: the packed ones; those of whom something changed since are read from the rows."""
    if all(block.settled_on <= day.toordinal() for block in blocks):
        return people_of_blocks(blocks)
    asked = {"day": day.isoformat(), "most": MOST_CORRECTED + 1}
    changed = np.sort(np.fromiter(session.scalars(text(_CHANGED_SINCE), asked), dtype=np.int64))
    if len(changed) > MOST_CORRECTED:
        return people_of_rows(session, day)
    records, coded = people_of_blocks(blocks)
    is_kept = ~np.isin(records["person_id"], changed)
    corrected, coded_again = people_of_rows(session, day, changed.tolist())
    both = np.concatenate([records[is_kept], corrected])
    order = np.argsort(both["person_id"], kind="stable")
    return both[order], tuple(
        _reordered(one.codes[is_kept], one.words, other, order)
        for one, other in zip(coded, coded_again, strict=True)
    )


def _reordered(codes: Codes, words: Sequence[str], more: CodedText, order: Ints) -> CodedText:
    """Two columns one after the other, then in this order, with one list of words."""
    code_of = {word: code for code, word in enumerate(words)}
    table = np.array([code_of.setdefault(word, len(code_of)) for word in more.words], dtype=np.int32)
    added = table[more.codes] if len(table) else np.zeros(0, np.int32)
    return CodedText(np.concatenate([codes, added])[order], tuple(code_of))


def people_of_rows(
    session: Session, day: date, some: Sequence[int] | None = None
) -> tuple[Records, tuple[CodedText, ...]]:
    """The people of a day that the packed copies do not speak of, from the rows; all, or some by their ids in order."""
    rows = list(_of_some(session, _PEOPLE, "AND p.id IN :people", day, some))
    columns = list(zip(*rows, strict=True)) if rows else [()] * 10
    records = np.zeros(len(rows), PERSON)
    for name, column in zip(("person_id", "unit_id", "fte_hundredths"), columns, strict=False):
        records[name] = column
    known: dict[object, int] = {}
    for name, column, blank in (("first_day", columns[3], 0), ("last_day", columns[4], LAST_DAY)):
        records[name] = [
            blank if value is None else known.get(value) or known.setdefault(value, day_number(value, 0))
            for value in column
        ]
    records["role_level_id"], kinds = _primary_roles(session, day, records["person_id"], some)
    return records, (*(CodedText.of(column) for column in columns[5:]), CodedText.of(kinds))


def _of_some(
    session: Session, query: str, narrow: str, day: date, some: Sequence[int] | None
) -> Iterable[Any]:
    """The rows of a query for everybody, or for some people in order."""
    if some is None:
        return session.execute(text(query.format(narrow="")), {"day": day.isoformat()}).all()
    return _in_lists(session, query.format(narrow=narrow), day, some)


def _in_lists(session: Session, query: str, day: date, people: Sequence[int]) -> list[Any]:
    """The rows of a query with ``:day`` and ``IN :people``, asked for so many people at a time as a list may name."""
    statement = text(query).bindparams(bindparam("people", expanding=True))
    rows: list[Any] = []
    for start in range(0, len(people), _MOST_IN_LIST):
        asked = {"day": day.isoformat(), "people": people[start : start + _MOST_IN_LIST]}
        rows += session.execute(statement, asked)
    return rows


@dataclass(frozen=True, slots=True)
class Readers:
    """Ways to read texts of people: of a range of ids, of some by their ids, and of a range packed."""

    read: ReadTexts
    read_some: ReadSome
    read_packed: ReadPacked


def make_population(
    session: Session,
    readers: Readers,
    day: date,
    people: tuple[Records, tuple[CodedText, ...]],
) -> Population:
    """A population from records and words; ``readers`` bring staff ids, names and titles."""
    records, (grade, employment, status, location, profession, kind) = people
    person_id = records["person_id"].astype(np.int64)
    texts = StoredTexts(person_id, 3, readers.read, readers.read_some, readers.read_packed)
    if len(person_id) <= READ_AT_ONCE:
        texts.read_all()
    today = day.toordinal()
    contractors = {e.value for e in Employment if e.is_contractor}
    is_active = status.where(PersonStatus.ACTIVE.value.__eq__)
    return Population(
        day=day,
        person_id=person_id,
        staff_id=StoredColumn(texts, 0),
        name=StoredColumn(texts, 1),
        unit_id=records["unit_id"].copy(),
        grade=grade,
        employment=employment,
        status=status,
        fte_hundredths=records["fte_hundredths"].copy(),
        job_title=StoredColumn(texts, 2),
        location=location,
        profession=profession,
        role_level_id=records["role_level_id"].copy(),
        mapped_kind=kind,
        is_present=is_active & (records["first_day"] <= today) & (records["last_day"] >= today),
        is_contractor=employment.where(contractors.__contains__),
        last_day=records["last_day"].copy(),
        units=load_units(session),
        levels=load_levels(session),
    )


def _primary_roles(
    session: Session, day: date, person_id: Codes, some: Sequence[int] | None
) -> tuple[Codes, list[str]]:
    """Role level id and kind of the counting primary role of each person; 0 and "" where there is none."""
    levels = np.zeros(len(person_id), dtype=np.int32)
    kinds = [""] * len(person_id)
    place = {int(key): index for index, key in enumerate(person_id)}
    for key, level, kind in _of_some(session, _ROLES, "AND a.person_id IN :people", day, some):
        index = place.get(key)
        if index is not None:
            levels[index] = level or 0
            kinds[index] = kind
    return levels, kinds


def tables_since(session: Session, revision: int) -> frozenset[str]:
    """The tables that writes after a revision touched."""
    newer = select(col(ActionEntry.tables)).where(col(ActionEntry.revision) > revision)
    return frozenset(table for tables in session.scalars(newer) for table in tables)


class PopulationCache:
    """The last few populations by day. A change of filter needs no reading, nor does a write to other tables.

    After a write to the people only the blocks it touched are read again.
    """

    def __init__(self, db: Database, size: int = 3) -> None:
        self._db, self._size = db, size
        self._kept: dict[date, Population] = {}
        self._blocks: dict[int, PeopleBlock] = {}
        self._revision = -1
        self._lock = Lock()

    def get(self, day: date, *, is_kept: bool = True) -> tuple[int, Population]:
        """The population of a day with the revision it holds for; one that is not kept pushes out no other."""
        with self._lock, self._db.read() as session:
            revision = int(session.scalar(select(col(Revision.number))) or 0)
            self._notice(session, revision)
            found = self._kept.get(day)
            if found is None:
                found = self._load(session, day)
                if not is_kept:
                    return revision, found
                while len(self._kept) >= self._size:
                    self._kept.pop(next(iter(self._kept)))
                self._kept[day] = found
        return revision, found

    def _notice(self, session: Session, revision: int) -> None:
        """Drop what a write since the last look has made out of date."""
        if revision == self._revision:
            return
        if revision < self._revision:  # another file in the same place
            self._blocks.clear()
            self._revision = -1
        if self._revision < 0 or tables_since(session, self._revision) & RESTS_ON:
            self._kept.clear()
            changed = read_people(session.connection(), self._revision)
            self._blocks.update((block.block, block) for block in changed)
        self._revision = revision

    def _load(self, session: Session, day: date) -> Population:
        blocks = [self._blocks[number] for number in sorted(self._blocks)]
        people = people_of_day(session, day, blocks)
        texts = Readers(
            partial(self._read_texts, day), partial(self._read_texts_of, day), partial(self._read_packed, day)
        )
        return make_population(session, texts, day, people)

    def _read_texts(self, day: date, first: int, last: int) -> list[tuple[Any, ...]]:
        with self._db.read() as session:
            cursor: Any = session.connection().connection.cursor()  # half the time of the layers above it
            try:
                cursor.execute(_TEXTS.format(day=day.isoformat(), first=int(first), last=int(last)))
                return cursor.fetchall()
            finally:
                cursor.close()

    def _read_packed(self, day: date, first: int, last: int) -> tuple[Ints, tuple[PackedText, ...]] | None:
        with self._db.read() as session:
            connection = session.connection()
            if connection.dialect.name != "sqlite":
                return None
            query = _TEXTS_PACKED.format(day=day.isoformat(), first=int(first), last=int(last))
            row = connection.exec_driver_sql(query).one()
        if row[0] is None:
            return np.zeros(0, np.int64), (PackedText.of(()),) * 3
        ids = np.fromstring(str(row[0]), dtype=np.int64, sep=" ")
        columns = tuple(PackedText.split(texts, _BETWEEN) for texts in row[1:])
        return (ids, columns) if all(len(column) == len(ids) for column in columns) else None

    def _read_texts_of(self, day: date, person_ids: Sequence[int]) -> list[tuple[Any, ...]]:
        with self._db.read() as session:
            return [tuple(row) for row in _in_lists(session, _TEXTS_OF_SOME, day, person_ids)]
