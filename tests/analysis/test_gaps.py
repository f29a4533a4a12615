"""The gap figures against a second implementation made of dictionaries and loops."""

from __future__ import annotations

import random
from collections import defaultdict
from dataclasses import dataclass, field

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.analysis.gaps import (
    GapMatrix,
    HeldLevels,
    LevelBlocks,
    PeopleColumns,
    Requirements,
    by_skill,
    gap_matrix,
    gap_pairs,
    readiness,
)
from app.terms import ContractorFilter, RoleSource, clean_name
from tests.counts import share

SKILLS = ["User focus", "Data modelling", "Testing", "Data ethics (analyst)", "Data ethics", "Coding"]


@dataclass
class Someone:
    """One person as the rules speak of them: named roles with their source, named skills with their level."""

    department: int
    unit: int
    grade: int
    is_contractor: bool
    roles: list[tuple[str, RoleSource, bool]]
    held: dict[str, int] = field(default_factory=dict)

    def counting_role(self) -> str | None:
        """Primary, and confirmed or imported: the only role that makes pairs."""
        return next(
            (
                clean_name(name)
                for name, source, is_primary in self.roles
                if is_primary and source in {RoleSource.CONFIRMED, RoleSource.IMPORTED}
            ),
            None,
        )


@dataclass
class Organisation:
    """People of several departments and the requirements of every role level by name."""

    people: list[Someone]
    required: dict[str, dict[str, int]]
    weight: dict[tuple[str, str], float]
    n_departments: int

    @property
    def role_names(self) -> list[str]:
        return sorted(self.required)

    @property
    def skill_names(self) -> list[str]:
        return sorted({clean_name(skill) for skill in SKILLS})

    def requirement_rows(self) -> list[tuple[str, str, int]]:
        rows = [
            (role, skill, level) for role in self.required for skill, level in self.required[role].items()
        ]
        random.Random(len(rows)).shuffle(rows)
        return rows

    def requirements(self) -> tuple[Requirements, np.ndarray]:
        rows = self.requirement_rows()
        table = Requirements(
            len(self.role_names),
            len(self.skill_names),
            np.array([self.role_names.index(role) for role, _, _ in rows], np.int64),
            np.array([self.skill_names.index(skill) for _, skill, _ in rows], np.int64),
            np.array([level for _, _, level in rows], np.uint8),
        )
        return table, np.array([self.weight[role, skill] for role, skill, _ in rows])

    def columns(self) -> PeopleColumns:
        roles = [person.counting_role() for person in self.people]
        return PeopleColumns(
            staff_id=np.array([f"S{row}" for row in range(len(self.people))], np.str_),
            unit=np.array([person.unit for person in self.people], np.int32),
            department=np.array([person.department for person in self.people], np.int32),
            role_level=np.array([-1 if r is None else self.role_names.index(r) for r in roles], np.int32),
            family=np.array([-1 if r is None else len(r) % 2 for r in roles], np.int32),
            grade=np.array([person.grade for person in self.people], np.int32),
            is_contractor=np.array([person.is_contractor for person in self.people], np.bool_),
        )

    def held(self) -> HeldLevels:
        rows = [
            (row, self.skill_names.index(clean_name(skill)), level)
            for row, person in enumerate(self.people)
            for skill, level in person.held.items()
        ]
        random.Random(len(rows)).shuffle(rows)
        person, skill, level = np.array(rows, np.int64).reshape(-1, 3).T
        return HeldLevels(person, skill, level.astype(np.uint8))

    def blocks(self) -> LevelBlocks:
        columns = self.columns()
        return LevelBlocks.build(columns.role_level, self.requirements()[0], self.held(), columns.unit)


def an_organisation(rng: random.Random, n_people: int) -> Organisation:
    """Two framework versions that share names but for blanks, local roles, roles that require nothing."""
    required: dict[str, dict[str, int]] = {}
    weight: dict[tuple[str, str], float] = {}
    names = [
        "Data engineer",
        "Data engineer ",
        "Senior data engineer",
        "Local: ledger keeper",
        "Tester",
        "Chief",
    ]
    for name in names:
        skills = rng.sample(SKILLS, rng.randint(0, len(SKILLS))) if name != "Chief" else []
        required.setdefault(clean_name(name), {}).update(
            {clean_name(skill): rng.randint(1, 4) for skill in skills}
        )
    for role, wanted in required.items():
        weight.update({(role, skill): rng.choice([0.1, 0.5, 1.0, 2.0, 10.0]) for skill in wanted})
    departments = rng.randint(1, 5)
    people = [a_person(rng, names, departments) for _ in range(n_people)]
    return Organisation(people, required, weight, departments)


