"""Assessments: load files of ratings, set one by hand, keep the history and the current level of each pair."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from sqlalchemy import bindparam, text
from sqlalchemy.orm import Session
from sqlmodel import col, select

from app.change import Outcome
from app.db.database import Database, WriteScope
from app.db.packing import LevelsBlock, read_levels
from app.errors import InputProblems, Problem, UsageError
from app.files.assessments import AssessmentRow, AssessmentsFile, read_assessments
from app.files.options import ReadOptions
from app.models import Assessment, ImportBatch, Person, Skill, WorkspaceSetting
from app.progress import Progress
from app.services.people import refuse_if_moved
from app.services.people_import import as_date, batch_of
from app.services.population import PopulationCache
from app.terms import DEFAULT_ASSESSOR_ORDER, AssessedBy, Level

_READ = frozenset({"assessment", "person", "role_assignment"})
"""What a preview of ratings rests on."""

Bytes = npt.NDArray[np.uint8]
Ids = npt.NDArray[np.integer[Any]]
Key = tuple[int, int, date, str]


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
    rows: tuple[tuple[int, int, int, date, str, str, str], ...]

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
            required = _required_levels(
                session, found.rows, self._population.get(self._today())[1].role_level_id
            )
            person_levels = self._person_levels()
            known = _known_ratings(session)
            undated = _first_loaded(session, found.file_hash) or self._today()
        look = _Lookup(skills, people, required, person_levels, known, undated, self._today())
        return _compare(found, path.name, revision, look)

    def _person_levels(self) -> dict[int, int]:
        _, population = self._population.get(self._today())
        return dict(zip(population.person_id.tolist(), population.role_level_id.tolist(), strict=True))

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
            rebuild_current(w, sorted({row[0] for row in preview.rows}))
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


@dataclass(frozen=True, slots=True)
class _Lookup:
    skills: dict[str, int]
    people: dict[str, int]
    required: dict[tuple[int, int], int]
    person_levels: dict[int, int]
    known: dict[Key, int]
    undated: date
    today: date


def _required_levels(
    session: Session, rows: Sequence[AssessmentRow], used: Any
) -> dict[tuple[int, int], int]:
    """Required level by role level and skill; only read where a rating is below / at / above."""
    if all(row.relative is None for row in rows):
        return {}
    wanted = {int(key) for key in used}
    found = session.execute(
        text("SELECT role_level_id, skill_id, level FROM requirement WHERE level IS NOT NULL")
    )
    return {(role_level, skill): level for role_level, skill, level in found if role_level in wanted}


def _first_loaded(session: Session, file_hash: str) -> date | None:
    """The day this very file was first loaded: its undated ratings are of that day, so that loading it again on a
    later one adds nothing. None for a file that is new here.
    """
    chosen = select(col(ImportBatch.as_at)).where(
        col(ImportBatch.kind) == "assessments", col(ImportBatch.file_hash) == file_hash
    )
    return session.scalars(chosen.order_by(col(ImportBatch.id))).first()


def _known_ratings(session: Session) -> dict[Key, int]:
    """The newest rating of each person, skill, day and kind of assessor."""
    rows = session.execute(
        text("SELECT person_id, skill_id, assessed_on, assessed_by, level FROM assessment ORDER BY id")
    )
    days: dict[object, date] = {}
    known: dict[Key, int] = {}
    for person, skill, on, by, level in rows:
        day = days.get(on) or days.setdefault(on, as_date(on) or date.min)
        known[person, skill, day, by] = level
    return known


def _compare(found: AssessmentsFile, file_name: str, revision: int, look: _Lookup) -> AssessmentsPreview:
    problems = list(found.problems)
    fresh: list[tuple[int, int, int, date, str, str, str]] = []
    in_file: dict[Key, tuple[int, int]] = {}
    unchanged = raised = lowered = 0
    for row in found.rows:
        person, skill = look.people[row.staff_id], look.skills[row.skill]
        level = _level_of(row, person, skill, look)
        by = (row.assessed_by or AssessedBy.SELF).value
        day = row.assessed_on or look.undated
        problem = _row_problem(row, file_name, level, day, look.today)
        key = (person, skill, day, by)
        earlier = in_file.get(key)
        if problem is None and earlier is not None and earlier[0] != level:
            problem = Problem(
                file_name, row.sheet, row.row, "level", str(level),
                f"row {earlier[1]} rates the same person and skill on the same day differently ({earlier[0]})",
                "Keep one of the two rows.",
            )  # fmt: skip
        if problem is not None or level is None:
            problems += [problem] if problem else []
            continue
        in_file.setdefault(key, (level, row.row))
        before = look.known.get(key)
        if before == level or earlier is not None:
            unchanged += 1
            continue
        raised += before is not None and level > before
        lowered += before is not None and level < before
        fresh.append((person, skill, level, day, by, row.evidence, row.comment))
    return AssessmentsPreview(
        file_name=file_name,
        file_hash=found.file_hash,
        form=found.form,
        revision=revision,
        columns=tuple(found.columns.items()),
        unclear=tuple(found.unclear),
        dropped=tuple(found.dropped),
        new=len(fresh),
        unchanged=unchanged,
        raised=raised,
        lowered=lowered,
        people=len({row[0] for row in fresh}),
        skills=len({row[1] for row in fresh}),
        problems=tuple(problems),
        rows=tuple(fresh),
    )


def _level_of(row: AssessmentRow, person: int, skill: int, look: _Lookup) -> int | None:
    """The level as a number; below / at / above the requirement are r - 1, r, r + 1 held to 0 to 4 (rule 1)."""
    if row.relative is None:
        return row.level
    required = look.required.get((look.person_levels.get(person, 0), skill))
    return None if required is None else min(4, max(0, required + row.relative))


def _row_problem(
    row: AssessmentRow, file_name: str, level: int | None, day: date, today: date
) -> Problem | None:
    if level is None:
        return Problem(
            file_name, row.sheet, row.row, "level", "", "the rating is below, at or above a requirement, "
            f"but the role of {row.staff_id} does not require this skill", "Give a level from 0 to 4 instead.",
        )  # fmt: skip
    if day > today:
        return Problem(
            file_name, row.sheet, row.row, "assessed_on", day.isoformat(), "the rating is dated in the future",
            "Put the day of the assessment.",
        )  # fmt: skip
    return None


def _write_ratings(
    w: WriteScope, rows: Sequence[tuple[int, int, int, date, str, str, str]], batch: ImportBatch
) -> None:
    ordered = sorted(rows, key=lambda row: (row[0], row[1]))
    columns = list(zip(*ordered, strict=True))
    first = w.next_id(Assessment)
    count = len(ordered)
    names = ("person_id", "skill_id", "level", "assessed_on", "assessed_by", "evidence", "comment")
    w.bulk_insert(
        Assessment,
        {
            "id": range(first, first + count),
            "version": [1] * count,
            **dict(zip(names, columns, strict=True)),
            "import_batch_id": [batch.id] * count,
        },
    )


_HISTORY = """
SELECT a.id, s.name, a.level, a.assessed_on, a.assessed_by, a.evidence, a.comment,
       EXISTS (SELECT 1 FROM current_level AS c WHERE c.assessment_id = a.id)
