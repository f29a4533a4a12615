"""People: preview and load HR extracts, the list of people, one person's record, the organisation tree."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.orm import Session
from sqlmodel import col, select

from app.analysis.role_match import normal_title
from app.change import Outcome
from app.db.database import Database
from app.errors import ConflictError, InputProblems, Problem, UsageError
from app.files.columns import nearest
from app.files.hr_extract import PeopleFile, read_people
from app.files.options import ReadOptions
from app.models import ActionEntry
from app.progress import Progress
from app.services.frameworks import current_version
from app.services.people_import import (
    Comparison,
    FieldChange,
    LeaverLine,
    RoleFinder,
    as_date,
    batch_of,
    compare,
    end_leavers,
    load_known,
    write_changed_person,
    write_new_people,
    write_units,
)
from app.services.people_lines import PeopleLines, PersonLine, person_line
from app.services.population import Population, PopulationCache, UnitLine, load_levels, load_units
from app.services.scope import Scope, path_key, unit_path

LEAVERS_ASK_ABOVE = 0.10
"""Ending more than this share of the people in the file's departments is asked about once more (FORMATS)."""


_TOUCHED = frozenset({"person", "person_spell", "unit", "role_assignment"})


@dataclass(frozen=True, slots=True)
class PeoplePreview:
    """What loading an HR extract would do; nothing has been written."""

    file_name: str
    file_hash: str
    revision: int
    as_at: date
    columns: tuple[tuple[str, str], ...]
    unclear: tuple[str, ...]
    dropped: tuple[str, ...]
    new_people: tuple[str, ...]
    changes: tuple[FieldChange, ...]
    changed_people: int
    unchanged: int
    leavers: tuple[LeaverLine, ...]
    leavers_share: float
    new_units: tuple[str, ...]
    with_role: int
    problems: tuple[Problem, ...]
    comparison: Comparison

    @property
    def errors(self) -> tuple[Problem, ...]:
        """The problems that keep rows out; notes are left aside."""
        return tuple(problem for problem in self.problems if problem.severity == "error")

    @property
    def is_nothing_to_change(self) -> bool:
        """Whether the workspace already holds all the file says."""
        return self.comparison.is_nothing_to_change


@dataclass(frozen=True, slots=True)
class ImportSummary:
    """What an import of people did."""

    new: int
    changed: int
    unchanged: int
    leavers_ended: int
    new_units: int
    with_role: int
    skipped_rows: int


@dataclass(frozen=True, slots=True)
class PeopleTable:
    """The people page: the lines in the scope, and how many of them have no role yet.

    ``undecided`` leaves out those for whom it was decided that they have no digital role.
    """

    lines: PeopleLines
    unmapped: int
    undecided: int
    not_present: int
    revision: int


@dataclass(frozen=True, slots=True)
class DatedLine:
    """One entry of a person's history: from when to when, and what held."""

    valid_from: date
    valid_to: date | None
    what: str


@dataclass(frozen=True, slots=True)
class SecondaryRole:
    """A second role of a person that has not ended yet; ``share`` of time in hundredths, 1 to 99."""

    role_assignment_id: int
    role_level_id: int
    role_level: str
    role: str
    share: int
    valid_from: date


@dataclass(frozen=True, slots=True)
class PersonProfile:
    """Everything the drawer shows about one person, but for skills."""

    line: PersonLine
    email: str
    manager: str
    start_date: date | None
    end_date: date | None
    profession: str
    spells: tuple[DatedLine, ...]
    roles: tuple[DatedLine, ...]
    secondary: tuple[SecondaryRole, ...] = ()


