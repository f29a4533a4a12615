"""The words of the field, read from ``resources/titles`` (its README explains the columns).

A head of profession extends these files with a text editor; nothing in the program names a role.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from app.analysis.role_match.normalise import plain
from app.errors import AppError
from app.resources import resource
from app.terms import name_key

Words = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PhraseEntry:
    """Words that stand for an answer: up to three answers, likeliest first, and how far to trust them.

    ``strength`` 3 is unmistakable, 2 the usual reading, 1 so only where other things point to digital work. 4 is
    for "none" alone: a post that serves somebody, whose own title the words after it are ("PA to the CTO").
    An answer is the name of a role, ``digital_unmapped`` or ``none``.
    """

    phrase: str
    answers: tuple[str, ...]
    strength: int


@dataclass(frozen=True, slots=True)
class Fitted:
    """Weights of the features by name, and slope and offset of the calibration (``fit.py`` makes them)."""

    weights: Mapping[str, float]
    slope: float = 1.0
    offset: float = 0.0


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Everything the matcher knows before it sees an organisation."""

    meanings: Mapping[str, str]
    joined: Mapping[Words, str]
    seniority: Mapping[str, int]
    noise: frozenset[str]
    phrases: tuple[PhraseEntry, ...]
    evidence: Mapping[str, float]
    grades: Mapping[str, tuple[str, ...]]
    fitted: Fitted


def _rows(path: Path, columns: tuple[str, ...]) -> Iterator[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(line for line in file if not line.startswith("#"))
        missing = [column for column in columns if column not in (reader.fieldnames or ())]
        if missing:
            raise AppError(
                f"{path.name} has no column {missing[0]}.",
                f"Its first line must name the columns {', '.join(columns)}.",
            )
        for row in reader:
            yield [(row[column] or "").strip() for column in columns]


def _phrases(path: Path) -> Iterator[PhraseEntry]:
    for phrase, first, second, third, strength in _rows(
        path, ("phrase", "first", "second", "third", "strength")
    ):
        if strength not in {"1", "2", "3", "4"} or not plain(phrase).strip() or not first:
            raise AppError(
                f"{path.name}: the line of {phrase or 'an empty phrase'!r} cannot be used.",
                "It needs a phrase, a first answer and a strength from 1 to 4.",
            )
        yield PhraseEntry(phrase, tuple(a for a in (first, second, third) if a), int(strength))


def read_fitted(path: Path) -> Fitted:
    """The weights and the calibration in ``fitted.json``."""
    content = json.loads(path.read_text(encoding="utf-8"))
    return Fitted(content["weights"], content["calibration"]["slope"], content["calibration"]["offset"])


def _evidence(folder: Path) -> dict[str, float]:
    """Words that speak against digital work (learned from organograms) and for it (a list by hand, which
    wins).
    """
    files = ("word_evidence.csv", "digital_words.csv")
    return {
        word: float(weight) for file in files for word, weight in _rows(folder / file, ("word", "weight"))
    }


def read_lexicon(folder: Path) -> Lexicon:
    """Read the lexicon files of a folder; raises AppError naming the file and line that cannot be used."""
    meanings = {
        plain(written).strip(): means for written, means in _rows(folder / "words.csv", ("written", "means"))
    }
    seniority = {
        plain(word).strip(): int(rank) for word, rank in _rows(folder / "seniority.csv", ("word", "rank"))
    }
    joined = {
        tuple(plain(written).split()): means
        for written, means in _rows(folder / "joined.csv", ("written", "means"))
    }
    phrases = (*_phrases(folder / "former_names.csv"), *_phrases(folder / "phrases.csv"))
    return Lexicon(
        meanings,
        joined,
        seniority,
        frozenset(word for (word,) in _rows(folder / "noise.csv", ("word",))),
        phrases,
        _evidence(folder),
        {
            name_key(level): tuple(grades.split())
            for level, grades in _rows(folder / "usual_grades.csv", ("role_level", "grades"))
        },
        read_fitted(folder / "fitted.json"),
    )


@lru_cache(maxsize=1)
def bundled_lexicon() -> Lexicon:
    """The lexicon that comes with the program."""
    return read_lexicon(resource("titles"))
