"""Small frameworks, people, ratings and courses as the files a user would have, and workspaces to load them into."""

from __future__ import annotations

import csv
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from app.files.options import ReadOptions
from app.progress import silent
from app.workspace import Workspace

NOW = datetime(2026, 11, 23, tzinfo=UTC)
"""The moment the tests' clock stands at: a Monday in 2026-27 Q3, so that plans start in 2026Q4."""

USER = "tester"

Levels = Sequence[tuple[str, Mapping[str, int | None]]]
"""The levels of one role from the most junior up: name, and required level by skill."""

ROLES: Mapping[tuple[str, str], Levels] = {
    ("Data", "Data engineer"): (
        ("Data engineer", {"Programming": 2, "Data modelling": 1}),
        ("Senior data engineer", {"Programming": 3, "Data modelling": 3, "Testing": 2}),
    ),
    ("Design", "Service designer"): (("Service designer", {"Prototyping": 3, "Testing": 2}),),
}
"""The framework used where a test does not name one."""

_HISTORY = frozenset(
    {"action_entry", "audit_entry", "revision", "sqlite_sequence", "packed_people", "packed_levels"}
)
"""The history's own tables, and the packed copies: those say which revision made them; `check` compares them."""


def clock() -> datetime:
    """The tests' fixed clock."""
    return NOW


def write_rows(path: Path, rows: Iterable[Mapping[str, Any]], columns: Sequence[str] = ()) -> Path:
    """A CSV of these rows; its columns are those named, else every key in order of first use. None is blank."""
    kept = list(rows)
    names = list(columns) or list(dict.fromkeys(name for row in kept for name in row))
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(names)
        writer.writerows([[_written(row.get(name)) for name in names] for row in kept])
    return path


def _written(value: Any) -> Any:
    return "" if value is None else value


def make_framework(path: Path, roles: Mapping[tuple[str, str], Levels] = ROLES) -> Path:
    """A framework file of bare facts."""
    return write_rows(
        path,
        [
            {"role_family": family, "role": role, "role_level": level, "seniority": place, "skill": skill,
             "required": required}
            for (family, role), levels in roles.items()
            for place, (level, requirements) in enumerate(levels, start=1)
            for skill, required in requirements.items()
        ],
        ("role_family", "role", "role_level", "seniority", "skill", "required"),
    )  # fmt: skip


def make_person(staff_id: str = "1001", **values: Any) -> dict[str, Any]:
    """One row of an HR extract: a data engineer in the Home Office unless told otherwise."""
    usual = {
        "staff_id": staff_id, "name": f"Person {staff_id}", "job_title": "Data engineer", "department": "Home Office",
        "grade": "HEO", "role_level": "Data engineer",
    }  # fmt: skip
    return usual | values


def make_people(path: Path, people: Iterable[Mapping[str, Any]] = ()) -> Path:
    """An HR extract of these people (three data engineers where none are named)."""
    return write_rows(path, list(people) or [make_person(staff) for staff in ("1001", "1002", "1003")])


def make_rating(
    staff_id: str = "1001", skill: str = "Programming", level: Any = 1, **values: Any
) -> dict[str, Any]:
    """One row of a long file of ratings."""
    return {"staff_id": staff_id, "skill": skill, "level": level} | values


def make_course(code: str = "C1", skill: str = "Programming", **values: Any) -> dict[str, Any]:
    """One row of a catalogue: ten hours for £100 from level 0 to 2, from the learning budget."""
    usual = {
        "course_code": code, "title": f"Course {code}", "skill": skill, "from_level": 0, "to_level": 2, "hours": 10,
        "funding": "L&D budget", "cost_per_person_gbp": 100, "delivery": "online",
    }  # fmt: skip
    return usual | values


def make_workspace(
    path: Path,
    *,
    roles: Mapping[tuple[str, str], Levels] | None = None,
    people: Iterable[Mapping[str, Any]] = (),
    ratings: Iterable[Mapping[str, Any]] = (),
    courses: Iterable[Mapping[str, Any]] = (),
) -> Workspace:
    """An open workspace that holds what is named, loaded through the importers of the program.

    What was made once in this process is copied: a file takes milliseconds, its migrations and imports a second.
    """
    parts = (roles, list(people), list(ratings), list(courses))
    key = repr(parts)
    if key not in _made:
        made = Path(_folder.name) / f"{len(_made)}.muster"
        _make(made, *parts)
        _made[key] = made
    return Workspace.open(copied(_made[key], path), user=USER, clock=clock)


