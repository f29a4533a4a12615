"""Records of the same person: reasons, score, and the blocking against a comparison of every pair with every other."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from itertools import combinations

import pytest

from app.analysis.person_likeness import (
    COMMON_START_ABOVE,
    LISTED_FROM,
    POINTS,
    Likeness,
    LikePair,
    PersonMarks,
    like_pairs,
    person_key,
    staff_key,
)
from app.progress import Cancelled, Progress, silent
from tests.counts import share


def _marks(*people: tuple[str, str, str, int, int]) -> PersonMarks:
    """People as staff id, name, e-mail, department, start."""
    columns = list(zip(*people, strict=True)) if people else [()] * 5
    return PersonMarks(*columns)  # type: ignore[arg-type]  # zip forgets the types of the columns


def _only(*people: tuple[str, str, str, int, int]) -> LikePair:
    (pair,) = like_pairs(_marks(*people), silent())
    return pair


# --- every pair against every other, written out a second time ------------------------------------------------


def _common_letters(one: str, other: str) -> int:
    row = [0] * (len(other) + 1)
    for letter in one:
        before = 0
        for place, mark in enumerate(other, start=1):
            kept = row[place]
            row[place] = before + 1 if letter == mark else max(row[place], row[place - 1])
            before = kept
    return row[-1]


def _naive_score(people: list[tuple[str, str, str, int, int]], first: int, second: int) -> int:
    a, b = people[first], people[second]
    score = 0
    ids = [p[0].replace(" ", "").replace("-", "").lower().lstrip("0") for p in (a, b)]
    score += 60 if ids[0] and ids[0] == ids[1] else 0
    mails = [p[2].strip().lower() for p in (a, b)]
    if all(mails):
        users = sum(p[2].strip().lower() == mails[0] for p in people)
        score += -20 if mails[0] != mails[1] else 60 if users <= 10 else 0
    names = [" ".join(sorted(p[1].lower().replace(",", " ").split())) for p in (a, b)]
    if names[0] and names[0] == names[1]:
        bearers = sum(" ".join(sorted(p[1].lower().replace(",", " ").split())) == names[0] for p in people)
        score += 25 if bearers > 3 else 40
    elif min(map(len, names)) >= 6:
        letters = len(names[0]) + len(names[1])
        score += 30 if 200 * _common_letters(*names) / letters >= 88 - 1e-9 else 0
    if a[4] and a[4] == b[4]:
        score += 5 if sum(p[4] == a[4] for p in people) > COMMON_START_ABOVE else 30
    return score + (20 if a[3] == b[3] else 0)


def _random_people(seed: int) -> list[tuple[str, str, str, int, int]]:
    """Small alphabets, so that everything coincides often."""
    draw = random.Random(seed)
    first, last = ("Ann", "Anne", "Jo", "John", "Zoe"), ("Smith", "Smyth", "Marchbanks", "Lee", "")
    mails = ("", "", "a@x.uk", "A@x.uk ", "b@x.uk", "office@x.uk")
    people: list[tuple[str, str, str, int, int]] = []
    for number in range(draw.randrange(2, 60)):
        name = f"{draw.choice(first)} {draw.choice(last)}".strip()
        if draw.random() < 0.2:
            name = ", ".join(reversed(name.split()))
        staff = draw.choice(
            (f"{number:04}", f"{number}", f"0{draw.randrange(60)}", f"AB{number}", f"ab {number}")
        )
        people.append((staff, name, draw.choice(mails), draw.randrange(3), draw.choice((0, 5, 6, 7, 8))))
    return people


@pytest.mark.parametrize("seed", range(share(400)))
def test_blocking_finds_what_comparing_everybody_with_everybody_finds(seed: int) -> None:
    people = _random_people(seed)
    expected = {
        (first, second): min(100, _naive_score(people, first, second))
        for first, second in combinations(range(len(people)), 2)
        if _naive_score(people, first, second) >= LISTED_FROM
    }
    found = like_pairs(_marks(*people), silent())
    assert {(pair.first, pair.second): pair.score for pair in found} == expected
    assert all(min(100, sum(POINTS[reason] for reason in pair.reasons)) == pair.score for pair in found)
    assert [-pair.score for pair in found] == sorted(-pair.score for pair in found)


# --- single reasons -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other"),
    [("00123", "123"), ("ab 12", "AB-12"), ("X/0007", "x0007"), ("0", "00")],
)
def test_staff_numbers_are_the_same_but_for_case_blanks_and_zeros(one: str, other: str) -> None:
    assert staff_key(one) == staff_key(other)


@pytest.mark.parametrize(("one", "other"), [("1230", "123"), ("A12", "B12"), ("12", "21")])
def test_other_differences_of_staff_numbers_are_differences(one: str, other: str) -> None:
    assert staff_key(one) != staff_key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("Smith, Jo", "Jo Smith"), ("JO  SMITH", "jo smith"), ("Zoë Lee-Marsh", "Zoe Lee Marsh")],
)
def test_names_are_read_regardless_of_case_accents_and_order(one: str, other: str) -> None:
    assert person_key(one) == person_key(other)


def test_numbers_that_differ_in_zeros_are_listed_whatever_else_differs() -> None:
    pair = _only(("0017", "Ann Lee", "", 1, 0), ("17", "Bo Marsh", "", 2, 0))
    assert (pair.score, pair.reasons) == (60, (Likeness.STAFF_ID,))


def test_zeros_alone_are_no_number() -> None:
    assert like_pairs(_marks(("0", "Ann Lee", "", 1, 0), ("000", "Bo Marsh", "", 1, 0)), silent()) == ()


def test_a_rare_name_and_a_department_suffice_and_different_mail_speaks_against_it() -> None:
    assert _only(("1", "Ann Lee", "", 1, 0), ("2", "Lee, Ann", "", 1, 0)).score == 60
    apart = _marks(("1", "Ann Lee", "a.lee@x.uk", 1, 0), ("2", "Ann Lee", "a.lee2@x.uk", 1, 0))
    assert like_pairs(apart, silent()) == ()


def test_a_slip_in_the_name_needs_the_same_start() -> None:
    pair = _only(("1", "Katherine Marsh", "", 1, 700), ("2", "Katharine Marsh", "", 2, 700))
    assert pair.reasons == (Likeness.NEAR_NAME, Likeness.START)
    later = _marks(("1", "Katherine Marsh", "", 1, 700), ("2", "Katharine Marsh", "", 1, 701))
    assert like_pairs(later, silent()) == ()


def test_a_common_name_counts_for_less() -> None:
    smiths = [(str(number + 1), "Jo Smith", "", 1, 0) for number in range(4)]
    assert like_pairs(_marks(*smiths), silent()) == ()
    twice = [*smiths[:3], ("4", "Jo Smith", "", 1, 9), ("5", "Jo Smith", "", 1, 9)]
    pair = _only(*twice)
    assert (pair.first, pair.second, pair.reasons[0]) == (3, 4, Likeness.COMMON_NAME)


def test_the_mailbox_of_an_office_is_nobodys_own() -> None:
    office = [(str(number + 1), f"Person {number:03}", "office@x.uk", number, 0) for number in range(11)]
    assert like_pairs(_marks(*office), silent()) == ()
    assert len(like_pairs(_marks(*office[:2]), silent())) == 1


def test_the_day_on_which_hundreds_began_says_little() -> None:
    people = [(str(n + 1), f"Katherine Marsh{n:03}", "", n, 700) for n in range(COMMON_START_ABOVE + 1)]
    assert like_pairs(_marks(*people), silent()) == ()


def test_nobody_and_somebody_alone_are_like_nobody() -> None:
    assert like_pairs(_marks(), silent()) == ()
    assert like_pairs(_marks(("1", "Ann Lee", "a@x.uk", 1, 1)), silent()) == ()


def test_looking_can_be_cancelled() -> None:
    progress = Progress()
    progress.cancel()
    with pytest.raises(Cancelled):
        like_pairs(_marks(("1", "Ann Lee", "", 1, 0)), progress)


def test_thirty_thousand_people_take_seconds(record_property: Callable[[str, object], None]) -> None:
    draw = random.Random(11)
    names = [
        f"{draw.choice('ABCDEFGH')}{draw.randrange(300)}na Sur{draw.randrange(4000)}by" for _ in range(30_000)
    ]
    people = [
        (
            f"{n:06}",
            name,
            f"{n}@x.uk" if draw.random() < 0.5 else "",
            draw.randrange(20),
            draw.randrange(1, 6000),
        )
        for n, name in enumerate(names)
    ]
    people[777] = ("X777", people[55][1], "", people[55][3], people[55][4])
    began = time.perf_counter()
    found = like_pairs(_marks(*people), silent())
    took = time.perf_counter() - began
    record_property("measured", f"Likeness of 30,000 people: {took:.1f} s, {len(found)} pairs")
    assert (55, 777) in {(pair.first, pair.second) for pair in found}
    assert took < 20
