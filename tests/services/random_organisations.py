"""Random small organisations as the files a user would load, beside the naive reading of the same files."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from app.services.assessments import RatingRules
from app.terms import AssessedBy
from app.workspace import Workspace
from tests.builders import USER, clock, make_framework, write_rows
from tests.command_line import muster
from tests.services.naive_gaps import ALL_KINDS, TODAY, Asked, Needed, Organisation, Place, Rating

SKILLS = (
    "Programming",
    "Data modelling",
    "Testing",
    "User research",
    "Leading people",
    "Systems: design (old)",
)
DEPARTMENTS = ("Home Office", "HM Treasury", "Department for Education")
UNITS = ("Data", "Digital & Data", "Unit 3", "")
LEVEL_WORDS = ("below awareness", "awareness", "working", "practitioner", "expert")
OPTIONAL = ("name", "grade", "directorate", "unit", "team", "employment", "status", "start_date", "end_date")
VERSIONS = ("first", "second")
EXPIRING = (date(2026, 5, 23), date(2026, 5, 24), date(2025, 11, 23), date(2025, 11, 24))
"""Days on which a rating of half a year or a year has just expired today, or is about to."""


@dataclass
class Case:
    """One organisation, in a workspace file and as the naive implementation holds it."""

    workspace: Path
    naive: Organisation
    rng: random.Random

    def question(self) -> Asked:
        """A random scope."""
        rng = self.rng
        people = self.naive.people.values()
        edges = {since for one in people for since, _ in one.spells} | {one.end for one in people if one.end}
        near = [edge + timedelta(move) for edge in sorted(edges) for move in (-1, 0, 1)]
        day = rng.choice((TODAY, TODAY - timedelta(rng.randrange(1, 400)), *rng.choices(near, k=3)))
        units = sorted({spell["unit"] for one in self.naive.people.values() for _, spell in one.spells})
        tops = sorted({"" if not unit else unit.split(" / ")[0] for unit in units})
        departments = rng.sample(units + tops, rng.choice((0, 0, 1, min(2, len(units)))))
        families = sorted({place.family for place in self.naive.requirements})
        return Asked(
            day, tuple(dict.fromkeys(departments)), rng.choice(("", "", *families)), rng.choice(("", "", *VERSIONS)),
            contractors=rng.random() < 0.6,
        )  # fmt: skip


def make_case(folder: Path, seed: int) -> Case:
    """Load a random organisation through the command line."""
    rng = random.Random(seed)
    path = folder / f"case-{seed}.muster"
    Workspace.open(path, user=USER, clock=clock, create=True).close()
    requirements: dict[Place, dict[str, int | None]] = {}
    for version in VERSIONS[: rng.choice((1, 2))]:
        roles = _roles(rng)
        file = make_framework(folder / f"{version}.csv", roles)
        muster("import", "framework", file, "--label", version, on=path).ok()
        for (family, role), levels in roles.items():
            for level, required in levels:
                requirements[Place(version, family, role, level)] = dict(required)
    versions = sorted({place.version for place in requirements})
    case = Case(path, Organisation(requirements), rng)
    day = TODAY - timedelta(rng.randrange(200, 500))
    for number in range(rng.choice((1, 2, 3))):
        version = rng.choice(versions)
        muster("frameworks", "use", version, on=path).ok()
        _load_extract(case, folder / f"people{number}.csv", day, version, is_first=number == 0)
        day = min(TODAY, day + timedelta(rng.choice((0, 30, 90))))
    _add_roles_that_do_not_count(case)
    for number in range(rng.choice((0, 1, 2, 3, 3))):
        _load_ratings(case, folder / f"ratings{number}.csv")
    _choose_rules(case)
    _load_strategy(case, folder / "strategy.csv")
    return case


def _roles(rng: random.Random) -> dict[tuple[str, str], list[tuple[str, dict[str, int | None]]]]:
    """Roles of a version; names are shared between versions, requirements are not. The last one is a chief's."""
    roles: dict[tuple[str, str], list[tuple[str, dict[str, int | None]]]] = {}
    for family, role in (("Data", "Data engineer"), ("Data", "Data analyst"), ("Design", "Service designer")):
        levels = [role, f"Senior {role.lower()}"][: rng.choice((1, 2))]
        roles[family, role] = [
            (level, {skill: rng.randrange(1, 5) for skill in rng.sample(SKILLS, rng.randrange(2, 6))})
            for level in levels
        ]
    roles["Chief", "Chief data officer"] = [("Chief data officer", dict.fromkeys(rng.sample(SKILLS, 2)))]
    return roles


