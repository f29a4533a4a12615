"""Role mapping: titles in groups with suggestions, accepting them one by one, per title or in bulk."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TypeVar

from sqlalchemy import or_, text
from sqlalchemy.orm import Session
from sqlmodel import col, select

from app.analysis.role_match import RoleMatcher, RoleTarget, Rule, Suggestion, TitleQuery, normal_title
from app.change import Outcome
from app.db.database import Database, WriteScope
from app.errors import UsageError
from app.files.framework_facts import read_facts
from app.models import JobTitleRule, Requirement, RoleAssignment, RoleLevel, Skill
from app.progress import Progress, silent
from app.resources import resource
from app.services.frameworks import BUNDLED, current_version
from app.services.people import refuse_if_moved
from app.services.people_import import close_dated
from app.services.population import RESTS_ON, Population, PopulationCache, RoleLevelLine, load_levels
from app.services.scope import Scope
from app.terms import MatchKind, RoleSource, clean_name, name_key

T = TypeVar("T")
MOST_SECONDARY = 99
"""Hundredths of somebody's time that all secondary roles together may take: the rest is the primary role's."""


@dataclass(frozen=True, slots=True)
class TitleGroup:
    """People who share a job title, with the best answers for it. ``grades`` and ``units`` are counted."""

    title_key: str
    title: str
    spellings: tuple[str, ...]
    person_ids: tuple[int, ...]
    grades: tuple[tuple[str, int], ...]
    units: tuple[tuple[str, int], ...]
    suggestions: tuple[Suggestion, ...]
    person_grades: tuple[str, ...] = ()
    person_units: tuple[str, ...] = ()

    def only(self, *, grade: str = "", unit: str = "") -> TitleGroup:
        """The part of the group with this grade or in this unit, to be decided apart from the rest."""
        return self._part(lambda own_grade, own_unit: own_grade == grade if grade else own_unit == unit)

    def without(self, person_ids: Iterable[int]) -> TitleGroup:
        """The group without some of its people."""
        gone = frozenset(person_ids)
        kept = [place for place, person in enumerate(self.person_ids) if person not in gone]
        return self._at(kept)

    def _part(self, chosen: Callable[[str, str], bool]) -> TitleGroup:
        pairs = zip(self.person_grades, self.person_units, strict=True)
        return self._at([place for place, pair in enumerate(pairs) if chosen(*pair)])

    def _at(self, places: Sequence[int]) -> TitleGroup:
        grades = tuple(self.person_grades[place] for place in places)
        units = tuple(self.person_units[place] for place in places)
        return replace(
            self,
            person_ids=tuple(self.person_ids[place] for place in places),
            grades=_counted(grades),
            units=_counted(units),
            person_grades=grades,
            person_units=units,
        )

    @property
    def headcount(self) -> int:
        """How many people hold the title."""
        return len(self.person_ids)

    @property
    def best(self) -> Suggestion:
        """The answer in first place."""
        return self.suggestions[0]


@dataclass(frozen=True, slots=True)
class MappingBoard:
    """The role mapping page: groups still to decide, largest first, and how far the work is."""

    groups: tuple[TitleGroup, ...]
    mapped: int
    not_digital: int
    total: int
    revision: int

    @property
    def left(self) -> int:
        """How many people still have neither a role nor a decision."""
        return self.total - self.mapped - self.not_digital


@dataclass(frozen=True, slots=True)
class Choice:
    """A decision about a title: a role level by its id, or "not digital", or "digital, no single role"."""

    kind: MatchKind
    role_level_id: int | None = None


@dataclass(frozen=True, slots=True)
class RoleChange:
    """A primary role one person is to have from a day on, and why."""

    person_id: int
    choice: Choice
    valid_from: date
    reason: str


@dataclass(frozen=True, slots=True)
class BulkPreview:
    """What accepting all suggestions above a score would do; nothing has been written."""

    min_score: float
    groups: tuple[TitleGroup, ...]
    people: int
    expected_right: float
    revision: int


@dataclass(frozen=True, slots=True)
class RuleLine:
    """A confirmed title: visible, and removable."""

    rule_id: int
    title: str
    kind: MatchKind
    role: str
    role_level: str
    made_by: str


def bundled_targets() -> tuple[RoleTarget, ...]:
    """The roles of the framework that comes with the program, for use without a workspace."""
    found = read_facts(resource(BUNDLED))
    return tuple(
        RoleTarget(family.name, role.name, tuple(level.name for level in role.levels))
        for family in found.families
        for role in family.roles
    )


def bundled_suggestions(
    queries: Sequence[TitleQuery], top: int, progress: Progress
) -> list[tuple[Suggestion, ...]]:
    """Suggestions on the bundled framework, without touching any workspace."""
    return RoleMatcher(bundled_targets()).suggest(queries, top, progress)


class RoleMapping:
    """Who does which role: suggestions, decisions, and the rules learnt from them."""

    def __init__(self, db: Database, population: PopulationCache, today: Callable[[], date]) -> None:
        self._db = db
        self._population = population
        self._today = today
        self._board: tuple[tuple[int, Scope], MappingBoard] | None = None

    def suggest(
        self, queries: Sequence[TitleQuery], top: int, progress: Progress
    ) -> list[tuple[Suggestion, ...]]:
        """Suggestions on this workspace's current framework, with its confirmed titles as rules."""
        with self._db.read() as session:
            matcher = _matcher(session, self._population.get(self._today())[1])
        return matcher.suggest(queries, top, progress)

    def board(self, scope: Scope, progress: Progress | None = None) -> MappingBoard:
        """Titles still to decide in the scope, largest group first."""
        revision, population = self._population.get(scope.as_at or self._today())
        if self._board is not None and self._board[0] == (revision, scope):
            return self._board[1]
        mask = population.mask(Scope(scope.departments, "", "", scope.as_at, scope.with_contractors))
        places = (mask & ~population.is_decided()).nonzero()[0].tolist()
        groups = self._groups(population, places, progress or silent())
        kinds = Counter(itertools.compress(population.mapped_kind, mask.tolist()))
        board = MappingBoard(
            groups=groups,
            mapped=kinds[MatchKind.ROLE.value],
            not_digital=kinds[MatchKind.NONE.value] + kinds[MatchKind.DIGITAL_UNMAPPED.value],
            total=int(mask.sum()),
            revision=revision,
        )
        self._board = ((revision, scope), board)
        return board

    def _groups(
        self, population: Population, places: list[int], progress: Progress
    ) -> tuple[TitleGroup, ...]:
        by_key: dict[str, list[int]] = {}
        memo: dict[str, str] = {}
        for place in places:
            title = population.job_title[place]
            key = memo.get(title)
            if key is None:
                key = memo[title] = normal_title(title)
            by_key.setdefault(key, []).append(place)
        queries = [_query(population, members) for members in by_key.values()]
        with self._db.read() as session:
            matcher = _matcher(session, population)
        suggestions = matcher.suggest(queries, 3, progress)
        groups = [
            _group(population, key, members, found)
            for (key, members), found in zip(by_key.items(), suggestions, strict=True)
        ]
        return tuple(sorted(groups, key=lambda group: (-group.headcount, group.title_key)))

    def role_levels(self) -> tuple[RoleLevelLine, ...]:
        """Every role level of the current framework, for choosing one by hand."""
        _, population = self._population.get(self._today())
        with self._db.read() as session:
            version = current_version(session)
        return tuple(
            line
            for line in population.levels.values()
            if version is not None and line.version_id == version.id
        )

    def role_level(self, role_level_id: int) -> RoleLevelLine:
        """One role level of any version by its id; UsageError where it is no longer there."""
        found = self._population.get(self._today())[1].levels.get(role_level_id)
        if found is None:
            raise UsageError("This role level is no longer there.", "Refresh the page and choose again.")
        return found

    def choice_for(self, suggestion: Suggestion) -> Choice:
        """A suggestion as a decision; UsageError where it names no level of the current framework."""
        if suggestion.kind is not MatchKind.ROLE:
            return Choice(suggestion.kind)
        for line in self.role_levels():
            if name_key(line.role) == name_key(suggestion.role) and line.name == suggestion.role_level:
                return Choice(MatchKind.ROLE, line.role_level_id)
        raise UsageError(
            f"“{suggestion.role}” has no level “{suggestion.role_level}” in the current framework.",
            "Choose a level by hand.",
        )

    def accept_title(
        self,
        group: TitleGroup,
        choice: Choice,
        *,
        score: float | None = None,
        reason: str = "chosen by hand",
        is_rule: bool = True,
        valid_from: date | None = None,
    ) -> Outcome[int]:
        """Decide one title for everybody in the group, from a day on (today), and remember it as a rule.

        A part of a group (split by grade or unit) is decided with ``is_rule`` False: it says nothing about the
        title as such. Returns how many people were decided.
        """
        with self._db.write("Accept role for a title") as w:
            _check_choice(w.session, choice)
            self._assign(w, group.person_ids, choice, score, reason, valid_from)
            if is_rule:
                self._remember(w, group, choice)
            w.describe(title=group.title, people=group.headcount)
        return w.outcome(group.headcount)

    def accept_titles(self, groups: Sequence[TitleGroup], choice: Choice) -> Outcome[int]:
        """The same decision for several titles at once ("not digital" in bulk), in one transaction."""
        with self._db.write("Accept role for several titles") as w:
            _check_choice(w.session, choice)
            for group in groups:
                self._assign(w, group.person_ids, choice, None, "chosen by hand", None)
                self._remember(w, group, choice)
            people = sum(group.headcount for group in groups)
            w.describe(titles=len(groups), people=people)
        return w.outcome(people)

    def preview_above(
        self, scope: Scope, min_score: float, kinds: Iterable[MatchKind] = (MatchKind.ROLE,)
    ) -> BulkPreview:
        """Which groups accepting all suggestions scored ``min_score`` or more would decide."""
        wanted = frozenset(kinds)
        board = self.board(scope)
        groups = tuple(
            group
            for group in board.groups
            if group.best.score >= min_score
            and group.best.kind in wanted
            and (group.best.role_level or group.best.kind is not MatchKind.ROLE)
        )
        people = sum(group.headcount for group in groups)
        expected = sum(group.headcount * group.best.score for group in groups)
        return BulkPreview(min_score, groups, people, expected / people if people else 0.0, board.revision)

    def accept_above(self, preview: BulkPreview, progress: Progress) -> Outcome[int] | None:
        """Accept what the preview listed, in one transaction; None where it lists nothing."""
        if not preview.groups:
            return None
        choices = [(group, self.choice_for(group.best)) for group in preview.groups]
        pairs = [
            (person_id, choice, group.best) for group, choice in choices for person_id in group.person_ids
        ]
        with self._db.write("Accept suggested roles") as w:
            self._accept_pairs(w, pairs)
            for number, (group, choice) in enumerate(choices):
                if number % 100 == 0:
                    progress.step(0.3 + 0.7 * number / len(choices), "Remembering titles")
                self._remember(w, group, choice)
            w.describe(people=len(pairs), titles=len(choices), min_score=preview.min_score)
        progress.step(1.0, "Accepted")
        return w.outcome(len(pairs))

    def set_role(self, person_id: int, choice: Choice, valid_from: date | None = None) -> Outcome[int]:
        """Decide one person's primary role by hand from a day on (today); the earlier one ends there."""
        with self._db.write("Choose role") as w:
            _check_choice(w.session, choice)
            self._assign(w, [person_id], choice, None, "chosen by hand", valid_from)
        return w.outcome(person_id)

    def set_roles(self, action: str, changes: Sequence[RoleChange], revision: int) -> Outcome[int]:
        """Decide several people's primary roles in one action.

        Raises ConflictError where people or roles changed since ``revision``.
        """
        with self._db.write(action) as w:
            refuse_if_moved(w.session, revision, frozenset(RESTS_ON))
            for one in changes:
                _check_choice(w.session, one.choice)
                self._assign(w, [one.person_id], one.choice, None, one.reason, one.valid_from)
            w.describe(people=len(changes))
        return w.outcome(len(changes))

    def rules(self) -> tuple[RuleLine, ...]:
        """The titles this organisation has confirmed."""
        with self._db.read() as session:
            rows = session.scalars(select(JobTitleRule).order_by(col(JobTitleRule.title_key))).all()
            return tuple(
                RuleLine(row.id or 0, row.example, MatchKind(row.kind), row.role, row.role_level, row.made_by)
                for row in rows
            )

    def forget_rule(self, rule_id: int) -> Outcome[str]:
        """Remove a confirmed title; people keep the roles they have."""
        with self._db.write("Forget a confirmed title") as w:
            row = w.fetch(JobTitleRule, rule_id)
            w.session.delete(row)
        return w.outcome(row.example)

    def _accept_pairs(self, w: WriteScope, pairs: list[tuple[int, Choice, Suggestion]]) -> None:
        """New confirmed roles in bulk for people who have none; the others go row by row."""
        held = {row[0] for row in w.session.execute(text(_HELD))}
        fresh = [pair for pair in pairs if pair[0] not in held]
        for person_id, choice, best in pairs:
            if person_id in held:
                self._assign(w, [person_id], choice, best.score, best.reason, None)
        if not fresh:
            return
        first, count = w.next_id(RoleAssignment), len(fresh)
        w.bulk_insert(
            RoleAssignment,
            {
                "id": range(first, first + count),
                "version": [1] * count,
                "person_id": [pair[0] for pair in fresh],
                "role_level_id": [pair[1].role_level_id for pair in fresh],
                "kind": [pair[1].kind.value for pair in fresh],
                "source": [RoleSource.CONFIRMED.value] * count,
                "is_primary": [True] * count,
                "share_hundredths": [100] * count,
                "score": [pair[2].score for pair in fresh],
                "reason": [pair[2].reason for pair in fresh],
                "valid_from": [self._today()] * count,
            },
        )

    def add_secondary_role(
        self, person_id: int, role_level_id: int, share_hundredths: int, valid_from: date | None = None
    ) -> Outcome[int]:
        """A second role with a share of time from 1 to 99 hundredths; it adds no pairs (PRODUCT, rule 1).

        UsageError where the person has that secondary role already, or where all secondary roles together would
        leave nothing for the primary one.
        """
        if not 1 <= share_hundredths <= 99:
            raise UsageError("A secondary role takes 1 % to 99 % of somebody's time.", "Give another share.")
        with self._db.write("Add secondary role") as w:
            _check_choice(w.session, Choice(MatchKind.ROLE, role_level_id))
            _check_secondary(w.session, person_id, role_level_id, share_hundredths)
            w.session.add(
                RoleAssignment(
                    person_id=person_id,
                    role_level_id=role_level_id,
                    source=RoleSource.CONFIRMED.value,
                    is_primary=False,
                    share_hundredths=share_hundredths,
                    reason="chosen by hand",
                    valid_from=valid_from or self._today(),
                )
            )
        return w.outcome(person_id)

    def end_secondary_role(self, role_assignment_id: int) -> Outcome[int]:
        """End a secondary role today."""
        with self._db.write("End secondary role") as w:
            row = w.fetch(RoleAssignment, role_assignment_id)
            if row.is_primary:
                raise UsageError("This is a primary role.", "Choose another role for the person instead.")
            close_dated(w, row, self._today())
        return w.outcome(role_assignment_id)

    def make_local_role(
        self, based_on_role_level_id: int, name: str, required: Mapping[str, int]
    ) -> Outcome[RoleLevelLine]:
        """Our own role level, based on one of the framework, with its own requirements (skill name to 1 to 4)."""
        wanted = clean_name(name)
        if not wanted:
            raise UsageError("A role needs a name.", "Give it the name your organisation uses.")
        if not required or any(not 1 <= level <= 4 for level in required.values()):
            raise UsageError("Each required level lies between 1 and 4.", "Correct the levels.")
        with self._db.write("Make our own role") as w:
            base = w.fetch(RoleLevel, based_on_role_level_id)
            skills = {row.name: row.id or 0 for row in w.session.scalars(select(Skill))}
            unknown = [skill for skill in required if skill not in skills]
            if unknown:
                raise UsageError(f"There is no skill “{unknown[0]}”.", "Use the names of the framework.")
            siblings = w.session.scalars(
                select(RoleLevel).where(col(RoleLevel.role_id) == base.role_id)
            ).all()
            if name_key(wanted) in {name_key(row.name) for row in siblings}:
                raise UsageError(f"This role has a level “{wanted}” already.", "Choose another name.")
            own = RoleLevel(
                role_id=base.role_id, name=wanted, seniority=base.seniority, based_on_role_level_id=base.id
            )
            w.session.add(own)
            w.session.flush()
            for skill, level in required.items():
                w.session.add(Requirement(role_level_id=own.id or 0, skill_id=skills[skill], level=level))
            w.session.flush()
            line = load_levels(w.session)[own.id or 0]
        return w.outcome(line)

    def _assign(
        self,
        w: WriteScope,
        person_ids: Sequence[int],
        choice: Choice,
        score: float | None,
        reason: str,
        valid_from: date | None,
    ) -> None:
        since = valid_from or self._today()
        for person_id in person_ids:
            later_roles = select(RoleAssignment).where(
                col(RoleAssignment.person_id) == person_id,
                col(RoleAssignment.is_primary),
                or_(col(RoleAssignment.valid_to).is_(None), col(RoleAssignment.valid_to) > since),
            )
            for row in w.session.scalars(later_roles):
                close_dated(w, row, since)
            w.session.add(
                RoleAssignment(
                    person_id=person_id,
                    role_level_id=choice.role_level_id,
                    kind=choice.kind.value,
                    source=RoleSource.CONFIRMED.value,
                    score=score,
                    reason=reason,
                    valid_from=since,
                )
            )

    def _remember(self, w: WriteScope, group: TitleGroup, choice: Choice) -> None:
        row = w.session.scalars(
            select(JobTitleRule).where(col(JobTitleRule.title_key) == group.title_key)
        ).first()
        if row is None:
            row = JobTitleRule(title_key=group.title_key, example=group.title, kind="", made_at=w.now)
            w.session.add(row)
        line = self._population.get(self._today())[1].levels.get(choice.role_level_id or 0)
        row.kind, row.made_at, row.made_by = choice.kind.value, w.now, self._db.user
        row.role_family = line.family if line else ""
        row.role = line.role if line else ""
        row.role_level = line.name if line else ""


