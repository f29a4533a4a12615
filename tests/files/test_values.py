"""What a cell means: dates decided per column, numbers with either comma, staff numbers, levels, words."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.files.values import (
    Fault,
    number_of,
    parse_dates,
    parse_each,
    pence_of,
    staff_id_of,
    text_of,
    whole_number_of,
)
from app.files.words import (
    NOT_RATED,
    Rating,
    assessor_of,
    delivery_of,
    employment_of,
    funding_of,
    grade_of,
    rating_of,
    status_of,
)
from app.terms import GRADES, AssessedBy, Delivery, Employment, Funding, PersonStatus

DAYS = st.dates(date(1901, 1, 1), date(2150, 12, 31))


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        ("2026-02-01", date(2026, 2, 1)),
        ("2026-02-01T09:30:00", date(2026, 2, 1)),
        ("2026/2/1", date(2026, 2, 1)),
        ("20260201", date(2026, 2, 1)),
        ("01/02/2026", date(2026, 2, 1)),
        ("1.2.26", date(2026, 2, 1)),
        ("01-02-1999 00:00", date(1999, 2, 1)),
        ("1 Feb 20", date(2020, 2, 1)),
        ("01-Feb-2020", date(2020, 2, 1)),
        ("3rd September 2021", date(2021, 9, 3)),
        ("February 1, 2020", date(2020, 2, 1)),
        (datetime(2020, 2, 1, 9, 30), date(2020, 2, 1)),  # noqa: DTZ001
        (date(2020, 2, 1), date(2020, 2, 1)),
    ],
)
def test_dates_people_write(cell, day):
    parsed = parse_dates([cell])
    assert parsed.values == [day]
    assert not parsed.faults


@pytest.mark.parametrize(
    "cell",
    ["31/02/2026", "2020-02-30", "13/13/2020", "31/12/1899", "44000", 44000.0, 60.0, -1.0, 1e300, "TBC", time(9), True,
     timedelta(1), date(1900, 2, 28), "#N/A", "1 Foo 2020", "01/02/2300"],
)  # fmt: skip
def test_what_is_no_date_is_a_fault(cell):
    parsed = parse_dates([cell])
    assert parsed.values == [None]
    assert list(parsed.faults) == [0]
    assert parsed.faults[0].advice


def test_blank_is_no_date_and_no_fault():
    parsed = parse_dates(["", "  ", "\u200b"])
    assert parsed.values == [None] * 3
    assert not parsed.faults


def test_no_end_date_as_systems_write_it():
    parsed = parse_dates(["31/12/4712", "9999-12-31", "01/02/2026"])
    assert parsed.values == [None, None, date(2026, 2, 1)]
    assert parsed.open_ended == {0, 1}


@given(st.lists(DAYS, min_size=1, max_size=30))
def test_a_column_is_read_in_one_order(days):
    """Written day-first, a column reads back unless no value shows the order; then day-first is taken."""
    day_first = parse_dates([f"{day.day:02}/{day.month:02}/{day.year}" for day in days])
    assert day_first.values == days
    shows_order = any(day.day > 12 for day in days)
    month_first = parse_dates([f"{day.month}/{day.day}/{day.year}" for day in days])
    if shows_order:
        assert month_first.values == days
    else:
        assert month_first.values == [date(day.year, day.day, day.month) for day in days]


def test_a_column_with_both_orders_is_a_conflict():
    parsed = parse_dates(["25/12/2020", "12/25/2020", "03/04/2020", "05/05/2020"])
    assert parsed.conflict == (0, 1)
    assert list(parsed.faults) == [2]
    assert parsed.values == [date(2020, 12, 25), date(2020, 12, 25), None, date(2020, 5, 5)]
    settled = parse_dates(["25/12/2020", "12/25/2020", "03/04/2020"], day_first=True)
    assert settled.conflict is None
    assert settled.values == [date(2020, 12, 25), None, date(2020, 4, 3)]


@pytest.mark.parametrize(
    ("text", "plain", "money"),
    [
        ("3,5", "3.5", "3.5"),
        ("1,234", "1.234", "1234"),
        ("1,234.5", "1234.5", "1234.5"),
        ("1.234,5", "1234.5", "1234.5"),
        ("1,234,567", "1234567", "1234567"),
        ("£1,250.00", "1250.00", "1250.00"),
        ("€ 12,50", "12.50", "12.50"),
        ("1\u00a0250", "1250", "1250"),
        ("1\u202f250 GBP", "1250", "1250"),
        ("\u22121", "-1", "-1"),
        ("50%", "0.5", "0.5"),
        ("\u0663", "3", "3"),
        (".5", "0.5", "0.5"),
    ],
)
def test_numbers_people_write(text, plain, money):
    assert number_of(text) == Decimal(plain)
    assert number_of(text, is_money=True) == Decimal(money)


@pytest.mark.parametrize("cell", ["NaN", "inf", "1e308", 1e308, float("nan"), float("inf"), True, "12 apples", "--1",
                                  "1..2", date(2020, 1, 1), "1,2,3.4.5", "", "9" * 50])  # fmt: skip
def test_what_is_no_number_is_a_fault(cell):
    with pytest.raises(Fault):
        number_of(cell)


@given(st.decimals(0, 10**9, places=2))
def test_money_reads_back_in_every_dress(amount):
    for text in (f"{amount}", f"£{amount:,}", f"{amount:,}".replace(",", "\u00a0"), f"{amount} GBP"):
        assert pence_of(text) == amount


def test_money_has_two_places_and_is_not_negative():
    assert pence_of(12.099999999999996) == Decimal("12.10")
    for cell in ("1.234", "-1", 0.005):
        with pytest.raises(Fault):
            pence_of(cell)
    with pytest.raises(Fault):
        whole_number_of("1.5")


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("00123", "00123"),
        (1001.0, "1001"),
        ("1001.0", "1001"),
        (" s1 \u00a0", "s1"),
        ("A  1", "A 1"),
        (7, "7"),
    ],
)
def test_staff_numbers_stay_text(cell, text):
    assert staff_id_of(cell) == text


@pytest.mark.parametrize(
    "cell", [1e15, 1.5, -3.0, True, date(2020, 1, 1), "1.00E+15", float("nan"), float("inf")]
)
def test_damaged_staff_numbers_are_faults(cell):
    with pytest.raises(Fault):
        staff_id_of(cell)


@given(st.text())
def test_text_survives_but_for_outer_blanks(text):
    assert text_of(text) == text.strip()


@pytest.mark.parametrize(
    ("cell", "rating"),
    [
        ("Expert", Rating(4)), ("  practitioner ", Rating(3)), ("below awareness", Rating(0)), (2.0, Rating(2)),
        ("3.0", Rating(3)), ("Level 3", Rating(3)), ("3 - Practitioner", Rating(3)), ("4 (expert)", Rating(4)),
        ("\u0663", Rating(3)), ("three", Rating(3)), (0.0, Rating(0)), ("0", Rating(0)),
        ("below", Rating(relative=-1)), ("At requirement", Rating(relative=0)), ("ABOVE", Rating(relative=1)),
        ("n/a", NOT_RATED), ("-", NOT_RATED), ("not assessed", NOT_RATED),
    ],
)  # fmt: skip
def test_levels_people_write(cell, rating):
    assert rating_of(cell) == rating


@pytest.mark.parametrize("cell", ["6", 6.0, 5, -1.0, "\u22121", "3,5", 2.5, "wizard", True, "none", "3 - Expert", 1e308,
                                  "50%", "NaN", date(2020, 1, 1)])  # fmt: skip
def test_what_is_no_level_is_a_fault(cell):
    with pytest.raises(Fault):
        rating_of(cell)


@pytest.mark.parametrize(
    ("text", "grade"),
    [("Grade 7", "G7"), ("grade seven", "G7"), ("GRADE 6", "G6"), ("HEO(D)", "HEO"), ("HEO (London)", "HEO"),
     ("Higher Executive Officer", "HEO"), ("SCS PB2", "SCS2"), ("Deputy Director", "SCS1"), ("Band B2", "Band B2")],
)  # fmt: skip
def test_grades_in_every_spelling(text, grade):
    assert grade_of(text) == grade


def test_grades_of_ours_are_themselves():
    assert [grade_of(grade.lower()) for grade in GRADES] == list(GRADES)


@pytest.mark.parametrize(
    ("read", "terms"),
    [(employment_of, Employment), (status_of, PersonStatus), (assessor_of, AssessedBy), (funding_of, Funding),
     (delivery_of, Delivery)],
)  # fmt: skip
def test_our_own_words_are_understood(read, terms):
    for term in terms:
        assert read(term.value.upper()) is term
    with pytest.raises(Fault) as caught:
        read("something else")
    assert all(term.value in caught.value.advice for term in terms)


CELLS = st.one_of(
    st.text(max_size=12), st.floats(), st.booleans(), st.integers(), st.dates(), st.datetimes(), st.times(),
    st.timedeltas(), st.sampled_from(["01/02/2020", "3", "#N/A", "", "£1,000", "50%"]),
)  # fmt: skip


@given(st.lists(CELLS, max_size=20))
def test_nothing_but_faults_comes_out_of_any_cell(cells):
    for meaning in (
        text_of,
        staff_id_of,
        number_of,
        pence_of,
        rating_of,
        employment_of,
        status_of,
        funding_of,
    ):
        parsed = parse_each(cells, meaning, None)
        assert len(parsed.values) == len(cells)
    assert len(parse_dates(cells).values) == len(cells)
