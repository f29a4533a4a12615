"""The bundled strategies: published facts in our words, to be edited (``resources/strategies``)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from app.errors import UsageError
from app.resources import resource
from app.terms import name_key


@dataclass(frozen=True, slots=True)
class PresetPriority:
    """A priority of a preset; ``links`` are (role, skill) pairs, one of the two blank."""

    area: str
    name: str
    target_on: date | None
    description: str
    source: str
    links: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Preset:
    """A bundled strategy with where its facts come from."""

    name: str
    title: str
    source: str
    licence: str
    note: str
    priorities: tuple[PresetPriority, ...]


def presets() -> tuple[Preset, ...]:
    """Every bundled strategy, oldest first."""
    return tuple(_read(path) for path in sorted(resource("strategies").glob("*.json")))


def read_preset(name: str) -> Preset:
    """The preset of this name; UsageError with the names there are otherwise."""
    found = presets()
    for preset in found:
        if name_key(name) in (name_key(preset.name), name_key(preset.title)):
            return preset
    names = ", ".join(preset.name for preset in found)
    raise UsageError(f"There is no preset “{name}”.", f"There are: {names}.")


def _read(path: Path) -> Preset:
    kept: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return Preset(
        name=kept["name"],
        title=kept["title"],
        source=kept["source"],
        licence=kept["licence"],
        note=kept["note"],
        priorities=tuple(
            PresetPriority(
                area=area["area"],
                name=one["priority"],
                target_on=date.fromisoformat(one["target_date"]) if one.get("target_date") else None,
                description=one.get("said", ""),
                source=one["source"],
                links=(
                    *((role, "") for role in one.get("roles", ())),
                    *(("", skill) for skill in one.get("skills", ())),
                ),
            )
            for area in kept["areas"]
            for one in area["priorities"]
        ),
    )
