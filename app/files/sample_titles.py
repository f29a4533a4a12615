"""Job titles as untidy as extracts hold them: other names, abbreviations, teams, post numbers, slips."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from app.files.sample_recipe import Dice, Recipe, SampleRoleLevel
from app.terms import GRADES

_OFFICIAL = 0.45  # share of titles that use the framework's own name
_NO_SENIORITY = 0.06  # share that leave the seniority out
_SLIP, _UPPER, _LOWER, _CAPITALS = 0.025, 0.03, 0.05, 0.6


@dataclass(frozen=True, slots=True)
class Post:
    """What a title may mention: where the post is, and its grade (a place in GRADES)."""

    team: str
    directorate: str
    department: str
    place: str
    grade: int


class TitleWriter:
    """Writes one title after the other; every title uses up the same count of random numbers."""

    def __init__(self, recipe: Recipe, dice: Dice, count: int) -> None:
        words = recipe.words
        self._called = words.called
        self._short = words.short
        self._forms = [form for form, _ in words.dress]
        self._dress = dice.pick([weight for _, weight in words.dress], count).tolist()
        # Streams: 0 official or not, 1 which other name, 2 seniority, 3 slip, 4 where, 5 case, 6 number
        self._chances: Iterator[list[float]] = iter(np.ascontiguousarray(dice.uniform(7, count).T).tolist())
        self._dresses = iter(self._dress)

    def role(self, level: SampleRoleLevel, post: Post) -> str:
        """The title of somebody in a role level of the framework."""
        chances = next(self._chances)
        return self._finish(self._named(level, chances), post, chances)

    def other(self, title: str, post: Post) -> str:
        """A title outside the framework."""
        return self._finish(title, post, next(self._chances))

    def _named(self, level: SampleRoleLevel, chances: list[float]) -> str:
        first, _, rest = level.name.partition(" ")
        word = first if first in self._short and rest else ""
        noun = rest if word else level.name
        is_plain = noun.partition(" - ")[0].split()[-1] == level.role.split()[-1]
        names = self._called.get(level.role, ())
        if not names or not is_plain or chances[0] < _OFFICIAL:
            return level.name
        forms = self._short.get(word, ("",))
        short = "" if chances[2] < _NO_SENIORITY else forms[int(chances[2] * len(forms))]
        name = names[int(chances[1] * len(names))].replace("{p}", short)
        return f"{name} (management)" if level.name.endswith("management") else name

    def _finish(self, title: str, post: Post, chances: list[float]) -> str:
        if chances[5] > 1 - _CAPITALS and title[:1].isupper() and title[1:] == title[1:].lower():
            title = " ".join(
                word if word in {"and", "of"} else word[:1].upper() + word[1:] for word in title.split()
            )
        number = int(chances[6] * 900_000) + 100_000
        dressed = self._forms[next(self._dresses)].format(
            t=title,
            team=post.team,
            dir=post.directorate,
            dept=post.department,
            grade=GRADES[post.grade],
            post=number,
            place=post.place,
            ref=number // 10,
        )
        text = " ".join(dressed.split())
        if chances[3] < _SLIP:
            text = _with_slip(text, chances[4])
        if chances[5] < _UPPER:
            return text.upper()
        return text.lower() if chances[5] < _LOWER else text


def _with_slip(text: str, chance: float) -> str:
    """Two letters swapped, or one left out, somewhere inside a word."""
    places = [at for at in range(1, len(text) - 2) if text[at].isalpha() and text[at + 1].isalpha()]
    if not places:
        return text
    at = places[int(chance * len(places))]
    swapped = text[at + 1] + text[at] if int(chance * 1_000) % 2 else text[at]
    return text[:at] + swapped + text[at + 2 :]
