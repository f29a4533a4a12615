"""The strategy by hand: areas, priorities, programmes and lines; one action each, all of them revertible."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

from sqlalchemy.orm import Session
from sqlmodel import SQLModel, col, select

from app.change import Outcome
from app.db.database import Database, WriteScope
from app.errors import UsageError
from app.files.columns import nearest
from app.files.named import KnownNames, NameFinder
from app.files.values import Fault
from app.models import DemandLine, Priority, Programme, StrategyArea
from app.services.strategy.names import known_names, skill_ids, unit_ids
from app.services.strategy.presets import Preset, presets, read_preset
from app.services.strategy.records import PriorityView, ProgrammeView, load_priorities
from app.services.strategy_weights import LEAST_WEIGHT, MOST_WEIGHT, WEIGHT_ONE
from app.terms import clean_name, name_key

Row = TypeVar("Row", bound=SQLModel)

PROGRAMME_KINDS = ("programme", "service")


@dataclass(frozen=True, slots=True)
class PriorityInput:
    """A priority as somebody types it; ``weight`` None is the usual one."""

    area: str
    name: str
    target_on: date | None = None
    weight: float | None = None
    description: str = ""


@dataclass(frozen=True, slots=True)
class ProgrammeInput:
    """A programme or service as somebody types it; ``department`` blank is across all."""

    name: str
    kind: str = "programme"
    department: str = ""
    starts_on: date | None = None
    ends_on: date | None = None
    weight: float | None = None


@dataclass(frozen=True, slots=True)
class LineInput:
    """A role, role level or skill that is needed; with ``fte_hundredths`` it is demand."""

    role: str = ""
    role_level: str = ""
    skill: str = ""
    department: str = ""
    programme: str = ""
    fte_hundredths: int | None = None
    from_quarter: int | None = None
    to_quarter: int | None = None


class StrategyDesk:
    """Changes to the strategy. Priorities are named by their number or their name."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def set_weight(
        self, priority: str | int, weight: float | None, programme: str = ""
    ) -> Outcome[str] | None:
        """Give a priority, or one of its programmes, a weight of 0.1 to 10 (None: the usual); None where it has it."""
        kept = kept_weight(weight)
        with self._db.read() as session:
            found = find_priority(session, priority)
            row = _programme(session, found, programme) if programme else found
            if row.weight == kept:
                return None
        with self._db.write("Set strategy weight") as w:
            held = w.fetch(type(row), row.id or 0, row.version)
            held.weight = kept
            w.describe(name=held.name)
        return w.outcome(row.name)

    def set_date(self, priority: str | int, target_on: date | None) -> Outcome[str] | None:
        """Give a priority a date, or (None) take it away; None where it has it already."""
        with self._db.read() as session:
            found = find_priority(session, priority)
            if found.target_on == target_on:
                return None
        with self._db.write("Set priority date") as w:
            w.fetch(Priority, found.id or 0, found.version).target_on = target_on
            w.describe(name=found.name)
        return w.outcome(found.name)

    def set_aside(self, priority: str | int, *, is_set_aside: bool = True) -> Outcome[str] | None:
        """Set a priority aside, or take it up again; None where it stands so already."""
        with self._db.read() as session:
            found = find_priority(session, priority)
            if found.is_set_aside is is_set_aside:
                return None
        action = "Set priority aside" if is_set_aside else "Take priority up"
        with self._db.write(action) as w:
            w.fetch(Priority, found.id or 0, found.version).is_set_aside = is_set_aside
            w.describe(name=found.name)
        return w.outcome(found.name)

    def save_priority(
        self, wanted: PriorityInput, priority_id: int | None = None, seen_version: int | None = None
    ) -> Outcome[int]:
        """Add a priority (and its area where that is new), or change one; UsageError, ConflictError."""
        area, name = clean_name(wanted.area), clean_name(wanted.name)
        if not area or not name:
            raise UsageError("A priority needs an area and a name.", "Fill in both.")
        weight = kept_weight(wanted.weight)
        with self._db.write("Change priority" if priority_id else "Add priority") as w:
            area_id = _area_id(w, area)
            _refuse_taken(w.session, area_id, name, priority_id)
            if priority_id is None:
                row = Priority(
                    area_id=area_id, name=name, position=len(w.session.scalars(select(Priority)).all())
                )
                w.session.add(row)
            else:
                row = w.fetch(Priority, priority_id, seen_version)
            row.area_id, row.name, row.target_on, row.weight = area_id, name, wanted.target_on, weight
            row.description = wanted.description.strip()
            w.session.flush()
            w.describe(name=name)
        return w.outcome(row.id or 0)

    def remove_priority(self, priority: str | int) -> Outcome[str]:
        """Take a priority away with its programmes and lines."""
        with self._db.write("Remove priority") as w:
            found = find_priority(w.session, priority)
            for table in (DemandLine, Programme):
                for row in w.session.scalars(select(table).where(col(table.priority_id) == found.id)):
                    w.session.delete(row)
                w.session.flush()
            w.session.delete(found)
            w.describe(name=found.name)
        return w.outcome(found.name)

    def rename_area(self, area: str, name: str) -> Outcome[str] | None:
        """Give an area another name; None where it is called so already. UsageError where another is."""
        new = clean_name(name)
        if not new:
            raise UsageError("An area needs a name.", "Give one.")
        with self._db.read() as session:
            found = find_area(session, area)
            if found.name == new:
                return None
            for other in session.scalars(select(StrategyArea)):
                if name_key(other.name) == name_key(new) and other.id != found.id:
                    raise UsageError(
                        f"There is an area “{other.name}” already.",
                        "Move the priorities to it one by one, by editing them.",
                    )
        with self._db.write("Rename area") as w:
            w.fetch(StrategyArea, found.id or 0, found.version).name = new
            w.describe(before=found.name, name=new)
        return w.outcome(new)

    def priority_input(self, priority: str | int) -> tuple[int, PriorityInput]:
        """A priority's number, and what it is now, to be changed."""
        with self._db.read() as session:
            row = find_priority(session, priority)
            area = session.get_one(StrategyArea, row.area_id).name
            weight = None if row.weight is None else row.weight / WEIGHT_ONE
            return row.id or 0, PriorityInput(area, row.name, row.target_on, weight, row.description)

    def priorities(self) -> tuple[PriorityView, ...]:
        """Every priority with its programmes and lines."""
        with self._db.read() as session:
            return tuple(load_priorities(session))

    def programmes(self, priority: str | int) -> tuple[ProgrammeView, ...]:
        """The programmes and services of a priority, in the order in which they were added."""
        with self._db.read() as session:
            number = find_priority(session, priority).id
        return next(one.programmes for one in self.priorities() if one.priority_id == number)

    def remove_programme(self, priority: str | int, name: str) -> Outcome[str]:
        """Take a programme away with its lines; UsageError where the priority has none of this name."""
        with self._db.write("Remove programme") as w:
            row = _programme(w.session, find_priority(w.session, priority), name)
            lines = w.session.scalars(select(DemandLine).where(col(DemandLine.programme_id) == row.id)).all()
            for one in lines:
                w.session.delete(one)
            w.session.flush()
            w.session.delete(row)
            w.describe(name=row.name, lines=len(lines))
        return w.outcome(row.name)

    def save_programme(
        self,
        priority: str | int,
        wanted: ProgrammeInput,
        programme_id: int | None = None,
        seen_version: int | None = None,
    ) -> Outcome[int]:
        """Add a programme or service to a priority, or change one; UsageError, ConflictError."""
        name = clean_name(wanted.name)
        if not name:
            raise UsageError("A programme needs a name.", "Fill it in.")
        if wanted.kind not in PROGRAMME_KINDS:
            raise UsageError(f"There is no kind “{wanted.kind}”.", f"Use {' or '.join(PROGRAMME_KINDS)}.")
        if wanted.starts_on and wanted.ends_on and wanted.ends_on < wanted.starts_on:
            raise UsageError("The programme ends before it starts.", "Put one of the two dates right.")
        weight = kept_weight(wanted.weight)
        with self._db.write("Change programme" if programme_id else "Add programme") as w:
            found = find_priority(w.session, priority)
            mine = select(Programme).where(col(Programme.priority_id) == found.id)
            for other in w.session.scalars(mine):
                if name_key(other.name) == name_key(name) and other.id != programme_id:
                    raise UsageError(
                        f"“{found.name}” already has a programme “{other.name}”.", "Choose another name."
                    )
            row = (
                w.fetch(Programme, programme_id, seen_version)
                if programme_id
                else Programme(priority_id=found.id or 0, name=name)
            )
            row.name, row.kind, row.weight = name, wanted.kind, weight
            row.starts_on, row.ends_on = wanted.starts_on, wanted.ends_on
            row.unit_id = _unit_id(w.session, wanted.department)
            w.session.add(row)
            w.session.flush()
            w.describe(name=name)
        return w.outcome(row.id or 0)

    def link(self, priority: str | int, wanted: LineInput) -> Outcome[int] | None:
        """Add a line to a priority by hand: a link, or demand where FTE is given; None where it is there already."""
        with self._db.read() as session:
            found = find_priority(session, priority)
            values = self._values(session, found, wanted)
            if _same_line(session, found, values) is not None and wanted.fte_hundredths is None:
                return None
        with self._db.write("Link priority") as w:
            row = DemandLine(priority_id=found.id or 0, is_by_hand=True, **values)
            w.session.add(row)
            w.session.flush()
            w.describe(name=found.name)
        return w.outcome(row.id or 0)

    def unlink(self, priority: str | int, wanted: LineInput) -> Outcome[int]:
        """Take the lines on this role, role level or skill away; returns how many. UsageError where there is none."""
        with self._db.read() as session:
            found = find_priority(session, priority)
            values = self._values(session, found, wanted)
        names = ("role", "role_level", "skill_id")
        with self._db.write("Unlink priority") as w:
            mine = w.session.scalars(select(DemandLine).where(col(DemandLine.priority_id) == found.id)).all()
            rows = [row for row in mine if all(getattr(row, name) == values[name] for name in names)]
            for row in rows:
                w.session.delete(row)
            if not rows:
                raise UsageError(
                    f"“{found.name}” has no such line.", "`muster strategy show NAME` lists its lines."
                )
            w.describe(name=found.name, lines=len(rows))
        return w.outcome(len(rows))

    def change_line(
        self, line_id: int, wanted: LineInput, seen_version: int | None = None
    ) -> Outcome[int] | None:
        """Put a line's role, skill, department, programme, FTE and quarters in place of what they were.

        None where nothing differs. A line from a file stays one: loading the file again would put it back, and its
        preview says so. Raises UsageError for a name that is not there, ConflictError where somebody else changed the
        line meanwhile.
        """
        with self._db.read() as session:
            row = session.get(DemandLine, line_id)
            if row is None:
                raise UsageError(
                    f"There is no line {line_id}.", "`muster strategy lines PRIORITY` lists their numbers."
                )
            values = self._values(session, session.get_one(Priority, row.priority_id), wanted)
            if all(getattr(row, name) == value for name, value in values.items()):
                return None
        with self._db.write("Change strategy line") as w:
            held = w.fetch(DemandLine, line_id, seen_version)
            for name, value in values.items():
                setattr(held, name, value)
            w.describe(line=line_id)
        return w.outcome(line_id)

    def line_input(self, line_id: int) -> LineInput:
        """A line as it is now, to be changed; UsageError where there is none."""
        with self._db.read() as session:
            for priority in load_priorities(session):
                for one in priority.needs:
                    if one.line_id == line_id:
                        own = one.department if _own_unit(session, line_id) else ""
                        return LineInput(
                            one.role, one.role_level, one.skill, own, one.programme, one.fte_hundredths,
                            one.from_quarter, one.to_quarter,
                        )  # fmt: skip
        raise UsageError(
            f"There is no line {line_id}.", "`muster strategy lines PRIORITY` lists their numbers."
        )

    def remove_lines(self, line_ids: Sequence[int]) -> Outcome[int]:
        """Take lines away by their number."""
        with self._db.write("Remove strategy lines") as w:
            for line_id in line_ids:
                w.session.delete(w.fetch(DemandLine, line_id))
            w.describe(lines=len(line_ids))
        return w.outcome(len(line_ids))

    def presets(self) -> tuple[Preset, ...]:
        """The bundled strategies, oldest first."""
        return presets()

    def names(self) -> KnownNames:
        """The role levels, skills and units that a line can name."""
        with self._db.read() as session:
            return known_names(session)

    def load_preset(self, name: str) -> Outcome[Preset] | None:
        """Add a bundled strategy as facts to be edited; what is there already stays. None where nothing is new."""
        preset = read_preset(name)
        with self._db.read() as session:
            finder = known_names(session).finder()
            wanted = [one for one in preset.priorities if _missing(session, one.area, one.name)]
            if not wanted:
                return None
        with self._db.write("Load preset strategy") as w:
            skills = skill_ids(w.session)
            for place, one in enumerate(wanted, start=len(w.session.scalars(select(Priority)).all())):
                row = Priority(
                    area_id=_area_id(w, one.area, preset.source), name=one.name, position=place,
                    target_on=one.target_on, description=one.description, source=one.source,
                )  # fmt: skip
                w.session.add(row)
                w.session.flush()
                for role, skill in one.links:
                    values = _known_link(finder, skills, role, skill)
                    if values:
                        w.session.add(DemandLine(priority_id=row.id or 0, is_by_hand=True, **values))
            w.describe(preset=preset.title, priorities=len(wanted))
        return w.outcome(preset)

    def _values(self, session: Session, priority: Priority, wanted: LineInput) -> dict[str, Any]:
        """The columns of a line, names as the framework writes them; UsageError."""
        finder = known_names(session).finder()
        role, level, skill = wanted.role, wanted.role_level, wanted.skill
        if not (role or level or skill):
            raise UsageError(
                "A line needs a role, a role level or a skill.", "Name what the priority rests on."
            )
        if (wanted.from_quarter or 0) > (wanted.to_quarter or wanted.from_quarter or 0):
            raise UsageError("The last quarter lies before the first.", "Put one of the two right.")
        try:
            if level:
                role, level = finder.level(level, role)
            elif role and wanted.fte_hundredths is not None:
                role, level = finder.level_of_role(finder.role(role))
            elif role:
                role = finder.role(role)
            skill = finder.skill(skill) if skill else ""
        except Fault as fault:
            raise UsageError(f"{fault.what}: “{level or role or skill}”.", fault.advice) from fault
        programme = _programme(session, priority, wanted.programme) if wanted.programme else None
        return {
            "programme_id": programme.id if programme else None,
            "unit_id": _unit_id(session, wanted.department),
            "role": role,
            "role_level": level,
            "skill_id": skill_ids(session)[skill] if skill else None,
            "fte_hundredths": wanted.fte_hundredths,
            "from_quarter": wanted.from_quarter,
            "to_quarter": wanted.to_quarter,
        }


