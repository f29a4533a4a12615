"""The checks on the data, one function each: from the columns of a day to the people a check has found.

Pure functions; :mod:`app.services.quality` reads the columns and owns the words around the findings.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from app.analysis.grade_spread import in_grade_order, overlap, shown_grades, spreads
from app.analysis.person_likeness import LikePair, PersonMarks, staff_key
from app.analysis.role_match import bundled_lexicon
from app.files.words import grade_of
from app.services.population import Flags, Population, RoleLevelLine
from app.terms import GRADES, Employment, FinancialQuarter, PersonStatus, name_key

FEWEST_FOR_OWN_GRADES = 10
"""People of a role level who hold a grade, from which their spread counts as what is usual here."""
LOWEST_FTE_HUNDREDTHS = 10
_NO_TITLE = frozenset(
    {"na", "nil", "none", "tbc", "tba", "tbd", "unknown", "vacant", "title", "job title", "not known"}
)

Finding = tuple[int, str]
"""The place of a person in the columns, and what was found."""


@dataclass(frozen=True, slots=True)
class BookedLine:
    """A line of a plan in force: which quarter (number), and what the course is called."""

    quarter: int
    course: str


@dataclass(frozen=True)
class CheckedData:
    """One day's columns with what the checks need besides; ``chosen`` are the people looked at.

    ``email``, ``manager_id`` and ``start`` (day number, 0 unknown) have one entry per person of the population.
    ``open_roles`` counts open role assignments and ``booked`` lists plan lines, by person id.
    """

    population: Population
    chosen: Flags
    email: tuple[str, ...]
    manager_id: tuple[str, ...]
    start: tuple[int, ...]
    open_roles: Mapping[int, int]
    booked: Mapping[int, Sequence[BookedLine]]

    @cached_property
    def gone(self) -> Flags:
        """People who have left by the day: by their status or by their last day."""
        return has_left(self.population)

    @cached_property
    def looked_at(self) -> list[int]:
        """Places of the people who are present and chosen."""
        return np.flatnonzero(self.chosen & self.population.is_present).tolist()

    @cached_property
    def grade(self) -> tuple[str, ...]:
        """Everybody's grade under its Civil Service name: extracts write "Grade 7" and "G7" for the same one."""
        known = {written: grade_of(written) for written in set(self.population.grade)}
        return tuple(known[written] for written in self.population.grade)

    @cached_property
    def usual(self) -> dict[int, tuple[str, ...]]:
        """The usual grades of each role level: those of the profession, and our own where enough people hold it."""
        listed = bundled_lexicon().grades
        found: dict[int, tuple[str, ...]] = {}
        for level, line in self.population.levels.items():
            counts = self.spread.get(level, {})
            own = shown_grades(counts) if sum(counts.values()) >= FEWEST_FOR_OWN_GRADES else ()
            found[level] = in_grade_order((*listed.get(name_key(line.name), ()), *own))
        return found

    @cached_property
    def spread(self) -> dict[int, Mapping[str, int]]:
        """How many people of each grade hold each role level, over the whole workspace."""
        population = self.population
        here = np.flatnonzero(population.is_present).tolist()
        levels = population.role_level_id.tolist()
        return {**spreads((levels[at] for at in here), (self.grade[at] for at in here))}

    @cached_property
    def place_of(self) -> dict[str, int]:
        """The place of each staff number."""
        return {staff: place for place, staff in enumerate(self.population.staff_id)}


def has_left(population: Population) -> Flags:
    """People who have left by the day of the columns: by their status or by their last day."""
    left = np.fromiter(
        (status == PersonStatus.LEFT.value for status in population.status), np.bool_, len(population)
    )
    return left | (population.last_day < population.day.toordinal())


# --- roles and grades ---------------------------------------------------------------------------------------------


def without_role(found: CheckedData) -> Iterator[Finding]:
    """People with neither a role nor a decision that theirs is not digital."""
    population = found.population
    for place in found.looked_at:
        if not population.mapped_kind[place]:
            yield (
                place,
                "No role yet" if population.job_title[place].strip() else "No role yet, and no job title",
            )


def grade_outside_role(found: CheckedData) -> Iterator[Finding]:
    """People whose grade is usual at no level of their role: likely the wrong role."""
    for place, level, grade, others in _unusual(found):
        if not others:
            yield (
                place,
                f"{grade} is usual at no level of {level.role}; here it is {_listed(found.usual[level.role_level_id])}",
            )


def level_against_grade(found: CheckedData) -> Iterator[Finding]:
    """People whose grade is usual for another level of their role: likely the wrong level."""
    for place, level, grade, others in _unusual(found):
        if others:
            nearest = min(others, key=lambda line: (abs(line.seniority - level.seniority), line.seniority))
            usual = _listed(found.usual[level.role_level_id])
            yield place, f"{grade} is usual for {nearest.name}; {level.name} is usually {usual}"


def _unusual(found: CheckedData) -> Iterator[tuple[int, RoleLevelLine, str, list[RoleLevelLine]]]:
    """People with a grade not usual for their level, and the other levels of the role for which it is."""
    population, usual = found.population, found.usual
    siblings: dict[int, list[RoleLevelLine]] = {}
    for line in population.levels.values():
        siblings.setdefault(line.role_id, []).append(line)
    for place in found.looked_at:
        level = population.levels.get(int(population.role_level_id[place]))
        grade = found.grade[place]
        if level is None or grade not in GRADES or not usual[level.role_level_id]:
            continue
        if grade not in usual[level.role_level_id]:
            yield (
                place,
                level,
                grade,
                [line for line in siblings[level.role_id] if grade in usual[line.role_level_id]],
            )