class People:
    """The people of a workspace and the units they sit in."""

    def __init__(self, db: Database, population: PopulationCache, today: Callable[[], date]) -> None:
        self._db = db
        self._population = population
        self._today = today

    def preview_import(
        self, path: Path, options: ReadOptions, progress: Progress, as_at: date | None = None
    ) -> PeoplePreview:
        """Read an extract and say what loading it would change, as at a day (today by default)."""
        found = read_people(path, options, progress.part(0.0, 0.8))
        progress.step(0.8, "Comparing with the workspace")
        with self._db.read() as session:
            revision = self._db.revision()
            known = load_known(session)
            paths = {path_key(unit.path): unit.path for unit in load_units(session).values()}
            finder = _role_finder(session)
        day = as_at or self._today()
        difference = compare(found, known, paths, finder, file_name=path.name, as_at=day)
        progress.step(1.0, "Compared")
        return _preview(found, difference, path.name, revision, day)

    def commit_import(
        self,
        preview: PeoplePreview,
        progress: Progress,
        *,
        mark_leavers: bool = False,
        skip_bad_rows: bool = False,
    ) -> Outcome[ImportSummary] | None:
        """Load the previewed extract in one transaction; None where there was nothing to change.

        Raises InputProblems where rows are bad and not to be skipped, ConflictError where the people changed
        since the preview.
        """
        if preview.errors and not skip_bad_rows:
            raise InputProblems(list(preview.problems))
        difference = preview.comparison
        leavers = difference.leavers if mark_leavers else []
        if difference.is_nothing_to_change and not leavers:
            return None
        titles = set(difference.new.columns.get("job_title", ()))
        titles |= {item.row.job_title for _, item in difference.changed}
        title_keys = {title: normal_title(title) for title in titles}
        with self._db.write("Import HR extract", back_up_first=True) as w:
            refuse_if_moved(w.session, preview.revision, _TOUCHED)
            unit_ids = write_units(w, difference.new_units)
            progress.step(0.1, "Writing new people")
            write_new_people(w, difference.new, unit_ids, preview.as_at, title_keys)
            for number, (before, incoming) in enumerate(difference.changed):
                if number % 200 == 0:
                    progress.step(0.3 + 0.6 * number / len(difference.changed), "Writing changes")
                write_changed_person(w, before, incoming, unit_ids, preview.as_at, title_keys)
            end_leavers(w, leavers, preview.as_at)
            summary = ImportSummary(
                new=len(difference.new),
                changed=len(difference.changed),
                unchanged=difference.unchanged,
                leavers_ended=len(leavers),
                new_units=len(difference.new_units),
                with_role=preview.with_role,
                skipped_rows=len({problem.row for problem in preview.errors}),
            )
            counts = {"new": summary.new, "changed": summary.changed, "leavers": summary.leavers_ended}
            batch_of(w, "people", preview.file_name, preview.file_hash, preview.as_at, counts)
            w.describe(file=preview.file_name, sha256=preview.file_hash, **counts)
            progress.step(0.95, "Saving")
        progress.step(1.0, "Loaded")
        return w.outcome(summary)

    def table(self, scope: Scope, *, with_absent: bool = False) -> PeopleTable:
        """Everything the people page shows, as at the scope's day."""
        revision, population = self._population.get(scope.as_at or self._today())
        chosen = population.mask(scope)
        unmapped = int((chosen & (population.role_level_id == 0)).sum())
        undecided = int((chosen & ~population.is_decided()).sum())
        if with_absent:
            chosen |= ~population.is_present
        return PeopleTable(
            PeopleLines(population, chosen),
            unmapped,
            undecided,
            int((~population.is_present).sum()),
            revision,
        )

    def find(self, words: str, most: int, *, by_name: bool = True) -> tuple[PersonLine, ...]:
        """At most so many people whose staff ID, job title or (``by_name``) name hold every word, whatever the case."""
        wanted = words.casefold().split()
        _, population = self._population.get(self._today())
        found: list[PersonLine] = []
        for place in range(len(population)) if wanted else ():
            parts = (population.staff_id[place], population.job_title[place])
            searched = " ".join((*parts, population.name[place]) if by_name else parts).casefold()
            if all(word in searched for word in wanted):
                found.append(person_line(population, place))
                if len(found) == most:
                    break
        return tuple(found)

    def by_staff_id(self, staff_id: str) -> PersonLine:
        """The person with this staff ID as today shows them; UsageError with the nearest ID where there is none."""
        _, population = self._population.get(self._today())
        wanted = staff_id.strip()
        if wanted in population.staff_id:
            return person_line(population, population.staff_id.index(wanted))
        close = nearest(wanted, population.staff_id)
        raise UsageError(
            f"Nobody has the staff ID “{wanted}”.",
            f"The nearest is “{close}”." if close else "Use a staff ID of the HR extract.",
        )

    def units(self) -> tuple[UnitLine, ...]:
        """The organisation tree, in order of path."""
        with self._db.read() as session:
            return tuple(sorted(load_units(session).values(), key=lambda unit: unit.path.casefold()))

    def profile(self, person_id: int) -> PersonProfile:
        """One person's record with its history."""
        _, population = self._population.get(self._today())
        places = (population.person_id == person_id).nonzero()[0]
        if not len(places):
            raise ConflictError("This person is no longer there.", "Refresh the page.")
        with self._db.read() as session:
            return _profile(session, population, int(places[0]), person_id)


