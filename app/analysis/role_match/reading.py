"""Reads titles as word numbers: abbreviations spelled out, slips of the pen forgiven, noise dropped.

All titles of a call are read together: one pass of C-speed string work, one dictionary look-up per word, and
NumPy for the rest. A word is looked at closely only the first time it is met.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from app.analysis.role_match.lexicon import Lexicon
from app.analysis.role_match.normalise import BAND_WORDS, GRADE_WORDS, is_code, plain, plain_lines
from app.analysis.role_match.phrases import PhraseTrie, without_contained, without_overlap
from app.analysis.role_match.records import BoolArray, FloatArray, IntArray

BREAK, UNKNOWN, CODE, SHORT = range(4)
UNSPOKEN = SHORT
"""Word numbers up to this one are not words: the end of a title, unknown words, codes, short scraps."""

_FIRST_WORD = 4
_SHORTEST_FORGIVEN = 6
_CACHE_LIMIT = 200_000


def singular(word: str) -> str:
    """The word without its plural s, by one rule for titles and lexicon alike (not grammar)."""
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


@dataclass(frozen=True, slots=True)
class Reading:
    """Titles as one sequence of known words, each title closed by BREAK.

    ``word``, ``title``, ``origin`` and ``unknown`` have one entry per kept word: its number, its title, its
    place among all the words, and how many words nobody knows stand before it. ``seniority`` and ``grade`` have
    one per title, -1 where the title names none. ``aside`` and ``aside_title`` are words no phrase uses, which
    only lend colour to their title.
    """

    word: IntArray
    title: IntArray
    origin: IntArray
    unknown: IntArray
    seniority: IntArray
    grade: IntArray
    aside: IntArray
    aside_title: IntArray


class _Numbers(dict[str, int]):
    """Word numbers by written word; a word not met before is looked at by the vocabulary."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        super().__init__()
        self._vocabulary = vocabulary

    def __missing__(self, written: str) -> int:
        number = self._vocabulary.look_at(written)
        if len(self) < _CACHE_LIMIT:
            self[written] = number
        return number


