"""A framework as it comes out of a file: families, roles, role levels in order, skills, requirements."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from app.errors import Problem
from app.files.columns import HeaderMatch


@dataclass(frozen=True, slots=True)
class RoleLevelInput:
    """A level of a role. ``requirements`` are (skill, level 1 to 4); None: on a chief role's checklist."""

    name: str
    seniority: int
    description: str
    requirements: tuple[tuple[str, int | None], ...]


@dataclass(frozen=True, slots=True)
class RoleInput:
    """A role with its levels, most junior first. A chief role has one level named as the role."""

    name: str
    description: str
    is_chief: bool
    levels: tuple[RoleLevelInput, ...]
    role_type: str = ""


@dataclass(frozen=True, slots=True)
class FamilyInput:
    """A role family with its roles in the order of the file."""

    name: str
    roles: tuple[RoleInput, ...]
    description: str = ""


@dataclass(frozen=True, slots=True)
class SkillInput:
    """A skill with its texts; ``level_texts`` are those of awareness, working, practitioner, expert."""

    name: str
    description: str = ""
    level_texts: tuple[str, str, str, str] = ("", "", "", "")


@dataclass(frozen=True, slots=True)
class Oddity:
    """One kind of oddity in the file and how many rows or cells show it."""

    kind: str
    count: int
    what: str


@dataclass(frozen=True, slots=True)
class FrameworkFile:
    """Everything a framework file says. ``sha256`` is of the role file's bytes.

    ``problems`` lists every oddity by row; those of severity "error" are rows that were left out.
    ``oddities`` counts them by kind. ``facts_hash`` is over names and numbers only, so texts and blanks do
    not change it.
    """

    families: tuple[FamilyInput, ...]
    skills: tuple[SkillInput, ...]
    facts_hash: str
    framework: str
    label: str
    effective_on: date | None = None
    source: str = ""
    licence: str = ""
    problems: tuple[Problem, ...] = ()
    oddities: tuple[Oddity, ...] = ()
    sha256: str = ""
    skills_sha256: str = ""
    match: HeaderMatch | None = None
    level_descriptions: tuple[str, str, str, str] = ("", "", "", "")
    rows: int = 0

    def facts(self) -> Iterator[tuple[str, str, str, int, str, int | None]]:
        """The rows of ``frameworks show``: family, role, role level, seniority, skill, required."""
        for family in self.families:
            for role in family.roles:
                for level in role.levels:
                    for skill, required in level.requirements:
                        yield family.name, role.name, level.name, level.seniority, skill, required


def facts_hash(families: tuple[FamilyInput, ...]) -> str:
    """SHA-256 over who requires what; the inferred order of seniority and all texts stay out of it."""
    lines = sorted(
        f"{family.name}\t{role.name}\t{level.name}\t{skill}\t{'' if required is None else required}"
        for family in families
        for role in family.roles
        for level in role.levels
        for skill, required in level.requirements
    )
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