def kept_weight(weight: float | None) -> int | None:
    """A weight in ten-thousandths; UsageError where it is out of range."""
    if weight is None:
        return None
    kept = round(weight * WEIGHT_ONE)
    if not LEAST_WEIGHT <= kept <= MOST_WEIGHT:
        raise UsageError(f"A weight cannot be {weight:g}.", "Give one from 0.1 to 10.")
    return kept


def find_priority(session: Session, wanted: str | int) -> Priority:
    """The priority of this number or name; UsageError with the nearest name otherwise."""
    rows = list(session.scalars(select(Priority).order_by(col(Priority.id))))
    number = int(wanted) if isinstance(wanted, int) or wanted.strip().isdigit() else 0
    found = [row for row in rows if not isinstance(wanted, int) and name_key(row.name) == name_key(wanted)]
    found = found or [row for row in rows if row.id == number]
    if len(found) == 1:
        return found[0]
    if found:
        numbers = ", ".join(str(row.id) for row in found)
        raise UsageError(f"Several priorities are called “{wanted}”.", f"Name one by its number: {numbers}.")
    close = nearest(str(wanted), [row.name for row in rows])
    hint = f"The nearest name is “{close}”." if close else "`muster strategy list` names them."
    raise UsageError(f"There is no priority “{wanted}”.", hint)