def level_grades(
    found: CheckedData,
) -> Iterator[tuple[RoleLevelLine, Mapping[str, int], tuple[str, ...], tuple[str, ...]]]:
    """Each role level held: people by grade, the grades to show (85/15 rule), the usual ones of the profession."""
    listed = bundled_lexicon().grades
    population = found.population
    levels = population.role_level_id.tolist()
    held = spreads((levels[at] for at in found.looked_at), (found.grade[at] for at in found.looked_at))
    for level, line in population.levels.items():
        if level in held:
            yield (
                line,
                held[level],
                shown_grades(held[level]),
                in_grade_order(listed.get(name_key(line.name), ())),
            )


def have_no_overlap(shown: Sequence[str], usual: Sequence[str]) -> bool:
    """Whether both are known and share no grade."""
    return bool(shown and usual) and not overlap(shown, usual)


# --- who is there ---------------------------------------------------------------------------------------------------


def managers_missing(found: CheckedData) -> Iterator[Finding]:
    """People whose manager is not in the workspace, has left, or stands below them in the line."""
    population, in_ring = found.population, _rings(found)
    by_key = {staff_key(staff): staff for staff in population.staff_id}
    for place in found.looked_at:
        manager = found.manager_id[place]
        if not manager:
            continue
        at = found.place_of.get(manager)
        if at is None:
            meant = by_key.get(staff_key(manager))
            hint = f"; did you mean {meant}?" if meant else ""
            yield place, f"Manager {manager} is not in this workspace{hint}"
        elif found.gone[at]:
            yield place, f"Manager {manager} has left"
        elif place in in_ring:
            yield place, in_ring[place]


def _rings(found: CheckedData) -> dict[int, str]:
    """People on a ring of managers, with the ring in words."""
    above = [found.place_of.get(manager, -1) if manager else -1 for manager in found.manager_id]
    seen_in = [0] * len(above)
    rings: dict[int, str] = {}
    for start in range(len(above)):
        place = start
        while place >= 0 and not seen_in[place]:
            seen_in[place] = start + 1
            place = above[place]
        if place >= 0 and seen_in[place] == start + 1 and place not in rings:
            ring = [place]
            while above[ring[-1]] != place:
                ring.append(above[ring[-1]])
            rings.update((one, _ring_words(found.population, ring, at)) for at, one in enumerate(ring))
    return rings


def _ring_words(population: Population, ring: list[int], at: int) -> str:
    if len(ring) == 1:
        return "Is given as their own manager"
    turned = [*ring[at:], *ring[:at]]
    names = [population.staff_id[place] for place in turned[:5]]
    dots = "… → " if len(ring) > 5 else ""
    return f"The managers go round in a ring: {' → '.join(names)} → {dots}{names[0]}"


def leavers_assigned(found: CheckedData) -> Iterator[Finding]:
    """People who have left, and still hold an open role or a place on a course after their last day."""
    population = found.population
    for place in np.flatnonzero(found.chosen & found.gone).tolist():
        person, last = int(population.person_id[place]), int(population.last_day[place])
        is_dated = last < population.day.toordinal()
        parts: list[str] = []
        if found.open_roles.get(person):
            parts.append("a role is still open")
        courses = [
            line.course
            for line in found.booked.get(person, ())
            if not is_dated or FinancialQuarter(line.quarter).last_day.toordinal() > last
        ]
        if courses:
            more = f" and {len(courses) - 1} more" if len(courses) > 1 else ""
            parts.append(f"still on a course in a plan: {courses[0]}{more}")
        if parts:
            yield place, f"Has left; {'; '.join(parts)}"


def person_marks(found: CheckedData) -> tuple[PersonMarks, list[int]]:
    """What people are told apart by, of everybody who has not left, and their places in the columns."""
    population = found.population
    places = np.flatnonzero(~found.gone).tolist()
    departments = population.department_ids().tolist()
    return (
        PersonMarks(
            [population.staff_id[at] for at in places],
            [population.name[at] for at in places],
            [found.email[at] for at in places],
            [departments[at] for at in places],
            [found.start[at] for at in places],
        ),
        places,
    )


def likeness_words(pair: LikePair) -> str:
    """The reasons of a pair as a sentence."""
    words = "; ".join(reason.value for reason in pair.reasons)
    return words[:1].upper() + words[1:]


# --- blanks and odd values --------------------------------------------------------------------------------------------


def without_grade(found: CheckedData) -> Iterator[Finding]:
    """Civil servants without a grade; contractors have none by nature."""
    population = found.population
    for place in found.looked_at:
        if not population.grade[place] and population.employment[place] == Employment.CIVIL_SERVANT.value:
            yield place, "No grade"


def odd_fte(found: CheckedData) -> Iterator[Finding]:
    """People present whose share of full time cannot be right: none, next to none, or more than full time."""
    population = found.population
    for place in found.looked_at:
        hundredths = int(population.fte_hundredths[place])
        if hundredths < LOWEST_FTE_HUNDREDTHS or hundredths > 100:
            more = (
                "more than full time"
                if hundredths > 100
                else "under a tenth of full time"
                if hundredths
                else "nobody at all"
            )
            yield place, f"FTE {hundredths / 100:.2f} is {more}"


def blank_titles(found: CheckedData) -> Iterator[Finding]:
    """People whose job title is empty or stands for nothing."""
    population = found.population
    for place in found.looked_at:
        title = population.job_title[place].strip()
        bare = " ".join(re.sub(r"[^\w ]+", "", title.casefold()).split())
        if not title:
            yield place, "No job title"
        elif bare in _NO_TITLE or not any(letter.isalpha() for letter in bare):
            yield place, f"“{title}” is no job title"


def _listed(words: Sequence[str]) -> str:
    return " or ".join((", ".join(words[:-1]), words[-1])) if len(words) > 1 else "".join(words)
