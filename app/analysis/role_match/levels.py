"""Which level of a role a title means: seniority words first, the noun next, the grade only to break ties.

The level costs its distance on the ladder of seniority.csv from the title's own word (no word: the plain
level),
less for words only this level's name has and the title has too ("configuration", "major", "analyst"), and a
little for every grade between the person's and the level's usual ones, never enough to outvote a word.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from app.analysis.role_match.normalise import plain
from app.analysis.role_match.reading import Vocabulary
from app.analysis.role_match.records import IntArray, RoleTarget
from app.terms import GRADES, name_key

PLAIN_RANK = 4
"""The place on the ladder of a title and a level without a seniority word."""

_ANALYSTS = ("coordinator", "operative", "operator", "officer", "agent", "adviser", "technician", "assistant")
_MARK_MEANS = dict.fromkeys(_ANALYSTS, "analyst") | {
    "owner": "manager",
    "team": "management",
    "manage": "management",
}
"""Words of titles that stand for a word of level names."""
_SHARED_WORD = 2.0
_ABSENT_WORD = 0.6
_PER_GRADE = 0.3
_GRADE_AT_MOST = 0.9
_MARKS_AT_MOST = 60


@dataclass(frozen=True, slots=True)
class _Level:
    rank: int
    marks: int
    grades: tuple[int, ...]


class LevelChooser:
    """Chooses levels for many (role, title) pairs at once."""

    def __init__(
        self,
        targets: Sequence[RoleTarget],
        vocabulary: Vocabulary,
        seniority: Mapping[str, int],
        usual: Mapping[str, tuple[str, ...]],
    ) -> None:
        self._bit: dict[str, int] = {}
        self._levels = [self._of(target, seniority, usual) for target in targets]
        self._role_marks = np.array(
            [sum({m.marks for m in ls}) and _union(ls) for ls in self._levels], dtype=np.int64
        )
        self._mark = np.zeros(vocabulary.size, dtype=np.int64)
        for word, bit in self._bit.items():
            self._mark[vocabulary.number(word)] |= 1 << bit
        for word, means in _MARK_MEANS.items():
            if means in self._bit:
                self._mark[vocabulary.number(word)] |= 1 << self._bit[means]
        self._mark[:4] = 0
        self._chosen: dict[tuple[int, int, int, int], int] = {}

    def _of(
        self, target: RoleTarget, seniority: Mapping[str, int], usual: Mapping[str, tuple[str, ...]]
    ) -> list[_Level]:
        words = [[w for w in plain(level).split() if w not in _SMALL] for level in target.levels]
        everywhere: set[str] = set.intersection(*map(set, words)) if words else set()
        levels: list[_Level] = []
        for place, (name, parts) in enumerate(zip(target.levels, words, strict=True)):
            ranks = [seniority[word] for word in parts if word in seniority]
            own = [word for word in parts if word not in everywhere and word not in seniority]
            grades = target.grades[place] if place < len(target.grades) else usual.get(name_key(name), ())
            levels.append(
                _Level(
                    max(ranks) if ranks else PLAIN_RANK,
                    sum({1 << self._number(word) for word in own}) if len(target.levels) > 1 else 0,
                    tuple(GRADES.index(grade) for grade in grades if grade in GRADES),
                )
            )
        return levels

    def _number(self, word: str) -> int:
        return self._bit.setdefault(word, min(len(self._bit), _MARKS_AT_MOST))

    def marks(self, word: IntArray, title: IntArray, titles: int) -> IntArray:
        """For each title, which words that tell levels apart it has, as a bit set."""
        out = np.zeros(titles, dtype=np.int64)
        mark = self._mark[word]
        some = np.flatnonzero(mark)
        np.bitwise_or.at(out, title[some], mark[some])
        return out

    def choose(self, role: IntArray, seniority: IntArray, grade: IntArray, marks: IntArray) -> IntArray:
        """The index of the level of each role for titles with that seniority, grade and marks (arrays
        alike).
        """
        marks = marks & self._role_marks[role]
        small = (role * 16 + seniority + 1) * 16 + grade + 1
        order = np.lexsort((marks, small))
        keys, bits = small[order], marks[order]
        new = np.ones(len(order), dtype=np.bool_)
        new[1:] = (keys[1:] != keys[:-1]) | (bits[1:] != bits[:-1])
        first = order[new]
        level = np.array(
            [
                self._choose_one(*key)
                for key in zip(
                    role[first].tolist(),
                    seniority[first].tolist(),
                    grade[first].tolist(),
                    marks[first].tolist(),
                    strict=True,
                )
            ],
            dtype=np.int64,
        )
        out = np.empty(len(order), dtype=np.int64)
        out[order] = level[np.cumsum(new) - 1] if len(order) else level
        return out

    def _choose_one(self, role: int, seniority: int, grade: int, marks: int) -> int:
        key = (role, seniority, grade, marks)
        if key not in self._chosen:
            wanted = PLAIN_RANK if seniority < 0 else seniority
            costs = [_cost(level, wanted, grade, marks) for level in self._levels[role]]
            self._chosen[key] = min(range(len(costs)), key=costs.__getitem__) if costs else -1
        return self._chosen[key]

    def grade_agrees(self, role: int, level: int, grade: int) -> bool | None:
        """Whether the grade is one of the level's usual ones; None where either is not known."""
        usual = self._levels[role][level].grades if level >= 0 else ()
        return grade in usual if usual and grade >= 0 else None


_SMALL = frozenset(("of", "and", "the", "for"))


def _union(levels: Sequence[_Level]) -> int:
    bits = 0
    for level in levels:
        bits |= level.marks
    return bits


def _cost(level: _Level, wanted: int, grade: int, marks: int) -> float:
    shared = (level.marks & marks).bit_count()
    absent = level.marks.bit_count() - shared
    away = 0.0
    if grade >= 0 and level.grades:
        away = min(_PER_GRADE * min(abs(grade - usual) for usual in level.grades), _GRADE_AT_MOST)
    # a level above the wanted one is a shade dearer than one as far below, so that ties do not promote
    ladder = abs(level.rank - wanted) + (0.05 if level.rank > wanted >= PLAIN_RANK else 0.0)
    return ladder - _SHARED_WORD * shared + _ABSENT_WORD * absent + away
