"""Finds known phrases in very many titles at once: a trie over word numbers, walked with NumPy."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from app.analysis.role_match.records import BoolArray, IntArray


@dataclass(frozen=True, slots=True)
class Found:
    """Phrases found in a sequence of words: where each starts, how long it is, which phrase it is."""

    start: IntArray
    length: IntArray
    phrase: IntArray

    def only(self, kept: BoolArray) -> Found:
        """The phrases for which ``kept`` is true."""
        return Found(self.start[kept], self.length[kept], self.phrase[kept])


class PhraseTrie:
    """Phrases (tuples of word numbers below ``words``) numbered in the order given; the last of equals
    wins.
    """

    def __init__(self, phrases: Iterable[tuple[int, ...]], words: int) -> None:
        phrases = list(phrases)
        self.lengths = np.array([*map(len, phrases), 0], dtype=np.int64)
        self._words = words
        edges: dict[int, int] = {}
        ends: list[int] = [-1]
        self._depth = 0
        for number, phrase in enumerate(phrases):
            node = 0
            for word in phrase:
                node = edges.setdefault(node * words + word, len(ends))
                if node == len(ends):
                    ends.append(-1)
            ends[node] = number
            self._depth = max(self._depth, len(phrase))
        order = sorted(edges)
        self._keys = np.array([*order, np.iinfo(np.int64).max], dtype=np.int64)
        self._child = np.array([*(edges[key] for key in order), 0], dtype=np.int64)
        self._ends = np.array(ends, dtype=np.int64)
        self._first = np.zeros(words, dtype=np.int64)
        for key in order:
            if key < words:
                self._first[key] = edges[key]

    def find(self, sequence: IntArray) -> Found:
        """All phrases in a sequence of word numbers, ordered by start, the longer before the shorter."""
        node = self._first[sequence]
        at = np.flatnonzero(node)
        node = node[at]
        starts, lengths, phrases = [], [], []
        for length in range(1, self._depth + 1):
            ended = self._ends[node]
            hit = ended >= 0
            starts.append(at[hit])
            lengths.append(np.full(int(hit.sum()), length, dtype=np.int64))
            phrases.append(ended[hit])
            inside = at + length < len(sequence)
            at, node = at[inside], node[inside]
            key = node * self._words + sequence[at + length]
            place = np.searchsorted(self._keys, key)
            grows = self._keys[place] == key
            at, node = at[grows], self._child[place[grows]]
            if not len(at):
                break
        if not starts:
            empty = np.empty(0, dtype=np.int64)
            return Found(empty, empty, empty)
        start, length_, phrase = np.concatenate(starts), np.concatenate(lengths), np.concatenate(phrases)
        return in_order(Found(start, length_, phrase))

    def find_longest(self, sequence: IntArray) -> Found:
        """As :meth:`find`, without phrases that lie wholly inside another."""
        return without_contained(self.find(sequence))


def in_order(found: Found) -> Found:
    """By start, the longer before the shorter."""
    order = np.lexsort((-found.length, found.start))
    return Found(found.start[order], found.length[order], found.phrase[order])


def joined(first: Found, second: Found) -> Found:
    """Two lots of phrases of one sequence as one, in order."""
    return in_order(
        Found(
            np.concatenate((first.start, second.start)),
            np.concatenate((first.length, second.length)),
            np.concatenate((first.phrase, second.phrase)),
        )
    )


def without_contained(found: Found) -> Found:
    """Drop phrases that lie inside another; needs the order of :meth:`PhraseTrie.find`."""
    if not len(found.start):
        return found
    reach = np.maximum.accumulate(found.start + found.length)
    contained = np.zeros(len(reach), dtype=np.bool_)
    contained[1:] = reach[:-1] >= (found.start + found.length)[1:]
    return found.only(~contained)


def without_overlap(found: Found) -> Found:
    """Keep phrases from the left that do not touch an earlier one; needs the order of
    :meth:`PhraseTrie.find`.
    """
    if not len(found.start):
        return found
    kept = np.zeros(len(found.start), dtype=np.bool_)
    end = -1
    for index, (start, length) in enumerate(zip(found.start.tolist(), found.length.tolist(), strict=True)):
        if start >= end:
            kept[index] = True
            end = start + length
    return found.only(kept)