def _load_extract(case: Case, file: Path, day: date, version: str, *, is_first: bool) -> None:
    rng = case.rng
    columns = [name for name in OPTIONAL if is_first or rng.random() < 0.7]
    columns += ["role_family", "role", "role_level"] if is_first or rng.random() < 0.6 else []
    staff = [f"{number:05d}" for number in range(1, 17)]
    chosen = rng.sample(staff, rng.randrange(1 if rng.random() < 0.1 else 8, len(staff) + 1))
    rows = [_person(rng, staff_id, sorted(case.naive.requirements)) for staff_id in chosen]
    write_rows(file, rows, ["staff_id", "job_title", "department", *columns])
    ends_leavers = not is_first and rng.random() < 0.5
    marks = ("--mark-leavers", "--yes") if ends_leavers else ()
    muster("import", "people", file, "--as-at", day.isoformat(), *marks, on=case.workspace).ok()
    case.naive.take_extract(rows, columns, day, version, ends_leavers=ends_leavers)


def _person(rng: random.Random, staff_id: str, places: Sequence[Place]) -> dict[str, Any]:
    place = rng.choice(places)
    role = (place.family, place.role, place.level) if rng.random() < 0.9 else ("", "", "")
    start = rng.choice((None, None, date(2020, 1, 1), TODAY - timedelta(rng.randrange(500))))
    end = rng.choice((None, None, None, TODAY + timedelta(rng.randrange(-150, 150))))
    if start and end and end < start:
        end = None
    department = rng.choice(DEPARTMENTS)
    return {
        "staff_id": staff_id,
        "job_title": rng.choice(("Data engineer", "Officer", "=cmd|' /C calc'!A0")),
        "department": department if rng.random() < 0.9 else department.upper(),
        "name": rng.choice(("Ann", "O’Brien, Siân", "  Zoë  ".strip(), "")),
        "grade": rng.choice(("", "HEO", "Grade 7", "Band B2")),
        "directorate": rng.choice(UNITS), "unit": rng.choice(UNITS), "team": rng.choice(("", "", "Team A")),
        "employment": rng.choice(("", "civil servant", "civil servant", "contractor", "managed service")),
        "status": rng.choice(("active",) * 14 + ("", "absent", "on loan", "on notice", "left")),
        "start_date": start, "end_date": end,
        "role_family": role[0], "role": role[1], "role_level": role[2],
    }  # fmt: skip


def _add_roles_that_do_not_count(case: Case) -> None:
    """Suggested and secondary roles, straight into the tables, since no file brings them."""
    with closing(sqlite3.connect(case.workspace)) as connection, connection:
        people = [row[0] for row in connection.execute("SELECT id FROM person ORDER BY id")]
        levels = [row[0] for row in connection.execute("SELECT id FROM role_level ORDER BY id")]
        for person in people:
            for source, is_primary in (("suggested", 1), ("confirmed", 0), ("imported", 0)):
                if case.rng.random() < 0.3:
                    connection.execute(
                        "INSERT INTO role_assignment (version, person_id, role_level_id, kind, source, is_primary, "
                        "share_hundredths, reason, valid_from) VALUES (1, ?, ?, 'role', ?, ?, 100, '', '2020-01-01')",
                        (person, case.rng.choice(levels), source, is_primary),
                    )
        for skill in SKILLS:
            if case.rng.random() < 0.3:
                weight = case.rng.choice((1_000, 25_000, 100_000))
                done = connection.execute("UPDATE skill SET weight = ? WHERE name = ?", (weight, skill))
                if done.rowcount:
                    case.naive.weights = {**case.naive.weights, skill: weight / 10_000}


