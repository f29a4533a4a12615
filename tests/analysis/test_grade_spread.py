"""The grades shown against a role level: one above 85 %, several from 15 %."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.analysis.grade_spread import in_grade_order, overlap, shown_grades, spreads
from app.terms import GRADES

COUNTS = st.dictionaries(st.sampled_from([*GRADES, "Band 7", ""]), st.integers(0, 60), max_size=6)


@pytest.mark.parametrize(
    ("counts", "shown"),
    [
        ({"SEO": 86, "G7": 14}, ("SEO",)),
        ({"SEO": 85, "G7": 15}, ("SEO", "G7")),
        ({"SEO": 851, "G7": 149}, ("SEO",)),
        ({"SEO": 85, "G7": 14, "HEO": 1}, ("SEO",)),
        ({"SEO": 80, "G7": 10, "HEO": 10}, ("SEO",)),
        ({"G7": 40, "HEO": 20, "SEO": 40}, ("HEO", "SEO", "G7")),
        ({"G7": 1}, ("G7",)),
        ({"": 90, "G7": 2, "G6": 1}, ("G7", "G6")),
        (dict.fromkeys(GRADES[:8], 1), ()),
        ({"SEO": 1, "Band 7": 1, "AA": 1}, ("AA", "SEO", "Band 7")),
        ({}, ()),
        ({"": 4}, ()),
    ],
)
def test_grades_follow_the_85_and_15_percent_rule(counts: dict[str, int], shown: tuple[str, ...]) -> None:
    assert shown_grades(counts) == shown


def _naive(counts: dict[str, int]) -> set[str]:
    people = [grade for grade, count in counts.items() for _ in range(count) if grade]
    shares = {grade: Fraction(people.count(grade), len(people)) for grade in set(people)}
    dominant = {grade for grade, share in shares.items() if share > Fraction(85, 100)}
    return dominant or {grade for grade, share in shares.items() if share >= Fraction(15, 100)}


@given(COUNTS)
def test_the_rule_agrees_with_counting_people_one_by_one(counts: dict[str, int]) -> None:
    shown = shown_grades(counts)
    assert set(shown) == _naive(counts)
    assert list(shown) == list(in_grade_order(shown))
    assert len(shown) <= 6


@given(COUNTS, st.integers(2, 50))
def test_only_shares_matter(counts: dict[str, int], times: int) -> None:
    assert shown_grades({grade: count * times for grade, count in counts.items()}) == shown_grades(counts)


def test_people_without_level_or_grade_are_left_out_of_the_spread() -> None:
    assert spreads([0, 5, 5, 5, 7], ["SEO", "SEO", "", "SEO", "G7"]) == {
        5: Counter({"SEO": 2}),
        7: Counter({"G7": 1}),
    }


def test_two_sets_of_grades_overlap_where_they_share_one() -> None:
    assert overlap(("SEO", "G7"), ("G7", "G6"))
    assert not overlap(("SEO",), ("G7", "G6"))
    assert not overlap((), ("G7",))
