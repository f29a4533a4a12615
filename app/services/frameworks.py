"""Frameworks: load a version, list, show, compare, choose the current one, reorder levels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session
from sqlmodel import col

from app.analysis.framework_diff import DiffLine, FrameworkFacts, LevelFacts, framework_diff
from app.change import Outcome
from app.db.database import Database, WriteScope
from app.errors import ConflictError, Problem, UsageError
from app.files.framework_csv import FrameworkFile, read_framework
from app.files.framework_facts import read_facts
from app.models import (
    FrameworkSkill,
    FrameworkVersion,
    Requirement,
    Role,
    RoleAssignment,
    RoleFamily,
    RoleLevel,
    Skill,
)
from app.progress import Progress
from app.resources import resource
from app.terms import clean_name, name_key

BUNDLED = "frameworks/government-digital-and-data-2025-09.csv"


@dataclass(frozen=True, slots=True)
class FrameworkLine:
    """One framework version in the list."""

    version_id: int
    framework: str
    label: str
    effective_on: date | None
    is_current: bool
    families: int
    roles: int
    role_levels: int
    skills: int
    requirements: int
    people: int
    source: str
    licence: str
    aliases: tuple[str, ...]
    has_texts: bool

    @property
    def state(self) -> str:
        """ "Current" for the version in force, else nothing."""
        return "Current" if self.is_current else ""


@dataclass(frozen=True, slots=True)
class SkillNeed:
    """One skill of a role level: the level required (None: on a checklist), what it means there, the skill itself."""

    skill: str
    required: int | None
    meaning: str
    description: str


@dataclass(frozen=True, slots=True)
class RequirementLine:
    """One fact of a framework version (FORMATS, ``frameworks show``)."""

    role_family: str
    role: str
    role_level: str
    seniority: int
    skill: str
    required: int | None


@dataclass(frozen=True, slots=True)
class RoleLevelCard:
    """A role level as the Frameworks page shows it."""

    role_level_id: int
    role_family: str
    role: str
    role_id: int
    role_level: str
    seniority: int
    is_chief: bool
    description: str
    skills: int
    based_on: str = ""

    @property
    def is_own(self) -> bool:
        """Whether it is our own role, made from the level ``based_on`` of the framework."""
        return bool(self.based_on)

    @property
    def origin(self) -> str:
        """ "Our own" for a role made here, else nothing."""
        return "Our own" if self.is_own else ""


@dataclass(frozen=True, slots=True)
class FrameworkPreview:
    """What loading a framework file would do; nothing has been written."""

    file: FrameworkFile
    label: str
    effective_on: date | None
    action: str
    matched_label: str
    will_be_current: bool
    problems: tuple[Problem, ...]

    @property
    def is_nothing_to_change(self) -> bool:
        """Whether the same facts and texts are already there."""
        return self.action == "nothing"


@dataclass(frozen=True, slots=True)
class FrameworkSummary:
    """What was loaded."""

    label: str
    action: str
    families: int
    roles: int
    role_levels: int
    chief_roles: int
    skills: int
    requirements: int
    checklist_entries: int
    is_current: bool


class Frameworks:
    """Framework versions, side by side; one is current."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def preview_import(
        self,
        roles: Path,
        skills: Path | None,
        progress: Progress,
        *,
        label: str = "",
        effective_on: date | None = None,
    ) -> FrameworkPreview:
        """Read a framework file and say what loading it would do."""
        return self._preview(read_framework(roles, skills, progress), label, effective_on)

    def preview_bundled(self) -> FrameworkPreview:
        """The framework facts that come with the program."""
        return self._preview(read_facts(resource(BUNDLED)), "", None)

    def _preview(self, found: FrameworkFile, label: str, effective_on: date | None) -> FrameworkPreview:
        with self._db.read() as session:
            same = _version_with_facts(session, found.facts_hash)
            has_mapped = _anybody_mapped(session)
            labels = {name_key(name) for name in session.scalars(select(col(FrameworkVersion.label)))}
            action = "new"
            if same is not None:
                is_changed = _texts_differ(session, same, found) or _is_new_alias(same, label)
                action = "enrich" if is_changed else "nothing"
        wanted = clean_name(label or found.label)
        if action == "new" and name_key(wanted) in labels:
            if label:
                raise UsageError(
                    f"There is already a framework version called “{wanted}”, with other facts.",
                    "Choose another --label.",
                )
            wanted = _free_label(wanted, labels)
        return FrameworkPreview(
            file=found,
            label=wanted,
            effective_on=effective_on or found.effective_on,
            action=action,
            matched_label=same.label if same else "",
            will_be_current=action == "new" and not has_mapped,
            problems=tuple(found.problems),
        )

    def commit_import(self, preview: FrameworkPreview) -> Outcome[FrameworkSummary] | None:
        """Load the previewed framework in one transaction; None where there was nothing to change."""
        if preview.is_nothing_to_change:
            return None
        with self._db.write("Load framework", back_up_first=True) as w:
            same = _version_with_facts(w.session, preview.file.facts_hash)
            if same is None:
                version = self._add_version(w, preview)
                if not _anybody_mapped(w.session):
                    _make_current(w.session, version)
            else:
                version = same
                _enrich(w.session, version, preview)
            w.describe(label=version.label, facts=preview.file.facts_hash)
            summary = _summary(preview, version)
        return w.outcome(summary)

    def _add_version(self, w: WriteScope, preview: FrameworkPreview) -> FrameworkVersion:
        found = preview.file
        taken = {name_key(name) for name in w.session.scalars(select(col(FrameworkVersion.label)))}
        if name_key(preview.label) in taken:
            raise ConflictError(
                f"A version called “{preview.label}” was loaded since the preview.", "Load the file again."
            )
        version = FrameworkVersion(
            framework=found.framework,
            label=preview.label,
            effective_on=preview.effective_on,
            source=found.source,
            licence=found.licence,
            facts_hash=found.facts_hash,
            imported_at=w.now,
        )
        w.session.add(version)
        w.session.flush()
        skill_ids = _skill_ids(w.session, [skill.name for skill in found.skills])
        for skill in found.skills:
            row = FrameworkSkill(framework_version_id=version.id or 0, skill_id=skill_ids[skill.name])
            _set_texts(row, skill.description, skill.level_texts)
            w.session.add(row)
        required: list[tuple[int, int, int | None]] = []
        for place, family in enumerate(found.families):
            family_row = RoleFamily(framework_version_id=version.id or 0, name=family.name, position=place)
            w.session.add(family_row)
            w.session.flush()
            for role_place, role in enumerate(family.roles):
                required += _add_role(w.session, family_row.id or 0, role_place, role, skill_ids)
        columns = list(zip(*required, strict=True)) if required else [(), (), ()]
        w.bulk_insert(Requirement, {"role_level_id": columns[0], "skill_id": columns[1], "level": columns[2]})
        return version

    def versions(self) -> tuple[FrameworkLine, ...]:
        """Every version there is, the current one first."""
        with self._db.read() as session:
            rows = session.scalars(
                select(FrameworkVersion).order_by(
                    col(FrameworkVersion.is_current).desc(), col(FrameworkVersion.label)
                )
            ).all()
            return tuple(_line(session, row) for row in rows)

    def labels(self) -> tuple[str, ...]:
        """The labels of all versions, the current one first: what can be chosen, without counting who is in them."""
        chosen = select(col(FrameworkVersion.label)).order_by(
            col(FrameworkVersion.is_current).desc(), col(FrameworkVersion.label)
        )
        with self._db.read() as session:
            return tuple(session.scalars(chosen))

    def show(self, name: str = "") -> tuple[RequirementLine, ...]:
        """The facts of a version (the current one when no name is given), in the framework's order."""
        with self._db.read() as session:
            version = _find_version(session, name)
            rows = session.execute(text(_FACTS), {"version": version.id}).all()
        return tuple(RequirementLine(*row) for row in rows)

    def role_levels(self, name: str = "") -> tuple[RoleLevelCard, ...]:
        """The role levels of a version with their texts, in order."""
        with self._db.read() as session:
            version = _find_version(session, name)
            rows = session.execute(text(_CARDS), {"version": version.id}).all()
        return tuple(RoleLevelCard(*row) for row in rows)

    def needs(self, role_level_id: int) -> tuple[SkillNeed, ...]:
        """What one role level requires, with the texts where the official files were loaded."""
        with self._db.read() as session:
            return tuple(SkillNeed(*row) for row in session.execute(text(_NEEDS), {"level": role_level_id}))

    def skills(self) -> dict[str, int]:
        """Every skill of every version by its name, with its id."""
        with self._db.read() as session:
            return {
                name: key for key, name in session.execute(text("SELECT id, name FROM skill ORDER BY name"))
            }

    def compare(self, old: str, new: str) -> tuple[DiffLine, ...]:
        """What changed between two versions."""
        with self._db.read() as session:
            return framework_diff(
                _facts(session, _find_version(session, old)), _facts(session, _find_version(session, new))
            )

    def use(self, name: str) -> Outcome[str]:
        """Make a version the current one; nobody's role is changed by it."""
        with self._db.write("Choose framework version") as w:
            version = _find_version(w.session, name)
            _make_current(w.session, version)
        return w.outcome(version.label)

    def reorder(self, role_id: int, role_level_ids: Sequence[int]) -> Outcome[tuple[str, ...]]:
        """Set the order of seniority of a role's levels, most junior first; every level must be named once."""
        with self._db.write("Reorder role levels") as w:
            rows = {
                row.id: row
                for row in w.session.scalars(select(RoleLevel).where(col(RoleLevel.role_id) == role_id))
            }
            if sorted(rows, key=lambda key: key or 0) != sorted(role_level_ids):
                raise UsageError("The new order must name every level of the role once.", "Refresh the page.")
            for place, level_id in enumerate(role_level_ids, start=1):
                if rows[level_id].seniority != place:
                    rows[level_id].seniority = place
            names = tuple(rows[level_id].name for level_id in role_level_ids)
        return w.outcome(names)


