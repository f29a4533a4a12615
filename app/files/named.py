"""Names a file uses that the workspace must know: roles and their levels, skills, departments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.files.columns import nearest
from app.files.values import Fault
from app.terms import FinancialQuarter, clean_name, name_key

_FRAMEWORK_ADVICE = (
    "Write it as the framework does; `muster frameworks show NAME` lists its roles and skills."
)


@dataclass(frozen=True, slots=True)
class KnownNames:
    """What the workspace knows: ``levels`` are (role, role level) pairs; ``departments`` are unit paths."""

    levels: Sequence[tuple[str, str]] = ()
    skills: Sequence[str] = ()
    departments: Sequence[str] = ()

    def finder(self) -> NameFinder:
        """The same, ready to look up."""
        return NameFinder(self)


class NameFinder:
    """Looks names up regardless of case and blanks; every method raises Fault with the nearest name."""

    def __init__(self, known: KnownNames) -> None:
        self._known = known
        self._skills = {name_key(name): name for name in known.skills}
        self._roles: dict[str, str] = {}
        self._levels: dict[str, list[tuple[str, str]]] = {}
        for role, level in known.levels:
            self._roles.setdefault(name_key(role), role)
            same = self._levels.setdefault(name_key(level), [])
            if (role, level) not in same:
                same.append((role, level))
        self._paths = {_path_key(path): path for path in known.departments}
        self._units: dict[str, list[str]] = {}
        for path in known.departments:
            self._units.setdefault(name_key(path.split(" / ")[-1]), []).append(path)

    def skill(self, text: str) -> str:
        """The skill of this name."""
        found = self._skills.get(name_key(text))
        if found is None:
            raise Fault("This skill is not in any framework loaded", _hint(text, self._known.skills))
        return found

    def role(self, text: str) -> str:
        """The role of this name."""
        found = self._roles.get(name_key(text))
        if found is None:
            raise Fault("This role is not in any framework loaded", _hint(text, list(self._roles.values())))
        return found

    def level(self, text: str, role: str = "") -> tuple[str, str]:
        """(role, role level) of a level's name, in this role where one is named."""
        found = self._levels.get(name_key(text), [])
        inside = [pair for pair in found if not role or name_key(pair[0]) == name_key(role)]
        if len(inside) == 1:
            return inside[0]
        if inside:
            roles = ", ".join(f"“{pair[0]}”" for pair in inside)
            raise Fault(
                f"{len(inside)} roles have a level of this name: {roles}",
                "Name the role as well, in a column “role”.",
            )
        if found:
            raise Fault(
                f"The role “{role}” has no such level",
                f"This level belongs to “{found[0][0]}”; put one of the two right.",
            )
        of_role = [level for one, level in self._known.levels if not role or name_key(one) == name_key(role)]
        raise Fault("This role level is not in any framework loaded", _hint(text, of_role))

    def level_of_role(self, role: str) -> tuple[str, str]:
        """The level meant where only a role is named: its only one, or the one that bears the role's name."""
        levels = list(
            dict.fromkeys(pair for pair in self._known.levels if name_key(pair[0]) == name_key(role))
        )
        named = [pair for pair in levels if name_key(pair[1]) == name_key(role)]
        if len(levels) == 1:
            return levels[0]
        if len(named) == 1:
            return named[0]
        choice = ", ".join(f"“{pair[1]}”" for pair in levels[:6])
        raise Fault("FTE needs a role level, and this role has several", f"Name one of {choice}.")

    def department(self, text: str) -> str:
        """The unit with this path, or with this name where only one has it."""
        exact = self._paths.get(_path_key(text))
        if exact is not None:
            return exact
        named = self._units.get(name_key(text), [])
        if len(named) == 1:
            return named[0]
        if named:
            paths = "; ".join(sorted(named)[:4])
            raise Fault(f"Several units have this name: {paths}", "Write the whole path.")
        close = nearest(text, self._known.departments)
        advice = f"Perhaps “{close}” is meant." if close else "Load its people or its organogram first."
        raise Fault("This department is not in the workspace", advice)


def _path_key(path: str) -> str:
    return " / ".join(name_key(part) for part in path.split(" / ") if part.strip())


def _hint(text: str, known: Sequence[str]) -> str:
    if not known:
        return "Load a framework first: no role or skill is known yet."
    close = nearest(text, known)
    return f"Perhaps “{close}” is meant; write it exactly so." if close else _FRAMEWORK_ADVICE


def weight_text(ten_thousandths: int | None) -> str:
    """A weight as people write it."""
    return "" if ten_thousandths is None else f"{ten_thousandths / 10_000:g}"


def quarter_text(quarter: int | None) -> str:
    """A quarter's code, blank for none."""
    return "" if quarter is None else FinancialQuarter(quarter).code


def said(value: object) -> str:
    """A value of a row inside a sentence."""
    return "nothing" if value in (None, "") else clean_name(str(value))
