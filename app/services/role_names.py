"""Role levels, skills and people by the names somebody types: exactly one answer, or a sentence with the nearest."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from app.errors import UsageError
from app.files.columns import nearest
from app.services.population import RoleLevelLine
from app.terms import name_key


def level_named(levels: Sequence[RoleLevelLine], name: str, role: str = "") -> RoleLevelLine:
    """The one role level of this name, in this role where one is named; capitals and blanks do not matter.

    Raises UsageError with the nearest name where there is none, and with the roles to choose from where several
    roles have a level of that name.
    """
    if role:
        known = {line.role for line in levels}
        if name_key(role) not in {name_key(one) for one in known}:
            raise UsageError(f"There is no role “{role}”.", _hint(role, known))
        levels = [line for line in levels if name_key(line.role) == name_key(role)]
    found = [line for line in levels if name_key(line.name) == name_key(name)]
    if not found:
        where = f" in the role “{levels[0].role}”" if role and levels else ""
        raise UsageError(
            f"There is no role level “{name}”{where}.", _hint(name, [line.name for line in levels])
        )
    if len(found) > 1:
        roles = ", ".join(f"“{line.role}”" for line in found)
        raise UsageError(
            f"{len(found)} roles have a level “{found[0].name}”: {roles}.", "Name the role as well."
        )
    return found[0]


def changed_requirements(
    base: Mapping[str, int],
    required: Iterable[tuple[str, int]],
    without: Iterable[str],
    skills: Collection[str],
) -> dict[str, int]:
    """The requirements of a base (skill to level 1 to 4) with levels set or added, and skills taken away.

    Skills are found regardless of capitals and blanks. Raises UsageError for a skill that is not among ``skills``,
    for one to leave out that the base does not require, and for one that is both required and left out.
    """
    made = dict(base)
    set_by_hand = {_skill_named(name, skills): level for name, level in required}
    for name in without:
        skill = _skill_named(name, skills)
        if skill in set_by_hand:
            raise UsageError(f"“{skill}” is both required and left out.", "Say one of the two.")
        if skill not in made:
            raise UsageError(f"“{skill}” is not required by the role this is based on.", _hint(name, made))
        del made[skill]
    return made | set_by_hand


def _skill_named(name: str, skills: Collection[str]) -> str:
    for skill in skills:
        if name_key(skill) == name_key(name):
            return skill
    raise UsageError(f"There is no skill “{name}”.", _hint(name, skills))


def _hint(name: str, known: Collection[str]) -> str:
    close = nearest(name, known)
    return f"The nearest name is “{close}”." if close else "Use a name of the current framework."