_FACTS = """
SELECT f.name, r.name, l.name, l.seniority, s.name, q.level
FROM requirement AS q
JOIN role_level AS l ON l.id = q.role_level_id
JOIN role AS r ON r.id = l.role_id
JOIN role_family AS f ON f.id = r.role_family_id
JOIN skill AS s ON s.id = q.skill_id
WHERE f.framework_version_id = :version AND l.based_on_role_level_id IS NULL
ORDER BY f.position, r.position, l.seniority, s.name
"""

_CARDS = """
SELECT l.id, f.name, r.name, r.id, l.name, l.seniority, r.is_chief, l.description,
       (SELECT count(*) FROM requirement AS q WHERE q.role_level_id = l.id), coalesce(b.name, '')
FROM role_level AS l
JOIN role AS r ON r.id = l.role_id
JOIN role_family AS f ON f.id = r.role_family_id
LEFT JOIN role_level AS b ON b.id = l.based_on_role_level_id
WHERE f.framework_version_id = :version
ORDER BY f.position, r.position, l.seniority, b.id IS NOT NULL, l.id
"""

_NEEDS = """
SELECT s.name, q.level,
       CASE q.level WHEN 1 THEN x.level_1 WHEN 2 THEN x.level_2 WHEN 3 THEN x.level_3 WHEN 4 THEN x.level_4
                    ELSE '' END,
       coalesce(x.description, '')
FROM requirement AS q
JOIN skill AS s ON s.id = q.skill_id
JOIN role_level AS l ON l.id = q.role_level_id
JOIN role AS r ON r.id = l.role_id
JOIN role_family AS f ON f.id = r.role_family_id
LEFT JOIN framework_skill AS x ON x.skill_id = s.id AND x.framework_version_id = f.framework_version_id
WHERE q.role_level_id = :level
ORDER BY s.name
"""