_HELD = "SELECT DISTINCT person_id FROM role_assignment WHERE is_primary AND valid_to IS NULL"


def _check_choice(session: Session, choice: Choice) -> None:
    if choice.kind is not MatchKind.ROLE:
        return
    known = text("SELECT count(*) FROM role_level WHERE id = :id")
    if choice.role_level_id is None or not session.execute(known, {"id": choice.role_level_id}).scalar():
        raise UsageError("This role level is no longer there.", "Refresh the page and choose again.")


def _check_secondary(session: Session, person_id: int, role_level_id: int, share: int) -> None:
    held = session.scalars(
        select(RoleAssignment).where(
            col(RoleAssignment.person_id) == person_id,
            ~col(RoleAssignment.is_primary),
            col(RoleAssignment.valid_to).is_(None),
        )
    ).all()
    if any(row.role_level_id == role_level_id for row in held):
        raise UsageError("This person has that secondary role already.", "End it first to change its share.")
    taken = sum(row.share_hundredths for row in held)
    if taken + share > MOST_SECONDARY:
        raise UsageError(
            f"Other secondary roles take {taken} % of this person’s time already.",
            f"At most {MOST_SECONDARY} % in all can go to secondary roles.",
        )


def _matcher(session: Session, population: Population) -> RoleMatcher:
    """The matcher for the current framework with the organisation's confirmed titles."""
    version = current_version(session)
    by_role: dict[tuple[str, str], list[RoleLevelLine]] = {}
    for line in population.levels.values():
        if version is not None and line.version_id == version.id:
            by_role.setdefault((line.family, line.role), []).append(line)
    targets = [
        RoleTarget(family, role, tuple(line.name for line in sorted(lines, key=lambda line: line.seniority)))
        for (family, role), lines in by_role.items()
    ]
    rules = {
        row.title_key: Rule(MatchKind(row.kind), row.role_family, row.role, row.role_level)
        for row in session.scalars(select(JobTitleRule))
    }
    return RoleMatcher(targets, rules)