def a_person(rng: random.Random, names: list[str], departments: int) -> Someone:
    department = rng.randrange(departments)
    roles = [(rng.choice(names), rng.choice(list(RoleSource)), True)] if rng.random() < 0.9 else []
    if rng.random() < 0.3:
        roles.append((rng.choice(names), RoleSource.CONFIRMED, False))
    assessed = rng.sample(SKILLS, rng.randint(0, len(SKILLS)))
    return Someone(
        department,
        department * 3 + rng.randrange(3),
        rng.randrange(4),
        rng.random() < 0.2,
        roles,
        {skill: rng.randint(0, 4) for skill in assessed},
    )


CellSums = dict[tuple[int, str], list[float]]


def cells_by_hand(org: Organisation, group_of: list[int], counted: list[bool]) -> CellSums:
    """Required, assessed, meeting, short, levels short, weighted levels of each group and skill."""
    cells: CellSums = defaultdict(lambda: [0, 0, 0, 0, 0, 0.0])
    for person, group, is_in in zip(org.people, group_of, counted, strict=True):
        role = person.counting_role()
        if not is_in or group < 0 or role is None:
            continue
        for skill, wanted in org.required[role].items():
            cell = cells[group, skill]
            cell[0] += 1
            held = person.held.get(skill)
            if held is None:
                continue
            gap = wanted - held if wanted > held else 0
            cell[1] += 1
            cell[2] += gap == 0
            cell[3] += gap > 0
            cell[4] += gap
            cell[5] += gap * org.weight[role, skill]
    return cells


def assert_same(found: GapMatrix, cells: CellSums, n_groups: int, skills: list[str]) -> None:
    for group in range(n_groups):
        for column, skill in enumerate(skills):
            required, assessed, meeting, short, levels, weighted = cells.get((group, skill), [0] * 6)
            place = group, column
            assert found.required[place] == required
            assert found.assessed[place] == assessed
            assert found.meeting[place] == meeting
            assert found.short[place] == short
            assert found.levels_short[place] == levels
            assert found.weighted_levels[place] == pytest.approx(weighted)
            assert found.weight[place] == pytest.approx(weighted / levels if levels else 1)
            assert found.coverage[place] == pytest.approx(
                assessed / required if required else np.nan, nan_ok=True
            )
            assert found.share_short[place] == pytest.approx(
                short / assessed if assessed else np.nan, nan_ok=True
            )


def check_organisation(org: Organisation, rng: random.Random) -> None:
    """Every table of one organisation, by a random grouping and filter."""
    columns, blocks, weights = org.columns(), org.blocks(), org.requirements()[1]
    grouping, n_groups = rng.choice(
        [(columns.department, 5), (columns.unit, 15), (columns.grade, 4), (columns.family, 2)]
    )
    contractors = rng.choice(list(ContractorFilter))
    departments = rng.choice([None, np.array([0]), np.array([1, 2])])
    mask = columns.where(departments, None, contractors)
    counted = [
        (departments is None or person.department in departments.tolist())
        and not (person.is_contractor and contractors is ContractorFilter.EXCLUDE)
        for person in org.people
    ]
    assert mask.tolist() == counted
    cells = cells_by_hand(org, grouping.tolist(), counted)
    found = gap_matrix(blocks, grouping, n_groups, mask, weights)
    assert_same(found, cells, n_groups, org.skill_names)
    everybody = [True] * len(counted)
    unfiltered = gap_matrix(blocks, grouping, n_groups, None, weights)
    assert_same(unfiltered, cells_by_hand(org, grouping.tolist(), everybody), n_groups, org.skill_names)
    together = by_skill(blocks, mask, weights)
    assert_same(together, cells_by_hand(org, [0] * len(counted), counted), 1, org.skill_names)
    check_readiness(org, blocks, grouping, n_groups, counted)
    check_pairs(org, blocks, counted)


