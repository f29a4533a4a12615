"""A workspace of the whole Civil Service: 520,000 people, 6 million current assessments, nobody real.

Straight into the tables in bulk, from a seed: the importers are measured elsewhere. Names and units are invented,
role levels and requirements are those of the bundled framework.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np

PEOPLE, RATINGS = 520_000, 6_000_000
TODAY = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
FOLDER = "MUSTER_BENCHMARK_FOLDER"
"""Where the runs of one ``python -m benchmarks`` keep their workspace."""

_DEPARTMENTS, _DIRECTORATES, _TEAMS = 60, 6, 4
_GRADES = ("AA", "AO", "EO", "HEO", "SEO", "G7", "G6", "SCS1", "Grade 7", "SEO equivalent", "")
_EMPLOYMENT = ("civil servant", "contractor", "managed service")
_LOCATIONS = tuple(
    f"{town} {number}" for town in ("Leeds", "Cardiff", "Croydon", "Bootle") for number in range(12)
)
_PROFESSIONS = (
    "Digital, data and technology",
    "Operational delivery",
    "Policy",
    "Analysis",
    "Project delivery",
    "",
)

Columns = dict[str, Sequence[Any]]


def big_workspace(people: int = PEOPLE) -> Path:
    """The workspace of this run, made when it is first asked for. The caller does not change it."""
    folder = Path(os.environ.get(FOLDER) or tempfile.gettempdir()) / f"muster-benchmark-{people}"
    path = folder / "civil-service.muster"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        part = folder / "making.muster"
        part.unlink(missing_ok=True)
        # in a process of its own, whose memory is not that of whoever measures
        subprocess.run([sys.executable, "-m", "benchmarks.big_workspace", str(people), str(part)], check=True)
        part.rename(path)
    return path


def evict(path: Path) -> None:
    """Have the system forget what it keeps of a file in memory, so that the next reading is cold."""
    if not hasattr(os, "posix_fadvise"):
        return
    with path.open("rb") as file, suppress(OSError):
        os.fsync(file.fileno())
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def make(path: Path, people: int, seed: int = 1) -> None:
    """Make the workspace; ``people`` scales the ratings too."""
    from app.db.database import Database
    from app.models import Assessment, CurrentLevel, Person, PersonSpell, RoleAssignment, Unit
    from app.workspace import Workspace

    with Workspace.open(path, user="Benchmark", clock=lambda: NOW, create=True) as ws:
        ws.frameworks.commit_import(ws.frameworks.preview_bundled())
    db = Database.connect(path.absolute(), "Benchmark", lambda: NOW)
    rng = np.random.default_rng(seed)
    with db.write("Make the benchmark") as w:
        units, leaves = _units()
        w.bulk_insert(Unit, units)
        w.bulk_insert(Person, _people(rng, people))
        unit = leaves[np.sort(rng.integers(0, len(leaves), people))]
        w.bulk_insert(PersonSpell, _spells(rng, people, unit))
        levels, required = _role_levels(w.session)
        role = _roles(rng, people, levels, required)
        mapped = np.flatnonzero(role >= 0)
        w.bulk_insert(RoleAssignment, _assignments(mapped, levels[role[mapped]]))
        person, skill, level = _ratings(rng, role, required, people)
        w.bulk_insert(Assessment, _assessments(rng, person, skill, level))
        current: Columns = {
            "person_id": (person + 1).tolist(),
            "skill_id": skill.tolist(),
            "level": level.tolist(),
            "assessment_id": range(1, len(person) + 1),
        }
        w.bulk_insert(CurrentLevel, current)
        w.note_levels(None)
    db.close()


def _units() -> tuple[Columns, np.ndarray]:
    rows: list[tuple[int, int | None, str, str, int]] = []
    leaves: list[int] = []
    for department in range(_DEPARTMENTS):
        top = f"Department {department + 1:02}"
        rows.append((len(rows) + 1, None, top, top, 0))
        top_id = len(rows)
        for part in range(_DIRECTORATES):
            path = f"{top} / Directorate {part + 1}"
            rows.append((len(rows) + 1, top_id, f"Directorate {part + 1}", path, 1))
            part_id = len(rows)
            for team in range(_TEAMS):
                rows.append((len(rows) + 1, part_id, f"Team {team + 1}", f"{path} / Team {team + 1}", 2))
                leaves.append(len(rows))
    ids, parents, names, paths, depths = (list(column) for column in zip(*rows, strict=True))
    keys = [path.casefold() for path in paths]
    columns: Columns = {
        "id": ids, "version": [1] * len(ids), "parent_id": parents, "name": names, "path": paths, "path_key": keys,
        "depth": depths,
    }  # fmt: skip
    return columns, np.array(leaves)


def _people(rng: np.random.Generator, people: int) -> Columns:
    given, family = _words(rng, people, "Given", 400), _words(rng, people, "Family", 4_000)
    start = _days(rng, people, 20 * 365)
    return {
        "id": range(1, people + 1),
        "version": [1] * people,
        "staff_id": [f"{number:07}" for number in range(1, people + 1)],
        "name": [f"{one} {other}" for one, other in zip(given, family, strict=True)],
        "email": [f"person.{number}@example.gov.uk" for number in range(1, people + 1)],
        "manager_staff_id": [f"{number:07}" for number in rng.integers(1, people + 1, people).tolist()],
        "start_date": start,
        "end_date": [None if keep else date(2027, 3, 31) for keep in (rng.random(people) < 0.97).tolist()],
        "profession": _chosen(rng, people, _PROFESSIONS),
    }


def _spells(rng: np.random.Generator, people: int, unit: np.ndarray) -> Columns:
    titles = [f"Title {number} of work" for number in rng.integers(0, people // 5 + 1, people).tolist()]
    return {
        "id": range(1, people + 1),
        "version": [1] * people,
        "person_id": range(1, people + 1),
        "unit_id": unit.tolist(),
        "job_title": titles,
        "title_key": [title.casefold() for title in titles],
        "grade": _chosen(rng, people, _GRADES),
        "fte_hundredths": rng.choice([100, 100, 100, 80, 60], people).tolist(),
        "employment": _chosen(rng, people, _EMPLOYMENT, [0.9, 0.07, 0.03]),
        "status": _chosen(rng, people, ("active", "absent", "on loan"), [0.96, 0.03, 0.01]),
        "location": _chosen(rng, people, _LOCATIONS),
        "valid_from": [date(2026, 4, 1)] * people,
    }


def _role_levels(session: Any) -> tuple[np.ndarray, list[np.ndarray]]:
    """Ids of the role levels that require anything, and [skill id, required level] of each."""
    from sqlalchemy import text

    rows = session.execute(
        text("SELECT role_level_id, skill_id, level FROM requirement WHERE level IS NOT NULL ORDER BY 1, 2")
    ).all()
    table = np.array([tuple(row) for row in rows], dtype=np.int64)
    levels = np.unique(table[:, 0])
    return levels, [table[table[:, 0] == level, 1:] for level in levels.tolist()]


def _roles(
    rng: np.random.Generator, people: int, levels: np.ndarray, required: list[np.ndarray]
) -> np.ndarray:
    """The place of everybody's role level, -1 for the unmapped; roles with many skills are the commoner ones."""
    weight = np.array([len(skills) for skills in required], dtype=float) ** 2
    role = rng.choice(len(levels), people, p=weight / weight.sum())
    role[rng.random(people) < 0.04] = -1
    return role


