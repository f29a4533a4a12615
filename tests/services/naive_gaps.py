"""Gap figures a second time, written from the rules of PRODUCT in plain Python, one person and one rating at a time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

TODAY = date(2026, 11, 23)
ALL_KINDS = ("head of profession", "line manager", "self")
SPELL = ("grade", "employment", "status")
DEFAULTS = {"grade": "", "employment": "civil servant", "status": "active"}
BELOW = ("directorate", "unit", "team")


class Place(NamedTuple):
    """A role level of one framework version."""

    version: str
    family: str
    role: str
    level: str


class Pair(NamedTuple):
    """One person and one skill that the person's role requires."""

    staff_id: str
    name: str
    department: str
    unit: str
    grade: str
    role_family: str
    role: str
    role_level: str
    skill: str
    held: int | None
    required: int
    gap: int | None
    assessed_on: str
    assessed_by: str


class Rating(NamedTuple):
    """One rating in the order it came in."""

    staff_id: str
    skill: str
    level: int
    on: date
    by: str


class Needed(NamedTuple):
    """A row of a strategy file: a priority or programme with its weight, tied to a skill, a role or a role level."""

    priority: str
    programme: str
    weight: float | None
    role: str
    level: str
    skill: str


@dataclass
class Someone:
    """A person with what is dated: (first day, values), the later entry counting."""

    name: str = ""
    start: date | None = None
    end: date | None = None
    spells: list[tuple[date, dict[str, str]]] = field(default_factory=list)
    roles: list[tuple[date, Place]] = field(default_factory=list)


@dataclass
class Asked:
    """The scope of a question."""

    day: date = TODAY
    departments: Sequence[str] = ()
    family: str = ""
    version: str = ""
    contractors: bool = True