FROM assessment AS a JOIN skill AS s ON s.id = a.skill_id
WHERE a.person_id = :person ORDER BY s.name, a.assessed_on DESC, a.id DESC
"""


def _ranked(order: Sequence[AssessedBy], narrow: str, expires: str) -> str:
    """The current rating of each pair on :day (PRODUCT, rule 1): strongest kind, latest date, latest import."""
    strength = " ".join(f"WHEN '{kind.value}' THEN {place}" for place, kind in enumerate(order))
    return f"""
    SELECT person_id, skill_id, level, id FROM (
      SELECT a.person_id, a.skill_id, a.level, a.id,
             row_number() OVER (PARTITION BY a.person_id, a.skill_id
                                ORDER BY CASE a.assessed_by {strength} ELSE 9 END, a.assessed_on DESC, a.id DESC)
             AS place
      FROM assessment AS a WHERE a.assessed_on <= :day {narrow} {expires}) AS ranked
    WHERE place = 1
    ORDER BY person_id, skill_id"""


@dataclass(frozen=True, slots=True)
class RatingRules:
    """The organisation's choice of which rating counts: order of kinds, and months until one expires."""

    order: tuple[AssessedBy, ...] = DEFAULT_ASSESSOR_ORDER
    expires_after_months: int | None = None


RULES_SETTING = "rating_rules"


def rating_rules(session: Session) -> RatingRules:
    """The rules in force in this workspace."""
    row = session.get(WorkspaceSetting, RULES_SETTING)
    if row is None:
        return RatingRules()
    order = tuple(AssessedBy(kind) for kind in row.value.get("order", DEFAULT_ASSESSOR_ORDER))
    return RatingRules(order, row.value.get("expires_after_months"))


def months_before(day: date, months: int) -> date:
    """The same day of the month some months earlier, held to the end of shorter months."""
    index = day.year * 12 + day.month - 1 - months
    year, month = divmod(index, 12)
    for number in range(day.day, 27, -1):
        try:
            return date(year, month + 1, number)
        except ValueError:
            continue
    return date(year, month + 1, day.day)


def settled_levels(session: Session, day: date) -> list[LevelsBlock] | None:
    """The packed current levels where they are those of the day: no rating is later, and none expires."""
    if rating_rules(session).expires_after_months is not None:
        return None
    blocks = list(read_levels(session.connection()))
    return blocks if all(block.latest_on <= day.toordinal() for block in blocks) else None


