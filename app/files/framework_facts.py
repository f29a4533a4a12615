"""The bundled form of a framework: a CSV of facts, and a JSON beside it with source, date and own words.

The CSV has the columns of ``frameworks show``: role_family, role, role_level, seniority, skill, required. It
is made from the official download with :func:`write_facts` and holds names and numbers only.
"""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from app.errors import AppError
from app.files.framework_csv import read_framework
from app.files.framework_records import FamilyInput, FrameworkFile, RoleInput

COLUMNS = ("role_family", "role", "role_level", "seniority", "skill", "required")


def read_facts(path: Path) -> FrameworkFile:
    """Read a facts file and, where there is one, the JSON of the same name; raises AppError."""
    read = read_framework(path)
    beside = path.with_suffix(".json")
    if not beside.is_file():
        return read
    about = _about(beside)
    families = tuple(_in_own_words(family, about) for family in read.families)
    words = [str(text) for text in about.get("level_descriptions", [])] + [""] * 4
    released = about.get("effective_on")
    return replace(
        read,
        families=families,
        framework=str(about.get("framework", read.framework)),
        label=str(about.get("label", read.label)),
        effective_on=date.fromisoformat(released) if isinstance(released, str) else read.effective_on,
        source=str(about.get("source", "")),
        licence=str(about.get("licence", "")),
        level_descriptions=(words[0], words[1], words[2], words[3]),
    )


def _about(path: Path) -> dict[str, Any]:
    try:
        about: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as fault:
        raise AppError(
            f"{path.name} beside the framework cannot be read.", "Install Muster again."
        ) from fault
    return about


def _in_own_words(family: FamilyInput, about: dict[str, Any]) -> FamilyInput:
    words: dict[str, str] = about.get("family_descriptions", {})
    chiefs: dict[str, str] = about.get("chief_role_descriptions", {})
    roles: tuple[RoleInput, ...] = tuple(
        replace(role, description=chiefs[role.name]) if role.name in chiefs and not role.description else role
        for role in family.roles
    )
    return replace(family, description=words.get(family.name, family.description), roles=roles)


def write_facts(framework: FrameworkFile, path: Path) -> None:
    """Write the facts of a framework as CSV: UTF-8, LF line ends, ``required`` blank on checklists."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        rows = csv.writer(stream, lineterminator="\n")
        rows.writerow(COLUMNS)
        for *names, required in framework.facts():
            rows.writerow([*names, "" if required is None else required])