def _query(population: Population, members: list[int]) -> TitleQuery:
    """One title as the matcher is asked: the commonest spelling, grade, unit and profession of its holders."""
    title = _commonest(population.job_title[place] for place in members)
    grade = _commonest(population.grade[place] for place in members)
    unit_id = _commonest(int(population.unit_id[place]) for place in members)
    profession = _commonest(population.profession[place] for place in members)
    return TitleQuery(title, grade, population.units[unit_id].path, profession)


def _commonest(values: Iterable[T]) -> T:
    """The value met most often; of equals the smallest, so that runs repeat."""
    counts = Counter(values)
    return min(counts, key=lambda value: (-counts[value], str(value)))


def _counted(values: Iterable[str]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(Counter(values).items(), key=lambda item: (-item[1], item[0])))


def _group(population: Population, key: str, members: list[int], found: tuple[Suggestion, ...]) -> TitleGroup:
    grades = tuple(population.grade[place] or "no grade" for place in members)
    units = tuple(population.units[int(population.unit_id[place])].path for place in members)
    return TitleGroup(
        title_key=key,
        title=_commonest(population.job_title[place] for place in members),
        spellings=tuple(sorted({population.job_title[place] for place in members})),
        person_ids=tuple(int(population.person_id[place]) for place in members),
        grades=_counted(grades),
        units=_counted(units),
        suggestions=found,
        person_grades=grades,
        person_units=units,
    )