class Vocabulary:
    """The words the lexicon and the role names use, and how other spellings lead to them."""

    def __init__(self, lexicon: Lexicon, names: Iterable[str]) -> None:
        self._lexicon = lexicon
        self._number: dict[str, int] = {}
        self._spelling: list[str] = ["", "", "", ""]
        forgiving = [word for entry in lexicon.phrases for word in plain(entry.phrase).split()]
        forgiving += [word for name in names for word in plain(name).split()]
        forgiving += [*lexicon.seniority, *lexicon.joined.values()]
        for word in forgiving:
            self._add(self.canonical(word))
        self._slips = self._slips_of(list(self._number))
        in_phrases = len(self._spelling)
        others = (*lexicon.evidence, *lexicon.noise, *GRADE_WORDS, *BAND_WORDS)
        for word in (*others, *(word for words in lexicon.joined for word in words)):
            self._add(self.canonical(word))
        self.size = len(self._spelling)
        self._numbers = _Numbers(self)
        self._joins = PhraseTrie([self.numbers(" ".join(words)) for words in lexicon.joined], self.size)
        self._join_to = np.array([*map(self.number, lexicon.joined.values()), 0], dtype=np.int64)
        self._seniority = self._by_word(lexicon.seniority, -1)
        self._grade = self._by_word(GRADE_WORDS, -1)
        self._band = self._by_word(dict.fromkeys(BAND_WORDS, 1), 0) > 0
        self._dropped = self._by_word(dict.fromkeys(lexicon.noise, 1), 0) > 0
        self._aside = np.arange(self.size) >= in_phrases
        self._aside &= ~self._dropped & (self._grade < 0)
        self._dropped |= self._aside | (self._grade >= 0) | (self._seniority >= 0)
        kept = [self.number(word) for word in KEPT_SENIORITY]
        self._dropped[kept] = False
        self._dropped[[UNKNOWN, CODE, SHORT]] = True
        self._dropped[BREAK] = False

    def _add(self, word: str) -> None:
        if word not in self._number:
            self._number[word] = len(self._spelling)
            self._spelling.append(word)

    def _by_word(self, values: Mapping[str, int], default: int) -> IntArray:
        column = np.full(self.size, default, dtype=np.int64)
        for word, value in values.items():
            column[self.number(word)] = value
        column[:_FIRST_WORD] = default
        return column

    @staticmethod
    def _slips_of(words: list[str]) -> dict[str, int]:
        slips: dict[str, int] = {}
        for number, word in enumerate(words, _FIRST_WORD):
            if len(word) >= _SHORTEST_FORGIVEN:
                for shorter in _one_letter_less(word):
                    slips.setdefault(shorter, number)
        return slips

    def canonical(self, written: str) -> str:
        """The word a written word stands for: its meaning in words.csv, otherwise its singular."""
        meanings = self._lexicon.meanings
        if written in meanings:
            return meanings[written]
        one = singular(written)
        return meanings.get(one, one)

    def look_at(self, written: str) -> int:
        """The number of a written word; one slip of the pen is forgiven in longer words."""
        if written == "|":
            return BREAK
        word = self.canonical(written)
        number = self._number.get(word)
        if number is not None:
            return number
        if is_code(written):
            return CODE
        if len(written) <= 2:
            return SHORT
        return self._forgiven(word) if len(word) >= _SHORTEST_FORGIVEN else UNKNOWN

    def _forgiven(self, word: str) -> int:
        for candidate in (word, *_one_letter_less(word)):
            found = self._slips.get(candidate) or self._number.get(candidate)
            if (
                found
                and self._spelling[found][:1] == word[:1]
                and len(self._spelling[found]) >= _SHORTEST_FORGIVEN
            ):
                return found
        return UNKNOWN

    def number(self, word: str) -> int:
        """The number of one word."""
        return self._numbers[word]

    def numbers(self, text: str) -> tuple[int, ...]:
        """The numbers of the words of a phrase, nothing joined and nothing dropped."""
        return tuple(self._numbers[word] for word in plain(text).split())

    def spelling(self, number: int) -> str:
        """The canonical spelling of a word number."""
        return self._spelling[number]

    def phrase(self, text: str) -> tuple[int, ...]:
        """The numbers that are left of a phrase after joining and dropping, as a title would be read."""
        return tuple(self.read([text]).word[:-1].tolist())

    def values(self, weights: dict[str, float]) -> FloatArray:
        """A column with one number per word from values by spelling, 0 for the rest."""
        column = np.zeros(self.size)
        for word, value in weights.items():
            column[self.number(word)] = value
        column[:_FIRST_WORD] = 0.0
        return column

    def read(self, titles: Sequence[str]) -> Reading:
        """Read titles; what is left of each is in the order of its words."""
        words = (plain_lines(titles).replace("\n", " | ") + " |").split() if titles else []
        number = np.fromiter(map(self._numbers.__getitem__, words), dtype=np.int64, count=len(words))
        closes = number == BREAK
        title = np.cumsum(closes) - closes
        gone = self._join(number)
        seniority = _largest(title, self._seniority[number], len(titles))
        grade = _largest(title, self._grade[number], len(titles))
        gone |= self._announced(number)
        aside = np.flatnonzero(self._aside[number] & ~gone)
        kept = np.flatnonzero(~(gone | self._dropped[number]))
        unknown = np.cumsum((number == UNKNOWN) | self._aside[number])[kept]
        return Reading(
            number[kept], title[kept], kept, unknown, seniority, grade, number[aside], title[aside]
        )

    def _join(self, number: IntArray) -> BoolArray:
        """Write joined words over their first part; true where a part has gone."""
        gone = np.zeros(len(number), dtype=np.bool_)
        at = np.flatnonzero(number != UNKNOWN)
        found = without_overlap(without_contained(self._joins.find(number[at])))
        for part in range(1, int(found.length.max(initial=0))):
            gone[at[found.start[found.length > part] + part]] = True
        number[at[found.start]] = self._join_to[found.phrase]
        return gone

    def _announced(self, number: IntArray) -> BoolArray:
        """Words such as "band" or "level" with the short code that follows them."""
        code = (number == CODE) | (number == SHORT)
        before = np.zeros(len(number), dtype=np.bool_)
        before[:-1] = self._band[number[:-1]] & code[1:]
        return before


KEPT_SENIORITY = ("head", "chief", "lead", "assistant", "director")
"""Seniority words that are also part of phrases ("test lead", "chief technology officer")."""


def _largest(title: IntArray, value: IntArray, titles: int) -> IntArray:
    """The largest value of each title's words, -1 for none."""
    out = np.full(titles, -1, dtype=np.int64)
    some = np.flatnonzero(value >= 0)
    np.maximum.at(out, title[some], value[some])
    return out


def _one_letter_less(word: str) -> list[str]:
    return [word[:index] + word[index + 1 :] for index in range(len(word))]