def find_area(session: Session, name: str) -> StrategyArea:
    """The area of this name; UsageError with the nearest name otherwise."""
    rows = list(session.scalars(select(StrategyArea)))
    for row in rows:
        if name_key(row.name) == name_key(name):
            return row
    close = nearest(name, [row.name for row in rows])
    hint = f"The nearest name is “{close}”." if close else "`muster strategy list` names them."
    raise UsageError(f"There is no area “{name}”.", hint)


def _own_unit(session: Session, line_id: int) -> bool:
    """Whether a line names its department itself, and does not take that of its programme."""
    return session.get_one(DemandLine, line_id).unit_id is not None


def _programme(session: Session, priority: Priority, name: str) -> Programme:
    mine = list(session.scalars(select(Programme).where(col(Programme.priority_id) == priority.id)))
    for row in mine:
        if name_key(row.name) == name_key(name):
            return row
    close = nearest(name, [row.name for row in mine])
    hint = f"The nearest name is “{close}”." if close else "`muster strategy show NAME` lists its programmes."
    raise UsageError(f"“{priority.name}” has no programme “{name}”.", hint)


def _area_id(w: WriteScope, name: str, source: str = "") -> int:
    rows = list(w.session.scalars(select(StrategyArea)))
    for row in rows:
        if name_key(row.name) == name_key(name):
            return row.id or 0
    made = StrategyArea(name=name, position=len(rows), source=source)
    w.session.add(made)
    w.session.flush()
    return made.id or 0


