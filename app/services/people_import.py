"""An HR extract against the workspace: what is new, changed, gone; and writing it in one transaction."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session
from sqlmodel import col, select

from app.db.database import WriteScope
from app.errors import Problem
from app.files.hr_extract import PeopleFile, PersonRow
from app.models import ImportBatch, Person, PersonSpell, RoleAssignment, Unit
from app.services.new_people import NOBODY, PERSON_FIELDS, SPELL_FIELDS, Incoming, NewPeople
from app.services.population import load_units
from app.services.scope import PATH_MARK, path_key, unit_path
from app.terms import PersonStatus, RoleSource, clean_name, name_key

_BELOW_DEPARTMENT = frozenset({"directorate", "unit", "team"})


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One value of one person that the extract changes."""

    staff_id: str
    field: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class LeaverLine:
    """Somebody in a department of the file who is not in the file."""

    person_id: int
    staff_id: str
    name: str
    unit: str


@dataclass(slots=True)
class Known:
    """One person as the workspace holds it today."""

    person_id: int
    person: tuple[Any, ...]
    spell_id: int
    spell: tuple[Any, ...]
    spell_from: date
    role_id: int = 0
    role_level_id: int = 0
    role_source: str = ""
    role_from: date = date.min


@dataclass(slots=True)
class Comparison:
    """The whole difference between a file and the workspace. Nothing in it has been written."""

    new: NewPeople = NOBODY
    changed: list[tuple[Known, Incoming]] = field(default_factory=list)
    unchanged: int = 0
    changes: list[FieldChange] = field(default_factory=list)
    leavers: list[LeaverLine] = field(default_factory=list)
    present_in_departments: int = 0
    new_units: list[tuple[str, ...]] = field(default_factory=list)
    notes: list[Problem] = field(default_factory=list)

    @property
    def is_nothing_to_change(self) -> bool:
        """Whether the workspace already holds all the file says."""
        return not self.new and not self.changed


_KNOWN = """
SELECT p.id, p.staff_id, p.name, p.email, p.manager_staff_id, p.start_date, p.end_date, p.profession,
       s.id, u.path, s.job_title, s.grade, s.fte_hundredths, s.employment, s.status, s.location, s.valid_from
FROM person AS p
JOIN person_spell AS s ON s.person_id = p.id AND s.valid_to IS NULL
JOIN unit AS u ON u.id = s.unit_id
"""

_ROLES = """
SELECT person_id, id, role_level_id, source, valid_from FROM role_assignment
WHERE is_primary AND valid_to IS NULL AND source <> 'suggested'
"""


def load_known(session: Session) -> dict[str, Known]:
    """Everybody in the workspace by staff id, with the spell and the primary role that hold now."""
    known: dict[str, Known] = {}
    by_id: dict[int, Known] = {}
    for row in session.execute(text(_KNOWN)):
        person = (row[2], row[3], row[4], as_date(row[5]), as_date(row[6]), row[7])
        entry = Known(row[0], person, row[8], tuple(row[9:16]), as_date(row[16]) or date.min)
        known[row[1]] = by_id[row[0]] = entry
    for person_id, role_id, level_id, source, since in session.execute(text(_ROLES)):
        entry = by_id.get(person_id)
        if entry is not None:
            entry.role_id, entry.role_level_id = role_id, level_id or 0
            entry.role_source, entry.role_from = source, as_date(since) or date.min
    return known


def as_date(value: object) -> date | None:
    """A date from a raw query: ISO text from SQLite, a date from a server."""
    if value is None or isinstance(value, date):
        return value
    return date.fromisoformat(str(value))


