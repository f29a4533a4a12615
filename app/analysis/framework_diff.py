"""Two framework versions -> what was added, removed, renamed, re-levelled, moved or reworded.

Names are compared trimmed (PRODUCT, rule 1). A rename is claimed only where one thing disappeared and another
appeared in the same place with nearly the same content; it carries a confidence.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from rapidfuzz import fuzz

Key = TypeVar("Key")

RENAME_AT_LEAST = 0.60
"""Below this similarity two things are an addition and a removal, not a rename."""


class DiffKind(StrEnum):
    """What happened to a part of the framework (FORMATS, ``frameworks compare``)."""

    ADDED = "added"
    REMOVED = "removed"
    RENAMED = "renamed"
    RELEVELLED = "re-levelled"
    MOVED = "moved"
    REWORDED = "reworded"


@dataclass(frozen=True, slots=True)
class LevelFacts:
    """A role level as it is compared: where it stands, what it requires (None = checklist), its text."""

    family: str
    role: str
    level: str
    requirements: Mapping[str, int | None]
    description: str = ""


@dataclass(frozen=True, slots=True)
class FrameworkFacts:
    """A framework version as it is compared. ``skills`` maps names to everything said about them."""

    levels: tuple[LevelFacts, ...]
    skills: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class DiffLine:
    """One difference. Names that do not apply are empty; ``confidence`` is 1 except for renames."""

    kind: DiffKind
    role_family: str
    role: str
    role_level: str
    skill: str
    before: str
    after: str
    confidence: float


def framework_diff(old: FrameworkFacts, new: FrameworkFacts) -> tuple[DiffLine, ...]:
    """Every difference, skills first, then role levels in the order of the new version."""
    renamed_skills = _renames_of_skills(old, new)
    lines = _skill_lines(old, new, renamed_skills)
    before = {(facts.role, facts.level): facts for facts in old.levels}
    after = {(facts.role, facts.level): facts for facts in new.levels}
    gone = [key for key in before if key not in after]
    come = [key for key in after if key not in before]
    pairs = _renames_of_levels(before, after, gone, come, renamed_skills)
    for key, facts in after.items():
        if key in before:
            lines += _level_lines(before[key], facts, renamed_skills)
        elif key in pairs:
            was, confidence = pairs[key]
            old_name = " · ".join(was)
            place = (facts.family, facts.role, facts.level, "")
            lines.append(DiffLine(DiffKind.RENAMED, *place, old_name, " · ".join(key), confidence))
            lines += _level_lines(before[was], facts, renamed_skills)
        else:
            lines.append(
                DiffLine(DiffKind.ADDED, facts.family, facts.role, facts.level, "", "", facts.level, 1.0)
            )
    taken = {was for was, _ in pairs.values()}
    for key in gone:
        if key not in taken:
            facts = before[key]
            place = (facts.family, facts.role, facts.level, "")
            lines.append(DiffLine(DiffKind.REMOVED, *place, facts.level, "", 1.0))
    return tuple(lines)


def _skill_lines(
    old: FrameworkFacts, new: FrameworkFacts, renamed: dict[str, tuple[str, float]]
) -> list[DiffLine]:
    lines: list[DiffLine] = []
    for name, words in new.skills.items():
        if name in renamed:
            was, confidence = renamed[name]
            lines.append(DiffLine(DiffKind.RENAMED, "", "", "", name, was, name, confidence))
        elif name not in old.skills:
            lines.append(DiffLine(DiffKind.ADDED, "", "", "", name, "", name, 1.0))
        elif _is_reworded(old.skills[name], words):
            lines.append(DiffLine(DiffKind.REWORDED, "", "", "", name, old.skills[name], words, 1.0))
    taken = {was for was, _ in renamed.values()}
    lines += [
        DiffLine(DiffKind.REMOVED, "", "", "", name, name, "", 1.0)
        for name in old.skills
        if name not in new.skills and name not in taken
    ]
    return lines


def _level_lines(
    before: LevelFacts, after: LevelFacts, renamed: dict[str, tuple[str, float]]
) -> list[DiffLine]:
    place = (after.family, after.role, after.level)
    lines: list[DiffLine] = []
    if before.family != after.family:
        lines.append(DiffLine(DiffKind.MOVED, *place, "", before.family, after.family, 1.0))
    if _is_reworded(before.description, after.description):
        lines.append(DiffLine(DiffKind.REWORDED, *place, "", before.description, after.description, 1.0))
    back = {was: name for name, (was, _) in renamed.items()}
    required = {back.get(skill, skill): level for skill, level in before.requirements.items()}
    for skill, level in after.requirements.items():
        if skill not in required:
            lines.append(DiffLine(DiffKind.ADDED, *place, skill, "", _number(level), 1.0))
        elif required[skill] != level:
            shown = (_number(required[skill]), _number(level))
            lines.append(DiffLine(DiffKind.RELEVELLED, *place, skill, *shown, 1.0))
    lines += [
        DiffLine(DiffKind.REMOVED, *place, skill, _number(level), "", 1.0)
        for skill, level in required.items()
        if skill not in after.requirements
    ]
    return lines


def _is_reworded(before: str, after: str) -> bool:
    """Whether both sides say something, and not the same; a side without the texts has not reworded anything."""
    old, new = " ".join(before.split()), " ".join(after.split())
    return bool(old and new) and old != new


def _number(level: int | None) -> str:
    return "" if level is None else str(level)


def _renames_of_skills(old: FrameworkFacts, new: FrameworkFacts) -> dict[str, tuple[str, float]]:
    """New skill name -> (old name, confidence): same users to a good part, and similar words."""
    gone = [name for name in old.skills if name not in new.skills]
    come = [name for name in new.skills if name not in old.skills]
    if not gone or not come:
        return {}
    users_before, users_after = _users(old), _users(new)
    scored: list[tuple[float, str, str]] = []
    for name in come:
        for was in gone:
            words = fuzz.token_sort_ratio(name.casefold(), was.casefold()) / 100
            score = 0.6 * words + 0.4 * _overlap(users_before.get(was, set()), users_after.get(name, set()))
            if score >= RENAME_AT_LEAST:
                scored.append((score, name, was))
    return {name: (was, score) for name, was, score in _best_pairs(scored)}


def _users(facts: FrameworkFacts) -> dict[str, set[tuple[str, str]]]:
    users: dict[str, set[tuple[str, str]]] = {}
    for level in facts.levels:
        for skill in level.requirements:
            users.setdefault(skill, set()).add((level.role, level.level))
    return users


def _renames_of_levels(
    before: dict[tuple[str, str], LevelFacts],
    after: dict[tuple[str, str], LevelFacts],
    gone: list[tuple[str, str]],
    come: list[tuple[str, str]],
    renamed: dict[str, tuple[str, float]],
) -> dict[tuple[str, str], tuple[tuple[str, str], float]]:
    """New (role, level) -> ((old role, old level), confidence)."""
    scored: list[tuple[float, tuple[str, str], tuple[str, str]]] = []
    for key in come:
        skills = {renamed[name][0] if name in renamed else name for name in after[key].requirements}
        for was in gone:
            words = fuzz.token_sort_ratio(" ".join(key).casefold(), " ".join(was).casefold()) / 100
            score = 0.5 * words + 0.5 * _overlap(set(before[was].requirements), skills)
            if score >= RENAME_AT_LEAST:
                scored.append((score, key, was))
    return {key: (was, score) for key, was, score in _best_pairs(scored)}


def _best_pairs(scored: list[tuple[float, Key, Key]]) -> list[tuple[Key, Key, float]]:
    """Pairs in order of score, each side used once; ties broken by name so that runs repeat."""
    taken_new: set[object] = set()
    taken_old: set[object] = set()
    pairs: list[tuple[Key, Key, float]] = []
    for score, name, was in sorted(scored, key=lambda item: (-item[0], str(item[1]), str(item[2]))):
        if name not in taken_new and was not in taken_old:
            taken_new.add(name)
            taken_old.add(was)
            pairs.append((name, was, round(score, 2)))
    return pairs


def _overlap(one: set[Key], other: set[Key]) -> float:
    union = one | other
    return len(one & other) / len(union) if union else 0.0
