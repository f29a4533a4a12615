"""Coverage: how much of what is required has been assessed, by whom it is missing, and one person's ratings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from app.analysis.disclosure import FEWEST_SHOWN, hidden_list
from app.errors import ConflictError
from app.services.assessments import Assessments, RatingLine, RatingRules
from app.services.disclosed import hidden_cells
from app.services.gap_groups import GapDimension
from app.services.gaps import Gaps, GroupLine, Heatmap, PairLine
from app.services.missing_lines import MissingLines
from app.services.people import PersonLine, person_line
from app.services.population import Flags
from app.services.scope import Scope


@dataclass(frozen=True, slots=True)
class CoverageLine:
    """A department or unit: its people, the pairs required and assessed, and how ready the assessed ones are.

    ``coverage`` is None where nothing is required, ``readiness`` where nothing is assessed.
    """

    path: str
    people: int
    unmapped: int
    required: int
    assessed: int
    coverage: float | None
    readiness: float | None

    @property
    def missing(self) -> int:
        """Pairs without a rating that counts."""
        return self.required - self.assessed


@dataclass(frozen=True, slots=True)
class CoverageBoard:
    """Everything the assessments page shows. Departments and units come with least coverage first, people with
    most ratings missing first; ``undecided`` are people nobody has given a role or a decision.
    """

    totals: CoverageLine
    departments: tuple[CoverageLine, ...]
    units: tuple[CoverageLine, ...]
    people: MissingLines
    undecided: int
    rules: RatingRules
    revision: int
    hidden: frozenset[str] | None = None

    def is_hidden(self, path: str) -> bool:
        """Whether the figures of a department or unit must not be shown on this screen; "" is the whole scope."""
        return self.hidden is not None and path in self.hidden

    @property
    def least(self) -> CoverageLine | None:
        """The department with least coverage, where at least two can be compared and they differ."""
        compared = [
            line for line in self.departments if line.coverage is not None and not self.is_hidden(line.path)
        ]
        if len(compared) < 2 or compared[0].coverage == compared[-1].coverage:
            return None
        return compared[0]


@dataclass(frozen=True, slots=True)
class PersonRatings:
    """One person: the required skills with their ids, and the history of ratings of any skill."""

    line: PersonLine
    pairs: tuple[tuple[int, PairLine], ...]
    history: tuple[RatingLine, ...]


class Coverage:
    """What has been assessed, and what has not."""

    def __init__(self, gaps: Gaps, assessments: Assessments) -> None:
        self._gaps = gaps
        self._assessments = assessments

    def board(self, scope: Scope, *, is_shared: bool = False) -> CoverageBoard:
        """Coverage of a scope, as at its day. ``is_shared`` for a screen that others see: it lists no people."""
        by_department, by_unit = (
            self._gaps.groups(scope, dimension) for dimension in (GapDimension.DEPARTMENT, GapDimension.UNIT)
        )
        population = self._gaps.base(scope.as_at).population
        hidden = None
        if is_shared:
            heatmaps = self._gaps.heatmap(scope), self._gaps.heatmap(scope, GapDimension.UNIT)
            units = population.units
            above = {unit.path: units[unit.department_id].path for unit in units.values()}
            hidden = with_families(_hidden(*heatmaps), heatmaps[0].groups, heatmaps[1].groups, above)
        mask = population.mask(scope)
        return CoverageBoard(
            totals=_line(by_department.totals),
            departments=_least_first(by_department.groups),
            units=_least_first(by_unit.groups),
            people=MissingLines.of_nobody(population) if is_shared else self._missing(scope.as_at, mask),
            undecided=int((mask & ~population.is_decided()).sum()),
            rules=self._assessments.rules(),
            revision=by_department.revision,
            hidden=hidden,
        )

    def ratings(self, person_id: int, day: date | None = None) -> PersonRatings:
        """One person's required skills, those not assessed first, and every rating there is."""
        base = self._gaps.base(day)
        pairs = self._gaps.person(person_id, day)
        with_ids = [(int(base.skill_ids[base.skill_code(pair.skill)]), pair) for pair in pairs]
        places = np.flatnonzero(base.population.person_id == person_id).tolist()
        if not places:
            raise ConflictError("This person is no longer there.", "Refresh the page.")
        return PersonRatings(
            person_line(base.population, places[0]),
            tuple(sorted(with_ids, key=lambda one: (one[1].held is not None, one[1].skill.casefold()))),
            self._assessments.history(person_id),
        )

    def _missing(self, day: date | None, mask: Flags) -> MissingLines:
        base = self._gaps.base(day)
        counts = base.blocks.person_counts()
        return MissingLines(base.population, mask, counts.required, counts.assessed)


def _hidden(*heatmaps: Heatmap) -> frozenset[str]:
    """Paths of departments and units whose figures must not be shown (PRODUCT, rule 6); "" for the whole scope.

    A department that is its own only unit stands in both, and is hidden in both where it is in one.
    """
    found: set[str] = set()
    for heatmap in heatmaps:
        kept = hidden_cells(heatmap)
        flags = kept.rows.copy()
        for counts in (
            [group.people for group in heatmap.groups],
            [group.unmapped for group in heatmap.groups],
        ):
            small, is_total_small = hidden_list(np.array(counts, dtype=np.int64))
            flags |= small
            if is_total_small or 0 < sum(counts) < FEWEST_SHOWN:
                found.add("")
        few = zip(heatmap.groups, flags.tolist(), strict=True)
        found |= {group.key for group, is_hidden in few if is_hidden}
        if kept.grand:
            found.add("")
    return frozenset(found)


def with_families(
    hidden: frozenset[str],
    departments: Sequence[GroupLine],
    units: Sequence[GroupLine],
    above: Mapping[str, str],
) -> frozenset[str]:
    """The same with what it takes that no total gives a hidden figure away: a department is the sum of its units.

    Under whatever is shown none or at least two are hidden, and a hidden department has a hidden unit, or its units
    would tell it. ``above`` is the department of each path.
    """
    found = set(hidden)
    size = {group.key: (not group.required, group.people) for group in (*units, *departments)}
    families = {group.key: [one.key for one in units if above[one.key] == group.key] for group in departments}
    every = [group.key for group in departments]
    before = -1
    while before != len(found):
        before = len(found)
        for department, own in families.items():
            few = [unit for unit in own if unit in found]
            shown = sorted(
                (unit for unit in own if unit not in found), key=lambda unit: (unit == department, size[unit])
            )
            if department in found and not few:
                found.update(shown[:1])
            elif department not in found and len(few) == 1:
                found.add(shown[0] if shown else department)
        few = [department for department in every if department in found]
        if "" not in found and len(few) == 1:
            shown = sorted((one for one in every if one not in found), key=lambda one: size[one])
            found.add(shown[0] if shown else "")
    return frozenset(found)


def _line(group: GroupLine) -> CoverageLine:
    return CoverageLine(
        group.key,
        group.people,
        group.unmapped,
        group.required,
        group.assessed,
        group.coverage,
        group.readiness,
    )


def _least_first(groups: tuple[GroupLine, ...]) -> tuple[CoverageLine, ...]:
    """Least coverage first; those of whom nothing is required last."""
    lines = [_line(group) for group in groups]
    return tuple(
        sorted(
            lines,
            key=lambda line: (
                line.coverage is None,
                line.coverage or 0.0,
                -line.missing,
                line.path.casefold(),
            ),
        )
    )
