"""Assessments: load files of ratings, set one by hand, keep the history and the current level of each pair."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import text
from sqlalchemy.orm import Session
from sqlmodel import col, select

from app.change import Outcome
from app.db.database import Database, WriteScope
from app.errors import InputProblems, Problem, UsageError
from app.files.assessments import AssessmentsFile, read_assessments
from app.files.options import ReadOptions
from app.models import Assessment, ImportBatch, Person, Skill, WorkspaceSetting
from app.progress import Progress
from app.services.current_levels import (
    RULES_SETTING,
    RatingRules,
    levels_as_at,
    levels_of_history,
    rating_rules,
    rebuild_current,
)
from app.services.people import refuse_if_moved
from app.services.people_import import as_date, batch_of
from app.services.population import PopulationCache
from app.services.ratings_import import (
    ComparedRatings,
    FileRatings,
    FreshRatings,
    compare,
    has_relative,
    known_ratings,
)
from app.terms import AssessedBy, Level

_READ = frozenset({"assessment", "person", "role_assignment"})
"""What a preview of ratings rests on."""


@dataclass(frozen=True, slots=True)
class AssessmentsPreview:
    """What loading a file of ratings would do; nothing has been written."""

    file_name: str
    file_hash: str
    form: str
    revision: int
    columns: tuple[tuple[str, str], ...]
    unclear: tuple[str, ...]
    dropped: tuple[str, ...]
    new: int
    unchanged: int
    raised: int
    lowered: int
    people: int
    skills: int
    problems: tuple[Problem, ...]
    rows: FreshRatings

    @property
    def errors(self) -> tuple[Problem, ...]:
        """The problems that keep rows out."""
        return tuple(problem for problem in self.problems if problem.severity == "error")

    @property
    def is_nothing_to_change(self) -> bool:
        """Whether every rating of the file is already there."""
        return not self.rows


@dataclass(frozen=True, slots=True)
class AssessmentsSummary:
    """What a load of ratings did."""

    new: int
    unchanged: int
    people: int
    skills: int
    skipped_rows: int


@dataclass(frozen=True, slots=True)
class RatingLine:
    """One rating in the history of a pair, newest first."""

    assessment_id: int
    skill: str
    level: int
    assessed_on: date
    assessed_by: str
    evidence: str
    comment: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class RulesPreview:
    """What other rules would do: pairs rated today, of them at another level or no longer rated, and newly rated."""

    rules: RatingRules
    rated: int
    changed: int
    lost: int
    gained: int
    people: int


class Assessments:
    """Ratings of people in skills."""

    def __init__(self, db: Database, population: PopulationCache, today: Callable[[], date]) -> None:
        self._db = db
        self._population = population
        self._today = today

    def preview_import(self, path: Path, options: ReadOptions, progress: Progress) -> AssessmentsPreview:
        """Read a long or wide file of ratings and say what loading it would add."""
        with self._db.read() as session:
            skills = {name: key for key, name in session.execute(text("SELECT id, name FROM skill"))}
            people = {staff: key for key, staff in session.execute(text("SELECT id, staff_id FROM person"))}
        found = read_assessments(
            path, options, progress.part(0.0, 0.7), skills=tuple(skills), staff_ids=people
        )
        progress.step(0.7, "Comparing with the workspace")
        with self._db.read() as session:
            revision = self._db.revision()
            undated = _first_loaded(session, found.file_hash) or self._today()
            required = self._required(session) if has_relative(found) else {}
            ratings = FileRatings.of(found, people, skills, undated)
            known = known_ratings(session, ratings)
        compared = compare(found, path.name, ratings, known, required, self._today())
        return _preview(found, path.name, revision, compared)

    def _required(self, session: Session) -> dict[tuple[int, int], int]:
        """Required level by person and skill, for ratings below / at / above it."""
        _, population = self._population.get(self._today())
        rows = session.execute(
            text("SELECT role_level_id, skill_id, level FROM requirement WHERE level IS NOT NULL")
        )
        of_level: dict[int, list[tuple[int, int]]] = {}
        for role_level, skill, level in rows:
            of_level.setdefault(role_level, []).append((skill, level))
        people = zip(population.person_id.tolist(), population.role_level_id.tolist(), strict=True)
        return {
            (person, skill): level
            for person, role_level in people
            for skill, level in of_level.get(role_level, ())
        }

    def commit_import(
        self, preview: AssessmentsPreview, progress: Progress, *, skip_bad_rows: bool = False
    ) -> Outcome[AssessmentsSummary] | None:
        """Add the previewed ratings in one transaction; None where all were there already.

        Raises InputProblems where rows are bad and not to be skipped, ConflictError where ratings, people or
        roles changed since the preview.
        """
        if preview.errors and not skip_bad_rows:
            raise InputProblems(list(preview.problems))
        if preview.is_nothing_to_change:
            return None
        with self._db.write("Load assessments", back_up_first=True) as w:
            refuse_if_moved(w.session, preview.revision, _READ)
            counts: dict[str, Any] = {"new": preview.new, "people": preview.people, "skills": preview.skills}
            batch = batch_of(w, "assessments", preview.file_name, preview.file_hash, self._today(), counts)
            progress.step(0.1, "Writing ratings")
            _write_ratings(w, preview.rows, batch)
            progress.step(0.6, "Working out current levels")
            rebuild_current(w, np.unique(preview.rows.person).tolist())
            w.describe(file=preview.file_name, sha256=preview.file_hash, **counts)
            progress.step(0.95, "Saving")
        progress.step(1.0, "Loaded")
        skipped = len({problem.row for problem in preview.errors})
        return w.outcome(
            AssessmentsSummary(preview.new, preview.unchanged, preview.people, preview.skills, skipped)
        )

    def set_level(
        self,
        person_id: int,
        skill_id: int,
        level: int,
        assessed_by: AssessedBy,
        evidence: str = "",
        assessed_on: date | None = None,
    ) -> Outcome[int]:
        """Add one rating by hand; the history keeps the earlier ones. Returns the pair's current level."""
        day = assessed_on or self._today()
        if day > self._today():
            raise UsageError("A rating cannot be dated in the future.", "Use today or an earlier day.")
        with self._db.write("Set skill level") as w:
            w.fetch(Person, person_id)
            w.fetch(Skill, skill_id)
            w.session.add(
                Assessment(
                    person_id=person_id,
                    skill_id=skill_id,
                    level=int(Level(level)),
                    assessed_on=day,
                    assessed_by=assessed_by.value,
                    evidence=evidence,
                )
            )
            w.session.flush()
            rebuild_current(w, [person_id])
            found = text("SELECT level FROM current_level WHERE person_id = :p AND skill_id = :s")
            current = int(w.session.execute(found, {"p": person_id, "s": skill_id}).scalar_one())
        return w.outcome(current)

    def history(self, person_id: int) -> tuple[RatingLine, ...]:
        """Every rating of a person, by skill, newest first."""
        with self._db.read() as session:
            rows = session.execute(text(_HISTORY), {"person": person_id}).all()
        return tuple(
            RatingLine(
                row[0], row[1], row[2], as_date(row[3]) or date.min, *row[4:7], is_current=bool(row[7])
            )
            for row in rows
        )

    def rules(self) -> RatingRules:
        """Which rating counts in this workspace."""
        with self._db.read() as session:
            return rating_rules(session)

    def preview_rules(self, rules: RatingRules) -> RulesPreview:
        """What other rules would do to the levels that count today; nothing is written."""
        day = self._today()
        with self._db.read() as session:
            person, skill, level = levels_as_at(session, day)
            changed = levels_of_history(session, day, rules)
        now = dict(zip(zip(person.tolist(), skill.tolist(), strict=True), level.tolist(), strict=True))
        then = dict(
            zip(zip(changed[0].tolist(), changed[1].tolist(), strict=True), changed[2].tolist(), strict=True)
        )
        other = [pair for pair, value in then.items() if pair in now and now[pair] != value]
        lost, gained = now.keys() - then.keys(), then.keys() - now.keys()
        people = {pair[0] for pair in (*other, *lost, *gained)}
        return RulesPreview(rules, len(now), len(other), len(lost), len(gained), len(people))

    def choose_rules(self, rules: RatingRules) -> Outcome[RatingRules]:
        """Set which rating counts: the order of kinds, each named once, and when one expires (None: never)."""
        if sorted(rules.order) != sorted(AssessedBy):
            raise UsageError(
                "The order must name self, line manager and head of profession once each.", "Put it right."
            )
        if rules.expires_after_months is not None and rules.expires_after_months < 1:
            raise UsageError(
                "Ratings expire after one month at the earliest.", "Give a number of months, or none."
            )
        with self._db.write("Choose which ratings count") as w:
            row = w.session.get(WorkspaceSetting, RULES_SETTING) or WorkspaceSetting(name=RULES_SETTING)
            row.value = {
                "order": [kind.value for kind in rules.order],
                "expires_after_months": rules.expires_after_months,
            }
            w.session.add(row)
            rebuild_current(w, None)
        return w.outcome(rules)

    def rebuild_all(self) -> Outcome[int]:
        """Work out every current level again from the history; returns how many pairs there are."""
        with self._db.write("Rebuild current levels") as w:
            rebuild_current(w, None)
            count = int(w.session.execute(text("SELECT count(*) FROM current_level")).scalar_one())
        return w.outcome(count)


