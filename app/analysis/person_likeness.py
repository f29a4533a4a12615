"""Records that are likely to be the same person, with a score that adds up from reasons anybody can check.

Every pair is judged by points (:data:`POINTS`); a pair is listed from :data:`LISTED_FROM` points on. No reason but
an equal staff number, an equal e-mail address, an equal name, or a nearly equal name together with an equal start
date can bring a pair that far, so only people who share one of these are compared: the blocking loses nothing.
What thousands share (a common name, a mailbox of a whole office, the day on which a department was founded) says
little, and counts for little.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations
from typing import TypeVar

import numpy as np
from rapidfuzz import fuzz, process

from app.progress import Progress

K = TypeVar("K", str, int)

LISTED_FROM = 60
NEARLY_SAME_FROM = 88.0
"""Likeness of two names, 0 to 100 (rapidfuzz ``ratio`` of their sorted words), from which they are nearly the same."""
SHORTEST_NEARLY_SAME = 6
"""Names of fewer letters are not called nearly the same: one letter is too large a part of them."""
COMMON_NAME_ABOVE = 3
SHARED_MAILBOX_ABOVE = 10
COMMON_START_ABOVE = 400


class Likeness(StrEnum):
    """A reason for or against two records being one person."""

    STAFF_ID = "staff numbers differ only in case, blanks or leading zeros"
    EMAIL = "same e-mail address"
    NAME = "same name"
    COMMON_NAME = "same name, which several people have"
    NEAR_NAME = "nearly the same name"
    START = "same start date"
    COMMON_START = "same start date as many"
    DEPARTMENT = "same department"
    OTHER_EMAIL = "different e-mail addresses"


POINTS: dict[Likeness, int] = {
    Likeness.STAFF_ID: 60,
    Likeness.EMAIL: 60,
    Likeness.NAME: 40,
    Likeness.COMMON_NAME: 25,
    Likeness.NEAR_NAME: 30,
    Likeness.START: 30,
    Likeness.COMMON_START: 5,
    Likeness.DEPARTMENT: 20,
    Likeness.OTHER_EMAIL: -20,
}


@dataclass(frozen=True, slots=True)
class PersonMarks:
    """What people are told apart by, one entry per person in each column.

    ``department`` is a number; ``start`` a day number, 0 where it is not known. Texts are as loaded.
    """

    staff_id: Sequence[str]
    name: Sequence[str]
    email: Sequence[str]
    department: Sequence[int]
    start: Sequence[int]

    def __len__(self) -> int:
        return len(self.staff_id)


@dataclass(frozen=True, slots=True)
class LikePair:
    """Two people by their places in the columns, ``first`` before ``second``; ``score`` 0 to 100."""

    first: int
    second: int
    score: int
    reasons: tuple[Likeness, ...]


def staff_key(staff_id: str) -> str:
    """A staff number regardless of case, blanks, hyphens and leading zeros; "" where nothing is left."""
    return re.sub(r"[\s\-_./]", "", staff_id).casefold().lstrip("0")


def person_key(name: str) -> str:
    """A name regardless of case, accents, punctuation and the order of its words ("Smith, Jo" is "Jo Smith")."""
    plain = unicodedata.normalize("NFKD", name.casefold())
    letters = "".join(mark for mark in plain if not unicodedata.combining(mark))
    return " ".join(sorted(re.sub(r"[^\w]+", " ", letters).split()))


def is_nearly_same(one: str, other: str) -> bool:
    """Whether two different name keys are so alike that a slip of the pen explains it."""
    return (
        one != other
        and min(len(one), len(other)) >= SHORTEST_NEARLY_SAME
        and fuzz.ratio(one, other) >= NEARLY_SAME_FROM
    )


class LikenessJudge:
    """Judges pairs of people; what is common among them all is counted once."""

    def __init__(self, marks: PersonMarks) -> None:
        self.marks = marks
        self.staff = [staff_key(value) for value in marks.staff_id]
        self.names = [person_key(value) for value in marks.name]
        self.mail = [value.strip().casefold() for value in marks.email]
        self.bearers = _counts(self.names)
        self.mailboxes = _counts(self.mail)
        self.starts = _counts(marks.start)

    def reasons(self, first: int, second: int) -> tuple[Likeness, ...]:
        """Everything that speaks for or against two records being one person."""
        found = [
            *self._by_number(first, second),
            *self._by_mail(first, second),
            *self._by_name(first, second),
            *self._by_start(first, second),
        ]
        if found and self.marks.department[first] == self.marks.department[second]:
            found.append(Likeness.DEPARTMENT)
        return tuple(found)

    def pair(self, first: int, second: int) -> LikePair | None:
        """The pair with its score, where that is high enough to be listed."""
        reasons = self.reasons(first, second)
        score = sum(POINTS[reason] for reason in reasons)
        if score < LISTED_FROM:
            return None
        return LikePair(first, second, min(100, score), reasons)

    def is_common_start(self, start: int) -> bool:
        """Whether so many people began on this day that it says nothing about two of them."""
        return self.starts[start] > COMMON_START_ABOVE

    def _by_number(self, first: int, second: int) -> Iterator[Likeness]:
        if self.staff[first] and self.staff[first] == self.staff[second]:
            yield Likeness.STAFF_ID

    def _by_mail(self, first: int, second: int) -> Iterator[Likeness]:
        one, other = self.mail[first], self.mail[second]
        if not one or not other:
            return
        if one != other:
            yield Likeness.OTHER_EMAIL
        elif self.mailboxes[one] <= SHARED_MAILBOX_ABOVE:
            yield Likeness.EMAIL

    def _by_name(self, first: int, second: int) -> Iterator[Likeness]:
        one, other = self.names[first], self.names[second]
        if one and one == other:
            yield Likeness.COMMON_NAME if self.bearers[one] > COMMON_NAME_ABOVE else Likeness.NAME
        elif is_nearly_same(one, other):
            yield Likeness.NEAR_NAME

    def _by_start(self, first: int, second: int) -> Iterator[Likeness]:
        start = self.marks.start[first]
        if start and start == self.marks.start[second]:
            yield Likeness.COMMON_START if self.is_common_start(start) else Likeness.START


def like_pairs(marks: PersonMarks, progress: Progress) -> tuple[LikePair, ...]:
    """The pairs likely to be the same person, likeliest first; linear but for people who share a mark."""
    judge = LikenessJudge(marks)
    candidates: set[tuple[int, int]] = set()
    for share, found in enumerate((_same_number, _same_mail, _same_name, _same_start), start=1):
        progress.step(share / 5, "Looking for records of the same person")
        candidates.update(found(judge))
    kept: list[LikePair] = []
    for number, (first, second) in enumerate(sorted(candidates)):
        if number % 5_000 == 0:
            progress.check()
        pair = judge.pair(first, second)
        if pair is not None:
            kept.append(pair)
    return tuple(sorted(kept, key=lambda pair: (-pair.score, pair.first, pair.second)))


def _same_number(judge: LikenessJudge) -> Iterator[tuple[int, int]]:
    for places in _blocks(judge.staff):
        yield from combinations(places, 2)


def _same_mail(judge: LikenessJudge) -> Iterator[tuple[int, int]]:
    for places in _blocks(judge.mail):
        if len(places) <= SHARED_MAILBOX_ABOVE:
            yield from combinations(places, 2)


def _same_name(judge: LikenessJudge) -> Iterator[tuple[int, int]]:
    """Bearers of one name; of a common one only those who share their department too, which it takes to be listed."""
    departments = judge.marks.department
    for places in _blocks(judge.names):
        if len(places) <= COMMON_NAME_ABOVE:
            yield from combinations(places, 2)
            continue
        for local in _blocks([departments[place] for place in places], keep=_every):
            yield from combinations([places[at] for at in local], 2)


def _same_start(judge: LikenessJudge) -> Iterator[tuple[int, int]]:
    """People of one start date with nearly the same name."""
    for places in _blocks(judge.marks.start):
        if judge.is_common_start(judge.marks.start[places[0]]):
            continue
        names = [judge.names[place] for place in places]
        alike = process.cdist(
            names, names, scorer=fuzz.ratio, score_cutoff=NEARLY_SAME_FROM, dtype=np.float32
        )
        rows, columns = np.nonzero(np.triu(alike, 1))
        for row, column in zip(rows.tolist(), columns.tolist(), strict=True):
            if names[row] != names[column]:
                yield places[row], places[column]


def _every(_key: object) -> bool:
    return True


def _blocks(keys: Sequence[K], keep: Callable[[K], bool] = bool) -> Iterator[list[int]]:
    """The places that share a key, for every key at two places or more; blank keys are nobody's."""
    found: dict[K, list[int]] = {}
    for place, key in enumerate(keys):
        if keep(key):
            found.setdefault(key, []).append(place)
    return (places for places in found.values() if len(places) > 1)


def _counts(keys: Iterable[K]) -> dict[K, int]:
    counts: dict[K, int] = {}
    for key in keys:
        counts[key] = counts.get(key, 0) + 1
    return counts
