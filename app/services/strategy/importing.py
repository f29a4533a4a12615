"""A strategy file against the workspace: what it brings, changes and takes away; and writing it.

Priorities are known again by area and name, programmes by priority and name, regardless of case. A file speaks for
the priorities in it: their date and, where it says one, their weight; and, for each programme of theirs it names (or
for the priority itself), which roles and skills are needed. A need that came from an earlier file and is no longer
there goes; one made by hand stays; and while rows are left out because of problems nothing goes. A blank weight says
nothing, a blank date says that there is none.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.db.database import WriteScope
from app.errors import Problem
from app.files.named import quarter_text, weight_text
from app.files.strategy import StrategyFile, StrategyRow
from app.models import DemandLine, Priority, Programme, StrategyArea
from app.services.people_import import as_date
from app.services.strategy.names import skill_ids, unit_ids
from app.terms import name_key

PriorityKey = tuple[str, str]
GroupKey = tuple[str, str, str]


class Need(NamedTuple):
    """One demand line by value; ``department`` is a unit path, blank for all."""

    department: str
    role: str
    role_level: str
    skill: str
    fte_hundredths: int | None
    from_quarter: int | None
    to_quarter: int | None


@dataclass(frozen=True, slots=True)
class StrategyChange:
    """One value of a priority or programme that the file changes, as a reader sees it."""

    what: str
    field: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class NeedLine:
    """A need the file brings or takes away, as a list shows it; FTE None where none is said."""

    area: str
    priority: str
    programme: str
    department: str
    role: str
    role_level: str
    skill: str
    fte: float | None
    from_quarter: str
    to_quarter: str


@dataclass(slots=True)
class KnownPriority:
    """A priority of the workspace with its programmes and needs."""

    priority_id: int
    area: str
    name: str
    target_on: date | None
    weight: int | None
    programmes: dict[str, tuple[int, str, int | None]] = field(
        default_factory=dict[str, tuple[int, str, int | None]]
    )
    needs: dict[str, list[tuple[int, bool, Need]]] = field(
        default_factory=dict[str, list[tuple[int, bool, Need]]]
    )


@dataclass(slots=True)
class WantedPriority:
    """A priority of the file."""

    area: str
    name: str
    target_on: date | None
    weight: int | None = None
    programmes: dict[str, tuple[str, int | None]] = field(default_factory=dict[str, tuple[str, int | None]])
    needs: dict[str, list[Need]] = field(default_factory=dict[str, list[Need]])


@dataclass(slots=True)
class StrategyComparison:
    """The difference between a file and the workspace."""

    wanted: dict[PriorityKey, WantedPriority]
    known: dict[PriorityKey, KnownPriority]
    areas: dict[str, tuple[int, str]]
    new_areas: list[str] = field(default_factory=list[str])
    new_priorities: list[PriorityKey] = field(default_factory=list[PriorityKey])
    new_programmes: list[GroupKey] = field(default_factory=list[GroupKey])
    dates: list[PriorityKey] = field(default_factory=list[PriorityKey])
    weights: list[PriorityKey] = field(default_factory=list[PriorityKey])
    programme_weights: list[GroupKey] = field(default_factory=list[GroupKey])
    new_needs: list[tuple[GroupKey, Need]] = field(default_factory=list[tuple[GroupKey, Need]])
    gone_needs: list[tuple[GroupKey, int, Need]] = field(default_factory=list[tuple[GroupKey, int, Need]])
    unchanged: int = 0

    @property
    def is_nothing_to_change(self) -> bool:
        """Whether the workspace already holds all the file says."""
        lists = (
            self.new_priorities, self.new_programmes, self.dates, self.weights, self.programme_weights,
            self.new_needs, self.gone_needs,
        )  # fmt: skip
        return not any(lists)


@dataclass(frozen=True, slots=True)
class StrategyPreview:
    """What loading a strategy would do; nothing has been written."""

    file_name: str
    file_hash: str
    revision: int
    columns: tuple[tuple[str, str], ...]
    unclear: tuple[str, ...]
    dropped: tuple[str, ...]
    count: int
    new_areas: tuple[str, ...]
    new_priorities: tuple[str, ...]
    new_programmes: tuple[str, ...]
    changes: tuple[StrategyChange, ...]
    new_needs: tuple[NeedLine, ...]
    gone_needs: tuple[NeedLine, ...]
    unchanged: int
    problems: tuple[Problem, ...]
    comparison: StrategyComparison

    @property
    def errors(self) -> tuple[Problem, ...]:
        """The problems that keep rows out."""
        return tuple(problem for problem in self.problems if problem.severity == "error")

    @property
    def is_nothing_to_change(self) -> bool:
        """Whether the workspace already holds all the file says."""
        return self.comparison.is_nothing_to_change


@dataclass(frozen=True, slots=True)
class StrategySummary:
    """What loading a strategy did."""

    new_priorities: int
    new_programmes: int
    changed: int
    new_needs: int
    gone_needs: int
    unchanged: int
    skipped_rows: int


def wanted_of(rows: Sequence[StrategyRow]) -> dict[PriorityKey, WantedPriority]:
    """The priorities of a file, in its order; a need without FTE said twice is one."""
    wanted: dict[PriorityKey, WantedPriority] = {}
    for row in rows:
        key = name_key(row.area), name_key(row.priority)
        one = wanted.setdefault(key, WantedPriority(row.area, row.priority, row.target_on))
        group = name_key(row.programme)
        if row.programme:
            one.programmes.setdefault(group, (row.programme, row.weight))
        elif row.weight is not None:
            one.weight = row.weight
        needs = one.needs.setdefault(group, [])
        need = Need(
            row.department,
            row.role,
            row.role_level,
            row.skill,
            row.fte_hundredths,
            row.from_quarter,
            row.to_quarter,
        )
        if row.is_need and (need.fte_hundredths is not None or need not in needs):
            needs.append(need)
    return wanted


_PRIORITIES = """
SELECT p.id, a.name, p.name, p.target_on, p.weight FROM priority AS p JOIN strategy_area AS a ON a.id = p.area_id
ORDER BY a.position, a.id, p.position, p.id
"""
_NEEDS = """
SELECT d.id, d.priority_id, g.name, d.is_by_hand, u.path, d.role, d.role_level, s.name, d.fte_hundredths,
       d.from_quarter, d.to_quarter