_COUNTS = """
SELECT (SELECT count(*) FROM role_family WHERE framework_version_id = :version),
       count(DISTINCT r.id), count(DISTINCT CASE WHEN l.based_on_role_level_id IS NULL THEN l.id END),
       (SELECT count(*) FROM framework_skill WHERE framework_version_id = :version),
       (SELECT count(*) FROM requirement AS q JOIN role_level AS x ON x.id = q.role_level_id
          JOIN role AS y ON y.id = x.role_id JOIN role_family AS z ON z.id = y.role_family_id
         WHERE z.framework_version_id = :version AND q.level IS NOT NULL AND x.based_on_role_level_id IS NULL),
       (SELECT count(DISTINCT a.person_id) FROM role_assignment AS a
          JOIN role_level AS x ON x.id = a.role_level_id JOIN role AS y ON y.id = x.role_id
          JOIN role_family AS z ON z.id = y.role_family_id
         WHERE z.framework_version_id = :version AND a.is_primary AND a.valid_to IS NULL),
       (SELECT count(*) FROM framework_skill WHERE framework_version_id = :version AND description <> '')
FROM role_level AS l JOIN role AS r ON r.id = l.role_id JOIN role_family AS f ON f.id = r.role_family_id
WHERE f.framework_version_id = :version
"""