class RoleFinder:
    """Role columns of an extract -> a role level of the current framework."""

    def __init__(self, levels: Sequence[tuple[int, str, str, str]]) -> None:
        self._by_level: dict[str, list[tuple[int, str, str]]] = {}
        for level_id, family, role, level in levels:
            self._by_level.setdefault(name_key(level), []).append(
                (level_id, name_key(role), name_key(family))
            )
        self._levels_of: dict[str, list[int]] = {}
        for level_id, _family, role, _level in levels:
            self._levels_of.setdefault(name_key(role), []).append(level_id)
        self._memo: dict[tuple[str, str, str], tuple[int, str]] = {}
        self._names = {level_id: level for level_id, _family, _role, level in levels}

    def name_of(self, role_level_id: int) -> str:
        """The name of a role level of the current framework; empty for none and for those of other versions."""
        return self._names.get(role_level_id, "")

    def find(self, family: str, role: str, level: str) -> tuple[int, str]:
        """The role level's id, or 0 with a sentence about what does not fit."""
        key = (name_key(family), name_key(role), name_key(level))
        if key not in self._memo:
            self._memo[key] = self._find(*key)
        return self._memo[key]

    def _find(self, family: str, role: str, level: str) -> tuple[int, str]:
        if not level:
            only = self._levels_of.get(role, [])
            if len(only) == 1:
                return only[0], ""
            return 0, (
                "the role has several levels and none is named"
                if only
                else "the current framework has no such role"
            )
        fitting = self._by_level.get(level, [])
        if not fitting:
            return 0, "the current framework has no such role level"
        if role:
            fitting = [entry for entry in fitting if entry[1] == role]
        if family and len(fitting) > 1:
            fitting = [entry for entry in fitting if entry[2] == family]
        if len(fitting) == 1:
            return fitting[0][0], ""
        return 0, "several roles have this level" if fitting else "this role has no such level"


def compare(
    found: PeopleFile,
    known: dict[str, Known],
    unit_paths: dict[str, str],
    finder: RoleFinder,
    *,
    file_name: str,
    as_at: date,
) -> Comparison:
    """The difference between a file, as at a day, and the workspace.

    ``unit_paths`` maps path keys to the paths the workspace uses, so that "home office" meets "Home Office".
    A person of whom something later is known already is a problem, not a change: the file would write over it.
    """
    result = Comparison()
    columns = dict(zip(PersonRow._fields, found.rows.columns, strict=True))
    paths = _paths_of(columns["unit_names"], dict(unit_paths), result)
    roles = _roles_of(columns, finder, result, file_name)
    staff_ids = columns["staff_id"]
    places = [place for place, staff_id in enumerate(staff_ids) if staff_id not in known]
    result.new = NewPeople.of(found, places, paths, roles)
    if len(places) < len(staff_ids):
        _compare_known(found, known, paths, roles, result)
        _leave_out_what_is_older(result, file_name, as_at, finder)
    tops = {path_key(unit_path(names[:1])) for names in set(columns["unit_names"])}
    # Who stands on a bad row has no row here, and yet is in the file: nobody leaves for a mistyped date.
    _find_leavers(known, found.named.union(staff_ids), tops, result)
    return result


def _compare_known(
    found: PeopleFile, known: dict[str, Known], paths: Sequence[str], roles: Sequence[int], result: Comparison
) -> None:
    for row, path, role in zip(found.rows, paths, roles, strict=True):
        before = known.get(row.staff_id)
        if before is None:
            continue
        incoming = _incoming(row, found.present, before, path)
        incoming.role_level_id = role
        if _differences(before, incoming, result.changes):
            result.changed.append((before, incoming))
        else:
            result.unchanged += 1


def _leave_out_what_is_older(result: Comparison, file_name: str, as_at: date, finder: RoleFinder) -> None:
    """Changes to people loaded as at a later day become problems; what is left is named with both roles."""
    kept: list[tuple[Known, Incoming]] = []
    outdated: set[str] = set()
    for before, incoming in result.changed:
        is_late = before.spell != incoming.spell and before.spell_from > as_at
        is_late |= _role_changes(before, incoming) and before.role_from > as_at
        if not is_late:
            kept.append((before, incoming))
            continue
        row, later = incoming.row, max(before.spell_from, before.role_from)
        outdated.add(row.staff_id)
        result.notes.append(
            Problem(
                file_name, row.sheet, row.row, "staff_id", row.staff_id,
                f"this extract is of {as_at.isoformat()}, and this person was loaded as at {later.isoformat()} already",
                "Load extracts in the order of their days.",
            )
        )  # fmt: skip
    result.changed = kept
    roles = {incoming.row.staff_id: finder.name_of(before.role_level_id) for before, incoming in kept}
    result.changes = [
        replace(change, before=roles.get(change.staff_id, "")) if change.field == "role_level" else change
        for change in result.changes
        if change.staff_id not in outdated
    ]