def _refuse_taken(session: Session, area_id: int, name: str, priority_id: int | None) -> None:
    for other in session.scalars(select(Priority).where(col(Priority.area_id) == area_id)):
        if name_key(other.name) == name_key(name) and other.id != priority_id:
            raise UsageError(f"This area already has a priority “{other.name}”.", "Choose another name.")


def _unit_id(session: Session, path: str) -> int | None:
    if not path:
        return None
    try:
        return unit_ids(session)[known_names(session).finder().department(path)]
    except Fault as fault:
        raise UsageError(f"{fault.what}: “{path}”.", fault.advice) from fault


def _same_line(session: Session, priority: Priority, values: dict[str, Any]) -> DemandLine | None:
    for row in session.scalars(select(DemandLine).where(col(DemandLine.priority_id) == priority.id)):
        if all(getattr(row, name) == value for name, value in values.items()):
            return row
    return None


def _missing(session: Session, area: str, name: str) -> bool:
    for held, in_area in session.execute(
        select(col(Priority.name), col(StrategyArea.name)).join(
            StrategyArea, col(StrategyArea.id) == col(Priority.area_id)
        )
    ):
        if name_key(held) == name_key(name) and name_key(in_area) == name_key(area):
            return False
    return True


def _known_link(finder: NameFinder, skills: dict[str, int], role: str, skill: str) -> dict[str, Any]:
    """A preset's link where the framework here has the role or skill; nothing otherwise."""
    try:
        return {"role": finder.role(role)} if role else {"skill_id": skills[finder.skill(skill)]}
    except Fault:
        return {}