def check_readiness(
    org: Organisation, blocks: LevelBlocks, grouping: np.ndarray, n_groups: int, counted: list[bool]
) -> None:
    found = readiness(blocks, grouping, n_groups, np.array(counted, np.bool_))
    for group in range(n_groups):
        people = [
            person
            for person, code, is_in in zip(org.people, grouping.tolist(), counted, strict=True)
            if is_in and code == group
        ]
        roles = [(person, person.counting_role()) for person in people]
        pairs = [
            (wanted, person.held.get(skill))
            for person, role in roles
            if role is not None
            for skill, wanted in org.required[role].items()
        ]
        ready = [
            person
            for person, role in roles
            if role is not None
            and org.required[role]
            and all(person.held.get(skill, -1) >= wanted for skill, wanted in org.required[role].items())
        ]
        assessed = [(wanted, held) for wanted, held in pairs if held is not None]
        met = sum(held >= wanted for wanted, held in assessed)
        assert found.people[group] == len(people)
        assert found.unmapped[group] == sum(role is None for _, role in roles)
        assert found.fully_ready[group] == len(ready)
        assert (found.required[group], found.assessed[group]) == (len(pairs), len(assessed))
        coverage = len(assessed) / len(pairs) if pairs else np.nan
        assert found.coverage[group] == pytest.approx(coverage, nan_ok=True)
        assert found.share[group] == pytest.approx(met / len(assessed) if assessed else np.nan, nan_ok=True)


def check_pairs(org: Organisation, blocks: LevelBlocks, counted: list[bool]) -> None:
    by_hand = [
        (row, skill, person.held.get(name), org.required[role][name])
        for row, person in enumerate(org.people)
        if counted[row] and (role := person.counting_role()) is not None
        for skill, name in enumerate(org.skill_names)
        if name in org.required[role]
    ]
    rows = org.requirement_rows()
    for skill in (None, 0, 3):
        pairs = gap_pairs(blocks, np.array(counted, np.bool_), skill)
        held = [level if known else None for level, known in zip(pairs.held, pairs.is_assessed, strict=True)]
        found = list(zip(pairs.person, pairs.skill, held, pairs.required, strict=True))
        assert found == [pair for pair in by_hand if skill is None or pair[1] == skill]
        assert all(
            org.skill_names.index(rows[s][1]) == k for s, k in zip(pairs.slot, pairs.skill, strict=True)
        )
        gaps = [0 if h is None else max(int(r) - int(h), 0) for _, _, h, r in found]
        assert pairs.gap.tolist() == gaps


@pytest.mark.parametrize("part", range(4))
def test_every_figure_equals_the_naive_one_on_random_organisations(part: int) -> None:
    for case in range(share(500)):
        rng = random.Random(f"organisation {part} {case}")
        check_organisation(an_organisation(rng, rng.choice([0, 1, 3, 12, 60])), rng)


@given(st.randoms(use_true_random=False), st.integers(0, 12))
def test_every_figure_equals_the_naive_one_on_found_organisations(rng: random.Random, n_people: int) -> None:
    check_organisation(an_organisation(rng, n_people), rng)


@given(st.randoms(use_true_random=False), st.integers(1, 20))
def test_patched_levels_give_what_a_new_build_gives(rng: random.Random, n_people: int) -> None:
    org = an_organisation(rng, n_people)
    before, mask = org.blocks(), np.ones(n_people, np.bool_)
    untouched = gap_pairs(before, mask)
    changes: dict[tuple[int, str], int] = {}
    for _ in range(rng.randint(0, 8)):
        changes[rng.randrange(n_people), rng.choice(SKILLS)] = rng.choice([0, 1, 2, 3, 4, 255])
    people = np.array([row for row, _ in changes], np.int64)
    skills = np.array([org.skill_names.index(skill) for _, skill in changes], np.int64)
    after = before.patch(people, skills, np.array(list(changes.values()), np.uint8))
    for (row, skill), level in changes.items():
        org.people[row].held.pop(skill, None)
        if level != 255:
            org.people[row].held[skill] = level
    rebuilt = org.blocks()
    assert np.array_equal(after.held, rebuilt.held)
    assert np.array_equal(after.tally, rebuilt.tally)
    assert np.array_equal(after.person_counts().meeting, rebuilt.person_counts().meeting)
    assert np.array_equal(gap_pairs(before, mask).held, untouched.held)


