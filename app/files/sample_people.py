"""The people of the sample: where they sit, what they really are, and what the extract says of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from app.files.sample_recipe import CHIEFS, Dice, Ints, OtherTitle, Recipe
from app.files.sample_titles import Post, TitleWriter
from app.terms import GRADES, Employment, PersonStatus

_DIGITAL = 0.85  # share in roles of the framework
_UNMAPPED = 0.89  # from there up to here: digital work that no role of the framework covers
_PER_TEAM, _MOST_TEAMS = 30, 12
_SMALLEST_WITH_CHIEF = 60
_FTE = ((1.0, 80.0), (0.8, 8.0), (0.6, 5.0), (0.5, 3.0), (0.9, 2.0), (0.4, 1.0), (0.81, 1.0))
_STATUS = (
    (PersonStatus.ACTIVE, 95.5),
    (PersonStatus.ABSENT, 2.0),
    (PersonStatus.ON_LOAN, 1.2),
    (PersonStatus.ON_NOTICE, 1.3),
)
_GRADE_STYLES = {
    "plain": GRADES,
    "spoken": ("AA", "AO", "EO", "HEO", "SEO", "Grade 7", "Grade 6", "SCS PB1", "SCS PB2"),
}


@dataclass(frozen=True, slots=True)
class SamplePeople:
    """The people, one entry each, in the order of the extract.

    ``truth`` is the place of everybody's real role level in the recipe, -1 for those outside the framework;
    ``is_mapped`` says whom HR has confirmed, and only their role is in the extract. ``grade`` is a place in
    GRADES. ``manager`` is a row, -1 at the top of a department. ``tenure_days`` is how long they have been there.
    """

    staff_ids: tuple[str, ...]
    names: tuple[str, ...]
    titles: tuple[str, ...]
    department: Ints
    directorate: Ints
    teams: tuple[str, ...]
    truth: Ints
    is_mapped: NDArray[np.bool_]
    grade: Ints
    grade_texts: tuple[str, ...]
    manager: Ints
    fte_hundredths: Ints
    employment: tuple[Employment, ...]
    status: tuple[PersonStatus, ...]
    tenure_days: Ints
    start: tuple[date, ...]
    end: tuple[date | None, ...]
    locations: tuple[str, ...]
    professions: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.staff_ids)


@dataclass(frozen=True, slots=True)
class _Places:
    """Where each person sits: codes over all departments, sorted; ``team_names`` one per person."""

    department: Ints
    directorate: Ints
    team: Ints
    team_names: tuple[str, ...]


def make_people(recipe: Recipe, people: int, dice: Dice, as_at: date) -> SamplePeople:
    """Make ``people`` people as they are on ``as_at``; the same dice give the same people."""
    places = _places(recipe, people, dice)
    truth, other = _roles(recipe, places, dice)
    grade = _grades(recipe, truth, other, dice)
    contractors = np.array([unit.contractors for unit in recipe.departments])[places.department]
    is_contractor = dice.chance(contractors, people) & (grade < GRADES.index("SCS1"))
    is_managed = is_contractor & dice.chance(0.25, people)
    mapped = np.array([unit.mapped for unit in recipe.departments])[places.department]
    status = [_STATUS[place][0] for place in dice.pick([weight for _, weight in _STATUS], people)]
    tenure = _tenure_days(is_contractor, dice)
    locations = _locations(recipe, places.department, dice)
    fte = np.array([round(share * 100) for share, _ in _FTE])
    fte = fte[dice.pick([weight for _, weight in _FTE], people)]
    return SamplePeople(
        staff_ids=_staff_ids(people, dice),
        names=_names(recipe, people, dice),
        titles=_titles(recipe, places, (truth, other, grade), locations, dice),
        department=places.department,
        directorate=places.directorate,
        teams=places.team_names,
        truth=truth,
        is_mapped=dice.chance(mapped, people) & (truth >= 0),
        grade=grade,
        grade_texts=_grade_texts(places.department, grade, is_contractor, dice),
        manager=_managers(places, np.where(is_contractor, -1, grade)),
        fte_hundredths=np.where(is_contractor, 100, fte),
        employment=tuple(_employment(*kinds) for kinds in zip(is_contractor, is_managed, strict=True)),
        status=tuple(status),
        tenure_days=tenure,
        start=tuple(as_at - timedelta(days=days) for days in tenure.tolist()),
        end=_ends(is_contractor, status, dice, as_at),
        locations=locations,
        professions=_professions(recipe, truth, other, dice),
    )


def _places(recipe: Recipe, people: int, dice: Dice) -> _Places:
    department = np.sort(dice.pick([unit.share for unit in recipe.departments], people))
    directorate, team = np.zeros(people, np.int64), np.zeros(people, np.int64)
    for code, unit in enumerate(recipe.departments):
        rows = np.flatnonzero(department == code)
        weights = [float(len(part.teams)) for part in unit.directorates]
        directorate[rows] = np.sort(dice.pick(weights, len(rows)))
        for place, part in enumerate(unit.directorates):
            inside = rows[directorate[rows] == place]
            names = np.sort(dice.pick([1.0] * len(part.teams), len(inside)))
            # A busy team is several of the same name with a number, as in real organisation charts.
            for name in range(len(part.teams)):
                members = inside[names == name]
                several = min(_MOST_TEAMS, 1 + len(members) // _PER_TEAM)
                number = np.sort(dice.pick([1.0] * several, len(members))) + 1
                team[members] = name * 100 + number * (several > 1)
    texts = tuple(
        _team_name(recipe.departments[d].directorates[p].teams[t // 100], t % 100)
        for d, p, t in zip(department.tolist(), directorate.tolist(), team.tolist(), strict=True)
    )
    return _Places(department, directorate, (department * 100 + directorate) * 10_000 + team, texts)


def _team_name(name: str, number: int) -> str:
    return f"{name} {number}" if number else name


def _roles(recipe: Recipe, places: _Places, dice: Dice) -> tuple[Ints, Ints]:
    """Real role level of everybody or -1; and the place of a title outside, unmapped ones first."""
    people = len(places.department)
    kind = dice.uniform(people)
    truth = np.full(people, -1, np.int64)
    for code, unit in enumerate(recipe.departments):
        for place, part in enumerate(unit.directorates):
            here = (places.department == code) & (places.directorate == place) & (kind < _DIGITAL)
            truth[here] = dice.pick(_level_weights(recipe, part.families, unit.maturity), int(here.sum()))
        _appoint_chiefs(recipe, unit.maturity, np.flatnonzero(places.department == code), truth)
    unmapped = dice.pick([1.0] * len(recipe.unmapped), people)
    neither = dice.pick([1.0] * len(recipe.other), people) + len(recipe.unmapped)
    return truth, np.where(kind < _UNMAPPED, unmapped, neither)


def _level_weights(recipe: Recipe, families: dict[str, float], maturity: float) -> list[float]:
    """How likely each role level is in a directorate: family, then role, then a pyramid of seniority."""
    totals: dict[str, float] = {}
    peak = 0.38 + 0.1 * maturity
    pyramid = [np.exp(-(((level.position - peak) / 0.27) ** 2)) for level in recipe.role_levels]
    in_role: dict[tuple[str, str], float] = {}
    for level, weight in zip(recipe.role_levels, pyramid, strict=True):
        key = level.family, level.role
        if key not in in_role:
            totals[level.family] = totals.get(level.family, 0.0) + recipe.role_weight.get(level.role, 0.0)
        in_role[key] = in_role.get(key, 0.0) + float(weight)
    return [
        families.get(level.family, 0.0)
        * recipe.role_weight.get(level.role, 0.0)
        / max(totals[level.family], 1.0)
        * float(weight)
        / in_role[level.family, level.role]
        for level, weight in zip(recipe.role_levels, pyramid, strict=True)
    ]


def _appoint_chiefs(recipe: Recipe, maturity: float, rows: Ints, truth: Ints) -> None:
    """The chief roles of a department of some size; the less mature leave some of them vacant."""
    if len(rows) < _SMALLEST_WITH_CHIEF:
        return
    chiefs = [place for place, level in enumerate(recipe.role_levels) if level.family == CHIEFS]
    needed = {"Chief digital and information officer": 0.0, "Chief data officer": 0.5}
    filled = [place for place in chiefs if needed.get(recipe.role_levels[place].role, 0.6) <= maturity]
    truth[rows[: len(filled)]] = filled


def _grades(recipe: Recipe, truth: Ints, other: Ints, dice: Dice) -> Ints:
    """Grades mostly as usual for the role level, one in twenty-five a grade away."""
    outside: Sequence[OtherTitle] = (*recipe.unmapped, *recipe.other)
    usual = np.array([level.grades for level in recipe.role_levels] + [title.grades for title in outside])
    pair = usual[np.where(truth >= 0, truth, other + len(recipe.role_levels))]
    people = len(truth)
    grade = np.where(dice.chance(0.62, people), pair[:, 0], pair[:, 1])
    moved = grade + np.where(dice.chance(0.5, people), 1, -1)
    is_moved = dice.chance(0.04, people) & (grade < GRADES.index("G6"))
    return np.where(is_moved, np.maximum(moved, 0), grade)


def _tenure_days(is_contractor: NDArray[np.bool_], dice: Dice) -> Ints:
    """Many short stays and a few long ones; contractors about a year, others about six."""
    years = -np.log1p(-dice.uniform(len(is_contractor)) * 0.97) * np.where(is_contractor, 1.1, 6.0)
    return (years * 365).astype(np.int64) + 7


def _ends(
    is_contractor: NDArray[np.bool_], status: list[PersonStatus], dice: Dice, as_at: date
) -> tuple[date | None, ...]:
    """Contracts end within a year and a half, notice within three months; nobody else has a date."""
    ahead = (dice.uniform(len(status)) * 500).astype(np.int64) + 20
    return tuple(
        as_at + timedelta(days=days if contractor else days // 6)
        if contractor or state is PersonStatus.ON_NOTICE
        else None
        for days, contractor, state in zip(ahead.tolist(), is_contractor.tolist(), status, strict=True)
    )


def _locations(recipe: Recipe, department: Ints, dice: Dice) -> tuple[str, ...]:
    return tuple(
        recipe.departments[code].locations[int(chance**1.4 * len(recipe.departments[code].locations))]
        for code, chance in zip(department.tolist(), dice.uniform(len(department)).tolist(), strict=True)
    )


def _staff_ids(people: int, dice: Dice) -> tuple[str, ...]:
    """Seven-digit numbers in no order, none twice: a walk around all of them in steps of a prime."""
    first = int(dice.uniform(1)[0] * 9_000_000)
    return tuple(str(1_000_000 + (first + row * 3_999_971) % 9_000_000) for row in range(people))


def _names(recipe: Recipe, people: int, dice: Dice) -> tuple[str, ...]:
    """Given and family names drawn apart from each other, so that nobody is meant."""
    given = (dice.uniform(people) * len(recipe.given_names)).astype(np.int64).tolist()
    family = (dice.uniform(people) * len(recipe.family_names)).astype(np.int64).tolist()
    return tuple(
        f"{recipe.given_names[first]} {recipe.family_names[last]}"
        for first, last in zip(given, family, strict=True)
    )


def _titles(
    recipe: Recipe, places: _Places, work: tuple[Ints, Ints, Ints], locations: tuple[str, ...], dice: Dice
) -> tuple[str, ...]:
    writer = TitleWriter(recipe, dice, len(locations))
    outside = [title.title for title in (*recipe.unmapped, *recipe.other)]
    titles: list[str] = []
    units, parts = places.department.tolist(), places.directorate.tolist()
    where = zip(units, parts, places.team_names, locations, strict=True)
    what = zip(*(column.tolist() for column in work), strict=True)
    for (code, part, team, location), (truth, other, grade) in zip(where, what, strict=True):
        unit = recipe.departments[code]
        post = Post(team, unit.directorates[part].name, unit.short, location, grade)
        titles.append(
            writer.role(recipe.role_levels[truth], post) if truth >= 0 else writer.other(outside[other], post)
        )
    return tuple(titles)


def _grade_texts(
    department: Ints, grade: Ints, is_contractor: NDArray[np.bool_], dice: Dice
) -> tuple[str, ...]:
    """Each department writes grades its own way; most contractors have none."""
    styles = list(_GRADE_STYLES.values())
    is_blank = is_contractor & dice.chance(0.7, len(grade))
    return tuple(
        "" if blank else styles[code % len(styles)][place]
        for code, place, blank in zip(department.tolist(), grade.tolist(), is_blank.tolist(), strict=True)
    )


def _managers(places: _Places, rank: Ints) -> Ints:
    """The row of everybody's manager: head of team, directorate or department; -1 at the top."""
    groups = (places.team, places.department * 100 + places.directorate, places.department)
    team, part, unit = (_heads(group, rank) for group in groups)
    rows = np.arange(len(rank))
    # Teams of contractors only answer to the directorate.
    manager = np.where(rank[team] >= 0, team, part)
    manager = np.where(manager == rows, part, manager)
    manager = np.where(manager == rows, unit, manager)
    return np.where(manager == rows, -1, manager)


def _heads(group: Ints, rank: Ints) -> Ints:
    """For everybody the row of the highest-ranking person of their group (the first of equals)."""
    order = np.lexsort((-rank, group))
    _, first, inverse = np.unique(group[order], return_index=True, return_inverse=True)
    heads = np.empty(len(group), np.int64)
    heads[order] = order[first][inverse]
    return heads


def _employment(is_contractor: bool, is_managed: bool) -> Employment:
    if is_managed:
        return Employment.MANAGED_SERVICE
    return Employment.CONTRACTOR if is_contractor else Employment.CIVIL_SERVANT


def _professions(recipe: Recipe, truth: Ints, other: Ints, dice: Dice) -> tuple[str, ...]:
    outside = [title.profession for title in (*recipe.unmapped, *recipe.other)]
    chosen = dice.pick([1.0] * len(recipe.professions), len(truth)).tolist()
    return tuple(
        recipe.professions[choice] if role >= 0 or not outside[title] else outside[title]
        for role, title, choice in zip(truth.tolist(), other.tolist(), chosen, strict=True)
    )