_folder = tempfile.TemporaryDirectory(prefix="muster-made-")
_made: dict[str, Path] = {}


def _make(
    path: Path,
    roles: Mapping[tuple[str, str], Levels] | None,
    people: list[Mapping[str, Any]],
    ratings: list[Mapping[str, Any]],
    courses: list[Mapping[str, Any]],
) -> None:
    folder = path.parent
    with Workspace.open(path, user=USER, clock=clock, create=True) as ws:
        if roles is not None:
            load_framework(ws, make_framework(folder / f"{path.stem}-framework.csv", roles))
        if people:
            load_people(ws, make_people(folder / f"{path.stem}-people.csv", people))
        if ratings:
            load_ratings(ws, write_rows(folder / f"{path.stem}-ratings.csv", ratings))
        if courses:
            load_courses(ws, write_rows(folder / f"{path.stem}-courses.csv", courses))


def load_framework(ws: Workspace, path: Path, skills: Path | None = None, **options: Any) -> Any:
    """Load a framework; returns the summary, or None where nothing was to change."""
    outcome = ws.frameworks.commit_import(ws.frameworks.preview_import(path, skills, silent(), **options))
    return outcome.value if outcome else None


def load_people(ws: Workspace, path: Path, as_at: Any = None, **options: Any) -> Any:
    """Load an HR extract; returns the summary, or None where nothing was to change."""
    preview = ws.people.preview_import(path, ReadOptions(), silent(), as_at)
    outcome = ws.people.commit_import(preview, silent(), **options)
    return outcome.value if outcome else None


def load_ratings(ws: Workspace, path: Path, **options: Any) -> Any:
    """Load ratings; returns the summary, or None where nothing was to change."""
    outcome = ws.assessments.commit_import(
        ws.assessments.preview_import(path, ReadOptions(), silent()), silent(), **options
    )
    return outcome.value if outcome else None


def load_courses(ws: Workspace, path: Path, **options: Any) -> Any:
    """Load a catalogue; returns the summary, or None where nothing was to change."""
    outcome = ws.training.commit_courses(
        ws.training.preview_courses(path, ReadOptions(), silent()), **options
    )
    return outcome.value if outcome else None


def copied(template: Path, target: Path) -> Path:
    """A workspace file of one's own, copied from a template that is closed."""
    return Path(shutil.copyfile(template, target))


def built_once(path: Path, build: Callable[[Path], object]) -> Path:
    """The workspace file at ``path`` as ``build`` leaves it, with the files that it leaves beside it.

    It is built once in this process; afterwards the folder is copied, which takes milliseconds where commands take a
    second. ``build`` is a function of a module, so that its name tells it from others, and closes what it opens.
    """
    name = f"{build.__module__}.{build.__qualname__}"
    kept = _built.get(name)
    if kept is None:
        build(path)
        kept = Path(_folder.name) / f"built-{len(_built)}"
        shutil.copytree(path.parent, kept)
        _built[name] = kept
    else:
        shutil.copytree(kept, path.parent, dirs_exist_ok=True)
    return path


_built: dict[str, Path] = {}


def contents(path: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table but the history's own, without ids of versions, for "everything is as before"."""
    found: dict[str, list[tuple[Any, ...]]] = {}
    with closing(sqlite3.connect(path)) as connection:
        tables = connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name"
        ).fetchall()
        for (table,) in tables:
            if table in _HISTORY:
                continue
            names = [
                row[1] for row in connection.execute(f"PRAGMA table_info({table})") if row[1] != "version"
            ]
            listed = ", ".join(f'"{name}"' for name in names)
            rows = connection.execute(f"SELECT {listed} FROM {table}").fetchall()
            found[table] = sorted(rows, key=repr)
    return found


def folder_listing(folder: Path) -> dict[str, bytes]:
    """Every file below a folder with its bytes, to see that nothing was written or left lying about."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and os.access(path, os.R_OK)
    }