def test_groups_of_thousands_do_not_run_over_the_packed_sums() -> None:
    n_people = 9_000
    required = Requirements(1, 2, np.array([0, 0]), np.array([0, 1]), np.array([4, 2], np.uint8))
    person = np.repeat(np.arange(n_people), 2)
    held = HeldLevels(person, np.tile([0, 1], n_people), np.zeros(2 * n_people, np.uint8))
    blocks = LevelBlocks.build(np.zeros(n_people, np.int64), required, held)
    every_other = np.arange(n_people) % 2 == 0
    for mask, people in ((None, n_people), (every_other, n_people // 2)):
        whole = by_skill(blocks, mask)
        assert whole.short.tolist() == [[people, people]]
        assert whole.levels_short.tolist() == [[4 * people, 2 * people]]
    alternating = gap_matrix(blocks, np.arange(n_people) % 3, 3)
    assert alternating.levels_short[:, 0].tolist() == [12_000] * 3


def test_zero_blank_and_surplus_are_three_things() -> None:
    required = Requirements(1, 1, np.array([0]), np.array([0]), np.array([2], np.uint8))
    held = HeldLevels(np.array([0, 2]), np.array([0, 0]), np.array([0, 4], np.uint8))
    blocks = LevelBlocks.build(np.array([0, 0, 0, -1]), required, held)
    cell = by_skill(blocks)
    assert (cell.required.item(), cell.assessed.item(), cell.meeting.item()) == (3, 2, 1)
    assert (cell.short.item(), cell.levels_short.item()) == (1, 2)
    assert blocks.person_counts().is_fully_ready.tolist() == [False, False, True, False]
    assert blocks.person_counts().readiness.tolist()[::2] == [0.0, 1.0]
    assert np.isnan(blocks.person_counts().readiness[[1, 3]]).all()


def test_an_empty_cell_and_one_not_assessed_are_not_zero() -> None:
    required = Requirements(1, 2, np.array([0]), np.array([0]), np.array([2], np.uint8))
    nobody = HeldLevels(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.uint8))
    cell = by_skill(LevelBlocks.build(np.array([0]), required, nobody))
    assert cell.coverage[0, 0] == 0
    assert np.isnan(cell.share_short[0, 0])
    assert np.isnan(cell.coverage[0, 1])
    assert cell.weight.tolist() == [[1, 1]]


def test_totals_of_rows_and_columns_are_sums() -> None:
    org = an_organisation(random.Random("totals"), 80)
    columns, weights = org.columns(), org.requirements()[1]
    table = gap_matrix(org.blocks(), columns.department, 5, None, weights)
    whole = by_skill(org.blocks(), None, weights)
    assert np.array_equal(table.over_groups().levels_short, whole.levels_short)
    assert np.allclose(table.over_groups().weighted_levels, whole.weighted_levels)
    one = table.over_groups().over_skills()
    assert len(gap_pairs(org.blocks()).person) == one.required.item()
    assert one.meeting.item() == readiness(org.blocks(), columns.department, 5).meeting.sum()


@pytest.mark.parametrize(
    ("levels", "skills", "required"),
    [([0, 0], [1, 1], [1, 2]), ([2], [0], [1]), ([0], [2], [1]), ([0], [0], [5]), ([0], [0], [1, 2])],
)
def test_requirements_that_contradict_themselves_are_refused(
    levels: list[int], skills: list[int], required: list[int]
) -> None:
    with pytest.raises(ValueError):
        Requirements(2, 2, np.array(levels), np.array(skills), np.array(required, np.uint8))


@pytest.mark.parametrize(("person", "skill", "level"), [(0, 0, 5), (3, 0, 1), (0, 2, 1), (0, 0, 255)])
def test_held_levels_out_of_range_are_refused(person: int, skill: int, level: int) -> None:
    required = Requirements(1, 2, np.array([0]), np.array([0]), np.array([1], np.uint8))
    held = HeldLevels(np.array([person]), np.array([skill]), np.array([level], np.uint8))
    with pytest.raises(ValueError):
        LevelBlocks.build(np.array([0]), required, held)


def test_a_patched_level_out_of_range_is_refused() -> None:
    org = an_organisation(random.Random(3), 5)
    with pytest.raises(ValueError):
        org.blocks().patch(np.array([0]), np.array([0]), np.array([9], np.uint8))


def test_filters_select_by_department_family_and_contractors() -> None:
    org = an_organisation(random.Random("filters"), 40)
    columns = org.columns()
    assert columns.where().all()
    assert not columns.where(departments=np.array([], np.int64)).any()
    assert columns.where(families=np.array([1])).tolist() == (columns.family == 1).tolist()
    kept = columns.where(contractors=ContractorFilter.EXCLUDE)
    assert kept.tolist() == [not person.is_contractor for person in org.people]