def _role_finder(session: Session) -> RoleFinder:
    version = current_version(session)
    levels = load_levels(session).values()
    return RoleFinder(
        [
            (line.role_level_id, line.family, line.role, line.name)
            for line in levels
            if version is not None and line.version_id == version.id
        ]
    )


def _preview(
    found: PeopleFile, difference: Comparison, file_name: str, revision: int, as_at: date
) -> PeoplePreview:
    present = difference.present_in_departments
    return PeoplePreview(
        file_name=file_name,
        file_hash=found.file_hash,
        revision=revision,
        as_at=as_at,
        columns=tuple(found.columns.items()),
        unclear=tuple(found.unclear),
        dropped=tuple(found.dropped),
        new_people=tuple(difference.new.columns.get("staff_id", ())),
        changes=tuple(difference.changes),
        changed_people=len(difference.changed),
        unchanged=difference.unchanged,
        leavers=tuple(difference.leavers),
        leavers_share=len(difference.leavers) / present if present else 0.0,
        new_units=tuple(unit_path(names) for names in difference.new_units),
        with_role=sum(1 for role in difference.new.role_level_ids if role),
        problems=(*found.problems, *difference.notes),
        comparison=difference,
    )


def refuse_if_moved(session: Session, seen_revision: int, tables: frozenset[str]) -> None:
    """ConflictError where somebody changed these tables after the preview was made."""
    newer = select(ActionEntry).where(col(ActionEntry.revision) > seen_revision)
    for entry in session.scalars(newer):
        if tables & set(entry.tables):
            raise ConflictError(
                f"The data changed since the preview: {entry.user} did “{entry.action}”.",
                "Load the file again to see the new preview.",
            )


_SPELLS = """
SELECT s.valid_from, s.valid_to, u.path, s.job_title, s.grade, s.status
FROM person_spell AS s JOIN unit AS u ON u.id = s.unit_id WHERE s.person_id = :person ORDER BY s.valid_from DESC
"""
_ROLE_HISTORY = """
SELECT a.valid_from, a.valid_to, r.name, l.name, a.kind, a.source, a.is_primary, a.share_hundredths
FROM role_assignment AS a
LEFT JOIN role_level AS l ON l.id = a.role_level_id
LEFT JOIN role AS r ON r.id = l.role_id
WHERE a.person_id = :person ORDER BY a.valid_from DESC, a.id DESC
"""
_SECONDARY = """
SELECT a.id, l.id, l.name, r.name, a.share_hundredths, a.valid_from
FROM role_assignment AS a JOIN role_level AS l ON l.id = a.role_level_id JOIN role AS r ON r.id = l.role_id
WHERE a.person_id = :person AND NOT a.is_primary AND a.valid_to IS NULL ORDER BY a.valid_from, a.id
"""
_PERSON = """
SELECT p.email, p.manager_staff_id, p.start_date, p.end_date, p.profession, m.name
FROM person AS p LEFT JOIN person AS m ON m.staff_id = p.manager_staff_id WHERE p.id = :person
"""


def _profile(session: Session, population: Population, place: int, person_id: int) -> PersonProfile:
    who = {"person": person_id}
    email, manager_id, start, end, profession, manager = session.execute(text(_PERSON), who).one()
    spells = tuple(
        DatedLine(as_date(row[0]) or date.min, as_date(row[1]), " · ".join(part for part in row[2:] if part))
        for row in session.execute(text(_SPELLS), who)
    )
    roles = tuple(
        DatedLine(as_date(row[0]) or date.min, as_date(row[1]), _role_in_words(*row[2:]))
        for row in session.execute(text(_ROLE_HISTORY), who)
    )
    secondary = tuple(
        SecondaryRole(row[0], row[1], row[2], row[3], row[4], as_date(row[5]) or date.min)
        for row in session.execute(text(_SECONDARY), who)
    )
    return PersonProfile(
        line=person_line(population, place),
        email=email,
        manager=f"{manager} ({manager_id})" if manager else manager_id,
        start_date=as_date(start),
        end_date=as_date(end),
        profession=profession,
        spells=spells,
        roles=roles,
        secondary=secondary,
    )


def _role_in_words(
    role: str | None, level: str | None, kind: str, source: str, is_primary: bool, share: int
) -> str:
    words = level or {"none": "not a digital role", "digital_unmapped": "digital, no single role"}.get(
        kind, kind
    )
    if role and level and role != level:
        words = f"{level} ({role})"
    return f"{words}, {source}" + ("" if is_primary else f", secondary, {share} % of time")