def _paths_of(
    unit_names: Sequence[tuple[str, ...]], paths: dict[str, str], result: Comparison
) -> Sequence[str]:
    """The workspace's path for the unit of every row; missing units are noted as new, parents first."""
    spelled: dict[tuple[str, ...], str] = {}
    for names_of_row in dict.fromkeys(unit_names):
        path = ""
        for name in names_of_row:
            # what is above keeps the spelling the workspace knows, so that a path always begins with its parent's
            names = (*path.split(PATH_MARK), clean_name(name)) if path else (clean_name(name),)
            below = unit_path(names)
            key = path_key(below)
            if key not in paths:
                paths[key] = below
                result.new_units.append(names)
            path = paths[key]
        spelled[names_of_row] = path
    return list(map(spelled.__getitem__, unit_names))


def _incoming(row: PersonRow, present: frozenset[str], before: Known, path: str) -> Incoming:
    """The row as the workspace would hold it; columns the file lacks keep their value.

    So does the unit, where the file names departments alone and the department is still the same. Somebody
    who had left and stands in the file again is back: active, and without the old end date.
    """
    old_person, old_spell = before.person, before.spell
    if old_spell[5] == PersonStatus.LEFT.value:
        old_spell = (*old_spell[:5], PersonStatus.ACTIVE.value, old_spell[6])
        old_person = (*old_person[:4], None, old_person[5])
    if not present & _BELOW_DEPARTMENT and path_key(old_spell[0]).startswith(path_key(path) + PATH_MARK):
        path = old_spell[0]
    person = (
        row.name if "name" in present else old_person[0],
        row.email if "email" in present else old_person[1],
        row.manager_id if "manager_id" in present else old_person[2],
        row.start_date if "start_date" in present else old_person[3],
        row.end_date if "end_date" in present else old_person[4],
        row.profession if "profession" in present else old_person[5],
    )
    spell = (
        path,
        row.job_title,
        row.grade_text if "grade" in present else old_spell[2],
        row.fte_hundredths if "fte" in present else old_spell[3],
        row.employment.value if "employment" in present else old_spell[4],
        row.status.value if "status" in present else old_spell[5],
        row.location if "location" in present else old_spell[6],
    )
    return Incoming(row, person, spell)


def _roles_of(
    columns: dict[str, Sequence[Any]], finder: RoleFinder, result: Comparison, file_name: str
) -> Sequence[int]:
    """The role level that came with every row, 0 where none did; what does not fit is noted."""
    keys = list(zip(columns["role_family"], columns["role"], columns["role_level"], strict=True))
    found = {key: finder.find(*key) if key[1] or key[2] else (0, "") for key in set(keys)}
    wrong = {key for key, (_, why) in found.items() if why}
    for place in [place for place, key in enumerate(keys) if key in wrong] if wrong else ():
        shown = " · ".join(part for part in keys[place] if part)
        result.notes.append(
            Problem(
                file_name, columns["sheet"][place], columns["row"][place], "role_level", shown,
                f"the role was not taken over: {found[keys[place]][1]}",
                "The person is loaded without a role; choose one under Role mapping.", "note",
            )
        )  # fmt: skip
    return [found[key][0] for key in keys]


def _differences(before: Known, incoming: Incoming, changes: list[FieldChange]) -> bool:
    """Whether anything differs; what does is added to ``changes``."""
    is_new_role = _role_changes(before, incoming)
    if before.person == incoming.person and before.spell == incoming.spell and not is_new_role:
        return False
    staff_id = incoming.row.staff_id
    names = (*PERSON_FIELDS, *SPELL_FIELDS)
    for name, old, new in zip(
        names, (*before.person, *before.spell), (*incoming.person, *incoming.spell), strict=True
    ):
        if old != new:
            changes.append(_field_change(staff_id, name, old, new))
    if is_new_role:
        changes.append(FieldChange(staff_id, "role_level", "", incoming.row.role_level or incoming.row.role))
    return True