@dataclass
class Organisation:
    """People, ratings and requirements, and the figures they give."""

    requirements: Mapping[Place, Mapping[str, int | None]]
    weights: Mapping[str, float] = field(default_factory=dict)
    strategy: list[Needed] = field(default_factory=list)
    order: Sequence[str] = ALL_KINDS
    expires_after_months: int | None = None
    people: dict[str, Someone] = field(default_factory=dict)
    ratings: list[Rating] = field(default_factory=list)
    spelling: dict[str, str] = field(default_factory=dict)

    def take_extract(self, rows: Iterable[Mapping[str, Any]], columns: Sequence[str], day: date, version: str,
                     *, ends_leavers: bool) -> None:  # fmt: skip
        """One HR extract: what it says holds from its day on; a column it lacks changes nothing."""
        rows = list(rows)
        for row in rows:
            self._take_person(row, columns, day, version)
        if ends_leavers:
            named = {row["staff_id"] for row in rows}
            departments = {row["department"].casefold() for row in rows}
            for staff_id, person in self.people.items():
                last = person.spells[-1][1]
                if staff_id not in named and last["unit"].split(" / ")[0].casefold() in departments:
                    self._end(person, last, day)

    def _end(self, person: Someone, last: dict[str, str], day: date) -> None:
        if last["status"] == "left" and person.end is not None:
            return
        eve = date.fromordinal(day.toordinal() - 1)
        person.end = eve if person.end is None or person.end > eve else person.end
        person.spells.append((day, last | {"status": "left"}))

    def _take_person(self, row: Mapping[str, Any], columns: Sequence[str], day: date, version: str) -> None:
        person = self.people.setdefault(row["staff_id"], Someone())
        old = dict(person.spells[-1][1]) if person.spells else dict(DEFAULTS, unit="")
        if old["status"] == "left":
            old["status"], person.end = "active", None
        for name in SPELL:
            if name in columns:
                old[name] = row[name] or DEFAULTS[name]
        old["unit"] = self._unit(row, columns, old["unit"])
        if "name" in columns:
            person.name = row["name"]
        if "start_date" in columns:
            person.start = row["start_date"]
        if "end_date" in columns:
            person.end = row["end_date"]
        person.spells.append((day, old))
        if "role_level" in columns and row["role_level"]:
            place = Place(version, row["role_family"], row["role"], row["role_level"])
            if place in self.requirements:
                person.roles.append((day, place))

    def _unit(self, row: Mapping[str, Any], columns: Sequence[str], old: str) -> str:
        names = [row["department"]]
        for name in BELOW:
            if name in columns and row[name] and row[name].casefold() != names[-1].casefold():
                names.append(row[name])
        path = ""
        for name in names:
            path = f"{path} / {name}" if path else name
            path = self.spelling.setdefault(path.casefold(), path)
        if old and not set(BELOW) & set(columns) and old.split(" / ", maxsplit=1)[0] == path:
            return old
        return path

    def required_of(self, staff_id: str, day: date) -> tuple[Place | None, Mapping[str, int]]:
        """The counting role level of a person on a day, and its requirements with a level."""
        found = [place for since, place in self.people[staff_id].roles if since <= day]
        if not found:
            return None, {}
        return found[-1], {
            skill: level for skill, level in self.requirements[found[-1]].items() if level is not None
        }

    def rating(self, staff_id: str, skill: str, day: date) -> Rating | None:
        """The rating that counts: first kind with an unexpired one, in it the latest date, then the latest import."""
        mine = [r for r in self.ratings if (r.staff_id, r.skill) == (staff_id, skill) and r.on <= day]
        if self.expires_after_months is not None:
            limit = months_before(day, self.expires_after_months)
            mine = [r for r in mine if r.on > limit]
        for kind in self.order:
            latest: Rating | None = None
            for rating in mine:
                if rating.by == kind and (latest is None or rating.on >= latest.on):
                    latest = rating
            if latest is not None:
                return latest
        return None

    def chosen(self, asked: Asked) -> dict[str, dict[str, str]]:
        """Staff ids in the scope with the spell that holds, mapped or not."""
        found: dict[str, dict[str, str]] = {}
        for staff_id, person in self.people.items():
            spells = [spell for since, spell in person.spells if since <= asked.day]
            if not spells or not self._is_in(staff_id, person, spells[-1], asked):
                continue
            found[staff_id] = spells[-1]
        return found

    def _is_in(self, staff_id: str, person: Someone, spell: dict[str, str], asked: Asked) -> bool:
        place, _ = self.required_of(staff_id, asked.day)
        unit = spell["unit"]
        return (
            spell["status"] == "active"
            and (person.start is None or person.start <= asked.day)
            and (person.end is None or person.end >= asked.day)
            and (asked.contractors or spell["employment"] == "civil servant")
            and (
                not asked.departments
                or any((unit + " / ").startswith(top + " / ") for top in asked.departments)
            )
            and (not asked.family or (place is not None and place.family == asked.family))
            and (not asked.version or (place is not None and place.version == asked.version))
        )

    def pairs(self, asked: Asked) -> list[Pair]:
        """Every pair of the scope."""
        found: list[Pair] = []
        for staff_id, spell in self.chosen(asked).items():
            place, required = self.required_of(staff_id, asked.day)
            for skill, level in required.items():
                assert place is not None
                rating = self.rating(staff_id, skill, asked.day)
                found.append(
                    Pair(
                        staff_id, self.people[staff_id].name, spell["unit"].split(" / ")[0], spell["unit"],
                        spell["grade"], place.family, place.role, place.level, skill,
                        rating.level if rating else None, level,
                        max(0, level - rating.level) if rating else None,
                        rating.on.isoformat() if rating else "", rating.by if rating else "",
                    )
                )  # fmt: skip
        return found

    def unmapped(self, asked: Asked) -> int:
        """How many people of the scope have no counting role."""
        return sum(self.required_of(staff_id, asked.day)[0] is None for staff_id in self.chosen(asked))

    def table(self, asked: Asked, by: str) -> dict[tuple[str, str], tuple[Any, ...]]:
        """(group, skill) -> required, assessed, meeting, short, levels short, coverage, share short, weight."""
        cells: dict[tuple[str, str], list[Pair]] = {}
        for pair in self.pairs(asked):
            group = {
                "department": pair.department,
                "unit": pair.unit,
                "skill": "",
                "role-family": pair.role_family,
            }
            cells.setdefault((group[by], pair.skill), []).append(pair)
        return {key: self._figures(pairs) for key, pairs in cells.items()}

    def _figures(self, pairs: Sequence[Pair]) -> tuple[Any, ...]:
        assessed = [pair for pair in pairs if pair.held is not None]
        meeting = [pair for pair in assessed if not pair.gap]
        levels = sum(pair.gap or 0 for pair in assessed)
        weighed = sum(self.weight_of(pair) * (pair.gap or 0) for pair in assessed)
        weight = round(weighed / levels, 4) if levels else 1.0
        short = len(assessed) - len(meeting)
        coverage = round(len(assessed) / len(pairs), 4) if assessed else None
        share = round(short / len(assessed), 4) if assessed else None
        return len(pairs), len(assessed), len(meeting), short, levels, coverage, share, weight

    def weight_of(self, pair: Pair) -> float:
        """Skill weight × the largest weight of a priority or programme tied to the pair, held to 0.1 to 10."""
        strongest: float | None = None
        for need in self.strategy:
            is_tied = need.skill == pair.skill or (
                need.role == pair.role and need.level in ("", pair.role_level)
            )
            if is_tied:
                own = [
                    one.weight
                    for one in self.strategy
                    if one.priority == need.priority
                    and one.programme in ("", need.programme)
                    and one.weight is not None
                ]
                brought = max(own) if own else 1.0
                strongest = brought if strongest is None else max(strongest, brought)
        product = self.weights.get(pair.skill, 1.0) * (1.0 if strongest is None else strongest)
        return min(10.0, max(0.1, product))

    def fully_ready(self, asked: Asked) -> int:
        """People with at least one required skill and every one of them assessed and met."""
        mine: dict[str, list[Pair]] = {}
        for pair in self.pairs(asked):
            mine.setdefault(pair.staff_id, []).append(pair)
        return sum(all(pair.gap == 0 for pair in pairs) for pairs in mine.values())


def months_before(day: date, months: int) -> date:
    """The same day some months earlier, held to the end of shorter months."""
    months_since_zero = day.year * 12 + day.month - 1 - months
    year, month = divmod(months_since_zero, 12)
    number = day.day
    while True:
        try:
            return date(year, month + 1, number)
        except ValueError:
            number -= 1
