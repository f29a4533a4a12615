"""Packed texts against the list of the same strings."""

from __future__ import annotations

from random import Random

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from app.services.packed_text import PackedText
from app.ui.table_data import plain

words = st.one_of(
    st.text(st.characters(codec="utf-8"), max_size=6),
    st.sampled_from(["", "Zoë", "zoe", "ß", "SS", "Ann Smith", "ann smith", "x" * 140]),
)
texts = st.lists(words, max_size=25)


@given(texts)
def test_texts_come_out_as_they_went_in(values: list[str]) -> None:
    packed = PackedText.of(values)
    assert list(packed) == values
    assert [packed[at] for at in range(len(values))] == values
    assert packed[-2:] == values[-2:]


@given(st.lists(words, min_size=1, max_size=25))
def test_texts_with_a_sign_between_them_are_taken_apart(values: list[str]) -> None:
    together = "\x1f".join(values)
    assert list(PackedText.split(together, "\x1f")) == together.split("\x1f")


@given(texts, st.randoms(use_true_random=False))
def test_some_are_taken_in_their_order(values: list[str], dice: Random) -> None:
    places = [at for at in range(len(values)) if dice.random() < 0.6]
    dice.shuffle(places)
    taken = PackedText.of(values).take(np.array(places, dtype=np.int64))
    assert list(taken) == [values[at] for at in places]


@given(texts)
def test_folding_is_that_of_each_text(values: list[str]) -> None:
    assert list(PackedText.of(values).folded(plain)) == [plain(value) for value in values]
    assert list(PackedText.of(values).folded(str.casefold)) == [value.casefold() for value in values]


@given(texts, st.text(st.characters(codec="utf-8"), max_size=3))
def test_a_word_is_found_where_it_stands(values: list[str], word: str) -> None:
    assert PackedText.of(values).containing(word).tolist() == [word in value for value in values]


@given(texts)
def test_ranks_are_those_of_sorting(values: list[str]) -> None:
    known = {value: rank for rank, value in enumerate(sorted(set(values)))}
    assert PackedText.of(values).ranks().tolist() == [known[value] for value in values]
