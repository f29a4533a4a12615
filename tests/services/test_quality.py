"""Checks on the data: each finds what was planted, and nothing else; what can be fixed is fixed and reverted."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from app.errors import UsageError
from app.services.quality import CheckKey, QualityCheck
from app.services.scope import Scope
from app.terms import GRADES
from app.workspace import Workspace
from tests.builders import load_people, make_people, make_person, make_workspace
from tests.counts import share

ROLES = {
    ("Architecture", "Data architect"): (
        ("Data architect", {"Programming": 2}),
        ("Senior data architect", {"Programming": 3}),
    ),
    ("Data", "Data engineer"): (("Our data engineer", {"Programming": 1}),),
}
"""Data architects are usually HEO or SEO, senior ones G7 or G6; our own level has no usual grades anywhere."""


def architect(staff_id: str, **values: Any) -> dict[str, Any]:
    """A data architect nothing is wrong with."""
    return (
        make_person(staff_id, name=f"{staff_id} Unlike Anybody{staff_id}", role_level="Data architect", fte=1)
        | values
    )


def filled(path: Path, people: Iterable[Mapping[str, Any]]) -> Workspace:
    return make_workspace(path / "quality.muster", roles=ROLES, people=people)


def found(ws: Workspace, key: CheckKey, scope: Scope = Scope()) -> QualityCheck:  # noqa: B008  (frozen)
    return ws.quality.checks(scope).check(key)


def ids(check: QualityCheck) -> list[str]:
    return [line.staff_id for line in check.lines]


def test_an_empty_workspace_has_nothing_to_check(ws: Workspace) -> None:
    board = ws.quality.checks(Scope())
    assert (board.count, board.people, board.grades) == (0, 0, ())
    assert [check.key for check in board.checks] == list(CheckKey)
    assert all(check.sentence and check.how_to_fix and not check.lines for check in board.checks)


def test_data_with_nothing_wrong_has_nothing_to_check(tmp_path: Path) -> None:
    with filled(tmp_path, [architect("1", manager_id="2"), architect("2", grade="SEO")]) as ws:
        board = ws.quality.checks(Scope())
        assert (board.count, board.people) == (0, 2)
        assert "Everybody has a role" in board.check(CheckKey.NO_ROLE).sentence


def test_people_without_a_role_are_those_without_a_decision(tmp_path: Path) -> None:
    with filled(tmp_path, [architect("1"), architect("2", role_level="", job_title="Clerk")]) as ws:
        check = found(ws, CheckKey.NO_ROLE)
        assert (ids(check), check.count) == (["2"], 1)
        assert check.sentence.startswith("1 person has no role")
        assert ws.quality.checks(Scope()).beyond_roles == 0


@pytest.mark.parametrize(
    ("grade", "role_grade", "level_grade"),
    [("HEO", 0, 0), ("SEO", 0, 0), ("Senior Executive Officer", 0, 0), ("G7", 0, 1), ("Grade 6", 0, 1),
     ("AO", 1, 0), ("SCS2", 1, 0), ("Band 9", 0, 0), ("", 0, 0)],
)  # fmt: skip
def test_a_grade_is_held_against_the_level_and_then_the_role(
    tmp_path: Path, grade: str, role_grade: int, level_grade: int
) -> None:
    with filled(tmp_path, [architect("1", grade=grade)]) as ws:
        assert found(ws, CheckKey.ROLE_GRADE).count == role_grade
        assert found(ws, CheckKey.LEVEL_GRADE).count == level_grade
        words = [
            line.found for key in (CheckKey.ROLE_GRADE, CheckKey.LEVEL_GRADE) for line in found(ws, key).lines
        ]
        assert all("HEO or SEO" in word for word in words)
        assert not level_grade or "Senior data architect" in words[0]


def test_what_enough_people_hold_here_is_usual_here(tmp_path: Path) -> None:
    own = [architect(f"1{n}", role_level="Our data engineer", grade="EO") for n in range(9)]
    odd = [architect(f"2{n}", role_level="Our data engineer", grade="G6") for n in range(1)]
    with filled(tmp_path, [*own, *odd]) as ws:
        assert ids(found(ws, CheckKey.ROLE_GRADE)) == ["20"]
        (line,) = ws.quality.checks(Scope()).grades
        assert (line.shown, line.usual, line.people, line.counts_words) == (("EO",), (), 10, "EO 9, G6 1")
        assert (line.usual_words, line.overlap_words) == ("Not known", "")


def test_few_people_make_no_usage(tmp_path: Path) -> None:
    people = [architect(f"1{n}", role_level="Our data engineer", grade="G6" if n else "AA") for n in range(9)]
    with filled(tmp_path, people) as ws:
        assert found(ws, CheckKey.ROLE_GRADE).count == 0


def test_grades_of_a_role_level_follow_the_rule_over_their_usual_names(tmp_path: Path) -> None:
    grades = ["G7"] * 5 + ["Grade 7"] * 4 + ["SCS1"]
    with filled(tmp_path, [architect(f"1{n}", grade=grade) for n, grade in enumerate(grades)]) as ws:
        (line,) = ws.quality.checks(Scope()).grades
        assert (line.shown, line.usual) == (("G7",), ("HEO", "SEO"))
        assert (line.has_overlap, line.overlap_words) == (False, "No overlap")


def test_managers_who_are_not_here_or_have_left_or_stand_below(tmp_path: Path) -> None:
    people = [
        architect("1", manager_id="2"), architect("2"), architect("3", manager_id="99"),
        architect("4", manager_id="0002"), architect("5", manager_id="6"),
        architect("6", start_date="2020-01-01", end_date="2026-11-20"), architect("7", manager_id="7"),
        architect("8", manager_id="9"), architect("9", manager_id="10"), architect("10", manager_id="8"),
        architect("11", manager_id="8"),
    ]  # fmt: skip
    with filled(tmp_path, people) as ws:
        words = {line.staff_id: line.found for line in found(ws, CheckKey.MANAGER).lines}
    assert set(words) == {"3", "4", "5", "7", "8", "9", "10"}
    assert words["3"] == "Manager 99 is not in this workspace"
    assert "did you mean 2?" in words["4"]
    assert "has left" in words["5"]
    assert "own manager" in words["7"]
    assert "8 → 9 → 10 → 8" in words["8"]
    assert "9 → 10 → 8 → 9" in words["9"]


def test_rings_are_those_found_by_walking_up_from_everybody(tmp_path: Path) -> None:
    draw = random.Random(5)
    count = 60
    above = {
        str(n): str(draw.randrange(1, count + 1)) if draw.random() < 0.9 else "" for n in range(1, count + 1)
    }

    def is_in_ring(staff: str) -> bool:
        node = above[staff]
        for _ in range(count):
            if node in ("", staff):
                break
            node = above[node]
        return node == staff

    with filled(tmp_path, [architect(staff, manager_id=boss) for staff, boss in above.items()]) as ws:
        assert set(ids(found(ws, CheckKey.MANAGER))) == {staff for staff in above if is_in_ring(staff)}


def test_a_manager_is_named_and_taken_back(tmp_path: Path) -> None:
    with filled(
        tmp_path, [architect("1", manager_id="99"), architect("2"), architect("3", manager_id="1")]
    ) as ws:
        (line,) = found(ws, CheckKey.MANAGER).lines
        for wrong, word in (("77", "staff number"), ("1", "report"), ("3", "report")):
            with pytest.raises(UsageError, match=word):
                ws.quality.set_manager(line.person_id, wrong)
        outcome = ws.quality.set_manager(line.person_id, "2")
        assert ws.people.profile(line.person_id).manager.endswith("(2)")
        assert found(ws, CheckKey.MANAGER).count == 0
        ws.admin.revert(outcome.change.action_id)
        assert found(ws, CheckKey.MANAGER).count == 1


def test_leavers_with_open_roles_are_ended_and_taken_back(tmp_path: Path) -> None:
    gone = architect("2", start_date="2020-01-01", end_date="2026-11-20")
    with filled(
        tmp_path, [architect("1"), gone, architect("3", start_date="2020-01-01", end_date="2027-01-01")]
    ) as ws:
        (line,) = found(ws, CheckKey.LEAVER).lines
        assert (line.staff_id, line.can_end_roles) == ("2", True)
        with pytest.raises(UsageError, match="has not left"):
            ws.quality.end_roles_of_leavers([line.person_id, line.person_id - 1])
        outcome = ws.quality.end_roles_of_leavers([line.person_id])
        assert outcome.value == 1
        assert found(ws, CheckKey.LEAVER).count == 0
        ws.admin.revert(outcome.change.action_id)
        assert found(ws, CheckKey.LEAVER).count == 1


def test_a_role_ends_the_day_after_the_last(tmp_path: Path) -> None:
    everybody = [architect("1"), architect("2")]
    with make_workspace(tmp_path / "quality.muster", roles=ROLES) as ws:
        load_people(ws, make_people(tmp_path / "october.csv", everybody), date(2026, 10, 1))
        load_people(
            ws, make_people(tmp_path / "november.csv", everybody[:1]), date(2026, 11, 1), mark_leavers=True
        )
        (line,) = found(ws, CheckKey.LEAVER).lines
        ws.quality.end_roles_of_leavers([line.person_id])
        (role,) = ws.people.profile(line.person_id).roles
    assert (role.valid_from, role.valid_to) == (date(2026, 10, 1), date(2026, 11, 1))


TWICE = {"name": "Ann Lee", "start_date": "2020-02-03"}


def test_a_pair_is_listed_once_with_its_reasons_until_marked_as_different(tmp_path: Path) -> None:
    with filled(tmp_path, [architect("0012") | TWICE, architect("3")]) as ws:
        load_people(ws, make_people(tmp_path / "later.csv", [architect("12") | TWICE]))
        (line,) = found(ws, CheckKey.DUPLICATE).lines
        assert (line.staff_id, line.other_staff_id, line.score) == ("0012", "12", 100)
        assert line.found.startswith("Staff numbers differ only in case, blanks or leading zeros; same name;")
        outcome = ws.quality.mark_different([("12", "0012")])
        assert (outcome.value, found(ws, CheckKey.DUPLICATE).count) == (1, 0)
        assert ws.quality.checks(Scope()).marked_different == 1
        assert ws.quality.mark_different([("0012", "12"), ("3", "3")]).value == 0
        assert ws.quality.forget_different().value == 1
        assert found(ws, CheckKey.DUPLICATE).count == 1


def test_marks_of_different_people_can_be_reverted(tmp_path: Path) -> None:
    with filled(tmp_path, [architect("14") | TWICE, architect("12") | TWICE]) as ws:
        outcome = ws.quality.mark_different([("12", "14")])
        assert found(ws, CheckKey.DUPLICATE).count == 0
        ws.admin.revert(outcome.change.action_id)
        assert found(ws, CheckKey.DUPLICATE).count == 1


def test_a_leaver_who_came_back_under_another_number_is_nobodys_double(tmp_path: Path) -> None:
    gone = architect("1") | TWICE | {"end_date": "2026-01-31"}
    with filled(tmp_path, [gone, architect("2") | TWICE]) as ws:
        assert found(ws, CheckKey.DUPLICATE).count == 0


@pytest.mark.parametrize(
    ("values", "key"),
    [({"grade": ""}, CheckKey.NO_GRADE), ({"fte": "0"}, CheckKey.FTE), ({"fte": "0.05"}, CheckKey.FTE),
     ({"fte": "1.2"}, CheckKey.FTE), ({"job_title": "n/a"}, CheckKey.TITLE), ({"job_title": "--- 12"}, CheckKey.TITLE)],
)  # fmt: skip
def test_blanks_and_odd_values_are_found(tmp_path: Path, values: dict[str, str], key: CheckKey) -> None:
    with filled(tmp_path, [architect("1"), architect("2", **values)]) as ws:
        board = ws.quality.checks(Scope())
        assert {check.key: ids(check) for check in board.checks if check.count} == {key: ["2"]}


@pytest.mark.parametrize(
    "values", [{"grade": "", "employment": "contractor"}, {"fte": "0.1"}, {"job_title": "Tester A"}]
)
def test_what_is_in_order_is_not_found(tmp_path: Path, values: dict[str, str]) -> None:
    with filled(tmp_path, [architect("1", **values)]) as ws:
        assert ws.quality.checks(Scope()).count == 0


def test_checks_follow_the_scope(tmp_path: Path) -> None:
    people = [
        architect("1", grade=""), architect("2", grade="", department="HM Treasury"),
        architect("3", grade="", department="HM Treasury", role_level="Our data engineer"),
        architect("4", role_level="", job_title="Clerk", department="HM Treasury", employment="contractor"),
    ]  # fmt: skip
    with filled(tmp_path, people) as ws:
        treasury = Scope(("HM Treasury",))
        assert ids(found(ws, CheckKey.NO_GRADE, treasury)) == ["2", "3"]
        assert ids(found(ws, CheckKey.NO_GRADE, Scope(("HM Treasury",), "Data"))) == ["3"]
        assert ids(found(ws, CheckKey.NO_ROLE, Scope(("HM Treasury",), "Data"))) == ["4"]
        assert ids(found(ws, CheckKey.NO_ROLE, Scope(with_contractors=False))) == []
        assert ws.quality.checks(treasury).people == 3


@pytest.mark.parametrize("seed", range(share(100)))
def test_grade_checks_agree_with_looking_at_one_person_after_another(tmp_path: Path, seed: int) -> None:
    draw = random.Random(seed)
    levels = ("Data architect", "Senior data architect")
    usual = {"Data architect": {"HEO", "SEO"}, "Senior data architect": {"G7", "G6"}}
    people = [
        architect(str(n), grade=draw.choice(GRADES), role_level=draw.choice(levels))
        for n in range(1, draw.randrange(2, 60))
    ]
    for level in levels:
        held = [one["grade"] for one in people if one["role_level"] == level]
        if len(held) >= 10:
            usual[level] = usual[level] | {grade for grade in held if held.count(grade) / len(held) >= 0.15}
    odd = {one["staff_id"] for one in people if one["grade"] not in usual[one["role_level"]]}
    anywhere = usual["Data architect"] | usual["Senior data architect"]
    elsewhere = {one["staff_id"] for one in people if one["grade"] in anywhere} & odd
    with filled(tmp_path, people) as ws:
        assert set(ids(found(ws, CheckKey.LEVEL_GRADE))) == elsewhere
        assert set(ids(found(ws, CheckKey.ROLE_GRADE))) == odd - elsewhere
