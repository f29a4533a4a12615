"""What speaks for each answer, as numbers: the features the fitted weights are multiplied with.

One list of (title, answer, feature, value) serves ranking and fitting, so that they cannot drift apart.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from app.analysis.role_match.normalise import plain
from app.analysis.role_match.phrases import Found
from app.analysis.role_match.reading import BREAK, Reading
from app.analysis.role_match.records import BoolArray, FloatArray, IntArray, TitleQuery

_ROLE_FEATURES = tuple(
    f"{name}_{strength}"
    for strength in (1, 2, 3)
    for name in (
        "first",
        "second",
        "third",
        "digital_word",
        "digital_profession",
        "other_profession",
        "other_word",
    )
)
FEATURES: tuple[str, ...] = (
    *_ROLE_FEATURES,
    "covered", "ends_title", "starts_title", "interrupted", "name", "name_digital_profession",
    "own_name", "none", "none_digital_word", "none_other_word", "none_digital_profession", "none_other_profession",
    "none_phrase_1", "none_phrase_2", "none_phrase_3",
    "unmapped", "unmapped_digital_word", "unmapped_other_word", "unmapped_digital_profession",
    "unmapped_other_profession", "unmapped_phrase_1", "unmapped_phrase_2", "unmapped_phrase_3",
)  # fmt: skip
"""Names of the features; for those of a phrase the number is the strength of the phrase."""

_NUMBER = {name: number for number, name in enumerate(FEATURES)}
_ROLE_BLOCK = len(_ROLE_FEATURES) // 3

DIGITAL_PROFESSIONS = frozenset(
    ("digital", "it", "ict", "technology", "data", "computing", "ddat", "software")
)
OPEN_PROFESSIONS = frozenset(
    ("other", "operational", "project", "programme", "communications", "knowledge", "information",
     "analytical", "engineering", "na", "generalist", "unknown", "administration", "business", "delivery",
     "marketing", "science")
)  # fmt: skip
"""Professions under which digital people are often filed: they say nothing either way."""


@dataclass(frozen=True, slots=True)
class Contribution:
    """Values of one kind of evidence: arrays of the same length; ``feature`` numbers :data:`FEATURES`."""

    title: IntArray
    answer: IntArray
    feature: IntArray
    value: FloatArray


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What stands around the phrases, one entry per title: shares from 0 to 1."""

    digital_word: FloatArray
    other_word: FloatArray
    digital_profession: FloatArray
    other_profession: FloatArray


@dataclass(frozen=True, slots=True)
class PhraseBook:
    """The compiled phrases by number: up to three answers (-1: no more), a strength of 1 to 3, and whether the
    words after the phrase name whom the post serves.
    """

    answers: IntArray
    strength: IntArray
    serving: BoolArray


@lru_cache(maxsize=4096)
def profession_kind(profession: str) -> int:
    """1 where the profession is digital, data or technology, -1 where it is another, 0 where it says
    nothing.
    """
    words = set(plain(profession.replace("\n", " ")).split())
    if (
        words & DIGITAL_PROFESSIONS
        or {"information", "technology"} <= words
        or "informationtechnology" in words
    ):
        return 1
    return 0 if not words or words & OPEN_PROFESSIONS or {"n", "a"} <= words else -1


@lru_cache(maxsize=4096)
def unit_is_digital(unit: str) -> bool:
    """Whether the unit's name says digital, data or technology."""
    return bool(set(plain(unit.replace("\n", " ")).split()) & DIGITAL_PROFESSIONS)


def _looked_up(texts: list[str], meaning: Callable[[str], int | bool]) -> FloatArray:
    """A number for each text; equal texts are looked at once."""
    known = {text: float(meaning(text)) for text in set(texts)}
    return np.fromiter(map(known.__getitem__, texts), dtype=np.float64, count=len(texts))


def covered_words(reading: Reading, found: Found, kept: BoolArray) -> BoolArray:
    """True for words of the reading inside one of the phrases for which ``kept`` is true."""
    edges = np.zeros(len(reading.word) + 1, dtype=np.int64)
    np.add.at(edges, found.start[kept], 1)
    np.add.at(edges, found.start[kept] + found.length[kept], -1)
    return np.cumsum(edges[:-1]) > 0