def _assignments(mapped: np.ndarray, level: np.ndarray) -> Columns:
    count = len(mapped)
    return {
        "id": range(1, count + 1),
        "version": [1] * count,
        "person_id": (mapped + 1).tolist(),
        "role_level_id": level.tolist(),
        "kind": ["role"] * count,
        "source": ["imported"] * count,
        "is_primary": [True] * count,
        "share_hundredths": [100] * count,
        "reason": ["from the HR extract"] * count,
        "valid_from": [date(2026, 4, 1)] * count,
    }


def _ratings(
    rng: np.random.Generator, role: np.ndarray, required: list[np.ndarray], people: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Person place, skill id and level, in order: nine tenths of what is required, and as many beyond as it takes."""
    widths = np.array([len(skills) for skills in required])
    first = np.cumsum(widths) - widths
    flat = np.concatenate(required)
    mapped = np.flatnonzero(role >= 0)
    width = widths[role[mapped]]
    person = np.repeat(mapped, width)
    within = np.arange(len(person)) - np.repeat(np.cumsum(width) - width, width)
    chosen = flat[np.repeat(first[role[mapped]], width) + within]
    kept = rng.random(len(person)) < 0.94
    person, chosen = person[kept], chosen[kept]
    skills = np.unique(flat[:, 0])
    wanted = int(RATINGS * people / PEOPLE) - len(person)
    other, beyond = rng.integers(0, people, int(wanted * 1.2)), rng.choice(skills, int(wanted * 1.2))
    keys = np.concatenate([person << 20 | chosen[:, 0], other << 20 | beyond])
    _, place = np.unique(keys, return_index=True)
    beyond_places = place[place >= len(person)]
    drop = rng.choice(beyond_places, max(0, len(place) - len(person) - wanted), replace=False)
    left_out = np.zeros(len(keys), dtype=np.bool_)
    left_out[drop] = True
    place = place[~left_out[place]]
    level = np.concatenate([np.clip(chosen[:, 1] + rng.integers(-2, 2, len(chosen)), 0, 4),
                            rng.integers(1, 5, len(other))])  # fmt: skip
    return keys[place] >> 20, keys[place] & 0xFFFFF, level[place]


def _assessments(
    rng: np.random.Generator, person: np.ndarray, skill: np.ndarray, level: np.ndarray
) -> Columns:
    count = len(person)
    return {
        "id": range(1, count + 1),
        "version": [1] * count,
        "person_id": (person + 1).tolist(),
        "skill_id": skill.tolist(),
        "level": level.tolist(),
        "assessed_on": _days(rng, count, 500),
        "assessed_by": _chosen(rng, count, ("self", "line manager", "head of profession"), [0.45, 0.4, 0.15]),
        "evidence": [""] * count,
        "comment": [""] * count,
    }


def _chosen(
    rng: np.random.Generator, count: int, words: Sequence[str], share: Sequence[float] | None = None
) -> list[str]:
    return list(map(words.__getitem__, rng.choice(len(words), count, p=share).tolist()))


def _words(rng: np.random.Generator, count: int, stem: str, kinds: int) -> list[str]:
    return _chosen(rng, count, [f"{stem}{number}" for number in range(kinds)])


def _days(rng: np.random.Generator, count: int, most: int) -> list[date]:
    pick: Callable[[int], date] = [
        date.fromordinal(TODAY.toordinal() - ago) for ago in range(1, most + 1)
    ].__getitem__
    return list(map(pick, rng.integers(0, most, count).tolist()))


if __name__ == "__main__":
    make(Path(sys.argv[2]), int(sys.argv[1]))