def joined(blocks: Sequence[LevelsBlock]) -> tuple[Ids, Ids, Bytes]:
    """Blocks of levels as columns: person ids, skill ids, levels 0 to 4, in order of person and skill."""
    if not blocks:
        return np.zeros(0, np.int32), np.zeros(0, np.uint16), np.zeros(0, np.uint8)
    return (
        np.concatenate([block.person for block in blocks]),
        np.concatenate([block.skill for block in blocks]),
        np.concatenate([block.level for block in blocks]),
    )


def levels_of_history(
    session: Session, day: date, tried: RatingRules | None = None
) -> tuple[Ids, Ids, Bytes]:
    """Current levels on a day as :func:`joined` gives them, worked out from every rating up to the day.

    ``tried`` are rules to try in place of those in force.
    """
    rules = tried or rating_rules(session)
    expires, parameters = "", {"day": day.isoformat()}
    if rules.expires_after_months is not None:
        expires = "AND a.assessed_on > :limit"
        parameters["limit"] = months_before(day, rules.expires_after_months).isoformat()
    query = f"SELECT person_id, skill_id, level FROM ({_ranked(rules.order, '', expires)}) AS chosen"
    rows = session.execute(text(query), parameters)
    packed = np.fromiter(((p << 40) | (s << 8) | v for p, s, v in rows), dtype=np.int64)
    return packed >> 40, (packed >> 8) & 0xFFFFFFFF, (packed & 0xFF).astype(np.uint8)


def levels_as_at(session: Session, day: date) -> tuple[Ids, Ids, Bytes]:
    """Current levels on a day as columns: person ids, skill ids, levels 0 to 4, in order of person and skill.

    The packed current levels serve when no rating is later than the day and none expires; otherwise they are
    worked out from the history.
    """
    blocks = settled_levels(session, day)
    return levels_of_history(session, day) if blocks is None else joined(blocks)


_CURRENT_RATINGS = """
SELECT c.person_id, c.skill_id, a.assessed_on, a.assessed_by
FROM current_level AS c JOIN assessment AS a ON a.id = c.assessment_id WHERE c.person_id IN :people
"""
_MOST_IN_LIST = 900


def ratings_as_at(
    session: Session, day: date, person_ids: Sequence[int], *, is_current: bool
) -> Iterator[tuple[int, int, object, str]]:
    """Person id, skill id, day and kind of assessor of the rating that counts on a day, for some people.

    ``is_current`` says that the current levels are those of the day (see :func:`settled_levels`).
    """
    rules = rating_rules(session)
    parameters: dict[str, Any] = {}
    query = _CURRENT_RATINGS
    if not is_current:
        expires, parameters = "", {"day": day.isoformat()}
        if rules.expires_after_months is not None:
            expires = "AND a.assessed_on > :limit"
            parameters["limit"] = months_before(day, rules.expires_after_months).isoformat()
        chosen = _ranked(rules.order, "AND a.person_id IN :people", expires)
        query = f"""SELECT c.person_id, c.skill_id, x.assessed_on, x.assessed_by
        FROM ({chosen}) AS c JOIN assessment AS x ON x.id = c.id"""
    statement = text(query).bindparams(bindparam("people", expanding=True))
    for start in range(0, len(person_ids), _MOST_IN_LIST):
        people = list(person_ids[start : start + _MOST_IN_LIST])
        found = session.execute(statement, {**parameters, "people": people})
        yield from ((person, skill, on, by) for person, skill, on, by in found)


def rebuild_current(w: WriteScope, person_ids: Sequence[int] | None) -> None:
    """Work out current levels from the history, of some people or (None) of all, inside a write."""
    w.session.flush()
    w.note_levels(person_ids)
    order = rating_rules(w.session).order
    forever = {"day": date.max.isoformat()}
    insert = "INSERT INTO current_level (person_id, skill_id, level, assessment_id)"
    if person_ids is None or len(person_ids) > 5_000:
        w.execute_derived(text("DELETE FROM current_level"))
        w.execute_derived(text(f"{insert} {_ranked(order, '', '')}"), forever)
        return
    one = text(f"{insert} {_ranked(order, 'AND a.person_id = :person', '')}")
    for person in person_ids:
        w.execute_derived(text("DELETE FROM current_level WHERE person_id = :person"), {"person": person})
        w.execute_derived(one, {**forever, "person": person})


def check_current(session: Session) -> int:
    """How many pairs of the current levels differ from what the history says; 0 when all is well."""
    forever = {"day": date.max.isoformat()}
    history = {
        (row[0], row[1]): (row[2], row[3])
        for row in session.execute(text(_ranked(rating_rules(session).order, "", "")), forever)
    }
    stored = {
        (row[0], row[1]): (row[2], row[3])
        for row in session.execute(
            text("SELECT person_id, skill_id, level, assessment_id FROM current_level")
        )
    }
    return sum(stored.get(pair) != rating for pair, rating in history.items()) + len(
        stored.keys() - history.keys()
    )