def surroundings(
    reading: Reading, covered: BoolArray, weight: FloatArray, queries: Sequence[TitleQuery]
) -> Surroundings:
    """What the words and the profession say. ``weight`` is by word number: above 0 digital, below 0 other
    work.
    """
    titles = len(queries)
    value = weight[reading.word]
    digital = np.bincount(reading.title, np.maximum(value, 0.0), titles)
    digital += np.bincount(reading.aside_title, np.maximum(weight[reading.aside], 0.0), titles)
    other = np.bincount(reading.title, np.where(covered, 0.0, np.maximum(-value, 0.0)), titles)
    other += np.bincount(reading.aside_title, np.maximum(-weight[reading.aside], 0.0), titles)
    kind = _looked_up([query.profession for query in queries], profession_kind)
    if any(query.unit for query in queries):
        unit = _looked_up([query.unit for query in queries], unit_is_digital)
        kind = np.clip(kind + 0.5 * unit * (kind < 1), -1.0, 1.0)
    return Surroundings(
        np.minimum(digital / 3.0, 1.0),
        np.minimum(other / 3.0, 1.0),
        np.maximum(kind, 0.0),
        np.maximum(-kind, 0.0),
    )


def phrase_evidence(
    reading: Reading, found: Found, book: PhraseBook, around: Surroundings, none: int
) -> list[Contribution]:
    """What the phrases say. ``none`` is the number of that answer; digital_unmapped is the one before."""
    titles = len(around.digital_word)
    words = np.bincount(reading.title[reading.word != BREAK], minlength=titles)
    ends = np.flatnonzero(reading.word == BREAK)
    begins = np.concatenate(([0], ends[:-1] + 1)) if len(ends) else ends
    title = reading.title[found.start]
    strength = book.strength[found.phrase]
    first = book.answers[found.phrase, 0]
    out: list[Contribution] = []
    for place in range(3):
        answer = book.answers[found.phrase, place]
        for kind, chosen in (
            ("role", (answer >= 0) & (answer < none - 1)),
            ("unmapped", answer == none - 1),
            ("none", answer == none),
        ):
            at = np.flatnonzero(chosen)
            if kind != "role":
                value = np.full(len(at), 1.0 if place == 0 else 0.5)
                feature = _NUMBER[f"{kind}_phrase_1"] + strength[at] - 1
                out.append(Contribution(title[at], answer[at], feature, value))
            else:
                out += _for_roles(place, title[at], answer[at], strength[at], first[at] == none, around)
    last = found.start + found.length - 1
    shares = {
        "covered": found.length / np.maximum(words[title], 1),
        "ends_title": (found.start + found.length == ends[title]).astype(np.float64),
        "starts_title": (found.start == begins[title]).astype(np.float64),
        "interrupted": (reading.unknown[last] > reading.unknown[found.start]).astype(np.float64),
    }
    out += [
        Contribution(title, first, np.full(len(title), _NUMBER[name]), value)
        for name, value in shares.items()
    ]
    return out


def _for_roles(
    place: int,
    title: IntArray,
    answer: IntArray,
    strength: IntArray,
    doubtful: BoolArray,
    around: Surroundings,
) -> list[Contribution]:
    """``doubtful``: the phrase rather means "none"; its role then counts little and the surroundings nothing."""
    block = np.where(doubtful, 0, strength - 1) * _ROLE_BLOCK
    sure = (~doubtful).astype(np.float64)
    return [
        Contribution(title, answer, block + place, np.ones(len(title))),
        Contribution(title, answer, block + 3, sure * around.digital_word[title]),
        Contribution(title, answer, block + 4, sure * around.digital_profession[title]),
        Contribution(title, answer, block + 5, sure * around.other_profession[title]),
        Contribution(title, answer, block + 6, sure * around.other_word[title]),
    ]


def standing_evidence(around: Surroundings, none: int) -> list[Contribution]:
    """What speaks for "none" and "digital_unmapped" (``none`` and the answer before it) in every title."""
    titles = len(around.digital_word)
    title = np.arange(titles)
    values = (
        ("", np.ones(titles)),
        ("_digital_word", around.digital_word),
        ("_other_word", around.other_word),
        ("_digital_profession", around.digital_profession),
        ("_other_profession", around.other_profession),
    )
    return [
        Contribution(title, np.full(titles, answer), np.full(titles, _NUMBER[name + suffix]), value)
        for answer, name in ((none, "none"), (none - 1, "unmapped"))
        for suffix, value in values
    ]


def name_evidence(
    title: IntArray, answer: IntArray, alike: FloatArray, own: BoolArray, around: Surroundings
) -> list[Contribution]:
    """What the likeness between a title and a role's own names says (``alike``: cosine, 0 to 1).

    ``own``, by role: the lexicon does not know the role, so that its name is all there is.
    """
    in_digital = alike * around.digital_profession[title]
    return [
        Contribution(title, answer, np.full(len(title), _NUMBER["name"]), alike),
        Contribution(title, answer, np.full(len(title), _NUMBER["name_digital_profession"]), in_digital),
        Contribution(title, answer, np.full(len(title), _NUMBER["own_name"]), alike**2 * own[answer]),
    ]
