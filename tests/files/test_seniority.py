"""The order of seniority of role levels."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from app.files.seniority import in_seniority_order, seniority_step


def test_words_go_before_what_is_required():
    levels = {"Head of data": [1], "Trainee data analyst": [4, 4], "Data analyst": [2], "Senior data analyst": [1],
              "Junior data analyst": [3], "Lead data analyst": [1, 1]}  # fmt: skip
    assert in_seniority_order(levels) == [
        "Trainee data analyst", "Junior data analyst", "Data analyst", "Senior data analyst", "Lead data analyst",
        "Head of data",
    ]  # fmt: skip


def test_lead_and_principal_are_told_apart_by_what_is_required():
    assert (
        in_seniority_order({"Lead developer": [3], "Principal developer": [4]})[-1] == "Principal developer"
    )
    assert (
        in_seniority_order({"Lead data scientist": [4], "Principal data scientist": [3]})[-1]
        == "Lead data scientist"
    )


def test_analysts_stand_below_the_managers_of_their_role():
    levels = {"Service desk manager": [2], "Senior service desk analyst": [3], "Head of service desk": [4]}
    assert in_seniority_order(levels)[0] == "Senior service desk analyst"


@given(st.dictionaries(st.text(min_size=1, max_size=20), st.lists(st.none() | st.integers(1, 4), max_size=4)))
def test_order_names_every_level_once_whatever_the_order_given(levels):
    order = in_seniority_order(levels)
    assert sorted(order) == sorted(levels)
    assert in_seniority_order(dict(reversed(levels.items()))) == order


def test_plain_titles_stand_in_the_middle():
    assert seniority_step("Junior x") < seniority_step("Developer") < seniority_step("Senior x")