def _first_loaded(session: Session, file_hash: str) -> date | None:
    """The day this very file was first loaded: its undated ratings are of that day, so that loading it again on a
    later one adds nothing. None for a file that is new here.
    """
    chosen = select(col(ImportBatch.as_at)).where(
        col(ImportBatch.kind) == "assessments", col(ImportBatch.file_hash) == file_hash
    )
    return session.scalars(chosen.order_by(col(ImportBatch.id))).first()


def _preview(
    found: AssessmentsFile, file_name: str, revision: int, compared: ComparedRatings
) -> AssessmentsPreview:
    fresh = compared.fresh
    return AssessmentsPreview(
        file_name=file_name,
        file_hash=found.file_hash,
        form=found.form,
        revision=revision,
        columns=tuple(found.columns.items()),
        unclear=tuple(found.unclear),
        dropped=tuple(found.dropped),
        new=len(fresh),
        unchanged=compared.unchanged,
        raised=compared.raised,
        lowered=compared.lowered,
        people=len(np.unique(fresh.person)),
        skills=len(np.unique(fresh.skill)),
        problems=(*found.problems, *compared.problems),
        rows=fresh,
    )


def _write_ratings(w: WriteScope, fresh: FreshRatings, batch: ImportBatch) -> None:
    """The new ratings in bulk, in the order of people and skills."""
    columns = fresh.ordered()
    first, count = w.next_id(Assessment), len(fresh)
    w.bulk_insert(
        Assessment,
        {
            "id": range(first, first + count),
            "version": [1] * count,
            **columns,
            "import_batch_id": [batch.id] * count,
        },
    )


_HISTORY = """
SELECT a.id, s.name, a.level, a.assessed_on, a.assessed_by, a.evidence, a.comment,
       EXISTS (SELECT 1 FROM current_level AS c WHERE c.assessment_id = a.id)
FROM assessment AS a JOIN skill AS s ON s.id = a.skill_id
WHERE a.person_id = :person ORDER BY s.name, a.assessed_on DESC, a.id DESC
"""
