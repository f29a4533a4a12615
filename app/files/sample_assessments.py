"""Assessments of the sample: who has rated whom, when, and how near people are to what their role
requires."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.files.sample_people import SamplePeople
from app.files.sample_recipe import Dice, Floats, Ints, Recipe
from app.terms import AssessedBy

ASSESSORS = tuple(AssessedBy)
"""Who assessed, by code: self, line manager, head of profession."""

_OLDEST_DAYS = 545  # eighteen months
_KINDS = (45.0, 40.0, 15.0)
_OPTIMISM = np.array([0.35, 0.0, -0.2])  # self ratings run high, heads of profession are strict
_RATED = 0.94  # share of required skills a session gets through
_SECOND_SESSION, _SECOND_SKILLS = 0.12, 0.6
_BEYOND = 0.08  # share of assessed people with a rating in a skill their role does not ask for


@dataclass(frozen=True, slots=True)
class SampleAssessments:
    """One rating per row, by person and then date.

    ``person`` are rows of the people, ``skill`` places in ``skills``, ``days_ago`` counts back from the day
    of the extract, ``kind`` is a place in ASSESSORS.
    """

    skills: tuple[str, ...]
    person: Ints
    skill: Ints
    level: Ints
    days_ago: Ints
    kind: Ints

    def __len__(self) -> int:
        return len(self.person)


@dataclass(frozen=True, slots=True)
class _Session:
    """One sitting: a person, its day and its assessor."""

    person: Ints
    days_ago: Ints
    kind: Ints


def make_assessments(recipe: Recipe, people: SamplePeople, dice: Dice) -> SampleAssessments:
    """Rate people against what their real role requires; the same dice give the same ratings."""
    skills = tuple(sorted({skill for level in recipe.role_levels for skill, _ in level.requires}))
    first, second = _sessions(recipe, people, dice)
    skill_gift = dice.spread(len(recipe.departments) * len(skills)).reshape(-1, len(skills)) * 0.45
    own_gift = dice.spread(len(people)) * 0.55
    nearness = np.array([unit.maturity for unit in recipe.departments]) * 1.5 - 1.35
    parts: list[NDArray[np.int64]] = []
    for session, share in ((first, _RATED), (second, _SECOND_SKILLS)):
        place, skill, required = _pairs(recipe, people, session, skills)
        kept = dice.chance(share, len(place))
        place, skill, required = place[kept], skill[kept], required[kept]
        person = session.person[place]
        code = people.department[person]
        held = required + nearness[code] + own_gift[person] + skill_gift[code, skill]
        held += _OPTIMISM[session.kind[place]] + dice.spread(len(place)) * 0.4
        parts.append(_rows(session, place, skill, held))
    parts.append(_ratings_beyond(recipe, people, first, skills, dice))
    rows = np.concatenate(parts, axis=1)
    person, skill, level, days, kind = rows[:, np.lexsort((rows[1], -rows[3], rows[0]))]
    return SampleAssessments(skills, person, skill, level, days, kind)


def _sessions(recipe: Recipe, people: SamplePeople, dice: Dice) -> tuple[_Session, _Session]:
    """A first sitting for most people in digital roles, and a second by somebody else for some of them."""
    share = np.array([unit.assessed for unit in recipe.departments])[people.department]
    person = np.flatnonzero(dice.chance(share, len(people)) & (people.truth >= 0))
    longest = np.minimum(_OLDEST_DAYS, people.tenure_days[person]) - 1
    days = (dice.uniform(len(person)) ** 1.3 * longest).astype(np.int64) + 1
    kind = dice.pick(_KINDS, len(person))
    again = np.flatnonzero(dice.chance(_SECOND_SESSION, len(person)))
    later = (days[again] * dice.uniform(len(again))).astype(np.int64)
    other = (kind[again] + 1 + dice.pick([1.0, 1.0], len(again))) % len(ASSESSORS)
    return _Session(person, days, kind), _Session(person[again], later, other)


def _pairs(
    recipe: Recipe, people: SamplePeople, session: _Session, skills: tuple[str, ...]
) -> tuple[Ints, Ints, Ints]:
    """Place in the session, skill and required level of every pair of the people sitting."""
    code = {skill: place for place, skill in enumerate(skills)}
    wanted = [
        [(code[skill], required) for skill, required in level.requires if required is not None]
        for level in recipe.role_levels
    ]
    flat = np.array([pair for pairs in wanted for pair in pairs], np.int64).reshape(-1, 2)
    count = np.array([len(pairs) for pairs in wanted])
    start = np.cumsum(count) - count
    truth = people.truth[session.person]
    place = np.repeat(np.arange(len(truth)), count[truth])
    within = np.arange(len(place)) - np.repeat(np.cumsum(count[truth]) - count[truth], count[truth])
    chosen = flat[start[truth][place] + within]
    return place, chosen[:, 0], chosen[:, 1]


def _ratings_beyond(
    recipe: Recipe, people: SamplePeople, session: _Session, skills: tuple[str, ...], dice: Dice
) -> NDArray[np.int64]:
    """Ratings in skills the role does not ask for, such as those of an earlier role."""
    place = np.flatnonzero(dice.chance(_BEYOND, len(session.person)))
    skill = dice.pick([1.0] * len(skills), len(place))
    asked = np.zeros((len(recipe.role_levels), len(skills)), np.bool_)
    code = {name: at for at, name in enumerate(skills)}
    for at, level in enumerate(recipe.role_levels):
        asked[at, [code[name] for name, _ in level.requires]] = True
    checklist = [
        code[name] for level in recipe.role_levels for name, required in level.requires if required is None
    ]
    is_free = ~asked[people.truth[session.person[place]], skill] & ~np.isin(skill, checklist)
    held = dice.uniform(len(place)) * 3 + 1
    return _rows(session, place[is_free], skill[is_free], held[is_free])


def _rows(session: _Session, place: Ints, skill: Ints, held: Floats) -> NDArray[np.int64]:
    level = np.clip(np.rint(held), 0, 4).astype(np.int64)
    return np.stack([session.person[place], skill, level, session.days_ago[place], session.kind[place]])