FROM demand_line AS d LEFT JOIN programme AS g ON g.id = d.programme_id LEFT JOIN unit AS u ON u.id = d.unit_id
LEFT JOIN skill AS s ON s.id = d.skill_id ORDER BY d.id
"""


def load_known(session: Session) -> dict[PriorityKey, KnownPriority]:
    """The priorities of the workspace, by area and name."""
    by_id: dict[int, KnownPriority] = {}
    for row in session.execute(text(_PRIORITIES)):
        by_id[row[0]] = KnownPriority(row[0], row[1], row[2], as_date(row[3]), row[4])
    for row in session.execute(text("SELECT id, priority_id, name, weight FROM programme ORDER BY id")):
        by_id[row[1]].programmes[name_key(row[2])] = (row[0], row[2], row[3])
    for row in session.execute(text(_NEEDS)):
        need = Need(row[4] or "", row[5], row[6], row[7] or "", *row[8:])
        by_id[row[1]].needs.setdefault(name_key(row[2] or ""), []).append((row[0], bool(row[3]), need))
    return {(name_key(one.area), name_key(one.name)): one for one in by_id.values()}


def compare_strategy(
    session: Session, rows: Sequence[StrategyRow], *, may_remove: bool
) -> StrategyComparison:
    """The difference between the rows of a file and the workspace."""
    areas = {
        name_key(row[1]): (int(row[0]), str(row[1]))
        for row in session.execute(text("SELECT id, name FROM strategy_area ORDER BY position, id"))
    }
    made = StrategyComparison(wanted_of(rows), load_known(session), areas)
    for key, wanted in made.wanted.items():
        if key[0] not in areas and key[0] not in {name_key(name) for name in made.new_areas}:
            made.new_areas.append(wanted.area)
        known = made.known.get(key)
        if known is None:
            made.new_priorities.append(key)
        else:
            if known.target_on != wanted.target_on:
                made.dates.append(key)
            if wanted.weight is not None and known.weight != wanted.weight:
                made.weights.append(key)
        _compare_programmes(made, key, wanted, known)
        for group, needs in wanted.needs.items():
            _compare_needs(made, (*key, group), needs, known, may_remove=may_remove)
    return made


def _compare_programmes(
    made: StrategyComparison, key: PriorityKey, wanted: WantedPriority, known: KnownPriority | None
) -> None:
    for group, (_name, weight) in wanted.programmes.items():
        there = known.programmes.get(group) if known else None
        if there is None:
            made.new_programmes.append((*key, group))
        elif weight is not None and weight != there[2]:
            made.programme_weights.append((*key, group))


def _compare_needs(
    made: StrategyComparison,
    key: GroupKey,
    needs: Sequence[Need],
    known: KnownPriority | None,
    *,
    may_remove: bool,
) -> None:
    waiting = Counter(needs)
    left: list[tuple[int, bool, Need]] = []
    for line_id, is_by_hand, need in known.needs.get(key[2], ()) if known else ():
        if waiting[need] > 0:
            waiting[need] -= 1
            made.unchanged += 1
        else:
            left.append((line_id, is_by_hand, need))
    for need in needs:
        if waiting[need] > 0:
            waiting[need] -= 1
            made.new_needs.append((key, need))
    if may_remove:
        made.gone_needs += [(key, line_id, need) for line_id, is_by_hand, need in left if not is_by_hand]


def preview_of(
    found: StrategyFile, file_name: str, made: StrategyComparison, revision: int
) -> StrategyPreview:
    """The comparison as it is shown."""
    return StrategyPreview(
        file_name=file_name,
        file_hash=found.file_hash,
        revision=revision,
        columns=tuple(found.columns.items()),
        unclear=found.unclear,
        dropped=found.dropped,
        count=found.count,
        new_areas=tuple(made.new_areas),
        new_priorities=tuple(made.wanted[key].name for key in made.new_priorities),
        new_programmes=tuple(made.wanted[key[:2]].programmes[key[2]][0] for key in made.new_programmes),
        changes=tuple(_changes(made)),
        new_needs=tuple(_need_line(made, key, need) for key, need in made.new_needs),
        gone_needs=tuple(_need_line(made, key, need) for key, _id, need in made.gone_needs),
        unchanged=made.unchanged,
        problems=found.problems,
        comparison=made,
    )


def _changes(made: StrategyComparison) -> list[StrategyChange]:
    changes: list[StrategyChange] = []
    for key in made.dates:
        before, after = made.known[key].target_on, made.wanted[key].target_on
        changes.append(StrategyChange(made.wanted[key].name, "target date", _day(before), _day(after)))
    for key in made.weights:
        before, after = made.known[key].weight, made.wanted[key].weight
        changes.append(
            StrategyChange(made.wanted[key].name, "weight", weight_text(before), weight_text(after))
        )
    for key in made.programme_weights:
        name, after = made.wanted[key[:2]].programmes[key[2]]
        before = made.known[key[:2]].programmes[key[2]][2]
        changes.append(StrategyChange(name, "weight", weight_text(before), weight_text(after)))
    return changes


def _day(day: date | None) -> str:
    return day.isoformat() if day else "no date"


def _need_line(made: StrategyComparison, key: GroupKey, need: Need) -> NeedLine:
    wanted = made.wanted[key[:2]]
    return NeedLine(
        area=wanted.area,
        priority=wanted.name,
        programme=wanted.programmes.get(key[2], ("", None))[0],
        department=need.department,
        role=need.role,
        role_level=need.role_level,
        skill=need.skill,
        fte=None if need.fte_hundredths is None else need.fte_hundredths / 100,
        from_quarter=quarter_text(need.from_quarter),
        to_quarter=quarter_text(need.to_quarter),
    )


def write_strategy(w: WriteScope, made: StrategyComparison, source: str = "") -> None:
    """Everything the comparison found, row by row, so that the history keeps what was before."""
    areas = _write_areas(w, made, source)
    ids = {key: known.priority_id for key, known in made.known.items()}
    for place, key in enumerate(made.new_priorities, start=len(made.known)):
        wanted = made.wanted[key]
        row = Priority(
            area_id=areas[key[0]],
            name=wanted.name,
            position=place,
            target_on=wanted.target_on,
            weight=wanted.weight,
        )
        ids[key] = _added(w, row)
    for key in {*made.dates, *made.weights}:
        row = w.fetch(Priority, ids[key])
        row.target_on = made.wanted[key].target_on
        if made.wanted[key].weight is not None:
            row.weight = made.wanted[key].weight
    programmes = _write_programmes(w, made, ids)
    _write_needs(w, made, ids, programmes)
    for _key, line_id, _need in made.gone_needs:
        w.session.delete(w.fetch(DemandLine, line_id))


def _added(w: WriteScope, row: Any) -> int:
    w.session.add(row)
    w.session.flush()
    return int(row.id or 0)


def _write_areas(w: WriteScope, made: StrategyComparison, source: str) -> dict[str, int]:
    areas = {key: area_id for key, (area_id, _name) in made.areas.items()}
    for place, name in enumerate(made.new_areas, start=len(areas)):
        areas[name_key(name)] = _added(w, StrategyArea(name=name, position=place, source=source))
    return areas


def _write_programmes(
    w: WriteScope, made: StrategyComparison, ids: dict[PriorityKey, int]
) -> dict[GroupKey, int]:
    found = {
        (*key, group): programme[0]
        for key, known in made.known.items()
        for group, programme in known.programmes.items()
    }
    for key in made.new_programmes:
        name, weight = made.wanted[key[:2]].programmes[key[2]]
        found[key] = _added(w, Programme(priority_id=ids[key[:2]], name=name, weight=weight))
    for key in made.programme_weights:
        w.fetch(Programme, found[key]).weight = made.wanted[key[:2]].programmes[key[2]][1]
    return found


def _write_needs(
    w: WriteScope, made: StrategyComparison, ids: dict[PriorityKey, int], programmes: dict[GroupKey, int]
) -> None:
    units, skills = unit_ids(w.session), skill_ids(w.session)
    for key, need in made.new_needs:
        w.session.add(
            DemandLine(
                priority_id=ids[key[:2]],
                programme_id=programmes[key] if key[2] else None,
                unit_id=units[need.department] if need.department else None,
                role=need.role,
                role_level=need.role_level,
                skill_id=skills[need.skill] if need.skill else None,
                fte_hundredths=need.fte_hundredths,
                from_quarter=need.from_quarter,
                to_quarter=need.to_quarter,
            )
        )
    w.session.flush()
