"""``plan explain``, ``plan frontier`` and ``plan slips`` through the command line."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from tests.builders import built_once, make_course, make_person, make_rating, write_rows
from tests.command_line import muster

PEOPLE = [make_person("1001"), make_person("1002", department="HM Treasury"), make_person("1003")]
RATINGS = [
    make_rating(staff, skill, 0)
    for staff in ("1001", "1002", "1003")
    for skill in ("Programming", "Data modelling")
]
COURSES = [
    make_course("C1", hours=20, cost_per_person_gbp="100.10"),
    make_course("C2", hours=20, cost_per_person_gbp="130.10"),
    make_course("D1", "Data modelling", hours=20, cost_per_person_gbp=50),
]


def _made_planned(small: Path) -> None:
    for kind, rows in (("people", PEOPLE), ("assessments", RATINGS), ("courses", COURSES)):
        muster("import", kind, write_rows(small.parent / f"{kind}.csv", rows), on=small).ok()
    muster("plan", "--budget", 260, on=small).ok()


@pytest.fixture
def planned(small: Path) -> Path:
    return built_once(small, _made_planned)


def test_explain_has_a_row_for_every_line_and_json_says_it_in_sentences(planned: Path) -> None:
    plan = muster("plan", "show", "--format", "json", on=planned).ok().json
    rows = muster("plan", "explain", "--format", "json", on=planned).ok().json
    assert {(row["staff_id"], row["course_code"]) for row in rows} == {
        (line["staff_id"], line["course_code"]) for line in plan["lines"]
    }
    first = rows[0]
    one = muster(
        "plan", "explain", "--line", first["staff_id"], first["course_code"], "--format", "json", on=planned
    ).ok().json  # fmt: skip
    assert {name: one[name] for name in first} == first
    assert one["says"][0]["heading"] == "Closes"
    assert first["cost_gbp"] == pytest.approx(first["gbp_per_step"] * first["steps"], abs=0.05)


def test_an_open_need_is_priced_in_table_and_csv(planned: Path) -> None:
    plan = muster("plan", "show", "--format", "json", on=planned).ok().json
    need = next(one for one in plan["unmet"] if "money" in one["reason"])
    shown = muster("plan", "explain", "--unmet", need["staff_id"], need["skill"], on=planned).ok()
    assert "more of the L&D budget than is left" in " ".join(shown.out.split())
    every = muster("plan", "explain", "--open", "--format", "csv", on=planned).ok().out.splitlines()
    assert every[0].startswith("staff_id,name,skill,level_after,level_required,reason,way")
    assert len(every) == 1 + len(plan["unmet"])


def test_the_frontier_never_falls_and_its_bound_is_concave(planned: Path) -> None:
    found = muster("plan", "frontier", "--points", 6, "--format", "json", on=planned).ok().json
    points = found["points"]
    assert [point["budget_gbp"] for point in points if point["is_current"]] == [260]
    assert all(one["steps"] <= other["steps"] <= other["bound"] for one, other in pairwise(points))
    slopes = [
        (other["bound"] - one["bound"]) / (other["budget_gbp"] - one["budget_gbp"])
        for one, other in pairwise(points)
    ]
    assert all(first >= second - 1e-9 for first, second in pairwise(slopes))


def test_a_cut_says_who_loses_and_how_much(planned: Path) -> None:
    found = muster("plan", "slips", "--cut", 60, "--format", "json", on=planned).ok().json
    summary, rows = found["summary"], found["rows"]
    assert summary["budget_after_gbp"] == 104
    assert rows
    assert summary["steps_lost"] == sum(row["steps_lost"] for row in rows)
    assert summary["steps_lost"] - summary["gained"] == summary["steps_before"] - summary["steps_after"]
    assert sum(group["steps_lost"] for group in found["groups"]["skill"]) == summary["steps_lost"]
    shown = muster("plan", "slips", "--cut", "60%", on=planned).ok()
    assert "60 % less L&D budget (£156)" in shown.err


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("explain", "--line", "1001", "X"), "has no line of 1001 on X"),
        (("explain", "--unmet", "1001", "Cookery"), "does not stay open"),
        (("explain", "--line", "1", "2", "--unmet", "1", "2"), "One line or one open need"),
        (("explain", "7"), "There is no plan 7"),
        (("frontier", "--points", "1"), "2 to 41 points"),
        (("frontier", "--pot", "petty cash"), "There is no pot"),
        (("frontier", "--seconds", "0"), "above 0 seconds"),
        (("slips", "--cut", "0"), "between 0 and 100"),
        (("slips", "--cut", "ten"), "per cent"),
        (("slips", "--pot", "levy", "--cut", "120"), "between 0 and 100"),
    ],
)
def test_wrong_words_are_answered_with_a_sentence(
    planned: Path, words: tuple[str, ...], sentence: str
) -> None:
    ran = muster("plan", *words, on=planned)
    assert ran.code == 2
    assert sentence in ran.err
