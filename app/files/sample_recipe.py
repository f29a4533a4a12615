"""What the sample organisation is made of: departments, names and titles (``resources/sample``), role
levels."""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.files.framework_facts import read_facts
from app.resources import resource
from app.terms import GRADES, name_key

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

CHIEFS = "Chief digital and data"


@dataclass(frozen=True, slots=True)
class Directorate:
    """A directorate: its teams, and how its people spread over role families."""

    name: str
    families: dict[str, float]
    teams: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SampleDepartment:
    """A department of the sample; shares and maturity are 0 to 1 (see departments.toml)."""

    name: str
    short: str
    share: float
    maturity: float
    mapped: float
    assessed: float
    contractors: float
    locations: tuple[str, ...]
    directorates: tuple[Directorate, ...]


@dataclass(frozen=True, slots=True)
class SampleRoleLevel:
    """A role level of the framework with its usual grades (places in GRADES) and required skills."""

    family: str
    role: str
    name: str
    position: float
    grades: tuple[int, int]
    requires: tuple[tuple[str, int | None], ...]


@dataclass(frozen=True, slots=True)
class OtherTitle:
    """A title outside the framework, its usual grades, and the profession it is filed under."""

    title: str
    grades: tuple[int, int]
    profession: str


@dataclass(frozen=True, slots=True)
class TitleWords:
    """How titles are written: other names of roles, short forms of seniority, dress with its weight."""

    called: dict[str, tuple[str, ...]]
    short: dict[str, tuple[str, ...]]
    dress: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class Recipe:
    """Everything the sample is made of."""

    departments: tuple[SampleDepartment, ...]
    role_levels: tuple[SampleRoleLevel, ...]
    role_weight: dict[str, float]
    unmapped: tuple[OtherTitle, ...]
    other: tuple[OtherTitle, ...]
    professions: tuple[str, ...]
    words: TitleWords
    given_names: tuple[str, ...]
    family_names: tuple[str, ...]


class Dice:
    """Random choices, all made from plain uniform numbers so that a seed stays good between numpy
    versions."""

    def __init__(self, seed: int) -> None:
        self._rng = np.random.Generator(np.random.PCG64(seed))

    def uniform(self, *shape: int) -> Floats:
        """Numbers from 0 up to 1."""
        return self._rng.random(shape)

    def chance(self, share: Floats | float, count: int) -> NDArray[np.bool_]:
        """True with the given chance, ``count`` times."""
        return self.uniform(count) < share

    def pick(self, weights: Sequence[float] | Floats, count: int) -> Ints:
        """``count`` places of ``weights``, each as likely as its weight."""
        steps = np.cumsum(np.asarray(weights, np.float64))
        return np.minimum(np.searchsorted(steps / steps[-1], self.uniform(count), "right"), len(steps) - 1)

    def spread(self, count: int) -> Floats:
        """About normal with mean 0 and deviation 1: twelve uniform numbers, less six."""
        return self.uniform(12, count).sum(axis=0) - 6.0


def read_recipe() -> Recipe:
    """Read the bundled recipe and the bundled framework."""
    folder = resource("sample")
    titles = _toml(folder / "titles.toml")
    names = _csv_rows(folder / "names.csv")
    return Recipe(
        departments=tuple(_department(entry) for entry in _toml(folder / "departments.toml")["department"]),
        role_levels=_role_levels(),
        role_weight={row["role"]: float(row["weight"]) for row in _csv_rows(folder / "roles.csv")},
        unmapped=tuple(
            OtherTitle(title, grade_pair(grades), "") for title, grades in titles["unmapped"]["titles"]
        ),
        other=tuple(
            OtherTitle(title, grade_pair(grades), profession)
            for title, grades, profession in titles["other"]["titles"]
        ),
        professions=tuple(titles["professions"]["digital"]),
        words=TitleWords(
            {role: tuple(forms) for role, forms in titles["called"].items()},
            {word: tuple(forms) for word, forms in titles["short"].items()},
            tuple((dress["form"], float(dress["weight"])) for dress in titles["dress"]),
        ),
        given_names=tuple(row["name"] for row in names if row["kind"] == "given"),
        family_names=tuple(row["name"] for row in names if row["kind"] == "family"),
    )


def grade_pair(text: str) -> tuple[int, int]:
    """ "HEO SEO" as places in GRADES; one grade stands for both."""
    found = [GRADES.index(grade) for grade in text.split()]
    return found[0], found[-1]


def _department(entry: dict[str, Any]) -> SampleDepartment:
    return SampleDepartment(
        name=entry["name"],
        short=entry["short"],
        share=entry["share"],
        maturity=entry["maturity"],
        mapped=entry["mapped"],
        assessed=entry["assessed"],
        contractors=entry["contractors"],
        locations=tuple(entry["locations"]),
        directorates=tuple(
            Directorate(unit["name"], dict(unit["families"]), tuple(unit["teams"]))
            for unit in entry["directorates"]
        ),
    )


def _role_levels() -> tuple[SampleRoleLevel, ...]:
    framework = read_facts(resource("frameworks", "government-digital-and-data-2025-09.csv"))
    usual = {
        name_key(row["role_level"]): grade_pair(row["grades"])
        for row in _csv_rows(resource("titles", "usual_grades.csv"))
    }
    levels: list[SampleRoleLevel] = []
    for family in framework.families:
        for role in family.roles:
            for level in role.levels:
                position = (level.seniority - 0.5) / len(role.levels)
                grades = usual.get(name_key(level.name)) or _grades_at(position, family.name == CHIEFS)
                levels.append(
                    SampleRoleLevel(
                        family.name, role.name, level.name, position, grades, tuple(level.requirements)
                    )
                )
    return tuple(levels)


def _grades_at(position: float, is_chief: bool) -> tuple[int, int]:
    """Grades where the usual ones are not known: from EO at the foot of a role to G6 at its top."""
    if is_chief:
        return grade_pair("SCS1 SCS2")
    grade = 2 + round(position * 3.6)
    return grade, min(grade + 1, GRADES.index("G6"))


def _toml(path: Path) -> dict[str, Any]:
    with path.open("rb") as file:
        return tomllib.load(file)


def _csv_rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