def _line(session: Session, row: FrameworkVersion) -> FrameworkLine:
    counts = session.execute(text(_COUNTS), {"version": row.id}).one()
    return FrameworkLine(
        row.id or 0,
        row.framework,
        row.label,
        row.effective_on,
        row.is_current,
        *(int(number) for number in counts[:6]),
        source=row.source,
        licence=row.licence,
        aliases=tuple(row.aliases),
        has_texts=bool(counts[6]),
    )


def current_version(session: Session) -> FrameworkVersion | None:
    """The version in force, or None in a bare workspace."""
    return session.scalars(select(FrameworkVersion).where(col(FrameworkVersion.is_current))).first()


def _find_version(session: Session, name: str) -> FrameworkVersion:
    if not name:
        found = current_version(session)
        if found is None:
            raise UsageError("There is no framework yet.", "Load one with `muster import framework FILE`.")
        return found
    key = name_key(name)
    rows = session.scalars(select(FrameworkVersion)).all()
    for row in rows:
        if key in {name_key(row.label), *(name_key(alias) for alias in row.aliases)}:
            return row
    near = [row for row in rows if key in name_key(row.label)]
    if len(near) == 1:
        return near[0]
    known = "; ".join(row.label for row in rows) or "none"
    raise UsageError(f"There is no framework version called “{name}”.", f"There are: {known}.")


def _version_with_facts(session: Session, facts_hash: str) -> FrameworkVersion | None:
    return session.scalars(
        select(FrameworkVersion).where(col(FrameworkVersion.facts_hash) == facts_hash)
    ).first()


def _anybody_mapped(session: Session) -> bool:
    counting = col(RoleAssignment.role_level_id).is_not(None)
    return bool(session.scalar(select(func.count()).select_from(RoleAssignment).where(counting)))


def _make_current(session: Session, version: FrameworkVersion) -> None:
    for row in session.scalars(select(FrameworkVersion).where(col(FrameworkVersion.is_current))):
        if row.id != version.id:
            row.is_current = False
    version.is_current = True


def _free_label(wanted: str, taken: set[str]) -> str:
    number = 2
    while name_key(f"{wanted} ({number})") in taken:
        number += 1
    return f"{wanted} ({number})"


def _is_new_alias(version: FrameworkVersion, label: str) -> bool:
    known = {name_key(version.label), *(name_key(alias) for alias in version.aliases)}
    return bool(label) and name_key(label) not in known


def _skill_ids(session: Session, names: Sequence[str]) -> dict[str, int]:
    """Ids of these skills, made where a name is new (equal trimmed names are one skill)."""
    known = {row.name: row for row in session.scalars(select(Skill))}
    for name in names:
        if name not in known:
            known[name] = Skill(name=name)
            session.add(known[name])
    session.flush()
    return {name: known[name].id or 0 for name in names}


def _add_role(
    session: Session, family_id: int, place: int, role: Any, skill_ids: dict[str, int]
) -> list[tuple[int, int, int | None]]:
    row = Role(
        role_family_id=family_id,
        name=role.name,
        position=place,
        is_chief=role.is_chief,
        description=role.description,
    )
    session.add(row)
    session.flush()
    required: list[tuple[int, int, int | None]] = []
    for level in role.levels:
        level_row = RoleLevel(
            role_id=row.id or 0, name=level.name, seniority=level.seniority, description=level.description
        )
        session.add(level_row)
        session.flush()
        required += [(level_row.id or 0, skill_ids[name], held) for name, held in level.requirements]
    return required


def _set_texts(row: FrameworkSkill, description: str, level_texts: Sequence[str]) -> bool:
    """Fill in texts; an empty text never replaces one that is there. Whether anything changed."""
    changed = False
    names = ("description", "level_1", "level_2", "level_3", "level_4")
    for name, words in zip(names, (description, *level_texts), strict=True):
        if words and getattr(row, name) != words:
            setattr(row, name, words)
            changed = True
    return changed