def _load_ratings(case: Case, file: Path) -> None:
    rng = case.rng
    is_wide = rng.random() < 0.3
    days = rng.sample((*(TODAY - timedelta(days) for days in (0, 1, 40, 200, 400)), *EXPIRING), 3)
    wanted: dict[tuple[str, str, date, str], tuple[Any, int]] = {}
    known = sorted({skill for required in case.naive.requirements.values() for skill in required})
    for staff_id in rng.sample(
        sorted(case.naive.people), rng.randrange(1 + len(case.naive.people) // 2, len(case.naive.people) + 1)
    ):
        for skill in rng.sample(known, rng.randrange(1, len(known) + 1)):
            on, by = (TODAY, "self") if is_wide else (rng.choice(days), rng.choice(ALL_KINDS))
            wanted[staff_id, skill, on, by] = _level(case, staff_id, skill)
    if is_wide:
        wide: dict[str, dict[str, Any]] = {}
        for (staff_id, skill, _on, _by), (word, _level_now) in wanted.items():
            wide.setdefault(staff_id, {"staff_id": staff_id})[skill] = word
        write_rows(file, wide.values(), ["staff_id", *known])
    else:
        write_rows(file, [_long_row(rng, key, word) for key, (word, _) in wanted.items()],
                   ["staff_id", "skill", "level", "assessed_on", "assessed_by"])  # fmt: skip
    muster("import", "assessments", file, on=case.workspace).ok()
    case.naive.ratings += [
        Rating(staff_id, skill, level, on, by) for (staff_id, skill, on, by), (_, level) in wanted.items()
    ]


def _long_row(rng: random.Random, key: tuple[str, str, date, str], word: Any) -> dict[str, Any]:
    staff_id, skill, on, by = key
    blank_day, blank_by = on == TODAY and rng.random() < 0.5, by == "self" and rng.random() < 0.5
    return {
        "staff_id": staff_id, "skill": skill, "level": word, "assessed_on": "" if blank_day else on.isoformat(),
        "assessed_by": "" if blank_by else by,
    }  # fmt: skip


def _level(case: Case, staff_id: str, skill: str) -> tuple[Any, int]:
    """A level as somebody writes it, and the number it stands for."""
    _, required = case.naive.required_of(staff_id, TODAY)
    if skill in required and case.rng.random() < 0.5:
        word, move = case.rng.choice((("below", -1), ("at", 0), ("above", 1)))
        return word, min(4, max(0, required[skill] + move))
    level = case.rng.randrange(5)
    return case.rng.choice((level, LEVEL_WORDS[level])), level


def _choose_rules(case: Case) -> None:
    rng = case.rng
    if rng.random() < 0.5:
        return
    order = rng.sample(ALL_KINDS, 3)
    months = rng.choice((None, 6, 12))
    with Workspace.open(case.workspace, user=USER, clock=clock) as ws:
        ws.assessments.choose_rules(RatingRules(tuple(AssessedBy(kind) for kind in order), months))
    case.naive.order, case.naive.expires_after_months = order, months


def _load_strategy(case: Case, file: Path) -> None:
    """Priorities and programmes with and without weights, tied to skills, roles and role levels."""
    rng = case.rng
    places = sorted(case.naive.requirements)
    skills = sorted({skill for required in case.naive.requirements.values() for skill in required})
    weights: dict[tuple[str, str], float | None] = {}
    needs: list[Needed] = []
    for _ in range(rng.choice((0, 0, 1, 4, 8))):
        priority, programme = (
            rng.choice(("Registers", "Sign-in")),
            rng.choice(("", "", "Case working", "Payments")),
        )
        weight = weights.setdefault((priority, programme), rng.choice((None, 0.1, 0.5, 2.0, 3.5, 10.0)))
        place = rng.choice(places)
        role, level = rng.choice((("", ""), (place.role, ""), (place.role, place.level)))
        needs.append(Needed(priority, programme, weight, role, level, rng.choice((*skills, "", ""))))
    if not needs:
        return
    rows = [
        {
            "area": "Better use of data", "priority": need.priority, "target_date": "2027-03-31",
            "programme": need.programme, "role": need.role, "role_level": need.level, "skill": need.skill,
            "weight": need.weight,
        }
        for need in needs
    ]  # fmt: skip
    write_rows(file, rows)
    muster("import", "strategy", file, on=case.workspace).ok()
    assert "Nothing to change" in muster("import", "strategy", file, on=case.workspace).ok().out
    case.naive.strategy = needs