def _role_changes(before: Known, incoming: Incoming) -> bool:
    """A file's role replaces an earlier imported one; a role confirmed in Muster stays."""
    if not incoming.role_level_id or incoming.role_level_id == before.role_level_id:
        return False
    return before.role_source != RoleSource.CONFIRMED.value


def _field_change(staff_id: str, name: str, old: Any, new: Any) -> FieldChange:
    if name == "fte_hundredths":
        return FieldChange(staff_id, "fte", f"{old / 100:.2f}", f"{new / 100:.2f}")
    return FieldChange(staff_id, name, _shown(old), _shown(new))


def _shown(value: object) -> str:
    if value is None:
        return ""
    return value.isoformat() if isinstance(value, date) else str(value)


def _find_leavers(known: dict[str, Known], seen: Set[str], tops: set[str], result: Comparison) -> None:
    paths = {entry.spell[0] for entry in known.values()}
    inside = {path for path in paths if path_key(path).split(PATH_MARK)[0] in tops}
    for staff_id, entry in known.items():
        path = entry.spell[0]
        is_gone = entry.person[4] is not None and entry.spell[5] == PersonStatus.LEFT.value
        if is_gone or path not in inside:
            continue
        result.present_in_departments += 1
        if staff_id not in seen:
            result.leavers.append(LeaverLine(entry.person_id, staff_id, entry.person[0], path))


def write_units(w: WriteScope, new_units: Sequence[tuple[str, ...]]) -> dict[str, int]:
    """Make the missing units, parents first; returns every unit's id by path."""
    ids = {unit.path: unit.unit_id for unit in load_units(w.session).values()}
    by_key = {path_key(path): key for path, key in ids.items()}
    first = w.next_id(Unit)
    rows: list[tuple[int, int | None, str, str, str, int]] = []
    for unit_id, names in enumerate(new_units, start=first):
        path = unit_path(names)
        parent = by_key.get(path_key(unit_path(names[:-1]))) if len(names) > 1 else None
        rows.append((unit_id, parent, list(names)[-1], path, path_key(path), len(names) - 1))
        ids[path] = by_key[path_key(path)] = unit_id
    if rows:
        columns = list(zip(*rows, strict=True))
        names_of = ("id", "parent_id", "name", "path", "path_key", "depth")
        w.bulk_insert(Unit, {**dict(zip(names_of, columns, strict=True)), "version": [1] * len(rows)})
    return ids


def write_new_people(
    w: WriteScope, new: NewPeople, unit_ids: dict[str, int], as_at: date, title_keys: dict[str, str]
) -> None:
    """New people, their first spell and their imported role, in bulk."""
    if not new:
        return
    first = w.next_id(Person)
    count = len(new)
    ids = range(first, first + count)
    w.bulk_insert(
        Person,
        {
            "id": ids,
            "version": [1] * count,
            "staff_id": new.columns["staff_id"],
            **{name: new.columns[name] for name in PERSON_FIELDS},
        },
    )
    spell_first = w.next_id(PersonSpell)
    w.bulk_insert(
        PersonSpell,
        {
            "id": range(spell_first, spell_first + count),
            "version": [1] * count,
            "person_id": ids,
            "unit_id": list(map(unit_ids.__getitem__, new.columns["unit"])),
            **{name: new.columns[name] for name in SPELL_FIELDS[1:]},
            "title_key": list(map(title_keys.__getitem__, new.columns["job_title"])),
            "valid_from": [as_at] * count,
        },
    )
    write_new_roles(w, [pair for pair in zip(ids, new.role_level_ids, strict=True) if pair[1]], as_at)