def _texts_differ(session: Session, version: FrameworkVersion, found: FrameworkFile) -> bool:
    """Whether the file brings a text that the version does not hold yet."""
    held = {
        name: (row.description, row.level_1, row.level_2, row.level_3, row.level_4)
        for row, name in session.execute(
            select(FrameworkSkill, col(Skill.name))
            .join(Skill, col(Skill.id) == col(FrameworkSkill.skill_id))
            .where(col(FrameworkSkill.framework_version_id) == version.id)
        )
    }
    for skill in found.skills:
        brought = (skill.description, *skill.level_texts)
        kept = held.get(skill.name, ("",) * 5)
        if any(words and _plain(words) != _plain(old) for words, old in zip(brought, kept, strict=True)):
            return True
    cards = {
        (row[1], row[2], row[4]): row[7] for row in session.execute(text(_CARDS), {"version": version.id})
    }
    return any(
        level.description
        and _plain(level.description) != _plain(cards.get((family.name, role.name, level.name), ""))
        for family in found.families
        for role in family.roles
        for level in role.levels
    )


def _plain(words: str) -> str:
    return " ".join(words.split())


def _enrich(session: Session, version: FrameworkVersion, preview: FrameworkPreview) -> None:
    """Texts, and the label as an alias, into a version whose facts are the same; nothing else changes."""
    if _is_new_alias(version, preview.label):
        version.aliases = [*version.aliases, preview.label]
    found = preview.file
    by_name = {skill.name: skill for skill in found.skills}
    rows = session.execute(
        select(FrameworkSkill, col(Skill.name))
        .join(Skill, col(Skill.id) == col(FrameworkSkill.skill_id))
        .where(col(FrameworkSkill.framework_version_id) == version.id)
    ).all()
    for row, name in rows:
        if name in by_name:
            _set_texts(row, by_name[name].description, by_name[name].level_texts)
    texts = {
        (family.name, role.name, level.name): (role.description, level.description)
        for family in found.families
        for role in family.roles
        for level in role.levels
    }
    levels = session.execute(
        select(RoleLevel, Role, col(RoleFamily.name))
        .join(Role, col(Role.id) == col(RoleLevel.role_id))
        .join(RoleFamily, col(RoleFamily.id) == col(Role.role_family_id))
        .where(col(RoleFamily.framework_version_id) == version.id)
    ).all()
    for level, role, family in levels:
        role_text, level_text = texts.get((family, role.name, level.name), ("", ""))
        if role_text and role.description != role_text:
            role.description = role_text
        if level_text and level.description != level_text:
            level.description = level_text


def _summary(preview: FrameworkPreview, version: FrameworkVersion) -> FrameworkSummary:
    roles = [role for family in preview.file.families for role in family.roles]
    levels = [level for role in roles for level in role.levels]
    required = [held for level in levels for _, held in level.requirements]
    return FrameworkSummary(
        label=version.label,
        action=preview.action,
        families=len(preview.file.families),
        roles=len(roles),
        role_levels=sum(len(role.levels) for role in roles if not role.is_chief),
        chief_roles=sum(role.is_chief for role in roles),
        skills=len(preview.file.skills),
        requirements=sum(held is not None for held in required),
        checklist_entries=sum(held is None for held in required),
        is_current=version.is_current,
    )


def _facts(session: Session, version: FrameworkVersion) -> FrameworkFacts:
    grouped: dict[tuple[str, str, str], dict[str, int | None]] = {}
    for family, role, level, _seniority, skill, required in session.execute(
        text(_FACTS), {"version": version.id}
    ):
        grouped.setdefault((family, role, level), {})[skill] = required
    texts = {
        (row[1], row[2], row[4]): row[7] for row in session.execute(text(_CARDS), {"version": version.id})
    }
    words = {
        name: " ".join((row.description, row.level_1, row.level_2, row.level_3, row.level_4))
        for row, name in session.execute(
            select(FrameworkSkill, col(Skill.name))
            .join(Skill, col(Skill.id) == col(FrameworkSkill.skill_id))
            .where(col(FrameworkSkill.framework_version_id) == version.id)
            .order_by(col(Skill.name))
        )
    }
    levels = tuple(
        LevelFacts(*place, requirements=required, description=texts.get(place, ""))
        for place, required in grouped.items()
    )
    return FrameworkFacts(levels, words)
