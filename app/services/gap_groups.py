"""The groups of a gap table: departments, units, grades and so on, as labels and one code per person."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

import numpy as np

from app.analysis.gaps import GapMatrix, gap_pairs
from app.errors import UsageError
from app.services.gap_base import GapBase
from app.services.population import Flags, Ints
from app.services.text_columns import CodedText


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
        return codes_of_text(population.level_words(lambda line: line.family), mask)
    else:
        return codes_of_text(population.level_words(lambda line: line.role), mask)
    present = np.flatnonzero(np.bincount(keys[mask]))
    ordered = sorted(present.tolist(), key=lambda key: (names[key].casefold(), names[key]))
    table = np.full(max([*ordered, int(keys.max(initial=0))], default=0) + 1, -1, dtype=np.int64)
    for code, key in enumerate(ordered):
        table[key] = code
    return [names[key] for key in ordered], table[keys]


def codes_of_text(values: CodedText, mask: Flags) -> tuple[list[str], Ints]:
    """The texts of the chosen people in order, and each person's code; -1 for a blank, or a text of nobody chosen."""
    used = np.bincount(values.codes[mask], minlength=len(values.words)) > 0
    labels = sorted(
        {word for word, is_used in zip(values.words, used.tolist(), strict=True) if word and is_used},
        key=lambda label: (label.casefold(), label),
    )
    code_of = {label: code for code, label in enumerate(labels)}
    table = np.array([code_of.get(word, -1) for word in values.words], dtype=np.int64)
    return labels, table[values.codes] if len(table) else np.zeros(len(values), dtype=np.int64)


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