def write_new_roles(w: WriteScope, pairs: Sequence[tuple[int, int]], as_at: date) -> None:
    """Imported primary roles, in bulk: pairs of person id and role level id."""
    if not pairs:
        return
    count = len(pairs)
    first = w.next_id(RoleAssignment)
    w.bulk_insert(
        RoleAssignment,
        {
            "id": range(first, first + count),
            "version": [1] * count,
            "person_id": [pair[0] for pair in pairs],
            "role_level_id": [pair[1] for pair in pairs],
            "kind": ["role"] * count,
            "source": [RoleSource.IMPORTED.value] * count,
            "is_primary": [True] * count,
            "share_hundredths": [100] * count,
            "reason": ["from the HR extract"] * count,
            "valid_from": [as_at] * count,
        },
    )


def write_changed_person(
    w: WriteScope,
    before: Known,
    incoming: Incoming,
    unit_ids: dict[str, int],
    as_at: date,
    title_keys: dict[str, str],
) -> None:
    """One changed person: fixed facts in place, dated facts as a new spell from ``as_at`` on."""
    if before.person != incoming.person:
        person = w.fetch(Person, before.person_id)
        for name, value in zip(PERSON_FIELDS, incoming.person, strict=True):
            if getattr(person, name) != value:
                setattr(person, name, value)
    if before.spell != incoming.spell:
        spell = w.fetch(PersonSpell, before.spell_id)
        values = dict(zip(SPELL_FIELDS[1:], incoming.spell[1:], strict=True))
        values |= {"unit_id": unit_ids[incoming.spell[0]], "title_key": title_keys[incoming.spell[1]]}
        change_spell(w, spell, values, as_at)
    if _role_changes(before, incoming):
        if before.role_id:
            old = w.fetch(RoleAssignment, before.role_id)
            close_dated(w, old, as_at)
        w.session.add(
            RoleAssignment(
                person_id=before.person_id,
                role_level_id=incoming.role_level_id,
                source=RoleSource.IMPORTED.value,
                reason="from the HR extract",
                valid_from=as_at,
            )
        )


def change_spell(w: WriteScope, spell: PersonSpell, values: dict[str, Any], as_at: date) -> None:
    """New values from ``as_at`` on: a new spell, or the same one where it began that day or later."""
    if spell.valid_from >= as_at:
        for name, value in values.items():
            if getattr(spell, name) != value:
                setattr(spell, name, value)
        return
    kept = {name: getattr(spell, name) for name in ("person_id", "unit_id", "title_key", *SPELL_FIELDS[1:])}
    spell.valid_to = as_at
    w.session.add(PersonSpell(**(kept | values), valid_from=as_at))


def close_dated(w: WriteScope, row: RoleAssignment, as_at: date) -> None:
    """End a role on a day; one that began that day or later never held, and goes."""
    if row.valid_from >= as_at:
        w.session.delete(row)
    else:
        row.valid_to = as_at


def end_leavers(w: WriteScope, leavers: Sequence[LeaverLine], as_at: date) -> None:
    """End people absent from the file: the day before ``as_at`` is their last."""
    for leaver in leavers:
        person = w.fetch(Person, leaver.person_id)
        if person.end_date is None or person.end_date >= as_at:
            person.end_date = as_at - timedelta(days=1)
        spell = open_spell(w.session, leaver.person_id)
        if spell is not None and spell.status != PersonStatus.LEFT.value:
            change_spell(w, spell, {"status": PersonStatus.LEFT.value}, as_at)


def open_spell(session: Session, person_id: int) -> PersonSpell | None:
    """The spell of a person that still holds."""

    chosen = select(PersonSpell).where(
        col(PersonSpell.person_id) == person_id, col(PersonSpell.valid_to).is_(None)
    )
    return session.scalars(chosen).first()


def batch_of(
    w: WriteScope, kind: str, file_name: str, file_hash: str, as_at: date, counts: dict[str, Any]
) -> ImportBatch:
    """The record of one file that came in."""
    batch = ImportBatch(
        kind=kind,
        file_name=file_name,
        file_hash=file_hash,
        as_at=as_at,
        counts=counts,
        revision=w.revision,
        imported_at=w.now,
    )
    w.session.add(batch)
    w.session.flush()
    return batch
