"""The groups of a gap table: departments, units, grades and so on, as labels and one code per person."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Any

import numpy as np

from app.analysis.gaps import GapMatrix, gap_pairs
from app.errors import UsageError
from app.services.gap_base import GapBase
from app.services.population import Flags, Ints


class GapDimension(StrEnum):
    """What the rows of a gap table stand for."""

    DEPARTMENT = "department"
    UNIT = "unit"
    SKILL = "skill"
    ROLE_FAMILY = "role-family"
    ROLE = "role"
    GRADE = "grade"
    LOCATION = "location"
    EMPLOYMENT = "employment"


def group_people(base: GapBase, dimension: GapDimension, mask: Flags) -> tuple[list[str], Ints]:
    """Labels of the groups in order, and each person's group code (-1: in none)."""
    population = base.population
    if dimension is GapDimension.SKILL:
        return ["All"], np.zeros(len(population), dtype=np.int64)
    if dimension in (GapDimension.GRADE, GapDimension.LOCATION, GapDimension.EMPLOYMENT):
        values = getattr(population, dimension.value)
        return codes_of_text(values, mask)
    if dimension is GapDimension.DEPARTMENT:
        keys = population.department_ids()
        names = {unit.unit_id: unit.name for unit in population.units.values()}
    elif dimension is GapDimension.UNIT:
        keys = population.unit_id
        names = {unit.unit_id: unit.path for unit in population.units.values()}
    elif dimension is GapDimension.ROLE_FAMILY:
        return codes_of_text(level_names(base, "family"), mask)
    else:
        return codes_of_text(level_names(base, "role"), mask)
    present = np.unique(keys[mask])
    ordered = sorted(present.tolist(), key=lambda key: (names[key].casefold(), names[key]))
    table = np.full(max([*ordered, int(keys.max(initial=0))], default=0) + 1, -1, dtype=np.int64)
    for code, key in enumerate(ordered):
        table[key] = code
    return [names[key] for key in ordered], table[keys]


def level_names(base: GapBase, attribute: str) -> list[str]:
    """Family or role of each person by name (equal names of two versions are one, rule 1); "" if unmapped."""
    names = {key: getattr(line, attribute) for key, line in base.population.levels.items()}
    return [names.get(level, "") for level in base.population.role_level_id.tolist()]


def codes_of_text(values: Sequence[str], mask: Flags) -> tuple[list[str], Ints]:
    """The texts of the chosen people in order, and each person's code; -1 for a blank, or a text of nobody chosen."""
    used = {value for value, chosen in zip(values, mask.tolist(), strict=True) if chosen and value}
    labels = sorted(used, key=lambda label: (label.casefold(), label))
    code_of = {label: code for code, label in enumerate(labels)}
    return labels, np.fromiter(
        (code_of.get(value, -1) for value in values), dtype=np.int64, count=len(values)
    )


def cross_matrix(
    base: GapBase, mask: Flags, rows: GapDimension, columns: GapDimension
) -> tuple[list[str], list[str], GapMatrix]:
    """Labels of the rows and columns, and the pairs of two dimensions of people, all skills together.

    Raises UsageError where both are the same. Neither may be skill.
    """
    if rows is columns:
        raise UsageError("Rows and columns are the same dimension.", "Choose two different ones.")
    row_labels, row_codes = group_people(base, rows, mask)
    column_labels, column_codes = group_people(base, columns, mask)
    shape = len(row_labels), len(column_labels)
    cell = np.where(mask & (row_codes >= 0) & (column_codes >= 0), row_codes * shape[1] + column_codes, -1)
    chosen = cell >= 0
    counts, pairs = base.blocks.person_counts(), gap_pairs(base.blocks, chosen)

    def summed(values: np.ndarray[tuple[int], np.dtype[Any]]) -> Ints:
        sums = np.bincount(cell[chosen], weights=values[chosen], minlength=shape[0] * shape[1])
        return sums.astype(np.int64).reshape(shape)

    weighted = np.bincount(
        cell[pairs.person], weights=pairs.gap * base.weights[pairs.slot], minlength=shape[0] * shape[1]
    )
    assessed, meeting = summed(counts.assessed), summed(counts.meeting)
    matrix = GapMatrix(
        required=summed(counts.required),
        assessed=assessed,
        meeting=meeting,
        short=assessed - meeting,
        levels_short=summed(counts.levels_short),
        weighted_levels=weighted.astype(np.float64).reshape(shape),
    )
    return row_labels, column_labels, matrix


def people_in_cells(
    base: GapBase, mask: Flags, rows: GapDimension, columns: GapDimension, matrix: GapMatrix
) -> Ints:
    """[rows + 1 × used columns + 1], totals last: how many people with requirements each figure rests on."""
    chosen = mask & (base.blocks.person_counts().required > 0)
    row, column = group_people(base, rows, mask)[1], group_people(base, columns, mask)[1]
    shape = matrix.required.shape
    # those in no group take part in the totals only
    cell = np.where(row >= 0, row, shape[0]) * (shape[1] + 1) + np.where(column >= 0, column, shape[1])
    counts = np.bincount(cell[chosen], minlength=(shape[0] + 1) * (shape[1] + 1)).reshape(shape[0] + 1, -1)
    found = counts[:-1, :-1].astype(np.int64)
    found = np.hstack([found, found.sum(axis=1, keepdims=True)])
    found = np.vstack([found, found.sum(axis=0)])
    return found[:, [*np.flatnonzero(matrix.required.sum(axis=0) > 0).tolist(), -1]]


def transposed(matrix: GapMatrix) -> GapMatrix:
    """The same figures with rows and columns changed over."""
    return GapMatrix(
        matrix.required.T,
        matrix.assessed.T,
        matrix.meeting.T,
        matrix.short.T,
        matrix.levels_short.T,
        matrix.weighted_levels.T,
    )
