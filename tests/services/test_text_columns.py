"""Coded and stored text columns read like the tuples they stand for."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from app.services.packed_text import PackedText
from app.services.text_columns import CodedText, StoredColumn, StoredTexts

WORDS = st.lists(st.sampled_from(["", "HEO", "SEO", "G7", "Zoë"]), max_size=20)


@given(WORDS, st.data())
def test_coded_texts_read_like_the_texts(words: list[str], data: st.DataObject) -> None:
    coded = CodedText.of(words)
    assert list(coded) == words
    assert [coded[place] for place in range(len(coded))] == words
    start = data.draw(st.integers(0, len(words)))
    assert list(coded[start:]) == words[start:]
    assert coded.where(bool).tolist() == [bool(word) for word in words]
    assert len(set(coded.words)) == len(coded.words)


class Shelf:
    """Texts by person id, which counts how often it is asked."""

    def __init__(self, ids: Iterable[int]) -> None:
        self.texts = {one: (f"S{one}", f"Name {one}") for one in ids}
        self.asked = 0

    def read(self, first: int, last: int) -> list[tuple[Any, ...]]:
        self.asked += 1
        return [(one, *texts) for one, texts in self.texts.items() if first <= one <= last]


@given(st.sets(st.integers(1, 5_000), max_size=40), st.randoms(use_true_random=False))
def test_stored_texts_are_those_of_the_people_in_any_order(ids: set[int], rng: Any) -> None:
    people = sorted(ids)
    shelf = Shelf(people)
    texts = StoredTexts(np.array(people, dtype=np.int64), 2, shelf.read)
    staff, name = StoredColumn(texts, 0), StoredColumn(texts, 1)
    places = list(range(len(people)))
    rng.shuffle(places)
    assert [staff[place] for place in places] == [f"S{people[place]}" for place in places]
    assert list(name) == [f"Name {one}" for one in people]
    assert shelf.asked <= len({one >> 10 for one in people})


def test_one_text_reads_its_own_block_alone() -> None:
    shelf = Shelf(range(1, 5_001))
    texts = StoredTexts(np.arange(1, 5_001), 2, shelf.read)
    name = StoredColumn(texts, 1)
    assert (name[0], name[500], name[-1]) == ("Name 1", "Name 501", "Name 5000")
    assert shelf.asked == 2
    assert name[2:4] == ["Name 3", "Name 4"]


def test_somebody_gone_since_has_blank_texts() -> None:
    shelf = Shelf([1, 3])
    texts = StoredTexts(np.array([1, 2, 3]), 2, shelf.read)
    assert list(StoredColumn(texts, 1)) == ["Name 1", "", "Name 3"]


@given(st.sets(st.integers(1, 9_999), max_size=40), st.sets(st.integers(1, 9_999), max_size=2))
def test_texts_read_packed_are_those_read_as_rows(ids: set[int], gone: set[int]) -> None:
    people, shelf = sorted(ids | gone), Shelf(sorted(ids - gone))

    def packed(first: int, last: int) -> Any:
        rows = shelf.read(first, last)
        columns = tuple(PackedText.of(row[at] for row in rows) for at in (1, 2))
        return np.array([row[0] for row in rows], dtype=np.int64), columns

    def not_packed(_first: int, _last: int) -> None:
        return None

    everybody = np.array(people, dtype=np.int64)
    by_rows = StoredTexts(everybody, 2, shelf.read).whole()
    for read in (packed, not_packed):
        found = StoredTexts(everybody, 2, shelf.read, read_packed=read).whole()
        assert [list(column) for column in found] == [list(column) for column in by_rows]


@given(st.sets(st.integers(1, 5_000), min_size=1, max_size=300), st.randoms(use_true_random=False))
def test_texts_fetched_together_are_those_of_the_people(ids: set[int], rng: Any) -> None:
    people = sorted(ids)
    shelf = Shelf(people)
    asked: list[int] = []

    def read_some(wanted: Any) -> list[tuple[Any, ...]]:
        asked.extend(wanted)
        return [(one, *shelf.texts[one]) for one in wanted]

    texts = StoredTexts(np.array(people, dtype=np.int64), 2, shelf.read, read_some)
    staff, name = StoredColumn(texts, 0), StoredColumn(texts, 1)
    for _ in range(3):
        places = rng.sample(range(len(people)), rng.randint(1, len(people)))
        name.fetch(places)
        before = shelf.asked
        assert [staff[place] for place in places] == [f"S{people[place]}" for place in places]
        assert shelf.asked == before  # nothing more is read for those that were fetched
    assert len(asked) == len(set(asked))
    assert list(name) == [f"Name {one}" for one in people]


def test_few_people_are_fetched_alone_and_many_with_their_block() -> None:
    shelf = Shelf(range(1, 5_001))
    asked: list[int] = []

    def read_some(wanted: Any) -> list[tuple[Any, ...]]:
        asked.extend(wanted)
        return [(one, *shelf.texts[one]) for one in wanted]

    texts = StoredTexts(np.arange(1, 5_001), 2, shelf.read, read_some)
    texts.fetch([0, 2_000, 4_000])
    assert (asked, shelf.asked) == ([1, 2_001, 4_001], 0)
    texts.fetch(list(range(100, 400)))
    assert (len(asked), shelf.asked) == (3, 1)
